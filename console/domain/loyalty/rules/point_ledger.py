"""The entries of a client's points, added up in the order in which they were written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from console.domain.loyalty.rules.card import PointLot
from console.domain.loyalty.rules.entries import Entry, Verb
from console.domain.loyalty.rules.points import Earned

Part = tuple[int, date | None]
"""A lot's number and the last date on which that part of it is good."""


@dataclass
class _Part:
    """So many points are `left` of a part of a lot of a date, and so many have ended."""

    on: date
    left: int = 0
    ended: int = 0


@dataclass
class PointLedger:
    """`owed`: points below zero. By visits: what one `earned`, and what it was `spent` on it and has not come back."""

    parts: dict[Part, _Part] = field(default_factory=dict)
    owed: int = 0
    earned: dict[int, Earned] = field(default_factory=dict)
    spent: dict[int, list[PointLot]] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        revives = entry.verb is Verb.REVERSE and entry.lot is not None and self._part(entry, entry.lot).ended > 0
        if entry.visit is not None and not revives:
            self._of_visit(entry, entry.visit)
        if entry.lot is None:
            self.owed -= entry.delta
            return
        part = self._part(entry, entry.lot)
        part.left += entry.delta
        if entry.verb is Verb.EXPIRE or revives:
            part.ended -= entry.delta

    def _part(self, entry: Entry, lot: int) -> _Part:
        known = next((part.on for (number, _), part in self.parts.items() if number == lot), entry.on)
        return self.parts.setdefault((lot, entry.through), _Part(known))

    def _of_visit(self, entry: Entry, visit: int) -> None:
        match entry.verb:
            case Verb.EARN if entry.lot is not None:
                self.earned[visit] = Earned(entry.lot, entry.delta)
            case Verb.REDEEM if entry.lot is not None:
                lot = PointLot(entry.lot, self._part(entry, entry.lot).on, entry.through, left=-entry.delta)
                self.spent.setdefault(visit, []).append(lot)
            case Verb.REVERSE if visit in self.spent:
                self._returned(visit, entry.delta)
            case Verb.REVERSE | Verb.WITHDRAW if visit in self.earned:
                earned = self.earned[visit]
                self.earned[visit] = replace(earned, still=earned.still + entry.delta)

    def _returned(self, visit: int, many: int) -> None:
        """All that a visit was paid with returns at once, if by several entries."""
        lots = self.spent.pop(visit)
        while many:
            lot = lots.pop()
            if lot.left > many:
                lots.append(replace(lot, left=lot.left - many))
            many = max(0, many - lot.left)
        if lots:
            self.spent[visit] = lots

    def is_own(self, entry: Entry) -> bool:
        """Whether an entry is about the lot that its visit earned."""
        earned = self.earned.get(entry.visit) if entry.visit is not None else None
        return earned is not None and earned.lot == entry.lot

    @property
    def held(self) -> Sequence[PointLot]:
        """Those in hand, and those that ended."""
        return tuple(
            PointLot(number, part.on, through, expired, left)
            for (number, through), part in self.parts.items()
            for expired, left in ((False, part.left), (True, part.ended))
            if left
        )

    @property
    def last(self) -> int:
        """The number of the last lot that there ever was."""
        return max((number for number, _ in self.parts), default=0)

    @property
    def balance(self) -> int:
        """Points in hand less those owed."""
        return sum(part.left for part in self.parts.values()) - self.owed
