"""A mailbox behind IMAP: opened for reading only, mail by mail. Whatever is called here waits for the network."""

from __future__ import annotations

import contextlib
import re
import ssl
from datetime import date, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from console.config import Settings
from console.domain.team.trouble import Cause, Trouble

PATIENCE = 20.0
"""Seconds that the server may take for an answer."""
LONGEST_HEAD = 64 * 1024

FAILURES = (IMAPClientError, OSError, ssl.SSLError)
"""What a server, or the way to it, may lead to."""
LOST = (IMAPClientAbortError, OSError, ssl.SSLError)
"""What of that ends the connection."""
_PASSING = re.compile(r"failed: \[(?:UNAVAILABLE|LIMIT|INUSE|SERVERBUG)\b", re.IGNORECASE)
"""What a server says when it is no fault of the mail that it does not hand it out (RFC 3501, RFC 5530)."""


class Withheld(Exception):
    """The server is there, and does not hand out what was asked of one mail.

    `passing`: by its own words it would hand out no other mail now, and this one later.
    """

    @property
    def passing(self) -> bool:
        return _PASSING.search(str(self)) is not None


class Mailbox:
    """The mailbox of IMAP_URL. Whatever is asked of it may raise one of `FAILURES`."""

    def __init__(self, settings: Settings) -> None:
        self._url = urlsplit(settings.imap_url or "")
        self.uidvalidity = 0
        self.uidnext = 1

    def open(self) -> None:
        """Sign in and look at the folder."""
        secure = self._url.scheme == "imaps"
        context = ssl.create_default_context() if secure else None
        host, port = self._url.hostname or "", self._url.port or (993 if secure else 143)
        self._client = IMAPClient(host, port, ssl=secure, ssl_context=context, timeout=PATIENCE)
        self._client.normalise_times = False  # times with their zone
        try:
            self._client.login(unquote(self._url.username or ""), unquote(self._url.password or ""))
            state = self._client.select_folder(unquote(self._url.path.strip("/")) or "INBOX", readonly=True)
            if b"UIDVALIDITY" not in state:
                raise IMAPClientError("the folder has no UIDVALIDITY")
            self.uidvalidity, self.uidnext = int(state[b"UIDVALIDITY"]), self._uidnext(state)
        except BaseException:
            self._client.shutdown()
            raise

    def close(self) -> None:
        """Say goodbye to a server that answers."""
        try:
            self._client.logout()
        except FAILURES:
            with contextlib.suppress(OSError):
                self._client.shutdown()

    def after(self, uid: int, since: date | None = None) -> list[int]:
        """The numbers of the mails after one, those only that came on a date or later."""
        wanted: list[Any] = ["UID", f"{uid + 1}:*", *(["SINCE", since] if since else [])]
        return sorted(one for one in self._client.search(wanted) if one > uid)

    def size(self, uid: int) -> int | None:
        """Bytes of a mail; None once it is gone. Raises `Withheld`."""
        size = self._part(uid, "RFC822.SIZE")
        return None if size is None else int(size)

    def whole(self, uid: int) -> tuple[bytes, datetime | None] | None:
        """A mail as it came, and when; None once it is gone. It stays unseen. Raises `Withheld`."""
        found = self._fetched(uid, "BODY.PEEK[]", "INTERNALDATE")
        raw = _of(found)
        return None if raw is None else (raw, found.get(b"INTERNALDATE"))

    def head(self, uid: int) -> bytes | None:
        """Only what stands at the head of a mail; None once it is gone. Raises `Withheld`."""
        head: bytes | None = self._part(uid, f"BODY.PEEK[HEADER]<0.{LONGEST_HEAD}>")
        return head

    def _part(self, uid: int, what: str) -> Any:
        return _of(self._fetched(uid, what))

    def _fetched(self, uid: int, *what: str) -> dict[bytes, Any]:
        try:
            found: dict[bytes, Any] = self._client.fetch([uid], what).get(uid, {})
            return found
        except LOST:
            raise
        except Exception as error:
            raise Withheld(str(error)) from error

    def _uidnext(self, state: dict[bytes, Any]) -> int:
        """The number that the next mail will have: a server need not say it, and then it is behind the last one's."""
        if b"UIDNEXT" in state:
            return int(state[b"UIDNEXT"])
        return max(self._client.search(["UID", "*"]), default=0) + 1


def _of(found: dict[bytes, Any]) -> Any:
    return next((value for key, value in found.items() if key.startswith((b"BODY[", b"RFC822.SIZE"))), None)


def trouble(error: Exception) -> Trouble:
    """What it means that a mailbox raised one of `FAILURES`."""
    said = str(error) or type(error).__name__
    if isinstance(error, LoginError):
        return Trouble(Cause.LOGIN, said)
    if isinstance(error, ssl.SSLError):
        return Trouble(Cause.NO_TLS, said)
    return Trouble(Cause.LATER if isinstance(error, IMAPClientError) else Cause.AWAY, said)
