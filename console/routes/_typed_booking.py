"""The booking that was typed into the omnibox in one line: the first thing to choose, for who may book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from console import i18n
from console.domain.booking import typed
from console.domain.booking.typed import Offered, Wanted
from console.domain.catalogue.queries import services
from console.domain.clients import finding
from console.domain.clients import queries as clients
from console.domain.clients.typed import words
from console.domain.ids import BookableId, ServiceId
from console.domain.revision import revision
from console.domain.team.rules import Permission
from console.domain.text import fold
from console.routes import _bookings, _names, _page
from console.routes._goals import Found
from console.routes._page import Req

FEWEST = 3
"""Words of such a line: a client, a service, a day or an hour."""
READ_FROM = ("service", "bookable")
NEEDS = (Permission.BOOKING_CHANGE, Permission.CLIENT_READ)


async def offer(request: Req, query: str) -> Found | None:
    """What leads to the form with all that was typed; None where that is no booking, or of nobody."""
    if len(query.split()) < FEWEST or not all(request.user.actor.may(one) for one in NEEDS):
        return None
    today = _page.today(request)
    known = await _known(request, today)
    wanted = typed.read(query, today, known.offered)
    whom = await _whom(wanted.client) if wanted else None
    if wanted is None or whom is None:
        return None
    called, asked = whom
    url = f"/bookings/new?{urlencode(asked | _asked(wanted))}"
    return Found.plain(_label(wanted, called, known, today), url, "plus")


@dataclass(frozen=True)
class _Known:
    """What can be booked and by whom, and what each is called."""

    offered: Offered
    services: Mapping[ServiceId, str]
    people: Mapping[BookableId, str]


async def _known(request: Req, today: date) -> _Known:
    """All of it, kept until one of them changes."""
    kept: dict[str, tuple[object, _Known]] = request.app.state.setdefault("bookable_words", {})
    language, good_for = i18n.current(), (await revision(*READ_FROM), today)
    if language not in kept or kept[language][0] != good_for:
        kept[language] = (good_for, await _read(request, today))
    return kept[language][1]


async def _read(request: Req, today: date) -> _Known:
    on = [one for one in await services(today) if one.retired_at is None]
    people = [one for one in await _bookings.doers() if one.retired_at is None]
    return _Known(
        Offered(
            {ServiceId(one.id): _folded(*one.names.values(), one.code) for one in on},
            {one.id: _folded(one.name) for one in people},
        ),
        {ServiceId(one.id): _names.shown(request, one.names) for one in on},
        {one.id: one.name for one in people},
    )


def _folded(*names: str) -> tuple[str, ...]:
    return tuple(word for name in names for word in words(fold(name)))


async def _whom(said: str) -> tuple[str, dict[str, Any]] | None:
    """What the only client who is meant goes by; where there are several, what was said, to choose in the form."""
    hits = [hit for hit in await finding.find(said, limit=2) if hit.no_good is None]
    if len(hits) != 1:
        return (said, {"who": said}) if hits else None
    [client] = await clients.clients([hits[0].client])
    return client.names.shown, {"client": client.id}


def _asked(wanted: Wanted) -> dict[str, Any]:
    minute = None if wanted.minute is None else i18n.clock(wanted.minute)
    asked = {"services_1_service": wanted.service, "on": wanted.on, "time": minute, "person": wanted.person}
    return {name: value for name, value in asked.items() if value is not None}


def _label(wanted: Wanted, called: str, known: _Known, today: date) -> str:
    day = [_near(wanted.on, today)] if wanted.on else []
    said = {
        "what": known.services[wanted.service],
        "client": called,
        "when": ", ".join([*day, *([i18n.clock(wanted.minute)] if wanted.minute is not None else [])]),
    }
    if wanted.person is None:
        return i18n.words("words.book_typed", said)
    return i18n.words("words.book_typed_with", said | {"who": known.people[wanted.person]})


def _near(on: date, today: date) -> str:
    """A date inside a sentence."""
    if on - today <= timedelta(days=1):
        return i18n.near(on, today)
    return i18n.weekday_and_date(on, year=on.year != today.year)
