"""Use cases of remedies: giving one, asking a second person for it, approving, declining and withdrawing it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import asyncpg

from console.domain import db
from console.domain.booking import steps as booking
from console.domain.business.queries import business
from console.domain.clients.steps import lock as lock_client
from console.domain.errors import Forbidden, Invalid, NotFound, Problem, Refused, constraint
from console.domain.ids import ClientId, TicketId, TicketRemedyId
from console.domain.intent import Effect
from console.domain.operation import operation
from console.domain.running import FINAL, Operation
from console.domain.team.rules import Permission
from console.domain.tickets import steps
from console.domain.tickets.remedies import evidence, limits, own, posting, queries
from console.domain.tickets.remedies.rules import Cause, Found, Gives, Measure, Remedy, RemedyStatus
from console.domain.tickets.rules import EntryKind
from console.domain.tickets.tables import TicketRemedy


class NoClientYet(Refused):
    """Nothing can be put right of a ticket whose client nobody knows."""

    key = "refused.ticket_without_client"


class NothingToPutRight(Refused):
    """What was to be put right is so already, or was never wrong."""

    key = "refused.nothing_to_put_right"


class OwnAccount(Refused):
    """Nobody puts right what is their own."""

    key = "refused.remedy_of_ones_own"


class ProposersAccount(Refused):
    """A remedy is approved for nobody who proposed it themselves."""

    key = "refused.remedy_of_proposers_own"


class AboveLimit(Refused):
    """It is more than one of us gives in a month: a second person is to be asked."""

    key = "refused.remedy_above_limit"


class SecondPerson(Refused):
    """A remedy is approved by somebody else than who proposed it."""

    key = "refused.remedy_second_person"


class RemedyDone(Refused):
    """A remedy that waits for nobody any more: it was posted, declined or withdrawn."""

    key = "refused.remedy_done"


constraint("ticket_remedy_of_key", NothingToPutRight)
constraint("ticket_remedy_second_check", SecondPerson)


@operation("ticket.remedy", permission=Permission.TICKET_REMEDY, undo=FINAL)
async def give(op: Operation, ticket: TicketId, remedy: Remedy) -> dict[str, int]:
    """Put something right. Effects: those of what is posted.

    Raises `AboveLimit`, `NoClientYet`, `NothingToPutRight`, `OwnAccount`, `TicketClosed`, `Invalid` (`amount`,
    `reason`).
    """
    client, there = await _asked(op, ticket, remedy)
    await db.execute("SELECT pg_advisory_xact_lock(hashtext('ticket_remedy'), $1::int)", op.actor.id)
    if await limits.exceeded(op.actor.id, op.now, there.cost, there.currency):
        raise AboveLimit
    made = await op.insert(TicketRemedy, **_said(op, ticket, client, there), **_posted(op))
    await posting.post(op, client, there)
    await steps.write(op, ticket, None, {})
    return {"ticket": ticket, "remedy": made}


@operation("ticket.propose_remedy", permission=Permission.TICKET_REMEDY, undo=FINAL)
async def propose(op: Operation, ticket: TicketId, remedy: Remedy) -> dict[str, int]:
    """Ask a second person to put something right. Effects: the limit, `effect.remedy_waits`, and what would be posted.

    Raises as `give` does, but for the limit.
    """
    client, there = await _asked(op, ticket, remedy)
    status = RemedyStatus.PROPOSED.value
    made = await op.insert(TicketRemedy, **_said(op, ticket, client, there), status=status)
    await _tell_limit(op, there)
    op.effect("effect.remedy_waits")
    await _foresee(op, client, there)
    await steps.write(op, ticket, None, {})
    return {"ticket": ticket, "remedy": made}


async def _asked(op: Operation, ticket: TicketId, remedy: Remedy) -> tuple[ClientId, Found]:
    """Whose a ticket is, which is locked then, and what speaks for a remedy that nobody has asked for yet."""
    client = await _of_client(op, await steps.lock(op, ticket))
    opened_at = await db.fetchval("SELECT opened_at FROM ticket WHERE id = $1", ticket)
    if remedy.key in await queries.waiting(client):
        raise NothingToPutRight
    there = await _there(op, client, opened_at, remedy)
    await _is_reason(remedy)
    return client, there


@operation("ticket.approve_remedy", permission=Permission.TICKET_APPROVE, undo=FINAL)
async def approve(op: Operation, remedy: TicketRemedyId) -> dict[str, int]:
    """Post what a colleague proposed, which is neither's own.

    Raises `SecondPerson`, `RemedyDone`, `NothingToPutRight`, `OwnAccount`, `ProposersAccount`.
    """
    _, row, client = await _waiting(op, remedy)
    if row["proposed_by"] == op.actor.id:
        raise SecondPerson
    if await own.is_own(row["proposed_by"], client):
        raise ProposersAccount
    what = Remedy(Cause(row["cause"]), row["of"], Gives(row["gives"]), row["amount"], row["reason"])
    there = await _there(op, client, row["opened_at"], what)
    if (there.cost.minor, there.cost.stamps) != (row["minor"], row["stamps"]):
        raise NothingToPutRight
    await op.update(TicketRemedy, remedy, None, {**_posted(op), "approved_by": op.actor.id})
    await posting.post(op, client, there)
    await steps.write(op, row["ticket"], None, {})
    return {"ticket": row["ticket"], "remedy": remedy}


@operation("ticket.decline_remedy", permission=Permission.TICKET_APPROVE, undo=FINAL)
async def decline(op: Operation, remedy: TicketRemedyId, why: str) -> dict[str, int]:
    """Put nothing right of what a colleague proposed. Why is noted in the ticket.

    Raises `RemedyDone`, `Invalid` (`why`).
    """
    return await _drop(op, remedy, why, RemedyStatus.DECLINED)


@operation("ticket.withdraw_remedy", permission=Permission.TICKET_REMEDY, undo=FINAL)
async def withdraw(op: Operation, remedy: TicketRemedyId, why: str) -> dict[str, int]:
    """Take one's own proposal back. Why is noted in the ticket. Raises as `decline` does."""
    return await _drop(op, remedy, why, RemedyStatus.WITHDRAWN)


async def _drop(op: Operation, remedy: TicketRemedyId, why: str, then: RemedyStatus) -> dict[str, int]:
    if not why:
        raise Invalid({"why": Problem("problem.required")})
    state, row, _ = await _waiting(op, remedy)
    if (row["proposed_by"] == op.actor.id) != (then is RemedyStatus.WITHDRAWN):
        raise Forbidden(permission=Permission.TICKET_APPROVE)
    await op.update(TicketRemedy, remedy, None, {"status": then.value})
    await steps.say(op, state, EntryKind.NOTE, why, None)
    await steps.write(op, row["ticket"], None, {})
    return {"ticket": row["ticket"], "remedy": remedy}


async def _tell_limit(op: Operation, found: Found) -> None:
    """Say how much it is that the actor gives alone."""
    if (limit := await limits.exceeded(op.actor.id, op.now, found.cost, found.currency)) is None:
        return
    if limit.of is Measure.MONEY:
        op.effect("effect.remedy_above_money", minor=limit.most, currency=(await business()).currency)
    elif limit.of is Measure.STAMPS:
        op.effect("effect.remedy_above_stamps", count=limit.most)
    else:
        op.effect("effect.remedy_above_tiers", count=limit.most)


class _Seen(Exception):
    """What approving would do was seen."""


async def _foresee(op: Operation, client: ClientId, found: Found) -> None:
    """Say what posting it would do, which is not done."""
    told = list[Effect]()
    with suppress(_Seen):
        async with op.attempt():
            at = len(op.effects)
            await posting.post(op, client, found)
            told = op.effects[at:]
            raise _Seen
    for one in told:
        op.effect(one.key, **one.params)


async def _there(op: Operation, client: ClientId, opened_at: datetime, remedy: Remedy) -> Found:
    """What speaks for a remedy of a client who is locked. Raises `NothingToPutRight`, `Invalid` (`amount`)."""
    known = await evidence.found(client, opened_at, op.now)
    there = next((one for one in known if one.remedy.key == remedy.key), None)
    if there is None:
        raise NothingToPutRight
    if not 1 <= remedy.amount <= there.remedy.amount:
        raise Invalid({"amount": _too_much(there)})
    return there.asked(remedy)


def _too_much(there: Found) -> Problem:
    if there.currency is not None:
        return Problem("problem.remedy_amount", {"minor": there.remedy.amount, "currency": there.currency})
    return Problem("problem.range", {"low": 1, "high": there.remedy.amount})


async def _is_reason(remedy: Remedy) -> None:
    """Raise `Invalid` (`reason`) where money is given for none, or for one that is not there for it."""
    use = posting.REASONS.get(remedy.gives)
    if use is None:
        return
    if remedy.reason is None:
        raise Invalid({"reason": Problem("problem.choose")})
    await booking.is_reason(remedy.reason, use)


def _said(op: Operation, ticket: TicketId, client: ClientId, found: Found) -> dict[str, Any]:
    """What is asked and what it costs, which stays as it is."""
    remedy = found.remedy
    return {
        "ticket": ticket,
        "client": client,
        "cause": remedy.cause.value,
        "of": remedy.of,
        "gives": remedy.gives.value,
        "amount": remedy.amount,
        "reason": remedy.reason,
        "minor": found.cost.minor,
        "currency": found.currency,
        "stamps": found.cost.stamps,
        "proposed_by": op.actor.id,
    }


def _posted(op: Operation) -> dict[str, Any]:
    return {"status": RemedyStatus.POSTED.value, "posted_by": op.id, "posted_at": op.now}


async def _waiting(op: Operation, remedy: TicketRemedyId) -> tuple[asyncpg.Record, Mapping[str, Any], ClientId]:
    """The ticket of a remedy that waits, locked, the remedy, and whose it is. Raises `NotFound`, `RemedyDone`."""
    ticket = await db.fetchval("SELECT ticket FROM ticket_remedy WHERE id = $1 AND retired_at IS NULL", remedy)
    if ticket is None:
        raise NotFound
    state = await steps.lock(op, ticket)
    await op.lock(TicketRemedy, [remedy])
    row = await db.fetchrow(
        "SELECT r.ticket, r.cause, r.of, r.gives, r.amount, r.minor, r.stamps, r.reason, r.status, r.proposed_by,"
        " t.opened_at FROM ticket_remedy r JOIN ticket t ON t.id = r.ticket WHERE r.id = $1",
        remedy,
    )
    if row is None or row["status"] != RemedyStatus.PROPOSED:
        raise RemedyDone
    return state, dict(row), await _of_client(op, state)


async def _of_client(op: Operation, state: Mapping[str, Any]) -> ClientId:
    """Whose a locked ticket is, who is somebody else than the actor. Raises `NoClientYet`, `OwnAccount`."""
    if state["client"] is None:
        raise NoClientYet
    client = ClientId(state["client"])
    await lock_client(op, client)
    if await own.is_own(op.actor.id, client):
        raise OwnAccount
    return client
