"""Nobody is woken, and nobody gets more than is enough: what is held up goes in the morning, in the client's zone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.clock import WallTime
from console.domain.messages.pacing import Held, Today, held_up, quiet_until
from console.domain.messages.rules import Reason
from console.domain.messages.settings_rules import MessageSettings

NIGHTS = MessageSettings()
MOSCOW, BERLIN, LOS_ANGELES = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin"), ZoneInfo("America/Los_Angeles")
CAIRO = ZoneInfo("Africa/Cairo")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "zone", "until"),
    [
        ("2026-05-12 12:00", MOSCOW, None),
        ("2026-05-12 17:59", MOSCOW, None),
        ("2026-05-12 18:00", MOSCOW, "2026-05-13 06:00"),
        ("2026-05-12 23:30", MOSCOW, "2026-05-13 06:00"),
        ("2026-05-13 05:59", MOSCOW, "2026-05-13 06:00"),
        ("2026-05-13 06:00", MOSCOW, None),
        ("2026-05-13 06:00", LOS_ANGELES, "2026-05-13 16:00"),
        # The night in which the clocks are set forward is an hour shorter, the other one an hour longer.
        ("2026-03-28 20:00", BERLIN, "2026-03-29 07:00"),
        ("2026-10-24 19:00", BERLIN, "2026-10-25 08:00"),
        ("2026-10-25 00:30", BERLIN, "2026-10-25 08:00"),
    ],
)
def test_the_night_is_the_clients_own(now: str, zone: ZoneInfo, until: str | None) -> None:
    assert quiet_until(utc(now), zone, NIGHTS) == (utc(until) if until else None)


@pytest.mark.parametrize(
    ("now", "zone", "until", "ends"),
    [
        # 2:30 is skipped: the quiet hours end as the clocks are set forward to 3:00.
        ("2026-03-29 00:30", BERLIN, 150, "2026-03-29 01:00"),
        # 2:30 is shown twice, and the first one is over.
        ("2026-10-25 00:15", BERLIN, 150, "2026-10-25 00:30"),
        ("2026-10-25 01:15", BERLIN, 150, "2026-10-25 01:30"),
        # Midnight is skipped in Cairo.
        ("2026-04-23 21:00", CAIRO, 0, "2026-04-23 22:00"),
    ],
)
def test_the_quiet_hours_end_where_the_clocks_change(now: str, zone: ZoneInfo, until: int, ends: str) -> None:
    assert quiet_until(utc(now), zone, replace(NIGHTS, quiet_until=until)) == utc(ends)


def test_there_may_be_none_and_they_may_lie_in_the_day() -> None:
    noon = utc("2026-05-12 10:30")
    assert quiet_until(noon, MOSCOW, replace(NIGHTS, quiet_from=0, quiet_until=0)) is None
    siesta = replace(NIGHTS, quiet_from=13 * 60, quiet_until=15 * 60)
    assert quiet_until(noon, MOSCOW, siesta) == utc("2026-05-12 12:00")
    assert quiet_until(utc("2026-05-12 20:00"), MOSCOW, siesta) is None


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    st.sampled_from([MOSCOW, BERLIN, LOS_ANGELES, CAIRO]),
    st.integers(18 * 60, 23 * 60),
    st.integers(4 * 60, 12 * 60),
)
def test_what_waits_goes_within_a_day_and_not_while_it_is_quiet(
    now: datetime, zone: ZoneInfo, begins: int, ends: int
) -> None:
    settings = replace(NIGHTS, quiet_from=begins, quiet_until=ends)
    until = quiet_until(now, zone, settings)
    if until is not None:
        assert now < until <= now + timedelta(hours=25)
        assert not settings.is_quiet(WallTime.of(until, zone).minute)


@pytest.mark.parametrize(
    ("today", "changed", "held"),
    [
        (Today(4, 1999), {}, None),
        (Today(5, 100), {}, Held(utc("2026-05-13 06:00"), Reason.CLIENT_CAP)),
        (Today(0, 2000), {}, Held(utc("2026-05-13 06:00"), Reason.DAY_CAP)),
        (Today(50, 9000), {"per_client": 0, "per_day": 0}, None),
        (Today(5), {"quiet_from": 0, "quiet_until": 0}, Held(utc("2026-05-12 21:00"), Reason.CLIENT_CAP)),
    ],
)
def test_what_is_more_than_enough_waits_for_the_next_morning(
    today: Today, changed: dict[str, int], held: Held | None
) -> None:
    assert held_up(utc("2026-05-12 12:00"), MOSCOW, MOSCOW, replace(NIGHTS, **changed), today) == held


def test_the_day_is_the_businesss_and_the_morning_the_clients() -> None:
    """Noon in Los Angeles is 22:00 in Moscow, whose next day begins at 14:00 there: in the day of the client."""
    held = held_up(utc("2026-05-12 19:00"), LOS_ANGELES, MOSCOW, NIGHTS, Today(5))
    assert held == Held(utc("2026-05-12 21:00"), Reason.CLIENT_CAP)


def test_the_night_comes_first() -> None:
    held = held_up(utc("2026-05-12 20:00"), MOSCOW, MOSCOW, NIGHTS, Today(5))
    assert held == Held(utc("2026-05-13 06:00"), Reason.QUIET)
