"""Whatever becomes of bookings, and whenever a worker delivers: what clients read in the end is what is booked."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from console.domain import db
from console.domain.booking import actions
from console.domain.booking.arranging import Arrangement
from console.domain.booking.by_link import CLIENT
from console.domain.booking.rules import CancelledBy
from console.domain.errors import DomainError
from console.domain.ids import BookingId, OperationId
from console.domain.intent import Intent, Outcome
from console.domain.undo import undo
from tests import factories
from tests.cast import ANNA, NOW, VERA
from tests.domain.booking.telling import due, go_out
from tests.yard import HOUR, NOON, Yard, intent, yard

MONDAY = NOON + timedelta(days=5)
OFF = "off"


class Desk:
    """What is done with bookings of a client, one step after the other."""

    def __init__(self, here: Yard) -> None:
        self.here = here
        self.done: list[OperationId] = []
        self.now = NOW

    async def do(self, deed: Callable[[], Awaitable[Outcome[Any]]]) -> None:
        with suppress(DomainError):
            outcome = await deed()
            if outcome.operation_id:
                self.done.append(outcome.operation_id)

    async def _some(self, which: int) -> tuple[BookingId, int] | None:
        rows = await db.fetch("SELECT id, version FROM booking WHERE client = $1 ORDER BY id", self.here.client)
        return (rows[which % len(rows)]["id"], rows[which % len(rows)]["version"]) if rows else None

    async def book(self, hour: int) -> None:
        await self.do(lambda: actions.book(intent(VERA), self.here.asked(self.here.nina), MONDAY + hour * HOUR))

    async def move(self, which: int, hour: int) -> None:
        if some := await self._some(which):
            to = Arrangement(some[0], MONDAY + hour * HOUR)
            await self.do(lambda: actions.move(intent(VERA), to, some[1]))

    async def bring_back(self, which: int, hour: int) -> None:
        if some := await self._some(which):
            to = Arrangement(some[0], MONDAY + hour * HOUR)
            await self.do(lambda: actions.bring_back(intent(VERA), to, some[1]))

    async def swap(self, which: int, other: int) -> None:
        one, two = await self._some(which), await self._some(other)
        if one and two:
            await self.do(lambda: actions.swap(intent(VERA), one[0], two[0]))

    async def confirm(self, which: int) -> None:
        if some := await self._some(which):
            await self.do(lambda: actions.confirm(intent(VERA), some[0]))

    async def cancel(self, which: int, ours: bool) -> None:
        if some := await self._some(which):
            by = CancelledBy.US if ours else CancelledBy.CLIENT
            await self.do(lambda: actions.cancel(intent(VERA), some[0], by))

    async def answer(self, which: int, comes: bool) -> None:
        """The client reads the page of their link as it is, and answers there."""
        if some := await self._some(which):
            self.now += timedelta(seconds=1)
            by_link = Intent(uuid4(), CLIENT, self.now)
            if comes:
                await self.do(lambda: actions.confirm(by_link, some[0]))
            else:
                await self.do(lambda: actions.cancel(by_link, some[0], CancelledBy.CLIENT))

    async def undo(self, which: int) -> None:
        if self.done:
            await self.do(lambda: undo(intent(VERA), self.done[which % len(self.done)]))

    async def deliver(self) -> None:
        """A worker sends what is due at once; reminders wait for their time."""
        self.now += timedelta(seconds=1)
        await go_out("confirmation", "moved", "cancelled", at=self.now)

    async def remind(self) -> None:
        self.now += timedelta(seconds=1)
        await go_out("reminder", at=self.now)


async def stands(client: int) -> dict[int, datetime]:
    """When the bookings begin that are to take place."""
    rows = await db.fetch(
        "SELECT id, starts_at FROM booking WHERE client = $1 AND retired_at IS NULL"
        " AND status IN ('booked', 'confirmed')",
        client,
    )
    return {row["id"]: row["starts_at"] for row in rows}


async def believed(client: int) -> dict[int, datetime | str]:
    """What a client holds true of each booking who read all that went out and the page where they answered, in order.

    What is called off is told with the beginning that they know.
    """
    rows = await db.fetch(
        "SELECT kind, variables, sent_at AS at, due_at, id FROM message"
        " WHERE status = 'sent' AND kind LIKE 'booking.%' AND client = $1"
        " UNION ALL"
        " SELECT s.status, jsonb_build_object('booking', s.booking, 'starts', s.starts_read), o.at, o.at, s.id"
        " FROM status_change s JOIN change c ON c.entity = 'status_change' AND c.entity_id = s.id AND c.created"
        " JOIN operation o ON o.id = c.operation JOIN booking b ON b.id = s.booking"
        " WHERE s.starts_read IS NOT NULL AND b.client = $1 ORDER BY at, due_at, id",
        client,
    )
    found: dict[int, datetime | str] = {}
    known: dict[int, datetime] = {}
    for row in rows:
        told = json.loads(row["variables"])
        booking, starts = told["booking"], datetime.fromisoformat(told["starts"])
        if row["kind"] == "booking.cancelled":
            assert starts == known.get(booking, starts)
        known[booking] = starts
        found[booking] = OFF if row["kind"] in ("booking.cancelled", "cancelled") else starts
    return found


async def check(client: int) -> None:
    """What is due is about what stands, as it stands, and each thing once."""
    standing = await stands(client)
    reminded: set[int] = set()
    for kind, told in await due():
        booking, starts = told["booking"], datetime.fromisoformat(told["starts"])
        if kind == "cancelled":
            assert booking not in standing
        else:
            assert standing[booking] == starts, kind
        if kind == "reminder":
            assert booking not in reminded
            reminded.add(booking)
    for booking, starts in standing.items():
        went = await db.fetchval(
            "SELECT EXISTS (SELECT FROM message WHERE kind = 'booking.reminder' AND status = 'sent'"
            " AND (variables ->> 'booking')::bigint = $1 AND (variables ->> 'starts')::timestamptz = $2)",
            booking,
            starts,
        )
        assert (booking in reminded) is not went


hours = st.integers(0, 4)
which = st.integers(0, 5)
steps = st.one_of(
    st.tuples(st.just("book"), hours),
    st.tuples(st.just("move"), which, hours),
    st.tuples(st.just("bring_back"), which, hours),
    st.tuples(st.just("swap"), which, which),
    st.tuples(st.just("confirm"), which),
    st.tuples(st.just("cancel"), which, st.booleans()),
    st.tuples(st.just("answer"), which, st.booleans()),
    st.tuples(st.just("undo"), st.just(-1)),
    st.tuples(st.just("undo"), which),
    st.tuples(st.just("deliver")),
    st.tuples(st.just("remind")),
)
names = count(1)


@example([("book", 0), ("deliver",), ("move", 0, 2), ("answer", 0, True), ("answer", 0, False)])
@example([("book", 0), ("deliver",), ("answer", 0, False), ("undo", -1)])
@given(st.lists(steps, min_size=1, max_size=14))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
async def test_clients_read_in_the_end_what_is_booked(database: None, sequence: list[Any]) -> None:
    if not await db.fetchval("SELECT EXISTS (SELECT FROM staff)"):
        for person in (ANNA, VERA):
            await factories.staff(person)
        here = await yard()
    else:
        here = await another()
    await db.execute(
        "UPDATE message SET status = 'skipped', reason = 'staff', sent_at = NULL WHERE status <> 'skipped'"
    )
    desk = Desk(here)
    for step, *arguments in sequence:
        await getattr(desk, step)(*arguments)
        await check(here.client)
    await desk.deliver()
    standing = await stands(here.client)
    believes = await believed(here.client)
    assert {one: starts for one, starts in believes.items() if starts != OFF} == standing
    assert NOW < MONDAY


async def another() -> Yard:
    """A yard beside those of the examples before."""
    number = next(names)
    location = await factories.location(f"Place {number}")
    service = await factories.service(f"S{number}")
    people = [await factories.bookable(f"Person {number} {one}", position=one) for one in range(2)]
    for person in people:
        await factories.schedule(person, location)
        await factories.skill(person, service)
    return Yard(location, service, *people, await factories.client())  # type: ignore[arg-type]
