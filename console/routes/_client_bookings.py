"""The bookings of a client, as their card shows them."""

from __future__ import annotations

from typing import Any

from console.domain import clock
from console.domain.booking import cards
from console.domain.clients.queries import ClientView
from console.domain.team.rules import Permission
from console.routes import _bookings as words
from console.routes._page import Req

MOST_UPCOMING = 8
MOST_PAST = 8


async def bookings(request: Req, one: ClientView) -> dict[str, Any]:
    """What is to come, and what was; whether one more may be booked."""
    now = clock.now()
    return {
        "upcoming": [words.line(request, b) for b in await cards.upcoming(one.id, now, MOST_UPCOMING)],
        "past": [words.line(request, b) for b in await cards.past(one.id, now, MOST_PAST)],
        "may_read": request.user.actor.may(Permission.BOOKING_READ),
        "may_book": request.user.actor.may(Permission.BOOKING_CHANGE) and one.retired_at is None,
    }
