"""Messages to clients by mail. A mail server does not take a second copy for one: what it did not answer is unknown."""

from __future__ import annotations

import asyncio
from email.headerregistry import HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import EmailPolicy, Policy
from email.utils import format_datetime, formataddr

from console import threads
from console.composed import Thread
from console.config import Settings
from console.domain import clock
from console.domain.business.queries import business
from workers.channels import Letter, Undelivered
from workers.courier import Courier
from workers.mail import TIMEOUT, recipient, sender


class MessageIds(UnstructuredHeader):
    """Ids of messages, one in a line: however long one is it stays as it was written, or nobody finds it."""

    def fold(self, *, policy: Policy) -> str:
        ids = f"{policy.linesep} ".join(str(self).split())
        return f"{self.name}: {ids}{policy.linesep}"  # type: ignore[attr-defined]  # of the class it is mixed with


_HEADERS = HeaderRegistry()
for _name in ("In-Reply-To", "References"):
    _HEADERS.map_to_type(_name, MessageIds)  # type: ignore[arg-type]  # as the registry itself takes them
_POLICY = EmailPolicy(header_factory=_HEADERS)


class ByMail:
    """The mail server of SMTP_URL. Only where nothing is kept of it may its words be `quoting` the letter."""

    deduplicates = False

    def __init__(self, settings: Settings, *, quoting: bool = False) -> None:
        self._settings, self._quoting = settings, quoting

    async def send(self, letter: Letter) -> None:
        courier = Courier(self._settings)
        try:
            message = _message(self._settings, letter, (await business()).name)
            async with asyncio.timeout(TIMEOUT):
                await courier.carry(message)
        except Exception as error:
            raise Undelivered(courier.trouble(error, quoting=self._quoting)) from None


def _message(settings: Settings, letter: Letter, business: str) -> EmailMessage:
    """The mail. Raises `UnicodeError` for an address that mail cannot carry."""
    message = EmailMessage(_POLICY)
    message["Subject"] = letter.composed.subject
    message["To"] = recipient(letter.name, letter.address)
    message["Date"] = format_datetime(clock.now())
    if letter.composed.thread is None:
        _by_itself(message, settings, letter.key, business)
    else:
        _in_thread(message, settings, letter.key, letter.composed.thread)
    message.set_content(letter.composed.text)
    message.add_alternative(letter.composed.html, subtype="html")
    for file in letter.composed.attachments:
        main, _, sub = _carried_as(file.media_type).partition("/")
        params = {"charset": "utf-8", **file.params} if main == "text" else dict(file.params)
        message.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name, params=params)
    return message


def _carried_as(media_type: str) -> str:
    """A mail within a mail may not be encoded (RFC 2046, 5.2.1), and one that was kept may need to be."""
    return "application/octet-stream" if media_type.startswith("message/") else media_type


def _by_itself(message: EmailMessage, settings: Settings, key: str, business: str) -> None:
    """What no person wrote says so: then no machine answers it (RFC 3834)."""
    message["From"] = sender(settings, business)
    if settings.support_address:
        message["Reply-To"] = settings.support_address
    message["Message-ID"] = threads.message_id(settings, key)
    message["Auto-Submitted"] = "auto-generated"


def _in_thread(message: EmailMessage, settings: Settings, key: str, thread: Thread) -> None:
    message["From"] = formataddr((thread.by, threads.support_address(settings)))
    message["Reply-To"] = threads.reply_to(settings, thread.number)
    message["Message-ID"] = threads.message_id(settings, key, thread.number)
    if thread.answers:
        message["In-Reply-To"] = thread.answers
    if thread.references:
        message["References"] = " ".join(thread.references)
