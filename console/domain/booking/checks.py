"""What must be true of bookings; `console doctor` runs these."""

from __future__ import annotations

from console.domain import db


async def occupancy_follows_from_bookings() -> list[str]:
    """Every standing booking occupies just those who do it, crews with all who are in them, buffers inside.

    What a crew did before the zone of its location became another one was by the dates of then.
    """
    rows = await db.fetch(
        """
        WITH meant AS (SELECT booking, bookable, during FROM booked(ARRAY(SELECT id FROM booking))),
            kept AS (SELECT booking, bookable, during FROM occupancy WHERE booking IS NOT NULL)
        SELECT DISTINCT booking FROM (
            (SELECT * FROM meant EXCEPT SELECT * FROM kept) UNION ALL (SELECT * FROM kept EXCEPT SELECT * FROM meant)
        ) AS differs WHERE NOT EXISTS (
            SELECT FROM booking b JOIN change c ON c.entity = 'location' AND c.entity_id = b.location
            WHERE b.id = booking AND b.ends_at <= now() AND 'zone' = ANY (c.fields) AND NOT c.created
        ) ORDER BY booking LIMIT 20
        """
    )
    return [f"booking {row['booking']} occupies others or other times than it says" for row in rows]


async def ordinary_bookings_never_meet() -> list[str]:
    """Nobody is in two places at once but where a booking was permitted to lie over others."""
    # Where any two meet, two that follow one another do: one sort instead of a look at all pairs.
    rows = await db.fetch(
        "SELECT least(booking, last) AS one, greatest(booking, last) AS other FROM ("
        "  SELECT o.booking, o.during, lag(o.booking) OVER before AS last, lag(o.during) OVER before AS last_during"
        "  FROM occupancy o JOIN booking b ON b.id = o.booking AND b.overbooked IS NULL"
        "  WINDOW before AS (PARTITION BY o.bookable ORDER BY lower(o.during), o.id)"
        " ) AS pair WHERE during && last_during LIMIT 20"
    )
    return [f"bookings {row['one']} and {row['other']} are at one time by one person or thing" for row in rows]


async def time_off_is_what_bookings_leave() -> list[str]:
    """The occupancy by time off is the time off without what else occupies somebody then."""
    rows = await db.fetch(
        """
        SELECT t.id FROM time_off t CROSS JOIN LATERAL (
            SELECT coalesce(range_agg(o.during) FILTER (WHERE o.time_off = t.id), '{}') AS kept,
                coalesce(range_agg(o.during) FILTER (WHERE o.time_off IS DISTINCT FROM t.id), '{}') AS others
            FROM occupancy o WHERE o.bookable = t.bookable AND o.during && range_merge(time_off_instants(t))
        ) AS shown
        WHERE CASE WHEN t.retired_at IS NULL THEN shown.kept <> time_off_instants(t) - shown.others
            ELSE NOT isempty(shown.kept) END ORDER BY t.id LIMIT 20
        """
    )
    return [f"time off {row['id']} does not occupy what bookings leave of it" for row in rows]


async def statuses_have_their_reasons() -> list[str]:
    """The status of a booking is the one that somebody brought it to last."""
    rows = await db.fetch(
        "SELECT b.id FROM booking b WHERE b.retired_at IS NULL AND b.status IS DISTINCT FROM (SELECT s.status"
        " FROM status_change s WHERE s.booking = b.id AND s.retired_at IS NULL ORDER BY s.id DESC LIMIT 1)"
        " ORDER BY b.id LIMIT 20"
    )
    return [f"booking {row['id']} has a status that nobody brought it to" for row in rows]


async def bookings_last_as_long_as_their_services() -> list[str]:
    """A booking begins with the first of its services and ends with the last."""
    rows = await db.fetch(
        "SELECT b.id FROM booking b LEFT JOIN (SELECT booking, min(starts_at) AS starts_at, max(ends_at) AS ends_at"
        "  FROM booking_item WHERE retired_at IS NULL GROUP BY booking) own ON own.booking = b.id"
        " WHERE b.retired_at IS NULL"
        " AND (b.starts_at IS DISTINCT FROM own.starts_at OR b.ends_at IS DISTINCT FROM own.ends_at)"
        " ORDER BY b.id LIMIT 20"
    )
    return [f"booking {row['id']} begins or ends at another time than its services" for row in rows]


async def bookings_to_come_have_who_and_where() -> list[str]:
    """No booking to come lies in a location that is closed, and each of its services has who or what does it.

    Somebody who is out of the plan is no damage: what is theirs stands in the list of what is to be moved.
    """
    rows = await db.fetch(
        "SELECT b.id, l.retired_at IS NOT NULL AS closed FROM booking b JOIN location l ON l.id = b.location"
        " WHERE b.retired_at IS NULL AND b.status IN ('booked', 'confirmed') AND b.ends_at > now()"
        " AND (l.retired_at IS NOT NULL OR EXISTS (SELECT FROM booking_item i"
        "  WHERE i.booking = b.id AND i.retired_at IS NULL"
        "  AND NOT EXISTS (SELECT FROM assignment a WHERE a.item = i.id AND a.retired_at IS NULL)))"
        " ORDER BY b.starts_at, b.id LIMIT 20"
    )
    where = {True: "is to come in a location that is closed", False: "is to come with a service that nobody does"}
    return [f"booking {row['id']} {where[row['closed']]}" for row in rows]


async def lists_name_what_there_is() -> list[str]:
    """Crews are made of people in the plan's books, series of services in the catalogue."""
    rows = await db.fetch(
        "SELECT 'the list ' || l.id || ' of crew ' || l.crew AS list FROM crew_list l WHERE EXISTS ("
        "  SELECT FROM unnest(l.members) AS m (id) LEFT JOIN bookable b ON b.id = m.id"
        "  WHERE b.kind IS DISTINCT FROM 'person')"
        " UNION ALL SELECT 'series ' || s.id FROM series s WHERE EXISTS ("
        "  SELECT FROM unnest(s.services) AS m (id) LEFT JOIN service v ON v.id = m.id WHERE v.id IS NULL)"
        " ORDER BY 1 LIMIT 20"
    )
    return [f"{row['list']} names what is not there" for row in rows]


CHECKS = (
    occupancy_follows_from_bookings,
    ordinary_bookings_never_meet,
    time_off_is_what_bookings_leave,
    statuses_have_their_reasons,
    bookings_last_as_long_as_their_services,
    bookings_to_come_have_who_and_where,
    lists_name_what_there_is,
)
