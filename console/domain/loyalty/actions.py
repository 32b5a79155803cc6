"""Use cases of the programme: drafting its rules, publishing them, and taking back what is not in force yet."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from console.domain import clock, db
from console.domain.business.queries import business
from console.domain.errors import Invalid, NotFound, NotUndoable, Problem, Refused, at_field, constraint
from console.domain.ids import VersionId
from console.domain.intent import Actor
from console.domain.loyalty import presets, queries
from console.domain.loyalty.rules.programme import EVERY, Programme
from console.domain.loyalty.rules.publication import problems
from console.domain.loyalty.tables import ProgrammeVersion
from console.domain.operation import operation
from console.domain.plain import to_plain
from console.domain.running import Done, Operation
from console.domain.team.rules import Permission
from console.domain.undo import barring, restore

USUAL = 5_000
"""What a visit is taken to cost, in minor units, before anything is known of the business."""

constraint("programme_date_key", at_field("effective_from", "problem.version_that_day"))


class DraftThere(Refused):
    """There is one draft at a time."""

    key = "refused.draft_there"


class InForce(Refused):
    """A version that is or was in force stays."""

    key = "refused.version_in_force"


constraint("programme_draft_key", DraftThere)
constraint("programme_version_stays", InForce)


async def begin() -> None:
    """Put in a draft where there is no version yet, as a part of what begins a database."""
    if await db.fetchval("SELECT EXISTS (SELECT FROM programme_version)"):
        return
    await db.execute(
        "WITH begun AS (INSERT INTO programme_version (version, operation, rules)"
        "  SELECT 1, (SELECT min(id) FROM operation), $1::jsonb RETURNING id, operation)"
        " INSERT INTO change (operation, entity, entity_id, fields, created)"
        " SELECT operation, 'programme_version', id, '{}', true FROM begun",
        json.dumps(to_plain(presets.both(USUAL))),
    )


@operation("programme.start", permission=Permission.PROGRAMME_CHANGE, undo=restore)
async def start_draft(op: Operation, programme: Programme) -> dict[str, int]:
    """Begin a draft, from a preset or another version. Raises `Invalid`, `DraftThere`."""
    await _refuse_problems(programme)
    return await _draft(op, programme)


async def _draft(op: Operation, programme: Programme) -> dict[str, int]:
    return {"programme_version": await op.insert(ProgrammeVersion, rules=to_plain(programme))}


@operation("programme.draft", permission=Permission.PROGRAMME_CHANGE, undo=restore)
async def change_draft(op: Operation, draft: VersionId, version: int, programme: Programme) -> dict[str, int]:
    """Say what the draft's rules are. Raises `Invalid`, `Stale`, `NotFound` where it is published or dropped."""
    await _is_draft(op, draft)
    await _refuse_problems(programme)
    await op.update(ProgrammeVersion, draft, version, {"rules": to_plain(programme)})
    return {"programme_version": draft}


@operation("programme.drop", permission=Permission.PROGRAMME_CHANGE, undo=restore)
async def drop_draft(op: Operation, draft: VersionId, version: int) -> dict[str, int]:
    """Put a draft aside. Raises `Stale`, `NotFound`."""
    await _is_draft(op, draft)
    await op.update(ProgrammeVersion, draft, version, {"retired_at": op.now})
    return {"programme_version": draft}


async def _undoing(actor: Actor, operations: Sequence[int]) -> set[int]:
    """Taking a publication back is not undone by anybody."""
    rows = await db.fetch("SELECT id FROM operation WHERE id = ANY($1::bigint[]) AND undoes IS NOT NULL", operations)
    return {row["id"] for row in rows}


@barring(_undoing)
async def _withdraw(op: Operation, done: Done) -> None:
    """Publishing is taken back: the version is withdrawn, its number stays used, and its rules are the draft again.

    A version that was withdrawn stays so: the draft is published anew, under another number.
    """
    if done.undoes is not None:
        raise NotUndoable
    version = await queries.by_id(VersionId(done.result["programme_version"]))
    await withdraw_version(op, version)
    if await queries.draft() is None:
        await _draft(op, version.programme)


@operation("programme.publish", permission=Permission.PROGRAMME_CHANGE, undo=_withdraw)
async def publish(op: Operation, draft: VersionId, version: int, effective_from: date) -> dict[str, int]:
    """Publish the draft as it was seen, in force from a business date on (loyalty rules, words).

    The first version may begin on any date, each further one tomorrow or later, also where a location is a date ahead
    and somebody came there; one that was withdrawn does not count. Raises `Invalid`, `Stale`, `NotFound`.
    """
    seen = await _is_draft(op, draft)
    await _refuse_problems(seen)
    if await queries.published():
        await _refuse_begun(op, effective_from)
    number = await db.fetchval("SELECT coalesce(max(number), 0) + 1 FROM programme_version")
    values = {"number": number, "effective_from": effective_from, "published_at": op.now}
    await op.update(ProgrammeVersion, draft, version, values)
    return {"programme_version": draft}


async def _refuse_begun(op: Operation, day: date) -> None:
    if day <= await _today(op):
        raise Invalid({"effective_from": Problem("problem.version_tomorrow_at_the_earliest")})
    latest = await db.fetchval("SELECT max(night) FROM loyalty_account")
    if latest is not None and day <= latest:
        raise Invalid({"effective_from": Problem("problem.version_after", {"day": latest})})


async def withdraw_version(op: Operation, version: queries.VersionView) -> None:
    """Take a version back that is not in force yet. Raises `InForce`."""
    if version.effective_from is None or version.effective_from <= await _today(op):
        raise InForce
    await op.update(ProgrammeVersion, version.id, version.version, {"retired_at": op.now})


async def _is_draft(op: Operation, draft: VersionId) -> Programme:
    await op.lock(ProgrammeVersion, [draft])
    found = await queries.draft()
    if found is None or found.id != draft:
        raise NotFound
    return found.programme


async def _refuse_problems(programme: Programme) -> None:
    wrong = problems(programme)
    counter = programme.counter
    named = [int(one) for one in counter.services if one != EVERY] if counter else []
    if counter and await db.fetchval("SELECT count(*) FROM service WHERE id = ANY($1::bigint[])", named) < len(named):
        wrong["services"] = Problem("problem.unknown_choice")
    if wrong:
        raise Invalid(wrong)


async def _today(op: Operation) -> date:
    return clock.business_date(op.now, (await business()).zone)
