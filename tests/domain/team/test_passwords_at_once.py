"""One form that changes a password, sent again and again at once: one change, and no guesses."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from console.domain import clock, db
from console.domain.errors import IntentReused, Throttled
from console.domain.intent import Intent
from console.domain.secret import Secret
from console.domain.team import passwords
from console.domain.team.throttles import ATTEMPTS
from tests import factories
from tests.cast import PASSWORD, VERA

pytestmark = pytest.mark.usefixtures("database")

NEW = Secret("an entirely new sentence")


async def test_the_same_change_fifty_times_at_once_is_one_and_is_answered_fifty_times() -> None:
    await factories.staff(VERA)
    intent = Intent(uuid4(), VERA.actor, clock.now())
    same = (passwords.change_password(intent, Secret(PASSWORD), NEW) for _ in range(50))
    outcomes = await asyncio.gather(*same)
    assert {outcome.result["staff"] for outcome in outcomes} == {VERA.id}
    assert sum(not outcome.replayed for outcome in outcomes) == 1
    assert await db.fetchval("SELECT count(*) FROM operation WHERE kind = 'password.change'") == 1
    assert await db.fetchval("SELECT count(*) FROM throttle") == 0


async def test_another_password_under_the_same_intent_is_a_guess_each_time() -> None:
    await factories.staff(VERA)
    intent = Intent(uuid4(), VERA.actor, clock.now())
    await passwords.change_password(intent, Secret(PASSWORD), NEW)
    for guess in range(ATTEMPTS):
        with pytest.raises(IntentReused):
            await passwords.change_password(intent, Secret(PASSWORD), Secret(f"a guess at a sentence {guess}"))
    with pytest.raises(Throttled):
        await passwords.change_password(intent, Secret(PASSWORD), NEW)
