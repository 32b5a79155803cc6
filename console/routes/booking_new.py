"""Booking: the form, what it asks for while one types, the place it keeps, and the booking itself."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post

from console import i18n
from console.domain import clock
from console.domain.booking import actions, cards, occupancy
from console.domain.booking.arranging import look
from console.domain.booking.rules import Source
from console.domain.business.queries import open_locations
from console.domain.errors import Invalid
from console.domain.intent import Intent, Outcome
from console.routes import _booking_form as booking
from console.routes import _bookings as words
from console.routes import _doing, _places, _whom
from console.routes._bookings import CHANGE
from console.routes._forms import FORM_LIMIT, Form, read_body
from console.routes._page import Req, frame, page, rendered, wants_fragment
from console.routes._submit import Saved, submit

GIVEN_IN_LINK = ("on", "time", "start", "proposed", "person", "place", "client")


@get("/bookings/new", opt=CHANGE)
async def new(request: Req) -> Response[Any]:
    """The form, filled with what the link says: `?on=&time=&person=&place=&client=`.

    `proposed`: a time that nobody chose, for which the next place stands in where the service does not fit.

    `start` (minutes since the epoch) in place of a time that the wall shows twice.
    """
    if not await open_locations():
        return await page(request, "agenda/nowhere.html", i18n.gettext("title.booking_new"))
    form = Form.asked(request, booking.NAME, await booking.fields(request))
    if len(form.fields["services_1_service"].options) == 1:  # nothing but the word to choose
        return await page(request, "bookings/unoffered.html", i18n.gettext("title.booking_new"))
    usable = form.usable()
    for name in GIVEN_IN_LINK:
        if usable.get(name) is None:
            form.texts[name] = []
    mine = await booking.wish(usable, request.user.staff)
    form.texts["place"] = [str(mine.place.id)]
    form.texts["on"] = form.texts["on"] or [mine.on.isoformat()]
    form.texts["source"] = form.texts["source"] or [Source.PHONE.value]
    return await booking.show(request, form)


@get("/bookings/clients", opt=CHANGE)
async def found_clients(request: Req) -> Response[Any]:
    """Who is meant by what is being typed, or the one who was chosen; without htmx the whole form."""
    form = Form.asked(request, booking.NAME, await booking.fields(request))
    if not wants_fragment(request):
        return await booking.show(request, form)
    return await _whom.answered(request, form, booking.CLIENTS)


@get("/bookings/places", opt=CHANGE)
async def places(request: Req) -> Response[Any]:
    """Places for what the form says; without htmx the whole form."""
    form = Form.asked(request, booking.NAME, await booking.fields(request))
    return await _places_or_page(request, form, hold=False)


async def _places_or_page(request: Req, form: Form, *, hold: bool) -> Response[Any]:
    if not wants_fragment(request):
        return await booking.show(request, form, hold=hold)
    context = await booking.places_part(request, form, hold=hold)
    return rendered("bookings/_places_alone.html", frame(request, ""), context, status=200)


@post("/bookings/holds", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def holds(request: Req) -> Response[Any]:
    """Keep the place that was chosen while the rest is filled in."""
    form = await Form.read(request, booking.NAME, await booking.fields(request))
    return await _places_or_page(request, form, hold=True)


RELEASE = tuple(one for one in booking.WHEN if one.name == "held")


@post("/bookings/releases", opt=CHANGE, status_code=204)
async def release(request: Req) -> None:
    """Give back what a form kept, when it is left."""
    held = (await Form.read(request, booking.NAME, RELEASE)).usable().get("held")
    if held is not None:
        await occupancy.release(booking.own_hold(held, request.user.staff))


@post("/bookings", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def add(request: Req) -> Response[Any]:
    return await _found_first(request) or await _book(request)


async def _found_first(request: Req) -> Response[Any] | None:
    """The form as it was typed with what was found, where that was asked for.

    `find`: what was pressed. `another`: another client; `enter`: the Enter key, which books once a place is chosen.
    """
    pressed = (await read_body(request)).first("find")
    if not pressed:
        return None
    form = await Form.read(request, booking.NAME, await booking.fields(request))
    if pressed == "another":
        form.texts["client"] = []
    if pressed == _whom.ENTER and await booking.is_chosen(request, form):
        return None
    response = await booking.show(request, form, hold=True, pressed=pressed)
    response.headers.update({"HX-Push-Url": "false", "HX-Reswap": "outerHTML show:none"})
    return response


async def _book(request: Req) -> Response[Any]:
    taken_in: list[int] = []

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        mine = await booking.wish(values, request.user.staff)
        if problems := booking.missing(values, mine):
            raise Invalid(problems)
        moment = words.ask_if_begun(words.ask_if_far(_moment(mine), mine.zone, values), mine.zone, values)
        client = values["client"]
        try:
            if client is None:
                newcomer = booking.asked(values, _whom.NOBODY_YET, mine)
                client = await _whom.take_in(intent, values, look(intent.actor, newcomer, moment, mine.over, mine.held))
                taken_in.append(client)
            return await actions.book(intent, booking.asked(values, client, mine), moment, mine.over, mine.held)
        except Invalid as refused:
            refused = _places.meanwhile(refused, shown=mine.start is not None)
            raise at_time(await _named(refused, mine)) from None

    async def again(asked: Req, form: Form, status: int) -> Response[Any]:
        if taken_in:
            form.texts["client"] = [str(taken_in[0])]
        return await booking.show(asked, form, status)

    return await submit(
        request,
        booking.NAME,
        await booking.fields(request),
        act=act,
        show=again,
        then=lambda ids: words.onward(request, ids["booking"]),
        saved=lambda ids: _saved(ids["booking"]),
        fresh=lambda ids: words.url(ids["booking"]),
    )


def _moment(mine: booking.Wish) -> Any:
    try:
        return _places.moment_of(mine.zone, mine.on, mine.at, mine.start)
    except (clock.NoSuchTime, clock.TwiceThatDay) as refused:
        raise Invalid({"time": refused.problem}) from None


async def _named(refused: Invalid, mine: booking.Wish) -> Invalid:
    """The same problems by the names of those who are asked for."""
    names = {one.id: one.name for one in await words.doers()}
    return Invalid(
        {name: _places.of_whom(what, mine.question, names) or what for name, what in refused.problems.items()}
    )


def at_time(refused: Invalid) -> Invalid:
    """The same problems, at the fields of a form that says a time."""
    renamed = {"starts": "time", "services": "services_1_service"}
    return Invalid({renamed.get(name, name): what for name, what in refused.problems.items()})


async def _saved(booked: int) -> Saved:
    """What the same form booked before."""
    one = await cards.booking(booked)
    values = {
        "client": one.client,
        **_services(one),
        "place": one.location,
        "on": words.business_day(one),
        "time": clock.WallTime.of(one.starts_at, one.zone).minute,
        "source": one.source.value,
        "note": one.note,
        "site": one.site.id if one.site else None,
    }
    return Saved(values, one.version, one.operation)


def _services(one: cards.BookingView) -> dict[str, Any]:
    """The services of a booking, and who does each."""
    return _doing.filled(
        (item.service, next((doer.id for doer in item.doers if doer.is_person), None)) for item in one.items
    )


ROUTES = [new, found_clients, places, holds, release, add]
