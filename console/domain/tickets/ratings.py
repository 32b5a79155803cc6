"""What clients think of how their tickets were solved: said once for each time, and what pages read of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.domain import db
from console.domain.audit.naming import Name, named
from console.domain.errors import Invalid, NotFound, Problem, Refused
from console.domain.ids import CLIENT_ACTOR, ClientId, TicketId, TicketRatingId, TicketStatusId
from console.domain.intent import Actor
from console.domain.operation import operation
from console.domain.running import Operation
from console.domain.team.browsers import Browser
from console.domain.team.rules import Permission
from console.domain.team.throttles import count, give_back, of_network
from console.domain.tickets import steps
from console.domain.tickets.queries import numbers
from console.domain.tickets.rules import LONGEST_COMMENT, Rating
from console.domain.tickets.tables import TicketRating

CLIENT = Actor(CLIENT_ACTOR, frozenset({Permission.TICKET_CHANGE}))
"""Whichever client answers by their link: the ticket says which one."""
ANSWERED = timedelta(days=60)
"""So long after a ticket was solved its client may say what they think."""
CHANGED = timedelta(days=7)
"""So long they may think otherwise."""
WRONG_LINKS = 30
"""Links that are none which one network may try in a window, before all links are shut to it."""
ANSWERS = 20
"""Answers to one link in a window, taken or not."""
LATELY = timedelta(days=90)
"""Of which ratings the figures are."""


class RatingClosed(Refused):
    """What a client thought is not changed any more, or the ticket was solved too long ago."""

    key = "refused.rating_closed"


@dataclass(frozen=True)
class Asked:
    """A client's ticket as it was solved, and what they said of it: `rating` None while they said nothing."""

    solving: TicketStatusId
    ticket: TicketId
    number: int
    subject: str | None
    client: ClientId
    language: str | None
    solved_at: datetime
    rating: Rating | None
    comment: str | None
    rated_at: datetime | None

    def may_answer(self, now: datetime) -> bool:
        return now < (self.rated_at + CHANGED if self.rated_at else self.solved_at + ANSWERED)


_ASKED = """
    SELECT s.id AS solving, t.id AS ticket, t.number, t.subject, t.client, p.language, s.at AS solved_at, r.rating,
        r.comment, r.at AS rated_at
    FROM ticket_status s JOIN ticket t ON t.id = s.ticket AND t.retired_at IS NULL
        JOIN client c ON c.id = t.client AND c.erased_at IS NULL JOIN client_profile p ON p.client = c.id
        LEFT JOIN ticket_rating r ON r.solving = s.id AND r.retired_at IS NULL
    WHERE s.id = $1 AND s.status = 'solved' AND s.retired_at IS NULL
"""


async def opened(
    solving: TicketStatusId | None,
    proves: Callable[[TicketStatusId, ClientId], bool],
    browser: Browser,
    now: datetime,
) -> Asked | None:
    """What a link asks that `proves` to be for it and its client; None where there is nothing to ask (any more).

    Raises `Throttled`.
    """
    key = of_network("link", browser)
    await count(key, WRONG_LINKS, now)
    asked = await _asked(solving or TicketStatusId(0))
    if not proves(solving or TicketStatusId(0), asked.client if asked else ClientId(0)) or asked is None:
        return None
    await give_back(key)
    return asked


async def _asked(solving: TicketStatusId) -> Asked | None:
    row = await db.fetchrow(_ASKED, solving)
    return Asked(**{**row, "rating": row["rating"] and Rating(row["rating"])}) if row else None


async def count_answer(solving: TicketStatusId, now: datetime) -> None:
    """Raises `Throttled`."""
    await count(f"rating:{solving}", ANSWERS, now)


@operation("ticket.rate", permission=Permission.TICKET_CHANGE, undo=None)
async def rate(
    op: Operation, ticket: TicketId, solving: TicketStatusId, client: ClientId, rating: Rating, comment: str | None
) -> dict[str, int]:
    """Say what a client thinks of how their ticket was solved, or that they think otherwise by now.

    Raises `NotFound` where it is not theirs, `Invalid` (`comment`), `RatingClosed`.
    """
    comment = (comment or "").strip() or None
    if comment and len(comment) > LONGEST_COMMENT:
        raise Invalid({"comment": Problem("problem.too_long", {"limit": LONGEST_COMMENT, "length": len(comment)})})
    await steps.lock_all(op, [ticket], client)
    asked = await _asked(solving)
    if asked is None or (asked.ticket, asked.client) != (ticket, client):
        raise NotFound
    if not asked.may_answer(op.now):
        raise RatingClosed
    said = {"rating": rating.value, "comment": comment}
    there = await db.fetchval("SELECT id FROM ticket_rating WHERE solving = $1", solving)
    if there is None:
        await op.insert(TicketRating, ticket=ticket, client=client, solving=solving, at=op.now, **said)
    else:
        await op.update(TicketRating, there, None, said)
    return {"ticket": ticket}


@dataclass(frozen=True)
class Rated:
    """What a client said of a ticket; `comment` is None where they wrote none, or it is erased."""

    id: TicketRatingId
    rating: Rating
    comment: str | None
    at: datetime


async def of_ticket(ticket: TicketId) -> list[Rated]:
    """What was said of a ticket, the first time that it was solved first."""
    rows = await db.fetch(
        "SELECT id, rating, comment, at FROM ticket_rating WHERE ticket = $1 AND retired_at IS NULL ORDER BY solving",
        ticket,
    )
    return [Rated(**{**row, "rating": Rating(row["rating"])}) for row in rows]


@dataclass(frozen=True)
class Figures:
    """Of how many ratings lately how many were good."""

    good: int
    all: int


async def figures(now: datetime) -> Figures:
    row = await db.fetchrow(
        "SELECT count(*) FILTER (WHERE rating = 'good') AS good, count(*) AS all FROM ticket_rating"
        " WHERE at >= $1 AND retired_at IS NULL",
        now - LATELY,
    )
    return Figures(**dict(row or {}))


@named("ticket_rating")
async def rating_names(ids: Sequence[int]) -> dict[int, Name]:
    """Of which tickets something was thought."""
    return await numbers("SELECT x.id, t.number FROM ticket_rating x JOIN ticket t ON t.id = x.ticket", ids)
