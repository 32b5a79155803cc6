"""Every page in both languages: nothing untranslated, no key where a text should be."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from console.app import routes
from console.domain import clock, db
from console.domain.ids import StaffId
from console.domain.team import door, throttles
from console.domain.team.browsers import Browser
from tests import factories
from tests.cast import ANNA, BORIS, OLEG, VERA
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.server import Keeper
from tests.words import say

pytestmark = pytest.mark.parametrize("language", ["en", "ru"])

KEY = re.compile(
    r"\b(?:actor|column|done|effect|field|hint|kind|nav|problem|refused|role|title|tried|why|words)\.[a-z_]+\b"
)
LATIN = re.compile(r"[A-Za-z]{3,}")
ADDRESS = re.compile(r"https?://\S+|[\w.-]+@[\w.-]+")
OURS = {
    *("google", "microsoft", "authenticator"),
    *(
        "ctrl",
        "enter",
        "esc",
        "pgdn",
        "pgup",
        "jpeg",
        "png",
        "webp",
        "smtp",
        "url",
        "csv",
        "excel",
        "json",
        "ods",
        "pdf",
        "xlsx",
        "zip",
    ),
    *("fifth", "visit", "english", "europe", "moscow", "rub", "eur"),
    *("cloth", "gift", "spray", "deep", "iron", "move", "off", "reg", "reno", "rug", "sofa", "win"),
    *("name", "example", "com"),
    *("salon", "sheet"),
}
"""In Latin letters stay keys, formats, the product, a language, a zone, currencies, codes of the demo, addresses, and
what mappings are called."""
UNREAD = "script, style, code, option:not([selected]), textarea, .secret, .codes, #sessions strong"
"""What was typed or made by machines, and what is not chosen of a list."""
FILLED = {
    "{staff}": "14",
    "{mail_id}": "1",
    "{location}": "1",
    "{holiday}": "1",
    "{kind}": "booking.moved",
    "{language}": "ru",
    "{listed}": "people",
    "{token}": "gone",
    "{rest}": "nowhere",
}
SKIPPED = {
    "/agenda/changes",
    "/agenda/paper",
    "/programme/trial/progress",
    "/tickets/counts",
    "/livez",
    "/readyz",
    "/logo/{logo}",
    "/static/{file_path}",
}
PAGES = [
    *sorted(
        re.sub(r"{\w+}", lambda found: FILLED.get(found[0], "1"), one["path"])
        for one in routes()
        if one["method"] == "GET" and one["path"] not in SKIPPED
    ),
    "/search?q=%D1%8F",
    "/settings/history?tab=refused",
    "/settings/holidays?year=2031",
    "/settings/holidays/public?country=RU&year=2031",
]
FORMS = (
    "/profile",
    "/profile/two-step",
    "/settings/business",
    "/settings/holidays/1",
    "/settings/holidays/new",
    "/settings/locations/1",
    "/settings/locations/new",
    "/settings/staff/14",
    "/settings/staff/new",
)
DOOR = ("/sign-in", "/forgotten", "/forgotten/sent", "/links/gone", "/nowhere")


@pytest.fixture
async def owner(filled: None, sign_in: SignIn, language: str) -> Visitor:
    visitor = await sign_in(replace(OLEG, name="Олег", language=language))
    visitor.http.cookies.set("language", language)
    return visitor


@pytest.fixture
async def filled(clean: None, keeper: Keeper) -> None:
    """The demo's business, in Russian, below the application."""
    await keeper.demo("ru")


def visible(page: Page) -> str:
    """What a person or a screen reader is told."""
    for node in page.tree.css(
        "script, style, code, option:not([selected]), textarea, .secret, .codes, #sessions strong"
    ):
        node.decompose()
    attributes = [
        node.attributes.get(name) or ""
        for name in ("aria-label", "title", "placeholder", "alt", "data-label")
        for node in page.tree.css(f"[{name}]")
    ]
    body = page.tree.body
    said = " ".join([body.text(separator=" ") if body else "", page.words("title"), *attributes])
    return ADDRESS.sub("", said)


def strange(page: Page, language: str, name: str) -> list[str]:
    """What does not belong on a page in a language: another language, a key, or in Russian a word in Latin letters."""
    found = set() if f'<html lang="{language}"' in page.response.text else {f"{name}: not in {language}"}
    found |= {f"{name}: {key}" for key in KEY.findall(page.response.text)}
    if language == "ru":
        found |= {f"{name}: {word}" for word in LATIN.findall(visible(page)) if word.casefold() not in OURS}
    return sorted(found)


async def read(visitor: Visitor, addresses: list[str], language: str) -> list[str]:
    """What is strange on the pages at these addresses."""
    return [one for address in addresses for one in strange(await visitor.open(address), language, address)]


async def test_nothing_is_untranslated_for_somebody_signed_in(owner: Visitor, language: str) -> None:
    found = await read(owner, PAGES, language)
    assert not found, "; ".join(found)


async def test_nothing_is_untranslated_for_those_who_may_less(filled: None, sign_in: SignIn, language: str) -> None:
    found = []
    for person, name in ((ANNA, "Анна"), (BORIS, "Борис"), (VERA, "Вера")):
        visitor = await sign_in(replace(person, name=name, language=language))
        visitor.http.cookies.set("language", language)
        found += [f"{person.role}: {one}" for one in await read(visitor, PAGES, language)]
    assert not found, "; ".join(found)


async def test_nothing_is_untranslated_at_the_door(stranger: Visitor, language: str) -> None:
    stranger.http.cookies.set("language", language)
    assert await read(stranger, [*DOOR], language) == []


async def test_nothing_is_untranslated_before_the_second_step(stranger: Visitor, language: str) -> None:
    await factories.staff(ANNA)
    here = Browser("127.0.0.1", "tests")
    half = await door.open_session(StaffId(ANNA.id), here, clock.now(), verified=False)
    stranger.http.cookies.set("session", half)
    stranger.http.cookies.set("language", language)
    page = await stranger.open("/sign-in/code")
    page = await stranger.send(page, "/sign-in/code", code="")
    assert page.status == 422
    assert strange(page, language, "code") == []


async def test_a_mail_and_its_link_speak_the_readers_language(
    owner: Visitor, browsers: Callable[[], Visitor], language: str
) -> None:
    page = await owner.open("/settings/staff/new")
    await owner.send(page, name="Имя", email="new@fifth.example", language=language)
    mails = await owner.open("/settings/mailbox")
    mail = await owner.open(mails.tree.css_first(".items a").attributes["href"] or "")
    assert strange(mails, language, "mailbox") + strange(mail, language, "mail") == []
    invited = browsers()
    invited.http.cookies.set("language", language)
    link = await invited.open(re.search(r"/links/[\w-]+", mail.response.text)[0])  # type: ignore[index]
    assert strange(link, language, "link") == []
    short = await invited.send(link, link.form().attributes.get("action"), password="short")
    assert short.status == 422
    assert strange(short, language, "short") == []


async def test_wrong_fields_are_explained_in_the_readers_language(owner: Visitor, language: str) -> None:
    found: list[str] = []
    for address in FORMS:
        page = await owner.open(address)
        for form in page.tree.css("#main form"):
            action = form.attributes["action"] or ""
            names = [name for name in page.fields(action) if name not in {"_csrf", "intent", "version"}]
            for typed in ("", "ё" * 5000, "\x00", "-1") if names else ():
                answer = await owner.send(page, action, **dict.fromkeys(names, typed))
                found += strange(answer, language, f"{action} {typed[:1]!r}")
    assert not found, "\n".join(sorted(set(found)))


async def test_every_refusal_is_told_in_the_readers_language(owner: Visitor, sign_in: SignIn, language: str) -> None:
    desk = await sign_in(replace(ANNA, name="Анна", language=language))
    csrf = (await owner.open("/profile")).value("_csrf")
    answers = [
        (400, await owner.post("/settings/staff/14/link", {"_csrf": csrf, "intent": "no id"})),
        (403, await desk.open("/settings/staff")),
        (403, await owner.post("/preferences/theme", {"theme": "dark"})),
        (404, await owner.open("/settings/locations/4711")),
        (405, await owner.open("/preferences/theme")),
        (409, await owner.post("/settings/staff/14/retirement", {"_csrf": csrf})),
        (409, await collision(owner)),
        (409, await undoing_what_others_stand_on(owner)),
        (413, await owner.post("/preferences/theme", {"_csrf": csrf, "theme": "x" * 100_000})),
    ]
    assert [page.status for _, page in answers] == [status for status, _ in answers]
    assert [one for status, page in answers for one in strange(page, language, str(status))] == []
    assert await read(owner, ["/settings/history", "/settings/history?tab=refused"], language) == []


PLACE = "/settings/locations/1"


async def renamed(visitor: Visitor, name: str) -> Page:
    return await visitor.send(await visitor.open(PLACE), PLACE, name=name)


async def collision(visitor: Visitor) -> Page:
    opened = await visitor.open(PLACE)
    await renamed(visitor, "Юг")
    return await visitor.send(opened, PLACE, name="Запад")


async def undoing_what_others_stand_on(visitor: Visitor) -> Page:
    first = await renamed(visitor, "Восток")
    await renamed(visitor, "Юг")
    return await visitor.send(first, first.tree.css_first(".toast form").attributes["action"])


async def test_too_many_attempts_are_told_in_the_readers_language(stranger: Visitor, language: str) -> None:
    stranger.http.cookies.set("language", language)
    page = await stranger.open("/sign-in")
    for _ in range(throttles.ATTEMPTS + 1):
        page = await stranger.send(await stranger.open("/sign-in"), email="n@fifth.example", password="a wrong one")
    assert page.status == 429
    assert strange(page, language, "429") == []


async def test_what_was_done_is_told_in_the_readers_language(owner: Visitor, language: str) -> None:
    done = await renamed(owner, "Юг")
    name = say("words.quoted", language, name="Юг")
    assert done.toast == say("done.location.change", language, name=name)
    undone = await owner.send(done, done.tree.css_first(".toast form").attributes["action"])
    before = await db.fetchval("SELECT name FROM location WHERE id = 1")
    what = say("kind.location.change", language, name=say("words.quoted", language, name=before))
    assert undone.toast == say("done.undid", language, what=what)
    assert strange(done, language, "done") + strange(undone, language, "undone") == []
