"""When somebody can be booked: hours by location, holidays, time off, clock changes."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain import clock
from console.domain.business.rules import CLOSED, DAY, Day, Week
from console.domain.ids import LocationId
from console.domain.roster import rules
from console.domain.roster.rules import Place, Schedule, Shift, TimeOff

CENTRE, NORTH = LocationId(1), LocationId(2)
MONDAY = date(2026, 5, 11)
NINE_TO_SIX: Day = ((540, 1080),)
SPLIT: Day = ((540, 780), (840, 1080))
NIGHT: Day = ((1320, 1800),)
BERLIN = ZoneInfo("Europe/Berlin")


def week(*days: Day) -> Week:
    """The days said, the rest closed."""
    return tuple([*days, *[CLOSED] * 7][:7])


def place(hours: Day = NINE_TO_SIX, location: LocationId = CENTRE, **specials: Day) -> dict[LocationId, Place]:
    return {location: Place(location, (hours,) * 7, {date.fromisoformat(on[1:]): day for on, day in specials.items()})}


def own(hours: Week | None, since: date = MONDAY, location: LocationId = CENTRE) -> Schedule:
    return Schedule(location, since, hours)


times_off = st.builds(
    lambda day, hours, more: TimeOff(
        MONDAY + timedelta(days=day), MONDAY + timedelta(days=day if hours else day + more), hours
    ),
    st.integers(0, 4),
    st.none() | st.tuples(st.integers(0, 47), st.integers(0, 47)).map(
        lambda pair: (min(pair) * 60, (max(pair) + 1) * 60)
    ),
    st.integers(0, 2),
)  # fmt: skip
"""Whole days, and whole hours of one day that may pass its midnight."""


def hours_of(time: TimeOff) -> set[int]:
    """Every hour that a time off takes, counted from Monday's midnight."""
    start, end = time.hours or (0, DAY)
    first, last = (time.first - MONDAY).days, (time.last - MONDAY).days
    return set(range(first * 24 + start // 60, last * 24 + end // 60))


@given(times_off, times_off)
def test_two_times_off_overlap_where_they_share_an_hour(one: TimeOff, other: TimeOff) -> None:
    assert rules.overlap(one, other) == bool(hours_of(one) & hours_of(other))


@given(times_off.filter(lambda time: time.hours is not None), st.integers(0, 6))
def test_beside_a_whole_day_off_the_other_hours_are_left(time: TimeOff, day: int) -> None:
    left = rules.hours_beside(time, MONDAY + timedelta(days=day))
    kept = hours_of(TimeOff(time.first, time.last, left)) if left else set()
    assert kept == hours_of(time) - set(range(day * 24, day * 24 + 24))


@pytest.mark.parametrize(
    ("schedules", "expected"),
    [
        ([own(None)], NINE_TO_SIX),
        ([own(week(SPLIT))], SPLIT),
        ([own(week(CLOSED))], None),
        ([], None),
        ([own(week(SPLIT), date(2026, 5, 12))], None),
        ([own(week(SPLIT), date(2026, 1, 1)), own(week(NIGHT))], NIGHT),
        ([own(week(NIGHT)), own(week(SPLIT), date(2026, 1, 1))], NIGHT),
        ([own(week(SPLIT)), own(week(NIGHT), location=NORTH)], SPLIT),
    ],
    ids=["as the location", "own, with a break", "not that day", "nowhere", "not yet", "the latest", "in any order",
         "a place that is closed for good"],
)  # fmt: skip
def test_the_latest_hours_that_have_begun_hold(schedules: list[Schedule], expected: Day | None) -> None:
    found = rules.shifts(MONDAY, schedules, place())
    assert found == ([Shift(CENTRE, expected)] if expected else [])


@pytest.mark.parametrize(
    ("special", "hours", "expected"),
    [
        (CLOSED, week(SPLIT), None),
        (CLOSED, None, None),
        (((600, 900),), None, ((600, 900),)),
        (((600, 900),), week(SPLIT), ((600, 780), (840, 900))),
        (((0, DAY),), week(SPLIT), SPLIT),
    ],
    ids=["closed", "closed, as the location", "short, as the location", "short, with a break", "longer than own hours"],
)
def test_nobody_is_there_longer_than_a_holiday_is_open(special: Day, hours: Week | None, expected: Day | None) -> None:
    places = {CENTRE: Place(CENTRE, (NINE_TO_SIX,) * 7, {MONDAY: special})}
    found = rules.shifts(MONDAY, [own(hours)], places)
    assert found == ([Shift(CENTRE, expected)] if expected else [])


@pytest.mark.parametrize(
    ("off", "hours", "expected"),
    [
        (TimeOff(MONDAY, MONDAY), SPLIT, None),
        (TimeOff(MONDAY - timedelta(3), MONDAY + timedelta(3)), SPLIT, None),
        (TimeOff(MONDAY + timedelta(1), MONDAY + timedelta(1)), SPLIT, SPLIT),
        (TimeOff(MONDAY, MONDAY, (600, 660)), SPLIT, ((540, 600), (660, 780), (840, 1080))),
        (TimeOff(MONDAY, MONDAY, (700, 900)), SPLIT, ((540, 700), (900, 1080))),
        (TimeOff(MONDAY, MONDAY, (0, DAY)), NIGHT, ((1440, 1800),)),
        (TimeOff(MONDAY + timedelta(1), MONDAY + timedelta(1)), NIGHT, ((1320, 1440),)),
    ],
    ids=["the day", "days around", "the next day", "an hour inside", "over the break", "until midnight",
         "the morning after a night"],
)  # fmt: skip
def test_time_off_is_taken_out(off: TimeOff, hours: Day, expected: Day | None) -> None:
    found = rules.shifts(MONDAY, [own(week(hours))], place(), [off])
    assert found == ([Shift(CENTRE, expected)] if expected else [])


def test_a_break_is_what_lies_between() -> None:
    assert rules.breaks(SPLIT) == ((780, 840),)
    assert rules.breaks(NINE_TO_SIX) == ()


@pytest.mark.parametrize(
    ("day", "interval", "begins", "hours"),
    [
        (date(2026, 5, 11), (540, 1080), "2026-05-11T07:00+00:00", 9),
        (date(2026, 3, 28), (1320, 1800), "2026-03-28T21:00+00:00", 7),
        (date(2026, 10, 24), (1320, 1800), "2026-10-24T20:00+00:00", 9),
        (date(2026, 3, 29), (150, 240), "2026-03-29T01:00+00:00", 1),
        (date(2026, 10, 25), (150, 240), "2026-10-25T00:30+00:00", 2.5),
        (date(2026, 10, 25), (60, 150), "2026-10-24T23:00+00:00", 2.5),
    ],
    ids=["an ordinary day", "a night that loses an hour", "a night that gains one", "beginning in the skipped hour",
         "beginning in the doubled hour", "ending in the doubled hour"],
)  # fmt: skip
def test_hours_through_a_clock_change_are_so_much_longer(
    day: date, interval: tuple[int, int], begins: str, hours: float
) -> None:
    found = rules.instants(day, interval, BERLIN)
    assert found is not None
    assert found[0] == datetime.fromisoformat(begins)
    assert found[1] - found[0] == timedelta(hours=hours)


def test_hours_that_the_clocks_skip_altogether_are_none() -> None:
    assert rules.instants(date(2026, 3, 29), (125, 170), BERLIN) is None


CHANGES = [
    # zone, date, minutes that pass on it
    ("Europe/Berlin", date(2026, 3, 29), 23 * 60),
    ("Europe/Berlin", date(2026, 10, 25), 25 * 60),
    ("America/New_York", date(2026, 3, 8), 23 * 60),
    ("America/New_York", date(2026, 11, 1), 25 * 60),
    ("Australia/Lord_Howe", date(2026, 10, 4), 23 * 60 + 30),
    ("Australia/Lord_Howe", date(2026, 4, 5), 24 * 60 + 30),
    ("America/Sao_Paulo", date(2018, 11, 4), 23 * 60),
    ("America/Sao_Paulo", date(2018, 2, 17), 25 * 60),
    ("Asia/Beirut", date(2026, 3, 29), 23 * 60),
    ("Asia/Beirut", date(2026, 10, 24), 25 * 60),
    ("Africa/Cairo", date(2026, 4, 24), 23 * 60),
    ("Africa/Cairo", date(2026, 10, 29), 25 * 60),
    ("America/Havana", date(2026, 3, 8), 23 * 60),
    ("America/Havana", date(2026, 11, 1), 25 * 60),
    ("Pacific/Apia", date(2011, 12, 30), 0),
    ("Europe/Moscow", date(2026, 5, 12), 24 * 60),
]
"""Days on which clocks change, at night, at midnight and for a whole day, and one on which none does."""


@pytest.mark.parametrize(("zone", "day", "passing"), CHANGES)
def test_round_the_clock_is_as_long_as_the_day(zone: str, day: date, passing: int) -> None:
    begin, end = clock.bounds(day, ZoneInfo(zone))
    assert end - begin == timedelta(minutes=passing)
    assert rules.worked(day, ((0, DAY),), ZoneInfo(zone)) == passing
    night = ((1320, 1440 + 360),)
    before = day - timedelta(days=1)
    changes_by_six = rules.worked(day, ((0, 360),), ZoneInfo(zone)) - 360
    changes_before = rules.worked(before, ((1320, 1440),), ZoneInfo(zone)) - 120
    assert rules.worked(before, night, ZoneInfo(zone)) == 480 + changes_before + changes_by_six


def test_a_break_inside_the_doubled_hour_is_not_counted_twice() -> None:
    change = date(2026, 10, 25)
    hours: Day = ((60, 150), (165, 360))
    assert rules.spans(change, hours, BERLIN) == [
        (datetime(2026, 10, 24, 23, tzinfo=UTC), datetime(2026, 10, 25, 5, tzinfo=UTC))
    ]
    assert rules.worked(change, hours, BERLIN) == 360
    assert rules.worked(change - timedelta(days=7), hours, BERLIN) == 285


minutes_of_a_day = st.integers(0, DAY - 1)
zones = st.sampled_from([ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Asia/Tehran",
                                                     "Australia/Lord_Howe", "Pacific/Apia", "UTC")])  # fmt: skip


@given(st.dates(date(2005, 1, 1), date(2035, 1, 1)), minutes_of_a_day, st.integers(1, DAY), zones)
def test_instants_are_aware_in_order_and_within_a_day_of_the_wall(
    day: date, start: int, length: int, zone: ZoneInfo
) -> None:
    found = rules.instants(day, (start, start + length), zone)
    if found is None:
        return
    begin, end = found
    assert begin.tzinfo is UTC
    assert begin < end
    assert abs((end - begin) - timedelta(minutes=length)) <= timedelta(days=1)


@given(st.dates(date(2005, 1, 1), date(2035, 1, 1)), st.lists(minutes_of_a_day, min_size=3, max_size=3, unique=True),
       zones)  # fmt: skip
def test_hours_that_meet_on_the_wall_leave_no_gap_but_the_doubled_hour_and_never_overlap_by_more(
    day: date, minutes: list[int], zone: ZoneInfo
) -> None:
    first, middle, last = sorted(minutes)
    before, after = rules.instants(day, (first, middle), zone), rules.instants(day, (middle, last), zone)
    whole = rules.instants(day, (first, last), zone)
    if before and after and whole:
        assert (before[0], after[1]) == whole
        assert after[0] <= before[1]


def intervals() -> st.SearchStrategy[Day]:
    cuts = st.lists(st.integers(0, 2 * DAY), min_size=0, max_size=8, unique=True).map(sorted)
    return cuts.map(lambda ends: tuple(zip(ends[::2], ends[1::2], strict=False)))


@given(st.sampled_from(CHANGES), st.integers(-1, 1), intervals())
def test_hours_around_a_change_are_never_negative_and_never_overlap(
    change: tuple[str, date, int], offset: int, hours: Day
) -> None:
    name, day, _ = change
    day += timedelta(days=offset)
    zone = ZoneInfo(name)
    found = rules.spans(day, hours, zone)
    assert all(start < end for start, end in found)
    assert all(first[1] < second[0] for first, second in itertools.pairwise(found))
    passed = clock.bounds(day, zone)[0], clock.bounds(day + timedelta(days=1), zone)[1]
    assert all(passed[0] <= start and end <= passed[1] for start, end in found)
    worked = rules.worked(day, hours, zone)
    assert worked == sum((end - start).total_seconds() for start, end in found) // 60
    most = 60 if name != "Pacific/Apia" else DAY
    pauses = sum(second[0] - first[1] for first, second in itertools.pairwise(hours))  # one may pass while it is shown
    assert abs(worked - sum(end - start for start, end in hours)) <= most + pauses


@given(st.sampled_from(CHANGES), st.lists(minutes_of_a_day, min_size=1, max_size=3, unique=True))
def test_a_change_gives_and_takes_nothing_from_a_day_cut_in_pieces(
    change: tuple[str, date, int], cuts: list[int]
) -> None:
    name, day, passing = change
    ends = [0, *sorted(set(cuts) - {0}), DAY]
    assert rules.worked(day, tuple(itertools.pairwise(ends)), ZoneInfo(name)) == passing


@given(intervals(), intervals())
def test_what_is_common_and_what_is_left_are_the_whole(hours: Day, other: Day) -> None:
    def held(day: Day) -> set[int]:
        return {minute for start, end in day for minute in range(start, end)}

    assert held(rules.common(hours, other)) == held(hours) & held(other)
    assert held(rules.without(hours, other)) == held(hours) - held(other)


@pytest.mark.parametrize(
    ("there", "clashes"),
    [
        (own(week(((1080, 1200),)), location=NORTH), False),
        (own(week(((1000, 1200),)), location=NORTH), True),
        (own(week(CLOSED, NINE_TO_SIX), location=NORTH), False),
        (own(week(((1000, 1200),)), date(2026, 6, 1), location=NORTH), False),
    ],
    ids=["after work", "an hour too early", "another day", "not yet"],
)
def test_nobody_is_in_two_places_at_once(there: Schedule, clashes: bool) -> None:
    places = {**place(), **place(location=NORTH)}
    zones = {CENTRE: "Europe/Moscow", NORTH: "Europe/Moscow"}
    found = rules.clash(MONDAY, [own(week(NINE_TO_SIX)), there], places, zones)
    assert found == ((CENTRE, NORTH) if clashes else None)


def test_two_places_in_two_zones_are_compared_by_their_instants() -> None:
    places = {**place(), **place(location=NORTH)}
    zones = {CENTRE: "Europe/Moscow", NORTH: "Asia/Yekaterinburg"}
    two_hours_ahead = own(week(((540, 660),)), location=NORTH)
    assert rules.clash(MONDAY, [own(week(((540, 720),))), two_hours_ahead], places, zones) is None
    assert rules.clash(MONDAY, [own(week(((480, 720),))), two_hours_ahead], places, zones) == (CENTRE, NORTH)


@pytest.mark.parametrize(
    ("off", "problem"),
    [
        (TimeOff(MONDAY, MONDAY - timedelta(1)), {"last": "problem.ends_before_it_begins"}),
        (TimeOff(MONDAY, MONDAY + timedelta(400)), {"last": "problem.time_off_long"}),
        (TimeOff(MONDAY, MONDAY + timedelta(1), (540, 600)), {"hours": "problem.hours_of_one_day"}),
        (TimeOff(MONDAY, MONDAY, (540, 600)), {}),
    ],
)
def test_time_off_that_cannot_be(off: TimeOff, problem: dict[str, str]) -> None:
    assert {name: one.key for name, one in rules.time_off_problems(off).items()} == problem
