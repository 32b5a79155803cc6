"""Tickets in words: their statuses, priorities and channels, when they are due, and a row of a list of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from console import i18n
from console.domain import clock
from console.domain.audit.naming import Name
from console.domain.ids import StaffId
from console.domain.team import queries as team
from console.domain.team.rules import Permission
from console.domain.tickets import links
from console.domain.tickets.mail_rules import UNTITLED
from console.domain.tickets.queries import TicketRow, whose
from console.domain.tickets.rules import UNSOLVED, EntryKind, Mark, Priority, Rating, TicketChannel, TicketStatus, Why
from console.domain.tickets.settings import categories
from console.routes import _page
from console.routes._guards import needs
from console.routes._page import Req
from console.routes._ticket_words import CHANNELS, LINKS, PRIORITIES, RATINGS, SAID, STATUSES, WHYS
from console.routes._values import in_language, named_words

READ = needs(Permission.TICKET_READ)
CHANGE = needs(Permission.TICKET_CHANGE)
LIST = "/tickets"

TONES = {
    TicketStatus.OPEN: "info",
    TicketStatus.PENDING: "special",
    TicketStatus.ON_HOLD: "booked",
    TicketStatus.SOLVED: "good",
    TicketStatus.CLOSED: "neutral",
}
RATING_TONES = {Rating.GOOD: "good", Rating.BAD: "danger"}
Choices = list[tuple[str, str]]


def url(number: int) -> str:
    """The page of a ticket."""
    return f"{LIST}/{number}"


def status_words(one: TicketStatus) -> dict[str, str]:
    return {"value": one.value, "label": _alone(STATUSES[one]), "tone": TONES[one]}


def priority_words(one: Priority) -> dict[str, str]:
    return {"value": one.value, "label": _alone(PRIORITIES[one])}


def rating_words(one: Rating | None) -> dict[str, str] | None:
    """What the client thinks of it, None while they said nothing."""
    return {"label": _alone(RATINGS[one]), "tone": RATING_TONES[one]} if one else None


def channel_words(one: TicketChannel) -> str:
    return _alone(CHANNELS[one])


def moved_words(why: Why) -> str:
    """Why a ticket came to a status, where what stands around it does not say so."""
    return i18n.gettext(WHYS[why]) if why is Why.NOT_DELIVERED else ""


def kind_words(one: EntryKind) -> str:
    return _alone(SAID[one])


def nobody() -> str:
    """In place of whoever deals with a ticket."""
    return _alone("words.ticket_of_nobody")


def _alone(key: str) -> str:
    """Words that begin a line."""
    return i18n.upper_first(i18n.gettext(key))


def subject_words(one: TicketRow) -> str:
    """What it is about, if a mail said anything; of an erased client nothing is left of it."""
    if one.subject == UNTITLED:
        return i18n.gettext("words.ticket_untitled")
    return one.subject or i18n.gettext("words.ticket_erased")


async def about(request: Req, booking: int | None, visit: int | None) -> list[dict[str, Any]]:
    """The tickets about a booking or its visit, for whoever may read them."""
    if not request.user.actor.may(Permission.TICKET_READ):
        return []
    return [
        {"url": url(one.number), "words": f"{one.number} {subject_words(one)}", "status": status_words(one.status)}
        for one in await links.about(booking, visit)
    ]


def link_words(what: str, name: Name) -> str:
    """A booking or a visit that a ticket is about."""
    return i18n.words(LINKS[what], {"name": named_words(name, quoted=False)})


async def category_choices(chosen: int | None = None) -> Choices:
    """The categories that are on, and the one that is chosen."""
    known = await categories()
    return [(str(one.id), in_language(one.names)) for one in known if one.retired_at is None or one.id == chosen]


async def assignee_choices(of: TicketRow | None = None) -> Choices:
    """Everybody who works here, and whoever has the ticket."""
    known: dict[int, str] = dict(await team.present())
    if of is not None and of.assignee is not None and of.assignee_name:
        known.setdefault(of.assignee, of.assignee_name)
    return [(str(one), name) for one, name in known.items()]


def status_choices(of: Sequence[TicketStatus] = tuple(TicketStatus)) -> Choices:
    return [(one.value, _alone(STATUSES[one])) for one in of]


def priority_choices() -> Choices:
    return [(one.value, _alone(PRIORITIES[one])) for one in reversed(Priority)]


def rating_choices() -> Choices:
    return [(one.value, _alone(RATINGS[one])) for one in Rating]


def channel_choices() -> Choices:
    return [(one.value, _alone(CHANNELS[one])) for one in TicketChannel]


@dataclass(frozen=True)
class Row:
    """A ticket as a list shows it, ready to be shown. `seen`: what its buttons send, with the version that it has."""

    seen: str
    number: int
    url: str
    subject: str
    client: str
    category: str
    tags: Sequence[str]
    priority: dict[str, str]
    status: dict[str, str]
    due: dict[str, str] | None
    assignee: dict[str, str] | None
    when: str
    done: bool
    mine: bool
    rating: dict[str, str] | None


async def rows(request: Req, found: Sequence[TicketRow], query: str = "") -> list[Row]:
    """The rows of tickets; `query` goes along with the address of each."""
    names = await whose(found)
    zone, today, me = request.scope["state"]["business"].zone, _page.today(request), request.user.staff
    along = f"?{query}" if query else ""
    return [
        Row(
            seen=f"{one.id}-{one.version}",
            number=one.number,
            url=url(one.number) + along,
            subject=subject_words(one),
            client=named_words(names[one.client], quoted=False) if one.client else i18n.email(one.writer or ""),
            category=in_language(one.category_names) if one.category_names else "",
            tags=one.tags,
            priority=priority_words(one.priority),
            status=status_words(one.status),
            due=due(one, zone),
            assignee=person(one.assignee, one.assignee_name),
            when=i18n.lately(one.opened_at, zone, today),
            done=one.status not in UNSOLVED,
            mine=one.assignee == me,
            rating=rating_words(one.rating),
        )
        for one in found
    ]


def person(staff: StaffId | None, name: str | None) -> dict[str, str] | None:
    """Whose a ticket is; None: nobody's."""
    return {"name": name, "initials": _page.initials(name)} if staff and name else None


def due(one: TicketRow, zone: ZoneInfo) -> dict[str, str] | None:
    """What of a ticket is due next, and whether it comes near or went by."""
    if one.due_at is None:
        return None
    now = clock.now()
    first = one.first_replied_at is None and one.first_reply_due == one.due_at
    tone = "late" if one.due_at <= now else "soon" if _mark(one, first=first) is Mark.WARNED else "later"
    time = soon(one.due_at, zone, now)
    told = "words.first_reply_is_due" if first else "words.resolution_is_due"
    return {"tone": tone, "words": time, "at": one.due_at.isoformat(), "told": i18n.words(told, {"time": time})}


def _mark(one: TicketRow, *, first: bool) -> Mark | None:
    return one.first_reply_mark if first else one.resolution_mark


def soon(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """An instant in words near today, tomorrow too: tomorrow, 10:04."""
    today, on = clock.business_date(now, zone), clock.business_date(at, zone)
    if (on - today).days == 1:
        return f"{i18n.near(on, today)}, {i18n.time_of_day(at, zone)}"
    return i18n.lately(at, zone, today)


def facts(pairs: Sequence[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Labels and values of what is known."""
    return [(_alone(label), value) for label, value in pairs if value]
