"""The plan changes after something was booked: what lies in its way is listed, and nothing is brought back into it."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from types import FrameType

import asyncpg
import pytest

from console import embedded
from console.domain.booking import actions, astray, checks, crews
from console.domain.booking.arranging import Arrangement
from console.domain.booking.astray import StillExpected, Why
from console.domain.booking.occupancy import PlaceTaken
from console.domain.booking.rules import CancelledBy
from console.domain.business import actions as business
from console.domain.business import holidays
from console.domain.errors import Forbidden, Invalid
from console.domain.ids import BookableId, ReasonId
from console.domain.roster import actions as roster
from console.domain.roster.actions import Away
from console.domain.roster.rules import TimeOffKind
from console.domain.undo import undo
from tests import factories
from tests.cast import ANNA, NOW, VERA
from tests.yard import HOUR, NOON, WEDNESDAY, WEEK, Yard, intent

YEARS = 520 * WEEK
"""So much later is to come by the database's own clock as well."""


async def listed(yard: Yard) -> list[tuple[int, Why, str | None]]:
    found = [(one.booking, one.why, one.who) for one in await astray.astray(NOW)]
    assert found == [(one.booking, one.why, one.who) for one in await astray.astray(NOW, yard.location)]
    return found


async def close(yard: Yard) -> None:
    await factories.location("Second")
    await business.close_location(intent(VERA), yard.location)


async def test_what_lies_well_is_not_listed(yard: Yard) -> None:
    await yard.book(yard.nina)
    assert await listed(yard) == []


async def test_who_leaves_the_plan_leaves_their_bookings_to_move(yard: Yard) -> None:
    booking = await yard.book(yard.nina)
    await yard.book(yard.olga)
    await roster.retire(intent(VERA), yard.nina)
    assert await listed(yard) == [(booking, Why.GONE, "Nina Orlova")]
    assert [one.booking for one in await astray.astray(NOW, who=yard.nina)] == [booking]
    assert await astray.astray(NOW, who=yard.olga) == []


async def test_a_holiday_other_hours_and_time_off_leave_bookings_to_move(yard: Yard) -> None:
    booking = await yard.book(yard.nina)
    day = await holidays.add_holiday(intent(VERA), holidays.DayOff(WEDNESDAY, {"en": "Stocktaking"}, None, ()))
    assert await listed(yard) == [(booking, Why.ABSENT, "Nina Orlova")]
    await undo(intent(VERA), day.operation_id)
    assert await listed(yard) == []
    await roster.set_hours(intent(VERA), yard.nina, yard.location, WEDNESDAY, ((),) * 7)
    assert await listed(yard) == [(booking, Why.ABSENT, "Nina Orlova")]
    await roster.set_hours(intent(VERA), yard.nina, yard.location, WEDNESDAY, None)
    await roster.add_time_off(intent(VERA), yard.nina, Away(TimeOffKind.SICK, WEDNESDAY, WEDNESDAY))
    assert await listed(yard) == [(booking, Why.AWAY, "Nina Orlova")]


async def test_what_lies_years_ahead_or_begins_before_somebody_comes_is_listed_too(yard: Yard) -> None:
    far = await yard.book(yard.nina, NOON + 60 * WEEK)
    early = await yard.book(yard.nina, NOON - 2 * HOUR)
    later = await yard.book(yard.nina, NOON + HOUR)
    from_eleven = json.dumps([[[660, 1080]]] * 7)
    await factories.schedule(yard.nina, yard.location, valid_from=WEDNESDAY, hours=from_eleven)
    assert await listed(yard) == [(early, Why.ABSENT, "Nina Orlova")]
    await factories.holiday(WEDNESDAY + 60 * WEEK)
    assert [one for one, *_ in await listed(yard)] == [early, far]
    assert later not in {one.booking for one in await astray.astray(NOW, who=yard.nina)}


async def calls_to_list(yard: Yard) -> int:
    """How many functions run until it is known what is to be moved."""
    calls = 0

    def count(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        await listed(yard)
    finally:
        sys.setprofile(None)
    return calls


async def test_what_is_booked_far_apart_costs_no_more_than_what_is_booked_near(yard: Yard) -> None:
    await yard.book(yard.nina, NOON + 80 * WEEK)
    last = await yard.book(yard.nina, NOON + 81 * WEEK)
    near = await calls_to_list(yard)
    await actions.move(intent(), Arrangement(last, NOON + 70 * 52 * WEEK), 1)
    assert await calls_to_list(yard) < 2 * near


async def test_what_a_crew_does_is_to_be_moved_of_the_crew_and_of_who_is_away(yard: Yard) -> None:
    crew = BookableId(await factories.bookable("North", kind="crew", position=9))
    await factories.schedule(crew, yard.location)
    await factories.skill(crew, yard.service)
    await crews.set_members(intent(VERA), crew, WEDNESDAY, (yard.nina, yard.olga))
    booking = await yard.book(crew)
    assert await listed(yard) == []
    await roster.add_time_off(intent(VERA), yard.olga, Away(TimeOffKind.SICK, WEDNESDAY, WEDNESDAY))
    assert await listed(yard) == [(booking, Why.AWAY, "Olga Moroz")]
    for who, found in ((crew, [booking]), (yard.olga, [booking]), (yard.nina, [])):
        assert [one.booking for one in await astray.astray(NOW, who=who)] == found


async def test_a_location_with_bookings_to_come_stays_open(yard: Yard) -> None:
    booking = await yard.book(yard.nina, NOON + YEARS)
    assert await astray.expected(yard.location, NOW) == 1
    assert [one.id for one in await astray.to_come(yard.location, NOW, 5)] == [booking]
    with pytest.raises(StillExpected):
        await close(yard)
    await actions.cancel(intent(), booking, CancelledBy.US)
    await business.close_location(intent(VERA), yard.location)
    with pytest.raises(Invalid) as refused:
        await yard.book(yard.nina, NOON + YEARS)
    assert refused.value.problems["starts"].key == "problem.closed_here"


async def test_nothing_comes_back_into_a_closed_location(yard: Yard) -> None:
    cancelled = await actions.cancel(intent(), await yard.book(yard.nina), CancelledBy.US)
    await close(yard)
    with pytest.raises(Invalid) as refused:
        await undo(intent(), cancelled.operation_id)
    assert refused.value.problems["starts"].key == "problem.closed_here"


async def test_nothing_comes_back_to_somebody_out_of_the_plan(yard: Yard) -> None:
    booking = await yard.book(yard.nina)
    moved = await actions.move(intent(), Arrangement(booking, NOON, ((yard.nina, yard.olga),)), 1)
    cancelled = await actions.cancel(intent(), await yard.book(yard.nina, NOON + HOUR), CancelledBy.US)
    await roster.retire(intent(VERA), yard.nina)
    for done in (moved, cancelled):
        with pytest.raises(PlaceTaken) as refused:
            await undo(intent(), done.operation_id)
        assert refused.value.problems["starts"].key == "problem.doer_gone"


async def test_nobody_overbooks_by_an_undo_who_may_not_by_hand(yard: Yard, over: ReasonId) -> None:
    await yard.book(yard.nina)
    booked = await actions.book(intent(VERA), yard.asked(yard.nina), NOON, over)
    cancelled = await actions.cancel(intent(), booked.result["booking"], CancelledBy.US)
    with pytest.raises(Forbidden):
        await undo(intent(ANNA), cancelled.operation_id)
    await undo(intent(VERA), cancelled.operation_id)
    for check in checks.CHECKS[:-1]:
        assert await check() == []


async def test_the_database_keeps_places_apart_whatever_writes_them(
    yard: Yard, postgres_server: embedded.Postgres
) -> None:
    await yard.book(yard.nina)
    await yard.book(yard.olga)
    connection = await asyncpg.connect(postgres_server.url(embedded.APPLICATION))
    try:
        for sql in (
            f"UPDATE occupancy SET bookable = {yard.nina}, lane = 1 WHERE bookable = {yard.olga}",
            "INSERT INTO occupancy (bookable, lane, during, kind, hold, expires_at) SELECT bookable, 0,"
            " tstzrange(upper(during), upper(during) + interval '1 hour'), 'hold', gen_random_uuid(),"
            " now() + interval '1 day' FROM occupancy LIMIT 1",
            "UPDATE status_change SET status = 'confirmed'",
            "DELETE FROM status_change",
        ):
            with pytest.raises((asyncpg.IntegrityConstraintViolationError, asyncpg.InsufficientPrivilegeError)):
                await connection.execute(sql)
    finally:
        await connection.close()


async def test_the_doctor_lets_be_what_is_to_move_and_names_what_nobody_does(
    yard: Yard, as_owner: asyncpg.Connection
) -> None:
    booking = await yard.book(yard.nina, NOON + YEARS + timedelta(hours=1))
    await roster.retire(intent(VERA), yard.nina)
    assert [await check() for check in checks.CHECKS] == [[]] * len(checks.CHECKS)
    await as_owner.execute("UPDATE assignment SET retired_at = now()")
    assert await checks.bookings_to_come_have_who_and_where() == [
        f"booking {booking} is to come with a service that nobody does"
    ]
