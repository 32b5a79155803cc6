"""Does the nights of loyalty accounts: what expires, who is warned, and who steps down."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from console.domain import clock
from console.domain.business.queries import business
from console.domain.errors import DomainError
from console.domain.ids import ClientId
from console.domain.intent import SYSTEM, Intent
from console.domain.loyalty import nights
from workers.patience import AWAY

log = logging.getLogger(__name__)

NAMESPACE = UUID("5f1f7e00-0000-4000-8000-000000000006")

BATCH = 100
"""How many clients are looked at in one short transaction: the desk waits for it where it wants one of them."""
LONGEST = 280.0
"""Seconds after which a run looks at no other clients: the next one, five minutes after it began, goes on."""


async def do_nights(ctx: dict[str, Any]) -> None:
    """Every few minutes: the nights that are to be done by now; what was done is not done again."""
    until = time.monotonic() + LONGEST
    asked: Callable[[], bool] = ctx.get("goes_on", lambda: True)
    await do_due(clock.now(), lambda: asked() and time.monotonic() < until)


async def do_due(now: datetime, goes_on: Callable[[], bool] = lambda: True) -> None:
    """The nights of all accounts through the last one that is to be done by an instant."""
    to = nights.last_night(now, (await business()).zone)
    after = 0
    while goes_on() and (clients := await nights.due(to, BATCH, after)):
        after = clients[-1]
        for client in await _stirred(to, clients, now):
            if not goes_on():
                return
            await _do(client, to, now)


async def _stirred(to: date, clients: Sequence[ClientId], now: datetime) -> Sequence[ClientId]:
    """Those whose nights are to be done one by one; all of them where it cannot be said of which ones that is."""
    try:
        return await nights.pass_over(to, clients, now)
    except AWAY:
        raise
    except Exception:
        log.exception("the nights of %s clients from %s on are done one by one", len(clients), clients[0])
        return clients


async def _do(client: ClientId, to: date, now: datetime) -> None:
    """One client's nights; where they fail the others' are done, and these are tried again by the next run."""
    name = f"night:{to}:client:{client}"
    try:
        done = await nights.night(Intent(uuid5(NAMESPACE, name), SYSTEM, now), client, to)
        if done.replayed:  # the card was emptied since, and opened anew
            again = uuid5(NAMESPACE, f"{name}:after:{done.operation_id}")
            await nights.night(Intent(again, SYSTEM, now), client, to)
    except DomainError as refusal:
        log.warning("the night of client %s was not done: %s", client, refusal.reason)
    except AWAY:
        raise
    except Exception:
        log.exception("the night of client %s was not done", client)
