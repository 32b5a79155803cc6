"""What is due about bookings to come is settled anew once clients are to be told otherwise, or by another clock."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.domain import db
from console.domain.booking.telling import settle
from console.domain.clients.tables import Client
from console.domain.ids import BookingId, ClientId
from console.domain.messages.settings_queries import chosen
from console.domain.operation import operation
from console.domain.running import FINAL, Operation, watching
from console.domain.team.rules import Permission

_TO_COME = """
    FROM booking b JOIN client c ON c.id = b.client AND c.erased_at IS NULL
    WHERE b.retired_at IS NULL AND b.starts_at > $1 AND NOT (EXISTS (SELECT FROM change made
        JOIN operation o ON o.id = made.operation AND o.kind = 'import.take'
        WHERE made.entity = 'booking' AND made.entity_id = b.id AND made.created)
        AND NOT EXISTS (SELECT FROM message m WHERE m.client = b.client
            AND (m.variables ->> 'booking')::bigint = b.id))
"""
"""Bookings to come, but for those that were brought in from elsewhere and that nobody was to be reminded of."""

_AHEAD = f"""
    SELECT b.client, array_agg(b.id ORDER BY b.id) AS bookings {_TO_COME} AND b.client > $2
    GROUP BY b.client ORDER BY b.client LIMIT $3
"""
_OF_CLIENT = f"SELECT b.id {_TO_COME} AND b.client = $2 ORDER BY b.id"


@dataclass(frozen=True)
class Pass:
    """One walk through the clients that bookings are to come of: its number, and the last client that is done."""

    number: int
    after: ClientId


@operation("booking.tell_anew", permission=Permission.BOOKING_CHANGE, undo=FINAL)
async def tell_anew(op: Operation, client: ClientId, bookings: Collection[BookingId]) -> None:
    """Let what is due about bookings of a client be what they justify today; nothing is told as if it were new."""
    op.nothing_new()
    await op.lock(Client, [client])
    await settle(op, bookings, {})


@watching("client_profile")
class ByTheirClock:
    """Settles anew what is due about bookings to come of a client who lives by another clock from now on."""

    def __init__(self, op: Operation) -> None:
        self.op = op
        self.zones: dict[int, str | None] = {}

    async def before(self, table: str, row_id: int | None, values: Mapping[str, Any]) -> None:
        if row_id is not None:
            self.zones.setdefault(row_id, values["zone"])

    async def after(self) -> None:
        rows = await db.fetch("SELECT id, client, zone FROM client_profile WHERE id = ANY($1::bigint[])", [*self.zones])
        for row in rows:
            if row["zone"] != self.zones[row["id"]]:
                those = await db.fetch(_OF_CLIENT, self.op.now, row["client"])
                await settle(self.op, [each["id"] for each in those], {})


async def begun() -> Pass | None:
    """The walk for what the business wants now, and where it is; None once done.

    It begins with the first call after that became something else.
    """
    row = await db.fetchrow(
        "INSERT INTO retelling AS r (id, number, choice, after) VALUES (1, 1, $1, 0)"
        " ON CONFLICT (id) DO UPDATE SET number = r.number + 1, choice = $1, after = 0"
        " WHERE r.choice <> $1 RETURNING number, after",
        (await chosen()).version,
    )
    row = row or await db.fetchrow("SELECT number, after FROM retelling WHERE after IS NOT NULL")
    return Pass(row["number"], ClientId(row["after"])) if row else None


async def ahead(now: datetime, after: ClientId, count: int) -> Sequence[tuple[ClientId, Sequence[BookingId]]]:
    """So many clients after one, each with the bookings that are to come."""
    return [(row["client"], row["bookings"]) for row in await db.fetch(_AHEAD, now, after, count)]


async def done(one: Pass, after: ClientId | None) -> None:
    """Note through which client a walk is done, None: all of it; unless another one has begun."""
    await db.execute("UPDATE retelling SET after = $2 WHERE number = $1", one.number, after)
