"""What an operation on a visit did to how long its client's tier lasts, by their card before it and after."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

from console.domain.business.queries import business
from console.domain.ids import ClientId
from console.domain.loyalty import cards
from console.domain.loyalty.rules.outlook import TierCard
from console.domain.running import Operation


@asynccontextmanager
async def telling_tier(op: Operation, client: ClientId | None, on: date) -> AsyncIterator[None]:
    """Say what is another thing on a client's card of a business date after what is done within; of nobody nothing."""
    before = await _tier(client, on)
    yield
    after = await _tier(client, on)
    if before is not None and after is not None:
        _tell(op, before, after, (await business()).currency)


async def _tier(client: ClientId | None, on: date) -> TierCard | None:
    """The tier that a card shows; None where a fixed discount stands in its place."""
    card = await cards.card(client, on) if client is not None else None
    return card.tier if card is not None and card.fixed is None else None


def _tell(op: Operation, before: TierCard, after: TierCard, currency: str) -> None:
    """Through which date it lasts now; where that is the same, how much less or more counts for it."""
    called = dict(after.tier.names)
    was, through = (one.lasts.through if one.lasts else None for one in (before, after))
    visits, spend = after.standing.visits - before.standing.visits, after.standing.spend - before.standing.spend
    if through is not None and (after.place != before.place or was is None):
        op.effect("effect.visit_tier_through", called=called, dates=[through])
    elif through is not None and through != was:
        op.effect("effect.visit_tier_instead", called=called, dates=[through], instead=was)
    elif after.place == before.place and (visits or spend):
        key = "effect.visit_tier_less" if min(visits, spend) < 0 else "effect.visit_tier_again"
        op.effect(key, standing={"visits": abs(visits), "spend": abs(spend)}, currency=currency)
