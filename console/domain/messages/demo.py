"""What the demo's clients would have been told in a past in which nobody sent anything."""

from __future__ import annotations

from datetime import datetime

from console.domain import db
from console.domain.messages.rules import GRACE, Reason


async def leave_unsaid(now: datetime) -> None:
    """Skip what was due by now: nobody is to get the news of last year from a demo."""
    await db.execute(
        "UPDATE message SET status = 'skipped', reason = $2 WHERE status = 'due' AND due_at <= $1",
        now + GRACE,
        Reason.BEFORE_DELIVERY.value,
    )
