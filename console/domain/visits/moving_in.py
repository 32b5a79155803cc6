"""Visits of before this console: written as they were, in sets; nothing follows from them but what was paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from console.domain import db
from console.domain.ids import ClientId
from console.domain.loyalty import moving_in as loyalty
from console.domain.loyalty.rules.attendance import Attended
from console.domain.loyalty.sources import Source
from console.domain.running import Operation
from console.domain.visits.tables import Payment, Refund, Visit, VisitLine


@dataclass(frozen=True)
class Line:
    """A line in minor units: `unit` is what one cost; `packed` and `discount` were taken off all of it."""

    item: tuple[str, int]
    names: Mapping[str, str]
    quantity: int
    unit: int
    packed: int
    discount: int

    @property
    def due(self) -> int:
        return self.unit * self.quantity - self.packed - self.discount


@dataclass(frozen=True)
class Came:
    """A visit that was paid in full. `client` None: nobody known; `booking`: which one it finished."""

    client: ClientId | None
    booking: int | None
    location: int
    on: date
    at: datetime
    currency: str
    lines: Sequence[Line]

    @property
    def due(self) -> int:
        return sum(line.due for line in self.lines)

    @property
    def counts(self) -> bool:
        """Whether it is a visit for tiers (loyalty rules, sections 2 and 5)."""
        listed = sum(line.unit * line.quantity for line in self.lines)
        return listed > 0 and any(line.item[0] == "service" for line in self.lines)


async def write(op: Operation, came: Sequence[Came], method: int) -> list[int]:
    """Write visits in time, of clients who must be locked, paid by a method; their ids.

    A preview takes no numbers: every till waits for the next one.
    """
    ids = await op.insert_many(Visit, [_visit(one) for one in came])
    both = list(zip(ids, came, strict=True))
    await op.insert_many(VisitLine, [row for id_, one in both for row in _lines(id_, one)])
    await op.insert_many(Payment, [_payment(id_, one, method) for id_, one in both if one.due])
    if not op.intent.preview:
        await _number(ids)
    attended: dict[ClientId, list[Attended]] = defaultdict(list)
    for id_, one in both:
        if one.client is not None:
            attended[one.client].append(Attended(one.on, one.counts, one.due, id_))
    await loyalty.attend(op, attended)
    return ids


def _visit(one: Came) -> dict[str, Any]:
    return {
        "client": one.client,
        "location": one.location,
        "booking": one.booking,
        "on": one.on,
        "at": one.at,
        "programme": 0,
        "due": one.due,
        "currency": one.currency,
    }


def _lines(visit: int, one: Came) -> list[dict[str, Any]]:
    return [
        {
            "visit": visit,
            "position": position,
            "service": line.item[1] if line.item[0] == "service" else None,
            "product": line.item[1] if line.item[0] == "product" else None,
            "names": line.names,
            "quantity": line.quantity,
            "listed": line.unit,
            "unit": line.unit,
            "packed": line.packed,
            "free": 0,
            "discount": line.discount,
        }
        for position, line in enumerate(one.lines, 1)
    ]


def _payment(visit: int, one: Came, method: int) -> dict[str, Any]:
    return {
        "visit": visit,
        "location": one.location,
        "method": method,
        "minor": one.due,
        "currency": one.currency,
        "tip": False,
        "at": one.at,
    }


async def _number(visits: Sequence[int]) -> None:
    """Give visits the numbers of their receipts, after which they stay as they are."""
    if not visits:
        return
    last = await db.fetchval(
        "INSERT INTO numbering (name, last) VALUES ('receipt', $1)"
        " ON CONFLICT (name) DO UPDATE SET last = numbering.last + $1 RETURNING last",
        len(visits),
    )
    await db.execute(
        "UPDATE visit SET number = o.number FROM unnest($1::bigint[], $2::int[]) AS o (id, number)"
        " WHERE visit.id = o.id",
        visits,
        range(last - len(visits) + 1, last + 1),
    )


async def give_back(
    op: Operation, client: ClientId, item: tuple[str, int], minor: int, at: datetime, on: date, reason: int, method: int
) -> int | None:
    """Refund a part or all of a client's last visit that sold an item, and answer which. The client is locked."""
    kind, of = item
    row = await db.fetchrow(
        'SELECT v.id, v.location, v.currency, v."on", (SELECT sum(p.minor) FROM payment p'  # noqa: S608
        " WHERE p.visit = v.id AND NOT p.tip) = $4 AS full FROM visit v JOIN visit_line l ON l.visit = v.id"
        f' WHERE v.client = $1 AND v.retired_at IS NULL AND l.{kind} = $2 AND v."on" <= $3'
        " AND l.unit * l.quantity - l.packed - l.free - l.discount >= $4 AND (SELECT coalesce(sum(p.minor), 0)"
        '  FROM payment p WHERE p.visit = v.id AND NOT p.tip) >= $4 ORDER BY v."on" DESC, v.id DESC LIMIT 1',
        client,
        of,
        on,
        minor,
    )
    if row is None:
        return None
    paid = {"minor": -minor, "currency": row["currency"], "tip": False, "at": at, "method": method}
    await op.insert(Payment, visit=row["id"], location=row["location"], **paid)
    refund = await op.insert(Refund, visit=row["id"], minor=minor, full=row["full"], reason=reason)
    await loyalty.lower(op, client, row["id"], row["on"], minor, f"{Source.PAYMENT}:{op.id}:{refund}")
    return int(row["id"])


async def take_returns_back(
    op: Operation, refunds: Sequence[int], payments: Sequence[int], visits: Sequence[int]
) -> None:
    """Let what was given back be paid again, but for `visits` that go as a whole; their clients must be locked."""
    rows = await db.fetch(
        'SELECT r.id, r.visit, r.minor, v.client, v."on" FROM refund r JOIN visit v ON v.id = r.visit'
        " WHERE r.id = ANY($1::bigint[]) AND r.retired_at IS NULL AND r.visit <> ALL($2::bigint[]) ORDER BY r.id",
        refunds,
        visits,
    )
    paid = await db.fetch(
        "SELECT visit, location, method, currency, tip, -minor AS minor FROM payment"
        " WHERE id = ANY($1::bigint[]) AND visit <> ALL($2::bigint[]) ORDER BY id",
        payments,
        visits,
    )
    await op.update_many(Refund, [row["id"] for row in rows], {"retired_at": op.now})
    await op.insert_many(Payment, [{**row, "at": op.now} for row in paid])
    for row in rows:
        source = f"{Source.UNDO}:{op.id}:{row['id']}"
        await loyalty.lower(op, row["client"], row["visit"], row["on"], -row["minor"], source)


async def take_back(op: Operation, visits: Sequence[int]) -> None:
    """Take visits back, with the money that was paid for them; their clients must be locked."""
    refunds = await db.fetch(
        "SELECT id FROM refund WHERE visit = ANY($1::bigint[]) AND retired_at IS NULL", list(visits)
    )
    paid = await db.fetch(
        "SELECT visit, location, method, currency, tip, -sum(minor)::bigint AS minor FROM payment"
        " WHERE visit = ANY($1::bigint[]) GROUP BY visit, location, method, currency, tip HAVING sum(minor) <> 0",
        list(visits),
    )
    await op.insert_many(Payment, [{**row, "at": op.now} for row in paid])
    await op.update_many(Refund, [row["id"] for row in refunds], {"retired_at": op.now})
    await op.update_many(Visit, visits, {"retired_at": op.now})
    await loyalty.take_back(op, visits)
