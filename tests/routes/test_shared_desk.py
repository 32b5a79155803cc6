"""A desk that many use: left alone, it goes to the door by itself, says why, and stays a shared one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from console.domain import clock, db
from console.domain.team import passwords
from console.domain.team.rules import OWN_IDLE, SHARED_IDLE
from tests import factories
from tests.cast import OLEG
from tests.page import Page, Visitor
from tests.routes.doors import come_in, is_in, token
from tests.words import say

UNTOUCHED = timedelta(minutes=15)
AGE = "UPDATE staff_session SET created_at = created_at - $1::interval, expires_at = expires_at - $1::interval"
LEFT_ALONE = "UPDATE staff_session SET seen_at = seen_at - make_interval(secs => $1)"


@pytest.fixture
async def desk(browsers: Callable[[], Visitor]) -> Visitor:
    await factories.staff(OLEG)
    visitor = browsers()
    await come_in(visitor, OLEG, shared="on")
    return visitor


async def leave_alone(time: timedelta) -> None:
    await db.execute(LEFT_ALONE, time.total_seconds())


def refresh(page: Page) -> str:
    node = page.tree.css_first('noscript meta[http-equiv="refresh"]')
    return (node.attributes["content"] or "") if node else ""


async def test_the_door_says_that_nobody_touched_the_desk_and_it_stays_a_shared_one(desk: Visitor) -> None:
    await leave_alone(UNTOUCHED)
    page = await desk.open("/settings/locations")
    assert page.path == "/sign-in"
    assert page.words(".callout p") == say("words.minutes_untouched", count=15)
    assert page.value("shared") == "on"
    page = await desk.open("/sign-in")
    page = await desk.send(page, "/sign-in", email=OLEG.email, password="wrong")
    assert not page.has(".callout.info"), "an older end is no answer to a wrong password"


async def test_the_door_says_which_limit_a_browser_of_ones_own_ran_into(browsers: Callable[[], Visitor]) -> None:
    await factories.staff(OLEG)
    visitor = browsers()
    await come_in(visitor, OLEG)
    await leave_alone(timedelta(hours=11))
    assert await is_in(visitor)
    await leave_alone(timedelta(hours=12))
    assert (await visitor.open("/profile")).words(".callout p") == say("words.hours_untouched", count=12)
    await come_in(visitor, OLEG)
    await db.execute(f"{AGE} WHERE expires_at > now()", timedelta(days=30))
    assert (await visitor.open("/profile")).words(".callout p") == say("words.days_signed_in", count=30)
    assert not (await browsers().open("/sign-in")).has(".callout"), "strangers hear nothing"


async def test_the_door_says_that_a_code_came_too_late(browsers: Callable[[], Visitor]) -> None:
    await factories.staff(OLEG, totp_secret="JBSWY3DPEHPK3PXP", totp_step=0)
    visitor = browsers()
    page = await come_in(visitor, OLEG)
    assert page.path == "/sign-in/code"
    await db.execute(AGE, timedelta(minutes=10))
    page = await visitor.send(page, "/sign-in/code", code="123456")
    assert (page.path, page.words(".callout p")) == ("/sign-in", say("words.minutes_without_code", count=10))


async def test_a_desk_that_was_not_left_alone_hears_of_no_pause(desk: Visitor) -> None:
    page = await desk.send(await desk.open("/profile"), "/sign-out")
    assert page.path == "/sign-in"
    assert say("words.minutes_untouched", count=15) not in page.words("main")
    assert page.value("shared") == "on"


async def test_who_signs_in_without_sharing_has_a_desk_of_their_own_again(desk: Visitor) -> None:
    await desk.send(await desk.open("/profile"), "/sign-out")
    await come_in(desk, OLEG, shared=None)
    page = await desk.send(await desk.open("/profile"), "/sign-out")
    assert page.value("shared") == ""


async def test_pages_of_a_shared_desk_name_the_pause_to_scripts_and_to_browsers_without(desk: Visitor) -> None:
    page = await desk.open("/settings/history?by=1")
    assert page.tree.css_first("body").attributes["data-idle"] == "900"
    assert refresh(page) == "901;url=/session?next=/settings/history%3Fby%3D1"


async def test_pages_of_a_browser_of_ones_own_stay(browsers: Callable[[], Visitor]) -> None:
    await factories.staff(OLEG)
    visitor = browsers()
    page = await come_in(visitor, OLEG)
    assert "data-idle" not in page.tree.css_first("body").attributes
    assert refresh(page) == ""


async def test_waiting_for_the_end_does_not_put_it_off(desk: Visitor) -> None:
    await leave_alone(timedelta(minutes=14))
    seen = await db.fetchval("SELECT seen_at FROM staff_session")
    page = await desk.open("/session?next=/profile")
    assert (page.status, page.path) == (200, "/session")
    seconds, _, url = page.response.headers["refresh"].partition("; url=")
    assert 0 < int(seconds) <= 62
    assert url == "/session?next=/profile"
    assert page.tree.css_first("main a.primary").attributes["href"] == "/profile"
    assert await db.fetchval("SELECT seen_at FROM staff_session") == seen
    await leave_alone(timedelta(minutes=1))
    page = await desk.open(url)
    assert (page.path, page.value("next")) == ("/sign-in", "/profile")


async def test_a_link_opened_at_a_shared_desk_opens_a_session_as_short(desk: Visitor) -> None:
    await desk.send(await desk.open("/profile"), "/sign-out")
    person = await db.fetchrow("SELECT id, email FROM staff")
    for choice, seconds in ((None, SHARED_IDLE.total_seconds()), ([], OWN_IDLE.total_seconds())):
        await desk.send(await desk.open("/forgotten"), "/forgotten", email=person["email"])
        await passwords.answer_requests(clock.now())
        token = await db.fetchval("SELECT token FROM staff_mail WHERE token IS NOT NULL ORDER BY id DESC LIMIT 1")
        page = await desk.open(f"/links/{token}")
        assert page.value("shared")
        fields = {**page.fields(), "password": ["an entirely new sentence"]}
        await desk.post(f"/links/{token}", {**fields, **({} if choice is None else {"shared": choice})})
        last = "SELECT idle_seconds FROM staff_session ORDER BY id DESC LIMIT 1"
        assert await db.fetchval(last) == seconds
        await desk.send(await desk.open("/profile"), "/sign-out")
    assert (await desk.open("/sign-in")).value("shared") == ""


async def test_typing_is_a_touch(desk: Visitor) -> None:
    await leave_alone(timedelta(minutes=14))
    page = await desk.open("/session")
    fields = {"_csrf": [page.value("_csrf")]}
    assert (await desk.http.post("/session/touches", data=fields)).status_code == 204
    seen = await db.fetchval("SELECT seen_at FROM staff_session")
    assert clock.now() - seen < timedelta(minutes=1)


async def test_signing_out_twice_ends_at_the_door(desk: Visitor) -> None:
    stale = await desk.open("/profile")
    await desk.send(await desk.open("/profile"), "/sign-out")
    page = await desk.send(stale, "/sign-out")
    assert (page.status, page.path) == (200, "/sign-in")


async def test_another_site_cannot_sign_anybody_out(desk: Visitor) -> None:
    before = token(desk)
    answer = await desk.http.post("/sign-out", headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    async with httpx.AsyncClient(transport=desk.http._transport, base_url=desk.http.base_url) as without_cookies:
        answer = await without_cookies.post("/sign-out", headers={"origin": "https://evil.example"})
    assert answer.status_code == 303
    assert "session" not in answer.cookies
    assert token(desk) == before
    assert await is_in(desk)
