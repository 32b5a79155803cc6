"""A form whose session has ended keeps what was typed, and is sent again in the name of whoever signs in."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from console.domain import db
from console.routes._bodies import DOOR_LIMIT
from tests import factories
from tests.cast import ANNA, OLEG, VERA, Person
from tests.page import Page, Visitor
from tests.routes.conftest import BASE, SignIn
from tests.routes.doors import come_in

NAME = "SELECT name FROM staff WHERE id = $1"
VOUCHED = ({"origin": BASE}, {"sec-fetch-site": "same-origin"})
SWITCH = 'form[action="/preferences/language"]'
THEME = 'form[action="/preferences/theme"]'
TYPED = "Ёлка <b>& Co</b> \"'"


async def end(visitor: Visitor) -> None:
    await db.execute("UPDATE staff_session SET revoked_at = now()")


async def rename(visitor: Visitor, form: Page, **headers: str) -> Page:
    return await visitor.post("/profile", {**form.fields("/profile"), "name": [TYPED]}, **headers)


async def again(visitor: Visitor, page: Page) -> Page:
    return await visitor.post(page.form().attributes["action"] or "", page.fields(), origin=BASE)


@pytest.mark.parametrize("headers", VOUCHED)
async def test_what_was_typed_in_an_ended_session_is_kept_and_sent_again(
    sign_in: SignIn, headers: dict[str, str]
) -> None:
    visitor = await sign_in(VERA)
    form = await visitor.open("/profile")
    await end(visitor)
    late = await rename(visitor, form, **{**headers, "referer": f"{BASE}/profile"})
    assert (late.status, late.heading) == (403, "You are signed out")
    assert late.value("name") == TYPED
    assert not late.has("main b"), "typed text is text"
    assert late.tree.css_first("main a[target=_blank]").attributes["href"] == "/sign-in?next=/profile"
    assert (await again(visitor, late)).heading == "You are signed out", "not before somebody signed in"
    await come_in(visitor, VERA)
    asked = await again(visitor, late)
    assert (asked.status, asked.heading) == (403, "Send this as Vera O'Neill?")
    assert await db.fetchval(NAME, VERA.id) == VERA.name
    saved = await again(visitor, asked)
    assert (saved.status, saved.value("name")) == (200, TYPED)
    assert await db.fetchval(NAME, VERA.id) == TYPED


@pytest.mark.parametrize("ended", [False, True], ids=["a wrong field", "an ended session"])
async def test_an_answer_to_a_form_offers_no_language_that_would_lose_what_was_typed(
    sign_in: SignIn, ended: bool
) -> None:
    visitor = await sign_in(VERA)
    form = await visitor.open("/profile")
    assert form.has(SWITCH)
    if ended:
        await end(visitor)
        answer = await rename(visitor, form, origin=BASE)
    else:
        answer = await visitor.send(form, "/profile", name="x" * 10_000)
    assert answer.status == (403 if ended else 422)
    assert answer.value("name")
    assert not answer.has(SWITCH)
    if not ended:
        assert "js-only" in (answer.tree.css_first(THEME).attributes["class"] or "")
        assert (await visitor.open("/profile")).has(SWITCH)


async def test_a_refusal_on_the_page_that_its_button_stands_on_leads_to_no_address_of_a_button(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    page = await oleg.open("/profile")
    fields = {"_csrf": [page.value("_csrf")], "intent": [str(uuid4())]}
    answer = await oleg.post("/operations/1/undo", fields, referer=f"{BASE}/profile")
    assert answer.status >= 400
    assert not answer.has(SWITCH)


async def test_what_is_as_secret_as_a_password_is_not_told(sign_in: SignIn) -> None:
    visitor = await sign_in(VERA)
    form = await visitor.open("/profile/two-step")
    await end(visitor)
    late = await visitor.post("/profile/two-step", {**form.fields(), "code": ["123456"]}, origin=BASE)
    assert (late.status, late.heading) == (403, "You are signed out")
    assert form.value("secret") not in late.response.text
    assert not any(code in late.response.text for code in form.value("recovery").split())


async def test_it_says_in_whose_name_it_is_sent_where_somebody_else_signed_in(sign_in: SignIn) -> None:
    visitor = await sign_in(VERA)
    await factories.staff(ANNA, language="en")
    form = await visitor.open("/profile")
    await end(visitor)
    await come_in(visitor, ANNA)
    asked = await rename(visitor, form, origin=BASE, referer=f"{BASE}/profile")
    assert (asked.status, asked.heading) == (403, "Send this as Anna Petrova?")
    assert "Send as Anna Petrova" in asked.words("main form button")
    out = asked.tree.css_first("main form a.button")
    assert out is not None
    assert (out.text().strip(), out.attributes["href"]) == ("Do not send it", "/profile")
    assert (await db.fetchval(NAME, VERA.id), await db.fetchval(NAME, ANNA.id)) == (VERA.name, ANNA.name)


async def test_with_htmx_the_page_stays_and_says_where_to_sign_in(sign_in: SignIn) -> None:
    visitor = await sign_in(VERA)
    form = await visitor.open("/profile")
    htmx = {
        "origin": BASE,
        "hx-request": "true",
        "hx-current-url": f"{BASE}/profile?a=b",
        "x-csrf-token": form.value("_csrf"),
    }
    await end(visitor)
    late = await rename(visitor, form, **htmx)
    assert late.status == 403
    assert (late.response.headers["hx-retarget"], late.response.headers["hx-reswap"]) == ("#toasts", "innerHTML")
    assert late.tree.css_first(".toast a").attributes["href"] == "/sign-in?next=/profile%3Fa%3Db"
    assert late.has(".toast[data-stays]")
    assert not late.has("#page")
    await come_in(visitor, VERA)
    asked = await rename(visitor, form, **htmx)
    assert (asked.status, asked.heading) == (403, "Send this as Vera O'Neill?")
    saved = await visitor.post("/profile", asked.fields(), **htmx)
    assert saved.status == 200, "the page beneath still has the old token in its header"
    assert await db.fetchval(NAME, VERA.id) == TYPED


@pytest.mark.parametrize(
    "headers",
    [{}, {"origin": "https://evil.example"}, {"origin": BASE, "sec-fetch-site": "cross-site"}, {"origin": "null"}],
)
@pytest.mark.parametrize("ended", [True, False])
async def test_nothing_is_echoed_to_a_form_that_the_browser_does_not_vouch_for(
    sign_in: SignIn, headers: dict[str, str], ended: bool
) -> None:
    visitor = await sign_in(VERA)
    form = await visitor.open("/profile")
    if ended:
        await end(visitor)
    answer = await visitor.post(
        "/profile", {**form.fields("/profile"), "_csrf": ["0" * 64], "name": ["Sent elsewhere"]}, **headers
    )
    assert answer.status == 403
    assert "Sent elsewhere" not in answer.response.text


async def test_passwords_are_asked_for_once_more(sign_in: SignIn) -> None:
    visitor = await sign_in(VERA)
    form = await visitor.open("/profile")
    await end(visitor)
    sent = {**form.fields("/profile/password"), "current": ["hush hush hush"], "password": ["whisper whisper"]}
    late = await visitor.post("/profile/password", sent, origin=BASE)
    assert late.status == 403
    assert "hush" not in late.response.text
    assert "whisper" not in late.response.text
    assert "Passwords and files are not kept" in late.words("main")


async def test_a_stranger_is_not_read_beyond_what_the_door_takes(stranger: Visitor) -> None:
    await factories.staff(OLEG)
    answer = await stranger.post("/settings/locations", {"name": ["x" * (DOOR_LIMIT + 1)]}, origin=BASE)
    assert answer.status in {403, 413}
    assert "x" * 100 not in answer.response.text


@pytest.mark.parametrize("person", [VERA, None])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_an_unknown_address_is_unknown_whatever_the_method(
    stranger: Visitor, sign_in: SignIn, person: Person | None, method: str
) -> None:
    visitor = await sign_in(person) if person else stranger
    for address in ("/nowhere", "/settings/nowhere/else"):
        answer = await visitor.http.request(method, address, headers={"origin": BASE})
        assert answer.status_code == 404, address
    wrong = await visitor.http.request("DELETE", "/sign-in")
    assert wrong.status_code == 405
    assert set(wrong.headers["allow"].split(", ")) == {"OPTIONS", "GET", "HEAD", "POST"}


@pytest.mark.parametrize("address", ["/settings/business", "/nowhere", "/static/nothing.css"])
async def test_a_wrong_method_or_address_is_told_in_ones_own_language_and_frame(sign_in: SignIn, address: str) -> None:
    visitor = await sign_in(replace(OLEG, language="ru"))
    answer = await visitor.http.put(address, headers={"origin": BASE, "accept-language": "en"})
    assert answer.status_code in {404, 405}
    assert '<html lang="ru"' in answer.text
    assert OLEG.name in answer.text


async def test_a_stranger_is_told_of_a_wrong_method_in_the_browsers_language(stranger: Visitor) -> None:
    answer = await stranger.http.put("/sign-in", headers={"accept-language": "ru"})
    assert (answer.status_code, '<html lang="ru"' in answer.text) == (405, True)


@pytest.mark.parametrize(
    ("headers", "going_to"),
    [
        ({"hx-boosted": "true"}, "/team/people%3Fstate%3Doff"),
        ({"hx-current-url": f"{BASE}/settings/holidays"}, "/settings/holidays"),
        ({"hx-current-url": "https://evil.example/x"}, ""),
    ],
)
async def test_after_signing_in_one_comes_to_where_one_was_going(
    stranger: Visitor, headers: dict[str, str], going_to: str
) -> None:
    answer = await stranger.http.get("/team/people?state=off", headers={"hx-request": "true", **headers})
    assert answer.headers["hx-redirect"] == (f"/sign-in?next={going_to}" if going_to else "/sign-in")
