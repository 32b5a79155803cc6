"""Use cases of the team: accounts, invitations, passwords, the second step."""

from __future__ import annotations

import logging
from datetime import datetime

import asyncpg

from console.domain import db
from console.domain.errors import DomainError, Forbidden, Invalid, NotFound, Problem, Refused, at_field, constraint
from console.domain.ids import SYSTEM_ACTOR, ActorId, StaffId
from console.domain.operation import FINAL, Actor, Done, Intent, Operation, Outcome, operation
from console.domain.secret import Secret
from console.domain.team import queries, steps
from console.domain.team.door import ATTEMPTS, accepted_step, count, forget, plain_code
from console.domain.team.passwords import hashed, matches
from console.domain.team.queries import Link, token_hash
from console.domain.team.rules import Permission, Role, may_manage, password_problem
from console.domain.team.tables import Staff
from console.domain.undo import restore

log = logging.getLogger(__name__)

constraint("staff_email_key", at_field("email", "problem.email_taken"))
constraint("staff_email_check", at_field("email", "problem.email"))
constraint("recovery_code_hash_key", at_field("recovery", "problem.form"))

ANYBODY = Actor(ActorId(SYSTEM_ACTOR), frozenset({Permission.PASSWORD_CHOOSE}))
"""Whoever stands at the door."""


class LinkSpent(Refused):
    """A one-time link that was used, replaced, or has run out."""

    key = "refused.link_spent"


class NotYourself(Refused):
    key = "refused.not_yourself"


class NoPassword(Refused):
    """An account without a password, such as those of the demo: there is nothing to confirm by."""

    key = "refused.no_password"


class OwnAddress(Refused):
    """One's own address for signing in changes by the form that asks for the password."""

    key = "refused.own_address"


class TwoStepOn(Refused):
    """Two-step sign-in is on already; another phone takes turning it off first."""

    key = "refused.two_step_on"


async def _restore_account(op: Operation, done: Done) -> None:
    """Undo for accounts: as `restore`, but held to all that a change is held to."""
    touched = await db.fetch(
        "SELECT c.entity_id AS id, f.values ->> 'role' AS role FROM change c LEFT JOIN former f ON f.change = c.id"
        " WHERE c.operation = $1 AND c.entity = 'staff'",
        done.id,
    )
    before = {StaffId(row["id"]): await steps.account(op, StaffId(row["id"])) for row in touched}
    coming = [row["role"] for row in touched if row["role"]]
    await steps.may_manage_role(op, *(Role(was["role"]) for was in before.values()), *map(Role, coming))
    await restore(op, done)
    for staff, was in before.items():
        now = await steps.account(op, staff)
        if int(staff) == int(op.actor.id) and was["email"] != now["email"]:
            raise OwnAddress
        await _settle(op, staff, was, now)


async def _settle(op: Operation, staff: StaffId, was: asyncpg.Record, now: asyncpg.Record) -> None:
    """After an account changed: an owner can sign in, nobody locked themselves out, old sessions are over.

    Who could sign in by the address of before is told there.
    """
    if now["retired_at"] is not None and int(staff) == int(op.actor.id):
        raise NotYourself
    if was["owns"] and not now["owns"]:
        await steps.keep_an_owner()
    if any(was[name] != now[name] for name in ("role", "email", "retired_at")):
        await steps.end_sessions(op, staff)
        await steps.end_links(op, staff)
    if was["email"] != now["email"] and was["has_password"]:
        await steps.send_mail(op, staff, "address_changed", await steps.language_of(staff), address=was["email"])


async def _restore_own(op: Operation, done: Done) -> None:
    if done.actor != op.actor.id:
        raise Forbidden(permission=Permission.PROFILE_CHANGE)
    await restore(op, done)


@operation("staff.invite", permission=Permission.STAFF_CHANGE, undo=_restore_account)
async def invite(op: Operation, name: str, email: str, role: Role, language: str | None) -> dict[str, int]:
    """Make an account and send its owner a link to choose a password. Raises `Invalid`, `Forbidden`."""
    await steps.may_manage_role(op, role)
    staff = StaffId(await db.fetchval("INSERT INTO actor (kind) VALUES ('staff') RETURNING id"))
    await op.insert(Staff, id=staff, name=name, email=email, role=role.value, language=language)
    mail = await steps.send_link(op, staff, "invitation", await steps.language_of(staff))
    return {"staff": staff, "mail": mail}


@operation("staff.link", permission=Permission.STAFF_CHANGE, undo=FINAL)
async def send_link(op: Operation, staff: StaffId) -> dict[str, int]:
    """Send a colleague a new link: the invitation once more, or a reset if they had a password. Older links end."""
    account = await steps.account(op, staff)
    await steps.may_manage_role(op, Role(account["role"]))
    if account["retired_at"] is not None:
        raise NotFound
    purpose = "reset" if account["has_password"] else "invitation"
    return {"staff": staff, "mail": await steps.send_link(op, staff, purpose, await steps.language_of(staff))}


@operation("staff.change", permission=Permission.STAFF_CHANGE, undo=_restore_account)
async def _change(
    op: Operation, staff: StaffId, version: int | None, name: str, email: str, role: Role
) -> dict[str, int]:
    account = await steps.account(op, staff)
    await steps.may_manage_role(op, Role(account["role"]), role)
    await op.update(Staff, staff, version, {"name": name, "email": email, "role": role.value})
    await _settle(op, staff, account, await steps.account(op, staff))
    return {"staff": staff}


async def change(
    intent: Intent,
    staff: StaffId,
    version: int | None,
    name: str,
    email: str,
    role: Role,
    current: Secret | None = None,
) -> Outcome[dict[str, int]]:
    """Change a colleague's account. A new role or address signs them out everywhere.

    One's own address takes one's `current` password. Raises `Invalid`, `Forbidden`, `NoPassword`, `Throttled`.
    """
    if int(staff) == int(intent.actor.id):
        own = await queries.colleague(staff)
        if email != own.email and may_manage(own.role, own.role):
            await confirm_password(intent, current or Secret(""))
    return await _change(intent, staff, version, name, email, role)


@operation("staff.retire", permission=Permission.STAFF_CHANGE, undo=_restore_account)
async def retire(op: Operation, staff: StaffId, version: int | None) -> dict[str, int]:
    """Close a colleague's account: what they did stays, they can no longer sign in."""
    account = await steps.account(op, staff)
    await steps.may_manage_role(op, Role(account["role"]))
    await op.update(Staff, staff, version, {"retired_at": account["retired_at"] or op.now})
    await _settle(op, staff, account, await steps.account(op, staff))
    return {"staff": staff}


@operation("staff.readmit", permission=Permission.STAFF_CHANGE, undo=_restore_account)
async def readmit(op: Operation, staff: StaffId, version: int | None) -> dict[str, int]:
    """Open a closed account again."""
    account = await steps.account(op, staff)
    await steps.may_manage_role(op, Role(account["role"]))
    await op.update(Staff, staff, version, {"retired_at": None})
    return {"staff": staff}


@operation("profile.change", permission=Permission.PROFILE_CHANGE, undo=_restore_own)
async def change_profile(op: Operation, version: int | None, name: str, language: str | None) -> dict[str, int]:
    """Change one's own name and language."""
    await op.update(Staff, op.actor.id, version, {"name": name, "language": language})
    return {"staff": op.actor.id}


@operation("profile.language", permission=Permission.PROFILE_CHANGE, undo=_restore_own)
async def choose_language(op: Operation, language: str) -> dict[str, int]:
    """Choose the language of one's console, from the switch that every page has."""
    await op.update(Staff, op.actor.id, None, {"language": language})
    return {"staff": op.actor.id}


@operation("password.ask", permission=Permission.PASSWORD_CHOOSE, undo=FINAL)
async def ask_reset(op: Operation, email: Secret) -> None:
    """Send a link to choose a password, if there is such an account. Older links stay good: anybody may ask."""
    row = await db.fetchrow(
        "SELECT id, password_hash IS NOT NULL AS known FROM staff WHERE email = $1 AND retired_at IS NULL"
        " FOR NO KEY UPDATE",
        email.value,
    )
    if row is not None:
        purpose = "reset" if row["known"] else "invitation"
        await steps.send_link(op, row["id"], purpose, await steps.language_of(row["id"]), beside=True)


async def answer_requests(now: datetime, *, most: int = 100) -> int:
    """Send the links that were asked for at the door; answers how many requests were taken up.

    One that cannot be answered now waits for the next run and stops no other.
    """
    rows = await db.fetch("SELECT intent_id, email FROM link_request ORDER BY asked_at LIMIT $1", most)
    for row in rows:
        try:
            await ask_reset(Intent(row["intent_id"], ANYBODY, now), Secret(row["email"]))
            await db.execute("DELETE FROM link_request WHERE intent_id = $1", row["intent_id"])
        except (DomainError, asyncpg.PostgresError):
            log.exception("a link that was asked for was not sent")
    return len(rows)


@operation("password.choose", permission=Permission.PASSWORD_CHOOSE, undo=FINAL)
async def _choose(op: Operation, token: Secret, password_hash: Secret, language: Secret) -> dict[str, int]:
    row = await db.fetchrow(
        "UPDATE staff_token SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2"
        " RETURNING staff, purpose",
        token_hash(token.value),
        op.now,
    )
    if row is None or row["staff"] != op.actor.id:
        raise LinkSpent
    await _set_password(op, password_hash, notify=row["purpose"] == "reset")
    if language.value and not await db.fetchval("SELECT language FROM staff WHERE id = $1", row["staff"]):
        await op.update(Staff, row["staff"], None, {"language": language.value})
    return {"staff": row["staff"]}


async def choose_password(
    intent: Intent, link: Link, token: Secret, password: Secret, language: str = ""
) -> Outcome[dict[str, int]]:
    """Choose a password by a one-time link. Raises `Invalid` (field `password`), `LinkSpent`.

    The `language` that it was chosen in becomes the account's, where that has none. The same intent again is answered
    alike as long as it brings the password that was chosen; another is `LinkSpent`.
    """
    _check(password, (link.name, link.email.split("@")[0], link.email))
    outcome = await _choose(intent, token, Secret(await hashed(password)), Secret(language))
    if outcome.replayed and not await _proves(intent, password):
        raise LinkSpent
    await forget(f"account:{link.email}")
    return outcome


@operation("password.change", permission=Permission.PROFILE_CHANGE, undo=FINAL)
async def _change_password(op: Operation, password_hash: Secret) -> dict[str, int]:
    await _set_password(op, password_hash, notify=True)
    return {"staff": op.actor.id}


async def change_password(intent: Intent, current: Secret, password: Secret) -> Outcome[dict[str, int]]:
    """Change one's own password; every session ends.

    Raises `Invalid` (`current`, `password`), `NoPassword`, `Throttled`.
    """
    try:
        account = await confirm_password(intent, current)
    except Invalid as wrong:
        problem = password_problem(password.value, ())
        raise Invalid({**wrong.problems, **({"password": problem} if problem else {})}) from None
    _check(password, (account["name"], account["email"].split("@")[0], account["email"]))
    if password == current:
        raise Invalid({"password": Problem("problem.password_same")})
    return await _change_password(intent, Secret(await hashed(password)))


async def confirm_password(intent: Intent, current: Secret) -> asyncpg.Record:
    """The actor's name and email, after the password was given once more.

    Raises `Invalid` (`current`), `NoPassword`, `Throttled`.
    """
    row = await db.fetchrow(
        "SELECT name, email, password_hash IS NOT NULL AS has_password FROM staff WHERE id = $1", intent.actor.id
    )
    if row is None or not row["has_password"]:
        raise NoPassword
    if not await _proves(intent, current):
        raise Invalid({"current": Problem("problem.password_wrong")})
    return row


async def _proves(intent: Intent, password: Secret) -> bool:
    """Whether this is the actor's password. Raises `Throttled`."""
    await count(f"password:{intent.actor.id}", ATTEMPTS, intent.now)
    stored = await db.fetchval("SELECT password_hash FROM staff WHERE id = $1", intent.actor.id)
    right = await matches(stored, password)
    if right:
        await forget(f"password:{intent.actor.id}")
    return right


def _check(password: Secret, about: tuple[str, ...]) -> None:
    problem = password_problem(password.value, about)
    if problem is not None:
        raise Invalid({"password": problem})


async def _set_password(op: Operation, password_hash: Secret, *, notify: bool) -> None:
    staff = StaffId(op.actor.id)
    await op.update(Staff, staff, None, {"password_hash": password_hash.value})
    await steps.end_sessions(op, staff)
    await steps.end_links(op, staff)
    if notify:
        await steps.send_mail(op, staff, "password_changed", await steps.language_of(staff))


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


@operation("two_step.codes", permission=Permission.PROFILE_CHANGE, undo=FINAL)
async def _renew_codes(op: Operation, recovery: tuple[Secret, ...]) -> None:
    staff = StaffId(op.actor.id)
    if not (await steps.account(op, staff))["two_step"]:
        raise NotFound
    await _keep_codes(op, staff, recovery)


async def renew_codes(intent: Intent, current: Secret, recovery: tuple[Secret, ...]) -> Outcome[None]:
    """Put new recovery codes in place of the older ones, which end.

    Raises `Invalid` (`current`, `recovery`), `NoPassword`, `NotFound` where two-step sign-in is off, `Throttled`.
    """
    await confirm_password(intent, current)
    return await _renew_codes(intent, recovery)


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


@operation("two_step.off", permission=Permission.PROFILE_CHANGE, undo=FINAL)
async def _turn_off(op: Operation) -> None:
    await _without_two_step(op, StaffId(op.actor.id))


async def turn_off_two_step(intent: Intent, current: Secret) -> Outcome[None]:
    """Sign in by password alone again. Raises `Invalid` (`current`), `NoPassword`, `Throttled`."""
    await confirm_password(intent, current)
    return await _turn_off(intent)


@operation("staff.two_step_off", permission=Permission.STAFF_CHANGE, undo=FINAL)
async def turn_off_two_step_of(op: Operation, staff: StaffId) -> dict[str, int]:
    """Let a colleague who lost their phone in by password alone."""
    account = await steps.account(op, staff)
    await steps.may_manage_role(op, Role(account["role"]))
    if int(staff) == int(op.actor.id):  # one's own takes the password
        raise Forbidden(permission=Permission.STAFF_CHANGE)
    await _without_two_step(op, staff)
    return {"staff": staff}


async def _without_two_step(op: Operation, staff: StaffId) -> None:
    """Sign in by password alone from now on; a mail says so to whom it concerns, whoever did it."""
    changed = await op.update(Staff, staff, None, {"totp_secret": None, "totp_step": None})
    await db.execute("DELETE FROM recovery_code WHERE staff = $1", staff)
    if changed:
        await steps.send_mail(op, staff, "two_step_off", await steps.language_of(staff))


@operation("session.end", permission=Permission.PROFILE_CHANGE, undo=FINAL)
async def end_session(op: Operation, session: int) -> None:
    """End one of one's own sessions. Raises `NotFound` for anybody else's."""
    tag = await db.execute(
        "UPDATE staff_session SET revoked_at = coalesce(revoked_at, $3) WHERE id = $1 AND staff = $2",
        session,
        op.actor.id,
        op.now,
    )
    if tag != "UPDATE 1":
        raise NotFound


@operation("session.end_others", permission=Permission.PROFILE_CHANGE, undo=FINAL)
async def end_other_sessions(op: Operation, keep: int) -> None:
    """Sign oneself out everywhere else."""
    await steps.end_sessions(op, StaffId(op.actor.id), keep=keep)


@operation("staff.demo", permission=Permission.STAFF_CHANGE, undo=FINAL)
async def make_demo_staff(op: Operation, people: tuple[tuple[str, str, str], ...]) -> None:
    """Accounts (name, email, role) without passwords for the one-click doors of the demo."""
    for name, email, role in people:
        staff = await db.fetchval("INSERT INTO actor (kind) VALUES ('staff') RETURNING id")
        await op.insert(Staff, id=staff, name=name, email=email, role=Role(role).value)
