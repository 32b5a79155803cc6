"""Use cases of a draft that is tried on the visits of the last year, and what its page reads of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.domain import clock, db
from console.domain.business.queries import business
from console.domain.errors import NotFound
from console.domain.ids import VersionId
from console.domain.loyalty.queries import draft as drafted
from console.domain.loyalty.queries import versions
from console.domain.loyalty.rules.programme import Programme
from console.domain.loyalty.rules.trial import Difference, Few, Period, Side, Sums
from console.domain.loyalty.rules.written import read
from console.domain.loyalty.tables import ProgrammeVersion
from console.domain.operation import operation
from console.domain.plain import to_plain
from console.domain.policies.trial_jobs import BELL, QUEUE
from console.domain.running import FINAL, Operation
from console.domain.team.rules import Permission
from console.domain.visits.past import LeftOut


@operation("programme.try_out", permission=Permission.PROGRAMME_CHANGE, undo=FINAL)
async def try_out(op: Operation, draft: VersionId) -> dict[str, int]:
    """Have a worker try the draft as it is, in place of what was tried before; it is not asked twice.

    Raises `NotFound` where it is the draft no more.
    """
    await op.lock(ProgrammeVersion, [draft])
    one = await drafted()
    if one is None or one.id != draft:
        raise NotFound
    waits = f"SELECT id FROM programme_trial WHERE draft = $1 AND draft_version = $2 AND {QUEUE.waits}"  # noqa: S608
    if (there := await db.fetchval(waits, draft, one.version)) is not None:
        op.nothing_new()
        return {"programme_trial": there}
    today = clock.business_date(op.now, (await business()).zone)
    number = (await versions()).version(today).number
    await db.execute("DELETE FROM programme_trial")
    new = await db.fetchval(
        "INSERT INTO programme_trial (operation, draft, draft_version, rules, stands, as_of, tries, done, of)"
        " VALUES ($1, $2, $3, $4, (SELECT id FROM programme_version WHERE number = $5), $6, 0, 0, 0) RETURNING id",
        op.id,
        draft,
        one.version,
        json.dumps(to_plain(one.programme)),
        number,
        today,
    )
    op.wrote_beside()
    op.ring(BELL)
    return {"programme_trial": new}


@dataclass(frozen=True)
class Found:
    """What came of a trial: both sides, who gains and who loses by the draft, and visits that are not in it."""

    clients: int
    stand: Side
    draft: Side
    gain: Few
    lose: Few
    left_out: LeftOut


@dataclass(frozen=True)
class TrialView:
    """A draft that is or was tried: in which state (`version`), when that was asked, and how far it is.

    `stands`: the number of the version beside it, with its rules; 0: none is in force. `failed`: the key of why it
    cannot be done.
    """

    draft: VersionId
    version: int
    at: datetime
    period: Period
    stands: int
    programmes: tuple[Programme, Programme]
    in_work: bool
    done: int
    of: int
    failed: str | None
    found: Found | None

    @property
    def waits(self) -> bool:
        return self.failed is None and self.found is None


async def trial(now: datetime) -> TrialView | None:
    """The one that there is."""
    row = await db.fetchrow(
        "SELECT t.draft, t.draft_version AS version, o.at, t.as_of, v.number, v.rules AS stand, t.rules AS draft_rules,"
        " coalesce(t.claimed_until >= $1, false) AS in_work, t.done, t.of, t.failed,"
        " CASE WHEN t.ended_at IS NOT NULL THEN t.result END AS result FROM programme_trial t"
        " JOIN operation o ON o.id = t.operation LEFT JOIN programme_version v ON v.id = t.stands",
        now,
    )
    if row is None:
        return None
    stand = read(json.loads(row["stand"])) if row["stand"] else Programme()
    return TrialView(
        row["draft"],
        row["version"],
        row["at"],
        Period(row["as_of"]),
        row["number"] or 0,
        (stand, read(json.loads(row["draft_rules"]))),
        row["in_work"],
        row["done"],
        row["of"],
        row["failed"],
        _found(json.loads(row["result"])) if row["result"] else None,
    )


def _found(plain: Mapping[str, Any]) -> Found:
    def side(one: Mapping[str, Any]) -> Side:
        return Side(Sums(**one["sums"]), one["population"])

    def few(one: Mapping[str, Any]) -> Few:
        return Few(one["many"], one["minor"], [Difference(**{**each, **_pairs(each)}) for each in one["top"]])

    return Found(
        plain["clients"],
        side(plain["stand"]),
        side(plain["draft"]),
        few(plain["gain"]),
        few(plain["lose"]),
        LeftOut(**plain["left_out"]),
    )


def _pairs(difference: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    return {name: tuple(difference[name]) for name in ("paid", "tiers", "used")}
