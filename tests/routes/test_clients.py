"""Clients over HTTP: taking them in, their cards, changing them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest

from console.domain import clock, db
from console.domain.clients import actions, finding
from console.domain.clients.actions import About
from console.domain.clients.rules import Birthday, Names, Phone, Source
from console.domain.operation import DEMO, Intent
from tests.cast import ANNA, NOW
from tests.routes.conftest import SignIn
from tests.words import say


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    def now() -> datetime:
        return NOW

    monkeypatch.setattr(clock, "now", now)


PETROVA = Names("Анна", "Сергеевна", "Петрова")


async def client(names: Names = PETROVA, **said: Any) -> str:
    """The address of a new client's card."""
    added = await actions.add(Intent(uuid4(), DEMO, NOW), About(names, **said))
    return f"/clients/{added.result['client']}"


async def test_the_card_says_who_a_client_is(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    url = await client(
        phones=(Phone("+79213334512", "mobile"), Phone("+78123334512")),
        birthday=Birthday(5, 18, 1990),
        tags=("cat",),
        source=Source.FRIEND,
    )
    page = await anna.open(url)
    assert page.heading == "Анна Петрова"
    assert page.tree.css_first('a[href="tel:+79213334512"]') is not None
    head = page.words(".client-head")
    assert "+7 921 333-45-12 mobile" in head
    assert "cat" in head
    assert say("words.birthday_in", "ru", count=6) in head
    assert say("words.source_friend", "ru") in page.words(".client-side")
    assert "18 мая 1990" in page.words(".client-side")


async def test_opening_a_card_is_remembered(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    first, second = await client(), await client()
    await anna.open(first)
    await anna.open(second)
    await anna.open("/clients/77")
    assert [f"/clients/{one}" for one in await finding.recent(ANNA.actor.id)] == [second, first]


async def test_who_comes_no_more_is_marked_and_comes_again(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    url = await client()
    page = await anna.send(await anna.open(url), f"{url}/retirement")
    assert page.toast == say("done.client.retire", "ru", name="Анна Петрова")
    assert page.words(".page-head .badge") == say("Comes no more", "ru")
    page = await anna.send(page, f"{url}/readmission")
    assert not page.has(".page-head .badge")
    assert await db.fetchval("SELECT retired_at FROM client") is None


async def test_nobody_has_no_card(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    assert (await anna.open("/clients/77")).status == 404
