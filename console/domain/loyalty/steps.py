"""Parts of use cases about visits: what finishing one, taking it back, or paying more or less of it does to loyalty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from console.domain import db
from console.domain.ids import ClientId
from console.domain.loyalty.accounts import Account, account, post
from console.domain.loyalty.nights import catch_up, live
from console.domain.loyalty.rules import retracing, stamps, visits
from console.domain.loyalty.rules.events import Event, Turn
from console.domain.loyalty.rules.ledger import attendance
from console.domain.loyalty.rules.nights import expire
from console.domain.loyalty.rules.retracing import Posted
from console.domain.loyalty.rules.visits import Finished
from console.domain.running import Operation


async def opened(op: Operation, client: ClientId, through: date) -> Account:
    """The account of a client, who must be locked, once the nights through a business date are done."""
    return await catch_up(op, await account(client, through), through)


async def finish(
    op: Operation, held: Account, visit: Finished, *, source: str | None = None, operation: int | None = None
) -> tuple[Account, Sequence[Event]]:
    """Post a finished visit on the account of a locked client, whose nights through its date are done.

    Of one that is done again after it was taken back: the `source` that posts it, and which `operation` finished it.
    """
    around = await live(op, held)
    one = visit.attended
    undone = None if operation is None else await _undone(op)
    change = held.change(one, operation or op.id, None, one, around, undone)
    if visit.on < held.night or change.since:
        card, events = retracing.finish_late(held.versions, change, held.card, visit, around)
    else:
        card, events = visits.finish(held.versions.on(visit.on), held.card, visit, around)
    entries = attendance(None, one, visit.visit)
    source = source or f"visit:{visit.visit}"
    after = await post(op, held, card, events, source=source, live=around, visit=visit.visit, attendance=entries)
    return after, events


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
    op: Operation, held: Account, visit: int, on: date, operation: int, more: int, *, stamp: int = 0
) -> tuple[Account, Sequence[Event]]:
    """Post that more was paid of a visit (a debt received), or less (a part refunded), dated to it, in minor units.

    `stamp`: -1 where its stamp goes, since all of it is refunded, 1 where that stamp comes back. The nights are done
    through today.
    """
    around = await live(op, held)
    attended = held.attended(visit, on)
    paid = replace(attended, paid=attended.paid + more)
    change = held.change(attended, operation, attended, paid, around, await _undone(op))
    now, events = _stamped(held, visit, on, max(around.today, on), stamp)
    now, ended = expire(now, max(held.night, around.today))
    settle = retracing.gained if more > 0 else retracing.lost
    card, settled = settle(held.versions, change, now.without_visit(visit).attending(paid), around)
    entries = attendance(attended, paid, visit)
    events, source = [*events, *ended, *settled], f"payment:{op.id}:{visit}"
    after = await post(op, held, card, events, source=source, live=around, visit=visit, attendance=entries)
    return after, events


async def stamp(op: Operation, held: Account, visit: int, on: date, change: int) -> tuple[Account, Sequence[Event]]:
    """Post that a visit of a date has its stamp after all (1), or no more (-1); the nights are done through today."""
    around = await live(op, held)
    card, events = _stamped(held, visit, on, max(around.today, on), change)
    card, ended = expire(card, max(held.night, around.today))
    events = [*events, *ended]
    after = await post(op, held, card, events, source=f"stamp:{op.id}", live=around, visit=visit)
    return after, events


def _stamped(held: Account, visit: int, on: date, today: date, change: int) -> Turn:
    """The card with the stamp of a visit of a date (1), without it (-1), or as it is (0)."""
    earned, counter = held.ledger.stamp_of(visit), held.versions.on(on).counter
    if change < 0 and earned is not None:
        return stamps.take_back(held.versions.on(today).counter, held.card, *earned, today)
    if change > 0 and counter is not None:
        return stamps.earn(counter, held.card, on)
    return held.card, []


async def _undone(op: Operation) -> int | None:
    """The operation that this one takes back."""
    undone: int | None = await db.fetchval("SELECT undoes FROM operation WHERE id = $1", op.id)
    return undone
