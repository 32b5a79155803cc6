"""A ticket's due times and their marks, from what happened to it until now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from console.domain.tickets.rules import Mark, TicketStatus
from console.domain.tickets.sla import Due, Hours, Pause, Target, first_reply_due, resolution_due

_WAITING = (TicketStatus.PENDING, TicketStatus.SOLVED, TicketStatus.CLOSED)
"""Statuses in which a ticket's time stands still: the client has the next word."""

Change = tuple[TicketStatus, datetime]
"""A status, and since when."""


@dataclass(frozen=True)
class Happened:
    """What happened to a ticket: its statuses in their order, and when it was first answered.

    Not every clock that wrote them shows the same: none came before the one that it followed, nor before the ticket.
    """

    opened_at: datetime
    statuses: Sequence[Change]
    first_replied_at: datetime | None = None

    @property
    def solved_at(self) -> datetime | None:
        """Since when it is solved, or closed; None where it is neither."""
        done = (TicketStatus.SOLVED, TicketStatus.CLOSED)
        found: datetime | None = None
        for status, since in self._forwards():
            found = (found or since) if status in done else None
        return found

    @property
    def pauses(self) -> list[Pause]:
        """When it waited for the client; that it is solved now ends its time and is no pause."""
        found: list[Pause] = []
        began: datetime | None = None
        for status, since in self._forwards():
            if status in _WAITING:
                began = began or since
            elif began is not None:
                found.append((began, since))
                began = None
        if began is not None and self.solved_at is None:
            found.append((began, None))
        elif began is not None and self.solved_at is not None and began < self.solved_at:
            found.append((began, self.solved_at))
        return found

    def _forwards(self) -> Iterator[Change]:
        reached = self.opened_at
        for status, since in self.statuses:
            reached = max(reached, since)
            yield status, reached


@dataclass(frozen=True)
class Dues:
    """Due times with their marks as of an instant; `due_at` the next one, `mark_at` when another mark is to be set."""

    first_reply_due: datetime | None = None
    resolution_due: datetime | None = None
    first_reply_mark: Mark | None = None
    resolution_mark: Mark | None = None
    due_at: datetime | None = None
    mark_at: datetime | None = None


def dues(happened: Happened, target: Target, hours: Hours, now: datetime) -> Dues:
    """What is due of a ticket at an instant, and what of it came near or went by."""
    solved_at, replied_at = happened.solved_at, happened.first_replied_at or happened.solved_at
    first = first_reply_due(happened.opened_at, target, hours)
    whole = resolution_due(happened.opened_at, target, hours, happened.pauses)
    waits = [(first, replied_at), (whole, solved_at)]
    open_ones = [due for due, done_at in waits if due is not None and done_at is None]
    return Dues(
        first.at if first else None,
        whole.at if whole else None,
        _mark(first, replied_at, now),
        _mark(whole, solved_at, now),
        min((due.at for due in open_ones), default=None),
        min((at for due in open_ones for at in (due.warn_at, due.at) if at > now), default=None),
    )


def stays(happened: Happened, first_reply_due: datetime | None, resolution_due: datetime | None) -> Dues:
    """When a ticket that is solved was due, by what was wanted then, and whether it was done in time."""
    solved_at = happened.solved_at
    return Dues(
        first_reply_due,
        resolution_due,
        _missed(first_reply_due, happened.first_replied_at or solved_at),
        _missed(resolution_due, solved_at),
    )


def _missed(due: datetime | None, done_at: datetime | None) -> Mark | None:
    return Mark.BREACHED if due and done_at and done_at >= due else None


def _mark(due: Due | None, done_at: datetime | None, now: datetime) -> Mark | None:
    """What is done in time has no mark any more."""
    if due is None:
        return None
    if (done_at or now) >= due.at:
        return Mark.BREACHED
    return Mark.WARNED if done_at is None and now >= due.warn_at else None
