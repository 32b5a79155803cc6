"""Every field of every form, sent everything that does not belong there: answered in words, nothing typed is lost."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from litestar import Litestar
from selectolax.lexbor import LexborHTMLParser

from console import links
from console.domain import clock, db
from console.domain.ids import BookingId, ClientId
from console.domain.team import passwords
from tests import factories
from tests.cast import ANNA, OLEG, VERA
from tests.domain.tickets.desk import solved
from tests.page import Page, Visitor, read
from tests.routes.conftest import SignIn
from tests.routes.doors import come_in
from tests.routes.filled import CALLED_OFF, CREW, LOST, SOLD, TODAYS, filled
from tests.server import Keeper
from tests.test_cli import SNAPSHOT
from tests.words import say

pytestmark = pytest.mark.usefixtures("today")

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
SINGLY = {"nothing", "a negative number", "a number out of range"}
"""What means something else beside good values than where it stands in every field."""
FORMS = [
    "/b/{link}/cancellation",
    "/s/{series}",
    "/s/{series}/cancellation",
    "/satisfaction/{solving}",
    "/tickets/1/attachments/new",
    "/tickets/1/links/new",
    "/bookings/1",
    "/bookings/1/cancellation",
    "/bookings/1/move",
    "/bookings/1/no-show",
    "/bookings/1/swap",
    f"/bookings/{CALLED_OFF}/return",
    f"/bookings/{TODAYS}/visit",
    "/agenda/entry?on=2026-05-12&place=1",
    "/bookings/new",
    "/bookings/new?client=1&services=1&on=2026-05-13",
    "/catalogue/categories/1",
    "/catalogue/categories/new",
    "/catalogue/products/1",
    "/catalogue/products/new",
    "/catalogue/services/1",
    "/catalogue/services/new",
    "/clients/1",
    "/clients/2",
    "/clients/1/consents",
    "/clients/1/contacts/new",
    "/clients/1/debts",
    "/clients/1/edit",
    "/clients/2/erasure",
    "/clients/1/sites/new",
    "/clients/1/terms",
    "/clients/contacts/1",
    "/clients/contacts/1/erasure",
    "/clients/new",
    "/clients/notes/1",
    "/clients/notes/1/erasure",
    "/clients/sites/1",
    "/clients/sites/1/erasure",
    "/fees/1/payment",
    "/fees/1/waiver",
    "/operations/{lost}/places",
    "/operations/{sold}/consequences",
    "/profile",
    "/profile/two-step",
    "/profile/two-step/codes",
    "/profile?two-step",
    "/programme/draft",
    "/programme/publication",
    "/series/1/cancellation",
    "/series/1/change",
    "/series/clashes/1",
    "/series/new",
    "/series/new?client=1&services=1&on=2026-05-13",
    "/settings/business",
    "/settings/holidays/1",
    "/settings/holidays/1/to/2",
    "/settings/holidays/new",
    "/settings/holidays/public?country=RU&year=2027",
    "/settings/import/1",
    "/settings/import/new",
    "/settings/import/runs/1/undoing",
    "/settings/locations/1",
    "/settings/locations/1/fees",
    "/settings/locations/new",
    "/settings/messages",
    "/settings/messages/texts/booking.moved/en",
    "/settings/payment-methods/1",
    "/settings/payment-methods/new",
    "/settings/reasons/1",
    "/settings/reasons/new",
    "/settings/staff/13",
    "/settings/staff/new",
    "/settings/tickets",
    "/settings/tickets/categories/1",
    "/settings/tickets/categories/new",
    "/settings/tickets/limits",
    "/team/bookables/1",
    "/team/bookables/1/hours",
    "/team/bookables/1/skills",
    "/team/bookables/1/stand-in?on=2026-05-20",
    "/team/bookables/1/time-off",
    f"/team/bookables/{CREW}/crew",
    "/team/people/new",
    "/team/time-off/1",
    "/tickets",
    "/tickets/1",
    "/tickets/2",
    "/tickets/3/erasure",
    "/tickets/1/remedies/1/refusal",
    "/tickets/1/remedies?remedy=bad_service:1:debt",
    "/tickets/new",
    "/tills/of/1",
    "/visits/1",
    "/visits/1/refund",
    "/visits/new",
    "/visits/new?client=1",
]
DOORS = ["/sign-in", "/sign-in/code", "/forgotten", "/links/"]
HIDDEN = {"_csrf", "intent", "version", "next"}
WITH_TWO_STEPS = {"/profile/two-step/codes", "/profile?two-step"}
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ROUTES = {one["path"] for one in json.loads(SNAPSHOT.read_text()) if one["method"] == "POST"}
BUTTONS = {
    "/b",
    "/b/{token}/confirmation",
    "/b/{token}/{rest}",
    "/s",
    "/s/{token}/{rest}",
    "/satisfaction",
    "/satisfaction/{token}/{rest}",
    "/tickets/{number}/attachments",
    "/tickets/{number}/attachments/{file}/removal",
    "/tickets/{number}/links/{link_id}/removal",
    "/tickets/{number}/remedies/{remedy}/approval",
    "/bookings/{booking}/arrival",
    "/bookings/{booking}/confirmation",
    "/catalogue/categories/{category}/retirement",
    "/catalogue/prices/{price}/withdrawal",
    "/catalogue/products/{of}/readmission",
    "/catalogue/products/{of}/retirement",
    "/catalogue/services/{of}/able/{bookable}/addition",
    "/catalogue/services/{of}/able/{bookable}/removal",
    "/catalogue/services/{of}/readmission",
    "/catalogue/services/{of}/retirement",
    "/clients/contacts/{part}/removal",
    "/clients/notes/{part}/removal",
    "/clients/sites/{part}/removal",
    "/clients/{client}/fixed-cards/{card}/end",
    "/clients/{client}/memberships/{accepted}/end",
    "/clients/{client}/readmission",
    "/clients/{client}/retirement",
    "/clients/{client}/rules/{number}/acceptance",
    "/demo/sessions",
    "/first-steps/removal",
    "/operations/{operation}/undo",
    "/preferences/language",
    "/preferences/theme",
    "/profile/sessions/others/end",
    "/profile/sessions/{session}/end",
    "/programme/drafts/{draft}/removal",
    "/programme/drafts/{draft}/trial",
    "/series/clashes/{clash}/omission",
    "/series/{series}/end",
    "/session/touches",
    "/settings/holidays/{first}/to/{last}/removal",
    "/settings/holidays/{holiday}/removal",
    "/settings/import/runs/{run}/going-on",
    "/settings/import/{upload}/files",
    "/settings/import/{upload}/files/{file}/removal",
    "/settings/import/{upload}/removal",
    "/settings/locations/{location}/closure",
    "/settings/locations/{location}/reopening",
    "/messages/unknown/repeat",
    "/messages/{message}/arrival",
    "/messages/{message}/dismissal",
    "/messages/{message}/repeat",
    "/messages/{message}/stop",
    "/settings/messages/texts/{text}/reset",
    "/settings/payment-methods/{method}/readmission",
    "/settings/payment-methods/{method}/retirement",
    "/settings/reasons/{reason}/readmission",
    "/settings/reasons/{reason}/retirement",
    "/settings/staff/{staff}/link",
    "/settings/staff/{staff}/readmission",
    "/settings/staff/{staff}/retirement",
    "/settings/staff/{staff}/sessions/end",
    "/settings/staff/{staff}/sessions/{session}/end",
    "/settings/staff/{staff}/two-step-removal",
    "/settings/tickets/categories/{category}/readmission",
    "/settings/tickets/categories/{category}/retirement",
    "/settings/tickets/mails/{mail}/dismissal",
    "/sign-out",
    "/team/bookables/{bookable}/readmission",
    "/team/bookables/{bookable}/retirement",
    "/team/hours/{schedule}/withdrawal",
    "/team/time-off/{time_off}/removal",
    "/tickets/views/{view}/removal",
    "/tickets/{number}/assignment",
    "/tickets/{number}/statuses",
    "/tickets/{number}/stranger",
    "/visits/{visit}/stamp",
    "/{rest}",
}
"""What is sent by a button, which has nothing to type, and a file alone."""
BOOKED = "/bookings/new?client=1&services=1&on=2026-05-13"
SENT_BY_SCRIPTS = {
    "/bookings/holds": (BOOKED, "/bookings"),
    "/bookings/releases": (BOOKED, "/bookings"),
    "/tickets/{number}/draft": ("/tickets/1", "/tickets/1/entries"),
}
"""Where a script sends what a form says that is not sent yet, with the page and the form."""
ASKED = {
    "/agenda": "/agenda",
    "/agenda/changes": "/agenda",
    "/bookings/clients": "/bookings/new",
    "/bookings/places": "/bookings/new",
    "/bookings/to-move": "/bookings/to-move",
    "/catalogue/services": "/catalogue/services",
    "/clients": "/clients",
    "/clients/duplicates": "/clients/new",
    "/programme/draft": "/programme/draft",
    "/search": "/search",
    "/series/clients": "/series/new",
    "/series/dates": "/series/new",
    "/settings/history": "/settings/history",
    "/settings/holidays/public": "/settings/holidays/public",
    "/team/week": "/team/week",
    "/tickets": "/tickets",
    "/tickets/clients": "/tickets/new",
    "/tickets/counts": "/tickets",
    "/visits/clients": "/visits/new",
}
"""What is asked for by address, and the page whose fields such an address speaks of."""
ADDRESSED = {
    "as",
    "before",
    "client",
    "kind",
    "month",
    "on",
    "page",
    "person",
    "place",
    "q",
    "show",
    "sort",
    "view",
    "was",
}
"""Names that addresses speak of besides."""
FEW = ["", "a\x00b", "9" * 400, str(2**63), "-1", "2026-02-31"]
"""What of `TYPED` is tried where there are many names."""

Open = Callable[[str], Awaitable[tuple[Visitor, Page]]]


@pytest.fixture
async def opened(sign_in: SignIn, stranger: Visitor, app: Litestar, keeper: Keeper) -> Open:
    async def at_the_door(path: str) -> tuple[Visitor, Page]:
        if path == "/sign-in/code":
            await factories.staff(ANNA, totp_secret=SECRET, totp_step=0)
            return stranger, await come_in(stranger, ANNA)
        if path == "/links/":
            await factories.staff(ANNA)
            await stranger.send(await stranger.open("/forgotten"), "/forgotten", email=ANNA.email)
            await passwords.answer_requests(clock.now())
            path += str(await db.fetchval("SELECT token FROM staff_mail"))
        return stranger, await stranger.open(path)

    async def open_(path: str) -> tuple[Visitor, Page]:
        if path in DOORS:
            return await at_the_door(path)
        await keeper.once("filled", filled)
        secret = {"totp_secret": SECRET, "totp_step": 0} if path in WITH_TWO_STEPS else {}
        visitor = await sign_in(OLEG, **secret)
        return visitor, await visitor.open(await addressed(app, path))

    return open_


async def addressed(app: Litestar, path: str) -> str:
    """A path with the operations and the link that it speaks of."""
    path = path.replace("{link}", links.token(app.state.settings, BookingId(1), ClientId(1)))
    if "{series}" in path:
        of = await db.fetchrow("SELECT id, client FROM series ORDER BY id LIMIT 1")
        path = path.replace("/s/{series}", links.series_path(app.state.settings, of["id"], of["client"]))
    if "{solving}" in path:
        path = links.satisfaction_path(app.state.settings, *await solved())
    for name, asked in (("{lost}", LOST), ("{sold}", SOLD)):
        path = path.replace(name, str(await db.fetchval(asked)))
    return path


def forms(page: Page, of: str = "[method=post]") -> list[str]:
    """The addresses of the page's own forms that say something."""
    own = page.tree.css(f"#page form{of}, #main form{of}")
    addresses = dict.fromkeys(form.attributes["action"] or "" for form in own)
    return [action for action in addresses if names(page, action) - HIDDEN]


def route_of(address: str) -> str:
    """The route of an address: of those that fit, the one that says most of it."""
    path = address.partition("?")[0]
    fitting = [one for one in ROUTES if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one), path)]
    return min(fitting, key=lambda one: one.count("{"))


def names(page: Page, action: str) -> set[str]:
    """What the fields of the forms for an address are called, those too that are not ticked."""
    own = (form for form in page.tree.css("form") if form.attributes.get("action") == action)
    named = (node for form in own for node in form.css("input:not([type=file])[name], select[name], textarea[name]"))
    return {node.attributes["name"] or "" for node in named}


def answered(page: Page, what: str) -> None:
    assert page.status < 500, f"{what}: {page.status}"
    assert page.heading, what
    assert not re.search(r"Traceback|asyncpg", page.words("main")), what


@pytest.mark.parametrize("path", FORMS + DOORS)
async def test_it_answers_whatever_is_typed_into_any_field(opened: Open, keeper: Keeper, path: str) -> None:
    """Into all fields at once; then into those that took it, with good values in the others."""
    visitor, page = await opened(path)
    for what, typed in TYPED.items():
        if await _typed_everywhere(visitor, page, what, typed):
            if path in DOORS:
                await keeper.reset()
            visitor.http.cookies.clear()
            visitor, page = await opened(path)


async def _typed_everywhere(visitor: Visitor, page: Page, what: str, typed: str) -> bool:
    """Type something into all forms of a page. Answers whether anything was taken, and the page may be another one."""
    path, changed = str(page.response.url), False
    for action in forms(page):
        tried = [sorted(names(page, action) - HIDDEN)]
        while tried and action in forms(page):  # it is not there once what it was about is done
            group = tried.pop(0)
            answer = await visitor.send(page, action, **dict.fromkeys(group, typed))
            answered(answer, f"{what} {action} {group}")
            if len(group) > 1:
                tried = _tried_next(what, group, answer, action)
            if answer.status != 422:
                page, changed = await visitor.open(path), True
    return changed


def _tried_next(what: str, group: list[str], answer: Page, action: str) -> list[list[str]]:
    """Those that took it, as long as others hid what they did: together, or each alone where that hides something."""
    shown = names(answer, action) if answer.status == 422 else ()
    took = [name for name in group if name not in shown or not answer.error(name)]
    if what in SINGLY or (took == group and answer.status >= 400):
        return [[name] for name in took]
    return [took] if took and answer.status == 422 else []


@pytest.mark.parametrize("path", FORMS + DOORS)
async def test_it_answers_a_field_that_is_repeated_or_missing(opened: Open, path: str) -> None:
    visitor, page = await opened(path)
    for action in forms(page):
        for name in sorted(names(page, action) - {"_csrf"}):
            for value in (["one", "two"], ["", ""], None):
                answered(await visitor.send(page, action, **{name: value}), f"{action} {name} {value}")


async def test_there_is_no_form_that_is_not_walked_here(
    opened: Open, app: Litestar, sign_in: SignIn, stranger: Visitor
) -> None:
    oleg, _ = await opened("/profile")
    await db.execute("UPDATE staff SET totp_secret = $2, totp_step = 0 WHERE id = $1", VERA.id, SECRET)
    vera = await sign_in(VERA, exists=True)
    addresses = [await addressed(app, path) for path in FORMS]
    pages = [await (vera if path in WITH_TWO_STEPS else oleg).open(path) for path in addresses]
    pages += [await stranger.open("/sign-in"), await stranger.open("/forgotten")]
    found = {route_of(action) for page in pages for action in forms(page)} | {"/sign-in/code", "/links/{token}"}
    assert found & BUTTONS == set()
    assert ROUTES - found == BUTTONS | SENT_BY_SCRIPTS.keys()


@pytest.mark.parametrize("route", sorted(BUTTONS))
async def test_it_answers_a_button_that_says_something(opened: Open, sign_in: SignIn, route: str) -> None:
    await opened("/profile")
    for typed in FEW:
        visitor = await sign_in(OLEG, exists=True)
        token = (await visitor.open("/profile")).value("_csrf")
        said = dict.fromkeys(("intent", "version", "theme", "language", "next", "rest"), typed)
        answer = await visitor.post(re.sub(r"\{\w+\}", "1", route), {"_csrf": token, **said})
        assert answer.status < 500, typed


@pytest.mark.parametrize("route", sorted(SENT_BY_SCRIPTS))
async def test_it_answers_a_script_whatever_a_form_says(opened: Open, route: str) -> None:
    path, form = SENT_BY_SCRIPTS[route]
    visitor, page = await opened(path)
    for name in sorted(names(page, form) - {"_csrf"}):
        for typed in FEW:
            answer = await visitor.post(route.format(number=1), {**page.fields(form), name: [typed]})
            assert answer.status < 500, f"{name} {typed}"


@pytest.mark.parametrize("path", ASKED)
async def test_it_answers_whatever_an_address_says(opened: Open, path: str) -> None:
    visitor, page = await opened(ASKED[path])
    asked = {node.attributes["name"] or "" for node in page.tree.css("#page form [name]")} | ADDRESSED
    for name in sorted(asked):
        for typed in FEW:
            answer = await visitor.open(path, params={name: typed})
            assert answer.status < 500, f"{name} {typed}"


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


@pytest.mark.parametrize("multipart", [False, True], ids=["urlencoded", "multipart"])
async def test_a_form_far_too_large_is_answered_by_itself_with_all_that_was_short(
    sign_in: SignIn, multipart: bool
) -> None:
    visitor, address = await sign_in(OLEG), "/settings/locations"
    fields = {**(await visitor.open(f"{address}/new")).fields(address), "name": ["Юг"], "monday": ["some"]}
    fields |= {one: ["🧹" * 1_000_000] for one in ("address", "phone", "tuesday")}
    if multipart:
        parts = [PARTS[1] % (name.encode(), text.encode()) for name, texts in fields.items() for text in texts]
        headers = {"content-type": "multipart/form-data; boundary=x"}
        answer = read(await visitor.http.post(address, content=b"".join([*parts, b"--x--"]), headers=headers))
    else:
        fields["tuesday"] = ["9-18"]
        answer = await visitor.post(address, fields)
    assert answer.status == 422
    assert (answer.value("name"), answer.value("monday"), answer.error("name")) == ("Юг", "some", "")
    assert answer.error("monday")
    assert say("problem.text_cut") in {answer.error(one) for one in ("address", "phone", "tuesday")}
    assert {answer.value("address")[:9], answer.value("phone")[:9]} == {"🧹" * 9}


@pytest.mark.parametrize("fragment", [False, True], ids=["plain", "htmx"])
async def test_a_form_larger_than_is_read_says_so_and_that_what_was_typed_may_be_behind(
    sign_in: SignIn, fragment: bool
) -> None:
    visitor = await sign_in(OLEG)
    fields = (await visitor.open("/settings/locations/new")).fields("/settings/locations")
    headers = {"hx-request": "true"} if fragment else {}
    answer = await visitor.post("/settings/locations", {**fields, "address": ["x" * 34_000_000]}, **headers)
    assert answer.status == 413
    assert say("refused.too_large") in answer.words(".toast" if fragment else "main")
    assert answer.response.headers.get("hx-retarget") == ("#toasts" if fragment else None)


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
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n1\r\n--x--' % (b"a" * 5000),
        "refused.long_head",
    ),
    ("multipart/form-data; boundary=x", b"--x\r\n" + b"A: b\r\n" * 9 + b"\r\n1\r\n--x--", "refused.long_head"),
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


@pytest.mark.parametrize("path", FORMS + DOORS)
async def test_enter_does_what_the_form_is_for(opened: Open, path: str) -> None:
    """A browser presses the first button of a form that is sent by Enter."""
    _, page = await opened(path)
    typed_into = ":has(input:not([type=hidden]), select, textarea)"
    for form in page.tree.css(f"#page form{typed_into}, #main form{typed_into}"):
        buttons = form.css("button:not([type=button])")
        if len(buttons) > 1:
            first, action = buttons[0].attributes, form.attributes["action"]
            assert {"primary", "danger", "by-enter"} & set((first["class"] or "").split()), f"{action}: {first}"
