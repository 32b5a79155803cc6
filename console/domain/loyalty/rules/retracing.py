"""The tier after a visit in the past became another one: taken back, refunded, paid late, or dated back (section 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from console.domain.loyalty.rules import stamps
from console.domain.loyalty.rules.attendance import Attended
from console.domain.loyalty.rules.card import Card, Lot
from console.domain.loyalty.rules.events import Event, Retraced, Turn
from console.domain.loyalty.rules.live import Live
from console.domain.loyalty.rules.nights import DAY, expire, nights
from console.domain.loyalty.rules.programme import Versions
from console.domain.loyalty.rules.stamps import Reward
from console.domain.loyalty.rules.visits import Finished, attend, post


@dataclass(frozen=True, slots=True)
class Posted:
    """What a finished visit posted: the free visit that it used; its stamp, and what that one was consumed for.

    A stamp of None repaid one below zero; no `stamp` at all: it earned none.
    """

    visit: int
    took: Lot | None = None
    stamp: tuple[Lot | None, Reward | None] | None = None


def lost(versions: Versions, before: Card, since: Sequence[Attended], now: Card, live: Live) -> Turn:
    """A visit counts less, or no more: the tier and the warning from before, unless the visits since justify more.

    `before`: the card as it was just before that visit; `since`: the visits from it on as they count now, by date.
    Never better than now, and nobody drops on the same day: what was due in the past is due tomorrow, and a warning
    that was never told gets full grace.
    """
    if before.drops_on is not None:
        before = replace(before, drops_on=max(before.drops_on, live.today + DAY))
    lived = _lived(versions, before, since, live.today, live)
    return _settled(now, min(now, lived, key=_rank), live.today)


def gained(versions: Versions, before: Card, since: Sequence[Attended], now: Card, live: Live) -> Turn:
    """A visit counts more, or is new: the tier is what it would be had it counted so all along, never worse than now.

    A warning that the client was not told of then gets full grace from now.
    """
    lived = _lived(versions, before, since, live.today, replace(live, today=date.min))
    found = max(now, lived, key=_rank)
    tiers = versions.on(live.today).tiers
    if found is lived and tiers is not None and lived.drops_on is not None:
        found = replace(lived, drops_on=max(lived.drops_on, live.today + timedelta(tiers.grace_days)))
    return _settled(now, found, live.today)


def finish_late(
    versions: Versions, before: Card, since: Sequence[Attended], now: Card, visit: Finished, live: Live
) -> Turn:
    """A card after a visit of an earlier date than its last night or visit (section 5).

    `before`: the card as it was after its date; `since`: the visits after it. It uses what was good on its own date.
    """
    card, posted = post(versions.on(visit.on), now, visit)
    card, ended = expire(card, now.night)
    card, settled = gained(versions, before, [visit.attended, *since], card.attending(visit.attended), live)
    return card, [*posted, *ended, *settled]


def take_back(
    versions: Versions, before: Card, since: Sequence[Attended], now: Card, posted: Posted, live: Live
) -> Turn:
    """A card without one of its visits: what it posted is posted inversely (section 5).

    `before`: the card as it was just before the visit; `since`: the visits after it. It may be of a date that has not
    begun at home.
    """
    on, events = max(live.today, before.night), list[Event]()
    if posted.took is not None:
        now, events = stamps.give_back(now, posted.took, on)
    if posted.stamp is not None:
        now, happened = stamps.take_back(versions.on(on).counter, now, *posted.stamp, on)
        events += happened
    now, ended = expire(now, on)
    now, settled = lost(versions, before, since, now.without_visit(posted.visit), live)
    return now, [*events, *ended, *settled]


def _lived(versions: Versions, before: Card, since: Sequence[Attended], to: date, live: Live) -> Card:
    """The ladder's part of a card: every night and visit again."""
    card = replace(before, stamps=(), free_visits=(), owed=0)
    for visit in since:
        card, _ = nights(versions, card, visit.on, live)
        card, _ = attend(versions.on(visit.on).tiers, card, visit, live)
    return nights(versions, card, to, live)[0]


def _rank(card: Card) -> tuple[int, date]:
    return card.tier, card.drops_on or date.max


def _settled(now: Card, found: Card, on: date) -> Turn:
    card = replace(now, tier=found.tier, drops_on=found.drops_on)
    events: list[Event] = [] if card == now else [Retraced(on, card.tier, now.tier, card.drops_on)]
    return card, events
