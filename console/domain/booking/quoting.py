"""What the services of a booking cost when it is booked, and what is kept of it when prices change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from console.domain import db
from console.domain.booking.rules import MOVABLE, Part


async def quotes(parts: Sequence[Part], day: date) -> list[tuple[int, str] | None]:
    """The price of each part on a business date, in minor units; None where a service has no price yet.

    Whoever does it may have a price of their own; of several the highest counts. It counts in the currency of the
    service's price alone, or of the business where that has none: amounts in two are not compared.
    """
    services = sorted({part.service for part in parts})
    rows = await db.fetch(
        "SELECT s.id, p.minor, coalesce(p.currency, (SELECT currency FROM business)) AS currency"
        " FROM service s LEFT JOIN LATERAL (SELECT minor, currency FROM price"
        " WHERE service = s.id AND retired_at IS NULL AND valid_from <= $2 ORDER BY valid_from DESC LIMIT 1) p ON true"
        " WHERE s.id = ANY($1::bigint[])",
        services,
        day,
    )
    counts_in = {row["id"]: row["currency"] for row in rows}
    usual = {row["id"]: (row["minor"], row["currency"]) for row in rows if row["minor"] is not None}
    skills = await db.fetch(
        "SELECT service, bookable, minor, currency FROM skill"
        " WHERE service = ANY($1::bigint[]) AND retired_at IS NULL AND minor IS NOT NULL",
        services,
    )
    own = {
        (row["service"], row["bookable"]): (row["minor"], row["currency"])
        for row in skills
        if row["currency"] == counts_in.get(row["service"])
    }
    return [
        max((own[part.service, who] for who in part.bookables if (part.service, who) in own), default=None)
        or usual.get(part.service)
        for part in parts
    ]


@dataclass(frozen=True)
class Kept:
    """How many bookings keep a price, in minor units, that they were quoted; None: they were quoted none."""

    bookings: int
    minor: int | None
    currency: str | None


_KEPT = """
    WITH lying AS MATERIALIZED (
        SELECT i.booking, i.minor, i.currency, (b.starts_at AT TIME ZONE l.zone)::date AS day FROM booking_item i
        JOIN booking b ON b.id = i.booking JOIN location l ON l.id = b.location
        WHERE i.service = $1 AND i.starts_at >= $2::date - 1 AND i.retired_at IS NULL
            AND b.retired_at IS NULL AND b.status = ANY($4::text[])
    )
    SELECT d.day, o.minor, o.currency, count(DISTINCT o.booking) AS bookings
    FROM unnest($3::date[]) AS d (day) JOIN lying o ON o.day >= d.day
    GROUP BY d.day, o.minor, o.currency ORDER BY d.day, bookings DESC, o.minor
"""
"""By the first of the dates, from which on the services lie by an index."""


async def kept(service: int, days: Sequence[date]) -> Mapping[date, Sequence[Kept]]:
    """The prices that bookings to come of a service keep which lie on a date or later, for each of these dates.

    What most of them keep comes first; a date after which there is none is left out.
    """
    found: dict[date, list[Kept]] = {}
    for row in await db.fetch(_KEPT, service, min(days), list(days), [one.value for one in MOVABLE]):
        found.setdefault(row["day"], []).append(Kept(row["bookings"], row["minor"], row["currency"]))
    return found
