"""The second step of signing in: codes of a phone (RFC 6238), each good once, and recovery codes in their place."""

from __future__ import annotations

import secrets
from datetime import datetime

import pyotp

from console.domain import db
from console.domain.errors import Invalid, Problem
from console.domain.ids import StaffId
from console.domain.team.queries import token_hash

WRONG_CODE, WRONG_RECOVERY = "problem.code", "problem.recovery_code"
"""What the door adds to the refused attempts: the kind, and why."""
PHONE_DIGITS = 6


def accepted_step(secret: str, code: str, last_step: int | None, now: datetime) -> int | None:
    """The time step (RFC 6238, 30 s) of a code: the present one, the one before or after, never one used before.

    A last step that cannot have come yet, for another machine's clock with it, was of a clock that was put right.
    """
    totp = pyotp.TOTP(secret)
    digits = code.replace(" ", "")
    present = int(now.timestamp()) // 30
    if last_step is not None and last_step > present + 2:
        last_step = None
    for offset in (0, -1, 1):
        step = present + offset
        fresh = last_step is None or step > last_step
        if fresh and secrets.compare_digest(totp.at(step * 30).encode(), digits.encode()):
            return step
    return None


async def spend_code(staff: StaffId, code: str, now: datetime) -> bool:
    """Use up a code, or a recovery code, and answer whether it was one of those.

    None is asked of somebody whose second step was turned off meanwhile.
    """
    row = await db.fetchrow("SELECT totp_secret, totp_step FROM staff WHERE id = $1 FOR NO KEY UPDATE", staff)
    if row is None or row["totp_secret"] is None:
        return False
    step = accepted_step(row["totp_secret"], code, row["totp_step"], now)
    if step is not None:
        await db.execute("UPDATE staff SET totp_step = $2 WHERE id = $1", staff, step)
        return False
    if await _spend_recovery_code(staff, code, now):
        return True
    with_letters = any(letter.isalpha() for letter in code)
    raise Invalid({"code": Problem(WRONG_RECOVERY if with_letters else WRONG_CODE)})


async def _spend_recovery_code(staff: StaffId, code: str, now: datetime) -> bool:
    tag = await db.execute(
        "UPDATE recovery_code SET used_at = $3 WHERE staff = $1 AND code_hash = $2 AND used_at IS NULL",
        staff,
        token_hash(plain_code(code)),
        now,
    )
    return tag == "UPDATE 1"


def plain_code(code: str) -> str:
    """A recovery code as it is hashed, however it was typed."""
    return "".join(code.split()).replace("-", "").lower()
