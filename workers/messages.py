"""Delivers messages to clients: claims one, writes it, hands it over, and notes what came of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from console.config import Settings
from console.domain import clock
from console.domain.clients.rules import Channel
from console.domain.messages import outbox, outcomes
from console.domain.messages.keys import key
from console.domain.messages.outbox import Claimed
from console.domain.team.trouble import Cause, Trouble
from console.messaging import compose
from workers.channels import Adapter, Letter, Undelivered
from workers.letters import ByMail
from workers.mail import FOR_GOOD
from workers.patience import AWAY
from workers.sms import BySms

log = logging.getLogger(__name__)

LONGEST = 45.0
"""Seconds after which a run takes up no other message: the next one, a minute after it began, goes on."""


def adapters(settings: Settings) -> Mapping[Channel, Adapter]:
    """The ways to clients that are set up."""
    found: dict[Channel, Adapter] = {}
    if settings.smtp_url is not None:
        found[Channel.EMAIL] = ByMail(settings)
    if settings.sms_url is not None:
        found[Channel.SMS] = BySms(settings)
    return found


async def deliver_messages(ctx: dict[str, Any]) -> int:
    """Send what is due, one after the other, until nothing is; answers how many messages were sent or tried.

    A worker that is to stop takes up no more.
    """
    settings: Settings = ctx["settings"]
    goes_on: Callable[[], bool] = ctx.get("goes_on", lambda: True)
    ways, tried, until = adapters(settings), 0, time.monotonic() + LONGEST
    promises = {channel: adapter.deduplicates for channel, adapter in ways.items()}
    while goes_on() and time.monotonic() < until and (one := await outbox.claim(clock.now(), promises)):
        if isinstance(one, Claimed):
            await _deliver(settings, ways[one.way.channel], one)
            tried += 1
    return tried


async def sweep_messages(ctx: dict[str, Any]) -> int:
    """Every minute: settle what a dead worker left behind, then deliver what no doorbell announced."""
    ways = adapters(ctx["settings"])
    await outcomes.park(clock.now(), [channel for channel, adapter in ways.items() if adapter.deduplicates])
    return await deliver_messages(ctx)


async def _deliver(settings: Settings, adapter: Adapter, one: Claimed) -> None:
    """Whatever goes wrong with one message is noted at that message, and stops no other."""
    try:
        composed = await compose(one.outgoing, settings)
        await adapter.send(Letter(key(one.outgoing, one.refusals), one.name, one.way.address, composed))
    except Undelivered as error:
        await _trouble(adapter, one, error.why)
    except AWAY:
        raise
    except Exception as error:
        log.exception("message %s could not be written", one.outgoing.id)
        await outcomes.not_sent(one, clock.now(), Trouble(Cause.OURS, type(error).__name__))
    else:
        await outcomes.sent(one, clock.now())


async def _trouble(adapter: Adapter, one: Claimed, why: Trouble) -> None:
    log.warning("message %s did not leave: %s", one.outgoing.id, outcomes.noted(why))
    if why.cause is Cause.SILENT:
        await outcomes.unsure(one, clock.now(), why, deduplicates=adapter.deduplicates)
    elif why.cause in FOR_GOOD:
        await outcomes.refused(one, clock.now(), why)
    else:
        await outcomes.not_sent(one, clock.now(), why)
