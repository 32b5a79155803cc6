"""A person's own price keeps its currency when the business takes another one, and is compared with none in that."""

from __future__ import annotations

from datetime import date

from console.domain import db
from console.domain.booking.quoting import quotes
from console.domain.booking.rules import Part
from console.domain.ids import BookableId, ServiceId
from tests import factories
from tests.cast import VERA
from tests.routes.conftest import SignIn
from tests.words import say

DAY = date(2026, 5, 13)


async def own(person: int) -> list[tuple[int, int | None, str | None]]:
    rows = await db.fetch(
        "SELECT service, minor, currency FROM skill WHERE bookable = $1 AND retired_at IS NULL ORDER BY service", person
    )
    return [tuple(row) for row in rows]


async def test_an_own_price_in_another_currency_is_shown_as_such_and_kept_until_it_is_set_anew(sign_in: SignIn) -> None:
    vera = await sign_in(VERA, language="en")
    one, other = await factories.service(), await factories.service("OTHER")
    person = await factories.bookable()
    await factories.skill(person, one, minor=150000, currency="RUB")
    url = f"/team/bookables/{person}/skills"
    page = await vera.open(url)
    assert page.value(f"price_{one}") == ""
    assert say("words.price_otherwise", price="").split(", ")[1] in page.words("main")
    await vera.send(page, url, **{f"minutes_{one}": "50", f"minutes_{other}": "40"})
    assert await own(person) == [(one, 150000, "RUB"), (other, None, None)]
    await vera.send(await vera.open(url), url, **{f"price_{one}": "1500"})
    assert await own(person) == [(one, 150000, "EUR"), (other, None, None)]


async def test_amounts_in_two_currencies_are_not_compared(database: None) -> None:
    """The highest counts of those in the currency of the service's price."""
    service = ServiceId(await factories.service())
    people = [BookableId(await factories.bookable(name, position=n)) for n, name in enumerate(("Nina", "Olga", "Pia"))]
    for person, minor, currency in zip(people, (900000, 2000, 3000), ("RUB", "JPY", "JPY"), strict=True):
        await factories.skill(person, service, minor=minor, currency=currency)
    await factories.price(service, 1000, currency="JPY")
    nina, *others = people
    assert await quotes([Part(service, tuple(people), 60), Part(service, (nina,), 60)], DAY) == [
        (3000, "JPY"),
        (1000, "JPY"),
    ]
    unpriced = ServiceId(await factories.service("OTHER"))
    for person, currency in ((nina, "RUB"), (others[0], "EUR")):
        await factories.skill(person, unpriced, minor=500, currency=currency)
    assert await quotes([Part(unpriced, tuple(people), 60), Part(unpriced, (nina,), 60)], DAY) == [(500, "EUR"), None]
