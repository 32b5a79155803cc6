"""What would expire waits while a ticket about it, opened before, is open (loyalty rules, section 2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from console.domain import db
from console.domain.desk import actions as desk_actions
from console.domain.errors import Busy
from console.domain.ids import ClientId, OperationId, TicketCategoryId, TicketId
from console.domain.intent import Intent
from console.domain.loyalty import cards
from console.domain.loyalty import checks as loyalty_checks
from console.domain.loyalty.rules.programme import Counter, Programme
from console.domain.tickets import actions, checks, holds, queries, settings
from console.domain.tickets.actions import Together
from console.domain.tickets.remedies import evidence
from console.domain.tickets.rules import TicketStatus
from console.domain.undo import undo
from tests import factories, loyal
from tests.cast import ANNA, NOW, VERA
from tests.domain.tickets.desk import intent, opened, row, seen
from workers.night import do_due
from workers.tickets import hold_due

TODAY = loyal.TODAY
EVERY = Programme(counter=Counter(1, stamp_valid_days=10, reward_valid_days=10))


def day(days: int) -> date:
    return TODAY + timedelta(days)


@pytest.fixture
async def client(database: None) -> ClientId:
    """A client whose free visit is good through today."""
    await factories.staff(ANNA)
    await factories.staff(VERA)
    one = ClientId(await factories.client())
    await loyal.in_force(EVERY)
    await loyal.come(one, 1, 10)
    return one


async def stamps_category() -> int:
    return int(await db.fetchval("SELECT id FROM ticket_category WHERE holds"))


async def about_stamps(client: ClientId) -> TicketId:
    return await opened(client, category=await stamps_category())


async def expired(client: ClientId) -> list[date]:
    """On which dates free visits ended."""
    rows = await db.fetch(
        'SELECT "on" FROM loyalty_entry WHERE client = $1 AND unit = $2 AND verb = $3 ORDER BY id',
        client,
        "free_visit",
        "expire",
    )
    return [one["on"] for one in rows]


async def nights(first: int, last: int) -> None:
    """The night of each day, as the worker does it, and once more as after a kill."""
    for days in range(first, last + 1):
        at = NOW + timedelta(days)
        await do_due(at)
        await do_due(at)


async def pauses() -> Sequence[tuple[int, date, date | None]]:
    rows = await db.fetch("SELECT ticket, first, last FROM loyalty_pause ORDER BY id")
    return [(one["ticket"], one["first"], one["last"]) for one in rows]


async def is_free(client: ClientId, days: int) -> bool:
    found = await cards.card(client, day(days))
    assert found is not None
    return bool(found.free_visits)


async def all_is_well() -> list[str]:
    return [one for check in (*loyalty_checks.LEDGERS, checks.what_waits_has_its_ticket) for one in await check()]


async def test_without_a_ticket_it_expires_the_night_after_its_last_day(client: ClientId) -> None:
    await nights(1, 3)
    assert await expired(client) == [day(1)]


async def test_it_waits_while_the_ticket_is_open_and_expires_the_night_after_it_is_solved(client: ClientId) -> None:
    ticket = await about_stamps(client)
    await nights(1, 3)
    assert await expired(client) == []
    assert await is_free(client, 3)
    found = await cards.card(client, day(3))
    assert found is not None
    assert ([one.through for one in found.overdue.free_visits], found.overdue.tickets) == ([TODAY], [1])
    assert await all_is_well() == []
    await actions.move(intent(hours=3 * 24), ticket, TicketStatus.SOLVED)
    assert await is_free(client, 3)
    await nights(3, 5)
    assert await expired(client) == [day(4)]
    assert await pauses() == [(1, TODAY, day(3))]
    assert await all_is_well() == []


async def test_a_visit_takes_the_free_visit_that_waits(client: ClientId) -> None:
    await about_stamps(client)
    await loyal.come(client, 2, -3, free=True)
    found = await db.fetch("SELECT verb, \"on\" FROM loyalty_entry WHERE unit = 'free_visit' ORDER BY id")
    assert [(one["verb"], one["on"]) for one in found] == [("issue", day(-10)), ("redeem", day(3))]


async def test_a_ticket_that_is_opened_after_it_expired_holds_nothing(client: ClientId) -> None:
    await opened(client)
    category = await stamps_category()
    late = intent(hours=24)
    opening = actions.Opening(actions.About("Too late", category), "Where is it?", actions.TicketChannel.PHONE, client)
    await actions.open_ticket(late, opening)
    assert not await is_free(client, 1)
    await nights(1, 2)
    assert await expired(client) == [day(1)]


async def test_a_ticket_about_something_else_holds_nothing_until_its_category_says_so(client: ClientId) -> None:
    ticket = await opened(client)
    assert await pauses() == []
    about = actions.About("Stamps after all", await stamps_category())
    await actions.change(intent(hours=1), ticket, (await row(ticket))["version"], about)
    assert await pauses() == [(1, TODAY, None)]
    assert (await queries.ticket(ticket)).holds
    await actions.change(intent(hours=2), ticket, (await row(ticket))["version"], actions.About("No"))
    assert await pauses() == [(1, TODAY, TODAY)]


async def test_one_that_is_opened_again_holds_what_has_not_expired_and_brings_nothing_back(client: ClientId) -> None:
    ticket = await about_stamps(client)
    await actions.move(intent(hours=24), ticket, TicketStatus.SOLVED)
    await nights(2, 2)
    assert await expired(client) == [day(2)]
    await actions.receive(intent(hours=3 * 24), ticket, "It is gone.")
    assert not await is_free(client, 3)
    await nights(3, 4)
    assert await expired(client) == [day(2)]
    assert await pauses() == [(1, TODAY, day(1)), (1, day(3), None)]
    assert await all_is_well() == []


async def test_one_that_is_opened_again_on_the_same_day_goes_on_holding(client: ClientId) -> None:
    ticket = await about_stamps(client)
    await actions.move(intent(hours=24), ticket, TicketStatus.SOLVED)
    await actions.receive(intent(hours=25), ticket, "No, it is not.")
    await nights(2, 4)
    assert await expired(client) == []
    assert await is_free(client, 4)


async def test_an_undo_of_solving_brings_nothing_back_that_expired_since(client: ClientId) -> None:
    ticket = await about_stamps(client)
    solved = await actions.move(intent(hours=24), ticket, TicketStatus.SOLVED)
    await nights(2, 2)
    await undo(intent(hours=50), OperationId(solved.operation_id))
    assert await pauses() == [(1, TODAY, day(1)), (1, day(2), None)]
    assert not await is_free(client, 2)
    assert await expired(client) == [day(2)]
    assert await all_is_well() == []


async def test_an_undo_of_opening_lets_it_go_on_from_then_on(client: ClientId) -> None:
    ticket = await about_stamps(client)
    await nights(1, 2)
    [operation] = await db.fetch("SELECT id FROM operation WHERE kind = 'ticket.open'")
    await undo(intent(hours=49), OperationId(operation["id"]))
    assert (await row(ticket))["retired_at"] is not None
    assert await pauses() == [(1, TODAY, day(2))]
    await nights(3, 3)
    assert await expired(client) == [day(3)]


async def test_it_holds_for_whoever_the_ticket_is_of(client: ClientId) -> None:
    other = ClientId(await factories.client())
    ticket = await about_stamps(other)
    await actions.give_to_client(intent(hours=1), ticket, (await row(ticket))["version"], client)
    rows = await db.fetch("SELECT client, last FROM loyalty_pause ORDER BY id")
    assert [(one["client"], one["last"]) for one in rows] == [(other, TODAY), (client, None)]
    await nights(1, 2)
    assert await expired(client) == []


async def test_several_that_are_solved_at_once_let_it_go_on(client: ClientId) -> None:
    tickets = [await about_stamps(client), await about_stamps(client)]
    await actions.change_together(intent(hours=24), await seen(*tickets[:1]), Together(status=TicketStatus.SOLVED))
    await nights(2, 3)
    assert await expired(client) == []
    await actions.change_together(intent(hours=3 * 24), await seen(*tickets[1:]), Together(status=TicketStatus.SOLVED))
    await nights(4, 4)
    assert await expired(client) == [day(4)]


async def test_nothing_waits_for_an_erased_client(client: ClientId) -> None:
    await about_stamps(client)
    await desk_actions.erase(intent(VERA, hours=1, reason="asked"), client)
    assert [last for _, _, last in await pauses()] == [TODAY]


async def test_tickets_follow_a_category_that_says_otherwise(client: ClientId) -> None:
    ticket = await about_stamps(client)
    one = await settings.category(await stamps_category())

    async def says(holds_: bool, hours: float) -> None:
        known = await settings.category(one.id)
        category = TicketCategoryId(one.id)
        await settings.change_category(intent(VERA, hours=hours), category, known.version, one.names, 1, holds_)

    await says(False, 24)
    await hold_due(NOW + timedelta(1))
    assert await pauses() == [(1, TODAY, day(1))]
    await says(True, 24.5)
    assert await holds.differing(9) == [ticket]
    assert await checks.what_waits_has_its_ticket() == [f"ticket {ticket} is not waited for as its category says"]
    await hold_due(NOW + timedelta(1))
    assert await pauses() == [(1, TODAY, day(1)), (1, day(1), None)]
    await nights(2, 3)
    assert await expired(client) == []
    assert await all_is_well() == []


async def test_one_ticket_that_is_refused_stops_no_other_of_its_batch(
    client: ClientId, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await about_stamps(client), await about_stamps(client)
    one = await settings.category(await stamps_category())
    await settings.change_category(
        intent(VERA, hours=24), TicketCategoryId(one.id), one.version, one.names, 1, holds=False
    )
    real = settings.hold

    async def held_by_another(intent: Intent, tickets: Sequence[TicketId]) -> Any:
        if first in tickets:
            raise Busy
        return await real(intent, tickets)

    monkeypatch.setattr(settings, "hold", held_by_another)
    await hold_due(NOW + timedelta(1))
    assert await holds.differing(9) == [first]
    assert second != first


async def test_what_waits_has_not_lapsed_and_is_not_offered_as_a_remedy(client: ClientId) -> None:
    ticket = await about_stamps(client)
    opened_at = (await row(ticket))["opened_at"]
    causes = [one.remedy.cause for one in await evidence.found(client, opened_at, NOW + timedelta(2))]
    assert "reward_lapsed" not in causes


async def test_a_pause_only_ever_ends(client: ClientId, as_owner: asyncpg.Connection) -> None:
    ticket = await about_stamps(client)
    with pytest.raises(asyncpg.RestrictViolationError):
        await as_owner.execute("UPDATE loyalty_pause SET first = first - 1")
    await actions.move(intent(hours=1), ticket, TicketStatus.SOLVED)
    with pytest.raises(asyncpg.RestrictViolationError):
        await as_owner.execute("UPDATE loyalty_pause SET last = NULL")
    with pytest.raises(asyncpg.CheckViolationError):
        await as_owner.execute(
            "INSERT INTO loyalty_pause (operation, client, ticket, first, last) SELECT operation, client, 9, first,"
            " first - 1 FROM loyalty_pause"
        )
