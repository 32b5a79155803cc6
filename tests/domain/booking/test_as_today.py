"""An undo brings a booking back only where a desk could put it today, and says why it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from console.domain import db
from console.domain.booking import actions, crews, former, series_moves
from console.domain.booking.arranging import Arrangement
from console.domain.booking.as_today import NotToday
from console.domain.booking.rules import CancelledBy, Source
from console.domain.booking.series_moves import Scope, Shift
from console.domain.booking.undoing import undo_elsewhere
from console.domain.catalogue import actions as catalogue
from console.domain.clients import contacts
from console.domain.errors import Invalid, Problem
from console.domain.ids import BookableId, BookingId, SiteId
from console.domain.intent import Outcome
from console.domain.roster import actions as roster
from console.domain.roster.actions import Away
from console.domain.roster.rules import TimeOffKind
from console.domain.undo import undo
from tests import factories
from tests.cast import NOW, VERA
from tests.yard import HOUR, NOON, WEDNESDAY, WEEK, Yard, done_by, intent, stands

DAY = timedelta(days=1)


async def refused(done: Outcome[Any], field: str = "starts", **said: Any) -> str:
    with pytest.raises(Invalid) as found:
        await undo(replace(intent(VERA), **said), done.operation_id)
    assert found.value.problems.keys() == {field}
    return found.value.problems[field].key


async def free_on_wednesdays(yard: Yard) -> None:
    """Nina works no Wednesdays any more."""
    hours: Any = [((540, 1080),)] * 5 + [()] * 2
    hours[2] = ()
    await roster.set_hours(intent(VERA), yard.nina, yard.location, WEDNESDAY, tuple(hours))


async def cancelled(yard: Yard) -> tuple[BookingId, Outcome[Any]]:
    booking = await yard.book(yard.nina)
    return booking, await actions.cancel(intent(), booking, CancelledBy.CLIENT)


async def moved(yard: Yard) -> tuple[BookingId, Outcome[Any]]:
    booking = await yard.book(yard.nina)
    return booking, await actions.move(intent(), Arrangement(booking, NOON + DAY), 1)


async def given(yard: Yard) -> tuple[BookingId, Outcome[Any]]:
    booking = await yard.book(yard.nina)
    return booking, await actions.move(intent(), Arrangement(booking, NOON, ((yard.nina, yard.olga),)), 1)


async def taken_back(yard: Yard) -> tuple[BookingId, Outcome[Any]]:
    booked = await actions.book(intent(), yard.asked(yard.nina), NOON)
    return BookingId(booked.result["booking"]), await undo(intent(), booked.operation_id)


@pytest.mark.parametrize("how", [cancelled, moved, given, taken_back])
async def test_nothing_comes_back_to_a_day_on_which_whoever_did_it_works_no_more(yard: Yard, how: Any) -> None:
    booking, done = await how(yard)
    before = await stands(booking), await done_by(booking)
    await free_on_wednesdays(yard)
    assert await refused(done) == "problem.outside_hours_of"
    assert (await stands(booking), await done_by(booking)) == before
    assert await db.fetchval("SELECT key FROM refusal ORDER BY id DESC LIMIT 1") == "refused.not_today"


@pytest.mark.parametrize("how", [cancelled, moved, given, taken_back])
async def test_what_is_over_comes_back_as_it_was(yard: Yard, how: Any) -> None:
    booking, done = await how(yard)
    await free_on_wednesdays(yard)
    await undo(replace(intent(VERA), now=NOON + 2 * DAY), done.operation_id)
    assert (await stands(booking), await done_by(booking)) == ((NOON, "booked"), [yard.nina])


async def test_an_overbooked_one_comes_back_outside_hours_to_whoever_may_put_it_there(yard: Yard, over: Any) -> None:
    early = NOON - 6 * HOUR
    booked = await actions.book(intent(VERA), yard.asked(yard.nina), early, over)
    done = await actions.cancel(intent(), BookingId(booked.result["booking"]), CancelledBy.CLIENT)
    await undo(intent(VERA), done.operation_id)
    assert await stands(booked.result["booking"]) == (early, "booked")


@pytest.mark.parametrize("how", [given, taken_back])
async def test_nothing_is_given_back_to_somebody_who_does_that_service_no_more(yard: Yard, how: Any) -> None:
    booking, done = await how(yard)
    doing = await done_by(booking)
    await catalogue.take_skill(intent(VERA), yard.nina, yard.service)
    assert await refused(done) == "problem.cannot_do_of"
    assert await done_by(booking) == doing


@pytest.mark.parametrize("how", [cancelled, moved])
async def test_whoever_does_a_booking_goes_on_with_it_wherever_it_comes_back(yard: Yard, how: Any) -> None:
    booking, done = await how(yard)
    await catalogue.take_skill(intent(VERA), yard.nina, yard.service)
    await undo(intent(), done.operation_id)
    assert (await stands(booking), await done_by(booking)) == ((NOON, "booked"), [yard.nina])


async def test_no_service_comes_back_that_is_not_offered_any_more(yard: Yard) -> None:
    _, done = await taken_back(yard)
    await catalogue.retire_service(intent(VERA), yard.service)
    assert await refused(done) == "problem.service_off"


async def test_nothing_comes_back_to_a_site_that_was_removed(yard: Yard) -> None:
    site = SiteId(
        (await contacts.add_site(intent(), yard.client, contacts.AboutSite("Lenina 5"))).result["client_site"]
    )
    booking = await yard.book(yard.nina, site=site)
    changed = await actions.change(intent(), booking, 1, Source.PHONE, None, None)
    await contacts.remove_site(intent(), site)
    assert await refused(changed, "site") == "problem.site_gone"
    assert await db.fetchval("SELECT site FROM booking") is None


async def test_what_stays_at_its_site_comes_back_with_it(yard: Yard) -> None:
    site = SiteId(await factories.site(yard.client))
    booking = await yard.book(yard.nina, site=site)
    done = await actions.cancel(intent(), booking, CancelledBy.CLIENT)
    await contacts.remove_site(intent(), site)
    await undo(intent(), done.operation_id)
    assert await stands(booking) == (NOON, "booked")


async def test_a_crews_list_of_days_that_are_past_stays_as_it_was(yard: Yard) -> None:
    north = BookableId(await factories.bookable("Crew North", kind="crew", position=9))
    await crews.set_members(intent(VERA), north, WEDNESDAY, (yard.nina,))
    second = await crews.set_members(intent(VERA), north, WEDNESDAY, (yard.olga,))
    assert await refused(second, "valid_from", now=NOON + DAY) == "problem.crew_past"
    assert await db.fetchval("SELECT crew_on($1, $2)", north, WEDNESDAY) == [yard.olga]
    await undo(intent(VERA), second.operation_id)
    assert await db.fetchval("SELECT crew_on($1, $2)", north, WEDNESDAY) == [yard.nina]


async def test_a_crew_comes_back_only_while_all_who_are_in_it_work(yard: Yard) -> None:
    north = BookableId(await factories.bookable("Crew North", kind="crew", position=9))
    await factories.schedule(north, yard.location)
    await factories.skill(north, yard.service)
    await crews.set_members(intent(VERA), north, WEDNESDAY, (yard.nina, yard.olga))
    done = await actions.cancel(intent(), await yard.book(north), CancelledBy.CLIENT)
    await free_on_wednesdays(yard)
    assert await refused(done) == "problem.outside_hours_of"


async def test_time_off_is_in_the_way_but_where_the_bookings_at_hand_lie_already(yard: Yard) -> None:
    booking = await yard.book(yard.nina)
    longer = await actions.move(intent(), Arrangement(booking, NOON, minutes=120), 1)
    shifted = await actions.move(intent(), Arrangement(booking, NOON + HOUR / 2), 2)
    off = Away(TimeOffKind.OTHER, WEDNESDAY, WEDNESDAY, (13 * 60, 14 * 60))
    await roster.add_time_off(intent(VERA), yard.nina, off)
    await undo(intent(), shifted.operation_id)
    short = await undo(intent(), longer.operation_id)
    assert (await stands(booking))[0] == NOON
    assert await refused(short) == "problem.place_taken"


async def test_what_works_no_more_comes_back_to_another_time(yard: Yard) -> None:
    await yard.weekly(2)
    first = BookingId(await db.fetchval("SELECT min(id) FROM booking"))
    done = await series_moves.move(intent(), first, Scope.ALL, Shift(days=1))
    await free_on_wednesdays(yard)
    with pytest.raises(NotToday):
        await undo(intent(), done.operation_id)
    other = BookingId(await db.fetchval("SELECT max(id) FROM booking"))
    with pytest.raises(Invalid) as unsaid:
        await undo_elsewhere(intent(), done.operation_id, ((first, NOON + 2 * DAY),))
    assert unsaid.value.by_entity == {other: Problem("problem.choose")}
    await undo_elsewhere(intent(), done.operation_id, ((first, NOON + 2 * DAY), (other, None)))
    assert [(await stands(one))[0] for one in (first, other)] == [NOON + 2 * DAY, NOON + WEEK + DAY]


async def test_nothing_comes_back_to_a_time_that_is_over(yard: Yard) -> None:
    await yard.weekly(2)
    first = BookingId(await db.fetchval("SELECT min(id) FROM booking"))
    done = await series_moves.move(intent(), first, Scope.ALL, Shift(days=1))
    with pytest.raises(Invalid) as refused:
        await undo_elsewhere(intent(), done.operation_id, ((first, NOON - 2 * DAY),))
    assert refused.value.problems == {"starts": Problem("problem.time_over")}
    assert (await stands(first))[0] == NOON + DAY


async def test_what_whoever_did_it_cannot_do_any_more_comes_to_another_time_with_whoever_does_it_now(
    yard: Yard,
) -> None:
    await yard.weekly(2)
    first = BookingId(await db.fetchval("SELECT min(id) FROM booking"))
    shift = Shift(days=1, instead=((yard.nina, yard.olga),))
    done = await series_moves.move(intent(), first, Scope.ALL, shift)
    await catalogue.take_skill(intent(VERA), yard.nina, yard.service)
    with pytest.raises(NotToday):
        await undo(intent(), done.operation_id)
    backs = await former.backs(done.operation_id, NOW, 3)
    assert [one.problem and one.problem.key for one in backs] == ["problem.cannot_do"] * 2
    assert {part.bookables for place in backs[0].places for part in place.parts} == {(yard.olga,)}
    assert [place.starts_at - NOON for place in backs[0].places] == [-HOUR / 2, HOUR * 0, HOUR / 2]
    chosen = tuple((one.former.booking, one.places[1].starts_at) for one in backs)
    await undo_elsewhere(intent(), done.operation_id, chosen)
    assert [((await stands(one))[0], await done_by(one)) for one, _ in chosen] == [
        (NOON + number * WEEK, [yard.olga]) for number in range(2)
    ]
