"""Many at once for one place: one gets it, all others are told so, and nothing is stuck or lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from console import embedded
from console.domain import db
from console.domain.booking import actions, checks, crews, occupancy, planning, series, series_moves
from console.domain.booking.arranging import Arrangement, Asked
from console.domain.booking.recurring import Recurrence, Unit
from console.domain.booking.rules import CancelledBy, Source
from console.domain.booking.series_mover import Shift
from console.domain.booking.series_moves import Scope
from console.domain.ids import BookableId, BookingId, ClientId, ServiceId
from console.domain.intent import Outcome
from console.domain.roster import actions as roster
from console.domain.roster.actions import Away
from console.domain.roster.rules import TimeOffKind
from console.domain.undo import undo
from tests import factories
from tests.cast import VERA
from tests.meeting import meet, waits
from tests.yard import HOUR, NOON, WEDNESDAY, WEEK, Yard, done_by, intent, standing, stands, weeks

MANY = 200


async def tally(attempts: Iterable[Awaitable[Any]]) -> Counter[str]:
    """How often each outcome came, by its class."""
    ended = await asyncio.gather(*attempts, return_exceptions=True)
    return Counter("done" if isinstance(one, Outcome) else type(one).__name__ for one in ended)


async def healthy() -> None:
    for check in checks.CHECKS:
        assert await check() == []


def deadlocks(server: embedded.Postgres) -> int:
    """How many the server has told of."""
    return server.log.read_text(errors="replace").count("deadlock detected")


async def clients(count: int) -> list[ClientId]:
    return [ClientId(await factories.client("Client", str(n))) for n in range(count)]


async def test_two_hundred_for_one_place_give_one_booking(yard: Yard) -> None:
    everybody = await clients(MANY)
    found = await tally(actions.book(intent(), yard.asked(yard.nina, one), NOON) for one in everybody)
    assert found == {"done": 1, "PlaceTaken": MANY - 1}
    assert await db.fetchval("SELECT count(*) FROM booking") == 1
    await healthy()


async def test_two_hundred_for_anyone_fill_just_the_places_there_are(yard: Yard) -> None:
    everybody = await clients(MANY)
    found = await tally(actions.book(intent(), yard.asked(None, one), NOON) for one in everybody)
    assert found["done"] == 2
    assert found.keys() <= {"done", "PlaceTaken", "Invalid"}
    await healthy()


@pytest.mark.parametrize("booked", [False, True])
async def test_a_form_gives_back_whom_it_held_only_when_nobody_else_writes_what_they_do(
    yard: Yard, as_owner: asyncpg.Connection, booked: bool
) -> None:
    form = intent().id
    await occupancy.hold(form, {yard.nina: (NOON, NOON + HOUR)})
    async with as_owner.transaction():
        await as_owner.execute("SELECT pg_advisory_xact_lock(bookable_key($1))", yard.nina)
        deed = (
            actions.book(intent(), yard.asked(yard.olga), NOON, held=form)
            if booked
            else occupancy.hold(form, {yard.olga: (NOON, NOON + HOUR)})
        )
        gives_back = asyncio.ensure_future(deed)
        await waits(gives_back)
        assert not gives_back.done()
    await gives_back
    rows = await db.fetch("SELECT bookable, kind FROM occupancy")
    assert [tuple(row) for row in rows] == [(yard.olga, "booking" if booked else "hold")]
    await healthy()


async def test_many_moves_into_one_place_let_one_in(yard: Yard) -> None:
    bookings = []
    for n, one in enumerate(await clients(14)):
        person = (yard.nina, yard.olga)[n % 2]
        bookings.append(await yard.book(person, NOON + timedelta(days=1, hours=n // 2 - 3), one))
    found = await tally(
        actions.move(intent(), Arrangement(one, NOON, ((yard.olga, yard.nina),)), 1) for one in bookings
    )
    assert found == {"done": 1, "PlaceTaken": 13}
    await healthy()


async def test_swaps_of_the_same_bookings_one_after_the_other_each_find_where_the_one_before_left_them(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second begins while the first is not committed: it waits, and then exchanges what lies there by then."""
    one, other = await yard.book(yard.nina), await yard.book(yard.olga, NOON + HOUR)
    places = [(NOON, [yard.nina]), (NOON + HOUR, [yard.olga])]
    for pairs in ([(one, other)] * 2, [(one, other), (other, one)]):
        found = await meet(monkeypatch, *(actions.swap(intent(), *pair) for pair in pairs))
        assert [type(outcome) for outcome in found] == [Outcome, Outcome]
        assert [((await stands(each))[0], await done_by(each)) for each in (one, other)] == places
        await healthy()
    versions = await db.fetch("SELECT version FROM booking ORDER BY id")
    assert [row["version"] for row in versions] == [5, 5]


async def test_of_swaps_that_saw_the_same_one_is_done_and_all_others_are_told(yard: Yard) -> None:
    one, other = await yard.book(yard.nina), await yard.book(yard.olga, NOON + HOUR)
    pairs = [(one, other), (other, one)] * 5
    found = await tally(actions.swap(intent(), *pair, (1, 1)) for pair in pairs)
    assert found == {"done": 1, "Stale": 9}
    assert [((await stands(each))[0], await done_by(each)) for each in (one, other)] == [
        (NOON + HOUR, [yard.olga]),
        (NOON, [yard.nina]),
    ]
    await healthy()


def held_once_planned(monkeypatch: pytest.MonkeyPatch) -> tuple[asyncio.Event, asyncio.Event]:
    """Hold back whoever has planned, before anybody is locked: that it is planned, and that it may go on."""
    planned, go_on = asyncio.Event(), asyncio.Event()
    lock_doers = occupancy.lock_doers

    async def held_back(bookings: Iterable[int]) -> None:
        planned.set()
        await go_on.wait()
        await lock_doers(bookings)

    monkeypatch.setattr(occupancy, "lock_doers", held_back)
    return planned, go_on


async def test_nobody_is_locked_while_a_series_is_planned_and_what_was_booked_meanwhile_is_seen(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A desk books one of its dates when all of them are planned and none is occupied."""
    planned, go_on = held_once_planned(monkeypatch)
    rule = Recurrence(WEDNESDAY, 1, Unit.WEEK, (2,), count=3)
    begins = asyncio.create_task(series.begin(intent(), yard.asked(), 720, rule))
    await planned.wait()
    [other] = await clients(1)
    await yard.book(yard.nina, NOON + WEEK, other)
    go_on.set()
    await begins
    assert await standing() == sorted([*weeks(0, 2), *weeks(1), *weeks(1, who="Olga")])
    await healthy()


@pytest.mark.parametrize("changed", ["a member is booked", "the list is another"])
async def test_a_crew_s_series_is_planned_without_locks_and_sees_who_is_in_it_by_then(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    """Of its second date somebody of the crew is taken, or it is somebody who is not there, once all are planned."""
    pair = ServiceId(await factories.service("PAIR", people=2))
    north = await _crew(yard, pair)
    absent = BookableId(await factories.bookable("Pavel", position=3))
    await crews.set_members(intent(VERA), north, WEDNESDAY, (yard.nina, yard.olga))
    planned, go_on = held_once_planned(monkeypatch)
    rule = Recurrence(WEDNESDAY, 1, Unit.WEEK, (2,), count=3)
    asked = Asked(yard.client, yard.location, (pair,), north)
    begins = asyncio.create_task(series.begin(intent(), asked, 720, rule))
    await planned.wait()
    if changed == "a member is booked":
        await yard.book(yard.nina, NOON + WEEK, *await clients(1))
    else:
        await crews.substitute(intent(VERA), north, WEDNESDAY + WEEK, (yard.olga, absent))
    go_on.set()
    await begins
    own = await db.fetch("SELECT series_on FROM booking WHERE series IS NOT NULL AND retired_at IS NULL ORDER BY 1")
    assert [row["series_on"] for row in own] == [WEDNESDAY, WEDNESDAY + 2 * WEEK]
    assert await db.fetchval('SELECT "on" FROM series_clash') == WEDNESDAY + WEEK
    await healthy()


async def test_a_crew_s_series_moves_as_a_whole_into_its_own_places(yard: Yard) -> None:
    """Each date an hour later, on which all of the crew are taken by what moves along."""
    pair = ServiceId(await factories.service("PAIR", people=2, minutes=120))
    north = await _crew(yard, pair)
    await crews.set_members(intent(VERA), north, WEDNESDAY, (yard.nina, yard.olga))
    rule = Recurrence(WEDNESDAY, 1, Unit.WEEK, (2, 3), count=4)
    await series.begin(intent(), Asked(yard.client, yard.location, (pair,), north), 720, rule)
    first = BookingId(await db.fetchval("SELECT min(id) FROM booking"))
    await series_moves.move(intent(), first, Scope.ALL, Shift(minute=780))
    rows = await db.fetch("SELECT starts_at FROM booking ORDER BY series_on")
    moved = [NOON + week * WEEK + day * timedelta(days=1) + HOUR for week in range(2) for day in range(2)]
    assert [row["starts_at"] for row in rows] == moved
    assert await db.fetchval("SELECT count(*) FROM occupancy WHERE kind = 'booking'") == 12
    await healthy()


async def test_a_series_that_others_are_faster_than_again_and_again_finds_its_places_all_the_same(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    occupy, tried = occupancy.occupy, 0

    async def too_late(bookings: Iterable[int], **said: Any) -> None:
        nonlocal tried
        tried += 1
        if tried <= planning.ROUNDS:
            raise occupancy.PlaceTaken
        await occupy(bookings, **said)

    monkeypatch.setattr(occupancy, "occupy", too_late)
    begun = await yard.weekly(3)
    monkeypatch.undo()
    assert (tried, await standing()) == (planning.ROUNDS + 1, weeks(0, 1, 2))
    monkeypatch.setattr(occupancy, "occupy", too_late)
    tried = 0
    first = BookingId(await db.fetchval("SELECT min(id) FROM booking WHERE series = $1", begun))
    await series_moves.move(intent(), first, Scope.ALL, Shift(minute=840))
    assert (tried, await standing()) == (planning.ROUNDS, weeks(0, 1, 2, later=2 * HOUR))
    await healthy()


async def test_series_begun_or_moved_at_once_never_wait_in_a_circle(
    yard: Yard, postgres_server: embedded.Postgres
) -> None:
    before = deadlocks(postgres_server)
    rule = Recurrence(WEDNESDAY, 1, Unit.WEEK, (2, 4), count=4)
    found = await tally(series.begin(intent(), yard.asked(client=one), 720, rule) for one in await clients(4))
    assert found == {"done": 2, "Invalid": 2}
    rows = await db.fetch("SELECT min(id) AS id FROM booking WHERE retired_at IS NULL GROUP BY series ORDER BY series")
    swapped = (yard.nina, yard.olga), (yard.olga, yard.nina)
    found = await tally(
        series_moves.move(intent(), row["id"], Scope.ALL, Shift(minute=900, instead=(pair,)))
        for row, pair in zip(rows, swapped, strict=True)
    )
    assert found.keys() <= {"done", "Invalid"}
    assert deadlocks(postgres_server) == before
    await healthy()


async def test_undoing_a_cancellation_and_booking_its_place_at_once_let_one_through(yard: Yard) -> None:
    for round_ in range(5):
        at = NOON + timedelta(days=round_ % 2, hours=round_ // 2)
        booking = await yard.book(yard.nina, at)
        cancelled = await actions.cancel(intent(), booking, CancelledBy.CLIENT)
        [other] = await clients(1)
        found = await tally(
            [undo(intent(), cancelled.operation_id), actions.book(intent(), yard.asked(yard.nina, other), at)]
        )
        assert found == {"done": 1, "PlaceTaken": 1}
        await healthy()


def _confirm(booking: BookingId) -> Awaitable[Any]:
    return actions.confirm(intent(), booking)


def _cancel(booking: BookingId) -> Awaitable[Any]:
    return actions.cancel(intent(), booking, CancelledBy.CLIENT)


def _note(booking: BookingId) -> Awaitable[Any]:
    return actions.change(intent(), booking, 1, Source.PHONE, "Bring the ladder")


def _move(booking: BookingId) -> Awaitable[Any]:
    return actions.move(intent(), Arrangement(booking, NOON + timedelta(hours=3)), 1)


@pytest.mark.parametrize("deed", [_confirm, _cancel, _note, _move])
async def test_an_undo_and_a_change_of_one_booking_at_once_never_wait_in_a_circle(
    yard: Yard, deed: Callable[[BookingId], Awaitable[Any]], postgres_server: embedded.Postgres
) -> None:
    before = deadlocks(postgres_server)
    for round_ in range(8):
        at = NOON + timedelta(days=7 * round_)
        booked = await actions.book(intent(), yard.asked(yard.nina), at)
        booking = BookingId(booked.result["booking"])
        found = await tally([undo(intent(), booked.operation_id), deed(booking)])
        assert found.keys() <= {"done", "TakenBack", "HasDependants", "PlaceTaken", "UnlawfulMove"}
        assert found["done"] == 1
    assert deadlocks(postgres_server) == before
    await healthy()


@pytest.mark.parametrize("count", [20])
async def test_bookings_of_many_people_and_things_in_any_order_never_wait_in_a_circle(yard: Yard, count: int) -> None:
    """Each of these takes both people, named in either order by what they did before."""
    pair = await factories.service("PAIR", people=2)
    for person in (yard.nina, yard.olga):
        await factories.skill(person, pair)
    asked = [
        actions.Asked(one, yard.location, (pair,))  # type: ignore[arg-type]
        for one in await clients(count)
    ]
    found = await tally(
        actions.book(intent(), one, NOON + timedelta(minutes=30 * (n % 6))) for n, one in enumerate(asked)
    )
    assert found["done"] >= 2
    assert found.keys() <= {"done", "PlaceTaken", "Invalid"}
    assert not await db.fetchval(
        "SELECT EXISTS (SELECT FROM booking_item i JOIN booking b ON b.id = i.booking WHERE b.retired_at IS NULL"
        " AND (SELECT count(*) FROM assignment a WHERE a.item = i.id) <> 2)"
    )
    await healthy()


@pytest.mark.parametrize("undone", [False, True])
@pytest.mark.parametrize("booking_first", [False, True])
async def test_a_crew_booked_while_its_list_changes_occupies_whoever_is_in_it_then(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, undone: bool, booking_first: bool
) -> None:
    pair = ServiceId(await factories.service("PAIR", people=2))
    pavel, north = BookableId(await factories.bookable("Pavel", position=3)), await _crew(yard, pair)
    await factories.schedule(pavel, yard.location)
    day = NOON.date()
    await crews.set_members(intent(VERA), north, day, (yard.nina, yard.olga))
    stands_in = await crews.substitute(intent(VERA), north, day, (yard.nina, pavel)) if undone else None
    book = actions.book(intent(), Asked(yard.client, yard.location, (pair,), north), NOON)
    put = (
        undo(intent(VERA), stands_in.operation_id)
        if stands_in
        else crews.substitute(intent(VERA), north, day, (yard.nina, pavel))
    )
    found = await meet(monkeypatch, *((book, put) if booking_first else (put, book)))
    assert [type(one) for one in found] == [Outcome, Outcome]
    rows = await db.fetch("SELECT bookable FROM occupancy WHERE kind = 'booking'")
    assert {row["bookable"] for row in rows} == {north, yard.nina, yard.olga if undone else pavel}
    await healthy()


async def _crew(yard: Yard, service: ServiceId) -> BookableId:
    crew = BookableId(await factories.bookable("Crew North", kind="crew", position=9))
    await factories.schedule(crew, yard.location)
    await factories.skill(crew, service)
    return crew


async def test_lists_of_a_crew_and_moves_of_its_bookings_at_once_never_wait_in_a_circle(
    yard: Yard, postgres_server: embedded.Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list is changed while a move has its booking, and not yet those who do it."""
    before = deadlocks(postgres_server)
    pair = ServiceId(await factories.service("PAIR", people=2))
    north = await _crew(yard, pair)
    pavel = BookableId(await factories.bookable("Pavel", position=3))
    await factories.schedule(pavel, yard.location)
    await crews.set_members(intent(VERA), north, NOON.date(), (yard.nina, yard.olga))
    booked = await actions.book(intent(), Asked(yard.client, yard.location, (pair,), north), NOON)
    has_booking, go_on = asyncio.Event(), asyncio.Event()
    lock_with = occupancy.lock_with

    async def held_back(*those: Iterable[int]) -> None:
        if asyncio.current_task() is moving:
            has_booking.set()
            await go_on.wait()
        await lock_with(*those)

    monkeypatch.setattr(occupancy, "lock_with", held_back)
    later = Arrangement(BookingId(booked.result["booking"]), NOON + 2 * HOUR)
    moving = asyncio.create_task(actions.move(intent(), later, 1))
    await has_booking.wait()
    putting = asyncio.ensure_future(crews.substitute(intent(VERA), north, NOON.date(), (yard.olga, pavel)))
    await waits(putting)
    assert not putting.done()
    go_on.set()
    await moving
    await putting
    rows = await db.fetch("SELECT bookable, lower(during) AS start FROM occupancy WHERE kind = 'booking'")
    assert {(row["bookable"], row["start"]) for row in rows} == {
        (who, NOON + 2 * HOUR) for who in (north, yard.olga, pavel)
    }
    assert deadlocks(postgres_server) == before
    await healthy()


@pytest.mark.parametrize("undone", [False, True])
async def test_a_crew_s_day_and_time_off_of_who_is_in_it_at_once_never_wait_in_a_circle(
    yard: Yard, postgres_server: embedded.Postgres, undone: bool
) -> None:
    """Twenty pairs, each of a date of its own; `undone`: the list of that date is taken back and put again."""
    before = deadlocks(postgres_server)
    pair = ServiceId(await factories.service("PAIR", people=2))
    north = await _crew(yard, pair)
    days = [NOON.date() + timedelta(days=n) for n in range(20)]

    async def lists(on: date) -> Callable[[], Awaitable[Outcome[Any]]]:
        if not undone:
            return lambda: crews.substitute(intent(VERA), north, on, (yard.nina, yard.olga))
        put = await crews.substitute(intent(VERA), north, on, (yard.nina, yard.olga))
        taken_back = await undo(intent(VERA), put.operation_id)
        return lambda: undo(intent(VERA), taken_back.operation_id)

    for on in days:
        put = await lists(on)
        away = roster.add_time_off(intent(VERA), yard.olga, Away(TimeOffKind.VACATION, on, on))
        assert await tally([put(), away]) == {"done": 2}
    assert deadlocks(postgres_server) == before
    listed = await db.fetchval("SELECT count(*) FROM crew_list WHERE that_day AND retired_at IS NULL")
    assert (listed, await db.fetchval("SELECT count(*) FROM time_off")) == (20, 20)
    await healthy()
