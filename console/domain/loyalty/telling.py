"""What clients are to be told of their accounts, written with what makes it so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from console.domain.business.queries import business
from console.domain.clock import WallTime
from console.domain.ids import ClientId
from console.domain.loyalty.rules.telling import Tell
from console.domain.messages import steps as messages
from console.domain.running import Operation

MORNING = 10 * 60
"""Minutes since midnight, in the home location's zone, at which what is told on a date is due."""


async def tell(op: Operation, client: ClientId, withdrawn: Iterable[str] = (), due: Iterable[Tell] = ()) -> None:
    """Give a client, who must be locked, what is to be told, and withdraw what is not so any more."""
    await messages.withdraw(op, *(_key(client, one) for one in withdrawn))
    for one in due:
        at = op.now if one.on is None else max(op.now, await _morning(one.on))
        await messages.due(op, one.kind, client, at, one.told, _key(client, one.key))


async def _morning(on: date) -> datetime:
    return WallTime(on, MORNING).bound((await business()).zone)


def _key(client: ClientId, about: str) -> str:
    return f"{client}:{about}"
