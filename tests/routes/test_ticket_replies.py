"""The conversation of a ticket tells of each reply whether it went by mail, and lets it be sent again."""

from __future__ import annotations

import json

import pytest

from console.domain import db
from tests import factories
from tests.domain.tickets.desk import opened
from tests.page import Page, Visitor
from tests.words import say

SAY = "/tickets/1/entries"


@pytest.fixture
async def ticket(anna: Visitor) -> int:
    emails = json.dumps([{"address": "zoe@mail.example", "label": ""}])
    return await opened(await factories.client(emails=emails))


async def reply(anna: Visitor, **typed: str) -> Page:
    page = await anna.open("/tickets/1")
    return await anna.send(page, SAY, **{"body": "It is there now.", "channel": "email", **typed})


def state(page: Page) -> str:
    return page.all(".said-mail")[0]


async def test_a_reply_by_mail_says_that_it_is_due_and_that_it_was_sent(anna: Visitor, ticket: int) -> None:
    page = await reply(anna)
    assert state(page).startswith(say("words.message_due"))
    await db.execute("UPDATE message SET status = 'sent', channel = 'email', sent_at = now()")
    page = await anna.open("/tickets/1")
    assert state(page).startswith(say("words.message_sent"))
    assert page.all(".said-mail form") == []


async def test_one_that_may_not_have_gone_is_sent_again_from_the_conversation(anna: Visitor, ticket: int) -> None:
    await reply(anna)
    message = await db.fetchval(
        "UPDATE message SET status = 'unknown', channel = 'email', reason = 'trouble' RETURNING id"
    )
    page = await anna.open("/tickets/1")
    assert state(page).startswith(say("words.message_unknown"))
    again = await anna.send(page, f"/messages/{message}/repeat")
    assert again.status in (200, 303)
    assert await db.fetchval("SELECT status FROM message") == "due"


async def test_a_reply_by_phone_tells_of_no_mail(anna: Visitor, ticket: int) -> None:
    page = await reply(anna, channel="phone")
    assert page.all(".said-mail") == []
    assert await db.fetchval("SELECT count(*) FROM message") == 0


async def test_it_is_said_where_it_would_go_and_a_file_goes_along(anna: Visitor, ticket: int) -> None:
    page = await anna.open("/tickets/1")
    assert "zoe@mail.example" in page.words(".reply-mail")
    fields = page.fields(SAY) | {"body": "See there.", "channel": "email"}
    answer = await anna.http.post(SAY, data=fields, files={"file": ("a.txt", b"text")})
    assert answer.status_code == 303
    sql = "SELECT f.name FROM ticket_file f JOIN ticket_entry e ON e.id = f.entry WHERE e.kind = 'out'"
    assert await db.fetchval(sql) == "a.txt"


async def test_a_file_that_is_not_taken_is_told_at_its_field_and_nothing_is_said(anna: Visitor, ticket: int) -> None:
    page = await anna.open("/tickets/1")
    fields = page.fields(SAY) | {"body": "See there."}
    answer = await anna.http.post(SAY, data=fields, files={"file": ("a.exe", b"MZ\x90\x00")})
    assert answer.status_code == 422
    assert say("problem.file_kind") in answer.text
    assert await db.fetchval("SELECT count(*) FROM ticket_entry WHERE kind = 'out'") == 0


async def test_a_reply_to_nobody_is_refused_at_the_field_with_what_was_typed(anna: Visitor) -> None:
    await opened(None)
    page = await reply(anna)
    assert (page.status, page.error("channel")) == (422, say("problem.reply_to_nobody"))
    assert page.value("body") == "It is there now."
