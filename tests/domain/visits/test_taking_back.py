"""Undo of a visit posts the exact inverse of everything, and doing it again posts it once more (section 5)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from console.domain import clock, db
from console.domain.booking import actions as bookings
from console.domain.booking.arranging import Arrangement
from console.domain.booking.rules import CancelledBy
from console.domain.errors import AlreadyUndone, Forbidden, HasDependants
from console.domain.ids import BookingId, LocationId, OperationId, VisitId
from console.domain.intent import Outcome
from console.domain.loyalty import cards
from console.domain.loyalty.history import lines
from console.domain.loyalty.nights import night
from console.domain.loyalty.rules.entries import Unit
from console.domain.loyalty.rules.programme import Counter, Programme
from console.domain.undo import barred, offered, undo
from console.domain.visits import actions
from console.domain.visits.actions import Paid
from console.domain.visits.steps import NoFreeVisit
from tests import factories
from tests.cast import ANNA, NOW, VERA, Person
from tests.domain.visits.conftest import Opening
from tests.domain.visits.test_finishing import count, problems, told
from tests.till import DAY, USUAL, Desk, means, publish
from tests.yard import NOON

TODAY = NOW.date()


async def take_back(done: Outcome[Any], who: Person = VERA, **said: Any) -> Outcome[None]:
    return await undo(means(who, **said), done.operation_id)


async def sums() -> dict[str, int]:
    """What the ledger adds up to, without what adds up to nothing."""
    rows = await db.fetch("SELECT unit, sum(delta)::int AS sum FROM loyalty_entry GROUP BY unit")
    return {row["unit"]: row["sum"] for row in rows if row["sum"]}


async def in_the_tills() -> dict[int, int]:
    rows = await db.fetch("SELECT method, sum(minor)::int AS sum FROM payment GROUP BY method")
    return {row["method"]: row["sum"] for row in rows if row["sum"]}


async def test_everything_is_as_if_it_had_not_been(desk: Desk) -> None:
    booking = await desk.yard.book(desk.yard.nina, NOW - timedelta(hours=1))
    await bookings.arrive(means(ANNA), booking)
    paid = (Paid(desk.cash, 50_000), Paid(desk.card, 150_000), Paid(desk.card, 7, tip=True))
    done = await desk.come(booking=booking, payments=paid, who=ANNA)
    back = await take_back(done, ANNA)
    assert told(back) == ["stamp_gone", "tier_less"]
    assert await db.fetchval("SELECT status FROM booking") == "arrived"
    assert (await sums(), await in_the_tills()) == ({}, {})
    assert await db.fetchval("SELECT count(*) FROM visit WHERE retired_at IS NULL") == 0
    statuses = await db.fetch("SELECT status FROM status_change WHERE retired_at IS NULL ORDER BY id")
    assert [row["status"] for row in statuses] == ["booked", "arrived"]
    await desk.come(booking=booking, who=ANNA)
    assert (await desk.card_of())["stamps"] == 1


async def test_doing_it_again_takes_the_money_and_the_stamp_again(desk: Desk) -> None:
    booking = await desk.yard.book(desk.yard.nina, NOW - timedelta(hours=1))
    done = await desk.come(booking=booking, paid=150_000)
    before, money = await sums(), await in_the_tills()
    back = await take_back(done)
    again = await take_back(back)
    assert told(again) == ["stamp", "owed", "tier_again"]
    assert (await sums(), await in_the_tills()) == (before, money)
    assert await db.fetchval("SELECT status FROM booking") == "finished"
    assert (await desk.card_of())["stamps"] == 1
    once_more = await take_back(again)
    assert (await sums(), await in_the_tills()) == ({}, {})
    await take_back(once_more)
    assert (await sums(), await in_the_tills()) == (before, money)


async def test_it_is_undone_once(desk: Desk) -> None:
    done = await desk.come()
    answers = await asyncio.gather(*(take_back(done, who) for who in (ANNA, VERA) * 3), return_exceptions=True)
    assert sorted(type(one).__name__ for one in answers) == ["AlreadyUndone"] * 5 + ["Outcome"]
    with pytest.raises(AlreadyUndone):
        await take_back(done)
    assert await in_the_tills() == {}


async def test_a_preview_of_the_undo_tells_it_all_and_keeps_nothing(desk: Desk) -> None:
    for ago in (40, 30, 20):
        await desk.come(ago)
    done = await desk.come()
    before = await sums()
    shown = await take_back(done, preview=True)
    assert told(shown) == ["stamp_gone", "stamps_back", "free_withdrawn", "lowered"]
    assert await sums() == before
    assert (await take_back(done, preview=True)).fingerprint == shown.fingerprint
    await take_back(done, expected=shown.fingerprint)


async def test_the_visit_that_completed_a_card_takes_the_unused_free_visit_with_it(desk: Desk) -> None:
    for ago in (40, 30, 20):
        await desk.come(ago)
    dates = await db.fetch("SELECT lot, through FROM loyalty_entry WHERE unit = 'stamp' AND verb = 'earn' ORDER BY lot")
    before = await desk.card_of()
    await take_back(await desk.come(10))
    assert await desk.card_of() == before
    returned = await db.fetch(
        "SELECT lot, through FROM loyalty_entry WHERE unit = 'stamp' AND verb = 'reverse' ORDER BY lot LIMIT 3"
    )
    assert [tuple(row) for row in returned] == [tuple(row) for row in dates]


async def test_an_earlier_visit_whose_stamp_is_used_up_does_the_same(desk: Desk) -> None:
    first = await desk.come(40)
    for ago in (30, 20, 10):
        await desk.come(ago)
    await take_back(first)
    card = await desk.card_of()
    assert (card["stamps"], card["free_visits"]) == (3, 0)


async def test_a_used_free_visit_leaves_the_stamps_below_zero_and_later_ones_repay_first(desk: Desk) -> None:
    for ago in (40, 30, 20):
        await desk.come(ago)
    fourth = await desk.come(10)
    await desk.come(5, due=0, free=True)
    back = await take_back(fourth)
    assert (await desk.card_of())["stamps"] == -1
    assert {"stamp_spent", "stamps_owed"} <= set(told(back))
    repaid = await desk.come(due=USUAL)
    assert (await desk.card_of())["stamps"] == 0
    assert told(repaid)[0] == "stamp_repaid"


@pytest.mark.parametrize("refunded", [False, True], ids=["taken back", "refunded"])
async def test_where_its_stamp_was_used_the_stamp_of_another_visit_goes_and_that_is_said(
    desk: Desk, refunded: bool
) -> None:
    first = await desk.come(40)
    for ago in (30, 20, 10):
        await desk.come(ago)
    await desk.come(5, due=0, free=True)
    await desk.come(due=190_000)
    assert (await desk.card_of())["stamps"] == 1
    back = await (desk.refund(first.result["visit"], USUAL) if refunded else take_back(first))
    assert (await desk.card_of())["stamps"] == 0
    assert [one for one in told(back) if one.startswith("stamp")] == ["stamp_instead"]


async def test_a_free_visit_returns_for_two_weeks_at_least(desk: Desk) -> None:
    for ago in (180, 179, 178, 177):
        await desk.come(ago)
    free = await desk.come(due=0, free=True)  # good through in three days
    back = await take_back(free)
    assert "free_returned" in told(back)
    entry = await db.fetchrow(
        "SELECT through FROM loyalty_entry WHERE unit = 'free_visit' AND verb = 'reverse' ORDER BY id DESC LIMIT 1"
    )
    assert entry is not None
    assert entry["through"] == TODAY + 14 * DAY
    assert (await desk.card_of())["free_visits"] == 1


async def test_a_free_visit_that_was_used_meanwhile_is_not_used_again(desk: Desk) -> None:
    for ago in (40, 30, 20, 10):
        await desk.come(ago)
    back = await take_back(await desk.come(2, due=0, free=True))
    await desk.come(due=0, free=True)
    with pytest.raises(NoFreeVisit):
        await take_back(back)
    assert (await desk.card_of())["free_visits"] == 0


async def test_a_reward_that_expired_stays_so_and_nothing_is_owed(desk: Desk) -> None:
    for ago in (300, 290, 280):
        await desk.come(ago)
    fourth = await desk.come(270)
    await night(means(), desk.client, TODAY)
    await take_back(fourth)
    card = await desk.card_of()
    assert (card["stamps"], card["free_visits"]) == (0, 0)


def counting(**counter: int) -> Programme:
    return Programme(Counter(**counter))


async def test_what_had_expired_of_a_visit_taken_back_is_not_revived_by_a_late_one(opening: Opening) -> None:
    desk = await opening(counting(stamps_required=2, stamp_valid_days=30))
    gone = await desk.come(60)
    await night(means(), desk.client, TODAY)
    await take_back(gone)
    await desk.come(40)
    assert await db.fetchval("SELECT count(*) FROM loyalty_entry WHERE unit = 'free_visit'") == 0
    assert [one.delta for one in await lines(desk.client, Unit.STAMP)] == [-1, 1, -1, 1]  # nothing of what was voided


async def test_nor_is_a_free_visit_that_had_expired(opening: Opening) -> None:
    desk = await opening(counting(stamps_required=1, reward_valid_days=30))
    gone = await desk.come(60)
    await night(means(), desk.client, TODAY)
    back = await take_back(gone)
    assert await problems(desk.come(40, due=0, free=True)) == {"free": "problem.no_free_visit"}
    await take_back(back)
    assert await db.fetchval("SELECT count(*) FROM loyalty_entry WHERE verb = 'earn' AND unit = 'stamp'") == 1
    await desk.come(40, due=0, free=True)


async def test_a_free_visit_of_a_date_so_far_back_that_it_has_ended_takes_no_stamp_with_it_when_undone(
    opening: Opening,
) -> None:
    desk = await opening(counting(stamps_required=2, stamp_valid_days=60, reward_valid_days=40))
    await desk.come(48)
    await night(means(), desk.client, TODAY)
    before = await desk.card_of()
    late = await desk.come(60)
    assert told(late) == ["stamp", "free_over"]
    await take_back(late)
    assert await desk.card_of() == before


@pytest.mark.parametrize("refunded", [False, True], ids=["taken back", "refunded"])
async def test_the_stamp_that_paid_for_another_one_comes_back_with_it(opening: Opening, refunded: bool) -> None:
    desk = await opening(counting(stamps_required=2, stamp_valid_days=60, reward_valid_days=0))
    first = await desk.come(100)
    await desk.come(95)
    await desk.come(90, due=0, free=True)
    await desk.come()
    before = await desk.card_of()
    back = await (desk.refund(first.result["visit"], USUAL) if refunded else take_back(first))
    assert (await desk.card_of())["stamps"] == before["stamps"] - 1
    await take_back(back)
    assert await desk.card_of() == before


async def test_done_again_beside_a_late_visit_it_makes_no_free_visit_of_stamps_that_have_ended(
    opening: Opening,
) -> None:
    desk = await opening(counting(stamps_required=4, stamp_valid_days=60))
    last = [await desk.come(ago) for ago in (150, 140, 130)][-1]
    await night(means(), desk.client, TODAY)
    back = await take_back(last)
    await desk.come(120)
    await take_back(back)
    assert await db.fetchval("SELECT count(*) FROM loyalty_entry WHERE unit = 'free_visit'") == 0


async def test_undone_and_done_again_it_brings_no_more_than_before(opening: Opening) -> None:
    desk = await opening(counting(stamps_required=4, stamp_valid_days=60))
    fourth = [await desk.come(ago) for ago in (70, 40, 30, 20)][-1]
    since = await desk.come(15)
    await take_back(fourth)
    before = await desk.card_of()
    assert (before["stamps"], before["free_visits"]) == (3, 0)
    await take_back(await take_back(since))
    assert await desk.card_of() == before


async def test_a_free_visit_done_again_is_of_its_own_date(desk: Desk) -> None:
    for ago in (40, 30, 20, 10):
        await desk.come(ago)
    await take_back(await take_back(await desk.come(5, due=0, free=True)))
    dates = await db.fetch("SELECT \"on\" FROM loyalty_entry WHERE verb = 'redeem' ORDER BY id")
    assert [row["on"] for row in dates] == [TODAY - 5 * DAY] * 2


async def test_a_stamp_of_a_date_so_far_back_that_it_has_ended_is_told_as_such(opening: Opening) -> None:
    desk = await opening(counting(stamp_valid_days=30))
    await desk.come()
    assert told(await desk.come(60)) == ["stamp_over"]


async def test_undone_and_done_again_under_other_rules_it_makes_no_free_visit_by_the_old_ones(opening: Opening) -> None:
    desk = await opening(counting(stamps_required=2))
    await publish(counting(stamps_required=4), TODAY - 10 * DAY, NOW - 15 * DAY)
    done = await desk.come(20)
    await desk.come()
    before = await desk.card_of()
    await take_back(await take_back(done))
    assert await desk.card_of() == before
    await take_back(await desk.refund(done.result["visit"], USUAL))
    assert await desk.card_of() == before
    await desk.come(30)
    assert (await desk.card_of())["free_visits"] == 1  # two stamps by then: the old rules were in force


async def test_the_tier_and_the_warning_from_before_come_back(desk: Desk) -> None:
    for ago in (40, 30, 20):
        await desk.come(ago)
    done = await desk.come()
    assert (await desk.card_of())["tier"] == "silver"
    await take_back(done)
    assert (await desk.card_of())["tier"] == "base"


async def test_other_visits_justify_the_tier_and_keep_their_prices(desk: Desk) -> None:
    visits = [await desk.come(ago) for ago in (40, 30, 20, 10)]
    later = await desk.come(5, due=190_000)
    await take_back(visits[3])
    assert (await desk.card_of())["tier"] == "base"  # four visits, but one of them cost less
    assert await db.fetchval("SELECT due FROM visit WHERE id = $1", later.result["visit"]) == 190_000
    await desk.come(4)  # at the price of its own date, on which it is known now that they were not silver
    assert (await desk.card_of())["tier"] == "silver"


@pytest.mark.parametrize("refunded", [False, True])
async def test_a_stamp_had_again_after_its_last_day_is_as_it_was_though_a_late_one_came_before_that(
    opening: Opening, refunded: bool
) -> None:
    desk = await opening(counting(stamps_required=2, stamp_valid_days=60, reward_valid_days=0))
    first, second = await desk.come(100), await desk.come(40)
    await night(means(), desk.client, TODAY)
    await desk.come(43)
    await take_back(second)
    before = await sums()
    gone = await desk.refund(first.result["visit"], USUAL) if refunded else await take_back(first)
    assert await sums() == {"stamp": 1, "visit": 1 + refunded, "spend": USUAL}
    await take_back(gone)
    assert await sums() == before


async def test_undoing_the_first_of_a_date_offers_the_stamp_to_the_other(desk: Desk) -> None:
    first = await desk.come()
    second = await desk.come()
    back = await take_back(first)
    assert told(back) == ["stamp_gone", "other_unstamped", "tier_less"]
    offered = next(one.params for one in back.effects if one.key == "effect.visit_other_unstamped")
    assert (offered["visit"], offered["zone"]) == (second.result["visit"], "Europe/Moscow")
    assert (await desk.card_of())["stamps"] == 0
    assert await sums() == {"visit": 1, "spend": USUAL}


async def test_a_visit_done_again_earns_no_second_stamp_of_its_date(desk: Desk) -> None:
    first = await desk.come()
    back = await take_back(first)
    await desk.come()
    again = await take_back(back)
    assert told(again) == ["tier_again"]
    assert (await desk.card_of())["stamps"] == 1
    await take_back(again)
    assert (await desk.card_of())["stamps"] == 1


async def test_what_was_received_or_refunded_since_is_undone_first(desk: Desk) -> None:
    done = await desk.come(paid=150_000)
    received = await desk.receive(done.result["visit"], 50_000)
    with pytest.raises(HasDependants) as refused:
        await take_back(done)
    assert [one[:2] for one in refused.value.operations] == [(received.operation_id, "visit.pay")]
    assert await offered([done.operation_id, received.operation_id]) == {received.operation_id}
    assert (await barred([done.operation_id]))[done.operation_id].later == [received.operation_id]
    await take_back(received)
    assert await offered([done.operation_id]) == {done.operation_id}
    await take_back(done)
    assert (await sums(), await in_the_tills()) == ({}, {})


async def test_later_visits_are_not_in_the_way(desk: Desk) -> None:
    first = await desk.come(10)
    await desk.come(5)
    assert await offered([first.operation_id]) == {first.operation_id}
    await take_back(first)
    assert await sums() == {"stamp": 1, "visit": 1, "spend": USUAL}


async def test_the_desk_takes_back_what_was_done_today_and_a_manager_anything(desk: Desk) -> None:
    done = await desk.come(who=ANNA)
    with pytest.raises(Forbidden):
        await take_back(done, ANNA, now=NOW + DAY)
    await take_back(done, VERA, now=NOW + DAY)


@pytest.mark.parametrize("zone", ["Asia/Kamchatka", "America/New_York"])
async def test_of_money_that_came_later_it_is_that_of_the_till_that_took_it(desk: Desk, zone: str) -> None:
    there = LocationId(await factories.location("Far away", zone=zone))
    midnight = clock.WallTime(TODAY + DAY, 0).bound(ZoneInfo(zone))
    visit = VisitId((await desk.come(who=ANNA, paid=USUAL - 20_000)).result["visit"])
    taken = partial(actions.pay, visit=visit, location=there, payments=(Paid(desk.cash, 10_000),))
    before, after = midnight - timedelta(minutes=1), midnight + timedelta(minutes=1)
    late, early = await taken(means(ANNA, before)), await taken(means(ANNA, after))
    with pytest.raises(Forbidden):
        await undo(means(ANNA, after), late.operation_id)
    await undo(means(ANNA, after + timedelta(hours=20)), early.operation_id)


@pytest.mark.parametrize("zone", ["Asia/Kamchatka", "America/New_York"])
async def test_today_is_that_of_the_location_where_it_was_done(desk: Desk, zone: str) -> None:
    there = LocationId(await factories.location("Far away", zone=zone))
    midnight = clock.WallTime(TODAY + DAY, 0).bound(ZoneInfo(zone))
    before = means(ANNA, midnight - timedelta(hours=2))
    done = await actions.finish(before, replace(desk.till(), location=there))
    with pytest.raises(Forbidden):
        await take_back(done, ANNA, now=midnight + timedelta(hours=1))
    await take_back(done, ANNA, now=midnight - timedelta(hours=1))


async def test_the_desk_takes_back_money_that_was_received_later_on_the_same_day_alone(desk: Desk) -> None:
    visit = (await desk.come(paid=USUAL // 2)).result["visit"]
    received = await desk.receive(visit, USUAL // 2)
    with pytest.raises(Forbidden):
        await take_back(received, ANNA, now=NOW + DAY)
    assert await sums() == {"stamp": 1, "visit": 1, "spend": USUAL}
    await take_back(received, ANNA)
    assert await sums() == {"stamp": 1, "visit": 1, "spend": USUAL // 2}


async def test_nobody_is_offered_what_they_may_not_take_back(desk: Desk) -> None:
    now = clock.now()
    old, new = await desk.come(now=now - 2 * DAY), await desk.come(now=now)
    both: list[int] = [old.operation_id, new.operation_id]
    assert await offered(both, ANNA.actor) == {new.operation_id}
    assert await offered(both, VERA.actor) == set(both)


async def test_money_goes_back_on_the_day_that_it_is_given_back(desk: Desk) -> None:
    done = await desk.come()
    await take_back(done, now=NOW + 3 * DAY)
    rows = await db.fetch("SELECT minor, at FROM payment ORDER BY id")
    assert [tuple(row) for row in rows] == [(USUAL, NOW), (-USUAL, NOW + 3 * DAY)]


async def test_a_booking_that_was_finished_anew_keeps_its_visit(desk: Desk) -> None:
    booking = await desk.yard.book(desk.yard.nina, NOW - timedelta(hours=1))
    back = await take_back(await desk.come(booking=booking))
    anew = await desk.come(booking=booking)
    with pytest.raises(HasDependants) as refused:
        await take_back(back)
    assert [one[:2] for one in refused.value.operations] == [(anew.operation_id, "visit.finish")]
    assert await db.fetchval("SELECT count(*) FROM visit WHERE retired_at IS NULL") == 1
    await take_back(anew)
    await take_back(back)
    assert await db.fetchval("SELECT status FROM booking") == "finished"


async def _stayed_away(booking: BookingId) -> Outcome[Any]:
    return await bookings.no_show(means(ANNA), booking)


async def _called_off(booking: BookingId) -> Outcome[Any]:
    return await bookings.cancel(means(ANNA), booking, CancelledBy.CLIENT)


async def _moved(booking: BookingId) -> Outcome[Any]:
    version = await db.fetchval("SELECT version FROM booking WHERE id = $1", booking)
    return await bookings.move(means(ANNA), Arrangement(booking, NOON), version)


@pytest.mark.parametrize("became", [_stayed_away, _called_off, _moved])
async def test_a_visit_is_not_done_again_over_what_its_booking_has_come_to_since(
    desk: Desk, became: Callable[[BookingId], Awaitable[Outcome[Any]]]
) -> None:
    booking = await desk.yard.book(desk.yard.nina, NOW - timedelta(hours=1))
    back = await take_back(await desk.come(booking=booking, who=ANNA), ANNA)
    assert await offered([back.operation_id]) == {back.operation_id}
    since = await became(booking)
    before = await db.fetch("SELECT status, starts_at FROM booking")
    assert await offered([back.operation_id]) == set()
    assert (await barred([back.operation_id]))[back.operation_id].later == [since.operation_id]
    with pytest.raises(HasDependants) as refused:
        await take_back(back, ANNA)
    assert [one[0] for one in refused.value.operations] == [since.operation_id]
    assert await db.fetch("SELECT status, starts_at FROM booking") == before
    assert (await sums(), await in_the_tills()) == ({}, {})
    await take_back(since, ANNA)
    await take_back(back, ANNA)
    assert await db.fetchval("SELECT status FROM booking") == "finished"


async def test_a_visit_is_not_done_again_once_the_arrival_that_it_came_from_was_undone(desk: Desk) -> None:
    booking = await desk.yard.book(desk.yard.nina, NOW - timedelta(hours=1))
    arrived = await bookings.arrive(means(ANNA), booking)
    back = await take_back(await desk.come(booking=booking))
    await take_back(arrived)
    with pytest.raises(HasDependants):
        await take_back(back)
    assert await db.fetchval("SELECT status FROM booking") == "booked"


async def test_the_desk_does_not_do_again_what_only_a_manager_may_date_so_far_back(desk: Desk) -> None:
    now = clock.now()
    far = await take_back(await desk.come(10, now=now), now=now)
    near = await take_back(await desk.come(1, now=now), now=now)
    both: list[int] = [far.operation_id, near.operation_id]
    assert await offered(both, ANNA.actor) == {near.operation_id}
    assert await offered(both, VERA.actor) == set(both)
    with pytest.raises(Forbidden):
        await take_back(far, ANNA, now=now)
    await take_back(near, ANNA, now=now)
    await take_back(far, VERA, now=now)


async def test_the_arrival_of_a_finished_booking_is_not_undone_before_the_visit(desk: Desk) -> None:
    booking = await desk.yard.book(desk.yard.nina, NOW - timedelta(hours=1))
    arrived = await bookings.arrive(means(ANNA), booking)
    done = await desk.come(booking=booking)
    with pytest.raises(HasDependants) as refused:
        await undo(means(), OperationId(arrived.operation_id))
    assert [one[0] for one in refused.value.operations] == [done.operation_id]


async def test_a_walk_in_of_nobody_we_know_is_taken_back_too(desk: Desk) -> None:
    done = await desk.come(client=None)
    await take_back(await take_back(await take_back(done)))
    assert await in_the_tills() == {}
    assert await count("payment") == 4


async def test_a_visit_of_before_the_last_nights_is_taken_back(desk: Desk) -> None:
    """Section 5: a visit finished after a later night used what was good on its date."""
    for ago in (400, 399, 398):
        await desk.come(ago)
    await night(means(), desk.client, TODAY)
    assert (await desk.card_of())["stamps"] == 0  # they have expired
    late = await desk.come(100)
    assert (await desk.card_of())["free_visits"] == 1
    await take_back(late)
    card = await desk.card_of()
    assert (card["stamps"], card["free_visits"]) == (0, 0)


async def test_what_a_line_cost_is_what_counts_when_it_is_done_again(desk: Desk) -> None:
    dear = replace(desk.clean, unit=3 * USUAL, reason=desk.why)
    back = await take_back(await desk.come(due=3 * USUAL, lines=[dear]))
    await db.execute("UPDATE price SET minor = 1")
    await take_back(back)
    assert await sums() == {"stamp": 1, "visit": 1, "spend": 3 * USUAL}


async def test_the_desk_does_not_take_back_what_only_a_manager_may_date_so_far_back(desk: Desk) -> None:
    now = clock.now()
    near, far = await desk.come(1, now=now), await desk.come(30, now=now)
    both: list[int] = [near.operation_id, far.operation_id]
    assert await offered(both, ANNA.actor) == {near.operation_id}
    assert await offered(both, VERA.actor) == set(both)
    with pytest.raises(Forbidden):
        await take_back(far, ANNA, now=now)
    await take_back(near, ANNA, now=now)
    assert await db.fetchval("SELECT count(*) FROM visit WHERE retired_at IS NOT NULL") == 1


async def test_who_has_come_for_a_visit_that_was_taken_back_alone_has_not_come(desk: Desk) -> None:
    async def came() -> bool:
        found = await cards.card(desk.client, NOW.date())
        assert found is not None
        return found.came

    done = await desk.come()
    assert await came()
    await take_back(done)
    assert not await came()
