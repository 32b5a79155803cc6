"""Locations, against the database."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from console.domain import db
from console.domain.business import actions, holidays, queries, steps
from console.domain.business.rules import CLOSED, parse_day
from console.domain.errors import HasDependants, Invalid, NotFound, Stale
from console.domain.ids import LocationId
from console.domain.undo import undo
from tests import factories
from tests.domain.business.conftest import Mean

WEEK = (parse_day("9-13, 14-20"), *([parse_day("9-18")] * 3), parse_day("20-2"), CLOSED, CLOSED)
CENTRE = actions.Place("Centre", "12 Tverskaya Street", "+74950000001", "Europe/Moscow", WEEK, 24)
NORTH = replace(CENTRE, name="North", zone="Asia/Yekaterinburg")


async def add(mean: Mean, place: actions.Place = CENTRE) -> LocationId:
    return LocationId((await actions.add_location(mean(), place)).result["location"])


async def names_of_open() -> list[str]:
    return [one.name for one in await queries.locations() if one.retired_at is None]


async def test_it_opens_a_location_with_everything_said_of_it(mean: Mean) -> None:
    one = await queries.location(await add(mean))
    assert actions.Place(one.name, one.address, one.phone, one.zone, one.hours, one.notice_hours) == CENTRE
    assert one.retired_at is None


async def test_the_first_open_location_is_home(mean: Mean) -> None:
    assert (await queries.business()).zone == ZoneInfo("UTC")
    centre = await add(mean)
    await add(mean, NORTH)
    assert (await queries.business()).zone == ZoneInfo("Europe/Moscow")
    await actions.close_location(mean(), centre)
    assert (await queries.business()).zone == ZoneInfo("Asia/Yekaterinburg")


async def test_a_change_is_kept_and_can_be_undone(mean: Mean) -> None:
    centre = await add(mean)
    later = replace(CENTRE, hours=(parse_day("24/7"),) * 7, notice_hours=0)
    done = await actions.change_location(mean(), centre, 1, later)
    assert ((await queries.location(centre)).hours, (await queries.location(centre)).notice_hours) == (later.hours, 0)
    await undo(mean(), done.operation_id)
    assert (await queries.location(centre)).hours == WEEK


async def test_an_older_version_does_not_overwrite_a_newer_one(mean: Mean) -> None:
    centre = await add(mean)
    await actions.change_location(mean(), centre, 1, replace(CENTRE, notice_hours=12))
    with pytest.raises(Stale):
        await actions.change_location(mean(), centre, 1, replace(CENTRE, notice_hours=48))
    assert (await queries.location(centre)).notice_hours == 12


async def test_two_open_locations_do_not_share_a_name_whatever_its_case(mean: Mean) -> None:
    await add(mean)
    with pytest.raises(Invalid) as refused:
        await add(mean, replace(CENTRE, name="CENTRE"))
    assert refused.value.problems["name"].key == "problem.location_taken"


async def test_hours_that_run_into_the_next_day_s_are_refused_at_their_day(mean: Mean) -> None:
    week = (*WEEK[:5], parse_day("1-9"), CLOSED)
    with pytest.raises(Invalid) as refused:
        await add(mean, replace(CENTRE, hours=week))
    assert list(refused.value.problems) == ["friday"]
    assert await db.fetchval("SELECT count(*) FROM location") == 0


async def test_the_last_open_location_stays_open(mean: Mean) -> None:
    centre, north = await add(mean), await add(mean, NORTH)
    await actions.close_location(mean(), centre)
    with pytest.raises(steps.LastLocation):
        await actions.close_location(mean(), north)
    assert await names_of_open() == ["North"]


async def test_two_who_close_the_last_two_at_once_do_not_both_succeed(mean: Mean) -> None:
    ids = [await add(mean), await add(mean, NORTH)]
    done = await asyncio.gather(*(actions.close_location(mean(), one) for one in ids), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["LastLocation", "Outcome"]
    assert len(await names_of_open()) == 1


async def test_a_closed_location_can_be_opened_again_and_both_can_be_undone(mean: Mean) -> None:
    centre = await add(mean)
    await add(mean, NORTH)
    closed = await actions.close_location(mean(), centre)
    await undo(mean(), closed.operation_id)
    assert await names_of_open() == ["Centre", "North"]
    await actions.close_location(mean(), centre)
    await actions.reopen_location(mean(), centre)
    assert await names_of_open() == ["Centre", "North"]


async def test_it_is_not_opened_again_while_another_one_has_its_name(mean: Mean) -> None:
    centre = await add(mean)
    await add(mean, NORTH)
    await actions.close_location(mean(), centre)
    await add(mean, replace(NORTH, name="centre"))
    with pytest.raises(Invalid) as refused:
        await actions.reopen_location(mean(), centre)
    assert list(refused.value.problems) == ["name"]


async def test_the_first_location_may_be_undone_but_not_when_it_would_be_the_last_one_open(mean: Mean) -> None:
    first = await actions.add_location(mean(), CENTRE)
    taken_back = await undo(mean(), first.operation_id)
    assert await names_of_open() == []
    await undo(mean(), taken_back.operation_id)
    second = await actions.add_location(mean(), NORTH)
    await actions.close_location(mean(), LocationId(first.result["location"]))
    with pytest.raises(steps.LastLocation):
        await undo(mean(), second.operation_id)
    assert await names_of_open() == ["North"]


async def test_a_location_with_a_holiday_of_its_own_is_not_undone_behind_its_back(mean: Mean) -> None:
    await add(mean)
    done = await actions.add_location(mean(), NORTH)
    north = LocationId(done.result["location"])
    await holidays.add_holiday(mean(), holidays.DayOff(factories.date(2026, 6, 1), {"en": "Repairs"}, north, CLOSED))
    with pytest.raises(HasDependants):
        await undo(mean(), done.operation_id)


@pytest.mark.usefixtures("database")
async def test_what_is_not_there_cannot_be_closed_or_opened(mean: Mean) -> None:
    for act in (actions.close_location, actions.reopen_location):
        with pytest.raises(NotFound):
            await act(mean(), LocationId(404))
    with pytest.raises(NotFound):
        await queries.location(404)


@pytest.mark.parametrize(
    "day",
    [
        None,
        {},
        "9-18",
        [540, 1080],
        [[540]],
        [[540, 1080, 1200]],
        [["540", "1080"]],
        [[None, None]],
        [[540.5, 1080]],
        [[1080, 540]],
        [[540, 540]],
        [[-1, 540]],
        [[1440, 1500]],
        [[540, 1981]],
        [[540, 780], [780, 900]],
        [[840, 1200], [540, 780]],
    ],
)
async def test_the_database_itself_refuses_hours_that_the_rules_could_not_have_made(database: None, day: Any) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await factories.location(hours=json.dumps([[], [], [], day, [], [], []]))
    with pytest.raises(asyncpg.PostgresError):
        await factories.holiday(hours=json.dumps(day))
