"""Language and theme, for strangers and for staff."""

from __future__ import annotations

import pytest
from litestar import Litestar

from console.domain import db
from console.domain.ids import StaffId
from console.domain.team import steps
from tests import factories
from tests.cast import ANNA, OLEG, VERA
from tests.page import Visitor, read
from tests.routes.conftest import BASE, SignIn
from tests.routes.doors import come_in, holding
from tests.words import say

LANGUAGE = "/preferences/language"
THEME = "/preferences/theme"


async def speak(*languages: str) -> None:
    """Let the business speak these languages, the first one as its own."""
    await db.execute("UPDATE business SET languages = $1, language = $2", list(languages), languages[0])


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


WISHES = [
    ("ru-RU,ru;q=0.9,en;q=0.5", "ru"),
    ("en;q=0.5,ru", "ru"),
    ("ru;q=0,en;q=0.1", "en"),
    ("de,EN-gb;q=0.5", "en"),
    ("de", "ru"),
    ("x" * 5000, "ru"),
    (";;q=,", "ru"),
    ("", "ru"),
]


@pytest.mark.parametrize(("asked", "shown"), WISHES)
async def test_a_stranger_sees_what_the_browser_likes_best_of_the_businesss_languages_else_its_own(
    stranger: Visitor, asked: str, shown: str
) -> None:
    await speak("ru", "en")
    page = await stranger.open("/sign-in", headers={"accept-language": asked})
    assert language(page) == shown


@pytest.mark.parametrize("path", ["/sign-in", "/nowhere"])
async def test_a_stranger_is_offered_no_language_that_the_business_has_not(stranger: Visitor, path: str) -> None:
    await speak("en")
    stranger.http.headers["accept-language"] = "ru"
    page = await stranger.open(path)
    assert language(page) == "en"
    token = (await stranger.open("/sign-in")).value("_csrf")
    answer = await stranger.post(LANGUAGE, {"_csrf": [token], "language": ["ru"]})
    assert 400 <= answer.status < 500
    assert stranger.http.cookies.get("language") is None


async def test_after_the_sign_out_every_page_stays_in_the_language_last_used_in_this_browser(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    page = await anna.open("/profile")
    assert language(page) == "ru"
    page = await anna.send(page, "/sign-out")
    assert (page.path, page.heading) == ("/sign-in", say("title.sign_in", "ru"))
    assert language(await anna.open("/nowhere")) == "ru"
    assert language(read(await anna.http.put("/sign-in", headers={"origin": BASE}))) == "ru"
    kept = next(cookie for cookie in anna.http.cookies.jar if cookie.name == "language")
    assert kept.expires is not None


async def test_the_next_person_at_the_browser_leaves_their_language_in_turn(sign_in: SignIn) -> None:
    anna, vera = await sign_in(ANNA), await sign_in(VERA)
    await anna.open("/profile")
    anna.http.cookies.set("session", vera.http.cookies["session"])
    assert language(await anna.open("/profile")) == "en"
    anna.http.cookies.delete("session")
    assert language(await anna.open("/sign-in", headers={"accept-language": "ru"})) == "en"


async def test_whose_language_was_taken_away_has_the_businesss_until_it_is_offered_again(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    await speak("en")
    assert language(await anna.open("/profile")) == "en"
    assert await steps.language_of(StaffId(ANNA.id)) == "en"
    assert await db.fetchval("SELECT language FROM staff WHERE id = $1", ANNA.id) == "ru"
    await speak("en", "ru")
    assert language(await anna.open("/profile")) == "ru"
    assert await steps.language_of(StaffId(ANNA.id)) == "ru"


@pytest.mark.parametrize("path", ["/settings/staff/new", "/clients/new"])
async def test_a_form_offers_the_languages_of_the_business_only(sign_in: SignIn, path: str) -> None:
    oleg = await sign_in(OLEG)
    for spoken in (["en", "ru"], ["en"]):
        await speak(*spoken)
        page = await oleg.open(path)
        offered = [option.attributes["value"] for option in page.tree.css("select[name=language] option")]
        assert offered == ["", *spoken]


async def test_a_colleague_takes_a_language_along_to_another_browser(app: Litestar, sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    page = await oleg.send(await oleg.open("/settings/staff"), LANGUAGE, press="language=ru")
    assert (page.path, language(page), page.heading) == ("/settings/staff", "ru", say("title.staff", "ru"))
    assert await db.fetchval("SELECT language FROM staff WHERE id = $1", OLEG.id) == "ru"
    assert language(await come_in(holding(app), OLEG)) == "ru"


async def test_ones_own_language_comes_before_the_browsers(app: Litestar) -> None:
    await factories.staff(ANNA)
    visitor = holding(app)
    visitor.http.cookies.set("language", "en", domain="console.test", path="/")
    assert [language(await visitor.open("/sign-in")), language(await come_in(visitor, ANNA))] == ["en", "ru"]


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


async def test_the_language_chosen_at_the_door_holds_for_the_session_that_follows_and_no_other(
    stranger: Visitor, sign_in: SignIn
) -> None:
    await speak("en", "ru")
    elsewhere = await sign_in(VERA)
    await stranger.send(await stranger.open("/sign-in"), LANGUAGE, press="language=ru")
    page = await come_in(stranger, VERA)
    assert language(page) == "ru"
    said = "Chosen at sign-in, for this session. Your other sessions speak: %(language)s."
    assert say(said, "ru").replace("%(language)s", "English") in page.words("#looks")
    assert language(await elsewhere.open("/profile")) == "en"
    assert await db.fetchval("SELECT language FROM staff WHERE id = $1", VERA.id) == "en"
    await stranger.send(page, "/sign-out")
    assert language(await come_in(stranger, VERA)) == "en"


async def test_the_language_held_for_one_session_is_not_that_of_who_comes_after(
    stranger: Visitor,
) -> None:
    await speak("en", "ru")
    for person in (VERA, OLEG):
        await factories.staff(person)
    await db.execute("UPDATE staff SET language = 'en' WHERE id = $1", OLEG.id)
    await stranger.send(await stranger.open("/sign-in"), LANGUAGE, press="language=ru")
    assert language(await come_in(stranger, VERA)) == "ru"
    await db.execute("UPDATE staff_session SET revoked_at = clock_timestamp() WHERE staff = $1", VERA.id)
    assert language(await come_in(stranger, OLEG)) == "en"


async def test_a_language_chosen_in_a_session_takes_the_place_of_the_one_of_the_door(stranger: Visitor) -> None:
    await speak("en", "ru")
    await factories.staff(VERA)
    await stranger.send(await stranger.open("/sign-in"), LANGUAGE, press="language=ru")
    page = await stranger.send(await come_in(stranger, VERA), LANGUAGE, press="language=en")
    assert [language(page), "Chosen at sign-in" in page.words("#looks")] == ["en", False]
