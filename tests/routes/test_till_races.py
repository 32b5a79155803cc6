"""Two hundred tills at the very moment, over HTTP: one plays the only free visit, and a booking has one visit."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any
from uuid import uuid4

import pytest

from console.domain import db
from tests.cast import NOW
from tests.page import Page, Visitor, read
from tests.till import Desk
from tests.words import say

pytestmark = pytest.mark.usefixtures("today")

MANY = 200


async def at_once(visitor: Visitor, url: str, fields: dict[str, Any], *, same: bool = False) -> list[Page]:
    """A form sent two hundred times at once, each under an intent of its own, or all under the `same`."""
    one = str(uuid4())

    async def send() -> Page:
        sent = {**fields, "intent": one if same else str(uuid4())}
        return read(await visitor.http.post(url, data=sent, follow_redirects=False))

    return list(await asyncio.gather(*(send() for _ in range(MANY))))


async def test_one_of_two_hundred_plays_the_only_free_visit(anna: Visitor, here: Desk) -> None:
    for ago in (40, 30, 20, 10):
        await here.come(ago)
    url = f"/visits/new?client={here.client}"
    page = await anna.send(await anna.open(url), "/visits", press="find=add", add="deep clean")
    page = await anna.send(page, "/visits", press="find=work-out", free="on")
    answers = await at_once(anna, "/visits", page.fields("/visits"))
    assert Counter(one.status for one in answers) == {303: 1, 422: MANY - 1}
    refused = next(one for one in answers if one.status == 422)
    assert say("problem.no_free_visit") in refused.words(".callout")
    rows = await db.fetch("SELECT delta FROM loyalty_entry WHERE unit = 'free_visit' AND verb = 'redeem'")
    assert len(rows) == 1
    assert (await here.card_of())["free_visits"] == 0


@pytest.mark.parametrize("same", [True, False], ids=["one click", "many desks"])
async def test_a_booking_has_one_visit_however_many_finish_it(anna: Visitor, here: Desk, same: bool) -> None:
    booking = await here.yard.book(here.yard.nina, NOW.replace(hour=7))
    url = f"/bookings/{booking}/visit"
    answers = await at_once(anna, url, (await anna.open(url)).fields(url), same=same)
    assert Counter(one.status for one in answers) == ({303: MANY} if same else {303: 1, 409: MANY - 1})
    assert await db.fetchval("SELECT count(*) FROM visit") == 1
    assert await db.fetchval("SELECT count(*) FROM payment") == 1
    assert (await here.card_of())["stamps"] == 1
