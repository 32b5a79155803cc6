"""Tickets against the database: what is said in them, where they stand, whose they are."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from console.domain import db
from console.domain.clients.rules import MOST_TAGS
from console.domain.clients.steps import Erased
from console.domain.desk import actions as desk_actions
from console.domain.errors import AlreadyUndone, Forbidden, Invalid, NotFound, Problem, Stale
from console.domain.ids import ClientId, OperationId, StaffId
from console.domain.tickets import actions, checks, drafts, links, listing, queries, views
from console.domain.tickets.actions import NoneChanged, Together
from console.domain.tickets.links import LinkedAlready
from console.domain.tickets.listing import Wanted
from console.domain.tickets.rules import MOVES, UNSOLVED, EntryKind, Priority, TicketStatus
from console.domain.tickets.steps import TicketClosed, TicketElsewhere
from console.domain.undo import undo
from tests import factories
from tests import yard as yards
from tests.cast import ANNA, VERA
from tests.domain.tickets.desk import ABOUT, intent, opened, row, said, seen, status


@pytest.fixture
async def client(database: None) -> ClientId:
    """A client; Anna and Vera work here."""
    await factories.staff(ANNA)
    await factories.staff(VERA)
    return ClientId(await factories.client())


async def test_a_ticket_opens_with_what_the_client_said_and_the_next_number(client: ClientId) -> None:
    first, second = await opened(client), await opened(client)
    assert [(await row(one))["number"] for one in (first, second)] == [1, 2]
    assert await status(first) == "open"
    assert await said(first) == [("in", "I was there on Monday.")]
    known = await queries.conversation(1)
    assert [(one.status, one.why, one.actor) for one in known.moved] == [("open", "opened", ANNA.id)]


async def test_tickets_that_are_opened_at_once_have_numbers_of_their_own(client: ClientId) -> None:
    await asyncio.gather(*(opened() for _ in range(8)))
    numbers = [row["number"] for row in await db.fetch("SELECT number FROM ticket ORDER BY number")]
    assert numbers == list(range(1, 9))


async def test_a_reply_waits_for_the_client_and_their_answer_opens_it_again(client: ClientId) -> None:
    ticket = await opened(client)
    await actions.reply(intent(hours=1), ticket, 1, "Which day was it?")
    assert await status(ticket) == "pending"
    await actions.receive(intent(hours=2), ticket, "Monday.")
    assert await status(ticket) == "open"
    assert [kind for kind, _ in await said(ticket)] == ["in", "out", "in"]


async def test_an_answer_to_a_solved_ticket_opens_it_again(client: ClientId) -> None:
    ticket = await opened(client)
    await actions.move(intent(hours=1), ticket, TicketStatus.SOLVED)
    assert (await row(ticket))["solved_at"] is not None
    await actions.receive(intent(hours=2), ticket, "It is missing again.")
    found = await row(ticket)
    assert (found["status"], found["solved_at"]) == ("open", None)


async def test_an_answer_of_ours_to_a_solved_ticket_waits_for_the_client(client: ClientId) -> None:
    ticket = await opened(client)
    await actions.move(intent(hours=1), ticket, TicketStatus.SOLVED)
    version = (await row(ticket))["version"]
    await actions.reply(intent(hours=2), ticket, version, "Is it there?", TicketStatus.PENDING)
    found = await row(ticket)
    assert (found["status"], found["solved_at"]) == ("pending", None)


async def test_nothing_more_is_said_in_a_closed_ticket(client: ClientId) -> None:
    ticket = await opened(client)
    await actions.move(intent(), ticket, TicketStatus.SOLVED)
    await actions.move(intent(), ticket, TicketStatus.CLOSED)
    for refused in (
        actions.receive(intent(), ticket, "Hello?"),
        actions.note(intent(), ticket, "Late."),
        actions.assign(intent(), ticket, StaffId(VERA.id)),
    ):
        with pytest.raises(TicketClosed):
            await refused
    assert len(await said(ticket)) == 1


@pytest.mark.parametrize("now", TicketStatus)
@pytest.mark.parametrize("then", TicketStatus)
async def test_a_ticket_comes_to_a_status_only_from_where_it_may(
    client: ClientId, now: TicketStatus, then: TicketStatus
) -> None:
    ticket = await opened(client)
    way = {TicketStatus.OPEN: (), TicketStatus.CLOSED: (TicketStatus.SOLVED, now)}.get(now, (now,))
    for step in way:
        await actions.move(intent(), ticket, step)
    try:
        await actions.move(intent(), ticket, then)
        assert now == then or then in MOVES[now]
    except (TicketElsewhere, TicketClosed):
        assert then not in MOVES[now]
    assert await checks.tickets_stand_where_they_came_to() == []


async def test_a_reply_to_what_somebody_changed_meanwhile_is_not_sent(client: ClientId) -> None:
    ticket = await opened(client)
    await actions.note(intent(VERA), ticket, "Do not answer yet.")
    with pytest.raises(Stale):
        await actions.reply(intent(), ticket, 1, "All is well.")
    assert [kind for kind, _ in await said(ticket)] == ["in", "note"]
    assert await status(ticket) == "open"


async def test_what_was_said_can_be_taken_back_at_once_and_said_again(client: ClientId) -> None:
    ticket = await opened(client)
    done = await actions.reply(intent(hours=1), ticket, 1, "Which day was it?")
    assert (await row(ticket))["first_replied_at"] is not None
    undone = await undo(intent(hours=2), done.operation_id)
    assert [kind for kind, _ in await said(ticket)] == ["in"]
    found = await row(ticket)
    assert (found["status"], found["first_replied_at"]) == ("open", None)
    await undo(intent(hours=3), undone.operation_id)
    assert await status(ticket) == "pending"
    assert [kind for kind, _ in await said(ticket)] == ["in", "out"]
    assert await checks.tickets_stand_where_they_came_to() == []


async def test_the_same_sent_twice_is_said_once(client: ClientId) -> None:
    ticket, once = await opened(client), intent()
    await actions.reply(once, ticket, 1, "Which day was it?")
    again = await actions.reply(once, ticket, 1, "Which day was it?")
    assert again.replayed
    assert len(await said(ticket)) == 2


async def test_empty_subjects_texts_and_unknown_choices_are_told_at_their_fields(client: ClientId) -> None:
    with pytest.raises(Invalid) as refused:
        await opened(client, " ", subject=" ", tags=("x",) * 20)
    assert {one: problem.key for one, problem in refused.value.problems.items()} == {
        "subject": "problem.required",
        "body": "problem.required",
        "tags": "problem.tags_many",
    }
    for about in ({"category": 404}, {"assignee": StaffId(404)}):
        with pytest.raises(Invalid) as refused:
            await opened(client, **about)
        assert set(refused.value.problems) == set(about)
    with pytest.raises(NotFound):
        await opened(404)


async def test_a_ticket_given_to_another_client_takes_all_that_was_said_along(client: ClientId) -> None:
    yard = await yards.yard()
    booking = await yard.book(client=client)
    ticket = await opened(client, booking=booking)
    other = ClientId(await factories.client("Olga", "Moroz"))
    await actions.give_to_client(intent(), ticket, 1, other)
    assert await db.fetchval("SELECT array_agg(DISTINCT client) FROM ticket_entry") == [other]
    assert (await queries.conversation(1)).links == []
    assert await checks.parts_of_tickets_are_their_clients() == []


async def test_the_database_keeps_what_was_said_with_the_client_of_its_ticket(
    client: ClientId, as_owner: asyncpg.Connection
) -> None:
    ticket = await opened(client)
    other = await factories.client("Olga", "Moroz")
    for statement in ("UPDATE ticket SET client = $1", "UPDATE ticket_entry SET client = $1"):
        with pytest.raises(asyncpg.CheckViolationError):
            await as_owner.execute(statement, other)
    for statement in ("UPDATE ticket_entry SET body = 'Something else'", "DELETE FROM ticket_entry"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await as_owner.execute(statement)
    with pytest.raises(asyncpg.CheckViolationError):
        await as_owner.execute("UPDATE ticket SET status = 'closed'")
    assert (await row(ticket))["client"] == client


async def test_a_ticket_is_about_its_own_clients_bookings_once(client: ClientId) -> None:
    yard = await yards.yard()
    booking = await yard.book(client=client)
    ticket = await opened(client)
    await links.to_booking(intent(), ticket, booking)
    with pytest.raises(LinkedAlready):
        await links.to_booking(intent(), ticket, booking)
    theirs = await opened(await factories.client("Olga", "Moroz"))
    with pytest.raises(Invalid) as refused:
        await links.to_booking(intent(), theirs, booking)
    assert set(refused.value.problems) == {"booking"}
    (link,) = (await queries.conversation(1)).links
    await links.unlink(intent(), link.id)
    assert (await queries.conversation(1)).links == []


async def test_many_tickets_change_together_and_those_that_cannot_are_told(client: ClientId) -> None:
    closed, solved, fresh = [await opened(client) for _ in range(3)]
    for ticket in (closed, solved):
        await actions.move(intent(), ticket, TicketStatus.SOLVED)
    await actions.move(intent(), closed, TicketStatus.CLOSED)
    what = Together(assign=True, assignee=StaffId(VERA.id), status=TicketStatus.PENDING, tag="weekend")
    done = await actions.change_together(intent(), await seen(closed, solved, fresh), what)
    assert done.result == {"ticket": [fresh]}
    assert {one.key: one.params["numbers"] for one in done.effects} == {
        "effect.tickets_left_closed": "1",
        "effect.tickets_left_status": "2",
    }
    found = await row(fresh)
    assert (found["status"], found["assignee"], found["tags"]) == ("pending", VERA.id, ["stamps", "weekend"])
    assert (await row(solved))["assignee"] is None
    await undo(intent(), done.operation_id)
    assert (await row(fresh))["status"] == "open"
    with pytest.raises(AlreadyUndone):
        await undo(intent(), done.operation_id)


async def test_one_that_somebody_else_changed_since_it_was_listed_stays_as_they_left_it(client: ClientId) -> None:
    theirs, untouched = await opened(client), await opened(client)
    listed = await seen(theirs, untouched)
    await actions.note(intent(), theirs, "I called them")
    done = await actions.change_together(intent(), listed, Together(assign=True, assignee=StaffId(VERA.id), tag="May"))
    assert done.result == {"ticket": [untouched]}
    assert {one.key: one.params["numbers"] for one in done.effects} == {"effect.tickets_left_stale": "1"}
    assert ((await row(theirs))["assignee"], (await row(theirs))["tags"]) == (None, ["stamps"])
    assert (await row(untouched))["assignee"] == VERA.id


async def test_where_none_of_them_can_be_changed_nothing_is_done_and_it_is_said_why(client: ClientId) -> None:
    theirs, closed = await opened(client), await opened(client)
    listed = await seen(theirs)
    await actions.note(intent(), theirs, "I called them")
    for then in (TicketStatus.SOLVED, TicketStatus.CLOSED):
        await actions.move(intent(), closed, then)
    before = await db.fetchval("SELECT count(*) FROM operation")
    with pytest.raises(NoneChanged) as refused:
        await actions.change_together(intent(), listed, Together(tag="May"))
    assert refused.value.problem == Problem("effect.tickets_left_stale", {"numbers": "1"})
    with pytest.raises(NoneChanged) as refused:
        await actions.change_together(intent(), listed | await seen(closed), Together(tag="May"))
    assert refused.value.problem == Problem("refused.tickets_left")
    assert await db.fetchval("SELECT count(*) FROM operation") == before


async def test_one_whose_tags_are_full_stays_as_it_is_and_the_others_get_theirs(client: ClientId) -> None:
    full = await opened(client, tags=tuple(f"tag {n}" for n in range(MOST_TAGS)))
    fresh = await opened(client)
    what = Together(assign=True, assignee=StaffId(VERA.id), tag="weekend")
    done = await actions.change_together(intent(), await seen(full, fresh), what)
    assert done.result == {"ticket": [fresh]}
    assert {one.key: one.params["numbers"] for one in done.effects} == {"effect.tickets_left_tags": "1"}
    assert (await row(full))["assignee"] is None
    assert (await row(fresh))["tags"] == ["stamps", "weekend"]
    with pytest.raises(Invalid) as refused:
        await actions.change_together(intent(), await seen(fresh), Together(tag="x" * 100))
    assert list(refused.value.problems) == ["tag"]


async def test_statuses_come_one_after_the_other_whatever_the_clocks_show(client: ClientId) -> None:
    ticket = await opened(client)
    await actions.move(intent(hours=2), ticket, TicketStatus.PENDING)
    await actions.receive(intent(hours=1), ticket, "Monday.")
    await actions.move(intent(hours=1.5), ticket, TicketStatus.SOLVED)
    rows = await db.fetch("SELECT at FROM ticket_status WHERE ticket = $1 ORDER BY id", ticket)
    later = intent(hours=2).now
    assert [one["at"] for one in rows] == [intent().now, later, later, later]
    assert (await row(ticket))["solved_at"] == later


async def test_the_database_takes_no_status_before_the_one_that_it_follows(
    client: ClientId, as_owner: asyncpg.Connection
) -> None:
    ticket = await opened(client)
    with pytest.raises(asyncpg.CheckViolationError, match="before the one that it had"):
        await as_owner.execute(
            "INSERT INTO ticket_status (ticket, status, why, at, operation) SELECT ticket, 'pending', 'by_hand',"
            " at - interval '1 second', operation FROM ticket_status WHERE ticket = $1",
            ticket,
        )


async def test_a_draft_is_kept_for_its_writer_until_it_is_said(client: ClientId) -> None:
    ticket = await opened(client)
    await drafts.keep(ticket, ANNA.id, EntryKind.OUT, "Which d", intent().now)
    await drafts.keep(ticket, ANNA.id, EntryKind.OUT, "Which day?", intent().now)
    assert await drafts.of(ticket, VERA.id) is None
    kept = await drafts.of(ticket, ANNA.id)
    assert kept is not None
    assert kept.body == "Which day?"
    await actions.reply(intent(), ticket, None, "Which day?")
    assert await drafts.of(ticket, ANNA.id) is None


async def test_a_reply_that_is_taken_back_is_its_writers_draft_again_until_it_is_said_after_all(
    client: ClientId,
) -> None:
    ticket = await opened(client)
    said = await actions.reply(intent(), ticket, None, "Which day?")
    taken = await undo(intent(hours=0.01), OperationId(said.operation_id))
    kept = await drafts.of(ticket, ANNA.id)
    assert kept is not None
    assert (kept.kind, kept.body) == (EntryKind.OUT, "Which day?")
    await undo(intent(hours=0.02), OperationId(taken.operation_id))
    assert await drafts.of(ticket, ANNA.id) is None


async def test_a_note_that_another_one_takes_back_is_nobodys_draft_and_none_takes_the_place_of_one(
    client: ClientId,
) -> None:
    ticket = await opened(client)
    first = await actions.note(intent(), ticket, "First")
    await undo(intent(VERA), OperationId(first.operation_id))
    assert [await drafts.of(ticket, one.id) for one in (ANNA, VERA)] == [None, None]
    second = await actions.note(intent(), ticket, "Second")
    await drafts.keep(ticket, ANNA.id, EntryKind.OUT, "Dear Zoe", intent().now)
    await undo(intent(), OperationId(second.operation_id))
    kept = await drafts.of(ticket, ANNA.id)
    assert kept is not None
    assert kept.body == "Dear Zoe"


async def test_whoever_is_erased_leaves_nothing_that_was_said(client: ClientId) -> None:
    ticket = await opened(client, subject="Zoe is unhappy", body="Zoe has waited.")
    await actions.change(intent(), ticket, 1, replace(ABOUT, subject="Zoe is calm"))
    await drafts.keep(ticket, ANNA.id, EntryKind.OUT, "Dear Zoe", intent().now)
    await desk_actions.erase(intent(VERA, reason="asked"), client)
    found = await row(ticket)
    assert (found["subject"], found["tags"], found["folded"], found["status"]) == (None, [], "", "closed")
    assert await said(ticket) == [("in", None)]
    for table in ("former", "ticket", "ticket_entry", "ticket_draft"):
        assert await db.fetchval(f"SELECT count(*) FROM {table} t WHERE t::text ILIKE '%zoe%'") == 0
    with pytest.raises(Erased):
        await actions.note(intent(), ticket, "Who was it?")


async def test_lists_come_in_the_order_in_which_they_are_due(client: ClientId) -> None:
    await factories.location()
    low, urgent, done = [await opened(client, priority=one) for one in (Priority.LOW, Priority.URGENT, Priority.URGENT)]
    await actions.move(intent(), done, TicketStatus.SOLVED)
    to_do = Wanted(statuses=UNSOLVED)
    assert [one.id for one in (await listing.page(to_do)).rows] == [urgent, low]
    first = await listing.page(to_do, most=1)
    assert first.has_more
    assert [one.id for one in (await listing.page(to_do, first.edge)).rows] == [low]
    assert [one.id for one in (await listing.page(Wanted(), most=2)).rows] == [done, urgent]
    await actions.assign(intent(), low, StaffId(ANNA.id))
    assert await listing.counts(ANNA.id, intent().now) == listing.Counts(1, 1, 0, 2, 0, 0, 0)
    assert [one.id for one in (await listing.page(Wanted(statuses=UNSOLVED, unassigned=True))).rows] == [urgent]


@pytest.mark.parametrize("typed", ["МОЙКЕ", "понедельник", "№ 1", "1", "Петрова", "  ПОНЕДЕЛЬНИК   был "])
async def test_tickets_are_found_by_words_numbers_and_clients(client: ClientId, typed: str) -> None:
    ticket = await opened(client, "Это был понедельник.", subject="Вопрос о мойке")
    await opened(await factories.client("Olga", "Moroz"), "Nothing of that.", subject="Another one")
    assert [one.id for one in (await listing.page(Wanted(text=typed))).rows] == [ticket]


async def test_saved_lists_are_their_owners(client: ClientId) -> None:
    made = await views.save(intent(), "Urgent and mine", {"priority": "urgent"})
    assert [(one.name, one.filter) for one in await views.saved(ANNA.id)] == [
        ("Urgent and mine", {"priority": "urgent"})
    ]
    with pytest.raises(NotFound):
        await views.remove(intent(VERA), made.result["ticket_view"])
    await views.remove(intent(), made.result["ticket_view"])
    assert await views.saved(ANNA.id) == []


async def test_the_settings_are_for_managers(client: ClientId) -> None:
    from console.domain.tickets import settings

    with pytest.raises(Forbidden):
        await settings.add_category(intent(), {"en": "Parking"})
    await settings.add_category(intent(VERA), {"en": "Parking"})
    assert (await settings.categories())[-1].names == {"en": "Parking"}


@pytest.mark.parametrize("common", [0, 1_000], ids=["of a word that many hold", "of one that few hold"])
async def test_a_search_finds_what_was_said_the_subject_the_number_and_the_client(
    client: ClientId, monkeypatch: pytest.MonkeyPatch, common: int
) -> None:
    monkeypatch.setattr(listing, "COMMON", common)
    said_, subject, theirs = await opened(body="The sofa is wet"), await opened(subject="Sofa"), await opened(client)
    taken_back = await opened(body="It is wet")
    noted = await actions.note(intent(), taken_back, "sofa")
    await undo(intent(), noted.operation_id)
    done = await opened(body="sofa")
    await actions.move(intent(), done, TicketStatus.SOLVED)

    async def found(text: str, **wanted: Any) -> list[int]:
        return sorted(one.id for one in (await listing.page(Wanted(text=text, **wanted))).rows)

    assert await found("sofa") == [said_, subject, done]
    assert await found("sofa", statuses=UNSOLVED) == [said_, subject]
    assert await found("sofa wet") == [said_]
    assert await found("Петрова") == [theirs]
    assert await found("3") == [theirs]
    assert await found("nothing") == []
    assert await listing.count(Wanted(text="sofa")) == 3
