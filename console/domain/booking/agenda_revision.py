"""A revision of an agenda: one statement that says whether anything changed of what it shows."""

from __future__ import annotations

from datetime import date

from console.domain import db
from console.domain.booking.lying import LONGEST_BOOKING, around
from console.domain.business.queries import LocationView

_REVISION = """
    WITH here AS (SELECT DISTINCT bookable AS id FROM schedule WHERE location = $1 AND retired_at IS NULL),
    shown AS (
        SELECT id, version, client FROM booking WHERE location = $1 AND retired_at IS NULL
            AND starts_at >= $2::timestamptz - $4::interval AND starts_at < $3 AND ends_at > $2
    )
    SELECT concat_ws('.',
        (SELECT sum(hashint8extended(id, version)) FROM shown),
        (SELECT sum(hashint8extended(a.id, a.version)) FROM shown JOIN booking_item i ON i.booking = shown.id
            AND i.retired_at IS NULL JOIN assignment a ON a.item = i.id AND a.retired_at IS NULL),
        (SELECT sum(hashint8extended(p.id, p.version)) FROM client_profile p
            WHERE p.client IN (SELECT client FROM shown)),
        (SELECT sum(hashint8extended(n.id, n.version)) FROM client_note n
            WHERE n.client IN (SELECT client FROM shown) AND n.loud AND n.retired_at IS NULL),
        (SELECT sum(hashint8extended(o.id, o.lane)) FROM here JOIN occupancy o ON o.bookable = here.id
            AND o.during && tstzrange($2, $3) AND (o.kind <> 'hold' OR o.expires_at > clock_timestamp())),
        (SELECT sum(hashint8extended(id, version)) FROM time_off WHERE retired_at IS NULL
            AND last >= $2::date - 2 AND first <= $3::date + 2),
        (SELECT sum(hashint8extended(id, version)) FROM schedule WHERE retired_at IS NULL),
        (SELECT sum(hashint8extended(id, version)) FROM holiday WHERE retired_at IS NULL
            AND date BETWEEN $2::date - 2 AND $3::date + 2),
        (SELECT sum(hashint8extended(id, version)) FROM bookable),
        (SELECT sum(hashint8extended(id, version)) FROM crew_list WHERE retired_at IS NULL),
        (SELECT sum(hashint8extended(id, version)) FROM skill WHERE retired_at IS NULL),
        (SELECT sum(hashint8extended(id, version)) FROM location),
        (SELECT sum(hashint8extended(id, version)) FROM service)
    )
"""


async def revision(location: LocationView, first: date, days: int = 1) -> str:
    """A text that is another one as soon as anything changes that the agenda of some days shows. One statement.

    It also changes when a hold runs out.
    """
    span = around(location, first, days)
    return str(await db.fetchval(_REVISION, location.id, *span, LONGEST_BOOKING))
