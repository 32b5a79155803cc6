"""Whoever wrote a ticket by mail and is no client is erased from its page, with all that came from their address."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from uuid import uuid4

from console.domain import clock, db
from console.domain.intent import SYSTEM, Intent
from console.domain.tickets import mail
from console.domain.tickets.mail_rules import Envelope, MailAside
from tests.cast import ANNA, VERA
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.routes.test_ticket_mail import ZOE, came, client
from tests.words import say

ERASURE = "/tickets/1/erasure"


async def lived() -> None:
    """Two tickets of Zoe, one of somebody else, and a mail of hers that was set aside."""
    await came(name="Zoe Quill")
    await came("It is dark here", "other@mail.example", "Olga Orlova")
    await db.execute("UPDATE ticket SET subject = 'A lamp', folded = 'a lamp' WHERE number = 2")
    await came("Quince Lane again", name="Zoe Quill")
    await db.execute("UPDATE ticket SET status = 'open'")
    envelope = Envelope(sha256(uuid4().bytes).digest(), ZOE, "Zoe Quill", "Quince Lane")
    await mail.set_aside(Intent(uuid4(), SYSTEM, clock.now()), envelope, MailAside.TOO_LARGE, 7)


async def erase(visitor: Visitor, page: Page | None = None) -> Page:
    return await visitor.send(page or await visitor.open(ERASURE), ERASURE, reason="asked")


async def test_the_preview_says_what_goes_and_changes_nothing(vera: Visitor) -> None:
    await lived()
    ticket = await vera.open("/tickets/1")
    assert ticket.has(f'a[href="{ERASURE}"]')
    before = await db.fetchval("SELECT count(*) FROM operation")
    page = await vera.open(ERASURE)
    assert (page.status, page.heading) == (200, say("title.ticket_erasure"))
    assert f"Zoe Quill, {ZOE}" in page.words("main")
    assert page.all("#main .facts a")[0].endswith("A stamp is missing")
    assert "A lamp" not in page.words("#main")
    assert say("words.mails_set_aside", count=1) in page.words("#main")
    assert page.has("table.goes tbody tr")
    assert await db.fetchval("SELECT count(*) FROM operation") == before


async def test_who_wrote_is_erased_and_the_ticket_says_so(vera: Visitor) -> None:
    await lived()
    page = await erase(vera)
    assert (page.status, page.path, page.toast) == (200, "/tickets/1", say("done.ticket_mail.erase"))
    assert not page.has(".toast form")
    assert say("This client was erased.") in page.words(".ticket-side")
    assert not page.has(f'a[href="{ERASURE}"]')
    for words in ("Zoe", "Quill", "Quince", ZOE, "Where is it"):
        assert words not in page.words("body")
    assert await db.fetchval("SELECT array_agg(number) FROM ticket WHERE client IS NULL") == [2]
    assert (await vera.open(ERASURE)).path == "/tickets/1"


async def test_what_came_in_since_the_preview_is_shown_before_it_goes(vera: Visitor) -> None:
    await lived()
    page = await vera.open(ERASURE)
    await came("And another thing", numbers=[1])
    again = await erase(vera, page)
    assert again.status == 409
    assert await db.fetchval("SELECT count(*) FROM erasure") == 0
    assert (await erase(vera, again)).path == "/tickets/1"
    assert await db.fetchval("SELECT count(*) FROM erasure") == 1


async def test_without_a_reason_nothing_goes(vera: Visitor) -> None:
    await lived()
    page = await vera.send(await vera.open(ERASURE), ERASURE, reason="because")
    assert page.status == 422
    assert await db.fetchval("SELECT count(*) FROM erasure") == 0


async def test_the_desk_is_not_offered_it_and_may_not(anna: Visitor) -> None:
    await lived()
    page = await anna.open("/tickets/1")
    assert not page.has(f'a[href="{ERASURE}"]')
    assert (await anna.open(ERASURE)).status == 403
    typed = {"_csrf": [page.value("_csrf")], "reason": ["asked"], "expected": ["x"]}
    assert (await anna.post(ERASURE, typed)).status == 403
    assert await db.fetchval("SELECT count(*) FROM erasure") == 0


async def test_of_a_clients_ticket_it_is_not_offered(vera: Visitor) -> None:
    await client()
    await came()
    assert not (await vera.open("/tickets/1")).has(f'a[href="{ERASURE}"]')
    assert (await vera.open(ERASURE)).path == "/tickets/1"


async def test_in_russian_too(sign_in: SignIn) -> None:
    visitor = await sign_in(replace(VERA, language="ru"))
    await came(name="Zoe Quill")
    page = await erase(visitor)
    assert page.toast == say("done.ticket_mail.erase", "ru")
    assert ANNA.name not in page.toast


async def test_the_preview_of_a_clients_erasure_names_what_came_from_their_email_and_is_nobodys(vera: Visitor) -> None:
    await lived()
    erasure = f"/clients/{await client()}/erasure"
    page = await vera.open(erasure)
    assert page.has('#main .facts a[href="/tickets/1"]')
    assert len(page.all("#main .facts a")) == 1
    hint = say("It goes with them. If it is somebody else’s, say first in the ticket whose it is.")
    assert hint in page.words("#main")
    assert say("words.mails_set_aside", count=1) in page.words("#main")
    await vera.send(page, erasure, reason="asked")
    assert await db.fetchval("SELECT array_agg(number) FROM ticket WHERE client IS NULL") == [2]
