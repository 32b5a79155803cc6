"""How a client's card came to be what it is: the lines of the ledger and of the ladder, and what each was judged by."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from console.domain import db
from console.domain.ids import ClientId
from console.domain.loyalty.accounts import Account, account, read_entry
from console.domain.loyalty.nights import around
from console.domain.loyalty.rules.card import DAY
from console.domain.loyalty.rules.entries import Entry, Unit, Verb
from console.domain.loyalty.rules.ladder import tier_by
from console.domain.loyalty.rules.ledger import Ledger
from console.domain.loyalty.rules.live import Live
from console.domain.loyalty.rules.programme import Match, Standing, Tier, Versions
from console.domain.loyalty.sources import Source


@dataclass(frozen=True)
class Posted:
    """What posted a line: an operation, when, by whom, and as what; `visit`: the visit that it is about."""

    operation: int
    at: datetime
    actor: int
    source: Source
    visit: int | None


@dataclass(frozen=True)
class Line:
    """What one operation did alike to stamps or free visits on a date; `balance`: how many were there after it.

    `own`: what goes with a visit taken back is its own stamp. `revives`: it had ended, and counts after all.
    `version`: the number of the version behind it.
    """

    posted: Posted
    entries: Sequence[Entry]
    version: int
    balance: int
    own: bool = True
    revives: bool = False

    @property
    def first(self) -> Entry:
        return self.entries[0]

    @property
    def delta(self) -> int:
        return sum(one.delta for one in self.entries)


@dataclass(frozen=True)
class Step:
    """A change of the tier or of the warning about it, with what was held before and after.

    `standing`: what counted on its date, as far as it was known then; `still`: what of it counts now, where some was
    taken back or given back since. `missing`: what a warning said was missing.
    """

    posted: Posted
    event: str
    on: date
    tier: Tier | None
    before: Tier | None
    drops_on: date | None
    version: int
    window_days: int
    match: Match
    standing: Standing
    still: Standing | None
    missing: Standing | None


@dataclass(frozen=True)
class Counted:
    """A visit that is in the window, the last date on which it is (None: for ever), and what it adds."""

    visit: int
    on: date
    through: date | None
    counts: bool
    paid: int


_ENTRIES = (
    'SELECT e.unit, e.verb, e.delta, e."on", e.lot, e.through, e.visit, e.free_visit, e.source, e.operation,'
    " (e.snapshot->>'version')::int AS version, o.at, o.actor"
    " FROM loyalty_entry e JOIN operation o ON o.id = e.operation WHERE e.client = $1"
)


async def lines(client: ClientId, unit: Unit) -> list[Line]:
    """What happened to the stamps or the free visits of a client, the latest first."""
    rows = await db.fetch(f"{_ENTRIES} AND e.unit = $2 ORDER BY e.id", client, unit.value)
    found: list[Line] = []
    balance, earned, last = 0, dict[int, int | None](), dict[int | None, Verb]()
    for _, alike in groupby(_without_voided(rows), key=_alike):
        group = list(alike)
        entries = [read_entry(row) for row in group]
        first = entries[0]
        own = first.visit is not None and earned.get(first.visit) == first.lot
        if first.verb is Verb.EARN and first.visit is not None:
            earned[first.visit] = first.lot
        revives = first.verb is Verb.REVERSE and last.get(first.lot) is Verb.EXPIRE
        last |= {one.lot: one.verb for one in entries}
        balance += sum(one.delta for one in entries)
        found.append(Line(_posted(group[0]), entries, group[0]["version"], balance, own, revives))
    return found[::-1]


def _without_voided(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The entries without those that let what had ended go with its visit: it counts no more, as before."""
    kept: list[Mapping[str, Any]] = []
    last = dict[int | None, str]()
    for row in rows:
        before = kept[-1] if kept else None
        voids = before is not None and (before["operation"], before["lot"]) == (row["operation"], row["lot"])
        if voids and row["verb"] == Verb.WITHDRAW and last.get(row["lot"]) == Verb.EXPIRE:
            kept.pop()
            continue
        if before is not None:
            last[before["lot"]] = before["verb"]
        kept.append(row)
    return kept


def _alike(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """One line for what became one free visit, or returned from one; else each entry is its own."""
    together = row["verb"] in (Verb.CONSUME, Verb.REVERSE, Verb.EXPIRE)
    return row["operation"], row["verb"], row["on"], row["free_visit"], None if together else row["lot"]


async def steps(client: ClientId, today: date) -> tuple[list[Step], list[Counted]]:
    """What happened to the tier of a client, the latest first, and the visits that count on the business date."""
    held = await account(client, today)
    live = await around(held, today)
    entries = await db.fetch(f"{_ENTRIES} AND e.unit IN ('visit', 'spend') ORDER BY e.id", client)
    rows = await db.fetch(
        'SELECT t.event, t."on", t.tier, t.before, t.drops_on, t.source, t.visit, t.snapshot, t.operation,'
        " o.at, o.actor FROM tier_entry t JOIN operation o ON o.id = t.operation WHERE t.client = $1 ORDER BY t.id",
        client,
    )
    known = _known(entries, [row["operation"] - (Source.of(row["source"]) is Source.NIGHT) for row in rows])
    found = [_step(row, ledger, held, live) for row, ledger in zip(rows, known, strict=True)]
    return found[::-1], _counted(held.ledger, held.versions, live, today)


def _known(entries: Sequence[Mapping[str, Any]], operations: Iterable[int]) -> list[Ledger]:
    """The ledger with what was written up to each of the operations, in their order. A night comes before its visit."""
    found, at = [], 0
    ledger = Ledger()
    for operation in operations:
        while at < len(entries) and entries[at]["operation"] <= operation:
            ledger.add(read_entry(entries[at]))
            at += 1
        found.append(replace(ledger, attended=dict(ledger.attended)))
    return found


def _step(row: Mapping[str, Any], ledger: Ledger, held: Account, live: Live) -> Step:
    on, judged = row["on"], json.loads(row["snapshot"])
    versions = held.versions
    version = versions.version(on)
    tiers = version.programme.tiers
    standing, now = (
        of.card(on, 0, None).standing(tiers, on, live) if tiers else Standing(0, 0) for of in (ledger, held.ledger)
    )
    fell = now.visits < standing.visits or now.spend < standing.spend
    return Step(
        _posted(row),
        row["event"],
        on,
        tier_by(versions, row["tier"], on),
        tier_by(versions, row["before"], on),
        row["drops_on"],
        judged["version"],
        tiers.window_days if tiers else 0,
        tiers.match if tiers else Match.ALL,
        standing,
        Standing(min(now.visits, standing.visits), min(now.spend, standing.spend)) if fell else None,
        Standing(**judged["missing"]) if "missing" in judged else None,
    )


def _counted(ledger: Ledger, versions: Versions, live: Live, on: date) -> list[Counted]:
    tiers = versions.on(on).tiers
    if tiers is None:
        return []
    days = tiers.window_days
    visits = [one for one in ledger.attended.values() if (one.counts or one.paid) and one.on <= on]
    found = [
        Counted(one.visit, one.on, live.leaves(one.on, days) - DAY if days else None, one.counts, one.paid)
        for one in visits
        if not days or on < live.leaves(one.on, days)
    ]
    return sorted(found, key=lambda one: (one.on, one.visit), reverse=True)


def _posted(row: Mapping[str, Any]) -> Posted:
    return Posted(row["operation"], row["at"], row["actor"], Source.of(row["source"]), row["visit"])
