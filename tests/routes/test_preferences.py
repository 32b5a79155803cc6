"""Language and theme, for strangers and for staff."""

from __future__ import annotations

import pytest
from litestar import Litestar

from console.domain import db
from tests import factories
from tests.cast import ANNA, OLEG
from tests.page import Visitor
from tests.routes.conftest import SignIn
from tests.routes.doors import come_in, holding
from tests.words import say

LANGUAGE = "/preferences/language"
THEME = "/preferences/theme"


def language(visitor_page: object) -> str:
    return visitor_page.tree.css_first("html").attributes["lang"] or ""  # type: ignore[attr-defined]


async def test_a_stranger_chooses_a_language_and_keeps_it(stranger: Visitor) -> None:
    page = await stranger.open("/sign-in?next=/settings/staff")
    assert language(page) == "en"
    page = await stranger.send(page, LANGUAGE, press="language=ru")
    assert (page.status, page.path, language(page)) == (200, "/sign-in", "ru")
    assert page.value("next") == "/settings/staff"
    assert page.heading == say("title.sign_in", "ru")
    page = await stranger.open("/forgotten")
    assert language(page) == "ru"
    kept = next(cookie for cookie in stranger.http.cookies.jar if cookie.name == "language")
    assert kept.expires is not None


async def test_a_stranger_sees_the_language_that_the_browser_asks_for(stranger: Visitor) -> None:
    for asked, shown in (("ru-RU,ru;q=0.9,en;q=0.5", "ru"), ("de,en;q=0.5", "en"), ("x" * 5000, "en"), (";;q=,", "en")):
        page = await stranger.open("/sign-in", headers={"accept-language": asked})
        assert language(page) == shown, asked


async def test_a_colleague_takes_a_language_along_to_another_browser(app: Litestar, sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    page = await oleg.send(await oleg.open("/settings/staff"), LANGUAGE, press="language=ru")
    assert (page.path, language(page), page.heading) == ("/settings/staff", "ru", say("title.staff", "ru"))
    assert await db.fetchval("SELECT language FROM staff WHERE id = $1", OLEG.id) == "ru"
    assert language(await come_in(holding(app), OLEG)) == "ru"


async def test_ones_own_language_comes_before_the_browsers(app: Litestar) -> None:
    await factories.staff(ANNA)
    visitor = holding(app)
    await visitor.send(await visitor.open("/sign-in"), LANGUAGE, press="language=en")
    assert language(await come_in(visitor, ANNA)) == "ru"


@pytest.mark.parametrize("signed", [False, True], ids=["a stranger", "a colleague"])
async def test_a_theme_is_chosen_and_kept(stranger: Visitor, sign_in: SignIn, signed: bool) -> None:
    visitor = await sign_in(OLEG) if signed else stranger
    page = await visitor.open("/profile" if signed else "/sign-in")
    assert "data-theme" not in page.tree.css_first("html").attributes
    for theme in ("dark", "light"):
        fields = {"_csrf": [page.value("_csrf")], "theme": [theme]}
        page = await visitor.post(THEME, fields, referer=str(page.response.url))
        assert page.path == ("/profile" if signed else "/sign-in")
        assert page.tree.css_first("html").attributes["data-theme"] == theme
    page = await visitor.post(THEME, {"_csrf": [page.value("_csrf")], "theme": ["auto"]})
    assert "data-theme" not in page.tree.css_first("html").attributes


@pytest.mark.parametrize(
    ("address", "field", "value"),
    [(LANGUAGE, "language", "de"), (LANGUAGE, "language", ""), (THEME, "theme", "plaid"), (THEME, "theme", "x" * 5000)],
)
async def test_what_there_is_not_cannot_be_chosen(stranger: Visitor, address: str, field: str, value: str) -> None:
    page = await stranger.open("/sign-in")
    answer = await stranger.post(address, {"_csrf": [page.value("_csrf")], field: [value]})
    assert 400 <= answer.status < 500
    assert answer.heading
    assert stranger.http.cookies.get(field) is None


@pytest.mark.parametrize("referer", ["https://evil.example/x", "//evil.example", "http://[", "nonsense", ""])
async def test_it_goes_back_to_no_page_but_the_consoles_own(stranger: Visitor, referer: str) -> None:
    page = await stranger.open("/sign-in")
    fields = {"_csrf": [page.value("_csrf")], "language": ["ru"]}
    answer = await stranger.http.post(LANGUAGE, data=fields, headers={"referer": referer})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
