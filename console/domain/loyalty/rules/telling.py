"""What a client is to be told of what happened on their card, and what of that is not so any more. Values only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from console.domain.loyalty.rules.card import Card, Lot
from console.domain.loyalty.rules.events import Dropped, Event, FreeVisitIssued
from console.domain.loyalty.rules.live import Live
from console.domain.loyalty.rules.nights import DAY
from console.domain.loyalty.rules.programme import Standing, Tiers, Versions
from console.domain.messages.rules import MessageKind, Variables

ENDS_SOON = timedelta(30)
"""How long before its last day a client is told that a free visit ends."""


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


def telling(
    versions: Versions, before: Card, now: Card, events: Sequence[Event], live: Live, *, silently: bool = False
) -> tuple[Sequence[str], Sequence[Tell]]:
    """The keys of what is not to be told any more, and what is, of a card that became another one.

    `silently`: of the tier nothing is told (loyalty rules, section 2, fixed card).
    """
    was = dict(_told(versions, before, live, silently=silently))
    shall = dict(_told(versions, now, live, silently=silently))
    due = [one for key, one in shall.items() if was.get(key) != one and _is_news(one, was, events, live)]
    if not silently:
        due += _drops(versions, events)
    return [key for key in was if key not in shall], due


def _told(versions: Versions, card: Card, live: Live, *, silently: bool) -> Iterator[tuple[str, Tell]]:
    """All that is to be told of a card as it is, by its keys: whether it was told already is not known here."""
    if not silently and (one := warning(versions, card, live)):
        yield one.key, one
    for lot in card.free_visits:
        if not lot.expired:
            for one in _of_free_visit(lot):
                yield one.key, one


def _of_free_visit(lot: Lot) -> Iterator[Tell]:
    told: Variables = {"last": lot.through}
    yield Tell(MessageKind.FREE_VISIT_ISSUED, str(lot.number), told)
    if lot.through is not None:
        yield Tell(MessageKind.FREE_VISIT_ENDING, str(lot.number), told, lot.through - ENDS_SOON)


def _is_news(one: Tell, was: Mapping[str, Tell], events: Sequence[Event], live: Live) -> bool:
    """Whether it is to be told: a free visit is announced where it was issued, and not twice where it ends soon."""
    issued = {str(event.lot.number) for event in events if isinstance(event, FreeVisitIssued)}
    if one.kind is MessageKind.FREE_VISIT_ISSUED:
        return one.about in issued
    if one.kind is MessageKind.FREE_VISIT_ENDING:
        return one.about not in issued or (one.on is not None and one.on > live.today)
    return True


def _drops(versions: Versions, events: Sequence[Event]) -> Iterator[Tell]:
    for event in events:
        if isinstance(event, Dropped):
            told: Variables = {
                "version": versions.version(event.on).number,
                "tier": event.tier,
                "before": event.before,
            }
            yield Tell(MessageKind.TIER_DROPPED, event.on.isoformat(), told)


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
