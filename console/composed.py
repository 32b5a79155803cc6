"""A message to a client in words, ready to go out by any channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Attachment:
    """A file beside a mail. `params`: what its Content-Type says besides, such as a calendar's method."""

    name: str
    media_type: str
    content: bytes
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Thread:
    """Where in the conversation of a ticket, by its number, a mail stands that somebody wrote.

    `by`: who, in words. `answers`: the Message-ID of what it answers; `references`: those of what was said before.
    """

    number: int
    by: str
    answers: str | None = None
    references: Sequence[str] = ()


@dataclass(frozen=True)
class Button:
    """What a mail shows for its link where that is alone in its line."""

    url: str
    word: str


@dataclass(frozen=True)
class Composed:
    """A message ready to go out by any channel: `sms` is what a phone shows, the rest is a mail.

    `thread`: of one that a person wrote in a ticket, None of what goes by itself.
    """

    subject: str
    text: str
    html: str
    sms: str
    attachments: tuple[Attachment, ...] = ()
    thread: Thread | None = None
    button: Button | None = None
