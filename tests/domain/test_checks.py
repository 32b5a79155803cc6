"""What the doctor looks at finds nothing in what the console itself can do."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date

import asyncpg
import pytest

from console.domain import db
from console.domain.audit import checks as audit
from console.domain.business import actions, checks, holidays
from console.domain.business.tables import Location
from console.domain.clients.tables import ClientProfile
from console.domain.ids import HolidayId, LocationId
from console.domain.running import Operation
from console.domain.tables import Entity
from tests import factories
from tests.domain import deeds
from tests.domain.business.conftest import Mean, mean  # noqa: F401
from tests.domain.business.test_locations import CENTRE, NORTH
from tests.domain.deeds import intent


@pytest.mark.usefixtures("kernel")
async def test_an_operation_that_began_first_and_edited_last_is_the_last_one() -> None:
    location = (await deeds.open_location(intent(), "Centre")).result["location"]
    begun, edited = asyncio.Event(), asyncio.Event()

    async def slow(op: Operation) -> None:
        begun.set()
        await edited.wait()
        await op.update(Location, location, None, {"name": "South"})

    first = asyncio.create_task(deeds.script(intent(), slow))
    await begun.wait()
    second = await deeds.edit(intent(), location, {"name": "North"})
    edited.set()
    assert (await first).operation_id < second.operation_id
    assert [one for one in await audit.last_operations_match_the_trail() if "location" in one] == []


async def test_a_holiday_that_a_closed_location_had_may_be_renamed_there(mean: Mean) -> None:  # noqa: F811
    centre = LocationId((await actions.add_location(mean(), CENTRE)).result["location"])
    await actions.add_location(mean(), NORTH)
    day = holidays.DayOff(date(2026, 6, 12), {"en": "A day off"}, centre, ())
    holiday = HolidayId((await holidays.add_holiday(mean(), day)).result["holiday"])
    await actions.close_location(mean(), centre)
    later = replace(mean(), now=mean().now.replace(year=2027))
    await holidays.change_holiday(later, holiday, 1, replace(day, names={"en": "Day of the river"}))
    assert await checks.closed_locations_rest() == []


STRIP = "UPDATE former SET values = values - 'name'"
FORGED = '{"name": "Forged"}'


@pytest.mark.usefixtures("kernel")
@pytest.mark.parametrize(
    "statement",
    [
        STRIP,
        """UPDATE former SET values = '{"name": "Forged"}'""",
        "UPDATE former SET change = 1",
        "DELETE FROM former",
    ],
)
async def test_former_values_stay_as_they_are_outside_of_an_erasure(statement: str) -> None:
    location = (await deeds.open_location(intent(), "Centre")).result["location"]
    await deeds.edit(intent(), location, {"name": "South"})

    async def strip(op: Operation) -> None:
        await db.execute(statement)

    for attempt in (deeds.script(intent(), strip), db.execute(statement)):
        with pytest.raises((asyncpg.RestrictViolationError, asyncpg.InsufficientPrivilegeError)):
            await attempt
    assert await db.fetchval("SELECT values ->> 'name' FROM former") == "Centre"


@pytest.fixture
async def renamed(kernel: None) -> int:
    """A client who had another name and another language before."""
    client = await factories.client("Zoe", "Lind", language="en")
    profile = await db.fetchval("SELECT id FROM client_profile")

    async def rename(op: Operation) -> None:
        await op.update(ClientProfile, profile, None, {"given_name": "Chloe", "language": "ru"})

    await deeds.script(intent(), rename)
    return client


NAMELESS = "UPDATE former SET values = values - 'given_name'"


async def test_an_erasure_takes_former_values_away_and_writes_none(renamed: int) -> None:
    with pytest.raises(asyncpg.RestrictViolationError):
        await _erasing(renamed, f"UPDATE former SET values = values || '{FORGED}'")
    await _erasing(renamed, NAMELESS)
    assert await db.fetchval("SELECT values FROM former") == '{"language": "en"}'


@pytest.mark.parametrize("values", ["'{}'", "values - 'language'"])
async def test_an_erasure_takes_no_former_values_that_do_not_say_who_somebody_is(renamed: int, values: str) -> None:
    with pytest.raises(asyncpg.RestrictViolationError, match="by an erasure only"):
        await _erasing(renamed, f"UPDATE former SET values = {values}")


async def test_an_erasure_takes_the_former_values_of_nobody_else_away(renamed: int) -> None:
    for client in (None, await factories.client("Adam", "Lind")):
        with pytest.raises(asyncpg.RestrictViolationError, match="of whose they were"):
            await _erasing(client, NAMELESS)
    assert await db.fetchval("SELECT values ->> 'given_name' FROM former") == "Zoe"


async def test_an_erasure_takes_no_former_values_of_what_belongs_to_no_client(renamed: int) -> None:
    location = (await deeds.open_location(intent(), "Centre")).result["location"]
    await deeds.edit(intent(), location, {"name": "South"})
    with pytest.raises(asyncpg.RestrictViolationError, match="by an erasure only"):
        await _erasing(renamed, STRIP)


async def test_the_database_knows_which_columns_say_who_somebody_is(database: None) -> None:
    assert Entity.personal
    for name, table in Entity.by_name.items():
        known = await db.fetchval("SELECT personal_columns($1)", name)
        assert sorted(known) == sorted(Entity.personal.get(name, ())), name
        assert not known or "client" in {column._meta.name for column in table._meta.columns}


async def _erasing(client: int | None, statement: str) -> None:
    async with db.ENGINE.transaction():
        begun = await db.fetchval(
            "INSERT INTO operation (kind, actor, intent_id, payload_hash, at)"
            " VALUES ('client.erase', $1, gen_random_uuid(), sha256(''), now()) RETURNING id",
            intent().actor.id,
        )
        await db.execute(statement)
        await db.execute("UPDATE client SET retired_at = now(), erased_at = now() WHERE id = $1", client)
        await db.execute("UPDATE operation SET result = '{}' WHERE id = $1", begun)
