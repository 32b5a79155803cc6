"""Bookings of series that somebody has put where they are: what a series does by itself leaves them there."""

from __future__ import annotations

from collections.abc import Sequence

from console.domain import db
from console.domain.ids import BookingId

BY_ITSELF = ("series.book", "series.extend", "series.move")
"""Kinds of operations that put the bookings of a series where its rule says."""

# An undo puts by hand what it puts elsewhere than where it was.
_BY_HAND = """
    WITH RECURSIVE put AS (
        SELECT c.entity_id AS booking, c.operation FROM change c
        WHERE c.entity = 'booking' AND c.entity_id = ANY($1::bigint[]) AND c.fields && ARRAY['starts_at', 'ends_at']
        UNION SELECT i.booking, c.operation FROM booking_item i JOIN assignment a ON a.item = i.id
        JOIN change c ON c.entity = 'assignment' AND c.entity_id = a.id
            AND (c.created OR 'retired_at' = ANY (c.fields))
        WHERE i.booking = ANY($1::bigint[])
    ), undone AS (
        SELECT put.booking, o.id AS asked, o.id, 0 AS undos FROM put JOIN operation o ON o.id = put.operation
        WHERE CASE WHEN o.undoes IS NULL THEN o.kind <> ALL($2::text[])
            ELSE coalesce(o.result #> '{result,elsewhere}' @> to_jsonb(put.booking), false) END
        UNION ALL SELECT u.booking, u.asked, o.id, u.undos + 1 FROM undone u JOIN operation o ON o.undoes = u.id
    )
    SELECT booking FROM undone GROUP BY booking, asked HAVING max(undos) % 2 = 0
"""


async def put_by_hand(bookings: Sequence[BookingId]) -> set[BookingId]:
    """Those of some bookings of series that stand at a time, or with people, that somebody chose for them alone."""
    rows = await db.fetch(_BY_HAND, list(bookings), list(BY_ITSELF))
    return {BookingId(row["booking"]) for row in rows}
