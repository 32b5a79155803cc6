"""Bookings in words: what pages, lists and forms of them have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from litestar import Response

from console import i18n
from console.domain import clock
from console.domain.booking import cards, reasons
from console.domain.booking.cards import BookingView, ItemView
from console.domain.booking.former import Back
from console.domain.booking.rules import BEGUN, CancelledBy, ReasonUse, Source, Status
from console.domain.booking.working_days import day_of
from console.domain.clients import queries as clients
from console.domain.clock import NoSuchTime, TwiceThatDay, WallTime
from console.domain.errors import Invalid, Problem
from console.domain.ids import ClientId, ReasonId
from console.domain.roster.queries import BookableView, bookables
from console.domain.roster.rules import BookableKind
from console.domain.team.rules import Permission
from console.routes import _called, _names
from console.routes import _fields as f
from console.routes._errors import error_page
from console.routes._fields import Bad
from console.routes._forms import Form
from console.routes._guards import needs
from console.routes._page import Req, back, done
from console.routes._times import span_words, time_words

READ = needs(Permission.BOOKING_READ)
CHANGE = needs(Permission.BOOKING_CHANGE)

STATUSES: Mapping[Status, tuple[str, str]] = {
    Status.BOOKED: ("words.status_booked", "booked"),
    Status.CONFIRMED: ("words.status_confirmed", "info"),
    Status.ARRIVED: ("words.status_arrived", "special"),
    Status.FINISHED: ("words.status_finished", "good"),
    Status.CANCELLED: ("words.status_cancelled", "neutral"),
    Status.NO_SHOW: ("words.status_no_show", "danger"),
}
"""The key of the word of each status, and the tone of its badge."""

SOURCES: Mapping[Source, str] = {
    Source.DESK: "words.came_by_desk",
    Source.PHONE: "words.came_by_phone",
    Source.CHAT: "words.came_by_chat",
    Source.MAIL: "words.came_by_mail",
    Source.BOOKS: "words.came_by_books",
}

WHO_CANCELS: Mapping[CancelledBy, str] = {
    CancelledBy.CLIENT: "words.client_cancels",
    CancelledBy.US: "words.we_cancel",
}

FIRST, LAST = date(2000, 1, 1), date(2100, 12, 31)
FAR = timedelta(days=731)
"""So far ahead a date is rather mistyped: it is asked whether it is meant."""
LONGEST_NOTE = 1000


def url(booking: int) -> str:
    """The page of a booking."""
    return f"/bookings/{booking}"


async def home_url(one: BookingView) -> str:
    """The agenda of the day on which a booking lies."""
    return day_url(await day_of(one.location, one.zone, one.starts_at), one.location)


def day_url(on: date, place: int) -> str:
    """The agenda of a day at a location."""
    return f"/agenda?{urlencode({'view': 'day', 'on': on.isoformat(), 'place': place})}"


BACK = "back"
"""In the address of the form that moves: what it says is where the booking was, and is judged at once."""
UNABLE = "unable"
"""There: those of before do not do it any more, so it is by whoever does it now."""


async def former_url(lost: Back) -> str:
    """The form to move a booking back to where it was, with why that cannot be any more and what is nearest."""
    one = lost.again
    wall = WallTime.of(one.starts_at, (await cards.booking(one.booking)).zone)
    who = dict(zip(("from", "to"), one.instead[0], strict=True)) if one.instead else {}
    long = {"minutes": one.minutes} if one.minutes else {}
    why = UNABLE if lost.unable else "1"
    asked = {"on": wall.on, "time": i18n.clock(wall.minute), **long, **who, BACK: why}
    return f"{url(one.booking)}/move?{urlencode(asked)}"


def gone(request: Req, one: BookingView, form: Form, status: int) -> Response[Any]:
    """Where a form about a booking leads that is not open to it any more: to its page, or what was sent is refused."""
    if status == 200 or form.problem is None:
        return done(request, url(one.id))
    return error_page(request, 409, problem=form.problem)


def agenda_or(request: Req, otherwise: str) -> str:
    """The agenda if that is where a form was sent from, as dragging does."""
    came = back(request, otherwise)
    return came if came.startswith("/agenda") else otherwise


async def onward(request: Req, booking: int) -> str:
    """Where one goes on after something was done with a booking: the agenda that it was sent from, else to where it
    stands on its day's.
    """
    return agenda_or(request, f"{await home_url(await cards.booking(booking))}#booking-{booking}")


def business_day(one: BookingView) -> date:
    """The date of a booking at its location."""
    return clock.business_date(one.starts_at, one.zone)


def is_within_dates(moment: datetime, zone: ZoneInfo) -> bool:
    """Whether the date of an instant could be typed in a form."""
    return FIRST <= clock.business_date(moment, zone) <= LAST


def within_dates(moment: datetime, zone: ZoneInfo) -> datetime:
    """An instant that a form names, if it is of a date that can be typed there. Raises `Invalid` (`on`)."""
    if not is_within_dates(moment, zone):
        said = {"low": i18n.short_day(FIRST), "high": i18n.short_day(LAST)}
        raise Invalid({"on": Problem("problem.date_range", said)})
    return moment


SURE = f.tick("sure", label="field.sure")
"""That a date years ahead is meant."""


def ask_if_far(
    moment: datetime, zone: ZoneInfo, values: Mapping[str, Any], lies_at: datetime | None = None
) -> datetime:
    """An instant that a form names, if it is near or the form says that it is meant. Raises `Invalid` (`sure`).

    `lies_at`: where what is moved lies by now; nobody is asked about the date that it has.
    """
    day = clock.business_date(moment, zone)
    has_it = lies_at is not None and day == clock.business_date(lies_at, zone)
    if moment > clock.now() + FAR and not has_it and not values.get(SURE.name):
        raise Invalid({SURE.name: Problem("problem.far_ahead", {"day": i18n.short_day(day)})})
    return moment


def ask_if_begun(
    moment: datetime, zone: ZoneInfo, values: Mapping[str, Any], lies_at: datetime | None = None
) -> datetime:
    """An instant that a form names, if it is to come or the form says that it is meant. Raises `Invalid` (`sure`).

    `lies_at`: as of `ask_if_far`; nobody is asked about the time that it has.
    """
    if moment < clock.now() - BEGUN and moment != lies_at and not values.get(SURE.name):
        said = {"day": i18n.short_day(clock.business_date(moment, zone)), "time": time_words(moment, zone)}
        raise Invalid({SURE.name: Problem("problem.begun", said)})
    return moment


def today(zone: ZoneInfo) -> date:
    return clock.business_date(clock.now(), zone)


def day_words(on: date, zone: ZoneInfo) -> str:
    """A date as a heading has it: Today, Tomorrow, Wednesday 13 May."""
    return i18n.upper_first(i18n.near(on, today(zone)))


def when_words(one: BookingView) -> str:
    """Wednesday 13 May, 10:00–11:30."""
    return f"{day_words(business_day(one), one.zone)}, {span_words(one.starts_at, one.ends_at, one.zone)}"


def step_words(time: str, what: str, who: Sequence[str]) -> str:
    """A service of several: 12:00 Windows, Olga."""
    return f"{time} {', '.join(filter(None, (what, *who)))}"


def site_words(called: str | None) -> str:
    """What the site of a booking is called, that it was erased where it was; nothing for none."""
    return i18n.gettext("words.site_erased") if called == "" else called or ""


def price_words(quotes: Iterable[tuple[int, str] | None]) -> str:
    """What several prices come to, by currency; empty where none is known."""
    sums: dict[str, int] = {}
    for quote in quotes:
        if quote is not None:
            sums[quote[1]] = sums.get(quote[1], 0) + quote[0]
    return " + ".join(i18n.money(minor, currency) for currency, minor in sums.items())


def priced(item: ItemView) -> tuple[int, str] | None:
    """What was quoted for a service."""
    return (item.minor, item.currency) if item.minor is not None and item.currency else None


def status_of(status: Status, *, unsaid: bool = False) -> dict[str, str]:
    """A status as a badge; `unsaid`: nobody knows it."""
    key, tone = ("words.status_unsaid", "neutral") if unsaid else STATUSES[status]
    return {"word": i18n.gettext(key), "tone": tone}


def line(request: Req, one: BookingView) -> dict[str, Any]:
    """A booking in a list."""
    return {
        "id": one.id,
        "client": one.client,
        "url": url(one.id),
        "when": when_words(one),
        "what": i18n.listing([_names.shown(request, item.names) for item in one.items]),
        "who": ", ".join(who.name for who in one.people),
        "status": status_of(one.status, unsaid=one.unsaid),
        "price": price_words(map(priced, one.items)),
        "place": one.location_name,
    }


async def names(found: Iterable[BookingView]) -> dict[int, str]:
    """What the clients of bookings go by."""
    seen = await clients.clients(list({one.client for one in found}))
    return {one.id: _called.name(one) for one in seen}


async def called(whom: Iterable[ClientId]) -> dict[int, dict[str, str]]:
    """What clients go by, with the phone by which they are reached: as E.164, and as people read it."""
    seen = await clients.clients(list(whom))
    return {
        one.id: {
            "name": _called.name(one),
            "tel": one.phones[0].number if one.phones else "",
            "phone": i18n.phone(one.phones[0].number) if one.phones else "",
        }
        for one in seen
    }


async def doers() -> list[BookableView]:
    """The people and crews that can be asked for."""
    known = await bookables()
    return [one for kind in (BookableKind.PERSON, BookableKind.CREW) for one in known if one.kind is kind]


def may_overbook(request: Req) -> bool:
    return bool(request.user.actor.may(Permission.BOOKING_OVERBOOK))


async def reason_field(request: Req, use: ReasonUse, name: str = "reason") -> f.Field:
    """The reasons of a use that are on."""
    known = [one for one in await reasons.reasons(use) if one.retired_at is None]
    nothing = "words.choose" if use is ReasonUse.OVERBOOKING else "words.not_said"
    choices = [
        ("", i18n.gettext(nothing)),
        *((str(one.id), _names.shown(request, one.names)) for one in known),
    ]
    return f.choice(name, lambda: choices, required=False, label=REASON_LABELS[use])


OVER = "over"
"""The field that says why a booking may lie over others."""
NO_PLACE = ("problem.time", "problem.choose_place", NoSuchTime.key, TwiceThatDay.key)
"""What is wrong with times over which nobody can overbook."""


def asks_why(request: Req, form: Form, refused: bool) -> bool:
    """Whether somebody may book over others at the time of a form, which then needs a reason.

    Where the form was `refused` with the field on it, and nothing chosen, that is said at it.
    """
    problem = form.problems.get("time")
    if problem is None or problem.key in NO_PLACE or not may_overbook(request):
        return False
    form.spec = [replace(one, required=True, hint="hint.over") if one.name == OVER else one for one in form.spec]
    if refused and form.texts.get(OVER) == [""]:
        form.problems.setdefault(OVER, Problem("problem.over"))
    return True


REASON_LABELS = {
    ReasonUse.CANCELLATION: "field.reason",
    ReasonUse.NO_SHOW: "field.reason",
    ReasonUse.OVERBOOKING: "field.over",
    ReasonUse.FEE_WAIVER: "field.reason",
    ReasonUse.TILL: "field.reason",
}


def reason_of(values: Mapping[str, Any], name: str = "reason") -> ReasonId | None:
    """The reason that was chosen."""
    return ReasonId(int(values[name])) if values.get(name) else None


def wall_time(name: str, **options: Any) -> f.Field:
    """A time on the wall, in minutes since midnight: 9, 9:30, 9.30, 0930."""

    def read(typed: str) -> int:
        parts = _split(typed)
        if parts is None or parts[0] > 23 or parts[1] > 59:
            raise Bad("problem.time")
        return parts[0] * 60 + parts[1]

    return f.Field(name, read, limit=20, show=i18n.clock, inputmode="numeric", placeholder="10:00", **options)


def _split(typed: str) -> tuple[int, int] | None:
    hours, _, minutes = typed.replace(".", ":").replace(" ", ":").partition(":")
    if not minutes and len(hours) > 2:
        hours, minutes = hours[:-2], hours[-2:]
    digits = f"{hours}{minutes}"
    if not (digits.isascii() and digits.isdigit()) or not 0 < len(hours) < 3 or len(minutes) not in (0, 2):
        return None
    return int(hours), int(minutes or 0)


def note_field() -> f.Field:
    return f.area("note", limit=LONGEST_NOTE, required=False, label="field.booking_note", hint="hint.booking_note")


def source_field(*more: Source) -> f.Field:
    """How a booking came, but for what only an import says: that is to choose where it is among `more`."""
    return f.choice("source", lambda: source_choices(*more), kind="radio", label="field.came_by")


def source_choices(*more: Source) -> list[tuple[str, str]]:
    return [(one.value, i18n.gettext(key)) for one, key in SOURCES.items() if one is not Source.BOOKS or one in more]
