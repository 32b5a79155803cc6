"""Parts of use cases about visits: what finishing one, taking it back, or paying more or less of it does to loyalty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from console.domain import db
from console.domain.ids import ClientId
from console.domain.loyalty.accounts import Account, account, post, read_entry
from console.domain.loyalty.nights import catch_up, live
from console.domain.loyalty.rules import retracing, stamps, visits
from console.domain.loyalty.rules.again import Again, again
from console.domain.loyalty.rules.entries import Entry, attendance
from console.domain.loyalty.rules.events import Event, Turn
from console.domain.loyalty.rules.nights import expire
from console.domain.loyalty.rules.programme import Counter
from console.domain.loyalty.rules.retracing import Posted
from console.domain.loyalty.rules.visits import Finished
from console.domain.running import Operation


async def opened(op: Operation, client: ClientId, through: date) -> Account:
    """The account of a client, who must be locked, once the nights through a business date are done."""
    return await catch_up(op, await account(client, through), through)


async def finish(op: Operation, held: Account, visit: Finished) -> tuple[Account, Sequence[Event]]:
    """Post a finished visit on the account of a locked client, whose nights through its date are done."""
    return await _finish(op, held, visit, f"visit:{visit.visit}", op.id)


async def _finish(
    op: Operation, held: Account, visit: Finished, source: str, operation: int, undone: int | None = None
) -> tuple[Account, Sequence[Event]]:
    around = await live(op, held)
    change = held.change(visit.attended, operation, None, visit.attended, around, undone)
    if visit.on < held.night or change.since:
        card, events = retracing.finish_late(held.versions, change, held.card, visit, around)
    else:
        card, events = visits.finish(held.versions.on(visit.on), held.card, visit, around)
    entries = attendance(None, visit.attended, visit.visit)
    after = await post(op, held, card, events, source=source, live=around, visit=visit.visit, attendance=entries)
    return after, events


async def finish_again(
    op: Operation, held: Account, visit: Finished, operation: int, undone: int
) -> tuple[Account, Sequence[Event]]:
    """Post a visit once more that an operation finished, and another one has `undone`."""
    counted = await _restored(held, f"undo:{undone}", visit.visit, visit.on)
    if counted is None or not counted.entries:
        return await _finish(op, held, visit, f"redo:{op.id}", operation, undone)
    around, attended = await live(op, held), visit.attended
    change = held.change(attended, operation, None, attended, around, undone)
    card, settled = retracing.gained(held.versions, change, counted.card.attending(attended), around)
    events = [*counted.since, *settled]
    entries = attendance(None, attended, visit.visit)
    after = await post(
        op,
        held,
        card,
        events,
        source=f"redo:{op.id}",
        live=around,
        visit=visit.visit,
        first=counted.entries,
        attendance=entries,
    )
    return after, [*counted.told, *events]


async def take_back(
    op: Operation, held: Account, visit: int, on: date, operation: int
) -> tuple[Account, Sequence[Event]]:
    """Post the inverse of a visit of a date that an operation finished; the nights are done through today."""
    attended = held.attended(visit, on)
    done = Posted(visit, held.ledger.free_visit_of(visit), held.ledger.stamp_of(visit))
    around = await live(op, held)
    change = held.change(attended, operation, attended, None, around, await _undone(op))
    card, events = retracing.take_back(held.versions, change, held.card, done, around)
    entries = attendance(attended, None, visit)
    after = await post(op, held, card, events, source=f"undo:{op.id}", live=around, visit=visit, attendance=entries)
    return after, events


async def pay(
    op: Operation,
    held: Account,
    visit: int,
    on: date,
    operation: int,
    more: int,
    *,
    full: bool = False,
    undone: int | None = None,
) -> tuple[Account, Sequence[Event]]:
    """Post that more was paid of a visit (a debt received), or less (a part refunded), dated to it, in minor units.

    `full`: all of it is refunded, so its stamp goes. `undone`: which operation's full refund is undone, so that its
    stamp comes back. The nights are done through today.
    """
    around = await live(op, held)
    attended = held.attended(visit, on)
    paid = replace(attended, paid=attended.paid + more)
    change = held.change(attended, operation, attended, paid, around, await _undone(op))
    today = max(around.today, held.night)
    now, events, counted = held.card, list[Event](), None
    earned = held.ledger.stamp_of(visit)
    if full and earned is not None:
        now, events = stamps.take_back(held.versions.on(today).counter, now, *earned, today)
    if undone is not None:
        counted = await _restored(held, f"payment:{undone}:{visit}", visit, on)
        now, events = (counted.card, [*counted.since]) if counted else _earned(held, visit, on)
    now, ended = expire(now, max(held.night, around.today))
    settle = retracing.gained if more > 0 else retracing.lost
    card, settled = settle(held.versions, change, now.without_visit(visit).attending(paid), around)
    events = [*events, *ended, *settled]
    after = await post(
        op,
        held,
        card,
        events,
        source=f"payment:{op.id}:{visit}",
        live=around,
        visit=visit,
        first=counted.entries if counted else (),
        attendance=attendance(attended, paid, visit),
    )
    return after, [*(counted.told if counted else ()), *events]


async def stamp(op: Operation, held: Account, visit: int, on: date, change: int) -> tuple[Account, Sequence[Event]]:
    """Post that a visit of a date has its stamp after all (1), or no more (-1); the nights are done through today."""
    around = await live(op, held)
    today, earned, counter = max(around.today, held.night), held.ledger.stamp_of(visit), held.versions.on(on).counter
    card, events = held.card, list[Event]()
    if change < 0 and earned is not None:
        card, events = stamps.take_back(held.versions.on(today).counter, card, *earned, today)
    if change > 0 and counter is not None:
        card, events = _earn(held, counter, on)
    card, ended = expire(card, max(held.night, around.today))
    events = [*events, *ended]
    after = await post(op, held, card, events, source=f"stamp:{op.id}", live=around, visit=visit)
    return after, events


async def _restored(held: Account, source: str, visit: int, on: date) -> Again | None:
    """The card with what was taken with a visit of a date by a source; None where that is not there to be had again."""
    taken = await _taken(held, source)
    if taken is None or not _has_room(held, visit, on):
        return None
    return again(held.versions, held.card, held.ledger, taken, on)


async def _taken(held: Account, source: str) -> Sequence[Entry] | None:
    """The stamps and free visits that what took a visit back posted; None where one of them has moved since."""
    rows = await db.fetch(
        'SELECT unit, verb, delta, "on", lot, through, visit, free_visit, EXISTS (SELECT FROM loyalty_entry e'
        "  WHERE e.client = mine.client AND e.unit = mine.unit AND e.lot IS NOT DISTINCT FROM mine.lot"
        "  AND e.id > mine.id AND e.source <> mine.source) AS moved"
        " FROM loyalty_entry mine WHERE client = $1 AND source = $2 AND unit IN ('stamp', 'free_visit') ORDER BY id",
        held.client,
        source,
    )
    return None if any(row["moved"] for row in rows) else [read_entry(row) for row in rows]


def _has_room(held: Account, visit: int, on: date) -> bool:
    """Whether a stamp that a visit of a date has lost may be its own again: another one may have that date's by now."""
    counter = held.versions.on(on).counter
    if visit not in held.ledger.lost or counter is None:
        return True
    return held.ledger.stamped(on) < counter.max_stamps_per_day


def _earned(held: Account, visit: int, on: date) -> Turn:
    """A stamp anew for a visit of a date that has lost its own, where that date has room for one."""
    counter = held.versions.on(on).counter
    if counter is None or visit not in held.ledger.lost or not _has_room(held, visit, on):
        return held.card, []
    return _earn(held, counter, on)


def _earn(held: Account, counter: Counter, on: date) -> Turn:
    card, events = stamps.earn(counter, held.card, on)
    card, issued = stamps.issue_since(held.versions, card, on)
    return card, [*events, *issued]


async def _undone(op: Operation) -> int | None:
    """The operation that this one takes back."""
    undone: int | None = await db.fetchval("SELECT undoes FROM operation WHERE id = $1", op.id)
    return undone
