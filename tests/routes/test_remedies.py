"""Putting loyalty right over HTTP: chosen, looked at, done; approved by somebody else."""

from __future__ import annotations

import pytest

from console.domain import db
from console.domain.tickets.remedies import rules
from console.domain.tickets.remedies.rules import Cause
from tests import factories, till
from tests import yard as yards
from tests.cast import ANNA, BORIS, VERA
from tests.domain.tickets.desk import opened
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.till import Desk
from tests.words import say

pytestmark = pytest.mark.usefixtures("today")
ALL = "/tickets/1/remedies"


@pytest.fixture
async def boris(sign_in: SignIn) -> Visitor:
    return await sign_in(BORIS, language="en")


@pytest.fixture
async def desk(boris: Visitor) -> Desk:
    """The client has been here twice today, with one stamp; there is a ticket about it."""
    for person in (ANNA, VERA):
        await factories.staff(person)
    desk = await till.desk(await yards.yard())
    await desk.come()
    await desk.come()
    await opened(desk.client)
    return desk


def only_choice(page: Page) -> str:
    (choice,) = page.tree.css('[name="remedy"]')
    return choice.attributes["value"] or ""


async def test_what_it_would_do_is_shown_before_it_is_done(boris: Visitor, desk: Desk) -> None:
    page = await boris.open(ALL)
    choice = only_choice(page)
    looked = await boris.send(page, ALL, remedy=choice)
    assert say("effect.visit_stamp", nth="2nd", of=4) in looked.words("#main")
    assert (await desk.card_of())["stamps"] == 1
    await boris.send(looked, ALL)
    assert (await desk.card_of())["stamps"] == 2
    assert not (await boris.open(ALL)).has('[name="remedy"]')


async def test_what_was_typed_that_is_none_of_them_is_told_at_the_field(boris: Visitor, desk: Desk) -> None:
    page = await boris.open(ALL)
    for typed in ("missing_stamp:404", "nonsense", ""):
        refused = await boris.send(page, ALL, remedy=typed)
        assert refused.status == 422
        assert refused.error("remedy")


async def test_a_manager_looks_at_what_was_proposed_and_approves_it(
    boris: Visitor, desk: Desk, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(rules.ALONE, Cause.MISSING_STAMP, 0)
    page = await boris.open(ALL)
    choice = only_choice(page)
    looked = await boris.send(page, ALL, remedy=choice)
    assert say("effect.remedy_waits") in looked.words("#main")
    await boris.send(looked, ALL)
    remedy = await db.fetchval("SELECT id FROM ticket_remedy WHERE status = 'proposed'")
    address = f"{ALL}/{remedy}/approval"
    assert (await boris.open(address)).status == 403
    vera = await sign_in(VERA, exists=True)
    looked = await vera.open(address)
    assert looked.has(f'form[action="{address}"] button[type="submit"]')
    await vera.send(looked, address)
    assert (await desk.card_of())["stamps"] == 2
    assert await db.fetchval("SELECT approved_by FROM ticket_remedy") == VERA.id
    assert (await vera.open(f"/tickets/2/remedies/{remedy}/approval")).status == 404
