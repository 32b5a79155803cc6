"""What a card says on a date: what is still missing, and how long it lasts for somebody who stays away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from console.domain.loyalty.rules.attendance import Attended
from console.domain.loyalty.rules.card import DAY, Card, Lot
from console.domain.loyalty.rules.events import Dropped, Event, Rematched
from console.domain.loyalty.rules.ladder import code
from console.domain.loyalty.rules.live import REPLAY, Live, Span
from console.domain.loyalty.rules.nights import next_night, night, nights
from console.domain.loyalty.rules.programme import Counter, Match, Standing, Tier, Tiers, Versions
from console.domain.loyalty.rules.visits import attend


@dataclass(frozen=True, slots=True)
class StampCard:
    """The stamps that count on a date, as they came; `owed`: those below zero, which the next ones repay."""

    counter: Counter
    stamps: Sequence[Lot]
    owed: int

    @property
    def to_go(self) -> int:
        """How many are still to be earned for a free visit."""
        return self.counter.stamps_required - len(self.stamps) + self.owed

    @property
    def empty(self) -> int:
        """How many places of the card are empty."""
        return max(0, self.counter.stamps_required - len(self.stamps))

    def ends(self, on: date) -> tuple[date, int] | None:
        """The last date of the stamps that end first from a date on, and how many those are; None: none ends."""
        last = min((one.through for one in self.stamps if one.through and one.through >= on), default=None)
        return None if last is None else (last, sum(one.through == last for one in self.stamps))


@dataclass(frozen=True, slots=True)
class Lasting:
    """Through which date a tier is held by somebody who stays away, and what they hold then; None: no tier at all.

    `missing` on the day after, of which `match` says whether both or either keeps it. `version`: the number of the
    version that has the tier no more, None where it is too little that ends it.
    """

    through: date
    then: Tier | None
    missing: Standing
    match: Match
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """What keeps a tier at risk if it is done on a date, and through which date it is held then by staying away.

    `through` None: for good. `missing` is what must be added by then, `match` as in `Lasting`.
    """

    by: date
    missing: Standing
    match: Match
    through: date | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why a drop is not due as usual (section 2, "live only"; section 5).

    `booking`: the date of the one it waits for. `told`: the date on which a late warning was made. `paused`: spans in
    which we called off, which do not count.
    """

    booking: date | None = None
    told: date | None = None
    paused: Sequence[Span] = ()


@dataclass(frozen=True, slots=True)
class Next:
    """The tier above, and what is missing for it on the date; `match` as in `Lasting`."""

    tier: Tier
    missing: Standing
    match: Match


@dataclass(frozen=True, slots=True)
class TierCard:
    """The tier held on a date, at a `place` of so many `rungs`. `at_risk`: a warning is open.

    `lasts` None: nothing takes it. `ways`: what keeps a tier at risk, today and on the last day, if that is not the
    same; more is asked later, as visits leave the window.
    """

    tier: Tier
    place: int
    rungs: int
    window_days: int
    standing: Standing
    at_risk: bool
    lasts: Lasting | None
    ways: Sequence[Way]
    waiting: Waiting
    next: Next | None


def stamp_card(versions: Versions, card: Card) -> StampCard | None:
    """The stamps of a card on the date of its last night; None where none are given."""
    counter = versions.on(card.night).counter
    if counter is None:
        return None
    good = sorted(card.good_stamps(card.night), key=lambda one: one.number)
    return StampCard(counter, good, card.owed)


def tier_card(versions: Versions, card: Card, live: Live = REPLAY, warned: date | None = None) -> TierCard | None:
    """The tier of a card on the date of its last night; None where there is no ladder.

    `warned`: the business date whose night opened the warning that is open.
    """
    tiers = versions.on(card.night).tiers
    if tiers is None:
        return None
    standing = card.standing(tiers, card.night, live)
    lasts = lasting(versions, card, live)
    return TierCard(
        tiers.ladder[card.tier],
        card.tier,
        len(tiers.ladder),
        tiers.window_days,
        standing,
        card.drops_on is not None,
        lasts,
        _ways(versions, tiers, card, lasts, live) if lasts and card.drops_on and not lasts.version else (),
        _waiting(tiers, card, live, warned),
        _next(tiers, card.tier, standing),
    )


def lasting(versions: Versions, card: Card, live: Live = REPLAY) -> Lasting | None:
    """How long the tier of a card is held if no visit comes: by the nights themselves, gone ahead."""
    while card.tier and (on := next_night(versions, card, live)) is not None:
        card, events = night(versions, card, on, live)
        for event in events:
            if (found := _ended(versions, card, event, live)) is not None:
                return found
    return None


def _ended(versions: Versions, card: Card, event: Event, live: Live) -> Lasting | None:
    if not isinstance(event, Dropped | Rematched):
        return None
    now, before = versions.version(event.on), versions.on(event.on - DAY).tiers
    tiers, through = now.programme.tiers, event.on - DAY
    if isinstance(event, Dropped) and tiers is not None:
        keep = tiers.ladder[event.before].keep
        missing = keep.missing(card.standing(tiers, event.on, live))
        return Lasting(through, tiers.ladder[event.tier], missing, tiers.match)
    if code(tiers, event.tier) == code(before, event.before):
        return None
    then = None if tiers is None else tiers.ladder[event.tier]
    return Lasting(through, then, Standing(0, 0), Match.ALL, now.number)


def _ways(versions: Versions, tiers: Tiers, card: Card, lasts: Lasting, live: Live) -> Sequence[Way]:
    now = tiers.ladder[card.tier].keep.missing(card.standing(tiers, card.night, live))
    last, _ = nights(versions, card, max(lasts.through, card.night), live)
    ways = [_way(versions, tiers, one, missing, live) for one, missing in ((card, now), (last, lasts.missing))]
    return ways[1:] if now == lasts.missing else ways


def _way(versions: Versions, tiers: Tiers, card: Card, missing: Standing, live: Live) -> Way:
    either = tiers.match is Match.ANY and missing.visits and missing.spend
    done = [Standing(missing.visits, 0), Standing(0, missing.spend)] if either else [missing]
    held = [lasting(versions, _after(tiers, card, one, live), live) for one in done]
    through = min((one.through for one in held if one), default=None)
    return Way(card.night, missing, tiers.match, through)


def _after(tiers: Tiers, card: Card, done: Standing, live: Live) -> Card:
    """The card after so many visits on the date of its last night, which so much was paid for."""
    for number in range(max(1, done.visits)):
        visit = Attended(card.night, number < done.visits, 0 if number else done.spend)
        card, _ = attend(tiers, card, visit, live)
    return card


def _waiting(tiers: Tiers, card: Card, live: Live, warned: date | None) -> Waiting:
    if not card.tier:
        return Waiting()
    drops_on, tomorrow = card.drops_on, card.night + DAY
    if drops_on is None:
        return Waiting(paused=_paused(tiers, card, live))
    booking = live.held_until(drops_on, tiers.hold_days, max(drops_on, tomorrow))
    made = drops_on - timedelta(tiers.grace_days)
    told = made if warned is not None and warned < made else None
    return Waiting(booking, told, _paused(tiers, card, live))


def _paused(tiers: Tiers, card: Card, live: Live) -> Sequence[Span]:
    """The spans that keep visits in the window longer."""
    on, days = card.night, tiers.window_days
    counted = [one.on for one in card.attended if days and on < live.leaves(one.on, days)]
    return [one for one in live.paused if one.first <= on and any(visit < one.end - DAY for visit in counted)]


def _next(tiers: Tiers, held: int, standing: Standing) -> Next | None:
    if held + 1 >= len(tiers.ladder):
        return None
    above = tiers.ladder[held + 1]
    return Next(above, above.enter.missing(standing), tiers.match)
