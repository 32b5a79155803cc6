"""The agenda in a browser: by keys alone, by the mouse, without scripts, on a phone, and at two desks at once."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page, expect

from console import embedded
from console.domain import clock, db
from console.domain.booking import actions
from console.domain.booking.arranging import Asked
from console.domain.booking.rules import CancelledBy
from console.domain.business.queries import locations
from console.domain.clock import WallTime
from console.domain.ids import BookableId, BookingId, ClientId, LocationId, ServiceId
from console.domain.operation import DEMO, Intent
from tests import factories
from tests.browser.conftest import WAYS, Window, enter
from tests.browser.test_every_page import too_wide, violations

DAY = date(2031, 5, 13)
"""A Tuesday on which the demo has nothing planned."""

SCROLLED = "(document.querySelector('.board-scroll').scrollTop + scrollY)"
Do = Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]


@pytest.fixture
async def elsewhere(console: str, postgres_server: embedded.Postgres) -> Do:
    """Does something as somebody at another desk would."""

    async def do(what: Callable[[], Awaitable[Any]]) -> Any:
        async with db.pool(postgres_server.app_url):
            return await what()

    return do


def intend() -> Intent:
    return Intent(uuid4(), DEMO, clock.now())


async def book(time: str, person: int, client: int = 1) -> BookingId:
    [place, *_] = await locations()
    service = await db.fetchval("SELECT id FROM service WHERE code = 'IRON'")
    hour, minute = map(int, time.split(":"))
    starts_at: datetime = WallTime(DAY, hour * 60 + minute).bound(ZoneInfo(place.zone))
    asked = Asked(ClientId(client), place.id, (ServiceId(service),), BookableId(person))
    return BookingId((await actions.book(intend(), asked, starts_at)).result["booking"])


@pytest.fixture
async def planned(elsewhere: Do) -> list[int]:
    """The demo's first two people on a far day: one booked at ten and at twelve, the other at ten."""

    async def plan() -> list[int]:
        rows = await db.fetch("SELECT id FROM bookable WHERE kind = 'person' ORDER BY position, id LIMIT 2")
        one, other = [row["id"] for row in rows]
        for time, who, client in (("10:00", one, 1), ("12:00", one, 2), ("10:30", other, 3)):
            await book(time, who, client)
        return [one, other]

    return list(await elsewhere(plan))


def column(page: Page, who: int) -> Any:
    return page.locator(f'.col[data-who="{who}"]')


async def open_day(page: Page, **asked: str) -> None:
    await enter(page)
    query = "&".join(f"{name}={value}" for name, value in {"on": DAY.isoformat(), **asked}.items())
    await page.goto(f"/agenda?{query}")


async def focused(page: Page) -> str:
    return str(await page.evaluate("document.activeElement.innerText.trim().split('\\n')[0]"))


async def test_arrows_go_along_time_and_people_and_keys_do_the_rest(window: Window, planned: list[int]) -> None:
    page = await window()
    await open_day(page)
    one, other = planned
    await column(page, one).locator(".b").first.focus()
    await page.keyboard.press("ArrowDown")
    await expect(page.locator(":focus")).to_have_text("11:00")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowRight")
    await expect(column(page, other).locator(":focus")).to_have_count(1)
    await page.keyboard.press("ArrowLeft")
    await expect(column(page, one).locator(":focus")).to_have_count(1)
    await column(page, one).locator(".b").first.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#panel :focus")).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(page.locator("#panel")).to_be_empty()
    await expect(page.locator(".b:focus")).to_have_count(1)
    await page.keyboard.press("PageDown")
    await expect(page.locator("h1")).to_have_text("Wednesday 14 May 2031")
    await expect(column(page, one).locator(":focus")).to_have_attribute("value", "10:00")
    await page.keyboard.press("PageUp")
    await expect(page.locator("h1")).to_have_text("Tuesday 13 May 2031")
    await expect(column(page, one).locator(".b:focus")).to_contain_text("10:00")
    await page.keyboard.press("t")
    await expect(page.locator("[data-step=today]")).to_have_attribute("aria-current", "date")


async def test_keys_pressed_faster_than_pages_come_are_all_followed(window: Window, planned: list[int]) -> None:
    page = await window()
    await open_day(page)
    await page.evaluate("window.stayed = true")
    for key in ("PageDown", "PageDown", "PageDown", "PageUp"):
        await page.keyboard.press(key)
    await expect(page.locator("h1")).to_have_text("Thursday 15 May 2031")
    assert await page.evaluate("window.stayed") is True


async def test_the_board_is_one_stop_of_the_tab_key_the_month_another_and_arrows_enter_from_anywhere(
    window: Window, planned: list[int]
) -> None:
    page = await window()
    await open_day(page)
    await page.keyboard.press("ArrowDown")
    await expect(column(page, planned[0]).locator(".b").first).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await expect(page.locator(".strip [aria-current]")).to_be_focused()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator(".strip :focus")).to_contain_text("14 May")
    await page.keyboard.press("Shift+Tab")
    await expect(page.locator(".strip :focus")).to_have_count(0)
    await column(page, planned[0]).locator(".free button").first.focus()
    await page.keyboard.press("ArrowUp")
    await expect(page.locator(".head > a:focus")).to_have_count(1)
    await page.keyboard.press("Tab")
    await expect(page.locator(".board :focus")).to_have_count(0)


async def test_the_keys_of_the_agenda_are_listed_there_alone(window: Window, planned: list[int]) -> None:
    page = await window()
    await open_day(page)
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_contain_text("PgUp")
    await page.keyboard.press("Escape")
    await page.goto("/clients")
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_contain_text("Esc")
    await expect(page.locator("#keys")).not_to_contain_text("PgUp")


async def lefts(page: Page) -> Any:
    return await page.evaluate("[...document.querySelectorAll('.col')].map((one) => one.getBoundingClientRect().left)")


@pytest.mark.parametrize("width", [1440, 1240])
async def test_a_double_click_opens_the_panel_and_moves_no_column(
    window: Window, planned: list[int], width: int
) -> None:
    page = await window(width=width)
    await open_day(page)
    before = await lefts(page)
    booking = page.locator(".b").last
    await booking.scroll_into_view_if_needed()
    x, y = await middle(page, booking)
    await page.mouse.click(x, y)
    await expect(page.locator("#panel h2")).to_be_visible()
    await page.mouse.click(x, y)
    await expect(page.locator("#panel h2")).to_be_visible()
    await expect(page).to_have_url(re.compile("/agenda"))
    assert await lefts(page) == before


async def test_a_booking_is_cancelled_in_the_panel_and_the_day_stays(window: Window, planned: list[int]) -> None:
    page = await window()
    await open_day(page)
    here = page.url
    await column(page, planned[0]).locator(".b").nth(1).click()
    await page.locator("#panel").get_by_role("link", name="Cancel it").click()
    await page.locator("#panel").get_by_role("button", name="Cancel the booking").click()
    await expect(page.locator(".toast-undo")).to_be_visible()
    await expect(column(page, planned[0]).locator(".b")).to_have_count(1)
    assert page.url == here


async def test_n_books_at_the_cursor(window: Window, planned: list[int]) -> None:
    page = await window()
    await open_day(page)
    await column(page, planned[0]).locator(".b").first.focus()
    await page.keyboard.press("n")
    await expect(page).to_have_url(re.compile(rf"/bookings/new\?on={DAY}&place=1&person={planned[0]}&time=11%3A00"))


@pytest.mark.parametrize("way", WAYS)
async def test_a_free_place_a_week_and_the_days_are_reached_in_every_way(
    window: Window, planned: list[int], way: str
) -> None:
    page = await window(way)
    await open_day(page)
    await expect(page.locator(".b")).to_have_count(3)
    await page.locator("[data-step=after]").click()
    await expect(page.locator("h1")).to_have_text("Wednesday 14 May 2031")
    await page.locator("[data-step=before]").click()
    await page.locator(".head > a").first.click()
    await expect(page.locator(".col")).to_have_count(7)
    await page.get_by_role("link", name="List", exact=True).click()
    await expect(page.locator("#live tbody tr")).to_have_count(2)
    await page.get_by_role("link", name="Day", exact=True).first.click()
    await column(page, planned[1]).locator('.free button[value="9:00"]').click()
    await expect(page).to_have_url(re.compile(r"/bookings/new\?.*time=9%3A00"))


async def test_another_desks_change_appears_without_a_reload_and_leaves_the_hands_where_they_are(
    window: Window, planned: list[int], elsewhere: Do
) -> None:
    page = await window()
    await open_day(page)
    await page.evaluate("window.stayed = true")
    mine = column(page, planned[0]).locator(".b").nth(1)
    await mine.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#panel :focus")).to_have_count(1)
    await mine.focus()
    called = await focused(page)
    await elsewhere(lambda: book("15:00", planned[1], 4))
    await expect(page.locator(".b")).to_have_count(4, timeout=2000)
    await expect(page.locator(".board .b:focus")).to_contain_text(called)
    await expect(page.locator("#panel")).not_to_be_empty()
    await expect(page.locator(".b.is-open")).to_have_count(1)
    await expect(page.locator("#agenda-count")).to_contain_text("4 bookings")
    assert await page.evaluate("window.stayed") is True


async def test_an_open_booking_is_shown_as_another_desk_leaves_it_and_what_is_typed_stays(
    window: Window, planned: list[int], elsewhere: Do
) -> None:
    page = await window()
    await open_day(page)
    booking = column(page, planned[0]).locator(".b").first
    number = BookingId(int(str(await booking.get_attribute("data-b")).split()[0]))
    await booking.click()
    await page.locator("#panel a[href$='/move']").focus()
    await elsewhere(lambda: actions.confirm(intend(), number))
    await expect(page.locator("#panel .badge").first).to_have_text("confirmed", timeout=3000)
    await expect(page.locator("#panel a[href$='/move']")).to_be_focused()
    await page.locator("#panel summary").click()
    await page.fill("#panel [name=note]", "Mind the cat")
    await elsewhere(lambda: actions.cancel(intend(), number, CancelledBy.CLIENT))
    await expect(page.locator("#panel .panel-changed")).to_be_visible(timeout=3000)
    await expect(page.locator("#panel [name=note]")).to_have_value("Mind the cat")
    await expect(page.locator(".b")).to_have_count(2)


async def test_a_step_taken_in_the_panel_leaves_it_open(window: Window, planned: list[int]) -> None:
    page = await window()
    await open_day(page)
    await column(page, planned[0]).locator(".b").first.click()
    await page.click("#panel form[action$='/confirmation'] button")
    await expect(page.locator(".toast-undo")).to_be_visible()
    await expect(page.locator("#panel .badge").first).to_have_text("confirmed")
    await expect(page.locator(".b.is-open.confirmed")).to_have_count(1)
    await page.locator(".toast-undo").click()
    await expect(page.locator(".b.confirmed")).to_have_count(0)


async def middle(page: Page, selector: Any) -> tuple[float, float]:
    box = await selector.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def drag(page: Page, booking: Any, to: Any, *, release: bool = True) -> None:
    """Take a booking by its middle to the middle of a free place or another booking."""
    await booking.scroll_into_view_if_needed()
    x, y = await middle(page, booking)
    await page.mouse.move(x, y)
    await page.mouse.down()
    x, y = await middle(page, to)
    await page.mouse.move(x, y, steps=6)
    if release:
        await page.mouse.up()


async def test_a_booking_is_dragged_to_another_time_and_person_and_brought_back(
    window: Window, planned: list[int]
) -> None:
    page = await window()
    await open_day(page)
    one, other = planned
    booking = column(page, one).locator(".b").first
    name = await booking.locator("b").inner_text()
    await drag(page, booking, column(page, other).locator('.free button[value="15:00"]'))
    await expect(column(page, other).locator(".b")).to_have_count(2)
    await expect(page.locator(".toast-undo")).to_be_visible()
    await expect(page).to_have_url(re.compile("/agenda"))
    await expect(column(page, other).locator(".b", has_text=name)).to_contain_text(re.compile("14:45|15:00"))
    await page.locator(".toast-undo").click()
    await expect(column(page, one).locator(".b", has_text=name)).to_contain_text("10:00")


@pytest.fixture
async def berlin(elsewhere: Do) -> tuple[int, int]:
    """A location where the clocks go back on 26 October 2031, open all day; and who is booked there at one."""

    async def plan() -> tuple[int, int]:
        place = await factories.location("Mitte", zone="Europe/Berlin", hours=json.dumps([[[0, 1440]]] * 7))
        who = await factories.bookable("Nadia Sokol", position=99)
        service = ServiceId(await db.fetchval("SELECT id FROM service WHERE code = 'IRON'"))
        await factories.schedule(who, place)
        await factories.skill(who, service)
        asked = Asked(ClientId(1), LocationId(place), (service,), BookableId(who))
        booked = await actions.book(intend(), asked, datetime(2031, 10, 25, 22, 30, tzinfo=UTC))
        return place, int(booked.result["booking"])

    one, other = await elsewhere(plan)
    return one, other


async def test_a_drag_tells_two_equal_hours_apart(window: Window, berlin: tuple[int, int], elsewhere: Do) -> None:
    place, booking = berlin
    page = await window()
    await enter(page)
    await page.goto(f"/agenda?on=2031-10-26&place={place}")
    to = page.locator(".free button", has_text="the second 2:30")
    await drag(page, page.locator(".b"), to, release=False)
    await expect(page.locator(".ghost")).to_have_text(re.compile("^the second 2:(00|15|30|45)–"))
    await page.mouse.up()
    await expect(page.locator(".toast-undo")).to_be_visible()
    starts_at = await elsewhere(lambda: db.fetchval("SELECT starts_at FROM booking WHERE id = $1", booking))
    assert datetime(2031, 10, 26, 1, 0, tzinfo=UTC) <= starts_at < datetime(2031, 10, 26, 2, 0, tzinfo=UTC)


async def test_the_ghost_is_red_over_what_is_taken_and_nothing_is_sent(window: Window, planned: list[int]) -> None:
    page = await window()
    await open_day(page)
    bookings = column(page, planned[0]).locator(".b")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    await drag(page, bookings.first, bookings.nth(1), release=False)
    await expect(page.locator(".ghost.is-wrong")).to_be_visible()
    await page.mouse.up()
    await expect(page.locator(".ghost")).to_have_count(0)
    name = await bookings.nth(1).locator("b").inner_text()
    await expect(page.locator("#toasts")).to_contain_text(f"is booked then: {name}.")
    await page.locator("#toasts a").click()
    await expect(page.locator("main input[name=time]")).to_have_value("12:00")
    await expect(page.locator("main input[name=time]")).to_have_attribute("aria-invalid", "true")
    await expect(page.locator("main .offer")).to_have_count(3)
    await page.goto(f"/agenda?on={DAY}")
    await drag(page, bookings.first, bookings.nth(1), release=False)
    await page.keyboard.press("Escape")
    await expect(page.locator(".ghost")).to_have_count(0)
    await page.mouse.up()
    assert sent == []


async def test_a_booking_is_stretched_by_its_lower_edge(window: Window, planned: list[int]) -> None:
    page = await window()
    await open_day(page)
    booking = column(page, planned[0]).locator(".b").nth(1)
    await booking.hover()
    box = await booking.bounding_box()
    assert box
    assert round(box["height"]) == 66
    await page.mouse.move(box["x"] + 40, box["y"] + box["height"] - 3)
    assert await booking.evaluate("(one) => getComputedStyle(one, '::before').cursor") == "ns-resize"
    await page.mouse.down()
    await page.mouse.move(box["x"] + 40, box["y"] + box["height"] * 1.5 - 3, steps=5)
    await expect(page.locator(".ghost")).to_have_text("12:00–13:30")
    await page.mouse.up()
    await expect(page.locator(".toast", has_text="Now 1\u00a0h\u00a030\u00a0min long.")).to_be_visible()
    await column(page, planned[0]).locator(".b").nth(1).hover()
    await expect(column(page, planned[0]).locator(".b").nth(1)).to_contain_text("12:00–13:30")


async def test_a_place_that_went_meanwhile_is_refused_with_others_that_are_free(
    window: Window, planned: list[int], elsewhere: Do
) -> None:
    page = await window()
    await page.route("**/agenda/changes**", lambda route: route.abort())
    await open_day(page)
    await elsewhere(lambda: book("15:00", planned[1], 5))
    booking = column(page, planned[0]).locator(".b").first
    await drag(page, booking, column(page, planned[1]).locator('.free button[value="15:00"]'))
    await expect(page.locator("#main [aria-invalid=true]").first).to_be_visible()
    await expect(page.locator("#main .place-choice, #main .places button, #main [name=start]").first).to_be_visible()


async def fingers(page: Page) -> Callable[..., Awaitable[None]]:
    """Puts a finger down, moves it and takes it away, as a touch screen says it."""
    session = await page.context.new_cdp_session(page)

    async def touch(kind: str, *at: float) -> None:
        points = [{"x": at[0], "y": at[1]}] if at else []
        await session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})

    return touch


async def test_a_long_press_drags_on_a_touch_screen(window: Window, planned: list[int]) -> None:
    page = await window(width=360, height=740, touch=True)
    await open_day(page)
    touch = await fingers(page)
    booking = column(page, planned[0]).locator(".b").first
    await booking.scroll_into_view_if_needed()
    x, y = await middle(page, booking)
    await touch("Start", x, y)
    await expect(page.locator(".ghost")).to_have_count(1)
    for step in range(1, 9):
        await touch("Move", x, y - step * 8.25)
    await expect(page.locator(".ghost")).to_have_text("9:00–10:00")
    await touch("End")
    await expect(page.locator(".toast-undo")).to_be_visible()
    await expect(column(page, planned[0]).locator(".b").first).to_contain_text("9:00")
    await expect(page.locator("#panel")).to_be_empty()


async def test_a_finger_that_starts_on_a_booking_scrolls_and_a_tap_leads_to_its_form(
    window: Window, planned: list[int]
) -> None:
    page = await window(width=360, height=740, touch=True)
    await open_day(page)
    touch = await fingers(page)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    booking = column(page, planned[0]).locator(".b").first
    await booking.scroll_into_view_if_needed()
    x, y = await middle(page, booking)
    above = await page.evaluate(SCROLLED)
    await touch("Start", x, y)
    for step in range(1, 12):
        await touch("Move", x, y - step * 10)
    await touch("End")
    await page.wait_for_function(f"above => {SCROLLED} > above + 40", arg=above)
    await expect(page.locator(".ghost")).to_have_count(0)
    assert sent == []
    await column(page, planned[0]).locator(".b").first.tap()
    await page.locator("#panel a[href$='/move']").tap()
    await expect(page.locator("#main input[name=time]")).to_have_value("10:00")


async def test_a_phone_shows_the_agenda_without_scrolling_the_page_sideways(window: Window, planned: list[int]) -> None:
    page = await window(width=360, height=740, language="ru")
    await open_day(page)
    assert not await too_wide(page)
    await page.locator(".b").first.click()
    await expect(page.locator("#panel")).not_to_be_empty()
    assert not await too_wide(page)
    await page.locator("[data-close-panel]").click()
    await expect(page.locator("#panel")).to_be_empty()
    for view in ("week", "list"):
        await page.goto(f"/agenda?view={view}&on={DAY}")
        assert not await too_wide(page)


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 360)])
async def test_a_busy_day_a_week_and_a_list_are_accessible(
    window: Window, planned: list[int], theme: str, width: int
) -> None:
    page = await window(theme=theme, width=width)
    await enter(page)
    found = []
    for view in ("day", "week", "list"):
        await page.goto(f"/agenda?view={view}")
        found += await violations(page)
    await page.goto(f"/agenda?on={DAY}")
    await page.locator(".b").first.focus()
    found += await violations(page)
    assert found == []
