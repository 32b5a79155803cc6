"""Where an owner can sign in, one remains: the database itself sees to it, whoever writes, and however many at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from console import embedded
from console.domain import db
from console.domain.errors import Invalid
from console.domain.ids import StaffId
from console.domain.intent import TERMINAL, Intent
from console.domain.team import accounts, steps
from console.domain.team.rules import Role
from tests import factories
from tests.cast import NOW, OLEG, VERA, Person
from tests.meeting import waits

pytestmark = pytest.mark.usefixtures("database")

RITA = Person(21, "Rita Owner", "rita@fifth.example", OLEG.role, "en")
LEAVES = {
    "another role": "UPDATE staff SET role = 'manager' WHERE id = $1",
    "gone": "UPDATE staff SET retired_at = now() WHERE id = $1",
    "no password": "UPDATE staff SET password_hash = NULL WHERE id = $1",
}
OWNERS = "SELECT count(*) FROM staff WHERE role = 'owner' AND retired_at IS NULL AND password_hash IS NOT NULL"


@pytest.fixture
async def two(postgres_server: embedded.Postgres) -> AsyncIterator[tuple[asyncpg.Connection, asyncpg.Connection]]:
    """Two connections of the application's role."""
    made = [await asyncpg.connect(postgres_server.app_url) for _ in range(2)]
    yield made[0], made[1]
    for one in made:
        await one.close()


def refused() -> pytest.RaisesExc[asyncpg.CheckViolationError]:
    return pytest.raises(
        asyncpg.CheckViolationError, check=lambda error: error.constraint_name == "staff_owner_remains"
    )


@pytest.mark.parametrize("leaves", LEAVES.values(), ids=LEAVES)
async def test_the_applications_role_cannot_take_the_last_owner_away(leaves: str) -> None:
    await factories.staff(OLEG)
    await factories.staff(RITA, retired_at=NOW)
    with refused():
        await db.execute(leaves, OLEG.id)
    assert await db.fetchval(OWNERS) == 1


@pytest.mark.parametrize("statement", ["UPDATE staff SET role = 'support'", "UPDATE staff SET retired_at = now()"])
async def test_nor_all_owners_in_one_statement(statement: str) -> None:
    for person in (OLEG, RITA, VERA):
        await factories.staff(person)
    with refused():
        await db.execute(statement)
    assert await db.fetchval(OWNERS) == 2


async def test_nor_can_the_owner_of_the_tables_delete_them(as_owner: asyncpg.Connection) -> None:
    await factories.staff(OLEG)
    with refused():
        await as_owner.execute("DELETE FROM staff")
    assert await db.fetchval(OWNERS) == 1


@pytest.mark.parametrize("leaves", LEAVES.values(), ids=LEAVES)
async def test_of_two_owners_who_are_taken_away_at_once_one_stays(
    two: tuple[asyncpg.Connection, asyncpg.Connection], leaves: str
) -> None:
    await factories.staff(OLEG)
    await factories.staff(RITA)
    first, second = two
    await first.execute("BEGIN")
    await first.execute(leaves, OLEG.id)
    await second.execute("BEGIN")
    await second.execute(leaves, RITA.id)
    await first.execute("COMMIT")
    with refused():
        await second.execute("COMMIT")
    assert await db.fetchval(OWNERS) == 1


LEVELS = ["REPEATABLE READ", "SERIALIZABLE"]


@pytest.mark.parametrize("first_level", [*LEVELS, "READ COMMITTED"])
@pytest.mark.parametrize("level", LEVELS)
async def test_nor_do_both_go_where_the_second_saw_the_first_before(
    two: tuple[asyncpg.Connection, asyncpg.Connection], first_level: str, level: str
) -> None:
    await factories.staff(OLEG)
    await factories.staff(RITA)
    first, second = two
    for one, its, leaving in ((first, first_level, OLEG), (second, level, RITA)):
        await one.execute(f"BEGIN ISOLATION LEVEL {its}")
        await one.fetch("SELECT FROM staff")
        await one.execute(LEAVES["gone"], leaving.id)
    ended = [await _ends(one) for one in two]
    assert ended.count("left") <= 1
    assert await db.fetchval(OWNERS) >= 1


@pytest.mark.parametrize("level", LEVELS)
async def test_one_of_two_leaves_at_every_level(two: tuple[asyncpg.Connection, asyncpg.Connection], level: str) -> None:
    await factories.staff(OLEG)
    await factories.staff(RITA)
    first, _ = two
    await first.execute(f"BEGIN ISOLATION LEVEL {level}")
    await first.execute(LEAVES["gone"], OLEG.id)
    assert await _ends(first) == "left"
    assert await db.fetchval(OWNERS) == 1


async def _ends(one: asyncpg.Connection) -> str:
    try:
        await one.execute("COMMIT")
    except (asyncpg.SerializationError, asyncpg.LockNotAvailableError, asyncpg.CheckViolationError):
        return "refused"
    return "left"


async def test_who_leaves_second_waits_for_who_leaves_first(
    two: tuple[asyncpg.Connection, asyncpg.Connection],
) -> None:
    await factories.staff(OLEG)
    await factories.staff(RITA)
    first, second = two
    await first.execute("BEGIN")
    await first.execute(LEAVES["gone"], OLEG.id)
    await first.execute("SET CONSTRAINTS ALL IMMEDIATE")
    leaving = asyncio.ensure_future(second.execute(LEAVES["gone"], RITA.id))
    await waits(leaving)
    assert not leaving.done()
    await first.execute("COMMIT")
    with refused():
        await leaving
    assert await db.fetchval(OWNERS) == 1


async def test_one_owner_hands_over_to_another_in_any_order() -> None:
    await factories.staff(OLEG)
    await factories.staff(VERA)
    async with db.ENGINE.transaction():
        await db.execute(LEAVES["another role"], OLEG.id)
        await db.execute("UPDATE staff SET role = 'owner' WHERE id = $1", VERA.id)
    assert await db.fetchval("SELECT id FROM staff WHERE role = 'owner'") == VERA.id


async def test_an_invitation_that_nobody_accepted_owns_nothing() -> None:
    await factories.staff(OLEG)
    await factories.staff(RITA, password_hash=None)
    await db.execute(LEAVES["gone"], RITA.id)
    with refused():
        await db.execute(LEAVES["gone"], OLEG.id)
    assert await db.fetchval(OWNERS) == 1


async def test_in_a_demo_an_owner_without_a_password_is_one(as_owner: asyncpg.Connection) -> None:
    await as_owner.execute("UPDATE business SET demo = true")
    await factories.staff(OLEG, password_hash=None)
    await factories.staff(RITA, password_hash=None)
    await db.execute(LEAVES["gone"], OLEG.id)
    with refused():
        await db.execute(LEAVES["gone"], RITA.id)
    assert await db.fetchval("SELECT array_agg(id) FROM staff WHERE retired_at IS NULL") == [RITA.id]


async def test_a_first_start_has_no_staff_at_all_and_whoever_is_no_owner_may_leave() -> None:
    assert await db.fetchval("SELECT count(*) FROM staff") == 0
    await factories.staff(VERA)
    await db.execute(LEAVES["gone"], VERA.id)
    invited = await accounts.invite(Intent(uuid4(), TERMINAL, NOW), "Olga", "olga@fifth.example", Role.OWNER, None)
    await accounts.retire(Intent(uuid4(), TERMINAL, NOW), StaffId(invited.result["staff"]), None)
    assert await db.fetchval("SELECT count(*) FROM staff WHERE retired_at IS NULL") == 0


async def test_the_databases_refusal_has_the_words_of_the_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unguarded() -> None:
        """As if the use case had forgotten to look."""

    monkeypatch.setattr(steps, "keep_an_owner", unguarded)
    await factories.staff(OLEG)
    with pytest.raises(Invalid) as found:
        await accounts.retire(Intent(uuid4(), TERMINAL, NOW), StaffId(OLEG.id), None)
    assert {name: problem.key for name, problem in found.value.problems.items()} == {"role": "problem.last_owner"}
    assert await db.fetchval(OWNERS) == 1
