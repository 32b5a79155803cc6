"""The tier after a visit in the past became another one, by the examples of section 5 and whole lives."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from console.domain.loyalty.rules import stamps
from console.domain.loyalty.rules.attendance import Attended
from console.domain.loyalty.rules.card import Card
from console.domain.loyalty.rules.events import (
    FreeVisitIssued,
    FreeVisitWithdrawn,
    Retraced,
    StampEarned,
    StampWithdrawn,
)
from console.domain.loyalty.rules.live import Live
from console.domain.loyalty.rules.nights import nights
from console.domain.loyalty.rules.programme import (
    Counter,
    Programme,
    StepDown,
    Threshold,
    Tier,
    Tiers,
    Version,
    Versions,
)
from console.domain.loyalty.rules.retracing import Change, Posted, gained, lost, take_back
from console.domain.loyalty.rules.stamps import Reward
from console.domain.loyalty.rules.visits import attend

MAY = date(2026, 5, 1)
BRONZE, SILVER, GOLD = 0, 1, 2
LADDER = (
    Tier("bronze"),
    Tier("silver", enter=Threshold(3, 6_000), keep=Threshold(2, 4_000)),
    Tier("gold", enter=Threshold(6, 20_000), keep=Threshold(5, 15_000)),
)
TIERS = Tiers(LADDER, window_days=90)
RULES = Versions.of([Version(date(2020, 1, 1), Programme(tiers=TIERS))])


def on(day: int) -> date:
    return MAY + timedelta(day)


def visit(day: int, paid: int = 3_000) -> Attended:
    return Attended(on(day), True, paid)


def lived(card: Card, visits: Sequence[Attended], to: int) -> Card:
    """Nights and visits one after the other, each on its day."""
    for one in visits:
        card, _ = nights(RULES, card, one.on)
        card, _ = attend(TIERS, card, one)
    return nights(RULES, card, on(to))[0]


NEW = Card(on(-1))


def undone(visits: Sequence[Attended], gone: int, today: int) -> tuple[Card, list[object]]:
    """A visit is taken back on a day."""
    before = nights(RULES, lived(NEW, visits[:gone], -1), visits[gone].on)[0]
    now = lived(NEW, visits, today)
    card, events = lost(RULES, Change(before, visits[gone], None, visits[gone + 1 :]), now, Live(today=on(today)))
    return card, list(events)


def test_the_tier_from_before_comes_back() -> None:
    card, events = undone([visit(0), visit(10), visit(20)], 2, 25)
    assert events == [Retraced(on(25), BRONZE, SILVER, None)]
    assert card.tier == BRONZE


def test_the_higher_tier_stays_where_other_visits_justify_it() -> None:
    card, events = undone([visit(0), visit(10), visit(20), visit(24)], 2, 25)
    assert events == []
    assert card.tier == SILVER


def test_a_higher_tier_that_a_later_visit_reached_with_its_help_goes_too() -> None:
    card, _ = undone([visit(0), visit(10), visit(20)], 0, 25)
    assert card.tier == BRONZE


def test_the_warning_from_before_comes_back_and_what_was_due_in_the_past_is_due_tomorrow() -> None:
    # silver from day 20; on day 100 only one visit is left in the window: warned, due on day 114
    visits = [visit(0), visit(10), visit(20), visit(105)]
    for today, due in ((110, 114), (113, 114), (114, 115), (120, 121)):
        card, events = undone(visits, 3, today)
        assert events == [Retraced(on(today), SILVER, SILVER, on(due))]
        assert (card.tier, card.drops_on) == (SILVER, on(due))


def test_a_warning_that_nobody_was_told_of_gets_full_grace() -> None:
    # without the visit of day 50 silver would have been warned on day 100 already
    card, events = undone([visit(0), visit(10), visit(20), visit(50)], 3, 105)
    assert events == [Retraced(on(105), SILVER, SILVER, on(119))]
    assert card.drops_on == on(119)


def test_a_visit_dated_back_raises_from_its_own_date() -> None:
    visits = [visit(0), visit(20)]
    now = lived(NEW, visits, 30)
    before = lived(NEW, visits[:1], 10)
    card, events = gained(RULES, Change(before, None, visit(10), visits[1:]), now, Live(today=on(30)))
    assert events == [Retraced(on(30), SILVER, BRONZE, None)]
    assert card.tier == SILVER


def test_a_visit_dated_back_whose_tier_would_have_been_warned_since_gets_full_grace_from_now() -> None:
    visits = [visit(0), visit(20)]  # with that of day 10 silver from day 20, and warned on day 100
    change = Change(lived(NEW, visits[:1], 10), None, visit(10), visits[1:])
    for today, due in ((100, 114), (105, 119)):
        card, events = gained(RULES, change, lived(NEW, visits, today), Live(today=on(today)))
        assert events == [Retraced(on(today), SILVER, BRONZE, on(due))]
        assert (card.tier, card.drops_on) == (SILVER, on(due))


def test_a_visit_dated_back_that_changes_nothing_leaves_a_told_warning_alone() -> None:
    visits = [visit(0), visit(10), visit(20)]
    now = lived(NEW, visits, 110)
    assert now.drops_on == on(114)
    before = lived(NEW, visits, 40)
    assert gained(RULES, Change(before, None, visit(40, 1), []), now, Live(today=on(110))) == (now, [])
    dropped = lived(NEW, visits, 120)
    change = Change(lived(NEW, visits, 21), None, visit(21, 1), [])
    assert gained(RULES, change, dropped, Live(today=on(120))) == (dropped, [])


def test_what_is_undone_as_the_last_thing_brings_back_what_was_before_it() -> None:
    """Whatever a replay would find, which does not know what a warning waited for or when it was told."""
    now, live = Card(on(110), tier=SILVER), Live(today=on(110))
    for drops_on, due in ((None, None), (on(130), on(130)), (on(105), on(111))):
        change = Change(Card(on(50)), visit(50), None, [], back=(SILVER, drops_on))
        assert lost(RULES, change, now, live)[0].drops_on == due
    more = Change(Card(on(50)), None, visit(50), [], back=(GOLD, on(105)))
    assert gained(RULES, more, now, live)[1] == [Retraced(on(110), GOLD, SILVER, on(105))]


lives = st.lists(st.builds(visit, st.integers(0, 200), st.integers(0, 9_000)), min_size=1, max_size=10)


@given(lives, st.data(), st.integers(0, 100))
def test_taking_back_never_lifts_and_dating_back_never_lowers(
    life: list[Attended], data: st.DataObject, later: int
) -> None:
    life = sorted(life, key=lambda one: one.on)
    at = data.draw(st.integers(0, len(life) - 1))
    last = (life[-1].on - MAY).days + later
    today = Live(today=on(last))
    before = nights(RULES, lived(NEW, life[:at], -1), life[at].on)[0]
    whole, without = lived(NEW, life, last), lived(NEW, [*life[:at], *life[at + 1 :]], last)
    less, _ = lost(RULES, Change(before, life[at], None, life[at + 1 :]), whole, today)
    assert (less.tier, less.drops_on or date.max) <= (whole.tier, whole.drops_on or date.max)
    assert less.drops_on is None or less.drops_on > on(last)
    more, _ = gained(RULES, Change(before, None, life[at], life[at + 1 :]), without, today)
    assert (more.tier, more.drops_on or date.max) >= (without.tier, without.drops_on or date.max)
    assert more.tier >= whole.tier  # as if it had been finished on its day


@given(lives)
def test_taking_back_the_last_visit_at_once_is_its_exact_inverse(life: list[Attended]) -> None:
    life = sorted(life, key=lambda one: one.on)
    day = (life[-1].on - MAY).days
    before = nights(RULES, lived(NEW, life[:-1], -1), on(day))[0]
    back, _ = lost(RULES, Change(before, life[-1], None, []), attend(TIERS, before, life[-1])[0], Live(today=on(day)))
    assert (back.tier, back.drops_on) == (before.tier, before.drops_on)


@given(lives, st.sampled_from(StepDown))
def test_nobody_is_lowered_by_a_visit_more(life: list[Attended], step: StepDown) -> None:
    tiers = Tiers(LADDER, window_days=90, step_down=step)
    rules = Versions.of([Version(date(2020, 1, 1), Programme(tiers=tiers))])
    life = sorted(life, key=lambda one: one.on)
    now = lived(NEW, life, 300)
    again, _ = gained(rules, Change(NEW, None, life[0], life[1:]), now, Live(today=on(300)))
    assert again.tier >= now.tier


def test_a_free_visit_of_a_date_that_has_not_begun_at_home_is_withdrawn_like_any_other() -> None:
    counter = Counter(stamps_required=1)
    rules = Versions.of([Version(date(2020, 1, 1), Programme(counter=counter))])
    before = Card(on(1))
    now, posted = stamps.earn(counter, before, on(1))
    [earned, issued] = posted
    assert isinstance(earned, StampEarned)
    assert isinstance(issued, FreeVisitIssued)
    done = Posted(1, stamp=(earned.lot, Reward(issued.lot, issued.consumed, used=False)))
    card, events = take_back(rules, Change(before, None, None, []), now, done, Live(today=on(0)))
    assert (card.good_stamps(on(1)), card.good_free_visits(on(1)), card.owed) == ([], [], 0)
    assert [type(one) for one in events] == [FreeVisitWithdrawn, StampWithdrawn]
