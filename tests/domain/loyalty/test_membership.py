"""Membership: who accepted which version of the programme's rules, and when."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import asyncpg
import pytest

from console.domain import db
from console.domain.errors import HasDependants, NotFound
from console.domain.ids import ClientId, MembershipId
from console.domain.loyalty import actions, membership, queries
from console.domain.loyalty.membership import OtherRules
from console.domain.loyalty.presets import both
from console.domain.undo import undo
from tests import factories
from tests.cast import ANNA, NOW, VERA
from tests.yard import intent

TODAY = NOW.date()
USUAL = 200_000


@pytest.fixture
async def client(database: None) -> ClientId:
    """A client; nothing is in force yet."""
    await factories.staff(ANNA)
    await factories.staff(VERA)
    return ClientId(await factories.client())


async def published(on: date) -> int:
    if await queries.draft() is None:
        await actions.start_draft(intent(VERA), both(USUAL))
    one = await queries.draft()
    assert one is not None
    await actions.publish(intent(VERA), one.id, one.version, on)
    return (await queries.by_id(one.id)).number or 0


async def accepted(client: ClientId) -> int | None:
    found = await queries.membership(client)
    return found and found.number


async def test_the_front_desk_notes_that_a_client_accepts_the_rules_in_force(client: ClientId) -> None:
    number = await published(TODAY)
    assert await queries.membership(client) is None
    await membership.join(intent(ANNA), client, number)
    found = await queries.membership(client)
    assert found is not None
    assert (found.number, found.at, found.actor) == (1, NOW, ANNA.id)


async def test_rules_that_are_not_in_force_are_not_accepted(client: ClientId) -> None:
    for number in (0, 1):
        with pytest.raises(OtherRules):
            await membership.join(intent(ANNA), client, number)
    await published(TODAY)
    later = await published(TODAY + timedelta(1))
    with pytest.raises(OtherRules):
        await membership.join(intent(ANNA), client, later)
    assert await accepted(client) is None


async def test_the_same_rules_accepted_again_are_noted_once(client: ClientId) -> None:
    await published(TODAY)
    await asyncio.gather(*(membership.join(intent(ANNA), client, 1) for _ in range(5)))
    assert await db.fetchval("SELECT count(*) FROM membership") == 1
    assert await db.fetchval("SELECT count(*) FROM operation WHERE kind = 'membership.join'") == 1


async def test_other_rules_accepted_later_take_the_place_of_those_before_and_an_undo_brings_these_back(
    client: ClientId, as_superuser: asyncpg.Connection
) -> None:
    await published(TODAY)
    first = await membership.join(intent(ANNA), client, 1)
    await published(TODAY + timedelta(1))
    await as_superuser.execute("SET session_replication_role = replica")
    await as_superuser.execute("UPDATE programme_version SET effective_from = effective_from - 2")
    done = await membership.join(intent(ANNA), client, 2)
    assert await accepted(client) == 2
    with pytest.raises(HasDependants):
        await undo(intent(ANNA), first.operation_id)
    await undo(intent(ANNA), done.operation_id)
    assert await accepted(client) == 1
    rows = await db.fetch("SELECT number FROM membership ORDER BY id")
    assert [row["number"] for row in rows] == [1, 2]


async def test_a_client_takes_it_back_and_joins_again(client: ClientId) -> None:
    await published(TODAY)
    one = MembershipId((await membership.join(intent(ANNA), client, 1)).result["accepted"])
    left = await membership.leave(intent(ANNA), client, one)
    assert await accepted(client) is None
    with pytest.raises(NotFound):
        await membership.leave(intent(ANNA), client, one)
    await undo(intent(ANNA), left.operation_id)
    assert await accepted(client) == 1
    await membership.leave(intent(ANNA), client, one)
    await membership.join(intent(ANNA), client, 1)
    assert await accepted(client) == 1


async def test_what_another_client_accepted_is_not_taken_back_for_one(client: ClientId) -> None:
    await published(TODAY)
    one = MembershipId((await membership.join(intent(ANNA), client, 1)).result["accepted"])
    with pytest.raises(NotFound):
        await membership.leave(intent(ANNA), ClientId(await factories.client()), one)
    assert await accepted(client) == 1


@pytest.mark.parametrize("change", ["number = 2", "at = now()", "client = client + 1"])
async def test_the_database_keeps_what_was_accepted(
    client: ClientId, change: str, as_owner: asyncpg.Connection
) -> None:
    await published(TODAY)
    await membership.join(intent(ANNA), client, 1)
    for statement in (f"UPDATE membership SET {change}", "DELETE FROM membership"):
        with pytest.raises(asyncpg.RestrictViolationError, match="stays as it was"):
            await as_owner.execute(statement)


async def test_the_database_knows_no_rules_that_were_never_published(client: ClientId) -> None:
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await factories._insert("membership", client=client, number=7, at=NOW)
