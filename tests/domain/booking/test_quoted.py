"""A booking keeps what was quoted of its services, whatever they take by now, wherever a place for it is judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from console.domain import db
from console.domain.booking import (
    actions,
    checks,
    crews,
    rearranging,
    seeking,
    series_moves,
    series_places,
    series_views,
    standing_in,
)
from console.domain.booking.arranging import Arrangement
from console.domain.booking.question import Doing
from console.domain.booking.series_mover import Shift
from console.domain.booking.series_moves import Scope
from console.domain.errors import Invalid
from console.domain.ids import BookableId, BookingId, ServiceId
from console.domain.undo import undo
from tests import factories
from tests.cast import NOW, VERA
from tests.yard import HOUR, NOON, WEEK, Yard, done_by, intent, stands

DAY = date(2026, 5, 13)


async def becomes(yard: Yard, **columns: Any) -> None:
    """The service takes something else from now on."""
    for column, value in columns.items():
        await db.execute(f"UPDATE service SET {column} = $1 WHERE id = $2", value, yard.service)


async def offered(yard: Yard, booking: BookingId) -> list[Arrangement]:
    """Where the booking could be moved to that day, as the form for it says."""
    asked = Arrangement(booking, NOON)
    question = await rearranging.question(yard.location, asked)
    found = await seeking.nearest(question, DAY, now=NOW, most=40)
    return [replace(asked, starts_at=place.starts_at) for place in found if place.starts_at.date() == DAY]


async def healthy() -> None:
    for check in checks.CHECKS:
        assert await check() == []


@pytest.mark.parametrize(
    "now",
    [
        {"buffer_before": 0, "buffer_after": 0},
        {"buffer_before": 120, "buffer_after": 120},
        {"people": 2},
        {"rooms": 1},
    ],
)
async def test_every_place_that_is_offered_for_moving_a_booking_takes_it(yard: Yard, now: dict[str, int]) -> None:
    await becomes(yard, buffer_before=30, buffer_after=30)
    booking = await yard.book(yard.nina, NOON)
    await yard.book(yard.nina, NOON + 3 * HOUR)
    await becomes(yard, **now)
    places = await offered(yard, booking)
    assert places
    for version, place in enumerate(places, 1):
        kept = (await actions.move(intent(), place, version)).result["booking"]
        assert kept == booking
    assert await db.fetchval("SELECT min(buffer_before) + max(buffer_after) FROM booking_item") == 60
    assert await done_by(booking) == [yard.nina]
    await healthy()


async def test_buffers_that_were_quoted_keep_others_away(yard: Yard) -> None:
    await becomes(yard, buffer_after=30)
    booking = await yard.book(yard.nina, NOON)
    await becomes(yard, buffer_after=0)
    await yard.book(yard.nina, NOON + 3 * HOUR)
    with pytest.raises(Invalid) as refused:
        await actions.move(intent(), Arrangement(booking, NOON + 2 * HOUR), 1)
    assert refused.value.problems["starts"].key == "problem.meets_next"
    assert [one.starts_at for one in await offered(yard, booking) if one.starts_at == NOON + 2 * HOUR] == []


async def test_as_many_take_it_as_were_quoted_where_somebody_is_ill(yard: Yard) -> None:
    pavel = BookableId(await factories.bookable("Pavel Lis", position=5))
    await factories.schedule(pavel, yard.location)
    await factories.skill(pavel, yard.service)
    booking = await yard.book(yard.nina)
    await becomes(yard, people=2, buffer_before=240)
    await yard.book(None, NOON - 3 * HOUR)
    [orphan] = await standing_in.orphans(yard.nina, DAY, NOW)
    assert {chance.who for chance in orphan.at_its_time} == {yard.olga, pavel}
    given = Arrangement(booking, NOON, ((yard.nina, pavel),))
    await standing_in.stand_in(intent(), yard.nina, DAY, (given,), False)
    assert await done_by(booking) == [pavel]
    await healthy()


async def test_a_person_takes_over_from_a_crew_as_the_service_is_today(yard: Yard) -> None:
    """How many people a crew stands for was never said."""
    crew = BookableId(await factories.bookable("Crew North", kind="crew", position=9))
    await factories.schedule(crew, yard.location)
    await factories.skill(crew, yard.service)
    await crews.set_members(intent(VERA), crew, DAY, (yard.nina,))
    booking = await yard.book(crew)
    await actions.move(intent(), Arrangement(booking, NOON, ((crew, yard.olga),)), 1)
    assert await done_by(booking) == [yard.olga]


async def test_a_service_that_is_kept_takes_what_was_quoted_and_one_that_comes_what_it_takes_today(yard: Yard) -> None:
    other = ServiceId(await factories.service("IRON"))
    await factories.skill(yard.nina, other)
    booking = await yard.book(yard.nina)
    await becomes(yard, buffer_before=45, people=2)
    both = (Doing(yard.service, by=yard.nina), Doing(other, by=yard.nina))
    await actions.move(intent(), Arrangement(booking, NOON, doing=both), 1)
    rows = await db.fetch("SELECT service, buffer_before FROM booking_item WHERE retired_at IS NULL ORDER BY starts_at")
    assert [tuple(row) for row in rows] == [(yard.service, 0), (other, 0)]
    await healthy()


async def test_services_that_come_back_come_with_what_was_quoted_of_them(yard: Yard) -> None:
    other = ServiceId(await factories.service("IRON"))
    await factories.skill(yard.nina, other)
    await becomes(yard, buffer_after=30)
    booking = await yard.book(yard.nina)
    instead = Arrangement(booking, NOON, doing=(Doing(other, by=yard.nina),))
    moved = await actions.move(intent(), instead, 1)
    await becomes(yard, buffer_after=240)
    await undo(intent(), moved.operation_id)
    assert await db.fetchval("SELECT buffer_after FROM booking_item WHERE retired_at IS NULL") == 30
    await healthy()


async def test_the_places_for_a_date_of_a_series_that_is_booked_are_for_what_was_quoted(yard: Yard) -> None:
    series = await yard.weekly(2)
    await becomes(yard, people=2, buffer_before=240, buffer_after=240)
    one = await series_views.one_series(series)
    [first, _] = await series_views.to_come(series, NOW)
    found = await series_places.alternatives(one, [DAY], 720, NOW, bookings={DAY: first.id})
    assert NOON in [place.starts_at for place in found[DAY]]
    assert {place.minutes for place in found[DAY]} == {60}
    anew = await series_places.alternatives(one, [DAY], 720, NOW)
    assert {len(part.bookables) for place in anew[DAY] for part in place.parts} == {2}


async def test_a_series_moves_with_what_was_quoted(yard: Yard) -> None:
    series = await yard.weekly(2)
    await becomes(yard, people=2, buffer_after=240)
    both = [one.id for one in await series_views.to_come(series, NOW)]
    await yard.book(yard.nina, NOON + 2 * HOUR)
    await series_moves.move(intent(), both[0], Scope.ALL, Shift(minute=780))
    assert [(await stands(one))[0] - NOON for one in both] == [HOUR, WEEK + HOUR]
    await healthy()
