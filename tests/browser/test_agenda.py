"""The agenda in a browser: by keys alone, by the mouse, without scripts, on a phone, and at two desks at once."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page, expect
from pypdf import PdfReader

from console.domain import clock, db
from console.domain.booking import actions
from console.domain.booking.arranging import Asked
from console.domain.booking.rules import CancelledBy
from console.domain.business.queries import locations
from console.domain.catalogue import actions as catalogue
from console.domain.clock import WallTime
from console.domain.ids import BookableId, BookingId, ClientId, LocationId, ServiceId
from console.domain.intent import DEMO, Intent
from console.domain.roster import actions as roster
from console.domain.roster.actions import Away
from console.domain.roster.rules import TimeOffKind
from tests import factories
from tests.browser.conftest import WAYS, Do, Window, enter
from tests.browser.test_every_page import too_wide, violations
from tests.words import say

DAY = date(2031, 5, 13)
"""A Tuesday on which the demo has nothing planned."""

SCROLLED = "(document.querySelector('.board-scroll').scrollTop + scrollY)"


def intend() -> Intent:
    return Intent(uuid4(), DEMO, clock.now())


async def service_of(code: str) -> ServiceId:
    return ServiceId(await db.fetchval("SELECT id FROM service WHERE code = $1", code))


async def book(time: str, person: int, client: int = 1, code: str = "IRON", on: date = DAY) -> BookingId:
    [place, *_] = await locations()
    service = await service_of(code)
    hour, minute = map(int, time.split(":"))
    starts_at: datetime = WallTime(on, hour * 60 + minute).bound(ZoneInfo(place.zone))
    asked = Asked(ClientId(client), place.id, (service,), BookableId(person))
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
    asked = f"on={DAY}&place=1&person={planned[0]}&proposed=11%3A00&time=11%3A00"
    await expect(page).to_have_url(re.compile(rf"/bookings/new\?{asked}"))


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
    await expect(page.locator("h1")).to_have_text("Tuesday 13 May 2031")
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
    await expect(page.locator(".b")).to_have_count(4)
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
    await expect(page.locator("#panel .badge").first).to_have_text("confirmed")
    await expect(page.locator("#panel a[href$='/move']")).to_be_focused()
    await page.locator("#panel summary", has_text="Note").click()
    await page.fill("#panel [name=note]", "Mind the cat")
    await elsewhere(lambda: actions.cancel(intend(), number, CancelledBy.CLIENT))
    await expect(page.locator("#panel .panel-changed")).to_be_visible(timeout=3000)
    await expect(page.locator("#panel [name=note]")).to_have_value("Mind the cat")
    await expect(page.locator(".b")).to_have_count(2)


async def half_moved(page: Page, who: int) -> None:
    """The first booking of somebody in the panel, with another time typed into the form that moves it."""
    await open_day(page)
    await column(page, who).locator(".b").first.click()
    await page.locator("#panel a[href$='/move']").click()
    await page.fill("#panel [name=time]", "16:00")


@pytest.mark.parametrize("by", ["Escape", "×"])
async def test_what_is_typed_in_the_panel_is_not_closed_without_a_question(
    window: Window, planned: list[int], by: str
) -> None:
    page = await window()
    await half_moved(page, planned[0])

    async def close() -> None:
        await page.locator("#panel h2").first.focus()
        await (page.keyboard.press(by) if by == "Escape" else page.locator("[data-close-panel]").click())

    await close()
    await page.click("#leave button[value=stay]")
    await expect(page.locator("#panel [name=time]")).to_have_value("16:00")
    await close()
    await page.click("#leave button[value=leave]")
    await expect(page.locator("#panel")).to_be_empty()
    await expect(page.locator(".b:focus")).to_have_count(1)


async def test_another_booking_is_marked_as_open_only_once_what_is_typed_may_go(
    window: Window, planned: list[int]
) -> None:
    page = await window()
    await half_moved(page, planned[0])
    other = column(page, planned[1]).locator(".b")
    await other.click()
    await page.click("#leave button[value=stay]")
    await expect(column(page, planned[0]).locator(".b.is-open")).to_have_count(1)
    await expect(other).not_to_have_class(re.compile("is-open"))
    await other.click()
    await page.click("#leave button[value=leave]")
    await expect(other).to_have_class(re.compile("is-open"))


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


@dataclass(frozen=True)
class Berlin:
    """A location that is open all day, where the clocks change, and somebody who is booked there for an hour."""

    place: int
    who: int
    booking: int
    do: Do

    async def starts_at(self) -> datetime:
        """When the booking begins by now."""
        found = await self.do(lambda: db.fetchval("SELECT starts_at FROM booking WHERE id = $1", self.booking))
        assert isinstance(found, datetime)
        return found

    async def open_week(self, page: Page, day: date) -> Any:
        """The week of a date; and the booking."""
        await enter(page)
        await page.goto(f"/agenda?view=week&on={day}&place={self.place}&person={self.who}")
        return page.locator(f'.b[data-b^="{self.booking} "]')


Mitte = Callable[[datetime], Awaitable[Berlin]]
AUTUMN, SPRING = date(2031, 10, 26), date(2031, 3, 30)
"""Sundays on which the clocks of Berlin go back from three to two, and on from two to three."""


def half_past_midnight(day: date) -> datetime:
    return WallTime(day, 30).bound(ZoneInfo("Europe/Berlin"))


@pytest.fixture
def berlin(elsewhere: Do) -> Mitte:
    async def plan(begins: datetime) -> Berlin:
        place = await factories.location("Mitte", zone="Europe/Berlin", hours=json.dumps([[[0, 1440]]] * 7))
        who = await factories.bookable("Nadia Sokol", position=99)
        service = ServiceId(await db.fetchval("SELECT id FROM service WHERE code = 'IRON'"))
        await factories.schedule(who, place)
        await factories.skill(who, service)
        asked = Asked(ClientId(1), LocationId(place), (service,), BookableId(who))
        booked = await actions.book(intend(), asked, begins)
        return Berlin(place, who, int(booked.result["booking"]), elsewhere)

    async def planned(begins: datetime) -> Berlin:
        found = await elsewhere(lambda: plan(begins))
        assert isinstance(found, Berlin)
        return found

    return planned


async def test_a_drag_tells_two_equal_hours_apart(window: Window, berlin: Mitte) -> None:
    there = await berlin(half_past_midnight(AUTUMN))
    page = await window()
    await enter(page)
    await page.goto(f"/agenda?on={AUTUMN}&place={there.place}")
    to = page.locator(".free button", has_text="the second 2:30")
    await drag(page, page.locator(".b"), to, release=False)
    await expect(page.locator(".ghost")).to_have_text(re.compile("^the second 2:(00|15|30|45)–"))
    await page.mouse.up()
    await expect(page.locator(".toast-undo")).to_be_visible()
    assert (
        datetime(2031, 10, 26, 1, 0, tzinfo=UTC) <= await there.starts_at() < datetime(2031, 10, 26, 2, 0, tzinfo=UTC)
    )


async def at_wall(page: Page, day: date, minute: int) -> tuple[float, float]:
    """Where a time of the wall is in a column of a week's board, in view."""
    col = page.locator(f'.col[data-on="{day}"]')
    await col.evaluate(
        """(one, share) => {
          const board = one.closest(".board-scroll");
          board.scrollTop = share * one.clientHeight - board.clientHeight / 2;
        }""",
        minute / 1440,
    )
    box = await col.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] * minute / 1440


async def drag_in_week(page: Page, booking: Any, day: date, minute: int) -> None:
    """Take a booking of an hour by its middle, and hold it so that it begins at a minute of the wall."""
    await at_wall(page, day, minute)
    await page.mouse.move(*await middle(page, booking))
    await page.mouse.down()
    await page.mouse.move(*await at_wall(page, day, minute + 30), steps=8)


async def test_in_a_week_a_drag_into_the_hour_that_comes_twice_leads_to_the_choice_of_both(
    window: Window, berlin: Mitte
) -> None:
    there = await berlin(half_past_midnight(AUTUMN))
    page = await window()
    lying = await there.open_week(page, AUTUMN)
    await drag_in_week(page, lying, AUTUMN, 2 * 60 + 15)
    await expect(page.locator(".ghost")).to_have_text("2:15 (twice that day)")
    await page.mouse.up()
    panel = page.locator("#panel")
    await expect(panel.locator("[name=time]")).to_have_value("2:15")
    await expect(panel.locator("[name=time]")).to_have_attribute("aria-invalid", "true")
    assert await there.starts_at() == half_past_midnight(AUTUMN)
    await panel.locator(".offer", has_text="the second 2:15").click()
    await expect(page.locator(".toast-undo")).to_be_visible()
    assert await there.starts_at() == datetime(2031, 10, 26, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "to", "says", "lands"),
    [
        (AUTUMN, 4 * 60, "4:00–5:00", datetime(2031, 10, 26, 3, 0, tzinfo=UTC)),
        (AUTUMN, 90, "1:30–the first 2:30", datetime(2031, 10, 25, 23, 30, tzinfo=UTC)),
        (SPRING, 4 * 60, "4:00–5:00", datetime(2031, 3, 30, 2, 0, tzinfo=UTC)),
        (SPRING, 90, "1:30–3:30", datetime(2031, 3, 30, 0, 30, tzinfo=UTC)),
    ],
)
async def test_in_a_week_a_drag_around_the_change_of_the_clocks_lands_at_the_time_that_it_says(
    window: Window, berlin: Mitte, day: date, to: int, says: str, lands: datetime
) -> None:
    there = await berlin(half_past_midnight(day))
    page = await window()
    lying = await there.open_week(page, day)
    await drag_in_week(page, lying, day, to)
    await expect(page.locator(".ghost")).to_have_text(says)
    await page.mouse.up()
    await expect(page.locator(".toast-undo")).to_be_visible()
    assert await there.starts_at() == lands


async def test_in_a_week_a_drag_into_the_hour_that_is_skipped_is_red_and_leads_to_what_is_near(
    window: Window, berlin: Mitte
) -> None:
    there = await berlin(half_past_midnight(SPRING))
    page = await window()
    lying = await there.open_week(page, SPRING)
    await drag_in_week(page, lying, SPRING, 2 * 60 + 30)
    await expect(page.locator(".ghost.is-wrong")).to_have_text("2:30 (skipped that day)")
    await page.mouse.up()
    await expect(page.locator("#panel #time-note")).to_have_text(say("refused.no_such_time"))
    await expect(page.locator("#panel .offer")).to_have_count(3)
    assert await there.starts_at() == half_past_midnight(SPRING)


@pytest.mark.parametrize(("day", "long"), [(AUTUMN, "4"), (SPRING, "2")])
async def test_in_a_week_a_booking_is_stretched_over_the_change_of_the_clocks_by_the_hours_that_pass(
    window: Window, berlin: Mitte, day: date, long: str
) -> None:
    there = await berlin(half_past_midnight(day))
    page = await window()
    lying = await there.open_week(page, day)
    await lying.hover()
    await page.mouse.move(*await at_wall(page, day, 88))
    await page.mouse.down()
    await page.mouse.move(*await at_wall(page, day, 3 * 60 + 30), steps=8)
    await expect(page.locator(".ghost")).to_have_text("0:30–3:30")
    await page.mouse.up()
    await expect(page.locator(".toast", has_text=f"Now {long}\u00a0h long.")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 1000, 360])
async def test_a_toast_covers_neither_the_board_nor_the_booking_that_is_open(
    window: Window, planned: list[int], width: int
) -> None:
    page = await window(width=width, height=740)
    await open_day(page)
    await column(page, planned[0]).locator(".b").first.click()
    await page.locator("#panel form[action$='/confirmation'] button").click()
    await expect(page.locator(".toast-undo")).to_be_visible()
    await expect(page.locator("#panel .booking-panel")).to_be_visible()
    meets = """seen => {
      const toast = document.querySelector(".toast").getBoundingClientRect();
      const { left, top } = document.querySelector(seen).getBoundingClientRect();
      const { clientWidth, clientHeight } = document.querySelector(seen);
      const beside = toast.left >= left + clientWidth || left >= toast.right;
      return !beside && toast.top < top + clientHeight && top < toast.bottom;
    }"""
    assert not await page.evaluate(meets, ".agenda-panel")
    await page.locator(".panel-close").click()
    assert not await page.evaluate(meets, ".board-scroll")


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_a_name_goes_on_in_a_second_line_and_marks_are_whole_or_left_out(
    window: Window, planned: list[int], elsewhere: Do, language: str
) -> None:
    async def more() -> None:
        long = await factories.client("Анастасия", "Верхнеколымская")
        await factories.note(long, "Cat at home", loud=True)
        await book("14:00", planned[0], long, "REG")

    await elsewhere(more)
    page = await window(width=1440, language=language)
    await open_day(page)
    cut = "one => one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight + 1"
    block = column(page, planned[0]).locator(".b", has_text="Верхнеколымская").first
    assert not await block.locator("> b").evaluate(cut)
    assert await block.locator("> b").evaluate("one => one.clientHeight") == 34
    for mark in await block.locator(".marks > i").all():
        assert not await mark.evaluate(cut)


async def test_a_drag_to_another_date_years_ahead_asks_in_the_panel_and_the_days_stay(
    window: Window, planned: list[int], elsewhere: Do
) -> None:
    page = await window()
    await open_day(page, view="week", person=str(planned[0]))
    day = page.locator(f'.col[data-on="{DAY}"]')
    await drag(page, day.locator(".b").first, page.locator('.col[data-on="2031-05-14"] .free button[value="15:00"]'))
    await expect(page.locator("#panel [name=sure]")).to_be_visible()
    await expect(day.locator(".b")).to_have_count(2)
    await page.locator("#panel [name=sure]").check()
    await page.locator("#panel button", has_text="Move").click()
    await expect(day.locator(".b")).to_have_count(1)


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


async def test_a_drop_onto_who_cannot_do_it_says_why_and_leaves_everything_as_it_was(
    window: Window, planned: list[int], elsewhere: Do
) -> None:
    one, other = planned

    async def plan() -> int:
        third = await db.fetchval(
            "SELECT id FROM bookable WHERE kind = 'person' ORDER BY position, id OFFSET 2 LIMIT 1"
        )
        await catalogue.take_skill(intend(), BookableId(third), await service_of("WIN"))
        sick = Away(TimeOffKind.SICK, DAY, DAY, (13 * 60, 17 * 60))
        await roster.add_time_off(intend(), BookableId(other), sick)
        await book("14:00", one, 4, "WIN")
        return int(third)

    third = await elsewhere(plan)
    page = await window()
    await open_day(page, all="1")
    names = [await column(page, who).get_attribute("aria-label") for who in (other, third)]
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    booking = column(page, one).locator(".b").last
    before = await column(page, one).inner_text()
    for target, why in (
        (
            column(page, third).locator('.free button[value="15:00"]'),
            f"{names[1]} cannot do this: Windows and balcony.",
        ),
        (column(page, other).locator(".time-off"), f"{names[0]} is away then: sick leave."),
        (column(page, other).locator('.free button[value="9:30"]'), f"Too near to another booking of {names[0]}"),
    ):
        await drag(page, booking, target)
        await expect(page.locator("#toasts")).to_contain_text(why)
        await expect(page.locator("#toasts .toast")).to_have_count(1)
    assert sent == []
    assert await column(page, one).inner_text() == before


@pytest.mark.parametrize("width", [1440, 1366, 1280, 1024])
async def test_no_column_stays_behind_the_open_panel(window: Window, planned: list[int], width: int) -> None:
    page = await window(width=width)
    await open_day(page, all="1")
    await column(page, planned[0]).locator(".b").first.click()
    await expect(page.locator("#panel h2")).to_be_visible()
    await column(page, planned[0]).locator(".b").first.focus()
    count = await page.locator(".col").count()
    assert count > 6
    for _ in range(count):
        await page.keyboard.press("ArrowRight")
    assert await page.evaluate(
        "document.activeElement.closest('.col') === [...document.querySelectorAll('.col')].at(-1)"
    )
    panel = await page.locator(".agenda-panel").bounding_box()
    assert panel
    await page.wait_for_function(f"document.activeElement.getBoundingClientRect().right <= {panel['x']}")


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


async def test_a_day_of_twenty_people_is_two_sheets_on_which_everything_can_be_read(
    window: Window, planned: list[int], elsewhere: Do
) -> None:
    async def more() -> None:
        [place, *_] = await locations()
        for n in range(15):
            who = await factories.bookable(f"Worker {n}", position=20 + n)
            await factories.schedule(who, place.id)
            await factories.skill(who, await service_of("IRON"))
            for hour in (9, 11, 13, 15):
                await book(f"{hour}:00", who, n % 9 + 1)

    await elsewhere(more)
    page = await window()
    await open_day(page)
    sheets = PdfReader(BytesIO(await page.pdf(prefer_css_page_size=True, format="A4"))).pages
    assert len(sheets) <= 2
    text = " ".join(" ".join(sheet.extract_text() for sheet in sheets).split())
    for n in range(15):
        assert f"Worker {n} " in text
    assert text.count("15:00") == 15
    await page.emulate_media(media="print")
    small = "all => Math.min(...all.map(one => parseFloat(getComputedStyle(one).fontSize)))"
    assert await page.locator(".is-many .more-of, .is-many .at").evaluate_all(small) >= 10


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


async def test_on_a_phone_a_lists_filters_are_behind_one_control_and_its_numbers_are_called_by_a_tap(
    window: Window, planned: list[int]
) -> None:
    page = await window(width=360, height=740)
    await open_day(page, view="list")
    number = page.locator("tbody tr").first.locator("a[href^='tel:+']")
    await expect(number).to_be_visible()
    box = await number.bounding_box()
    assert box
    assert box["height"] >= 40
    await expect(page.locator("#list-status")).not_to_be_visible()
    await page.locator(".fold > summary").click()
    await page.select_option("#list-status", "booked")
    await expect(page.locator(".fold > summary")).to_contain_text("unconfirmed")
    await expect(page.locator("#list-status")).not_to_be_visible()
    await page.set_viewport_size({"width": 1440, "height": 900})
    await expect(page.locator("#list-status")).to_be_visible()
    await expect(page.locator(".fold > summary")).not_to_be_visible()


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("width", [1440, 1200, 1024, 768, 360])
async def test_the_tools_above_the_agenda_fit_and_are_as_high_in_every_view(
    window: Window, planned: list[int], width: int, language: str
) -> None:
    page = await window(width=width, language=language)
    await enter(page)
    heights = {}
    for view in ("day", "week", "list"):
        await page.goto(f"/agenda?view={view}&on={DAY}")
        head = page.locator(".page-head")
        assert not await too_wide(page)
        assert await head.evaluate("(one) => one.scrollWidth <= one.clientWidth")
        heights[view] = await head.evaluate("(one) => one.getBoundingClientRect().height")
    assert len(set(heights.values())) == 1, heights
    again = page.locator(".again")
    await expect(again).to_have_attribute("title", say("Weekly or again", language))
    assert await again.locator("span").is_visible() == (width >= 1200)


@pytest.mark.parametrize("width", [1440, 1024, 360])
async def test_how_many_were_cancelled_can_be_read_above_the_agenda(
    window: Window, planned: list[int], width: int
) -> None:
    page = await window(width=width, language="ru")
    await open_day(page)
    count = page.locator("#agenda-count")
    await count.evaluate("one => one.textContent = '11 записей, 3 не подтверждены, 1 отменена'")
    cut = """one => [one, one.parentElement].some((box) =>
      getComputedStyle(box).overflow !== "visible" && box.scrollHeight > box.clientHeight + 1
      || box.scrollWidth > box.clientWidth)"""
    assert not await count.evaluate(cut)
    assert not await too_wide(page)


async def test_a_list_on_a_phone_names_those_once_who_are_named_with_what_they_do(
    window: Window, planned: list[int]
) -> None:
    page = await window(width=360, height=740)
    await open_day(page, view="list")
    people = page.locator("tbody tr").first.locator("td:nth-of-type(5)")
    await expect(people).to_be_visible()
    await people.evaluate("one => one.classList.add('in-services')")
    await expect(people).not_to_be_visible()
    await page.set_viewport_size({"width": 1440, "height": 900})
    await expect(people).to_be_visible()


async def test_no_word_of_a_name_is_broken_where_bookings_stand_side_by_side(
    window: Window, planned: list[int]
) -> None:
    page = await window(width=1440)
    await open_day(page)
    names = page.locator(".b > b")
    await page.locator(".b").evaluate_all("all => all.forEach(one => one.classList.add('n3'))")
    lines = """all => all.map((one) => {
      const text = one.firstChild;
      return [...text.data.matchAll(/[^\\s]+/g)].map((word) => {
        const range = document.createRange();
        range.setStart(text, word.index);
        range.setEnd(text, word.index + word[0].length);
        return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size;
      });
    })"""
    said = await names.evaluate_all(lines)
    assert {size for one in said for size in one} <= {0, 1}


async def test_on_paper_the_status_of_a_booking_is_whole_and_nothing_lies_over_it(
    window: Window, planned: list[int], elsewhere: Do
) -> None:
    async def more() -> None:
        loud = await factories.client("Анастасия", "Верхнеколымская")
        await factories.note(loud, "Cat at home", loud=True)
        await book("15:00", planned[0], loud)

    await elsewhere(more)
    page = await window(width=1050, language="ru")
    await open_day(page)
    await page.emulate_media(media="print")
    boxes = """all => all.map((one) => {
      const box = (of) => of && of.getBoundingClientRect();
      const [all, said, marks] = [one, one.querySelector(":scope > .sr-only"), one.querySelector(".marks")].map(box);
      const over = marks && marks.width && marks.left < said.right && marks.right > said.left
        && marks.top < said.bottom && marks.bottom > said.top;
      const part = one.querySelector(":scope > .sr-only");
      return said.height > 5 && said.bottom <= all.bottom + 1 && part.scrollWidth <= part.clientWidth && !over;
    })"""
    whole = await page.locator(".b:not(.tiny)").evaluate_all(boxes)
    assert whole
    assert all(whole)


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
