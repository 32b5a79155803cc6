"""A manager reads what happened to a client, hands over what is kept of them, and erases them after a preview."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from console import embedded
from console.domain import db
from console.domain.ids import ClientId
from tests import factories
from tests.browser.conftest import JOURNEYS, WAYS, Window, enter
from tests.browser.test_every_page import too_wide, violations
from tests.cast import ANNA, VERA
from tests.domain.desk.deeds import lived, note, traces
from tests.server import settings_for
from tests.words import say


@pytest.fixture
async def client(console: str, postgres_server: embedded.Postgres) -> AsyncIterator[str]:
    """The card of Zoë, with whom everything happened; the pool stays open for those who change more."""
    async with db.pool(settings_for(postgres_server).database_url or ""):
        await factories.staff(ANNA)
        await factories.staff(VERA)
        client = await lived()
        # The demo's door opens for the oldest account of a role that is open.
        await db.execute("UPDATE staff SET retired_at = now() WHERE id = ANY($1::bigint[])", [ANNA.id, VERA.id])
        yield f"/clients/{client}"


def number(url: str) -> ClientId:
    return ClientId(int(url.rsplit("/", 1)[1]))


@pytest.mark.parametrize(("language", "way"), JOURNEYS)
async def test_a_manager_erases_a_client_after_a_look(window: Window, client: str, way: str, language: str) -> None:
    page = await window(way, language=language)
    await enter(page, "manager")
    await page.goto(client)
    await page.click("#main .actions .menu summary")
    await page.click(f"a[href='{client}/data']")
    async with page.expect_download() as waiting:
        await page.click(f"a[href='{client}/data?as=json']")
    file = await (await waiting.value).path()
    assert json.loads(file.read_text())["record"]["profile"]["client_profile"][0]["family_name"] == "Xanthopoulou"
    await page.click(f"a[href='{client}/erasure']")
    await expect(page.locator("h1")).to_have_text(say("title.client_erasure", language))
    await page.click("#main form .button.danger")
    await expect(page.locator(".field-choices .error").first).to_be_visible()
    assert way == "no scripts" or await violations(page) == []

    await note(number(client), "Promised a call")
    await page.check("input[name=reason][value=asked]")
    await page.click("#main form .button.danger")
    await expect(page.locator(".callout.danger")).to_contain_text(say("refused.changed", language))
    await expect(page.locator("input[name=reason][value=asked]")).to_be_checked()
    await page.click("#main form .button.danger")
    erased = say("words.erased_client", language)
    await expect(page.locator("h1")).to_have_text(erased[:1].upper() + erased[1:])
    await expect(page.locator(".toast")).to_contain_text(say("done.client.erase", language))
    assert traces(await page.locator("main").inner_text()) == set()


@pytest.mark.parametrize("way", WAYS)
async def test_the_timeline_is_filtered_and_undone_on_the_card(window: Window, client: str, way: str) -> None:
    page = await window(way)
    await enter(page, "front_desk")
    await page.goto(client)
    lines = page.locator(".told-list .told-what")
    everything = await lines.count()
    tabs = page.locator(".told .tabs")
    await tabs.get_by_text(say("part.consents"), exact=True).click()
    await expect(lines).to_have_count(1)
    assert page.url.endswith(client) is (way == "htmx")
    await tabs.get_by_text(say("words.everything"), exact=True).click()
    await expect(lines).to_have_count(everything)
    await page.goto(client)
    entry = page.locator(".told-list li", has=page.locator("form")).first
    told = await entry.locator("p").first.inner_text()
    await entry.locator("form button").click()
    await expect(page.locator(".toast")).to_be_visible()
    await expect(page.locator(".told-list .is-off").first).to_contain_text(told)


async def test_older_entries_come_below_without_a_new_page(window: Window, client: str) -> None:
    for n in range(12):
        await note(number(client), f"Note {n}")
    page = await window()
    await enter(page, "front_desk")
    await page.goto(client)
    lines = page.locator(".told-list .told-what")
    await expect(lines).to_have_count(20)
    await page.locator("#timeline-older a").click()
    await expect(page.locator("#timeline-older")).to_have_count(0)
    assert await lines.count() > 30
    assert page.url.endswith(client)


@pytest.mark.parametrize(("width", "theme", "language"), [(1440, "dark", "ru"), (360, "light", "ru")])
async def test_the_pages_are_accessible_and_fit(
    window: Window, client: str, width: int, theme: str, language: str
) -> None:
    page = await window(width=width, theme=theme, language=language)
    await page.emulate_media(reduced_motion="reduce")
    await enter(page, "manager")
    found = []
    for path in ("", "/timeline", "/data", "/erasure"):
        await page.goto(f"{client}{path}")
        found += await violations(page)
        assert not await too_wide(page)
    await page.check("input[name=reason][value=mistake]")
    await page.click("#main form .button.danger")
    await expect(page.locator(".facts")).to_be_visible()
    found += await violations(page)
    assert not await too_wide(page)
    assert found == []
