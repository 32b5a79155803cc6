"""How many tickets wait for somebody: theirs and nobody's, which the navigation counts on every page."""

from __future__ import annotations

import pytest

from console.domain import db
from console.domain.ids import StaffId, TicketId
from console.domain.tickets import actions, listing
from console.domain.tickets.rules import Priority, TicketStatus
from console.domain.waiting import Waiting
from tests import factories
from tests.cast import ANNA, BORIS, NOW, VERA
from tests.domain.tickets.desk import intent, opened
from tests.yard import HOUR
from workers.tickets import mark_due


@pytest.fixture(autouse=True)
async def people(database: None) -> None:
    for one in (ANNA, BORIS, VERA):
        await factories.staff(one)
    await factories.location(zone="UTC")


async def of(who: int, **about: object) -> TicketId:
    return await opened(assignee=StaffId(who), **about)


async def test_mine_and_nobodys_are_counted_and_those_of_somebody_who_left() -> None:
    await of(ANNA.id)
    await opened()
    await of(VERA.id)
    await of(BORIS.id)
    assert await listing.waiting(ANNA.id) == Waiting(2, late=False)
    await db.execute("UPDATE staff SET retired_at = now() WHERE id = $1", BORIS.id)
    assert await listing.waiting(ANNA.id) == Waiting(3, late=False)


async def test_what_waits_for_the_client_or_is_solved_is_not_counted() -> None:
    pending, held, solved = [await of(ANNA.id) for _ in range(3)]
    for ticket, then in ((pending, TicketStatus.PENDING), (held, TicketStatus.ON_HOLD), (solved, TicketStatus.SOLVED)):
        await actions.move(intent(), ticket, then)
    assert await listing.waiting(ANNA.id) == Waiting(1, late=False)


async def test_one_that_is_late_is_told_whichever_it_is_and_not_when_it_is_another_persons() -> None:
    await opened(priority=Priority.LOW)
    for priority in (Priority.LOW, Priority.LOW, Priority.URGENT):
        await of(VERA.id, priority=priority)
    assert await mark_due(NOW + HOUR) == 1
    assert await listing.waiting(ANNA.id) == Waiting(1, late=False)
    assert await listing.waiting(VERA.id) == Waiting(4, late=True)
    assert (await listing.waiting(VERA.id, most=1)).late


async def test_no_more_is_counted_than_is_shown() -> None:
    for _ in range(3):
        await of(ANNA.id)
        await opened()
    assert await listing.waiting(ANNA.id, most=4) == Waiting(5, late=False)
