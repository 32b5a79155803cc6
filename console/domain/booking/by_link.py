"""Bookings as their clients answer to them by a link that proves who they are, without signing in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from console.domain import db
from console.domain.booking.cards import BookingView
from console.domain.booking.rules import MOVABLE, Status, UnlawfulMove
from console.domain.booking.told_client import ToldClient, told_client
from console.domain.ids import CLIENT_ACTOR, BookingId, ClientId
from console.domain.intent import Actor
from console.domain.team.browsers import Browser
from console.domain.team.rules import Permission
from console.domain.team.throttles import count, give_back, of_network


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
    key = of_network("link", browser)
    await count(key, WRONG_LINKS, now)
    client = await db.fetchval("SELECT client FROM booking WHERE id = $1", booking or 0)
    if not proves(BookingId(booking or 0), ClientId(client or 0)) or booking is None:
        return None
    await give_back(key)
    told = await told_client(booking)
    return told if is_shown(told, now) else None


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
