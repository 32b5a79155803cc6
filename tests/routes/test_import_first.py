"""Books brought in before anything else: the business and its location come by them, and nothing is assumed."""

from __future__ import annotations

import pytest

from console.domain import db
from tests.cast import VERA
from tests.domain.imports.books import FILES
from tests.page import Visitor
from tests.routes.conftest import SignIn
from tests.routes.test_imports import upload
from tests.words import say
from workers.imports import import_waiting

SHEET = {"visits.csv": b"Client,Phone,Date,Price\nZoe,+7 912 345-67-01,24.04.2026,30\n"}


@pytest.fixture
async def vera(sign_in: SignIn) -> Visitor:
    return await sign_in(VERA, language="en")


@pytest.mark.parametrize("mapping", ["own", "sheet"])
async def test_currency_and_time_zone_are_asked_for_where_no_mapping_says_them(vera: Visitor, mapping: str) -> None:
    page = await upload(vera, SHEET, mapping)
    assert [page.value(name) for name in ("place_name", "zone", "currency")] == [say("words.import_place"), "", ""]
    for step in ("save", "trial", "run"):
        page = await vera.send(page, page.path, press=f"step={step}")
        assert [page.error(name) for name in ("zone", "currency")] == [say("problem.choose")] * 2
    said = {"place_name": "Kitsilano", "zone": "America/Vancouver", "currency": "CAD"}
    page = await vera.send(page, page.path, press="step=run", **said)
    assert await import_waiting({}) == 1
    row = await db.fetchrow("SELECT l.name, zone, currency FROM location l, business b")
    assert row is not None
    assert dict(row) == {"name": "Kitsilano", "zone": "America/Vancouver", "currency": "CAD"}
    assert await db.fetchval("SELECT due FROM visit") == 3000


async def test_what_the_browser_says_of_its_country_is_likely(vera: Visitor) -> None:
    vera.http.headers["accept-language"] = "en-IE,en;q=0.8"
    page = await upload(vera, SHEET)
    assert [page.value(name) for name in ("zone", "currency")] == ["Europe/Dublin", "EUR"]


async def test_what_a_mapping_says_of_the_business_stands_in_the_form(vera: Visitor) -> None:
    page = await upload(vera, {name: text.encode() for name, text in FILES.items()}, "salon")
    stands = [page.value(name) for name in ("place_name", "zone", "currency")]
    assert stands == ["Salon", "America/Vancouver", "CAD"]


async def test_the_currency_is_not_asked_for_where_the_business_has_one(vera: Visitor) -> None:
    await db.execute("UPDATE business SET currency = 'KZT', version = 2")
    page = await upload(vera, SHEET)
    assert (page.has("select[name=zone]"), page.has("select[name=currency]")) == (True, False)
