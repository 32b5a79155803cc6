"""What the services of a booking cost when it is booked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from console.domain import db
from console.domain.booking.rules import Part


async def quotes(parts: Sequence[Part], day: date) -> list[tuple[int, str] | None]:
    """The price of each part on a business date, in minor units; None where a service has no price yet.

    Whoever does it may have a price of their own; of several the highest counts.
    """
    services = sorted({part.service for part in parts})
    rows = await db.fetch(
        "SELECT s.id, p.minor, p.currency FROM service s CROSS JOIN LATERAL (SELECT minor, currency FROM price"
        " WHERE service = s.id AND retired_at IS NULL AND valid_from <= $2 ORDER BY valid_from DESC LIMIT 1) p"
        " WHERE s.id = ANY($1::bigint[])",
        services,
        day,
    )
    usual = {row["id"]: (row["minor"], row["currency"]) for row in rows}
    skills = await db.fetch(
        "SELECT service, bookable, minor, currency FROM skill"
        " WHERE service = ANY($1::bigint[]) AND retired_at IS NULL AND minor IS NOT NULL",
        services,
    )
    own = {(row["service"], row["bookable"]): (row["minor"], row["currency"]) for row in skills}
    return [
        max((own[part.service, who] for who in part.bookables if (part.service, who) in own), default=None)
        or usual.get(part.service)
        for part in parts
    ]
