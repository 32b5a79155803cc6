"""Whose opening hours a ticket's time is counted in."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from console.domain.tickets import office, sla
from tests import factories

pytestmark = pytest.mark.usefixtures("database")

TUESDAY = datetime(2026, 5, 12, 7, tzinfo=UTC)
MORNINGS = json.dumps([[[600, 720]]] * 7)


async def test_they_are_those_of_the_first_location_that_is_open_with_its_holidays() -> None:
    await factories.location("Closed", retired_at=TUESDAY)
    first = await factories.location("Centre", zone="Europe/Moscow", hours=MORNINGS)
    second = await factories.location("Second", zone="Asia/Tokyo")
    await factories.holiday(date(2026, 5, 13), location=first)
    await factories.holiday(date(2026, 5, 14), location=second)
    await factories.holiday(date(2026, 5, 15))
    hours = await office.hours(TUESDAY)
    assert sla.add(TUESDAY, 121, hours) == datetime(2026, 5, 14, 7, 1, tzinfo=UTC)
    assert sla.add(TUESDAY, 241, hours) == datetime(2026, 5, 16, 7, 1, tzinfo=UTC)


async def test_the_night_before_counts_that_runs_past_midnight() -> None:
    await factories.location("Bar", zone="UTC", hours=json.dumps([[[1200, 1560]]] * 7))
    await factories.holiday(date(2026, 5, 11))
    at = datetime(2026, 5, 12, 0, 30, tzinfo=UTC)
    assert sla.between(at, at + timedelta(hours=20), await office.hours(at)) == timedelta(minutes=30)


async def test_without_a_location_nothing_is_due() -> None:
    assert sla.add(TUESDAY, 1, await office.hours(TUESDAY)) is None
