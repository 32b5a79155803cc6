"""Posting what a remedy gives: each way by the part of a use case that its own concept has for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date

from console.domain import clock
from console.domain.booking.rules import ReasonUse
from console.domain.business.queries import business
from console.domain.ids import BookingId, ClientId, VisitId
from console.domain.loyalty import giving
from console.domain.loyalty import steps as loyalty
from console.domain.loyalty.accounts import Account
from console.domain.loyalty.giving import Given
from console.domain.loyalty.rules.events import Event
from console.domain.running import Operation
from console.domain.tickets.remedies.rules import Found, Gives, Remedy
from console.domain.visits import fees_steps, lowering, telling
from console.domain.visits.consequences import tell_messages
from console.domain.visits.steps import lock_standing
from console.domain.visits.telling_tier import telling_tier

REASONS = {Gives.FEE: ReasonUse.FEE_WAIVER, Gives.REFUND: ReasonUse.REFUND, Gives.DEBT: ReasonUse.REFUND}
"""Of which list the reason is that money is given for."""

Give = Callable[[Operation, Account, Found, str], Awaitable[Given]]


async def post(op: Operation, client: ClientId, found: Found) -> None:
    """Post what was found for a client, who is locked, as much of it as its remedy says.

    Effects: what it does, and what the client is told of it, `effect.nobody_told` where that is nothing.
    """
    at = len(op.effects)
    await _POSTS[found.remedy.gives](op, client, found)
    await tell_messages(op)
    if not any(one.key == "effect.messages_due" for one in op.effects[at:]):
        op.effect("effect.nobody_told")


def _on_card(give: Give) -> Callable[[Operation, ClientId, Found], Awaitable[None]]:
    """To give something on the card, once the nights through today are done."""

    async def post(op: Operation, client: ClientId, found: Found) -> None:
        held = await loyalty.opened(op, client, await _today(op))
        after, events = await give(op, held, found, f"remedy:{op.id}")
        await telling.tell(op, held, after, events)

    return post


async def _stamp(op: Operation, client: ClientId, found: Found) -> None:
    visit = await lock_standing(op, found.remedy.of)
    held = await loyalty.opened(op, client, max(await _today(op), visit.on))
    after, events = await loyalty.stamp(op, held, visit.id, visit.on, 1)
    await telling.tell(op, held, after, events)


async def _stamps(op: Operation, held: Account, found: Found, source: str) -> Given:
    """One after the other, each by a source of its own: a stamp that repays one has no number to tell it by."""
    op.effect("effect.stamps_given", count=found.remedy.amount)
    happened: list[Event] = []
    for nth in range(found.remedy.amount):
        held, events = await giving.give_stamp(op, held, f"{source}:{nth}")
        happened += events
    return held, happened


async def _free_visit(op: Operation, held: Account, found: Found, source: str) -> Given:
    return await giving.give_free_visit(op, held, source)


async def _free_visit_back(op: Operation, held: Account, found: Found, source: str) -> Given:
    assert found.what is not None
    return await giving.give_back_lapsed(op, held, found.what, source)


async def _tier(op: Operation, client: ClientId, found: Found) -> None:
    async with telling_tier(op, client, await _today(op)):
        await _on_card(_tier_back)(op, client, found)


async def _tier_back(op: Operation, held: Account, found: Found, source: str) -> Given:
    assert found.what is not None
    return await giving.put_tier_back(op, held, found.what, source)


async def _fee(op: Operation, client: ClientId, found: Found) -> None:
    assert found.remedy.reason is not None
    await fees_steps.waive(op, BookingId(found.remedy.of), found.remedy.reason)


async def _refund(op: Operation, client: ClientId, found: Found) -> None:
    await _lower(op, found.remedy, back=found.remedy.amount, lowered=found.cost.minor)


async def _debt(op: Operation, client: ClientId, found: Found) -> None:
    await _lower(op, found.remedy, back=0, lowered=found.remedy.amount)


async def _lower(op: Operation, remedy: Remedy, back: int, lowered: int) -> None:
    assert remedy.reason is not None
    visit = await lock_standing(op, VisitId(remedy.of))
    await lowering.lower(op, visit, await lowering.as_it_came(visit.id, back), lowered, remedy.reason)


async def _today(op: Operation) -> date:
    return clock.business_date(op.now, (await business()).zone)


_POSTS: Mapping[Gives, Callable[[Operation, ClientId, Found], Awaitable[None]]] = {
    Gives.STAMP: _stamp,
    Gives.TIER: _tier,
    Gives.FREE_VISIT_BACK: _on_card(_free_visit_back),
    Gives.FEE: _fee,
    Gives.REFUND: _refund,
    Gives.DEBT: _debt,
    Gives.STAMPS: _on_card(_stamps),
    Gives.FREE_VISIT: _on_card(_free_visit),
}
