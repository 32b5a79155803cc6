"""What is in the way of taking back money that came or went: what was done since with the visit or the fee of it."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from console.domain import db

_OF_VISITS = """
    WITH mine AS (SELECT operation, entity_id AS visit, min(id) AS id FROM change
            WHERE entity = 'visit' AND operation = ANY($1::bigint[]) GROUP BY operation, entity_id),
        own AS (SELECT mine.operation, r.visit, bool_or(r.retired_at IS NOT NULL) AS again,
                sum(CASE WHEN r.retired_at IS NULL THEN r.minor ELSE -r.minor END) AS minor
            FROM mine JOIN change c ON c.operation = mine.operation AND c.entity = 'refund'
                JOIN refund r ON r.id = c.entity_id AND r.visit = mine.visit AND r.minor > 0
            GROUP BY mine.operation, r.visit),
        would AS (SELECT mine.*, coalesce(own.again, false) AS again, taken.paid < 0 AS below,
                taken.tips < 0 AS of_tips, taken.paid > v.due - (SELECT coalesce(sum(minor), 0) FROM refund
                    WHERE visit = v.id AND retired_at IS NULL) + coalesce(own.minor, 0) AS beyond
            FROM mine JOIN visit v ON v.id = mine.visit
                LEFT JOIN own ON (own.operation, own.visit) = (mine.operation, mine.visit)
                CROSS JOIN LATERAL (SELECT coalesce(sum(minor) FILTER (WHERE NOT tip), 0) AS paid,
                        coalesce(sum(minor) FILTER (WHERE tip), 0) AS tips
                    FROM payment WHERE visit = v.id AND operation <> mine.operation) taken)
    SELECT DISTINCT would.operation AS mine, o.id, o.kind, o.at, o.undoes
    FROM would JOIN change c ON c.id > would.id AND c.created AND c.entity IN ('refund', 'payment')
        LEFT JOIN refund r ON c.entity = 'refund' AND r.id = c.entity_id AND r.visit = would.visit
            AND r.retired_at IS NULL AND r.minor > 0
        LEFT JOIN payment p ON c.entity = 'payment' AND p.id = c.entity_id AND p.visit = would.visit
        JOIN operation o ON o.id = c.operation AND o.id <> would.operation
    WHERE (r."full" OR r.id IS NOT NULL AND (would.again OR would.below)
            OR would.of_tips AND p.tip AND (p.minor < 0 OR o.undoes IS NOT NULL)
            OR would.beyond AND (p.minor > 0 OR p.id IS NOT NULL AND o.undoes IS NOT NULL))
        AND o.undoes IS DISTINCT FROM would.operation
    ORDER BY o.id DESC
"""

_OF_FEES = """
    WITH mine AS (SELECT p.operation, p.fee, -sum(p.minor) AS again, (SELECT min(id) FROM change
                WHERE operation = p.operation AND entity = 'fee' AND entity_id = p.fee) AS id
            FROM fee_payment p WHERE p.operation = ANY($1::bigint[]) GROUP BY p.operation, p.fee
            HAVING sum(p.minor) < 0)
    SELECT DISTINCT mine.operation AS mine, o.id, o.kind, o.at, o.undoes
    FROM mine JOIN fee f ON f.id = mine.fee
        JOIN fee asked ON (asked.booking, asked.cause, asked."on") = (f.booking, f.cause, f."on")
        JOIN change c ON c.id > mine.id AND c.entity = 'fee' AND c.entity_id = asked.id
            AND (asked.id = f.id OR c.created AND asked.retired_at IS NULL)
        JOIN operation o ON o.id = c.operation AND o.id <> mine.operation
    WHERE (asked.id <> f.id OR c.fields && ARRAY['waived', 'retired_at']
            OR mine.again + (SELECT sum(minor) FROM fee_payment WHERE fee = f.id) > f.minor)
        AND o.undoes IS DISTINCT FROM mine.operation
    ORDER BY o.id DESC
"""


async def of_visits(operations: Sequence[int]) -> Sequence[asyncpg.Record]:
    """What came since of the visits that these operations were about, and leaves no room for their inverse.

    A full refund always: what is left of a visit went by it. Of a refund that was undone any refund since: with those
    it may be a full one. Other refunds where less than nothing would be left of the money, tips that went back where
    that would be so of tips, and other payments where more would be paid than is owed.
    """
    return await db.fetch(_OF_VISITS, list(operations))


async def of_fees(operations: Sequence[int]) -> Sequence[asyncpg.Record]:
    """What came since of the fees whose money these operations gave back, so that it cannot be taken again.

    They were waived or taken back, asked anew, or are paid by others.
    """
    return await db.fetch(_OF_FEES, list(operations))


async def of_debts(operations: Sequence[int]) -> Sequence[asyncpg.Record]:
    """Both, the latest first."""
    found = [*await of_visits(operations), *await of_fees(operations)]
    return sorted(found, key=lambda row: row["id"], reverse=True)
