"""What tickets put right, against the ledger: by evidence, once, within limits, and by two people beyond them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from console.domain import db
from console.domain.desk import actions as desk_actions
from console.domain.errors import Changed, Forbidden
from console.domain.ids import ClientId, TicketId, TicketRemedyId, VisitId
from console.domain.intent import Outcome
from console.domain.loyalty import checks as loyalty_checks
from console.domain.tickets import actions, checks
from console.domain.tickets.actions import Opening, PutRightAlready
from console.domain.tickets.remedies import actions as remedies
from console.domain.tickets.remedies import evidence, queries
from console.domain.tickets.remedies.actions import (
    AboveLimit,
    NoClientYet,
    NothingToPutRight,
    OwnAccount,
    RemedyDone,
    SecondPerson,
)
from console.domain.tickets.remedies.evidence import Found
from console.domain.tickets.remedies.rules import Cause, Gives, Remedy
from console.domain.tickets.rules import TicketChannel, TicketStatus
from console.domain.tickets.steps import RemedyWaits
from console.domain.visits import checks as visits_checks
from tests import factories, till
from tests import yard as yards
from tests.cast import ANNA, BORIS, NOW, OLEG, VERA
from tests.domain.tickets.desk import ABOUT, intent, lapsed, limited, opened, said, status
from tests.till import Desk


@pytest.fixture
async def desk(database: None) -> Desk:
    for person in (ANNA, BORIS, VERA, OLEG):
        await factories.staff(person)
    return await till.desk(await yards.yard())


async def unstamped(desk: Desk, ago: int = 1) -> VisitId:
    """The second visit of a date, which has no stamp of its own."""
    await desk.come(ago)
    return VisitId((await desk.come(ago)).result["visit"])


async def put_right(ticket: TicketId, visit: VisitId, who: Any = BORIS, **given: Any) -> Outcome[Any]:
    return await remedies.give(intent(who, **given), ticket, Remedy(Cause.MISSING_STAMP, visit, Gives.STAMP))


async def propose(ticket: TicketId, visit: VisitId, who: Any = BORIS) -> Outcome[Any]:
    return await remedies.propose(intent(who), ticket, Remedy(Cause.MISSING_STAMP, visit, Gives.STAMP))


async def found(desk: Desk, cause: Cause = Cause.MISSING_STAMP, opened_at: Any = NOW) -> list[Found]:
    there = await evidence.found(desk.client, opened_at, NOW)
    return [one for one in there if one.remedy.cause is cause]


async def sound() -> None:
    for check in (*checks.CHECKS, *loyalty_checks.LEDGERS, *visits_checks.CHECKS):
        assert await check() == []


async def test_a_missing_stamp_is_found_previewed_and_posted_with_links_both_ways(desk: Desk) -> None:
    visit = await unstamped(desk)
    ticket = await opened(desk.client)
    (one,) = await found(desk)
    assert (one.remedy, one.version, one.by_rules) == (Remedy(Cause.MISSING_STAMP, visit, Gives.STAMP), 1, False)
    seen = await put_right(ticket, visit, preview=True)
    assert (await desk.card_of())["stamps"] == 1
    done = await put_right(ticket, visit, expected=seen.fingerprint)
    assert done.effects == seen.effects
    assert [effect.key for effect in done.effects] == ["effect.visit_stamp", "effect.nobody_told"]
    assert (await desk.card_of())["stamps"] == 2
    (kept,) = await queries.of_ticket(ticket)
    assert (kept.posted_by, kept.proposed_by, kept.approved_by) == (done.operation_id, BORIS.id, None)
    entry = await db.fetchrow(
        "SELECT e.visit, r.ticket FROM loyalty_entry e JOIN ticket_remedy r ON r.posted_by = e.operation"
    )
    assert entry is not None
    assert (entry["visit"], entry["ticket"]) == (visit, ticket)
    await sound()


async def test_nothing_is_put_right_twice_nor_without_evidence(desk: Desk) -> None:
    visit = await unstamped(desk)
    ticket = await opened(desk.client)
    await put_right(ticket, visit)
    assert await found(desk) == []
    for wrong in (visit, VisitId(visit - 1), VisitId(404)):
        with pytest.raises(NothingToPutRight):
            await put_right(ticket, wrong)
    theirs = await opened(await factories.client("Olga", "Moroz"))
    other = await unstamped(desk, 2)
    with pytest.raises(NothingToPutRight):
        await put_right(theirs, other)
    with pytest.raises(NoClientYet):
        await put_right(await opened(), other)
    assert (await desk.card_of())["stamps"] == 3


async def test_what_changed_after_the_preview_is_not_posted_unseen(desk: Desk) -> None:
    visit = await unstamped(desk)
    ticket = await opened(desk.client)
    seen = await put_right(ticket, visit, preview=True)
    await desk.come(3)
    with pytest.raises(Changed):
        await put_right(ticket, visit, expected=seen.fingerprint)
    assert (await desk.card_of())["stamps"] == 2


async def test_a_free_visit_that_ended_while_the_ticket_was_open_is_good_again_for_two_weeks(desk: Desk) -> None:
    number = await lapsed(desk)
    opening = Opening(ABOUT, "May I use it?", TicketChannel.EMAIL, desk.client)
    early = replace(intent(), now=NOW - timedelta(30))
    ticket = TicketId((await actions.open_ticket(early, opening)).result["ticket"])
    late = await opened(desk.client)
    remedy = Remedy(Cause.REWARD_LAPSED, number, Gives.FREE_VISIT_BACK)
    with pytest.raises(NothingToPutRight):
        await remedies.give(intent(BORIS), late, remedy)
    assert (await desk.card_of())["free_visits"] == 0
    await remedies.give(intent(BORIS), ticket, remedy)
    assert (await desk.card_of())["free_visits"] == 1
    last = await db.fetchrow("SELECT verb, through, source FROM loyalty_entry ORDER BY id DESC LIMIT 1")
    assert last is not None
    assert (last["verb"], last["through"], last["source"][:7]) == (
        "reverse",
        NOW.date() + timedelta(14),
        "remedy:",
    )
    await desk.come(0, 0, free=True, paid=0)
    assert (await desk.card_of())["free_visits"] == 0
    await sound()


async def test_what_was_given_back_once_and_ended_again_is_not_given_back_again(desk: Desk) -> None:
    number = await lapsed(desk)
    opening = Opening(ABOUT, "May I use it?", TicketChannel.EMAIL, desk.client)
    early = replace(intent(), now=NOW - timedelta(30))
    ticket = TicketId((await actions.open_ticket(early, opening)).result["ticket"])
    remedy = Remedy(Cause.REWARD_LAPSED, number, Gives.FREE_VISIT_BACK)
    await remedies.give(intent(BORIS), ticket, remedy)
    later = NOW + timedelta(20)
    await desk.come(0, lines=[desk.bar], due=till.SOAP, now=later)
    assert (await desk.card_of())["free_visits"] == 0
    with pytest.raises(NothingToPutRight):
        await remedies.give(replace(intent(BORIS), now=later), ticket, remedy)


async def test_the_desk_may_put_nothing_right(desk: Desk) -> None:
    ticket = await opened(desk.client)
    with pytest.raises(Forbidden):
        await put_right(ticket, await unstamped(desk), ANNA)


async def test_beyond_the_limit_of_a_month_somebody_else_approves(desk: Desk) -> None:
    await limited(stamps=1)
    first, second = await unstamped(desk, 1), await unstamped(desk, 2)
    ticket = await opened(desk.client)
    await put_right(ticket, first)
    held = (await desk.card_of())["stamps"]
    with pytest.raises(AboveLimit):
        await put_right(ticket, second)
    asked = await propose(ticket, second)
    assert [one.key for one in asked.effects[:2]] == ["effect.remedy_above_stamps", "effect.remedy_waits"]
    assert (await desk.card_of())["stamps"] == held
    remedy = TicketRemedyId(asked.result["remedy"])
    for again in (propose, put_right):
        with pytest.raises(NothingToPutRight):
            await again(ticket, second, OLEG)
    with pytest.raises(Forbidden):
        await remedies.approve(intent(BORIS), remedy)
    with pytest.raises(SecondPerson):
        await remedies.approve(replace(intent(BORIS), actor=BORIS.and_may("ticket:approve")), remedy)
    await remedies.approve(intent(VERA), remedy)
    assert (await desk.card_of())["free_visits"] == 1
    assert [(one.status, one.approved_by) for one in await queries.of_ticket(ticket)] == [
        ("posted", None),
        ("posted", VERA.id),
    ]
    with pytest.raises(RemedyDone):
        await remedies.decline(intent(VERA), remedy, "Not this time")
    await sound()


async def test_a_ticket_with_a_remedy_that_waits_is_not_closed(desk: Desk, as_owner: asyncpg.Connection) -> None:
    await limited(stamps=0)
    ticket = await opened(desk.client)
    asked = await propose(ticket, await unstamped(desk))
    await actions.move(intent(), ticket, TicketStatus.SOLVED)
    with pytest.raises(RemedyWaits):
        await actions.move(intent(), ticket, TicketStatus.CLOSED)
    with pytest.raises(asyncpg.RestrictViolationError):
        await as_owner.execute("UPDATE ticket SET status = 'closed', closed_at = now()")
    with pytest.raises(Forbidden):
        await remedies.withdraw(intent(VERA), TicketRemedyId(asked.result["remedy"]), "Not mine")
    with pytest.raises(asyncpg.RestrictViolationError):
        await as_owner.execute("UPDATE ticket_remedy SET status = 'withdrawn', operation = 1")
    await remedies.withdraw(intent(BORIS), TicketRemedyId(asked.result["remedy"]), "Not this time")
    assert await db.fetchval("SELECT status FROM ticket_remedy") == "withdrawn"
    assert (await said(ticket))[-1] == ("note", "Not this time")
    await actions.move(intent(), ticket, TicketStatus.CLOSED)
    assert await status(ticket) == "closed"
    assert (await desk.card_of())["stamps"] == 1


async def test_nobody_puts_right_what_is_their_own(desk: Desk) -> None:
    visit = await unstamped(desk)
    await db.execute(
        "UPDATE client_profile SET emails = $1::jsonb WHERE client = $2",
        f'[{{"address": "{BORIS.email}", "label": "home"}}]',
        desk.client,
    )
    ticket = await opened(desk.client)
    with pytest.raises(OwnAccount):
        await put_right(ticket, visit)
    await put_right(ticket, visit, VERA)
    assert (await desk.card_of())["stamps"] == 2


async def test_a_ticket_that_put_something_right_stays_its_clients_and_is_erased_with_them(desk: Desk) -> None:
    ticket = await opened(desk.client)
    await put_right(ticket, await unstamped(desk))
    other = ClientId(await factories.client("Olga", "Moroz"))
    version = await db.fetchval("SELECT version FROM ticket")
    with pytest.raises(PutRightAlready):
        await actions.give_to_client(intent(), ticket, version, other)
    await desk_actions.erase(intent(VERA, reason="asked"), desk.client)
    await sound()


async def test_a_posted_remedy_stays(desk: Desk, as_owner: asyncpg.Connection) -> None:
    await put_right(await opened(desk.client), await unstamped(desk))
    for statement in ("UPDATE ticket_remedy SET status = 'proposed'", "DELETE FROM ticket_remedy"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await as_owner.execute(statement)
