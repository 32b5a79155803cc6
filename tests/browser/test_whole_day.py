"""One whole day at the desk, from what the morning finds to the closed till, and what each task costs in presses."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page, expect

from console.domain import clock, db
from console.domain.business.queries import holidays_between
from console.domain.errors import DomainError
from console.printing import Printer
from tests import paper
from tests.browser.conftest import Do, Window, enter
from tests.browser.test_agenda import book
from tests.browser.test_every_page import violations
from tests.browser.test_fees_and_till import what_the_location_asks
from tests.browser.test_handed_out import opened
from tests.patience import PATIENCE
from tests.words import say
from workers.prints import print_waiting

MOST = {
    "A known client is booked": 10,
    "A new client is booked": 23,
    "A booking is moved": 3,
    "Somebody is ill: their day goes to others": 4,
    "A client arrives": 2,
    "A visit is finished at the price offered": 3,
    "The free visit is used": 3,
    "Somebody comes in without a booking": 10,
    "A client did not come": 3,
    "The day is printed for when the line is down": 2,
    "What happened is entered from that paper": 4,
    "What was done is undone": 1,
    "A missing stamp is put right from a ticket": 3,
    "The rules are printed": 2,
    "The till is closed": 10,
}
"""So many keys and presses each task takes at most, as README says."""
SERVICE = {"en": "ir", "ru": "гл"}
"""The beginning of the service's name in the form, which no other has."""
TOAST, DANGER, PRIMARY = "#toasts .toast", "#main .form .button.danger", "#main .form .button.primary"
ZONE = ZoneInfo("Europe/Moscow")
WITH_TIER = "SELECT client FROM loyalty_account WHERE tier <> 'base' ORDER BY client DESC LIMIT 1"
WITH_FREE_VISIT = "SELECT client FROM loyalty_account WHERE free_visits > 0 ORDER BY client LIMIT 1"
OTHERWISE = "SELECT client FROM loyalty_account WHERE free_visits = 0 ORDER BY client DESC LIMIT 1"
LAST_DAY = "SELECT max(starts_at) FROM booking WHERE starts_at < now() - interval '18 hours'"
ON_PAPER = "SELECT client FROM loyalty_account WHERE free_visits = 0 ORDER BY client LIMIT 1"
COSTS = {"en": "RUB 450", "ru": "450 ₽"}
"""Half of the price, as the location asks it of whoever does not come."""
FREE = {"en": "Free visit", "ru": "Бесплатный визит"}


@dataclass
class Hands:
    """Who sits at a desk, and how often they press a key or the mouse for a task."""

    page: Page
    language: str
    spent: dict[str, int] = field(default_factory=dict)
    task: str = ""

    async def begin(self, task: str, address: str) -> None:
        """A task begins on a page."""
        await self.page.goto(address)
        await self.page.wait_for_load_state()
        self.task = task
        self.spent[task] = 0

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)
            self.spent[self.task] += 1

    async def type(self, text: str) -> None:
        """By keys, whatever the layout: what is no Latin letter is only inserted by `keyboard.type`."""
        keyboard = await self.page.context.new_cdp_session(self.page)
        for letter in text:
            await keyboard.send("Input.dispatchKeyEvent", {"type": "keyDown", "key": letter, "text": letter})
            await keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", "key": letter})
        self.spent[self.task] += len(text)

    async def click(self, what: str) -> None:
        await self.page.locator(what).first.click()
        self.spent[self.task] += 1

    async def sees(self, where: str, text: str | re.Pattern[str]) -> None:
        await expect(self.page.locator(where).first).to_contain_text(text)

    async def done(self) -> None:
        """It is told, and can be undone."""
        await expect(self.page.locator("#toasts .toast-undo")).to_be_visible()

    def say(self, message: str, **params: object) -> str:
        return say(message, self.language, **params)


@dataclass(frozen=True)
class Left:
    """Bookings of the last day on which somebody was there, that nobody finished; `on` as in an address.

    `ahead`: an open day some weeks from now.
    """

    ahead: str
    on: str
    tier: int
    free: int
    away: int
    line: int


async def _left() -> Left:
    """Somebody with a tier, with a free visit, who did not come, and who came while the line was down."""
    on = (await db.fetchval(LAST_DAY)).astimezone(ZONE).date()
    made = [await _somewhere(on, await db.fetchval(sql)) for sql in (WITH_TIER, WITH_FREE_VISIT, OTHERWISE, ON_PAPER)]
    return Left((await _ahead()).isoformat(), on.isoformat(), *made)


async def _ahead() -> date:
    """A Tuesday, Wednesday or Thursday that is no holiday."""
    days = [clock.now().astimezone(ZONE).date() + timedelta(days) for days in range(14, 50)]
    closed = {one.date for one in await holidays_between(days[0], days[-1])}
    return next(day for day in days if day.weekday() in {1, 2, 3} and day not in closed)


async def _somewhere(on: date, client: int) -> int:
    """A booking of a client's in the first place that is free on a date."""
    for hour, person in product(range(9, 20), range(1, 6)):
        with suppress(DomainError):
            return await book(f"{hour}:00", person, client, on=on)
    raise AssertionError("nobody has an hour")


@pytest.fixture
async def left(elsewhere: Do) -> Left:
    found: Left = await elsewhere(_left)
    return found


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_a_whole_day_at_the_desk(window: Window, elsewhere: Do, left: Left, language: str) -> None:
    manager = await window(language=language)
    await enter(manager, "manager")
    await what_the_location_asks(manager, language)
    page = await window(language=language)
    await enter(page, "front_desk")
    desk = Hands(page, language)
    await takes_over(desk)
    await is_rung_up(desk, left)
    await has_a_newcomer(desk, left)
    await moves(desk, left)
    await has_somebody_ill(desk, left)
    await sees_them_come_and_pay(desk, left)
    await plays_the_free_visit(desk, left)
    await serves_somebody_from_the_street(desk)
    await waits_in_vain(desk, left)
    head = Hands(manager, language)
    await prints_the_day(desk, left)
    await enters_it_from_paper(head, left)
    support = Hands(await window(language=language), language)
    await enter(support.page, "support")
    await puts_right(support)
    await prints_the_rules(desk, elsewhere)
    await closes_the_till(desk, elsewhere)
    spent = desk.spent | head.spent | support.spent
    assert {task: count for task, count in spent.items() if count > MOST[task]} == {}
    assert spent.keys() == MOST.keys()


@pytest.mark.parametrize(
    ("page", "heading"), [("README.md", "## One whole day"), ("README.ru.md", "## Один день целиком")]
)
def test_readme_says_what_each_task_takes(page: str, heading: str) -> None:
    told = (Path(__file__).parents[2] / page).read_text(encoding="utf-8").partition(heading)[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.+) \| (\d+) \|$", told, re.MULTILINE)
    assert [int(most) for _, most in rows] == [*MOST.values()]
    assert page != "README.md" or [task for task, _ in rows] == [*MOST]


async def takes_over(desk: Hands) -> None:
    """In the morning: who comes, what was left open, who has not confirmed."""
    await desk.page.goto("/")
    for part, title in (("#next", "Expected today"), ("#to-finish", "To finish")):
        await desk.sees(f"{part} h2", desk.say(title))
    await expect(desk.page.locator("#to-finish tbody tr").first).to_be_visible()
    assert await violations(desk.page) == []


async def is_rung_up(desk: Hands, left: Left) -> None:
    """By the last four digits, at the place where the cursor stands; then the day is looked at."""
    await desk.begin("A known client is booked", f"/agenda?on={left.ahead}")
    await desk.press("ArrowDown", "n")
    await expect(desk.page.locator("[name=who]")).to_be_focused()
    await desk.type("7270")
    await desk.press("Enter")
    await expect(desk.page.locator("[name=services_1_service]")).to_be_focused()
    await desk.type(SERVICE[desk.language])
    await expect(desk.page.locator(".kept")).to_be_visible()
    await desk.press("Control+Enter")
    await desk.done()


async def has_a_newcomer(desk: Hands, left: Left) -> None:
    """Whom nobody knows yet is added where they are booked."""
    await desk.begin("A new client is booked", f"/agenda?on={left.ahead}")
    await desk.press("ArrowDown", "ArrowDown", "n")
    await expect(desk.page.locator("[name=who]")).to_be_focused()
    await desk.type("9001234567")
    await desk.press("Enter")
    await expect(desk.page.locator("details.newcomer input:focus")).to_have_value("")
    await desk.type("Nora")
    await desk.press("Tab", "Tab")
    await desk.type(SERVICE[desk.language])
    await expect(desk.page.locator(".kept")).to_be_visible()
    await desk.press("Control+Enter")
    await desk.done()


async def moves(desk: Hands, left: Left) -> None:
    """To another place of those that are offered."""
    await desk.begin("A booking is moved", f"/agenda?on={left.ahead}")
    await desk.click(".b")
    await desk.click("#panel a[href$='/move']")
    await desk.click("#panel .offer >> nth=2")
    await desk.done()


async def has_somebody_ill(desk: Hands, left: Left) -> None:
    """What they had goes to others, who are shown first."""
    await desk.begin("Somebody is ill: their day goes to others", f"/agenda?on={left.ahead}")
    await desk.click(".head:has(+ .col .b) .menu summary")
    await desk.click(".head .menu[open] a[href*='/stand-in']")
    await desk.click(PRIMARY)
    await desk.sees(PRIMARY, desk.say("Do it"))
    await desk.click(PRIMARY)
    await desk.done()


async def sees_them_come_and_pay(desk: Hands, left: Left) -> None:
    """Arrived, and finished at the price that the tier makes; the toast tells what came of it."""
    await desk.begin("A client arrives", f"/agenda?on={left.on}")
    await desk.page.locator(f".b[href='/bookings/{left.tier}']").focus()
    await desk.press("Enter")
    await expect(desk.page.locator("#panel [data-ready]")).to_be_focused()
    await desk.press("Enter")
    await desk.done()
    await desk.begin("A visit is finished at the price offered", f"/agenda?on={left.on}")
    await desk.page.locator(f".b.arrived[href='/bookings/{left.tier}']").focus()
    await desk.press("Enter")
    await expect(desk.page.locator("#panel [data-ready]")).to_be_focused()
    await desk.press("Enter")
    await expect(desk.page.locator("#panel .till-steps .is-less")).to_have_count(1)
    await expect(desk.page.locator("#panel .till-finish")).to_be_focused()
    await desk.press("Enter")
    await desk.done()
    desk.task, desk.spent["What was done is undone"] = "What was done is undone", 0
    await desk.press("z")
    await expect(desk.page.locator("#toasts .toast-undo")).to_have_text(desk.say("Redo"))
    await desk.page.keyboard.press("z")
    await expect(desk.page.locator("#toasts .toast-undo")).to_have_text(desk.say("Undo"))


async def plays_the_free_visit(desk: Hands, left: Left) -> None:
    """After the fourth stamp nothing is paid for the next."""
    await desk.begin("The free visit is used", f"/agenda?on={left.on}")
    await desk.page.locator(f".b[href='/bookings/{left.free}']").click()
    await desk.click("#panel a[href$='/visit']")
    await desk.click("#panel [name=free]")
    await desk.sees("#panel .till-steps .is-less dt", FREE[desk.language])
    await desk.press("Control+Enter")
    await desk.done()


async def serves_somebody_from_the_street(desk: Hands) -> None:
    """Without a booking and without a card."""
    await desk.begin("Somebody comes in without a booking", "/visits/new")
    await desk.click("[name=add]")
    await desk.type({"en": "ironing", "ru": "глажка"}[desk.language])
    await desk.press("Enter")
    await expect(desk.page.locator("[name=add]")).to_have_value("")
    await expect(desk.page.locator(".till-finish")).to_be_visible()
    await desk.press("Control+Enter")
    await desk.done()


async def waits_in_vain(desk: Hands, left: Left) -> None:
    """What it costs whoever did not come is seen before it is noted."""
    await desk.begin("A client did not come", f"/agenda?on={left.on}")
    await desk.click(f".b[href='/bookings/{left.away}']")
    await desk.click("#panel a[href$='/no-show']")
    await desk.sees("#panel form .callout.attention", COSTS[desk.language])
    await desk.click("#panel form .button.danger")
    await desk.done()


async def prints_the_day(desk: Hands, left: Left) -> None:
    """Whoever is still to come stands there, with what is to pay and lines to write on."""
    await desk.begin("The day is printed for when the line is down", f"/agenda?on={left.on}")
    await desk.click(".agenda-more summary")
    async with desk.page.expect_download() as waiting:
        await desk.click(".agenda-more a[href^='/agenda/paper']")
    file = await (await waiting.value).path()
    who = await desk.page.locator(f".b[href='/bookings/{left.line}'] > b").first.inner_text()
    printed = file.read_bytes()
    assert paper.has(printed, who)
    assert paper.has(printed, desk.say("What happened"))


async def enters_it_from_paper(head: Hands, left: Left) -> None:
    """The rows stand as on paper, and by one press what is said of them is done; of a day longer ago by a manager."""
    await head.begin("What happened is entered from that paper", f"/agenda?on={left.on}")
    await head.click(".agenda-more summary")
    await head.click(".agenda-more a[href^='/agenda/entry']")
    await head.click(f"#b{left.line} label:has([value=came])")
    await head.press("Control+Enter")
    await head.done()
    await head.sees(f"#b{left.line} .entry-became", head.say("words.status_finished"))


async def puts_right(support: Hands) -> None:
    """The stamp of a second visit on a date, which the ticket finds by itself."""
    await support.begin("A missing stamp is put right from a ticket", "/tickets/1")
    await support.click("a[href='/tickets/1/remedies']")
    await support.click(".remedy-ways a[href*='missing_stamp']")
    await support.sees("#main form", support.say("This would happen"))
    await support.click("#main form.form button")
    await support.sees(".ticket-remedies li", support.say("words.remedy_posted"))


async def prints_the_rules(desk: Hands, elsewhere: Do) -> None:
    """In the desk's language, as they are in force."""
    await desk.begin("The rules are printed", "/programme")
    await desk.click("#page a[href='/programme/prints']")
    await desk.click(f"a[href*='/prints/rules?'][href*='language={desk.language}']")
    await expect(desk.page.locator("#making progress")).to_be_visible()
    assert await elsewhere(lambda: print_waiting({"printer": Printer(seconds=PATIENCE)})) == 1
    await expect(desk.page.locator(".making-done")).to_be_visible()
    assert paper.has(await opened(desk.page), {"en": "Silver", "ru": "Серебряный"}[desk.language])


async def closes_the_till(desk: Hands, elsewhere: Do) -> None:
    """Counted, as it is expected, and signed."""
    lies = await elsewhere(lambda: db.fetchval("SELECT sum(minor) FROM payment WHERE method = 1"))
    await desk.begin("The till is closed", "/cashbook")
    await desk.click("#page a[href^='/tills/of/']")
    await desk.click("[name=counted_1]")
    await desk.type(str(lies // 100))
    await desk.click(PRIMARY)
    await expect(desk.page).to_have_url(re.compile("/tills/[0-9]+$"))
