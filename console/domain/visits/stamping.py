"""The other visit of a date may have the stamp of one that was taken back or refunded (loyalty rules, section 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from console.domain import clock, db
from console.domain.business.queries import location
from console.domain.errors import Forbidden, Refused
from console.domain.ids import ClientId, LocationId, VisitId
from console.domain.loyalty import queries
from console.domain.loyalty import steps as loyalty
from console.domain.loyalty.accounts import Account, account
from console.domain.loyalty.rules.pricing import Asked, Line, Price
from console.domain.loyalty.rules.visits import Finished, earns_stamp
from console.domain.operation import operation
from console.domain.running import Compensated, Done, Operation
from console.domain.team.rules import Permission
from console.domain.visits import rules, steps, telling
from console.domain.visits.tables import Visit


class NoStampLeft(Refused):
    """No visit of that date has given up a stamp that this one could have."""

    key = "refused.no_stamp_left"


@dataclass(frozen=True)
class Other:
    """A visit that could have a stamp that is left; `at`: when it was, in a location's zone."""

    visit: VisitId
    at: datetime
    zone: str


async def price_of(visit: VisitId) -> Price:
    """The price of a visit as it was, without what gave the discount."""
    return (await prices_of([visit]))[visit]


async def prices_of(visits: Sequence[VisitId]) -> Mapping[VisitId, Price]:
    """The same of many visits."""
    rows = await db.fetch(
        "SELECT visit, service, quantity, unit, packed, free, discount FROM visit_line"
        " WHERE visit = ANY($1::bigint[]) ORDER BY visit, position",
        visits,
    )
    lines: dict[VisitId, list[Line]] = {visit: [] for visit in visits}
    for row in rows:
        service = None if row["service"] is None else str(row["service"])
        packed = -(-row["packed"] // row["unit"]) if row["packed"] else 0
        asked = Asked(row["unit"], row["quantity"], service, packed)
        lines[row["visit"]].append(Line(asked, row["packed"], row["free"], row["discount"]))
    return {visit: Price(own, None) for visit, own in lines.items()}


async def others(held: Account, on: date) -> list[Other]:
    """The client's visits of a date that could have a stamp which another one of that date has given up, by time."""
    if not await queries.was_stamped(held.client, on):
        return []
    rows = await db.fetch(
        "SELECT v.id, v.at, l.zone FROM visit v JOIN location l ON l.id = v.location"
        ' WHERE v.client = $1 AND v."on" = $2 AND v.retired_at IS NULL'
        " AND NOT EXISTS (SELECT FROM refund r WHERE r.visit = v.id AND r.full AND r.retired_at IS NULL)"
        " ORDER BY v.at, v.id",
        held.client,
        on,
    )
    stamped, programme = held.ledger.stamped(on), held.versions.on(on)
    return [
        Other(VisitId(row["id"]), row["at"], row["zone"])
        for row in rows
        if held.ledger.stamp_of(row["id"]) is None
        and earns_stamp(programme, Finished(on, await price_of(VisitId(row["id"])), 0, stamped, row["id"]))
    ]


async def could_be_stamped(visit: VisitId, client: ClientId, on: date) -> bool:
    """Whether a visit may have a stamp that another one of its date has given up."""
    return any(one.visit == visit for one in await others(await account(client, on), on))


async def tell(op: Operation, held: Account, on: date) -> None:
    """Say which visit could have the stamp that has just been given up."""
    for one in (await others(held, on))[:1]:
        op.effect("effect.visit_other_unstamped", visit=one.visit, at=one.at, zone=one.zone)


async def _unstamp(op: Operation, done: Done) -> None:
    """The stamp goes again, or comes back once more. Raises `VisitTakenBack`, `NoStampLeft`."""
    await steps.refuse_later_day(op, done)
    visit = await steps.lock_standing(op, await steps.visit_of(done))
    assert visit.client is not None
    held = await loyalty.opened(op, visit.client, max(await steps.today(op), visit.on))
    given = await db.fetchval(
        "SELECT EXISTS (SELECT FROM loyalty_entry WHERE operation = $1 AND verb = 'earn')", done.id
    )
    if given is (held.ledger.stamp_of(visit.id) is None):
        raise NoStampLeft
    if given:
        after, events = await loyalty.stamp(op, held, visit.id, visit.on, -1)
        await telling.tell(op, held, after, events)
    else:
        await _earn(op, held, visit.id, visit.on)
    await op.touch(Visit, visit.id)


UNSTAMP = Compensated(_unstamp)
"""Undo of giving a visit the stamp that was left."""


@operation("visit.stamp", permission=Permission.VISIT_FINISH, undo=UNSTAMP)
async def stamp(op: Operation, visit: VisitId) -> dict[str, int]:
    """Give a visit the stamp that another one of its date has given up.

    Raises `VisitTakenBack`, `NoStampLeft`, and `Forbidden` for a date further back than the desk may finish one on.
    """
    one = await steps.lock_standing(op, visit)
    zone = (await location(LocationId(one.location))).zone
    is_far_back = rules.is_far_back(one.on, clock.business_date(op.now, ZoneInfo(zone)))
    if is_far_back and not op.actor.may(Permission.VISIT_BACKDATE):
        raise Forbidden(permission=Permission.VISIT_BACKDATE)
    if one.client is None:
        raise NoStampLeft
    held = await loyalty.opened(op, one.client, max(await steps.today(op), one.on))
    await _earn(op, held, visit, one.on)
    await op.touch(Visit, visit)
    return {"visit": visit}


async def _earn(op: Operation, held: Account, visit: VisitId, on: date) -> None:
    if all(one.visit != visit for one in await others(held, on)):
        raise NoStampLeft
    after, events = await loyalty.stamp(op, held, visit, on, 1)
    await telling.tell(op, held, after, events)
