"""The business's own visits as a replay takes them."""

from __future__ import annotations

from dataclasses import replace

from console.domain.ids import ClientId
from console.domain.loyalty.rules.pricing import Asked
from console.domain.loyalty.rules.replaying import Past
from console.domain.visits import past
from console.domain.visits.past import LeftOut
from tests import factories
from tests.cast import NOW
from tests.domain.visits.test_taking_back import take_back
from tests.till import CURRENCY, DAY, SOAP, USUAL, Desk

TODAY = NOW.date()


async def known(desk: Desk) -> list[Past]:
    found = await past.histories([desk.client], CURRENCY, TODAY)
    return list(found.get(desk.client, ()))


async def test_visits_come_with_their_lines_and_another_price_but_not_those_that_were_taken_back(desk: Desk) -> None:
    cheaper = replace(desk.clean, unit=150_000, reason=desk.why)
    await desk.come(5, 150_000 + 2 * SOAP, lines=[cheaper, replace(desk.bar, quantity=2)])
    await desk.come(9)
    await take_back(await desk.come(3))
    service = str(desk.yard.service)
    assert await known(desk) == [
        Past(TODAY - 9 * DAY, (Asked(USUAL, service=service),)),
        Past(TODAY - 5 * DAY, (Asked(150_000, service=service), Asked(SOAP, 2))),
    ]
    assert await past.who_came(CURRENCY, TODAY - 9 * DAY) == [desk.client]
    assert await past.who_came(CURRENCY, TODAY - 10 * DAY) == []


async def test_what_was_given_back_or_is_owed_is_not_kept(desk: Desk) -> None:
    part = (await desk.come(9)).result["visit"]
    await desk.refund(part, 50_000)
    whole = (await desk.come(8)).result["visit"]
    await desk.refund(whole, USUAL)
    await desk.come(7, paid=20_000)
    await desk.come(6, paid=0)
    told = [(one.kept, one.of, one.returned) for one in await known(desk)]
    assert told == [(150_000, USUAL, False), (0, USUAL, True), (20_000, USUAL, False), (0, USUAL, False)]


async def test_what_is_left_out_is_counted(desk: Desk) -> None:
    other = ClientId(await factories.client())
    await desk.come(5, client=None)
    await desk.come(4, client=other)
    await desk.come(400, client=other)
    await desk.come(3)
    since = TODAY - 365 * DAY
    assert await past.left_out(CURRENCY, since, TODAY, [other]) == LeftOut(1, 0, 1)
    assert await past.left_out("USD", since, TODAY, []) == LeftOut(1, 2, 0)
