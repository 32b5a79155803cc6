"""What an agenda reads: whatever occupies somebody, and a revision that changes with all of it alone."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from console.domain import db
from console.domain.booking import (
    actions,
    agenda,
    agenda_list,
    agenda_month,
    agenda_revision,
    crews,
    occupancy,
    working_days,
)
from console.domain.booking.agenda import AgendaDay, Column
from console.domain.booking.arranging import Arrangement
from console.domain.booking.rules import CancelledBy, Source, Status
from console.domain.ids import BookableId, BookingId, LocationId
from console.domain.roster import actions as roster
from console.domain.roster.actions import Away
from console.domain.roster.rules import TimeOffKind
from console.domain.undo import undo
from tests import factories
from tests.booked import TUESDAY, Shop, intend, shop, utc

__all__ = ["there"]


@pytest.fixture
async def there(database: None) -> Shop:
    return await shop()


async def day(there: Shop, on: date = TUESDAY) -> AgendaDay:
    [found] = (await agenda.agenda(await there.view(), on)).days
    return found


def column(found: AgendaDay, who: int) -> Column:
    return next(one for one in found.columns if one.bookable.id == who)


async def test_a_booking_lies_with_its_client_services_and_buffer_by_whoever_does_it(there: Shop) -> None:
    client = await factories.client("Анна", "Петрова")
    await factories.note(client, "Cat at home", loud=True)
    await factories.note(client, "Pays by card")
    booking = await there.book("10:00", there.nina, client=client, note="Ring twice")
    [one] = column(await day(there), there.nina).lying
    assert (one.booking, one.called, one.status) == (booking, "Анна Петрова", Status.BOOKED)
    assert one.own == one.span == (utc(7), utc(8))
    assert one.taken == (utc(7), utc(8, 10))
    assert (one.loud, one.note, one.services, one.others) == ("Cat at home", "Ring twice", (there.clean,), ())
    assert column(await day(there), there.ivan).lying == []


async def test_a_day_knows_how_much_of_it_is_booked(there: Shop) -> None:
    await there.book("10:00", there.nina)
    await there.book("12:00", there.nina)
    cancelled = await there.book("14:00", there.nina)
    await actions.cancel(intend(), cancelled, CancelledBy.US)
    found = await day(there)
    assert (column(found, there.nina).booked, column(found, there.nina).available) == (120, 540)
    assert (len(found.bookings), found.cancelled) == (2, 1)
    assert await agenda_month.month(await there.view(), TUESDAY) == {
        date(2026, 5, 1) + timedelta(days=at): (120 if at == 11 else 0, 1080 if (at + 4) % 7 < 5 else 0)
        for at in range(31)
    }


async def test_several_people_each_have_their_part_of_a_booking(there: Shop) -> None:
    await db.execute("UPDATE service SET people = 2")
    await there.book("10:00")
    found = await day(there)
    assert [one.bookable for one in column(found, there.nina).lying[0].others] == [there.ivan]
    assert [one.bookable for one in column(found, there.ivan).lying[0].others] == [there.nina]
    assert len(found.bookings) == 1


async def test_time_off_a_hold_and_a_booking_elsewhere_are_taken(there: Shop) -> None:
    other = Shop(await factories.location("North"), there.nina, there.ivan, there.clean)
    await factories.schedule(there.nina, other.location)
    await other.book("16:00", there.nina)
    await roster.add_time_off(intend(), BookableId(there.nina), Away(TimeOffKind.SICK, TUESDAY, TUESDAY, (540, 600)))
    await occupancy.hold(uuid4(), {BookableId(there.nina): (utc(9), utc(10))})
    found = column(await day(there), there.nina)
    assert [(one.kind, one.word, one.span) for one in found.taken] == [
        ("time_off", "sick", (utc(6), utc(7))),
        ("hold", None, (utc(9), utc(10))),
        ("elsewhere", "North", (utc(13), utc(14, 10))),
    ]
    assert found.away
    assert [one.kind for one in column(await day(other), there.nina).taken] == ["time_off", "hold"]


async def test_a_crew_is_taken_while_anybody_in_it_is_taken_or_away(there: Shop) -> None:
    crew = BookableId(await factories.bookable("Crew North", kind="crew", position=3))
    await factories.schedule(crew, there.location)
    await factories.skill(crew, there.clean)
    known = await agenda_revision.revision(await there.view(), TUESDAY)
    await crews.set_members(intend(), crew, TUESDAY, (BookableId(there.nina), BookableId(there.ivan)))
    assert await agenda_revision.revision(await there.view(), TUESDAY) != known
    await there.book("10:00", there.nina)
    await there.book("10:30", there.ivan)
    await there.book("14:00", crew)
    found = column(await day(there), crew)
    assert [(one.span[0], one.kind, one.word) for one in found.taken] == [
        (utc(7), "members", "Nina Orlova"),
        (utc(7, 30), "members", "Nina Orlova, Ivan Belov"),
        (utc(8, 10), "members", "Ivan Belov"),
    ]
    assert found.available == 9 * 60 - 100


async def test_a_crew_is_there_while_all_who_are_in_it_are(there: Shop) -> None:
    crew = BookableId(await factories.bookable("Crew North", kind="crew", position=3))
    await factories.schedule(crew, there.location)
    await crews.set_members(intend(), crew, TUESDAY, (BookableId(there.nina), BookableId(there.ivan)))
    noon_to_three = json.dumps([[[720, 900]]] * 7)
    await factories.schedule(there.ivan, there.location, valid_from=TUESDAY, hours=noon_to_three)
    assert column(await day(there), crew).hours == [(utc(9), utc(12))]


async def test_a_day_says_who_of_a_crew_is_missing_and_what_lies_there(there: Shop) -> None:
    crew = BookableId(await factories.bookable("Crew North", kind="crew", position=3))
    await factories.schedule(crew, there.location)
    await factories.skill(crew, there.clean)
    await crews.set_members(intend(), crew, TUESDAY, (BookableId(there.nina), BookableId(there.ivan)))
    booking = await there.book("14:00", crew)
    whole = column(await day(there), crew)
    assert (whole.missing, whole.away, whole.able) == ([], False, frozenset({there.clean}))
    await roster.add_time_off(intend(), BookableId(there.ivan), Away(TimeOffKind.SICK, TUESDAY, TUESDAY, (540, 600)))
    assert column(await day(there), crew).missing == []
    await roster.add_time_off(intend(), BookableId(there.nina), Away(TimeOffKind.SICK, TUESDAY, TUESDAY))
    found = await day(there)
    lacking = column(found, crew)
    assert (lacking.hours, lacking.missing, lacking.away) == ([], ["Nina Orlova"], True)
    assert ([one.booking for one in lacking.lying], found.astray) == ([booking], [utc(11)])


async def test_a_crew_without_anybody_is_no_place_and_who_can_do_nothing_is_told(there: Shop) -> None:
    crew = BookableId(await factories.bookable("Crew North", kind="crew", position=3))
    await factories.schedule(crew, there.location)
    found = column(await day(there), crew)
    assert ([one.kind for one in found.taken], found.available, found.able) == (["nobody"], 0, frozenset())
    assert column(await day(there), there.nina).able


async def test_what_a_crew_is_booked_for_takes_whoever_is_in_it(there: Shop) -> None:
    crew = BookableId(await factories.bookable("Crew North", kind="crew", position=3))
    await factories.schedule(crew, there.location)
    await factories.skill(crew, there.clean)
    await crews.set_members(intend(), crew, TUESDAY, (BookableId(there.nina), BookableId(there.ivan)))
    await there.book("10:00", crew)
    found = await day(there)
    assert [one.called for one in column(found, crew).lying] == ["Анна Петрова"]
    for who in (there.nina, there.ivan):
        assert [(one.kind, one.word) for one in column(found, who).taken] == [("crew", "Crew North")]
    assert (await agenda_month.month(await there.view(), TUESDAY))[TUESDAY][0] == 120


async def test_what_goes_on_past_midnight_belongs_to_the_evening(database: None) -> None:
    night = [[[20 * 60, 26 * 60]]] * 7
    bar = await shop(hours=json.dumps(night))
    late = await bar.book("0:30", bar.nina, on=TUESDAY + timedelta(days=1))
    assert [*(await day(bar)).bookings] == [late]
    assert [*(await day(bar, TUESDAY + timedelta(days=1))).bookings] == []
    found = column(await day(bar), bar.nina)
    assert found.hours == [(utc(17), utc(23))]


@pytest.mark.parametrize(
    ("time", "on", "belongs"),
    [
        ("22:00", 12, 12),
        ("0:00", 13, 12),
        ("1:30", 13, 12),
        ("5:00", 13, 12),
        ("23:00", 13, 13),
        ("0:30", 14, 13),
    ],
)
async def test_board_list_month_and_links_put_a_time_of_the_night_on_one_date(
    database: None, time: str, on: int, belongs: int
) -> None:
    bar = await shop(hours=json.dumps([[[22 * 60, 30 * 60]]] * 7))
    booking = await bar.book(time, bar.nina, on=date(2026, 5, on))
    for at in (11, 12, 13, 14, 15):
        those = [booking] if at == belongs else []
        assert [*(await day(bar, date(2026, 5, at))).bookings] == those
        assert [one.booking for one in await agenda_list.listed(await bar.view(), date(2026, 5, at), 1)] == those
    [one] = await agenda_list.listed(await bar.view(), date(2026, 5, 11), 7)
    assert one.day == date(2026, 5, belongs)
    month = await agenda_month.month(await bar.view(), TUESDAY)
    assert [on.day for on, (booked, _) in month.items() if booked] == [belongs]
    assert await working_days.day_of(LocationId(bar.location), bar.zone, one.span[0]) == date(2026, 5, belongs)


async def test_a_booking_over_midnight_is_on_both_days_and_counts_on_the_first(database: None) -> None:
    always = await shop(hours=json.dumps([[[0, 1440]]] * 7))
    late = await always.book("23:30", always.nina)
    first, second = await day(always), await day(always, TUESDAY + timedelta(days=1))
    assert ([*first.bookings], [*second.bookings]) == ([late], [])
    assert [one.booking for one in column(second, always.nina).lying] == [late]


async def test_what_reaches_into_a_day_counts_its_own_minutes_there_and_is_listed_as_of_the_eve(database: None) -> None:
    always = await shop(hours=json.dumps([[[0, 1440]]] * 7))
    late = await always.book("23:15", always.nina)
    wednesday = TUESDAY + timedelta(days=1)
    first, second, third = [await day(always, TUESDAY + timedelta(days=later)) for later in range(3)]
    assert [column(one, always.nina).booked for one in (first, second, third)] == [45, 15, 0]
    assert [one.is_empty for one in (first, second, third)] == [False, False, True]
    listed = [await agenda_list.listed(await always.view(), on, 1) for on in (TUESDAY, wednesday)]
    assert [[(one.booking, one.day) for one in those] for those in listed] == [[(late, TUESDAY)]] * 2
    assert await agenda_list.listed(await always.view(), wednesday + timedelta(days=1), 1) == []
    await actions.cancel(intend(), late, CancelledBy.CLIENT)
    assert await agenda_list.listed(await always.view(), wednesday, 1) == []


async def test_a_holiday_closes_a_day_by_its_name(there: Shop) -> None:
    await factories.holiday(TUESDAY)
    found = await day(there)
    assert (found.holiday, found.open) == ({"en": "A day off"}, ())
    assert column(found, there.nina).hours == []


async def test_a_list_names_everybody_and_cancelled_bookings_too(there: Shop) -> None:
    phones = json.dumps([{"number": "+79213334512", "label": None}])
    booking = await there.book("10:00", there.ivan, client=await factories.client(phones=phones, address="Lenina 5"))
    await actions.cancel(intend(), booking, CancelledBy.CLIENT)
    [one] = await agenda_list.listed(await there.view(), TUESDAY, 1)
    assert (one.booking, one.called, one.phone, one.address) == (booking, "Анна Петрова", "+79213334512", "Lenina 5")
    assert (one.status, one.people) == (Status.CANCELLED, ((there.ivan, "Ivan Belov"),))
    assert [(step.names["en"], step.people) for step in one.steps] == [("Deep clean", ("Ivan Belov",))]


Deed = Callable[[Shop, BookingId], Awaitable[Any]]


async def _undo_it(there: Shop, booking: BookingId) -> None:
    moved = await actions.confirm(intend(), booking)
    await undo(intend(), moved.operation_id)


async def _by(statement: str, *arguments: object) -> None:
    await db.execute(statement, *arguments)


DEEDS: dict[str, Deed] = {
    "a new booking": lambda there, _: there.book("15:00", there.ivan),
    "a confirmation": lambda _, booking: actions.confirm(intend(), booking),
    "an arrival": lambda _, booking: actions.arrive(intend(), booking),
    "a cancellation": lambda _, booking: actions.cancel(intend(), booking, CancelledBy.US),
    "a no-show": lambda _, booking: actions.no_show(intend(utc(12)), booking),
    "a note": lambda _, booking: actions.change(intend(), booking, 1, Source.PHONE, "Ring twice"),
    "a move": lambda _, booking: actions.move(intend(), Arrangement(booking, utc(11)), 1),
    "another person": lambda there, booking: actions.move(
        intend(), Arrangement(booking, utc(7), ((BookableId(there.nina), BookableId(there.ivan)),)), 1
    ),
    "an undo": _undo_it,
    "a hold": lambda there, _: occupancy.hold(uuid4(), {BookableId(there.ivan): (utc(9), utc(10))}),
    "a loud note": lambda _, __: _by(
        "INSERT INTO client_note (client, text, loud, version, operation)"
        " SELECT client, 'Cat', true, 1, operation FROM booking"
    ),
    "a client's new name": lambda _, __: _by("UPDATE client_profile SET family_name = 'Новая', version = version + 1"),
    "a time off": lambda there, _: roster.add_time_off(
        intend(), BookableId(there.ivan), Away(TimeOffKind.SICK, TUESDAY, TUESDAY)
    ),
    "other hours": lambda there, _: factories.schedule(
        there.ivan, there.location, valid_from=TUESDAY, hours=json.dumps([[]] * 7)
    ),
    "a holiday": lambda _, __: factories.holiday(TUESDAY),
    "a new colleague": lambda there, _: factories.bookable("Olga", position=3),
    "a colleague's new name": lambda _, __: _by("UPDATE bookable SET name = name || '!', version = version + 1"),
    "a service's new name": lambda _, __: _by("UPDATE service SET version = version + 1"),
    "other opening hours": lambda _, __: _by("UPDATE location SET version = version + 1"),
}


async def test_the_revision_changes_with_the_site_of_a_booking_and_with_what_somebody_without_hours_there_does(
    there: Shop,
) -> None:
    booking = await there.book("10:00", there.nina)
    site = await factories.site(int(await db.fetchval("SELECT client FROM booking")))
    await _by("UPDATE booking SET site = $1", site)
    await _by("UPDATE schedule SET retired_at = now() WHERE bookable = $1", there.nina)
    before = await agenda_revision.revision(await there.view(), TUESDAY)
    await _by("UPDATE client_site SET name = 'Depot', version = version + 1")
    renamed = await agenda_revision.revision(await there.view(), TUESDAY)
    await occupancy.hold(uuid4(), {BookableId(there.nina): (utc(14), utc(15))})
    assert len({before, renamed, await agenda_revision.revision(await there.view(), TUESDAY)}) == 3
    assert [*(await day(there)).bookings] == [booking]


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS.keys())
async def test_the_revision_changes_with(there: Shop, deed: Deed) -> None:
    booking = await there.book("10:00", there.nina)
    before = await agenda_revision.revision(await there.view(), TUESDAY)
    assert await agenda_revision.revision(await there.view(), TUESDAY) == before
    await deed(there, booking)
    assert await agenda_revision.revision(await there.view(), TUESDAY) != before


@pytest.mark.parametrize("repair", ["UPDATE bookable SET name = name || ' II'", "UPDATE occupancy SET during = during"])
async def test_the_revision_changes_with_a_repair_past_the_console(there: Shop, repair: str) -> None:
    await there.book("10:00", there.nina)
    before = await agenda_revision.revision(await there.view(), TUESDAY)
    await db.execute(repair)
    assert await agenda_revision.revision(await there.view(), TUESDAY) != before


async def test_the_revision_is_another_one_where_other_things_were_done_under_the_same_numbers(
    there: Shop, as_superuser: asyncpg.Connection
) -> None:
    await there.book("10:00", there.nina)
    before = await agenda_revision.revision(await there.view(), TUESDAY)
    await factories.at_another_time(as_superuser)
    assert await agenda_revision.revision(await there.view(), TUESDAY) != before


async def test_the_revision_changes_when_a_hold_runs_out(there: Shop) -> None:
    await occupancy.hold(uuid4(), {BookableId(there.ivan): (utc(9), utc(10))})
    before = await agenda_revision.revision(await there.view(), TUESDAY)
    await db.execute("UPDATE occupancy SET expires_at = clock_timestamp() - interval '1 second' WHERE kind = 'hold'")
    assert await agenda_revision.revision(await there.view(), TUESDAY) != before


async def test_what_happens_on_another_day_or_elsewhere_leaves_the_revision_as_it_is(there: Shop) -> None:
    ways = [await factories.client(), await factories.client()]
    other = Shop(await factories.location("North"), await factories.bookable("Olga"), there.ivan, there.clean)
    await factories.schedule(other.nina, other.location)
    await factories.skill(other.nina, there.clean)
    before = await agenda_revision.revision(await there.view(), TUESDAY)
    await there.book("10:00", there.nina, on=TUESDAY + timedelta(days=2), client=ways[0])
    await other.book("10:00", other.nina, client=ways[1])
    assert await agenda_revision.revision(await there.view(), TUESDAY) == before


async def test_a_week_has_a_revision_of_all_its_days(there: Shop) -> None:
    monday = TUESDAY - timedelta(days=1)
    before = await agenda_revision.revision(await there.view(), monday, 7)
    await there.book("10:00", there.nina, on=TUESDAY + timedelta(days=3))
    assert await agenda_revision.revision(await there.view(), monday, 7) != before


async def test_an_agenda_takes_as_many_statements_however_much_is_booked(
    there: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = []
    plain = db.fetch

    async def counted(sql: str, *args: Any) -> Any:
        counts.append(sql)
        return await plain(sql, *args)

    for time in ("9:00", "10:30", "12:00"):
        await there.book(time, there.nina)
    monkeypatch.setattr(db, "fetch", counted)
    await agenda.agenda(await there.view(), TUESDAY)
    few = len(counts)
    monkeypatch.setattr(db, "fetch", plain)
    for time in ("9:00", "10:30", "12:00", "13:30", "15:00", "16:30"):
        await there.book(time, there.ivan)
    monkeypatch.setattr(db, "fetch", counted)
    counts.clear()
    await agenda.agenda(await there.view(), TUESDAY)
    assert len(counts) == few <= 12


async def test_what_ends_after_something_that_began_later_is_seen_as_well(
    there: Shop, as_superuser: asyncpg.Connection
) -> None:
    async with as_superuser.transaction():
        await as_superuser.execute(
            "INSERT INTO operation (kind, actor, intent_id, payload_hash, at, result)"
            " SELECT kind, actor, gen_random_uuid(), payload_hash, at, result FROM operation LIMIT 1"
        )
        await there.book("10:00", there.nina)
        before = await agenda_month.latest()
    assert await agenda_month.latest() != before


async def test_whatever_is_done_comes_after_what_was_done_before(there: Shop) -> None:
    before = await agenda_month.latest()
    await there.book("10:00", there.nina)
    assert await agenda_month.latest() != before
