"""The ways to pay are kept in the settings, like the other lists."""

from __future__ import annotations

import pytest

from console.domain import db
from console.domain.errors import Invalid
from console.domain.undo import undo
from console.domain.visits import methods
from tests.cast import ANNA, VERA
from tests.routes.conftest import SignIn
from tests.till import means
from tests.words import say

LIST = "/settings/payment-methods"


async def on() -> list[tuple[str, bool]]:
    return [(one.names["en"], one.drawer) for one in await methods.methods() if one.retired_at is None]


async def test_a_new_business_takes_cash_cards_and_transfers(sign_in: SignIn) -> None:
    page = await (await sign_in(VERA)).open(LIST)
    assert page.all(".item-main") == ["Cash In the drawer", "Card", "Transfer"]
    assert await on() == [("Cash", True), ("Card", False), ("Transfer", False)]


async def test_a_method_is_added_changed_turned_off_and_on(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.open(f"{LIST}/new")
    page = await vera.send(page, LIST, name_en="Voucher", name_ru="Купон", drawer="on")
    assert (await on())[-1] == ("Voucher", True)
    row = await db.fetchrow("SELECT id, names FROM payment_method ORDER BY id DESC LIMIT 1")
    assert row is not None
    url = f"{LIST}/{row['id']}"
    page = await vera.open(url)
    page = await vera.send(page, url, name_en="Coupon", position="1", drawer=None)
    assert ("Coupon", False) in await on()
    page = await vera.send(page, f"{url}/retirement")
    assert ("Coupon", False) not in await on()
    await vera.send(page, f"{url}/readmission")
    assert ("Coupon", False) in await on()


async def test_no_two_ways_to_pay_are_called_the_same(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.open(f"{LIST}/new")
    page = await vera.send(page, LIST, name_en="  CÁSH", name_ru="НАЛИЧНЫЕ ")
    assert page.status == 422
    assert [page.error(f"name_{language}") for language in ("en", "ru")] == [say("problem.method_taken")] * 2
    assert page.value("name_ru") == "НАЛИЧНЫЕ "
    card = f"{LIST}/{(await methods.methods())[1].id}"
    page = await vera.send(await vera.open(card), card, name_en="Transfer")
    assert (page.status, page.error("name_en")) == (422, say("problem.method_taken"))
    page = await vera.send(await vera.open(card), card, name_en="card", position="7")
    assert page.status == 200
    assert await on() == [("Cash", True), ("Transfer", False), ("card", False)]


async def test_a_way_to_pay_stays_off_while_another_one_has_its_name(sign_in: SignIn) -> None:
    vera, transfer = await sign_in(VERA), f"{LIST}/{(await methods.methods())[2].id}"
    page = await vera.send(await vera.open(LIST), f"{transfer}/retirement")
    page = await vera.send(await vera.open(f"{LIST}/new"), LIST, name_en="transfer", name_ru="Счёт")
    assert ("transfer", False) in await on()
    page = await vera.send(await vera.open(LIST), f"{transfer}/readmission")
    assert (page.status, page.toast) == (422, say("problem.method_taken"))
    assert ("Transfer", False) not in await on()


async def test_a_way_to_pay_is_not_had_again_by_an_undo_while_another_one_has_its_name(sign_in: SignIn) -> None:
    await sign_in(VERA)
    done = await methods.add(means(), {"en": "Voucher"}, False)
    for _ in range(3):
        done = await undo(means(), done.operation_id)
    assert len(await on()) == 3
    await methods.add(means(), {"en": "voucher"}, False)
    with pytest.raises(Invalid):
        await undo(means(), done.operation_id)
    assert [name for name, _ in await on()][3:] == ["voucher"]


async def test_one_way_to_pay_is_always_on(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    first, second, third = (one.id for one in await methods.methods())
    page = await vera.open(LIST)
    for one in (first, second):
        page = await vera.send(page, f"{LIST}/{one}/retirement")
    assert not page.has('form[action$="/retirement"]')
    await db.execute("UPDATE payment_method SET retired_at = NULL WHERE id = $1", first)
    page = await vera.open(LIST)
    await db.execute("UPDATE payment_method SET retired_at = now() WHERE id = $1", first)
    page = await vera.send(page, f"{LIST}/{third}/retirement")
    assert page.toast == say("refused.last_method")
    assert await on() == [("Transfer", False)]


async def test_the_desk_does_not_keep_the_ways_to_pay(sign_in: SignIn) -> None:
    assert (await (await sign_in(ANNA)).open(LIST)).status == 403
