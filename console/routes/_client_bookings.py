"""The bookings of a client, as their card shows them, and all of them."""

from __future__ import annotations

from typing import Any

from console import i18n
from console.domain import clock
from console.domain.booking import cards, series_views
from console.domain.clients.queries import ClientView
from console.domain.team.rules import Permission
from console.routes import _bookings as words
from console.routes import _series
from console.routes._page import Req
from console.series_wording import rule_words

MOST_UPCOMING = 8
MOST_PAST = 8
MOST = 1000
"""Of either on the page of all."""


async def bookings(
    request: Req, one: ClientView, most_upcoming: int = MOST_UPCOMING, most_past: int = MOST_PAST
) -> dict[str, Any]:
    """What is to come, what was, and what has no place yet; whether one more may be booked.

    `all_upcoming`: how many are to come where not all are shown, else 0; `more_past`: whether there was more.
    """
    now = clock.now()
    found = await cards.of_client(one.id, now, most_upcoming, most_past + 1)
    return {
        "upcoming": [words.line(request, b) for b in found.upcoming],
        "all_upcoming": found.count if found.count > most_upcoming else 0,
        "past": [words.line(request, b) for b in found.past[:most_past]],
        "more_past": len(found.past) > most_past,
        "clashing": await _clashing(request, one),
        "may_read": request.user.actor.may(Permission.BOOKING_READ),
        "may_book": request.user.actor.may(Permission.BOOKING_CHANGE) and one.retired_at is None,
    }


async def _clashing(request: Req, one: ClientView) -> list[dict[str, str]]:
    """The series of a client of which dates have no place yet, each with those dates."""
    found = await series_views.clashes_of(one.id, clock.now())
    known = await series_views.several([clash.series for clash in found]) if found else {}
    return [
        {
            "url": f"{_series.url(of.id)}#clashes",
            "rule": i18n.upper_first(rule_words(of.rule, of.minute)),
            "days": "; ".join(_series.day_in_sentence(clash.on, of.zone) for clash in found if clash.series == of.id),
        }
        for of in known.values()
    ]
