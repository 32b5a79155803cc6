"""The list of clients: searched like the omnibox, narrowed, in order, paged by the database, and as a file."""

from __future__ import annotations

from asyncio import gather
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from litestar import Response, get
from litestar.response import Redirect, Stream

from console import i18n
from console.domain import clock
from console.domain.clients import finding, listing, parts, queries
from console.domain.clients import rules as client_rules
from console.domain.clients import typed as reading
from console.domain.clients.hits import Hit
from console.domain.clients.listing import Order, Page, Wanted
from console.domain.clients.parts import ContactView
from console.domain.clients.queries import ClientView
from console.domain.clients.typed import Typed
from console.domain.errors import Forbidden
from console.domain.roster.queries import working
from console.domain.roster.rules import BookableKind
from console.domain.team.rules import Permission
from console.routes._found_clients import loud_words, number, phone_words, spoken_with, straight, url
from console.routes._found_contacts import met
from console.routes._goals import Marked, unmarked
from console.routes._guards import needs
from console.routes._listing import ALL, OFF, ON, Column, Filter, Listing, asked, file_kind, for_files, paged, streamed
from console.routes._page import Req, page, wants_fragment

ROWS = 50
"""Clients on a page."""
FEW_FOUND, MOST_FOUND = 50, 200
"""The best of a search that are listed, and that are narrowed further where filters are chosen."""
MOST_IN_FILE = 1_000_000
MOST_COUNTED = 500
TAGS_OFFERED = 40
TAGS_KEPT = timedelta(minutes=1)
PERSON, BUSINESS = "person", "business"
STATES = {ON: "words.clients_on", OFF: "words.clients_off", ALL: "words.state_all"}


def _phones(one: ClientView) -> str:
    return ", ".join(for_files(phone_words(phone.number)) for phone in one.phones)


def _card(one: ClientView) -> str | None:
    return client_rules.spaced_card(one.card) if one.card else None


COLUMNS: list[Column[ClientView]] = [
    Column("name", "column.staff.name", lambda one: one.names.listed),
    Column(
        "person",
        "column.client_contact.name",
        lambda one: one.names.whole if one.is_company else "",
        shown=False,
        sorts=False,
    ),
    Column("phone", "column.client_profile.phones", _phones, sorts=False),
    Column(
        "email",
        "column.client_profile.emails",
        lambda one: ", ".join(i18n.email(email.address) for email in one.emails),
        shown=False,
        sorts=False,
    ),
    Column("tags", "column.client_profile.tags", lambda one: ", ".join(one.tags), sorts=False),
    Column("card", "column.client_card.number", _card, sorts=False),
    Column("joined", "column.client_profile.joined_on", lambda one: one.joined_on),
]


@get("/clients", opt=needs(Permission.CLIENT_READ))
async def listed(request: Req) -> Response[Any] | Stream:
    """A page of the list, or all of it as a file; the whole number of a card, once it is sent, leads to its client."""
    may_take = request.user.actor.may(Permission.CLIENT_EXPORT)
    of: Listing[ClientView] = asked(request, COLUMNS, await _filters(request))
    title = i18n.gettext("nav.clients")
    kind = file_kind(request)
    if kind and not may_take:
        raise Forbidden
    hits = await _hits(of, whole=bool(kind)) if of.q else None
    wanted = _wanted(of, hits)
    sent = not wants_fragment(request) or request.headers.get("hx-boosted") == "true"
    if sent and not kind and (client := straight(hits or ())):
        return Redirect(client, status_code=303)
    if kind:
        return streamed(kind, title, of, _all(of, wanted))
    found, many = await gather(_page(of, wanted), _many(of, wanted))
    of = paged(
        of,
        found.rows,
        previous=found.rows[0].id if found.rows and found.has_previous else None,
        next=found.rows[-1].id if found.rows and found.has_next else None,
        total=int(bool(found.rows) or await listing.is_there_any()),
        as_file=may_take,
        counted=_counted(len(found.rows) if many is None else many),
        note=i18n.gettext("words.best_clients") if len(wanted.among or ()) >= _most(of) else "",
        state_words=STATES,
    )
    ids = [one.id for one in found.rows]
    contacts = await parts.contacts_of(ids) if hits else {}
    by, typed = {hit.client: hit for hit in hits or ()}, reading.read(of.q)
    tags = {tag: of.url(tag=tag) for one in found.rows for tag in one.tags}
    return await page(
        request,
        "clients/list.html",
        title,
        asked=of,
        no_good=await _no_good(of.q, hits or ()),
        rows=[_row(one, tags, by.get(one.id), typed, contacts.get(one.id, ())) for one in found.rows],
        may_change=request.user.actor.may(Permission.CLIENT_CHANGE),
    )


async def _hits(of: Listing[ClientView], *, whole: bool) -> list[Hit]:
    """Who is found among those whom the list is narrowed to: the best, or for a file all of them."""
    most = _most(of)
    if whole:
        return await finding.find(of.q, limit=MOST_IN_FILE, among=_wanted(of, None), enough=most)
    return await finding.find(of.q, limit=most, among=_wanted(of, None) if of.is_narrowed else None)


async def _many(of: Listing[ClientView], wanted: Wanted) -> int | None:
    """How many there are; None of what was found, which stands on one page."""
    return None if of.q else await listing.count(wanted, MOST_COUNTED)


async def _no_good(typed: str, hits: Sequence[Hit]) -> str:
    """Why the card whose number was typed is good no more, where it is one."""
    if hits:
        return next((hit.no_good for hit in hits if hit.no_good), "")
    if await finding.erased_card(typed):
        return "erased"
    return "mistyped" if client_rules.mistyped_card(typed) else ""


def _most(of: Listing[ClientView]) -> int:
    """How many of those found are listed."""
    return MOST_FOUND if of.is_narrowed else FEW_FOUND


async def _filters(request: Req) -> list[Filter]:
    """What the list is narrowed by. A tag that is asked for is one to choose, however seldom it is used."""
    tag = request.query_params.get("tag", "")[: client_rules.LONGEST_TAG]
    tags = dict.fromkeys([*([tag] if tag else []), *await _tags(request)])
    people = [(str(person), name) for person, name in await working(BookableKind.PERSON)]
    kinds = [(PERSON, i18n.gettext("words.kind_person")), (BUSINESS, i18n.gettext("words.kind_business"))]
    months = [(str(month), i18n.month(date(2000, month, 1))) for month in range(1, 13)]
    return [
        Filter("tag", i18n.gettext("words.filter_tag"), [(one, one) for one in tags]),
        Filter("preferred", i18n.gettext("words.filter_preferred"), people),
        Filter("birthday", i18n.gettext("words.filter_birthday"), months),
        Filter("kind", i18n.gettext("words.filter_kind"), kinds),
    ]


async def _tags(request: Req) -> list[str]:
    """The tags in use, read anew once a minute: they are counted among thousands of clients."""
    now, kept = clock.now(), request.app.state.get("tags_in_use")
    if kept is None or now - kept[0] > TAGS_KEPT:
        kept = (now, await queries.tags_in_use(TAGS_OFFERED))
        request.app.state["tags_in_use"] = kept
    return list(kept[1])


def _wanted(of: Listing[ClientView], hits: Sequence[Hit] | None) -> Wanted:
    kind, preferred, month = of.chosen("kind"), of.chosen("preferred"), of.chosen("birthday")
    return Wanted(
        on=None if of.state == ALL else of.state == ON,
        tag=of.chosen("tag") or None,
        preferred=int(preferred) if preferred else None,
        born_in=int(month) if month else None,
        business=kind == BUSINESS if kind else None,
        among=None if hits is None else [hit.client for hit in hits],
    )


async def _page(of: Listing[ClientView], wanted: Wanted) -> Page:
    """The page asked for; what a search found stands on one page, the best first where no other order is asked for."""
    if of.q and not of.sort:
        return await listing.best(wanted)
    order, descending = _order(of)
    most = MOST_FOUND if of.q else ROWS
    return await listing.page(wanted, order, descending=descending, after=of.after, before=of.before, most=most)


def _all(of: Listing[ClientView], wanted: Wanted) -> AsyncIterator[ClientView]:
    order, descending = _order(of)
    return listing.every(wanted, order, descending=descending)


def _order(of: Listing[ClientView]) -> tuple[Order, bool]:
    return Order(of.sort.removeprefix("-") or Order.NAME), of.sort.startswith("-")


@dataclass(frozen=True)
class Row:
    """A client as the list shows them: with the phone, and the person to speak with, by whom they were found.

    `tags`: each with the address of the list narrowed by it; `more`: how many phones there are besides.
    """

    url: str
    name: str
    person: Marked
    away: bool
    loud: str
    contact: Marked
    phone: Marked
    more: int
    tags: Sequence[tuple[str, str]]
    card: str
    joined: str


def _person(one: ClientView, typed: Typed | None) -> Marked:
    """The company's own person, with what was typed marked."""
    if not one.is_company:
        return ()
    return spoken_with(one.names.whole, typed) if typed else unmarked(one.names.whole)


def _row(
    one: ClientView, tags: Mapping[str, str], hit: Hit | None, typed: Typed, contacts: Sequence[ContactView]
) -> Row:
    contact = met(one, hit, typed, contacts) if hit else None
    return Row(
        url=url(one.id),
        name=one.names.listed,
        person=_person(one, typed if hit else None),
        away=one.retired_at is not None,
        loud=loud_words(one),
        contact=spoken_with(contact.name, typed) if contact else (),
        phone=number(one, hit, typed),
        more=len(one.phones) - 1,
        tags=[(tag, tags[tag]) for tag in one.tags],
        card=_card(one) or "",
        joined=i18n.short_day(one.joined_on),
    )


def _counted(many: int) -> str:
    if many > MOST_COUNTED:
        return i18n.words("words.clients_over", {"number": MOST_COUNTED})
    return i18n.words("words.clients_counted", {"count": many})


ROUTES = [listed]
