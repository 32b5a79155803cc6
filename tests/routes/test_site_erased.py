"""A place of a client's is not erased while bookings go there, and once it is no other address takes its place."""

from __future__ import annotations

import pytest
from litestar import Litestar

from console.domain import db
from console.domain.booking.agenda_list import listed as rows
from console.domain.booking.cards import booking
from console.domain.booking.left_behind import StillThere
from console.domain.booking.steps import ExpectedThere, SeriesThere
from console.domain.business.queries import location
from console.domain.clients import contacts, erasing
from console.domain.clients.contacts import AboutSite
from console.domain.ids import SiteId
from console.domain.running import _WATCHERS
from tests import factories
from tests.cast import ANNA, VERA
from tests.page import Visitor
from tests.routes.conftest import SignIn
from tests.words import say
from tests.yard import DAY, WEDNESDAY, Yard, intent, yard

pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
async def house(app: Litestar) -> Yard:
    await factories.staff(ANNA)
    made = await yard()
    await db.execute("UPDATE client_profile SET address = 'Own Street 1' WHERE client = $1", made.client)
    return made


@pytest.fixture
async def vera(sign_in: SignIn, house: Yard) -> Visitor:
    return await sign_in(VERA, language="en")


async def site(house: Yard) -> SiteId:
    made = await contacts.add_site(intent(), house.client, AboutSite("Far Lane 9", None, None))
    return SiteId(made.result["client_site"])


async def erase_unseen(site: SiteId, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it was done before anybody asked what goes there."""
    with monkeypatch.context() as m:
        m.setitem(_WATCHERS, "client_site", [])
        await erasing.erase_site(intent(VERA), site)


async def test_a_place_to_which_bookings_go_is_not_erased_and_it_says_which(vera: Visitor, house: Yard) -> None:
    there = await site(house)
    booked = await house.book(house.nina, site=there)
    url = f"/clients/sites/{there}/erasure"
    page = await vera.open(url)
    assert (page.status, say("refused.site_expected", count=1) in page.words("main")) == (409, True)
    assert page.has(f"main a[href='/bookings/{booked}']")
    with pytest.raises(ExpectedThere):
        await erasing.erase_site(intent(VERA), there)
    await contacts.remove_site(intent(), there)
    with pytest.raises(ExpectedThere):
        await erasing.erase_site(intent(VERA), there)
    await db.execute("UPDATE booking SET status = 'cancelled' WHERE id = $1", booked)
    assert (await vera.send(await vera.open(url), url)).status == 200
    assert await db.fetchval("SELECT address FROM client_site WHERE id = $1", there) is None


async def test_nor_is_one_at_which_a_series_goes_on(vera: Visitor, house: Yard) -> None:
    there, series = await site(house), await house.weekly()
    await db.execute("UPDATE series SET site = $1 WHERE id = $2", there, series)
    with pytest.raises(SeriesThere):
        await erasing.erase_site(intent(VERA), there)
    page = await vera.open(f"/clients/sites/{there}/erasure")
    assert say("refused.site_in_series") in page.words("main")


async def test_taking_a_place_away_says_how_many_bookings_go_there(vera: Visitor, house: Yard) -> None:
    there = await site(house)
    await house.book(house.nina, site=there)
    page = await vera.open(f"/clients/sites/{there}")
    page = await vera.send(page, f"/clients/sites/{there}/removal")
    assert say("words.expected_there", count=1) in page.toast


async def test_no_other_address_stands_where_one_was_erased_and_an_edit_leaves_it(
    vera: Visitor, house: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = await site(house)
    booked = await house.book(house.nina, site=there)
    await erase_unseen(there, monkeypatch)
    listed = await vera.open(f"/agenda?location={house.location}&view=list&on={DAY}")
    assert say("words.site_erased") in listed.words("main")
    page = await vera.open(f"/bookings/{booked}")
    assert say("words.site_erased") in page.words(".booking-site")
    page = await vera.send(page, f"/bookings/{booked}/note", note="Ring twice")
    assert page.status == 200
    known = (await booking(booked)).site
    assert known is not None
    assert (known.id, known.address) == (there, None)
    [row] = await rows(await location(house.location), WEDNESDAY, 1)
    assert (row.address, row.site) == (None, "")


def test_somebody_looks_on_at_sites() -> None:
    assert StillThere in _WATCHERS["client_site"]
