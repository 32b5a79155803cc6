"""Use cases of what tickets are about: their client's bookings and visits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from console.domain import db
from console.domain.errors import Invalid, NotFound, Problem, Refused, constraint
from console.domain.ids import BookingId, ClientId, TicketId, TicketLinkId, VisitId
from console.domain.operation import operation
from console.domain.running import Operation
from console.domain.team.rules import Permission
from console.domain.tickets import steps
from console.domain.tickets.queries import COLUMNS, FROM, TicketRow, row_of
from console.domain.tickets.tables import TicketLink


class LinkedAlready(Refused):
    """A ticket is about a booking or a visit once."""

    key = "refused.linked_already"


_LINKABLE = """
    SELECT what, id, at FROM (
        SELECT 'booking' AS what, b.id, b.starts_at AS at FROM booking b WHERE b.client = $2 AND b.retired_at IS NULL
            AND NOT EXISTS (SELECT FROM visit v WHERE v.booking = b.id AND v.retired_at IS NULL)
            AND NOT EXISTS (SELECT FROM ticket_link l
                WHERE l.ticket = $1 AND l.booking = b.id AND l.retired_at IS NULL)
        UNION ALL SELECT 'visit', v.id, v.at FROM visit v WHERE v.client = $2 AND v.retired_at IS NULL
            AND NOT EXISTS (SELECT FROM ticket_link l WHERE l.ticket = $1 AND l.visit = v.id AND l.retired_at IS NULL)
    ) there ORDER BY abs(extract(epoch FROM at - $3)), what, id LIMIT $4
"""

constraint("ticket_link_booking_key", LinkedAlready)
constraint("ticket_link_visit_key", LinkedAlready)


@operation("ticket.link_booking", permission=Permission.TICKET_CHANGE, undo=steps.restore_ticket)
async def to_booking(op: Operation, ticket: TicketId, booking: BookingId) -> dict[str, int]:
    """Say that a ticket is about a booking. Raises `Invalid` (`booking`) where it is not its client's."""
    state = await steps.lock(op, ticket)
    await link_booking(op, state, booking)
    await steps.write(op, ticket, None, {})
    return {"ticket": ticket}


@operation("ticket.link_visit", permission=Permission.TICKET_CHANGE, undo=steps.restore_ticket)
async def to_visit(op: Operation, ticket: TicketId, visit: VisitId) -> dict[str, int]:
    """Say that a ticket is about a visit. Raises `Invalid` (`visit`) where it is not its client's."""
    state = await steps.lock(op, ticket)
    await _is_of_client(state, "visit", visit)
    await _link(op, state, "visit", visit)
    await steps.write(op, ticket, None, {})
    return {"ticket": ticket}


@operation("ticket.unlink", permission=Permission.TICKET_CHANGE, undo=steps.restore_ticket)
async def unlink(op: Operation, link: TicketLinkId) -> dict[str, int]:
    """Say that a ticket is not about that. Raises `NotFound`, `TicketClosed`."""
    ticket = await db.fetchval("SELECT ticket FROM ticket_link WHERE id = $1 AND retired_at IS NULL", link)
    if ticket is None:
        raise NotFound
    await steps.lock(op, ticket)
    await op.update(TicketLink, link, None, {"retired_at": op.now})
    await steps.write(op, ticket, None, {})
    return {"ticket": ticket}


async def linkable(ticket: TicketId, client: ClientId, now: datetime, most: int) -> dict[tuple[str, int], datetime]:
    """Visits of a client and bookings without one that a ticket is not linked to, the nearest to an instant first."""
    rows = await db.fetch(_LINKABLE, ticket, client, now, most)
    return {(row["what"], row["id"]): row["at"] for row in rows}


async def about(booking: int | None, visit: int | None) -> list[TicketRow]:
    """The tickets about a booking or about a visit, the latest first."""
    sql = (
        "t.retired_at IS NULL AND t.id IN (SELECT ticket FROM ticket_link"
        " WHERE retired_at IS NULL AND (booking = $1 OR visit = $2)) ORDER BY t.id DESC"
    )
    return [row_of(row) for row in await db.fetch(f"SELECT {COLUMNS} FROM {FROM} WHERE {sql}", booking, visit)]  # noqa: S608


async def link_booking(op: Operation, state: Mapping[str, Any], booking: BookingId) -> None:
    """Link a locked ticket to a booking. Raises `Invalid` (`booking`) where it is not its client's."""
    await _is_of_client(state, "booking", booking)
    await _link(op, state, "booking", booking)


async def drop_all(op: Operation, ticket: int) -> None:
    """Let a ticket be about nothing."""
    for row in await db.fetch("SELECT id FROM ticket_link WHERE ticket = $1 AND retired_at IS NULL", ticket):
        await op.update(TicketLink, row["id"], None, {"retired_at": op.now})


async def _is_of_client(state: Mapping[str, Any], what: str, one: int) -> None:
    sql = f"SELECT EXISTS (SELECT FROM {what} WHERE id = $1 AND client = $2 AND retired_at IS NULL)"  # noqa: S608
    if not await db.fetchval(sql, one, state["client"]):
        raise Invalid({what: Problem("problem.not_of_this_client")})


async def _link(op: Operation, state: Mapping[str, Any], what: str, one: int) -> None:
    await op.insert(TicketLink, ticket=state["id"], **{what: one})
