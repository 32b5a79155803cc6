"""The currency of the business stays once rules are published that count in it."""

from __future__ import annotations

import pytest

from console.domain import db
from tests.cast import OLEG
from tests.routes.conftest import SignIn
from tests.till import Desk
from tests.words import say

pytestmark = pytest.mark.usefixtures("today")

SETTINGS = "/settings/business"


async def test_another_currency_is_refused_at_its_field_where_published_rules_count_in_the_one_there_is(
    sign_in: SignIn, here: Desk
) -> None:
    oleg = await sign_in(OLEG)
    page = await oleg.send(await oleg.open(SETTINGS), SETTINGS, currency="USD")
    assert (page.status, page.error("currency")) == (422, say("problem.currency_of_rules", currency="EUR"))
    assert await db.fetchval("SELECT currency FROM business") == "EUR"
    page = await oleg.send(await oleg.open(SETTINGS), SETTINGS, name="Sparkle")
    assert await db.fetchval("SELECT name FROM business") == "Sparkle"
