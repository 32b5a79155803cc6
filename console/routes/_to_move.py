"""Bookings that the plan has left behind, as pages of the plan tell of them."""

from __future__ import annotations

from urllib.parse import urlencode

from console import i18n
from console.domain import clock
from console.domain.booking import agenda_month
from console.domain.booking.astray import Astray, Why, astray, expected
from console.domain.ids import BookableId, LocationId
from console.domain.team.rules import Permission
from console.routes._fields import as_id
from console.routes._page import Req
from console.routes._shelf import Shelf
from console.routes._toasts import TO_MOVE

WHYS: dict[Why, str] = {
    Why.CLOSED: "words.astray_closed",
    Why.GONE: "words.astray_gone",
    Why.AWAY: "words.astray_away",
    Why.ABSENT: "words.astray_absent",
}


def why(one: Astray) -> str:
    """What is in a booking's way."""
    return i18n.words(WHYS[one.why], {"name": one.who or ""})


async def callout(
    request: Req, where: LocationId | None = None, who: BookableId | None = None
) -> dict[str, str] | None:
    """How many bookings are to be moved, and where they are listed; None where there is none, or for who may not see.

    Everywhere, or at a location, or by somebody.
    """
    if not request.user.actor.may(Permission.BOOKING_READ):
        return None
    count = await _count(request, where, who)
    asked = {name: value for name, value in (("place", where), ("person", who)) if value}
    url = f"{TO_MOVE}?{urlencode(asked)}" if asked else TO_MOVE
    return {"words": i18n.words("words.to_move", {"count": count}), "url": url} if count else None


async def _count(request: Req, where: LocationId | None, who: BookableId | None) -> int:
    """How many are to be moved, kept for the hour until anybody does anything at all."""
    kept: Shelf[int] = request.app.state.astray
    now = clock.now()
    key = where, who, now.replace(minute=0, second=0, microsecond=0), await agenda_month.latest()

    async def count() -> int:
        return len(await astray(now, where, who))

    return await kept.get(key, count)


async def expected_at(where: LocationId) -> dict[str, str] | None:
    """How many bookings are to come at a location, and where they are listed; None where there is none."""
    count = await expected(where, clock.now())
    url = f"{TO_MOVE}?{urlencode({'place': where, 'all': 1})}"
    return {"words": i18n.words("words.to_come_here", {"count": count}), "url": url} if count else None


def asked(request: Req) -> tuple[LocationId | None, BookableId | None]:
    """Of which location or person, by the address."""
    place, person = (as_id(request.query_params.get(name, "")) for name in ("place", "person"))
    return LocationId(place) if place else None, BookableId(person) if person else None
