"""What each role sees and may do: no control that would be refused, and no form that goes round its page."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from console.app import routes
from console.domain import db
from console.domain.team.rules import PERMISSIONS
from tests.cast import ANNA, BORIS, EVERYBODY, Person
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.server import Keeper

FILLED = {"{listed}": "people", "{staff}": "101"}
"""Of everything else the demo has one with the id 1."""
ROUTES = sorted(routes(), key=lambda one: one["path"].count("{"))
PATTERNS = [re.compile(re.sub(r"{\w+}", "[^/]+", re.sub(r"{\w*path}", ".+", one["path"]))) for one in ROUTES]
MOST_OF_A_KIND = 6
"""Pages of one address that are read: the fifth service shows what the others do."""
LEAST_SHUT = 30
"""Forms that change the catalogue, the team, the business or its staff."""
KINDS_OF_PAGES = 14
"""Addresses that the front desk reaches by links at least."""


@pytest.fixture
async def filled(clean: None, keeper: Keeper) -> None:
    """The demo's business, below the application."""
    await keeper.demo("en")


@cache
def route(method: str, url: str) -> dict[str, str]:
    """The route that an address of ours leads to."""
    path = urlsplit(url).path
    for one, pattern in zip(ROUTES, PATTERNS, strict=True):
        if one["method"] == method and pattern.fullmatch(path):
            return one
    raise AssertionError(f"nothing answers {method} {url}")


def may(person: Person, found: dict[str, str]) -> bool:
    return found["permission"] == "public" or found["permission"] in PERMISSIONS[person.role]


def links(page: Page) -> list[str]:
    """Addresses of ours that a page links to."""
    found = [node.attributes.get("href") or "" for node in page.tree.css("a[href]")]
    return [url for url in dict.fromkeys(found) if url.startswith("/") and not url.startswith(("/static/", "//"))]


async def crawl(visitor: Visitor) -> dict[str, Page]:
    """The pages that links lead to from the start page, a few of each kind."""
    read: dict[str, Page] = {}
    seen: dict[str, int] = {}
    waiting = ["/"]
    while waiting:
        url = waiting.pop(0)
        kind = route("GET", url)["path"]
        if url in read or seen.get(kind, 0) >= MOST_OF_A_KIND or "as=" in url:
            continue
        seen[kind] = seen.get(kind, 0) + 1
        read[url] = await visitor.open(url)
        waiting += links(read[url])
    return read


@pytest.mark.parametrize("person", EVERYBODY, ids=lambda person: person.role.value)
async def test_every_link_and_button_that_a_role_sees_is_one_that_it_may_use(
    filled: None, sign_in: SignIn, person: Person
) -> None:
    pages = await crawl(await sign_in(replace(person, language="en")))
    assert len({route("GET", url)["path"] for url in pages}) >= KINDS_OF_PAGES
    for url, page in pages.items():
        expected = url.endswith("/erasure") and page.status == 409  # nobody is erased who is still to come
        assert page.status == 200 or expected, url
        refused = [link for link in links(page) if not may(person, route("GET", link))]
        assert refused == [], url
        actions = [node.attributes.get("action") or url for node in page.tree.css('form[method="post"]')]
        refused = [action for action in actions if not may(person, route("POST", action))]
        assert refused == [], url


@pytest.mark.parametrize("person", [ANNA, BORIS], ids=lambda person: person.role.value)
async def test_a_form_of_anything_that_a_role_may_not_change_is_refused_and_changes_nothing(
    filled: None, sign_in: SignIn, person: Person
) -> None:
    visitor = await sign_in(person)
    csrf = (await visitor.open("/profile")).value("_csrf")
    before = await db.fetchval("SELECT max(id) FROM operation")
    shut = [one for one in ROUTES if one["method"] != "GET" and not may(person, one)]
    assert len(shut) >= LEAST_SHUT
    for one in shut:
        address = re.sub(r"{\w+}", lambda found: FILLED.get(found[0], "1"), one["path"])
        answer = await visitor.http.request(
            one["method"], address, data={"_csrf": csrf, "intent": str(uuid4()), "version": "1", "name": "x"}
        )
        assert answer.status_code == 403, one
        assert "<h1" in answer.text, one
    assert await db.fetchval("SELECT max(id) FROM operation") == before
