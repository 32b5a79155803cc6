"""The form that books: whom, what, by whom and when; all of it may still be open while one types."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

from litestar import Response

from console import i18n
from console.domain.booking import occupancy, places
from console.domain.booking.arranging import Asked
from console.domain.booking.occupancy import PlaceTaken
from console.domain.booking.places import Place, instant
from console.domain.booking.question import Doing, Question
from console.domain.booking.rules import Part, ReasonUse, Source
from console.domain.business.queries import LocationView, open_locations
from console.domain.business.rules import DAY
from console.domain.catalogue.queries import services
from console.domain.clock import TwiceThatDay, WallTime
from console.domain.errors import NotFound, Problem
from console.domain.ids import BookableId, ClientId
from console.routes import _bookings as words
from console.routes import _doing, _fees, _names, _page, _places, _prices, _whom
from console.routes import _fields as f
from console.routes._fields import Bad
from console.routes._forms import Form, read_body
from console.routes._page import Req, page
from console.routes._places import Found, Pick
from console.routes._times import time_words

NAME = "booking"
CLIENTS = "/bookings/clients"


def _token(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError:
        raise Bad("problem.form") from None


class Sought(NamedTuple):
    """What was looked for before a chosen place filled the fields in: a location, when, and each service by whom."""

    place: int
    on: date
    at: int | None
    doing: tuple[tuple[int, int | None], ...]


def _sought(typed: str) -> Sought:
    """As `judged` has it: 1/2026-05-13/720/4/9/7/ is at 12:00 service 4 by 9, then 7 by anyone."""
    found = re.fullmatch(r"([0-9]{1,9})/([0-9-]{10})/([0-9]{0,4})((?:/[0-9]{1,9}/[0-9]{0,9})+)", typed, re.ASCII)
    if found is None:
        raise Bad("problem.form")
    on, at = ON.value([found[2]]), int(found[3]) if found[3] else None
    services = re.findall(r"/([0-9]+)/([0-9]*)", found[4])
    if at is not None and at >= DAY:
        raise Bad("problem.form")
    return Sought(int(found[1]), on, at, tuple((int(one), int(by) if by else None) for one, by in services))


ON = f.day("on", words.FIRST, words.LAST, label="field.booked_on")
WHEN = (
    ON,
    words.wall_time("time", required=False, label="field.booked_at", hint="hint.booked_at"),
    _places.start_field(),
    words.SURE,
    f.hidden("judged", required=False, limit=300, label="field.judged"),
    f.hidden("sought", _sought, required=False, limit=300, label="field.judged"),
    f.hidden("proposed", required=False, limit=5, label="field.judged"),
    f.hidden("held", _token, required=False, label="field.held"),
)
REST = (words.source_field(), words.note_field())


async def fields(request: Req, day: date | None = None) -> tuple[f.Field, ...]:
    """All fields. Choices are what is on, with the prices of a date: the one that the form says where none is given."""
    people = [one for one in await words.doers() if one.retired_at is None]
    locations = [(str(one.id), one.name) for one in await open_locations()]
    return (
        *_whom.CLIENT,
        *_doing.fields(await _services(request, day), [(str(one.id), one.name) for one in people], "field.by_whom"),
        f.choice("place", lambda: locations, label="field.location_of"),
        *WHEN,
        await words.reason_field(request, ReasonUse.OVERBOOKING, "over"),
        *REST,
    )


async def _services(request: Req, day: date | None) -> list[tuple[str, str]]:
    """What is on, with what it costs that day."""
    day = day or await _day(request) or _page.today(request)
    return [(str(one.id), _offer(request, one)) for one in await services(day) if one.retired_at is None]


async def _day(request: Req) -> date | None:
    """The date that the form says: services have the prices of that day."""
    typed = request.query_params.get("on") or (await read_body(request)).first("on")
    with suppress(Bad):
        return ON.value([typed]) if typed else None
    return None


def _offer(request: Req, service: Any) -> str:
    price = _prices.price_words(service.price)
    return ", ".join(filter(None, (_names.shown(request, service.names), i18n.duration(service.minutes), price)))


@dataclass(frozen=True)
class Wish:
    """What the form says so far. `typed`: what its fields say, as `judged` has it."""

    doing: tuple[Doing, ...]
    place: LocationView
    on: date
    at: int | None
    start: Pick | None
    held: UUID | None
    over: Any
    holder: int
    typed: str = ""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.place.zone)

    @property
    def question(self) -> Question:
        return Question(self.place.id, self.doing, held=self.held)


def own_hold(held: UUID, actor: int) -> UUID:
    """The hold that a form of somebody's names: nobody else's form can name it."""
    return uuid5(held, str(actor))


async def wish(values: Mapping[str, Any], actor: int) -> Wish:
    """From the values of somebody's form, or of a part of it. Raises `NotFound` where every location is closed.

    A place that was found for another date or time than the form says now is none, nor is one of a date that cannot be
    typed. With a place that fills the fields in goes what was looked for when it was chosen.
    """
    there = await open_locations()
    place = next((one for one in there if str(one.id) == values.get("place")), there[0] if there else None)
    if place is None:
        raise NotFound
    found = Wish(
        _doing.doing(values),
        place,
        values.get("on") or words.today(ZoneInfo(place.zone)),
        values.get("time"),
        values.get("start"),
        own_hold(values["held"], actor) if values.get("held") else None,
        words.reason_of(values, "over"),
        actor,
    )
    found = replace(found, typed=judged(found))
    if found.start is None:
        return found
    if (values.get("judged") or found.typed) != found.typed:
        return replace(found, start=None)
    if not words.is_within_dates(instant(found.start.at), found.zone):
        return replace(found, start=None)
    return _as_sought(found, values.get("sought"))


def _as_sought(of: Wish, sought: Sought | None) -> Wish:
    """The same, as it was looked for where that was at the same place for the same services."""
    if sought is None or (sought.place, [one for one, _ in sought.doing]) != (of.place.id, [*map(_service, of.doing)]):
        return of
    return replace(of, on=sought.on, at=sought.at, doing=_by(of.doing, [by for _, by in sought.doing]))


def _service(one: Doing) -> int:
    return one.service


def _by(doing: Sequence[Doing], people: Iterable[int | None]) -> tuple[Doing, ...]:
    """The same services, by these."""
    pairs = zip(doing, people, strict=True)
    return tuple(replace(one, by=None if by is None else BookableId(by)) for one, by in pairs)


def judged(of: Wish) -> str:
    """What the places on the page were found for."""
    asked = (of.place.id, of.on, of.at, *(one for each in of.doing for one in (each.service, each.by)))
    return "/".join("" if one is None else str(one) for one in asked)


def asked(values: Mapping[str, Any], client: int, of: Wish) -> Asked:
    """What is booked."""
    doing = (of.start.of(of.question) if of.start else of.question).services
    services, by = tuple(one.service for one in doing), tuple(one.by for one in doing)
    return Asked(
        ClientId(client),
        of.place.id,
        services,
        source=Source(values["source"]),
        note=values["note"],
        by=by,
        site=_whom.read_site(values),
        rather=tuple(one.rather for one in doing),
    )


async def look(of: Wish) -> Found:
    """The places for what is wished; nothing is looked for before there is a service."""
    if not of.doing:
        return Found(of.zone)
    most = _places.MOST
    return await _places.find(of.question, of.zone, of.on, of.at, of.start, most)


async def _in_its_place(of: Wish, found: Found) -> tuple[Wish, Found]:
    """Another place than at a time that nobody typed, where there is none then."""
    start = await _places.proposed(found, of.question, WallTime(of.on, of.at or 0))
    if start is None:
        return of, found
    of = replace(of, start=start)
    return of, await look(of)


async def keep(of: Wish, found: Found) -> tuple[Found, str | None]:
    """Hold the chosen place for the form. Answers until when, on the wall; a place that was taken meanwhile is none."""
    if found.chosen is None or of.held is None:
        return found, None
    try:
        until = await occupancy.hold(of.held, await _places.spans(found.chosen), of.holder)
    except PlaceTaken as taken:
        again = await _places.find(of.question, of.zone, of.on, None, None, _places.NEAREST)
        return replace(again, chosen=None, problem=taken.problems["starts"]), None
    return found, time_words(until, of.zone) if until else None


async def places_part(request: Req, form: Form, *, hold: bool = False) -> dict[str, Any]:
    """What `_places.html` shows."""
    refused = "time" in form.problems
    form.problems |= form.misread(("time",))
    values = form.usable()
    values["held"] = values.get("held") or uuid4()
    mine = await wish(values, request.user.staff)
    known = (values.get("judged") or "").split("/")
    misread = form.misread(("on", "place", "person"))
    form.problems |= misread
    found, until = Found(mine.zone), None
    if not misread:
        found = await look(mine)
        if mine.at is not None and mine.start is None and values.get("proposed") == i18n.clock(mine.at):
            mine, found = await _in_its_place(mine, found)
            if found.chosen:
                form.texts["proposed"] = [i18n.clock(WallTime.of(found.chosen.starts_at, mine.zone).minute)]
                form.problems.pop("time", None)
                refused = False
        if hold:
            found, until = await keep(mine, found)
    unable: dict[str, Problem] = {}
    if found.unable is not None:
        unable = await cannot_do(request, values, found.unable)
        form.problems = {name: what for name, what in form.problems.items() if name != "time"} | unable
    says = typed = mine.typed
    if found.chosen and mine.start:
        mine, says = _fill(form, mine, mine.start, found.chosen)
        if says.split("/")[1] != typed.split("/")[1]:
            form.spec = await fields(request, form.usable()["on"])
    names = await _places.service_names(request, found)
    form.texts["start"] = [_places.pick(found.chosen)] if found.chosen else []
    form.texts["judged"] = [says] if mine.doing else []
    form.texts["sought"] = [judged(mine)] if mine.doing and judged(mine) != says else []
    form.texts["held"] = [str(values["held"])]
    if found.problem and not unable and "time" not in form.problems:
        form.problems["time"] = found.problem
    return {
        "places": _places.shown(found, names),
        "repriced": known[1:2] != says.split("/")[1:2] or says != typed,
        "filled": says != typed,
        "chosen": await _places.summary(found, names),
        "until": until,
        "misread": i18n.listing([f"{form.fields[name].label}: {i18n.problem(what)}" for name, what in misread.items()]),
        "unable": i18n.listing([i18n.problem(what) for what in unable.values()]),
        "turns": _turns(mine, found),
        "policy": await _fees.policy(mine.place.id, mine.place.notice_hours),
        "may_overbook": _asks_why(request, form, mine, found, refused),
        "form": form,
    }


def _turns(of: Wish, found: Found) -> list[dict[str, Any]]:
    """Both times of one that the wall shows twice, where there is no place at either."""
    if of.at is None or found.problem is None or found.problem.key == TwiceThatDay.key:
        return []
    both = WallTime(of.on, of.at).instants(of.zone)
    turns = [{"start": places.minute(one), "time": time_words(one, of.zone)} for one in both]
    return turns if len(turns) > 1 else []


def _asks_why(request: Req, form: Form, of: Wish, found: Found, refused: bool) -> bool:
    """As of any form; one that does not say which of two times it means is asked for that, and keeps its reason."""
    said = form.problems.get("time")
    if found.problem is None or said is None or said.key != TwiceThatDay.key or not _turns(of, found):
        return words.asks_why(request, form, refused)
    form.problems["time"] = found.problem
    asked = words.asks_why(request, form, refused)
    form.problems["time"] = said
    return asked


def _fill(form: Form, of: Wish, start: Pick, place: Place) -> tuple[Wish, str]:
    """Let the fields say which place was chosen. Answers what is looked for, and as `judged` has it what they say.

    Where somebody else was chosen than who cannot do it, anyone who can is looked for.
    """
    able = start.of(of.question).services
    sought = replace(of, doing=_by(of.doing, [one.by for one in able]))
    people = {option.value for option in form.fields["person"].options}
    named = _by(of.doing, [_doer(one, part, people) for one, part in zip(sought.doing, place.parts, strict=True)])
    wall = WallTime.of(place.starts_at, of.zone)
    for name in form.fields:
        if name.startswith("services_"):
            form.texts[name] = [""]
    filled = _doing.filled((one.service, one.by) for one in named)
    form.texts |= {name: [str(value)] for name, value in filled.items()}
    form.texts |= {"on": [wall.on.isoformat()], "time": [i18n.clock(wall.minute)]}
    return sought, judged(replace(of, on=wall.on, at=wall.minute, doing=named))


def _doer(wanted: Doing, part: Part, people: Collection[str]) -> int | None:
    """Who does a service of a place, if it is one alone; of several whoever was wanted."""
    doers = [who for who in part.bookables if str(who) in people]
    return wanted.by if wanted.by in doers else doers[0] if len(doers) == 1 else None


async def cannot_do(request: Req, values: Mapping[str, Any], unable: int) -> dict[str, Problem]:
    """Who of those asked for does not do which of the services, at the field that says who does it."""
    row = _doing.chosen(values)[unable]
    asked = _doing.doing(values)[unable]
    people: dict[Any, str] = {one.id: one.name for one in await words.doers()}
    on = await _day(request) or _page.today(request)
    named = {one.id: _names.shown(request, one.names) for one in await services(on)}
    said = {"who": people.get(asked.by, ""), "service": named.get(asked.service, "")}
    return {_doing.by_field(values, row): Problem("problem.cannot_do_service", said)}


async def is_chosen(request: Req, form: Form) -> bool:
    """Whether the form names a place that it was shown, and nobody is looked for any more."""
    values = form.usable()
    known = any(values.get(name) for name in ("client", "new_name", "new_phone"))
    return (await wish(values, request.user.staff)).start is not None and (known or not values.get("who"))


async def show(request: Req, form: Form, status: int = 200, *, hold: bool = False, pressed: str = "") -> Response[Any]:
    """The whole form. `pressed`: what was looked for, so that one goes on where it was found."""
    if not await open_locations():
        raise NotFound
    return await page(
        request,
        "bookings/new.html",
        i18n.gettext("title.booking_new"),
        status=status,
        several=len(await open_locations()) > 1,
        entered=pressed == _whom.ENTER and bool(form.texts.get("time")),
        **{**await _whom.client_part(form, CLIENTS, pressed), **await places_part(request, form, hold=hold)},
    )


def missing(values: Mapping[str, Any], of: Wish) -> dict[str, Problem]:
    """What the form lacks to book anything."""
    problems = _whom.missing(values)
    if not of.doing:
        problems["services_1_service"] = Problem("problem.required")
    elif of.start is None and of.at is None:
        problems["time"] = Problem("problem.choose_place")
    return problems
