"""Use cases of tills: counting one and signing for it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from console.domain import clock, db
from console.domain.booking import ahead
from console.domain.booking import steps as booking
from console.domain.booking.rules import ReasonUse
from console.domain.business.tables import Location
from console.domain.errors import Changed, Invalid, NotFound, Problem, constraint
from console.domain.ids import LocationId, ReasonId
from console.domain.operation import operation
from console.domain.plain import canonical
from console.domain.running import FINAL, Operation
from console.domain.team.rules import Permission
from console.domain.visits.tills_queries import MOVES, NOT_CLOSED, Line, Open, open_till
from console.domain.visits.tills_tables import TillClose, TillCount

constraint("till_count_adds_up", Changed)


@dataclass(frozen=True)
class Count:
    """What was counted of a line, in minor units, and what stays in the drawer. `reason`: why it is another sum."""

    counted: int
    leaves: int
    reason: ReasonId | None = None


def mark(till: Open) -> str:
    """What a till was when somebody looked at it."""
    told = [str(till.since), *([one.method, one.currency, one.opening, one.taken] for one in till.lines)]
    return hashlib.sha256(canonical(told)).hexdigest()


@operation("till.close", permission=Permission.TILL_CLOSE, undo=FINAL)
async def close(op: Operation, location: LocationId, seen: str, counts: tuple[Count, ...]) -> dict[str, int]:
    """Count a location's till: what came in since the last time belongs to this close, what comes later to the next.

    `seen`: the `mark` of the till as it was shown, whose lines are counted in their order. Raises `Changed` where it is
    another one now, `Invalid` (`counted_<line>`, `leaves_<line>`, `reason_<line>`).
    """
    await op.lock(Location, [location])
    row = await db.fetchrow("SELECT zone FROM location WHERE id = $1", location)
    if row is None:
        raise NotFound
    till = await open_till(location)
    if mark(till) != seen or len(counts) != len(till.lines):
        raise Changed
    if problems := count_problems(till.lines, counts):
        raise Invalid(problems)
    for at, one in enumerate(counts, 1):
        await booking.is_reason(one.reason, ReasonUse.TILL, f"reason_{at}")
    zone = ZoneInfo(row["zone"])
    on = clock.business_date(op.now, zone)
    made = await op.insert(TillClose, location=location, on=on, from_at=till.since, to_at=op.now)
    await _take_in(op, made, location)
    for line, one in zip(till.lines, counts, strict=True):
        opening = {"currency": line.currency, "opening": line.opening, "taken": line.taken}
        await op.insert(TillCount, till_close=made, method=line.method, **opening, **_said(line, one))
    if left := await ahead.unfinished(location, on, zone, op.now):
        op.effect("words.till_unfinished", count=len(left))
    return {"till_close": made}


def _said(line: Line, one: Count) -> dict[str, int | None]:
    reason = one.reason if one.counted != line.expected else None
    return {"counted": one.counted, "leaves": one.leaves, "reason": reason}


def count_problems(lines: Sequence[Line], counts: Sequence[Count]) -> dict[str, Problem]:
    """What is wrong with what was counted, by fields: a difference without a reason, more left than there is."""
    found: dict[str, Problem] = {}
    for at, (line, one) in enumerate(zip(lines, counts, strict=True), 1):
        if one.counted != line.expected and one.reason is None:
            found[f"reason_{at}"] = Problem("problem.till_differs")
        if line.drawer and one.counted < 0:
            found[f"counted_{at}"] = Problem("problem.till_below_zero")
        elif not 0 <= one.leaves <= max(one.counted, 0):
            found[f"leaves_{at}"] = Problem("problem.till_leaves")
    return found


_TAKE_IN = f"""
    INSERT INTO till_entry (operation, till_close, payment, fee_payment)
    SELECT $1, $2, m.payment, m.fee_payment FROM ({MOVES}) m WHERE m.location = $3 AND {NOT_CLOSED}
"""  # noqa: S608


async def _take_in(op: Operation, close: int, location: LocationId) -> None:
    """Let what no close has yet belong to this one."""
    await db.execute(_TAKE_IN, op.id, close, location)
