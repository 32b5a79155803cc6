"""When a first reply and a resolution are due: over nights, weekends, holidays, lunch, pauses and clock changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.business.rules import CLOSED, ROUND_THE_CLOCK, Day, Week, parse_day
from console.domain.ids import LocationId
from console.domain.roster.rules import Place
from console.domain.tickets import sla
from console.domain.tickets.sla import Due, Hours, Target

MOSCOW = ZoneInfo("Europe/Moscow")
BERLIN = ZoneInfo("Europe/Berlin")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")

OFFICE = parse_day("9-18")
LUNCH = parse_day("9-13, 14-18")
LATE = parse_day("20-2")
WEEK: Week = (LUNCH, OFFICE, OFFICE, OFFICE, LATE, CLOSED, CLOSED)
"""Lunch on Mondays, late on Fridays, closed at the weekend."""
ALWAYS: Week = (ROUND_THE_CLOCK,) * 7

NEW_YEAR: Mapping[date, Day] = {date(2027, 1, day): CLOSED for day in range(1, 9)}
SHORT: Mapping[date, Day] = {date(2026, 5, 12): parse_day("9-15")}


def hours(week: Week = WEEK, specials: Mapping[date, Day] | None = None, zone: ZoneInfo = MOSCOW) -> Hours:
    return Hours(Place(LocationId(1), week, specials or {}), zone)


def at(text: str, zone: ZoneInfo = MOSCOW, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def every(day: str) -> Week:
    return (parse_day(day),) * 7


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-05-12 10:00", 60, "2026-05-12 11:00"),  # a Tuesday
        ("2026-05-12 10:00:30", 60, "2026-05-12 11:00:30"),
        ("2026-05-12 10:00", 0, "2026-05-12 10:00"),
        ("2026-05-12 17:00", 60, "2026-05-12 18:00"),
        ("2026-05-12 17:00", 61, "2026-05-13 09:01"),
        ("2026-05-12 17:30", 60, "2026-05-13 09:30"),  # over a night
        ("2026-05-12 06:00", 60, "2026-05-12 10:00"),  # before it opens
        ("2026-05-12 21:00", 60, "2026-05-13 10:00"),  # after it has closed
        ("2026-05-12 18:00", 60, "2026-05-13 10:00"),
        ("2026-05-11 12:30", 60, "2026-05-11 14:30"),  # over lunch
        ("2026-05-11 13:20", 60, "2026-05-11 15:00"),  # at lunch
        ("2026-05-11 12:00", 60, "2026-05-11 13:00"),
        ("2026-05-14 17:30", 60, "2026-05-15 20:30"),  # a Thursday, and the late Friday
        ("2026-05-15 23:30", 120, "2026-05-16 01:30"),  # past midnight
        ("2026-05-16 01:30", 60, "2026-05-18 09:30"),  # Friday's last half hour, and then Monday
        ("2026-05-16 12:00", 60, "2026-05-18 10:00"),  # on a Saturday
        ("2026-05-11 09:00", 8 * 60 + 3 * 9 * 60 + 6 * 60, "2026-05-16 02:00"),  # a whole week
        ("2026-05-11 09:00", 2 * (8 * 60 + 3 * 9 * 60 + 6 * 60), "2026-05-23 02:00"),
    ],
)
def test_only_the_minutes_count_in_which_it_is_open(start: str, minutes: int, end: str) -> None:
    assert sla.add(at(start), minutes, hours()) == at(end)
    assert sla.between(at(start), at(end), hours()) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("start", "minutes", "specials", "end"),
    [
        ("2026-12-31 17:00", 120, NEW_YEAR, "2027-01-11 10:00"),  # a Thursday; 9 and 10 January are a weekend
        ("2027-01-03 12:00", 30, NEW_YEAR, "2027-01-11 09:30"),
        ("2026-05-12 14:30", 60, SHORT, "2026-05-13 09:30"),
        ("2026-05-12 15:30", 60, SHORT, "2026-05-13 10:00"),
        # A Saturday that is worked for once, and a late Friday that still ends in its night.
        ("2026-05-16 01:00", 120, {date(2026, 5, 16): OFFICE}, "2026-05-16 10:00"),
        # Friday is closed for once: there is nothing after midnight either.
        ("2026-05-15 23:00", 60, {date(2026, 5, 15): CLOSED}, "2026-05-18 10:00"),
        # The day before runs into the hours of this one: they count once.
        ("2026-05-15 20:00", 480, {date(2026, 5, 16): parse_day("0-4")}, "2026-05-16 04:00"),
    ],
)
def test_a_day_that_departs_from_the_week_counts_as_it_is(
    start: str, minutes: int, specials: Mapping[date, Day], end: str
) -> None:
    assert sla.add(at(start), minutes, hours(specials=specials)) == at(end)
    assert sla.between(at(start), at(end), hours(specials=specials)) == timedelta(minutes=minutes)


# Berlin: an hour is skipped on 29 March and shown twice on 25 October 2026.
@pytest.mark.parametrize(
    ("day", "start", "minutes", "end"),
    [
        ("24h", at("2026-03-29 01:30", BERLIN), 60, at("2026-03-29 03:30", BERLIN)),
        ("0-4", at("2026-03-29 00:00", BERLIN), 180, at("2026-03-29 04:00", BERLIN)),
        ("2:15-2:45", at("2026-03-28 02:15", BERLIN), 60, at("2026-03-30 02:45", BERLIN)),  # none on the 29th
        ("2:30-5", at("2026-03-29 00:00", BERLIN), 60, at("2026-03-29 04:00", BERLIN)),
        ("22-2:30", at("2026-03-28 23:00", BERLIN), 180, at("2026-03-29 03:00", BERLIN)),
        ("24h", at("2026-10-25 01:30", BERLIN), 60, at("2026-10-25 02:30", BERLIN)),
        ("24h", at("2026-10-25 01:30", BERLIN), 120, at("2026-10-25 02:30", BERLIN, fold=1)),
        ("0-4", at("2026-10-25 00:00", BERLIN), 300, at("2026-10-25 04:00", BERLIN)),
        ("2:15-2:45", at("2026-10-25 00:00", BERLIN), 90, at("2026-10-25 02:45", BERLIN, fold=1)),
        ("1-2:30, 2:40-5", at("2026-10-25 01:00", BERLIN), 300, at("2026-10-25 05:00", BERLIN)),  # nothing twice
        ("22-3", at("2026-10-24 22:00", BERLIN), 360, at("2026-10-25 03:00", BERLIN)),
        ("9-18", at("2026-03-28 17:00", BERLIN), 120, at("2026-03-29 10:00", BERLIN)),
        ("9-18", at("2026-10-24 17:00", BERLIN), 120, at("2026-10-25 10:00", BERLIN)),
    ],
)
def test_it_counts_what_is_lived_when_the_clocks_change(day: str, start: datetime, minutes: int, end: datetime) -> None:
    open_hours = hours(every(day), zone=BERLIN)
    assert sla.add(start, minutes, open_hours) == end
    assert sla.between(start, end, open_hours) == timedelta(minutes=minutes)


def test_clocks_that_change_by_half_an_hour_take_half_an_hour() -> None:
    night = hours(every("0-4"), zone=LORD_HOWE)
    day = date(2026, 10, 4)
    assert sla.between(at(f"{day}", LORD_HOWE), at(f"{day} 04:00", LORD_HOWE), night) == timedelta(hours=3.5)


@pytest.mark.parametrize(
    ("pauses", "end"),
    [
        ([("2026-05-12 11:00", "2026-05-12 12:00")], "2026-05-12 13:00"),
        ([("2026-05-12 11:00", "2026-05-13 10:00")], "2026-05-13 11:00"),  # over a night
        ([("2026-05-12 08:00", "2026-05-12 10:30")], "2026-05-12 12:30"),  # since before it was opened
        ([("2026-05-12 20:00", "2026-05-12 21:00")], "2026-05-12 12:00"),  # after it was due
        ([("2026-05-12 12:00", "2026-05-12 13:00")], "2026-05-12 12:00"),  # from when it was due
        ([("2026-05-12 11:00", "2026-05-12 11:30"), ("2026-05-12 11:15", "2026-05-12 12:00")], "2026-05-12 13:00"),
        ([("2026-05-12 11:30", "2026-05-12 12:00"), ("2026-05-12 10:30", "2026-05-12 11:00")], "2026-05-12 13:00"),
        ([("2026-05-12 11:00", "2026-05-12 11:00")], "2026-05-12 12:00"),
    ],
)
def test_what_waits_for_the_client_is_due_as_much_later(pauses: Sequence[tuple[str, str]], end: str) -> None:
    waits = [(at(first), at(last)) for first, last in pauses]
    assert sla.add(at("2026-05-12 10:00"), 120, hours(), waits) == at(end)
    assert sla.between(at("2026-05-12 10:00"), at(end), hours(), waits) == timedelta(minutes=120)


def test_while_it_waits_nothing_is_due_unless_it_was_due_before() -> None:
    target = Target(first_reply=60, resolution=240, warn=30)
    opened = at("2026-05-12 10:00")
    assert sla.resolution_due(opened, target, hours(), [(at("2026-05-12 13:45"), None)]) is None
    assert sla.resolution_due(opened, target, hours(), [(at("2026-05-12 14:30"), None)]) == Due(
        at("2026-05-12 14:00"), at("2026-05-12 13:30")
    )


def test_a_warning_comes_so_many_open_minutes_before() -> None:
    target = Target(first_reply=60, resolution=600, warn=90)
    opened = at("2026-05-12 17:30")
    assert sla.first_reply_due(opened, target, hours()) == Due(at("2026-05-13 09:30"), opened)
    assert sla.resolution_due(opened, target, hours()) == Due(at("2026-05-14 09:30"), at("2026-05-13 17:00"))


def test_a_pause_does_not_move_the_first_reply() -> None:
    target = Target(first_reply=60, resolution=60, warn=0)
    opened, waits = at("2026-05-12 10:00"), [(at("2026-05-12 10:30"), at("2026-05-12 11:30"))]
    assert sla.first_reply_due(opened, target, hours()) == Due(at("2026-05-12 11:00"), at("2026-05-12 11:00"))
    assert sla.resolution_due(opened, target, hours(), waits) == Due(at("2026-05-12 12:00"), at("2026-05-12 12:00"))


def test_a_place_that_never_opens_has_no_due_times() -> None:
    target = Target(first_reply=60, resolution=60, warn=0)
    closed = hours((CLOSED,) * 7)
    assert sla.first_reply_due(at("2026-05-12 10:00"), target, closed) is None
    assert sla.resolution_due(at("2026-05-12 10:00"), target, closed) is None
    assert sla.between(at("2026-05-12 10:00"), at("2026-06-12 10:00"), closed) == timedelta()


def test_nothing_goes_by_backwards() -> None:
    assert sla.between(at("2026-05-12 12:00"), at("2026-05-12 10:00"), hours(ALWAYS)) == timedelta()


ZONES = st.sampled_from([MOSCOW, BERLIN, LORD_HOWE, ZoneInfo("America/New_York"), ZoneInfo("Africa/Cairo")])
DAYS = st.sampled_from(
    [CLOSED, OFFICE, LUNCH, LATE, ROUND_THE_CLOCK, parse_day("0-2:30, 2:40-6"), parse_day("1:15-1:45, 2:15-2:45, 23-1")]
)
HOURS = st.builds(
    lambda week, specials, zone: hours((*week, OFFICE), specials, zone),
    st.tuples(*[DAYS] * 6),
    st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 12, 31)), DAYS, max_size=20),
    ZONES,
)
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))
SECOND = timedelta(seconds=1)
MINUTES = st.integers(0, 6000)
PAUSES = st.lists(
    st.builds(lambda start, minutes: (start, start + timedelta(minutes=minutes)), INSTANTS, st.integers(0, 60_000)),
    max_size=4,
)


@given(HOURS, INSTANTS, MINUTES, PAUSES)
def test_adding_and_measuring_are_inverse(
    open_hours: Hours, start: datetime, minutes: int, pauses: list[sla.Pause]
) -> None:
    end = sla.add(start, minutes, open_hours, pauses)
    assert end is not None
    assert sla.between(start, end, open_hours, pauses) == timedelta(minutes=minutes)
    assert not minutes or sla.between(start, end - timedelta(seconds=1), open_hours, pauses) < timedelta(
        minutes=minutes
    )


@given(HOURS, INSTANTS, MINUTES, MINUTES)
def test_adding_in_two_steps_is_adding_at_once(open_hours: Hours, start: datetime, first: int, second: int) -> None:
    between = sla.add(start, first, open_hours)
    assert between is not None
    assert sla.add(between, second, open_hours) == sla.add(start, first + second, open_hours) or not second


@given(HOURS, INSTANTS, MINUTES, PAUSES, st.integers(0, 4))
def test_a_pause_only_ever_moves_it_later(
    open_hours: Hours, start: datetime, minutes: int, pauses: list[sla.Pause], fewer: int
) -> None:
    with_all, with_some = (sla.add(start, minutes, open_hours, some) for some in (pauses, pauses[:fewer]))
    assert with_all is not None
    assert with_some is not None
    assert with_all >= with_some >= start


@given(HOURS, INSTANTS, MINUTES, st.integers(0, 400))
def test_more_minutes_are_never_due_earlier(open_hours: Hours, start: datetime, minutes: int, more: int) -> None:
    first, second = sla.add(start, minutes, open_hours), sla.add(start, minutes + more, open_hours)
    assert first is not None
    assert second is not None
    assert second >= first
