"""`console migrate`: twice is nothing, several at once are safe, killed is nothing lost, and what it refuses."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count
from pathlib import Path

import asyncpg
import pytest

from console import embedded, migrate
from console.config import Settings
from console.domain import db
from console.migrate import MigrationError
from console.schema import AGREED, described
from tests.patience import PATIENCE
from tests.server import Keeper, settings_for

ROOT = Path(__file__).parents[2]
New = Callable[..., Awaitable[Settings]]
numbers = count(1)

APART = ["id", "operation", "at", "ran_on"]


@pytest.fixture
async def new_database(keeper: Keeper) -> AsyncIterator[New]:
    """Make an empty database; options of CREATE DATABASE may be given."""
    made = []

    async def make(options: str = f"OWNER {embedded.OWNER}") -> Settings:
        made.append(f"migrating_{next(numbers)}")
        await keeper.superuser(f"CREATE DATABASE {made[-1]} {options}")
        return settings_for(keeper.server, made[-1])

    yield make
    for name in made:
        await keeper.superuser(f"DROP DATABASE {name} WITH (FORCE)")


async def run(settings: Settings) -> None:
    await asyncio.to_thread(migrate.run, settings)


async def start(settings: Settings, stop_before: str = "0") -> asyncio.subprocess.Process:
    urls = {"DATABASE_URL": settings.database_url, "DATABASE_OWNER_URL": settings.database_owner_url}
    command = (sys.executable, "-m", "tests.domain.migrating", stop_before)
    return await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=os.environ | urls, stdout=PIPE, stderr=PIPE)


async def contents(settings: Settings) -> dict[str, list[str]]:
    """The schema, and the rows of every table but for times and numbers that were used up."""
    connection = await asyncpg.connect(settings.database_owner_url)
    try:
        found = {"schema": (await described(connection)).splitlines()}
        for table in migrate.GRANTS:
            rows = await connection.fetch(f"SELECT to_jsonb(t) - $1::text[] FROM {table} t ORDER BY 1", APART)
            found[table] = [row[0] for row in rows]
        return found
    finally:
        await connection.close()


@pytest.fixture
async def expected(keeper: Keeper, new_database: New) -> dict[str, list[str]]:
    """What `migrate` leaves of a new database."""
    settings = await new_database()
    await run(settings)
    return await contents(settings)


async def test_a_new_database_gets_the_agreed_schema_and_what_everything_starts_from(
    expected: dict[str, list[str]], new_database: New
) -> None:
    agreed = [line for line in AGREED.read_text().splitlines() if line]
    assert [line for line in expected["schema"] if line] == agreed
    assert expected["actor"] == [f'{{"kind": "{kind}"}}' for kind in ("client", "demo", "system", "terminal")]
    assert len(expected["business"]) == len(expected["operation"]) == 1
    assert expected["staff"] == []


async def test_migrating_twice_is_nothing(expected: dict[str, list[str]], new_database: New) -> None:
    settings = await new_database()
    for _ in range(3):
        await run(settings)
    assert await contents(settings) == expected


async def test_several_at_once_migrate_once(expected: dict[str, list[str]], new_database: New) -> None:
    settings = await new_database()
    processes = await asyncio.gather(*(start(settings) for _ in range(4)))
    said = await asyncio.gather(*(process.communicate() for process in processes))
    assert [process.returncode for process in processes] == [0] * 4, said
    assert await contents(settings) == expected


async def test_killed_anywhere_it_is_completed_by_the_next_run(
    expected: dict[str, list[str]], new_database: New
) -> None:
    settings = await new_database()
    whole = await start(settings)
    output, errors = await whole.communicate()
    assert whole.returncode == 0, errors
    statements = int(output)
    assert statements > 100
    between = [str(statements * part // 5) for part in range(1, 5)]
    for stop_before in [*between, 'INSERT INTO "migration"', "UPDATE operation SET result", "GRANT SELECT, INSERT ON"]:
        settings = await new_database()
        process = await start(settings, stop_before)
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            assert await process.stdout.readline() == b"stopped\n"
            process.kill()
            await process.communicate()
            await run(settings)
        assert await contents(settings) == expected, f"killed before statement {stop_before} of {statements}"


async def test_a_database_of_a_newer_version_is_refused_and_left_as_it_was(
    expected: dict[str, list[str]], new_database: New
) -> None:
    settings = await new_database()
    await run(settings)
    owner = await asyncpg.connect(settings.database_owner_url)
    await owner.execute("INSERT INTO migration (name, app_name) VALUES ('2999-01-01T00:00:00:000000', 'console')")
    before = await contents(settings)
    with pytest.raises(MigrationError, match=r"newer version of Fifth Visit \(2999-01-01.*install that version"):
        await run(settings)
    assert await contents(settings) == before
    await owner.execute("DELETE FROM migration WHERE name LIKE '2999%'")
    await owner.close()
    await run(settings)


async def test_a_database_that_knows_operations_of_a_newer_version_is_refused(new_database: New) -> None:
    settings = await new_database()
    await run(settings)
    connection = await asyncpg.connect(settings.database_owner_url)
    await connection.execute("INSERT INTO operation_kind (name) VALUES ('of.tomorrow')")
    await connection.close()
    with pytest.raises(MigrationError, match=r"of\.tomorrow"):
        await run(settings)


async def test_a_database_that_cannot_search_cyrillic_is_refused_before_anything_is_made(new_database: New) -> None:
    settings = await new_database(
        f"OWNER {embedded.OWNER} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C'"
    )
    with pytest.raises(MigrationError, match=r"cannot search Cyrillic.*C\.UTF-8"):
        await run(settings)
    owner = await asyncpg.connect(settings.database_owner_url)
    assert await owner.fetch("SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace") == []
    await owner.close()


async def test_extensions_that_it_may_not_make_are_asked_of_a_superuser(new_database: New) -> None:
    settings = await new_database("")
    with pytest.raises(MigrationError, match="as a superuser run CREATE EXTENSION btree_gist"):
        await run(settings)


@pytest.mark.parametrize(("oldest", "newest"), [(1, 14), (19, 99)])
async def test_a_server_of_another_version_is_refused(
    oldest: int, newest: int, new_database: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "OLDEST", oldest)
    monkeypatch.setattr(migrate, "NEWEST", newest)
    with pytest.raises(MigrationError, match=f"give a server of version {oldest} to {newest}"):
        await run(await new_database())


async def test_without_an_address_it_says_which_setting_is_missing() -> None:
    with pytest.raises(MigrationError, match="DATABASE_URL"):
        await run(Settings())


async def test_one_role_for_both_needs_no_grants(new_database: New) -> None:
    settings = await new_database()
    assert settings.database_owner_url
    await run(Settings(database_url=settings.database_owner_url, database_owner_url=settings.database_owner_url))
    owner = await asyncpg.connect(settings.database_owner_url)
    grants = "SELECT FROM pg_class c, aclexplode(relacl) WHERE relname = 'operation' AND grantee <> c.relowner"
    assert await owner.fetch(grants) == []
    await owner.close()


async def test_rights_that_were_given_by_hand_are_taken_back(expected: dict[str, list[str]], new_database: New) -> None:
    settings = await new_database()
    await run(settings)
    owner = await asyncpg.connect(settings.database_owner_url)
    await owner.execute(f"GRANT ALL ON operation, refusal TO {embedded.APPLICATION}")
    await owner.execute(f"GRANT UPDATE (key) ON refusal TO {embedded.APPLICATION}")
    await owner.close()
    await run(settings)
    assert await contents(settings) == expected


async def test_a_database_that_has_lost_a_guarantee_is_refused(new_database: New) -> None:
    settings = await new_database()
    await run(settings)
    owner = await asyncpg.connect(settings.database_owner_url)
    await owner.execute("ALTER TABLE occupancy DROP CONSTRAINT occupancy_excl")
    await owner.close()
    with pytest.raises(MigrationError, match="occupancy: constraint occupancy_excl"):
        await run(settings)


async def test_a_failing_migration_leaves_the_database_as_it_was(
    new_database: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    from console.migrations import m0002_guarantees

    broken = (*m0002_guarantees.STATEMENTS[:20], "SELECT 1 / 0")
    monkeypatch.setattr(m0002_guarantees, "STATEMENTS", broken)
    settings = await new_database()
    with pytest.raises(asyncpg.DivisionByZeroError):
        await run(settings)
    assert db.ENGINE.pool is None
    owner = await asyncpg.connect(settings.database_owner_url)
    assert [row["name"] for row in await owner.fetch("SELECT name FROM migration")] == ["2026-11-23T09:00:00:000001"]
    assert await owner.fetch("SELECT FROM pg_trigger WHERE NOT tgisinternal") == []
    await owner.close()
