"""What stands at the head of a mail that came in, however it is written."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parseaddr
from ipaddress import ip_address, ip_network
from itertools import islice

from console.domain.tickets.mail_rules import LONGEST_ADDRESS

LONGEST = 20_000
"""Characters of one header that are looked at."""
MOST_ALIKE = 50
"""Headers of one name that are looked at."""
MOST_IDS = 100
"""Of those that a mail follows, the last ones."""
MOST_RECIPIENTS = 100
_IDS = re.compile(r"<[^<>\s\x00-\x1f\x7f]{1,990}>")
_PEER = re.compile(r"[\[(](?:IPv6:)?([0-9a-f:.]{3,45})[\])]", re.IGNORECASE)
_BY = re.compile(r"(?:^|\s)by\s", re.IGNORECASE)
_HELO = re.compile(r"helo=[^\s)]+", re.IGNORECASE)
_MACHINES = {"bulk", "junk", "list", "auto_reply"}


def header(message: Message, name: str) -> str:
    """A header in one line, words in other charsets decoded; empty where there is none."""
    return decoded(next(_raw(message, name), "")[:LONGEST])


def _raw(message: Message, *names: str) -> Iterator[str]:
    """Headers as they stand in the mail, also where their bytes are no ASCII; `Message.get` would lose those."""
    wanted = {one.lower() for one in names}
    found = (str(value) for name, value in message.raw_items() if name.lower() in wanted)
    for text in islice(found, MOST_ALIKE):
        yield text if text.isascii() else _read(text.encode("utf-8", "surrogateescape"), None)


def decoded(written: str) -> str:
    """A text of headers (RFC 2047), also where its charset is unknown or its bytes are raw."""
    try:
        parts = decode_header(written)
    except (HeaderParseError, ValueError):
        parts = [(written, None)]
    text = "".join(one if isinstance(one, str) else _read(one, charset) for one, charset in parts)
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def _read(raw: bytes, charset: str | None) -> str:
    for name in (charset if charset and charset != "unknown-8bit" else "utf-8", "utf-8", "cp1251"):
        try:
            return raw.decode(name)
        except (LookupError, UnicodeDecodeError):
            continue
    return raw.decode("latin-1")


def sender(message: Message, *headers: str) -> tuple[str, str]:
    """The address of who wrote, as addresses are kept, and their name; empty where none of these headers says so."""
    for name in headers or ("From", "Sender", "Reply-To"):
        # A name is decoded after the address is found: it may hold a comma or a bracket.
        shown, written = parseaddr(next(_raw(message, name), "")[:LONGEST])
        address = kept_address(decoded(written)) if "@" in written else ""
        if 0 < len(address) <= LONGEST_ADDRESS:
            return address, decoded(shown)
    return "", ""


def kept_address(address: str) -> str:
    """In lower case, its domain as the network writes it."""
    person, _, domain = address.strip().lower().rpartition("@")
    try:
        return f"{person}@{domain.encode('idna').decode() if not domain.isascii() else domain}"
    except UnicodeError:
        return f"{person}@{domain}"


def recipients(message: Message) -> list[str]:
    """Every address that a mail says it went to."""
    names = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
    written = [one[:LONGEST] for one in _raw(message, *names)]
    return [address for _, address in getaddresses(written) if "@" in address][:MOST_RECIPIENTS]


def message_ids(message: Message, *names: str) -> list[str]:
    """Message-IDs in headers, in their order; of very many the last ones."""
    found = [one for name in names for text in _raw(message, name) for one in _IDS.findall(text[-LONGEST:])]
    return found[-MOST_IDS:]


def network(message: Message) -> str:
    """The network that handed a mail over to our mail server, or to one before it, so large as one house has it.

    What stands above was written by those whom we trust; whoever sent it can only have written what stands below.
    """
    for one in _raw(message, "Received"):
        given = _PEER.findall(_HELO.sub("", _BY.split(one[:LONGEST], maxsplit=1)[0]))
        with contextlib.suppress(ValueError, IndexError):
            peer = ip_address(given[-1])
            if peer.is_global:
                return str(ip_network((peer, 16 if peer.version == 4 else 32), strict=False))
    return ""


def is_of_a_machine(message: Message) -> bool:
    """Whether nobody wrote it (RFC 3834, and what servers put there before it)."""
    submitted = header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    if submitted not in {"", "no"} or header(message, "Precedence").lower() in _MACHINES:
        return True
    if any(message.get(name) for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Reply", "List-Id")):
        return True
    return header(message, "Return-Path").replace(" ", "") == "<>" or _is_report(message)


def is_bounce(message: Message) -> bool:
    """Whether a mail server says that it could not deliver something (RFC 3464)."""
    return _is_report(message) and str(message.get_param("report-type", "")).lower() == "delivery-status"


def _is_report(message: Message) -> bool:
    return message.get_content_type() == "multipart/report"
