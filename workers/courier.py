"""Hands one letter to the mail server of SMTP_URL, and tells what came of it."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from email.message import EmailMessage
from ipaddress import ip_address
from typing import Any
from urllib.parse import unquote, urlsplit

import aiosmtplib

from console.config import Settings
from console.domain.team.trouble import Cause, Trouble

PATIENCE = 10.0
"""Seconds that the server may take for a single command, but for the letter itself."""
AUTHENTICATE = 530
_CODES = re.compile(r"-?\d{1,3}( [245]\.\d{1,3}\.\d{1,3}(?![\w.]))?")
FAREWELL = 5.0
"""Seconds that a goodbye may take."""


class Courier(aiosmtplib.SMTP):
    """A connection for one letter.

    `smtp://` insists on STARTTLS and a certificate of that host, but on this very machine; `smtp+plain://` takes what
    there is.
    """

    given = False
    """Whether the server was given a letter: from then on no answer is no refusal."""

    def __init__(self, settings: Settings) -> None:
        url = urlsplit(settings.smtp_url or "")
        host, over_a_wire = url.hostname or "", not is_here(url.hostname or "")
        super().__init__(
            hostname=host,
            port=url.port or (465 if url.scheme == "smtps" else 587),
            username=unquote(url.username) if url.username else None,
            password=unquote(url.password) if url.password else None,
            local_hostname=_called(settings),
            use_tls=url.scheme == "smtps",
            start_tls=True if url.scheme == "smtp" and over_a_wire else None,
            validate_certs=over_a_wire and url.scheme != "smtp+plain",
            timeout=PATIENCE,
        )

    async def carry(self, message: EmailMessage) -> None:
        """Send one message; the caller limits how long that takes. Raises what `trouble` explains."""
        try:
            await self.connect()
            await self.send_message(message)
        except (aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientsRefused):
            await self._leave()
            raise
        else:
            await self._leave()
        finally:
            self.close()
            await asyncio.sleep(0)  # the line is down when this returns

    async def _leave(self) -> None:
        """Say goodbye to a server that answers; what became of the letter is known by then."""
        with contextlib.suppress(Exception):
            async with asyncio.timeout(FAREWELL):
                await self.quit()

    async def data(self, message: str | bytes, /, **how: Any) -> aiosmtplib.SMTPResponse:
        """The letter itself, which the server may take its time to look into."""
        self.given = True
        return await super().data(message, **{**how, "timeout": None})

    def trouble(self, error: Exception, *, quoting: bool = False) -> Trouble:
        """What it means that `carry`, or what made its message, raised this.

        Of what the server says its codes alone, for its words may be those of the letter, its link among them; all of
        it (`quoting`) only where nothing is kept.
        """
        if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
            error = error.recipients[0]
        if isinstance(error, aiosmtplib.SMTPResponseException):
            words = f"{error.code} {error.message}"
            return Trouble(_answered(error), words if quoting else _codes(words))
        said = str(error) or type(error).__name__
        if self.given:
            return Trouble(Cause.SILENT, said)
        if isinstance(error, (UnicodeError, aiosmtplib.SMTPNotSupported)):
            return Trouble(Cause.ADDRESS, said)
        if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError) or "STARTTLS" in said:
            return Trouble(Cause.NO_TLS, said)
        if "AUTH" in said:
            return Trouble(Cause.LOGIN, said)
        return Trouble(Cause.AWAY if isinstance(error, (aiosmtplib.SMTPException, OSError)) else Cause.OURS, said)


def _codes(said: str) -> str:
    """The code of an answer, with the enhanced one where there is one (RFC 3463)."""
    found = _CODES.match(said)
    return found.group() if found else ""


def _answered(error: aiosmtplib.SMTPResponseException) -> Cause:
    if isinstance(error, aiosmtplib.SMTPAuthenticationError) or error.code == AUTHENTICATE:
        return Cause.LOGIN
    if isinstance(error, aiosmtplib.SMTPRecipientRefused) and error.code >= 500:
        return Cause.RECIPIENT
    if isinstance(error, (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError)) and error.code >= 500:
        return Cause.REFUSED
    return Cause.LATER


def is_here(host: str) -> bool:
    """Whether a mail server runs on this very machine: nothing goes over a wire."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _called(settings: Settings) -> str:
    """What we call ourselves to the server: the console's name, which it can look up, or its address."""
    name = urlsplit(settings.public_url).hostname or "localhost"
    try:
        return f"[{'IPv6:' * (ip_address(name).version == 6)}{name}]"
    except ValueError:
        return name.encode("idna").decode()
