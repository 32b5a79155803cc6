"""What tickets are: their words, which statuses follow which, and what may be said in one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from console.domain.clients.rules import tags_problem
from console.domain.errors import Problem
from console.domain.ids import StaffId

LONGEST_SUBJECT = 160
LONGEST_BODY = 20_000
LONGEST_COMMENT = 2000
MOST_AT_ONCE = 200
"""Tickets that one operation changes together."""


class TicketStatus(StrEnum):
    """Where a ticket stands: `pending` waits for the client, `on_hold` for us or for others."""

    OPEN = "open"
    PENDING = "pending"
    ON_HOLD = "on_hold"
    SOLVED = "solved"
    CLOSED = "closed"


UNSOLVED = (TicketStatus.OPEN, TicketStatus.PENDING, TicketStatus.ON_HOLD)

MOVES: Mapping[TicketStatus, tuple[TicketStatus, ...]] = {
    TicketStatus.OPEN: (TicketStatus.PENDING, TicketStatus.ON_HOLD, TicketStatus.SOLVED),
    TicketStatus.PENDING: (TicketStatus.OPEN, TicketStatus.ON_HOLD, TicketStatus.SOLVED),
    TicketStatus.ON_HOLD: (TicketStatus.OPEN, TicketStatus.PENDING, TicketStatus.SOLVED),
    TicketStatus.SOLVED: (TicketStatus.OPEN, TicketStatus.CLOSED),
    TicketStatus.CLOSED: (),
}
"""What may follow each status."""

AFTER_A_REPLY = (TicketStatus.PENDING, TicketStatus.OPEN, TicketStatus.ON_HOLD, TicketStatus.SOLVED)
"""What a ticket may be once we answered, the usual one first."""


class Why(StrEnum):
    """Why a ticket came to a status."""

    OPENED = "opened"
    REPLIED = "replied"
    ANSWERED = "answered"
    """The client wrote."""
    NOT_DELIVERED = "not_delivered"
    """What we answered came back."""
    BY_HAND = "by_hand"
    ERASED = "erased"
    """Whose ticket it was is erased."""


class TicketChannel(StrEnum):
    """How we hear of something, and answer it."""

    PHONE = "phone"
    EMAIL = "email"
    CHAT = "chat"
    IN_PERSON = "in_person"


class Priority(StrEnum):
    """How soon a ticket is to be answered and resolved, from the least to the most."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class EntryKind(StrEnum):
    """Who said something to whom: the client to us, we to the client, or one of us to the others."""

    IN = "in"
    OUT = "out"
    NOTE = "note"


class Rating(StrEnum):
    """What a client thinks of how their ticket was solved."""

    GOOD = "good"
    BAD = "bad"


class Mark(StrEnum):
    """What became of a due time: it comes near, or it went by."""

    WARNED = "warned"
    BREACHED = "breached"


@dataclass(frozen=True)
class About:
    """What a ticket is about, and whose it is to deal with."""

    subject: str
    category: int | None = None
    priority: Priority = Priority.NORMAL
    tags: Sequence[str] = ()
    assignee: StaffId | None = None


def may_follow(now: TicketStatus, then: TicketStatus) -> bool:
    """Whether a ticket may come to a status; to stay where it is always may."""
    return now == then or then in MOVES[now]


def about_problems(about: About) -> dict[str, Problem]:
    """What is wrong with it, by fields."""
    found: dict[str, Problem] = {}
    if not about.subject.strip():
        found["subject"] = Problem("problem.required")
    elif len(about.subject) > LONGEST_SUBJECT:
        found["subject"] = _too_long(about.subject, LONGEST_SUBJECT)
    if wrong := tags_problem(about.tags):
        found["tags"] = wrong
    return found


def body_problems(body: str) -> dict[str, Problem]:
    """What is wrong with what is said."""
    if not body.strip():
        return {"body": Problem("problem.required")}
    return {"body": _too_long(body, LONGEST_BODY)} if len(body) > LONGEST_BODY else {}


def _too_long(text: str, limit: int) -> Problem:
    return Problem("problem.too_long", {"limit": limit, "length": len(text)})
