"""Bookings and series as their clients answer to them by a link that proves who they are, without signing in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple, TypeVar

from console.domain import db
from console.domain.booking.cards import BookingView
from console.domain.booking.rules import MOVABLE, Status, UnlawfulMove
from console.domain.booking.told_client import ToldClient, told_client
from console.domain.booking.told_series import ToldSeries, told_of
from console.domain.ids import CLIENT_ACTOR, BookingId, ClientId, SeriesId
from console.domain.intent import Actor
from console.domain.team.browsers import Browser
from console.domain.team.rules import Permission
from console.domain.team.throttles import count, give_back, of_network

Id = TypeVar("Id", BookingId, SeriesId)


class Most(NamedTuple):
    """How often something may be done with one booking in a window."""

    what: str
    times: int


CLIENT = Actor(CLIENT_ACTOR, frozenset({Permission.BOOKING_CHANGE}))
"""Whichever client answers by their link: the booking says which one."""
WRONG_LINKS = 30
"""Links that are none which one network may try in a window, before all links are shut to it."""
ANSWERS = Most("answer", 20)
"""Answers that may be given to one booking in a window, taken or not: it can only be confirmed and called off."""
LOOKS = Most("look", 20)
"""How often it may be asked in a window what calling off would cost, which is done for it and taken back."""
SHOWN = (*MOVABLE, Status.ARRIVED, Status.CANCELLED)


async def opened(
    booking: BookingId | None, proves: Callable[[BookingId, ClientId], bool], browser: Browser, now: datetime
) -> ToldClient | None:
    """The booking of a link that `proves` to be for it and its client; None where there is nothing to show of it.

    Whether there is such a booking makes no difference: as much is done for one that nobody has. Raises `Throttled`.
    """
    if not await _proved("SELECT client FROM booking WHERE id = $1", booking, proves, browser, now) or booking is None:
        return None
    told = await told_client(booking)
    return told if is_shown(told, now) else None


async def opened_series(
    series: SeriesId | None, proves: Callable[[SeriesId, ClientId], bool], browser: Browser, now: datetime
) -> ToldSeries | None:
    """The same of the link of a series: whatever is shown of its bookings."""
    if not await _proved("SELECT client FROM series WHERE id = $1", series, proves, browser, now) or series is None:
        return None
    those = [one for one in await told_of(series, now) if is_shown(one, now)]
    return ToldSeries(series, those) if those else None


async def _proved(
    whose: str, which: Id | None, proves: Callable[[Id, ClientId], bool], browser: Browser, now: datetime
) -> bool:
    key = of_network("link", browser)
    await count(key, WRONG_LINKS, now)
    client = await db.fetchval(whose, which or 0)
    if which is None or not proves(which, ClientId(client or 0)):
        return False
    await give_back(key)
    return True


def is_shown(told: ToldClient, now: datetime) -> bool:
    """Whether a client is shown a booking at all: until it is over."""
    return not told.gone and told.booking.status in SHOWN and told.booking.ends_at > now


def may_answer(one: BookingView, now: datetime) -> bool:
    """Whether a client may still say that they come, or that they do not: until it begins."""
    return one.status in MOVABLE and one.starts_at > now


def refuse_answer(one: BookingView, now: datetime) -> None:
    """Raise `UnlawfulMove` where a client may answer no more."""
    if not may_answer(one, now):
        raise UnlawfulMove


async def count_of(booking: BookingId, most: Most, now: datetime) -> None:
    """Raises `Throttled`."""
    await count(f"{most.what}:{booking}", most.times, now)


async def count_of_series(series: SeriesId, most: Most, now: datetime) -> None:
    """Raises `Throttled`."""
    await count(f"{most.what}:series:{series}", most.times, now)
