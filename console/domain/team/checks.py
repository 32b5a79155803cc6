"""What must be true of the team; `console doctor` runs these."""

from __future__ import annotations

from datetime import timedelta

from console.domain import clock, db
from console.domain.team.tables import OWNS


async def somebody_owns_the_business() -> list[str]:
    """Where there is staff, an owner can sign in; before anybody can, one is invited."""
    row = await db.fetchrow(
        f"SELECT count(*) AS staff, count(password_hash) AS begun, count(*) FILTER (WHERE {OWNS}) AS owners,"  # noqa: S608
        " count(*) FILTER (WHERE role = 'owner' AND retired_at IS NULL) AS invited FROM staff"
    )
    if row is None or not row["staff"] or row["owners"] or (row["invited"] and not row["begun"]):
        return []
    return ["no owner can sign in: run `console staff add`, or `console staff link` for one who was invited"]


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
    """No mail waits without an end, and none with a link that is still good has failed or got lost."""
    rows = await db.fetch(
        "SELECT m.id, m.status, m.error FROM staff_mail m WHERE (m.status = 'claimed' AND m.claimed_until < $1)"
        " OR (m.status = 'due' AND m.due_at < $1 - interval '10 minutes')"
        " OR (m.status IN ('unknown', 'failed') AND EXISTS (SELECT FROM staff_token k"
        "  WHERE k.operation = m.operation AND k.staff = m.staff AND k.used_at IS NULL AND k.expires_at > $1))"
        " ORDER BY m.id LIMIT 20",
        clock.now(),
    )
    return [
        f"mail {row['id']} to staff is {row['status']}: {_ADVICE[row['status']]}"
        + (f" ({row['error']})" if row["error"] else "")
        for row in rows
    ]


async def requests_are_answered() -> list[str]:
    """Whoever asked for a link at the door got an answer."""
    count = await db.fetchval(
        "SELECT count(*) FROM link_request WHERE asked_at < $1", clock.now() - timedelta(minutes=10)
    )
    return [f"{count} requests for a link wait: is a worker running?"] if count else []


_ADVICE = {
    "claimed": "is a worker running?",
    "due": "is a worker running?",
    "unknown": "it may not have arrived; send the link once more",
    "failed": "it was not delivered; put right what is in the way and send the link once more",
}

CHECKS = (somebody_owns_the_business, who_left_is_out, mails_are_settled, requests_are_answered)
