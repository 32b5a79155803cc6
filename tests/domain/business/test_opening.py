"""Whether a place is open: by the week, by holidays, past midnight, and when the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.business.rules import (
    CLOSED,
    Off,
    Opening,
    Special,
    alike,
    in_a_row,
    opening,
    parse_day,
)
from console.domain.clock import WallTime, bounds

MOSCOW = ZoneInfo("Europe/Moscow")
BERLIN = ZoneInfo("Europe/Berlin")

NINE_TO_SIX = parse_day("9-18")
LUNCH = parse_day("9-13, 14-20")
LATE = parse_day("20-2")
WEEK = (LUNCH, NINE_TO_SIX, NINE_TO_SIX, NINE_TO_SIX, LATE, CLOSED, CLOSED)
"""Lunch on Mondays, late on Fridays, closed at the weekend."""

NEW_YEAR = Special({"en": "New Year"}, CLOSED)
SHORT = Special({"en": "The day before"}, parse_day("9-15"))


def at(text: str, zone: ZoneInfo = MOSCOW, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


def wall(text: str) -> WallTime:
    day, time = text.split()
    hour, minute = map(int, time.split(":"))
    return WallTime(date.fromisoformat(day), hour * 60 + minute)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-05-12 09:00", "2026-05-12 18:00"),  # a Tuesday
        ("2026-05-12 17:59:59", "2026-05-12 18:00"),
        ("2026-05-11 12:59", "2026-05-11 13:00"),
        ("2026-05-11 14:00", "2026-05-11 20:00"),
        ("2026-05-15 23:30", "2026-05-16 02:00"),
        ("2026-05-16 01:59", "2026-05-16 02:00"),
    ],
)
def test_it_is_open_until_the_end_of_the_hours_it_is_in(now: str, until: str) -> None:
    found = opening(WEEK, {}, at(now))
    assert (found.open, found.until) == (True, wall(until))


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-05-12 08:59", "2026-05-12 09:00"),
        ("2026-05-11 13:00", "2026-05-11 14:00"),
        ("2026-05-12 18:00", "2026-05-13 09:00"),
        ("2026-05-16 02:00", "2026-05-18 09:00"),
        ("2026-05-17 12:00", "2026-05-18 09:00"),
    ],
)
def test_closed_it_opens_at_the_next_hours_there_are(now: str, opens: str) -> None:
    found = opening(WEEK, {}, at(now))
    assert (found.open, found.opens) == (False, wall(opens))


def test_a_holiday_stands_in_for_the_hours_of_its_weekday() -> None:
    holidays = {date(2026, 12, 31): SHORT, date(2027, 1, 1): NEW_YEAR}  # Thursday and Friday
    assert opening(WEEK, holidays, at("2026-12-31 14:00")) == Opening(
        True, SHORT.hours, {"en": "The day before"}, until=wall("2026-12-31 15:00")
    )
    assert opening(WEEK, holidays, at("2027-01-01 12:00")) == Opening(
        False, CLOSED, {"en": "New Year"}, opens=wall("2027-01-04 09:00")
    )


def test_a_night_that_began_before_a_holiday_goes_on_to_its_end() -> None:
    found = opening(WEEK, {date(2026, 5, 16): NEW_YEAR}, at("2026-05-16 01:00"))
    assert (found.open, found.until, found.special) == (True, wall("2026-05-16 02:00"), {"en": "New Year"})


def test_long_holidays_are_looked_past() -> None:
    holidays = {date(2027, 1, day): NEW_YEAR for day in range(1, 12)}
    assert opening(WEEK, holidays, at("2027-01-01 12:00")).opens == wall("2027-01-12 09:00")


def test_a_place_without_hours_never_opens() -> None:
    found = opening((CLOSED,) * 7, {}, at("2026-05-12 12:00"))
    assert (found.open, found.opens) == (False, None)


def test_round_the_clock_has_no_end() -> None:
    found = opening((parse_day("24/7"),) * 7, {}, at("2026-05-12 12:00"))
    assert (found.open, found.until) == (True, None)


def test_days_that_meet_at_midnight_are_one_opening_that_ends_at_24() -> None:
    week = (*((parse_day("0-24"),) * 5), CLOSED, CLOSED)
    assert opening(week, {}, at("2026-05-12 12:00")).until == wall("2026-05-15 24:00")


NIGHT = (*((CLOSED,) * 5), parse_day("22-2:30"), parse_day("2:45-6"))
"""Saturday night and Sunday morning: the hours of both clock changes in Berlin."""


@pytest.mark.parametrize(
    ("now", "fold", "open_", "boundary"),
    [
        # 29 March 2026: 2:00 becomes 3:00, so 2:30 and 2:45 never come.
        ("2026-03-29 01:59", 0, True, "2026-03-29 02:30"),
        ("2026-03-29 03:00", 0, True, "2026-03-29 06:00"),
        # 25 October 2026: 3:00 becomes 2:00, so 2:30 and 2:45 come twice; the first time counts.
        ("2026-10-25 02:29", 0, True, "2026-10-25 02:30"),
        ("2026-10-25 02:30", 0, False, "2026-10-25 02:45"),
        ("2026-10-25 02:45", 0, True, "2026-10-25 06:00"),
        ("2026-10-25 02:10", 1, True, "2026-10-25 06:00"),
        ("2026-10-25 02:50", 1, True, "2026-10-25 06:00"),
    ],
)
def test_clocks_that_change_open_and_close_once(now: str, fold: int, open_: bool, boundary: str) -> None:
    found = opening(NIGHT, {}, at(now, BERLIN, fold))
    assert found.open is open_
    assert (found.until if open_ else found.opens) == wall(boundary)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.sampled_from([MOSCOW, BERLIN]))
def test_what_it_says_will_be_next_comes_true(naive: datetime, zone: ZoneInfo) -> None:
    now = naive.replace(tzinfo=UTC).astimezone(zone)
    found = opening(WEEK, {}, now)
    boundary = found.until or found.opens
    assert boundary is not None
    then = boundary.at(zone, fold=0)
    assert opening(WEEK, {}, then.astimezone(zone)).open is not found.open
    assert opening(WEEK, {}, (then - timedelta(minutes=1)).astimezone(zone)).open is found.open


MIDNIGHTS = [
    ("America/Sao_Paulo", "2018-11-04"),
    ("Asia/Beirut", "2026-03-29"),
    ("Africa/Cairo", "2026-04-24"),
    ("America/Havana", "2026-03-08"),
]
"""Zones and dates without a midnight: 0:00 is 1:00 at once."""


@pytest.mark.parametrize(("name", "day"), MIDNIGHTS)
@pytest.mark.parametrize(("hours", "open_before", "open_after"), [
    ("18-24", True, False), ("0-9", False, True), ("20-2", True, True), ("0:30-9", False, True), ("24/7", True, True),
])  # fmt: skip
def test_a_day_without_midnight_opens_and_closes_as_any_other(
    name: str, day: str, hours: str, open_before: bool, open_after: bool
) -> None:
    zone = ZoneInfo(name)
    midnight, _ = bounds(date.fromisoformat(day), zone)
    week = (parse_day(hours),) * 7
    before = opening(week, {}, (midnight - timedelta(seconds=1)).astimezone(zone))
    after = opening(week, {}, midnight.astimezone(zone))
    assert (before.open, after.open) == (open_before, open_after)
    for found in (before, after):
        if boundary := found.until or found.opens:
            boundary.bound(zone)


@given(st.sampled_from(MIDNIGHTS), st.integers(-2000, 2000))
def test_what_it_says_will_be_next_comes_true_around_a_day_without_midnight(place: tuple[str, str], off: int) -> None:
    zone = ZoneInfo(place[0])
    now = bounds(date.fromisoformat(place[1]), zone)[0] + timedelta(minutes=off)
    found = opening((parse_day("0-9, 18-24"), parse_day("20-2")) * 3 + (LATE,), {}, now.astimezone(zone))
    boundary = found.until or found.opens
    assert boundary is not None
    then = boundary.bound(zone)
    assert then > now
    week = (parse_day("0-9, 18-24"), parse_day("20-2")) * 3 + (LATE,)
    assert opening(week, {}, then.astimezone(zone)).open is not found.open


def off(day: str, name: str = "New Year", place: str | None = None) -> Off:
    on = date.fromisoformat(day)
    return Off(on, on, {"en": name}, place, CLOSED)


def test_neighbouring_days_of_one_holiday_are_one_entry() -> None:
    days = [off("2026-01-01"), off("2026-01-02"), off("2026-01-02", "Repairs", "North"), off("2026-01-03")]
    joined = in_a_row([*days, off("2026-01-07", "Christmas")])
    assert [(one.first.day, one.last.day, one.names["en"]) for one in joined] == [
        (1, 3, "New Year"),
        (2, 2, "Repairs"),
        (7, 7, "Christmas"),
    ]


def test_weekdays_with_the_same_hours_are_told_together() -> None:
    assert alike(WEEK) == [(0, 0, LUNCH), (1, 3, NINE_TO_SIX), (4, 4, LATE)]
    assert alike((NINE_TO_SIX,) * 7) == [(0, 6, NINE_TO_SIX)]
    assert alike((NINE_TO_SIX, CLOSED, NINE_TO_SIX, *(CLOSED,) * 4)) == [(0, 0, NINE_TO_SIX), (2, 2, NINE_TO_SIX)]
    assert alike((CLOSED,) * 7) == []
