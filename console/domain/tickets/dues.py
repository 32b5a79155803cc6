"""Keeping what follows from what happened to tickets: when they were answered first, due times and marks.

They are no deeds of anybody: whatever is written of a ticket, undone too, they are made anew in the same transaction,
and again when `mark_at` has come.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import asyncpg

from console.domain import db
from console.domain.running import Operation, watching
from console.domain.tickets.dues_rules import Dues, Happened, dues, stays
from console.domain.tickets.office import hours
from console.domain.tickets.rules import Priority, TicketStatus
from console.domain.tickets.sla import Target

AT_ONCE = 500
"""Tickets that are marked in one transaction."""

_HAPPENED = """
    SELECT t.id, t.priority, t.opened_at, t.solved_at, t.first_reply_due, t.resolution_due,
        ARRAY(SELECT s.status FROM ticket_status s WHERE s.ticket = t.id AND s.retired_at IS NULL ORDER BY s.id)
            AS statuses,
        ARRAY(SELECT s.at FROM ticket_status s WHERE s.ticket = t.id AND s.retired_at IS NULL ORDER BY s.id) AS since,
        (SELECT min(e.at) FROM ticket_entry e WHERE e.ticket = t.id AND e.kind = 'out' AND e.retired_at IS NULL)
            AS first_replied_at
    FROM ticket t LEFT JOIN client c ON c.id = t.client
    WHERE t.id = ANY($1::bigint[]) AND c.erased_at IS NULL ORDER BY t.id
"""
_KEEP = """
    UPDATE ticket SET first_replied_at = f.replied, first_reply_due = f.reply, resolution_due = f.resolution,
        first_reply_mark = f.reply_mark, resolution_mark = f.resolution_mark, due_at = f.due, mark_at = f.mark
    FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::text[],
        $7::timestamptz[], $8::timestamptz[])
        AS f (id, replied, reply, resolution, reply_mark, resolution_mark, due, mark)
    WHERE ticket.id = f.id
"""


async def targets() -> dict[Priority, Target]:
    """How soon tickets are to be answered and resolved, by priority."""
    rows = await db.fetch("SELECT priority, first_reply, resolution, warn FROM ticket_target WHERE retired_at IS NULL")
    return {Priority(row["priority"]): Target(row["first_reply"], row["resolution"], row["warn"]) for row in rows}


async def settle(
    tickets: Collection[int], now: datetime, were_solved: Mapping[int, datetime | None] | None = None
) -> None:
    """Keep what follows of tickets, which are locked, as of an instant; those of who is erased stay as they are.

    What stays solved keeps its due times, whatever targets and hours are by now. `were_solved`: since when tickets
    were that an operation changed, before it; of others it stands. None: all are settled by what is wanted now.
    """
    rows = await db.fetch(_HAPPENED, sorted(tickets))
    if not rows:
        return
    opened = [row["opened_at"] for row in rows]
    known, there = await targets(), await hours(min(opened), max(opened))
    found: list[tuple[Any, ...]] = []
    for row in rows:
        happened = _happened(row)
        target = known.get(Priority(row["priority"]))
        solved_at = row["solved_at"]
        if were_solved is not None and solved_at and were_solved.get(row["id"], solved_at) == solved_at:
            due = stays(happened, row["first_reply_due"], row["resolution_due"])
        else:
            due = dues(happened, target, there, now) if target else Dues()
        found.append((row["id"], happened.first_replied_at, *_plain(due)))
    await db.execute(_KEEP, *map(list, zip(*found, strict=True)))


def _happened(row: asyncpg.Record) -> Happened:
    statuses = [(TicketStatus(one), since) for one, since in zip(row["statuses"], row["since"], strict=True)]
    return Happened(row["opened_at"], statuses, row["first_replied_at"])


def _plain(due: Dues) -> tuple[Any, ...]:
    marks = (due.first_reply_mark, due.resolution_mark)
    return (due.first_reply_due, due.resolution_due, *(one and one.value for one in marks), due.due_at, due.mark_at)


async def mark(now: datetime) -> int:
    """Mark what came near or went by until now; how many tickets. What somebody else has locked waits for next time."""
    async with db.ENGINE.transaction():
        rows = await db.fetch(
            "SELECT id FROM ticket t WHERE mark_at <= $1 AND retired_at IS NULL"
            " AND NOT EXISTS (SELECT FROM client c WHERE c.id = t.client AND c.erased_at IS NOT NULL)"
            " ORDER BY mark_at LIMIT $2 FOR NO KEY UPDATE OF t SKIP LOCKED",
            now,
            AT_ONCE,
        )
        await settle([row["id"] for row in rows], now)
    return len(rows)


@watching("ticket", "ticket_entry", "ticket_status")
class Dueing:
    """Settles the tickets of which an operation writes anything."""

    def __init__(self, op: Operation) -> None:
        self.op = op
        self.seen: set[int] = set()
        self.were_solved: dict[int, datetime | None] = {}

    async def before(self, table: str, row_id: int | None, values: Mapping[str, Any]) -> None:
        if table != "ticket":
            self.seen.add(values["ticket"])
        elif row_id is not None:
            self.seen.add(row_id)
            self.were_solved.setdefault(row_id, values["solved_at"])

    async def after(self) -> None:
        await settle(self.seen, self.op.now, self.were_solved)


async def settle_anew(now: datetime) -> int:
    """Settle the next tickets of which open hours or targets are others by now, by their ids; how many.

    Whoever has one of them in hand is waited for: they may have gone by the former ones. They wait for nothing here.
    """
    async with db.ENGINE.transaction():
        after = await db.fetchval("SELECT after FROM ticket_settling WHERE after IS NOT NULL FOR UPDATE SKIP LOCKED")
        if after is None:
            return 0
        rows = await db.fetch(
            "SELECT id FROM ticket WHERE id > $1 AND solved_at IS NULL AND retired_at IS NULL ORDER BY id LIMIT $2"
            " FOR NO KEY UPDATE",
            after,
            AT_ONCE,
        )
        ids = [row["id"] for row in rows]
        await settle(ids, now)
        await db.execute("UPDATE ticket_settling SET after = $1", ids[-1] if len(ids) == AT_ONCE else None)
    return len(ids)


@watching("ticket_target", "location", "holiday")
class Otherwise:
    """Lets the tickets that are not solved be settled soon: open hours or targets are others now."""

    def __init__(self, op: Operation) -> None:
        self.op = op

    async def before(self, table: str, row_id: int | None, values: Mapping[str, Any]) -> None:
        """Whatever it is, they are settled after it."""

    async def after(self) -> None:
        await db.execute(
            "INSERT INTO ticket_settling (id, after) VALUES (1, 0) ON CONFLICT (id) DO UPDATE SET after = 0"
        )
