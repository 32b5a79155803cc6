"""What an older database knows of links that are no longer good."""

from __future__ import annotations

from uuid import uuid4

import asyncpg

from console.domain import clock, db
from console.domain.ids import ActorId
from console.domain.intent import Actor, Intent
from console.domain.secret import Aside, Secret
from console.domain.team import passwords, queries
from console.domain.team.rules import Permission
from console.migrations import m0116_links_end_guarantees as migration
from tests import factories
from tests.cast import ANNA, VERA, Person

CHOOSING = frozenset({Permission.PASSWORD_CHOOSE})


async def ask(person: Person) -> str:
    await passwords.ask_reset(Intent(uuid4(), passwords.ANYBODY, clock.now()), Aside(person.email))
    return str(await db.fetchval("SELECT token FROM staff_mail ORDER BY id DESC LIMIT 1"))


async def choose(person: Person, token: str) -> None:
    link = await queries.link(token, clock.now())
    assert link is not None
    intent = Intent(uuid4(), Actor(ActorId(person.id), CHOOSING), clock.now())
    await passwords.choose_password(intent, link, Secret(token), Secret("an entirely new sentence"))


async def test_a_link_that_ended_alone_as_a_password_was_chosen_was_used_and_of_others_nothing_is_known(
    database: None, as_owner: asyncpg.Connection
) -> None:
    for person, links in ((ANNA, 1), (VERA, 2)):
        await factories.staff(person)
        tokens = [await ask(person) for _ in range(links)]
        await choose(person, tokens[0])
    told = "SELECT array_agg(ended ORDER BY id) FROM staff_token"
    assert await as_owner.fetchval(told) == ["used", "used", "withdrawn"]
    whole = as_owner.transaction()
    await whole.start()
    await as_owner.execute("ALTER TABLE staff_token DROP CONSTRAINT staff_token_ended_check, DROP COLUMN ended")
    for statement in migration.STATEMENTS:
        await as_owner.execute(statement)
    assert await as_owner.fetchval(told) == ["used", None, None]
    await whole.rollback()
