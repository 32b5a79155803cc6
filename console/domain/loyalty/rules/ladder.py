"""The log of the ladder: what each event leaves held, by the codes of its own date's tiers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from console.domain.loyalty.rules.card import DAY, Card
from console.domain.loyalty.rules.events import (
    Adjusted,
    Dropped,
    Event,
    LadderEvent,
    Postponed,
    Raised,
    Rematched,
    Retraced,
    Warned,
)
from console.domain.loyalty.rules.programme import Tier, Tiers, Versions

NAMES: Mapping[type, str] = {
    Raised: "raised",
    Dropped: "dropped",
    Rematched: "rematched",
    Warned: "warned",
    Postponed: "postponed",
    Retraced: "retraced",
    Adjusted: "adjusted",
}


@dataclass(frozen=True, slots=True)
class Logged:
    """An event of the ladder, and the tier and drop that it leaves; tiers by their codes, None where there is none.

    `judged_by`: what the rules looked at, for whoever asks why.
    """

    event: str
    on: date
    tier: str | None
    before: str | None
    drops_on: date | None
    judged_by: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Held(Logged):
    """What an operation left of the tier on a business date, by its code, and of the drop that is due.

    `visit`: the one that it was about; None for the nights.
    """

    operation: int
    visit: int | None = None

    @classmethod
    def of(cls, one: Logged, operation: int, visit: int | None = None) -> Held:
        """What an operation has logged."""
        return cls(one.event, one.on, one.tier, one.before, one.drops_on, one.judged_by, operation, visit)

    def is_before(self, on: date, operation: int) -> bool:
        """Whether it was so before an operation finished a visit of a date; nights that it did itself were before."""
        mine = self.operation == operation and self.visit is None
        return self.on < on or (self.on == on and (self.operation < operation or mine))


def logged(versions: Versions, held: Card, events: Iterable[Event]) -> Iterator[Logged]:
    """What is written of the events that happened on a card, in their order."""
    tier, drops_on = held.tier, held.drops_on
    for event in events:
        if not isinstance(event, LadderEvent):
            continue
        was, tier = tier, getattr(event, "tier", tier)
        drops_on = getattr(event, "drops_on", drops_on if isinstance(event, Raised | Rematched) else None)
        version = versions.version(event.on)
        judged_by: dict[str, Any] = {"version": version.number}
        if isinstance(event, Warned):
            judged_by["missing"] = asdict(event.missing)
        ladder_before = versions.on(event.on - DAY) if isinstance(event, Rematched) else version.programme
        yield Logged(
            NAMES.get(type(event), "closed"),
            event.on,
            code(version.programme.tiers, tier),
            code(ladder_before.tiers, was),
            drops_on,
            judged_by,
        )


def standing_moves(log: Iterable[Logged]) -> Sequence[Logged]:
    """The moves up and down, in their order, that led to the tier held in the end and still hold.

    One up stands alone, those down after it stand with it; a tier that comes back brings back what led to it then.
    """
    moves: Sequence[Logged] = ()
    led_to: dict[str | None, Sequence[Logged]] = {}
    for one in log:
        if one.tier == one.before:
            continue
        led_to[one.before] = moves
        if one.event == "dropped":
            moves = (*(move for move in moves if move.event == "dropped"), one)
        elif one.event == "raised":
            moves = (one,)
        else:
            moves = led_to.get(one.tier, ()) if one.event in ("retraced", "adjusted") else ()
    return moves


def code(tiers: Tiers | None, place: int) -> str | None:
    """What the tier at a place of a ladder is called in records."""
    return None if tiers is None else tiers.ladder[min(place, len(tiers.ladder) - 1)].code


def place(tiers: Tiers | None, code: str | None) -> int:
    """Where a tier stands in a ladder; 0 where it is not in it."""
    codes = [] if tiers is None else [tier.code for tier in tiers.ladder]
    return codes.index(code) if code in codes else 0


def tier_by(versions: Versions, code: str | None, on: date) -> Tier | None:
    """The tier of a code by the version in force on a date, else by the latest one before that had it."""
    before = [version.programme.tiers for version in versions.published if version.effective_from <= on]
    ladders = [tiers.ladder for tiers in reversed(before) if tiers is not None]
    return next((tier for ladder in ladders for tier in ladder if tier.code == code), None)
