"""Clients who come: a programme in force, visits finished and taken back straight on the ledger, nights done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta

from console.domain.clients.tables import Client
from console.domain.ids import ClientId
from console.domain.intent import TERMINAL
from console.domain.loyalty import actions, queries, steps
from console.domain.loyalty.nights import night
from console.domain.loyalty.presets import both
from console.domain.loyalty.rules.pricing import Asked, price
from console.domain.loyalty.rules.programme import Programme
from console.domain.loyalty.rules.visits import Finished, percentage
from console.domain.operation import perform
from console.domain.running import KINDS, Operation
from tests.cast import NOW
from tests.domain.deeds import intent

TODAY = NOW.date()
USUAL = 200_000


def ago(days: int) -> date:
    return TODAY - timedelta(days)


async def in_force(programme: Programme | Callable[[int], Programme] = both, since: date = date(2020, 1, 1)) -> None:
    """A first version that has been in force since a date: as a preset has it, or as given."""
    one = await queries.draft()
    assert one is not None
    rules = programme if isinstance(programme, Programme) else programme(USUAL)
    await actions.change_draft(intent(TERMINAL), one.id, one.version, rules)
    await actions.publish(intent(TERMINAL), one.id, one.version + 1, since)


@dataclass(frozen=True)
class Came:
    """A visit that was finished, and the operation that did it."""

    client: int
    visit: int
    on: date
    operation: int

    async def taken_back(self) -> None:
        async def body(op: Operation) -> None:
            await op.lock(Client, [self.client])
            held = await steps.opened(op, ClientId(self.client), TODAY)
            await steps.take_back(op, held, self.visit, self.on, self.operation)

        await _do(body, f"undo {self.visit}")


async def come(client: int, visit: int, days: int, minor: int = USUAL, *, free: bool = False) -> Came:
    """A visit so many days ago with one service line, paid at once."""
    on = ago(days)

    async def body(op: Operation) -> None:
        await op.lock(Client, [client])
        held = await steps.opened(op, ClientId(client), on)
        rules = held.versions.on(on)
        priced = price(rules, [Asked(minor, service="1")], percentage(rules, held.card), free_visit=free)
        await steps.finish(op, held, Finished(on, priced, priced.due, 0, visit))

    return Came(client, visit, on, await _do(body, f"visit {visit}"))


async def _do(body: Callable[[Operation], Awaitable[None]], payload: str) -> int:
    """As an operation of a kind that every database knows."""
    return (await perform(KINDS["loyalty.night"], intent(TERMINAL), payload.encode(), body)).operation_id


async def nights(client: int, to: date = TODAY) -> None:
    await night(intent(TERMINAL), ClientId(client), to)
