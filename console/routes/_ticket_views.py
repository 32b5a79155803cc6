"""The lists of tickets that somebody may look at: those that there always are, and those that they saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlencode

from console import i18n
from console.domain import clock
from console.domain.ids import ClientId
from console.domain.team.rules import Permission
from console.domain.tickets import listing
from console.domain.tickets.listing import Counts, Wanted
from console.domain.tickets.queries import TicketRow
from console.domain.tickets.rules import UNSOLVED, Priority, Rating, TicketChannel, TicketStatus
from console.domain.tickets.views import SavedView, saved
from console.routes import _listing
from console.routes import _tickets as words
from console.routes._fields import as_id
from console.routes._listing import Column, Filter, Listing
from console.routes._page import Req

COUNTS = f"{words.LIST}/counts"


class View(StrEnum):
    """The lists that there always are; all but the last three are of what is not solved."""

    OPEN = "open"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    WAITING = "waiting"
    TO_APPROVE = "to-approve"
    RATED_BAD = "rated-bad"
    ALL = "all"


LABELS = {
    View.OPEN: "words.tickets_open",
    View.MINE: "words.tickets_mine",
    View.UNASSIGNED: "words.tickets_unassigned",
    View.WAITING: "words.tickets_waiting",
    View.TO_APPROVE: "words.tickets_to_approve",
    View.RATED_BAD: "words.tickets_rated_bad",
    View.ALL: "words.tickets_all",
}
EMPTY = {
    View.OPEN: "words.no_tickets_open",
    View.MINE: "words.no_tickets_mine",
    View.UNASSIGNED: "words.no_tickets_unassigned",
    View.WAITING: "words.no_tickets_waiting",
    View.TO_APPROVE: "words.no_tickets_to_approve",
    View.RATED_BAD: "words.no_tickets_rated_bad",
    View.ALL: "words.no_tickets_all",
}
"""What would stand in each, while nothing does."""
LIST_URL = {view: words.LIST if view is View.OPEN else f"{words.LIST}?view={view}" for view in View}
NOBODY = "none"
"""In the filter of assignees."""
COLUMNS: list[Column[TicketRow]] = [
    Column("number", "column.ticket.number", lambda one: one.number, numeric=True, sorts=False),
    Column("subject", "column.ticket.subject", lambda one: one.subject, sorts=False),
    Column("due", "words.ticket_due", lambda one: one.due_at, sorts=False),
    Column("status", "column.ticket.status", lambda one: one.status, sorts=False),
    Column("assignee", "column.ticket.assignee", lambda one: one.assignee_name, sorts=False),
    Column("opened", "column.ticket.opened_at", lambda one: one.opened_at, sorts=False),
]
KEPT = ("view", "q", "status", "priority", "category", "assignee", "channel", "rating", "tag", "client")
"""What a saved list holds of its address."""


@dataclass(frozen=True)
class Asked:
    """The list that is asked for: as it is shown, which tickets it holds, and the saved one that it is."""

    of: Listing[TicketRow]
    view: View
    wanted: Wanted
    label: str
    known: Sequence[SavedView]
    current: SavedView | None

    @property
    def query(self) -> str:
        """What goes along with the addresses of its tickets."""
        return self.of.url().partition("?")[2]

    @property
    def narrowed(self) -> bool:
        """Whether anything but the view and a search narrows it."""
        return any(one.value for one in self.of.filters) or self.wanted.client is not None

    @property
    def keeps(self) -> dict[str, str]:
        """What would be saved of it."""
        return kept(self.query)


async def asked(request: Req) -> Asked:
    """The list that an address asks for; what is nonsense counts as not said."""
    given = request.query_params
    view = View(given["view"]) if given.get("view") in set(_views(request)) else View.OPEN
    of = _listing.asked(request, COLUMNS, await _filters(request))
    client = as_id(given.get("client", ""))
    known = await saved(request.user.actor.id)
    number = as_id(given.get("saved", ""))
    current = next((one for one in known if one.id == number), None)
    besides = {
        "view": "" if view is View.OPEN else view.value,
        "client": str(client or ""),
        "saved": str(current.id) if current else "",
    }
    of = replace(of, path=words.LIST, besides={name: value for name, value in besides.items() if value})
    label = current.name if current else i18n.gettext(LABELS[view])
    return Asked(of, view, _wanted(request, of, view, client), label, known, current)


def _views(request: Req) -> list[View]:
    """The lists that the signed-in person has: what is to be approved has who may do so."""
    approves = request.user.actor.may(Permission.TICKET_APPROVE)
    return [view for view in View if approves or view is not View.TO_APPROVE]


async def _filters(request: Req) -> list[Filter]:
    tag = request.query_params.get("tag", "")
    people = [(NOBODY, words.nobody()), *await words.assignee_choices()]
    return [
        Filter("status", i18n.upper_first(i18n.gettext("column.ticket.status")), words.status_choices()),
        Filter("priority", i18n.upper_first(i18n.gettext("column.ticket.priority")), words.priority_choices()),
        Filter("category", i18n.upper_first(i18n.gettext("column.ticket.category")), await words.category_choices()),
        Filter("assignee", i18n.upper_first(i18n.gettext("column.ticket.assignee")), people),
        Filter("channel", i18n.upper_first(i18n.gettext("column.ticket.channel")), words.channel_choices()),
        Filter("rating", i18n.upper_first(i18n.gettext("column.ticket_rating.rating")), words.rating_choices()),
        *([Filter("tag", i18n.gettext("words.filter_tag"), [(tag, tag)])] if tag else []),
    ]


def _wanted(request: Req, of: Listing[TicketRow], view: View, client: int | None) -> Wanted:
    chosen = {one.name: one.value for one in of.filters}
    assignee = chosen["assignee"]
    found = Wanted(
        statuses=None if view in (View.ALL, View.RATED_BAD, View.TO_APPROVE) else UNSOLVED,
        assignee=int(assignee) if assignee and assignee != NOBODY else None,
        unassigned=assignee == NOBODY or view is View.UNASSIGNED,
        category=int(chosen["category"]) if chosen["category"] else None,
        priority=Priority(chosen["priority"]) if chosen["priority"] else None,
        channel=TicketChannel(chosen["channel"]) if chosen["channel"] else None,
        tag=chosen.get("tag") or None,
        client=ClientId(client) if client else None,
        rating=Rating.BAD if view is View.RATED_BAD else Rating(chosen["rating"]) if chosen["rating"] else None,
        to_approve=request.user.actor.id if view is View.TO_APPROVE else None,
        text=of.q,
    )
    if view is View.MINE:
        found = replace(found, assignee=request.user.staff)
    elif view is View.WAITING:
        found = replace(found, statuses=(TicketStatus.PENDING,))
    if chosen["status"]:
        status = TicketStatus(chosen["status"])
        found = replace(found, statuses=(status,) if found.statuses is None or status in found.statuses else ())
    return found


def kept(query: str) -> dict[str, str]:
    """What of an address makes a saved list."""
    return {name: value for name, value in parse_qsl(query) if name in KEPT}


async def part(request: Req, one: Asked) -> dict[str, Any]:
    """What `_views.html` shows."""
    there = await listing.counts(request.user.actor.id, clock.now())
    always = [
        {
            "label": i18n.gettext(LABELS[view]),
            "url": LIST_URL[view],
            "count": _count(there, view),
            "late": (view is View.OPEN and there.breached > 0) or view in (View.TO_APPROVE, View.RATED_BAD),
            "current": one.current is None and one.view is view,
        }
        for view in _views(request)
    ]
    own = [
        {"label": of.name, "url": saved_url(of), "count": None, "late": False, "current": of == one.current}
        for of in one.known
    ]
    return {"views": always + own, "poll": f"{COUNTS}?{one.query}"}


def _count(there: Counts, view: View) -> int | None:
    counted = {
        View.OPEN: there.all,
        View.MINE: there.mine,
        View.UNASSIGNED: there.unassigned,
        View.WAITING: there.waiting,
        View.TO_APPROVE: there.to_approve or None,
        View.RATED_BAD: there.rated_bad or None,
    }
    return counted.get(view)


def saved_url(one: SavedView) -> str:
    """The address of a saved list."""
    return f"{words.LIST}?{urlencode({**one.filter, 'saved': one.id})}"
