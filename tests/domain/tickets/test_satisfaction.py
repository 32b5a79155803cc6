"""Whose ticket was solved is asked once what they think of it; they say it once, and may think otherwise for a week."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from console.domain import db
from console.domain.errors import Invalid, NotFound
from console.domain.ids import ClientId, StaffId, TicketId, TicketStatusId
from console.domain.intent import Intent
from console.domain.messages.rules import MessageKind
from console.domain.messages.settings import choose
from console.domain.messages.settings_rules import MessageSettings
from console.domain.tickets import actions, listing, queries, ratings
from console.domain.tickets.listing import Wanted
from console.domain.tickets.ratings import Figures, RatingClosed
from console.domain.tickets.rules import Rating, TicketStatus
from console.domain.undo import undo
from tests import factories
from tests.cast import ANNA, NOW, VERA
from tests.domain.tickets.desk import intent, opened, solved

pytestmark = pytest.mark.usefixtures("people")
ALL = MessageSettings()


@pytest.fixture
async def people(database: None) -> None:
    await factories.staff(ANNA)
    await factories.staff(VERA)


async def asked(*, withdrawn: bool = False) -> list[Mapping[str, Any]]:
    return await db.fetch(
        "SELECT id, client, due_at, ends_at, variables FROM message WHERE kind = 'ticket.satisfaction'"
        " AND (retired_at IS NOT NULL) = $1 ORDER BY id",
        withdrawn,
    )


async def ticket_of(solving: TicketStatusId) -> TicketId:
    return TicketId(await db.fetchval("SELECT ticket FROM ticket_status WHERE id = $1", solving))


async def rate(
    solving: TicketStatusId, client: ClientId, rating: Rating = Rating.GOOD, comment: str = "", hours: float = 1
) -> None:
    said = Intent(uuid4(), ratings.CLIENT, NOW + timedelta(hours=hours))
    await ratings.rate(said, await ticket_of(solving), solving, client, rating, comment)


async def test_a_day_after_it_was_solved_its_client_is_asked() -> None:
    _, client = await solved()
    [one] = await asked()
    assert (one["client"], one["due_at"], one["ends_at"]) == (
        client,
        NOW + timedelta(hours=24),
        NOW + timedelta(days=8),
    )


async def test_nobody_is_asked_of_a_ticket_that_is_open_again_and_once_more_when_it_is_solved_again() -> None:
    solving, _ = await solved()
    ticket = await ticket_of(solving)
    again = await actions.receive(intent(hours=2), ticket, "It is not there.")
    assert (len(await asked()), len(await asked(withdrawn=True))) == (0, 1)
    await undo(intent(hours=3), again.operation_id)
    [back] = await asked()
    assert back["due_at"] == NOW + timedelta(hours=24)
    await actions.receive(intent(hours=4), ticket, "Not there!")
    await actions.move(intent(hours=5), ticket, TicketStatus.SOLVED)
    [new] = await asked()
    assert new["due_at"] == NOW + timedelta(hours=29)
    await actions.move(intent(hours=6), ticket, TicketStatus.CLOSED)
    assert await asked() == [new]


async def test_who_said_what_they_think_is_not_asked_any_more() -> None:
    solving, client = await solved()
    await rate(solving, client)
    assert (await asked(), len(await asked(withdrawn=True))) == ([], 1)
    await actions.move(intent(hours=6), await ticket_of(solving), TicketStatus.CLOSED)
    assert await asked() == []


@pytest.mark.parametrize(
    "stands", ["status = 'due'", "status = 'claimed', claimed_until = try_at", "status = 'unknown', reason = 'trouble'"]
)
async def test_what_a_worker_has_of_a_ticket_that_is_open_again_is_not_tried_again(stands: str) -> None:
    solving, _ = await solved()
    await db.execute(f"UPDATE message SET {stands}, channel = 'sms' WHERE kind = 'ticket.satisfaction'")
    again = await actions.receive(intent(hours=2), await ticket_of(solving), "It is not there.")
    assert (len(await asked()), len(await asked(withdrawn=True))) == (0, 1)
    await undo(intent(hours=3), again.operation_id)
    assert (len(await asked()), len(await asked(withdrawn=True))) == (1, 0)


async def test_an_undone_solving_asks_nobody() -> None:
    ticket = await opened(await factories.client())
    done = await actions.move(intent(), ticket, TicketStatus.SOLVED)
    await undo(intent(), done.operation_id)
    assert await asked() == []


async def test_a_ticket_of_nobody_asks_nobody_and_one_that_is_given_away_asks_its_new_client() -> None:
    ticket = await opened(None)
    await actions.move(intent(), ticket, TicketStatus.SOLVED)
    assert await asked() == []
    solving, _ = await solved()
    given = await ticket_of(solving)
    other = ClientId(await factories.client())
    version = await db.fetchval("SELECT version FROM ticket WHERE id = $1", given)
    await actions.give_to_client(intent(hours=1), given, version, other)
    assert [one["client"] for one in await asked()] == [other]


async def test_the_business_says_how_many_hours_later_and_whether_at_all() -> None:
    await choose(intent(VERA), 0, replace(ALL, satisfaction=2))
    await solved()
    [one] = await asked()
    assert one["due_at"] == NOW + timedelta(hours=2)
    await choose(intent(VERA), 1, replace(ALL, off=frozenset({MessageKind.TICKET_SATISFACTION})))
    await solved()
    assert await asked() == [one]


async def test_what_a_client_thinks_is_kept_once_and_may_be_otherwise_for_a_week() -> None:
    solving, client = await solved()
    await rate(solving, client, Rating.BAD, "  Too late. ")
    await rate(solving, client, Rating.GOOD, hours=7 * 24)
    [one] = await ratings.of_ticket(await ticket_of(solving))
    assert (one.rating, one.comment, one.at) == (Rating.GOOD, None, NOW + timedelta(hours=1))
    with pytest.raises(RatingClosed):
        await rate(solving, client, Rating.BAD, hours=7 * 24 + 1)
    assert (await queries.ticket(await ticket_of(solving))).rating is Rating.GOOD


async def test_it_is_said_of_ones_own_ticket_in_time_and_at_no_great_length() -> None:
    solving, client = await solved()
    with pytest.raises(NotFound):
        await rate(solving, ClientId(await factories.client()))
    with pytest.raises(Invalid):
        await rate(solving, client, comment="x" * 2001)
    with pytest.raises(RatingClosed):
        await rate(solving, client, hours=60 * 24)
    assert await ratings.of_ticket(await ticket_of(solving)) == []


async def test_the_database_takes_one_rating_of_a_solving_and_of_nothing_else() -> None:
    solving, client = await solved()
    opened_ = await db.fetchval("SELECT min(id) FROM ticket_status")
    rating = {"ticket": await ticket_of(solving), "client": client, "rating": "good", "at": NOW}
    with pytest.raises(asyncpg.CheckViolationError):
        await factories._insert("ticket_rating", solving=opened_, **rating)
    await rate(solving, client)
    with pytest.raises(asyncpg.UniqueViolationError):
        await factories._insert("ticket_rating", solving=solving, **rating)


async def test_a_bad_one_is_told_to_whoever_deals_with_it_until_they_say_something() -> None:
    solving, client = await solved()
    ticket = await ticket_of(solving)
    await actions.assign(intent(), ticket, StaffId(ANNA.id))
    await rate(solving, client, Rating.BAD)
    now = NOW + timedelta(hours=2)
    assert (await listing.counts(ANNA.id, now)).rated_bad == 1
    assert (await listing.counts(VERA.id, now)).rated_bad == 0
    assert (await listing.counts(ANNA.id, now + listing.UNSEEN)).rated_bad == 0
    await actions.note(intent(hours=3), ticket, "I call them.")
    assert (await listing.counts(ANNA.id, now)).rated_bad == 0
    assert [one.id for one in (await listing.page(Wanted(rating=Rating.BAD))).rows] == [ticket]


async def test_the_list_goes_by_what_was_said_last_and_figures_by_all_lately() -> None:
    solving, client = await solved()
    ticket = await ticket_of(solving)
    await rate(solving, client, Rating.BAD)
    await actions.move(intent(hours=2), ticket, TicketStatus.OPEN)
    await actions.move(intent(hours=3), ticket, TicketStatus.SOLVED)
    again = await db.fetchval("SELECT max(id) FROM ticket_status WHERE status = 'solved'")
    await rate(TicketStatusId(again), client, Rating.GOOD, hours=4)
    assert (await listing.page(Wanted(rating=Rating.BAD))).rows == []
    assert [one.rating for one in (await listing.page(Wanted(rating=Rating.GOOD))).rows] == [Rating.GOOD]
    assert await ratings.figures(NOW + timedelta(days=1)) == Figures(1, 2)
    assert await ratings.figures(NOW + timedelta(days=91)) == Figures(0, 0)
