"""What there is to put right with a ticket's client: in their card, of their visits, and of what we called off."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from console.domain import clock
from console.domain.business.queries import business
from console.domain.ids import ClientId
from console.domain.loyalty.accounts import account
from console.domain.loyalty.nights import around
from console.domain.tickets.remedies import of_bookings, of_card, of_visits
from console.domain.tickets.remedies.of_bookings import Costless
from console.domain.tickets.remedies.rules import Found


async def found(client: ClientId, opened_at: datetime, now: datetime) -> list[Found]:
    """What there is to put right of a client whose ticket was opened at an instant."""
    zone = (await business()).zone
    today = clock.business_date(now, zone)
    held = await account(client, today)
    given = await of_card.given_back(client)
    return [
        *await of_visits.unstamped(held, today),
        *await of_card.lost_tiers(held, await around(held, today), today),
        *of_card.lapsed(held, given, clock.business_date(opened_at, zone), today),
        *await of_bookings.called_off(held, given, now, today),
        *await of_visits.bad(held, today),
    ]


async def costless(client: ClientId, known: Collection[Found], now: datetime) -> list[Costless]:
    """What we called off of a client that leaves nothing to put right, beside what was `known`."""
    return await of_bookings.for_nothing(client, known, now, clock.business_date(now, (await business()).zone))
