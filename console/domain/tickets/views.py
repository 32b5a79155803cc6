"""Use cases of lists of tickets that somebody comes back to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from console.domain import db
from console.domain.audit.naming import Name, named
from console.domain.errors import Invalid, NotFound, Problem
from console.domain.ids import ActorId, StaffId, TicketViewId
from console.domain.operation import operation
from console.domain.running import Operation
from console.domain.team.rules import Permission
from console.domain.tickets.tables import TicketView
from console.domain.undo import restore

MOST = 20
LONGEST_NAME = 40


@dataclass(frozen=True)
class SavedView:
    """A list that somebody saved: what it is called, and what it is narrowed by."""

    id: TicketViewId
    name: str
    filter: Mapping[str, str]


@operation("ticket_view.save", permission=Permission.TICKET_READ, undo=restore)
async def save(op: Operation, name: str, narrowed: Mapping[str, str]) -> dict[str, int]:
    """Save a list for whoever acts. Raises `Invalid` (`name`)."""
    name = " ".join(name.split())
    if not name:
        raise Invalid({"name": Problem("problem.required")})
    if len(name) > LONGEST_NAME:
        raise Invalid({"name": Problem("problem.too_long", {"limit": LONGEST_NAME, "length": len(name)})})
    if len(await saved(op.actor.id)) >= MOST:
        raise Invalid({"name": Problem("problem.views_many", {"most": MOST})})
    made = await op.insert(TicketView, staff=StaffId(op.actor.id), name=name, filter=dict(narrowed))
    return {"ticket_view": made}


@operation("ticket_view.remove", permission=Permission.TICKET_READ, undo=restore)
async def remove(op: Operation, view: TicketViewId) -> dict[str, int]:
    """Take one's own list away. Raises `NotFound`."""
    await op.lock(TicketView, [view])
    if not await db.fetchval("SELECT EXISTS (SELECT FROM ticket_view WHERE id = $1 AND staff = $2)", view, op.actor.id):
        raise NotFound
    await op.update(TicketView, view, None, {"retired_at": op.now})
    return {"ticket_view": view}


async def saved(staff: ActorId) -> list[SavedView]:
    """What somebody saved, in the order in which they did."""
    rows = await db.fetch(
        "SELECT id, name, filter FROM ticket_view WHERE staff = $1 AND retired_at IS NULL ORDER BY id", staff
    )
    return [SavedView(TicketViewId(row["id"]), row["name"], json.loads(row["filter"])) for row in rows]


@named("ticket_view")
async def view_names(ids: Sequence[int]) -> dict[int, Name]:
    """What lists are called."""
    rows = await db.fetch("SELECT id, name FROM ticket_view WHERE id = ANY($1::bigint[])", ids)
    return {row["id"]: Name(row["name"]) for row in rows}
