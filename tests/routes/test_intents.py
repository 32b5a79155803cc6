"""One intent, one effect, whatever the browser does."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from console.domain import db
from tests import factories
from tests.cast import OLEG, VERA
from tests.page import Visitor
from tests.routes.conftest import SignIn
from tests.words import say

INVITED = "SELECT count(*) FROM staff WHERE email LIKE 'new%@fifth.example'"
OPERATIONS = "SELECT count(*) FROM operation WHERE kind = 'staff.invite'"
STAFF = "/settings/staff"


async def invitation(visitor: Visitor, **values: str) -> dict[str, list[str]]:
    page = await visitor.open(f"{STAFF}/new")
    typed = {"name": "New Person", "email": "new@fifth.example", "role": "support", **values}
    return {**page.fields(STAFF), **{name: [value] for name, value in typed.items()}}


async def test_a_form_sent_fifty_times_at_once_has_one_effect_and_one_result(sign_in: SignIn) -> None:
    visitor = await sign_in(OLEG)
    fields = await invitation(visitor)
    answers = await asyncio.gather(*(visitor.http.post(STAFF, data=fields) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await db.fetchval(INVITED) == 1
    assert await db.fetchval(OPERATIONS) == 1
    assert await db.fetchval("SELECT count(*) FROM staff_mail") == 1


async def test_a_form_sent_again_later_is_answered_as_the_first_time(sign_in: SignIn) -> None:
    visitor = await sign_in(OLEG)
    fields = await invitation(visitor)
    first = await visitor.post(STAFF, fields)
    again = await visitor.post(STAFF, fields)
    assert (first.status, first.path) == (again.status, again.path)
    assert await db.fetchval(INVITED) == 1


async def test_other_content_under_the_same_intent_shows_both_and_does_nothing(sign_in: SignIn) -> None:
    visitor = await sign_in(OLEG)
    fields = await invitation(visitor)
    await visitor.post(STAFF, fields)
    page = await visitor.post(STAFF, {**fields, "name": ["Somebody Else"], "email": ["new2@fifth.example"]})
    assert page.status == 409
    cells = page.all("table.compare td")
    assert {"New Person", "Somebody Else", "new@fifth.example", "new2@fifth.example"} <= set(cells)
    assert await db.fetchval(INVITED) == 1


async def test_the_same_form_sent_to_another_address_is_not_told_to_be_done(sign_in: SignIn) -> None:
    visitor = await sign_in(OLEG)
    one = await visitor.post(STAFF, await invitation(visitor))
    other = await visitor.post(STAFF, await invitation(visitor, name="Other", email="new2@fifth.example"))
    fields = (await visitor.open(one.path)).fields(one.path) | {"name": ["Third"], "email": ["new3@fifth.example"]}
    assert (await visitor.post(one.path, fields)).status == 200
    assert (await visitor.post(other.path, fields)).status == 409
    assert await db.fetchval("SELECT count(*) FROM staff WHERE name = 'Third'") == 1


async def test_another_persons_intent_is_unknown(sign_in: SignIn) -> None:
    oleg, vera = await sign_in(OLEG), await sign_in(VERA)
    intent = str(uuid4())
    one = {**await invitation(oleg), "intent": [intent]}
    other = {**await invitation(vera, name="Vera's Person", email="new2@fifth.example"), "intent": [intent]}
    assert (await oleg.post(STAFF, one)).status == 200
    page = await vera.post(STAFF, other)
    assert (page.status, page.heading) == (200, "Vera's Person")
    assert await db.fetchval(INVITED) == 2


async def test_two_people_editing_one_account_see_both_versions_and_choose(sign_in: SignIn) -> None:
    oleg, vera = await sign_in(OLEG), await sign_in(VERA)
    path = (await oleg.post(STAFF, await invitation(oleg))).path
    hers, his = await vera.open(path), await oleg.open(path)
    await vera.send(hers, path, name="Hers")
    collision = await oleg.send(his, path, name="His")
    assert collision.status == 409
    assert {"Hers", "His"} <= set(collision.all("table.compare td"))
    assert VERA.name in collision.words("table.compare thead")
    assert await db.fetchval("SELECT count(*) FROM staff WHERE name = 'Hers'") == 1
    kept = await oleg.send(collision, path)
    assert (kept.status, kept.heading) == (200, "His")


async def test_a_form_that_lost_its_version_cannot_overwrite(sign_in: SignIn) -> None:
    visitor = await sign_in(OLEG)
    page = await visitor.open("/profile")
    answer = await visitor.send(page, "/profile", name="Another Name", version=None)
    assert answer.status == 409
    assert await db.fetchval("SELECT name FROM staff WHERE id = $1", OLEG.id) == OLEG.name


@pytest.mark.parametrize("intent", [None, "", " ", "x", "00000000"])
async def test_a_form_whose_intent_is_none_does_nothing_and_can_be_sent_again(
    sign_in: SignIn, intent: str | None
) -> None:
    visitor = await sign_in(OLEG)
    typed = {"name": "New Person", "email": "new@fifth.example", "role": "support"}
    page = await visitor.send(await visitor.open(f"{STAFF}/new"), STAFF, **typed, intent=intent)
    assert page.status == 422
    assert say("problem.form") in page.words("#main")
    assert await db.fetchval(INVITED) == 0
    assert (await visitor.send(page, STAFF)).status == 200
    assert await db.fetchval(INVITED) == 1


@pytest.mark.parametrize("intent", [{}, {"intent": ""}], ids=["none", "an empty one"])
async def test_a_button_without_an_intent_does_nothing(sign_in: SignIn, intent: dict[str, str]) -> None:
    visitor = await sign_in(OLEG)
    await factories.staff(VERA)
    page = await visitor.open(f"{STAFF}/{VERA.id}")
    url = f"{STAFF}/{VERA.id}/retirement"
    answer = await visitor.http.post(url, data={"_csrf": page.value("_csrf"), **intent})
    assert answer.status_code == 400
    assert await db.fetchval("SELECT retired_at FROM staff WHERE id = $1", VERA.id) is None


async def test_a_choice_that_is_the_same_however_often_it_is_made_needs_no_intent(sign_in: SignIn) -> None:
    visitor = await sign_in(OLEG)
    page = await visitor.open("/profile")
    for _ in range(2):
        sent = {"_csrf": page.value("_csrf"), "language": "ru"}
        assert (await visitor.http.post("/preferences/language", data=sent)).status_code == 303
    assert await db.fetchval("SELECT language FROM staff WHERE id = $1", OLEG.id) == "ru"


async def test_an_intent_of_another_form_is_refused_in_words(sign_in: SignIn) -> None:
    visitor = await sign_in(OLEG)
    profile = await visitor.open("/profile")
    fields = {**profile.fields("/profile"), "name": ["Oleg Again"]}
    await visitor.post("/profile", fields)
    page = await visitor.post("/settings/locations", {**fields, **location_fields()})
    assert page.status == 409
    assert page.heading


def location_fields() -> dict[str, list[str]]:
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return {
        "name": ["Centre"],
        "zone": ["Europe/Moscow"],
        "notice_hours": ["24"],
        **{day: ["9-18"] for day in days},
    }
