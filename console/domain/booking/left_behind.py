"""Who changes the plan is told at once how many bookings it leaves behind: those that are to be moved now.

So is who puts a client away that is still expected, or a place of theirs to which bookings go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console.domain import db
from console.domain.booking import cards, steps
from console.domain.booking.astray import astray
from console.domain.ids import BookableId, BookingId, ClientId, LocationId, SiteId
from console.domain.running import Operation, watching

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


@watching("client")
class StillExpected:
    """Counts the bookings to come of a client who is put into the archive."""

    def __init__(self, op: Operation) -> None:
        self.op = op
        self.clients: list[ClientId] = []

    async def before(self, table: str, row_id: int | None, values: Mapping[str, Any]) -> None:
        if row_id is not None and values["retired_at"] is None:
            self.clients.append(ClientId(row_id))

    async def after(self) -> None:
        if self.clients and (count := await cards.expected_of_archived(self.clients, self.op.now)):
            self.op.effect("words.still_expected", count=count)


@watching("client_site")
class StillThere:
    """Counts the bookings to come at a site that is taken away; one that is erased raises `HeldUp` for them."""

    def __init__(self, op: Operation) -> None:
        self.op = op
        self.sites: set[SiteId] = set()

    async def before(self, table: str, row_id: int | None, values: Mapping[str, Any]) -> None:
        if row_id is not None:
            self.sites.add(SiteId(row_id))

    async def after(self) -> None:
        for site in sorted(self.sites):
            row = await db.fetchrow("SELECT retired_at, address IS NULL AS erased FROM client_site WHERE id = $1", site)
            assert row is not None
            if row["erased"]:
                await steps.refuse_expected_there(self.op, site)
                continue
            count = await cards.held_there_count(site, self.op.now) if row["retired_at"] == self.op.now else 0
            if count:
                self.op.effect("words.expected_there", count=count)


def _scope(table: str, row_id: int | None, values: Mapping[str, Any]) -> Scope:
    match table:
        case "location":
            return LocationId(row_id or 0), None
        case "bookable":
            return None, BookableId(row_id or 0)
        case "schedule" | "time_off":
            return None, BookableId(values["bookable"])
    return None, None
