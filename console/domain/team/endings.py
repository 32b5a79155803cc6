"""How sessions began and ended, for whoever held them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from console.domain import db
from console.domain.team.queries import token_hash


class End(StrEnum):
    """Why a session ended that nobody left by signing out here."""

    UNTOUCHED = "untouched"
    OLD = "old"
    HALF = "half"
    PASSWORD = "password"
    TWO_STEP = "two_step"
    SIGNED_OUT = "signed_out"
    ELSEWHERE = "elsewhere"
    CLOSED = "closed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Ended:
    """How a session ended; `lasted`: of one that ended by itself, the limit that was over.

    That is for how long nobody touched it, how long it lasts at most (`OLD`), or how long a first step waits for its
    code (`HALF`).
    """

    how: End
    lasted: timedelta = timedelta()


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
    """How the session of this token ended; None where it did not, or by signing out.

    Who holds the token was in that session: it tells nobody else of the account. Of a first step alone no more is told
    than that its time was over.
    """
    row = await db.fetchrow(
        "SELECT s.created_at, s.verified_at, s.expires_at, s.idle_seconds, s.revoked_at, o.kind, t.retired_at,"
        " s.seen_at + s.idle_seconds * interval '1 second' AS rests_until FROM staff_session s"
        " JOIN staff t ON t.id = s.staff LEFT JOIN operation o ON o.id = s.ended_by WHERE s.token_hash = $1",
        token_hash(token),
    )
    if row is None:
        return None
    if row["revoked_at"] is None:
        return _by_itself(row) if min(row["rests_until"], row["expires_at"]) <= now else None
    if row["kind"] is None or row["verified_at"] is None:
        return None
    return Ended(End.CLOSED if row["retired_at"] else ENDS.get(row["kind"], End.CHANGED))


def _by_itself(row: Mapping[str, Any]) -> Ended:
    """Which limit of a session was over first."""
    if row["rests_until"] < row["expires_at"]:
        return Ended(End.UNTOUCHED, timedelta(seconds=row["idle_seconds"]))
    return Ended(End.OLD if row["verified_at"] else End.HALF, row["expires_at"] - row["created_at"])


async def chose_password(session: int) -> bool:
    """Whether a session was opened by choosing a password by a link."""
    return bool(
        await db.fetchval(
            "SELECT EXISTS (SELECT FROM staff_session s JOIN operation o ON o.actor = s.staff AND o.at = s.created_at"
            " WHERE s.id = $1 AND o.kind = 'password.choose')",
            session,
        )
    )
