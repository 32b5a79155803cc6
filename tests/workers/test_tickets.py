"""Tickets are marked by themselves: warned of before something is due, and marked once it was."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from console.domain import db
from console.domain.ids import ClientId, TicketId
from console.domain.intent import Intent
from console.domain.tickets import actions, dues, settings
from console.domain.tickets.actions import Opening
from console.domain.tickets.rules import About, Priority, TicketChannel, TicketStatus
from console.domain.undo import undo
from tests import factories
from tests.cast import ANNA, NOW, VERA
from tests.meeting import waits
from tests.patience import PATIENCE
from workers.tickets import mark_due

pytestmark = pytest.mark.usefixtures("database")

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
async def desk(database: None) -> None:
    await factories.staff(ANNA)
    await factories.staff(VERA)
    await factories.location(zone="UTC")


def at(now: datetime) -> Intent:
    return Intent(uuid4(), ANNA.actor, now)


async def opened(priority: Priority = Priority.HIGH) -> TicketId:
    """One whose first reply is due within an hour, with a warning half an hour before."""
    made = await actions.open_ticket(at(NOW), Opening(About("No stamp", priority=priority), "…", TicketChannel.PHONE))
    return TicketId(made.result["ticket"])


async def marks(ticket: TicketId) -> tuple[str | None, str | None]:
    row = await db.fetchrow("SELECT first_reply_mark, resolution_mark FROM ticket WHERE id = $1", ticket)
    assert row is not None
    return row["first_reply_mark"], row["resolution_mark"]


async def test_a_ticket_is_warned_of_before_and_marked_once_it_was_due() -> None:
    ticket = await opened()
    assert await mark_due(NOW + 29 * HOUR / 60) == 0
    assert await marks(ticket) == (None, None)
    assert await mark_due(NOW + HOUR / 2) == 1
    assert await marks(ticket) == ("warned", None)
    assert await mark_due(NOW + HOUR) == 1
    assert await marks(ticket) == ("breached", None)
    assert await mark_due(NOW + HOUR) == 0


async def test_what_was_answered_in_time_is_not_marked_and_what_waits_is_not_either() -> None:
    ticket = await opened()
    await actions.reply(at(NOW + HOUR / 4), ticket, None, "We look into it", TicketStatus.PENDING)
    assert await mark_due(NOW + 100 * HOUR) == 0
    assert await marks(ticket) == (None, None)


async def test_many_are_marked_in_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.domain.tickets.dues.AT_ONCE", 2)
    tickets = [await opened() for _ in range(5)]
    assert await mark_due(NOW + HOUR) == 5
    assert {await marks(one) for one in tickets} == {("breached", None)}


async def test_one_that_somebody_has_in_hand_waits_for_the_next_minute(as_superuser: asyncpg.Connection) -> None:
    held, other = await opened(), await opened()
    async with as_superuser.transaction():
        await as_superuser.execute("SELECT FROM ticket WHERE id = $1 FOR UPDATE", held)
        assert await mark_due(NOW + HOUR) == 1
        assert await marks(other) == ("breached", None)
    assert await mark_due(NOW + HOUR) == 1
    assert await marks(held) == ("breached", None)


async def test_a_ticket_taken_back_of_a_client_erased_since_holds_up_no_other(as_superuser: asyncpg.Connection) -> None:
    client = ClientId(await factories.client())
    opening = Opening(About("No stamp", priority=Priority.HIGH), "…", TicketChannel.PHONE, client)
    made = await actions.open_ticket(at(NOW), opening)
    await as_superuser.execute("UPDATE client SET erased_at = now(), retired_at = now()")
    await as_superuser.execute("SET session_replication_role = replica")
    await as_superuser.execute("UPDATE ticket SET retired_at = $1, mark_at = $1", NOW)
    other = await opened()
    assert made.result["ticket"] != other
    assert await mark_due(NOW + HOUR) == 1
    assert await marks(other) == ("breached", None)


async def first_reply_due(ticket: TicketId) -> datetime:
    found: datetime = await db.fetchval("SELECT first_reply_due FROM ticket WHERE id = $1", ticket)
    return found


async def targets(minutes: int) -> None:
    """High priority is to be answered within other minutes."""
    stands = await settings.targets_view()
    high = replace(stands.by_priority[Priority.HIGH], first_reply=minutes, warn=1)
    vera = Intent(uuid4(), VERA.actor, NOW)
    await settings.change_targets(vera, stands.versions, {**stands.by_priority, Priority.HIGH: high})


async def test_tickets_are_due_by_other_targets_soon_after_they_were_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.domain.tickets.dues.AT_ONCE", 2)
    tickets = [await opened() for _ in range(5)]
    await targets(30)
    assert {await first_reply_due(one) for one in tickets} == {NOW + HOUR}
    await mark_due(NOW)
    assert {await first_reply_due(one) for one in tickets} == {NOW + HOUR / 2}
    assert await dues.settle_anew(NOW) == 0


async def test_what_was_solved_in_time_stays_so_whatever_is_wanted_since() -> None:
    ticket = await opened()
    await actions.reply(at(NOW + 3 * HOUR / 4), ticket, None, "It is there")
    await actions.move(at(NOW + HOUR), ticket, TicketStatus.SOLVED)
    await targets(30)
    await mark_due(NOW + HOUR)
    await actions.note(at(NOW + 2 * HOUR), ticket, "They were glad")
    closed = await actions.move(at(NOW + 2 * HOUR), ticket, TicketStatus.CLOSED)
    assert (await first_reply_due(ticket), await marks(ticket)) == (NOW + HOUR, (None, None))
    await undo(at(NOW + 3 * HOUR), closed.operation_id)
    assert (await first_reply_due(ticket), await marks(ticket)) == (NOW + HOUR, (None, None))
    await actions.move(at(NOW + 3 * HOUR), ticket, TicketStatus.OPEN)
    assert (await first_reply_due(ticket), await marks(ticket)) == (NOW + HOUR / 2, ("breached", None))


async def test_a_run_that_was_killed_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.domain.tickets.dues.AT_ONCE", 2)
    tickets = [await opened() for _ in range(3)]
    await targets(30)
    assert await dues.settle_anew(NOW) == 2
    assert [await first_reply_due(one) == NOW + HOUR / 2 for one in tickets] == [True, True, False]
    await mark_due(NOW)
    assert {await first_reply_due(one) for one in tickets} == {NOW + HOUR / 2}


async def test_other_targets_and_a_ticket_in_somebodys_hands_never_wait_in_a_circle(
    as_superuser: asyncpg.Connection,
) -> None:
    """Whoever has a later ticket takes an earlier one next, as no use case does, but a repair may."""
    first, second = await opened(), await opened()
    async with as_superuser.transaction():
        await as_superuser.execute("SELECT FROM ticket WHERE id = $1 FOR UPDATE", second)
        await targets(30)
        await as_superuser.execute("SELECT FROM ticket WHERE id = $1 FOR UPDATE", first)
        settling = asyncio.create_task(mark_due(NOW))
        await waits(settling)
        await as_superuser.execute("SET LOCAL session_replication_role = replica")
        await as_superuser.execute("UPDATE ticket SET priority = 'low' WHERE id = $1", second)
    await asyncio.wait_for(settling, PATIENCE)
    assert await first_reply_due(first) == NOW + HOUR / 2
    assert await first_reply_due(second) == NOW + 8 * HOUR
