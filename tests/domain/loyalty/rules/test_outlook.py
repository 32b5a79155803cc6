"""What a card says is missing, and through which day, by tables of examples and beside the nights themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.loyalty.rules.attendance import Attended
from console.domain.loyalty.rules.card import Card, Lot
from console.domain.loyalty.rules.live import REPLAY, Ahead, Live, Span
from console.domain.loyalty.rules.nights import nights
from console.domain.loyalty.rules.outlook import Lasting, StampCard, TierCard, lasting, stamp_card, tier_card
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
from console.domain.loyalty.rules.visits import attend

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


def only(tiers: Tiers | None = TIERS, counter: Counter | None = None) -> Versions:
    return Versions.of([Version(date(2020, 1, 1), Programme(counter, tiers), 1)])


def card(*visits: tuple[int, int], tier: int = BRONZE, night: int = 0, **more: object) -> Card:
    """A card whose visits are given as (day, paid)."""
    attended = tuple(Attended(on(day), True, paid) for day, paid in visits)
    return Card(on(night), attended=attended, tier=tier, **more)  # type: ignore[arg-type]


def told(held: Card, tiers: Tiers = TIERS, live: Live = REPLAY, warned: date | None = None) -> TierCard:
    found = tier_card(only(tiers), held, live, warned)
    assert found is not None
    return found


def stamped(*days: int, night: int = 0, **more: object) -> StampCard:
    lots = tuple(Lot(n, on(day), on(day + 365)) for n, day in enumerate(days, 1))
    found = stamp_card(only(counter=Counter()), Card(on(night), stamps=lots, **more))  # type: ignore[arg-type]
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("days", "owed", "to_go", "empty"),
    [((), 0, 4, 4), ((0,), 0, 3, 3), ((0, 5, 9), 0, 1, 1), ((), 1, 5, 4), ((), 2, 6, 4)],
)
def test_a_stamp_card_says_how_many_are_missing_with_those_that_are_owed(
    days: Sequence[int], owed: int, to_go: int, empty: int
) -> None:
    found = stamped(*days, night=20, owed=owed)
    assert (len(found.stamps), found.to_go, found.empty) == (len(days), to_go, empty)


def test_stamps_that_have_ended_are_not_drawn_even_before_a_night_says_so() -> None:
    found = stamped(0, 10, night=366)
    assert ([one.number for one in found.stamps], found.to_go) == ([2], 3)


def test_a_stamp_card_says_which_stamps_end_first() -> None:
    assert stamped(0, 0, 10, night=20).ends(on(20)) == (on(365), 2)
    assert stamped(0, 0, 10, night=20).ends(on(366)) == (on(375), 1)
    assert stamped(night=20).ends(on(20)) is None


def test_there_is_no_stamp_card_where_no_stamps_are_given_and_no_tier_where_there_is_no_ladder() -> None:
    assert stamp_card(only(), card()) is None
    assert tier_card(only(None), card()) is None


def test_a_tier_says_how_long_it_lasts_and_what_is_missing_on_the_day_after() -> None:
    silver = card((0, 3_000), (10, 3_000), (20, 3_000), tier=SILVER, night=20)
    found = told(silver)
    # of three visits the second leaves the window on day 100, the third on day 110, the drop is due on day 114
    assert found.lasts == Lasting(on(113), LADDER[BRONZE], Standing(2, 4_000), Match.ALL)
    assert (found.tier.code, found.at_risk, found.standing) == ("silver", False, Standing(3, 9_000))


def test_a_tier_at_risk_lasts_through_the_day_before_the_drop() -> None:
    silver = card((50, 3_000), tier=SILVER, night=100, drops_on=on(110))
    found = told(silver)
    assert found.at_risk
    assert found.lasts == Lasting(on(109), LADDER[BRONZE], Standing(1, 1_000), Match.ALL)


def test_what_it_says_is_missing_is_of_the_day_of_the_drop_and_not_of_today() -> None:
    silver = card((15, 1_000), (60, 1_000), tier=SILVER, night=104, drops_on=on(110))
    found = told(silver, replace(TIERS, window_days=92))
    assert found.standing == Standing(2, 2_000)
    assert found.lasts == Lasting(on(109), LADDER[BRONZE], Standing(1, 3_000), Match.ALL)


def test_what_keeps_a_tier_at_risk_is_said_of_today_and_of_the_last_day_and_through_when_it_does() -> None:
    silver = card((15, 1_000), (60, 1_000), tier=SILVER, night=104, drops_on=on(110))
    tiers = replace(TIERS, window_days=92)
    today, last = told(silver, tiers).ways
    # the visit of day 15 leaves the window on day 107, so that what is paid today keeps the tier for its grace alone
    assert (today.by, today.missing, today.through) == (on(104), Standing(0, 2_000), on(120))
    assert (last.by, last.missing) == (on(109), Standing(1, 3_000))
    paid, _ = attend(tiers, silver, Attended(on(104), False, 2_000))
    held = lasting(only(tiers), paid)
    assert held is not None
    assert held.through == today.through
    assert last.through is not None
    assert last.through > today.through
    assert told(replace(silver, drops_on=None), tiers).ways == ()


def test_the_first_tier_and_one_for_a_lifetime_last_for_good() -> None:
    assert told(card((0, 100))).lasts is None
    assert told(card((0, 3_000), (1, 3_000), tier=SILVER, night=900), replace(TIERS, window_days=0)).lasts is None


def test_a_drop_to_whatever_is_kept_says_where_it_leads() -> None:
    gold = card((0, 9_000), (1, 9_000), tier=GOLD, night=50, drops_on=on(60))
    assert told(gold).lasts == Lasting(on(59), LADDER[SILVER], Standing(3, 0), Match.ALL)
    far = replace(gold, night=on(95), drops_on=on(100))
    matching = replace(TIERS, step_down=StepDown.MATCHING)
    assert told(far, matching).lasts == Lasting(on(99), LADDER[BRONZE], Standing(5, 15_000), Match.ALL)


def test_a_drop_that_waits_for_a_booking_says_which_and_lasts_through_its_day() -> None:
    silver = card((50, 3_000), tier=SILVER, night=100, drops_on=on(110))
    found = told(silver, live=Live(ahead=[Ahead(on(115), on(90)), Ahead(on(140), on(90))]))
    assert found.waiting.booking == on(115)
    assert found.lasts is not None
    assert found.lasts.through == on(115)


def test_a_warning_made_late_says_when_it_was_told() -> None:
    silver = card((50, 3_000), tier=SILVER, night=100, drops_on=on(112))
    assert told(silver, warned=on(90)).waiting.told == on(98)
    assert told(silver, warned=on(98)).waiting.told is None


def test_days_after_we_called_off_are_named_while_they_keep_a_visit_in_the_window() -> None:
    silver = card((0, 3_000), (20, 3_000), tier=SILVER, night=95)
    live = Live(paused=[Span(on(30), on(40))])
    assert told(silver, live=live).waiting.paused == [Span(on(30), on(40))]
    assert told(silver, live=live).lasts == lasting(only(), silver, live)
    assert told(replace(silver, night=on(200)), live=live).waiting.paused == []
    assert told(card((50, 3_000), tier=SILVER, night=95), live=live).waiting.paused == []


def test_the_next_tier_says_what_is_missing_for_it_and_the_last_one_names_none() -> None:
    found = told(card((0, 2_500), (10, 2_500), night=20))
    assert found.next is not None
    assert (found.next.tier.code, found.next.missing) == ("silver", Standing(1, 1_000))
    assert told(card((0, 99_000), tier=GOLD, night=0)).next is None


def test_a_tier_that_another_version_has_no_more_lasts_until_it_begins() -> None:
    without = replace(TIERS, ladder=(LADDER[BRONZE], LADDER[GOLD]))
    versions = Versions.of(
        [
            Version(date(2020, 1, 1), Programme(tiers=TIERS), 1),
            Version(on(30), Programme(tiers=without), 2),
        ]
    )
    silver = card((0, 3_000), (10, 3_000), (20, 3_000), tier=SILVER, night=20)
    assert lasting(versions, silver) == Lasting(on(29), LADDER[BRONZE], Standing(0, 0), Match.ALL, 2)


def test_a_new_version_that_keeps_the_tier_is_judged_by_its_own_thresholds() -> None:
    dearer = replace(TIERS, ladder=(LADDER[0], replace(LADDER[1], keep=Threshold(3, 6_000)), LADDER[2]))
    versions = Versions.of(
        [Version(date(2020, 1, 1), Programme(tiers=TIERS), 1), Version(on(95), Programme(tiers=dearer), 2)]
    )
    silver = card((0, 3_000), (10, 3_000), (20, 3_000), tier=SILVER, night=20)
    # on day 95 two visits are left, which is too little by now
    assert lasting(versions, silver) == Lasting(on(108), LADDER[BRONZE], Standing(2, 3_000), Match.ALL)


visits = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9_000)), max_size=6).map(sorted)
ladders = st.builds(
    Tiers,
    st.just(LADDER),
    window_days=st.integers(20, 120),
    match=st.sampled_from(Match),
    grace_days=st.integers(0, 20),
    step_down=st.sampled_from(StepDown),
)


@given(visits, ladders, st.sampled_from([SILVER, GOLD]))
def test_the_nights_drop_who_stays_away_on_the_day_after_and_who_brings_what_is_missing_is_kept(
    came: Sequence[tuple[int, int]], tiers: Tiers, tier: int
) -> None:
    versions = only(tiers)
    held, _ = nights(versions, card(*came, tier=tier, night=60), on(61))
    lasts = lasting(versions, held)
    if held.tier == 0:
        assert lasts is None
        return
    assert lasts is not None
    assert lasts.then is not None
    assert nights(versions, held, lasts.through)[0].tier == held.tier
    assert LADDER[nights(versions, held, lasts.through + timedelta(1))[0].tier] == lasts.then
    if lasts.through <= held.night:
        return
    brought = [(1, 0)] * lasts.missing.visits + [(0, lasts.missing.spend)] * (lasts.missing.spend > 0)
    if lasts.match is Match.ANY:
        brought = brought[:1] if not lasts.missing.visits else brought[: lasts.missing.visits]
    kept, _ = nights(versions, held, lasts.through)
    for counts, paid in brought:
        kept, _ = attend(tiers, kept, Attended(lasts.through, bool(counts), paid))
    assert nights(versions, kept, lasts.through + timedelta(1))[0].tier >= held.tier
