"""What must be true of visits and their money; `console doctor` runs these."""

from __future__ import annotations

from console.domain import db


async def visits_cost_what_their_lines_do() -> list[str]:
    """The price of every visit is the sum of its lines, and it has the number of its receipt."""
    rows = await db.fetch(
        "SELECT v.id FROM visit v LEFT JOIN (SELECT visit, sum(unit * quantity - packed - free - discount) AS due"
        "  FROM visit_line GROUP BY visit) own ON own.visit = v.id"
        " WHERE v.due IS DISTINCT FROM own.due OR v.number IS NULL ORDER BY v.id LIMIT 20"
    )
    return [f"visit {row['id']} costs something else than its lines, or has no number" for row in rows]


async def payments_fit_their_visits() -> list[str]:
    """No more is paid for a visit than is owed, nor less than nothing, and nothing for one that was taken back."""
    rows = await db.fetch(
        """
        SELECT v.id FROM visit v
        CROSS JOIN LATERAL (SELECT coalesce(sum(minor) FILTER (WHERE NOT tip), 0) AS paid,
            coalesce(sum(minor) FILTER (WHERE tip), 0) AS tips FROM payment WHERE visit = v.id) taken
        CROSS JOIN LATERAL (SELECT coalesce(sum(minor), 0) AS minor FROM refund
            WHERE visit = v.id AND retired_at IS NULL) back
        WHERE paid < 0 OR tips < 0 OR paid > CASE WHEN v.retired_at IS NULL THEN v.due - back.minor ELSE 0 END
            OR v.retired_at IS NOT NULL AND tips <> 0
        ORDER BY v.id LIMIT 20
        """
    )
    return [f"the payments for visit {row['id']} do not fit its price" for row in rows]


async def spend_is_what_was_paid() -> list[str]:
    """What the ledger says was spent on a visit is the money that was paid for it, on its date and by its client."""
    rows = await db.fetch(
        """
        WITH spent AS (SELECT visit, client, "on", sum(delta) AS minor FROM loyalty_entry WHERE unit = 'spend'
                GROUP BY visit, client, "on" HAVING sum(delta) <> 0),
            paid AS (SELECT v.id AS visit, v.client, v."on", sum(p.minor) AS minor FROM visit v
                JOIN payment p ON p.visit = v.id AND NOT p.tip WHERE v.client IS NOT NULL
                GROUP BY v.id HAVING sum(p.minor) <> 0)
        SELECT DISTINCT visit FROM (
            (SELECT * FROM spent EXCEPT SELECT * FROM paid) UNION ALL (SELECT * FROM paid EXCEPT SELECT * FROM spent)
        ) AS differs ORDER BY visit LIMIT 20
        """
    )
    return [f"the ledger has another sum for visit {row['visit']} than was paid for it" for row in rows]


async def visits_count_for_tiers_as_they_were() -> list[str]:
    """A visit counts once for tiers where it stands, has a service and a price, and used no free visit; else not."""
    rows = await db.fetch(
        """
        WITH counted AS (SELECT visit, client, "on", sum(delta) AS times FROM loyalty_entry WHERE unit = 'visit'
                GROUP BY visit, client, "on" HAVING sum(delta) <> 0),
            counting AS (SELECT v.id AS visit, v.client, v."on", 1::numeric AS times FROM visit v
                JOIN visit_line l ON l.visit = v.id WHERE v.client IS NOT NULL AND v.retired_at IS NULL GROUP BY v.id
                HAVING bool_or(l.service IS NOT NULL) AND sum(l.unit * l.quantity) > 0 AND sum(l.free) = 0)
        SELECT DISTINCT visit FROM (
            (SELECT * FROM counted EXCEPT SELECT * FROM counting)
            UNION ALL (SELECT * FROM counting EXCEPT SELECT * FROM counted)
        ) AS differs ORDER BY visit LIMIT 20
        """
    )
    return [f"visit {row['visit']} counts for tiers otherwise than it was" for row in rows]


async def stamps_are_of_visits_that_earned_them() -> list[str]:
    """Each stamp came by a visit of its client that had a service and used neither a free visit nor a package."""
    rows = await db.fetch(
        """
        SELECT DISTINCT client FROM loyalty_entry e WHERE unit = 'stamp' AND verb = 'earn' AND NOT EXISTS (
            SELECT FROM visit v JOIN visit_line l ON l.visit = v.id
            WHERE v.id = e.visit AND v.client = e.client
            GROUP BY v.id HAVING bool_or(l.service IS NOT NULL) AND sum(l.free) = 0 AND sum(l.packed) = 0)
        ORDER BY client LIMIT 20
        """
    )
    return [f"client {row['client']} has a stamp that no visit has earned" for row in rows]


async def finished_bookings_have_their_visits() -> list[str]:
    """A booking is finished where it has a visit that stands, and nowhere else."""
    rows = await db.fetch(
        "SELECT b.id FROM booking b LEFT JOIN visit v ON v.booking = b.id AND v.retired_at IS NULL"
        " WHERE (b.status = 'finished' AND b.retired_at IS NULL) <> (v.id IS NOT NULL) ORDER BY b.id LIMIT 20"
    )
    return [f"booking {row['id']} is finished without a visit, or has one without being finished" for row in rows]


CHECKS = (
    visits_cost_what_their_lines_do,
    payments_fit_their_visits,
    spend_is_what_was_paid,
    visits_count_for_tiers_as_they_were,
    stamps_are_of_visits_that_earned_them,
    finished_bookings_have_their_visits,
)
