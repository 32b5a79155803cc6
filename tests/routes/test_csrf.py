"""A form counts only when it is ours: its token, its origin, its session."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from console.domain import db
from tests import factories
from tests.cast import OLEG, PASSWORD, VERA
from tests.page import Page, Visitor
from tests.routes.conftest import BASE, SignIn

NAME = "SELECT name FROM staff WHERE id = $1"


async def rename(visitor: Visitor, form: Page, **headers: str) -> Page:
    fields = {**form.fields("/profile"), "name": ["Another Name"]}
    return await visitor.post("/profile", fields, **headers)


async def test_it_takes_a_form_with_its_token(sign_in: SignIn) -> None:
    visitor = await sign_in(VERA)
    assert (await rename(visitor, await visitor.open("/profile"))).status == 200
    assert await db.fetchval(NAME, VERA.id) == "Another Name"


@pytest.mark.parametrize("token", [None, "", "0" * 64, "жетон", "a" * 100_000, "\x00", ["x", "y"]])
async def test_it_refuses_a_form_without_the_right_token(sign_in: SignIn, token: object) -> None:
    visitor = await sign_in(VERA)
    form = await visitor.open("/profile")
    page = await visitor.send(form, "/profile", name="Another Name", _csrf=token)
    assert page.status == 403
    assert await db.fetchval(NAME, VERA.id) == VERA.name


async def test_it_refuses_a_token_of_another_session(sign_in: SignIn) -> None:
    visitor, other = await sign_in(VERA), await sign_in(OLEG)
    foreign = (await other.open("/profile")).value("_csrf")
    page = await visitor.send(await visitor.open("/profile"), "/profile", name="Another Name", _csrf=foreign)
    assert page.status == 403


async def test_it_refuses_a_token_of_the_door_after_signing_in(stranger: Visitor, sign_in: SignIn) -> None:
    token = (await stranger.open("/sign-in")).value("_csrf")
    visitor = await sign_in(VERA)
    page = await visitor.send(await visitor.open("/profile"), "/profile", name="Another Name", _csrf=token)
    assert page.status == 403


async def test_a_form_of_the_door_stays_good_in_its_browser_but_opens_nothing_behind_the_door(
    stranger: Visitor,
) -> None:
    await factories.staff(VERA)
    door = await stranger.open("/sign-in")
    fields = {"email": VERA.email, "password": PASSWORD}
    for _ in range(2):
        assert (await stranger.send(door, "/sign-in", **fields)).path == "/"
    token = door.value("_csrf")
    page = await stranger.send(await stranger.open("/profile"), "/profile", name="Another Name", _csrf=token)
    assert page.status == 403
    assert await db.fetchval(NAME, VERA.id) == VERA.name


async def test_a_form_of_the_door_is_no_good_in_another_browser(browsers: Callable[[], Visitor]) -> None:
    await factories.staff(VERA)
    foreign = (await browsers().open("/sign-in")).value("_csrf")
    stranger = browsers()
    own = await stranger.open("/sign-in")
    answer = await stranger.send(own, "/sign-in", email=VERA.email, password=PASSWORD, _csrf=foreign)
    assert answer.status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://[broken"},
    ],
    ids=str,
)
async def test_it_refuses_a_form_that_comes_from_elsewhere_even_with_its_token(
    sign_in: SignIn, headers: dict[str, str]
) -> None:
    visitor = await sign_in(VERA)
    assert (await rename(visitor, await visitor.open("/profile"), **headers)).status == 403
    assert await db.fetchval(NAME, VERA.id) == VERA.name


async def test_it_takes_a_form_that_the_browser_says_is_ours(sign_in: SignIn) -> None:
    visitor = await sign_in(VERA)
    page = await rename(visitor, await visitor.open("/profile"), **{"sec-fetch-site": "same-origin", "origin": BASE})
    assert page.status == 200


async def test_it_takes_the_token_from_the_header_that_htmx_sends(sign_in: SignIn) -> None:
    visitor = await sign_in(VERA)
    form = await visitor.open("/profile")
    fields = {**form.fields("/profile"), "name": ["Another Name"]}
    token = fields.pop("_csrf")[0]
    page = await visitor.post("/profile", fields, **{"x-csrf-token": token, "hx-request": "true"})
    assert page.status == 200
    assert await db.fetchval(NAME, VERA.id) == "Another Name"
