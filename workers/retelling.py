"""Settles anew what is due about bookings to come, once clients are to be told otherwise or by another clock."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from console.domain import clock
from console.domain.booking import retelling
from console.domain.errors import Busy, DomainError
from console.domain.ids import BookingId, ClientId
from console.domain.intent import SYSTEM, Intent
from workers.patience import AWAY

log = logging.getLogger(__name__)

NAMESPACE = UUID("5f1f7e00-0000-4000-8000-000000000007")

BATCH = 100
LONGEST = 50.0
"""Seconds after which a run takes no other clients: the next one goes on."""


async def tell_anew(ctx: dict[str, Any]) -> None:
    """Every minute: where nothing was chosen since, there is nothing to do."""
    until = time.monotonic() + LONGEST
    await go_on(clock.now(), lambda: time.monotonic() < until)


async def go_on(now: datetime, goes_on: Callable[[], bool] = lambda: True) -> None:
    """Walk through the clients that bookings are to come of, from where the last run stopped."""
    while goes_on() and (one := await retelling.begun()):
        those, through = await retelling.ahead(now, one.after, BATCH), one.after
        for client, bookings in those:
            if not await _tell(Intent(uuid5(NAMESPACE, f"{one.number}:{client}"), SYSTEM, now), client, bookings):
                await retelling.done(one, through)
                return
            through = client
        await retelling.done(one, through if those else None)


async def _tell(intent: Intent, client: ClientId, bookings: Sequence[BookingId]) -> bool:
    """One client's; where it fails the others' are done, and theirs follow with their next booking.

    False where somebody has them in hand for long: the next run begins with them.
    """
    try:
        await retelling.tell_anew(intent, client, tuple(bookings))
    except Busy:
        log.warning("the bookings of client %s are told anew later: somebody has them in hand", client)
        return False
    except DomainError as refusal:
        log.warning("the bookings of client %s were not told anew: %s", client, refusal.reason)
    except AWAY:
        raise
    except Exception:
        log.exception("the bookings of client %s were not told anew", client)
    return True
