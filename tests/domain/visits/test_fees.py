"""Fees for late cancellations and no-shows, against the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from console.domain import db
from console.domain.booking import actions, series_moves
from console.domain.booking.arranging import Arrangement
from console.domain.booking.rules import CancelledBy
from console.domain.booking.series_moves import Scope
from console.domain.errors import Changed, Forbidden, HasDependants, Invalid, Stale
from console.domain.ids import BookingId, FeeId, MethodId, ReasonId
from console.domain.money import Money
from console.domain.undo import undo
from console.domain.visits import fees, fees_checks, fees_queries
from console.domain.visits.fees_rules import Cause, Rule, fee
from console.domain.visits.rules import Paid
from tests import factories
from tests import yard as yards
from tests.cast import ANNA, NOW, VERA, Person
from tests.yard import HOUR, NOON, Yard, intent

FIXED = Rule(minor=50_000, currency="RUB")
HALF = Rule(bp=5_000)
ASKED = {Cause.LATE_CANCELLATION: FIXED, Cause.NO_SHOW: HALF}
AFTER = NOON + HOUR


@pytest.fixture
async def yard(database: None) -> Yard:
    """Wednesday's bookings are within the notice on Tuesday; a service costs 1 500 roubles."""
    await factories.staff(ANNA)
    await factories.staff(VERA)
    yard = await yards.yard()
    await factories.price(yard.service, 150_001)
    return yard


@pytest.fixture
async def waiver(yard: Yard) -> ReasonId:
    return ReasonId(await factories.reason("fee_waiver"))


@pytest.fixture
async def asking(yard: Yard) -> Yard:
    """The location asks 500 roubles a service for a late cancellation, and half the price for a no-show."""
    await db.execute("UPDATE location SET notice_hours = 48")
    await fees.change_rules(intent(VERA), yard.location, 0, ASKED)
    return yard


def later(who: Person = ANNA) -> Any:
    """An intent of after the booking has begun."""
    return replace(intent(who), now=AFTER)


async def standing() -> list[tuple[str, int, str, bool]]:
    rows = await db.fetch("SELECT cause, minor, currency, waived FROM fee WHERE retired_at IS NULL ORDER BY id")
    return [(row["cause"], row["minor"], row["currency"], row["waived"] is not None) for row in rows]


def told(outcome: Any, key: str) -> list[dict[str, Any]]:
    return [dict(effect.params) for effect in outcome.effects if effect.key == key]


@pytest.mark.parametrize(
    ("rule", "quotes", "due"),
    [
        (Rule(), [(100, "RUB")], None),
        (FIXED, [(100, "RUB")], Money(50_000, "RUB")),
        (FIXED, [(100, "RUB"), None], Money(100_000, "RUB")),
        (HALF, [(150_001, "RUB")], Money(75_001, "RUB")),
        (HALF, [(101, "RUB"), (100, "RUB")], Money(101, "RUB")),
        (HALF, [None], None),
        (HALF, [(0, "RUB")], None),
        (HALF, [None, (100, "EUR"), (300, "RUB")], Money(50, "EUR")),
    ],
)
def test_a_fee_is_so_much_a_service_or_a_share_of_the_quotes_rounded_once(
    rule: Rule, quotes: list[Any], due: Money | None
) -> None:
    assert fee(rule, quotes) == due


async def test_a_client_who_calls_off_late_owes_the_fee_of_each_service(asking: Yard) -> None:
    done = await actions.cancel(intent(), await asking.book(asking.nina), CancelledBy.CLIENT)
    assert await standing() == [("late_cancellation", 50_000, "RUB", False)]
    assert told(done, "effect.fee") == [{"minor": 50_000, "currency": "RUB"}]
    assert await fees_queries.owing(asking.client) == {"RUB": 50_000}


async def test_what_we_call_off_costs_nothing(asking: Yard) -> None:
    done = await actions.cancel(intent(), await asking.book(asking.nina), CancelledBy.US)
    assert await standing() == []
    assert not told(done, "effect.fee")


async def test_a_cancellation_before_the_notice_costs_nothing(asking: Yard) -> None:
    booking = await asking.book(asking.nina, NOON + timedelta(days=7))
    await actions.cancel(intent(), booking, CancelledBy.CLIENT)
    assert await standing() == []


async def test_where_a_location_asks_nothing_nothing_is_owed(yard: Yard) -> None:
    await actions.cancel(intent(), await yard.book(yard.nina), CancelledBy.CLIENT)
    await actions.no_show(later(), await yard.book(yard.olga))
    assert await standing() == []


async def test_whoever_does_not_come_owes_a_share_of_the_price(asking: Yard) -> None:
    done = await actions.no_show(later(), await asking.book(asking.nina))
    assert await standing() == [("no_show", 75_001, "RUB", False)]
    assert told(done, "effect.fee") == [{"minor": 75_001, "currency": "RUB"}]


async def test_calling_off_a_series_late_asks_for_the_date_within_the_notice_alone(asking: Yard) -> None:
    await asking.weekly(3)
    first = BookingId(await db.fetchval("SELECT id FROM booking ORDER BY starts_at LIMIT 1"))
    await series_moves.cancel(intent(), first, Scope.ALL, CancelledBy.CLIENT)
    assert await standing() == [("late_cancellation", 50_000, "RUB", False)]


async def test_an_undo_takes_the_fee_back_and_doing_it_again_asks_it_again(asking: Yard) -> None:
    done = await actions.cancel(intent(), await asking.book(asking.nina), CancelledBy.CLIENT)
    undone = await undo(intent(), done.operation_id)
    assert await standing() == []
    await fees.change_rules(intent(VERA), asking.location, 2, {Cause.LATE_CANCELLATION: Rule(minor=1, currency="RUB")})
    await undo(intent(), undone.operation_id)
    assert await standing() == [("late_cancellation", 50_000, "RUB", False)]


async def test_whoever_comes_after_all_owes_nothing_for_not_coming(asking: Yard) -> None:
    booking = await asking.book(asking.nina)
    await actions.no_show(later(), booking)
    came = await actions.arrive(later(), booking)
    assert await standing() == []
    assert told(came, "effect.fee_gone") == [{"minor": 75_001, "currency": "RUB"}]
    await undo(later(), came.operation_id)
    assert await standing() == [("no_show", 75_001, "RUB", False)]


async def test_a_booking_that_is_brought_back_and_called_off_late_again_costs_once(asking: Yard) -> None:
    booking = await asking.book(asking.nina)
    await actions.cancel(intent(), booking, CancelledBy.CLIENT)
    version = await db.fetchval("SELECT version FROM booking WHERE id = $1", booking)
    await actions.bring_back(intent(), Arrangement(booking, NOON), version)
    assert await standing() == []
    await actions.cancel(intent(), booking, CancelledBy.CLIENT)
    assert await standing() == [("late_cancellation", 50_000, "RUB", False)]


@pytest.mark.parametrize("paid", [20_000, 50_000])
async def test_a_booking_of_whose_fee_something_was_paid_costs_no_more_when_it_is_called_off_late_again(
    asking: Yard, cash: MethodId, paid: int
) -> None:
    booking = await asking.book(asking.nina)
    await actions.cancel(intent(), booking, CancelledBy.CLIENT)
    await fees.pay(intent(), await only(), asking.location, Paid(cash, paid))
    version = await db.fetchval("SELECT version FROM booking WHERE id = $1", booking)
    await actions.bring_back(intent(), Arrangement(booking, NOON), version)
    done = await actions.cancel(intent(), booking, CancelledBy.CLIENT)
    assert not told(done, "effect.fee")
    assert await standing() == [("late_cancellation", 50_000, "RUB", False)]
    for check in fees_checks.CHECKS:
        assert await check() == []


async def test_the_fee_of_a_booking_that_is_brought_back_to_another_date_stays_and_a_manager_may_waive_it(
    asking: Yard, waiver: ReasonId
) -> None:
    booking = await asking.book(asking.nina)
    await actions.cancel(intent(), booking, CancelledBy.CLIENT)
    version = await db.fetchval("SELECT version FROM booking WHERE id = $1", booking)
    brought = await actions.bring_back(intent(ANNA), Arrangement(booking, NOON + timedelta(days=14)), version)
    assert not told(brought, "effect.fee_gone")
    assert await fees_checks.fees_are_for_what_was_called_off() == []
    await actions.cancel(intent(ANNA), booking, CancelledBy.CLIENT)  # long before the notice
    assert await standing() == [("late_cancellation", 50_000, "RUB", False)]
    assert await fees_queries.owing(asking.client) == {"RUB": 50_000}
    await fees.waive(intent(VERA), await only(), waiver)
    assert await fees_queries.owing(asking.client) == {}


async def test_a_booking_that_is_brought_back_to_another_hour_of_its_date_costs_nothing(asking: Yard) -> None:
    booking = await asking.book(asking.nina)
    await actions.cancel(intent(), booking, CancelledBy.CLIENT)
    version = await db.fetchval("SELECT version FROM booking WHERE id = $1", booking)
    await actions.bring_back(intent(ANNA), Arrangement(booking, NOON + HOUR), version)
    assert await standing() == []


async def test_a_manager_calls_off_without_asking_the_fee(asking: Yard, waiver: ReasonId) -> None:
    booking = await asking.book(asking.nina)
    done = await fees.cancel_waiving(intent(VERA), booking, CancelledBy.CLIENT, waiver)
    assert await standing() == [("late_cancellation", 50_000, "RUB", True)]
    assert told(done, "effect.fee_waived") == [{"minor": 50_000, "currency": "RUB"}]
    assert await fees_queries.owing(asking.client) == {}
    await undo(intent(VERA), done.operation_id)
    assert await standing() == []


async def test_a_manager_notes_a_no_show_without_asking_the_fee(asking: Yard, waiver: ReasonId) -> None:
    await fees.no_show_waiving(later(VERA), await asking.book(asking.nina), waiver)
    assert await standing() == [("no_show", 75_001, "RUB", True)]


async def test_the_desk_waives_nothing(asking: Yard, waiver: ReasonId) -> None:
    booking = await asking.book(asking.nina)
    with pytest.raises(Forbidden):
        await fees.cancel_waiving(intent(ANNA), booking, CancelledBy.CLIENT, waiver)
    await actions.cancel(intent(), booking, CancelledBy.CLIENT)
    with pytest.raises(Forbidden):
        await fees.waive(intent(ANNA), await only(), waiver)


async def only() -> FeeId:
    return FeeId(await db.fetchval("SELECT id FROM fee"))


async def test_a_fee_is_waived_afterwards_and_owed_again_by_an_undo(asking: Yard, waiver: ReasonId) -> None:
    await actions.cancel(intent(), await asking.book(asking.nina), CancelledBy.CLIENT)
    done = await fees.waive(intent(VERA), await only(), waiver)
    assert await fees_queries.owing(asking.client) == {}
    await undo(intent(VERA), done.operation_id)
    assert await fees_queries.owing(asking.client) == {"RUB": 50_000}


async def test_a_fee_is_waived_once_and_for_a_reason_of_that_use(asking: Yard, waiver: ReasonId) -> None:
    await actions.cancel(intent(), await asking.book(asking.nina), CancelledBy.CLIENT)
    other = ReasonId(await factories.reason("cancellation"))
    with pytest.raises(Invalid):
        await fees.waive(intent(VERA), await only(), other)
    await fees.waive(intent(VERA), await only(), waiver)
    with pytest.raises(fees.NothingOwed):
        await fees.waive(intent(VERA), await only(), waiver)


async def test_a_cancellation_whose_fee_changed_since_it_was_shown_is_shown_again(asking: Yard) -> None:
    booking = await asking.book(asking.nina)
    shown = await actions.cancel(replace(intent(), preview=True), booking, CancelledBy.CLIENT)
    await fees.change_rules(intent(VERA), asking.location, 2, {Cause.LATE_CANCELLATION: HALF})
    with pytest.raises(Changed):
        await actions.cancel(replace(intent(), expected=shown.fingerprint), booking, CancelledBy.CLIENT)


async def test_late_cancellations_and_no_shows_are_counted_whatever_they_cost(yard: Yard) -> None:
    await db.execute("UPDATE location SET notice_hours = 48")
    await actions.cancel(intent(), await yard.book(yard.nina), CancelledBy.CLIENT)
    await actions.cancel(intent(), await yard.book(yard.nina, NOON + 2 * HOUR), CancelledBy.US)
    await actions.no_show(later(), await yard.book(yard.olga))
    counted = await fees_queries.counted(yard.client, NOW - timedelta(days=365))
    assert (counted.late, counted.no_shows, counted.owed) == (1, 1, {})
    counted = await fees_queries.counted(yard.client, NOON + HOUR)
    assert (counted.late, counted.no_shows) == (0, 0)


async def test_what_a_location_asks_is_changed_by_whoever_saw_it_last(asking: Yard) -> None:
    with pytest.raises(Stale):
        await fees.change_rules(intent(VERA), asking.location, 0, {Cause.NO_SHOW: FIXED})
    done = await fees.change_rules(
        intent(VERA), asking.location, 2, {Cause.NO_SHOW: Rule(), Cause.LATE_CANCELLATION: FIXED}
    )
    assert (await fees_queries.rules_of(asking.location)).by_cause[Cause.NO_SHOW] == Rule()
    await undo(intent(VERA), done.operation_id)
    assert (await fees_queries.rules_of(asking.location)).by_cause == ASKED


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (Rule(1, "RUB", 1), "no_show_bp"),
        (Rule(0, "RUB"), "no_show_minor"),
        (Rule(-1, "RUB"), "no_show_minor"),
        (Rule(bp=0), "no_show_bp"),
        (Rule(bp=10_001), "no_show_bp"),
    ],
)
async def test_a_rule_that_cannot_be_is_refused_at_its_field(yard: Yard, rule: Rule, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        await fees.change_rules(intent(VERA), yard.location, 0, {Cause.NO_SHOW: rule})
    assert refused.value.problems.keys() == {field}


async def test_undoing_the_first_rules_leaves_none_and_they_can_be_said_again(asking: Yard) -> None:
    first = await db.fetchval("SELECT max(id) FROM operation WHERE kind = 'fee_rule.change'")
    await undo(intent(VERA), first)
    stands = await fees_queries.rules_of(asking.location)
    assert stands.by_cause == {Cause.LATE_CANCELLATION: Rule(), Cause.NO_SHOW: Rule()}
    await fees.change_rules(intent(VERA), asking.location, stands.versions, ASKED)
    assert (await fees_queries.rules_of(asking.location)).by_cause == ASKED


async def test_the_database_keeps_a_fee_as_it_was_asked(asking: Yard, as_owner: asyncpg.Connection) -> None:
    await actions.cancel(intent(), await asking.book(asking.nina), CancelledBy.CLIENT)
    for wrong in ("UPDATE fee SET minor = 1", 'UPDATE fee SET "on" = "on" + 1', "DELETE FROM fee"):
        with pytest.raises(asyncpg.RestrictViolationError, match="stays as it was asked"):
            await as_owner.execute(wrong)


async def test_the_database_refuses_a_second_fee_for_the_same(asking: Yard, as_owner: asyncpg.Connection) -> None:
    await actions.cancel(intent(), await asking.book(asking.nina), CancelledBy.CLIENT)
    with pytest.raises(asyncpg.UniqueViolationError):
        await as_owner.execute(
            'INSERT INTO fee (version, operation, client, booking, status_change, location, cause, "on", services,'
            ' minor, currency) SELECT 1, operation, client, booking, status_change, location, cause, "on", 1, 1,'
            " 'RUB' FROM fee"
        )


async def test_the_database_refuses_a_fee_for_what_was_called_off_in_time(
    asking: Yard, as_owner: asyncpg.Connection
) -> None:
    await actions.cancel(intent(), await asking.book(asking.nina), CancelledBy.US)
    with pytest.raises(asyncpg.CheckViolationError, match="a fee is for"):
        await as_owner.execute(
            'INSERT INTO fee (version, operation, client, booking, status_change, location, cause, "on", services,'
            " minor, currency) SELECT 1, b.operation, b.client, b.id, s.id, b.location, 'late_cancellation',"
            " '2026-05-13', 1, 1, 'RUB' FROM booking b JOIN status_change s ON s.booking = b.id"
            " WHERE s.status = 'cancelled'"
        )


@pytest.fixture
async def cash(yard: Yard) -> MethodId:
    return MethodId(await db.fetchval("SELECT id FROM payment_method WHERE drawer ORDER BY position LIMIT 1"))


@pytest.fixture
async def owed(asking: Yard) -> FeeId:
    """A fee of 500 roubles for a booking that its client called off late."""
    await actions.cancel(intent(), await asking.book(asking.nina), CancelledBy.CLIENT)
    return await only()


async def test_a_fee_is_received_in_parts_and_never_twice(asking: Yard, owed: FeeId, cash: MethodId) -> None:
    done = await fees.pay(intent(), owed, asking.location, Paid(cash, 20_000))
    assert told(done, "effect.fee_left") == [{"minor": 30_000, "currency": "RUB"}]
    assert await fees_queries.owing(asking.client) == {"RUB": 30_000}
    for wrong in (0, -1, 30_001):
        with pytest.raises(Invalid):
            await fees.pay(intent(), owed, asking.location, Paid(cash, wrong))
    await fees.pay(intent(), owed, asking.location, Paid(cash, 30_000))
    assert await fees_queries.owing(asking.client) == {}
    with pytest.raises(fees.NothingOwed):
        await fees.pay(intent(), owed, asking.location, Paid(cash, 1))


async def test_what_was_received_goes_back_by_an_undo_and_comes_again_by_a_redo(
    asking: Yard, owed: FeeId, cash: MethodId
) -> None:
    done = await fees.pay(intent(), owed, asking.location, Paid(cash, 20_000))
    undone = await undo(intent(), done.operation_id)
    assert await fees_queries.owing(asking.client) == {"RUB": 50_000}
    await undo(intent(), undone.operation_id)
    assert await fees_queries.owing(asking.client) == {"RUB": 30_000}
    rows = await db.fetch("SELECT minor FROM fee_payment ORDER BY id")
    assert [row["minor"] for row in rows] == [20_000, -20_000, 20_000]


async def test_a_cancellation_is_undone_after_the_money_for_it_went_back(asking: Yard, cash: MethodId) -> None:
    cancelled = await actions.cancel(intent(), await asking.book(asking.nina), CancelledBy.CLIENT)
    paid = await fees.pay(intent(), await only(), asking.location, Paid(cash, 50_000))
    with pytest.raises(HasDependants):
        await undo(intent(), cancelled.operation_id)
    await undo(intent(), paid.operation_id)
    await undo(intent(), cancelled.operation_id)
    assert await standing() == []


async def test_what_is_left_of_a_fee_is_waived_and_what_was_paid_stays(
    asking: Yard, owed: FeeId, cash: MethodId, waiver: ReasonId
) -> None:
    await fees.pay(intent(), owed, asking.location, Paid(cash, 20_000))
    await fees.waive(intent(VERA), owed, waiver)
    assert await fees_queries.owing(asking.client) == {}
    with pytest.raises(fees.NothingOwed):
        await fees.pay(intent(), owed, asking.location, Paid(cash, 1))
    assert await fees_checks.fees_are_paid_once() == []


async def test_a_fee_that_was_paid_stays_when_its_client_comes_after_all(asking: Yard, cash: MethodId) -> None:
    booking = await asking.book(asking.nina)
    await actions.no_show(later(), booking)
    await fees.pay(later(), await only(), asking.location, Paid(cash, 75_001))
    await actions.arrive(later(), booking)
    assert await standing() == [("no_show", 75_001, "RUB", False)]
    for check in fees_checks.CHECKS:
        assert await check() == []


async def test_the_database_lets_nobody_pay_a_fee_twice_or_take_more_back(
    asking: Yard, owed: FeeId, cash: MethodId, as_owner: asyncpg.Connection
) -> None:
    pay = (
        "INSERT INTO fee_payment (version, operation, fee, location, method, minor, currency, at)"
        " SELECT 1, operation, id, location, $1, $2, $3, now() FROM fee"
    )
    for minor, currency in ((50_001, "RUB"), (-1, "RUB"), (1, "EUR")):
        with pytest.raises(asyncpg.RestrictViolationError, match="paid once"):
            await as_owner.execute(pay, cash, minor, currency)
    await as_owner.execute(pay, cash, 50_000, "RUB")
    with pytest.raises(asyncpg.RestrictViolationError, match="paid once"):
        await as_owner.execute(pay, cash, 1, "RUB")
