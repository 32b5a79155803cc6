"""Use cases of two-step sign-in: on, off, and its recovery codes."""

from __future__ import annotations

from console.domain import db
from console.domain.errors import Forbidden, Invalid, NotFound, Problem, Refused, at_field, constraint
from console.domain.ids import StaffId
from console.domain.intent import Intent, Outcome
from console.domain.operation import operation
from console.domain.running import FINAL, Operation
from console.domain.secret import Secret
from console.domain.team import steps
from console.domain.team.codes import accepted_step, plain_code
from console.domain.team.passwords import confirm_password
from console.domain.team.queries import token_hash
from console.domain.team.rules import Permission, Role
from console.domain.team.tables import Staff

constraint("recovery_code_hash_key", at_field("recovery", "problem.form"))


class TwoStepOn(Refused):
    """Two-step sign-in is on already; another phone takes turning it off first."""

    key = "refused.two_step_on"


class TwoStepNotOn(Refused):
    """Two-step sign-in is off already, or never was on."""

    key = "refused.two_step_not_on"


async def turn_on_two_step(
    intent: Intent,
    current: Secret,
    secret: Secret,
    code: Secret,
    recovery: tuple[Secret, ...],
    *,
    keep: int | None = None,
) -> Outcome[None]:
    """Ask for a code at sign-in from now on; recovery codes are kept as hashes, and a mail says so.

    Every session ends but the one to keep: none of the others was opened by a code.

    Raises `Invalid` (`current`, `code`, `recovery` where two are the same), `NoPassword`, `Throttled`, `TwoStepOn`.
    """
    await confirm_password(intent, current)
    return await _turn_on(intent, secret, code, recovery, keep)


@operation("two_step.on", permission=Permission.PROFILE_CHANGE, undo=FINAL)
async def _turn_on(op: Operation, secret: Secret, code: Secret, recovery: tuple[Secret, ...], keep: int | None) -> None:
    staff = StaffId(op.actor.id)
    own = await steps.account(op, staff)
    if own["two_step"]:  # taking the place of a phone takes the password: turn it off first
        raise TwoStepOn
    step = accepted_step(secret.value, code.value, None, op.now)
    if step is None:
        raise Invalid({"code": Problem("problem.code")})
    await op.update(Staff, staff, None, {"totp_secret": secret.value, "totp_step": step})
    await _keep_codes(op, staff, recovery)
    await steps.end_sessions(op, staff, keep=keep)
    await steps.send_mail(op, staff, "two_step_on", await steps.language_of(staff))


async def renew_codes(intent: Intent, current: Secret, recovery: tuple[Secret, ...]) -> Outcome[None]:
    """Put new recovery codes in place of the older ones, which end.

    Raises `Invalid` (`current`, `recovery`), `NoPassword`, `NotFound` where two-step sign-in is off, `Throttled`.
    """
    await confirm_password(intent, current)
    return await _renew_codes(intent, recovery)


@operation("two_step.codes", permission=Permission.PROFILE_CHANGE, undo=FINAL)
async def _renew_codes(op: Operation, recovery: tuple[Secret, ...]) -> None:
    staff = StaffId(op.actor.id)
    if not (await steps.account(op, staff))["two_step"]:
        raise NotFound
    await _keep_codes(op, staff, recovery)


async def _keep_codes(op: Operation, staff: StaffId, recovery: tuple[Secret, ...]) -> None:
    """Put recovery codes in place of the older ones."""
    await db.execute("DELETE FROM recovery_code WHERE staff = $1", staff)
    for one in recovery:
        await db.execute(
            "INSERT INTO recovery_code (staff, operation, code_hash) VALUES ($1, $2, $3)",
            staff,
            op.id,
            token_hash(plain_code(one.value)),
        )


async def turn_off_two_step(intent: Intent, current: Secret) -> Outcome[None]:
    """Sign in by password alone again. Raises `Invalid` (`current`), `NoPassword`, `Throttled`."""
    await confirm_password(intent, current)
    return await _turn_off(intent)


@operation("two_step.off", permission=Permission.PROFILE_CHANGE, undo=FINAL)
async def _turn_off(op: Operation) -> None:
    await _without_two_step(op, StaffId(op.actor.id))


@operation("staff.two_step_off", permission=Permission.STAFF_CHANGE, undo=FINAL)
async def turn_off_two_step_of(op: Operation, staff: StaffId) -> dict[str, int]:
    """Let a colleague who lost their phone in by password alone. Raises `TwoStepNotOn`."""
    account = await steps.account(op, staff)
    await steps.may_manage_role(op, Role(account["role"]))
    if int(staff) == int(op.actor.id):  # one's own takes the password
        raise Forbidden(permission=Permission.STAFF_CHANGE)
    if not account["two_step"]:
        raise TwoStepNotOn
    await _without_two_step(op, staff)
    return {"staff": staff}


async def _without_two_step(op: Operation, staff: StaffId) -> None:
    """Sign in by password alone from now on; a mail says so to whom it concerns, whoever did it."""
    changed = await op.update(Staff, staff, None, {"totp_secret": None, "totp_step": None})
    await db.execute("DELETE FROM recovery_code WHERE staff = $1", staff)
    if changed:
        await steps.send_mail(op, staff, "two_step_off", await steps.language_of(staff))
