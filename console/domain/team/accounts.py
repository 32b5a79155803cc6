"""Use cases of accounts: invited, changed, closed and opened again."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from console.domain import db
from console.domain.errors import Forbidden, Invalid, NotFound, Problem, Refused, at_field, constraint
from console.domain.ids import StaffId
from console.domain.intent import Actor, Intent, Outcome
from console.domain.operation import operation
from console.domain.running import FINAL, Done, Operation
from console.domain.secret import Secret
from console.domain.team import queries, steps
from console.domain.team.passwords import confirm_password
from console.domain.team.rules import Permission, Role, may_manage
from console.domain.team.tables import Staff
from console.domain.undo import barring, restore

constraint("staff_email_key", at_field("email", "problem.email_taken"))
constraint("staff_email_check", at_field("email", "problem.email"))
constraint("staff_owner_remains", at_field("role", "problem.last_owner"))


class NotYourself(Refused):
    key = "refused.not_yourself"


class OwnAddress(Refused):
    """One's own address for signing in changes by the form that asks for the password."""

    key = "refused.own_address"


async def _above(actor: Actor, operations: Sequence[int]) -> set[int]:
    """What was done to accounts that the actor does not manage, as they are or would be; of one's own what shuts it.

    One's own address takes one's password, which an undo does not ask for.
    """
    own = Role(await db.fetchval("SELECT role FROM staff WHERE id = $1", actor.id))
    rows = await db.fetch(
        "SELECT c.operation, s.id, s.role, f.values ->> 'role' AS coming, 'email' = ANY(c.fields) AS address,"
        " c.created OR f.values ->> 'retired_at' IS NOT NULL AS retires"
        " FROM change c JOIN staff s ON s.id = c.entity_id LEFT JOIN former f ON f.change = c.id"
        " WHERE c.operation = ANY($1::bigint[]) AND c.entity = 'staff'",
        list(operations),
    )
    return {
        row["operation"]
        for row in rows
        if not all(may_manage(own, Role(role)) for role in (row["role"], row["coming"]) if role)
        or (row["id"] == actor.id and (row["address"] or row["retires"]))
    }


@barring(_above)
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

    Who could sign in by the address of before is told there; who was only invited gets the invitation anew. Links that
    they made for others end where they could no longer make them: who made one may have seen it.
    """
    if now["retired_at"] is not None and int(staff) == int(op.actor.id):
        raise NotYourself
    if was["owns"] and not now["owns"]:
        await steps.keep_an_owner()
    if any(was[name] != now[name] for name in ("role", "email", "retired_at")):
        await steps.end_sessions(op, staff)
        await steps.end_links(op, staff)
        await steps.end_links_made(op, staff, None if now["retired_at"] else Role(now["role"]))
        if not (now["has_password"] or now["retired_at"] or was["retired_at"]):
            await steps.invite_anew(op, staff)
    if was["email"] != now["email"] and was["has_password"]:
        await steps.send_mail(op, staff, "address_changed", await steps.language_of(staff), address=was["email"])


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
    values = {"name": name, "email": email, "role": role.value}
    await op.update(Staff, staff, await steps.version_apart(staff, version, values), values)
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
            try:
                await confirm_password(intent, current or Secret(""))
            except Invalid as wrong:
                raise wrong if current else Invalid({"current": Problem("problem.type_password")}) from None
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


@operation("staff.sign_out", permission=Permission.STAFF_CHANGE, undo=FINAL)
async def sign_out(op: Operation, staff: StaffId, session: int | None = None) -> dict[str, int]:
    """Sign a colleague out in one browser, or everywhere (None).

    Raises `NotFound` for a session that is not theirs. One's own end on one's profile.
    """
    account = await steps.account(op, staff)
    await steps.may_manage_role(op, Role(account["role"]))
    if int(staff) == int(op.actor.id):
        raise Forbidden(permission=Permission.STAFF_CHANGE)
    if session is None:
        await steps.end_sessions(op, staff)
    else:
        await steps.end_session(op, staff, session)
    return {"staff": staff}


@operation("staff.demo", permission=Permission.STAFF_CHANGE, undo=FINAL)
async def make_demo_staff(op: Operation, people: tuple[tuple[str, str, str], ...]) -> None:
    """Accounts (name, email, role) without passwords for the one-click doors of the demo."""
    for name, email, role in people:
        staff = await db.fetchval("INSERT INTO actor (kind) VALUES ('staff') RETURNING id")
        await op.insert(Staff, id=staff, name=name, email=email, role=Role(role).value)
