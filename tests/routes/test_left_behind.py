"""Who changes the plan is told at once which bookings it leaves behind, over HTTP."""

from __future__ import annotations

import pytest
from litestar import Litestar

from tests import factories
from tests.cast import ANNA, OLEG, VERA
from tests.page import Page
from tests.routes.conftest import SignIn
from tests.words import say
from tests.yard import DAY, HOUR, NOON, Yard, yard

pytestmark = pytest.mark.usefixtures("today")

LIST = "/bookings/to-move"


@pytest.fixture
async def house(app: Litestar) -> Yard:
    """With two bookings of Wednesday with Nina."""
    await factories.staff(ANNA)
    made = await yard()
    await made.book(made.nina)
    await made.book(made.nina, NOON + 2 * HOUR)
    return made


def left(page: Page, count: int = 2) -> bool:
    """Whether the toast says how many are left behind, with the way to them."""
    link = say("Show it" if count == 1 else "Show them")
    return say("words.to_move", count=count) in page.toast and page.all(f'.toast a[href="{LIST}"]') == [link]


def actions(page: Page, forms: str) -> list[str]:
    return [node.attributes.get("action") or "" for node in page.tree.css(forms)]


async def test_a_closed_weekday_says_which_bookings_no_longer_fit(sign_in: SignIn, house: Yard) -> None:
    oleg = await sign_in(OLEG, language="en")
    url = f"/settings/locations/{house.location}"
    page = await oleg.send(await oleg.open(url), url, wednesday="closed")
    assert left(page)
    assert len((await oleg.open(LIST)).all("main a[href$='/move']")) == 2
    again = await oleg.send(await oleg.open(url), url, thursday="closed")
    assert say("words.to_move", count=2) not in again.toast, "they were left behind by what was done before"


async def test_a_new_closed_day_says_it_and_its_undo_as_well(sign_in: SignIn, house: Yard) -> None:
    vera = await sign_in(VERA)
    page = await vera.open("/settings/holidays/new")
    page = await vera.send(page, "/settings/holidays", date=DAY, name_en="Stocktaking", name_ru="Учёт")
    assert left(page)
    removal = next(one for one in actions(page, "main form") if one.endswith("/removal"))
    gone = await vera.send(page, removal)
    assert not gone.has(f'.toast a[href="{LIST}"]')
    [undo] = actions(gone, ".toast form")
    assert left(await vera.send(gone, undo)), "the undo of a removal closes the day again"


async def test_public_holidays_say_it(sign_in: SignIn, house: Yard) -> None:
    await house.book(house.nina, NOON.replace(month=6, day=12))
    vera = await sign_in(VERA)
    url = "/settings/holidays/public"
    page = await vera.open(f"{url}?country=RU&year=2026")
    assert left(await vera.send(page, url), 1)


async def test_a_persons_weekly_hours_say_it(sign_in: SignIn, house: Yard) -> None:
    vera = await sign_in(VERA)
    url = f"/team/bookables/{house.nina}/hours"
    page = await vera.open(url)
    page = await vera.send(page, url, valid_from=DAY, as_location=None, wednesday="closed")
    assert left(page)


async def test_time_off_says_it_and_who_has_nothing_booked_is_told_nothing(sign_in: SignIn, house: Yard) -> None:
    vera = await sign_in(VERA)
    for person, said in ((house.olga, False), (house.nina, True)):
        url = f"/team/bookables/{person}/time-off"
        page = await vera.send(await vera.open(url), url, first=DAY, last=DAY)
        assert left(page) is said


async def test_who_takes_somebody_out_of_the_plan_is_told(sign_in: SignIn, house: Yard) -> None:
    vera = await sign_in(VERA)
    page = await vera.open(f"/team/bookables/{house.nina}")
    assert left(await vera.send(page, f"/team/bookables/{house.nina}/retirement"))
