"""What must be true of messages; `console doctor` runs these."""

from __future__ import annotations

from console.domain import clock, db
from console.domain.messages.queries import LATE


async def nobody_erased_is_told_anything() -> list[str]:
    """Nothing is due to a client who was erased."""
    rows = await db.fetch(
        "SELECT m.id FROM message m JOIN client c ON c.id = m.client WHERE c.erased_at IS NOT NULL"
        " AND m.retired_at IS NULL AND m.status IN ('due', 'claimed') ORDER BY m.id LIMIT 20"
    )
    return [f"message {row['id']} is due to a client who was erased" for row in rows]


async def messages_are_taken_up() -> list[str]:
    """No message to a client waits without an end, whether for its turn or for what became of it."""
    rows = await db.fetch(f"SELECT m.id, m.status FROM message m WHERE {LATE} ORDER BY m.id LIMIT 20", clock.now())  # noqa: S608
    return [f"message {row['id']} is {row['status']}: is a worker running?" for row in rows]


async def sent_messages_left() -> list[str]:
    """Of a message that was sent there is the attempt that succeeded, or the client's word; no other has that last.

    One that came back may be sent again.
    """
    rows = await db.fetch(
        "SELECT m.id, m.status FROM message m WHERE CASE WHEN m.status = 'sent' THEN NOT EXISTS (SELECT"
        "   FROM message_attempt a WHERE a.message = m.id AND a.outcome IN ('sent', 'arrived'))"
        "  ELSE coalesce((SELECT a.outcome IN ('sent', 'arrived') FROM message_attempt a WHERE a.message = m.id"
        "   ORDER BY a.id DESC LIMIT 1), false) END ORDER BY m.id LIMIT 20"
    )
    return [f"message {row['id']} is {row['status']}, and the log of attempts says otherwise" for row in rows]


async def gone_messages_are_told_apart() -> list[str]:
    """Whatever may have gone has an attempt in the log."""
    rows = await db.fetch(
        "SELECT m.id, m.status FROM message m WHERE m.status IN ('unknown', 'failed')"
        " AND NOT EXISTS (SELECT FROM message_attempt a WHERE a.message = m.id) ORDER BY m.id LIMIT 20"
    )
    return [f"message {row['id']} is {row['status']}, though nobody tried to send it" for row in rows]


CHECKS = (
    nobody_erased_is_told_anything,
    messages_are_taken_up,
    sent_messages_left,
    gone_messages_are_told_apart,
)
