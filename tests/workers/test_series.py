"""The bookings of series are made further by themselves, once, and one that fails holds up no other."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from console.domain import db
from console.domain.booking import series
from console.domain.ids import ClientId
from tests import factories
from tests.cast import NOW
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


async def test_a_series_that_can_be_booked_no_further_holds_up_no_other(yard: Yard) -> None:
    gone = ClientId(await factories.client("Zoe"))
    await series.begin(intent(), yard.asked(yard.olga, gone), NOON_ON_THE_WALL, replace(WEEKLY, count=None))
    await begin(yard, replace(WEEKLY, count=None))
    before = len(await standing())
    await db.execute("UPDATE client SET retired_at = now(), erased_at = now() WHERE id = $1", gone)
    await extend_due(NOW + timedelta(weeks=1))
    assert len(await standing()) == before + 1
