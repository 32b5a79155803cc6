"""A new console: pages that cannot do anything yet say what is missing, to whom may add it and to whom may not."""

from __future__ import annotations

import pytest

from tests import factories
from tests.cast import ANNA, OLEG
from tests.routes.conftest import SignIn


@pytest.mark.parametrize("path", ["/agenda", "/bookings/new", "/series/new"])
async def test_without_a_location_there_is_a_way_to_one_or_somebody_to_ask(sign_in: SignIn, path: str) -> None:
    page = await (await sign_in(OLEG)).open(path)
    assert page.status == 200
    assert page.has('main a[href="/settings/locations"]')
    page = await (await sign_in(ANNA, language="en")).open(path)
    assert not page.has('main a[href^="/settings"]')
    assert "a manager" in page.words("main")


async def test_without_a_service_booking_leads_to_the_first_one_or_somebody_to_ask(sign_in: SignIn) -> None:
    await factories.location()
    oleg, anna = await sign_in(OLEG), await sign_in(ANNA, language="en")
    page = await oleg.open("/bookings/new")
    assert page.has('main a[href="/catalogue/services/new"]')
    page = await anna.open("/bookings/new")
    assert not page.has('main a[href^="/catalogue"]')
    assert "Ask a manager" in page.words("main")
    await factories.service()
    assert (await anna.open("/bookings/new")).has("form.booking-form")


async def test_an_empty_week_asks_nobody_for_what_they_may_not_do(sign_in: SignIn) -> None:
    oleg, anna = await sign_in(OLEG), await sign_in(ANNA, language="en")
    assert (await oleg.open("/team/week")).words(".empty p").startswith("Add the people")
    assert (await anna.open("/team/week")).words(".empty p").startswith("Once a manager")
