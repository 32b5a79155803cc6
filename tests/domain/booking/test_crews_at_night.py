"""A crew's booking that runs over midnight is by the list of the day on which it begins, to its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg
import pytest

from console.domain import db
from console.domain.booking import actions, astray, checks, crews, seeking, standing_in
from console.domain.booking.arranging import Asked
from console.domain.booking.astray import Why
from console.domain.booking.question import Doing, Question
from console.domain.errors import Invalid
from console.domain.ids import BookableId, BookingId, ServiceId
from console.domain.roster import actions as roster
from console.domain.roster.actions import Away
from console.domain.roster.rules import TimeOffKind
from console.migrations import m0129_crew_days_guarantees
from tests import factories
from tests import yard as yards
from tests.cast import ANNA, NOW, VERA
from tests.yard import ALWAYS, HOUR, NOON, Yard, intent

DAY = date(2026, 5, 13)
NEXT = date(2026, 5, 14)
TEN_AT_NIGHT = NOON + 10 * HOUR
MIDNIGHT = NOON + 12 * HOUR


@dataclass(frozen=True)
class Night:
    """A crew that is Nina on Wednesday and Olga from Thursday on, and four hours' work in two services."""

    yard: Yard
    crew: BookableId
    services: tuple[ServiceId, ServiceId]

    async def book(self, at: datetime = TEN_AT_NIGHT) -> BookingId:
        asked = Asked(self.yard.client, self.yard.location, self.services, self.crew)
        return BookingId((await actions.book(intent(), asked, at)).result["booking"])

    async def offered(self, on: date = DAY) -> list[datetime]:
        """When the crew could do it that day."""
        question = Question(self.yard.location, tuple(Doing(one, by=self.crew) for one in self.services))
        found = await seeking.nearest(question, on, now=NOW, most=48)
        return [place.starts_at for place in found]


@pytest.fixture
async def night(database: None) -> Night:
    await factories.staff(ANNA)
    await factories.staff(VERA)
    yard = await yards.yard(hours=ALWAYS)
    crew = BookableId(await factories.bookable("Crew North", kind="crew", position=9))
    await factories.schedule(crew, yard.location)
    services = [ServiceId(await factories.service(code, minutes=120)) for code in ("FIRST", "SECOND")]
    for one in services:
        await factories.skill(crew, one)
    await crews.set_members(intent(VERA), crew, DAY, (yard.nina,))
    await crews.set_members(intent(VERA), crew, NEXT, (yard.olga,))
    return Night(yard, crew, (services[0], services[1]))


async def occupied() -> dict[int, tuple[datetime, datetime]]:
    rows = await db.fetch(
        "SELECT bookable, lower(during) AS a, upper(during) AS b FROM occupancy WHERE kind = 'booking'"
    )
    return {row["bookable"]: (row["a"], row["b"]) for row in rows}


async def healthy() -> None:
    for check in checks.CHECKS:
        assert await check() == []


async def test_both_its_days_are_of_who_was_in_it_on_the_first(night: Night) -> None:
    await night.book()
    span = TEN_AT_NIGHT, TEN_AT_NIGHT + 4 * HOUR
    assert await occupied() == {night.crew: span, night.yard.nina: span}
    await healthy()


@pytest.mark.parametrize(
    ("who", "hours_after_midnight", "fits"),
    [("nina", 1, False), ("nina", 2, True), ("nina", -3, True), ("nina", -2, False), ("olga", 1, True)],
)
async def test_only_what_takes_those_of_the_first_day_is_in_its_way(
    night: Night, who: str, hours_after_midnight: int, fits: bool
) -> None:
    await night.yard.book(getattr(night.yard, who), MIDNIGHT + hours_after_midnight * HOUR)
    assert (TEN_AT_NIGHT in await night.offered()) is fits
    if fits:
        await night.book()
        await healthy()
    else:
        with pytest.raises(Invalid):
            await night.book()


@pytest.mark.parametrize(("who", "fits"), [("nina", False), ("olga", True)])
async def test_only_the_hours_of_those_of_the_first_day_count(night: Night, who: str, fits: bool) -> None:
    person = getattr(night.yard, who)
    week: Sequence[tuple[tuple[int, int], ...]] = [((0, 1440),)] * 3 + [((360, 1440),)] + [((0, 1440),)] * 3
    await roster.set_hours(intent(VERA), person, night.yard.location, DAY, tuple(week))
    assert (TEN_AT_NIGHT in await night.offered()) is fits
    found = await night.offered()
    assert (MIDNIGHT - 4 * HOUR in found) is True


@pytest.mark.parametrize(("who", "fits"), [("nina", False), ("olga", True)])
async def test_only_the_time_off_of_those_of_the_first_day_counts(night: Night, who: str, fits: bool) -> None:
    away = Away(TimeOffKind.OTHER, NEXT, NEXT, (0, 180))
    await roster.add_time_off(intent(VERA), getattr(night.yard, who), away)
    assert (TEN_AT_NIGHT in await night.offered()) is fits


async def test_what_begins_at_midnight_is_of_the_next_day(night: Night) -> None:
    await night.book(MIDNIGHT)
    assert set(await occupied()) == {night.crew, night.yard.olga}


async def test_every_place_offered_that_night_is_free(night: Night) -> None:
    await night.yard.book(night.yard.nina, MIDNIGHT + HOUR)
    await night.yard.book(night.yard.olga, MIDNIGHT + 3 * HOUR)
    found = await night.offered()
    assert found
    for at in found:
        booking = await night.book(at)
        await actions.cancel(intent(), booking, actions.CancelledBy.US)


async def test_another_list_of_the_second_day_changes_nothing_of_it(night: Night) -> None:
    await night.book()
    pavel = BookableId(await factories.bookable("Pavel", position=3))
    await factories.schedule(pavel, night.yard.location)
    before = await occupied()
    await crews.substitute(intent(), night.crew, NEXT, (pavel,))
    assert await occupied() == before
    await crews.substitute(intent(), night.crew, DAY, (pavel,))
    assert set(await occupied()) == {night.crew, pavel}
    await healthy()


async def test_only_those_of_the_first_day_make_it_one_to_move(night: Night) -> None:
    booking = await night.book()
    await roster.add_time_off(intent(VERA), night.yard.olga, Away(TimeOffKind.SICK, NEXT, NEXT))
    assert await astray.astray(NOW) == []
    await roster.add_time_off(intent(VERA), night.yard.nina, Away(TimeOffKind.SICK, NEXT, NEXT))
    [one] = await astray.astray(NOW)
    assert (one.booking, one.why, one.who) == (booking, Why.AWAY, "Nina Orlova")


async def test_who_is_ill_on_the_second_day_is_not_missing_from_it(night: Night) -> None:
    booking = await night.book()
    assert [one.id for one in await standing_in.orphans(night.yard.nina, DAY, NOW)] == [booking]
    assert await standing_in.orphans(night.yard.olga, NEXT, NOW) == []


async def _by_both_lists(night: Night) -> None:
    """As it was occupied before: Olga from midnight on, and Nina until then."""
    await db.execute("DELETE FROM occupancy WHERE bookable <> $1", night.crew)
    for who, start in ((night.yard.nina, TEN_AT_NIGHT), (night.yard.olga, MIDNIGHT)):
        await db.execute(
            "INSERT INTO occupancy (bookable, lane, during, kind, booking)"
            " SELECT $1, 0, tstzrange($2::timestamptz, $2::timestamptz + interval '2 hours'), 'booking', booking"
            " FROM occupancy LIMIT 1",
            who,
            start,
        )


async def test_what_was_occupied_by_both_lists_is_by_the_first_after_the_migration(
    night: Night, as_owner: asyncpg.Connection
) -> None:
    await night.book()
    meant = await occupied()
    await _by_both_lists(night)
    await as_owner.execute(m0129_crew_days_guarantees.STATEMENTS[-1])
    assert await occupied() == meant
    await healthy()


async def test_one_whose_people_are_taken_by_then_is_left_to_the_doctor(
    night: Night, as_owner: asyncpg.Connection
) -> None:
    booking = await night.book()
    await _by_both_lists(night)
    await night.yard.book(night.yard.nina, MIDNIGHT + HOUR)
    await as_owner.execute(m0129_crew_days_guarantees.STATEMENTS[-1])
    assert await checks.occupancy_follows_from_bookings() == [
        f"booking {booking} occupies others or other times than it says"
    ]
