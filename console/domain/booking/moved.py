"""What operations did to the place of bookings: when they were and who did them before, and after."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from console.domain import db
from console.domain.ids import BookableId

ARRANGED = {"booking": {"starts_at", "ends_at"}, "booking_item": {"starts_at", "ends_at"}, "assignment": {"bookable"}}
"""The columns, by entity, that say where a booking is."""


@dataclass(frozen=True)
class Stand:
    """When a booking was, and who did it; `doers`: pairs of an item and of each who did it, in their order."""

    starts_at: datetime
    ends_at: datetime
    who: str
    doers: tuple[tuple[int, BookableId], ...] = ()

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds()) // 60

    @property
    def items(self) -> tuple[int, ...]:
        """Its services that somebody did."""
        return tuple(dict.fromkeys(item for item, _ in self.doers))

    def instead(self, other: Stand) -> tuple[tuple[BookableId, BookableId], ...]:
        """Pairs of who does it here and who does it there, where that is somebody else."""
        here = dict.fromkeys(who for item, who in self.doers if (item, who) not in other.doers)
        there = dict.fromkeys(who for item, who in other.doers if (item, who) not in self.doers)
        return tuple(zip(here, there, strict=False))


@dataclass(frozen=True)
class Moved:
    """Where an operation found a booking, and where it left it."""

    booking: int
    zone: ZoneInfo
    before: Stand
    after: Stand

    @property
    def seen(self) -> bool:
        """Whether somebody sees it: at another time, or with other people."""
        before, after = self.before, self.after
        return (before.starts_at, before.ends_at, before.who) != (after.starts_at, after.ends_at, after.who)


_TOUCHED = """
    SELECT DISTINCT c.operation, coalesce(i.booking, ai.booking, c.entity_id) AS booking FROM change c
    LEFT JOIN booking_item i ON c.entity = 'booking_item' AND i.id = c.entity_id
    LEFT JOIN assignment a ON c.entity = 'assignment' AND a.id = c.entity_id LEFT JOIN booking_item ai ON ai.id = a.item
    WHERE c.operation = ANY($1::bigint[]) AND c.entity IN ('booking', 'booking_item', 'assignment')
"""


def _found(entity: str, column: str, row: str, since: str) -> str:
    """What the first operation since one found in a column of a row; none where it still stands."""
    return (
        f"(SELECT f.values -> '{column}' FROM change h JOIN former f ON f.change = h.id"  # noqa: S608
        f" WHERE h.entity = '{entity}' AND h.entity_id = {row}.id AND h.operation {since} m.operation"
        f" AND '{column}' = ANY (h.fields) ORDER BY h.id LIMIT 1)"
    )


def _was(entity: str, column: str, row: str, since: str) -> str:
    found = _found(entity, column, row, since)
    return f"coalesce({found} #>> '{{}}', {row}.{column}::text)::timestamptz"


def _who(since: str) -> str:
    created = "<=" if since == ">" else "<"
    return (
        "(SELECT json_agg(json_build_array(i.id, k.id, k.name) ORDER BY i.starts_at, i.id, k.position, k.id)"  # noqa: S608
        " FROM booking_item i JOIN assignment a ON a.item = i.id"
        " JOIN bookable k ON k.id = a.bookable AND k.kind IN ('person', 'crew') WHERE i.booking = b.id"
        " AND EXISTS (SELECT FROM change h WHERE h.entity = 'assignment' AND h.entity_id = a.id AND h.created"
        f"  AND h.operation {created} m.operation)"
        f" AND coalesce({_found('assignment', 'retired_at', 'a', since)} = 'null'::jsonb, a.retired_at IS NULL))"
    )


_STOOD = f"""
    SELECT m.operation, m.booking, l.zone, EXISTS (SELECT FROM change n WHERE n.entity = 'booking'
            AND n.entity_id = b.id AND n.created AND n.operation = m.operation) AS created,
        {_was("booking", "starts_at", "b", ">=")} AS starts_before,
        {_was("booking", "ends_at", "b", ">=")} AS ends_before,
        {_was("booking", "starts_at", "b", ">")} AS starts_after,
        {_was("booking", "ends_at", "b", ">")} AS ends_after,
        {_who(">=")} AS who_before, {_who(">")} AS who_after
    FROM ({_TOUCHED}) m JOIN booking b ON b.id = m.booking JOIN location l ON l.id = b.location
        JOIN operation o ON o.id = m.operation
    WHERE o.kind NOT LIKE 'series.%' OR NOT EXISTS (SELECT FROM change n WHERE n.entity = 'booking'
        AND n.entity_id = b.id AND n.created AND n.operation = m.operation)
    ORDER BY m.booking
"""  # noqa: S608


@dataclass(frozen=True)
class Stood:
    """What operations left: `moves` of each that moved bookings, and `after`, where each left a booking.

    `withdrawn`: those that each took back, nobody of whom does anything after it.
    """

    moves: Mapping[int, Sequence[Moved]]
    after: Mapping[tuple[int, int], tuple[Stand, ZoneInfo]]
    withdrawn: Mapping[int, Sequence[Moved]] = field(default_factory=dict)


async def stood(operations: Sequence[int]) -> Stood:
    """Where operations found and left the bookings that they touched, but for those with which a series begins."""
    moves: dict[int, list[Moved]] = {}
    withdrawn: dict[int, list[Moved]] = {}
    left: dict[tuple[int, int], tuple[Stand, ZoneInfo]] = {}
    for row in await db.fetch(_STOOD, list(operations)) if operations else ():
        before, after, zone = _stand(row, "before"), _stand(row, "after"), ZoneInfo(row["zone"])
        left[row["operation"], row["booking"]] = after, zone
        one = Moved(row["booking"], zone, before, after)
        if before.who and not after.who:
            withdrawn.setdefault(row["operation"], []).append(one)
        elif before != after and bool(before.who) == bool(after.who) and not row["created"]:
            moves.setdefault(row["operation"], []).append(one)
    return Stood(moves, left, withdrawn)


def _stand(row: Mapping[str, Any], which: str) -> Stand:
    doers = [(item, BookableId(who), name) for item, who, name in json.loads(row[f"who_{which}"] or "[]")]
    names = ", ".join(sorted({name for _, _, name in doers}))
    who = tuple((item, bookable) for item, bookable, _ in doers)
    return Stand(row[f"starts_{which}"], row[f"ends_{which}"], names, who)
