"""The lines of the ledger, and which of them events post."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from console.domain.loyalty.rules.attendance import Attended
from console.domain.loyalty.rules.card import PointLot
from console.domain.loyalty.rules.events import (
    Event,
    FreeVisitExpired,
    FreeVisitGiven,
    FreeVisitIssued,
    FreeVisitRedeemed,
    FreeVisitReturned,
    FreeVisitRevived,
    FreeVisitVoided,
    FreeVisitWithdrawn,
    PointsEarned,
    PointsExpired,
    PointsRedeemed,
    PointsRepaid,
    PointsReturned,
    PointsRevived,
    PointsVoided,
    PointsWithdrawn,
    StampEarned,
    StampExpired,
    StampGiven,
    StampRevived,
    StampVoided,
    StampWithdrawn,
)


class Unit(StrEnum):
    """What is counted. `VISIT` and `SPEND` are what tiers look at: visits that count, and money in minor units."""

    STAMP = "stamp"
    FREE_VISIT = "free_visit"
    POINT = "point"
    VISIT = "visit"
    SPEND = "spend"


OF_TIERS = (Unit.VISIT, Unit.SPEND)


class Verb(StrEnum):
    EARN = "earn"
    ISSUE = "issue"
    CONSUME = "consume"
    REDEEM = "redeem"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"
    TRANSFER = "transfer"
    REVERSE = "reverse"
    ADJUST = "adjust"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a client's ledger; only ever added.

    `on`: the business date that it counts for. `lot`: the number of the client's stamp, free visit or points; None: a
    stamp or points below zero. `through`: until when the lot is good, on the entries that say so; of points on all,
    since it tells the parts of a lot. `visit`: the visit that it is about. `free_visit`: the number of the one that a
    stamp was consumed for, or returned from.
    """

    unit: Unit
    verb: Verb
    delta: int
    on: date
    lot: int | None = None
    through: date | None = None
    visit: int | None = None
    free_visit: int | None = None


def posted(events: Iterable[Event], visit: int | None = None) -> Iterator[Entry]:
    """The entries of stamps, free visits and points that events post, in their order; those of the ladder post none."""
    for event in events:
        yield from (replace(entry, visit=visit) for entry in _entries(event))


def attendance(before: Attended | None, now: Attended | None, visit: int) -> Iterator[Entry]:
    """What a visit adds for tiers, or what its becoming another one does; None where it does not count at all."""
    one = now or before
    if one is None:
        return
    counts = (now is not None and now.counts) - (before is not None and before.counts)
    paid = (now.paid if now else 0) - (before.paid if before else 0)
    verb = Verb.EARN if before is None else Verb.REVERSE
    if counts:
        yield Entry(Unit.VISIT, verb, counts, one.on, visit=visit)
    if paid:
        yield Entry(Unit.SPEND, verb, paid, one.on, visit=visit)


def _entries(event: Event) -> Iterator[Entry]:
    match event:
        case StampEarned(on, lot):
            verb = Verb.ADJUST if isinstance(event, StampGiven) else Verb.EARN
            yield Entry(Unit.STAMP, verb, 1, on, *((lot.number, lot.through) if lot else ()))
        case StampExpired(on, lot):
            yield Entry(Unit.STAMP, Verb.EXPIRE, -1, on, lot.number)
        case StampRevived(on, lot):
            yield Entry(Unit.STAMP, Verb.REVERSE, 1, on, lot.number, lot.through)
        case StampWithdrawn(on, lot):
            yield Entry(Unit.STAMP, Verb.WITHDRAW, -1, on, lot.number if lot else None)
        case StampVoided(on, lot) | FreeVisitVoided(on, lot):
            unit = Unit.STAMP if isinstance(event, StampVoided) else Unit.FREE_VISIT
            yield Entry(unit, Verb.REVERSE, 1, on, lot.number, lot.through)
            yield Entry(unit, Verb.WITHDRAW, -1, on, lot.number)
        case FreeVisitIssued(on, lot, consumed):
            for stamp in consumed:
                yield Entry(Unit.STAMP, Verb.CONSUME, -1, on, stamp.number, free_visit=lot.number)
            verb = Verb.ADJUST if isinstance(event, FreeVisitGiven) else Verb.ISSUE
            yield Entry(Unit.FREE_VISIT, verb, 1, on, lot.number, lot.through)
        case FreeVisitExpired(on, lot):
            yield Entry(Unit.FREE_VISIT, Verb.EXPIRE, -1, on, lot.number)
        case FreeVisitRevived(on, lot) | FreeVisitReturned(on, lot):
            yield Entry(Unit.FREE_VISIT, Verb.REVERSE, 1, on, lot.number, lot.through)
        case FreeVisitRedeemed(on, lot):
            yield Entry(Unit.FREE_VISIT, Verb.REDEEM, -1, on, lot.number)
        case FreeVisitWithdrawn(on, lot, returned):
            yield Entry(Unit.FREE_VISIT, Verb.WITHDRAW, -1, on, lot.number)
            for stamp in returned:
                yield Entry(Unit.STAMP, Verb.REVERSE, 1, on, stamp.number, stamp.through, free_visit=lot.number)
        case _:
            yield from _of_points(event)


def _of_points(event: Event) -> Iterator[Entry]:
    match event:
        case PointsEarned(on, lot):
            yield _points(Verb.EARN, 1, on, lot)
        case PointsExpired(on, lot):
            yield _points(Verb.EXPIRE, -1, on, lot)
        case PointsRevived(on, lots) | PointsReturned(on, lots):
            yield from (_points(Verb.REVERSE, 1, on, one) for one in lots)
        case PointsRedeemed(on, lots):
            yield from (_points(Verb.REDEEM, -1, on, one) for one in lots)
        case PointsWithdrawn(on, lots, owed):
            yield from (_points(Verb.WITHDRAW, -1, on, one) for one in lots)
            if owed:
                yield Entry(Unit.POINT, Verb.WITHDRAW, -owed, on)
        case PointsVoided(on, lots):
            for one in lots:
                yield _points(Verb.REVERSE, 1, on, one)
                yield _points(Verb.WITHDRAW, -1, on, one)
        case PointsRepaid(on, lots):
            yield from (_points(Verb.TRANSFER, -1, on, one) for one in lots)
            yield Entry(Unit.POINT, Verb.TRANSFER, sum(one.left for one in lots), on)


def _points(verb: Verb, sign: int, on: date, lot: PointLot) -> Entry:
    return Entry(Unit.POINT, verb, sign * lot.left, on, lot.number, lot.through)
