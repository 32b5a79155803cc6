"""The conversation of a ticket tells of each reply whether it went by mail, and lets it be sent again."""

from __future__ import annotations

import json
from hashlib import sha256
from uuid import uuid4

import pytest

from console.domain import clock, db
from console.domain.intent import SYSTEM, Intent
from console.domain.tickets import mail
from console.domain.tickets.mail_rules import Arrived, Envelope, MailKind
from tests import factories
from tests.domain.tickets.desk import opened
from tests.page import Page, Visitor
from tests.words import say
from workers.tickets import reopen_undelivered

SAY = "/tickets/1/entries"
MAX = "max@web.example"


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


async def test_one_that_has_failed_lets_its_ticket_be_open_again_which_the_conversation_tells(
    anna: Visitor, ticket: int
) -> None:
    await reply(anna)
    await db.execute("UPDATE message SET status = 'failed', channel = 'email', reason = 'trouble'")
    await db.execute(
        "INSERT INTO message_attempt (message, at, channel, outcome) SELECT id, now(), 'email', 'failed' FROM message"
    )
    assert await reopen_undelivered(clock.now()) == 1
    page = await anna.open("/tickets/1")
    assert page.all(".said-moved")[-1].startswith(f"Automatically Open {say('words.ticket_why_not_delivered')}")
    assert page.words(".page-head .ticket-status") == "Open"


async def test_one_that_did_not_get_through_says_why_and_to_which_address_it_was(anna: Visitor, ticket: int) -> None:
    await reply(anna)
    error = "recipient: 550 5.1.1"
    await db.execute("UPDATE message SET status = 'failed', channel = 'email', reason = 'trouble', error = $1", error)
    told = state(await anna.open("/tickets/1"))
    assert say("to %(address)s", address="zoe@mail.example") in told
    assert say("words.mail_recipient").removesuffix(".") in told
    await db.execute("UPDATE message SET reason = 'bounced'")
    await db.execute("UPDATE client_profile SET emails = $1", json.dumps([{"address": "zoe@other.example"}]))
    told = state(await anna.open("/tickets/1"))
    assert say("to %(address)s", address="zoe@mail.example") in told
    assert say("words.mail_recipient").removesuffix(".") in told


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


async def test_the_next_reply_goes_the_way_that_was_used_last(anna: Visitor, ticket: int) -> None:
    page = await anna.open("/tickets/1")
    assert page.value("channel") == "phone"
    page = await reply(anna)
    assert page.value("channel") == "email"
    page = await anna.send(page, SAY, kind="note", body="They have an answering machine.")
    assert page.value("channel") == "email"


async def test_it_is_said_where_it_would_go_and_a_file_goes_along(anna: Visitor, ticket: int) -> None:
    page = await anna.open("/tickets/1")
    assert "zoe@mail.example" in page.words(".reply-mail")
    fields = page.fields(SAY) | {"body": "See there.", "channel": "email"}
    answer = await anna.http.post(SAY, data=fields, files={"file": ("a.txt", b"text")})
    assert answer.status_code == 303
    sql = "SELECT f.name FROM ticket_file f JOIN ticket_entry e ON e.id = f.entry WHERE e.kind = 'out'"
    assert await db.fetchval(sql) == "a.txt"
    told = (await anna.open("/tickets/1")).all(".said-one.is-out .said-files li")
    assert told == [say("In the mail:"), "a.txt 1 KB"]


async def test_a_file_that_is_not_taken_is_told_at_its_field_and_nothing_is_said(anna: Visitor, ticket: int) -> None:
    page = await anna.open("/tickets/1")
    fields = page.fields(SAY) | {"body": "See there."}
    answer = await anna.http.post(SAY, data=fields, files={"file": ("a.exe", b"MZ\x90\x00")})
    assert answer.status_code == 422
    assert say("problem.file_kind") in answer.text
    assert await db.fetchval("SELECT count(*) FROM ticket_entry WHERE kind = 'out'") == 0


async def came(sender: str = MAX, number: int | None = None) -> None:
    envelope = Envelope(sha256(uuid4().bytes).digest(), sender, "Max", "A price", f"<{uuid4()}@web.example>")
    arrived = Arrived(envelope, MailKind.ORDINARY, "How much?", numbers=[number] if number else [])
    await mail.receive(Intent(uuid4(), SYSTEM, clock.now()), arrived)


async def test_a_stranger_is_answered_at_the_address_that_the_form_shows(anna: Visitor, vera: Visitor) -> None:
    await came()
    page = await anna.open("/tickets/1")
    assert MAX in page.words(".reply-mail")
    page = await reply(anna)
    assert say("to %(address)s", address=MAX) in page.words(".said-one.is-out .said-by")
    assert page.words(".toast-told").startswith("The answer ")
    assert state(page).startswith(say("words.message_due"))
    outbox = await vera.open("/messages")
    [link] = outbox.tree.css(".messages a")
    assert (link.text(), link.attributes["href"]) == (MAX, "/tickets/1")


async def test_where_there_are_several_one_is_chosen_the_last_that_wrote_first(anna: Visitor, ticket: int) -> None:
    await came(number=1)
    page = await anna.open("/tickets/1")
    assert page.all('.reply-mail [name="address"] option') == [
        say("words.another_address", address=MAX),
        "zoe@mail.example",
    ]
    page = await reply(anna, address="zoe@mail.example")
    assert await db.fetchval("SELECT address FROM ticket_entry WHERE kind = 'out'") == "zoe@mail.example"
    await reply(anna)
    assert await db.fetchval("SELECT address FROM ticket_entry ORDER BY id DESC LIMIT 1") == MAX


async def test_an_address_of_nobody_is_refused_at_the_field_with_what_was_typed(anna: Visitor, ticket: int) -> None:
    await came(number=1)
    page = await reply(anna, address="eve@mail.example")
    assert (page.status, page.error("address")) == (422, say("problem.choice"))
    assert page.value("body") == "It is there now."
    await reply(anna, address="eve@mail.example", kind="note")
    assert await db.fetchval("SELECT count(*) FROM ticket_entry WHERE kind = 'note'") == 1


async def test_that_a_reply_was_withdrawn_with_its_ticket_is_told_and_seen(anna: Visitor, ticket: int) -> None:
    page = await reply(anna)
    other = await factories.client(emails=json.dumps([{"address": "boris@mail.example", "label": ""}]))
    version = await db.fetchval("SELECT version FROM ticket")
    asked = {"_csrf": page.fields(SAY)["_csrf"], "intent": str(uuid4()), "version": version, "client": other}
    page = await anna.post("/tickets/1/client", asked)
    assert say("effect.ticket_replies_withdrawn", count=1) in page.toast
    assert state(page).startswith(say("words.message_withdrawn"))


async def test_of_a_ticket_of_nobody_the_form_says_that_nobody_knows_whom_to_write_to(anna: Visitor) -> None:
    await opened(None)
    page = await anna.open("/tickets/1")
    assert page.words(".reply-mail") == say("problem.reply_to_nobody")


async def test_a_reply_to_nobody_is_refused_at_the_field_with_what_was_typed(anna: Visitor) -> None:
    await opened(None)
    page = await reply(anna)
    assert (page.status, page.error("channel")) == (422, say("problem.reply_to_nobody"))
    assert page.value("body") == "It is there now."


async def test_a_reply_says_where_the_ticket_stands_then_and_when_the_mail_leaves(anna: Visitor, ticket: int) -> None:
    page = await anna.open("/tickets/1")
    assert page.words(".ticket-reply [name=status] [selected]") == "Pending"
    assert page.words(".ticket-reply [name=note_status] [selected]") == "Open (as it is)"
    assert page.words(".reply-of-in") == "Then it stands at “Open”."
    assert (page.words(".reply-sends"), page.words(".reply-writes")) == ("Send", "Write down")
    assert "The client is not told: email is not set up." in (await reply(anna)).words(".toast-told")
