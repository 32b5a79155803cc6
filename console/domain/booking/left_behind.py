"""Who changes the plan is told at once how many bookings it leaves behind: those that are to be moved now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console.domain.booking.astray import astray
from console.domain.ids import BookableId, BookingId, LocationId
from console.domain.operation import Operation, watching

Scope = tuple[LocationId | None, BookableId | None]
"""What a change may leave behind: the bookings of a location, or of somebody; everything for neither."""


@watching("location", "holiday", "bookable", "schedule", "time_off", "crew_list")
class LeftBehind:
    """Counts what lies astray when an operation is through, and did not before."""

    def __init__(self, op: Operation) -> None:
        self.op = op
        self.astray: dict[Scope, frozenset[BookingId]] = {}

    async def before(self, table: str, row_id: int | None, values: Mapping[str, Any]) -> None:
        if row_id is None and table in {"location", "bookable"}:
            return
        scope = _scope(table, row_id, values)
        if scope not in self.astray and (None, None) not in self.astray:
            self.astray[scope] = await self._astray(scope)

    async def after(self) -> None:
        left: set[BookingId] = set()
        for scope, before in self.astray.items():
            left |= await self._astray(scope) - before
        if left:
            self.op.effect("words.to_move", count=len(left))

    async def _astray(self, scope: Scope) -> frozenset[BookingId]:
        return frozenset(one.booking for one in await astray(self.op.now, *scope))


def _scope(table: str, row_id: int | None, values: Mapping[str, Any]) -> Scope:
    match table:
        case "location":
            return LocationId(row_id or 0), None
        case "bookable":
            return None, BookableId(row_id or 0)
        case "schedule" | "time_off":
            return None, BookableId(values["bookable"])
    return None, None
