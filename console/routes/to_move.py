"""Bookings to move: what lies where nobody would be put any more, or all to come at a location that is to close."""

from __future__ import annotations

from typing import Any

from litestar import Response, get

from console import i18n
from console.domain import clock
from console.domain.booking import cards
from console.domain.booking.astray import astray, to_come
from console.domain.team.rules import Permission
from console.routes import _bookings as words
from console.routes import _to_move
from console.routes._page import Req, page
from console.routes._toasts import TO_MOVE

MOST_SHOWN = 200


@get(TO_MOVE, opt=words.READ)
async def show(request: Req) -> Response[Any]:
    where, who = _to_move.asked(request)
    now = clock.now()
    why: dict[int, str] = {}
    if where and request.query_params.get("all"):
        found = await to_come(where, now, MOST_SHOWN)
    else:
        lost = await astray(now, where, who)
        why = {one.booking: _to_move.why(one) for one in lost}
        found = await cards.those(list(why)[:MOST_SHOWN])
    names = await words.names(found)
    rows = [{**words.line(request, one), "name": names[one.client], "why": why.get(one.id, "")} for one in found]
    may_change = request.user.actor.may(Permission.BOOKING_CHANGE)
    return await page(request, "bookings/to_move.html", i18n.gettext("title.to_move"), rows=rows, may_change=may_change)


ROUTES = [show]
