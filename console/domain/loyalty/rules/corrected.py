"""The ladder on a date of the past, as what became of the visits since makes it (loyalty rules, section 5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from console.domain.loyalty.rules.attendance import Attendance, Attended
from console.domain.loyalty.rules.card import Card
from console.domain.loyalty.rules.ladder import Held, place
from console.domain.loyalty.rules.live import Live
from console.domain.loyalty.rules.nights import nights
from console.domain.loyalty.rules.programme import Versions
from console.domain.loyalty.rules.visits import attend


@dataclass(frozen=True, slots=True)
class Written:
    """What an operation added to a visit as tiers see it, when the account's nights were done through `night`."""

    visit: int
    on: date
    counts: int
    paid: int
    operation: int
    night: date


@dataclass(frozen=True, slots=True)
class Point:
    """Just before a visit: how many were before it, its date, whose night is done, and which operation finished it."""

    at: int
    on: date
    operation: int

    def knows(self, one: Written) -> bool:
        """Whether the log up to here was written with it: not with what came later, or was about an earlier date."""
        return one.operation < self.operation and one.night <= self.on


@dataclass(frozen=True)
class Past:
    """The log of the ladder, what was written of the visits by their numbers, and the visits as they count now."""

    versions: Versions
    log: Sequence[Held]
    written: Mapping[int, Sequence[Written]]
    attended: Attendance

    def before(self, to: Point, live: Live) -> Card:
        """The ladder's part of the card at a point.

        As the log says it, which knows more than the visits (what waited, what was told); but where visits became
        others since, and had they been so all along the ladder would be another one: that one.
        """
        [first, *later] = reversed(list(self._unknown(to)))
        card = self._logged(first)
        for point in later:
            now = self.attended[len(card.attended) : point.at]
            old, new = (lived(self.versions, card, some, point.on, live) for some in (self._as_known(now, point), now))
            then = self._logged(point)
            card = then if is_same(old, new) else replace(new, attended=then.attended)
        return card

    def _unknown(self, to: Point) -> Iterator[Point]:
        """A point, the first visit before it of which its log does not know all, the first one before that, ..."""
        yield to
        places = {one.visit: at for at, one in enumerate(self.attended[: to.at])}
        while unknown := [
            at for visit, at in places.items() if at < to.at and not all(map(to.knows, self.written[visit]))
        ]:
            first = self.attended[min(unknown)]
            yield (to := Point(min(unknown), first.on, self.written[first.visit][0].operation))

    def _as_known(self, visits: Iterable[Attended], to: Point) -> Iterator[Attended]:
        for visit in visits:
            known = [one for one in self.written[visit.visit] if to.knows(one)]
            counts, paid = sum(one.counts for one in known), sum(one.paid for one in known)
            yield replace(visit, counts=counts > 0, paid=paid)

    def _logged(self, to: Point) -> Card:
        last = next((one for one in reversed(self.log) if one.is_before(to.on, to.operation)), None)
        tier = place(self.versions.on(to.on).tiers, last.tier) if last else 0
        return Card(to.on, attended=self.attended[: to.at], tier=tier, drops_on=last.drops_on if last else None)


def lived(versions: Versions, card: Card, visits: Iterable[Attended], to: date, live: Live) -> Card:
    """The ladder's part of a card through nights and visits, as they come."""
    card = replace(card, stamps=(), free_visits=(), owed=0)
    for visit in visits:
        if visit.counts or visit.paid:
            card, _ = nights(versions, card, visit.on, live)
            card, _ = attend(versions.on(visit.on).tiers, card, visit, live)
    return nights(versions, card, to, live)[0]


def is_same(one: Card, other: Card) -> bool:
    """Whether two cards are the same to the ladder."""
    return (one.tier, one.drops_on) == (other.tier, other.drops_on)
