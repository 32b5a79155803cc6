"""Whatever is booked, moved, given away, stretched, called off, undone, held or away: nobody is in two places at once.

A model keeps where every booking lies and when it was put there; the database must agree after every step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations, count
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.domain import db
from console.domain.booking import actions, former, occupancy, standing_in
from console.domain.booking.actions import Asked
from console.domain.booking.arranging import Arrangement
from console.domain.booking.occupancy import PlaceTaken
from console.domain.booking.rules import CancelledBy
from console.domain.booking.undoing import undo_elsewhere
from console.domain.errors import DomainError, Invalid
from console.domain.ids import BookableId, OperationId
from console.domain.intent import Intent
from console.domain.roster import actions as roster
from console.domain.roster.actions import Away
from console.domain.roster.rules import TimeOffKind
from console.domain.undo import undo
from tests import factories
from tests.cast import NOW, VERA

DAY = date(2026, 5, 13)
MIDNIGHT = datetime(2026, 5, 13, tzinfo=UTC)
SLOT = 30
"""Minutes of the steps in which times are chosen."""
ALWAYS = [[[0, 1440]]] * 7
BUFFER = 10
"""Minutes after each booking."""

Span = tuple[int, int]


def intent() -> Intent:
    return Intent(uuid4(), VERA.actor, NOW)


def at(slot: int) -> datetime:
    return MIDNIGHT + timedelta(minutes=SLOT * slot)


@dataclass(frozen=True)
class Lying:
    """A booking as the model knows it. `put`: the number of the step that put it where it is."""

    person: int
    start: int
    minutes: int
    over: bool
    put: int
    standing: bool = True
    withdrawn: bool = False

    @property
    def span(self) -> Span:
        return self.start, self.start + self.minutes + BUFFER

    @property
    def work(self) -> Span:
        return self.start, self.start + self.minutes

    @property
    def takes(self) -> bool:
        return self.standing and not self.withdrawn

    @property
    def place(self) -> tuple[int, Span] | None:
        return (self.person, self.span) if self.takes else None


@dataclass(frozen=True)
class Past:
    """An operation, and what it made of bookings. `several`: each of them may come back to another place."""

    id: OperationId
    before: dict[int, Lying | None]
    after: dict[int, Lying]
    several: bool = False


def meet(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def minutes_of(during: asyncpg.Range) -> Span:
    return tuple(int((end - MIDNIGHT).total_seconds() // 60) for end in (during.lower, during.upper))  # type: ignore[return-value]


class World:
    """The database and the model side by side."""

    def __init__(self, as_owner: asyncpg.Connection) -> None:
        self.owner = as_owner
        self.bookings: dict[int, Lying] = {}
        self.away: dict[int, tuple[int, Span]] = {}
        self.holds: dict[UUID, tuple[int, Span]] = {}
        self.past: list[Past] = []
        self.steps: Iterator[int] = count(1)

    async def open(self) -> None:
        self.location = await factories.location(f"Place {next(codes)}", zone="UTC", hours=factories.json.dumps(ALWAYS))
        self.service = await factories.service(f"S{next(codes)}", buffer_after=BUFFER)
        self.people = [await factories.bookable(f"Person {next(codes)}", position=n) for n in range(2)]
        for person in self.people:
            await factories.schedule(person, self.location)
            await factories.skill(person, self.service)
        self.client = await factories.client()
        self.reason = await factories.reason("overbooking")

    def free(self, person: int, span: Span, besides: tuple[int, ...] = ()) -> bool:
        return not self.is_taken(person, span, besides) and not self.is_away(person, span, besides)

    def fits(self, moved: Lying, besides: tuple[int, ...]) -> bool:
        """Whether bookings at hand may be moved so: work lies in no time off, buffers only where they lay already."""
        return self.free(moved.person, moved.span, besides) and not self.is_away(moved.person, moved.work)

    def is_taken(self, person: int, span: Span, besides: tuple[int, ...] = ()) -> bool:
        others = [
            one.span for id_, one in self.bookings.items() if one.takes and one.person == person and id_ not in besides
        ]
        others += [taken for who, taken in self.holds.values() if who == person]
        return any(meet(span, other) for other in others)

    def is_away(self, person: int, span: Span, besides: tuple[int, ...] = ()) -> bool:
        """Whether somebody is away at a time, where some bookings at hand do not lie already."""
        wanted = set(range(*span, BUFFER))
        for own in (self.bookings[id_] for id_ in besides):
            if own.takes and own.person == person:
                wanted -= set(range(*own.span, BUFFER))
        return any(who == person and wanted & set(range(*taken)) for who, taken in self.away.values())

    def did(self, id_: OperationId, after: dict[int, Lying], *, several: bool = False) -> None:
        self.past.append(Past(id_, {one: self.bookings.get(one) for one in after}, after, several))
        self.bookings |= after

    def some(self, which: int) -> int | None:
        return sorted(self.bookings)[which % len(self.bookings)] if self.bookings else None

    async def book(self, who: int, slot: int, over: bool) -> None:
        person = self.people[who]
        start = SLOT * slot
        free = self.free(person, (start, start + 60 + BUFFER))
        asked = Asked(self.client, self.location, (self.service,), person)  # type: ignore[arg-type]
        if not (free or over):
            with pytest.raises(Invalid) as refused:
                await actions.book(intent(), asked, at(slot))
            assert "starts" in refused.value.problems
            return
        outcome = await actions.book(intent(), asked, at(slot), over=self.reason if over else None)  # type: ignore[arg-type]
        lying = Lying(person, start, 60, not free, next(self.steps))
        self.did(outcome.operation_id, {outcome.result["booking"]: lying})

    async def book_anyone(self, slot: int) -> None:
        start = SLOT * slot
        span = start, start + 60 + BUFFER
        asked = Asked(self.client, self.location, (self.service,))  # type: ignore[arg-type]
        if not any(self.free(person, span) for person in self.people):
            with pytest.raises(Invalid):
                await actions.book(intent(), asked, at(slot))
            return
        outcome = await actions.book(intent(), asked, at(slot))
        booking = outcome.result["booking"]
        person = await self.whose(booking)
        assert self.free(person, span)
        self.did(outcome.operation_id, {booking: Lying(person, start, 60, False, next(self.steps))})

    async def whose(self, booking: int) -> int:
        return int(
            await db.fetchval(
                "SELECT a.bookable FROM booking_item i JOIN assignment a ON a.item = i.id AND a.retired_at IS NULL"
                " WHERE i.booking = $1 AND i.retired_at IS NULL",
                booking,
            )
        )

    async def _move(self, booking: int, lying: Lying, arrangement: Arrangement, over: bool) -> None:
        version = await db.fetchval("SELECT version FROM booking WHERE id = $1", booking)
        was = self.bookings[booking]
        free = self.fits(lying, (booking,))
        if not was.takes or not (free or over):
            with pytest.raises(DomainError):
                await actions.move(intent(), arrangement, version)
            return
        outcome = await actions.move(intent(), arrangement, version, over=self.reason if over else None)  # type: ignore[arg-type]
        self.did(outcome.operation_id, {booking: replace(lying, over=not free, put=next(self.steps))})

    async def move(self, which: int, who: int, slot: int, over: bool) -> None:
        if (booking := self.some(which)) is None:
            return
        was, person = self.bookings[booking], self.people[who]
        moved = replace(was, person=person, start=SLOT * slot)
        instead = ((was.person, person),)
        await self._move(booking, moved, Arrangement(booking, at(slot), instead), over)  # type: ignore[arg-type]

    async def stretch(self, which: int, minutes: int) -> None:
        if (booking := self.some(which)) is None:
            return
        was = self.bookings[booking]
        starts_at = MIDNIGHT + timedelta(minutes=was.start)
        await self._move(booking, replace(was, minutes=minutes), Arrangement(booking, starts_at, (), minutes), False)  # type: ignore[arg-type]

    async def swap(self, which: int, other: int) -> None:
        one, two = self.some(which), self.some(other)
        if one is None or two is None or one == two:
            return
        a, b = self.bookings[one], self.bookings[two]
        a_then = replace(a, person=b.person, start=b.start)
        b_then = replace(b, person=a.person, start=a.start)
        fits = (
            a.takes
            and b.takes
            and self.fits(a_then, (one, two))
            and self.fits(b_then, (one, two))
            and not (a_then.person == b_then.person and meet(a_then.span, b_then.span))
        )
        if not fits:
            with pytest.raises(DomainError):
                await actions.swap(intent(), one, two)  # type: ignore[arg-type]
            return
        outcome = await actions.swap(intent(), one, two)  # type: ignore[arg-type]
        put = next(self.steps)
        self.did(
            outcome.operation_id, {one: replace(a_then, over=False, put=put), two: replace(b_then, over=False, put=put)}
        )

    async def hand_over(self, who: int) -> None:
        """Somebody is ill: what is proposed for their bookings can be done together, always."""
        person, other = self.people[who], self.people[1 - who]
        found = await standing_in.orphans(BookableId(person), DAY, NOW)
        given = {one.id: one.proposed for one in found if one.proposed}
        if not given:
            return
        arrangements = tuple(
            Arrangement(booking, chance.starts_at, ((person, chance.who),))  # type: ignore[arg-type]
            for booking, chance in given.items()
        )
        outcome = await standing_in.stand_in(intent(), BookableId(person), DAY, arrangements, False)
        put = next(self.steps)
        after = {id_: replace(self.bookings[id_], person=other, over=False, put=put) for id_ in given}
        assert not any(self.is_away(one.person, one.work) for one in after.values())
        self.did(outcome.operation_id, after, several=True)

    async def cancel(self, which: int) -> None:
        if (booking := self.some(which)) is None:
            return
        was = self.bookings[booking]
        if not was.takes:
            with pytest.raises(DomainError):
                await actions.cancel(intent(), booking, CancelledBy.CLIENT)  # type: ignore[arg-type]
            return
        outcome = await actions.cancel(intent(), booking, CancelledBy.CLIENT)  # type: ignore[arg-type]
        self.did(outcome.operation_id, {booking: replace(was, standing=False)})

    async def undo(self, which: int) -> None:
        """An undo brings back what was, or is refused where later steps or what lies there now are in the way."""
        if not self.past:
            return
        past = self.past[which % len(self.past)]
        back = {booking: self.before(past, booking) for booking in past.before}
        besides = tuple(back)
        fits = all(
            one.over
            or not one.takes
            or one.place == self.bookings[id_].place
            or self.free(one.person, one.span, besides)
            for id_, one in back.items()
        )
        try:
            outcome = await undo(intent(), past.id)
        except PlaceTaken:
            if past.several:
                await self.undo_elsewhere(past, back)
            return
        except DomainError:
            return
        assert fits, "an undo brought an ordinary booking back over others"
        self.did(outcome.operation_id, back, several=past.several)

    async def undo_elsewhere(self, past: Past, back: dict[int, Lying]) -> None:
        """The nearest places that are offered for what cannot be where it was can be had together, always."""
        lost = [one for one in await former.backs(past.id, NOW, 3) if one.problem]
        chosen = {one.former.booking: one.nearest and one.nearest.starts_at for one in lost}
        try:
            outcome = await undo_elsewhere(intent(), past.id, tuple(chosen.items()))
        except Invalid:
            assert None in chosen.values(), "places that were offered together cannot be had together"
            return
        put = next(self.steps)
        for booking, starts_at in chosen.items():
            there = self.bookings[booking] if starts_at is None else back[booking]
            start = there.start if starts_at is None else int((starts_at - MIDNIGHT).total_seconds()) // 60
            back[booking] = replace(there, start=start, over=False, put=put)
        self.did(outcome.operation_id, back, several=True)

    def before(self, past: Past, booking: int) -> Lying:
        """A booking as it is, but for what an operation changed of it."""
        now, was, then = self.bookings[booking], past.before[booking], past.after[booking]
        if was is None:
            return replace(now, withdrawn=True)
        changed = {name: value for name, value in asdict(was).items() if getattr(then, name) != value}
        back = replace(now, **{**changed, "put": now.put})
        return back if back.place == now.place else replace(back, put=next(self.steps))

    async def take_off(self, who: int, slot: int, length: int) -> None:
        start, end = SLOT * slot, SLOT * (slot + length)
        away = Away(TimeOffKind.OTHER, DAY, DAY, (start, end))
        others = [span for one, span in self.away.values() if one == self.people[who]]
        if any(start < finish and begin < end for begin, finish in others):
            with pytest.raises(Invalid) as refused:
                await roster.add_time_off(intent(), self.people[who], away)  # type: ignore[arg-type]
            assert refused.value.problems["hours"].key == "problem.hours_off_already"
            return
        outcome = await roster.add_time_off(intent(), self.people[who], away)  # type: ignore[arg-type]
        self.away[outcome.result["time_off"]] = self.people[who], (start, end)

    async def come_back(self, which: int) -> None:
        if not self.away:
            return
        time_off = sorted(self.away)[which % len(self.away)]
        await roster.remove_time_off(intent(), time_off)
        del self.away[time_off]

    async def hold(self, who: int, slot: int) -> None:
        person, span = self.people[who], (SLOT * slot, SLOT * (slot + 2))
        token = uuid4()
        wanted = {person: (at(slot), at(slot + 2))}
        if not self.free(person, span):
            with pytest.raises(Invalid):
                await occupancy.hold(token, wanted)  # type: ignore[arg-type]
            return
        await occupancy.hold(token, wanted)  # type: ignore[arg-type]
        self.holds[token] = person, span

    async def let_holds_expire(self) -> None:
        await self.owner.execute(
            "UPDATE occupancy SET expires_at = clock_timestamp() - interval '1 second' WHERE kind = 'hold'"
        )
        self.holds.clear()

    async def lies(self) -> dict[int, tuple[int, Span]]:
        """Whom each booking takes, and when, as the database has it."""
        rows = await db.fetch(
            "SELECT booking, bookable, during FROM occupancy"
            " WHERE booking IS NOT NULL AND bookable = ANY($1::bigint[])",
            self.people,
        )
        return {row["booking"]: (row["bookable"], minutes_of(row["during"])) for row in rows}

    def meant(self) -> dict[int, tuple[int, Span]]:
        """The same as the model has it."""
        return {id_: (one.person, one.span) for id_, one in self.bookings.items() if one.takes}

    async def check(self) -> None:
        """What lies together, and what of time off is left of it."""
        rows = await db.fetch(
            "SELECT bookable, lane, during, kind, booking, time_off,"
            " kind = 'hold' AND expires_at <= clock_timestamp() AS expired"
            " FROM occupancy WHERE bookable = ANY($1::bigint[])",
            self.people,
        )
        standing = [one for one in self.bookings.values() if one.takes]
        for one, other in combinations(standing, 2):
            if one.person == other.person and meet(one.span, other.span):
                later = max(one, other, key=lambda each: each.put)
                assert later.over, "an ordinary booking was put over another one"
        for row in rows:
            if row["lane"]:
                below = [
                    each
                    for each in rows
                    if each["bookable"] == row["bookable"]
                    and not each["lane"]
                    and meet(minutes_of(each["during"]), minutes_of(row["during"]))
                ]
                assert below, "a booking stayed above although nothing lies below it"
        for person in self.people:
            taken = [row for row in rows if row["bookable"] == person]
            shown = {minute for row in taken if row["time_off"] for minute in range(*minutes_of(row["during"]), BUFFER)}
            under = {
                minute for row in taken if not row["time_off"] for minute in range(*minutes_of(row["during"]), BUFFER)
            }
            meant = {minute for who, span in self.away.values() if who == person for minute in range(*span, BUFFER)}
            assert shown == meant - under, "time off is not what bookings leave of it"


codes = count(1)
slots = st.integers(0, 10)
who = st.integers(0, 1)
which = st.integers(0, 20)
steps = st.one_of(
    st.tuples(st.just("book"), who, slots, st.booleans()),
    st.tuples(st.just("book"), who, slots, st.just(False)),
    st.tuples(st.just("book_anyone"), slots),
    st.tuples(st.just("move"), which, who, slots, st.booleans()),
    st.tuples(st.just("stretch"), which, st.integers(1, 8).map(lambda halves: 30 * halves)),
    st.tuples(st.just("swap"), which, which),
    st.tuples(st.just("hand_over"), who),
    st.tuples(st.just("cancel"), which),
    st.tuples(st.just("undo"), st.integers(-3, -1)),
    st.tuples(st.just("undo"), which),
    st.tuples(st.just("take_off"), who, slots, st.integers(1, 6)),
    st.tuples(st.just("come_back"), which),
    st.tuples(st.just("hold"), who, slots),
    st.tuples(st.just("let_holds_expire")),
)


@given(st.lists(steps, max_size=30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_nobody_is_ever_in_two_places_at_once(
    database: None, as_owner: asyncpg.Connection, sequence: list[Any]
) -> None:
    if not await db.fetchval("SELECT EXISTS (SELECT FROM staff)"):
        await factories.staff(VERA)
    world = World(as_owner)
    await world.open()
    for step, *arguments in sequence:
        await getattr(world, step)(*arguments)
        assert await world.lies() == world.meant()
        await world.check()
