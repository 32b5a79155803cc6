"""The roster's use cases: what an undo and a redo leave, and what happens when two people act at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from console.domain import db
from console.domain.business import actions as business
from console.domain.business.rules import CLOSED, Week
from console.domain.errors import DomainError, HasDependants, Invalid, NotFound, Stale
from console.domain.ids import BookableId, LocationId, StaffId
from console.domain.intent import Intent, Outcome
from console.domain.roster import actions, queries
from console.domain.roster.rules import BookableKind, TimeOffKind
from console.domain.roster.steps import ScheduleBegun
from console.domain.team import accounts
from console.domain.undo import undo
from tests import factories
from tests.cast import ANNA, NOW
from tests.domain.catalogue.test_actions import at_once, mean
from tests.meeting import meet, waits

pytestmark = pytest.mark.usefixtures("database")

TODAY = NOW.date()
NEXT_WEEK = TODAY + timedelta(days=7)
MORNINGS: Week = (((540, 780),),) * 5 + (CLOSED, CLOSED)
EVENINGS: Week = (((1080, 1260),),) * 5 + (CLOSED, CLOSED)
WEEK_OFF = actions.Away(TimeOffKind.VACATION, NEXT_WEEK, NEXT_WEEK + timedelta(days=6))
TABLES = {
    "bookable": "kind, name, staff, position",
    "schedule": "bookable, location, valid_from, hours",
    "time_off": "bookable, kind, first, last, from_minute, to_minute, note",
}


async def everything() -> dict[str, list[tuple[Any, ...]]]:
    """What is on, without what every edit moves."""
    return {
        table: [
            tuple(row)
            for row in await db.fetch(f"SELECT id, {columns} FROM {table} WHERE retired_at IS NULL ORDER BY id")
        ]
        for table, columns in TABLES.items()
    }


async def nina(location: LocationId | None = None) -> BookableId:
    """Somebody new, at a location whenever it is open."""
    place = location or LocationId(await factories.location())
    added = await actions.add(mean(), BookableKind.PERSON, "Nina Orlova", None, place, TODAY)
    return BookableId(added.result["bookable"])


async def away(person: BookableId) -> int:
    return int((await actions.add_time_off(mean(), person, WEEK_OFF)).result["time_off"])


async def _prepare(kind: str) -> Awaitable[Any]:
    """An edit of this kind, ready to be done."""
    place = LocationId(await factories.location())
    if kind == "bookable.add":
        return actions.add(mean(), BookableKind.VEHICLE, "Van 1", None, place, TODAY)
    person = await nina(place)
    if kind == "bookable.readmit":
        await actions.retire(mean(), person)
    if kind == "schedule.withdraw":
        await actions.set_hours(mean(), person, place, NEXT_WEEK, MORNINGS)
    if kind == "time_off.change":
        part = replace(WEEK_OFF, last=NEXT_WEEK, hours=(540, 600), note="dentist")
        return actions.change_time_off(mean(), await away(person), 1, part)
    if kind == "time_off.remove":
        return actions.remove_time_off(mean(), await away(person))
    return {
        "bookable.change": lambda: actions.change(mean(), person, 1, "Nina Petrova", None, 7),
        "bookable.retire": lambda: actions.retire(mean(), person),
        "bookable.readmit": lambda: actions.readmit(mean(), person),
        "schedule.set": lambda: actions.set_hours(mean(), person, place, TODAY, MORNINGS),
        "schedule.withdraw": lambda: _withdraw(NEXT_WEEK),
        "time_off.add": lambda: actions.add_time_off(mean(), person, WEEK_OFF),
    }[kind]()


async def _withdraw(valid_from: date) -> Any:
    hours = await db.fetchval("SELECT id FROM schedule WHERE valid_from = $1", valid_from)
    return await actions.withdraw_hours(mean(), hours)


KINDS = (
    *("bookable.add", "bookable.change", "bookable.retire", "bookable.readmit"),
    *("schedule.set", "schedule.withdraw", "time_off.add", "time_off.change", "time_off.remove"),
)


def test_every_kind_of_the_roster_is_tried_here() -> None:
    from console.domain.kinds import KINDS as ALL

    assert {name for name in ALL if name.partition(".")[0] in {"bookable", "schedule", "time_off"}} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
async def test_an_undo_brings_back_all_that_stood_and_a_redo_all_that_was_done(kind: str) -> None:
    edit = await _prepare(kind)
    before = await everything()
    done = await edit
    after = await everything()
    assert after != before
    undone = await undo(mean(), done.operation_id)
    assert await everything() == before
    redone = await undo(mean(), undone.operation_id)
    assert await everything() == after
    await undo(mean(), redone.operation_id)
    assert await everything() == before


async def test_somebody_new_stands_behind_the_last_person_and_a_first_thing_behind_all() -> None:
    place = LocationId(await factories.location())
    await factories.bookable("Nina", position=3)
    await factories.bookable("Van", kind="vehicle", position=4)
    await factories.bookable("Crew", kind="crew", position=5)
    for kind, name in ((BookableKind.PERSON, "Olga"), (BookableKind.PERSON, "Pia"), (BookableKind.ROOM, "Room")):
        await actions.add(mean(), kind, name, None, place, TODAY)
    assert [one.name for one in await queries.bookables()] == ["Nina", "Olga", "Pia", "Van", "Crew", "Room"]


async def test_somebody_cannot_be_undone_while_they_have_time_off() -> None:
    place = LocationId(await factories.location())
    added = await actions.add(mean(), BookableKind.PERSON, "Nina Orlova", None, place, TODAY)
    off = await actions.add_time_off(mean(), BookableId(added.result["bookable"]), WEEK_OFF)
    with pytest.raises(HasDependants) as refused:
        await undo(mean(), added.operation_id)
    assert [id_ for id_, _, _ in refused.value.operations] == [off.operation_id]


async def test_an_account_that_was_closed_does_not_come_back_to_somebody() -> None:
    await factories.staff(ANNA)
    place = LocationId(await factories.location())
    person = await nina(place)
    account = StaffId(ANNA.id)
    await actions.change(mean(), person, 1, "Nina Orlova", account, 1)
    without = await actions.change(mean(), person, 2, "Nina Orlova", None, 1)
    await accounts.retire(mean(), account, None)
    with pytest.raises(Invalid) as refused:
        await undo(mean(), without.operation_id)
    assert refused.value.problems["staff"].key == "problem.choice"


async def test_a_name_that_was_given_away_keeps_somebody_out_of_the_plan() -> None:
    place = LocationId(await factories.location())
    person = await nina(place)
    left = await actions.retire(mean(), person)
    await nina(place)
    with pytest.raises(HasDependants) as in_the_way:
        await undo(mean(), left.operation_id)
    assert [kind for _, kind, _ in in_the_way.value.operations] == ["bookable.add"]
    with pytest.raises(Invalid) as refused:
        await actions.readmit(mean(), person)
    assert refused.value.problems["name"].key == "problem.bookable_taken"


async def test_hours_set_again_for_their_day_replace_those() -> None:
    place = LocationId(await factories.location())
    person = await nina(place)
    for week in (MORNINGS, EVENINGS, None):
        await actions.set_hours(mean(), person, place, NEXT_WEEK, week)
    [_, latest] = (await everything())["schedule"]
    assert latest[3:] == (NEXT_WEEK, None)


async def test_of_many_edits_of_one_version_one_is_saved() -> None:
    person = await nina()
    off = await away(person)
    refused = await at_once(
        *(actions.change(mean(), person, 1, f"Nina {at}", None, 1) for at in range(10)),
        *(actions.change_time_off(mean(), off, 1, replace(WEEK_OFF, note=str(at))) for at in range(10)),
    )
    assert [type(one) for one in refused] == [Stale] * 18


async def test_hours_at_two_places_set_at_once_put_nobody_in_both() -> None:
    centre, north = [LocationId(await factories.location(name)) for name in ("Centre", "North")]
    person = await nina(centre)
    await actions.set_hours(mean(), person, centre, TODAY, (CLOSED,) * 7)
    for day in range(3):
        since = NEXT_WEEK + timedelta(days=7 * day)
        refused = await at_once(
            actions.set_hours(mean(), person, centre, since, MORNINGS),
            actions.set_hours(mean(), person, north, since, MORNINGS),
        )
        assert [list(one.problems) for one in refused if isinstance(one, Invalid)] == [["location"]]
        for place in (centre, north):
            await actions.set_hours(mean(), person, place, since, (CLOSED,) * 7)


async def test_whole_days_off_are_taken_once_however_many_ask_at_once() -> None:
    person = await nina()
    refused = await at_once(*(actions.add_time_off(mean(), person, WEEK_OFF) for _ in range(20)))
    assert [problem.key for one in refused if isinstance(one, Invalid) for problem in one.problems.values()] == [
        "problem.off_already"
    ] * 19


DENTIST = actions.Away(TimeOffKind.OTHER, NEXT_WEEK, NEXT_WEEK, (540, 600))


async def test_of_the_same_hours_off_asked_for_at_once_one_is_written() -> None:
    person = await nina()
    other = int((await actions.add_time_off(mean(), person, replace(DENTIST, hours=(900, 960)))).result["time_off"])
    beside = (replace(DENTIST, hours=(570 + at, 660 + at)) for at in range(9))
    refused = await at_once(
        *(actions.add_time_off(mean(), person, DENTIST) for _ in range(10)),
        *(actions.add_time_off(mean(), person, one) for one in beside),
        actions.change_time_off(mean(), other, 1, DENTIST),
    )
    assert [problem.key for one in refused if isinstance(one, Invalid) for problem in one.problems.values()] == [
        "problem.hours_off_already"
    ] * 19
    rows = (await everything())["time_off"]
    assert len(rows) == 2 - (rows[0][5:7] == (540, 600))


@pytest.mark.parametrize(
    ("first", "then", "field", "key"),
    [
        (DENTIST, DENTIST, "hours", "problem.hours_off_already"),
        (DENTIST, WEEK_OFF, "first", "problem.off_in_part"),
        (WEEK_OFF, DENTIST, "hours", "problem.hours_off_already"),
        (WEEK_OFF, replace(WEEK_OFF, last=NEXT_WEEK), "first", "problem.off_already"),
        (replace(DENTIST, hours=(1320, 1560)), replace(WEEK_OFF, first=NEXT_WEEK + timedelta(days=1)), "first",
         "problem.off_in_part"),
    ],
    ids=["hours twice", "days over hours", "hours within days", "days twice", "past midnight"],
)  # fmt: skip
async def test_nobody_is_away_twice_at_once(first: actions.Away, then: actions.Away, field: str, key: str) -> None:
    person = await nina()
    off = int((await actions.add_time_off(mean(), person, first)).result["time_off"])
    with pytest.raises(Invalid) as refused:
        await actions.add_time_off(mean(), person, then)
    assert {name: one.key for name, one in refused.value.problems.items()} == {field: key}
    assert (await actions.change_time_off(mean(), off, 1, replace(first, note="moved"))).result["time_off"] == off
    gone = await actions.remove_time_off(mean(), off)
    await actions.add_time_off(mean(), person, then)
    with pytest.raises(Invalid):
        await undo(mean(), gone.operation_id)


async def test_hours_off_that_touch_are_two() -> None:
    person = await nina()
    for hours in ((540, 600), (600, 660), (480, 540)):
        await actions.add_time_off(mean(), person, replace(DENTIST, hours=hours))
    assert await db.fetchval("SELECT count(*) FROM time_off WHERE retired_at IS NULL") == 3


async def test_times_off_that_overlapped_of_old_are_kept_and_get_no_third(as_owner: asyncpg.Connection) -> None:
    person = await nina()
    off = int((await actions.add_time_off(mean(), person, DENTIST)).result["time_off"])
    copy = (
        "INSERT INTO time_off (bookable, kind, first, last, from_minute, to_minute, version, operation)"
        " SELECT bookable, kind, first, last, from_minute, to_minute, version, operation FROM time_off WHERE id = $1"
    )
    with pytest.raises(asyncpg.ExclusionViolationError):
        await db.execute(copy, off)
    await as_owner.execute("ALTER TABLE time_off DISABLE TRIGGER apart")
    await db.execute(copy, off)
    await as_owner.execute("ALTER TABLE time_off ENABLE TRIGGER apart")
    await actions.change_time_off(mean(), off, 1, replace(DENTIST, note="the same as the other"))
    with pytest.raises(Invalid):
        await actions.change_time_off(mean(), off, 2, replace(DENTIST, hours=(550, 620)))
    await actions.change_time_off(mean(), off, 2, replace(DENTIST, hours=(600, 620)))
    with pytest.raises(Invalid):
        await actions.change_time_off(mean(), off, 3, DENTIST)


async def test_hours_come_to_a_location_before_it_closes_or_not_at_all() -> None:
    centre = LocationId(await factories.location("Centre"))
    person = await nina(centre)
    for at in range(5):
        north = LocationId(await factories.location(f"North {at}"))
        refused: list[DomainError] = await at_once(
            business.close_location(mean(), north), actions.set_hours(mean(), person, north, TODAY, EVENINGS)
        )
        assert [type(one) for one in refused] in ([], [Invalid])
        there = await db.fetchval("SELECT count(*) FROM schedule WHERE location = $1", north)
        assert there == 1 - len(refused)


async def test_a_plan_names_the_holidays_of_the_places_where_somebody_works() -> None:
    centre = LocationId(await factories.location("Centre", zone="Europe/Moscow"))
    north = LocationId(await factories.location("North", zone="Asia/Yekaterinburg"))
    person = await nina(centre)
    await factories.holiday(TODAY, location=north, name="Day of the North")
    await factories.holiday(TODAY + timedelta(days=1), location=centre, name="Day of the Centre")
    await factories.holiday(TODAY + timedelta(days=2), name="Day of all")
    days = (await queries.plan([person], TODAY, 3))[person]
    assert [day.holidays for day in days] == [{}, {centre: {"en": "Day of the Centre"}}, {centre: {"en": "Day of all"}}]
    assert [len(day.shifts) for day in days] == [1, 0, 0]


async def test_of_two_who_take_back_the_same_hours_one_is_told_that_they_are_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = LocationId(await factories.location())
    await actions.set_hours(mean(), await nina(place), place, NEXT_WEEK, MORNINGS)
    found = await meet(monkeypatch, _withdraw(NEXT_WEEK), _withdraw(NEXT_WEEK))
    assert [type(one) for one in found] == [Outcome, NotFound]


async def test_hours_set_while_those_of_their_day_are_undone_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    place = LocationId(await factories.location())
    person = await nina(place)
    done = await actions.set_hours(mean(), person, place, NEXT_WEEK, EVENINGS)
    setting = actions.set_hours(mean(), person, place, NEXT_WEEK, MORNINGS)
    found = await meet(monkeypatch, undo(mean(), done.operation_id), setting)
    assert [type(one) for one in found] == [Outcome, Outcome]
    latest = (await queries.schedules(person))[0]
    assert (latest.valid_from, latest.hours) == (NEXT_WEEK, MORNINGS)


async def test_an_undo_of_hours_and_others_set_at_once_put_nobody_in_two_places(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    centre, north = [LocationId(await factories.location(name)) for name in ("Centre", "North")]
    person = await nina(centre)
    await actions.set_hours(mean(), person, centre, TODAY, MORNINGS)
    away = await actions.set_hours(mean(), person, centre, TODAY, (CLOSED,) * 7)
    await actions.set_hours(mean(), person, north, TODAY, (CLOSED,) * 7)
    setting = actions.set_hours(mean(), person, north, TODAY, MORNINGS)
    found = await meet(monkeypatch, undo(mean(), away.operation_id), setting)
    assert [type(one) for one in found] == [Outcome, Invalid]


async def test_the_database_lets_hours_of_one_person_change_one_after_the_other(as_owner: asyncpg.Connection) -> None:
    centre, north = [LocationId(await factories.location(name)) for name in ("Centre", "North")]
    person = await nina(centre)
    await actions.set_hours(mean(), person, centre, TODAY, (CLOSED,) * 7)
    await actions.set_hours(mean(), person, north, TODAY, (CLOSED,) * 7)
    setting = "UPDATE schedule SET hours = NULL WHERE location = $1"
    held = as_owner.transaction()
    await held.start()
    await as_owner.execute(setting, centre)
    other = asyncio.ensure_future(db.execute(setting, north))
    await waits(other)
    assert not other.done()
    await held.rollback()
    assert await other == "UPDATE 1"


EVENING = datetime(2026, 5, 12, 22, tzinfo=UTC)
"""The twelfth of May in London (22:00 with an hour of summer time), and the thirteenth in Moscow."""
TWELFTH, THIRTEENTH = date(2026, 5, 12), date(2026, 5, 13)


def then() -> Intent:
    return replace(mean(), now=EVENING)


@pytest.fixture
async def zones() -> tuple[LocationId, LocationId]:
    """Moscow, which is the first location, and London."""
    return (
        LocationId(await factories.location("Moscow", zone="Europe/Moscow")),
        LocationId(await factories.location("London", zone="Europe/London")),
    )


@pytest.mark.parametrize(("at", "on", "past"), [(0, TWELFTH, True), (0, THIRTEENTH, False), (1, TWELFTH, False)])
async def test_hours_begin_on_a_date_that_is_not_over_at_their_location(
    zones: tuple[LocationId, LocationId], at: int, on: date, past: bool
) -> None:
    person = await nina(zones[0])
    setting = actions.set_hours(then(), person, zones[at], on, (CLOSED,) * 7)
    if not past:
        await setting
        return
    with pytest.raises(Invalid) as refused:
        await setting
    assert refused.value.problems["valid_from"].key == "problem.hours_past"


@pytest.mark.parametrize(("at", "begun"), [(0, True), (1, False)])
async def test_hours_are_taken_back_until_they_begin_at_their_location(
    zones: tuple[LocationId, LocationId], at: int, begun: bool
) -> None:
    await actions.set_hours(mean(), await nina(zones[at]), zones[at], THIRTEENTH, (CLOSED,) * 7)
    hours = await db.fetchval("SELECT id FROM schedule WHERE valid_from = $1", THIRTEENTH)
    if not begun:
        await actions.withdraw_hours(then(), hours)
        return
    with pytest.raises(ScheduleBegun):
        await actions.withdraw_hours(then(), hours)


@pytest.mark.parametrize(("at", "past"), [(0, True), (1, False)])
async def test_hours_are_undone_until_their_first_day_is_over_at_their_location(
    zones: tuple[LocationId, LocationId], at: int, past: bool
) -> None:
    done = await actions.set_hours(mean(), await nina(zones[at]), zones[at], THIRTEENTH, (CLOSED,) * 7)
    undoing = undo(replace(then(), now=EVENING + timedelta(days=1)), done.operation_id)
    if not past:
        await undoing
        return
    with pytest.raises(ScheduleBegun):
        await undoing


async def test_the_date_of_somebody_in_two_zones_is_the_earliest_that_is_not_over(
    zones: tuple[LocationId, LocationId],
) -> None:
    person = await nina(zones[0])
    assert await queries.today(person, EVENING) == THIRTEENTH
    await actions.set_hours(mean(), person, zones[1], TWELFTH + timedelta(days=30), (CLOSED,) * 7)
    assert await queries.today(person, EVENING) == TWELFTH
    assert await queries.today(await factories.bookable("Nobody"), EVENING) == THIRTEENTH
