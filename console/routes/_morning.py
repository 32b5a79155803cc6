"""What a desk takes over in the morning: who comes, what was left open, who has not confirmed, who called off, whom to
call back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from console.domain import clock
from console.domain.booking import ahead
from console.domain.booking.ahead import Ahead
from console.domain.booking.cards import BookingView
from console.domain.tickets import listing
from console.domain.tickets.listing import Wanted
from console.domain.tickets.rules import TicketChannel, TicketStatus
from console.routes import _bookings, _tickets
from console.routes._page import Req
from console.routes._times import time_words

MOST = 8
"""Bookings of each sort, and tickets, that the start page shows."""


async def day(request: Req, now: datetime) -> dict[str, Any]:
    """The bookings of each sort (`ahead.Ahead`) as rows."""
    seen = await ahead.ahead(now, MOST)
    sorts: dict[str, Sequence[BookingView]] = {one.name: getattr(seen, one.name) for one in fields(Ahead)}
    called = await _bookings.called({one.client for found in sorts.values() for one in found})

    def row(one: BookingView) -> dict[str, Any]:
        return {
            **_bookings.line(request, one),
            **called[one.client],
            "time": time_words(one.starts_at, one.zone),
            "day": _bookings.day_words(_bookings.business_day(one), one.zone),
            "version": one.version,
            "agenda": _bookings.day_url(_bookings.business_day(one), one.location),
        }

    return {name: [row(one) for one in found] for name, found in sorts.items()}


async def call_backs(request: Req) -> list[dict[str, Any]]:
    """Tickets by phone that wait for an answer of the signed-in person's, or of anybody's, those due first."""
    by_phone = Wanted(statuses=(TicketStatus.OPEN,), channel=TicketChannel.PHONE)
    mine = await listing.page(replace(by_phone, assignee=request.user.actor.id), most=MOST)
    nobodys = await listing.page(replace(by_phone, unassigned=True), most=MOST)
    both = [*mine.rows, *nobodys.rows]
    if not both:
        return []
    now = clock.now()
    found = sorted(both, key=lambda one: (one.due_at is None, one.due_at or now, one.id))[:MOST]
    called = await _bookings.called({one.client for one in found if one.client})
    rows = await _tickets.rows(request, found)
    return [{"row": row, "client": called.get(one.client or 0)} for one, row in zip(found, rows, strict=True)]
