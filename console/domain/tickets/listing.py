"""Lists of tickets: narrowed, searched, in the order in which they are to be dealt with, a page at a time."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from console.domain import db
from console.domain.clients.finding import find
from console.domain.ids import ActorId, ClientId
from console.domain.text import fold
from console.domain.tickets.queries import COLUMNS, FROM, TicketRow, row_of
from console.domain.tickets.rules import UNSOLVED, Priority, Rating, TicketChannel, TicketStatus
from console.domain.waiting import Waiting

MOST_CLIENTS = 50
"""Clients whose tickets a search looks at."""
COMMON = 15_000
"""More of what was said than that holds a word: it is common."""
_NUMBER = re.compile(r"(?:#|no\.?)? ?([0-9]{1,9})")
"""A ticket's number as it is typed and folded: № is `no`."""


UNSEEN = timedelta(days=14)
"""So long a bad rating is told to whoever deals with the ticket, unless they say something in it."""
_LATEST = (
    "r.retired_at IS NULL"
    " AND NOT EXISTS (SELECT FROM ticket_rating l WHERE l.ticket = r.ticket AND l.solving > r.solving)"
)
"""Of a rating that none of a later solving stands beside."""
_TO_APPROVE = (
    "t.id IN (SELECT r.ticket FROM ticket_remedy r WHERE r.status = 'proposed' AND r.retired_at IS NULL"
    " AND r.proposed_by <> {})"
)
_RATED = f"t.id IN (SELECT r.ticket FROM ticket_rating r WHERE r.rating = {{}} AND {_LATEST})"  # noqa: S608


@dataclass(frozen=True)
class Wanted:
    """Which tickets; None where it does not matter. `unassigned`: nobody's, or of somebody who left.

    `text`: words that were said in it or are its subject, its number, or its client. `to_approve`: somebody asks
    others than themselves for a remedy, and this is one of the others.
    """

    statuses: Collection[TicketStatus] | None = None
    assignee: int | None = None
    unassigned: bool = False
    category: int | None = None
    priority: Priority | None = None
    channel: TicketChannel | None = None
    tag: str | None = None
    client: ClientId | None = None
    breached: bool = False
    rating: Rating | None = None
    to_approve: ActorId | None = None
    text: str = ""

    @property
    def is_to_do(self) -> bool:
        """Whether none of them is solved: they come in the order in which they are due, others the latest first."""
        return self.statuses is not None and set(self.statuses) <= set(UNSOLVED)


@dataclass(frozen=True)
class Edge:
    """The ticket that a page begins after."""

    id: int
    due_at: datetime | None = None


@dataclass(frozen=True)
class Page:
    """Tickets in order, and whether there are more."""

    rows: Sequence[TicketRow]
    has_more: bool

    @property
    def edge(self) -> Edge:
        """What the next page begins after."""
        return Edge(self.rows[-1].id, self.rows[-1].due_at)


@dataclass(frozen=True)
class Counts:
    """How many tickets there are to do: mine, nobody's, those that wait for the client, all, and of them breached.

    `rated_bad`: mine of which the client thinks badly, and I have said nothing since. `to_approve`: with a remedy that
    waits for somebody else than who proposed it, solved ones as well.
    """

    mine: int
    unassigned: int
    waiting: int
    all: int
    breached: int
    rated_bad: int
    to_approve: int


async def page(wanted: Wanted, after: Edge | None = None, most: int = 50) -> Page:
    """The tickets that follow one; the first ones without."""
    conditions, args = await _where(wanted)
    if after is not None and wanted.is_to_do:
        args += [after.due_at, after.id]
        due, own = f"${len(args) - 1}::timestamptz", f"${len(args)}"
        past = f"(coalesce(t.due_at, 'infinity'), t.id) > (coalesce({due}, 'infinity'), {own})"
        conditions.append(past)
    elif after is not None:
        args.append(after.id)
        conditions.append(f"t.id < ${len(args)}")
    order = "coalesce(t.due_at, 'infinity'), t.id" if wanted.is_to_do else "t.id DESC"
    args.append(most + 1)
    chosen = f"SELECT * FROM ticket t WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT ${len(args)}"  # noqa: S608
    source = FROM.replace("ticket t", f"({chosen}) t", 1)
    rows = await db.fetch(f"SELECT {COLUMNS} FROM {source} ORDER BY {order}", *args)  # noqa: S608
    return Page([row_of(row) for row in rows[:most]], len(rows) > most)


async def count(wanted: Wanted, most: int = 999) -> int:
    """How many there are, counted up to `most` + 1."""
    conditions, args = await _where(wanted)
    sql = f"SELECT FROM ticket t WHERE {' AND '.join(conditions)} LIMIT {most + 1}"
    return int(await db.fetchval(f"SELECT count(*) FROM ({sql}) AS counted", *args))  # noqa: S608


async def counts(actor: ActorId, now: datetime) -> Counts:
    """How many tickets there are to do. One statement."""
    row = await db.fetchrow(
        "SELECT count(*) FILTER (WHERE t.assignee = $1) AS mine,"  # noqa: S608
        " count(*) FILTER (WHERE t.assignee IS NULL OR s.retired_at IS NOT NULL) AS unassigned,"
        " count(*) FILTER (WHERE t.status = 'pending') AS waiting, count(*) AS all,"
        " count(*) FILTER (WHERE 'breached' IN (t.first_reply_mark, t.resolution_mark)) AS breached,"
        f" (SELECT count(*) FROM ticket_rating r JOIN ticket b ON b.id = r.ticket WHERE {_LATEST} AND r.rating = 'bad'"
        "   AND r.at >= $2 AND b.assignee = $1 AND b.solved_at IS NOT NULL AND b.retired_at IS NULL AND NOT EXISTS"
        "   (SELECT FROM ticket_entry e WHERE e.ticket = b.id AND e.kind <> 'in' AND e.at > r.at)) AS rated_bad,"
        f" (SELECT count(*) FROM ticket t WHERE {_TO_APPROVE.format('$1')} AND t.retired_at IS NULL) AS to_approve"
        " FROM ticket t LEFT JOIN staff s ON s.id = t.assignee WHERE t.solved_at IS NULL AND t.retired_at IS NULL",
        actor,
        now - UNSEEN,
    )
    return Counts(**dict(row or {}))


async def waiting(actor: ActorId, most: int = 99) -> Waiting:
    """How many that are not solved and do not wait for the client are somebody's or nobody's, counted to `most` + 1.

    The due ones come first in each part, so that one that is late is among those looked at.
    """
    row = await db.fetchrow(_WAITING, actor, most + 1)
    return Waiting(min(row["count"], most + 1), row["late"]) if row else Waiting(0, late=False)


_WAITS = (
    "(SELECT 'breached' IN (t.first_reply_mark, t.resolution_mark) AS late FROM ticket t"
    " WHERE {} AND t.status <> 'pending' AND t.solved_at IS NULL AND t.retired_at IS NULL"
    " ORDER BY t.assignee, coalesce(t.due_at, 'infinity'), t.id LIMIT $2)"
)
"""In the order of the index by whose they are: it is used also where nobody's are few among many."""
_WAITING = (
    "SELECT count(*) AS count, coalesce(bool_or(late), false) AS late FROM ("  # noqa: S608
    f"SELECT late FROM staff s CROSS JOIN LATERAL {_WAITS.format('t.assignee = s.id')} theirs"
    " WHERE s.id = $1 OR s.retired_at IS NOT NULL"
    f" UNION ALL {_WAITS.format('t.assignee IS NULL')}) AS counted"
)


async def of_client(client: ClientId, most: int = 10) -> list[TicketRow]:
    """A client's tickets, the latest first."""
    return list((await page(Wanted(client=client), most=most)).rows)


async def _where(wanted: Wanted) -> tuple[list[str], list[Any]]:
    """Conditions on a ticket `t`, and their arguments."""
    conditions, args = ["t.retired_at IS NULL"], list[Any]()

    def add(condition: str, value: Any) -> None:
        args.append(value)
        conditions.append(condition.format(f"${len(args)}"))

    if wanted.statuses is not None:
        add("t.status = ANY({}::text[])", [one.value for one in wanted.statuses])
    if wanted.is_to_do:
        conditions.append("t.solved_at IS NULL")
    if wanted.unassigned:
        conditions.append("NOT EXISTS (SELECT FROM staff a WHERE a.id = t.assignee AND a.retired_at IS NULL)")
    if wanted.breached:
        conditions.append("'breached' IN (t.first_reply_mark, t.resolution_mark)")
    if wanted.to_approve is not None:
        add(_TO_APPROVE, wanted.to_approve)
    if wanted.rating is not None:
        add(_RATED, wanted.rating.value)
    if wanted.tag is not None:
        add("t.tags @> {}::text[]", [wanted.tag])
    for name in ("assignee", "category", "priority", "channel", "client"):
        value = getattr(wanted, name)
        if value is not None:
            add(f"t.{name} = {{}}", value)
    if wanted.text.strip():
        await _search(wanted.text, add)
    return conditions, args


async def _search(text: str, add: Any) -> None:
    """Tickets by a number alone, by words that all of them hold, or by their client."""
    folded = fold(text)
    number = _NUMBER.fullmatch(folded.casefold())
    clients = [hit.client for hit in await find(text, limit=MOST_CLIENTS)]
    own = f"t.number = {int(number[1])}" if number else ""
    theirs = f"t.client = ANY(ARRAY[{', '.join(map(str, clients))}]::bigint[])" if clients else ""
    others = list(filter(None, (own, theirs)))
    condition = _looked_into(others) if await db.fetchval(_IS_COMMON, folded, COMMON) else _found(others)
    add(condition.replace("{}", "{0}"), folded)


_HOLDS = "to_tsvector('simple', {}.folded) @@ plainto_tsquery('simple', {{}})"
_IS_COMMON = (
    "SELECT count(*) > $2 FROM (SELECT FROM ticket_entry e"  # noqa: S608
    f" WHERE {_HOLDS.format('e').format('$1')} LIMIT $2 + 1) AS counted"
)


def _found(others: Sequence[str]) -> str:
    """By the indexes: all that there are, put together before they are brought in order."""
    ways = [
        f"SELECT t.id FROM ticket t WHERE {_HOLDS.format('t')}",  # noqa: S608
        f"SELECT e.ticket FROM ticket_entry e WHERE e.retired_at IS NULL AND {_HOLDS.format('e')}",  # noqa: S608
        *(f"SELECT t.id FROM ticket t WHERE {one}" for one in others),  # noqa: S608
    ]
    return f"t.id IN ({' UNION '.join(ways)})"


def _looked_into(others: Sequence[str]) -> str:
    """One after the other in the order of the list: of words that many hold a page is full soon.

    The LIMIT keeps PostgreSQL from looking up all of them first.
    """
    said = (
        "coalesce((SELECT true FROM ticket_entry e WHERE e.ticket = t.id AND e.retired_at IS NULL"  # noqa: S608
        f" AND {_HOLDS.format('e')} LIMIT 1), false)"
    )
    return f"({' OR '.join([*others, _HOLDS.format('t'), said])})"
