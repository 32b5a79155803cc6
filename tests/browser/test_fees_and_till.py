"""A client calls off late, another does not come: what it costs, what is received of it, and the till of that day."""

from __future__ import annotations

import re
from decimal import Decimal

import asyncpg
import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import WALKS, Window, enter
from tests.browser.test_every_page import too_wide, violations
from tests.words import say

FEE = {"en": "RUB 500", "ru": "500 ₽"}
MISSING = {"en": "−RUB 10", "ru": "−10 ₽"}
BACK = {"en": "RUB 100", "ru": "100 ₽"}
QR = {"en": "QR code", "ru": "По QR-коду"}
SERVICE = {"en": "Ironing, one hour", "ru": "Глажка, час"}
LATE = (
    "SELECT id, client FROM booking WHERE status = 'booked' AND series IS NULL AND retired_at IS NULL"
    " AND starts_at > now() + interval '1 hour' ORDER BY starts_at LIMIT 1"
)
ARRIVED = (
    "SELECT id, client FROM booking WHERE status = 'arrived' AND retired_at IS NULL"
    " AND client <> $1 ORDER BY starts_at DESC LIMIT 1"
)
FEES = "SELECT cause, minor, waived IS NOT NULL AS waived, retired_at IS NULL AS asked FROM fee ORDER BY id"
DANGER, PRIMARY, TOAST = "#main .form .button.danger", "#main .form .button.primary", ".toast p >> nth=0"


async def what_the_location_asks(page: Page, language: str) -> None:
    """500 for a late cancellation, half the price for a no-show; everything within 30 days is late."""
    await page.goto("/settings/locations/1")
    await page.fill("[name=notice_hours]", "720")
    await page.click(PRIMARY)
    await expect(page.locator(TOAST)).to_be_visible()
    await page.goto("/settings/locations/1/fees")
    await page.fill("[name=late_cancellation_minor]", "500")
    await page.fill("[name=late_cancellation_bp]", "10")
    await page.keyboard.press("Enter")
    await expect(page.locator(".is-wrong .error")).to_have_text(say("problem.amount_or_share", language))
    await page.fill("[name=late_cancellation_bp]", "")
    await page.fill("[name=no_show_bp]", "50")
    await page.click(PRIMARY)
    await expect(page.locator(".section .facts")).to_contain_text(FEE[language])


@pytest.mark.parametrize(("language", "way"), WALKS)
async def test_what_a_late_cancellation_and_a_no_show_cost(
    window: Window, as_owner: asyncpg.Connection, language: str, way: str
) -> None:
    manager = await window(way, language=language)
    await enter(manager, "manager")
    await what_the_location_asks(manager, language)
    late = await as_owner.fetchrow(LATE)
    away = await as_owner.fetchrow(ARRIVED, late["client"])

    desk = await window(way, language=language, width=360, height=740, theme="dark")
    await enter(desk, "front_desk")
    await desk.goto(f"/bookings/{late['id']}")
    await desk.click("a[href$='/cancellation']")
    await expect(desk.locator(".check:has([value=client]) small")).to_contain_text(
        say("effect.fee", language, money=FEE[language])
    )
    assert await violations(desk) == []
    await desk.click(DANGER)
    await expect(desk.locator(TOAST)).to_contain_text(say("effect.fee", language, money=FEE[language]))
    for button in ("Redo", "Undo"):
        await desk.click(".toast-undo")
        await expect(desk.locator(".toast-undo")).to_have_text(say(button, language))
        [asked] = await as_owner.fetch(FEES)
        assert asked["asked"] is (button == "Undo")

    await desk.goto(f"/bookings/{away['id']}")
    await desk.click(".told [action$='/undo'] button >> nth=0")
    await desk.click("a[href$='/no-show']")
    await expect(desk.locator(".callout.attention")).to_be_visible()
    assert await violations(desk) == []
    await desk.click(DANGER)
    await expect(desk.locator(DANGER)).to_have_count(0)
    [asked, half] = await as_owner.fetch(FEES)
    assert tuple(asked) == ("late_cancellation", 50_000, False, True)
    assert (half["cause"], half["waived"]) == ("no_show", False)

    await desk.goto(f"/clients/{late['client']}")
    await desk.click(".client-fees a")
    await expect(desk.locator("#main tbody")).to_be_visible()
    assert await violations(desk) == []
    await expect(desk.locator("#page a[href$='/waiver']")).to_have_count(0)
    await desk.click("a[href$='/payment']")
    await desk.check("[name=method] >> nth=0")
    assert await violations(desk) == []
    await desk.click(PRIMARY)
    await expect(desk.locator(TOAST)).to_be_visible()
    await expect(desk.locator("tbody")).to_contain_text(say("Paid", language))
    assert await as_owner.fetchval("SELECT sum(minor) FROM fee_payment") == 50_000

    await manager.goto(f"/clients/{away['client']}/fees")
    await manager.click("a[href$='/waiver']")
    await manager.click(PRIMARY)
    await expect(manager.locator(".is-wrong .error")).to_be_visible()
    await manager.select_option("[name=reason]", index=1)
    assert await violations(manager) == []
    await manager.click(PRIMARY)
    await expect(manager.locator("tbody")).to_contain_text(say("Waived", language))
    assert [row["waived"] for row in await as_owner.fetch(FEES)] == [False, True]


async def pays_by_a_new_method(manager: Page, language: str) -> None:
    """Another way to pay is added, and one that nobody takes is turned off."""
    await manager.goto("/settings/payment-methods/new")
    assert await violations(manager) == []
    await manager.fill("[name=name_ru]", "По QR-коду")
    await manager.click(PRIMARY)
    await expect(manager.locator(".is-wrong .error")).to_be_visible()
    await manager.fill("[name=name_en]", "QR code")
    await manager.keyboard.press("Enter")
    await expect(manager.locator(".items")).to_contain_text(QR[language])
    await manager.click("form[action$='/3/retirement'] button")
    await expect(manager.locator("form[action$='/3/readmission']")).to_be_visible()
    assert await violations(manager) == []


async def comes_in_without_a_card(desk: Page, language: str) -> None:
    """Somebody from the street, by keys: a service, the new method, a tip."""
    await desk.goto("/visits/new")
    await desk.fill("[name=add]", SERVICE[language])
    await desk.press("[name=add]", "Enter")
    await expect(desk.locator(".till-receipt .till-finish")).to_be_visible()
    assert await violations(desk) == []
    await desk.get_by_role("radio", name=QR[language]).focus()
    await desk.keyboard.press("Space")
    await desk.click(".till-tip summary")
    await desk.fill("[name=tip]", "100")
    await desk.focus(".till-finish")
    await desk.keyboard.press("Enter")
    await expect(desk.locator(".visit-money li")).to_have_count(2)
    await expect(desk.locator("#main")).to_contain_text(say("Walk-in", language))


async def gets_a_part_back(manager: Page, visit: int, language: str) -> None:
    """100 of it, seen before it is done; undone from the toast, and done again."""
    await manager.goto(f"/visits/{visit}/refund")
    await manager.fill("[name=back_4]", "100")
    await manager.click(PRIMARY)
    await expect(manager.locator(".is-wrong .error")).to_be_visible()
    await manager.select_option("[name=reason]", index=1)
    await manager.click(PRIMARY)
    await expect(manager.locator(".callout.attention li").first).to_be_visible()
    await expect(manager.locator(DANGER)).to_contain_text(BACK[language])
    assert await violations(manager) == []
    await manager.click(DANGER)
    await expect(manager.locator(".visit-money .is-back")).to_have_count(1)
    await manager.click(".toast-undo")
    await expect(manager.locator(".toast-undo")).to_have_text(say("Redo", language))
    await manager.click(".toast-undo")
    await expect(manager.locator(".toast-undo")).to_have_text(say("Undo", language))
    await expect(manager.locator(".visit-money .is-back")).to_have_count(2)


async def fits_a_tablet(desk: Page) -> None:
    phone = desk.viewport_size
    assert phone is not None
    await desk.set_viewport_size({"width": 768, "height": 1024})
    assert not await too_wide(desk)
    await desk.set_viewport_size(phone)


@pytest.mark.parametrize(("language", "way"), WALKS)
async def test_a_day_at_the_till_from_somebody_without_a_card_to_the_signed_sheet(
    window: Window, as_owner: asyncpg.Connection, language: str, way: str
) -> None:
    manager = await window(way, language=language)
    await enter(manager, "manager")
    await pays_by_a_new_method(manager, language)
    desk = await window(way, language=language, width=360, height=740, theme="dark")
    await enter(desk, "front_desk")
    await comes_in_without_a_card(desk, language)
    visit = await as_owner.fetchval("SELECT max(id) FROM visit")
    paid = "SELECT minor, tip FROM payment WHERE visit = $1 AND method = 4 ORDER BY tip, id"
    due = await as_owner.fetchval("SELECT due FROM visit WHERE id = $1", visit)
    assert [tuple(row) for row in await as_owner.fetch(paid, visit)] == [(due, False), (10_000, True)]
    assert await as_owner.fetchval("SELECT client FROM visit WHERE id = $1", visit) is None
    await gets_a_part_back(manager, visit, language)
    assert await as_owner.fetchval("SELECT sum(minor) FROM payment WHERE visit = $1 AND NOT tip", visit) == due - 10_000

    await desk.goto("/cashbook")
    await expect(desk.locator("tbody tr")).to_have_count(5)
    assert await violations(desk) == []
    await desk.click("#page a[href^='/tills/of/']")
    drawer = await as_owner.fetchval("SELECT sum(minor) FROM payment WHERE method = 1")
    await desk.fill("[name=counted_1]", str(Decimal(drawer - 1_000) / 100))
    await desk.fill("[name=leaves_1]", "500")
    await desk.click(PRIMARY)
    await expect(desk.locator("td .is-wrong .error")).to_have_text(say("problem.till_differs", language))
    await expect(desk.locator("#main tbody")).to_contain_text(MISSING[language])
    await fits_a_tablet(desk)
    await desk.select_option("[name=reason_1]", index=1)
    assert await violations(desk) == []
    await desk.click(PRIMARY)
    await expect(desk).to_have_url(re.compile("/tills/[0-9]+$"))
    await expect(desk.locator("#main tbody")).to_contain_text(MISSING[language])
    await expect(desk.locator(".facts")).to_contain_text("Fiona Desk")
    await expect(desk.locator("a[href$='?as=pdf']")).to_have_text(say("PDF to print", language))
    await fits_a_tablet(desk)
    assert await violations(desk) == []
    counted = "SELECT counted, leaves, reason IS NOT NULL AS why FROM till_count WHERE method = 1"
    assert tuple(await as_owner.fetchrow(counted)) == (drawer - 1_000, 50_000, True)
    await desk.click(".back a")
    await expect(desk.locator(".items")).to_contain_text(MISSING[language])
    assert await violations(desk) == []
