"""Nights: what expires, warns and drops, by tables of examples, and jumping beside going day by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.loyalty.rules.attendance import Attended
from console.domain.loyalty.rules.card import Card, Lot
from console.domain.loyalty.rules.events import (
    Dropped,
    Event,
    FreeVisitExpired,
    FreeVisitIssued,
    Raised,
    Rematched,
    StampExpired,
    Warned,
    WarningClosed,
)
from console.domain.loyalty.rules.live import REPLAY, Ahead, Live, Span, fair_pauses
from console.domain.loyalty.rules.nights import next_night, night, nights
from console.domain.loyalty.rules.pricing import Asked, price
from console.domain.loyalty.rules.programme import (
    Counter,
    Match,
    Programme,
    Standing,
    StepDown,
    Threshold,
    Tier,
    Tiers,
    Version,
    Versions,
)
from console.domain.loyalty.rules.visits import Finished, finish

DAY = timedelta(1)
MAY = date(2026, 5, 1)
BRONZE, SILVER, GOLD = 0, 1, 2
LADDER = (
    Tier("bronze"),
    Tier("silver", {}, 500, Threshold(3, 6_000), Threshold(2, 4_000)),
    Tier("gold", {}, 1_000, Threshold(6, 20_000), Threshold(5, 15_000)),
)
TIERS = Tiers(LADDER, window_days=90)


def on(day: int) -> date:
    return MAY + timedelta(day)


def versions(*programmes: Programme) -> Versions:
    """The first from the beginning of time, each further one from a hundred days later."""
    starts = [date(2020, 1, 1), *(on(100 * n) for n in range(1, len(programmes)))]
    return Versions.of(Version(*pair) for pair in zip(starts, programmes, strict=True))


def only(tiers: Tiers = TIERS) -> Versions:
    return versions(Programme(tiers=tiers))


def card(*visits: tuple[int, int], tier: int = BRONZE, night: int = 0, **more: object) -> Card:
    """A card whose visits are given as (day, paid)."""
    attended = tuple(Attended(on(day), True, paid) for day, paid in visits)
    return Card(on(night), attended=attended, tier=tier, **more)  # type: ignore[arg-type]


def kinds(events: Sequence[Event]) -> list[tuple[str, int]]:
    return [(type(one).__name__, (one.on - MAY).days) for one in events]


def test_a_stamp_is_good_through_its_last_day_and_expires_in_the_night_after_it() -> None:
    held = Card(on(0), stamps=(Lot(1, on(0), on(10)),))
    rules = versions(Programme(counter=Counter()))
    assert nights(rules, held, on(10))[1] == []
    after, events = nights(rules, held, on(11))
    assert events == [StampExpired(on(11), held.stamps[0])]
    assert after.good_stamps(on(11)) == []


def test_a_free_visit_expires_likewise_and_one_without_an_end_never() -> None:
    ends, stays = Lot(1, on(0), on(10)), Lot(2, on(0), None)
    after, events = nights(versions(Programme()), Card(on(0), free_visits=(ends, stays)), on(10_000))
    assert events == [FreeVisitExpired(on(11), ends)]
    assert after.good_free_visits(on(11)) == [stays]


def test_who_comes_too_seldom_is_warned_and_drops_after_the_days_of_grace() -> None:
    silver = card((0, 3_000), (10, 3_000), (20, 3_000), tier=SILVER, night=20)
    after, events = nights(only(), silver, on(200))
    assert kinds(events) == [("Warned", 100), ("Dropped", 114)]  # the visit of day 10 leaves the window on day 100
    assert events[0] == Warned(on(100), on(114), Standing(1, 1_000))
    assert events[1] == Dropped(on(114), BRONZE, SILVER)
    assert (after.tier, after.drops_on, after.night) == (BRONZE, None, on(200))


def test_with_either_threshold_one_of_them_keeps_the_tier() -> None:
    silver = card((0, 3_000), (10, 100), (20, 4_000), tier=SILVER, night=20)
    assert kinds(nights(only(replace(TIERS, match=Match.ANY)), silver, on(109))[1]) == []
    assert kinds(nights(only(), silver, on(109))[1]) == [("Warned", 100)]


def test_a_drop_goes_one_step_and_the_next_one_has_a_warning_of_its_own() -> None:
    gold = card((0, 30_000), tier=GOLD, night=0)
    events = nights(only(), gold, on(300))[1]
    # one visit is not five, nor two: warned at once
    assert kinds(events) == [("Warned", 1), ("Dropped", 15), ("Warned", 16), ("Dropped", 30)]


def test_a_drop_may_go_straight_to_what_is_kept() -> None:
    gold = card((0, 30_000), tier=GOLD, night=0)
    events = nights(only(replace(TIERS, step_down=StepDown.MATCHING)), gold, on(300))[1]
    assert events[-1] == Dropped(on(15), BRONZE, GOLD)


def test_without_grace_the_drop_comes_in_the_night_after_the_warning() -> None:
    silver = card((0, 3_000), tier=SILVER, night=0)
    assert kinds(nights(only(replace(TIERS, grace_days=0)), silver, on(9))[1]) == [("Warned", 1), ("Dropped", 2)]


def test_without_grace_what_is_told_late_comes_in_the_night_after_the_telling() -> None:
    silver = card((0, 3_000), (10, 3_000), (20, 3_000), tier=SILVER, night=20)
    rules, late = only(replace(TIERS, grace_days=0)), Live(today=on(110))
    warned, events = nights(rules, silver, on(110), late)
    assert kinds(events) == [("Warned", 100)]
    assert kinds(nights(rules, warned, on(111), late)[1]) == [("Dropped", 111)]


def test_a_lifetime_card_never_shrinks() -> None:
    silver = card((0, 3_000), (1, 3_000), tier=SILVER, night=1)
    assert next_night(only(replace(TIERS, window_days=0)), silver) is None


def test_a_visit_that_keeps_the_tier_again_closes_the_warning() -> None:
    rules = only()
    silver = card((0, 3_000), (10, 3_000), tier=SILVER, night=10)
    warned, events = nights(rules, silver, on(95))
    assert kinds(events) == [("Warned", 90)]
    came, happened = finish(rules.on(on(95)), warned, visit(95, 3_000))
    assert happened == [WarningClosed(on(95))]
    assert came.tier == SILVER
    assert kinds(nights(rules, came, on(105))[1]) == [("Warned", 100)]


def test_a_visit_dated_ahead_closes_a_warning_in_the_night_of_its_date() -> None:
    warned = card((20, 3_000), (101, 3_000), tier=SILVER, night=95, drops_on=on(104))
    assert kinds(nights(only(), warned, on(120))[1]) == [("WarningClosed", 101), ("Warned", 110)]


def test_a_visit_that_reaches_a_tier_moves_up_at_once() -> None:
    rules = only()
    came, events = finish(rules.on(on(20)), card((0, 3_000), (10, 2_000), night=20), visit(20, 1_000))
    assert events == [Raised(on(20), SILVER, BRONZE)]
    assert came.tier == SILVER


def test_a_night_is_done_once_however_often_it_is_asked_for() -> None:
    silver = card((0, 3_000), tier=SILVER, night=0)
    after, events = nights(only(), silver, on(40))
    assert kinds(events) == [("Warned", 1), ("Dropped", 15)]
    assert nights(only(), after, on(40)) == (after, [])
    assert nights(only(), after, on(39)) == (after, [])


def test_a_new_version_keeps_the_tier_by_its_code_or_gives_the_next_lower() -> None:
    renamed = Tiers((LADDER[0], replace(LADDER[1], code="copper"), LADDER[2]), window_days=0)
    removed = Tiers(LADDER[:2], window_days=0)
    for later, held, becomes in ((renamed, GOLD, GOLD), (renamed, SILVER, BRONZE), (removed, GOLD, SILVER)):
        rules = versions(Programme(tiers=replace(TIERS, window_days=0)), Programme(tiers=later))
        begun = card(*((day, 9_000) for day in range(6)), tier=held, night=99)
        after, events = nights(rules, begun, on(100))
        assert after.tier == becomes
        assert [one for one in events if isinstance(one, Rematched)] == [Rematched(on(100), becomes, held)] * (
            becomes != held
        )


def test_an_open_warning_gets_full_grace_by_a_new_version_and_never_an_earlier_drop() -> None:
    begun = card((0, 3_000), tier=SILVER, night=99)
    for grace, drops_on, expected in ((5, 120, 120), (30, 120, 130)):
        rules = versions(Programme(tiers=TIERS), Programme(tiers=replace(TIERS, grace_days=grace)))
        after, _ = nights(rules, replace(begun, drops_on=on(drops_on)), on(100))
        assert after.drops_on == on(expected)


def test_fewer_stamps_required_issue_free_visits_in_the_night_of_the_version_and_more_take_none() -> None:
    held = Card(on(0), stamps=tuple(Lot(n, on(0), None) for n in range(1, 4)), free_visits=(Lot(1, on(0), None),))
    fewer = versions(Programme(Counter(4)), Programme(Counter(3)))
    after, events = nights(fewer, held, on(100))
    assert [type(one) for one in events] == [FreeVisitIssued]
    assert (len(after.stamps), len(after.free_visits)) == (0, 2)
    more = versions(Programme(Counter(4)), Programme(Counter(9)))
    assert nights(more, held, on(100))[1] == []


def test_a_drop_waits_for_a_booking_made_before_it_and_comes_the_night_after_its_date() -> None:
    silver = card((0, 3_000), tier=SILVER, night=0)
    for made, dated, dropped in ((14, 29, 30), (15, 29, 15), (3, 30, 15), (3, 15, 16), (3, 10, 15)):
        live = Live(ahead=[Ahead(on(dated), on(made))])
        assert kinds(nights(only(), silver, on(60), live)[1]) == [("Warned", 1), ("Dropped", dropped)], (made, dated)


def test_a_warning_that_could_only_be_made_late_gives_its_grace_from_then() -> None:
    silver = card((0, 3_000), tier=SILVER, night=0)
    after, events = nights(only(), silver, on(40), Live(today=on(40)))
    assert kinds(events) == [("Warned", 1)]
    assert after.drops_on == on(54)


def test_days_for_which_we_called_off_stretch_the_window() -> None:
    silver = card((0, 3_000), (10, 3_000), (60, 3_000), tier=SILVER, night=60)
    assert kinds(nights(only(), silver, on(120))[1]) == [("Warned", 100), ("Dropped", 114)]
    live = Live(paused=fair_pauses([on(50), on(55)], [one.on for one in silver.attended]))
    assert kinds(nights(only(), silver, on(120), live)[1]) == [("Warned", 110)]


@pytest.mark.parametrize(
    ("cancelled", "finished", "spans"),
    [
        ([0], [], [(0, 30)]),
        ([0], [12], [(0, 12)]),
        ([0], [0], []),
        ([0, 20], [], [(0, 50)]),
        ([0, 5, 40], [12, 50], [(0, 12), (40, 50)]),
    ],
    ids=["no visit since", "until the next visit", "the same day", "overlaps once", "each by itself"],
)
def test_a_fair_pause_goes_to_the_next_visit_and_lasts_thirty_days_at_most(
    cancelled: list[int], finished: list[int], spans: list[tuple[int, int]]
) -> None:
    found = fair_pauses(map(on, cancelled), map(on, finished))
    assert [((one.first - MAY).days, (one.end - MAY).days) for one in found] == spans


@pytest.mark.parametrize(
    ("spans", "last"),
    [
        ([], 10),
        ([(5, None)], None),
        ([(10, None)], None),
        ([(11, None)], 10),
        ([(5, 13)], 12),
        ([(5, 8)], 10),
        ([(5, 13), (12, 16)], 15),
        ([(5, 13), (13, 16)], 12),
        ([(5, 16), (6, 13)], 15),
    ],
    ids=[
        "without a ticket",
        "while it is open",
        "opened on the last day",
        "opened after it",
        "through the day on which it is solved",
        "solved before",
        "another one opened meanwhile",
        "another one opened after it expired",
        "the longer of two",
    ],
)
def test_what_would_expire_waits_while_a_ticket_opened_before_is_open(
    spans: list[tuple[int, int | None]], last: int | None
) -> None:
    waits = [Span(on(first), date.max if end is None else on(end)) for first, end in spans]
    held = Card(on(0), stamps=(Lot(1, on(0), on(10)),), free_visits=(Lot(1, on(0), on(10)),), waits=waits)
    rules = versions(Programme(counter=Counter()))
    lasted, events = nights(rules, held, on(200))
    assert kinds(events) == ([] if last is None else [("StampExpired", last + 1), ("FreeVisitExpired", last + 1)])
    assert next_night(rules, lasted) is None
    for day in range(9, 20):
        good = last is None or day <= last
        assert bool(held.good_stamps(on(day))) is bool(held.good_free_visits(on(day))) is good
        assert held.is_waiting(held.stamps[0], on(day)) is (good and day > 10)


def test_a_stamp_that_waits_completes_the_card_that_one_more_visit_fills() -> None:
    held = Card(on(11), stamps=(Lot(1, on(0), on(10)),), last_stamp=1, waits=[Span(on(5), date.max)])
    rules = Programme(counter=Counter(2))
    assert kinds(finish(rules, held, visit(12, 1_000))[1]) == [("StampEarned", 12), ("FreeVisitIssued", 12)]
    assert kinds(finish(rules, replace(held, waits=()), visit(12, 1_000))[1]) == [("StampEarned", 12)]


def visit(day: int, paid: int) -> Finished:
    return Finished(on(day), price(Programme(), [Asked(paid, service="clean")], []), paid)


lives = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 5_000)), max_size=12)
rules_of = st.builds(
    lambda window, match, grace, step: Tiers(LADDER, window, match, grace, step),
    st.sampled_from([0, 1, 30, 90]),
    st.sampled_from(Match),
    st.integers(0, 20),
    st.sampled_from(StepDown),
)
counters = st.builds(
    lambda need, stamp, reward: Counter(need, stamp_valid_days=stamp, reward_valid_days=reward),
    st.integers(1, 4),
    st.integers(0, 60),
    st.integers(0, 60),
)
programmes = st.builds(lambda counter, tiers: Programme(counter, tiers), counters, rules_of)


days = st.integers(0, 400)
lived = st.builds(
    lambda today, ahead, called_off, came: Live(
        on(today), [Ahead(on(made + later), on(made)) for made, later in ahead], fair_pauses(called_off, came)
    ),
    days,
    st.lists(st.tuples(days, st.integers(0, 60)), max_size=4),
    st.lists(days.map(on), max_size=4),
    st.lists(days.map(on), max_size=4),
)
tickets = st.lists(st.tuples(days, st.integers(1, 90)), max_size=4).map(
    lambda spans: sorted((Span(on(first), on(first + many)) for first, many in spans), key=lambda one: one.first)
)


@given(
    life=lives,
    rules=st.lists(programmes, min_size=1, max_size=3),
    live=st.one_of(st.just(REPLAY), lived),
    waits=tickets,
)
def test_jumping_from_change_to_change_does_what_every_single_night_does(
    life: list[tuple[int, int]], rules: list[Programme], live: Live, waits: list[Span]
) -> None:
    timeline = versions(*rules)
    jumped = walked = Card(on(-1), waits=waits)
    told: tuple[list[Event], list[Event]] = ([], [])
    for day, paid in [*sorted(life), (500, 0)]:
        jumped, happened = nights(timeline, jumped, on(day), live)
        told[0].extend(happened)
        while walked.night < on(day):
            walked, happened = night(timeline, walked, walked.night + DAY, live)
            told[1].extend(happened)
        jumped, happened = finish(timeline.on(on(day)), jumped, visit(day, paid), live)
        told[0].extend(happened)
        walked, happened = finish(timeline.on(on(day)), walked, visit(day, paid), live)
        told[1].extend(happened)
    assert told[0] == told[1]
    assert jumped == walked


@pytest.mark.parametrize("match", Match)
def test_a_threshold_that_asks_nothing_is_met(match: Match) -> None:
    assert Threshold().met(Standing(0, 0), match)
    assert Threshold(visits=2).met(Standing(2, 0), match)
    assert not Threshold(visits=2).met(Standing(1, 10**9), match)
