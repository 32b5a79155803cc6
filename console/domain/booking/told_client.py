"""A booking as its client may be told of it, on the page of their link, in a message or in their calendar."""

from __future__ import annotations

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


async def told_client(booking: BookingId) -> ToldClient:
    """Raises `NotFound`."""
    one = await cards.booking(booking)
    row = await db.fetchrow(
        "SELECT CASE WHEN p.language = ANY(u.languages) THEN p.language ELSE u.language END AS language,"
        " u.name AS business, coalesce(l.address, u.address) AS address, coalesce(l.phone, u.phone) AS phone,"
        " c.erased_at IS NOT NULL OR $3 AS gone"
        " FROM client c LEFT JOIN client_profile p ON p.client = c.id CROSS JOIN business u, location l"
        " WHERE c.id = $1 AND l.id = $2",
        one.client,
        one.location,
        one.retired_at is not None,
    )
    if row is None:
        raise NotFound
    return ToldClient(one, **dict(row))
