"""Finishing a visit: one operation that changes booking, visit, stamps, free visit, tier and money, or none of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from console.domain import db
from console.domain.booking import actions as bookings
from console.domain.booking.rules import CancelledBy, NotItsDay, UnlawfulMove
from console.domain.errors import Changed, DomainError, Forbidden, IntentReused, Invalid, NotFound
from console.domain.ids import MethodId, ProductId, ReasonId, ServiceId
from console.domain.intent import Outcome
from console.domain.loyalty.presets import both
from console.domain.loyalty.rules.programme import Counter
from console.domain.visits import actions, methods
from console.domain.visits.actions import Entered, Paid
from console.domain.visits.steps import AlreadyFinished
from tests import factories
from tests.cast import ANNA, NOW, VERA
from tests.till import CURRENCY, DAY, SOAP, USUAL, Desk, means, publish

TODAY = NOW.date()


async def problems(asked: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        await asked
    return {field: problem.key for field, problem in refused.value.problems.items()}


async def visit(done: Outcome[dict[str, int]]) -> dict[str, Any]:
    row = await db.fetchrow("SELECT * FROM visit WHERE id = $1", done.result["visit"])
    assert row is not None
    return dict(row)


async def lines(done: Outcome[dict[str, int]]) -> Sequence[tuple[int, ...]]:
    rows = await db.fetch(
        "SELECT quantity, listed, unit, free, discount FROM visit_line WHERE visit = $1 ORDER BY position",
        done.result["visit"],
    )
    return [tuple(row) for row in rows]


def told(done: Outcome[Any]) -> list[str]:
    """What an operation did to visits and cards."""
    of = "effect.visit_"
    return [effect.key.removeprefix(of) for effect in done.effects if effect.key.startswith(of)]


async def count(table: str) -> int:
    return int(await db.fetchval(f"SELECT count(*) FROM {table}"))


async def test_a_booking_is_finished_with_its_visit_stamp_money_and_receipt(desk: Desk) -> None:
    booking = await desk.yard.book(desk.yard.nina, NOW - timedelta(hours=1))
    await bookings.arrive(means(ANNA), booking)
    done = await desk.come(booking=booking, who=ANNA)
    found = await visit(done)
    assert (found["client"], found["booking"], found["location"]) == (desk.client, booking, desk.location)
    assert (found["on"], found["at"], found["number"]) == (TODAY, NOW - timedelta(hours=1), 1)
    assert (found["due"], found["currency"], found["programme"], found["off"]) == (USUAL, CURRENCY, 1, None)
    assert await lines(done) == [(1, USUAL, USUAL, 0, 0)]
    assert await db.fetchval("SELECT status FROM booking") == "finished"
    assert (await desk.card_of())["stamps"] == 1
    paid = await db.fetchrow("SELECT minor, tip, method, at, location FROM payment")
    assert tuple(paid) == (USUAL, False, desk.cash, NOW, desk.location)
    assert [(effect.key, dict(effect.params)) for effect in done.effects] == [
        ("effect.visit_stamp", {"nth": 1, "of": 4})
    ]


@pytest.mark.parametrize("first", [(), (bookings.confirm,), (bookings.confirm, bookings.arrive)])
async def test_what_was_booked_confirmed_or_arrived_can_be_finished(desk: Desk, first: Sequence[Any]) -> None:
    booking = await desk.yard.book(desk.yard.nina, NOW - timedelta(hours=1))
    for step in first:
        await step(means(ANNA), booking)
    await desk.come(booking=booking, who=ANNA)
    assert await db.fetchval("SELECT status FROM booking") == "finished"


async def test_what_was_called_off_cannot_be_finished_nor_what_is_to_come(desk: Desk) -> None:
    ahead = await desk.yard.book(desk.yard.nina, NOW + DAY)
    with pytest.raises(NotItsDay):
        await desk.come(booking=ahead)
    await bookings.cancel(means(ANNA), ahead, CancelledBy.CLIENT)
    gone = await desk.yard.book(desk.yard.olga, NOW - timedelta(hours=1))
    await bookings.no_show(means(ANNA), gone)
    with pytest.raises(UnlawfulMove):
        await desk.come(booking=gone)
    assert await count("visit") == 0


async def test_a_booking_is_finished_once(desk: Desk) -> None:
    booking = await desk.yard.book(desk.yard.nina, NOW - timedelta(hours=1))
    intent, asked = means(ANNA), desk.till(booking=booking)
    first = await actions.finish(intent, asked)
    again = await actions.finish(intent, asked)
    assert (again.replayed, again.result, again.operation_id) == (True, first.result, first.operation_id)
    with pytest.raises(IntentReused):
        await actions.finish(intent, desk.till(booking=booking, paid=1))
    with pytest.raises(AlreadyFinished):
        await actions.finish(means(VERA), asked)
    assert (await count("visit"), await count("payment")) == (1, 1)


async def test_two_desks_at_once_finish_one_visit(desk: Desk) -> None:
    booking = await desk.yard.book(desk.yard.nina, NOW - timedelta(hours=1))
    asked = [actions.finish(means(who), desk.till(booking=booking)) for who in (ANNA, VERA) * 4]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(one) for one in answers if isinstance(one, Exception)] == [AlreadyFinished] * 7
    assert (await count("visit"), await count("payment"), (await desk.card_of())["stamps"]) == (1, 1, 1)


async def test_a_double_click_finishes_a_walk_in_once(desk: Desk) -> None:
    intent, asked = means(ANNA), desk.till()
    done = await asyncio.gather(*(actions.finish(intent, asked) for _ in range(4)))
    assert len({one.operation_id for one in done}) == 1
    assert (await count("visit"), (await desk.card_of())["stamps"]) == (1, 1)


async def test_somebody_who_is_no_client_can_walk_in(desk: Desk) -> None:
    done = await desk.come(client=None, who=ANNA)
    assert (await visit(done))["client"] is None
    assert (told(done), await count("loyalty_entry"), await count("loyalty_account")) == ([], 0, 0)


async def test_somebody_who_is_no_client_owes_nothing(desk: Desk) -> None:
    assert await problems(desk.come(client=None, paid=USUAL - 1)) == {"payments": "problem.nobody_owes"}
    assert await count("visit") == 0


async def test_four_stamps_make_a_free_visit_that_is_then_played(desk: Desk) -> None:
    for ago in (40, 30, 20):
        await desk.come(ago)
    fourth = await desk.come(10)
    assert told(fourth) == ["stamp", "free_issued", "raised"]
    assert fourth.effects[0].params == {"nth": 4, "of": 4}
    assert fourth.effects[1].params == {"dates": [(TODAY - 10 * DAY + 180 * DAY).isoformat()]}
    assert await desk.card_of() == {"stamps": 0, "free_visits": 1, "tier": "silver", "drops_on": None}
    free = await desk.come(due=0, free=True)
    assert await lines(free) == [(1, USUAL, USUAL, USUAL, 0)]
    assert told(free) == ["free_used"]
    assert (await desk.card_of())["free_visits"] == 0
    assert await db.fetchval("SELECT count(*) FROM loyalty_entry WHERE visit = $1", free.result["visit"]) == 1


async def test_a_free_visit_that_is_not_there_is_not_played(desk: Desk) -> None:
    assert await problems(desk.come(due=0, free=True)) == {"free": "problem.no_free_visit"}
    assert await problems(desk.come(due=0, free=True, client=None)) == {"free": "problem.no_free_visit"}


async def test_a_free_visit_needs_a_line_that_qualifies(desk: Desk) -> None:
    for ago in (40, 30, 20, 10):
        await desk.come(ago)
    assert await problems(desk.come(due=SOAP, free=True, lines=[desk.bar])) == {"free": "problem.nothing_free"}


async def test_one_free_visit_is_used_by_one_of_many_at_once(desk: Desk) -> None:
    for ago in (40, 30, 20, 10):
        await desk.come(ago)
    asked = [actions.finish(means(who), desk.till(0, free=True)) for who in (ANNA, VERA) * 100]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(one, Outcome) for one in answers) == 1
    assert {type(one) for one in answers} == {Outcome, Invalid}
    assert await db.fetchval("SELECT count(*) FROM visit_line WHERE free > 0") == 1
    assert (await desk.card_of())["free_visits"] == 0


async def test_the_tier_held_before_takes_its_discount_off(desk: Desk) -> None:
    for ago in (40, 30, 20, 10):
        await desk.come(ago)
    with pytest.raises(Changed):
        await desk.come(due=USUAL)
    done = await desk.come(due=USUAL + SOAP - 10_000, lines=[desk.clean, desk.bar])
    found = await visit(done)
    assert (found["off"], found["off_bp"], found["off_code"]) == ("tier", 500, "silver")
    assert await lines(done) == [(1, USUAL, USUAL, 0, 10_000), (1, SOAP, SOAP, 0, 0)]


async def test_the_list_is_looked_at_again_when_a_visit_is_finished(desk: Desk) -> None:
    cheap = replace(desk.clean, listed=100)
    with pytest.raises(Changed):
        await desk.come(due=100, lines=[cheap], who=ANNA)
    await db.execute("UPDATE price SET minor = minor + 1 WHERE service IS NOT NULL")
    with pytest.raises(Changed):
        await desk.come(who=ANNA)


async def test_whoever_did_a_booked_service_may_have_a_price_of_their_own(desk: Desk) -> None:
    await db.execute("UPDATE skill SET minor = 250000, currency = 'EUR' WHERE bookable = $1", desk.yard.nina)
    booking = await desk.yard.book(desk.yard.nina, NOW - timedelta(hours=1))
    with pytest.raises(Changed):
        await desk.come(due=250_000, lines=[replace(desk.clean, listed=250_000)])
    done = await desk.come(due=250_000, lines=[replace(desk.clean, listed=250_000)], booking=booking)
    assert (await visit(done))["due"] == 250_000


async def test_where_the_list_has_no_price_the_desk_says_it(desk: Desk) -> None:
    service = ServiceId(await factories.service("WAX"))
    done = await desk.come(due=500, lines=[Entered(500, service=service)], who=ANNA)
    assert await lines(done) == [(1, 500, 500, 0, 0)]


async def test_another_price_needs_a_manager_and_a_reason(desk: Desk) -> None:
    dearer = replace(desk.clean, unit=USUAL + 1)
    assert await problems(desk.come(due=USUAL + 1, lines=[dearer])) == {"line-0-reason": "problem.price_needs_reason"}
    dearer = replace(dearer, reason=desk.why)
    with pytest.raises(Forbidden):
        await desk.come(due=USUAL + 1, lines=[dearer], who=ANNA)
    wrong = replace(dearer, reason=desk.sorry)
    assert await problems(desk.come(due=USUAL + 1, lines=[wrong])) == {"line-0-reason": "problem.choice"}
    done = await desk.come(due=USUAL + 1, lines=[dearer])
    row = await db.fetchrow("SELECT listed, unit, reason FROM visit_line WHERE visit = $1", done.result["visit"])
    assert tuple(row) == (USUAL, USUAL + 1, desk.why)


async def test_a_price_below_the_least_earns_no_stamp(desk: Desk) -> None:
    await publish(replace(both(USUAL), counter=Counter(min_price=USUAL)), TODAY + DAY)
    less = replace(desk.clean, unit=USUAL - 1, reason=desk.why)
    done = await desk.come(due=USUAL - 1, lines=[less], now=NOW + 2 * DAY)
    assert "stamp" not in told(done)


async def test_products_alone_earn_no_stamp_and_are_no_visit_for_tiers(desk: Desk) -> None:
    await desk.come(due=2 * SOAP, lines=[replace(desk.bar, quantity=2)])
    rows = await db.fetch("SELECT unit, delta FROM loyalty_entry")
    assert [tuple(row) for row in rows] == [("spend", 2 * SOAP)]


async def test_what_costs_nothing_earns_nothing(desk: Desk) -> None:
    await desk.come(due=0, lines=[replace(desk.clean, unit=0, reason=desk.why)])
    assert await count("loyalty_entry") == 0


async def test_one_stamp_a_day(desk: Desk) -> None:
    await desk.come()
    second = await desk.come()
    assert told(second) == []
    rows = await db.fetch("SELECT unit, sum(delta)::int FROM loyalty_entry GROUP BY unit ORDER BY unit")
    assert [tuple(row) for row in rows] == [("spend", 2 * USUAL), ("stamp", 1), ("visit", 2)]


async def test_a_part_is_paid_now_and_the_rest_is_owed(desk: Desk) -> None:
    done = await desk.come(paid=150_000)
    assert told(done) == ["stamp", "owed"]
    assert done.effects[-1].params == {"minor": 50_000, "currency": CURRENCY}
    assert await db.fetchval("SELECT delta FROM loyalty_entry WHERE unit = 'spend'") == 150_000


async def test_several_methods_pay_one_visit_and_a_tip_is_apart(desk: Desk) -> None:
    paid = (Paid(desk.cash, 50_000), Paid(desk.card, 150_000), Paid(desk.card, 10_000, tip=True))
    await desk.come(payments=paid)
    rows = await db.fetch("SELECT method, minor, tip FROM payment ORDER BY id")
    assert [tuple(row) for row in rows] == [
        (desk.cash, 50_000, False),
        (desk.card, 150_000, False),
        (desk.card, 10_000, True),
    ]
    assert await db.fetchval("SELECT delta FROM loyalty_entry WHERE unit = 'spend'") == USUAL


async def test_change_is_not_kept(desk: Desk) -> None:
    assert await problems(desk.come(paid=USUAL + 1)) == {"payments": "problem.paid_too_much"}
    assert await problems(desk.come(payments=(Paid(desk.cash, 0),))) == {"payment-0": "problem.money_above_zero"}


async def test_only_a_method_that_is_on_takes_money(desk: Desk) -> None:
    await methods.retire(means(), desk.card)
    off, unknown = Paid(desk.card, 1), Paid(MethodId(404), 1)
    wrong = {"payment-1": "problem.choice", "payment-2": "problem.choice"}
    assert await problems(desk.come(payments=(Paid(desk.cash, 1), off, unknown))) == wrong


async def test_a_visit_is_of_something_that_there_is(desk: Desk) -> None:
    assert await problems(actions.finish(means(), replace(desk.till(0), lines=(), payments=()))) == {
        "lines": "problem.visit_of_nothing"
    }
    gone = Entered(1, product=ProductId(404))
    neither = Entered(1)
    assert await problems(desk.come(due=1, lines=[gone])) == {"line-0-item": "problem.choice"}
    assert await problems(desk.come(due=1, lines=[neither])) == {"line-0-item": "problem.choice"}
    many = replace(desk.clean, quantity=100)
    assert await problems(desk.come(due=100 * USUAL, lines=[many])) == {"line-0-quantity": "problem.out_of_range"}
    assert await problems(desk.come(due=1, lines=[desk.bar] * 31)) == {"lines": "problem.too_many_lines"}
    await db.execute("UPDATE product SET retired_at = now()")
    assert await problems(desk.come(due=SOAP, lines=[desk.bar])) == {"line-0-item": "problem.choice"}


async def test_a_service_that_is_off_is_finished_where_it_was_booked(desk: Desk) -> None:
    booking = await desk.yard.book(desk.yard.nina, NOW - timedelta(hours=1))
    await db.execute("UPDATE service SET retired_at = now()")
    assert await problems(desk.come()) == {"line-0-item": "problem.choice"}
    await desk.come(booking=booking)


async def test_the_desk_dates_a_visit_a_day_back_and_a_manager_any(desk: Desk) -> None:
    await desk.come(1, who=ANNA)
    with pytest.raises(Forbidden):
        await desk.come(2, who=ANNA)
    done = await desk.come(2, who=VERA)
    assert (await visit(done))["on"] == TODAY - 2 * DAY


async def test_a_booking_of_days_ago_is_a_managers_to_finish(desk: Desk) -> None:
    booking = await desk.yard.book(desk.yard.nina, NOW - timedelta(minutes=10))
    with pytest.raises(Forbidden):
        await desk.come(booking=booking, who=ANNA, now=NOW + 2 * DAY)
    done = await desk.come(booking=booking, now=NOW + 2 * DAY)
    assert (await visit(done))["on"] == TODAY
    assert await db.fetchval("SELECT at FROM payment") == NOW + 2 * DAY


async def test_a_visit_is_not_dated_ahead(desk: Desk) -> None:
    assert await problems(desk.come(-1)) == {"at": "problem.visit_to_come"}


async def test_the_date_is_that_of_the_location(desk: Desk) -> None:
    far = await factories.location("Far", zone="Pacific/Auckland")
    late = NOW.replace(hour=13)  # in Auckland it is tomorrow
    done = await actions.finish(means(now=late), replace(desk.till(), location=far))
    assert (await visit(done))["on"] == date(2026, 5, 13)


async def test_no_version_begins_on_a_date_on_which_somebody_came_where_it_is_earlier_tomorrow(desk: Desk) -> None:
    far = await factories.location("Far", zone="Pacific/Auckland")
    late = NOW.replace(hour=13)
    await actions.finish(means(now=late), replace(desk.till(), location=far))
    refused = await problems(publish(both(USUAL), date(2026, 5, 13), late))
    assert refused == {"effective_from": "problem.version_after"}
    await publish(both(USUAL), date(2026, 5, 14), late)


async def test_a_visit_dated_back_uses_the_tier_and_free_visit_of_its_date(desk: Desk) -> None:
    for ago in (40, 30, 20, 10):
        await desk.come(ago)
    done = await desk.come(15)  # nobody was silver then
    assert (await visit(done))["off"] is None
    assert await problems(desk.come(25, due=0, free=True)) == {"free": "problem.no_free_visit"}


async def test_an_erased_client_has_no_visits(desk: Desk, as_superuser: Any) -> None:
    await as_superuser.execute("UPDATE client SET erased_at = now(), retired_at = now()")
    with pytest.raises(NotFound):
        await desk.come()


async def test_nothing_at_all_is_kept_of_a_visit_that_is_refused(desk: Desk) -> None:
    booking = await desk.yard.book(desk.yard.nina, NOW - timedelta(hours=1))
    for wrong in ({"due": 1}, {"free": True}, {"payments": (Paid(MethodId(404), 1),)}):
        with pytest.raises(DomainError):
            await desk.come(booking=booking, **{"due": USUAL, **wrong})
    for table in ("visit", "visit_line", "payment", "loyalty_entry", "numbering"):
        assert await count(table) == 0
    assert await db.fetchval("SELECT status FROM booking") == "booked"


async def test_receipts_are_numbered_one_after_the_other_whatever_is_refused(desk: Desk) -> None:
    await desk.come()
    with pytest.raises(Changed):
        await desk.come(due=1)
    await asyncio.gather(*(desk.come(client=None) for _ in range(8)))
    numbers = [row["number"] for row in await db.fetch("SELECT number FROM visit ORDER BY number")]
    assert numbers == list(range(1, 10))


async def test_a_reason_is_not_kept_where_the_price_is_the_listed_one(desk: Desk) -> None:
    done = await desk.come(lines=[replace(desk.clean, reason=desk.why)])
    assert await db.fetchval("SELECT reason FROM visit_line WHERE visit = $1", done.result["visit"]) is None


async def test_an_unknown_reason_is_refused(desk: Desk) -> None:
    line = replace(desk.clean, unit=1, reason=ReasonId(404))
    assert await problems(desk.come(due=1, lines=[line])) == {"line-0-reason": "problem.choice"}
