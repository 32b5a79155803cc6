"""Use cases that reach over many concepts: erasing a person."""

from __future__ import annotations

from datetime import datetime

from console.domain.booking import steps as bookings
from console.domain.clients import steps as clients
from console.domain.desk import steps
from console.domain.desk.rules import Why
from console.domain.errors import Invalid, Problem
from console.domain.ids import ClientId
from console.domain.messages import steps as messages
from console.domain.operation import operation
from console.domain.running import FINAL, Operation
from console.domain.team.rules import Permission
from console.domain.tickets import aside
from console.domain.tickets import steps as tickets


@operation("client.erase", permission=Permission.CLIENT_ERASE, undo=FINAL)
async def erase(op: Operation, client: ClientId, at: datetime | None = None) -> dict[str, int]:
    """Erase a person for good: who they are goes, what happened stays under their pseudonym.

    The intent's `reason` is a `Why`; whom a restored backup brought back is taken out of the plan, too, and keeps the
    instant `at` of their erasure. Raises `NotFound` for who was erased before, `Invalid` (`reason`), `Expected`.
    """
    if op.intent.reason not in set(Why):
        raise Invalid({"reason": Problem("problem.choice")})
    row = await clients.lock(op, client)
    await bookings.leave_plan(op, client, calling_off=op.intent.reason == Why.RESTORED)
    await messages.withdraw_all(op, client)
    await tickets.close_all(op, client)
    await steps.empty(op, client, {"ticket_mail": await aside.put_away(op, client)})
    await clients.refuse_cards(op, client)
    await steps.say_what_stays(op, client)
    await steps.say_what_is_owed(op, client)
    await clients.mark_erased(op, row, at or op.now)
    op.ring("erasure")
    return {"client": client}
