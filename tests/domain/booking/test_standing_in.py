"""Somebody is ill: who could take each of their bookings, and all of it done in one go, with the time off."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from console.domain import db
from console.domain.booking import actions, checks, crews, standing_in
from console.domain.booking.arranging import Arrangement, Asked
from console.domain.errors import Forbidden, Invalid, Stale
from console.domain.ids import BookableId, ServiceId
from console.domain.roster import actions as roster
from console.domain.roster.actions import Away
from console.domain.roster.rules import TimeOffKind
from console.domain.undo import undo
from tests import factories
from tests.cast import ANNA, NOW, VERA
from tests.yard import NOON, Yard, intent, standing

DAY = date(2026, 5, 13)
HOUR = timedelta(hours=1)


async def doers() -> list[str]:
    rows = await db.fetch(
        "SELECT o.name FROM assignment a JOIN bookable o ON o.id = a.bookable JOIN booking_item i ON i.id = a.item"
        " WHERE a.retired_at IS NULL ORDER BY i.starts_at, o.name"
    )
    return [row["name"].split()[0] for row in rows]


async def healthy() -> None:
    for check in checks.CHECKS:
        assert await check() == []


async def test_it_says_who_is_free_at_the_time_of_each_booking(yard: Yard) -> None:
    first, second = await yard.book(yard.nina), await yard.book(yard.nina, NOON + 2 * HOUR)
    await yard.book(yard.olga, NOON + 2 * HOUR)
    await yard.book(yard.nina, NOON + timedelta(days=1))
    found = await standing_in.orphans(yard.nina, DAY, NOW)
    assert [one.id for one in found] == [first, second]
    assert [chance.who for chance in found[0].at_its_time] == [yard.olga]
    assert found[1].at_its_time == ()
    assert [chance.who for chance in found[1].later] == [yard.olga] * 3
    assert NOON + HOUR in [chance.starts_at for chance in found[1].later]
    assert [one.proposed and one.proposed.who for one in found] == [yard.olga, None]


async def test_other_times_are_offered_by_people_who_take_turns(yard: Yard) -> None:
    pavel = BookableId(await factories.bookable("Pavel Lis", position=5))
    await factories.schedule(pavel, yard.location)
    await factories.skill(pavel, yard.service)
    await yard.book(yard.nina)
    for who in (yard.olga, pavel):
        await yard.book(who)
    [one] = await standing_in.orphans(yard.nina, DAY, NOW)
    assert one.at_its_time == ()
    assert [chance.starts_at for chance in one.later] == [NOON - 1.5 * HOUR, NOON - HOUR, NOON + HOUR]
    assert {chance.who for chance in one.later} == {yard.olga, pavel}


async def test_whoever_has_the_least_to_do_comes_first(yard: Yard) -> None:
    pavel = BookableId(await factories.bookable("Pavel Lis", position=5))
    await factories.schedule(pavel, yard.location)
    await factories.skill(pavel, yard.service)
    await yard.book(yard.olga, NOON - 2 * HOUR)
    await yard.book(yard.nina)
    for at in (1, 2):
        await yard.book(yard.nina, NOON + at * HOUR)
    found = await standing_in.orphans(yard.nina, DAY, NOW)
    assert [chance.who for chance in found[0].at_its_time] == [pavel, yard.olga]
    assert [one.proposed and one.proposed.who for one in found] == [pavel, yard.olga, pavel]


async def test_all_goes_in_one_step_with_the_time_off_and_comes_back_in_one(yard: Yard) -> None:
    bookings = [await yard.book(yard.nina), await yard.book(yard.nina, NOON + HOUR)]
    to_olga = tuple(
        Arrangement(booking, NOON + at * HOUR, ((yard.nina, yard.olga),)) for at, booking in enumerate(bookings)
    )
    done = await standing_in.stand_in(intent(), yard.nina, DAY, to_olga, True)
    assert await doers() == ["Olga", "Olga"]
    row = await db.fetchrow("SELECT bookable, kind, first, last FROM time_off WHERE retired_at IS NULL")
    assert row is not None
    assert tuple(row) == (yard.nina, "sick", DAY, DAY)
    assert [(one.key, one.params) for one in done.effects] == [
        ("effect.reassigned", {"count": 2}),
        ("done.stood_in", {"count": 2, "doers": [yard.olga]}),
        ("effect.off_sick", {}),
        ("done.off_sick", {"doers": [yard.nina]}),
    ]
    await healthy()
    await undo(intent(), done.operation_id)
    assert await doers() == ["Nina", "Nina"]
    assert await db.fetchval("SELECT count(*) FROM time_off WHERE retired_at IS NULL") == 0
    await healthy()


async def test_who_is_taken_takes_nothing_and_nothing_is_done(yard: Yard) -> None:
    booking = await yard.book(yard.nina)
    await yard.book(yard.olga)
    arrangement = Arrangement(booking, NOON, ((yard.nina, yard.olga),))
    with pytest.raises(Invalid):
        await standing_in.stand_in(intent(), yard.nina, DAY, (arrangement,), True)
    assert await db.fetchval("SELECT count(*) FROM time_off") == 0


async def test_only_bookings_of_theirs_that_day_are_given_to_others_on_that_day_and_not_into_the_past(
    yard: Yard,
) -> None:
    """All else is refused with the booking named, and nothing moves."""
    evening = replace(intent(), now=NOON + 3 * HOUR)
    pavel = BookableId(await factories.bookable("Pavel Lis", position=5))
    await factories.schedule(pavel, yard.location)
    await factories.skill(pavel, yard.service)
    own = await yard.book(yard.nina, NOON + 5 * HOUR)
    of_olga = await yard.book(yard.olga)
    tomorrow = await yard.book(yard.nina, NOON + timedelta(days=1))
    before = await standing()
    to_pavel = ((yard.nina, pavel),)
    for wrong, why in (
        (Arrangement(of_olga, NOON, to_pavel), "problem.choice"),
        (Arrangement(of_olga, NOON, ((yard.olga, pavel),)), "problem.choice"),
        (Arrangement(tomorrow, NOON + timedelta(days=1), to_pavel), "problem.choice"),
        (Arrangement(own, NOON + 5 * HOUR, ((yard.olga, pavel),)), "problem.choice"),
        (Arrangement(own, NOON + 5 * HOUR, ((yard.nina, yard.nina),)), "problem.choice"),
        (Arrangement(own, NOON + 5 * HOUR), "problem.choice"),
        (Arrangement(own, NOON + timedelta(days=2), to_pavel), "problem.choice"),
        (Arrangement(own, NOON + timedelta(days=400_000), to_pavel), "problem.choice"),
        (Arrangement(own, NOON + HOUR, to_pavel), "problem.time_over"),
    ):
        with pytest.raises(Invalid) as refused:
            await standing_in.stand_in(replace(evening, id=intent().id), yard.nina, DAY, (wrong,), True)
        assert {booking: one.key for booking, one in refused.value.by_entity.items()} == {wrong.booking: why}
    assert await standing() == before
    assert await db.fetchval("SELECT count(*) FROM time_off") == 0
    right = Arrangement(own, NOON + 4 * HOUR, to_pavel)
    await standing_in.stand_in(evening, yard.nina, DAY, (right,), True)
    assert (NOON + 4 * HOUR, "Pavel") in await standing()


async def test_who_is_off_already_is_not_noted_twice(yard: Yard) -> None:
    for _ in range(2):
        await standing_in.stand_in(intent(), yard.nina, DAY, (), True)
    assert await db.fetchval("SELECT count(*) FROM time_off") == 1
    with pytest.raises(Invalid):
        await standing_in.stand_in(intent(), yard.nina, DAY, (), False)


async def test_hours_off_of_a_day_of_illness_become_part_of_it_and_come_back_with_an_undo(yard: Yard) -> None:
    eve = DAY - timedelta(days=1)
    for on, hours in ((DAY, (540, 600)), (DAY, (1380, 1500)), (eve, (1320, 1560))):
        await roster.add_time_off(intent(VERA), yard.nina, Away(TimeOffKind.OTHER, on, on, hours))
    before = await off()
    done = await standing_in.stand_in(intent(), yard.nina, DAY, (), True)
    assert await off() == [(eve, 1320, 1440), (DAY, 1440, 1500), (DAY, None, None)]
    await healthy()
    await undo(intent(), done.operation_id)
    assert await off() == before
    await healthy()


async def off() -> list[tuple[Any, ...]]:
    rows = await db.fetch(
        "SELECT first, from_minute, to_minute FROM time_off WHERE retired_at IS NULL ORDER BY first, from_minute"
    )
    return [tuple(row) for row in rows]


async def test_noting_that_somebody_is_ill_takes_the_permission_for_time_off(yard: Yard) -> None:
    fewer = replace(ANNA.actor, permissions=ANNA.actor.permissions - {"time_off:change"})
    with pytest.raises(Forbidden):
        await standing_in.stand_in(replace(intent(), actor=fewer), yard.nina, DAY, (), True)


async def test_what_a_crew_does_is_shown_with_the_crew(yard: Yard) -> None:
    north = BookableId(await factories.bookable("Crew North", kind="crew", position=9))
    await factories.schedule(north, yard.location)
    await factories.skill(north, yard.service)
    await crews.set_members(intent(VERA), north, DAY, (yard.nina, yard.olga))
    await yard.book(north)
    [one] = await standing_in.orphans(yard.nina, DAY, NOW)
    assert (one.crew, one.at_its_time, one.later) == (north, (), ())
    await crews.substitute(intent(VERA), north, DAY, (yard.olga,))
    assert await standing_in.orphans(yard.nina, DAY, NOW) == []


async def test_what_is_proposed_fits_together_and_other_times_are_free_beside_it(yard: Yard) -> None:
    """Olga needs an hour and a half for what Nina does in one, so she cannot take both at their times."""
    await db.execute("UPDATE skill SET minutes = 90 WHERE bookable = $1", yard.olga)
    booked = [await yard.book(yard.nina, NOON + at * HOUR) for at in range(3)]
    first, second, third = await standing_in.orphans(yard.nina, DAY, NOW)
    assert [one.proposed and one.proposed.starts_at for one in (first, second, third)] == [NOON, None, NOON + 2 * HOUR]
    assert [(chance.who, chance.given) for chance in second.at_its_time] == [(yard.olga, True)]
    assert [chance.starts_at for chance in second.later] == [NOON - 2 * HOUR, NOON - 1.5 * HOUR, NOON + 3.5 * HOUR]
    given = tuple(
        Arrangement(one, chance.starts_at, ((yard.nina, yard.olga),))
        for one, chance in zip(booked, (first.proposed, second.later[1], third.proposed), strict=True)
        if chance
    )
    await standing_in.stand_in(intent(), yard.nina, DAY, given, True)
    assert {who for _, who in await standing()} == {"Olga"}
    await healthy()


async def test_of_two_who_work_together_only_one_is_replaced(yard: Yard) -> None:
    pair = await factories.service("PAIR", people=2)
    people = [yard.nina, yard.olga, BookableId(await factories.bookable("Pavel Lis", position=5))]
    await factories.schedule(people[2], yard.location)
    for who in people:
        await factories.skill(who, pair)
    await actions.book(intent(), Asked(yard.client, yard.location, (ServiceId(pair),), yard.nina), NOON)
    [one] = await standing_in.orphans(yard.nina, DAY, NOW)
    [chance] = one.at_its_time
    left = {yard.olga, people[2]} - set(one.others)
    assert {chance.who} == left
    arrangement = Arrangement(one.id, NOON, ((yard.nina, chance.who),))
    await standing_in.stand_in(intent(), yard.nina, DAY, (arrangement,), False)
    assert await doers() == ["Olga", "Pavel"]


async def test_a_booking_that_was_changed_since_it_was_looked_at_is_given_to_nobody(yard: Yard) -> None:
    first, second = await yard.book(yard.nina), await yard.book(yard.nina, NOON + 2 * HOUR)
    given = tuple(
        Arrangement(one, NOON + at * HOUR, ((yard.nina, yard.olga),)) for one, at in ((first, 0), (second, 2))
    )
    await actions.move(intent(), Arrangement(second, NOON + 4 * HOUR), 1)
    seen = {first: 1, second: 1}
    with pytest.raises(Stale):
        await standing_in.stand_in(intent(), yard.nina, DAY, given, True, seen)
    assert await standing() == [(NOON, "Nina"), (NOON + 4 * HOUR, "Nina")]
    await standing_in.stand_in(intent(), yard.nina, DAY, given, False, {first: 1, second: 2})
    assert await standing() == [(NOON, "Olga"), (NOON + 2 * HOUR, "Olga")]
