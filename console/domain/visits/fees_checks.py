"""What must be true of fees; `console doctor` runs these."""

from __future__ import annotations

from console.domain import db
from console.domain.visits.tills_queries import MOVES


async def fees_are_for_what_was_called_off() -> list[str]:
    """A fee that is owed is for a booking that the client called off late, or did not come to.

    One that was put elsewhere since may stand: what was called off then is asked all the same.
    """
    rows = await db.fetch(
        "SELECT f.id FROM fee f JOIN booking b ON b.id = f.booking JOIN status_change s ON s.id = f.status_change"
        " WHERE f.retired_at IS NULL AND f.waived IS NULL"
        " AND (SELECT coalesce(sum(p.minor), 0) FROM fee_payment p WHERE p.fee = f.id) = 0"
        " AND (b.retired_at IS NOT NULL OR s.retired_at IS NOT NULL OR b.status NOT IN ('cancelled', 'no_show')"
        "  AND NOT EXISTS (SELECT FROM change mine JOIN change c ON c.id > mine.id AND c.entity = 'booking'"
        "    AND c.entity_id = b.id AND 'starts_at' = ANY(c.fields)"
        "   WHERE mine.entity = 'status_change' AND mine.entity_id = s.id AND mine.created))"
        " ORDER BY f.id LIMIT 20"
    )
    return [f"fee {row['id']} is owed for a booking that was not called off" for row in rows]


async def fees_are_paid_once() -> list[str]:
    """Of a fee nothing is paid beyond it, and nothing given back beyond what was paid."""
    rows = await db.fetch(
        "SELECT f.id FROM fee f JOIN fee_payment p ON p.fee = f.id GROUP BY f.id"
        " HAVING sum(p.minor) NOT BETWEEN 0 AND f.minor OR bool_or(p.currency <> f.currency) ORDER BY f.id LIMIT 20"
    )
    return [f"fee {row['id']} is paid beyond what it is" for row in rows]


async def closes_hold_what_was_counted() -> list[str]:
    """A close of a till holds by method what its payments come to, and begins with what the one before left."""
    rows = await db.fetch(
        f"""
        WITH sums AS (SELECT e.till_close, m.method, m.currency, sum(m.minor) AS taken FROM till_entry e
                JOIN ({MOVES}) m ON m.payment = e.payment OR m.fee_payment = e.fee_payment GROUP BY 1, 2, 3),
            before AS (SELECT c.id, (SELECT max(b.id) FROM till_close b WHERE b.location = c.location AND b.id < c.id)
                AS before FROM till_close c)
        SELECT c.id FROM till_close c WHERE EXISTS (
                SELECT FROM sums s FULL JOIN (SELECT * FROM till_count WHERE till_close = c.id) t
                    ON (t.method, t.currency) = (s.method, s.currency)
                WHERE coalesce(s.till_close, c.id) = c.id AND coalesce(s.taken, 0) <> coalesce(t.taken, 0))
            OR EXISTS (SELECT FROM till_count t JOIN before b ON b.id = c.id LEFT JOIN till_count l
                ON l.till_close = b.before AND (l.method, l.currency) = (t.method, t.currency)
                WHERE t.till_close = c.id AND t.opening <> coalesce(l.leaves, 0))
        ORDER BY c.id LIMIT 20
        """  # noqa: S608
    )
    return [f"the close {row['id']} of a till is not what went into it" for row in rows]


CHECKS = (fees_are_for_what_was_called_off, fees_are_paid_once, closes_hold_what_was_counted)
