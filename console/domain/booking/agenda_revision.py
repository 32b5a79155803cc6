"""A revision of an agenda: one statement that says whether anything changed of what it shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from console.domain import db
from console.domain.booking.lying import LONGEST_BOOKING, around
from console.domain.business.queries import LocationView
from console.domain.revision import of_rows

_REVISION = f"""
    WITH shown AS (
        SELECT id, version, operation, xmin, client, site FROM booking WHERE location = $1 AND retired_at IS NULL
            AND starts_at >= $2::timestamptz - $4::interval AND starts_at < $3 AND ends_at > $2
    ), doing AS (
        SELECT a.id, a.version, a.operation, a.xmin, a.bookable FROM shown JOIN booking_item i ON i.booking = shown.id
            AND i.retired_at IS NULL JOIN assignment a ON a.item = i.id AND a.retired_at IS NULL
    ), columns AS (
        SELECT bookable AS id FROM schedule WHERE location = $1 AND retired_at IS NULL
        UNION SELECT bookable FROM doing
    ), here AS (
        SELECT id FROM columns UNION SELECT unnest(l.members) FROM crew_list l JOIN columns ON columns.id = l.crew
            WHERE l.retired_at IS NULL
    )
    SELECT md5(concat_ws('.',
        (SELECT {of_rows("shown")} FROM shown),
        (SELECT {of_rows("doing")} FROM doing),
        (SELECT {of_rows("s")} FROM client_site s WHERE s.id IN (SELECT site FROM shown)),
        (SELECT {of_rows("p")} FROM client_profile p
            WHERE p.client IN (SELECT client FROM shown)),
        (SELECT {of_rows("n")} FROM client_note n
            WHERE n.client IN (SELECT client FROM shown) AND n.loud AND n.retired_at IS NULL),
        (SELECT sum(hashtextextended(concat_ws(' ', o.id, o.lane, o.xmin), 0)) FROM here CROSS JOIN LATERAL (
            SELECT id, lane, xmin FROM occupancy WHERE bookable = here.id AND during && tstzrange($2, $3)
                AND (kind <> 'hold' OR expires_at > clock_timestamp()) OFFSET 0) o),
        (SELECT {of_rows("time_off")} FROM time_off WHERE retired_at IS NULL
            AND last >= $2::date - 2 AND first <= $3::date + 2),
        (SELECT {of_rows("schedule")} FROM schedule WHERE retired_at IS NULL),
        (SELECT {of_rows("holiday")} FROM holiday WHERE retired_at IS NULL
            AND date BETWEEN $2::date - 2 AND $3::date + 2),
        (SELECT {of_rows("bookable")} FROM bookable),
        (SELECT {of_rows("crew_list")} FROM crew_list WHERE retired_at IS NULL),
        (SELECT {of_rows("skill")} FROM skill WHERE retired_at IS NULL),
        (SELECT {of_rows("location")} FROM location),
        (SELECT {of_rows("service")} FROM service)
"""  # noqa: S608


async def revision(location: LocationView, first: date, days: int = 1, besides: Sequence[str] = ()) -> str:
    """A text that is another one as soon as anything changes that the agenda of some days shows. One statement.

    It also changes when a hold runs out. `besides`: SQL for what else is shown of the bookings that are `shown`.
    """
    span = around(location, first, days)
    asked = "".join(f", ({one})" for one in besides)
    return str(await db.fetchval(f"{_REVISION}{asked}))", location.id, *span, LONGEST_BOOKING))
