"""What ties a mail to its ticket: a token in its subject, in the address that it is answered to, and in its Message-ID.

The token is the ticket's number and a mark that only we can make of it, as those of clients' links. The other side may
keep any of the three, or none.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import urlsplit

from console import links
from console.config import Settings
from console.domain.ids import MessageId

_MARK = 5
"""Bytes: 8 letters and digits. Who guesses them has no more than a mail of a stranger in the ticket, marked as one."""
_TOKEN = r"(?P<number>[1-9][0-9]{0,9})-(?P<mark>[a-z2-7]{8})"
_SUBJECT = re.compile(rf"\[#\s*{_TOKEN}\s*\]", re.IGNORECASE)
_LOCAL = re.compile(rf".+\+{_TOKEN}", re.IGNORECASE)
_OURS = re.compile(rf"<message-(?P<id>[0-9]{{1,18}})-(?P<told>[0-9a-f]{{16}})(?:\.{_TOKEN})?@[^<>@\s]+>", re.IGNORECASE)


@dataclass(frozen=True)
class Ours:
    """A Message-ID of a mail to a client: of which message, what it told as `told`, and of which ticket by number."""

    message: MessageId
    told: str
    ticket: int | None = None


def token(settings: Settings, number: int) -> str:
    """The number of a ticket with its mark: 1042-mfzwizlt."""
    return f"{number}-{links.mark(settings, f'ticket:{number}', _MARK)}"


def subject(settings: Settings, number: int, text: str) -> str:
    """A mail's subject with the token of its ticket, once."""
    return f"{_SUBJECT.sub('', text).rstrip()} [#{token(settings, number)}]".lstrip()


def message_id(settings: Settings, key: str, number: int | None = None) -> str:
    """The Message-ID of a message to a client by its key; with the token of the ticket that it is of."""
    of = "" if number is None else f".{token(settings, number)}"
    return f"<message-{key}{of}@{urlsplit(settings.public_url).hostname}>"


def support_address(settings: Settings) -> str:
    """Where clients write about tickets: SUPPORT_ADDRESS, else the address that all mail is from."""
    return settings.support_address or parseaddr(settings.mail_from)[1]


def reply_to(settings: Settings, number: int) -> str:
    """Where a mail of a ticket is answered to: with the token where the mailbox takes what is behind a plus."""
    address = support_address(settings)
    if not settings.support_plus:
        return address
    local, _, domain = address.rpartition("@")
    return f"{local}+{token(settings, number)}@{domain}"


def without_token(address: str) -> str:
    """An address that mail is answered to without what is behind its plus."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def of_subject(settings: Settings, text: str) -> int | None:
    """The ticket of a subject, by its number; None where no token of it is ours."""
    return next(_numbers(settings, _SUBJECT.finditer(text)), None)


def of_address(settings: Settings, address: str) -> int | None:
    """The ticket of an address that a mail went to, by its number."""
    local = _LOCAL.fullmatch(address.rpartition("@")[0])
    return next(_numbers(settings, [local] if local else []), None)


def of_message_ids(settings: Settings, header: str) -> int | None:
    """The ticket of In-Reply-To or References, by its number: that of the last one of our mails in it."""
    found = [one.ticket for one in ours(settings, header) if one.ticket is not None]
    return found[-1] if found else None


def ours(settings: Settings, header: str) -> list[Ours]:
    """Our own Message-IDs in a header; a ticket only where its token is ours.

    Anybody can make one up that is of no ticket: `told` has to be that of the message.
    """
    return [_ours(settings, found) for found in _OURS.finditer(header)]


def _ours(settings: Settings, found: re.Match[str]) -> Ours:
    ticket = next(_numbers(settings, [found] if found["mark"] else []), None)
    return Ours(MessageId(int(found["id"])), found["told"].lower(), ticket)


def _numbers(settings: Settings, tokens: Iterator[re.Match[str]] | list[re.Match[str]]) -> Iterator[int]:
    for found in tokens:
        number = int(found["number"])
        if hmac.compare_digest(f"{number}-{found['mark'].lower()}", token(settings, number)):
            yield number
