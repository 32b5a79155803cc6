"""What people typed is text on every page and print, whatever it looks like.

Walks every form that there is, puts markup into every field that takes text, and reads every page afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from console import templating
from console.app import routes
from console.routes import cards, client_data, weeks
from tests.cast import OLEG
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.server import Keeper

MARK = "zzq"
MARKUPS = (
    f"{MARK}\"'><script>alert(1)</script>",
    f"{MARK}</title></textarea><img src=x onerror=alert(1)>{{{{7*7}}}}",
)
FILLED = {"{listed}": "people", "{staff}": "101"}
NOT_PAGES = {"/livez", "/readyz", "/logo/{logo}", "/static/{file_path}", "/links/{token}", "/{rest}"}
PAGES = sorted(
    {
        re.sub(r"{\w+}", lambda found: FILLED.get(found[0], "1"), one["path"])
        for one in routes()
        if one["method"] == "GET" and one["path"] not in NOT_PAGES
    }
    - {"/sign-in", "/sign-in/code", "/forgotten", "/forgotten/sent"}
)
KINDS = "input[type=text], input[type=search], input[type=url], input:not([type]), textarea"
LEAST_SAVED = 12
"""Forms of the demo that took markup in some field; fewer would mean that this test no longer reaches them."""


@pytest.fixture
async def filled(clean: None, keeper: Keeper) -> None:
    """The demo's business, below the application."""
    await keeper.demo("en")


@pytest.fixture
async def owner(filled: None, sign_in: SignIn) -> Visitor:
    return await sign_in(replace(OLEG, language="en"))


def actions(page: Page) -> list[str]:
    """Where the forms of a page post to that have something to type."""
    forms = page.tree.css("#main form[method=post], .panel form[method=post]")
    return list(dict.fromkeys(form.attributes["action"] or "" for form in forms if form.css(KINDS)))


def texts(page: Page, action: str) -> list[str]:
    return [node.attributes["name"] or "" for node in page.form(action).css(KINDS) if node.attributes.get("name")]


async def fill(visitor: Visitor, page: Page, action: str, markup: str) -> bool:
    """Put markup into every field of a form that takes it; whether it was saved."""
    names = set(texts(page, action))
    while names:
        answer = await visitor.send(page, action, **{name: markup + name for name in names})
        bare(answer)
        if answer.status != 422:
            return answer.status == 200
        wrong = {name for name in names if answer.has(f'[name="{name}"]') and answer.error(name)}
        if not wrong:
            return False
        names -= wrong
    return False


def bare(page: Page | LexborHTMLParser) -> None:
    """Assert that no element came out of what was typed."""
    tree = page.tree if isinstance(page, Page) else page
    found = [node.html for node in tree.css("script, [onerror], img") if node.html and "alert(1)" in node.html]
    assert not found, found
    assert not tree.css('img[src="x"]')
    assert f"{MARK}49" not in (tree.body.text() if tree.body else "")


def documents(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The sources of what is printed, as they are made."""
    made: list[str] = []

    def document(template: str, **context: Any) -> str:
        made.append(templating.document(template, **context))
        return made[-1]

    for module in (cards, client_data, weeks):
        monkeypatch.setattr(module, "document", document)
    return iter(made)


@pytest.mark.parametrize("markup", MARKUPS, ids=["script", "img"])
async def test_markup_is_text_everywhere(owner: Visitor, monkeypatch: pytest.MonkeyPatch, markup: str) -> None:
    saved = set()
    for path in PAGES:
        page = await owner.open(path)
        for action in actions(page):
            if await fill(owner, await owner.open(path), action, markup):
                saved.add(action)
    assert len(saved) >= LEAST_SAVED, saved
    made = documents(monkeypatch)
    shown = 0
    for path in [
        *PAGES,
        f"/search?q={MARK}",
        "/settings/history?tab=refused",
        "/team/week?as=pdf",
        "/clients/1/card?as=pdf",
        "/clients/1/data?as=pdf",
    ]:
        page = await owner.open(path)
        assert page.status < 500, path
        if page.response.headers["content-type"].startswith("text/html"):
            bare(page)
            shown += MARK in (page.tree.body.text() if page.tree.body else "")
    assert shown >= LEAST_SAVED
    printed = list(made)
    assert printed
    for source in printed:
        bare(LexborHTMLParser(source))
