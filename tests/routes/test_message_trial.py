"""Whoever writes the text of a message mails it to themselves, by the same way that clients' mails go."""

from __future__ import annotations

from dataclasses import replace

import pytest
from litestar import Litestar
from litestar.datastructures import State

from console.domain import db
from tests import factories
from tests.cast import ANNA, VERA
from tests.routes.conftest import SignIn
from tests.routes.test_message_texts import URL, WRITTEN
from tests.words import say
from tests.workers.conftest import Postman, postman, smtp
from tests.yard import NOON, yard

__all__ = ["postman", "smtp"]


@pytest.fixture
async def booked(app: Litestar, smtp: str) -> None:
    app.state = State({**app.state, "settings": replace(app.state.settings, smtp_url=smtp)})
    await factories.staff(ANNA)
    here = await yard()
    await here.book(here.nina, NOON)


async def test_it_is_mailed_to_whoever_asks_and_to_no_client(booked: None, sign_in: SignIn, postman: Postman) -> None:
    vera = await sign_in(VERA)
    page = await vera.send(await vera.open(URL), URL, **WRITTEN, who="Анна", find="mail")
    assert VERA.email in page.words("#preview .callout")
    (letter,) = postman.letters
    assert VERA.email in letter["To"]
    assert letter["Subject"] == "See you Wednesday 13 May"
    assert [one.get_filename() for one in letter.iter_attachments()] == ["booking.ics"]
    assert await db.fetchval("SELECT count(*) FROM message_text") == 0


async def test_what_the_mail_server_says_is_told_at_the_field(booked: None, sign_in: SignIn, postman: Postman) -> None:
    postman.answers[VERA.email] = "550 no such mailbox"
    vera = await sign_in(VERA)
    page = await vera.send(await vera.open(URL), URL, **WRITTEN, who="Анна", find="mail")
    assert page.status == 422
    assert "no such mailbox" in page.error("who")


async def test_without_a_mail_server_nobody_is_offered_it(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.open(URL)
    assert not page.has("button[value=mail]")
    await factories.staff(ANNA)
    here = await yard()
    await here.book(here.nina, NOON)
    page = await vera.send(page, URL, **WRITTEN, who="Анна", find="mail")
    assert page.error("who") == say("problem.no_mail_server")
