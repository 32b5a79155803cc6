"""The ledger: the card that the entries of a client add up to. A balance is the sum of its entries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from console.domain.loyalty.rules.attendance import Attended
from console.domain.loyalty.rules.card import Card, Lot
from console.domain.loyalty.rules.entries import OF_TIERS, Entry, Unit, Verb
from console.domain.loyalty.rules.point_ledger import PointLedger
from console.domain.loyalty.rules.stamps import Reward


@dataclass
class _Held:
    """A stamp or a free visit through its entries: `count` is 1 while it is there.

    `came`: the visit whose posting brought it. `never_good`: that one said, too, that it has ended; None: nothing has.
    """

    lot: Lot
    count: int = 0
    spent_for: int | None = None
    came: int | None = None
    never_good: bool | None = None


@dataclass
class Ledger:
    """The entries of one client, added up in the order in which they were written.

    By their numbers: stamps and free visits. By visits: `attended`, the number of the stamp that one `earned` (None: it
    repaid one below zero) and has not lost since, the date that this counted for, both of what it has `lost`, the
    number of the free visit that it `redeemed`, and the date of this while it is so.
    """

    stamps: dict[int, _Held] = field(default_factory=dict)
    free_visits: dict[int, _Held] = field(default_factory=dict)
    owed: int = 0
    attended: dict[int, Attended] = field(default_factory=dict)
    earned: dict[int, int | None] = field(default_factory=dict)
    stamped_on: dict[int, date] = field(default_factory=dict)
    lost: dict[int, tuple[int | None, date]] = field(default_factory=dict)
    redeemed: dict[int, int] = field(default_factory=dict)
    redeemed_on: dict[int, date] = field(default_factory=dict)
    points: PointLedger = field(default_factory=PointLedger)

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Ledger:
        ledger = cls()
        for entry in entries:
            ledger.add(entry)
        return ledger

    def add(self, entry: Entry) -> None:
        if entry.unit in OF_TIERS:
            self._attend(entry)
            return
        if entry.unit is Unit.POINT:
            self.points.add(entry)
            return
        if entry.lot is None:
            self.owed -= entry.delta
        else:
            self._count(self.stamps if entry.unit is Unit.STAMP else self.free_visits, entry, entry.lot)
        if entry.visit is not None and entry.unit is Unit.STAMP:
            self._earn(entry, entry.visit)
        if entry.visit is not None and entry.lot is not None and entry.verb is Verb.REDEEM:
            self.redeemed[entry.visit] = entry.lot
            self.redeemed_on[entry.visit] = entry.on
        if entry.visit is not None and entry.unit is Unit.FREE_VISIT and entry.verb is Verb.REVERSE:
            self.redeemed_on.pop(entry.visit, None)

    def _earn(self, entry: Entry, visit: int) -> None:
        if entry.verb is Verb.EARN:
            self.earned[visit], self.stamped_on[visit] = entry.lot, entry.on
            self.lost.pop(visit, None)
        if entry.verb is Verb.WITHDRAW and visit in self.earned:
            self.lost[visit] = self.earned.pop(visit), self.stamped_on.pop(visit)
        if entry.verb is Verb.REVERSE and visit in self.lost:
            self.earned[visit], self.stamped_on[visit] = self.lost.pop(visit)

    def _count(self, lots: dict[int, _Held], entry: Entry, number: int) -> None:
        if number not in lots:
            lots[number] = _Held(Lot(number, entry.on, entry.through), came=entry.visit)
        held = lots[number]
        held.count += entry.delta
        if entry.verb is Verb.REVERSE:
            held.lot = replace(held.lot, through=entry.through)
        if entry.delta > 0 or entry.verb is Verb.EXPIRE:
            held.lot = replace(held.lot, expired=entry.verb is Verb.EXPIRE)
        if entry.verb is Verb.EXPIRE and held.never_good is None:
            held.never_good = entry.visit is not None and entry.visit == held.came
        held.spent_for = entry.free_visit if entry.verb is Verb.CONSUME else None

    def _attend(self, entry: Entry) -> None:
        assert entry.visit is not None
        known = self.attended.get(entry.visit, Attended(entry.on, False, 0, entry.visit))
        if entry.unit is Unit.VISIT:
            self.attended[entry.visit] = replace(known, counts=entry.delta > 0)
        else:
            self.attended[entry.visit] = replace(known, paid=known.paid + entry.delta)

    @property
    def came(self) -> Collection[date]:
        """The dates of the client's visits: those that count, those that were paid for, and those that were free."""
        paid = (one.on for one in self.attended.values() if one.counts or one.paid)
        return {*paid, *self.redeemed_on.values()}

    def card(self, night: date, tier: int, drops_on: date | None) -> Card:
        """The card, with a tier and a night that are kept beside the ledger."""
        return Card(
            night,
            _unused(self.stamps),
            self.owed,
            _unused(self.free_visits),
            max(self.stamps, default=0),
            max(self.free_visits, default=0),
            tuple(self.attended.values()),
            tier,
            drops_on,
            points=self.points.held,
            points_owed=self.points.owed,
            last_points=self.points.last,
        )

    def stamp_of(self, visit: int) -> tuple[Lot | None, Reward | None] | None:
        """The stamp that a visit earned and what it was consumed for; None where it earned none."""
        if visit not in self.earned:
            return None
        number = self.earned[visit]
        if number is None:
            return None, None
        held = self.stamps[number]
        return held.lot, self._reward(held.spent_for)

    def free_visit_of(self, visit: int) -> Lot | None:
        """The free visit that a visit used."""
        number = self.redeemed.get(visit)
        return None if number is None else self.free_visits[number].lot

    def _reward(self, number: int | None) -> Reward | None:
        if number is None:
            return None
        held = self.free_visits[number]
        consumed = [one.lot for one in self.stamps.values() if one.spent_for == number]
        used = any(self.redeemed[visit] == number for visit in self.redeemed_on)
        return Reward(held.lot, consumed, used, bool(held.never_good))

    def stamped(self, on: date) -> int:
        """How many stamps visits of a date earned and still have."""
        return sum(day == on for day in self.stamped_on.values())

    def inverse(self, entries: Sequence[Entry], today: date, used: date) -> Iterator[Entry]:
        """What posts today the inverse of what a visit's being taken back posted of stamps, free visits and points.

        `used`: the date of that visit, on which it uses its free visit and its points.
        """
        for entry in reversed(entries):
            if entry.delta < 0:
                through = self._through(entry)
                verb = Verb.TRANSFER if entry.verb is Verb.TRANSFER else Verb.REVERSE
                yield replace(entry, verb=verb, delta=-entry.delta, on=today, through=through, free_visit=None)
            else:
                verb = self._used_up(entry)
                on = used if verb is Verb.REDEEM else today
                through = entry.through if entry.unit is Unit.POINT else None
                yield replace(entry, verb=verb, delta=-entry.delta, on=on, through=through)

    def _through(self, entry: Entry) -> date | None:
        if entry.unit is Unit.POINT:
            return entry.through
        lots = self.stamps if entry.unit is Unit.STAMP else self.free_visits
        return None if entry.lot is None else lots[entry.lot].lot.through

    def _used_up(self, entry: Entry) -> Verb:
        """How what came by an entry goes again."""
        if entry.verb is Verb.TRANSFER:
            return Verb.TRANSFER
        if entry.unit is Unit.POINT:
            return Verb.EXPIRE if self.points.is_own(entry) else Verb.REDEEM
        if entry.verb is not Verb.REVERSE:
            return Verb.WITHDRAW
        if entry.free_visit is not None:
            return Verb.CONSUME
        redeemed = entry.unit is Unit.FREE_VISIT and (entry.visit, entry.lot) in self.redeemed.items()
        return Verb.REDEEM if redeemed else Verb.EXPIRE

    @property
    def balance(self) -> int:
        """Stamps in hand less those owed."""
        return sum(one.count for one in self.stamps.values()) - self.owed


def _unused(lots: dict[int, _Held]) -> Sequence[Lot]:
    """Those in hand, and those that expired."""
    return tuple(one.lot for one in lots.values() if one.count or one.lot.expired)
