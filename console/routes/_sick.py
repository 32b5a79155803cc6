"""Somebody who is ill: their bookings of a day, and the fields in which it is said who takes each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from console import i18n
from console.domain import clock
from console.domain.booking import places, standing_in
from console.domain.booking.standing_in import Chance, Orphan
from console.domain.clients.queries import ClientView
from console.domain.clients.queries import clients as clients_of
from console.domain.errors import NotFound
from console.domain.ids import BookableId
from console.domain.roster import queries as roster
from console.domain.roster.queries import BookableView
from console.domain.roster.rules import BookableKind
from console.domain.team.rules import Permission
from console.routes import _fields as f
from console.routes import _series
from console.routes._fields import Bad
from console.routes._found_clients import phone_words
from console.routes._look_first import EXPECTED
from console.routes._page import Req
from console.routes._team import url
from console.routes._times import span_words, time_words

LEAVE = "leave"
ILL = f.tick("ill", label="field.ill")


@dataclass(frozen=True)
class Taker:
    """When somebody takes a booking (minutes since the epoch), and the version of it that the page showed."""

    start: int
    who: BookableId
    version: int


Chosen = Taker | None
"""None: it stays."""


def _chosen(typed: str) -> Chosen:
    if typed == LEAVE:
        return None
    parts = typed.split(".")
    if len(parts) != 3 or not all(one.isascii() and one.isdigit() and len(one) < 10 for one in parts):
        raise Bad("problem.choice")
    start, who, version = map(int, parts)
    return Taker(start, BookableId(who), version)


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
        (_value(one, chance), f"{time_words(chance.starts_at, one.zone)}, {people.get(chance.who, '')}")
        for chance in one.later
    ]
    choices = [*at_once, *later, (LEAVE, i18n.words("words.leave_with", {"name": person}))]
    loads = {_value(one, chance): _load_words(chance) for chance in (*one.at_its_time, *one.later)}
    time = span_words(one.starts_at, one.ends_at, one.zone)
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
class Sick:
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


async def look(request: Req, person: int) -> Sick:
    one = await _person(person)
    on, now = await _day(request, one.id)
    found = await standing_in.orphans(one.id, on, clock.now())
    those = await clients_of(list({each.client for each in found}))
    may = request.user.actor.may(Permission.TIME_OFF_CHANGE)
    services = await _series.service_names(request)
    people, clients = await _series.doers(), _series.called(those)
    off = await roster.is_off(one.id, on)
    return Sick(one, on, now, found, people, clients, phones(those), services, may, off)


def phones(those: Sequence[ClientView]) -> dict[int, list[dict[str, str]]]:
    """The first phone of clients, as links."""
    return {
        one.id: [{"to": f"tel:{phone.number}", "number": phone_words(phone.number)} for phone in one.phones[:1]]
        for one in those
    }


def crew_row(one: Orphan, sick: Sick) -> dict[str, str]:
    assert one.crew is not None
    return {
        "time": span_words(one.starts_at, one.ends_at, one.zone),
        "client": sick.clients.get(one.client, ""),
        "crew": sick.people.get(one.crew, ""),
        "url": f"{url(one.crew)}/crew",
    }
