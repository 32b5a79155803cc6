"""What a client is to be told of their card as it is; what is not among it is not so any more. Values only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from console.domain.loyalty.rules.card import DAY, Card, Lot
from console.domain.loyalty.rules.events import Dropped, Event, FreeVisitIssued, Raised
from console.domain.loyalty.rules.ladder import NAMES, Logged, place, standing_moves
from console.domain.loyalty.rules.live import Live
from console.domain.loyalty.rules.programme import Standing, Tiers, Versions
from console.domain.messages.rules import MessageKind, Variables

ENDS_SOON = timedelta(30)
"""How long before its last day a client is told that a free visit ends."""

MOVES = {"raised": MessageKind.TIER_RAISED, "dropped": MessageKind.TIER_DROPPED}
"""What tells of a move, by what the log of the ladder calls it."""

KINDS = (
    *MOVES.values(),
    MessageKind.TIER_WARNING,
    MessageKind.FREE_VISIT_ISSUED,
    MessageKind.FREE_VISIT_ENDING,
)
"""What tells of a card."""


@dataclass(frozen=True, slots=True)
class Tell:
    """One message: its kind, what it is about among those of its kind, what it tells, and from which date on.

    A tier is told by its place in the ladder of a version by its number; money in minor units; `last` days are told
    through which something still applies. `on` None: now.
    """

    kind: MessageKind
    about: str
    told: Variables
    on: date | None = None

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.about}"

    @property
    def is_lasting(self) -> bool:
        """Whether it tells of what is to come, and not of what has happened."""
        return self.kind in (MessageKind.TIER_WARNING, MessageKind.FREE_VISIT_ENDING)


def telling(
    versions: Versions,
    card: Card,
    log: Iterable[Logged],
    live: Live,
    announced: Mapping[int, date],
    *,
    silently: bool = False,
) -> dict[str, Tell]:
    """All that a client is to be told of a card as it is and of how it came to its tier, by its keys.

    Whether it was told already is not known here, but of the free visits that were `announced`, by their numbers and on
    which dates. `silently`: of the tier nothing is told (loyalty rules, section 2, fixed card).
    """
    of_tier = [] if silently else [*_moves(versions, card, log), *filter(None, [warning(versions, card, live)])]
    lots = (lot for lot in card.free_visits if not lot.expired)
    of_lots = (one for lot in lots for one in _of_free_visit(lot, announced.get(lot.number, live.today)))
    return {one.key: one for one in (*of_tier, *of_lots)}


def news(versions: Versions, events: Iterable[Event]) -> set[str]:
    """The keys of what is told because it happened, and not before that."""
    found = set()
    for event in events:
        if isinstance(event, FreeVisitIssued):
            found.add(_announcement(event.lot).key)
        if isinstance(event, Dropped | Raised):
            number = versions.version(event.on).number
            found.add(_move(NAMES[type(event)], event.on, number, event.tier, event.before).key)
    return found


def _of_free_visit(lot: Lot, announced: date) -> Iterator[Tell]:
    """That it came, and that it ends soon, unless the first was told so late that it says the second."""
    yield _announcement(lot)
    if lot.through is not None and (on := lot.through - ENDS_SOON) > announced:
        yield Tell(MessageKind.FREE_VISIT_ENDING, str(lot.number), {"last": lot.through}, on)


def _announcement(lot: Lot) -> Tell:
    return Tell(MessageKind.FREE_VISIT_ISSUED, str(lot.number), {"last": lot.through})


def _moves(versions: Versions, card: Card, log: Iterable[Logged]) -> Iterator[Tell]:
    """Of each move up or down that the tier still stands on, unless nobody was to be told of it."""
    if versions.on(card.night).tiers is None:
        return
    for one in standing_moves(log):
        version = versions.version(one.on)
        to, before = (place(version.programme.tiers, tier) for tier in (one.tier, one.before))
        if not one.judged_by.get("silent"):
            yield _move(one.event, one.on, version.number, to, before)


def _move(event: str, on: date, version: int, tier: int, before: int) -> Tell:
    return Tell(MOVES[event], f"{on}:{tier}", {"version": version, "tier": tier, "before": before})


def warning(versions: Versions, card: Card, live: Live) -> Tell | None:
    """What is to be told of a warning that is open; None where there is none."""
    version = versions.version(card.night)
    tiers = version.programme.tiers
    if card.drops_on is None or tiers is None:
        return None
    lacks = missing(tiers, card, live)
    told: Variables = {
        "version": version.number,
        "tier": card.tier,
        "last": card.drops_on - DAY,
        "visits": lacks.visits,
        "spend": lacks.spend,
        "match": tiers.match.value,
    }
    return Tell(MessageKind.TIER_WARNING, card.drops_on.isoformat(), told)


def missing(tiers: Tiers, card: Card, live: Live) -> Standing:
    """What lacks on the card's last night of what keeps its tier."""
    return tiers.ladder[card.tier].keep.missing(card.standing(tiers, card.night, live))
