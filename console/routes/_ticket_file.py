"""The queue as a file: every ticket of the list that is asked for, of whom and about what for who may take clients."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from litestar.response import Stream

from console import i18n
from console.domain import clock
from console.domain.team.rules import Permission
from console.domain.tickets import listing
from console.domain.tickets.listing import Wanted
from console.domain.tickets.queries import TicketRow, whose
from console.routes import _listing
from console.routes import _tickets as words
from console.routes._listing import Column, Listing
from console.routes._page import Req
from console.routes._ticket_views import Asked
from console.routes._values import in_language, named_words

AT_ONCE = 500


@dataclass(frozen=True)
class Filed:
    """A ticket of a file: whose, in words, and the zone that its instants are told in."""

    one: TicketRow
    client: str
    zone: ZoneInfo

    def at(self, moment: datetime | None) -> str:
        """To the minute, as spreadsheets sort it."""
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M}" if moment else ""


PERSONAL: list[Column[Filed]] = [
    Column("subject", "column.ticket.subject", lambda it: it.one.subject),
    Column("client", "column.ticket.client", lambda it: it.client),
    Column("tags", "column.ticket.tags", lambda it: ", ".join(it.one.tags)),
]
"""What tells of a client, or may: only who may take clients along has it in a file."""
COLUMNS: list[Column[Filed]] = [
    Column("number", "column.ticket.number", lambda it: it.one.number),
    *PERSONAL,
    Column("category", "column.ticket.category", lambda it: in_language(it.one.category_names or {})),
    Column("channel", "column.ticket.channel", lambda it: words.channel_words(it.one.channel)),
    Column("priority", "column.ticket.priority", lambda it: words.priority_words(it.one.priority)["label"]),
    Column("status", "column.ticket.status", lambda it: words.status_words(it.one.status)["label"]),
    Column("assignee", "column.ticket.assignee", lambda it: it.one.assignee_name),
    Column("opened", "column.ticket.opened_at", lambda it: it.at(it.one.opened_at)),
    Column("first_reply_due", "column.ticket.first_reply_due", lambda it: it.at(it.one.first_reply_due)),
    Column("first_replied", "column.ticket.first_replied_at", lambda it: it.at(it.one.first_replied_at)),
    Column("resolution_due", "column.ticket.resolution_due", lambda it: it.at(it.one.resolution_due)),
    Column("solved", "column.ticket.solved_at", lambda it: it.at(it.one.solved_at)),
    Column("closed", "column.ticket.closed_at", lambda it: it.at(it.one.closed_at)),
]


def file(request: Req, kind: str, one: Asked) -> Stream:
    """All tickets of a list, in its order."""
    may_take = request.user.actor.may(Permission.CLIENT_EXPORT)
    columns = [of for of in COLUMNS if may_take or of not in PERSONAL]
    title = f"{i18n.gettext('nav.tickets')} {clock.business_date(clock.now(), _zone(request))}"
    of: Listing[Any] = one.of
    return _listing.streamed(kind, title, replace(of, columns=columns), _all(one.wanted, _zone(request)))


def _zone(request: Req) -> ZoneInfo:
    zone: ZoneInfo = request.scope["state"]["business"].zone
    return zone


async def _all(wanted: Wanted, zone: ZoneInfo) -> AsyncIterator[Filed]:
    after = None
    while True:
        page = await listing.page(wanted, after, most=AT_ONCE)
        names = await whose(page.rows)
        for one in page.rows:
            yield Filed(one, named_words(names[one.client], quoted=False) if one.client else "", zone)
        if not page.has_more:
            return
        after = page.edge
