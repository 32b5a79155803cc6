"""How sessions began and ended, for whoever held them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from console.domain import db
from console.domain.team.queries import token_hash
from console.domain.team.rules import SHARED_IDLE


class End(StrEnum):
    """Why a session ended that nobody left by signing out here."""

    UNTOUCHED = "untouched"
    PASSWORD = "password"
    TWO_STEP = "two_step"
    SIGNED_OUT = "signed_out"
    ELSEWHERE = "elsewhere"
    CLOSED = "closed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Ended:
    """How a session ended; `minutes`: of a shared desk, for how long nobody touched it."""

    how: End
    minutes: int = 0


ENDS = {
    "password.choose": End.PASSWORD,
    "password.change": End.PASSWORD,
    "two_step.on": End.TWO_STEP,
    "staff.sign_out": End.SIGNED_OUT,
    "session.end": End.ELSEWHERE,
    "session.end_others": End.ELSEWHERE,
}
"""By the kind of the operation that ended it; any other changed the account, or closed it."""


async def ended(token: str, now: datetime) -> Ended | None:
    """How the session of this token ended; None where it did not, or by signing out, or of a first step alone.

    Who holds the token was in that session: it tells nobody else of the account.
    """
    row = await db.fetchrow(
        "SELECT s.idle_seconds, s.revoked_at, o.kind, t.retired_at FROM staff_session s JOIN staff t ON t.id = s.staff"
        " LEFT JOIN operation o ON o.id = s.ended_by WHERE s.token_hash = $1 AND s.verified_at IS NOT NULL"
        " AND (o.id IS NOT NULL OR s.revoked_at IS NULL AND s.idle_seconds <= $3"
        "  AND s.seen_at + s.idle_seconds * interval '1 second' <= $2)",
        token_hash(token),
        now,
        int(SHARED_IDLE.total_seconds()),
    )
    if row is None:
        return None
    if row["revoked_at"] is None:
        return Ended(End.UNTOUCHED, math.ceil(row["idle_seconds"] / 60))
    return Ended(End.CLOSED if row["retired_at"] else ENDS.get(row["kind"], End.CHANGED))


async def chose_password(session: int) -> bool:
    """Whether a session was opened by choosing a password by a link."""
    return bool(
        await db.fetchval(
            "SELECT EXISTS (SELECT FROM staff_session s JOIN operation o ON o.actor = s.staff AND o.at = s.created_at"
            " WHERE s.id = $1 AND o.kind = 'password.choose')",
            session,
        )
    )
