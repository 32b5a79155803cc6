"""When each location is open, for everybody who is asked, over HTTP."""

from __future__ import annotations

from datetime import date

import pytest

from tests import factories
from tests.cast import ANNA, EVERYBODY, VERA, Person
from tests.page import Page
from tests.routes.conftest import SignIn
from tests.words import say

pytestmark = pytest.mark.usefixtures("today")

PATH = "/hours"


def days(page: Page) -> list[str]:
    return page.all("#main tbody tr")


@pytest.mark.parametrize("person", EVERYBODY, ids=lambda person: person.role.value)
async def test_everybody_reads_the_next_days_the_weekly_hours_and_the_holidays_to_come(
    sign_in: SignIn, person: Person
) -> None:
    centre = await factories.location(address="Mira 1")
    await factories.holiday(date(2026, 5, 13), centre, name="Stocktaking")
    await factories.holiday(date(2027, 3, 8), name="Women's Day")
    page = await (await sign_in(person, language="en")).open(PATH)
    assert page.words("#rail [aria-current]") == say("nav.overview")
    assert days(page)[:2] == ["Today 9:00–18:00", "Tomorrow Closed Stocktaking"]
    assert len(days(page)) == 7
    assert "Mira 1" in page.words(".card")
    assert page.all("#holidays .item-main p:first-child") == ["Stocktaking", "Women's Day"]


async def test_a_day_that_is_asked_for_is_told_for_each_location(sign_in: SignIn) -> None:
    await factories.location()
    north = await factories.location("North")
    await factories.holiday(date(2027, 3, 8), name="Women's Day")
    await factories.holiday(date(2027, 3, 8), north, name="Women's Day", hours="[[600, 900]]")
    page = await (await sign_in(ANNA, language="en")).open(f"{PATH}?on=2027-03-08")
    assert days(page) == ["Monday 8 March 2027 Centre Closed Women's Day North 10:00–15:00 Women's Day"]
    assert page.value("on") == "2027-03-08"


@pytest.mark.parametrize("typed", ["soon", "1890-01-01", "2027-02-30"])
async def test_a_day_that_is_none_is_said_at_the_field_beside_the_next_days(sign_in: SignIn, typed: str) -> None:
    await factories.location()
    page = await (await sign_in(ANNA)).open(PATH, params={"on": typed})
    assert (page.status, len(days(page))) == (200, 7)
    assert page.error("on")


async def test_without_a_location_it_says_so(sign_in: SignIn) -> None:
    assert (await (await sign_in(ANNA)).open(PATH)).has(".empty")


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("holiday", PATH),
        ("hours", PATH),
        ("праздники", PATH),
        ("8 March", f"{PATH}?on=2027-03-08"),
        ("8 марта", f"{PATH}?on=2027-03-08"),
        ("saturday", f"{PATH}?on=2026-05-16"),
        ("суббота", f"{PATH}?on=2026-05-16"),
        ("12.6.", f"{PATH}?on=2026-06-12"),
        ("Centre", PATH),
        ("inventory", f"{PATH}?on=2026-06-15"),
    ],
)
async def test_the_desk_finds_it_by_a_day_a_holiday_or_a_location(
    sign_in: SignIn, language: str, typed: str, address: str
) -> None:
    await factories.location()
    await factories.holiday(date(2026, 6, 15), name="Inventory")
    page = await (await sign_in(ANNA, language=language)).open("/search", params={"q": typed})
    found = [one.attributes["href"] for one in page.tree.css("#main .item a")]
    assert address in found
    assert not [one for one in found if "/settings" in (one or "")]


async def test_who_may_change_places_and_holidays_is_led_there_instead(sign_in: SignIn) -> None:
    place = await factories.location()
    page = await (await sign_in(VERA)).open("/search", params={"q": "Centre"})
    assert [one.attributes["href"] for one in page.tree.css("#main .item a")] == [f"/settings/locations/{place}"]


async def test_the_start_page_leads_to_it(sign_in: SignIn) -> None:
    await factories.location()
    page = await (await sign_in(ANNA, language="en")).open("/")
    link = page.tree.css_first(f'#page a[href="{PATH}"]')
    assert " ".join(link.text().split()) == say("Opening hours and holidays")
