"""A name in a language that the business does not offer for a while."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

import pytest

from console.domain import db
from tests import factories
from tests.cast import OLEG
from tests.routes.conftest import SignIn

BOTH = {"en": "Before", "ru": "Раньше"}


async def reason() -> int:
    return int(await db.fetchval("SELECT min(id) FROM reason"))


async def method() -> int:
    return int(await db.fetchval("SELECT min(id) FROM payment_method"))


KINDS: list[tuple[str, str, Callable[[], Awaitable[int]]]] = [
    ("category", "/catalogue/categories", factories.category),
    ("service", "/catalogue/services", factories.service),
    ("product", "/catalogue/products", factories.product),
    ("holiday", "/settings/holidays", factories.holiday),
    ("reason", "/settings/reasons", reason),
    ("payment_method", "/settings/payment-methods", method),
]


@pytest.mark.parametrize(("table", "addresses", "made"), KINDS, ids=[kind[0] for kind in KINDS])
async def test_what_is_renamed_while_a_language_is_off_keeps_its_name_in_it(
    sign_in: SignIn, table: str, addresses: str, made: Callable[[], Awaitable[int]]
) -> None:
    one, oleg = await made(), await sign_in(OLEG)
    address, names = f"{addresses}/{one}", f"SELECT names FROM {table} WHERE id = {one}"
    await db.execute(f"UPDATE {table} SET names = $1 WHERE id = {one}", json.dumps(BOTH))
    await db.execute("UPDATE business SET languages = '{en}', language = 'en'")
    page = await oleg.send(await oleg.open(address), address, name_en="After")
    assert page.status == 200
    assert json.loads(await db.fetchval(names)) == {"en": "After", "ru": "Раньше"}
    await db.execute("UPDATE business SET languages = '{en,ru}'")
    page = await oleg.open(address)
    assert page.value("name_ru") == "Раньше"
    await oleg.send(page, address, name_ru="")
    assert json.loads(await db.fetchval(names)) == {"en": "After"}
