"""What must be true of the team; `console doctor` runs these."""

from __future__ import annotations

from console.domain import clock, db


async def somebody_owns_the_business() -> list[str]:
    """Where there is staff, an owner can sign in."""
    row = await db.fetchrow(
        "SELECT count(*) AS staff, count(*) FILTER (WHERE role = 'owner' AND retired_at IS NULL) AS owners FROM staff"
    )
    return (
        ["there are staff accounts, but no open one of an owner"] if row and row["staff"] and not row["owners"] else []
    )


async def who_left_is_out() -> list[str]:
    """A closed account has no live session and no live link."""
    rows = await db.fetch(
        "SELECT t.id FROM staff t WHERE t.retired_at IS NOT NULL AND ("
        " EXISTS (SELECT FROM staff_session s WHERE s.staff = t.id AND s.revoked_at IS NULL AND s.expires_at > $1)"
        " OR EXISTS (SELECT FROM staff_token k WHERE k.staff = t.id AND k.used_at IS NULL AND k.expires_at > $1))",
        clock.now(),
    )
    return [f"staff {row['id']} has left, but a session or link of theirs is live" for row in rows]


async def mails_are_settled() -> list[str]:
    """No mail waits without an end, and none is parked as unknown."""
    rows = await db.fetch(
        "SELECT id, status FROM staff_mail WHERE status = 'unknown' OR (status = 'claimed' AND claimed_until < $1)"
        " OR (status = 'due' AND due_at < $1 - interval '10 minutes') ORDER BY id LIMIT 20",
        clock.now(),
    )
    return [f"mail {row['id']} to staff is {row['status']}: is a worker running?" for row in rows]


CHECKS = (somebody_owns_the_business, who_left_is_out, mails_are_settled)
