"""Crews: what they are booked for occupies whoever is in them that day."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from console.domain import db
from console.domain.booking import actions, checks, crews, presence, seeking
from console.domain.booking.actions import Asked
from console.domain.booking.arranging import Arrangement
from console.domain.booking.crews import MemberTaken
from console.domain.booking.occupancy import PlaceTaken
from console.domain.booking.question import Doing, Question
from console.domain.booking.rules import CancelledBy
from console.domain.business import actions as business
from console.domain.business.actions import Place
from console.domain.business.queries import location
from console.domain.errors import HasDependants, Invalid, Problem
from console.domain.ids import BookableId, BookingId, OperationId, ServiceId
from console.domain.intent import Outcome
from console.domain.roster import actions as roster
from console.domain.roster.actions import Away
from console.domain.roster.rules import BookableKind, TimeOffKind
from console.domain.undo import offered, undo
from tests import factories
from tests.cast import NOW, VERA
from tests.meeting import meet
from tests.yard import NOON, Yard, intent

DAY = date(2026, 5, 13)
HOUR = timedelta(hours=1)


@pytest.fixture
async def crew(yard: Yard) -> BookableId:
    """Crew North: Nina and Olga, who do an hour's work for two; Pavel is in no crew."""
    pair = await factories.service("PAIR", people=2)
    north = BookableId(await factories.bookable("Crew North", kind="crew", position=9))
    await factories.schedule(north, yard.location)
    await factories.skill(north, pair)
    await crews.set_members(intent(VERA), north, DAY, (yard.nina, yard.olga))
    return north


async def pair() -> ServiceId:
    return ServiceId(await db.fetchval("SELECT id FROM service WHERE code = 'PAIR'"))


async def book(yard: Yard, crew: BookableId | None) -> BookingId:
    booked = await actions.book(intent(), Asked(yard.client, yard.location, (await pair(),), crew), NOON)
    return BookingId(booked.result["booking"])


async def occupied() -> set[int]:
    return {row["bookable"] for row in await db.fetch("SELECT bookable FROM occupancy WHERE kind = 'booking'")}


async def healthy() -> None:
    for check in checks.CHECKS:
        assert await check() == []


@pytest.mark.parametrize("named", [True, False])
async def test_a_booking_of_a_crew_occupies_all_who_are_in_it(yard: Yard, crew: BookableId, named: bool) -> None:
    await book(yard, crew if named else None)
    assert await occupied() == {crew, yard.nina, yard.olga}
    with pytest.raises(PlaceTaken):
        await yard.book(yard.nina)
    await healthy()


async def test_a_crew_is_taken_while_somebody_in_it_is(yard: Yard, crew: BookableId) -> None:
    await yard.book(yard.olga)
    with pytest.raises(Invalid) as refused:
        await book(yard, crew)
    why = refused.value.problems["starts"]
    assert why.key == "problem.meets"
    assert why.params["who"].startswith("Olga Moroz (")


async def test_a_crew_is_away_while_somebody_in_it_is(yard: Yard, crew: BookableId) -> None:
    await roster.add_time_off(intent(VERA), yard.nina, Away(TimeOffKind.SICK, DAY, DAY))
    with pytest.raises(Invalid) as refused:
        await book(yard, crew)
    assert refused.value.problems["starts"].key == "problem.is_away"


async def test_a_crew_is_there_only_while_all_who_are_in_it_work(yard: Yard, crew: BookableId) -> None:
    """Olga works from Thursday on, and only in the afternoon."""
    hours: list[list[list[int]]] = [[], [], [], [[840, 1080]], [[840, 1080]], [], []]
    await roster.set_hours(intent(VERA), yard.olga, yard.location, DAY, tuple(tuple(map(tuple, day)) for day in hours))
    with pytest.raises(Invalid) as refused:
        await book(yard, crew)
    assert refused.value.problems["starts"].key == "problem.outside_hours"
    question = Question(yard.location, (Doing(await pair(), by=crew),))
    found = await seeking.nearest(question, DAY, now=NOW, most=1)
    assert [place.starts_at for place in found] == [NOON + timedelta(days=1, hours=2)]
    booking = BookingId(
        (
            await actions.book(intent(), Asked(yard.client, yard.location, (await pair(),), crew), found[0].starts_at)
        ).result["booking"]
    )
    with pytest.raises(Invalid):
        await actions.move(intent(), Arrangement(booking, NOON + timedelta(days=1)), 1)


async def test_a_crew_with_somebody_out_of_the_plan_does_nothing_until_another_stands_in(
    yard: Yard, crew: BookableId
) -> None:
    pavel = BookableId(await factories.bookable("Pavel", position=3))
    await factories.schedule(pavel, yard.location)
    await roster.retire(intent(VERA), yard.olga)
    question = Question(yard.location, (Doing(await pair(), by=crew),))
    assert await seeking.nearest(question, DAY, now=NOW) == []
    with pytest.raises(Invalid):
        await book(yard, crew)
    await crews.substitute(intent(), crew, DAY, (yard.nina, pavel))
    await book(yard, crew)
    assert await occupied() == {crew, yard.nina, pavel}


async def test_a_crew_that_nobody_is_in_does_nothing(yard: Yard) -> None:
    service = ServiceId(await factories.service("PAIR", people=2))
    empty = BookableId(await factories.bookable("Crew South", kind="crew"))
    await factories.schedule(empty, yard.location)
    await factories.skill(empty, service)
    question = Question(yard.location, (Doing(service),))
    assert await seeking.nearest(question, DAY, now=NOW, most=1) == []


async def test_somebody_stands_in_for_one_day_and_bookings_of_that_day_follow(yard: Yard, crew: BookableId) -> None:
    pavel = BookableId(await factories.bookable("Pavel", position=3))
    await factories.schedule(pavel, yard.location)
    booking = await book(yard, crew)
    stood_in = await crews.substitute(intent(), crew, DAY, (yard.nina, pavel))
    assert await occupied() == {crew, yard.nina, pavel}
    await actions.move(intent(), Arrangement(booking, NOON + timedelta(days=1)), 1)
    assert await occupied() == {crew, yard.nina, yard.olga}
    await actions.move(intent(), Arrangement(booking, NOON), 2)
    assert await occupied() == {crew, yard.nina, pavel}
    await healthy()
    await undo(intent(), stood_in.operation_id)
    assert await occupied() == {crew, yard.nina, yard.olga}
    await healthy()


async def test_who_is_taken_cannot_stand_in(yard: Yard, crew: BookableId) -> None:
    pavel = BookableId(await factories.bookable("Pavel", position=3))
    await factories.schedule(pavel, yard.location)
    await factories.skill(pavel, yard.service)
    await book(yard, crew)
    await yard.book(pavel)
    with pytest.raises(MemberTaken) as refused:
        await crews.substitute(intent(), crew, DAY, (yard.nina, pavel))
    assert refused.value.bookables == (pavel,)
    assert refused.value.problems.keys() == {"members"}
    assert await occupied() == {crew, yard.nina, yard.olga, pavel}


async def test_a_new_list_holds_from_its_date_on_and_a_day_of_its_own_counts_more(yard: Yard, crew: BookableId) -> None:
    later = DAY + timedelta(days=7)
    await crews.set_members(intent(VERA), crew, later, (yard.nina,))
    await crews.substitute(intent(VERA), crew, later + timedelta(days=1), (yard.olga,))
    days = [DAY - timedelta(days=1), DAY, later, later + timedelta(days=1), later + timedelta(days=2)]
    by_day = (await presence.crew_lists([crew], days))[crew]
    both = {yard.nina, yard.olga}
    assert [set(by_day[day]) for day in days] == [set(), both, {yard.nina}, {yard.olga}, {yard.nina}]
    assert [one.members for one in await crews.lists(crew, later)] == [
        (yard.nina, yard.olga),
        (yard.nina,),
        (yard.olga,),
    ]


async def test_a_crew_is_found_as_a_place_beside_people_who_can_do_it_together(yard: Yard, crew: BookableId) -> None:
    service = await pair()
    for person in (yard.nina, yard.olga):
        await factories.skill(person, service)
    question = Question(yard.location, (Doing(service),))
    [place] = await seeking.nearest(question, DAY, now=NOW, around=NOON, most=1)
    assert place.parts[0].bookables == (crew,)
    pavel = BookableId(await factories.bookable("Pavel", position=3))
    await factories.schedule(pavel, yard.location)
    await crews.substitute(intent(VERA), crew, DAY, (pavel,))
    await yard.book(yard.nina)
    [place] = await seeking.nearest(question, DAY, now=NOW, around=NOON, most=1)
    assert place.parts[0].bookables == (crew,)


@pytest.mark.parametrize("members", [(), (999,), "crew"])
async def test_only_people_of_the_plan_are_in_a_crew(yard: Yard, crew: BookableId, members: object) -> None:
    those = (crew,) if members == "crew" else members
    with pytest.raises(Invalid) as refused:
        await crews.set_members(intent(VERA), crew, DAY, those)  # type: ignore[arg-type]
    assert refused.value.problems.keys() == {"members"}


async def test_past_days_stay_as_they_were_and_only_crews_have_members(yard: Yard, crew: BookableId) -> None:
    for whom, day in itertools.zip_longest([crew, yard.nina], [date(2026, 5, 11), DAY]):
        with pytest.raises(Invalid):
            await crews.set_members(intent(VERA), whom, day, (yard.olga,))


async def add(yard: Yard, name: str) -> tuple[OperationId, BookableId]:
    added = await roster.add(intent(VERA), BookableKind.PERSON, name, None, yard.location, DAY)
    return added.operation_id, BookableId(added.result["bookable"])


async def test_being_in_a_crew_is_in_the_way_of_undoing_that_somebody_was_added(yard: Yard, crew: BookableId) -> None:
    added, zoe = await add(yard, "Zoe Lind")
    listed = await crews.set_members(intent(VERA), crew, DAY, (yard.nina, zoe))
    assert await offered([added]) == set()
    with pytest.raises(HasDependants) as refused:
        await undo(intent(VERA), added)
    assert [(one, kind) for one, kind, _ in refused.value.operations] == [(listed.operation_id, "crew.set")]
    await undo(intent(VERA), listed.operation_id)
    await undo(intent(VERA), added)
    await healthy()


async def test_nobody_who_left_the_plan_comes_back_into_a_crew_by_an_undo(yard: Yard, crew: BookableId) -> None:
    pavel = BookableId(await factories.bookable("Pavel", position=3))
    without = await crews.set_members(intent(VERA), crew, DAY, (yard.nina, pavel))
    await roster.retire(intent(VERA), yard.olga)
    with pytest.raises(Invalid) as refused:
        await undo(intent(VERA), without.operation_id)
    assert refused.value.problems["members"].key == "problem.member_gone"


async def test_a_crew_keeps_whoever_left_the_plan_until_its_list_is_changed(yard: Yard, crew: BookableId) -> None:
    await roster.retire(intent(VERA), yard.olga)
    await db.execute("UPDATE crew_list SET valid_from = valid_from + 1, members = members")
    assert yard.olga in await db.fetchval("SELECT members FROM crew_list WHERE crew = $1", crew)
    await healthy()


@pytest.mark.parametrize("who", ["{404}", "crew"])
async def test_the_database_takes_only_people_of_the_plan_into_a_crew(crew: BookableId, who: str) -> None:
    members = f"{{{crew}}}" if who == "crew" else who
    with pytest.raises(asyncpg.RestrictViolationError, match="not in the plan"):
        await db.execute(f"UPDATE crew_list SET members = '{members}'")


async def test_a_list_is_for_a_date_that_is_not_over_at_all_locations_of_the_crew(yard: Yard, crew: BookableId) -> None:
    """At ten in the evening in London it is Wednesday in Moscow, and still Tuesday where the crew works as well."""
    then = replace(intent(VERA), now=datetime(2026, 5, 12, 22, tzinfo=UTC))
    with pytest.raises(Invalid) as refused:
        await crews.substitute(replace(then, id=uuid4()), crew, DAY - timedelta(days=1), (yard.nina,))
    assert refused.value.problems["valid_from"].key == "problem.crew_past"
    await factories.schedule(crew, await factories.location("London", zone="Europe/London"))
    await crews.substitute(then, crew, DAY - timedelta(days=1), (yard.nina,))


async def test_a_booking_that_waited_for_another_list_looks_at_the_hours_of_who_is_in_it_now(
    yard: Yard, crew: BookableId, monkeypatch: pytest.MonkeyPatch
) -> None:
    pavel = BookableId(await factories.bookable("Pavel", position=3))
    mornings = [[[540, 660]]] * 7
    await factories.schedule(pavel, yard.location, hours=json.dumps(mornings))
    changing = crews.substitute(intent(), crew, DAY, (yard.nina, pavel))
    changed, booked = await meet(monkeypatch, changing, book(yard, crew))
    assert isinstance(changed, Outcome)
    assert isinstance(booked, Invalid)
    assert booked.problems["starts"].key == "problem.outside_hours"
    assert await occupied() == set()


KAMCHATKA = "UPDATE location SET zone = 'Asia/Kamchatka' WHERE id = $1"
CREW_AT = datetime(2126, 5, 15, 9, tzinfo=UTC)
"""To come by the database's own clock as well."""


async def to_kamchatka(yard: Yard, now: datetime = NOW) -> Outcome[dict[str, int]]:
    """What the location's form does that says another zone."""
    one = await location(yard.location)
    said = {name: getattr(one, name) for name in ("name", "address", "phone", "hours", "notice_hours")}
    then = replace(intent(VERA), now=now)
    return await business.change_location(then, yard.location, one.version, Place(zone="Asia/Kamchatka", **said))


async def test_a_location_with_bookings_to_come_stays_in_its_zone(yard: Yard, crew: BookableId) -> None:
    booking = await book(yard, crew)
    with pytest.raises(Invalid) as refused:
        await to_kamchatka(yard)
    assert refused.value.problems == {"zone": Problem("problem.zone_booked", {"count": 1})}
    await actions.cancel(intent(), booking, CancelledBy.US)
    await to_kamchatka(yard)
    await healthy()


async def test_another_zone_leaves_what_a_crew_did_before_as_it_was(yard: Yard, crew: BookableId) -> None:
    """At five in the afternoon in Moscow, which is the next day in Kamchatka, when others are in the crew."""
    late = NOON + 5 * HOUR
    await actions.book(intent(), Asked(yard.client, yard.location, (await pair(),), crew), late)
    pavel = BookableId(await factories.bookable("Pavel", position=3))
    await factories.schedule(pavel, yard.location)
    await crews.substitute(intent(VERA), crew, DAY + timedelta(days=1), (yard.nina, pavel))
    await to_kamchatka(yard, now=late + 3 * HOUR)
    assert await occupied() == {crew, yard.nina, yard.olga}
    await healthy()


async def test_the_database_keeps_the_zone_of_what_is_to_come(yard: Yard) -> None:
    await yard.book(at=CREW_AT)
    with pytest.raises(asyncpg.RestrictViolationError) as refused:
        await db.execute(KAMCHATKA, yard.location)
    assert refused.value.constraint_name == "location_zone_booked"


async def test_a_booking_and_another_zone_at_once_come_one_after_the_other(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked, changed = await meet(monkeypatch, yard.book(at=CREW_AT), to_kamchatka(yard))
    assert booked
    assert isinstance(changed, Invalid)
    assert changed.problems["zone"].params == {"count": 1}
