"""Takes what came into the mailbox of IMAP_URL into tickets: each mail once, and one that is broken stops no other."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID, uuid5

from console.config import Settings
from console.domain import clock
from console.domain.errors import Busy, IntentReused
from console.domain.intent import SYSTEM, Intent
from console.domain.team.trouble import Trouble
from console.domain.tickets import mail, mailbox
from console.domain.tickets.mail import MailKnown
from console.domain.tickets.mail_rules import Envelope, MailAside
from console.domain.tickets.mailbox import Position
from workers import imap
from workers.imap import FAILURES, Mailbox
from workers.incoming import LARGEST, Ours, Unreadable, envelope_of, read
from workers.patience import AWAY

log = logging.getLogger(__name__)

R = TypeVar("R")

NAMESPACE = UUID("5f1f7e00-0000-4000-8000-000000000009")
LONGEST = 40.0
"""Seconds after which a run takes no other mail: the next one goes on."""
MOST = 200
MOST_BYTES = 4 * LARGEST
"""Of a run: what it does not take waits for the next one."""
BACK = timedelta(days=2)
"""How far before the last look mails are looked at again whose numbers are others now."""


class Away(Exception):
    """The mailbox cannot be read now; `why` says what is wrong."""

    def __init__(self, why: Trouble) -> None:
        super().__init__(str(why))
        self.why = why


async def poll_mailbox(ctx: dict[str, Any]) -> int:
    """Every minute: what came since the last look; how many mails. Without IMAP_URL nothing."""
    settings: Settings = ctx["settings"]
    await mailbox.only(settings.mailbox)
    if settings.mailbox is None:
        return 0
    name, begun, taken = settings.mailbox, clock.now(), 0
    try:
        taken = await _look(settings, await mailbox.position(name))
    except Away as away:
        log.warning("the mailbox could not be read: %s", away.why)
        await mailbox.looked(name, begun, str(away.why))
    else:
        await mailbox.looked(name, begun, None)
    return taken


async def _look(settings: Settings, stands: Position) -> int:
    box = Mailbox(settings)
    await _ask(box.open)
    try:
        return await _take_all(settings, box, stands)
    finally:
        await asyncio.to_thread(box.close)


async def _take_all(settings: Settings, box: Mailbox, stands: Position) -> int:
    """What was there before the very first look stays where it is: nobody waits for an answer to it here."""
    if stands.uidvalidity is None or stands.last_uid is None:
        await mailbox.moved_on(stands.name, box.uidvalidity, box.uidnext - 1)
        return 0
    until, left, taken = time.monotonic() + LONGEST, MOST_BYTES, 0
    for uid in (await _ask(_numbers, box, stands))[:MOST]:
        if time.monotonic() > until or left <= 0:
            break
        size = await _ask(box.size, uid)
        if size is not None:
            await _take(settings, box, uid, size)
            left -= min(size, LARGEST)
            taken += 1
        await mailbox.moved_on(stands.name, box.uidvalidity, uid)
    return taken


def _numbers(box: Mailbox, stands: Position) -> list[int]:
    """Those after the last one; where the server numbers anew, all that came lately: what is known is taken once."""
    if box.uidvalidity == stands.uidvalidity:
        return box.after(stands.last_uid or 0)
    return box.after(0, ((stands.polled_at or clock.now()) - BACK).date())


async def _take(settings: Settings, box: Mailbox, uid: int, size: int) -> None:
    """One mail, whatever it is: what cannot be written down is set aside by its head."""
    raw = await _ask(box.whole, uid) if size <= LARGEST else None
    if raw is None:
        await _set_aside(box, uid, MailAside.TOO_LARGE)
        return
    try:
        arrived = await asyncio.to_thread(read, raw, settings)
        if not await mail.is_known(arrived.envelope.key):
            await mail.receive(_intent(arrived.envelope.key), arrived)
    except (MailKnown, IntentReused):
        log.info("a mail was taken by somebody else meanwhile")
    except (*AWAY, Busy):
        raise
    except Ours:
        await _set_aside(box, uid, MailAside.OURS)
    except Exception as error:
        if not isinstance(error, Unreadable):
            log.exception("mail %s of the mailbox could not be written down", uid)
        await _set_aside(box, uid, MailAside.BROKEN)


async def _set_aside(box: Mailbox, uid: int, why: MailAside) -> None:
    message, raw = await _ask(box.head, uid)
    try:
        envelope = envelope_of(message, raw)
    except Exception:
        envelope = Envelope(sha256(raw).digest(), "", "", "")
    if not await mail.is_known(envelope.key):
        with contextlib.suppress(MailKnown, IntentReused):
            await mail.set_aside(_intent(envelope.key), envelope, why)


async def _ask(call: Callable[..., R], *args: Any) -> R:
    """Ask the server in a thread. Raises `Away`."""
    try:
        return await asyncio.to_thread(call, *args)
    except FAILURES as error:
        raise Away(imap.trouble(error)) from error


def _intent(key: bytes) -> Intent:
    return Intent(uuid5(NAMESPACE, key.hex()), SYSTEM, clock.now())
