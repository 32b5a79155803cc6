"""Use cases of what tickets are sorted by: their categories, and how soon each priority is to be answered."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.domain import db
from console.domain.audit.naming import Name, named
from console.domain.business import steps
from console.domain.errors import Invalid, NotFound, Problem, Stale
from console.domain.ids import TicketCategoryId, TicketId
from console.domain.operation import operation
from console.domain.running import FINAL, Operation
from console.domain.team.rules import Permission
from console.domain.tickets import holds
from console.domain.tickets import steps as ticket_steps
from console.domain.tickets.rules import Priority
from console.domain.tickets.sla import Target
from console.domain.tickets.tables import TicketCategory, TicketTarget
from console.domain.undo import restore

Names = Mapping[str, str]
"""Language to name."""

STAMPS = {"en": "Stamps and free visits", "ru": "Штампы и бесплатные визиты"}
"""The usual category whose tickets let what would expire wait."""
USUAL: tuple[dict[str, str], ...] = (
    STAMPS,
    {"en": "Tier and discount", "ru": "Уровень и скидка"},
    {"en": "Quality of work", "ru": "Качество работы"},
    {"en": "Booking and times", "ru": "Запись и время"},
    {"en": "Payment and refund", "ru": "Оплата и возврат"},
    {"en": "Something else", "ru": "Другое"},
)
"""What a new database begins with."""
USUAL_TARGETS: dict[Priority, Target] = {
    Priority.LOW: Target(8 * 60, 40 * 60, 60),
    Priority.NORMAL: Target(4 * 60, 16 * 60, 60),
    Priority.HIGH: Target(60, 8 * 60, 30),
    Priority.URGENT: Target(30, 4 * 60, 15),
}
LONGEST = 60 * 24 * 90
"""Minutes of the longest target."""


@dataclass(frozen=True)
class CategoryView:
    """A category as lists and forms show it."""

    id: TicketCategoryId
    version: int
    operation: int
    names: Names
    position: int
    holds: bool
    retired_at: datetime | None


@dataclass(frozen=True)
class TargetsView:
    """The targets by priority, the sum of their versions, and the operation that was last."""

    by_priority: Mapping[Priority, Target]
    versions: int
    operation: int


async def begin() -> None:
    """Put in the usual categories and targets where there are none, as a part of what begins a database."""
    if not await db.fetchval("SELECT EXISTS (SELECT FROM ticket_category)"):
        await _begin(
            "ticket_category",
            "names, position, holds",
            "$1::jsonb[], $2::int[], $3::bool[]",
            [(json.dumps(names), at, names is STAMPS) for at, names in enumerate(USUAL, 1)],
        )
    if not await db.fetchval("SELECT EXISTS (SELECT FROM ticket_target)"):
        await _begin(
            "ticket_target",
            "priority, first_reply, resolution, warn",
            "$1::text[], $2::int[], $3::int[], $4::int[]",
            [(one.value, of.first_reply, of.resolution, of.warn) for one, of in USUAL_TARGETS.items()],
        )


async def _begin(table: str, columns: str, types: str, rows: Sequence[tuple[Any, ...]]) -> None:
    await db.execute(
        f"WITH begun AS (INSERT INTO {table} (version, operation, {columns})"  # noqa: S608
        f"  SELECT 1, (SELECT min(id) FROM operation), * FROM unnest({types}) RETURNING id, operation)"
        " INSERT INTO change (operation, entity, entity_id, fields, created)"
        f" SELECT operation, '{table}', id, '{{}}', true FROM begun ORDER BY id",
        *map(list, zip(*rows, strict=True)),
    )


@operation("ticket_category.add", permission=Permission.TICKET_SETTINGS, undo=restore)
async def add_category(op: Operation, names: Names, holds: bool = False) -> dict[str, int]:
    """Add a category at the end of the list; `holds`: what would expire waits while one of its tickets is open."""
    last = await db.fetchval("SELECT coalesce(max(position), 0) FROM ticket_category")
    return {"ticket_category": await op.insert(TicketCategory, names=dict(names), position=last + 1, holds=holds)}


@operation("ticket_category.change", permission=Permission.TICKET_SETTINGS, undo=restore)
async def change_category(
    op: Operation, category: TicketCategoryId, version: int, names: Names, position: int, holds: bool
) -> dict[str, int]:
    """Change what a category is called, where it stands, and whether it holds; its tickets follow soon.

    Raises `Stale`.
    """
    await op.lock(TicketCategory, [category])
    kept = await steps.kept_names(TicketCategory, category, names)
    await op.update(TicketCategory, category, version, {"names": kept, "position": position, "holds": holds})
    return {"ticket_category": category}


@operation("ticket_category.retire", permission=Permission.TICKET_SETTINGS, undo=restore)
async def retire_category(op: Operation, category: TicketCategoryId) -> dict[str, int]:
    """Offer a category no more; where it was chosen it stays."""
    await op.lock(TicketCategory, [category])
    since = await db.fetchval("SELECT retired_at FROM ticket_category WHERE id = $1", category)
    await op.update(TicketCategory, category, None, {"retired_at": since or op.now})
    return {"ticket_category": category}


@operation("ticket.hold", permission=Permission.TICKET_SETTINGS, undo=FINAL)
async def hold(op: Operation, tickets: Sequence[TicketId]) -> dict[str, list[int]]:
    """Let loyalty wait for tickets as their categories say."""
    await ticket_steps.lock_all(op, tickets)
    await holds.keep(op, tickets)
    op.nothing_new()
    return {"ticket": list(tickets)}


@operation("ticket_category.readmit", permission=Permission.TICKET_SETTINGS, undo=restore)
async def readmit_category(op: Operation, category: TicketCategoryId) -> dict[str, int]:
    """Offer a category again."""
    await op.lock(TicketCategory, [category])
    await op.update(TicketCategory, category, None, {"retired_at": None})
    return {"ticket_category": category}


@operation("ticket_target.change", permission=Permission.TICKET_SETTINGS, undo=restore)
async def change_targets(op: Operation, versions: int, targets: Mapping[Priority, Target]) -> dict[str, list[int]]:
    """Say how soon tickets are answered from now on; the due times of those that are not solved follow.

    `versions`: the sum of those of the targets, as somebody saw them. Raises `Stale`, `Invalid`
    (`<priority>_first_reply`, `<priority>_resolution`, `<priority>_warn`).
    """
    if wrong := target_problems(targets):
        raise Invalid(wrong)
    rows = await db.fetch("SELECT id, priority FROM ticket_target WHERE retired_at IS NULL ORDER BY id")
    await op.lock(TicketTarget, [row["id"] for row in rows])
    if await db.fetchval("SELECT sum(version) FROM ticket_target WHERE retired_at IS NULL") != versions:
        raise Stale("ticket_target", rows[0]["id"])
    for row in rows:
        if said := targets.get(Priority(row["priority"])):
            values = {"first_reply": said.first_reply, "resolution": said.resolution, "warn": said.warn}
            await op.update(TicketTarget, row["id"], None, values)
    return {"ticket_target": [row["id"] for row in rows]}


def target_problems(targets: Mapping[Priority, Target]) -> dict[str, Problem]:
    """What is wrong with targets, by fields."""
    found: dict[str, Problem] = {}
    for priority, one in targets.items():
        for name, minutes in (("first_reply", one.first_reply), ("resolution", one.resolution)):
            if not 1 <= minutes <= LONGEST:
                found[f"{priority}_{name}"] = Problem("problem.range", {"low": 1, "high": LONGEST})
        if one.resolution < one.first_reply:
            found.setdefault(f"{priority}_resolution", Problem("problem.resolution_before_reply"))
        if not 0 <= one.warn < max(one.first_reply, 1):
            found[f"{priority}_warn"] = Problem("problem.warn_too_early")
    return found


_CATEGORIES = "SELECT id, version, operation, names, position, holds, retired_at FROM ticket_category"


async def categories() -> list[CategoryView]:
    """All categories in their order, those that are off last."""
    rows = await db.fetch(f"{_CATEGORIES} ORDER BY retired_at IS NOT NULL, position, id")
    return [_category(row) for row in rows]


async def category(category_id: int) -> CategoryView:
    """One category. Raises `NotFound`."""
    row = await db.fetchrow(f"{_CATEGORIES} WHERE id = $1", category_id)
    if row is None:
        raise NotFound
    return _category(row)


async def targets_view() -> TargetsView:
    """How soon tickets are to be answered and resolved, with the versions of what says so."""
    rows = await db.fetch(
        "SELECT priority, first_reply, resolution, warn, version, operation FROM ticket_target WHERE retired_at IS NULL"
    )
    known = {Priority(row["priority"]): Target(row["first_reply"], row["resolution"], row["warn"]) for row in rows}
    return TargetsView(
        {one: known[one] for one in Priority if one in known},
        sum(row["version"] for row in rows),
        max((row["operation"] for row in rows), default=0),
    )


@named("ticket_category")
async def category_names(ids: Sequence[int]) -> dict[int, Name]:
    """What categories are called."""
    rows = await db.fetch("SELECT id, names FROM ticket_category WHERE id = ANY($1::bigint[])", ids)
    return {row["id"]: Name(json.loads(row["names"])) for row in rows}


def _category(row: Mapping[str, Any]) -> CategoryView:
    return CategoryView(**{**row, "names": json.loads(row["names"])})
