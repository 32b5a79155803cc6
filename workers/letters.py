"""Messages to clients by mail. A mail server does not take a second copy for one: what it did not answer is unknown."""

from __future__ import annotations

import asyncio
from email.message import EmailMessage
from email.utils import format_datetime

from console import threads
from console.config import Settings
from console.domain import clock
from console.domain.business.queries import business
from workers.channels import Letter, Undelivered
from workers.courier import Courier
from workers.mail import TIMEOUT, recipient, sender


class ByMail:
    """The mail server of SMTP_URL."""

    deduplicates = False

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def send(self, letter: Letter) -> None:
        courier = Courier(self._settings)
        try:
            message = _message(self._settings, letter, (await business()).name)
            async with asyncio.timeout(TIMEOUT):
                await courier.carry(message)
        except Exception as error:
            raise Undelivered(courier.trouble(error)) from error


def _message(settings: Settings, letter: Letter, business: str) -> EmailMessage:
    """The mail. Raises `UnicodeError` for an address that mail cannot carry."""
    message = EmailMessage()
    message["Subject"] = letter.composed.subject
    message["From"] = sender(settings, business)
    message["To"] = recipient(letter.name, letter.address)
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = threads.message_id(settings, letter.key)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.composed.text)
    message.add_alternative(letter.composed.html, subtype="html")
    for file in letter.composed.attachments:
        main, _, sub = file.media_type.partition("/")
        params = {"charset": "utf-8", **file.params} if main == "text" else dict(file.params)
        message.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name, params=params)
    return message
