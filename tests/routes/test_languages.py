"""Every page in both languages: nothing untranslated, no key where a text should be."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import pytest

from console import demo
from console.app import routes
from console.config import Settings
from console.domain import db
from tests.cast import OLEG
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn

KEY = re.compile(r"\b(?:actor|column|done|field|hint|kind|nav|problem|refused|role|title|why|words)\.[a-z_]+\b")
LATIN = re.compile(r"[A-Za-z]{3,}")
MAIL = re.compile(r"[\w.]+@[\w.]+")
OURS = {
    *("clean", "home", "ctrl", "english", "enter", "esc", "europe", "moscow", "utc"),
    *("jpeg", "png", "webp", "smtp", "url", "smtp_url"),
    *("demo", "visit", "tests", "example", "fifth", "com", "http", "https", "name", "oleg", "hello"),
}
FILLED = {
    "{staff}": "14",
    "{mail_id}": "1",
    "{location}": "1",
    "{holiday}": "1",
    "{token}": "gone",
    "{rest}": "nowhere",
}
SKIPPED = {"/livez", "/readyz", "/logo/{logo}", "/static/{file_path}"}
PAGES = sorted(
    {
        re.sub(r"{\w+}", lambda found: FILLED[found[0]], one["path"])
        for one in routes()
        if one["method"] == "GET" and one["path"] not in SKIPPED
    }
)


@pytest.fixture
async def filled(clean: None, settings: Settings) -> None:
    """The demo's business, in Russian, below the application."""
    await asyncio.to_thread(demo.fill, replace(settings, demo=True))


def visible(page: Page) -> str:
    """What a person or a screen reader is told."""
    for node in page.tree.css("script, style, code, option, .secret, .codes"):
        node.decompose()
    attributes = [
        node.attributes.get(name) or ""
        for name in ("aria-label", "title", "placeholder", "alt", "data-label")
        for node in page.tree.css(f"[{name}]")
    ]
    body = page.tree.body
    said = " ".join([body.text(separator=" ") if body else "", page.words("title"), *attributes])
    return MAIL.sub("", said)


async def read(visitor: Visitor, address: str, language: str) -> list[str]:
    page = await visitor.open(address)
    found = [] if f'<html lang="{language}"' in page.response.text else [f"{address}: not in {language}"]
    said = visible(page)
    found += [f"{address}: {key}" for key in KEY.findall(said)]
    if language == "ru":
        found += [f"{address}: {word}" for word in LATIN.findall(said) if word.casefold() not in OURS]
    return sorted(set(found))


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_nothing_is_untranslated_for_somebody_signed_in(filled: None, sign_in: SignIn, language: str) -> None:
    visitor = await sign_in(replace(OLEG, name="Олег", language=language))
    await db.execute("UPDATE holiday SET name = 'Праздник'")
    await db.execute("UPDATE staff SET name = 'Имя'")
    await db.execute("UPDATE location SET name = 'Центр ' || id, address = NULL")
    await db.execute("UPDATE business SET language = $1, name = 'Чисто', address = NULL", language)
    found = [one for address in PAGES for one in await read(visitor, address, language)]
    found += await read(visitor, "/settings/history?tab=refused", language)
    assert found == []


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_nothing_is_untranslated_at_the_door(stranger: Visitor, language: str) -> None:
    stranger.http.cookies.set("language", language)
    found = [
        one
        for address in ("/sign-in", "/forgotten", "/forgotten/sent", "/links/gone", "/nowhere")
        for one in await read(stranger, address, language)
    ]
    assert found == []


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_wrong_fields_are_explained_in_the_readers_language(filled: None, sign_in: SignIn, language: str) -> None:
    visitor = await sign_in(replace(OLEG, name="Олег", language=language))
    found: list[str] = []
    for address in (
        "/settings/staff/new",
        "/settings/locations/new",
        "/settings/holidays/new",
        "/settings/business",
        "/profile",
    ):
        page = await visitor.open(address)
        for form in page.tree.css("#main form"):
            action = form.attributes["action"] or ""
            names = [name for name in page.fields(action) if name not in {"_csrf", "intent", "version"}]
            if not names:
                continue
            for typed in ("", "ё" * 5000, "\x00", "-1"):
                answer = await visitor.send(page, action, **dict.fromkeys(names, typed))
                said = visible(answer)
                found += KEY.findall(said)
                if language == "ru":
                    errors = " ".join(answer.all(".error"))
                    found += [word for word in LATIN.findall(errors) if word.casefold() not in OURS]
    assert sorted(set(found)) == []
