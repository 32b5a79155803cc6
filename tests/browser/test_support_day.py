"""A support person's whole day: a mail that came in is taken, answered, put right and solved, beside a colleague; the
client says on a phone, without scripts, what they think of it.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from uuid import uuid4

import pytest
from playwright.async_api import Locator, Page, expect

from console import links
from console.config import Settings
from console.domain import clock, db
from console.domain.ids import ActorId, ClientId, TicketId, TicketStatusId
from console.domain.intent import SYSTEM, Actor, Intent
from console.domain.team.queries import demo_person
from console.domain.team.rules import PERMISSIONS, Role
from console.domain.tickets import actions, mail
from console.domain.tickets.mail_rules import Arrived, Envelope, MailKind
from tests.browser.conftest import JOURNEYS, KEY, Do, Window, enter
from tests.browser.test_booking_link import PHONE, fits
from tests.browser.test_every_page import violations
from tests.words import say

COMPLAINT = 1
"""A ticket of the demo: its client came twice on a date, and the second visit has no stamp though the first one has
none any more."""
OTHERS = (3, 7)
"""Tickets that are in the queue besides."""
SUBJECT = "My fourth stamp"
BODY = "Four cleanings, three stamps. Where is the stamp of that sunny evening?"
ANSWER = "You are right, and the stamp is on your card now."
TAG = "week"
SOLVED = "SELECT max(s.id) FROM ticket_status s JOIN ticket t ON t.id = s.ticket WHERE t.number = $1"


@dataclass(frozen=True)
class Writer:
    """The client who writes."""

    client: ClientId
    name: str
    address: str


@pytest.fixture
async def writer(elsewhere: Do, language: str) -> Writer:
    """The client of the complaint, who speaks the journey's language."""

    async def found() -> Writer:
        row = await db.fetchrow(
            "UPDATE client_profile SET language = $2 WHERE client = (SELECT client FROM ticket WHERE number = $1)"
            " RETURNING client, given_name || ' ' || family_name AS name, emails -> 0 ->> 'address' AS address",
            COMPLAINT,
            language,
        )
        assert row is not None
        return Writer(**dict(row))

    writer: Writer = await elsewhere(found)
    return writer


async def comes_in(writer: Writer) -> None:
    """A mail of theirs, as the mailbox is read."""
    envelope = Envelope(sha256(uuid4().bytes).digest(), writer.address, writer.name, SUBJECT, "<1@mail.example>")
    await mail.receive(Intent(uuid4(), SYSTEM, clock.now()), Arrived(envelope, MailKind.ORDINARY, BODY))


async def colleague(what: Callable[[Intent], Awaitable[object]]) -> None:
    """Somebody of the front desk does something."""
    who = ActorId(await demo_person(Role.FRONT_DESK))
    await what(Intent(uuid4(), Actor(who, frozenset(map(str, PERMISSIONS[Role.FRONT_DESK]))), clock.now()))


async def notes(number: int, body: str) -> None:
    """A colleague notes something in a ticket."""
    ticket = TicketId(await db.fetchval("SELECT id FROM ticket WHERE number = $1", number))
    await colleague(lambda intent: actions.note(intent, ticket, body))


@dataclass(frozen=True)
class Desk:
    """What support sits before, in one of the ways: keys where scripts run, presses where they do not."""

    page: Page
    way: str
    language: str

    def say(self, key: str, **params: object) -> str:
        return say(key, self.language, **params)

    def row(self, subject: str) -> Locator:
        return self.page.locator("[data-ticket]").filter(has_text=subject)

    async def views(self, name: str) -> None:
        """Go to another list."""
        await self.page.locator(f".ticket-views a[href='/tickets?view={name}']").click()
        await expect(self.page.locator(f".ticket-views [href='/tickets?view={name}'][aria-current]")).to_be_visible()
        await expect(self.page.locator("#ticket-views")).to_have_count(1)

    async def quickly(self, subject: str, letter: str) -> None:
        """Do with a ticket of the list what a letter stands for."""
        row = self.row(subject)
        await expect(row).to_have_count(1)
        if self.way == "no scripts":
            await row.hover()
            await row.locator(f"[data-key={letter}]").click()
        else:
            await self.page.wait_for_load_state()
            await row.locator("[data-key=o]").focus()
            await self.page.keyboard.press(letter)

    async def sends(self) -> None:
        await self.page.locator("form.ticket-reply .button.primary").click()

    async def opens(self, number: int) -> None:
        await self.page.goto(f"/tickets/{number}")

    async def types(self, body: str) -> None:
        """Type an answer and keep it: by itself, or by a press."""
        if self.way == "no scripts":
            await self.page.fill("[name=body]", body)
            await self.page.click("button[formaction*='/draft']")
            return
        await self.page.wait_for_load_state()
        await self.page.keyboard.press("r")
        await expect(self.page.locator("[name=body]")).to_be_focused()
        await self.page.keyboard.type(body)
        if self.way == "htmx":
            await expect(self.page.locator("#draft")).not_to_be_empty()

    async def tick(self, *subjects: str) -> None:
        for one in subjects:
            await self.row(one).locator("[name=ticket]").check()

    async def solve(self) -> None:
        if self.way == "no scripts":
            await self.page.click("button[name=status][value=solved]")
        else:
            await self.page.wait_for_load_state()
            await self.page.locator("h1").focus()
            await self.page.keyboard.press("c")
        await expect(self.page.locator(".page-head .ticket-status")).to_have_class(re.compile("is-solved"))


@pytest.fixture
async def desk(window: Window, console: str, way: str, language: str) -> Desk:
    page = await window(way, language=language)
    await enter(page, "support")
    return Desk(page, way, language)


@pytest.mark.parametrize(("language", "way"), JOURNEYS)
async def test_a_support_persons_whole_day(desk: Desk, window: Window, elsewhere: Do, writer: Writer) -> None:
    await elsewhere(lambda: comes_in(writer))
    number = await taken(desk, writer)
    await answered(desk, elsewhere, writer, number)
    await put_right(desk, writer, number)
    await desk.opens(number)
    await desk.solve()
    await many_at_once(desk, elsewhere)
    await found_again(desk, number)
    solving = TicketStatusId(await elsewhere(lambda: db.fetchval(SOLVED, number)))
    link = links.satisfaction_path(Settings(secret_key=KEY), solving, writer.client)
    await rated(desk, await window("no scripts", width=PHONE, height=740, touch=True), link)
    seen = await window(width=PHONE, height=740)
    await seen.goto(link)
    assert await violations(seen) == []


async def taken(desk: Desk, writer: Writer) -> int:
    """What came in waits for anybody, and is taken from the list; its number."""
    page = desk.page
    await page.goto("/")
    await expect(page.locator("#rail .wide-only a[href='/tickets'] .count")).to_be_visible()
    await page.locator("#rail .wide-only a[href='/tickets']").click()
    await desk.views("unassigned")
    await desk.quickly(SUBJECT, "a")
    await expect(desk.row(SUBJECT)).to_have_count(0)
    await desk.views("mine")
    await desk.quickly(SUBJECT, "o")
    await expect(page.locator("h1")).to_have_text(SUBJECT)
    await expect(page.locator(".said-body")).to_have_text(BODY)
    await expect(page.locator(".ticket-client h2").first).to_have_text(writer.name)
    await expect(page.locator(".ticket-client .loyalty")).to_be_visible()
    return int(re.findall("[0-9]+", page.url)[-1])


async def answered(desk: Desk, elsewhere: Do, writer: Writer, number: int) -> None:
    """What is typed is kept while a colleague notes something; sent, it waits for a second look, and goes by mail."""
    page, body = desk.page, desk.page.locator("form.ticket-reply [name=body]")
    await desk.types(ANSWER)
    await page.goto("/tickets")
    await desk.opens(number)
    await expect(body).to_have_value(ANSWER)
    for channel, told in (("phone", False), ("email", True)):
        await page.select_option("form.ticket-reply [name=channel]", channel)
        await expect(page.locator(".reply-mail")).to_be_visible(visible=told)
    await expect(page.locator(".reply-mail")).to_contain_text(writer.address)
    await elsewhere(lambda: notes(number, "I called her"))
    await desk.sends()
    await expect(page.locator(".ticket-reply .callout")).to_have_text(desk.say("refused.ticket_meanwhile"))
    await expect(page.locator(".is-note .said-body")).to_have_text("I called her")
    await expect(body).to_have_value(ANSWER)
    await desk.sends()
    await expect(page.locator(".is-out .said-body")).to_have_text(ANSWER)
    await expect(page.locator(".said-mail").last).to_contain_text(desk.say("words.message_due"))
    await expect(page.locator(".page-head .ticket-status")).to_have_class(re.compile("is-pending"))


async def put_right(desk: Desk, writer: Writer, number: int) -> None:
    """The stamp that is missing is shown as it would be given, given, and told of on the card with the ticket."""
    page = desk.page
    await page.locator(f'a[href="/tickets/{number}/remedies"]').click()
    await page.locator('.remedy-ways a[href*="missing_stamp"]').click()
    await expect(page.locator("#main form")).to_contain_text(desk.say("This would happen"))
    await page.locator("#main form.form button").click()
    await expect(page).to_have_url(re.compile(f"/tickets/{number}$"))
    await expect(page.locator(".ticket-remedies li")).to_contain_text(desk.say("words.remedy_posted"))
    await page.goto(f"/clients/{writer.client}")
    await page.locator(".why-link").first.click()
    by, _, _ = desk.say("why.by_remedy", number=number, who="|", when="").partition("|")
    told = page.locator(".why-lines .why-what").filter(has_text=by.rstrip(" ,:"))
    await expect(told.first).to_be_visible()
    await expect(page.locator(f".why-pauses a[href='/tickets/{COMPLAINT}']")).to_be_visible()


async def many_at_once(desk: Desk, elsewhere: Do) -> None:
    """Of two that are ticked, one was changed by a colleague since the list was opened: it alone stays as it is."""
    page = desk.page
    await page.goto("/tickets?view=all")
    subjects = [await page.locator(f"[data-ticket='{one}'] [data-key=o]").inner_text() for one in OTHERS]
    await desk.tick(*subjects)
    await elsewhere(lambda: notes(OTHERS[0], "I have it"))
    await page.fill(".bulk-bar [name=tag]", TAG)
    await page.click(".bulk-bar button")
    await expect(page.locator(".toast")).to_contain_text(desk.say("effect.tickets_left_stale", numbers=str(OTHERS[0])))
    await expect(page.locator("[data-ticket] .tag").filter(has_text=TAG)).to_have_count(1)
    await expect(desk.row(subjects[1]).locator(".tag").filter(has_text=TAG)).to_be_visible()


async def found_again(desk: Desk, number: int) -> None:
    """A list of one's own is kept and opened; a word of what was said finds the ticket."""
    page = desk.page
    await page.goto(f"/tickets?view=all&tag={TAG}")
    await page.locator(".list-nav summary").first.click()
    await page.fill("[name=name]", "This week")
    await page.locator("form[action^='/tickets/views'] button").first.click()
    await expect(page.locator(".ticket-views [aria-current]")).to_have_text("This week")
    await expect(page.locator("[data-ticket]")).to_have_count(1)
    await desk.views("all")
    await page.fill(".list-search [name=q]", "sunny")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-ticket]")).to_have_count(1)
    await expect(page.locator(f"[data-ticket='{number}']")).to_be_visible()


async def rated(desk: Desk, phone: Page, link: str) -> None:
    """The client says by the link of the mail what they think; support finds it among what is rated badly."""
    await phone.goto(link)
    await expect(phone.locator("h1")).to_have_text(desk.say("title.satisfaction"))
    await fits(phone)
    await phone.check("[name=rating][value=bad]")
    await phone.fill("[name=comment]", "Too late.")
    await phone.click("form button")
    await expect(phone.locator("h1")).to_have_text(desk.say("title.satisfaction_thanks"))
    await expect(phone.locator(".link-said")).to_have_text("Too late.")
    await phone.click(".link-change summary")
    await fits(phone)
    await desk.page.goto("/tickets?view=rated-bad")
    await desk.row(SUBJECT).locator("[data-key=o]").click()
    await expect(desk.page.locator(".said-comment")).to_have_text("Too late.")
