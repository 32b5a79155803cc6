"""Finishing a visit at the till, in both languages, with and without scripts, by mouse and by keys alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import uuid4

import pytest
from playwright.async_api import Page, Route, expect

from console import embedded
from console.domain import clock, db
from console.domain.business.queries import business, open_locations
from console.domain.ids import ClientId
from console.domain.intent import TERMINAL, Intent
from console.domain.loyalty import actions as programme
from console.domain.loyalty import queries
from console.domain.loyalty.presets import both
from console.domain.visits import actions, quoting
from console.domain.visits.actions import Till
from console.domain.visits.methods import methods
from console.domain.visits.rules import Entered, Paid
from tests.browser.conftest import JOURNEYS, Window, enter
from tests.browser.test_every_page import too_wide, violations

USUAL = 250_000
FINISH = ".till-finish"
SUM = ".till-steps .is-sum dd"


@pytest.fixture(autouse=True)
async def _pool(console: str, postgres_server: embedded.Postgres) -> AsyncIterator[None]:
    async with db.pool(postgres_server.app_url):
        yield


def _means() -> Intent:
    return Intent(uuid4(), TERMINAL, clock.now())


async def in_force() -> None:
    """Put a programme in force, where none is yet."""
    one = await queries.draft()
    if one is not None and not (await queries.versions()).published:
        await programme.change_draft(_means(), one.id, one.version, both(USUAL))
        await programme.publish(_means(), one.id, one.version + 1, date(2020, 1, 1))


async def client_with_free_visit() -> int:
    """A client who was here four times."""
    await in_force()
    facts, [place, *_], [cash, *_] = await business(), await open_locations(), await methods()
    client = ClientId(await db.fetchval("SELECT min(id) FROM client WHERE erased_at IS NULL AND retired_at IS NULL"))
    for ago in (40, 30, 20, 10):
        at = clock.now() - timedelta(days=ago)
        on = clock.business_date(at, facts.zone)
        good = next(one for one in (await quoting.goods(on, facts.currency)).values() if one.service and one.listed)
        line = Entered(good.listed or 0, service=good.service)
        due = quoting.quote(await quoting.basis(client, on, clock.business_date(clock.now(), facts.zone)), [line]).due
        till = Till(place.id, (line,), due, (Paid(cash.id, due),), client=client, at=at)
        await actions.finish(_means(), till)
    return client


async def add(page: Page, what: str) -> None:
    await page.fill("[name=add]", what)
    await page.press("[name=add]", "Enter")
    await expect(page.locator("[name=add]")).to_have_value("")


async def a_service() -> dict[str, str]:
    """What the cheapest service is called, by language."""
    facts = await business()
    on = clock.business_date(clock.now(), facts.zone)
    priced = [one for one in (await quoting.goods(on, facts.currency)).values() if one.service and one.listed]
    return dict(min(priced, key=lambda one: one.listed or 0).names)


@pytest.mark.parametrize(("language", "way"), JOURNEYS)
async def test_the_desk_plays_the_free_visit_and_takes_it_back(window: Window, way: str, language: str) -> None:
    client, service = await client_with_free_visit(), await a_service()
    page = await window(way, language=language)
    await enter(page, "front_desk")
    await page.goto(f"/visits/new?client={client}")
    await add(page, service[language])
    await expect(page.locator(".till-steps .is-less")).to_have_count(1)
    await page.check("[name=free]")
    if way != "htmx":
        await page.click(FINISH if way == "no CDN" else "button[value=work-out]")
    await expect(page.locator(SUM)).to_contain_text("0")
    await expect(page.locator(".till-steps .is-less dt")).to_contain_text(
        "Бесплатный визит" if language == "ru" else "Free visit"
    )
    if way != "no scripts":  # by which it is looked at
        assert await violations(page) == []
    await page.click(FINISH)
    await expect(page.locator(".toast")).to_contain_text(
        "Бесплатный визит использован" if language == "ru" else "The free visit is used"
    )
    await page.click(".toast form button")
    await expect(page.locator(".toast")).to_contain_text("возвращается" if language == "ru" else "comes back")
    free = await db.fetchval("SELECT free_visits FROM loyalty_account WHERE client = $1", client)
    assert free == 1


async def test_by_keys_alone_something_is_sold_and_paid_in_two_ways(window: Window) -> None:
    await in_force()
    service = await a_service()
    page = await window()
    await enter(page, "front_desk")
    await page.goto("/visits/new")
    await add(page, service["en"])
    await page.focus("button[value=split]")
    await page.keyboard.press("Enter")
    amount = page.locator("[name=ways_1_amount]")
    await expect(page.locator("[name=ways_2_method]").first).to_be_attached()
    await amount.fill("100")
    await page.keyboard.press("Tab")
    await expect(page.locator("[name=ways_2_amount]")).not_to_have_value("")
    await page.focus(FINISH)
    await page.keyboard.press("Enter")
    await expect(page.locator(".visit-money li")).to_have_count(2)


async def test_what_is_opened_and_typed_while_the_till_works_it_out_stays_and_counts(window: Window) -> None:
    page = await window()
    await enter(page, "front_desk")
    client, service = await client_with_free_visit(), (await a_service())["en"]
    for url in ("/visits/new", f"/visits/new?client={client}"):
        await page.goto(url)
        await add(page, service)
        await expect(page.locator("[name=add]")).to_be_focused()
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        asked.set()
        await go_on.wait()
        await route.continue_()

    await page.route("**/visits", late)
    await page.locator(".till-methods label").nth(1).click()
    await asked.wait()
    await page.click(".till-tip summary")
    await expect(page.locator("[name=tip]")).to_be_focused()
    await page.locator("[name=ways_1_amount]").fill("50")
    go_on.set()
    await expect(page.locator(FINISH)).to_contain_text("50")
    await expect(page.locator("[name=ways_1_amount]")).to_be_focused()
    await expect(page.locator("[name=tip]")).to_be_visible()
    await page.fill("[name=tip]", "20")
    async with page.expect_response("**/visits"):
        await page.keyboard.press("Tab")
    await expect(page.locator(FINISH)).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator(".visit-money li")).to_have_count(2)
    paid = await db.fetch("SELECT minor, tip FROM payment ORDER BY id DESC LIMIT 2")
    assert {(row["minor"], row["tip"]) for row in paid} == {(5_000, False), (2_000, True)}


async def test_beside_the_agenda_a_booking_is_finished_and_the_day_comes_back(window: Window) -> None:
    await in_force()
    row = await db.fetchrow(
        "SELECT id, to_char(starts_at AT TIME ZONE 'Europe/Moscow', 'YYYY-MM-DD') AS on FROM booking"
        " WHERE status = 'arrived' AND retired_at IS NULL"
        " ORDER BY starts_at DESC LIMIT 1"
    )
    assert row is not None
    page = await window()
    await enter(page, "owner")
    await page.goto(f"/agenda?on={row['on']}")
    await page.click(f".b[href='/bookings/{row['id']}']")
    await page.click(f"#panel a[href='/bookings/{row['id']}/visit']")
    await expect(page.locator(f"#panel {FINISH}")).to_be_focused()
    await expect(page.locator("#panel .chosen-client")).to_be_in_viewport()
    await page.fill("#panel [name=lines_1_quantity]", "2")
    await page.keyboard.press("Tab")
    await expect(page.locator("#panel .till-steps dt").first).to_contain_text("2")
    await page.click(f"#panel {FINISH}")
    await expect(page.locator(".toast")).to_be_visible()
    await expect(page.locator("#panel .booking-visit")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_the_till_and_a_visit_are_for_everybody_and_fit_a_phone(window: Window, theme: str) -> None:
    client = await client_with_free_visit()
    visit = await db.fetchval("SELECT max(id) FROM visit")
    page = await window(width=360, height=740, theme=theme)
    await enter(page, "owner")
    for url in (f"/visits/new?client={client}", f"/visits/{visit}", f"/visits/{visit}/refund"):
        await page.goto(url)
        if "new" in url:
            await add(page, (await a_service())["en"])
        assert await violations(page) == []
        assert not await too_wide(page)


async def a_till() -> str:
    """The till of a booking that somebody has come to."""
    booking = await db.fetchval("SELECT max(id) FROM booking WHERE status = 'arrived' AND retired_at IS NULL")
    assert booking is not None
    return f"/bookings/{booking}/visit"


async def test_what_is_worked_out_leaves_the_keys_where_they_are(window: Window) -> None:
    url = await a_till()
    page = await window()
    await enter(page, "owner")
    await page.goto(url)
    await expect(page.locator(FINISH)).to_be_focused()
    ways = page.locator("[name=ways_1_method]")
    await ways.nth(0).focus()
    for number in (1, 2):
        async with page.expect_response(f"**{url}"):
            await page.keyboard.press("ArrowRight")
        await expect(page.locator("#till-receipt.htmx-settling, .htmx-request")).to_have_count(0)
        await expect(ways.nth(number)).to_be_focused()
        await expect(ways.nth(number)).to_be_checked()
    await page.focus("[name=ways_1_amount]")
    await page.keyboard.press("Control+A")
    await page.keyboard.type("100")
    for goal in ("#till-split", "#till-tip-summary", FINISH):
        await page.keyboard.press("Tab")
        await expect(page.locator(FINISH)).to_contain_text("100")
        await expect(page.locator(goal)).to_be_focused()


async def test_a_phone_shows_whose_visit_it_is_first_and_a_wrong_number_at_its_field(window: Window) -> None:
    page = await window(width=360, height=740)
    await enter(page, "owner")
    await page.goto(await a_till())
    await expect(page.locator(FINISH)).to_be_focused()
    await expect(page.locator(".chosen-client")).to_be_in_viewport()
    assert await page.evaluate("scrollY") == 0
    await page.fill("[name=lines_1_quantity]", "0")
    await page.keyboard.press("Tab")
    await expect(page.locator("#till-lines-1-quantity-notes .error")).to_be_visible()
    await page.fill("[name=lines_1_quantity]", "2")
    await page.keyboard.press("Tab")
    await expect(page.locator("#till-lines-1-quantity-notes .error")).to_have_count(0)
