"""Reads a mail as it lies in a mailbox: who wrote what, and which ticket it belongs to."""

from __future__ import annotations

import email
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from email.message import Message
from email.utils import parseaddr
from typing import Any

from console import links, threads
from console.config import Settings
from console.domain.tickets.contents import Upload
from console.domain.tickets.mail_rules import Arrived, Bounced, Envelope, LeftOut, MailKind
from workers import mail_headers as headers
from workers import mail_text

LARGEST = 26 * 1024 * 1024
"""Bytes of a mail that is read: what most mail servers take."""
MOST_PARTS = 300
MOST_LEVELS = 20
MOST_FILES = 30
LONGEST_ID = 998
_MARK = 20
"""Bytes, which are 32 letters and digits."""
_BOUNDARY = re.compile(rb'boundary\s*=\s*"?([^";\r\n]{1,200})', re.IGNORECASE)
_NESTED = re.compile(rb"^content-type:\s*message/", re.IGNORECASE | re.MULTILINE)


class Unreadable(Exception):
    """A mail whose parts are more than a mail has."""


class Ours(Exception):
    """A mail that we sent ourselves and that came back."""


def read(raw: bytes, settings: Settings) -> Arrived:
    """A whole mail. Raises `Unreadable`, `Ours`, and whatever broken MIME leads to."""
    _refuse_bomb(raw)
    message = email.message_from_bytes(raw, _class=_counted())
    sent = _envelope(message, raw, settings)
    form = _of_form(message, sent, settings)
    envelope = form or sent
    said = mail_text.said(message)
    bounce = headers.is_bounce(message)
    original = _original(message) if bounce else None
    files = list(mail_text.files(message)) if not bounce else []
    machine = MailKind.AUTOMATIC if headers.is_of_a_machine(message) else None
    kind = MailKind.BOUNCE if bounce else machine or (MailKind.FORM if form else MailKind.ORDINARY)
    return Arrived(
        replace(envelope, content=_mark(settings, "mail", _hash_of(envelope, said, files))),
        kind,
        said.new,
        said.quoted,
        numbers=_numbers(message, original, settings),
        before=[_hash(one) for one in headers.message_ids(message, "References", "In-Reply-To")],
        files=files[:MOST_FILES],
        left_out=[LeftOut(one.name, "problem.files_many", (("most", MOST_FILES),)) for one in files[MOST_FILES:]],
        bounced=_bounced(message, original, settings) if original else None,
    )


def head(raw: bytes, settings: Settings) -> Envelope:
    """What stands at the head of a mail, of which nothing else was read."""
    envelope = _envelope(email.message_from_bytes(raw), raw, settings)
    return replace(envelope, content=_mark(settings, "head", hashlib.sha256(raw).hexdigest()))


def _envelope(message: Message, raw: bytes, settings: Settings) -> Envelope:
    address, name = headers.sender(message)
    ids = headers.message_ids(message, "Message-ID")
    message_id = ids[0] if ids and len(ids[0]) <= LONGEST_ID else None
    key = _hash(message_id) if message_id else hashlib.sha256(raw).digest()
    origin = _origin(message, address, settings)
    return Envelope(key, address, name, headers.header(message, "Subject"), message_id, origin=origin)


def _origin(message: Message, address: str, settings: Settings) -> bytes:
    return _mark(settings, "origin", f"{address} {headers.network(message)}")


def _hash(message_id: str) -> bytes:
    return hashlib.sha256(message_id.encode("utf-8", "replace")).digest()


def _mark(settings: Settings, what: str, text: str) -> bytes:
    """32 bytes that nobody else can try texts against."""
    return links.mark(settings, f"{what}:{text}", _MARK).encode()


def _hash_of(envelope: Envelope, said: mail_text.Said, files: Sequence[Upload]) -> str:
    """Of what a mail says, however it came: a copy on another way has other headers."""
    texts = [one.encode("utf-8", "replace") for one in (envelope.sender, envelope.subject, said.new, said.quoted)]
    parts = [*texts, *(one.content for one in files)]
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def _counted() -> Callable[..., Message]:
    """Makes the parts of a mail, but no more than a mail has, however they are told apart. Raises `Unreadable`."""
    made = 0

    def part(**options: Any) -> Message:
        nonlocal made
        made += 1
        if made > MOST_PARTS:
            raise Unreadable
        return Message(**options)

    return part


def _refuse_bomb(raw: bytes) -> None:
    """Few bytes can be very many parts, each of which would be an object."""
    boundaries = set(_BOUNDARY.findall(raw))
    nested = len(_NESTED.findall(raw))
    parts = sum(raw.count(b"--" + one) for one in list(boundaries)[: MOST_LEVELS + 1])
    if len(boundaries) > MOST_LEVELS or nested > MOST_LEVELS or parts > MOST_PARTS:
        raise Unreadable


def _of_form(message: Message, envelope: Envelope, settings: Settings) -> Envelope | None:
    """Who filled in a form of our website, which mails it from our own address, to be answered to theirs.

    None: somebody mailed it themselves. Raises `Ours`.
    """
    own = {threads.support_address(settings).lower(), parseaddr(settings.mail_from)[1].lower()}
    if threads.ours(settings, envelope.message_id or ""):
        raise Ours
    if envelope.sender not in own:
        return None
    address, name = headers.sender(message, "Reply-To")
    if not address or threads.without_token(address) in own:
        raise Ours
    return replace(envelope, sender=address, sender_name=name, origin=_origin(message, address, settings))


def _numbers(message: Message, original: str | None, settings: Settings) -> list[int]:
    """The tickets that a mail is meant for, the surest first."""
    before = " ".join([*headers.message_ids(message, "References", "In-Reply-To"), original or ""])
    found = [
        threads.of_message_ids(settings, before),
        *(threads.of_address(settings, one) for one in headers.recipients(message)),
        threads.of_subject(settings, headers.header(message, "Subject")),
    ]
    return list(dict.fromkeys(one for one in found if one is not None))


def _original(message: Message) -> str | None:
    """The Message-ID of the mail that a bounce is about."""
    for part in message.walk():
        if part is not message and part.get_content_type() == "text/rfc822-headers":
            part = email.message_from_string(mail_text.text_of(part))
        if part is not message and (ids := headers.message_ids(part, "Message-ID")):
            return ids[0]
    return None


def _bounced(message: Message, original: str, settings: Settings) -> Bounced | None:
    """Which of our messages came back for good; one that is only late (`Action: delayed`) did not."""
    status = [part for part in message.walk() if part.get("Action")]
    failed = [part for part in status if headers.header(part, "Action").lower() == "failed"]
    ours = threads.ours(settings, original)
    if not ours or (status and not failed):
        return None
    told = headers.header(failed[0], "Diagnostic-Code") or headers.header(failed[0], "Status") if failed else ""
    return Bounced(ours[0].message, ours[0].told, told)
