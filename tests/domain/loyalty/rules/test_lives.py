"""A client's whole life, in any order: what is posted always adds up to the card that the rules left."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from console.domain.loyalty.presets import PRESETS
from console.domain.loyalty.rules import retracing
from console.domain.loyalty.rules.card import Card
from console.domain.loyalty.rules.events import Event
from console.domain.loyalty.rules.ledger import Entry, Ledger, Unit, attendance, posted
from console.domain.loyalty.rules.live import Live
from console.domain.loyalty.rules.nights import nights
from console.domain.loyalty.rules.pricing import Asked, can_be_free, price
from console.domain.loyalty.rules.programme import Counter, Version, Versions
from console.domain.loyalty.rules.retracing import Change, Posted
from console.domain.loyalty.rules.visits import Finished, finish, percentage

FIRST = date(2026, 1, 1)
USUAL = 1_000


class Life(RuleBasedStateMachine):
    """One client: nights pass, visits are finished, some late, and some are taken back."""

    @initialize(preset=st.sampled_from(sorted(PRESETS)), stamps=st.integers(1, 4), good=st.sampled_from([0, 20, 90]))
    def begin(self, preset: str, stamps: int, good: int) -> None:
        programme = PRESETS[preset](USUAL)
        if programme.counter:
            programme = replace(programme, counter=Counter(stamps, stamp_valid_days=good, reward_valid_days=good))
        self.versions = Versions.of([Version(date(2020, 1, 1), programme)])
        self.card = Card(FIRST)
        self.entries: list[Entry] = []
        self.befores: dict[int, Card] = {}
        self.count = 0

    @rule(days=st.integers(1, 120))
    def time_passes(self, days: int) -> None:
        self._went(nights(self.versions, self.card, self.card.night + timedelta(days)))

    @rule(minor=st.integers(0, 3_000), free=st.booleans())
    def comes(self, minor: int, free: bool) -> None:
        on = self.card.night
        visit = self._visit(on, minor, free)
        self.befores[visit.visit] = self.card
        self._went(finish(self.versions.on(on), self.card, visit), visit)

    @precondition(lambda self: self.card.night > FIRST)
    @rule(ago=st.integers(1, 60), minor=st.integers(0, 3_000), free=st.booleans())
    def came_before(self, ago: int, minor: int, free: bool) -> None:
        on = max(FIRST, self.card.night - timedelta(ago))
        visit = self._visit(on, minor, free)
        earlier = tuple(one for one in self.card.attended if one.on <= on)
        before = replace(self.card, night=on, attended=earlier, tier=0, drops_on=None)
        self.befores[visit.visit] = before
        since = [one for one in self.card.attended if one.on > on]
        live = Live(today=self.card.night)
        self._went(
            retracing.finish_late(self.versions, Change(before, None, visit.attended, since), self.card, visit, live),
            visit,
        )

    @precondition(lambda self: self.card.attended)
    @rule(data=st.data())
    def is_taken_back(self, data: st.DataObject) -> None:
        gone = data.draw(st.sampled_from(self.card.attended))
        ledger = Ledger.of(self.entries)
        done = Posted(gone.visit, ledger.free_visit_of(gone.visit), ledger.stamp_of(gone.visit))
        at = self.card.attended.index(gone)
        since = self.card.attended[at + 1 :]
        before = replace(self.befores[gone.visit], attended=self.card.attended[:at])
        live = Live(today=self.card.night)
        free = len(self.card.good_free_visits(self.card.night))
        self._went(retracing.take_back(self.versions, Change(before, gone, None, since), self.card, done, live))
        self.entries += attendance(gone, None, gone.visit)
        if done.took:
            assert len(self.card.good_free_visits(self.card.night)) > free

    def _visit(self, on: date, minor: int, free: bool) -> Finished:
        self.count += 1
        programme = self.versions.on(on)
        asked = [Asked(minor, service="clean")]
        take = free and bool(self.card.good_free_visits(on)) and can_be_free(programme, asked)
        priced = price(programme, asked, percentage(programme, self.card), free_visit=take)
        stamped = sum(one.unit is Unit.STAMP and one.verb == "earn" and one.on == on for one in self.entries)
        return Finished(on, priced, priced.due, stamped, self.count)

    def _went(self, turn: tuple[Card, list[Event]], visit: Finished | None = None) -> None:
        self.card, events = turn
        self.entries += posted(events, visit.visit if visit else None)
        if visit:
            self.entries += attendance(None, visit.attended, visit.visit)

    @invariant()
    def the_ledger_adds_up_to_the_card(self) -> None:
        held = Ledger.of(self.entries).card(self.card.night, self.card.tier, self.card.drops_on)
        assert _plain(held) == _plain(self.card)
        stamps = sum(one.delta for one in self.entries if one.unit is Unit.STAMP)
        good = [one for one in self.card.stamps if not one.expired]
        assert stamps == len(good) - self.card.owed == Ledger.of(self.entries).balance

    @invariant()
    def nothing_is_held_twice_or_beyond_its_time(self) -> None:
        for lots in (self.card.stamps, self.card.free_visits):
            assert len({one.number for one in lots}) == len(lots)
            assert all(one.expired or one.is_good(self.card.night) for one in lots)

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
    )


TestLives = Life.TestCase
