"""A booking as its client may be told of it, on the page of their link, in a message or in their calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.domain import db
from console.domain.booking import cards
from console.domain.booking.cards import BookingView
from console.domain.errors import NotFound
from console.domain.ids import BookingId


@dataclass(frozen=True)
class ToldClient:
    """A booking, and where its client finds us.

    `language`: the client's where the business speaks it, else the business's own. `address` and `phone` are those of
    the business where its location has none. `gone`: the client was erased, or an undo took the booking back.
    """

    booking: BookingView
    language: str
    business: str
    address: str | None
    phone: str | None
    gone: bool


_FOUND_AT = """
    SELECT b.id, CASE WHEN p.language = ANY(u.languages) THEN p.language ELSE u.language END AS language,
        u.name AS business, coalesce(l.address, u.address) AS address, coalesce(l.phone, u.phone) AS phone,
        c.erased_at IS NOT NULL OR b.retired_at IS NOT NULL AS gone
    FROM booking b JOIN client c ON c.id = b.client JOIN location l ON l.id = b.location
        LEFT JOIN client_profile p ON p.client = c.id CROSS JOIN business u
    WHERE b.id = ANY($1::bigint[])
"""


async def told_client(booking: BookingId) -> ToldClient:
    """Raises `NotFound`."""
    found = await told_clients([booking])
    if not found:
        raise NotFound
    return found[0]


async def told_clients(bookings: Sequence[BookingId]) -> list[ToldClient]:
    """Some bookings in the order of time."""
    about = {row["id"]: dict(row) for row in await db.fetch(_FOUND_AT, list(bookings))}
    found = []
    for one in await cards.those(bookings):
        found.append(ToldClient(one, **{name: value for name, value in about[one.id].items() if name != "id"}))
    return found
