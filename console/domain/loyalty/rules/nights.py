"""The night of a business date, and which nights change anything (loyalty rules, words and section 2).

One function for the nightly job, for catching up, and for a replay.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import date, timedelta

from console.domain.loyalty.rules.card import DAY, Card
from console.domain.loyalty.rules.days import later
from console.domain.loyalty.rules.events import (
    Dropped,
    Event,
    FreeVisitExpired,
    PointsExpired,
    Postponed,
    Rematched,
    StampExpired,
    Turn,
    Warned,
    WarningClosed,
)
from console.domain.loyalty.rules.live import REPLAY, Live
from console.domain.loyalty.rules.programme import Programme, Tiers, Versions
from console.domain.loyalty.rules.stamps import issue


def nights(versions: Versions, card: Card, to: date, live: Live = REPLAY) -> Turn:
    """Every night after the card's last one through that of `to`, each before the visits of its date.

    It goes from one date on which something can change to the next. Nights that were done are not done again.
    """
    events: list[Event] = []
    while (on := next_night(versions, card, live, to)) is not None:
        card, happened = night(versions, card, on, live)
        events += happened
    return card if card.night >= to else card.but(night=to), events


def next_night(versions: Versions, card: Card, live: Live = REPLAY, through: date = date.max) -> date | None:
    """The first date after the card's last night, through another, on which a night may change anything; None: none."""
    tomorrow = card.night + DAY
    if tomorrow > through:
        return None
    first, begins = card.first_end() or date.max, versions.begins(card.night)
    if begins is not None:
        first = min(first, begins)
    if card.tier and begins != tomorrow:
        first = min(first, *_moves(versions.on(tomorrow).tiers, card, tomorrow, live, through), date.max)
    return max(first, tomorrow) if first <= through and first < date.max else None


def _moves(tiers: Tiers | None, card: Card, tomorrow: date, live: Live, through: date) -> Iterator[date]:
    """Dates of which the first, if it is not after `through`, is the next on which the ladder may change anything."""
    if tiers is None:
        return
    if card.drops_on is not None:
        held = live.held_until(card.drops_on, tiers.hold_days, max(card.drops_on, tomorrow))
        yield card.drops_on if held is None else held + DAY
    attended = card.attendance
    known = attended.through(tomorrow)
    if card.drops_on is not None or not _stays(tiers, card, known, through, live):
        left = attended.left(tomorrow, tiers.window_days, live)
        if tiers.kept(card.tier, attended.between(left, known)) is (card.drops_on is not None):
            yield tomorrow  # an open warning closes, or one opens
        elif card.drops_on is None and tiers.window_days:
            yield from _too_few(tiers, card, left, known, live)
    if known < len(attended):
        yield attended[known].on


def _stays(tiers: Tiers, card: Card, known: int, through: date, live: Live) -> bool:
    """Whether the first visits alone, as many as are known, keep the tier through a date: so they do until then."""
    attended = card.attendance
    gone = min(attended.left(through, tiers.window_days, live), known)
    return tiers.kept(card.tier, attended.between(gone, known))


def _too_few(tiers: Tiers, card: Card, left: int, known: int, live: Live) -> Iterator[date]:
    """The date on which so many more of the known visits have left the window that the tier is not kept any more."""
    attended, gone = card.attendance, range(left + 1, known + 1)
    enough = bisect_left(gone, True, key=lambda first: not tiers.kept(card.tier, attended.between(first, known)))
    if enough < len(gone):
        yield live.leaves(attended[gone[enough] - 1].on, tiers.window_days)


def night(versions: Versions, card: Card, on: date, live: Live = REPLAY) -> Turn:
    """The night of one date, the one after the card's last or a later one between which nothing changes."""
    now, before = versions.on(on), versions.on(on - DAY)
    card, events = expire(card, on)
    if now is not before:
        card, happened = _take_over(now, before, card, on)
        events += happened
    if now.tiers is not None:
        card, happened = _judge(now.tiers, card, on, live)
        events += happened
    return card.but(night=on), events


def expire(card: Card, on: date) -> Turn:
    """What has ended by a date is said to have."""
    ended, stamps, free_visits, points = card.expire(on)
    if ended is card:
        return card, []
    return ended, [
        *[StampExpired(on, one) for one in stamps],
        *[FreeVisitExpired(on, one) for one in free_visits],
        *[PointsExpired(on, one) for one in points],
    ]


def _judge(tiers: Tiers, card: Card, on: date, live: Live) -> Turn:
    """Section 2: down, with a warning, a step at a time."""
    if not card.tier:
        return _close(card, on)
    standing = card.standing(tiers, on, live)
    if tiers.kept(card.tier, standing):
        return _close(card, on)
    if card.drops_on is None:
        grace = max(tiers.grace_days, on < live.today)  # told late, it comes a night later than it is told, too
        drops_on = later(max(on, live.today), grace)
        missing = tiers.ladder[card.tier].keep.missing(standing)
        return card.but(drops_on=drops_on), [Warned(on, drops_on, missing)]
    if on < card.drops_on or live.held_until(card.drops_on, tiers.hold_days, on):
        return card, []
    lower = tiers.below(card.tier, standing)
    return card.but(tier=lower, drops_on=None), [Dropped(on, lower, card.tier)]


def _close(card: Card, on: date) -> Turn:
    if card.drops_on is None:
        return card, []
    return card.but(drops_on=None), [WarningClosed(on)]


def _take_over(now: Programme, before: Programme, card: Card, on: date) -> Turn:
    """Section 5, a new version: tiers by their codes, warnings with full grace, free visits that are due by it."""
    events: list[Event] = []
    tier = _same_tier(now.tiers, before.tiers, card.tier)
    if tier != card.tier:
        events.append(Rematched(on, tier, card.tier))
    drops_on = _full_grace(now.tiers, tier, card.drops_on, on)
    if card.drops_on is not None and drops_on != card.drops_on:
        events.append(WarningClosed(on) if drops_on is None else Postponed(on, drops_on))
    card = card.but(tier=tier, drops_on=drops_on)
    if now.counter is not None:
        card, issued = issue(now.counter, card, on)
        events += issued
    return card, events


def _full_grace(tiers: Tiers | None, tier: int, drops_on: date | None, on: date) -> date | None:
    """The drop that a warning tells of by another version: never earlier; none from the first tier."""
    if drops_on is None or tiers is None or not tier:
        return None
    return max(drops_on, on + timedelta(tiers.grace_days))


def _same_tier(now: Tiers | None, before: Tiers | None, held: int) -> int:
    if now is None or before is None:
        return 0
    places = {tier.code: place for place, tier in enumerate(now.ladder)}
    codes = (tier.code for tier in reversed(before.ladder[: held + 1]))
    return next((places[code] for code in codes if code in places), 0)
