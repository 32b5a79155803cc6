"""Mails that came in, as the conversation shows them, and whose a ticket of somebody unknown is."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import uuid4

from litestar import Litestar
from litestar.datastructures import State

from console.domain import clock, db
from console.domain.intent import SYSTEM, Intent
from console.domain.team.trouble import Trouble
from console.domain.tickets import mail, mailbox
from console.domain.tickets.mail_rules import Arrived, Envelope, LeftOut, MailAside, MailKind
from console.routes._ticket_words import MAILBOX
from tests import factories
from tests.page import Visitor
from tests.words import say

ZOE = "zoe@mail.example"


async def came(body: str = "Where is it?", sender: str = ZOE, name: str = "", **more: Any) -> None:
    subject = more.pop("subject", "A stamp is missing")
    envelope = Envelope(sha256(uuid4().bytes).digest(), sender, name, subject, "<1@mail.example>")
    kind = more.pop("kind", MailKind.ORDINARY)
    await mail.receive(Intent(uuid4(), SYSTEM, clock.now()), Arrived(envelope, kind, body, **more))


async def client(**named: Any) -> int:
    return await factories.client(emails=json.dumps([{"address": ZOE, "label": ""}]), **named)


async def test_what_a_mail_repeats_is_folded_away_and_files_that_were_not_taken_are_named(anna: Visitor) -> None:
    await client()
    left_out = [LeftOut("setup.exe", "problem.file_kind"), LeftOut("film.mp4", "problem.file_large", (("limit", 10),))]
    await came("<b>Bold</b>", quoted="> Dear Zoe", left_out=left_out)
    page = await anna.open("/tickets/1")
    assert page.words(".said-one .said-body") == "<b>Bold</b>"
    assert page.words("details.said-quoted .said-body") == "> Dear Zoe"
    told = page.words(".said-one > p.said-mail")
    assert told == "Not taken: setup.exe (a kind that is not taken), film.mp4 (larger than 10 MB)"


async def test_a_mail_that_says_nothing_is_named_so(anna: Visitor) -> None:
    await client()
    await came("", subject="")
    assert (await anna.open("/tickets/1")).words("h1") == say("words.ticket_untitled")


async def test_another_address_and_what_a_machine_wrote_are_marked(anna: Visitor) -> None:
    await client()
    await came()
    await came("From elsewhere", "other@mail.example", numbers=[1])
    await came("I am away", kind=MailKind.AUTOMATIC, numbers=[1])
    page = await anna.open("/tickets/1")
    marks = page.all(".said-one .said-mail")
    assert marks == [f"{say('Another address')} other@mail.example", say("words.mail_automatic").capitalize()]
    await came("Undelivered", "mailer-daemon@mail.example", kind=MailKind.BOUNCE, numbers=[1])
    assert (await anna.open("/tickets/1")).all(".said-one .said-mail")[-1] == say("words.mail_bounce").capitalize()


async def test_who_it_probably_is_becomes_its_client_by_a_press(anna: Visitor) -> None:
    first, second = await client(), await client(given_name="Zack")
    await came(name="Anna Petrova")
    assert (await anna.open("/tickets")).all(".ticket-subject small span") == ["Anna Petrova"]
    page = await anna.open("/tickets/1")
    assert page.has(f'.ticket-client button[name="client"][value="{second}"]') or page.has(
        f'.ticket-client button[name="client"][value="{first}"]'
    )
    chosen = page.tree.css_first('.ticket-client button[name="client"]')
    assert chosen is not None
    value = chosen.attributes["value"]
    await anna.send(page, "/tickets/1/client", client=value)
    assert await db.fetchval("SELECT client FROM ticket") == int(value or 0)
    assert await db.fetchval("SELECT client FROM ticket_mail") == int(value or 0)


async def test_of_who_filled_in_a_form_a_client_is_only_suggested(anna: Visitor) -> None:
    zoe = await client()
    await came(name="Zoe", kind=MailKind.FORM)
    page = await anna.open("/tickets/1")
    assert page.all(".said-one .said-mail") == [f"{say('words.mail_form').capitalize()} {ZOE}"]
    assert page.has(f'.ticket-client button[name="client"][value="{zoe}"]')
    assert await db.fetchval("SELECT client FROM ticket") is None
    await anna.send(page, "/tickets/1/client", client=zoe)
    await came("Again", name="Zoe", kind=MailKind.FORM, numbers=[1])
    page = await anna.open("/tickets/1")
    assert page.all(".said-one .said-by strong") == ["Анна Петрова", "Zoe"]
    assert not page.words(".said-one .said-mail").count(say("Another address"))


async def test_of_a_stranger_nobody_is_suggested_any_more_until_an_undo(anna: Visitor) -> None:
    await client()
    await client()
    await came()
    page = await anna.open("/tickets/1")
    said = await anna.send(page, "/tickets/1/stranger")
    assert say("No client of ours, somebody said.") in said.words(".ticket-client")
    assert not said.has('.ticket-client button[name="client"]')
    assert await db.fetchval("SELECT stranger_since IS NOT NULL FROM ticket")


async def test_a_mail_that_was_set_aside_is_listed_until_somebody_puts_it_away(vera: Visitor) -> None:
    envelope = Envelope(sha256(b"1").digest(), "big@mail.example", "Big", "Photos of the flat")
    await mail.set_aside(Intent(uuid4(), SYSTEM, clock.now()), envelope, MailAside.TOO_LARGE)
    page = await vera.open("/settings/tickets")
    assert "Photos of the flat" in page.words("#main")
    assert say("words.mail_too_large") in page.words("#main")
    one = await db.fetchval("SELECT id FROM ticket_mail")
    page = await vera.send(page, f"/settings/tickets/mails/{one}/dismissal")
    assert "Photos of the flat" not in page.words("#main")
    assert dict(await db.fetchrow("SELECT sender, subject FROM ticket_mail")) == {"sender": None, "subject": None}


async def test_a_mailbox_that_cannot_be_read_says_what_is_wrong_with_it(app: Litestar, vera: Visitor) -> None:
    page = await vera.open("/settings/tickets")
    assert say("No mailbox is connected.") in page.words("#main")
    settings = replace(app.state.settings, imap_url="imaps://desk:secret@mail.example/INBOX")
    app.state = State({**app.state, "settings": settings})
    for cause in MAILBOX:
        await mailbox.looked(settings.mailbox or "", clock.now(), str(Trouble(cause, "not valid for 'mail.example'")))
        page = await vera.open("/settings/tickets")
        assert say(MAILBOX[cause]) in page.words("#main")
        assert "desk mail.example:993 INBOX: not valid for 'mail.example'" in page.words("#main")
    await mailbox.looked(settings.mailbox or "", clock.now(), None)
    bounds = say("words.mail_bounds", most=20, of_strangers=60)
    assert bounds in (await vera.open("/settings/tickets")).words("#main")


async def test_a_mail_of_which_nothing_is_known_is_told_by_its_number(vera: Visitor) -> None:
    envelope = Envelope(sha256(b"2").digest(), "", "", "")
    await mail.set_aside(Intent(uuid4(), SYSTEM, clock.now()), envelope, MailAside.WITHHELD, 4711)
    page = await vera.open("/settings/tickets")
    assert say("Mail %(number)s of the mailbox", number="4711") in page.words("#main")
    assert say("words.mail_withheld") in page.words("#main")
