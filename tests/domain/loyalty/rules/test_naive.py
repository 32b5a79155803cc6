"""The rules beside a naive reading of their text: after each step of any life the card is the same, and each price."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from hypothesis import example, given
from hypothesis import strategies as st

from console.domain.loyalty.rules.card import Card
from console.domain.loyalty.rules.events import StampEarned
from console.domain.loyalty.rules.live import Live
from console.domain.loyalty.rules.nights import nights
from console.domain.loyalty.rules.pricing import Asked, price
from console.domain.loyalty.rules.programme import (
    Counter,
    Match,
    Programme,
    StepDown,
    Threshold,
    Tier,
    Tiers,
    Version,
    Versions,
)
from console.domain.loyalty.rules.visits import Finished, finish, percentage
from tests.domain.loyalty.rules.naive import DAY, Line, Naive, is_as

FIRST = date(2023, 12, 20)


class Came(NamedTuple):
    """So many days after the visit before, on a free visit if there is one and it is `played`."""

    after: int
    lines: Sequence[Line]
    played: bool


often = st.sampled_from([True, True, True, False])
counters = st.builds(
    Counter,
    st.sampled_from([1, 2, 2, 3]),
    st.sampled_from([frozenset({"*"}), frozenset({"a"})]),
    st.sampled_from([0, 700]),
    st.integers(1, 2),
    st.sampled_from([0, 5, 30, 90]),
    st.sampled_from([0, 1, 20, 60]),
    st.sampled_from([0, 500]),
)
asked = st.tuples(st.integers(0, 3), st.sampled_from([0, 0, 1_000, 2_500]))


@st.composite
def ladders(draw: st.DrawFn) -> Sequence[Tier]:
    """From two tiers to four, of the same few codes."""
    above = []
    for code in draw(st.lists(st.sampled_from("spqg"), min_size=1, max_size=3, unique=True)):
        visits, spend = draw(asked.filter(any))
        keep = Threshold(draw(st.sampled_from([0, visits, max(0, visits - 1)])), draw(st.sampled_from([0, spend // 2])))
        above.append(Tier(code, {}, draw(st.integers(0, 999)), Threshold(visits, spend), keep))
    return [Tier("base", {}, draw(st.sampled_from([0, 105]))), *above]


tiers = st.builds(
    Tiers,
    ladders(),
    st.sampled_from([0, 7, 30, 60, 90]),
    st.sampled_from(Match),
    st.sampled_from([0, 1, 5, 14]),
    st.sampled_from(StepDown),
)
programmes = st.builds(
    Programme,
    often.flatmap(lambda on: counters if on else st.none()),
    often.flatmap(lambda on: tiers if on else st.none()),
    discounts_products=st.booleans(),
)
timelines = st.lists(st.tuples(st.sampled_from([5, 20, 40, 90]), programmes), min_size=2, max_size=3)
lines = st.builds(
    Line, st.sampled_from([0, 333, 700, 1_000, 1_501]), st.integers(1, 2), st.sampled_from(["a", "a", "b", None])
)
visits = st.builds(Came, st.sampled_from([0, 1, 3, 7, 14, 30]), st.lists(lines, min_size=1, max_size=3), often)


def versions(timeline: Sequence[tuple[int, Programme]]) -> Iterator[tuple[date, Programme]]:
    """The first from the first date on, each of the others so many days after the one before."""
    begins = FIRST
    for place, (days, programme) in enumerate(timeline):
        begins += days * DAY if place else timedelta(0)
        yield begins, programme


CLEAN, SOAP = [Line(1_000, service="a")], [Line(1_000)]
ONCE, TWICE = Threshold(1), Threshold(2)
STEPS = Tiers((Tier("base"), Tier("s", {}, 500, ONCE, ONCE), Tier("p", {}, 900, TWICE, TWICE)), 30, grace_days=5)
KINDER = replace(STEPS, grace_days=14)
WARNED = [Came(0, CLEAN, True), Came(0, CLEAN, True), Came(34, SOAP, True), Came(14, SOAP, True)]
"""Two tiers up, warned, given more grace by another version, and one tier down."""

LONG, SHORT, FEW = Counter(4, stamp_valid_days=90), Counter(4, stamp_valid_days=20), Counter(2)
STAMPED = [Came(0, CLEAN, True), Came(5, CLEAN, True), Came(1, CLEAN, True), Came(5, SOAP, True)]
"""Three stamps, the first good for longest, of which another version asks for two."""


@example([(0, Programme(tiers=STEPS)), (33, Programme(tiers=KINDER))], WARNED, False)
@example([(0, Programme(LONG)), (5, Programme(SHORT)), (5, Programme(FEW))], STAMPED, False)
@given(timelines, st.lists(visits, min_size=8, max_size=16), st.booleans())
def test_a_life_goes_as_the_rules_are_written(
    timeline: Sequence[tuple[int, Programme]], life: Sequence[Came], told_late: bool
) -> None:
    published = list(versions(timeline))
    rules = Versions.of([Version(*pair, number) for number, pair in enumerate(published, 1)])
    card, model, on, stamped = Card(FIRST - DAY), Naive(published, FIRST - DAY), FIRST, list[date]()
    for came in [*life, Came(100, [], False)]:
        on += came.after * DAY
        live = Live(today=on) if told_late else Live()
        card, _ = nights(rules, card, on, live)
        model.nights(on, live.today)
        assert is_as(card, model)
        programme, free = rules.on(on), came.played and model.can_be_free(on, came.lines)
        priced = price(programme, [Asked(*one) for one in came.lines], percentage(programme, card), free_visit=free)
        card, events = finish(programme, card, Finished(on, priced, priced.due, stamped.count(on)), live)
        stamped += [on for one in events if isinstance(one, StampEarned)]
        assert [one.due for one in priced.lines] == model.visit(on, came.lines, free)
        assert is_as(card, model)
