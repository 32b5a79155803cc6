"""Running sums of what was attended, beside adding it all up again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from console.domain.loyalty.rules.attendance import Attendance, Attended
from console.domain.loyalty.rules.live import Live, fair_pauses
from console.domain.loyalty.rules.programme import Standing

MAY = date(2026, 5, 1)
dates = st.integers(0, 120).map(lambda days: MAY + timedelta(days))
visits = st.lists(st.builds(Attended, dates, st.booleans(), st.integers(0, 5_000), st.integers(1, 50)), max_size=15)
pauses = st.builds(
    lambda off, came: Live(paused=fair_pauses(off, came)), st.lists(dates, max_size=4), st.lists(dates, max_size=4)
)


def added_up(came: Sequence[Attended], on: date, days: int, live: Live) -> Standing:
    """Section 2 as it is written: every date of the window, a pause reaching back further."""
    seen = [one for one in came if one.on <= on and (not days or on < live.leaves(one.on, days))]
    return Standing(sum(one.counts for one in seen), sum(one.paid for one in seen))


@given(came=visits, on=dates, days=st.sampled_from([0, 1, 30, 90]), live=pauses)
def test_the_sums_of_any_window_are_those_of_adding_its_visits_up(
    came: list[Attended], on: date, days: int, live: Live
) -> None:
    assert Attendance.of(came).standing(on, days, live) == added_up(came, on, days, live)


@given(came=visits, on=dates, days=st.sampled_from([1, 30, 90]), live=pauses)
def test_the_visits_that_have_left_a_window_are_the_first_ones(
    came: list[Attended], on: date, days: int, live: Live
) -> None:
    attended = Attendance.of(came)
    left = attended.left(on, days, live)
    assert [live.leaves(one.on, days) <= on for one in attended] == [at < left for at in range(len(came))]


@given(came=visits)
def test_visits_that_come_one_by_one_stand_by_date_those_of_one_date_as_they_came(came: list[Attended]) -> None:
    attended = Attendance.of(())
    for one in came:
        attended = attended.adding(one)
    assert list(attended) == sorted(came, key=lambda one: one.on)
    assert attended == Attendance.of(came)
    assert [attended[at] for at in range(-len(came), 0)] == list(attended)


@given(came=visits, one=st.builds(Attended, dates, st.booleans(), st.integers(0, 5_000)), data=st.data())
def test_a_visit_more_changes_none_of_the_others_that_share_its_sums(
    came: list[Attended], one: Attended, data: st.DataObject
) -> None:
    whole = Attendance.of(came)
    first = whole[: data.draw(st.integers(0, len(came)))]
    kept = list(first)
    futures = [Attendance.of(first).adding(replace(one, visit=number)) for number in (51, 52)]
    assert list(whole) == sorted(came, key=lambda one: one.on)
    assert list(first) == kept
    for number, future in zip((51, 52), futures, strict=True):
        assert [left for left in future if left.visit != number] == kept
        assert future.standing(date.max, 0, Live()) == added_up([*kept, one], date.max, 0, Live())
