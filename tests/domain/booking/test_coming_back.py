"""An undo that cannot bring everything back to where it was: places are offered that fit together, once for all."""

from __future__ import annotations

from datetime import datetime

import pytest

from console.domain import db
from console.domain.booking import actions, checks, former, series_moves, standing_in
from console.domain.booking.arranging import Arrangement
from console.domain.booking.former import Chosen
from console.domain.booking.occupancy import PlaceTaken
from console.domain.booking.series_mover import Shift
from console.domain.booking.series_moves import Scope
from console.domain.booking.undoing import undo_elsewhere
from console.domain.errors import Invalid, NotUndoable, Problem
from console.domain.ids import BookableId, BookingId, OperationId
from console.domain.undo import undo
from tests import factories
from tests.cast import NOW
from tests.yard import HOUR, NOON, WEDNESDAY, WEEK, Yard, count, done_by, intent, standing, stands, weeks


async def healthy() -> None:
    for check in checks.CHECKS:
        assert await check() == []


async def given_away(yard: Yard) -> tuple[list[BookingId], OperationId]:
    """Nina's bookings at twelve, one and two, all given to Olga; the first two places are taken by now."""
    own = [await yard.book(yard.nina, NOON + at * HOUR) for at in range(3)]
    given = tuple(Arrangement(one, NOON + at * HOUR, ((yard.nina, yard.olga),)) for at, one in enumerate(own))
    done = await standing_in.stand_in(intent(), yard.nina, WEDNESDAY, given, False)
    for at in range(2):
        await yard.book(yard.nina, NOON + at * HOUR)
    return own, done.operation_id


async def offered(operation: OperationId, chosen: Chosen | None = None) -> dict[BookingId, list[datetime]]:
    backs = await former.backs(operation, NOW, 3, chosen)
    return {one.former.booking: [place.starts_at for place in one.places] for one in backs if one.problem}


async def nearest(operation: OperationId) -> dict[BookingId, datetime | None]:
    backs = await former.backs(operation, NOW, 3)
    return {one.former.booking: one.nearest and one.nearest.starts_at for one in backs if one.problem}


async def test_the_nearest_places_collide_neither_with_one_another_nor_with_what_comes_back(yard: Yard) -> None:
    (first, second, third), operation = await given_away(yard)
    chosen = await nearest(operation)
    assert chosen == {first: NOON - HOUR, second: NOON + 3 * HOUR}
    await undo_elsewhere(intent(), operation, tuple(chosen.items()))
    assert [(await stands(one))[0] for one in (first, second, third)] == [
        NOON - HOUR,
        NOON + 3 * HOUR,
        NOON + 2 * HOUR,
    ]
    assert {who for _, who in await standing()} == {"Nina"}
    await healthy()


async def test_places_are_found_beside_what_was_chosen_for_those_before(yard: Yard) -> None:
    (first, second, _), operation = await given_away(yard)
    assert NOON + 3 * HOUR not in (await offered(operation, {first: NOON + 3 * HOUR}))[second]
    chosen = {first: None}
    beside = await offered(operation, chosen)
    assert NOON - HOUR in beside[second]


async def test_what_stays_where_it_is_now_keeps_its_place(yard: Yard) -> None:
    """A week later two were moved; the first stays there, so the second finds its place beside it."""
    await yard.weekly(2)
    one = BookingId(await db.fetchval("SELECT min(id) FROM booking"))
    moved = await series_moves.move(intent(), one, Scope.ALL, Shift(minute=15 * 60))
    other = BookingId(await db.fetchval("SELECT max(id) FROM booking"))
    await yard.book(yard.nina)
    await yard.book(yard.nina, NOON + WEEK)
    assert NOON + 3 * HOUR not in (await offered(moved.operation_id, {one: None}))[one]
    await undo_elsewhere(intent(), moved.operation_id, ((one, None), (other, NOON + WEEK + HOUR)))
    assert [(await stands(each))[0] for each in (one, other)] == [NOON + 3 * HOUR, NOON + WEEK + HOUR]
    await healthy()


async def taken_back(yard: Yard) -> OperationId:
    """A series that was taken back whole, and two of whose four dates are taken by now: the undo that did it."""
    await yard.weekly()
    begun = OperationId(await db.fetchval("SELECT id FROM operation WHERE kind = 'series.book'"))
    undone = await undo(intent(), begun)
    for week in (1, 2):
        await yard.book(yard.nina, NOON + week * WEEK)
    return undone.operation_id


async def test_a_series_that_was_taken_back_comes_again_on_the_dates_that_are_free(yard: Yard) -> None:
    operation = await taken_back(yard)
    with pytest.raises(PlaceTaken):
        await undo(intent(), operation)
    backs = await former.backs(operation, NOW, 3)
    assert [one.problem is not None for one in backs] == [False, True, True, False]
    assert [one.gone for one in backs] == [True] * 4
    assert [place.starts_at - NOON - WEEK for place in backs[1].places] == [-1.5 * HOUR, -HOUR, HOUR]
    chosen = ((backs[1].former.booking, NOON + WEEK + HOUR), (backs[2].former.booking, None))
    again = await undo_elsewhere(intent(), operation, chosen)
    own = await db.fetch("SELECT starts_at FROM booking WHERE series IS NOT NULL AND retired_at IS NULL ORDER BY id")
    assert [row["starts_at"] for row in own] == [NOON, NOON + WEEK + HOUR, NOON + 3 * WEEK]
    clash = await db.fetchrow('SELECT "on", problem FROM series_clash WHERE retired_at IS NULL')
    assert clash is not None
    assert tuple(clash) == (WEDNESDAY + 2 * WEEK, "problem.place_taken")
    assert await count("series") == 1
    await healthy()
    undone = await undo(intent(), again.operation_id)
    assert (await count("series"), await count("series_clash")) == (0, 0)
    assert await standing() == weeks(1, 2)
    await healthy()
    await undo(intent(), undone.operation_id)
    assert len(await standing()) == 5
    await healthy()


async def test_of_a_series_that_was_taken_back_something_comes_again_or_nothing_is_done(yard: Yard) -> None:
    await yard.weekly(2)
    begun = OperationId(await db.fetchval("SELECT id FROM operation WHERE kind = 'series.book'"))
    undone = await undo(intent(), begun)
    for week in range(2):
        await yard.book(yard.nina, NOON + week * WEEK)
    none = tuple((one.former.booking, None) for one in await former.places(undone.operation_id))
    with pytest.raises(Invalid) as refused:
        await undo_elsewhere(intent(), undone.operation_id, none)
    assert refused.value.problems == {"starts": Problem("problem.series_nowhere")}
    assert await count("series") == 0


async def test_whoever_does_it_no_more_is_no_hindrance_for_a_series_to_come_again(yard: Yard) -> None:
    operation = await taken_back(yard)
    await db.execute("UPDATE skill SET retired_at = now() WHERE bookable = $1", yard.nina)
    backs = await former.backs(operation, NOW, 3)
    assert [one.problem and one.problem.key for one in backs] == ["problem.cannot_do"] * 4
    chosen = tuple((one.former.booking, one.former.starts_at) for one in backs)
    await undo_elsewhere(intent(), operation, chosen)
    assert [await done_by(one) for one, _ in chosen] == [[yard.olga]] * 4
    await healthy()


async def test_a_move_that_was_undone_is_done_again_with_other_places(yard: Yard) -> None:
    await yard.weekly(2)
    one = BookingId(await db.fetchval("SELECT min(id) FROM booking"))
    other = BookingId(await db.fetchval("SELECT max(id) FROM booking"))
    moved = await series_moves.move(intent(), one, Scope.ALL, Shift(minute=15 * 60))
    undone = await undo(intent(), moved.operation_id)
    await yard.book(yard.nina, NOON + 3 * HOUR)
    with pytest.raises(PlaceTaken):
        await undo(intent(), undone.operation_id)
    chosen = await nearest(undone.operation_id)
    assert chosen == {one: NOON + 2 * HOUR}
    await undo_elsewhere(intent(), undone.operation_id, tuple(chosen.items()))
    assert [(await stands(each))[0] for each in (one, other)] == [NOON + 2 * HOUR, NOON + WEEK + 3 * HOUR]
    await healthy()


async def test_what_is_no_deed_of_several_comes_back_no_other_way(yard: Yard) -> None:
    booked = await actions.book(intent(), yard.asked(yard.nina), NOON)
    undone = await undo(intent(), booked.operation_id)
    booking = BookingId(booked.result["booking"])
    with pytest.raises(NotUndoable):
        await undo_elsewhere(intent(), undone.operation_id, ((booking, NOON + HOUR),))


async def test_several_that_move_at_once_take_each_another_room(yard: Yard) -> None:
    """Two bookings change hands at one time; neither room is taken twice, although one is as good as the other."""
    rooms = [BookableId(await factories.bookable(name, kind="room")) for name in ("Red", "Blue")]
    for room in rooms:
        await factories.schedule(room, yard.location)
        await factories.skill(room, yard.service)
    await db.execute("UPDATE service SET rooms = 1 WHERE id = $1", yard.service)
    one, other = await yard.book(yard.nina), await yard.book(yard.olga)
    await actions.swap(intent(), one, other)
    assert {*await done_by(one), *await done_by(other)} == {yard.nina, yard.olga, *rooms}
    await healthy()
