"""Takes one mail into tickets, whatever it is: what cannot be written down is set aside with its number."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID, uuid5

from console.apart import Apart, Cut, Spent, preload
from console.config import Settings
from console.domain import clock
from console.domain.errors import Busy, IntentReused
from console.domain.intent import SYSTEM, Intent
from console.domain.team.trouble import Cause, Trouble
from console.domain.tickets import mail
from console.domain.tickets.mail import MailKnown
from console.domain.tickets.mail_rules import Envelope, MailAside
from workers import imap
from workers.imap import FAILURES, Mailbox, Withheld
from workers.incoming import LARGEST, Ours, Unreadable, head, read
from workers.patience import AWAY

log = logging.getLogger(__name__)

R = TypeVar("R")

NAMESPACE = UUID("5f1f7e00-0000-4000-8000-000000000009")
MOST_TRIES = 3
"""How often a mail is begun with: whoever did and came to no end had died, or the server refused it or hung up."""
READER = Apart(seconds=20.0, memory=1024 * 1024 * 1024)
"""Where mails are read: each may take so long, and so much memory."""
PASSING = (*AWAY, Busy, Cut)
"""What is no fault of the mail."""

preload("workers.incoming")


class Away(Exception):
    """The mailbox cannot be read now; `why` says what is wrong. `passing`: by the server's words no mail's fault."""

    def __init__(self, why: Trouble, *, passing: bool = False) -> None:
        super().__init__(str(why))
        self.why = why
        self.passing = passing


async def ask(call: Callable[..., R], *args: Any) -> R:
    """Ask the server in a thread. Raises `Away`, and what else the call raises."""
    try:
        return await asyncio.to_thread(call, *args)
    except FAILURES as error:
        raise Away(imap.trouble(error)) from error


async def take(settings: Settings, box: Mailbox, uid: int, tries: int) -> int:
    """Take a mail that is begun with the so-manieth time, and answer its bytes; 0 of one that is not even asked for.

    Raises `Away`, and what of `PASSING` is in the way.
    """
    if tries > MOST_TRIES:
        # Its head is asked for once: that may be what nobody comes to an end with.
        await _set_aside(settings, box, uid, MailAside.ENDLESS, by_head=tries == MOST_TRIES + 1)
        return 0
    try:
        return await _whole(settings, box, uid)
    except Withheld as refusal:
        if tries < MOST_TRIES:
            raise Away(Trouble(Cause.LATER, str(refusal)), passing=refusal.passing) from refusal
        log.warning("mail %s of the mailbox is not handed out: %s", uid, refusal)
        await _set_aside(settings, box, uid, MailAside.WITHHELD)
        return 0


async def _whole(settings: Settings, box: Mailbox, uid: int) -> int:
    size = await ask(box.size, uid)
    if size is not None and size > LARGEST:
        await _set_aside(settings, box, uid, MailAside.TOO_LARGE)
        return 0
    found = None if size is None else await ask(box.whole, uid)
    if found is None:
        return 0  # somebody took it away
    raw, at = found
    if why := await _received(settings, uid, raw, at):
        await _set_aside(settings, box, uid, why)
    return len(raw)


async def _received(settings: Settings, uid: int, raw: bytes, at: datetime | None) -> MailAside | None:
    """None once a mail is in a ticket, or was before; else why it is in none."""
    try:
        arrived = replace(await READER.do(read, raw, settings), at=at)
        if not await mail.is_known(arrived.envelope):
            await mail.receive(_intent(arrived.envelope), arrived)
    except (MailKnown, IntentReused):
        log.info("a mail was taken by somebody else meanwhile")
    except PASSING:
        raise
    except Ours:
        return MailAside.OURS
    except Spent:
        return MailAside.ENDLESS
    except Unreadable:
        return MailAside.BROKEN
    except Exception:
        log.exception("mail %s of the mailbox could not be written down", uid)
        return MailAside.BROKEN
    return None


async def _set_aside(settings: Settings, box: Mailbox, uid: int, why: MailAside, *, by_head: bool = True) -> None:
    """Note a mail by what stands at its head; where that is not to be had, or cannot be noted, by its number alone."""
    numbered = Envelope(sha256(f"{settings.mailbox} {box.uidvalidity} {uid}".encode()).digest(), "", "", "")
    envelope = await _headed(settings, box, uid) if by_head else None
    try:
        await _note(envelope or numbered, why, uid)
    except PASSING:
        raise
    except Exception:
        if envelope is None:
            raise
        log.exception("mail %s of the mailbox is noted by its number alone", uid)
        await _note(numbered, why, uid)


async def _headed(settings: Settings, box: Mailbox, uid: int) -> Envelope | None:
    with contextlib.suppress(Withheld):
        raw = await ask(box.head, uid)
        try:
            return await READER.do(head, raw, settings) if raw else None
        except PASSING:
            raise
        except Exception:
            log.exception("the head of mail %s of the mailbox could not be read", uid)
    return None


async def _note(envelope: Envelope, why: MailAside, uid: int) -> None:
    if not await mail.is_known(envelope):
        with contextlib.suppress(MailKnown, IntentReused):
            await mail.set_aside(_intent(envelope), envelope, why, uid)


def _intent(envelope: Envelope) -> Intent:
    name = envelope.key.hex() + (envelope.content.hex() if envelope.content else "")
    return Intent(uuid5(NAMESPACE, name), SYSTEM, clock.now())
