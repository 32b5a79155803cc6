"""The omnibox: clients by whatever is at hand, and whatever else there is to go to.

One address: a page of everything that was found, which leads straight to the client of a whole card number; and for
the field itself (`X-Omnibox`) the short list beneath it while one types.
"""

from __future__ import annotations

from asyncio import gather
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Response, get
from litestar.response import Redirect, Template

from console import i18n
from console.domain.clients import finding, lately
from console.domain.clients import typed as reading
from console.domain.clients.rules import card_number, mistyped_card
from console.domain.clients.typed import other_layout
from console.domain.errors import NotFound
from console.domain.team.rules import Permission
from console.domain.text import fold
from console.domain.tickets import queries as tickets
from console.routes import _found_clients, _goals, _page, _tickets, _typed_booking
from console.routes._fields import as_id
from console.routes._goals import Found, unmarked
from console.routes._guards import needs
from console.routes._page import Req, page

LONGEST = 200
MOST = 20
"""Results of each sort on the page."""
MOST_CLIENTS, MOST_OTHERS = 7, 4
"""Results beneath the field, of each sort."""
RECENT = 8
LONGEST_NUMBER = 10
"""Digits from which on a number is that of no ticket."""
VARY = "X-Omnibox, HX-Request, Cookie, Accept-Language"

SORTS = (
    ("words.found_colleagues", Permission.STAFF_READ),
    ("nav.team", Permission.ROSTER_READ),
    ("nav.catalogue", Permission.CATALOGUE_READ),
    ("nav.locations", Permission.LOCATION_CHANGE),
    ("nav.holidays", Permission.HOLIDAY_CHANGE),
    ("title.opening_hours", Permission.OVERVIEW_READ),
)
"""Headings of things that are no clients, by what one must be allowed to open them, in their order."""


HINTS = (
    ("words.hint_logo", Permission.BUSINESS_CHANGE),
    ("words.hint_hours", Permission.OVERVIEW_READ),
    ("words.hint_language", Permission.PROFILE_CHANGE),
    ("words.hint_password", Permission.PROFILE_CHANGE),
)
"""Words by which pages are found, for who finds nothing; by what one must be allowed to find them."""


@dataclass(frozen=True)
class Group:
    """Results of one sort under their heading."""

    title: str
    found: Sequence[Found]


@get("/search", opt=needs(Permission.OVERVIEW_READ))
async def search(request: Req) -> Response[Any]:
    query = _query(request)
    if "x-omnibox" in request.headers:
        return await _answers(request, query)
    if url := await _straight(request, query):
        return Redirect(url, status_code=303)
    groups = await _groups(request, query, MOST, MOST)
    return await page(
        request,
        "search/page.html",
        i18n.gettext("title.search"),
        query=query,
        groups=groups,
        hints=_hints(request),
        **await _offer(request, query, groups),
    )


async def _answers(request: Req, query: str) -> Template:
    """What the field offers: the best of each sort; clients opened lately while nothing is typed."""
    groups = await _groups(request, query, MOST_CLIENTS, MOST_OTHERS) if query else await _recent(request)
    context = {"query": query, "groups": groups, **await _offer(request, query, groups)}
    return Template("search/_answers.html", context=context, headers={"Vary": VARY})


async def _offer(request: Req, query: str, groups: Sequence[Group]) -> dict[str, Any]:
    """A booking that was typed; why a card's number is no good; whether it may be somebody new: nobody's card is."""
    actor = request.user.actor
    reads = actor.may(Permission.CLIENT_READ)
    erased = reads and await finding.erased_card(query)
    nobody = not any(one.url.startswith("/clients/") for group in groups for one in group.found)
    mistyped = reads and nobody and mistyped_card(query)
    booking = await _typed_booking.offer(request, query)
    spent = erased or booking or any(one.by_card for group in groups for one in group.found)
    may_add = reading.names_somebody(query) and not spent and actor.may(Permission.CLIENT_CHANGE)
    return {
        "booking": booking,
        "no_good": "erased" if erased else "mistyped" if mistyped else "",
        "may_add": may_add,
    }


def _hints(request: Req) -> str:
    """Words that find a page of those that somebody may open: logo, opening hours, password."""
    return ", ".join(i18n.gettext(word) for word, needs in HINTS if request.user.actor.may(needs))


def _query(request: Req) -> str:
    return " ".join(request.query_params.get("q", "").replace("\x00", " ").split())[:LONGEST]


async def _straight(request: Req, query: str) -> str | None:
    """The client's card for the whole number of a card that is good."""
    if not (card_number(query) and request.user.actor.may(Permission.CLIENT_READ)):
        return None
    return _found_clients.straight(await finding.find(query, limit=1))


async def _recent(request: Req) -> list[Group]:
    if not request.user.actor.may(Permission.CLIENT_READ):
        return []
    ids = await lately.recent(request.user.actor.id, limit=RECENT)
    return [Group(i18n.gettext("words.recent_clients"), await _found_clients.of_ids(ids))] if ids else []


async def _groups(request: Req, query: str, clients: int, others: int) -> list[Group]:
    """What was found, in groups that are not empty."""
    wanted = fold(query)
    if not wanted:
        return []
    meant = fold(other_layout(query) or query)
    pages = _goals.day(query, _page.today(request)) + (_goals.pages(request, wanted) or _goals.pages(request, meant))
    things, known, told = await gather(
        _goals.things(request, wanted, meant), _clients(request, query, clients), _ticket(request, query)
    )
    found = [
        ("nav.tickets", told),
        ("nav.clients", known),
        ("words.found_pages", pages[:others]),
        *((title, things.get(permission, [])[:others]) for title, permission in SORTS),
    ]
    return [Group(i18n.gettext(title), some) for title, some in found if some]


async def _clients(request: Req, query: str, most: int) -> list[Found]:
    if not request.user.actor.may(Permission.CLIENT_READ):
        return []
    hits = await finding.find(query, limit=most)
    return await _found_clients.of_hits(hits, reading.read(query))


async def _ticket(request: Req, query: str) -> list[Found]:
    """The ticket of a number: 1042, #1042."""
    digits = query.removeprefix("#").removeprefix("№").strip()
    number = as_id(digits) if len(digits) < LONGEST_NUMBER else None
    if number is None or not request.user.actor.may(Permission.TICKET_READ):
        return []
    try:
        one = await tickets.by_number(number)
    except NotFound:
        return []
    status = _tickets.status_words(one.status)["label"]
    return [
        Found(
            unmarked(f"{one.number}  {_tickets.subject_words(one)}"), _tickets.url(number), "tickets", unmarked(status)
        )
    ]


ROUTES = [search]
