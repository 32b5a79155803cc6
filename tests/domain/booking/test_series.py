"""Bookings that come again: each clash is noted and fails no other, and one, those that follow, or all change."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from console.domain import db
from console.domain.booking import (
    actions,
    checks,
    former,
    recurring,
    series,
    series_dates,
    series_moves,
    series_places,
    series_views,
)
from console.domain.booking.occupancy import PlaceTaken
from console.domain.booking.recurring import OnHoliday, Recurrence, Unit
from console.domain.booking.rules import CancelledBy
from console.domain.booking.series_moves import Scope, Shift
from console.domain.booking.undoing import undo_elsewhere
from console.domain.catalogue import actions as catalogue
from console.domain.clock import WallTime
from console.domain.errors import HasDependants, Invalid, NotFound, Problem
from console.domain.ids import BookableId, BookingId, ClashId, SeriesId, ServiceId, SiteId
from console.domain.intent import Intent
from console.domain.undo import undo, undoable
from tests import factories
from tests.cast import NOW, VERA
from tests.yard import NOON, Yard, intent

WEDNESDAY = date(2026, 5, 13)
NOON_ON_THE_WALL = 12 * 60
WEEKLY = Recurrence(WEDNESDAY, 1, Unit.WEEK, (2,), count=4)


async def begin(yard: Yard, rule: Recurrence = WEEKLY, minute: int = NOON_ON_THE_WALL) -> Any:
    return await series.begin(intent(), yard.asked(yard.nina), minute, rule)


async def standing() -> list[datetime]:
    rows = await db.fetch(
        "SELECT starts_at FROM booking WHERE series IS NOT NULL AND retired_at IS NULL AND status = 'booked'"
        " ORDER BY starts_at"
    )
    return [row["starts_at"] for row in rows]


async def clashes() -> list[date]:
    rows = await db.fetch('SELECT "on" FROM series_clash WHERE retired_at IS NULL ORDER BY "on"')
    return [row["on"] for row in rows]


async def one_of(on: date) -> BookingId:
    return BookingId(await db.fetchval("SELECT id FROM booking WHERE series_on = $1 AND retired_at IS NULL", on))


async def healthy() -> None:
    for check in checks.CHECKS:
        assert await check() == []


def weeks(*numbers: int) -> list[datetime]:
    return [NOON + timedelta(weeks=number) for number in numbers]


async def test_a_weekly_booking_is_made_for_each_of_its_dates(yard: Yard) -> None:
    begun = await begin(yard)
    assert await standing() == weeks(0, 1, 2, 3)
    assert [(one.key, one.params) for one in begun.effects] == [
        ("effect.series_made", {"count": 4}),
        ("done.series_made", {"count": 4}),
    ]
    await healthy()


async def test_a_date_without_a_place_is_noted_and_fails_no_other(yard: Yard) -> None:
    await yard.book(yard.nina, NOON + timedelta(weeks=1))
    begun = await begin(yard)
    assert await standing() == weeks(0, 2, 3)
    assert await clashes() == [WEDNESDAY + timedelta(weeks=1)]
    assert {one.key: one.params for one in begun.effects} == {
        "effect.series_made": {"count": 3},
        "effect.series_clashes": {"count": 1},
        "done.series_made": {"count": 3},
        "done.series_no_place": {"dates": ["2026-05-20"]},
    }


async def test_a_clash_is_booked_elsewhere_or_left_out(yard: Yard) -> None:
    for week in (1, 2):
        await yard.book(yard.nina, NOON + timedelta(weeks=week))
    await begin(yard)
    [first, second] = [row["id"] for row in await db.fetch("SELECT id FROM series_clash ORDER BY id")]
    placed = await series.place(intent(), ClashId(first), NOON + timedelta(weeks=1), yard.olga)
    await series.leave_out(intent(), ClashId(second))
    assert await clashes() == []
    assert await standing() == weeks(0, 1, 3)
    with pytest.raises(NotFound):
        await series.leave_out(intent(), ClashId(second))
    await undo(intent(), placed.operation_id)
    assert await clashes() == [WEDNESDAY + timedelta(weeks=1)]
    await healthy()


async def test_a_clash_is_offered_by_different_people_first(yard: Yard) -> None:
    pavel = BookableId(await factories.bookable("Pavel Lis", position=5))
    await factories.schedule(pavel, yard.location)
    await factories.skill(pavel, yard.service)
    await yard.book(yard.nina, NOON + timedelta(weeks=1))
    begun = await begin(yard)
    on = WEDNESDAY + timedelta(weeks=1)
    known = await series_views.one_series(begun.result["series"])
    named = (await series_places.alternatives(known, [on], NOON_ON_THE_WALL, NOW))[on]
    assert [(one.start.at - named[0].start.at, one.parts[0].bookables[0]) for one in named] == [
        (0, yard.olga),
        (0, pavel),
        (-60, yard.nina),
    ]
    anyone = replace(known, asked=replace(known.asked, person=None))
    found = (await series_places.alternatives(anyone, [on], NOON_ON_THE_WALL, NOW))[on]
    assert [one.parts[0].bookables[0] for one in found] == [pavel, yard.olga, yard.olga]


async def test_a_series_that_finds_no_place_at_all_is_refused(yard: Yard) -> None:
    with pytest.raises(Invalid) as refused:
        await begin(yard, minute=3 * 60)
    assert refused.value.problems["starts"].key == "problem.series_nowhere"
    assert await db.fetchval("SELECT count(*) FROM series") == 0


FAR = date(2026, 8, 31)
"""A Monday beyond the horizon, which ends on 11 August."""


@pytest.mark.parametrize(
    ("rule", "made", "first", "last"),
    [
        (Recurrence(FAR, 1, Unit.WEEK, (2,)), 13, date(2026, 9, 2), date(2026, 11, 25)),
        (Recurrence(FAR, 1, Unit.WEEK, (2,), count=5), 5, date(2026, 9, 2), date(2026, 9, 30)),
        (Recurrence(FAR, 1, Unit.WEEK, (0,)), 13, date(2026, 9, 7), date(2026, 11, 30)),
        (Recurrence(FAR, 1, Unit.WEEK, (0,), on_holiday=OnHoliday.MOVE), 13, FAR, date(2026, 11, 23)),
        (Recurrence(date(2026, 6, 14), 6, Unit.MONTH, (2,)), 2, date(2026, 12, 9), date(2027, 6, 9)),
        (Recurrence(WEDNESDAY, 20, Unit.WEEK, (1,)), 2, date(2026, 9, 29), date(2027, 2, 16)),
        (Recurrence(date(2026, 6, 14), 30, Unit.MONTH, (2,)), 1, date(2028, 12, 13), date(2028, 12, 13)),
    ],
)
async def test_a_series_whose_first_date_lies_far_ahead_is_made_from_there_as_from_today(
    yard: Yard, rule: Recurrence, made: int, first: date, last: date
) -> None:
    await factories.holiday(FAR)
    await series.look(NOW, yard.asked(yard.nina), NOON_ON_THE_WALL, rule)
    await begin(yard, rule)
    rows = await db.fetch("SELECT series_on FROM booking ORDER BY series_on")
    assert (len(rows), rows[0]["series_on"], rows[-1]["series_on"]) == (made, first, last)
    await healthy()


async def test_one_far_date_without_a_place_is_kept_with_three_places_and_fails_no_other(yard: Yard) -> None:
    on = date(2026, 9, 2)
    await yard.book(yard.nina, NOON + timedelta(weeks=16))
    rule = Recurrence(on, 1, Unit.WEEK, (2,), count=4)
    begun = await begin(yard, rule)
    assert await clashes() == [on]
    assert await standing() == weeks(17, 18, 19)
    known = await series_views.one_series(begun.result["series"])
    assert len((await series_places.alternatives(known, [on], NOON_ON_THE_WALL, NOW))[on]) == 3


@pytest.mark.parametrize(("every", "unit"), [(20, Unit.WEEK), (26, Unit.WEEK), (6, Unit.MONTH), (12, Unit.MONTH)])
async def test_of_dates_far_apart_one_without_a_place_does_not_fail_the_series(
    yard: Yard, every: int, unit: Unit
) -> None:
    await yard.book(yard.nina)
    await begin(yard, Recurrence(WEDNESDAY, every, unit, (2,)))
    assert await clashes() == [WEDNESDAY]
    assert len(await standing()) == 1
    await healthy()


@pytest.mark.parametrize(
    "rule",
    [
        Recurrence(date(2026, 5, 14), 1, Unit.WEEK, (2,), until=date(2026, 5, 19)),
        Recurrence(WEDNESDAY, 1, Unit.WEEK, (2,), until=WEDNESDAY),
    ],
)
async def test_that_a_rule_has_no_date_is_not_said_as_that_there_is_no_place(yard: Yard, rule: Recurrence) -> None:
    await factories.holiday(WEDNESDAY)
    for one in (begin(yard, rule), series.look(NOW, yard.asked(yard.nina), NOON_ON_THE_WALL, rule)):
        with pytest.raises(Invalid) as refused:
            await one
        assert {name: one.key for name, one in refused.value.problems.items()} == {"weekdays": "problem.series_no_date"}
    assert await db.fetchval("SELECT count(*) FROM series") == 0


@pytest.mark.parametrize(("on_holiday", "expected"), [(OnHoliday.SKIP, [0, 2, 3]), (OnHoliday.MOVE, [0, 1, 2])])
async def test_holidays_are_skipped_or_moved(yard: Yard, on_holiday: OnHoliday, expected: list[int]) -> None:
    await factories.holiday(WEDNESDAY + timedelta(weeks=1))
    await begin(yard, replace(WEEKLY, count=3, on_holiday=on_holiday))
    moved = timedelta(days=1) if on_holiday is OnHoliday.MOVE else timedelta()
    assert await standing() == [
        one + (moved if at == 1 else timedelta()) for at, one in zip(expected, weeks(*expected), strict=True)
    ]
    assert await clashes() == []


@pytest.mark.parametrize("shut", [(), (5, 6)])
async def test_each_date_is_booked_or_clashes_or_is_told_as_skipped(yard: Yard, shut: tuple[int, ...]) -> None:
    hours = [[] if weekday in shut else [[0, 1440]] for weekday in range(7)]
    await db.execute("UPDATE location SET hours = $1", json.dumps(hours))
    for day in range(18, 23):
        await factories.holiday(date(2026, 5, day))
    await yard.book(yard.nina, NOON + timedelta(days=1))
    rule = Recurrence(WEDNESDAY, 1, Unit.WEEK, (0, 1, 2, 3, 4), count=8, on_holiday=OnHoliday.MOVE)
    begun = await begin(yard, rule)
    moved = [] if shut else [date(2026, 5, 23), date(2026, 5, 24), date(2026, 5, 30), date(2026, 5, 31)]
    known = await series_views.one_series(begun.result["series"])
    left = await series_views.skipped(known, WEDNESDAY)
    booked = await db.fetch("SELECT series_on, starts_at FROM booking WHERE series = $1 ORDER BY id", known.id)
    dates = {row["series_on"] for row in booked}
    assert [on for row in booked if (on := row["starts_at"].date()) != row["series_on"]] == moved
    assert left == [date(2026, 5, day) for day in range(18 + len(moved), 23)]
    assert await clashes() == [date(2026, 5, 14)]
    assert len(dates) == 7
    assert await series_views.booked_until(known) == max(row["starts_at"].date() for row in booked)
    told = {one.key: one.params["count"] for one in begun.effects if not one.key.startswith("done.")}
    assert told == {"effect.series_made": 7, "effect.series_clashes": 1, "words.series_skipped": len(left)}
    await healthy()


async def test_what_was_skipped_is_told_and_counted_whatever_is_closed_by_now(yard: Yard) -> None:
    week = timedelta(weeks=1)
    closed = await factories.holiday(WEDNESDAY + week)
    begun = await begin(yard, replace(WEEKLY, count=20))
    made = len(await standing())
    await db.execute("UPDATE holiday SET retired_at = now() WHERE id = $1", closed)
    await factories.holiday(WEDNESDAY + 2 * week)
    known = await series_views.one_series(begun.result["series"])
    assert await series_views.skipped(known, WEDNESDAY) == [WEDNESDAY + week]
    later = intent()
    await series.extend(Intent(later.id, later.actor, NOW + timedelta(weeks=30)), known.id)
    assert made == 12
    assert len(await standing()) == 20
    assert await series_dates.due(WEDNESDAY + 100 * week) == []
    await healthy()


@pytest.mark.parametrize("days", [0, 1, -1])
async def test_what_was_skipped_goes_with_those_that_follow(yard: Yard, days: int) -> None:
    week, later = timedelta(weeks=1), timedelta(days=days)
    for number in (1, 3):
        await factories.holiday(WEDNESDAY + number * week)
    begun = await begin(yard, replace(WEEKLY, count=5))
    shift = Shift(days=days, minute=15 * 60)
    moved = await series_moves.move(intent(), await one_of(WEDNESDAY + 2 * week), Scope.FOLLOWING, shift)
    before, after = [await series_views.one_series(one.result["series"]) for one in (begun, moved)]
    assert await series_views.skipped(before, WEDNESDAY) == [WEDNESDAY + week]
    assert await series_views.skipped(after, WEDNESDAY) == [WEDNESDAY + 3 * week + later]
    assert after.rule.count == 4
    await undo(intent(), moved.operation_id)
    assert await series_views.skipped(before, WEDNESDAY) == [WEDNESDAY + number * week for number in (1, 3)]


@pytest.mark.parametrize("scope", [Scope.ALL, Scope.FOLLOWING])
async def test_what_was_moved_off_a_holiday_goes_where_the_rule_has_it_when_all_shift(yard: Yard, scope: Scope) -> None:
    day = timedelta(days=1)
    for closed in (WEDNESDAY + 7 * day, WEDNESDAY + 15 * day):
        await factories.holiday(closed)
    await begin(yard, replace(WEEKLY, on_holiday=OnHoliday.MOVE))
    before = [one.date() for one in await standing()]
    assert before == [WEDNESDAY + later * day for later in (0, 8, 14, 21)]
    moved = await series_moves.move(intent(), await one_of(WEDNESDAY), scope, Shift(days=1))
    assert [one.date() for one in await standing()] == [WEDNESDAY + later * day for later in (1, 8, 16, 22)]
    await healthy()
    await undo(intent(), moved.operation_id)
    assert [one.date() for one in await standing()] == before


@pytest.mark.parametrize("days", [-1, 2])
async def test_a_series_that_moved_goes_on_without_a_gap_and_books_no_date_twice(yard: Yard, days: int) -> None:
    begun = await begin(yard, replace(WEEKLY, count=None))
    made = len(await standing())
    later = timedelta(days=days)
    booking = await one_of(WEDNESDAY + timedelta(weeks=1))
    await series_moves.move(intent(), booking, Scope.ALL, Shift(days=days))
    more = intent()
    await series.extend(Intent(more.id, more.actor, NOW + timedelta(weeks=3)), SeriesId(begun.result["series"]))
    found = await standing()
    assert len(found) in (made + 3, made + 4)
    assert found == [one + later for one in weeks(*range(len(found)))]
    await healthy()


async def test_a_series_is_done_at_the_site_that_was_chosen(yard: Yard) -> None:
    site = SiteId(await factories.site(yard.client))
    begun = await series.begin(
        intent(), yard.asked(yard.nina, site=site), NOON_ON_THE_WALL, replace(WEEKLY, count=None)
    )
    await db.execute("UPDATE client_site SET retired_at = now()")
    more = intent()
    await series.extend(Intent(more.id, more.actor, NOW + timedelta(weeks=2)), SeriesId(begun.result["series"]))
    moved = await series_moves.move(
        intent(), await one_of(WEDNESDAY + timedelta(weeks=2)), Scope.FOLLOWING, Shift(minute=15 * 60)
    )
    more = intent()
    await series.extend(Intent(more.id, more.actor, NOW + timedelta(weeks=4)), SeriesId(moved.result["series"]))
    assert {row["site"] for row in await db.fetch("SELECT site FROM booking")} == {site}
    assert (await series_views.one_series(moved.result["series"])).site == "Lenina 5"


async def test_a_move_is_undone_with_other_places_for_what_has_lost_its_own(yard: Yard) -> None:
    await begin(yard)
    moved = await series_moves.move(intent(), await one_of(WEDNESDAY), Scope.ALL, Shift(minute=15 * 60))
    for week in (1, 2):
        await yard.book(yard.nina, NOON + timedelta(weeks=week))
    with pytest.raises(PlaceTaken):
        await undo(intent(), moved.operation_id)
    backs = await former.backs(moved.operation_id, NOW, 3)
    assert [one.problem is not None for one in backs] == [False, True, True, False]
    assert [place.starts_at for place in backs[1].places] == [
        NOON + timedelta(weeks=1, minutes=minutes) for minutes in (-90, -60, 60)
    ]
    asked = ((backs[1].former.booking, NOON + timedelta(weeks=1, hours=1)), (backs[2].former.booking, None))
    undone = await undo_elsewhere(intent(), moved.operation_id, asked)
    hours = [timedelta(), timedelta(hours=1), timedelta(hours=3), timedelta()]
    expected = [one + hour for one, hour in zip(weeks(0, 1, 2, 3), hours, strict=True)]
    assert await standing() == expected
    assert await db.fetchval("SELECT minute FROM series") == NOON_ON_THE_WALL
    await healthy()
    await undo(intent(), undone.operation_id)
    assert await standing() == [one + timedelta(hours=3) for one in weeks(0, 1, 2, 3)]
    await healthy()


async def test_an_undo_with_other_places_is_done_whole_or_not_at_all(yard: Yard) -> None:
    await begin(yard)
    moved = await series_moves.move(intent(), await one_of(WEDNESDAY), Scope.ALL, Shift(minute=15 * 60))
    for week in (1, 2):
        await yard.book(yard.nina, NOON + timedelta(weeks=week))
    [_, one, other, _] = [back.former.booking for back in await former.backs(moved.operation_id, NOW, 3)]
    later = NOON + timedelta(weeks=1, hours=1)
    with pytest.raises(Invalid) as unsaid:
        await undo_elsewhere(intent(), moved.operation_id, ((one, later),))
    assert unsaid.value.by_entity == {other: Problem("problem.choose")}
    with pytest.raises(PlaceTaken):
        await undo_elsewhere(intent(), moved.operation_id, ((one, later), (other, NOON + 2 * timedelta(weeks=1))))
    with pytest.raises(NotFound):
        await undo_elsewhere(intent(), moved.operation_id, ((BookingId(77), NOON),))
    assert await standing() == [at + timedelta(hours=3) for at in weeks(0, 1, 2, 3)]
    await healthy()


async def test_undoing_a_series_takes_all_of_it_back(yard: Yard) -> None:
    begun = await begin(yard)
    undone = await undo(intent(), begun.operation_id)
    assert await standing() == []
    assert await db.fetchval("SELECT count(*) FROM occupancy") == 0
    await undo(intent(), undone.operation_id)
    assert await standing() == weeks(0, 1, 2, 3)
    await healthy()


async def test_bookings_are_made_as_far_as_the_horizon_and_further_as_it_comes(yard: Yard) -> None:
    begun = await begin(yard, replace(WEEKLY, count=None))
    made = len(await standing())
    assert made == 13
    id_ = SeriesId(begun.result["series"])
    for _ in range(2):
        later = intent()
        await series.extend(Intent(later.id, later.actor, NOW + timedelta(weeks=2)), id_)
    assert len(await standing()) == made + 2
    assert await series_dates.due(date(2026, 8, 11)) == []
    assert await series_dates.due(date(2027, 1, 1)) == [id_]
    await healthy()


async def test_a_cancelled_date_is_not_booked_again(yard: Yard) -> None:
    begun = await begin(yard, replace(WEEKLY, count=None))
    await actions.cancel(intent(), await one_of(WEDNESDAY), CancelledBy.CLIENT)
    later = intent()
    await series.extend(Intent(later.id, later.actor, NOW + timedelta(weeks=1)), SeriesId(begun.result["series"]))
    assert weeks(0)[0] not in await standing()


async def test_one_moves_alone(yard: Yard) -> None:
    await begin(yard)
    booking = await one_of(WEDNESDAY + timedelta(weeks=1))
    await actions.move(intent(), actions.Arrangement(booking, NOON + timedelta(weeks=1, hours=2)), 1)
    assert await standing() == [weeks(0)[0], weeks(1)[0] + timedelta(hours=2), *weeks(2, 3)]


async def test_those_that_follow_move_and_the_others_stay(yard: Yard) -> None:
    begun = await begin(yard)
    booking = await one_of(WEDNESDAY + timedelta(weeks=2))
    shift = Shift(days=1, minute=15 * 60, instead=((yard.nina, yard.olga),))
    moved = await series_moves.move(intent(), booking, Scope.FOLLOWING, shift)
    later = timedelta(days=1, hours=3)
    assert await standing() == [*weeks(0, 1), *(one + later for one in weeks(2, 3))]
    assert moved.result["series"] != begun.result["series"]
    row = await db.fetchrow("SELECT * FROM series WHERE id = $1", moved.result["series"])
    assert row is not None
    assert (row["starts_on"], row["weekdays"], row["minute"], row["times"]) == (date(2026, 5, 28), [3], 900, 2)
    await healthy()
    await undo(intent(), moved.operation_id)
    assert await standing() == weeks(0, 1, 2, 3)
    await healthy()


async def test_all_that_are_to_come_move_and_what_finds_no_place_stays(yard: Yard) -> None:
    await begin(yard)
    await yard.book(yard.nina, NOON + timedelta(weeks=1, hours=2))
    moved = await series_moves.move(intent(), await one_of(WEDNESDAY), Scope.ALL, Shift(minute=14 * 60))
    assert await standing() == [
        weeks(0)[0] + timedelta(hours=2),
        weeks(1)[0],
        *(one + timedelta(hours=2) for one in weeks(2, 3)),
    ]
    assert {(one.key, one.params["count"]) for one in moved.effects} == {
        ("effect.series_moved", 3),
        ("effect.series_stays", 1),
    }
    await healthy()


@pytest.mark.parametrize("days", [1, -1])
async def test_neighbouring_dates_move_into_each_others_places(yard: Yard, days: int) -> None:
    rule = Recurrence(date(2026, 5, 19), 1, Unit.WEEK, (1, 2, 3), count=3)
    await begin(yard, rule)
    before = await standing()
    await series_moves.move(intent(), await one_of(date(2026, 5, 19)), Scope.ALL, Shift(days=days))
    assert await standing() == [one + timedelta(days=days) for one in before]
    await healthy()


@pytest.mark.parametrize(("weekdays", "days"), [((0, 2), 2), ((2, 4), -2)])
async def test_a_date_that_was_called_off_is_in_no_way_of_moving_the_others(
    yard: Yard, weekdays: tuple[int, int], days: int
) -> None:
    """Every two weeks on two days, of which a Wednesday is called off."""
    rule = Recurrence(date(2026, 5, 18 + weekdays[0]), 2, Unit.WEEK, weekdays, count=6)
    begun = await begin(yard, rule)
    wednesday = await one_of(date(2026, 6, 3))
    called_off = await actions.cancel(intent(), wednesday, CancelledBy.CLIENT)
    before, later = await standing(), timedelta(days=days)
    moved = await series_moves.move(intent(), await one_of(rule.starts_on), Scope.ALL, Shift(days=days))
    assert await standing() == [one + later for one in before]
    assert moved.result == begun.result
    assert {one.key for one in moved.effects} == {"effect.series_moved"}
    assert await db.fetchval("SELECT series_on FROM booking WHERE id = $1", wednesday) == date(2026, 6, 3) + later
    assert await undoable(called_off.operation_id)
    await healthy()
    await undo(intent(), moved.operation_id)
    assert await standing() == before
    await undo(intent(), called_off.operation_id)
    assert len(await standing()) == 6
    await healthy()


async def test_a_date_that_is_past_is_in_no_way_of_moving_those_to_come(yard: Yard) -> None:
    rule = Recurrence(date(2026, 5, 19), 1, Unit.WEEK, (1, 2), count=6)
    await begin(yard, rule)
    tuesday, before = await one_of(rule.starts_on), await standing()
    later = intent()
    later = Intent(later.id, later.actor, before[0] + timedelta(hours=2))
    wednesday = await one_of(date(2026, 5, 20))
    moved = await series_moves.move(later, wednesday, Scope.ALL, Shift(days=-1, minute=15 * 60))
    hence = timedelta(days=-1, hours=3)
    assert await standing() == [before[0], *(one + hence for one in before[1:])]
    assert [back.now.booking for back in await former.backs(moved.operation_id, NOW, 3)].count(tuesday) == 0
    await undo(intent(), moved.operation_id)
    assert await standing() == before
    await healthy()


@pytest.mark.parametrize("scope", [Scope.FOLLOWING, Scope.ALL])
async def test_a_date_that_clashed_goes_with_the_others(yard: Yard, scope: Scope) -> None:
    for week in (0, 2, 3):
        await yard.book(yard.nina, NOON + timedelta(weeks=week))
    begun = await begin(yard, replace(WEEKLY, count=5))
    left = ClashId(await db.fetchval('SELECT id FROM series_clash WHERE "on" = $1', WEDNESDAY + timedelta(weeks=3)))
    left_out = await series.leave_out(intent(), left)
    last = await one_of(WEDNESDAY + timedelta(weeks=1))
    moved = await series_moves.move(intent(), last, scope, Shift(days=1))
    hence = [timedelta(days=int(scope is Scope.ALL)), timedelta(weeks=2, days=1)]
    assert await clashes() == [WEDNESDAY + one for one in hence]
    assert [one.on for one in await series_views.clashes(NOW, moved.result["series"])][-1:] == [WEDNESDAY + hence[-1]]
    await undo(intent(), left_out.operation_id)
    assert await clashes() == [WEDNESDAY + one for one in (*hence, timedelta(weeks=3, days=1))]
    assert (moved.result == begun.result) is (scope is Scope.ALL)
    await healthy()


async def test_what_cannot_be_written_of_a_date_takes_back_all_that_was_written_of_it(
    yard: Yard, as_owner: asyncpg.Connection
) -> None:
    """The database refuses what lies on the second Wednesday at three, as if somebody were faster by a moment."""
    await as_owner.execute(
        "CREATE FUNCTION faster() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF lower(NEW.during) = '2026-05-20 12:00+00' THEN"
        "  RAISE exclusion_violation USING CONSTRAINT = 'occupancy_excl'; END IF; RETURN NEW; END $$;"
        "CREATE TRIGGER faster BEFORE INSERT ON occupancy FOR EACH ROW EXECUTE FUNCTION faster()"
    )
    try:
        await begin(yard)
        moved = await series_moves.move(intent(), await one_of(WEDNESDAY), Scope.ALL, Shift(minute=15 * 60))
        await series.begin(intent(), yard.asked(yard.olga), 15 * 60, WEEKLY)
    finally:
        await as_owner.execute("DROP TRIGGER faster ON occupancy; DROP FUNCTION faster()")
    nina, olga = weeks(0, 1, 2, 3), weeks(0, 2, 3)
    three = timedelta(hours=3)
    assert await standing() == sorted(
        [nina[1], *(one + three for at, one in enumerate(nina) if at != 1), *(one + three for one in olga)]
    )
    assert [one.params["count"] for one in moved.effects] == [3, 1]
    assert await clashes() == [WEDNESDAY + timedelta(weeks=1)]
    await healthy()


@pytest.mark.parametrize("scope", list(Scope))
@pytest.mark.parametrize(
    ("rule", "days"),
    [
        (Recurrence(date(2026, 5, 18), 2, Unit.WEEK, (0, 3)), 4),
        (Recurrence(date(2026, 5, 20), 3, Unit.WEEK, (2, 4)), -3),
        (Recurrence(date(2026, 5, 14), 1, Unit.MONTH, (3,)), 2),
    ],
)
async def test_what_is_made_of_a_series_that_moved_over_the_edge_of_a_week_are_the_dates_that_were_asked(
    yard: Yard, rule: Recurrence, days: int, scope: Scope
) -> None:
    always = json.dumps([[[0, 1440]]] * 7)
    await db.execute("UPDATE location SET hours = $1", always)
    await db.execute("UPDATE schedule SET hours = $1", always)
    await begin(yard, rule)
    made = await standing()
    moved = await series_moves.move(
        intent(), await one_of(recurring.dates(rule, date(2027, 1, 1))[1]), scope, Shift(days=days)
    )
    more = intent()
    await series.extend(Intent(more.id, more.actor, NOW + timedelta(weeks=30)), SeriesId(moved.result["series"]))
    later, stays = timedelta(days=days), scope is Scope.FOLLOWING
    found = await standing()
    wanted = recurring.dates(rule, found[-1].date() - later)
    assert len(found) > len(made) + 3
    assert [one.date() for one in found] == sorted(
        one if stays and at == 0 else one + later for at, one in enumerate(wanted)
    )
    await healthy()


async def test_what_follows_is_cancelled_and_the_series_ends(yard: Yard) -> None:
    begun = await begin(yard, replace(WEEKLY, count=None))
    cancelled = await series_moves.cancel(
        intent(), await one_of(WEDNESDAY + timedelta(weeks=2)), Scope.FOLLOWING, CancelledBy.CLIENT
    )
    assert await standing() == weeks(0, 1)
    later = intent()
    await series.extend(Intent(later.id, later.actor, NOW + timedelta(weeks=9)), SeriesId(begun.result["series"]))
    assert await standing() == weeks(0, 1)
    await undo(intent(), cancelled.operation_id)
    await series.extend(Intent(intent().id, later.actor, NOW + timedelta(weeks=9)), SeriesId(begun.result["series"]))
    assert len(await standing()) == 13 + 9
    await healthy()


async def test_a_clash_of_a_series_that_has_ended_is_neither_booked_nor_left_out(yard: Yard) -> None:
    await yard.book(yard.nina, NOON + timedelta(weeks=1))
    begun = await begin(yard)
    clash = ClashId(await db.fetchval("SELECT id FROM series_clash"))
    await db.execute("UPDATE booking SET status = 'arrived' WHERE series IS NOT NULL")
    await series.end(intent(), SeriesId(begun.result["series"]))
    with pytest.raises(series.SeriesEnded):
        await series.place(intent(), clash, NOON + timedelta(weeks=1), yard.olga)
    with pytest.raises(series.SeriesEnded):
        await series.leave_out(intent(), clash)
    assert await clashes() == [WEDNESDAY + timedelta(weeks=1)]


async def test_what_clashed_after_those_that_were_cancelled_needs_no_place(yard: Yard) -> None:
    for week in (0, 2):
        await yard.book(yard.nina, NOON + timedelta(weeks=week))
    begun = await begin(yard)
    cancelled = await series_moves.cancel(
        intent(), await one_of(WEDNESDAY + timedelta(weeks=1)), Scope.FOLLOWING, CancelledBy.CLIENT
    )
    assert await clashes() == [WEDNESDAY]
    await undo(intent(), cancelled.operation_id)
    assert await clashes() == [WEDNESDAY, WEDNESDAY + timedelta(weeks=2)]
    assert len(await series_views.clashes(NOW, begun.result["series"])) == 2


async def test_a_time_that_the_clocks_skip_is_a_clash(yard: Yard) -> None:
    await db.execute("UPDATE location SET zone = 'Europe/Berlin', hours = $1", json.dumps([[[0, 1440]]] * 7))
    begun = intent()
    rule = Recurrence(date(2026, 3, 15), 1, Unit.WEEK, (6,), count=3)
    await series.begin(
        Intent(begun.id, begun.actor, datetime(2026, 3, 10, tzinfo=UTC)), yard.asked(yard.nina), 150, rule
    )
    assert await clashes() == [date(2026, 3, 29)]
    zone = ZoneInfo("Europe/Berlin")
    assert [WallTime.of(one, zone).minute for one in await standing()] == [150, 150]


async def test_a_series_is_in_the_way_of_undoing_that_its_service_was_added(yard: Yard) -> None:
    about = catalogue.AboutService("WASH", {"en": "Windows"}, None, 60)
    added = await catalogue.add_service(intent(VERA), about, 1000, WEDNESDAY)
    wash = ServiceId(added.result["service"])
    await factories.skill(yard.nina, wash)
    await series.begin(intent(), replace(yard.asked(), services=(wash,)), NOON_ON_THE_WALL, WEEKLY)
    await db.execute("UPDATE booking SET retired_at = now()")
    await db.execute("UPDATE booking_item SET retired_at = now()")
    with pytest.raises(HasDependants) as refused:
        await undo(intent(VERA), added.operation_id)
    assert [kind for _, kind, _ in refused.value.operations] == ["series.book"]


async def test_the_database_takes_only_services_that_are_offered_into_a_series(yard: Yard) -> None:
    await begin(yard)
    await db.execute("UPDATE service SET retired_at = now()")
    await db.execute("UPDATE series SET services = services, made_until = made_until + 1")
    with pytest.raises(asyncpg.RestrictViolationError, match="not offered"):
        await db.execute("UPDATE series SET services = services || 404::bigint")


@pytest.mark.parametrize(("zone", "shown"), [("Europe/Moscow", 0), ("Europe/London", 1)])
async def test_a_date_without_a_place_is_to_be_arranged_until_it_is_over_at_its_location(
    yard: Yard, zone: str, shown: int
) -> None:
    """Ten in the evening in Greenwich on the date itself."""
    await yard.book(yard.nina)
    await begin(yard)
    await factories.location("Moscow", zone="Europe/Moscow")
    await db.execute("UPDATE location SET zone = $1 WHERE id = $2", zone, yard.location)
    then = datetime(2026, 5, 13, 22, tzinfo=UTC)
    assert len(await series_views.clashes(then)) == (await series_views.to_arrange(then))[0] == shown
    assert len(await series_views.clashes_of(yard.client, then)) == shown
