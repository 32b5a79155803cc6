"""What only the live programme knows of (loyalty rules, section 2, live only), and a new version (section 5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from console.domain import db
from console.domain.booking import actions as bookings
from console.domain.booking.arranging import Arrangement
from console.domain.booking.rules import CancelledBy
from console.domain.clock import WallTime
from console.domain.ids import BookingId, ClientId
from console.domain.intent import TERMINAL, Intent
from console.domain.loyalty import actions, queries
from console.domain.loyalty.presets import both
from console.domain.loyalty.rules.programme import Programme
from tests import yard as yards
from tests.domain.loyalty.test_accounts import USUAL, client, come, day, kept, ladder, take_back
from tests.yard import Yard
from workers.night import do_due

__all__ = ["client"]

WARNED = day(9)
DROPS = WARNED + timedelta(14)


@pytest.fixture
async def yard(client: ClientId) -> Yard:
    """The client holds a tier that is not kept any more from the night of `WARNED` on."""
    for visit in range(1, 5):
        await come(client, visit, day(191 - visit))
    return replace(await yards.yard(hours=yards.ALWAYS), client=client)


def at(on: date, hour: int) -> datetime:
    return WallTime(on, hour * 60).bound(ZoneInfo("Europe/Moscow"))


def mean(on: date, hour: int = 12) -> Intent:
    return Intent(uuid4(), TERMINAL, at(on, hour))


async def book(yard: Yard, on: date, made_on: date, hour: int = 12) -> BookingId:
    booked = await bookings.book(mean(made_on, hour), yard.asked(yard.nina), at(on, 12))
    return BookingId(booked.result["booking"])


async def nights(*dates: date) -> None:
    for on in dates:
        await do_due(at(on, 4))


async def events(yard: Yard) -> list[tuple[str, date]]:
    """What happened on the ladder since the tier was reached."""
    return [(event, on) for event, on, _ in await ladder(yard.client)][1:]


def after(days: int) -> date:
    """Days after the one on which the drop is due."""
    return DROPS + timedelta(days)


async def test_without_a_booking_the_drop_comes_when_it_is_due(yard: Yard) -> None:
    await nights(WARNED, after(-1), DROPS)
    assert await events(yard) == [("warned", WARNED), ("dropped", DROPS)]


async def test_a_drop_waits_for_a_booking_made_before_it_and_comes_the_night_after_its_date(yard: Yard) -> None:
    await nights(WARNED)
    await book(yard, on=after(8), made_on=after(-1))
    await nights(DROPS, after(1), after(8))
    assert await events(yard) == [("warned", WARNED)]
    await nights(after(9))
    assert await events(yard) == [("warned", WARNED), ("dropped", after(9))]


async def test_a_drop_waits_for_no_booking_that_is_called_off(yard: Yard) -> None:
    await nights(WARNED)
    booked = await book(yard, on=after(8), made_on=after(-1))
    await nights(DROPS, after(1), after(2))
    await bookings.cancel(mean(after(2)), booked, CancelledBy.CLIENT)
    await nights(after(3))
    assert await events(yard) == [("warned", WARNED), ("dropped", after(3))]


@pytest.mark.parametrize(("on", "made_on"), [(8, 0), (15, -1)], ids=["made too late", "dated too late"])
async def test_a_drop_waits_for_no_booking_that_is(yard: Yard, on: int, made_on: int) -> None:
    await nights(WARNED)
    await book(yard, on=after(on), made_on=after(made_on), hour=2)
    await nights(DROPS)
    assert await events(yard) == [("warned", WARNED), ("dropped", DROPS)]


async def test_a_drop_waits_for_a_booking_on_the_last_day_of_the_hold(yard: Yard) -> None:
    await nights(WARNED)
    await book(yard, on=after(14), made_on=after(-1))
    await nights(DROPS, after(14), after(15))
    assert await events(yard) == [("warned", WARNED), ("dropped", after(15))]


async def test_a_visit_during_the_hold_that_keeps_the_tier_closes_the_warning(yard: Yard) -> None:
    await nights(WARNED)
    await book(yard, on=after(8), made_on=after(-1))
    await nights(DROPS)
    for visit in range(11, 15):
        await come(yard.client, visit, after(8))
    await nights(after(9))
    assert await events(yard) == [("warned", WARNED), ("closed", after(8))]


async def test_what_we_called_off_stretches_the_window_by_thirty_days_at_most(yard: Yard) -> None:
    ours = await book(yard, on=day(60), made_on=day(70))
    await bookings.cancel(mean(day(61)), ours, CancelledBy.US)
    later = WARNED + timedelta(30)
    await nights(WARNED, later - timedelta(1))
    assert await events(yard) == []
    await nights(later)
    assert await events(yard) == [("warned", later)]


async def test_it_stretches_the_window_no_further_than_to_the_next_visit(yard: Yard) -> None:
    ours = await book(yard, on=day(60), made_on=day(70))
    await bookings.cancel(mean(day(61)), ours, CancelledBy.US)
    await come(yard.client, 11, day(50), 0)  # too little to keep the tier
    await come(yard.client, 12, day(50), 1)
    later = WARNED + timedelta(10)
    await nights(WARNED, later - timedelta(1), later)
    assert await events(yard) == [("warned", later)]


async def test_a_free_visit_ends_that_like_any_other(yard: Yard) -> None:
    ours = await book(yard, on=day(60), made_on=day(70))
    await bookings.cancel(mean(day(61)), ours, CancelledBy.US)
    await come(yard.client, 11, day(50), free=True)
    later = WARNED + timedelta(10)
    await nights(WARNED, later - timedelta(1), later)
    assert await events(yard) == [("warned", later)]


async def test_what_came_back_and_the_client_called_off_in_the_end_stretches_nothing(yard: Yard) -> None:
    booked = await book(yard, on=day(60), made_on=day(70))
    await bookings.cancel(mean(day(65)), booked, CancelledBy.US)
    version = await db.fetchval("SELECT version FROM booking WHERE id = $1", booked)
    await bookings.bring_back(mean(day(64)), Arrangement(booked, at(day(60), 12)), version)
    await bookings.cancel(mean(day(63)), booked, CancelledBy.CLIENT)
    await nights(WARNED)
    assert await events(yard) == [("warned", WARNED)]


async def test_a_visit_whose_own_operation_did_the_night_is_taken_back_to_what_that_night_left(yard: Yard) -> None:
    await nights(WARNED)
    operation = await come(yard.client, 11, DROPS)
    assert await events(yard) == [("warned", WARNED), ("dropped", DROPS)]
    await take_back(yard.client, 11, DROPS, operation)
    found = await kept(yard.client)
    assert (found["tier"], found["drops_on"]) == ("base", None)


async def test_what_the_client_called_off_stretches_nothing(yard: Yard) -> None:
    theirs = await book(yard, on=day(60), made_on=day(70))
    await bookings.cancel(mean(day(61)), theirs, CancelledBy.CLIENT)
    await nights(WARNED)
    assert await events(yard) == [("warned", WARNED)]


async def test_who_is_warned_late_has_full_grace_from_then(yard: Yard) -> None:
    late = WARNED + timedelta(5)
    await nights(late, DROPS, after(4))
    assert await events(yard) == [("warned", WARNED)]
    assert (await kept(yard.client))["drops_on"] == after(5)
    await nights(after(5))
    assert await events(yard) == [("warned", WARNED), ("dropped", after(5))]


async def publish(programme: Programme, begins: date, published: date) -> None:
    """Another version, from a date on."""
    await actions.start_draft(mean(published), programme)
    draft = await queries.draft()
    assert draft is not None
    await actions.publish(mean(published), draft.id, draft.version, begins)


async def test_a_tier_that_a_new_version_has_no_more_becomes_the_next_lower_in_its_first_night(yard: Yard) -> None:
    tiers = both(USUAL).tiers
    assert tiers is not None
    begins = day(20)
    await publish(
        replace(both(USUAL), tiers=replace(tiers, ladder=[tiers.ladder[0], tiers.ladder[2]])), begins, day(30)
    )
    await nights(begins - timedelta(1))
    assert await events(yard) == []
    await nights(begins)
    assert await events(yard) == [("rematched", begins)]
    assert (await kept(yard.client))["tier"] == "base"


async def test_a_tier_of_the_same_code_is_held_on_and_an_open_warning_gets_full_grace(yard: Yard) -> None:
    await nights(WARNED)
    begins = WARNED + timedelta(10)
    await publish(both(USUAL), begins, WARNED)
    await nights(begins, DROPS)
    assert await events(yard) == [("warned", WARNED), ("postponed", begins)]
    found = await kept(yard.client)
    assert (found["tier"], found["drops_on"]) == ("silver", begins + timedelta(14))


async def test_a_warning_is_closed_by_a_new_version_that_asks_less(yard: Yard) -> None:
    tiers = both(USUAL).tiers
    assert tiers is not None
    await nights(WARNED)
    base, silver, gold = tiers.ladder
    easier = replace(silver, keep=replace(silver.keep, visits=1, spend=0))
    await publish(replace(both(USUAL), tiers=replace(tiers, ladder=[base, easier, gold])), day(8), WARNED)
    await nights(day(8))
    assert (await events(yard))[-1] == ("closed", day(8))
    assert (await kept(yard.client))["drops_on"] is None


async def test_fewer_stamps_issue_free_visits_in_the_first_night_and_more_take_none_away(client: ClientId) -> None:
    counter = both(USUAL).counter
    assert counter is not None
    await yards.yard()
    for visit in range(1, 4):
        await come(client, visit, day(50 - visit))
    await publish(replace(both(USUAL), counter=replace(counter, stamps_required=3)), day(20), day(30))
    await publish(replace(both(USUAL), counter=replace(counter, stamps_required=9)), day(10), day(30))
    await nights(day(20))
    assert ((await kept(client))["stamps"], (await kept(client))["free_visits"]) == (0, 1)
    await nights(day(10))
    assert ((await kept(client))["stamps"], (await kept(client))["free_visits"]) == (0, 1)
