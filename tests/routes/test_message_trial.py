"""Whoever writes the text of a message sends it to themselves, by the same ways that clients' messages go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from litestar import Litestar
from litestar.datastructures import State

from console.domain import db
from tests import factories
from tests.cast import ANNA, VERA
from tests.routes.conftest import SignIn
from tests.routes.test_message_texts import URL, WRITTEN, stands
from tests.words import say
from tests.workers.conftest import Postman, postman, smtp
from tests.workers.gateway import SECRET, Gateway, gateway
from tests.yard import NOON, yard

__all__ = ["postman", "smtp"]

MINE, MINE_TYPED = "+79213334512", "8 921 333-45-12"


@pytest.fixture
def provider() -> Iterator[Gateway]:
    with gateway(Gateway()) as state:
        yield state


@pytest.fixture
async def booked(app: Litestar, smtp: str, provider: Gateway) -> None:
    ways = {"smtp_url": smtp, "sms_url": provider.url, "sms_secret": SECRET}
    app.state = State({**app.state, "settings": replace(app.state.settings, **ways)})
    await db.execute("UPDATE business SET phone = '+74950000001'")
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


async def test_it_goes_as_an_sms_to_the_phone_that_is_typed_and_nothing_is_saved(
    booked: None, sign_in: SignIn, provider: Gateway
) -> None:
    vera = await sign_in(VERA)
    page = await vera.send(await vera.open(URL), URL, **WRITTEN, who="Анна", trial_phone=MINE_TYPED, find="sms")
    assert "+7 921 333-45-12" in page.words("#preview .callout")
    ((key, told),) = provider.sent.items()
    assert told == {"to": MINE, "text": "Анна: Wed 13 May", "id": key}
    assert await db.fetchval("SELECT count(*) FROM message_text") == 0
    assert await db.fetchval("SELECT count(*) FROM message_attempt") == 0
    page = await vera.send(page, URL, sms="Again: {date}", find="sms")
    assert [one["text"] for one in provider.sent.values()] == ["Анна: Wed 13 May", "Again: Wed 13 May"]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", say("problem.required")),
        ("12", say("problem.phone_short", example="+7 301 123-45-67")),
        ("x", say("problem.phone")),
    ],
)
async def test_a_phone_that_cannot_be_is_named_at_the_field_and_nothing_is_sent(
    booked: None, sign_in: SignIn, provider: Gateway, typed: str, told: str
) -> None:
    vera = await sign_in(VERA)
    page = await vera.send(await vera.open(URL), URL, **WRITTEN, who="Анна", trial_phone=typed, find="sms")
    assert (page.status, page.error("trial_phone"), page.value("trial_phone")) == (422, told, typed)
    assert page.value("sms") == WRITTEN["sms"]
    assert not provider.asked


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("typed", ["12", "x" * 50, "\u202a+7 921 333-45-12"])
async def test_what_is_wrong_with_a_phone_to_which_nothing_is_sent_is_in_the_way_of_nothing(
    booked: None, sign_in: SignIn, postman: Postman, typed: str, language: str
) -> None:
    vera = await sign_in(VERA, language=language)
    page = await vera.send(await vera.open(URL), URL, **WRITTEN, who="Анна", trial_phone=typed, find="preview")
    assert (page.status, page.error("trial_phone"), page.value("trial_phone")) == (200, "", typed)
    page = await vera.send(page, URL, find="mail")
    assert len(postman.letters) == 1
    page = await vera.send(page, URL)
    assert page.toast == say(
        "done.message_text.change", language, name=say("words.message_booking_confirmation", language)
    )
    assert await stands() == (WRITTEN["subject"], True)


@pytest.mark.parametrize(
    ("answer", "why"),
    [((422, "no"), "words.sms_refused"), ((401, "no"), "words.sms_login"), ((503, "no"), "words.sms_later")],
)
async def test_why_the_gateway_did_not_take_it_is_told_at_the_phone(
    booked: None, sign_in: SignIn, provider: Gateway, answer: tuple[int, str], why: str
) -> None:
    provider.answers[MINE] = answer
    vera = await sign_in(VERA)
    page = await vera.send(await vera.open(URL), URL, **WRITTEN, who="Анна", trial_phone=MINE, find="sms")
    said = say("problem.trial_not_sent", why=f"{say(why)} {answer[0]}")
    assert (page.status, page.error("trial_phone")) == (422, said)
    provider.answers.clear()
    page = await vera.send(page, URL, find="sms")
    assert page.has("#preview .callout")


async def test_without_a_gateway_nobody_is_offered_an_sms(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.open(URL)
    assert not page.has("button[value=sms], [name=trial_phone]")
    await factories.staff(ANNA)
    here = await yard()
    await here.book(here.nina, NOON)
    page = await vera.send(page, URL, **WRITTEN, who="Анна", trial_phone=MINE, find="sms")
    assert page.error("who") == say("problem.no_sms_gateway")
