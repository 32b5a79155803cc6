"""What pages read of mails that came in: how each came, who wrote where nobody knows whose it is, what is aside."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.domain import db
from console.domain.clients.duplicates import duplicates
from console.domain.clients.queries import ClientView
from console.domain.clients.rules import Email, Names
from console.domain.ids import TicketEntryId, TicketId, TicketMailId
from console.domain.tickets.mail_rules import LeftOut, MailAside, MailKind


@dataclass(frozen=True)
class MailView:
    """How something that was said came by mail. `left_out`: files that were not taken, and why."""

    kind: MailKind
    sender: str | None
    sender_name: str | None
    stranger: bool
    quoted: str | None
    left_out: Sequence[LeftOut]


@dataclass(frozen=True)
class Writer:
    """Who opened a ticket that is no client's by mail; `stranger`: somebody said that it is no client of ours."""

    address: str
    name: str | None
    stranger: bool


@dataclass(frozen=True)
class Aside:
    """A mail that is in no ticket, and why. `uid`: its number in the mailbox, where no more may be known of it."""

    id: TicketMailId
    at: datetime
    why: MailAside
    sender: str | None
    subject: str | None
    uid: int | None


async def of_ticket(ticket: TicketId) -> Mapping[TicketEntryId, MailView]:
    """The mails of a ticket by what was said in them."""
    rows = await db.fetch(
        "SELECT entry, kind, sender, sender_name, stranger, quoted, left_out FROM ticket_mail"
        " WHERE ticket = $1 AND retired_at IS NULL",
        ticket,
    )
    return {TicketEntryId(row["entry"]): _view(row) for row in rows}


def _view(row: Mapping[str, Any]) -> MailView:
    known = json.loads(row["left_out"] or "[]")
    left_out = [LeftOut(one["name"], one["key"], tuple(one["params"].items())) for one in known]
    return MailView(MailKind(row["kind"]), row["sender"], row["sender_name"], row["stranger"], row["quoted"], left_out)


async def writer(ticket: TicketId) -> Writer | None:
    """Who opened a ticket that has no client; None where it did not come by mail."""
    row = await db.fetchrow(
        "SELECT sender AS address, sender_name AS name, stranger_since IS NOT NULL AS stranger FROM ticket"
        " WHERE id = $1 AND client IS NULL AND sender IS NOT NULL",
        ticket,
    )
    return Writer(**row) if row else None


async def probably(one: Writer) -> list[ClientView]:
    """The clients whom it may be, the likeliest first: by the address, else by the name."""
    if one.stranger:
        return []
    given, _, family = (one.name or "").rpartition(" ")
    names = Names(given=given or None, family=family) if family else Names()
    return [found.client for found in await duplicates(names, (), (Email(one.address),))]


async def aside(most: int = 50) -> list[Aside]:
    """The mails that were set aside and that nobody put away yet, the latest first."""
    rows = await db.fetch(
        "SELECT id, at, aside AS why, sender, subject, uid FROM ticket_mail"
        " WHERE aside IS NOT NULL AND retired_at IS NULL ORDER BY id DESC LIMIT $1",
        most,
    )
    return [Aside(**{**row, "why": MailAside(row["why"])}) for row in rows]


async def aside_from(addresses: Sequence[str]) -> int:
    """How many mails from these addresses were set aside, also such as somebody put away already."""
    sql = "SELECT count(*) FROM ticket_mail WHERE aside IS NOT NULL AND sender = ANY($1::text[])"
    count: int = await db.fetchval(sql, addresses)
    return count
