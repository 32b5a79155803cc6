"""Refunding a visit, whole or in part: money goes back, and with all of it the stamp (loyalty rules, section 5)."""

from __future__ import annotations

from console.domain.booking import steps as booking
from console.domain.booking.rules import ReasonUse
from console.domain.errors import Invalid
from console.domain.ids import LocationId, ReasonId, VisitId
from console.domain.operation import operation
from console.domain.running import Operation
from console.domain.team.rules import Permission
from console.domain.visits import consequences, lowering, rules, steps
from console.domain.visits.rules import Paid
from console.domain.visits.undoing import UNPAY


@operation("visit.refund", permission=Permission.VISIT_REFUND, undo=UNPAY)
async def refund(
    op: Operation, visit: VisitId, location: LocationId, back: tuple[Paid, ...], reason: ReasonId
) -> dict[str, int]:
    """Give money back for a visit out of a location's till, by method; `back` above 0, tips said apart.

    Where nothing of what was paid is left, it is a full refund: what is still owed is owed no more, and the stamp goes.
    Of what was not paid at all yet nothing comes back, and all of it is owed no more. Raises `Invalid` (`payments`,
    `payment-<place>`, `reason`, `location`), `VisitTakenBack`.
    """
    one = await steps.lock_standing(op, visit)
    await booking.is_reason(reason, ReasonUse.REFUND)
    before = await steps.balance(visit)
    if problems := rules.refund_problems(before, back):
        raise Invalid(problems)
    await steps.are_methods(back)
    await steps.is_open(location)
    lowered = before.due if rules.is_full(before, back) else rules.received(back)
    await lowering.lower(op, one, {location: back} if back else {}, lowered, reason)
    op.lastly(consequences.tell_messages)
    return {"visit": visit}
