"""What an operation on a visit did besides the client's card, as consequences: money, the booking, messages."""

from __future__ import annotations

import json

from console.domain import db
from console.domain.booking.rules import Status
from console.domain.ids import BookingId
from console.domain.running import Operation

_MONEY = """
    SELECT p.method, m.names, p.location, p.currency, sum(p.minor)::bigint AS minor
    FROM (SELECT operation, method, location, currency, minor FROM payment
        UNION ALL SELECT operation, method, location, currency, minor FROM fee_payment) p
        JOIN payment_method m ON m.id = p.method
    WHERE p.operation = $1 GROUP BY p.method, m.names, m.position, p.location, p.currency HAVING sum(p.minor) <> 0
    ORDER BY m.position, p.method, p.location
"""
_MESSAGES = """
    SELECT m.kind, m.retired_at IS NOT NULL AS withdrawn FROM message m
    WHERE m.id IN (SELECT entity_id FROM change WHERE operation = $1 AND entity = 'message') ORDER BY m.id
"""
_BOOKING = {
    Status.FINISHED: "effect.booking_finished_again",
    Status.ARRIVED: "effect.booking_here_again",
}


async def tell_money(op: Operation, back: str = "effect.money_back") -> None:
    """Say what is given back, or by an undo taken again: by method, and out of which location's till.

    `back`: the effect's key for what is given back.
    """
    for row in await db.fetch(_MONEY, op.id):
        key = "effect.money_again" if row["minor"] > 0 else back
        of = {"by": json.loads(row["names"]), "method": row["method"], "tills": [row["location"]]}
        op.effect(key, minor=abs(row["minor"]), currency=row["currency"], **of)


async def tell_booking(op: Operation, booking: BookingId | None) -> None:
    """Say where the booking of a visit stands again."""
    if booking is not None:
        status = Status(await db.fetchval("SELECT status FROM booking WHERE id = $1", booking))
        op.effect(_BOOKING.get(status, "effect.booking_expected_again"))


async def tell_messages(op: Operation) -> None:
    """Say what is told to the client no more, and what is to be told by now."""
    rows = await db.fetch(_MESSAGES, op.id)
    for withdrawn, key in ((True, "effect.messages_withdrawn"), (False, "effect.messages_due")):
        if kinds := [row["kind"] for row in rows if row["withdrawn"] is withdrawn]:
            op.effect(key, messages=kinds)
