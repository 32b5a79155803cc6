"""Instants, business dates and wall times, where clocks jump."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain import clock
from console.domain.clock import NoSuchTime, TwiceThatDay, WallTime, business_date, instant

MOSCOW = ZoneInfo("Europe/Moscow")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
ZONES = [MOSCOW, NEW_YORK, LORD_HOWE, ZoneInfo("Asia/Kathmandu"), ZoneInfo("Africa/Cairo"), ZoneInfo("UTC")]


def wall(text: str) -> WallTime:
    day, at = text.split(" ")
    hours, minutes = at.split(":")
    return WallTime(date.fromisoformat(day), int(hours) * 60 + int(minutes))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text + "+00:00")


def test_now_is_in_utc() -> None:
    assert clock.now().tzinfo is UTC


def test_a_naive_datetime_is_no_instant() -> None:
    naive = datetime(2026, 5, 12, 9, 0)
    with pytest.raises(ValueError, match="naive"):
        instant(naive)
    with pytest.raises(ValueError, match="naive"):
        business_date(naive, MOSCOW)
    with pytest.raises(ValueError, match="naive"):
        WallTime.of(naive, MOSCOW)


def test_an_instant_is_turned_to_utc() -> None:
    moment = instant(datetime(2026, 5, 12, 1, 30, tzinfo=timezone(timedelta(hours=3))))
    assert (moment, moment.tzinfo) == (utc("2026-05-11T22:30"), UTC)


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        ("2026-05-11T20:59:59", MOSCOW, "2026-05-11"),
        ("2026-05-11T21:00:00", MOSCOW, "2026-05-12"),
        ("2026-05-12T03:59:59", NEW_YORK, "2026-05-11"),
        ("2026-05-12T04:00:00", NEW_YORK, "2026-05-12"),
        ("2026-01-01T04:59:59", NEW_YORK, "2025-12-31"),
        ("2026-05-11T13:30:00", LORD_HOWE, "2026-05-12"),
        ("2026-12-31T13:00:00", LORD_HOWE, "2027-01-01"),
    ],
)
def test_the_business_date_is_that_of_the_location(moment: str, zone: ZoneInfo, day: str) -> None:
    assert business_date(utc(moment), zone) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("text", "zone", "moments"),
    [
        ("2026-05-12 09:30", MOSCOW, ["2026-05-12T06:30"]),
        ("2026-05-12 00:00", MOSCOW, ["2026-05-11T21:00"]),
        ("2026-05-12 24:00", MOSCOW, ["2026-05-12T21:00"]),
        ("2026-12-31 24:00", MOSCOW, ["2026-12-31T21:00"]),
        # Moscow moved to winter time for good on 26 October 2014, and had no change of clocks since.
        ("2014-10-26 01:30", MOSCOW, ["2014-10-25T21:30", "2014-10-25T22:30"]),
        ("2026-03-29 02:30", MOSCOW, ["2026-03-28T23:30"]),
        # New York: an hour is skipped on 8 March and shown twice on 1 November 2026.
        ("2026-03-08 01:59", NEW_YORK, ["2026-03-08T06:59"]),
        ("2026-03-08 02:00", NEW_YORK, []),
        ("2026-03-08 02:59", NEW_YORK, []),
        ("2026-03-08 03:00", NEW_YORK, ["2026-03-08T07:00"]),
        ("2026-11-01 00:59", NEW_YORK, ["2026-11-01T04:59"]),
        ("2026-11-01 01:00", NEW_YORK, ["2026-11-01T05:00", "2026-11-01T06:00"]),
        ("2026-11-01 01:59", NEW_YORK, ["2026-11-01T05:59", "2026-11-01T06:59"]),
        ("2026-11-01 02:00", NEW_YORK, ["2026-11-01T07:00"]),
        # Lord Howe moves by half an hour: back on 5 April, forward on 4 October 2026.
        ("2026-04-05 01:29", LORD_HOWE, ["2026-04-04T14:29"]),
        ("2026-04-05 01:30", LORD_HOWE, ["2026-04-04T14:30", "2026-04-04T15:00"]),
        ("2026-04-05 02:00", LORD_HOWE, ["2026-04-04T15:30"]),
        ("2026-10-04 02:00", LORD_HOWE, []),
        ("2026-10-04 02:29", LORD_HOWE, []),
        ("2026-10-04 02:30", LORD_HOWE, ["2026-10-03T15:30"]),
        # Cairo skips midnight itself on 24 April 2026, which is 24:00 of the day before.
        ("2026-04-24 00:00", ZoneInfo("Africa/Cairo"), []),
        ("2026-04-23 24:00", ZoneInfo("Africa/Cairo"), []),
        # Samoa had no 30 December 2011.
        ("2011-12-30 12:00", ZoneInfo("Pacific/Apia"), []),
    ],
)
def test_a_wall_time_has_the_instants_at_which_it_is_shown(text: str, zone: ZoneInfo, moments: list[str]) -> None:
    assert wall(text).instants(zone) == tuple(utc(moment) for moment in moments)


def test_a_wall_time_shown_once_needs_no_fold_and_ignores_one() -> None:
    noon = wall("2026-05-12 12:00")
    assert {noon.at(NEW_YORK), noon.at(NEW_YORK, fold=0), noon.at(NEW_YORK, fold=1)} == {utc("2026-05-12T16:00")}


def test_a_wall_time_that_the_clocks_skip_is_refused_whatever_the_fold() -> None:
    for fold in (None, 0, 1):
        with pytest.raises(NoSuchTime):
            wall("2026-03-08 02:30").at(NEW_YORK, fold=fold)


def test_a_wall_time_shown_twice_must_say_which() -> None:
    twice = wall("2026-11-01 01:30")
    with pytest.raises(TwiceThatDay):
        twice.at(NEW_YORK)
    assert twice.at(NEW_YORK, fold=0) == utc("2026-11-01T05:30")
    assert twice.at(NEW_YORK, fold=1) == utc("2026-11-01T06:30")


@pytest.mark.parametrize("minute", [-1, 1441])
def test_a_wall_has_no_time_outside_its_day(minute: int) -> None:
    with pytest.raises(ValueError, match="0 to 1440"):
        WallTime(date(2026, 5, 12), minute)


def test_wall_times_sort_as_the_wall_shows_them() -> None:
    texts = ["2026-05-11 24:00", "2026-05-12 00:00", "2026-05-12 09:05", "2026-05-12 10:00"]
    assert sorted(map(wall, reversed(texts))) == [wall(text) for text in texts]


@given(st.datetimes(datetime(1995, 1, 1), datetime(2035, 1, 1)), st.sampled_from(ZONES))
def test_what_the_wall_shows_at_an_instant_leads_back_to_it(naive: datetime, zone: ZoneInfo) -> None:
    moment = naive.replace(second=0, microsecond=0, tzinfo=UTC)
    assert moment in WallTime.of(moment, zone).instants(zone)


@given(st.dates(date(1995, 1, 1), date(2035, 1, 1)), st.sampled_from([*ZONES, ZoneInfo("Pacific/Apia")]))
def test_a_date_is_all_the_instants_of_which_it_is_the_business_date(day: date, zone: ZoneInfo) -> None:
    begin, end = clock.bounds(day, zone)
    assert begin <= end == clock.bounds(day + timedelta(days=1), zone)[0]
    if begin < end:
        assert business_date(begin, zone) == business_date(end - timedelta(microseconds=1), zone) == day
    assert business_date(end, zone) > day


@given(st.dates(date(1995, 1, 1), date(2035, 1, 1)), st.integers(0, 1439), st.sampled_from(ZONES))
def test_there_is_always_a_bound_and_bounds_are_in_order(day: date, minute: int, zone: ZoneInfo) -> None:
    here, later = WallTime(day, minute), WallTime(day, minute + 1)
    assert here.bound(zone) <= here.bound(zone, last=True)
    assert here.bound(zone) <= later.bound(zone)
    if shown := here.instants(zone):
        assert (here.bound(zone), here.bound(zone, last=True)) == (shown[0], shown[-1])
