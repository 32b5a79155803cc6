"""The tier after a visit in the past became another one: taken back, refunded, paid late, or dated back (section 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from console.domain.loyalty.rules import points, stamps
from console.domain.loyalty.rules.attendance import Attended
from console.domain.loyalty.rules.card import DAY, Card, Lot, PointLot
from console.domain.loyalty.rules.corrected import is_same, lived
from console.domain.loyalty.rules.events import Event, Retraced, Turn
from console.domain.loyalty.rules.live import Live
from console.domain.loyalty.rules.nights import expire
from console.domain.loyalty.rules.points import Earned
from console.domain.loyalty.rules.programme import Versions
from console.domain.loyalty.rules.stamps import Reward
from console.domain.loyalty.rules.visits import Finished, post


@dataclass(frozen=True, slots=True)
class Posted:
    """What a finished visit posted: the free visit that it used; its stamp, and what that one was consumed for.

    A stamp of None repaid one below zero; no `stamp` at all: it earned none. `spent`: the points that paid for it, by
    lots; `points`: those that it earned.
    """

    visit: int
    took: Lot | None = None
    stamp: tuple[Lot | None, Reward | None] | None = None
    spent: Sequence[PointLot] = ()
    points: Earned | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A visit of the past that becomes another one: as it `was` for tiers, and as it is `now`; None: it does not count.

    `before`: the card just before it, and `since`: the visits after it, both as they are known now. `back`: the tier
    and the drop to come back to, where what is undone was the last that happened.
    """

    before: Card
    was: Attended | None
    now: Attended | None
    since: Sequence[Attended]
    back: tuple[int, date | None] | None = None

    def ends(self, versions: Versions, to: date, live: Live) -> tuple[Card, Card]:
        """The ladder's part of the card on a date, had the visit been what it was all along, and what it is now."""
        ways = ([one, *self.since] if one else self.since for one in (self.was, self.now))
        old, new = (lived(versions, self.before, visits, to, live) for visits in ways)
        return old, new


def lost(versions: Versions, change: Change, now: Card, live: Live) -> Turn:
    """A visit counts less, or no more: the tier and the warning from before, unless the visits since justify more.

    What makes no difference changes nothing. Never better than now, and nobody drops on the same day: what was due in
    the past is due tomorrow, and a warning that was never told gets full grace.
    """
    if change.back is not None:
        return _settled(now, _back(now, change.back, not_before=live.today + DAY))
    if change.before.drops_on is not None:
        before = replace(change.before, drops_on=max(change.before.drops_on, live.today + DAY))
        change = replace(change, before=before)
    old, new = change.ends(versions, now.night, live)
    return (now, []) if is_same(old, new) else _settled(now, min(now, new, key=_rank))


def gained(versions: Versions, change: Change, now: Card, live: Live) -> Turn:
    """A visit counts more, or is new: the tier is what it would be had it counted so all along, never worse than now.

    What makes no difference changes nothing. A warning that the client was not told of then gets full grace from now.
    """
    if change.back is not None:
        return _settled(now, _back(now, change.back))
    old, new = change.ends(versions, now.night, live.then)
    if is_same(old, new):
        return now, []
    found, tiers = max(now, new, key=_rank), versions.on(now.night).tiers
    if found is new and tiers is not None and new.drops_on is not None:
        found = replace(new, drops_on=max(new.drops_on, live.today + timedelta(tiers.grace_days)))
    return _settled(now, found)


def finish_late(versions: Versions, change: Change, now: Card, visit: Finished, live: Live) -> Turn:
    """A card after a visit of an earlier date than its last night or visit: it uses what was good on its own date."""
    card, posted = post(versions.on(visit.on), now, visit)
    card, issued = stamps.issue_since(versions, card, visit.on)
    card, ended = expire(card, now.night)
    card, settled = gained(versions, change, card.attending(visit.attended), live)
    return card, [*posted, *issued, *ended, *settled]


def take_back(versions: Versions, change: Change, now: Card, posted: Posted, live: Live) -> Turn:
    """A card without one of its visits: what it posted is posted inversely (section 5).

    It may be of a date that has not begun at home.
    """
    on, events = max(live.today, now.night), list[Event]()
    if posted.took is not None:
        now, events = stamps.give_back(now, posted.took, on)
    if posted.stamp is not None:
        now, happened = stamps.take_back(versions.on(on).counter, now, *posted.stamp, on)
        events += happened
    if posted.spent:
        now, happened = points.give_back(now, posted.spent, on)
        events += happened
    if posted.points is not None:
        now, happened = points.take_back(now, posted.points, posted.points.still, on)
        events += happened
    now, ended = expire(now, on)
    now, settled = lost(versions, change, now.without_visit(posted.visit), live)
    return now, [*events, *ended, *settled]


def _back(now: Card, to: tuple[int, date | None], not_before: date = date.min) -> Card:
    """The card with the tier and the drop of before; if they are others than now, with a drop on a date or later."""
    tier, drops_on = to
    if to != (now.tier, now.drops_on) and drops_on is not None:
        drops_on = max(drops_on, not_before)
    return replace(now, tier=tier, drops_on=drops_on)


def _rank(card: Card) -> tuple[int, date]:
    return card.tier, card.drops_on or date.max


def _settled(now: Card, found: Card) -> Turn:
    card = replace(now, tier=found.tier, drops_on=found.drops_on)
    events: list[Event] = [] if card == now else [Retraced(now.night, card.tier, now.tier, card.drops_on)]
    return card, events
