"""The texts of messages: what each kind may name, what is wrong with one, and how it reads once it is filled."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from console.domain.errors import Problem
from console.domain.messages.rules import MessageKind

PARTS = ("subject", "text", "sms")
"""Subject and text are those of a mail, which an SMS has none of."""
LONGEST = {"subject": 150, "text": 4000, "sms": 600}
"""Characters of each part."""

_EVERYWHERE = ("client", "business", "phone")
_OF_BOOKING = ("news", "date", "time", "services", "location", "address")
_TIER = ("tier", "discount", "before")

OFFERED: Mapping[MessageKind, tuple[str, ...]] = {
    MessageKind.BOOKING_CONFIRMATION: (*_EVERYWHERE, *_OF_BOOKING, "series", "answer", "link"),
    MessageKind.BOOKING_REMINDER: (*_EVERYWHERE, *_OF_BOOKING[1:], "answer", "link"),
    MessageKind.BOOKING_MOVED: (*_EVERYWHERE, *_OF_BOOKING, "series", "before", "answer", "link"),
    MessageKind.BOOKING_CANCELLED: (*_EVERYWHERE, *_OF_BOOKING, "series"),
    MessageKind.VISIT_THANKS: (*_EVERYWHERE, "date", "location", "address"),
    MessageKind.TICKET_SATISFACTION: (*_EVERYWHERE, "ticket", "subject", "link"),
    MessageKind.TIER_RAISED: (*_EVERYWHERE, *_TIER),
    MessageKind.TIER_WARNING: (*_EVERYWHERE, "tier", "discount", "last_day", "missing"),
    MessageKind.TIER_DROPPED: (*_EVERYWHERE, *_TIER),
    MessageKind.FREE_VISIT_ISSUED: (*_EVERYWHERE, "last_day"),
    MessageKind.FREE_VISIT_ENDING: (*_EVERYWHERE, "last_day"),
}
"""What a text of each kind may name in braces; what one of us wrote is no such text."""

_NAMED = re.compile(r"\{([a-z_]+)\}")
_BRACED = re.compile(r"\{[^{}\n]*\}")


@dataclass(frozen=True)
class Texts:
    """The parts of a message with what they name in braces, or filled."""

    subject: str
    text: str
    sms: str


def problem(text: str, kind: MessageKind) -> Problem | None:
    """A text names in braces only what messages of its kind have a value for, and closes each brace."""
    unknown = next((one for one in _BRACED.findall(text) if one[1:-1] not in OFFERED[kind]), None)
    if unknown is not None:
        return Problem("problem.message_unknown", {"name": unknown})
    return Problem("problem.message_braces") if re.search(r"[{}]", _BRACED.sub("", text)) else None


def problems(kind: MessageKind, texts: Texts) -> dict[str, Problem]:
    """What is wrong with each part."""
    found = {part: problem(getattr(texts, part), kind) for part in PARTS}
    return {part: one for part, one in found.items() if one is not None}


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with the values of what it names; a line that names what has none is left out."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(_lines(text, values))).strip()


def _lines(text: str, values: Mapping[str, str]) -> Iterator[str]:
    for line in text.splitlines():
        if all(values.get(name) for name in _NAMED.findall(line)):
            yield _NAMED.sub(lambda found: values[found[1]], line)


_PLAIN = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2212": "-", "\u2013": "-", "\u2014": "-", "\u2019": "'"})


def as_sms(text: str) -> str:
    """The same without the characters that would make every letter of an SMS twice as long."""
    return text.translate(_PLAIN)


_ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""What an SMS of 160 characters may hold (GSM 03.38); one with any other character has 70."""


def sms_parts(text: str) -> int:
    """How many SMS a text takes: several lose some characters each to being put together again."""
    alone, each = (160, 153) if _ALPHABET.issuperset(text) else (70, 67)
    return 1 if len(text) <= alone else -(-len(text) // each)
