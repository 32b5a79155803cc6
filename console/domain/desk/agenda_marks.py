"""What an agenda marks of its clients' loyalty, and its revision, which that is a part of."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from console.domain import db
from console.domain.booking import agenda_revision
from console.domain.booking.rules import UNDONE
from console.domain.business.queries import LocationView
from console.domain.ids import BookingId
from console.domain.loyalty import queries
from console.domain.loyalty.pauses import until
from console.domain.loyalty.rules.card import Card, Lot
from console.domain.loyalty.rules.coming import are_free
from console.domain.loyalty.rules.live import Span
from console.domain.revision import of_rows

_OF_CLIENTS = "SELECT {} FROM {} WHERE client IN (SELECT client FROM shown)"
_FREE = f"""CASE WHEN free_visits > 0 THEN concat_ws(' ',
        (SELECT max(e.id) FROM loyalty_entry e WHERE e.client = loyalty_account.client AND e.unit = 'free_visit'),
        (SELECT {of_rows("b")} FROM booking b WHERE b.client = loyalty_account.client
            AND b.status IN ({", ".join(f"'{one}'" for one in UNDONE)}))) END"""  # noqa: S608
"""What the bookings to come share of a client's free visits: these, and all of those bookings, shown or not."""
_LOYALTY = (
    _OF_CLIENTS.format(f"sum(hashtextextended(concat_ws(' ', id, drops_on, {_FREE}), 0))", "loyalty_account"),
    _OF_CLIENTS.format(of_rows("fixed_card"), "fixed_card"),
    _OF_CLIENTS.format(of_rows("loyalty_pause"), "loyalty_pause"),
    f"SELECT {of_rows('programme_version')} FROM programme_version",  # noqa: S608
)
"""SQL for what of loyalty is shown of the bookings that are `shown`."""

_MARKS = """
    SELECT b.id, a.drops_on IS NOT NULL AND NOT EXISTS
        (SELECT FROM fixed_card f WHERE f.client = b.client AND f.retired_at IS NULL) AS is_at_risk,
        array(SELECT (array_agg(e.through ORDER BY e.id DESC) FILTER (WHERE e.through IS NOT NULL))[1]
            FROM loyalty_entry e WHERE a.free_visits > 0 AND e.client = a.client AND e.unit = 'free_visit'
            GROUP BY e.lot HAVING sum(e.delta) > 0) AS throughs,
        array(SELECT (first, last) FROM loyalty_pause p WHERE a.free_visits > 0 AND p.client = a.client
            AND p.retired_at IS NULL ORDER BY first, id) AS pauses,
        array(SELECT (o.id, (o.starts_at AT TIME ZONE l.zone)::date) FROM booking o JOIN location l ON l.id = o.location
            WHERE a.free_visits > 0 AND o.client = a.client AND o.retired_at IS NULL AND o.status = ANY($2::text[])
            AND o.starts_at >= $3::date - interval '2 days' ORDER BY o.starts_at, o.id) AS coming
    FROM booking b JOIN loyalty_account a ON a.client = b.client
    WHERE b.id = ANY($1::bigint[]) AND (a.free_visits > 0 OR a.drops_on IS NOT NULL)
"""


@dataclass(frozen=True)
class Marks:
    """Of whoever comes: whether this visit may be a free one, and whether a warning about their tier is open."""

    is_free: bool = False
    is_at_risk: bool = False


NONE = Marks()


async def revision(location: LocationView, first: date, days: int = 1) -> str:
    """The revision of an agenda with its marks. One statement."""
    return await agenda_revision.revision(location, first, days, _LOYALTY)


async def marks(bookings: Collection[BookingId], today: date) -> Mapping[BookingId, Marks]:
    """The marks of bookings by the version in force today; one without any is left out. Two statements.

    Of a client's bookings to come the first ones are free, as many as there are free visits that are good then.
    """
    rows = await db.fetch(_MARKS, list(bookings), [one.value for one in UNDONE], today)
    rules = (await queries.versions()).on(today)
    free = {one for row in rows for one in _free(row, today)} if rules.counter else set()
    return {row["id"]: Marks(row["id"] in free, row["is_at_risk"] and rules.tiers is not None) for row in rows}


def _free(row: Mapping[str, Any], today: date) -> Iterator[BookingId]:
    """Those of a client's bookings that are free. A visit may still be finished a day later."""
    asked = [(booking, on) for booking, on in row["coming"] if on >= today - timedelta(1)]
    card = Card(today, waits=[Span(first, until(last)) for first, last in row["pauses"]])
    free = are_free([on for _, on in asked], [card.last_day(Lot(0, date.min, one)) for one in row["throughs"]])
    return (booking for (booking, _), is_free in zip(asked, free, strict=True) if is_free)
