"""What an agenda marks of its clients' loyalty, and its revision, which that is a part of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from console.domain import db
from console.domain.booking import agenda_revision
from console.domain.business.queries import LocationView
from console.domain.ids import BookingId
from console.domain.loyalty import queries
from console.domain.revision import of_rows

_OF_CLIENTS = "SELECT {} FROM {} WHERE client IN (SELECT client FROM shown)"
_LOYALTY = (
    _OF_CLIENTS.format("sum(hashtextextended(concat_ws(' ', id, free_visits > 0, drops_on), 0))", "loyalty_account"),
    _OF_CLIENTS.format(of_rows("fixed_card"), "fixed_card"),
    f"SELECT {of_rows('programme_version')} FROM programme_version",  # noqa: S608
)
"""SQL for what of loyalty is shown of the bookings that are `shown`."""

_MARKS = """
    SELECT b.id, a.free_visits > 0 AS is_free, a.drops_on IS NOT NULL AND NOT EXISTS
        (SELECT FROM fixed_card f WHERE f.client = b.client AND f.retired_at IS NULL) AS is_at_risk
    FROM booking b JOIN loyalty_account a ON a.client = b.client
    WHERE b.id = ANY($1::bigint[]) AND (a.free_visits > 0 OR a.drops_on IS NOT NULL)
"""


@dataclass(frozen=True)
class Marks:
    """Of whoever comes: whether the next visit is free, and whether a warning about their tier is open."""

    is_free: bool = False
    is_at_risk: bool = False


NONE = Marks()


async def revision(location: LocationView, first: date, days: int = 1) -> str:
    """The revision of an agenda with its marks. One statement."""
    return await agenda_revision.revision(location, first, days, _LOYALTY)


async def marks(bookings: Collection[BookingId], today: date) -> Mapping[BookingId, Marks]:
    """The marks of bookings by the version in force today; one without any is left out. Two statements."""
    rows = await db.fetch(_MARKS, list(bookings))
    rules = (await queries.versions()).on(today)
    return {
        row["id"]: Marks(row["is_free"] and rules.counter is not None, row["is_at_risk"] and rules.tiers is not None)
        for row in rows
    }
