"""What ends sessions, and one's own list of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from litestar import Litestar

from console.domain import db
from console.domain.team import throttles
from tests import factories
from tests.cast import ANNA, OLEG, PASSWORD, VERA
from tests.page import Visitor
from tests.routes.doors import come_in, holding, is_in, live, sessions, token
from tests.words import say

Browsers = Callable[[], Visitor]
NEW = "an entirely new sentence"
STAFF = "/settings/staff"


@pytest.fixture
async def oleg(browsers: Browsers) -> Visitor:
    """The owner, signed in; Anna has an account and no session yet."""
    await factories.staff(OLEG)
    await factories.staff(ANNA)
    visitor = browsers()
    await come_in(visitor, OLEG)
    return visitor


async def change_password(visitor: Visitor, **typed: str) -> object:
    page = await visitor.open("/profile")
    return await visitor.send(page, "/profile/password", **{"current": PASSWORD, "password": NEW, **typed})


async def test_a_changed_password_kills_every_old_cookie_and_this_browser_goes_on_with_a_new_one(
    app: Litestar, browsers: Browsers, oleg: Visitor
) -> None:
    elsewhere = browsers()
    await come_in(elsewhere, OLEG)
    old = token(oleg)
    page = await oleg.open("/profile")
    page = await oleg.send(page, "/profile/password", current=PASSWORD, password=NEW)
    assert (page.status, page.path) == (200, "/profile")
    assert page.toast == say("done.password.change")
    assert token(oleg) != old
    assert await is_in(oleg)
    assert not await is_in(elsewhere)
    assert not await is_in(holding(app, old))
    assert (await come_in(browsers(), OLEG)).status == 422
    assert (await come_in(browsers(), OLEG, password=NEW)).path == "/profile"


async def test_a_shared_desk_stays_one_when_the_password_is_changed_there(browsers: Browsers) -> None:
    await factories.staff(OLEG)
    desk = browsers()
    await come_in(desk, OLEG, shared="on")
    await change_password(desk)
    assert [row["idle_seconds"] for row in await sessions(OLEG)] == [900, 900]


@pytest.mark.parametrize(
    ("typed", "field", "key", "params"),
    [
        ({"current": "not this one"}, "current", "problem.password_wrong", {}),
        ({"current": ""}, "current", "problem.required", {}),
        ({"password": "short"}, "password", "problem.password_short", {"least": 10}),
        ({"password": "password123"}, "password", "problem.password_common", {}),
        ({"password": "aaaaaaaaaaaa"}, "password", "problem.password_common", {}),
        ({"password": "oleg ёлкин 1"}, "password", "problem.password_personal", {}),
        ({"password": "x y" * 70}, "password", "problem.too_long", {"limit": 200, "length": 210}),
    ],
)
async def test_what_is_wrong_with_a_new_password_is_said_at_the_field_and_changes_nothing(
    oleg: Visitor, typed: dict[str, str], field: str, key: str, params: dict[str, int]
) -> None:
    page = await oleg.open("/profile")
    page = await oleg.send(page, "/profile/password", **{"current": PASSWORD, "password": NEW, **typed})
    assert page.status == 422
    assert page.error(field) == say(key, **params)
    assert await live(OLEG) == 1
    assert await db.fetchval("SELECT password_hash FROM staff WHERE id = $1", OLEG.id) == factories.quick_hash()


async def test_another_password_under_the_same_intent_is_refused_and_the_same_one_again_is_done_already(
    oleg: Visitor,
) -> None:
    page = await oleg.open("/profile")
    sent = {**page.fields("/profile/password"), "current": [PASSWORD], "password": [NEW]}
    assert (await oleg.post("/profile/password", sent)).toast == say("done.password.change")
    chosen = await db.fetchval("SELECT password_hash FROM staff WHERE id = $1", OLEG.id)
    sent["_csrf"] = [(await oleg.open("/profile")).value("_csrf")]
    again = {**sent, "current": [NEW], "password": ["yet another sentence"]}
    refused = await oleg.post("/profile/password", again)
    assert (refused.status, refused.words("#password .callout")) == (409, say("refused.intent_reused"))
    assert refused.fields("/profile/password")["intent"] != sent["intent"], "the form can be sent once more"
    assert (await oleg.post("/profile/password", sent)).path == "/profile"
    assert await db.fetchval("SELECT password_hash FROM staff WHERE id = $1", OLEG.id) == chosen
    assert await db.fetchval("SELECT count(*) FROM operation WHERE kind = 'password.change'") == 1


async def test_a_password_is_not_guessed_by_sending_a_form_again(oleg: Visitor) -> None:
    page = await oleg.open("/profile")
    sent = {**page.fields("/profile/password"), "current": [PASSWORD], "password": [NEW]}
    await oleg.post("/profile/password", sent)
    sent["_csrf"] = [(await oleg.open("/profile")).value("_csrf")]
    guess = {**sent, "password": ["yet another sentence"]}
    answers = [(await oleg.post("/profile/password", guess)).status for _ in range(throttles.ATTEMPTS + 1)]
    assert answers == [409] * throttles.ATTEMPTS + [429]
    assert (await oleg.post("/profile/password", sent)).status == 429


async def test_guessing_the_present_password_is_throttled_and_a_success_starts_anew(oleg: Visitor) -> None:
    page = await oleg.open("/profile")
    for _ in range(9):
        answer = await oleg.send(page, "/profile/password", current="a guess", password=NEW)
        assert answer.status == 422
    await change_password(oleg)
    page = await oleg.open("/profile")
    for _ in range(10):
        await oleg.send(page, "/profile/password", current="a guess", password="another new sentence")
    answer = await oleg.send(page, "/profile/password", current=NEW, password="another new sentence")
    assert answer.status == 429
    assert int(answer.response.headers["retry-after"]) > 0


async def change_role(oleg: Visitor) -> None:
    page = await oleg.open(f"{STAFF}/{ANNA.id}")
    await oleg.send(page, f"{STAFF}/{ANNA.id}", role="manager")


async def change_mail(oleg: Visitor) -> None:
    page = await oleg.open(f"{STAFF}/{ANNA.id}")
    await oleg.send(page, f"{STAFF}/{ANNA.id}", email="anna.petrova@fifth.example")


async def retire(oleg: Visitor) -> None:
    await oleg.send(await oleg.open(f"{STAFF}/{ANNA.id}"), f"{STAFF}/{ANNA.id}/retirement")


@pytest.mark.parametrize("deed", [change_role, change_mail, retire])
async def test_a_new_role_a_new_address_and_leaving_sign_somebody_out_everywhere(
    browsers: Browsers, oleg: Visitor, deed: Callable[[Visitor], Awaitable[None]]
) -> None:
    here, there = browsers(), browsers()
    await come_in(here, ANNA)
    await come_in(there, ANNA)
    await deed(oleg)
    assert not await is_in(here)
    assert not await is_in(there)
    assert await live(ANNA) == 0
    assert await is_in(oleg)


async def sign_out(oleg: Visitor) -> None:
    session = await db.fetchval("SELECT id FROM staff_session WHERE staff = $1", ANNA.id)
    await oleg.send(await oleg.open(f"{STAFF}/{ANNA.id}"), f"{STAFF}/{ANNA.id}/sessions/{session}/end")


@pytest.mark.parametrize(
    ("act", "key"),
    [
        (change_role, "words.ended_changed"),
        (change_mail, "words.ended_changed"),
        (retire, "words.ended_closed"),
        (sign_out, "words.ended_signed_out"),
    ],
)
async def test_the_door_says_why_a_colleague_ended_the_session(
    browsers: Browsers, oleg: Visitor, act: Callable[[Visitor], Awaitable[None]], key: str
) -> None:
    anna = browsers()
    await come_in(anna, ANNA)
    await act(oleg)
    page = await anna.open("/profile")
    assert (page.path, page.words(".callout p")) == ("/sign-in", say(key, "ru"))
    assert not (await browsers().open("/sign-in")).has(".callout"), "strangers hear nothing"


async def test_the_door_says_that_one_ended_the_session_oneself_elsewhere(browsers: Browsers, oleg: Visitor) -> None:
    elsewhere = browsers()
    await come_in(elsewhere, OLEG)
    await oleg.send(await oleg.open("/profile"), "/profile/sessions/others/end")
    assert (await elsewhere.open("/profile")).words(".callout p") == say("words.ended_elsewhere")
    await come_in(elsewhere, OLEG)
    await change_password(oleg)
    assert (await elsewhere.open("/profile")).words(".callout p") == say("words.ended_password")
    await come_in(elsewhere, OLEG, password=NEW)
    page = await elsewhere.send(await elsewhere.open("/profile"), "/sign-out")
    assert (page.path, page.words(".callout p")) == ("/sign-in", say("words.signed_out_here"))


async def test_a_first_step_alone_hears_nothing_of_the_account(
    app: Litestar, browsers: Browsers, oleg: Visitor
) -> None:
    half = browsers()
    await db.execute("UPDATE staff SET totp_secret = 'JBSWY3DPEHPK3PXP', totp_step = 0 WHERE id = $1", ANNA.id)
    assert (await come_in(half, ANNA)).path == "/sign-in/code"
    await retire(oleg)
    page = await half.open("/sign-in")
    assert (page.path, page.has(".callout")) == ("/sign-in", False)


async def test_a_new_name_signs_nobody_out(browsers: Browsers, oleg: Visitor) -> None:
    anna = browsers()
    await come_in(anna, ANNA)
    page = await oleg.open(f"{STAFF}/{ANNA.id}")
    await oleg.send(page, f"{STAFF}/{ANNA.id}", name="Anna Ilyina")
    assert await is_in(anna)


async def test_undoing_a_new_role_signs_out_once_more(browsers: Browsers, oleg: Visitor) -> None:
    await change_role(oleg)
    anna = browsers()
    await come_in(anna, ANNA)
    history = await oleg.open("/settings/history")
    await oleg.send(history, history.tree.css_first("form[action$='/undo']").attributes["action"])
    assert await db.fetchval("SELECT role FROM staff WHERE id = $1", ANNA.id) == "front_desk"
    assert not await is_in(anna)


async def test_an_account_opened_again_does_not_revive_old_sessions(browsers: Browsers, oleg: Visitor) -> None:
    anna = browsers()
    await come_in(anna, ANNA)
    await retire(oleg)
    page = await oleg.send(await oleg.open(f"{STAFF}/{ANNA.id}"), f"{STAFF}/{ANNA.id}/readmission")
    assert page.toast == say("done.staff.readmit", name=ANNA.name)
    assert not await is_in(anna)
    assert (await come_in(browsers(), ANNA)).path == "/profile"


async def test_one_sees_where_one_is_signed_in_and_can_sign_out_there(browsers: Browsers, oleg: Visitor) -> None:
    phone = browsers()
    phone.http.headers["user-agent"] = (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"
    )
    await come_in(phone, OLEG, shared="on")
    page = await oleg.open("/profile")
    listed = page.all("#sessions .item")
    assert len(listed) == 2
    assert "Safari · iPhone" in listed[0]
    assert "shared desk" in listed[0]
    assert "this browser" in listed[1]
    (ends,) = page.tree.css("#sessions .item form[action^='/profile/sessions/']")
    page = await oleg.send(page, ends.attributes["action"])
    assert page.toast == say("done.session.end")
    assert len(page.all("#sessions .item")) == 1
    assert not await is_in(phone)
    assert await is_in(oleg)


async def test_one_can_sign_out_everywhere_else_at_once(browsers: Browsers, oleg: Visitor) -> None:
    others = [browsers(), browsers()]
    for other in others:
        await come_in(other, OLEG)
    page = await oleg.send(await oleg.open("/profile"), "/profile/sessions/others/end")
    assert page.toast == say("done.session.end_others")
    assert len(page.all("#sessions .item")) == 1
    assert [await is_in(other) for other in others] == [False, False]


async def test_nobody_sees_or_ends_the_session_of_somebody_else(browsers: Browsers, oleg: Visitor) -> None:
    vera = browsers()
    await factories.staff(VERA)
    await come_in(vera, VERA)
    (hers,) = await sessions(VERA)
    page = await oleg.open("/profile")
    assert len(page.all("#sessions .item")) == 1
    answer = await oleg.post(f"/profile/sessions/{hers['id']}/end", {"_csrf": [page.value("_csrf")]})
    assert answer.status == 404
    answer = await oleg.post("/profile/sessions/999999999999999999/end", {"_csrf": [page.value("_csrf")]})
    assert answer.status == 404
    assert await is_in(vera)


async def test_an_owner_sees_where_a_colleague_is_signed_in_and_ends_it_in_one_browser_or_everywhere(
    browsers: Browsers, oleg: Visitor
) -> None:
    desk, phone, third = browsers(), browsers(), browsers()
    phone.http.headers["user-agent"] = "Mozilla/5.0 (Linux; Android 15) Chrome/130.0 Mobile Safari/537.36"
    await come_in(desk, ANNA, shared="on")
    await come_in(phone, ANNA)
    at = f"{STAFF}/{ANNA.id}"
    page = await oleg.open(at)
    on_the_phone, at_the_desk = page.all("#sessions .item")
    assert "Chrome · Android" in on_the_phone
    assert "shared desk" in at_the_desk
    first = page.tree.css("#sessions .item form")[0].attributes["action"]
    assert first
    page = await oleg.send(page, first)
    assert (page.path, page.toast) == (at, say("done.staff.sign_out", name=ANNA.name))
    assert [await is_in(one) for one in (desk, phone)] == [True, False]
    await come_in(third, ANNA)
    page = await oleg.send(await oleg.open(at), f"{at}/sessions/end")
    assert page.all("#sessions .item") == []
    assert [await is_in(one) for one in (desk, third, oleg)] == [False, False, True]
    page = await oleg.open("/settings/history")
    assert say("kind.staff.sign_out", name=ANNA.name) in page.all("tbody tr")[0]


async def test_a_manager_sees_and_ends_only_the_sessions_of_those_below(browsers: Browsers, oleg: Visitor) -> None:
    vera, anna = browsers(), browsers()
    await factories.staff(VERA)
    await come_in(vera, VERA)
    await come_in(anna, ANNA)
    (owners,) = await sessions(OLEG)
    (annas,) = await sessions(ANNA)
    assert (await vera.open(f"{STAFF}/{ANNA.id}")).has("#sessions")
    for person in (OLEG, VERA):
        assert not (await vera.open(f"{STAFF}/{person.id}")).has("#sessions")
    csrf = {"_csrf": [(await vera.open("/profile")).value("_csrf")]}
    for url, status in {
        f"{STAFF}/{OLEG.id}/sessions/end": 403,
        f"{STAFF}/{OLEG.id}/sessions/{owners['id']}/end": 403,
        f"{STAFF}/{VERA.id}/sessions/end": 403,
        f"{STAFF}/{ANNA.id}/sessions/{owners['id']}/end": 404,
    }.items():
        assert (await vera.post(url, csrf)).status == status
    assert [await is_in(one) for one in (oleg, vera, anna)] == [True, True, True]
    csrf = {"_csrf": [(await anna.open("/profile")).value("_csrf")]}
    assert (await anna.post(f"{STAFF}/{ANNA.id}/sessions/{annas['id']}/end", csrf)).status == 403
    assert not (await oleg.open(f"{STAFF}/{OLEG.id}")).has("#sessions")
