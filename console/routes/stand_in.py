"""Somebody is ill: their bookings of a day in one list, who could take each, and all of it done in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain import clock
from console.domain.audit import queries as audit
from console.domain.booking import cards, former, places, standing_in
from console.domain.booking.arranging import Arrangement
from console.domain.booking.former import Back
from console.domain.booking.standing_in import Chance, Orphan
from console.domain.clients.queries import ClientView
from console.domain.clients.queries import clients as clients_of
from console.domain.errors import Invalid, NotFound, Problem, Stale
from console.domain.ids import BookableId, BookingId, OperationId
from console.domain.intent import Effect, Intent, Outcome
from console.domain.roster import queries as roster
from console.domain.roster.queries import BookableView
from console.domain.roster.rules import BookableKind
from console.domain.team.rules import Permission
from console.routes import _bookings, _series
from console.routes import _fields as f
from console.routes._bookings import CHANGE
from console.routes._fields import Bad
from console.routes._forms import FORM_LIMIT, Form, read_body
from console.routes._found_clients import phone_words
from console.routes._look_first import EXPECTED, look_first
from console.routes._page import Req, page
from console.routes._team import url

ONE = "/team/bookables/{person:int}/stand-in"
NAME = "stand_in"
LEAVE = "leave"
ILL = f.tick("ill", label="field.ill")


@dataclass(frozen=True)
class _Taker:
    """When somebody takes a booking (minutes since the epoch), and the version of it that the page showed."""

    start: int
    who: BookableId
    version: int


_Chosen = _Taker | None
"""None: it stays."""


def _chosen(typed: str) -> _Chosen:
    if typed == LEAVE:
        return None
    parts = typed.split(".")
    if len(parts) != 3 or not all(one.isascii() and one.isdigit() and len(one) < 10 for one in parts):
        raise Bad("problem.choice")
    start, who, version = map(int, parts)
    return _Taker(start, BookableId(who), version)


def _value(of: Orphan, one: Chance) -> str:
    return f"{places.minute(one.starts_at)}.{one.who}.{of.version}"


async def _person(number: int) -> BookableView:
    """Raises `NotFound` for what is nobody."""
    one = await roster.bookable(number)
    if one.kind is not BookableKind.PERSON:
        raise NotFound
    return one


async def _day(request: Req, person: BookableId) -> tuple[date, date]:
    """The date that was asked for, tomorrow where there is none, today where it is past; and today, where they are."""
    now = await roster.today(person, clock.now())
    try:
        asked = date.fromisoformat(request.query_params.get("on", ""))
    except ValueError:
        return now + timedelta(days=1), now
    return min(max(asked, now), now + timedelta(days=366)), now


def _field(one: Orphan, what: str, people: Mapping[BookableId, str], person: str) -> f.Field:
    """Who takes a booking of somebody, and when."""
    at_once = [(_value(one, chance), people.get(chance.who, "")) for chance in one.at_its_time]
    later = [
        (_value(one, chance), f"{i18n.time_of_day(chance.starts_at, one.zone)}, {people.get(chance.who, '')}")
        for chance in one.later
    ]
    choices = [*at_once, *later, (LEAVE, i18n.words("words.leave_with", {"name": person}))]
    loads = {_value(one, chance): _load_words(chance) for chance in (*one.at_its_time, *one.later)}
    time = _bookings.span_words(one.starts_at, one.ends_at, one.zone)
    return f.Field(
        f"b{one.id}",
        _chosen,
        kind="radio",
        limit=40,
        choices=lambda: choices,
        hints=lambda: loads,
        label="field.stand_in",
        params={"time": time, "name": what},
    )


def _load_words(chance: Chance) -> str:
    if chance.given:
        return i18n.gettext("words.given_above")
    if not chance.load:
        return i18n.gettext("words.nothing_that_day")
    return i18n.words("words.taken_that_day", {"time": i18n.duration(chance.load)})


def _sent_too(names: Sequence[str], known: Sequence[f.Field]) -> list[f.Field]:
    """Fields of bookings that somebody else takes by now: a form sent twice is answered as it was."""
    there = {one.name for one in known}
    more = [name for name in names if name not in there and name[:1] == "b" and f.as_id(name[1:]) is not None]
    return [f.Field(name, _chosen, kind="hidden", required=False, limit=40, label="field.booking") for name in more]


@dataclass(frozen=True)
class _Sick:
    """Somebody, a day, today, and the bookings that are in question, with the names of all who are in them."""

    person: BookableView
    on: date
    today: date
    found: Sequence[Orphan]
    people: Mapping[BookableId, str]
    clients: Mapping[int, str]
    phones: Mapping[int, list[dict[str, str]]]
    services: Mapping[int, str]
    may_be_ill: bool
    is_off: bool

    @property
    def may_be_noted(self) -> bool:
        """Whether it can be noted that they are ill that day: not where they are off already."""
        return self.may_be_ill and not self.is_off

    @property
    def open(self) -> list[Orphan]:
        """Those that somebody else could take, and that no crew does."""
        return [one for one in self.found if one.crew is None]

    def spec(self, sent: Sequence[str] = ()) -> tuple[f.Field, ...]:
        choices = [_field(one, self._what(one), self.people, self.person.name) for one in self.open]
        ill = self.may_be_noted or (self.may_be_ill and ILL.name in sent)
        return (*choices, *_sent_too(sent, choices), *((ILL,) if ill else ()), EXPECTED)

    def _what(self, one: Orphan) -> str:
        """Whose booking it is, and of what."""
        services = [self.services[each] for each in one.services if each in self.services]
        return ": ".join(filter(None, (self.clients.get(one.client, ""), i18n.listing(services))))

    def values(self) -> dict[str, Any]:
        """What is proposed."""
        proposed = {f"b{one.id}": _value(one, one.proposed) if one.proposed else LEAVE for one in self.open}
        return {**proposed, "ill": True}


async def _look(request: Req, person: int) -> _Sick:
    one = await _person(person)
    on, now = await _day(request, one.id)
    found = await standing_in.orphans(one.id, on, clock.now())
    those = await clients_of(list({each.client for each in found}))
    may = request.user.actor.may(Permission.TIME_OFF_CHANGE)
    services = await _series.service_names(request)
    people, clients = await _series.doers(), _series.called(those)
    off = await roster.is_off(one.id, on)
    return _Sick(one, on, now, found, people, clients, _phones(those), services, may, off)


def _phones(those: Sequence[ClientView]) -> dict[int, list[dict[str, str]]]:
    """The first phone of clients, as links."""
    return {
        one.id: [{"to": f"tel:{phone.number}", "number": phone_words(phone.number)} for phone in one.phones[:1]]
        for one in those
    }


@get(ONE, opt=CHANGE)
async def show(request: Req, person: FromPath[int]) -> Response[Any]:
    sick = await _look(request, person)
    done = await _done(request, sick)
    if done is not None:
        return await _show_done(request, sick, done)
    return await _show(request, sick, Form.blank(request, NAME, sick.spec(), sick.values()))


async def _done(request: Req, sick: _Sick) -> OperationId | None:
    """What the address says was done that day, if it was and still stands."""
    number = request.query_params.get("done", "")
    for one in await audit.entries([int(number)]) if f.as_id(number) is not None else ():
        if one.deed.kind == "booking.stand_in" and ("bookable", sick.person.id) in one.deed.about and not one.undone:
            return one.id
    return None


async def _show_done(request: Req, sick: _Sick, operation: OperationId) -> Response[Any]:
    """What was done: whom to call, who takes what, and what nobody does yet."""
    backs = await former.moved(operation)
    views = {one.id: one for one in await cards.those([one.former.booking for one in backs])}
    those = await clients_of(list({one.client for one in views.values()}))
    names, phones = _series.called(those), {**_phones(those), **sick.phones}
    rows = [_done_row(one, views[one.former.booking], names, phones) for one in backs]
    base = url(sick.person.id)
    return await page(
        request,
        "bookables/stood_in.html",
        i18n.words("title.stand_in", {"name": sick.person.name}),
        bookable=sick.person,
        base=base,
        again=f"{base}/stand-in?on={sick.on}",
        agenda=f"/agenda?on={sick.on}",
        day=i18n.upper_first(i18n.near(sick.on, sick.today)),
        rows=rows,
        left=[_left_row(one, sick) for one in sick.open],
        crews=[_crew_row(one, sick) for one in sick.found if one.crew is not None],
    )


def _done_row(
    one: Back, view: cards.BookingView, names: Mapping[int, str], phones: Mapping[int, list[dict[str, str]]]
) -> dict[str, Any]:
    was = i18n.time_of_day(one.former.starts_at, view.zone)
    now = i18n.time_of_day(view.starts_at, view.zone)
    return {
        "url": _bookings.url(view.id),
        "time": was,
        "then": now if one.former.starts_at != view.starts_at else "",
        "client": names.get(view.client, ""),
        "phones": phones.get(view.client, []),
        "to": i18n.listing([who.name for who in view.people]),
    }


def _left_row(one: Orphan, sick: _Sick) -> dict[str, Any]:
    return {
        "url": f"{_bookings.url(one.id)}/move",
        "time": _bookings.span_words(one.starts_at, one.ends_at, one.zone),
        "client": sick.clients.get(one.client, ""),
        "phones": sick.phones.get(one.client, []),
    }


async def _show(
    request: Req, sick: _Sick, form: Form, status: int = 200, effects: Sequence[Effect] | None = None
) -> Response[Any]:
    base = url(sick.person.id)
    return await page(
        request,
        "bookables/stand_in.html",
        i18n.words("title.stand_in", {"name": sick.person.name}),
        status=status,
        form=form,
        bookable=sick.person,
        base=base,
        on=sick.on,
        day=i18n.upper_first(i18n.near(sick.on, sick.today)),
        before=f"{base}/stand-in?on={sick.on - timedelta(days=1)}" if sick.on > sick.today else "",
        after=f"{base}/stand-in?on={sick.on + timedelta(days=1)}",
        action=f"{base}/stand-in?on={sick.on}",
        rows=[_row(one, form, sick) for one in sick.open],
        crews=[_crew_row(one, sick) for one in sick.found if one.crew is not None],
        may_be_ill=sick.may_be_noted,
        told=_told(effects) if effects is not None else None,
        plan=[_planned(one, form, sick) for one in sick.open],
        is_ill=sick.is_off or bool(form.usable().get("ill")),
    )


def _told(effects: Sequence[Effect]) -> list[str]:
    return [i18n.words(one.key, one.params) for one in effects if one.key.startswith("effect.")]


def _planned(one: Orphan, form: Form, sick: _Sick) -> dict[str, Any]:
    """Who would get a booking, as the form says: `to` is empty where it stays; `then` is another time, if any."""
    chosen: _Chosen = form.usable().get(f"b{one.id}")
    moves = chosen is not None and chosen.start != places.minute(one.starts_at)
    return {
        "time": i18n.time_of_day(one.starts_at, one.zone),
        "then": i18n.time_of_day(places.instant(chosen.start), one.zone) if chosen and moves else "",
        "client": sick.clients.get(one.client, ""),
        "phones": sick.phones.get(one.client, []),
        "to": sick.people.get(chosen.who, "") if chosen else "",
    }


def _row(one: Orphan, form: Form, sick: _Sick) -> dict[str, Any]:
    others = [sick.people[who] for who in one.others if who in sick.people]
    return {
        "field": form.fields[f"b{one.id}"],
        "others": i18n.listing(others),
        "note": one.note,
        "state": "now" if one.proposed else "given" if one.at_its_time else "later" if one.later else "nobody",
    }


def _crew_row(one: Orphan, sick: _Sick) -> dict[str, str]:
    assert one.crew is not None
    return {
        "time": _bookings.span_words(one.starts_at, one.ends_at, one.zone),
        "client": sick.clients.get(one.client, ""),
        "crew": sick.people.get(one.crew, ""),
        "url": f"{url(one.crew)}/crew",
    }


@post(ONE, opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def stand_in(request: Req, person: FromPath[int]) -> Response[Any]:
    sick = await _look(request, person)
    sent = list((await read_body(request)).texts)

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        outcome = await _stand_in(intent, sick, values)
        return replace(outcome, result={**outcome.result, "operation": outcome.operation_id})

    return await look_first(
        request,
        NAME,
        sick.spec(sent),
        act=act,
        show=lambda asked, form, status, effects: _show(asked, sick, form, status, effects),
        then=lambda did: f"{url(sick.person.id)}/stand-in?on={sick.on}&done={did['operation']}",
    )


async def _stand_in(intent: Intent, sick: _Sick, values: Mapping[str, Any]) -> Outcome[Any]:
    takers = {BookingId(int(name[1:])): value for name, value in values.items() if name[:1] == "b" and value}
    if elsewhere := [one.id for one in sick.open if one.id in takers and _leaves_day(one, takers[one.id])]:
        raise Invalid({f"b{one}": Problem("problem.choice") for one in elsewhere})
    chosen = [_arranged(booking, taker, sick.person.id) for booking, taker in takers.items()]
    seen = {booking: taker.version for booking, taker in takers.items()}
    ill = bool(values.get("ill"))
    try:
        return await standing_in.stand_in(intent, sick.person.id, sick.on, tuple(chosen), ill, seen)
    except Stale as stale:
        raise Invalid(_meanwhile(stale.entity_id, sick)) from stale
    except Invalid as wrong:
        if "starts" not in wrong.problems:
            raise
        blamed = {f"b{one}": why for one, why in wrong.by_entity.items()}
        raise Invalid({**blamed, **_colliding(sick, takers)} or wrong.problems) from wrong


def _colliding(sick: _Sick, takers: Mapping[BookingId, _Taker]) -> dict[str, Problem]:
    """Which choices of the page are too much together, each at the later one of both by the name of the earlier."""
    given: list[tuple[Orphan, Chance]] = []
    found: dict[str, Problem] = {}
    for one in sick.open:
        taker = takers.get(one.id)
        mine = next((each for each in (*one.at_its_time, *one.later) if taker and _is(taker, each)), None)
        if mine is None:
            continue
        if above := next((other for other, chance in given if mine.meets(chance)), None):
            said = {
                "who": sick.people.get(mine.who, ""),
                "time": i18n.time_of_day(above.starts_at, above.zone),
                "client": sick.clients.get(above.client, ""),
            }
            found[f"b{one.id}"] = Problem("problem.taken_above", said)
        else:
            given.append((one, mine))
    return found


def _is(taker: _Taker, one: Chance) -> bool:
    return (taker.who, taker.start) == (one.who, places.minute(one.starts_at))


def _leaves_day(one: Orphan, taker: _Taker) -> bool:
    """Whether a booking would go to another date, which the form does not offer."""
    start = places.instant(taker.start)
    return clock.business_date(start, one.zone) != clock.business_date(one.starts_at, one.zone)


def _meanwhile(booking: int, sick: _Sick) -> dict[str, Problem]:
    """That a booking was changed since the page was shown: at its field, if it is still one of somebody's."""
    if booking in {one.id for one in sick.open}:
        return {f"b{booking}": Problem("problem.booking_meanwhile")}
    return {"bookings": Problem("problem.bookings_meanwhile")}


def _arranged(booking: BookingId, taker: _Taker, person: BookableId) -> Arrangement:
    return Arrangement(booking, places.instant(taker.start), ((person, taker.who),))


ROUTES = [show, stand_in]
