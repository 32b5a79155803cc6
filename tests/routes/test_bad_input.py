"""Every field of every form, sent everything that does not belong there: answered in words, nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests import factories
from tests.cast import ANNA, OLEG, VERA
from tests.page import Page, Visitor, read
from tests.routes.conftest import SignIn
from tests.words import say
from tests.yard import ALWAYS, yard

TYPED = {
    "nothing": "",
    "spaces": "   ",
    "NUL": "a\x00b",
    "a control character": "a\x07b",
    "a million characters": "x" * 1_000_000,
    "a huge number": "9" * 400,
    "a number out of range": str(2**63),
    "a negative number": "-1",
    "a float": "1e309",
    "markup": "<script>alert(1)</script>",
    "quotes": "\"'><b>",
    "braces": "{{ 7*7 }} {} %s %(name)s",
    "a null word": "null",
    "direction marks": "\u202eabc\u0000",
    "nothing to be seen": "\u200b\u3164\u2800",
    "four bytes": "🧹" * 40,
    "half a pair": "\\ud800",
    "SQL": "'; DROP TABLE staff; --",
    "a line break": "a\nb",
    "a line separator": "a\u2028b",
    "a letter that only the database lower-cases": "\ua7da@x.test",
}
FORMS = [
    "/settings/staff/new",
    "/settings/staff/13",
    "/profile",
    "/settings/business",
    "/settings/locations/new",
    "/settings/holidays/new",
    "/catalogue/services/new",
    "/catalogue/services/1",
    "/catalogue/products/new",
    "/catalogue/categories/new",
    "/clients/new",
    "/clients/1/edit",
    "/team/people/new",
    "/team/bookables/1",
    "/team/bookables/1/hours",
    "/team/bookables/1/skills",
    "/team/bookables/1/time-off",
    "/clients/1",
    "/clients/1/consents",
    "/clients/1/contacts/new",
    "/clients/1/erasure",
    "/clients/1/sites/new",
    "/clients/contacts/1",
    "/clients/notes/1",
    "/clients/sites/1",
    "/bookings/new",
    "/bookings/1",
    "/bookings/1/move",
    "/bookings/1/swap",
    "/settings/reasons/1",
    "/settings/reasons/new",
    "/series/new",
    "/team/bookables/1/stand-in",
]
NEXT_YEAR = datetime(2027, 5, 12, 9, tzinfo=UTC)
DOORS = ["/sign-in", "/forgotten"]
HIDDEN = {"_csrf", "intent", "version", "next"}

Open = Callable[[str], Awaitable[tuple[Visitor, Page]]]


@pytest.fixture
async def opened(sign_in: SignIn, stranger: Visitor) -> Open:
    async def open_(path: str) -> tuple[Visitor, Page]:
        visitor = stranger
        if path not in DOORS:
            await factories.staff(VERA)
            if path.startswith("/bookings/"):
                await factories.staff(ANNA)
                here = await yard(hours=ALWAYS)
                await here.book(here.nina, NEXT_YEAR)
                await here.book(here.olga, NEXT_YEAR)
            else:
                await factories.service(id=1)
                await factories.bookable(id=1)
            if path.startswith("/series"):
                await factories.location()
            if path.startswith("/clients/1"):
                await factories.client(id=1)
                for part in (factories.note, factories.contact, factories.site):
                    await part(1)
            visitor = await sign_in(OLEG)
        return visitor, await visitor.open(path)

    return open_


def forms(page: Page) -> list[str]:
    """The addresses of the page's own forms that have something to type."""
    own = page.tree.css("#main form")
    return [form.attributes["action"] or "" for form in own if form.css("input:not([type=hidden]), select, textarea")]


def answered(page: Page, what: str) -> None:
    assert page.status < 500, f"{what}: {page.status}"
    assert page.heading, what
    assert not re.search(r"Traceback|asyncpg", page.words("main")), what


@pytest.mark.parametrize("path", FORMS + DOORS)
@pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED.keys())
async def test_it_answers_whatever_is_typed_into_any_field(opened: Open, path: str, typed: str) -> None:
    visitor, page = await opened(path)
    for action in forms(page):
        for name in page.fields(action).keys() - HIDDEN:
            answer = await visitor.send(page, action, **{name: typed})
            answered(answer, f"{action} {name}")
            page = await visitor.open(path) if answer.status != 422 else page


@pytest.mark.parametrize("path", FORMS + DOORS)
async def test_it_answers_a_field_that_is_repeated_or_missing(opened: Open, path: str) -> None:
    visitor, page = await opened(path)
    for action in forms(page):
        for name in page.fields(action).keys() - {"_csrf"}:
            for value in (["one", "two"], ["", ""], None):
                answered(await visitor.send(page, action, **{name: value}), f"{action} {name} {value}")


FORM = "application/x-www-form-urlencoded"
PART = b'Content-Disposition: form-data; name="name"'
BODIES = {
    "an unknown charset": (f"{FORM}; charset=klingon", b"name=a"),
    "another charset": (f"{FORM}; charset=utf-16", "name=имя".encode("utf-16")),
    "broken UTF-8": (FORM, b"name=%ff%fe%00&email=\xff\xfe"),
    "thousands of fields": (FORM, b"&".join(b"a%d=1" % n for n in range(3000))),
    "parts without a boundary": ("multipart/form-data", b"no boundary"),
    "a part that ends early": ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
    "a part in broken UTF-8": ("multipart/form-data; boundary=x", b"--x\r\n" + PART + b"\r\n\r\n\xff\xfe\r\n--x--"),
    "a part in an unknown charset": (
        "multipart/form-data; boundary=x",
        b"--x\r\n" + PART + b"\r\nContent-Type: text/plain; charset=klingon\r\n\r\na\r\n--x--",
    ),
    "a part without a name": (
        "multipart/form-data; boundary=x",
        b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--",
    ),
    "a part with a broken name": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="\xff"\r\n\r\na\r\n--x--',
    ),
    "an empty boundary": ("multipart/form-data; boundary=", b"----"),
    "JSON": ("application/json", b'{"name": "a"}'),
    "text": ("text/plain", b"name=a"),
    "no type": ("", b"name=a"),
}


@pytest.mark.parametrize("path", ["/profile", "/settings/staff/new", "/sign-in", "/settings/locations/new"])
@pytest.mark.parametrize(("media_type", "body"), BODIES.values(), ids=BODIES.keys())
async def test_it_answers_a_body_that_is_no_form(opened: Open, path: str, media_type: str, body: bytes) -> None:
    visitor, page = await opened(path)
    headers = {"content-type": media_type, "x-csrf-token": page.value("_csrf")}
    answer = await visitor.http.post(forms(page)[0], content=body, headers=headers)
    assert 200 <= answer.status_code < 500
    assert "<h1" in answer.text


async def test_it_says_at_the_field_what_is_wrong_and_keeps_what_was_typed(sign_in: SignIn) -> None:
    visitor = await sign_in(OLEG)
    page = await visitor.open("/settings/staff/new")
    wrong: dict[str, Any] = {"name": "x" * 1_000_000, "email": "no mail", "role": "support"}
    answer = await visitor.send(page, "/settings/staff", **wrong)
    assert answer.status == 422
    assert "100" in answer.error("name")
    assert "1,000,000" in answer.error("name")
    assert answer.error("email")
    assert not answer.error("role")
    assert {name: answer.value(name) for name in wrong} == wrong


async def test_it_says_that_a_text_cannot_be_read(sign_in: SignIn) -> None:
    visitor = await sign_in(OLEG)
    page = await visitor.open("/profile")
    answer = await visitor.send(page, "/profile", name="Ann\x00a")
    assert answer.status == 422
    assert answer.error("name")
    assert await factories_name() == OLEG.name


async def factories_name() -> str:
    from console.domain import db

    return str(await db.fetchval("SELECT name FROM staff WHERE id = $1", OLEG.id))


@pytest.mark.parametrize("fragment", [False, True], ids=["plain", "htmx"])
async def test_a_form_too_large_for_the_door_is_refused_in_words(stranger: Visitor, fragment: bool) -> None:
    page = await stranger.open("/sign-in")
    headers = {"hx-request": "true"} if fragment else {}
    answer = await stranger.post("/sign-in", page.fields() | {"email": ["x" * 9_000_000]}, **headers)
    assert answer.status == 413
    assert say("refused.too_large") in answer.words(".toast" if fragment else "main")
    assert (say("words.typed_stays") in answer.words("body")) is fragment
    assert answer.response.headers.get("hx-retarget") == ("#toasts" if fragment else None)


@pytest.mark.parametrize(
    ("path", "field"),
    [("/sign-in", "email"), ("/sign-in", "password"), ("/forgotten", "email"), ("/settings/business", "name")],
)
async def test_a_million_cyrillic_letters_are_answered_at_their_field_like_latin_ones(
    sign_in: SignIn, stranger: Visitor, path: str, field: str
) -> None:
    visitor = await sign_in(OLEG) if path.startswith("/settings") else stranger
    page = await visitor.open(path)
    answer = await visitor.send(page, path, **{field: "я" * 1_000_000})
    assert answer.status == 422
    assert "1,000,000" in answer.error(field)


LARGE = b"\x89PNG\r\n" + b"\x00" * 1024**2
PARTS = [
    b'--x\r\nContent-Disposition: form-data; name="logo"; filename="l.png"\r\n\r\n%s\r\n',
    b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n',
]


async def with_logo(visitor: Visitor, megabytes: int, **headers: str) -> Page:
    page = await visitor.open("/settings/business")
    fields = {**page.fields("/settings/business"), "name": ["Typed with care"]}
    rest = [PARTS[1] % (name.encode(), text.encode()) for name, texts in fields.items() for text in texts]

    async def coming() -> AsyncIterator[bytes]:
        yield PARTS[0].partition(b"%s")[0]
        for _ in range(megabytes):
            yield LARGE
        yield b"\r\n" + b"".join(rest) + b"--x--"

    headers = {"content-type": "multipart/form-data; boundary=x"} | headers
    return read(await visitor.http.post("/settings/business", content=coming(), headers=headers))


@pytest.mark.parametrize("megabytes", [2, 9, 30])
async def test_a_picture_that_is_too_large_is_told_at_its_field_and_what_was_typed_is_kept(
    sign_in: SignIn, megabytes: int
) -> None:
    answer = await with_logo(await sign_in(OLEG), megabytes)
    assert answer.status == 422
    assert answer.error("logo") == say("problem.picture_large", limit=1)
    assert answer.value("name") == "Typed with care"


@pytest.mark.parametrize("fragment", [False, True], ids=["plain", "htmx"])
async def test_a_picture_larger_than_is_read_leaves_the_page_as_it_is_with_htmx(
    sign_in: SignIn, fragment: bool
) -> None:
    visitor = await sign_in(OLEG)
    token = (await visitor.open("/settings/business")).value("_csrf")
    headers = {"x-csrf-token": token} | ({"hx-request": "true"} if fragment else {})
    answer = await with_logo(visitor, 33, **headers)
    assert answer.status == 413
    assert say("refused.too_large") in answer.words(".toast" if fragment else "main")


@pytest.mark.parametrize("media_type", ["application/json", "application/xml", "text/plain", ""])
async def test_a_body_that_is_no_form_is_said_to_be_none(sign_in: SignIn, media_type: str) -> None:
    visitor = await sign_in(OLEG)
    headers = {"content-type": media_type, "sec-fetch-site": "same-origin"}
    answer = read(await visitor.http.post("/settings/business", content=b'{"name": "a"}', headers=headers))
    assert answer.status == 400
    assert say("refused.no_form") in answer.words("main")


@pytest.mark.parametrize("charset", ["klingon", "utf-16", "iso-8859-1", "utf-8"])
async def test_a_part_is_read_as_utf_8_whatever_it_says_of_itself(sign_in: SignIn, charset: str) -> None:
    visitor = await sign_in(OLEG)
    page = await visitor.open("/settings/business")
    fields = {**page.fields(), "name": ["Чисто"], "email": ["b\udcffd@fifth.example"], "phone": ["12"]}
    parts = [
        b'--x\r\nContent-Disposition: form-data; name="%s"\r\nContent-Type: text/plain; charset=%s\r\n\r\n%s\r\n'
        % (name.encode(), charset.encode(), text.encode(errors="surrogateescape"))
        for name, texts in fields.items()
        for text in texts
    ]
    headers = {"content-type": "multipart/form-data; boundary=x"}
    response = await visitor.http.post("/settings/business", content=b"".join([*parts, b"--x--"]), headers=headers)
    answer = Page(response, LexborHTMLParser(response.text))
    assert answer.status == 422
    assert answer.error("email") == "Some characters here cannot be stored. Type it again."
    assert answer.error("phone")
    assert (answer.value("name"), answer.value("email")) == ("Чисто", "b\ufffdd@fifth.example")


MANY_FIELDS = b"&".join(b"a%d=1" % n for n in range(3001))
MANY_PARTS = b"".join(b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n1\r\n' % n for n in range(3001))
UNREAD = [
    (FORM, MANY_FIELDS, "refused.too_many_fields"),
    ("multipart/form-data; boundary=x", MANY_PARTS + b"--x--", "refused.too_many_fields"),
    ("multipart/form-data; boundary=x", b"--x\r\nbroken", "refused.damaged_form"),
]


@pytest.mark.parametrize(("media_type", "body", "key"), UNREAD)
@pytest.mark.parametrize("fragment", [False, True], ids=["plain", "htmx"])
async def test_a_form_that_cannot_be_read_says_why_and_with_htmx_the_page_stays_as_it_is(
    sign_in: SignIn, media_type: str, body: bytes, key: str, fragment: bool
) -> None:
    visitor = await sign_in(OLEG)
    page = await visitor.open("/settings/business")
    headers = {"content-type": media_type, "x-csrf-token": page.value("_csrf")}
    headers |= {"hx-request": "true"} if fragment else {}
    answer = read(await visitor.http.post("/settings/business", content=body, headers=headers))
    assert answer.status == 400
    assert say(key, **({"limit": 3000} if "many" in key else {})) in answer.words(".toast" if fragment else "main")
    assert (say("words.typed_stays") in answer.words("body")) is fragment
    assert answer.response.headers.get("hx-retarget") == ("#toasts" if fragment else None)


@pytest.mark.parametrize("path", [*FORMS, "/bookings/new?client=1", "/series/new?client=1", *DOORS])
async def test_enter_does_what_the_form_is_for(opened: Open, path: str) -> None:
    """A browser presses the first button of a form that is sent by Enter."""
    _, page = await opened(path)
    for action in forms(page):
        buttons = page.form(action).css("button:not([type=button])")
        if len(buttons) > 1:
            first = buttons[0].attributes
            assert {"primary", "danger", "by-enter"} & set((first["class"] or "").split()), f"{action}: {first}"
