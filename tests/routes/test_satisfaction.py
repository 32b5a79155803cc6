"""A client's link to how their ticket was solved: opening it says nothing, and a stranger learns nothing."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from litestar import Litestar

from console import links
from console.config import Settings
from console.domain import clock, db
from console.domain.desk import actions as desk_actions
from console.domain.desk.rules import Why
from console.domain.ids import CLIENT_ACTOR, ClientId, TicketStatusId
from console.domain.intent import Intent
from console.domain.tickets import ratings
from tests import factories
from tests.cast import ANNA, NOW, VERA
from tests.domain.tickets.desk import solved
from tests.page import Page, Visitor
from tests.routes.conftest import BASE, SignIn
from tests.words import say

pytestmark = pytest.mark.usefixtures("today")

NOTHING, OFTEN = say("title.link_nothing"), say("title.link_often")
GOOD, BAD = {"rating": "good"}, {"rating": "bad", "comment": "It was <b>late</b>."}


@pytest.fixture
def ours(settings: Settings) -> Settings:
    return replace(settings, public_url=BASE)


@pytest.fixture
async def asked(app: Litestar) -> tuple[TicketStatusId, ClientId]:
    await factories.staff(ANNA)
    return await solved()


@pytest.fixture
def url(ours: Settings, asked: tuple[TicketStatusId, ClientId]) -> str:
    return links.satisfaction_url(ours, *asked).removeprefix(BASE)


async def stored() -> list[tuple[str, str | None]]:
    return [tuple(row) for row in await db.fetch("SELECT rating, comment FROM ticket_rating")]


def reads(page: Page) -> tuple[int, str]:
    return page.status, page.heading


async def test_it_asks_and_opening_it_says_nothing(stranger: Visitor, url: str) -> None:
    page = await stranger.open(url)
    assert reads(page) == (200, say("title.satisfaction"))
    assert "A stamp is missing" in page.words("main")
    for private in ("Анна", "Петрова", "I was there", ANNA.name):
        assert private not in page.response.text
    assert not page.has("script")
    assert page.response.headers["x-robots-tag"] == "noindex, nofollow"
    assert page.value("rating") == ""
    assert await stored() == []


async def test_an_answer_is_kept_and_may_be_another_one_for_a_week(
    stranger: Visitor, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await stranger.send(await stranger.open(url), url, **BAD)
    assert reads(page) == (200, say("title.satisfaction_thanks"))
    assert say("words.solved_badly") in page.words("main")
    assert page.words(".link-said") == BAD["comment"]
    assert await stored() == [("bad", BAD["comment"])]
    assert await db.fetchval("SELECT actor FROM operation ORDER BY id DESC LIMIT 1") == CLIENT_ACTOR
    page = await stranger.send(page, url, rating="good", comment="")
    assert await stored() == [("good", None)]
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=8))
    late = await stranger.send(page, url, **BAD)
    assert late.status == 409
    assert not late.has("form")
    assert await stored() == [("good", None)]


async def test_what_is_left_out_is_told_at_the_field_with_what_was_typed(stranger: Visitor, url: str) -> None:
    page = await stranger.send(await stranger.open(url), url, comment="So so.")
    assert page.status == 422
    assert page.error("rating")
    assert page.value("comment") == "So so."
    assert await stored() == []


async def test_it_speaks_the_clients_language(stranger: Visitor, url: str) -> None:
    await db.execute("UPDATE client_profile SET language = 'ru'")
    assert (await stranger.open(url)).heading == "Как всё прошло?"


async def test_a_link_of_another_ticket_client_or_key_leads_nowhere(
    stranger: Visitor, ours: Settings, asked: tuple[TicketStatusId, ClientId], url: str
) -> None:
    solving, client = asked
    other = ClientId(await factories.client())
    others = replace(ours, secret_key="another key of another console, just as long")
    form = await stranger.open(url)
    for wrong in (
        links.satisfaction_path(ours, solving, other),
        links.satisfaction_path(ours, TicketStatusId(solving + 1), client),
        links.satisfaction_path(others, solving, client),
        url[:-1],
        f"{url}/more",
        "/satisfaction/1",
        "/satisfaction",
    ):
        assert reads(await stranger.open(wrong)) == (404, NOTHING)
        answer = await stranger.http.post(wrong, data=form.fields(url) | GOOD)
        assert answer.status_code in (403, 404)
    assert await stored() == []


async def test_nothing_is_left_of_it_once_the_solving_is_undone_or_the_client_erased(
    stranger: Visitor, url: str, asked: tuple[TicketStatusId, ClientId]
) -> None:
    await db.execute("UPDATE ticket_status SET retired_at = now()")
    assert reads(await stranger.open(url)) == (404, NOTHING)
    await db.execute("UPDATE ticket_status SET retired_at = NULL")
    assert (await stranger.open(url)).status == 200
    await factories.staff(VERA)
    await desk_actions.erase(Intent(uuid4(), VERA.actor, NOW, reason=Why.RESTORED), asked[1])
    assert reads(await stranger.open(url)) == (404, NOTHING)


async def test_after_two_months_there_is_nothing_left_to_say(
    stranger: Visitor, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=61))
    page = await stranger.open(url)
    assert (page.status, page.has("form")) == (200, False)


async def test_whoever_tries_many_links_finds_all_shut_for_a_while(stranger: Visitor, url: str) -> None:
    for _ in range(ratings.WRONG_LINKS):
        assert (await stranger.open(f"{url[:-2]}aa")).status in (404, 429)
    assert reads(await stranger.open(url)) == (429, OFTEN)


async def test_a_bad_one_is_seen_in_the_queue_and_in_the_ticket(stranger: Visitor, url: str, sign_in: SignIn) -> None:
    await stranger.send(await stranger.open(url), url, **BAD)
    vera = await sign_in(VERA)
    page = await vera.open("/tickets?view=rated-bad")
    assert page.all(".ticket-subject > a") == ["A stamp is missing"]
    assert say("words.rated_bad").lower() in page.words(".is-status").lower()
    assert say("words.satisfaction_few", good=0, all=1, days=90) in page.words(".page-head")
    ticket = await vera.open("/tickets/1")
    assert ticket.words(".said-comment") == BAD["comment"]


async def test_who_rates_while_all_is_busy_finds_back_to_the_question(
    stranger: Visitor, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await stranger.open(url)
    async with AsyncExitStack() as taken:
        for _ in range(db.ENGINE.pool.get_max_size()):
            await taken.enter_async_context(db.ENGINE.pool.acquire())
        with monkeypatch.context() as impatient:
            impatient.setattr(db.ENGINE.pool, "wait", 0.01)
            busy = await stranger.send(page, url, **GOOD)
    assert reads(busy) == (503, say("title.link_busy"))
    assert busy.has(f"main a[href='{url}']")
    assert await stored() == []
