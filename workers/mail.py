"""Delivers staff mail by SMTP, or keeps it for the mailbox page where no SMTP is set."""

from __future__ import annotations

import logging
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import Any
from urllib.parse import unquote, urlsplit

import aiosmtplib

from console.config import Settings
from console.domain import clock
from console.domain.team import mail
from console.mailing import Written, write

log = logging.getLogger(__name__)
TIMEOUT = 20.0


async def deliver_mail(ctx: dict[str, Any]) -> int:
    """Send what is due, until nothing is; answers how many mails were taken up."""
    settings: Settings = ctx["settings"]
    taken = 0
    while batch := await mail.claim(clock.now()):
        for one in batch:
            await _deliver(settings, one)
        taken += len(batch)
    return taken


async def sweep_mail(ctx: dict[str, Any]) -> int:
    """Every minute: park what a dead worker left behind, then deliver what no doorbell announced."""
    await mail.park(clock.now())
    return await deliver_mail(ctx)


async def _deliver(settings: Settings, one: mail.Mail) -> None:
    if settings.smtp_url is None:
        await mail.kept(one, clock.now())
        return
    try:
        await send(settings, compose(settings, one, write(one, settings.public_url)))
    except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as error:
        await mail.failed(one, clock.now(), str(error), for_good=_permanent(error))
    except (aiosmtplib.SMTPException, OSError) as error:
        await mail.failed(one, clock.now(), str(error), for_good=False)
    else:
        await mail.sent(one, clock.now())


def compose(settings: Settings, one: mail.Mail, written: Written) -> EmailMessage:
    """The message as it goes out. Its Message-ID is the row's, so that a second copy can be told as one."""
    message = EmailMessage()
    message["Subject"] = written.subject
    message["From"] = settings.mail_from
    message["To"] = formataddr((one.name, one.email))
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<staff-{one.id}-{one.attempts}@{urlsplit(settings.public_url).hostname}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(written.text)
    message.add_alternative(written.html, subtype="html")
    return message


async def send(settings: Settings, message: EmailMessage) -> None:
    """Send one message. Raises `aiosmtplib.SMTPException` or `OSError`."""
    url = urlsplit(settings.smtp_url or "")
    await aiosmtplib.send(
        message,
        hostname=url.hostname,
        port=url.port or (465 if url.scheme == "smtps" else 587),
        username=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
        use_tls=url.scheme == "smtps",
        timeout=TIMEOUT,
    )


def _permanent(error: aiosmtplib.SMTPException) -> bool:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(refused.code >= 500 for refused in error.recipients)
    return isinstance(error, aiosmtplib.SMTPResponseException) and error.code >= 500
