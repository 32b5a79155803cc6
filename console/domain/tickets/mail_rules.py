"""What a mail that came in is, and where it belongs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from console.domain.ids import MessageId
from console.domain.tickets.contents import Upload
from console.domain.tickets.rules import LONGEST_SUBJECT

MOST_AN_HOUR = 20
"""Mails of one sender in an hour that are taken for what a person wrote: one more is a machine's that answers us."""
MOST_OF_STRANGERS = 60
"""Tickets that mails of people whom nobody knows, or by a form, open in an hour: more are set aside. Whoever writes in
another name each time, or from another network, opens no more than that.
"""
TWICE = timedelta(minutes=10)
"""So soon the same subject of the same sender is a letter that was sent twice, and no second matter."""
LONGEST_AWAY = timedelta(days=7)
"""A mail that its mailbox calls older did not wait there for us: somebody put it in from elsewhere."""
UNTITLED = "…"
"""What a ticket is called that a mail without a subject and without words opens."""
LONGEST_QUOTE = 100_000
LONGEST_NAME = 120
LONGEST_ADDRESS = 254
_PREFIX = re.compile(r"(?:(?:re|fwd?|aw|wg|ответ|отв|пересл)(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_OURS = re.compile(r"\s*\[#\s*\d{1,10}-[a-z2-7]{8}\s*\]", re.IGNORECASE)


class MailKind(StrEnum):
    """Who wrote a mail: somebody, a machine by itself, or a mail server that could not deliver ours.

    `FORM`: somebody who typed it, and their address, on a page of ours that mails it to us. `UNREAD`: nobody could
    tell, for it could not be read.
    """

    ORDINARY = "ordinary"
    FORM = "form"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    UNREAD = "unread"


OF_PEOPLE = (MailKind.ORDINARY, MailKind.FORM)


class MailAside(StrEnum):
    """Why a mail is in no ticket."""

    TOO_LARGE = "too_large"
    WITHHELD = "withheld"
    """The mailbox does not hand it out."""
    ENDLESS = "endless"
    """Who began with it never came to an end."""
    BROKEN = "broken"
    """It could not be read, or not be written down."""
    AUTOMATIC = "automatic"
    """A machine wrote it by itself, about nothing that we know of."""
    BOUNCE = "bounce"
    """It says that a mail was not delivered, which is in no ticket."""
    OURS = "ours"
    """We sent it, and it came back."""
    TOO_MANY = "too_many"
    """Its sender wrote more in an hour than people do."""
    FLOOD = "flood"
    """Strangers wrote more in an hour than they do."""


@dataclass(frozen=True)
class LeftOut:
    """A file of a mail that is not kept, and the key and params of the problem with it."""

    name: str
    key: str
    params: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Bounced:
    """Which of our messages was not delivered (`told` as its Message-ID has it), and what the other side said."""

    message: MessageId
    told: str
    said: str = ""


@dataclass(frozen=True)
class Envelope:
    """Who wrote a mail and what it is called. `key`: 32 bytes of its name, `content` of what it says.

    `origin`: 32 bytes of who wrote and of where it came from, which nobody can write into a mail; None of one that
    could not be read.
    """

    key: bytes
    sender: str
    sender_name: str
    subject: str
    message_id: str | None = None
    content: bytes | None = None
    origin: bytes | None = None


@dataclass(frozen=True)
class Arrived:
    """A mail as it was read. `numbers`: of the tickets that it is meant for, the surest first; `before`: the keys of
    the mails that it follows; `at`: when it came, as its mailbox says.
    """

    envelope: Envelope
    kind: MailKind
    body: str
    quoted: str = ""
    numbers: Sequence[int] = ()
    before: Sequence[bytes] = ()
    files: Sequence[Upload] = ()
    left_out: Sequence[LeftOut] = ()
    bounced: Bounced | None = None
    at: datetime | None = None


def since(mail: Arrived, now: datetime) -> datetime:
    """Since when a mail waits for an answer: since it came into its mailbox, unless that is no time to believe."""
    return mail.at if mail.at is not None and now - LONGEST_AWAY < mail.at <= now else now


def titled(subject: str, body: str) -> str:
    """What a ticket is called that a mail opens: its subject without what answering put before and behind it.

    Without one the beginning of what it says.
    """
    plain = " ".join(_PREFIX.sub("", _OURS.sub("", subject).strip()).split())
    if not plain:
        plain = next((line for line in (" ".join(one.split()) for one in body.splitlines()) if line), "")
    return plain[:LONGEST_SUBJECT].strip() or UNTITLED
