"""Undoing a whole import: everything that it brought goes, unless something came to depend on it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from console.domain import db
from console.domain.booking import occupancy
from console.domain.booking.occupancy import PlaceTaken
from console.domain.booking.tables import Assignment, Booking, BookingItem, StatusChange
from console.domain.booking.telling import settle, settle_told
from console.domain.catalogue.tables import Category, Price, Product, Service, Skill
from console.domain.clients.tables import Client, ClientProfile
from console.domain.errors import NotUndoable, Refused
from console.domain.ids import BookingId
from console.domain.imports import dependants
from console.domain.imports.dependants import made_by, parts_of
from console.domain.imports.tables import ImportRun
from console.domain.intent import Actor
from console.domain.loyalty import unopening
from console.domain.roster.queries import bookable_names
from console.domain.roster.tables import Bookable, Schedule
from console.domain.running import Compensated, Done, Operation
from console.domain.undo import barring, standing_on
from console.domain.visits import moving_in

GOING = (StatusChange, Assignment, BookingItem, Skill, Price, Schedule, Service, Product, Category, Bookable,
         ClientProfile, Client)  # fmt: skip
"""What is retired as it is; visits and bookings go by ways of their own."""
TOLD = {
    "client": "effect.import_clients_go",
    "booking": "effect.import_bookings_go",
    "visit": "effect.import_visits_go",
    "service": "effect.import_services_go",
    "product": "effect.import_products_go",
    "bookable": "effect.import_people_go",
}
"""What is told of whom, or what, goes."""


class NoPlaceLeft(Refused):
    """A booking would come back to a time at which somebody has time off by now, or that is held for somebody."""

    key = "refused.import_no_place"


async def _take_back(op: Operation, done: Done) -> None:
    """Take back a run from its beginning; an undone run is not done again: it is imported.

    Raises `HasDependants`, `TheyWereTold`, `NoPlaceLeft`.
    """
    if done.undoes is not None:
        raise NotUndoable
    op.say_nothing()
    run = done.result["import_run"]
    await op.lock(ImportRun, [run])
    mine = await parts_of(run)
    made = await made_by(mine)
    opened = await unopening.opened_over(made.get("visit", ()), made.get("client", ()))
    await op.lock(Client, {*await _whose(mine, made), *opened})
    await dependants.refuse(mine, made)
    await op.lock(Booking, {*made.get("booking", ()), *await _written(mine, "booking")})
    await moving_in.take_returns_back(op, *(made.get(name, []) for name in ("refund", "payment", "visit")))
    await moving_in.take_back(op, made.get("visit", ()))
    await unopening.unopen(op, list(opened))
    await _put_bookings_back(op, mine, made.get("booking", ()))
    for table in GOING:
        name = table._meta.tablename
        standing = await db.fetch(
            f'SELECT id FROM "{name}" WHERE id = ANY($1::bigint[]) AND retired_at IS NULL',  # noqa: S608
            made.get(name, []),
        )
        await op.update_many(table, [row["id"] for row in standing], {"retired_at": op.now})
    for entity, key in TOLD.items():
        if entity in made:
            op.effect(key, number=len(made[entity]))
    if opened:
        op.effect("effect.import_cards_go", number=len(opened))
    await db.execute("DELETE FROM import_key WHERE run = $1", run)
    await op.update(ImportRun, run, None, {"retired_at": op.now})


async def _not_again(_: Actor, operations: Sequence[int]) -> set[int]:
    """Undos of runs: they are not undone themselves, whoever asks."""
    rows = await db.fetch(
        "SELECT id FROM operation WHERE id = ANY($1::bigint[]) AND undoes IS NOT NULL", list(operations)
    )
    return {row["id"] for row in rows}


TAKE_BACK = Compensated(_take_back)
standing_on(dependants.later)(TAKE_BACK)
barring(_not_again)(TAKE_BACK)


async def _written(operations: Collection[int], entity: str) -> list[int]:
    rows = await db.fetch(
        "SELECT DISTINCT entity_id FROM change WHERE operation = ANY($1::bigint[]) AND entity = $2",
        list(operations),
        entity,
    )
    return [row["entity_id"] for row in rows]


async def _reminded(operations: Collection[int]) -> list[int]:
    """Bookings that clients are to be reminded of."""
    rows = await db.fetch(
        "SELECT entity_id FROM import_key WHERE kind = 'reminded' AND operation = ANY($1::bigint[])", list(operations)
    )
    return [row["entity_id"] for row in rows]


async def _whose(operations: Collection[int], made: Mapping[str, list[int]]) -> set[int]:
    rows = await db.fetch(
        "SELECT client FROM visit WHERE id = ANY($1::bigint[]) AND client IS NOT NULL"
        " UNION SELECT client FROM booking WHERE id = ANY($2::bigint[])"
        " UNION SELECT v.client FROM refund r JOIN visit v ON v.id = r.visit WHERE r.id = ANY($3::bigint[])",
        made.get("visit", []),
        await _written(operations, "booking"),
        made.get("refund", []),
    )
    return {row["client"] for row in rows} | set(made.get("client", ()))


async def _put_bookings_back(op: Operation, mine: Collection[int], made: Collection[int]) -> None:
    """Bookings that came go; those that were there stand again as they did."""
    former: dict[str, list[int]] = {}
    rows = await db.fetch(
        "SELECT DISTINCT ON (c.entity_id) c.entity_id AS id, f.values ->> 'status' AS status FROM change c"
        " JOIN former f ON f.change = c.id WHERE c.operation = ANY($1::bigint[]) AND c.entity = 'booking'"
        " AND NOT c.created AND c.entity_id <> ALL($2::bigint[]) ORDER BY c.entity_id, c.id",
        list(mine),
        list(made),
    )
    for row in rows:
        former.setdefault(row["status"], []).append(row["id"])
    for status, ids in former.items():
        await op.update_many(Booking, ids, {"status": status})
    await op.update_many(Booking, made, {"retired_at": op.now})
    await occupancy.vacate([BookingId(one) for one in made])
    await settle(op, await _reminded(mine), {})
    try:
        await occupancy.occupy(row["id"] for row in rows)
    except PlaceTaken as taken:
        names = await bookable_names(taken.bookables)
        raise NoPlaceLeft(names=", ".join(str(one.text) for one in names.values())) from None
    await settle_told(op, [row["id"] for row in rows])
