"""Use cases that reach over many concepts: erasing a person."""

from __future__ import annotations

from datetime import datetime

from console.domain.booking import steps as bookings
from console.domain.clients import reached
from console.domain.clients import steps as clients
from console.domain.clients.duplicates import alone
from console.domain.clients.rules import Email, Names
from console.domain.desk import steps
from console.domain.desk.rules import Why
from console.domain.errors import Invalid, Problem
from console.domain.ids import ClientId, TicketMailId
from console.domain.messages import steps as messages
from console.domain.operation import operation
from console.domain.running import FINAL, Operation
from console.domain.team.rules import Permission
from console.domain.tickets import steps as tickets
from console.domain.tickets import writers


@operation("client.erase", permission=Permission.CLIENT_ERASE, undo=FINAL)
async def erase(op: Operation, client: ClientId, at: datetime | None = None) -> dict[str, int]:
    """Erase a person for good: who they are goes, what happened stays under their pseudonym.

    What came from an email of theirs and is no client's goes as theirs, also where they have it no more.

    The intent's `reason` is a `Why`; whom a restored backup brought back is taken out of the plan, too, and keeps the
    instant `at` of their erasure. Raises `NotFound` for who was erased before, `Invalid` (`reason`), `Expected`.
    """
    _refuse_other_reasons(op)
    row = await clients.lock(op, client)
    addresses = await reached.own_emails(client)
    await alone(Names(), (), [Email(one) for one in addresses])
    elsewhere = await writers.hand_over(op, addresses, client)
    await bookings.leave_plan(op, client, calling_off=op.intent.reason == Why.RESTORED)
    await messages.withdraw_all(op, client)
    await tickets.close_all(op, client)
    await steps.empty(op, client, elsewhere)
    await clients.refuse_cards(op, client)
    await steps.say_what_stays(op, client)
    await steps.say_what_is_owed(op, client)
    await clients.mark_erased(op, row, at or op.now)
    op.ring("erasure")
    return {"client": client}


@operation("ticket_mail.erase", permission=Permission.CLIENT_ERASE, undo=FINAL)
async def erase_writer(op: Operation, mail: TicketMailId, at: datetime | None = None) -> dict[str, int]:
    """Erase for good whoever wrote a mail and is no client, with all that came from its address and is no client's.

    It stays under a pseudonym, as what happened to a client who is erased. `reason` and `at` as of `erase`. Raises
    `NotFound` for who was erased before or is a client, `Invalid` (`reason`).
    """
    _refuse_other_reasons(op)
    address = await writers.address_alone(mail)
    row = await clients.take_in_nameless(op, await writers.pseudonym_of(address))
    client = ClientId(row["id"])
    elsewhere = await writers.hand_over(op, [address], client)
    await messages.withdraw_all(op, client)
    await tickets.close_all(op, client)
    await steps.empty(op, client, elsewhere)
    await clients.mark_erased(op, row, at or op.now)
    op.ring("erasure")
    return {"ticket_mail": mail}


def _refuse_other_reasons(op: Operation) -> None:
    if op.intent.reason not in set(Why):
        raise Invalid({"reason": Problem("problem.choice")})
