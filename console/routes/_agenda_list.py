"""The agenda as a list, as a file, and on paper: a day by person, or a person's week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response

from console import i18n
from console.domain import clock
from console.domain.booking.agenda_list import Listed, listed
from console.domain.booking.astray import among, astray
from console.domain.booking.lying import here
from console.domain.booking.rules import MOVABLE, Status
from console.domain.desk import agenda_marks
from console.domain.desk.agenda_marks import NONE, Marks
from console.domain.errors import Forbidden
from console.domain.ids import BookingId
from console.domain.roster.queries import BookableView
from console.domain.roster.rules import BookableKind
from console.domain.team.rules import Permission
from console.printing import AgendaUnprintable, check_rows
from console.routes import _agenda, _bookings, _called, _names, _to_move
from console.routes import _fields as f
from console.routes._agenda import LIST_VIEW, STATUS_WORDS, UNSAID_WORDS, WEEK_VIEW, Asked
from console.routes._agenda_marks import COMING, ICONS, WORDS
from console.routes._listing import Column, file, file_kind, for_files, listing
from console.routes._page import Req, page
from console.routes._printed import printed
from console.routes._times import time_words
from console.templating import document

PHONE = f.phone("phone")
OFF = {Status.CANCELLED, Status.NO_SHOW}


@dataclass(frozen=True)
class Row:
    """A booking in words. `marks`: what stands out of it, with an icon each; `begun`: that it began the day before;
    `lost`: why it is to be moved, on paper.
    """

    booking: Listed
    starts_at: datetime
    on: date
    day: str
    time: str
    client: str
    phone: str
    services: str
    people: str
    site: str
    status: str
    marks: Sequence[tuple[str, str]] = ()
    begun: str = ""
    lost: str = ""


def _services(request: Req, one: Listed, zone: ZoneInfo) -> str:
    """What is done; where hands change also when, and by whom: 10:00 Deep clean, Nina; 12:00 Windows, Olga."""
    names = [_names.shown(request, step.names) for step in one.steps]
    if not one.changes_hands:
        return ", ".join(names)
    times = [time_words(step.starts_at, zone) for step in one.steps]
    steps = zip(times, names, one.steps, strict=True)
    return "; ".join(_bookings.step_words(time, name, step.people) for time, name, step in steps)


def _marks(one: Listed, held: Marks) -> list[tuple[str, str]]:
    """What the visit brings whoever comes: an icon and words each."""
    if one.status not in COMING:
        return []
    there = [("free", "free_said")] * held.is_free + [("at-risk", "at_risk_said")] * held.is_at_risk
    return [(ICONS[kind], i18n.gettext(WORDS[said])) for kind, said in there]


def row_of(request: Req, one: Listed, zone: ZoneInfo, held: Mapping[BookingId, Marks]) -> Row:
    on = clock.business_date(one.span[0], zone)
    return Row(
        one,
        one.span[0],
        on,
        _agenda.short(on),
        "–".join(time_words(moment, zone) for moment in one.span),
        one.called or _called.erased(),
        PHONE.show(one.phone) if one.phone else "",
        _services(request, one, zone),
        ", ".join(name for _, name in one.people),
        _bookings.site_words(one.site),
        i18n.gettext(UNSAID_WORDS if one.unsaid else STATUS_WORDS[one.status]),
        _marks(one, held.get(one.booking, NONE)),
    )


COLUMNS: Sequence[Column[Row]] = (
    Column("date", "column.agenda.date", lambda row: row.on, lambda row: row.starts_at),
    Column("time", "column.agenda.time", lambda row: row.time, lambda row: row.starts_at.timetz()),
    Column("client", "column.booking.client", lambda row: row.client),
    Column("phone", "column.agenda.phone", lambda row: for_files(row.phone) or None),
    Column("services", "column.agenda.services", lambda row: row.services),
    Column("people", "column.agenda.people", lambda row: row.people or None),
    Column("site", "column.booking.site", lambda row: row.site or None, shown=False),
    Column("status", "column.booking.status", lambda row: row.status),
    Column("note", "column.booking.note", lambda row: row.booking.note),
)


async def show(request: Req, one: Asked, revision: str) -> Response[Any]:
    """The list, or the file or document that was asked for; a file takes what a list of clients takes. `Forbidden`."""
    may_take = request.user.actor.may(Permission.CLIENT_EXPORT)
    if file_kind(request) and not may_take:
        raise Forbidden
    if request.query_params.get("as") == "pdf":
        return await _pdf(request, one)
    if one.view != LIST_VIEW:
        one = replace(one, view=LIST_VIEW)
    zone = ZoneInfo(one.location.zone)
    bookings = await listed(one.location, one.on, one.length)
    status = request.query_params.get("status", "")
    status = status if status in set(Status) else ""
    kept = [
        row
        for row in bookings
        if (row.day >= one.on or not file_kind(request))
        and (not status or row.status == status)
        and (not one.person or one.person in {who for who, _ in row.people})
    ]
    held = await agenda_marks.marks({row.booking for row in kept}, one.today)
    found = listing(
        request,
        COLUMNS,
        [replace(row_of(request, row, zone, held), begun=_begun(row, one.on)) for row in kept],
        words=lambda row: (row.client, row.services),
        is_on=lambda _: True,
    )
    asked = replace(found, as_file=may_take, besides={**one.query, **({"status": status} if status else {})})
    title = _agenda.title(one)
    people = _agenda.people(await here(one.location.id, {one.person} if one.person else ()))
    chosen = [name for who, name in people if who == one.person]
    chosen += [i18n.gettext(STATUS_WORDS[Status(status)])] if status else []
    return file(request, title, asked) or await page(
        request,
        "agenda/list.html",
        title,
        one=one,
        asked=asked,
        links=_agenda.links(one),
        strip=await _agenda.month(request, one),
        statuses=[(found.value, i18n.gettext(key), found.value == status) for found, key in STATUS_WORDS.items()],
        people=people,
        chosen=chosen,
        summary=_agenda.counted([(row.day, row.status, row.unsaid) for row in kept if row.day >= one.on], one.today),
        to_move=await _to_move_words(kept),
        changes=_agenda.changes_url(one, revision),
        off=OFF,
        may_change=request.user.actor.may(Permission.BOOKING_CHANGE),
    )


async def _to_move_words(shown: Sequence[Listed]) -> str:
    """How many of those that are shown, and have not begun, are to be moved."""
    now = clock.now()
    to_come = {row.booking: row.span[0] for row in shown if row.status in MOVABLE and row.span[0] > now}
    return _agenda.to_move([to_come[one.booking] for one in await among(to_come)], now)


async def _pdf(request: Req, one: Asked) -> Response[Any]:
    """Some days, a section for each person as the board has them; or one person's, and of a week each day."""
    bookings = [row for row in await listed(one.location, one.first, one.length) if row.status not in OFF]
    check_rows(len(bookings))
    name, shown = await sections(request, one, bookings)
    title = _agenda.title(one)
    html = document(
        "pdf/agenda.html",
        title=f"{name}, {title}" if name else title,
        business=f"{request.scope['state']['business'].name}, {one.location.name}",
        sections=shown,
        dated=one.view == LIST_VIEW and one.length > 1,
    )
    return await printed(request, html, f"{name or one.location.name}, {title}.pdf", AgendaUnprintable)


Sections = Sequence[tuple[str, Sequence[Row]]]
"""Rows on paper, by whom they are of or by their day."""


async def sections(request: Req, one: Asked, bookings: Sequence[Listed], *, once: bool = False) -> tuple[str, Sections]:
    """Whose days are asked for, empty for everybody's; and the sections of some bookings that have any.

    `once`: what stands with whoever does it is not told again with the room and the things for it.
    """
    zone = ZoneInfo(one.location.zone)
    besides = {who for row in bookings for who, _ in row.people} | ({one.person} if one.person else set())
    people = await here(one.location.id, besides)
    who = next((known for known in people if known.id == one.person), None)
    if one.view == WEEK_VIEW and people:
        who = who or people[0]
    if one.view == WEEK_VIEW:
        days = [one.first + timedelta(days=offset) for offset in range(7)]
        found = [(_agenda.long(day), day, _does(bookings, who, day, day)) for day in days if who]
    else:
        last = one.first + timedelta(days=one.length - 1)
        people = _needed(people, bookings) if once else people
        found = [(each.name, one.first, _does(bookings, each, one.first, last)) for each in ([who] if who else people)]
    lost = {each.booking: _to_move.why(each) for each in await astray(clock.now(), one.location.id)}
    held = await agenda_marks.marks({row.booking for row in bookings}, one.today)

    def said(row: Listed, first: date) -> Row:
        return replace(row_of(request, row, zone, held), begun=_begun(row, first), lost=lost.get(row.booking, ""))

    named = [(called, [said(row, first) for row in rows]) for called, first, rows in found if rows]
    return who.name if who else "", named


def _needed(people: Sequence[BookableView], bookings: Sequence[Listed]) -> list[BookableView]:
    """Without the rooms and things all of whose bookings somebody does."""
    doers = {each.id for each in people if each.kind in (BookableKind.PERSON, BookableKind.CREW)}
    booked = [{who for who, _ in row.people} for row in bookings]
    alone = {who for row in booked if not row & doers for who in row}
    return [each for each in people if each.id in doers | alone]


def _does(bookings: Sequence[Listed], who: BookableView, first: date, last: date) -> list[Listed]:
    """What somebody or something does on some dates, each from when to when they do; what reaches into them, too."""
    eve = first - timedelta(days=1)
    theirs = [replace(row, span=span) for row in bookings if (span := row.of(who.id))]
    there = [row for row in theirs if first <= row.day <= last or (row.day == eve and row.span[1] > row.night)]
    return sorted(there, key=lambda row: row.span)


def _begun(row: Listed, first: date) -> str:
    return i18n.gettext("words.begun_before") if row.day < first else ""
