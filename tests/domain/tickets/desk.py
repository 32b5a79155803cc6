"""Tickets as Anna at the desk opens them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

from console.domain import db
from console.domain.ids import BookingId, ClientId, TicketId, TicketStatusId
from console.domain.intent import Intent
from console.domain.team.rules import Role
from console.domain.tickets import actions
from console.domain.tickets.actions import Opening
from console.domain.tickets.rules import About, TicketChannel, TicketStatus
from tests import factories, till
from tests.cast import ANNA, NOW, Person
from tests.till import Desk

ABOUT = About("A stamp is missing", tags=("stamps",))


def intent(who: Person = ANNA, hours: float = 0, **given: Any) -> Intent:
    """Some hours after now."""
    return Intent(uuid4(), who.actor, NOW + timedelta(hours=hours), **given)


async def opened(
    client: int | None = None,
    body: str = "I was there on Monday.",
    booking: int | None = None,
    *,
    hours: float = 0,
    **about: Any,
) -> TicketId:
    opening = Opening(
        replace(ABOUT, **about),
        body,
        TicketChannel.PHONE,
        None if client is None else ClientId(client),
        None if booking is None else BookingId(booking),
    )
    return TicketId((await actions.open_ticket(intent(hours=hours), opening)).result["ticket"])


async def solved(client: int | None = None) -> tuple[TicketStatusId, ClientId]:
    """A ticket that was solved: the solving, and whose it is; of a new client where none is given."""
    whose = ClientId(client or await factories.client())
    ticket = await opened(whose)
    await actions.move(intent(), ticket, TicketStatus.SOLVED)
    sql = "SELECT id FROM ticket_status WHERE ticket = $1 AND status = 'solved' ORDER BY id DESC LIMIT 1"
    return TicketStatusId(await db.fetchval(sql, ticket)), whose


async def row(ticket: int) -> Mapping[str, Any]:
    found = await db.fetchrow("SELECT * FROM ticket WHERE id = $1", ticket)
    assert found is not None
    return dict(found)


async def seen(*tickets: TicketId) -> dict[TicketId, int]:
    """Tickets with their versions, as a list has them that is opened now."""
    return {one: (await row(one))["version"] for one in tickets}


async def status(ticket: int) -> str:
    return str((await row(ticket))["status"])


async def said(ticket: int) -> list[tuple[str, str | None]]:
    """What stands in a ticket."""
    rows = await db.fetch(
        "SELECT kind, body FROM ticket_entry WHERE ticket = $1 AND retired_at IS NULL ORDER BY id", ticket
    )
    return [(one["kind"], one["body"]) for one in rows]


async def lapsed(desk: Desk) -> int:
    """A free visit that ended a week ago."""
    for ago in (190, 189, 188, 187):
        await desk.come(now=NOW - ago * till.DAY)
    await desk.come(0, lines=[desk.bar], due=till.SOAP)
    return int(await db.fetchval("SELECT lot FROM loyalty_entry WHERE unit = 'free_visit' AND verb = 'expire'"))


async def limited(role: Role = Role.SUPPORT, **most: int | None) -> None:
    """So much, and of the rest nothing, is given in a month by one of a role alone."""
    said = {name: most.get(name, 0) for name in ("minor", "stamps", "tiers")}
    await db.execute(
        "UPDATE ticket_limit SET minor = $2, stamps = $3, tiers = $4 WHERE role = $1", role.value, *said.values()
    )
