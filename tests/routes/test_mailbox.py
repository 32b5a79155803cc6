"""The mailbox of a console without a mail server."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from litestar import Litestar
from litestar.datastructures import State

from console import i18n
from console.domain import clock, db
from console.domain.intent import Intent
from console.domain.secret import Aside
from console.domain.team import mail, passwords
from tests import factories
from tests.cast import ANNA, BORIS, OLEG, PASSWORD, VERA, Person
from tests.page import Page, Visitor
from tests.routes.conftest import BASE, SignIn
from tests.words import say

MAILBOX = "/settings/mailbox"
STAFF = "/settings/staff"
UTC_ZONE = ZoneInfo("UTC")
MAX = Person(22, "Max Manager", "max@fifth.example", VERA.role, "en")


async def invite(visitor: Visitor, **typed: str) -> None:
    page = await visitor.open(f"{STAFF}/new")
    await visitor.send(page, STAFF, **{"name": "Nina O'Hara", "email": "nina@fifth.example", **typed})


async def test_the_owner_reads_an_invitation_and_follows_its_link(sign_in: SignIn, stranger: Visitor) -> None:
    oleg = await sign_in(OLEG)
    assert "No mail yet" in (await oleg.open(MAILBOX)).words("main")
    await invite(oleg)
    page = await oleg.open(MAILBOX)
    assert "nina@fifth.example" in page.words(".items")
    page = await oleg.open(page.tree.css_first(".items a").attributes["href"] or "")
    assert "Nina O'Hara · nina@fifth.example" in page.words("main")
    assert "Hello Nina O'Hara," in page.words(".letter")
    link = page.tree.css_first(".letter a[href*='/links/']").attributes["href"] or ""
    assert link.startswith(f"{BASE}/links/")
    assert (await stranger.open(link)).status == 200


async def test_letters_are_in_their_readers_language_and_the_page_in_ones_own(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await invite(oleg, name="Нина", language="ru")
    page = await oleg.open(MAILBOX)
    assert page.heading == say("title.mailbox")
    page = await oleg.open(page.tree.css_first(".items a").attributes["href"] or "")
    assert "Здравствуйте, Нина" in page.words(".letter")
    assert page.tree.css_first("html").attributes["lang"] == "en"


async def test_a_letter_whose_link_was_replaced_says_so(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await invite(oleg)
    account = f"{STAFF}/{await db.fetchval('SELECT max(id) FROM staff')}"
    await oleg.send(await oleg.open(account), f"{account}/link")
    page = await oleg.open(MAILBOX)
    newest, older = [link.attributes["href"] or "" for link in page.tree.css(".items a")]
    assert (await oleg.open(newest)).has(".letter a[href*='/links/']")
    page = await oleg.open(older)
    assert not page.has(".letter a[href*='/links/']")
    assert say("words.link_gone") in page.words(".letter")
    assert "None" not in page.words(".letter")


async def test_a_letter_begins_with_what_it_is_for_and_a_first_invitation_differs_from_a_new_link(
    sign_in: SignIn,
) -> None:
    oleg = await sign_in(OLEG)
    await invite(oleg)
    account = f"{STAFF}/{await db.fetchval('SELECT max(id) FROM staff')}"
    await oleg.send(await oleg.open(account), f"{account}/link")
    business = await db.fetchval("SELECT name FROM business")
    assert (await oleg.open(MAILBOX)).all(".item strong") == [
        f"New link for your invitation: {business}",
        f"You are invited: {business}",
    ]


@pytest.mark.parametrize("only_here", [False, True])
async def test_a_letter_whose_link_opens_on_this_computer_alone_says_so(
    app: Litestar, sign_in: SignIn, only_here: bool
) -> None:
    if only_here:
        app.state.settings = replace(app.state.settings, public_url="http://127.0.0.1:8000")
    oleg = await sign_in(OLEG)
    await invite(oleg)
    page = await oleg.open((await oleg.open(MAILBOX)).tree.css_first(".items a").attributes["href"] or "")
    assert (
        "The link in this letter opens only on the computer that runs the console" in page.words("main")
    ) is only_here


def links(page: Page) -> list[str]:
    """What is said of the letters' links, newest first."""
    return page.all(".items .badge")


async def test_each_letter_says_whether_its_link_is_good_used_run_out_or_replaced(
    sign_in: SignIn, stranger: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    oleg = await sign_in(OLEG)
    await invite(oleg)
    account = f"{STAFF}/{await db.fetchval('SELECT max(id) FROM staff')}"
    await oleg.send(await oleg.open(account), f"{account}/link")
    until = await db.fetchval("SELECT max(expires_at) FROM staff_token")
    good, replaced = say("Link good until %(time)s", time=i18n.moment(until, UTC_ZONE)), "Link replaced by a newer one"
    page = await oleg.open(MAILBOX)
    assert links(page) == [good, replaced]
    letter = await oleg.open(page.tree.css_first(".items a").attributes["href"] or "")
    assert letter.words("#main .badge") == good
    link = letter.tree.css_first(".letter a[href*='/links/']").attributes["href"] or ""
    await stranger.send(await stranger.open(link), password="an entirely new sentence")
    assert links(await oleg.open(MAILBOX)) == ["Link used", replaced]
    await invite(oleg, email="late@fifth.example")
    late = clock.now() + timedelta(days=8)
    await db.execute("UPDATE staff_session SET expires_at = $1, seen_at = $1", late + timedelta(days=1))
    monkeypatch.setattr(clock, "now", lambda: late)
    assert links(await oleg.open(MAILBOX)) == ["Link run out", "Link used", replaced]


async def test_of_two_links_that_were_asked_for_the_one_used_is_told_from_the_one_that_ended_with_it(
    sign_in: SignIn, stranger: Visitor
) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(VERA)
    for _ in range(2):
        await passwords.ask_reset(Intent(uuid4(), passwords.ANYBODY, clock.now()), Aside(VERA.email))
    page = await oleg.open(MAILBOX)
    older = await oleg.open(page.tree.css(".items a")[1].attributes["href"] or "")
    link = older.tree.css_first(".letter a[href*='/links/']").attributes["href"] or ""
    await stranger.send(await stranger.open(link), password="an entirely new sentence")
    assert links(await oleg.open(MAILBOX)) == ["Link no longer good", "Link used"]


async def test_a_link_printed_at_the_server_is_said_to_be_handed_over(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await invite(oleg)
    assert await mail.take_out(await db.fetchval("SELECT max(id) FROM staff_mail"))
    assert links(await oleg.open(MAILBOX)) == ["Link handed over elsewhere"]


async def test_a_letter_without_a_link_says_nothing_of_one(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    page = await oleg.open("/profile")
    await oleg.send(page, "/profile/password", current=PASSWORD, password="an entirely new sentence")
    page = await oleg.open(MAILBOX)
    assert (len(page.tree.css(".items a")), links(page)) == (1, [])


async def test_a_name_in_markup_stays_a_name(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await invite(oleg, name="<img src=x>")
    page = await oleg.open(MAILBOX)
    page = await oleg.open(page.tree.css_first(".items a").attributes["href"] or "")
    assert "<img src=x>" in page.words(".letter")
    assert not page.has("#main img")


@pytest.mark.parametrize("person", [ANNA, BORIS, VERA], ids=lambda person: person.role.value)
async def test_nobody_but_an_owner_opens_it(sign_in: SignIn, person: Person) -> None:
    await factories.staff(OLEG)
    oleg = await sign_in(OLEG, exists=True)
    await invite(oleg)
    number = await db.fetchval("SELECT max(id) FROM staff_mail")
    visitor = await sign_in(person)
    assert not (await visitor.open("/profile")).has(f'a[href="{MAILBOX}"]')
    assert [(await visitor.open(url)).status for url in (MAILBOX, f"{MAILBOX}/{number}")] == [403, 403]


async def test_with_a_mail_server_there_is_no_mailbox(app: Litestar, sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await invite(oleg)
    number = await db.fetchval("SELECT max(id) FROM staff_mail")
    app.state = State({**app.state, "settings": replace(app.state.settings, smtp_url="smtp://127.0.0.1:25")})
    assert [(await oleg.open(url)).status for url in (MAILBOX, f"{MAILBOX}/{number}")] == [404, 404]
    assert not (await oleg.open("/settings/staff")).has(f'a[href="{MAILBOX}"]')


@pytest.mark.parametrize("number", ["0", "999", "99999999999999999999", "x"])
async def test_a_letter_that_is_not_there_is_not_found(sign_in: SignIn, number: str) -> None:
    oleg = await sign_in(OLEG)
    assert (await oleg.open(f"{MAILBOX}/{number}")).status == 404


async def test_links_that_wait_are_counted_where_they_are_handed_over(sign_in: SignIn, stranger: Visitor) -> None:
    oleg, vera = await sign_in(OLEG), await sign_in(VERA)
    for person in (ANNA, MAX):
        await factories.staff(person)
        await stranger.send(await stranger.open("/forgotten"), "/forgotten", email=person.email)
    await passwords.answer_requests(clock.now())
    page = await oleg.open("/")
    assert [page.words(".callout.attention a"), page.words("#rail .count.urgent")] == [MAX.name, "2"]
    page = await oleg.open(STAFF)
    assert page.words(f'.subnav a[href="{MAILBOX}"] .count') == "2"
    assert page.words("table").count(say("Link to hand over")) == 2
    page = await vera.open("/")
    assert [page.all(".callout.attention a"), page.words("#rail .count.urgent")] == [[ANNA.name], "1"]
    page = await vera.open(STAFF)
    assert page.words(f'.subnav a[href="{STAFF}"] .count') == "1"
    await stranger.send(await stranger.open(await _link(vera, ANNA)), password="an entirely new sentence")
    assert not (await vera.open("/")).has(".callout.attention")


async def _link(visitor: Visitor, person: Person) -> str:
    return (await visitor.open(f"{STAFF}/{person.id}")).words("#link")
