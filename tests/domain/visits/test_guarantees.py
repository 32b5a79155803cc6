"""What the database itself refuses of visits and money, whoever asks."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from console.domain import db
from tests import factories
from tests.cast import NOW
from tests.till import CURRENCY, USUAL, Desk

BROKEN = asyncpg.IntegrityConstraintViolationError
PAY = "INSERT INTO payment (version, operation, visit, location, method, minor, currency, tip, at) VALUES"


@pytest.fixture
async def visit(desk: Desk) -> int:
    booking = await desk.yard.book(desk.yard.nina, NOW - timedelta(hours=1))
    return (await desk.come(booking=booking)).result["visit"]


async def refused(sql: str, *args: object) -> str:
    """The constraint that a statement breaks."""
    with pytest.raises(BROKEN) as error:
        await db.execute(sql, *args)
    return str(error.value.constraint_name)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ("(1, 1, 1, 1, 1, 1, 'EUR', false, now())", "payment_beyond_due"),
        ("(1, 1, 1, 1, 1, -200001, 'EUR', false, now())", "payment_below_zero"),
        ("(1, 1, 1, 1, 1, -1, 'EUR', true, now())", "payment_below_zero"),
        ("(1, 1, 1, 1, 1, -1, 'RUB', false, now())", "payment_currency_fkey"),
        ("(1, 1, 1, 1, 1, 0, 'EUR', false, now())", "payment_minor_check"),
        ("(1, 1, 1, 1, 404, -1, 'EUR', false, now())", "payment_method_fkey"),
    ],
)
async def test_money_is_never_beyond_what_is_owed_nor_below_what_was_paid(
    visit: int, values: str, constraint: str
) -> None:
    assert await refused(f"{PAY} {values}") == constraint


async def test_a_refund_never_leaves_more_paid_than_is_owed(visit: int, desk: Desk) -> None:
    sql = 'INSERT INTO refund (version, operation, visit, minor, "full", reason) VALUES (1, 1, $1, $2, false, $3)'
    assert await refused(sql, visit, 1, desk.sorry) == "payment_beyond_due"
    assert await refused(sql, visit, 1, None) == "refund_minor_check"


async def test_a_refund_stays_what_it_is(visit: int, desk: Desk) -> None:
    await desk.refund(visit, 1)
    assert await refused("UPDATE refund SET minor = 2") == "refund_stays"


async def test_two_payments_at_once_see_each_other(desk: Desk, as_owner: asyncpg.Connection) -> None:
    visit = (await desk.come(paid=0)).result["visit"]
    pay = f"{PAY} (1, 1, {visit}, {desk.location}, {desk.cash}, {USUAL}, '{CURRENCY}', false, now())"
    first = as_owner.transaction()
    await first.start()
    await as_owner.execute(pay)
    second = asyncio.ensure_future(refused(pay))
    while not await as_owner.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
        pass
    await first.commit()
    assert await second == "payment_beyond_due"


@pytest.mark.parametrize(
    "change",
    [
        "due = 1",
        "client = NULL",
        '"on" = "on" + 1',
        "number = 7",
        "number = NULL",
        "currency = 'RUB'",
        "off_code = 'x'",
    ],
)
async def test_a_visit_stays_as_it_is(visit: int, change: str, as_owner: asyncpg.Connection) -> None:
    with pytest.raises(BROKEN):
        await as_owner.execute(f"UPDATE visit SET {change}")
    with pytest.raises(BROKEN):
        await as_owner.execute("DELETE FROM visit")


async def test_no_line_is_added_to_a_visit_that_has_its_number(visit: int, desk: Desk) -> None:
    line = (
        "INSERT INTO visit_line (version, operation, visit, position, service, names, quantity, listed, unit, packed,"
        " free, discount) VALUES (1, 1, $1, 2, $2, '{}', 1, 0, 0, 0, 0, 0)"
    )
    assert await refused(line, visit, desk.yard.service) == "visit_stays"


async def begun(desk: Desk, due: int) -> int:
    """A visit that has no number yet."""
    values = {"location": desk.location, "on": NOW.date(), "at": NOW, "programme": 0, "due": due, "currency": CURRENCY}
    columns = ", ".join(f'"{name}"' for name in values)
    places = ", ".join(f"${at}" for at in range(1, len(values) + 1))
    sql = f"INSERT INTO visit (version, operation, {columns}) VALUES (1, 1, {places}) RETURNING id"
    return int(await db.fetchval(sql, *values.values()))


async def line(desk: Desk, visit: int, **other: object) -> None:
    values = {
        "visit": visit,
        "position": 1,
        "service": desk.yard.service,
        "names": "{}",
        "quantity": 1,
        "listed": USUAL,
        "unit": USUAL,
        "packed": 0,
        "free": 0,
        "discount": 0,
    }
    await factories._insert("visit_line", **{**values, **other})


async def test_the_lines_add_up_to_the_price_or_the_visit_gets_no_number(desk: Desk) -> None:
    visit = await begun(desk, USUAL)
    number = "UPDATE visit SET number = 1 WHERE id = $1"
    assert await refused(number, visit) == "visit_lines_add_up"
    await line(desk, visit, quantity=2, discount=USUAL - 1)
    assert await refused(number, visit) == "visit_lines_add_up"
    visit = await begun(desk, USUAL)
    await line(desk, visit, quantity=2, discount=USUAL)
    await db.execute(number, visit)


@pytest.mark.parametrize(
    ("other", "constraint"),
    [
        ({"service": None}, "visit_line_item_check"),
        ({"quantity": 0}, "visit_line_quantity_check"),
        ({"discount": USUAL + 1}, "visit_line_price_check"),
        ({"discount": -1}, "visit_line_price_check"),
        ({"unit": 1}, "visit_line_reason_check"),
        ({"reason": 1}, "visit_line_reason_check"),
    ],
)
async def test_a_line_is_possible(desk: Desk, other: dict[str, object], constraint: str) -> None:
    visit = await begun(desk, USUAL)
    with pytest.raises(BROKEN) as error:
        await line(desk, visit, **other)
    assert error.value.constraint_name == constraint


async def test_one_line_of_a_visit_is_free(desk: Desk) -> None:
    visit = await begun(desk, 0)
    await line(desk, visit, free=USUAL)
    with pytest.raises(BROKEN) as error:
        await line(desk, visit, free=USUAL, position=2)
    assert error.value.constraint_name == "visit_line_free_key"


async def test_a_booking_has_one_visit_that_stands(visit: int) -> None:
    again = 'INSERT INTO visit (version, operation, booking, location, "on", at, programme, due, currency)'
    values = "SELECT 1, 1, booking, location, \"on\", at, 0, 0, 'EUR' FROM visit"
    assert await refused(f"{again} {values}") == "visit_booking_key"


async def test_a_visit_that_was_paid_is_not_taken_back_before_the_money(visit: int) -> None:
    assert await refused("UPDATE visit SET retired_at = now()") == "visit_unpaid_when_gone"


async def test_nothing_is_paid_for_a_visit_that_was_taken_back(desk: Desk) -> None:
    visit = (await desk.come(paid=0)).result["visit"]
    await db.execute("UPDATE visit SET retired_at = now()")
    pay = f"{PAY} (1, 1, {visit}, {desk.location}, {desk.cash}, 1, '{CURRENCY}', false, now())"
    assert await refused(pay) == "payment_of_standing"
