"""Delivers staff mail by SMTP, or keeps it for the mailbox page where no SMTP is set."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, parseaddr
from typing import Any
from urllib.parse import urlsplit

from console.config import Settings
from console.domain import clock
from console.domain.business.tables import UNNAMED
from console.domain.team import mail, passwords
from console.domain.team.queries import link
from console.domain.team.trouble import Cause, Trouble
from console.mailing import Written, write
from workers.courier import Courier

log = logging.getLogger(__name__)

FOR_GOOD = {Cause.LINK, Cause.ADDRESS, Cause.RECIPIENT, Cause.REFUSED}
"""What the same letter would meet again."""
TIMEOUT = 40.0
"""Seconds that one mail may take: a server that looks into it answers late."""
LONGEST = 15.0
"""Seconds after which a run takes up no other mail: arq ends a job after a minute, and the next run goes on."""


async def deliver_mail(ctx: dict[str, Any]) -> int:
    """Send what is due, one after the other, until nothing is; answers how many mails were taken up.

    What was asked for at the door becomes due first. A worker that is to stop takes up no more.
    """
    settings: Settings = ctx["settings"]
    goes_on: Callable[[], bool] = ctx.get("goes_on", lambda: True)
    taken, until = 0, time.monotonic() + LONGEST
    await passwords.answer_requests(clock.now())
    while goes_on() and time.monotonic() < until and (claimed := await mail.claim(clock.now(), most=1)):
        await _deliver(settings, claimed[0])
        taken += 1
    return taken


async def sweep_mail(ctx: dict[str, Any]) -> int:
    """Every minute: park what a dead worker left behind, then deliver what no doorbell announced.

    Where a mail server has been set since, the links that were kept for the mailbox page are sent too.
    """
    settings: Settings = ctx["settings"]
    await mail.park(clock.now())
    if settings.smtp_url is not None:
        await mail.release(clock.now())
    return await deliver_mail(ctx)


async def _deliver(settings: Settings, one: mail.Mail) -> None:
    if one.purpose in mail.LINKED and not await _link_is_good(one):
        await mail.failed(one, clock.now(), Trouble(Cause.LINK), for_good=True)
    elif settings.smtp_url is None:
        await mail.kept(one, clock.now())
    else:
        await _send(settings, one)


async def _link_is_good(one: mail.Mail) -> bool:
    return one.token is not None and await link(one.token, clock.now()) is not None


async def _send(settings: Settings, one: mail.Mail) -> None:
    """Whatever goes wrong with one mail is noted at that mail: it waits, has failed for good, or nobody knows."""
    courier = Courier(settings)
    try:
        async with asyncio.timeout(TIMEOUT):
            await courier.carry(compose(settings, one, write(one, settings.public_url)))
    except Exception as error:
        why = courier.trouble(error)
        log.warning("mail %s to staff did not leave: %s", one.id, why)
        if why.cause is Cause.SILENT:
            await mail.unsure(one, why)
        else:
            await mail.failed(one, clock.now(), why, for_good=why.cause in FOR_GOOD)
    else:
        await mail.sent(one, clock.now())


def compose(settings: Settings, one: mail.Mail, written: Written) -> EmailMessage:
    """The message as it goes out. Its Message-ID is the row's, so that a second copy can be told as one.

    Raises `UnicodeError` for an address that mail cannot carry.
    """
    message = EmailMessage()
    message["Subject"] = written.subject
    message["From"] = sender(settings, one.business)
    message["To"] = recipient(one.name, one.email)
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<staff-{one.id}@{urlsplit(settings.public_url).hostname}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(written.text)
    message.add_alternative(written.html, subtype="html")
    return message


def sender(settings: Settings, business: str) -> str:
    """The business by its name, unless the operator gave the sender another one than this console's."""
    name, address = parseaddr(settings.mail_from)
    return settings.mail_from if name not in {"", UNNAMED} else formataddr((" ".join(business.split()), address))


def recipient(name: str, address: str) -> str:
    """Whom a mail is to, in one line, the domain of the address as the network writes it (IDNA)."""
    local, _, domain = address.rpartition("@")
    return formataddr((" ".join(name.split()), f"{local}@{domain.encode('idna').decode()}"))
