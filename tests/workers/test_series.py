"""The bookings of series are made further by themselves, once, and one that fails holds up no other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import asyncpg

from console.domain import db
from console.domain.booking import series
from console.domain.booking.recurring import Recurrence, Unit
from console.domain.catalogue import actions as catalogue
from console.domain.ids import BookableId, ClientId, LocationId
from tests import factories
from tests.cast import NOW, VERA
from tests.domain.booking.conftest import yard
from tests.domain.booking.test_series import NOON_ON_THE_WALL, WEEKLY, begin, standing
from tests.yard import Yard, intent
from workers.series import extend_due

__all__ = ["yard"]


async def test_a_night_books_what_has_come_within_the_horizon_and_another_one_nothing_more(yard: Yard) -> None:
    await begin(yard, replace(WEEKLY, count=None))
    before = len(await standing())
    for _ in range(3):
        await extend_due(NOW + timedelta(weeks=3))
    assert len(await standing()) == before + 3
    actors = await db.fetch(
        "SELECT k.kind FROM operation o JOIN actor k ON k.id = o.actor WHERE o.kind = 'series.extend'"
    )
    assert [row["kind"] for row in actors] == ["system"]


async def test_a_series_that_begins_far_ahead_is_booked_further_once_the_horizon_comes_beyond_its_dates(
    yard: Yard,
) -> None:
    await begin(yard, Recurrence(date(2026, 8, 31), 1, Unit.WEEK, (2,)))
    before = await standing()
    for weeks in (1, 8, 14):
        await extend_due(NOW + timedelta(weeks=weeks))
        assert await standing() == before
    for _ in range(2):
        await extend_due(NOW + timedelta(weeks=17))
    later = await standing()
    assert later[: len(before)] == before
    assert [b - a for a, b in pairwise(later)] == [timedelta(weeks=1)] * len(before)


async def test_a_series_that_can_be_booked_no_further_holds_up_no_other(yard: Yard) -> None:
    gone = ClientId(await factories.client("Zoe"))
    await series.begin(intent(), yard.asked(yard.olga, gone), NOON_ON_THE_WALL, replace(WEEKLY, count=None))
    await begin(yard, replace(WEEKLY, count=None))
    before = len(await standing())
    await db.execute("UPDATE client SET retired_at = now(), erased_at = now() WHERE id = $1", gone)
    await extend_due(NOW + timedelta(weeks=1))
    assert len(await standing()) == before + 1


async def test_dates_of_a_service_that_was_turned_off_are_to_be_arranged(yard: Yard) -> None:
    await begin(yard, replace(WEEKLY, count=None))
    before = len(await standing())
    await catalogue.retire_service(intent(VERA), yard.service)
    for hours in range(2):
        await extend_due(NOW + timedelta(weeks=2, hours=hours))
    assert len(await standing()) == before
    rows = await db.fetch("SELECT problem FROM series_clash WHERE retired_at IS NULL")
    assert [row["problem"] for row in rows] == ["problem.service_off"] * 2
    assert await db.fetchval("SELECT count(*) FROM refusal") == 0


async def test_a_series_that_the_database_refuses_holds_up_no_other(yard: Yard, as_owner: asyncpg.Connection) -> None:
    gone = ClientId(await factories.client("Zoe"))
    await series.begin(intent(), yard.asked(yard.olga, gone), NOON_ON_THE_WALL, replace(WEEKLY, count=None))
    first = await db.fetchval("SELECT id FROM series")
    await begin(yard, replace(WEEKLY, count=None))
    before = len(await standing())
    await as_owner.execute(
        f"ALTER TABLE series ADD CONSTRAINT broken CHECK (id <> {first} OR made_until < '2026-01-01') NOT VALID"
    )
    try:
        await extend_due(NOW + timedelta(weeks=1))
    finally:
        await as_owner.execute("ALTER TABLE series DROP CONSTRAINT broken")
    assert len(await standing()) == before + 1


async def test_a_series_is_made_further_when_its_own_location_has_a_new_date(yard: Yard) -> None:
    """Half an hour past midnight in Kamchatka it is half past three in the afternoon of the eve in Moscow."""
    east = LocationId(await factories.location("East", zone="Asia/Kamchatka"))
    pavel = BookableId(await factories.bookable("Pavel Lis", position=5))
    await factories.schedule(pavel, east)
    await factories.skill(pavel, yard.service)
    asked = replace(yard.asked(pavel), location=east)
    await series.begin(intent(), asked, NOON_ON_THE_WALL, replace(WEEKLY, count=None))
    before = len(await standing())
    await extend_due(NOW)
    assert len(await standing()) == before
    await extend_due(NOW + timedelta(hours=3))
    assert len(await standing()) == before + 1
