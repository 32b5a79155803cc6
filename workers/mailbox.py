"""Looks into the mailbox of IMAP_URL: each mail is taken once, and one that is broken stops no other."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import datetime, timedelta
from typing import Any

from console.apart import Cut
from console.config import Settings
from console.domain import clock
from console.domain.errors import Busy
from console.domain.tickets import mailbox
from console.domain.tickets.mailbox import Position
from workers import arrival
from workers.arrival import Away, ask
from workers.imap import Mailbox
from workers.incoming import LARGEST

log = logging.getLogger(__name__)

LONGEST = 40.0
"""Seconds after which a run takes no other mail: the next one goes on."""
MOST = 200
MOST_BYTES = 4 * LARGEST
"""Of a run: what it does not take waits for the next one."""
PATIENT = timedelta(hours=1)
"""How long a server may say that it is busy until that counts for tries: some say so for ever of one mail."""
BACK = timedelta(days=2)
"""How far before the last look mails are looked at again whose numbers are others now."""


async def poll_mailbox(ctx: dict[str, Any]) -> int:
    """Every minute: what came since the last look; how many mails. Nothing without IMAP_URL, or while another looks."""
    settings: Settings = ctx["settings"]
    await mailbox.only(settings.mailbox)
    now, name = clock.now(), settings.mailbox
    if name is None or (until := await mailbox.claim(name, now)) is None:
        return 0
    try:
        return await _poll(settings, name, now)
    finally:
        await asyncio.shield(mailbox.release(name, until))


async def _poll(settings: Settings, name: str, begun: datetime) -> int:
    taken, stands = 0, await mailbox.position(name)
    try:
        taken = await _look(settings, stands)
    except Away as away:
        log.warning("the mailbox could not be read: %s", away.why)
        if away.passing and begun - (stands.trouble_since or begun) < PATIENT:
            await mailbox.leave(name)
        await mailbox.looked(name, begun, str(away.why))
    except (Busy, Cut):
        log.warning("a mail of the mailbox waits for the next look: others were in its way")
        await mailbox.leave(name)
    else:
        await mailbox.looked(name, begun, None)
    return taken


async def _look(settings: Settings, stands: Position) -> int:
    box = Mailbox(settings)
    await ask(box.open)
    try:
        return await _take_all(settings, box, stands)
    finally:
        await asyncio.to_thread(box.close)


async def _take_all(settings: Settings, box: Mailbox, stands: Position) -> int:
    """What was there before the very first look stays where it is: nobody waits for an answer to it here.

    Another address of the server is no first look: it may be the same server, or another that numbers as it likes.
    """
    before = stands if stands.last_uid is not None else await mailbox.elsewhere(stands.name)
    if before is None:
        await mailbox.moved_on(stands.name, box.uidvalidity, box.uidnext - 1)
        return 0
    if stands.uidvalidity != box.uidvalidity:
        since = ((before.polled_at or clock.now()) - BACK).date()
        if before.anew_since is not None and (before.last_uid or 0) < (before.anew_below or 0) - 1:
            since = min(since, before.anew_since)
        stands = await mailbox.numbered_anew(stands.name, box.uidvalidity, since, box.uidnext)
    until, left, taken = time.monotonic() + LONGEST, MOST_BYTES, 0
    uids = await ask(_numbers, box, stands)
    for uid in uids[:MOST]:
        if time.monotonic() > until or left <= 0:
            break
        left -= await arrival.take(settings, box, uid, await mailbox.begin(stands.name, uid))
        await mailbox.moved_on(stands.name, box.uidvalidity, uid)
        taken += 1
    if taken == len(uids) and stands.anew_below is not None:
        await mailbox.moved_on(stands.name, box.uidvalidity, stands.anew_below - 1)
    return taken


def _numbers(box: Mailbox, stands: Position) -> list[int]:
    """Those after the last one; of what the server numbered anew, all that came lately: what is known is taken once."""
    last, below = stands.last_uid or 0, stands.anew_below or 0
    if last >= below - 1:
        return box.after(last)
    return [uid for uid in box.after(last, stands.anew_since) if uid < below] + box.after(below - 1)
