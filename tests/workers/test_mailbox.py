"""Mail that comes in: from a real mailbox into tickets, each mail once, whatever it is and whoever dies meanwhile."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

import workers.arrival
import workers.mailbox
from console import threads
from console.domain import clock, db
from console.domain.messages import checks
from console.domain.tickets import actions, mail, mailbox
from console.domain.tickets.rules import TicketStatus
from tests.domain.tickets.desk import intent, opened, said, status
from tests.workers import letters
from tests.workers.box import client, mails, replied, tickets
from tests.workers.conftest import Postman
from tests.workers.dovecot import Dovecot
from tests.workers.letters import ZOE, letter
from workers.mailbox import poll_mailbox

LONG_AGO = 1_700_000_000
"""Seconds since 1970."""

pytestmark = pytest.mark.usefixtures("never_quiet")


@pytest.fixture
def context(looking: dict[str, Any]) -> dict[str, Any]:
    return looking


async def test_a_mail_of_a_client_opens_a_ticket_of_theirs(context: dict[str, Any], dovecot: Dovecot) -> None:
    zoe = await client()
    dovecot.deliver(letter(sender=f"Zoe <{ZOE.upper()}>"))
    assert await poll_mailbox(context) == 1
    [ticket] = await tickets()
    assert (ticket["client"], ticket["subject"], ticket["channel"], ticket["status"], ticket["sender"]) == (
        zoe, "A stamp is missing", "email", "open", None,
    )  # fmt: skip
    assert await said(ticket["id"]) == [("in", "Where is my stamp?")]
    assert await poll_mailbox(context) == 0


async def test_a_reply_goes_out_and_the_answer_comes_back_into_the_same_ticket(
    context: dict[str, Any], dovecot: Dovecot, postman: Postman
) -> None:
    ticket = await opened(await client())
    await replied(context, ticket)
    assert await status(ticket) == "pending"
    [out] = postman.letters
    dovecot.deliver(letter("Thank you!", Subject="Re: whatever", In_Reply_To=out["Message-ID"]))
    dovecot.deliver(letter("And one more.", Message_ID="<2@mail.example>", Subject="Re: x", To=out["Reply-To"]))
    dovecot.deliver(letter("And a third.", Message_ID="<3@mail.example>", Subject=f"Re: {out['Subject']}"))
    assert await poll_mailbox(context) == 3
    assert len(await tickets()) == 1
    assert [text for kind, text in await said(ticket) if kind == "in"][1:] == [
        "Thank you!", "And one more.", "And a third.",
    ]  # fmt: skip
    assert await status(ticket) == "open"
    assert await db.fetchval("SELECT count(*) FROM ticket_mail WHERE stranger") == 0


async def test_an_answer_to_a_closed_ticket_opens_another_that_goes_on_from_it(
    context: dict[str, Any], dovecot: Dovecot
) -> None:
    zoe = await client()
    ticket = await opened(zoe)
    for then in (TicketStatus.SOLVED, TicketStatus.CLOSED):
        await actions.move(intent(), ticket, then)
    dovecot.deliver(letter(Subject=threads.subject(context["settings"], 1, "Re: A stamp is missing")))
    await poll_mailbox(context)
    old, new = await tickets()
    assert (old["status"], new["status"], new["continues"], new["client"]) == ("closed", "open", ticket, zoe)
    assert new["subject"] == "A stamp is missing"


async def test_what_a_form_of_our_website_mails_becomes_a_ticket_of_who_it_may_be(
    context: dict[str, Any], dovecot: Dovecot
) -> None:
    await client()
    dovecot.deliver(letter(sender=f"Website <{letters.DESK}>", Reply_To=f"Zoe <{ZOE}>"))
    dovecot.deliver(letter(sender=letters.DESK, Message_ID="<2@mail.example>"))
    await poll_mailbox(context)
    [ticket] = await tickets()
    assert (ticket["client"], ticket["sender"], ticket["sender_name"]) == (None, ZOE, "Zoe")
    assert await mails() == [("form", None), ("unread", "ours")]


async def test_a_valid_thread_from_another_address_is_added_and_marked(
    context: dict[str, Any], dovecot: Dovecot
) -> None:
    ticket = await opened(await client())
    dovecot.deliver(letter(sender="other@mail.example", Subject=threads.subject(context["settings"], 1, "x")))
    await poll_mailbox(context)
    assert len(await tickets()) == 1
    assert dict(await db.fetchrow("SELECT ticket, stranger, sender FROM ticket_mail")) == {
        "ticket": ticket, "stranger": True, "sender": "other@mail.example",
    }  # fmt: skip


async def test_nobody_becomes_a_client_and_who_is_several_is_nobody_yet(
    context: dict[str, Any], dovecot: Dovecot
) -> None:
    await client()
    await client(given_name="Zack")
    dovecot.deliver(letter())
    dovecot.deliver(letter("Hello", sender="New <new@mail.example>", Message_ID="<new@mail.example>"))
    await poll_mailbox(context)
    assert [(one["client"], one["sender"], one["sender_name"]) for one in await tickets()] == [
        (None, ZOE, "Zoe Quill"), (None, "new@mail.example", "New"),
    ]  # fmt: skip
    assert await db.fetchval("SELECT count(*) FROM client") == 2


async def test_a_ticket_is_open_since_its_mail_came_where_the_mailbox_is_to_be_believed(
    context: dict[str, Any], dovecot: Dovecot
) -> None:
    begun = int(clock.now().timestamp())
    for number, ago in enumerate((3 * 3600, -3600, 8 * 86_400)):
        mail = letter(
            Subject=f"Matter {number}", Message_ID=f"<{number}@mail.example>", sender=f"u{number}@mail.example"
        )
        os.utime(dovecot.deliver(mail), (begun - ago, begun - ago))
    assert await poll_mailbox(context) == 3
    early, *others = [one["opened_at"].timestamp() for one in await tickets()]
    assert early == begun - 3 * 3600
    assert all(begun <= one <= clock.now().timestamp() for one in others)
    assert [one["at"].timestamp() for one in await db.fetch("SELECT at FROM ticket_entry ORDER BY id")] == [
        early,
        *others,
    ]
    assert await db.fetchval("SELECT min(at) FROM ticket_mail") >= clock.now() - timedelta(minutes=10)


async def test_the_same_letter_twice_within_minutes_is_one_ticket(context: dict[str, Any], dovecot: Dovecot) -> None:
    dovecot.deliver(letter())
    dovecot.deliver(letter(Message_ID="<again@mail.example>"))
    dovecot.deliver(letter(Message_ID="<other@mail.example>", Subject="Something else"))
    await poll_mailbox(context)
    assert [one["subject"] for one in await tickets()] == ["A stamp is missing", "Something else"]
    assert await db.fetchval("SELECT count(*) FROM ticket_entry") == 3


async def test_two_pollers_at_once_take_each_mail_once(context: dict[str, Any], dovecot: Dovecot) -> None:
    for number in range(12):
        subject, name = f"Matter {number}", f"<{number}@mail.example>"
        dovecot.deliver(letter(Subject=subject, Message_ID=name, sender=f"u{number}@mail.example"))
    await asyncio.gather(*(poll_mailbox(context) for _ in range(3)))
    assert sorted(one["subject"] for one in await tickets()) == sorted(f"Matter {number}" for number in range(12))
    assert await db.fetchval("SELECT count(*) FROM ticket_entry") == 12
    assert await mails() == [("ordinary", None)] * 12


async def test_a_worker_that_ends_before_it_moves_on_takes_no_mail_twice(
    context: dict[str, Any], dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.deliver(letter())
    with monkeypatch.context() as patched:

        async def killed(*_: object) -> None:
            raise asyncio.CancelledError

        patched.setattr(workers.mailbox.mailbox, "moved_on", killed)
        with pytest.raises(asyncio.CancelledError):
            await poll_mailbox(context)
    assert len(await tickets()) == 1
    assert await poll_mailbox(context) == 1
    assert len(await tickets()) == 1
    assert await db.fetchval("SELECT count(*) FROM ticket_entry") == 1
    assert await poll_mailbox(context) == 0


async def test_new_numbers_of_a_mailbox_bring_no_mail_twice_and_lose_none(
    context: dict[str, Any], dovecot: Dovecot
) -> None:
    dovecot.deliver(letter())
    await poll_mailbox(context)
    before = await mailbox.position(context["settings"].mailbox)
    dovecot.number_anew()
    dovecot.deliver(letter("New", Subject="New", Message_ID="<new@mail.example>"))
    assert await poll_mailbox(context) == 2
    assert [one["subject"] for one in await tickets()] == ["A stamp is missing", "New"]
    after = await mailbox.position(before.name)
    assert after.uidvalidity != before.uidvalidity
    assert await poll_mailbox(context) == 0


async def test_a_look_at_new_numbers_that_is_cut_off_takes_no_old_mail_for_new(
    context: dict[str, Any], dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, came in enumerate((None, LONG_AGO, None, LONG_AGO, None)):
        path = dovecot.deliver(
            letter(f"It is {number}", Subject=f"Matter {number}", Message_ID=f"<{number}@x.example>")
        )
        if came:
            os.utime(path, (came, came))
    dovecot.number_anew()
    with monkeypatch.context() as patched:
        patched.setattr(workers.mailbox, "MOST", 1)
        assert await poll_mailbox(context) == 1
    await db.execute("UPDATE mailbox_position SET polled_at = polled_at + interval '9 days'")
    dovecot.deliver(letter("New", Subject="New", Message_ID="<new@mail.example>"))
    assert [await poll_mailbox(context), await poll_mailbox(context)] == [3, 0]
    assert [one["subject"] for one in await tickets()] == ["Matter 0", "Matter 2", "Matter 4", "New"]


async def test_a_mailbox_that_is_numbered_anew_twice_loses_nothing_between(
    context: dict[str, Any], dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        dovecot.deliver(letter(f"It is {number}", Subject=f"Matter {number}", Message_ID=f"<{number}@x.example>"))
    dovecot.number_anew()
    with monkeypatch.context() as patched:
        patched.setattr(workers.mailbox, "MOST", 1)
        assert await poll_mailbox(context) == 1
    await db.execute("UPDATE mailbox_position SET polled_at = polled_at + interval '9 days', uidvalidity = 1")
    assert [await poll_mailbox(context), await poll_mailbox(context)] == [3, 0]
    assert [one["subject"] for one in await tickets()] == ["Matter 0", "Matter 1", "Matter 2"]


async def test_another_address_of_the_server_brings_no_mail_twice_and_loses_none(
    context: dict[str, Any], dovecot: Dovecot
) -> None:
    await client()
    dovecot.deliver(letter("Where is my stamp?"))
    assert await poll_mailbox(context) == 1
    dovecot.deliver(letter("And my other one?", Message_ID="<2@mail.example>", Subject="Another stamp"))
    elsewhere = context["settings"].imap_url.replace("127.0.0.1", "localhost")
    moved = {**context, "settings": replace(context["settings"], imap_url=elsewhere)}
    await poll_mailbox(moved)
    assert [one["subject"] for one in await tickets()] == ["A stamp is missing", "Another stamp"]
    dovecot.deliver(letter("And a third one?", Message_ID="<3@mail.example>", Subject="A third stamp"))
    assert await poll_mailbox(moved) == 1
    assert len(await tickets()) == 3


async def test_what_a_machine_answers_is_recorded_and_changes_no_status(
    context: dict[str, Any], dovecot: Dovecot, postman: Postman
) -> None:
    ticket = await opened(await client())
    await replied(context, ticket)
    [out] = postman.letters
    dovecot.deliver(letter("I am away.", In_Reply_To=out["Message-ID"], Auto_Submitted="auto-replied"))
    dovecot.deliver(letter("Buy!", Subject="Sale", List_Id="<shop.example>", Message_ID="<sale@shop.example>"))
    dovecot.deliver(letter("Loop", sender=letters.DESK, Message_ID="<loop@mail.example>"))
    await poll_mailbox(context)
    assert len(await tickets()) == 1
    assert (await said(ticket))[-1] == ("in", "I am away.")
    assert await status(ticket) == "pending"
    assert await mails() == [("automatic", None), ("automatic", "automatic"), ("unread", "ours")]
    assert await db.fetchval("SELECT count(*) FROM message") == 1, "nothing was answered"


async def test_a_bounce_lets_its_message_have_failed_and_nobody_can_make_one_up(
    context: dict[str, Any], dovecot: Dovecot, postman: Postman
) -> None:
    ticket = await opened(await client())
    await replied(context, ticket)
    [out] = postman.letters
    message = await db.fetchval("SELECT id FROM message")
    forged = f"<message-{message}-0123456789abcdef@console.example>"
    dovecot.deliver(letters.bounce(forged).replace(b"failed@mx", b"forged@mx"))
    await poll_mailbox(context)
    assert await db.fetchval("SELECT status FROM message") == "sent"
    dovecot.deliver(letters.bounce(out["Message-ID"]))
    await poll_mailbox(context)
    assert dict(await db.fetchrow("SELECT status, reason, error FROM message")) == {
        "status": "failed", "reason": "bounced", "error": "recipient: smtp; 550 5.1.1 no such mailbox",
    }  # fmt: skip
    assert await mails() == [("bounce", "bounce"), ("bounce", None)]
    assert await status(ticket) == "open"
    assert await db.fetchval("SELECT why FROM ticket_status ORDER BY id DESC LIMIT 1") == "not_delivered"
    assert await checks.sent_messages_left() == []


async def test_who_writes_more_than_people_do_opens_no_more_tickets(
    context: dict[str, Any], dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "MOST_AN_HOUR", 3)
    for number in range(5):
        dovecot.deliver(letter(Subject=f"Matter {number}", Message_ID=f"<{number}@mail.example>"))
    await poll_mailbox(context)
    assert len(await tickets()) == 3
    assert (await mails())[3:] == [("automatic", "too_many")] * 2


async def test_a_form_that_mails_too_much_is_not_taken_for_whose_address_stands_in_it(
    context: dict[str, Any], dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "MOST_AN_HOUR", 1)
    ticket = await opened(await client())
    subject = threads.subject(context["settings"], 1, "A stamp is missing")
    for number in range(2):
        of_form = {"Reply_To": f"Zoe <{ZOE}>", "Subject": subject, "Message_ID": f"<{number}@web.example>"}
        dovecot.deliver(letter(sender=f"Website <{letters.DESK}>", **of_form))
    await poll_mailbox(context)
    assert await mails() == [("form", None), ("automatic", None)]
    came = await db.fetch("SELECT ticket, stranger FROM ticket_mail ORDER BY id")
    assert [tuple(one) for one in came] == [(ticket, True), (ticket, True)]


async def test_one_bad_mail_is_set_aside_and_stops_no_other(
    context: dict[str, Any], dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers.arrival, "LARGEST", 2_000_000)
    dovecot.deliver(letters.BOMB)
    dovecot.deliver(letter("x" * 2_100_000, Subject="Large", Message_ID="<large@mail.example>"))
    dovecot.deliver(b"\xff\xfe\x00\r\n\r\n\x00")
    dovecot.deliver(letter("Fine", Subject="Fine", Message_ID="<fine@mail.example>"))
    assert await poll_mailbox(context) == 4
    aside = await db.fetch("SELECT aside, subject, sender FROM ticket_mail WHERE aside IS NOT NULL ORDER BY id")
    assert [tuple(one) for one in aside] == [("broken", "Bomb", "anna@mail.example"), ("too_large", "Large", ZOE)]
    assert "Fine" in [one["subject"] for one in await tickets()]


async def test_files_are_kept_by_their_content_and_others_are_named(context: dict[str, Any], dovecot: Dovecot) -> None:
    dovecot.deliver(letters.IPHONE)
    dovecot.deliver(letters.IPHONE.replace(b"iphone@", b"virus@").replace(b"iVBORw0KGgo=", b"TVqQAAMAAAA="))
    await poll_mailbox(context)
    assert [one["name"] for one in await db.fetch("SELECT name FROM ticket_file")] == ["Кухня.png"]
    left = json.loads(await db.fetchval("SELECT left_out FROM ticket_mail WHERE left_out IS NOT NULL"))
    assert left == [{"name": "Кухня.png", "key": "problem.file_kind", "params": {}}]


async def test_a_mailbox_that_cannot_be_opened_says_so_and_nothing_is_lost(
    context: dict[str, Any], dovecot: Dovecot
) -> None:
    settings = context["settings"]
    dovecot.deliver(letter())
    other = {"settings": replace(settings, imap_url="imaps://desk:secret@127.0.0.1:9/INBOX")}
    assert await poll_mailbox(other) == 0
    assert str((await mailbox.position(other["settings"].mailbox)).trouble).startswith("away: ")
    wrong = {"settings": replace(settings, imap_url=dovecot.url.replace("se%2Fcret", "wrong"))}
    assert await poll_mailbox(wrong) == 0
    trouble = (await mailbox.position(settings.mailbox)).trouble
    assert trouble is not None
    assert trouble.startswith("login: ")
    assert "wrong" not in trouble
    assert await poll_mailbox(context) == 1
    assert await db.fetch("SELECT trouble FROM mailbox_position WHERE trouble IS NOT NULL") == []


async def test_without_an_address_nobody_looks(context: dict[str, Any], dovecot: Dovecot) -> None:
    dovecot.deliver(letter(Message_ID=f"<{uuid4()}@mail.example>"))
    assert await poll_mailbox({"settings": replace(context["settings"], imap_url=None)}) == 0
    assert await tickets() == []
