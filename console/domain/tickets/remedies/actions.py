"""Use cases of remedies: giving one, asking a second person for it, approving and declining it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console.domain import clock, db
from console.domain.business.queries import business
from console.domain.clients.steps import lock as lock_client
from console.domain.errors import Forbidden, NotFound, Refused, constraint
from console.domain.ids import ActorId, ClientId, TicketId, TicketRemedyId, VisitId
from console.domain.loyalty import steps as loyalty
from console.domain.operation import operation
from console.domain.running import FINAL, Operation
from console.domain.team.rules import Permission
from console.domain.tickets import steps
from console.domain.tickets.remedies import evidence
from console.domain.tickets.remedies.rules import Cause, Remedy, RemedyStatus, month_of, needs_another
from console.domain.tickets.tables import TicketRemedy
from console.domain.visits import telling
from console.domain.visits.steps import lock_standing


class NoClientYet(Refused):
    """Nothing can be put right of a ticket whose client nobody knows."""

    key = "refused.ticket_without_client"


class NothingToPutRight(Refused):
    """What was to be put right is so already, or was never wrong."""

    key = "refused.nothing_to_put_right"


class OwnAccount(Refused):
    """Nobody puts right what is their own."""

    key = "refused.remedy_of_ones_own"


class SecondPerson(Refused):
    """A remedy is approved by somebody else than who proposed it."""

    key = "refused.remedy_second_person"


class RemedyDone(Refused):
    """A remedy that waits for nobody any more: it was posted, or declined."""

    key = "refused.remedy_done"


constraint("ticket_remedy_of_key", NothingToPutRight)
constraint("ticket_remedy_second_check", SecondPerson)


_ASKED = (
    "SELECT EXISTS (SELECT FROM ticket_remedy WHERE client = $1 AND cause = $2 AND of = $3 AND status = 'proposed'"
    " AND retired_at IS NULL)"
)


@operation("ticket.remedy", permission=Permission.TICKET_REMEDY, undo=FINAL)
async def give(op: Operation, ticket: TicketId, remedy: Remedy) -> dict[str, int]:
    """Put something right: it is posted at once, or waits for a second person where it is too much for one.

    Effects: those of what is posted, or `effect.remedy_waits`. Raises `NoClientYet`, `NothingToPutRight`, `OwnAccount`,
    `TicketClosed`.
    """
    state = await steps.lock(op, ticket)
    client = await _of_client(op, state)
    opened_at = await db.fetchval("SELECT opened_at FROM ticket WHERE id = $1", ticket)
    is_asked = await db.fetchval(_ASKED, client, remedy.cause.value, remedy.of)
    if is_asked or all(one.remedy != remedy for one in await evidence.found(client, opened_at, op.now)):
        raise NothingToPutRight
    waits = needs_another(remedy.cause, await _given(op, remedy.cause), op.actor.may(Permission.TICKET_APPROVE))
    values = {"status": RemedyStatus.PROPOSED.value} if waits else _posted(op)
    said = {"cause": remedy.cause.value, "of": remedy.of, "proposed_by": op.actor.id}
    made = await op.insert(TicketRemedy, ticket=ticket, client=client, **said, **values)
    if waits:
        op.effect("effect.remedy_waits")
    else:
        await _post(op, client, remedy)
    await steps.write(op, ticket, None, {})
    return {"ticket": ticket, "remedy": made}


@operation("ticket.approve_remedy", permission=Permission.TICKET_APPROVE, undo=FINAL)
async def approve(op: Operation, remedy: TicketRemedyId) -> dict[str, int]:
    """Post what a colleague proposed. Raises `SecondPerson`, `RemedyDone`, `NothingToPutRight`, `OwnAccount`."""
    row, client = await _waiting(op, remedy)
    if row["proposed_by"] == op.actor.id:
        raise SecondPerson
    what = Remedy(Cause(row["cause"]), row["of"])
    if all(one.remedy != what for one in await evidence.found(client, row["opened_at"], op.now)):
        raise NothingToPutRight
    await op.update(TicketRemedy, remedy, None, {**_posted(op), "approved_by": op.actor.id})
    await _post(op, client, what)
    await steps.write(op, row["ticket"], None, {})
    return {"ticket": row["ticket"], "remedy": remedy}


@operation("ticket.decline_remedy", permission=Permission.TICKET_REMEDY, undo=FINAL)
async def decline(op: Operation, remedy: TicketRemedyId) -> dict[str, int]:
    """Put nothing right after all: one's own proposal, or whosever for who may approve. Raises `RemedyDone`."""
    row, _ = await _waiting(op, remedy)
    if row["proposed_by"] != op.actor.id and not op.actor.may(Permission.TICKET_APPROVE):
        raise Forbidden(permission=Permission.TICKET_APPROVE)
    await op.update(TicketRemedy, remedy, None, {"status": RemedyStatus.DECLINED.value})
    await steps.write(op, row["ticket"], None, {})
    return {"ticket": row["ticket"], "remedy": remedy}


def _posted(op: Operation) -> dict[str, Any]:
    return {"status": RemedyStatus.POSTED.value, "posted_by": op.id, "posted_at": op.now}


async def _waiting(op: Operation, remedy: TicketRemedyId) -> tuple[Mapping[str, Any], ClientId]:
    """A remedy that waits, with its ticket locked, and whose it is. Raises `NotFound`, `RemedyDone`."""
    ticket = await db.fetchval("SELECT ticket FROM ticket_remedy WHERE id = $1 AND retired_at IS NULL", remedy)
    if ticket is None:
        raise NotFound
    state = await steps.lock(op, ticket)
    await op.lock(TicketRemedy, [remedy])
    row = await db.fetchrow(
        "SELECT r.ticket, r.cause, r.of, r.status, r.proposed_by, t.opened_at FROM ticket_remedy r"
        " JOIN ticket t ON t.id = r.ticket WHERE r.id = $1",
        remedy,
    )
    if row is None or row["status"] != RemedyStatus.PROPOSED:
        raise RemedyDone
    return dict(row), await _of_client(op, state)


async def _of_client(op: Operation, state: Mapping[str, Any]) -> ClientId:
    """Whose a locked ticket is, who is somebody else than the actor. Raises `NoClientYet`, `OwnAccount`."""
    if state["client"] is None:
        raise NoClientYet
    client = ClientId(state["client"])
    await lock_client(op, client)
    if await _is_own(op.actor.id, client):
        raise OwnAccount
    return client


async def _is_own(actor: ActorId, client: ClientId) -> bool:
    """Whether a colleague is the client, or somebody to speak with there: their address says so."""
    sql = (
        "SELECT EXISTS (SELECT FROM staff s JOIN client_reach r ON r.kind = 'email' AND r.value = lower(s.email)"
        " WHERE s.id = $1 AND r.client = $2)"
    )
    return bool(await db.fetchval(sql, actor, client))


async def _given(op: Operation, cause: Cause) -> int:
    """How many of a cause the actor has given this month without anybody else, or asked for; they are counted one
    after the other.
    """
    await db.execute("SELECT pg_advisory_xact_lock(hashtext('ticket_remedy'), $1::int)", op.actor.id)
    return int(
        await db.fetchval(
            "SELECT count(*) FROM ticket_remedy WHERE proposed_by = $1 AND cause = $2 AND approved_by IS NULL"
            " AND posted_at >= $3 AND retired_at IS NULL",
            op.actor.id,
            cause.value,
            month_of(op.now, (await business()).zone),
        )
    )


async def _post(op: Operation, client: ClientId, remedy: Remedy) -> None:
    today = clock.business_date(op.now, (await business()).zone)
    if remedy.cause is Cause.MISSING_STAMP:
        visit = await lock_standing(op, VisitId(remedy.of))
        held = await loyalty.opened(op, client, max(today, visit.on))
        after, events = await loyalty.stamp(op, held, visit.id, visit.on, 1)
    else:
        held = await loyalty.opened(op, client, today)
        after, events = await loyalty.give_back_lapsed(op, held, remedy.of, today)
    await telling.tell(op, held, after, events)
