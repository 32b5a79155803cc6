"""Use cases of one's own account: name, language, and where one is signed in."""

from __future__ import annotations

from collections.abc import Sequence

from console.domain import db
from console.domain.errors import Forbidden
from console.domain.ids import StaffId
from console.domain.intent import Actor
from console.domain.operation import operation
from console.domain.running import FINAL, Done, Operation
from console.domain.team import steps
from console.domain.team.rules import Permission
from console.domain.team.tables import Staff
from console.domain.undo import barring, restore


async def _of_others(actor: Actor, operations: Sequence[int]) -> set[int]:
    """What somebody else did to their own account."""
    rows = await db.fetch(
        "SELECT id FROM operation WHERE id = ANY($1::bigint[]) AND actor <> $2", list(operations), actor.id
    )
    return {row["id"] for row in rows}


@barring(_of_others)
async def _restore_own(op: Operation, done: Done) -> None:
    if done.actor != op.actor.id:
        raise Forbidden(permission=Permission.PROFILE_CHANGE)
    await restore(op, done)


@operation("profile.change", permission=Permission.PROFILE_CHANGE, undo=_restore_own)
async def change_profile(op: Operation, version: int | None, name: str) -> dict[str, int]:
    """Change one's own name."""
    values = {"name": name}
    await op.lock(Staff, {op.actor.id})
    await op.update(Staff, op.actor.id, await steps.version_apart(StaffId(op.actor.id), version, values), values)
    return {"staff": op.actor.id}


@operation("profile.language", permission=Permission.PROFILE_CHANGE, undo=_restore_own)
async def choose_language(op: Operation, language: str) -> dict[str, int]:
    """Choose the language of one's console, from the switch that every page has."""
    await op.update(Staff, op.actor.id, None, {"language": language})
    return {"staff": op.actor.id}


@operation("session.end", permission=Permission.PROFILE_CHANGE, undo=FINAL)
async def end_session(op: Operation, session: int) -> None:
    """End one of one's own sessions. Raises `NotFound` for anybody else's."""
    await steps.end_session(op, StaffId(op.actor.id), session)


@operation("session.end_others", permission=Permission.PROFILE_CHANGE, undo=FINAL)
async def end_other_sessions(op: Operation, keep: int) -> None:
    """Sign oneself out everywhere else."""
    await steps.end_sessions(op, StaffId(op.actor.id), keep=keep)
