"""Parts of the team's use cases."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import timedelta

import asyncpg

from console.domain import db
from console.domain.errors import Forbidden, Invalid, NotFound, Problem
from console.domain.ids import TERMINAL_ACTOR, StaffId
from console.domain.running import Operation
from console.domain.team.queries import has_owner, token_hash
from console.domain.team.rules import PERMISSIONS, Permission, Role, may_manage
from console.domain.team.tables import OWNS, Staff

INVITATION_LASTS = timedelta(days=7)
RESET_LASTS = timedelta(hours=2)


async def may_manage_role(op: Operation, *roles: Role) -> None:
    """Raise `Forbidden` unless the actor may manage colleagues of all these roles."""
    if op.actor.id == TERMINAL_ACTOR:
        return
    own = await db.fetchval("SELECT role FROM staff WHERE id = $1 AND retired_at IS NULL", op.actor.id)
    if own is None or not all(may_manage(Role(own), role) for role in roles):
        raise Forbidden(permission="staff:change")


async def account(op: Operation, staff: StaffId) -> asyncpg.Record:
    """An account, locked together with every owner's, so that two owners cannot leave at once. Raises `NotFound`.

    `owns`: whether it is the account of an owner who can sign in.
    """
    owners = await db.fetch("SELECT id FROM staff WHERE role = 'owner' AND retired_at IS NULL")
    await op.lock(Staff, {row["id"] for row in owners} | {staff})
    row = await db.fetchrow(
        f"SELECT role, email, retired_at, {OWNS} AS owns, password_hash IS NOT NULL AS has_password,"  # noqa: S608
        " totp_secret IS NOT NULL AS two_step FROM staff WHERE id = $1",
        staff,
    )
    if row is None:
        raise NotFound
    return row


async def keep_an_owner() -> None:
    """Raise `Invalid` if no owner can sign in any more; the owners are locked by `account`."""
    if not await has_owner():
        raise Invalid({"role": Problem("problem.last_owner")})


async def end_sessions(op: Operation, staff: StaffId, *, keep: int | None = None) -> None:
    """Sign somebody out everywhere, but in the session to keep."""
    await db.execute(
        "UPDATE staff_session SET revoked_at = $2, ended_by = $4"
        " WHERE staff = $1 AND revoked_at IS NULL AND id IS DISTINCT FROM $3",
        staff,
        op.now,
        keep,
        op.id,
    )


async def end_session(op: Operation, staff: StaffId, session: int) -> None:
    """Sign somebody out in one browser. Raises `NotFound` for a session of anybody else."""
    tag = await db.execute(
        "UPDATE staff_session SET revoked_at = coalesce(revoked_at, $3),"
        " ended_by = CASE WHEN revoked_at IS NULL THEN $4 ELSE ended_by END WHERE id = $1 AND staff = $2",
        session,
        staff,
        op.now,
        op.id,
    )
    if tag != "UPDATE 1":
        raise NotFound


async def end_links(op: Operation, staff: StaffId, ended: str = "withdrawn") -> None:
    """Make every one-time link of somebody useless, and stop the mails that would bring one."""
    await db.execute(
        "UPDATE staff_token SET used_at = $2, ended = $3 WHERE staff = $1 AND used_at IS NULL", staff, op.now, ended
    )
    await db.execute(
        "UPDATE staff_mail SET token = NULL, status = CASE status WHEN 'due' THEN 'skipped' ELSE status END"
        " WHERE staff = $1 AND token IS NOT NULL",
        staff,
    )


async def end_links_made(op: Operation, maker: StaffId, role: Role | None) -> None:
    """End the links that somebody made for colleagues whom they no longer manage in a role, or at all (None)."""
    invites = role is not None and Permission.STAFF_CHANGE in PERMISSIONS[role]
    below = [one.value for one in Role if role is not None and invites and may_manage(role, one)]
    rows = await db.fetch(
        "UPDATE staff_token k SET used_at = $2, ended = 'withdrawn' FROM operation o, staff t"
        " WHERE o.id = k.operation AND o.actor = $1"
        " AND t.id = k.staff AND t.id <> $1 AND t.role <> ALL($3::text[]) AND k.used_at IS NULL AND k.expires_at > $2"
        " RETURNING k.operation, k.staff",
        maker,
        op.now,
        below,
    )
    await db.execute(
        "UPDATE staff_mail SET token = NULL, status = CASE status WHEN 'due' THEN 'skipped' ELSE status END"
        " WHERE token IS NOT NULL AND operation = ANY($1::bigint[]) AND staff <> $2",
        [row["operation"] for row in rows],
        maker,
    )
    if rows:
        whose = sorted({row["staff"] for row in rows})
        op.effect("words.links_ended_of", count=len(rows), staff=whose)


async def invite_anew(op: Operation, staff: StaffId) -> None:
    """Send an invitation once more, to whoever was sent one before."""
    if await db.fetchval("SELECT EXISTS (SELECT FROM staff_token WHERE staff = $1 AND purpose = 'invitation')", staff):
        await send_link(op, staff, "invitation", await language_of(staff))
        op.effect("words.invited_anew")


async def version_apart(staff: StaffId, version: int | None, fields: Collection[str]) -> int | None:
    """The version of a form, None where only others than these fields were changed since: that is no collision.

    The account is locked. One's own language, password and second step are no part of the form of one's account.
    """
    touched = await db.fetchval(
        "SELECT (SELECT coalesce(bool_or(later.fields && $3::text[]), FALSE) FROM (SELECT fields FROM change"
        "  WHERE entity = 'staff' AND entity_id = $1 AND NOT created ORDER BY id DESC LIMIT t.version - $2) later)"
        " FROM staff t WHERE t.id = $1 AND $2 BETWEEN 1 AND t.version",
        staff,
        version,
        sorted(fields),
    )
    return None if touched is False else version


async def send_link(op: Operation, staff: StaffId, purpose: str, language: str, *, beside: bool = False) -> int:
    """Make a one-time link and the mail that brings it; answers the mail's id. Older links end, but `beside` them."""
    if not beside:
        await end_links(op, staff, "replaced")
    token = secrets.token_urlsafe(32)
    lasts = INVITATION_LASTS if purpose == "invitation" else RESET_LASTS
    await db.execute(
        "INSERT INTO staff_token (token_hash, staff, operation, purpose, expires_at) VALUES ($1, $2, $3, $4, $5)",
        token_hash(token),
        staff,
        op.id,
        purpose,
        op.now + lasts,
    )
    return await send_mail(op, staff, purpose, language, token)


async def send_mail(
    op: Operation, staff: StaffId, purpose: str, language: str, token: str | None = None, *, address: str | None = None
) -> int:
    """Write a mail that is due now, to the account's address unless another is given; answers its id."""
    op.ring("mail")
    return int(
        await db.fetchval(
            "INSERT INTO staff_mail (staff, operation, purpose, language, token, status, due_at, attempts,"
            " address) VALUES ($1, $2, $3, $4, $5, 'due', $6, 0, $7) RETURNING id",
            staff,
            op.id,
            purpose,
            language,
            token,
            op.now,
            address,
        )
    )


async def language_of(staff: StaffId) -> str:
    """The language in which somebody is written to: their own, else (also while the business has it not) its own."""
    return str(
        await db.fetchval(
            "SELECT CASE WHEN t.language = ANY (b.languages) THEN t.language ELSE b.language END"
            " FROM staff t CROSS JOIN business b WHERE t.id = $1",
            staff,
        )
    )
