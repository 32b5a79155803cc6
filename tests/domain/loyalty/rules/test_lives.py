"""A client's whole life, in any order: what is posted always adds up to the card that the rules left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from console.domain.ids import ClientId
from console.domain.loyalty.accounts import Account
from console.domain.loyalty.presets import PRESETS
from console.domain.loyalty.rules import retracing
from console.domain.loyalty.rules.again import again as restored
from console.domain.loyalty.rules.attendance import Attended
from console.domain.loyalty.rules.card import DAY, Card
from console.domain.loyalty.rules.corrected import Written
from console.domain.loyalty.rules.entries import Entry, Unit, attendance, posted
from console.domain.loyalty.rules.events import Turn
from console.domain.loyalty.rules.ladder import Held, logged
from console.domain.loyalty.rules.ledger import Ledger
from console.domain.loyalty.rules.live import Live, Pause, Span
from console.domain.loyalty.rules.nights import nights
from console.domain.loyalty.rules.pricing import Asked, can_be_free, pay_with_points, price, redeemable
from console.domain.loyalty.rules.programme import Counter, Points, Version, Versions
from console.domain.loyalty.rules.retracing import Posted
from console.domain.loyalty.rules.visits import Finished, finish, multiplier, percentage

FIRST = date(2026, 1, 1)
USUAL = 1_000


class Life(RuleBasedStateMachine):
    """One client: nights pass, visits are finished, some late, some are taken back, and tickets come and go."""

    @initialize(
        preset=st.sampled_from(sorted(PRESETS)),
        stamps=st.integers(1, 4),
        good=st.sampled_from([0, 20, 90]),
        worth=st.integers(0, 3),
    )
    def begin(self, preset: str, stamps: int, good: int, worth: int) -> None:
        programme = PRESETS[preset](USUAL)
        if programme.counter:
            programme = replace(programme, counter=Counter(stamps, stamp_valid_days=good, reward_valid_days=good))
        if worth:
            points = Points(10, 100, point_value=worth, max_share_bp=10_000, min_redeem=0, valid_days=good)
            programme = replace(programme, points=points)
        self.versions = Versions.of([Version(date(2020, 1, 1), programme)])
        self.card = Card(FIRST)
        self.entries: list[Entry] = []
        self.log: list[Held] = []
        self.written: dict[int, list[Written]] = {}
        self.finished: dict[int, tuple[Finished, int]] = {}
        self.operation = 0

    @rule(days=st.integers(1, 120))
    def time_passes(self, days: int) -> None:
        self._went(nights(self.versions, self.card, self.card.night + timedelta(days)))

    @rule(minor=st.integers(0, 3_000), free=st.booleans(), points=st.booleans())
    def comes(self, minor: int, free: bool, points: bool) -> None:
        self._finish(self._visit(self.card.night, minor, free, points))

    @precondition(lambda self: not self._is_open())
    @rule()
    def opens_a_ticket(self) -> None:
        self.card = replace(self.card, waits=[*self.card.waits, Span(self.card.night, date.max)])

    @precondition(lambda self: self._is_open())
    @rule()
    def has_it_solved(self) -> None:
        *others, last = self.card.waits
        self.card = replace(self.card, waits=[*others, replace(last, end=self.card.night + DAY)])

    def _is_open(self) -> bool:
        return bool(self.card.waits) and self.card.waits[-1].end == date.max

    @precondition(lambda self: self.card.night > FIRST)
    @rule(ago=st.integers(1, 60), minor=st.integers(0, 3_000), free=st.booleans(), points=st.booleans())
    def came_before(self, ago: int, minor: int, free: bool, points: bool) -> None:
        before = self._tier()
        visit = self._visit(max(FIRST, self.card.night - timedelta(ago)), minor, free, points)
        self._finish(visit)
        after, finished = self._tier(), self.operation
        self._take_back(visit.attended, finished)
        assert self._tier() == before
        self._do_again(visit.visit)
        assert self._tier() == after

    @precondition(lambda self: self.card.attended)
    @rule(data=st.data(), again=st.booleans())
    def is_taken_back(self, data: st.DataObject, again: bool) -> None:
        gone = data.draw(st.sampled_from(self.card.attended))
        before, points = self._tier(), _points(self.card)
        written = len(self.entries)
        self._take_back(gone)
        ledger, taken = Ledger.of(self.entries), [one for one in self.entries[written:] if one.unit is Unit.POINT]
        assert _points(restored(self.versions, self.card, ledger, taken, gone.on).card) == points
        assert (self.card.tier, self.card.drops_on or date.max) <= (before[0], before[1] or date.max)
        if again:
            self._do_again(gone.visit)
            assert self._tier() == before

    def _finish(self, visit: Finished, operation: int | None = None) -> None:
        """For the first time, or as an `operation` did before one that took it back."""
        change = self._account().change(
            visit.attended,
            operation or self.operation + 1,
            None,
            visit.attended,
            self._live(),
            self.operation if operation else None,
        )
        if visit.on < self.card.night or change.since:
            turn = retracing.finish_late(self.versions, change, self.card, visit, self._live())
        else:
            turn = finish(self.versions.on(visit.on), self.card, visit)
        self._went(turn, visit.visit, attendance(None, visit.attended, visit.visit))
        self.finished.setdefault(visit.visit, (visit, self.operation))

    def _take_back(self, gone: Attended, undone: int | None = None) -> None:
        ledger = Ledger.of(self.entries)
        done = Posted(
            gone.visit,
            ledger.free_visit_of(gone.visit),
            ledger.stamp_of(gone.visit),
            ledger.points.spent.get(gone.visit, ()),
            ledger.points.earned.get(gone.visit),
        )
        free = len(self.card.good_free_visits(self.card.night))
        change = self._account().change(gone, self.finished[gone.visit][1], gone, None, self._live(), undone)
        turn = retracing.take_back(self.versions, change, self.card, done, self._live())
        self._went(turn, gone.visit, attendance(gone, None, gone.visit))
        if done.took:
            assert len(self.card.good_free_visits(self.card.night)) > free

    def _do_again(self, visit: int) -> None:
        finished, operation = self.finished[visit]
        if finished.price.redeemed > self.card.points_on(finished.on):
            finished = replace(finished, price=replace(finished.price, redeemed=0))
        self._finish(finished, operation)

    def _account(self) -> Account:
        ledger = Ledger.of(self.entries)
        pauses = [Pause(at, one) for at, one in enumerate(self.card.waits)]
        return Account(1, ClientId(1), self.card.night, ledger, self.log, self.written, self.versions, pauses=pauses)

    def _live(self) -> Live:
        return Live(today=self.card.night)

    def _tier(self) -> tuple[int, date | None]:
        return self.card.tier, self.card.drops_on

    def _visit(self, on: date, minor: int, free: bool, points: bool) -> Finished:
        programme = self.versions.on(on)
        asked = [Asked(minor, service="clean")]
        take = free and bool(self.card.good_free_visits(on)) and can_be_free(programme, asked)
        priced = price(programme, asked, percentage(programme, self.card), free_visit=take)
        if points:
            priced = pay_with_points(programme, priced, redeemable(programme, priced, self.card.points_on(on)))
        stamped = sum(one.unit is Unit.STAMP and one.verb == "earn" and one.on == on for one in self.entries)
        multiplied = multiplier(programme, self.card)
        return Finished(on, priced, priced.due, stamped, self.operation + 1, multiplied)

    def _went(self, turn: Turn, visit: int | None = None, counts: Iterable[Entry] = ()) -> None:
        """An operation has written it."""
        self.operation += 1
        card, events = turn
        self.log += [Held.of(one, self.operation, visit) for one in logged(self.versions, self.card, events)]
        self.entries += posted(events, visit)
        for entry in counts:
            self.entries.append(entry)
            assert visit is not None
            many, paid = (entry.delta, 0) if entry.unit is Unit.VISIT else (0, entry.delta)
            one = Written(visit, entry.on, many, paid, self.operation, self.card.night)
            self.written.setdefault(visit, []).append(one)
        self.card = card

    @invariant()
    def the_ledger_adds_up_to_the_card(self) -> None:
        held = Ledger.of(self.entries).card(self.card.night, self.card.tier, self.card.drops_on)
        assert _plain(held) == _plain(self.card)
        stamps = sum(one.delta for one in self.entries if one.unit is Unit.STAMP)
        good = [one for one in self.card.stamps if not one.expired]
        assert stamps == len(good) - self.card.owed == Ledger.of(self.entries).balance
        points = sum(one.delta for one in self.entries if one.unit is Unit.POINT)
        in_hand = sum(one.left for one in self.card.points if not one.expired)
        assert points == in_hand - self.card.points_owed == Ledger.of(self.entries).points.balance
        assert not in_hand or not self.card.points_owed

    @invariant()
    def nothing_is_held_twice_or_beyond_its_time(self) -> None:
        assert len({(one.number, one.through) for one in self.card.points}) == len(self.card.points)
        assert all(one.left > 0 for one in self.card.points)
        for lots in (self.card.stamps, self.card.free_visits):
            assert len({one.number for one in lots}) == len(lots)
        for lots in (self.card.stamps, self.card.free_visits, self.card.points):
            assert all(one.expired or self.card.is_good(one, self.card.night) for one in lots)

    @invariant()
    def nothing_expires_while_a_ticket_about_it_is_open(self) -> None:
        for lots in (self.card.stamps, self.card.free_visits, self.card.points):
            assert not any(one.expired and self.card.is_good(one, self.card.night) for one in lots)

    @invariant()
    def stamps_that_are_enough_have_become_a_free_visit(self) -> None:
        counter = self.versions.on(self.card.night).counter
        if counter:
            assert len(self.card.good_stamps(self.card.night)) < counter.stamps_required


def _plain(card: Card) -> tuple[object, ...]:
    return (
        sorted(card.stamps, key=lambda one: one.number),
        sorted(card.free_visits, key=lambda one: one.number),
        card.owed,
        card.last_stamp,
        card.last_free_visit,
        sorted((one.on, one.visit, one.counts, one.paid) for one in card.attended if one.counts or one.paid),
        card.tier,
        card.drops_on,
        _points(card),
    )


def _points(card: Card) -> tuple[object, ...]:
    return card.points_owed, card.last_points, sorted(card.points, key=lambda one: (one.number, one.urgency))


TestLives = Life.TestCase
