"""Delivers staff mail by SMTP, or keeps it for the mailbox page where no SMTP is set."""

from __future__ import annotations

import asyncio
import logging
import time
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from ipaddress import ip_address
from typing import Any
from urllib.parse import unquote, urlsplit

import aiosmtplib

from console.config import Settings
from console.domain import clock
from console.domain.team import mail, passwords
from console.domain.team.queries import link
from console.mailing import Written, write

log = logging.getLogger(__name__)

LINKED = {"invitation", "reset"}
"""Mails that are there for their link."""
TIMEOUT = 20.0
"""Seconds that one mail may take, and half as many for the server to answer a single command."""
LONGEST = 25.0
"""Seconds after which a run takes up no other mail: arq ends a job after a minute, and the next run goes on."""


async def deliver_mail(ctx: dict[str, Any]) -> int:
    """Send what is due, one after the other, until nothing is; answers how many mails were taken up.

    What was asked for at the door becomes due first.
    """
    settings: Settings = ctx["settings"]
    taken, until = 0, time.monotonic() + LONGEST
    await passwords.answer_requests(clock.now())
    while time.monotonic() < until and (claimed := await mail.claim(clock.now(), most=1)):
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
    if one.purpose in LINKED and not await _link_is_good(one):
        await mail.failed(one, clock.now(), "its link ran out or was replaced before it could leave", for_good=True)
    elif settings.smtp_url is None:
        await mail.kept(one, clock.now())
    else:
        await _send(settings, one)


async def _link_is_good(one: mail.Mail) -> bool:
    return one.token is not None and await link(one.token, clock.now()) is not None


async def _send(settings: Settings, one: mail.Mail) -> None:
    """Whatever goes wrong with one mail is noted at that mail: it waits, or has failed for good."""
    try:
        async with asyncio.timeout(TIMEOUT):
            await send(settings, compose(settings, one, write(one, settings.public_url)))
    except Exception as error:
        log.warning("mail %s to staff did not leave: %s", one.id, error or type(error).__name__)
        await mail.failed(one, clock.now(), str(error) or type(error).__name__, for_good=_permanent(error))
    else:
        await mail.sent(one, clock.now())


def compose(settings: Settings, one: mail.Mail, written: Written) -> EmailMessage:
    """The message as it goes out. Its Message-ID is the row's, so that a second copy can be told as one.

    Raises `UnicodeError` for an address that mail cannot carry.
    """
    message = EmailMessage()
    message["Subject"] = written.subject
    message["From"] = settings.mail_from
    message["To"] = formataddr((" ".join(one.name.split()), _plain(one.email)))
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<staff-{one.id}@{urlsplit(settings.public_url).hostname}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(written.text)
    message.add_alternative(written.html, subtype="html")
    return message


def _plain(address: str) -> str:
    """An address with its domain as the network writes it (IDNA)."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode()}"


async def send(settings: Settings, message: EmailMessage) -> None:
    """Send one message. Raises `aiosmtplib.SMTPException` or `OSError`.

    `smtp://` insists on STARTTLS, but on this very machine; `smtp+plain://` goes without it where there is none.
    """
    url = urlsplit(settings.smtp_url or "")
    await aiosmtplib.send(
        message,
        hostname=url.hostname,
        port=url.port or (465 if url.scheme == "smtps" else 587),
        username=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
        use_tls=url.scheme == "smtps",
        start_tls=True if url.scheme == "smtp" and not _is_here(url.hostname or "") else None,
        timeout=TIMEOUT / 2,
    )


def _is_here(host: str) -> bool:
    """Whether a mail server runs on this very machine: nothing goes over a wire."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _permanent(error: Exception) -> bool:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(refused.code >= 500 for refused in error.recipients)
    if isinstance(error, (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError)):
        return error.code >= 500
    return isinstance(error, UnicodeError)
