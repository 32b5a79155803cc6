"""What has to be done before somebody, or a place of theirs, can be erased."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Response

from console import i18n
from console.domain.booking.cards import BookingView
from console.domain.booking.steps import HeldUp
from console.domain.clients.queries import ClientView
from console.routes import _bookings
from console.routes._errors import status_of, words_of
from console.routes._page import Req, page

MOST_HOLDING_UP = 100
"""Bookings that are listed while they hold an erasure up."""


async def not_yet(
    request: Req, client: ClientView, refusal: HeldUp, held: Sequence[BookingView], title: str = "title.client_erasure"
) -> Response[Any]:
    """The refusal, and the bookings that hold it up; `title` is the key of the words above it."""
    return await page(
        request,
        "clients/not_erasable.html",
        i18n.gettext(title),
        status=status_of(refusal),
        client=client,
        base=f"/clients/{client.id}",
        problem=words_of(refusal),
        bookings=[_bookings.line(request, one) for one in held],
    )
