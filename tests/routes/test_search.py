"""The omnibox finds the pages and colleagues that one may see."""

from __future__ import annotations

from datetime import date

import pytest

from console.domain import clock
from tests import factories
from tests.cast import ANNA, BORIS, OLEG, VERA, Person
from tests.page import Page
from tests.routes.conftest import SignIn
from tests.words import say


def found(page: Page) -> list[str]:
    return [link.attributes["href"] or "" for link in page.tree.css("#main .items a")]


async def test_it_finds_colleagues_by_part_of_their_name_or_mail(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    for person in (ANNA, BORIS, OLEG):
        await factories.staff(person)
    for typed, person in (("petr", ANNA), ("ЁЛКИН", OLEG), ("boris@", BORIS), ("o'neill", VERA)):
        page = await vera.open("/search", params={"q": typed})
        assert found(page) == [f"/settings/staff/{person.id}"], typed
        assert (await vera.open(found(page)[0])).heading == person.name


async def test_it_finds_pages_in_ones_own_language(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG, language="ru")
    for key, address in (("nav.history", "/settings/history"), ("title.profile", "/profile"), ("nav.overview", "/")):
        page = await oleg.open("/search", params={"q": say(key, "ru")[1:].upper()})
        assert address in found(page)


@pytest.mark.parametrize("person", [ANNA, BORIS], ids=lambda person: person.role.value)
async def test_it_shows_nothing_that_one_may_not_open(sign_in: SignIn, person: Person) -> None:
    visitor = await sign_in(person, language="en")
    await factories.staff(OLEG)
    for typed in ("oleg", "staff", "history", "business", "mailbox"):
        page = await visitor.open("/search", params={"q": typed})
        assert (page.status, found(page)) == (200, [])
        assert "Nothing found" in page.words("main")
    for url in found(await visitor.open("/search", params={"q": "e"})):
        assert (await visitor.open(url)).status == 200


async def test_it_finds_places_by_name_and_address_and_holidays_with_their_dates(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    north = await factories.location("Северный зелёный", address="Mira 1")
    year = clock.now().year
    first = await factories.holiday(date(year + 1, 1, 1), name="Café week")
    await factories.holiday(date(year + 1, 1, 2), name="Café week")
    await factories.holiday(date(year - 1, 1, 1), name="Café once")
    for typed, address in (
        ("ЗЕЛЕНЫЙ", f"/settings/locations/{north}"),
        ("mira", f"/settings/locations/{north}"),
        ("cafe", f"/settings/holidays/{first}"),
    ):
        page = await vera.open("/search", params={"q": typed})
        assert found(page) == [address], typed
    assert page.words("#main .item .soft") == f"1–2 January {year + 1}"


@pytest.mark.parametrize(
    ("language", "typed", "address"),
    [
        ("en", "logo", "/settings/business"),
        ("en", "CURRENCY", "/settings/business"),
        ("en", "opening hours", "/settings/locations"),
        ("en", "password", "/profile"),
        ("ru", "логотип", "/settings/business"),
        ("ru", "валюта", "/settings/business"),
        ("ru", "часы", "/settings/locations"),
        ("ru", "учетные", "/settings/staff"),
        ("ru", "пароль", "/profile"),
    ],
)
async def test_it_finds_a_page_by_what_is_set_there(sign_in: SignIn, language: str, typed: str, address: str) -> None:
    page = await (await sign_in(VERA, language=language)).open("/search", params={"q": typed})
    assert found(page) == [address]


async def test_a_manager_finds_no_mailbox_and_an_owner_does(sign_in: SignIn) -> None:
    vera, oleg = await sign_in(VERA), await sign_in(OLEG)
    assert found(await vera.open("/search", params={"q": say("nav.mailbox")})) == []
    assert found(await oleg.open("/search", params={"q": say("nav.mailbox")})) == ["/settings/mailbox"]


@pytest.mark.parametrize("typed", ["", "   ", "x" * 3000, "\x00", "%_\\", "<script>", "9" * 400])
async def test_whatever_is_typed_gets_an_answer(sign_in: SignIn, typed: str) -> None:
    vera = await sign_in(VERA)
    page = await vera.open("/search", params={"q": typed})
    assert (page.status, found(page)) == (200, [])
    assert not page.has("#main script")
    assert (await vera.open("/search")).status == 200
    assert (await vera.open("/search?q=a&q=b")).status == 200
