"""Which night is to be done by an instant: from three in the morning on the wall, whatever the clocks do then."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from console.domain.loyalty.nights import last_night


@pytest.mark.parametrize(
    ("zone", "utc", "time", "on"),
    [
        ("Europe/Moscow", (2026, 5, 11), (23, 59), (2026, 5, 11)),
        ("Europe/Moscow", (2026, 5, 12), (0, 0), (2026, 5, 12)),
        # the clocks go from 3:00 to 4:00 at 1:00 UTC
        ("Europe/Helsinki", (2026, 3, 29), (0, 59), (2026, 3, 28)),
        ("Europe/Helsinki", (2026, 3, 29), (1, 0), (2026, 3, 29)),
        # 3:00 comes at 0:00 UTC, and again at 1:00
        ("Europe/Helsinki", (2026, 10, 24), (23, 59), (2026, 10, 24)),
        ("Europe/Helsinki", (2026, 10, 25), (0, 0), (2026, 10, 25)),
        ("Europe/Helsinki", (2026, 10, 25), (0, 59), (2026, 10, 25)),
        ("Europe/Helsinki", (2026, 10, 25), (1, 30), (2026, 10, 25)),
        # 30 December 2011 was left out: the night of the 31st comes at 13:00 UTC of the 30th
        ("Pacific/Apia", (2011, 12, 30), (9, 59), (2011, 12, 29)),
        ("Pacific/Apia", (2011, 12, 30), (13, 0), (2011, 12, 31)),
    ],
)
def test_it_is_done_from_three_in_the_morning_on(
    zone: str, utc: tuple[int, int, int], time: tuple[int, int], on: tuple[int, int, int]
) -> None:
    assert last_night(datetime(*utc, *time, tzinfo=UTC), ZoneInfo(zone)) == date(*on)
