"""What a booking keeps as it was booked, though it could not be booked so any more; and who else can do it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from console.domain import db
from console.domain.ids import BookableId, BookingId


@dataclass(frozen=True)
class Kept:
    """A service, by the names of its languages, that is not offered any more; or with `who` does not do it any more."""

    service: Mapping[str, str]
    who: str | None


async def kept(booking: BookingId) -> list[Kept]:
    """What a booking keeps all the same, in the order of its services."""
    rows = await db.fetch(
        "SELECT s.names, s.retired_at IS NOT NULL AS gone, w.name AS who FROM booking_item i"
        " JOIN service s ON s.id = i.service LEFT JOIN assignment a ON a.item = i.id AND a.retired_at IS NULL"
        " LEFT JOIN bookable w ON w.id = a.bookable AND w.kind IN ('person', 'crew') AND NOT EXISTS ("
        "  SELECT FROM skill k WHERE k.bookable = w.id AND k.service = i.service AND k.retired_at IS NULL)"
        " WHERE i.booking = $1 AND i.retired_at IS NULL AND (s.retired_at IS NOT NULL OR w.id IS NOT NULL)"
        " ORDER BY i.starts_at, i.id, w.id",
        booking,
    )
    found = [Kept(json.loads(row["names"]), None if row["gone"] else row["who"]) for row in rows]
    return [one for at, one in enumerate(found) if one not in found[:at]]


async def able(booking: BookingId) -> frozenset[BookableId]:
    """Who can do a service of a booking; where one person or crew does them all, who can do all of them."""
    rows = await db.fetch(
        "WITH done AS (SELECT DISTINCT i.service, a.bookable FROM booking_item i"
        "  JOIN assignment a ON a.item = i.id AND a.retired_at IS NULL"
        "  JOIN bookable w ON w.id = a.bookable AND w.kind IN ('person', 'crew')"
        "  WHERE i.booking = $1 AND i.retired_at IS NULL)"
        " SELECT k.bookable FROM skill k JOIN (SELECT DISTINCT service FROM done) d ON d.service = k.service"
        " WHERE k.retired_at IS NULL GROUP BY k.bookable HAVING count(*) >="
        "  CASE (SELECT count(DISTINCT bookable) FROM done) WHEN 1"
        "   THEN (SELECT count(DISTINCT service) FROM done) ELSE 1 END",
        booking,
    )
    return frozenset(row["bookable"] for row in rows)
