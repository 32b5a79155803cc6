"""Where things lie on an agenda's sheet: hours past midnight, days of 23 and 25 hours, lanes, free places."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.booking import sheet
from console.domain.business.rules import format_minute
from console.domain.roster.rules import instants

BERLIN, MOSCOW = ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/Moscow")
SPRING, AUTUMN, MAY = date(2026, 3, 29), date(2026, 10, 25), date(2026, 5, 12)


def span(day: date, start: int, end: int, zone: ZoneInfo = BERLIN) -> sheet.Span:
    found = instants(day, (start * 60, end * 60), zone)
    assert found
    return found


def hours(axis: sheet.Axis) -> str:
    return " ".join(format_minute(hour.wall % 1440) for hour in axis.hours)


@pytest.mark.parametrize(
    ("day", "span_", "minutes", "shown"),
    [
        (MAY, (9, 12), 180, "9:00 10:00 11:00"),
        (MAY, (22, 26), 240, "22:00 23:00 0:00 1:00"),
        (MAY, (0, 24), 1440, " ".join(f"{hour}:00" for hour in range(24))),
        (SPRING, (0, 5), 240, "0:00 1:00 3:00 4:00"),
        (AUTUMN, (0, 5), 360, "0:00 1:00 2:00 2:00 3:00 4:00"),
        (SPRING, (0, 24), 1380, " ".join(f"{hour}:00" for hour in range(24) if hour != 2)),
        (AUTUMN, (3, 5), 120, "3:00 4:00"),
    ],
)
def test_a_day_shows_what_the_wall_shows_also_when_the_clocks_change(
    day: date, span_: tuple[int, int], minutes: int, shown: str
) -> None:
    axis = sheet.axis(day, [span(day, *span_)], BERLIN)
    assert (axis.minutes, hours(axis)) == (minutes, shown)


@pytest.mark.parametrize("day", [SPRING, AUTUMN, MAY])
def test_every_minute_of_a_day_lies_where_the_wall_says(day: date) -> None:
    axis = sheet.axis(day, [span(day, 0, 24)], BERLIN)
    for at in range(0, axis.minutes, 5):
        moment = axis.starts_at + timedelta(minutes=at)
        local = moment.astimezone(BERLIN)
        assert axis.at(moment) == at
        assert axis.wall(at) % 1440 == local.hour * 60 + local.minute


@pytest.mark.parametrize("day", [SPRING, AUTUMN, MAY])
@pytest.mark.parametrize("hours_", [(0, 24), (1, 4), (2, 5), (22, 26)])
def test_a_day_of_a_week_knows_at_every_minute_that_passes_what_its_wall_shows(
    day: date, hours_: tuple[int, int]
) -> None:
    [axis] = sheet.wall_axes([day], [(day, span(day, *hours_))], BERLIN)
    passing = axis.passing
    assert axis.wall(0) == passing.wall(0)
    assert passing.wall(passing.minutes) == axis.wall(axis.minutes)
    for at in range(0, passing.minutes, 5):
        local = (passing.starts_at + timedelta(minutes=at)).astimezone(BERLIN)
        assert passing.wall(at) % 1440 == local.hour * 60 + local.minute


@pytest.mark.parametrize("hours_", [(0, 24), (1, 4), (2, 5)])
def test_of_an_hour_that_the_wall_shows_twice_it_is_known_which_one_it_is(hours_: tuple[int, int]) -> None:
    axis = sheet.axis(AUTUMN, [span(AUTUMN, *hours_)], BERLIN)
    turns = [(hour.wall // 60, axis.turn(hour.at + 59)) for hour in axis.hours if axis.turn(hour.at) is not None]
    assert turns == [(2, 0), (2, 1)]
    assert all(sheet.axis(day, [span(day, 0, 24)], BERLIN).turn(at) is None for day in (MAY, SPRING) for at in (0, 150))


def test_a_day_begins_and_ends_with_a_whole_hour_around_all_that_lies_in_it() -> None:
    late = (datetime(2026, 5, 12, 6, 40, tzinfo=UTC), datetime(2026, 5, 12, 7, 5, tzinfo=UTC))
    axis = sheet.axis(MAY, [span(MAY, 10, 11, MOSCOW), late], MOSCOW)
    assert hours(axis) == "9:00 10:00"
    assert axis.at(late[0]) == 40


def test_a_day_without_anything_shows_usual_hours_and_none_is_longer_than_there_are_classes() -> None:
    assert hours(sheet.axis(MAY, [], MOSCOW)).startswith("9:00 10:00")
    endless = (datetime(2026, 5, 12, tzinfo=UTC), datetime(2026, 5, 16, tzinfo=UTC))
    assert sheet.axis(MAY, [endless], MOSCOW).minutes == sheet.MOST_UNITS * sheet.UNIT


@pytest.mark.parametrize(
    ("before", "own", "starts", "ends"),
    [
        ((), ((9, 18),), 0, 24),
        (((20, 26),), ((9, 18),), 2, 24),
        ((), ((20, 26),), 0, 26),
        (((0, 24),), ((0, 24),), 0, 24),
    ],
)
def test_hours_past_midnight_belong_to_the_day_on_which_they_began(
    before: tuple[tuple[int, int], ...], own: tuple[tuple[int, int], ...], starts: int, ends: int
) -> None:
    def minutes(day: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
        return tuple((start * 60, end * 60) for start, end in day)

    found = sheet.window(MAY, minutes(before), minutes(own), MOSCOW)
    midnight = datetime(2026, 5, 12, tzinfo=MOSCOW)
    assert found == (midnight + timedelta(hours=starts), midnight + timedelta(hours=ends))


@given(st.lists(st.lists(st.integers(0, 23).map(lambda hour: hour * 60), min_size=2, max_size=2, unique=True)))
def test_windows_of_days_in_a_row_leave_nothing_out(days: list[list[int]]) -> None:
    hours = [((min(day), max(day)),) for day in days]
    hours = [((start, end + 1440 if at % 2 else end),) for at, ((start, end),) in enumerate(hours)]
    first = date(2026, 10, 20)
    windows = [
        sheet.window(first + timedelta(days=at), hours[at - 1] if at else (), one, BERLIN)
        for at, one in enumerate(hours)
    ]
    assert all(one[1] == other[0] for one, other in pairwise(windows))


def test_a_week_counts_on_the_wall_so_that_one_scale_serves_all_its_days() -> None:
    week = [SPRING - timedelta(days=1), SPRING]
    axes = sheet.wall_axes(week, [(day, span(day, 8, 20)) for day in week], BERLIN)
    assert [axis.at(span(day, 9, 10)[0]) for axis, day in zip(axes, week, strict=True)] == [60, 60]
    assert {axis.minutes for axis in axes} == {720}


INTERVALS = st.lists(st.tuples(st.integers(0, 100), st.integers(1, 40)).map(lambda one: (one[0], one[0] + one[1])))


@given(INTERVALS)
def test_what_overlaps_stands_side_by_side(intervals: list[tuple[int, int]]) -> None:
    found = sheet.lanes(intervals)
    for at, (start, end) in enumerate(intervals):
        lane, count = found[at]
        assert 0 <= lane < count
        for other, (begin, finish) in enumerate(intervals):
            if other != at and start < finish and begin < end:
                assert found[other][0] != lane
                assert found[other][1] == count
    alone = [at for at, one in enumerate(intervals) if not any(_meet(one, two) for two in _without(intervals, at))]
    assert all(found[at] == (0, 1) for at in alone)


def _meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _without(intervals: list[tuple[int, int]], at: int) -> list[tuple[int, int]]:
    return intervals[:at] + intervals[at + 1 :]


@given(INTERVALS, INTERVALS)
def test_a_free_place_lies_within_hours_and_over_nothing(
    open_: list[tuple[int, int]], taken: list[tuple[int, int]]
) -> None:
    for start, end in sheet.cells(open_, taken, 120):
        assert end - start >= sheet.LEAST_CELL
        assert start // sheet.CELL == (end - 1) // sheet.CELL
        minutes = set(range(start, end))
        assert minutes <= {minute for begin, finish in open_ for minute in range(begin, finish)}
        assert not minutes & {minute for begin, finish in taken for minute in range(begin, finish)}


def test_free_places_are_every_half_hour_and_what_is_left_between() -> None:
    assert sheet.cells([(0, 120)], [(40, 60)], 240) == [(0, 30), (60, 90), (90, 120)]
    assert sheet.cells([(0, 60)], [(0, 13)], 60) == [(15, 30), (30, 60)]
    assert sheet.cells([], [], 60) == []


@pytest.mark.parametrize(
    ("start", "end", "spot"),
    [
        (0, 60, (0, 12)),
        (3, 4, (0, 1)),
        (-30, 10, (0, 2)),
        (50, 90, (10, 2)),
        (60, 90, None),
        (-9, 0, None),
        (7, 12, (1, 2)),
    ],
)
def test_what_leaves_the_sheet_is_cut_off(start: int, end: int, spot: tuple[int, int] | None) -> None:
    found = sheet.spot(start, end, 60)
    assert (found and (found.top, found.height)) == spot


@pytest.mark.parametrize(
    ("booked", "available", "tenths"),
    [(0, 480, 0), (1, 480, 1), (48, 480, 1), (49, 480, 2), (480, 480, 10), (481, 480, 11), (30, 0, 11), (0, 0, 0)],
)
def test_fullness_is_told_in_tenths(booked: int, available: int, tenths: int) -> None:
    assert sheet.fullness(booked, available) == tenths
