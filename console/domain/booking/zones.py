"""A location stays in its zone while bookings are to come there: their dates and hours are by its wall."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console.domain import db
from console.domain.booking.rules import STANDING
from console.domain.errors import Invalid, Problem, at_field, constraint
from console.domain.running import Operation, watching

constraint("location_zone_booked", at_field("zone", "problem.zone_in_use"))

_AHEAD = """
    SELECT count(b.id) FROM location l JOIN booking b ON b.location = l.id AND b.retired_at IS NULL AND b.ends_at > $3
        AND b.starts_at > $3::timestamptz - interval '100 hours' AND b.status = ANY($4::text[])
    WHERE l.id = $1 AND l.zone <> $2
"""


@watching("location")
class StaysInItsZone:
    """Refuses another zone, at its field and with how many bookings are to come; the database does so as well."""

    def __init__(self, op: Operation) -> None:
        self.op = op
        self.zones: dict[int, str] = {}

    async def before(self, table: str, row_id: int | None, values: Mapping[str, Any]) -> None:
        if row_id is not None:
            self.zones.setdefault(row_id, values["zone"])

    async def after(self) -> None:
        standing = [one.value for one in STANDING]
        for location, zone in self.zones.items():
            if count := await db.fetchval(_AHEAD, location, zone, self.op.now, standing):
                raise Invalid({"zone": Problem("problem.zone_booked", {"count": count})})
