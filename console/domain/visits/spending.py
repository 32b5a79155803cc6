"""That more was paid for a visit than before, or less: what it does to its client's card."""

from __future__ import annotations

from console.domain.loyalty import steps as loyalty
from console.domain.loyalty.accounts import Account
from console.domain.running import Operation
from console.domain.visits import steps, telling
from console.domain.visits.steps import Standing
from console.domain.visits.tables import Visit


async def post(
    op: Operation, visit: Standing, more: int, *, full: bool = False, undone: int | None = None
) -> Account | None:
    """Post it, in minor units and dated to the visit, which is locked; the rest as `loyalty.steps.pay` takes it.

    The account as it is then, None where nothing changed on one.
    """
    after = None
    if visit.client is not None and (more or full or undone):
        held = await loyalty.opened(op, visit.client, max(await steps.today(op), visit.on))
        after, events = await loyalty.pay(op, held, visit.id, visit.on, visit.operation, more, full=full, undone=undone)
        await telling.tell(op, held, after, events)
    await op.touch(Visit, visit.id)
    return after
