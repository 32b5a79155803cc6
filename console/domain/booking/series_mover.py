"""What bookings of a series do when it changes: each goes where it shall, or stays, and what came of it is told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import asyncpg

from console.domain import db
from console.domain.booking import occupancy, planning, rearranging, series_making, series_rows, steps
from console.domain.booking.arranging import Arrangement, Asked
from console.domain.booking.occupancy import PlaceTaken, occupy
from console.domain.booking.question import Doing, ServiceOff
from console.domain.booking.rearranging import Item
from console.domain.booking.recurring import Plan
from console.domain.booking.rules import CancelledBy, Status, is_late
from console.domain.booking.series_making import Elsewhere
from console.domain.clock import NoSuchTime, WallTime
from console.domain.errors import Invalid
from console.domain.ids import BookableId, BookingId, ReasonId, ServiceId
from console.domain.running import Operation


@dataclass(frozen=True)
class Shift:
    """How bookings of a series change. `days` later or earlier; `minute` on the wall, None: as it is.

    `instead`: pairs of who does it and who shall. `services`: what is done from now on and `by` whom each, where that
    changes. `plan`: how often and until when from now on; by whom dates that are none then are `cancelled`.
    `elsewhere`: places that were chosen for dates that find none.
    """

    days: int = 0
    minute: int | None = None
    instead: tuple[tuple[BookableId, BookableId], ...] = ()
    services: tuple[ServiceId, ...] = ()
    by: tuple[BookableId | None, ...] = ()
    plan: Plan | None = None
    cancelled: CancelledBy = CancelledBy.CLIENT
    elsewhere: tuple[Elsewhere, ...] = ()

    def of(self, asked: Asked) -> Asked:
        """What a series books from now on."""
        if self.services:
            return replace(asked, services=self.services, person=None, by=self.by)
        instead = dict(self.instead)
        by = tuple(None if one.by is None else instead.get(one.by, one.by) for one in asked.doing)
        return replace(asked, person=None, by=by)


def redone(items: Sequence[Item], before: Asked, after: Asked) -> tuple[Doing, ...]:
    """The services of a booking as they shall be from now on; who does one goes on where that did not change."""
    known = [(one.service, one.by) for one in before.doing]
    found = []
    for at, one in enumerate(after.doing):
        item = items[at] if at < len(items) and items[at].service == one.service else None
        if item and one.by and known[at : at + 1] == [(one.service, one.by)]:
            found.append(Doing(one.service, item.people, item.people, item.minutes))
        elif item and one.by is None:
            found.append(replace(one, doing=item.people, minutes=item.by_hand, rather=item.people))
        elif item:
            found.append(replace(one, minutes=item.by_hand, rather=item.people))
        else:
            found.append(one)
    return tuple(found)


Wanted = tuple[asyncpg.Record, date, int]
"""A booking of a series, the date on which it shall be, and the minute on the wall."""


class Mover:
    """Puts the bookings of a series that are meant, one by one; those put by `hand` stay."""

    def __init__(
        self,
        op: Operation,
        row: asyncpg.Record,
        shift: Shift,
        targets: Sequence[asyncpg.Record],
        hand: Collection[BookingId],
    ) -> None:
        self.op, self.row, self.shift = op, row, shift
        self.zone = ZoneInfo(row["zone"])
        self.before = series_rows.asked_of(row)
        self.asked = shift.of(self.before)
        self.minute: int = row["minute"] if shift.minute is None else shift.minute
        self.first: date = targets[0]["series_on"]
        self.moving = [one for one in targets if one["id"] not in hand]
        self.kept = [one for one in targets if one["id"] in hand]
        self.elsewhere = {one.on: one for one in shift.elsewhere}
        self.moved: list[asyncpg.Record] = []
        self.stays: list[tuple[date, str, date]] = []
        self._items: dict[BookingId, list[Item]] = {}

    def wall(self, one: asyncpg.Record) -> WallTime:
        """When a booking was before."""
        return WallTime.of(one["starts_at"], self.zone)

    async def put_all(self, wanted: Sequence[Wanted]) -> None:
        """Put bookings where they shall be: what can be planned beforehand all at once, then the others one by one."""
        for one, on, minute in await self.put_together(wanted):
            await self.put(one, on, minute)

    async def put_together(self, wanted: Sequence[Wanted]) -> list[Wanted]:
        """Put those whose places can be planned before anybody is locked; the others, as they were asked for."""
        asked = [
            await self._arranged(one, starts_at, None)
            for one, on, minute in wanted
            if one["series_on"] not in self.elsewhere and (starts_at := self._starts_at(on, minute))
        ]
        moved: set[BookingId] = set()
        for _ in range(planning.ROUNDS):
            try:
                async with self.op.attempt():
                    moved = await planning.rearrange(self.op, self.row["location"], asked)
                break
            except PlaceTaken:
                continue
            except (Invalid, ServiceOff):
                break
        self.moved += [one for one, _, _ in wanted if one["id"] in moved]
        if left := [each for each in wanted if each[0]["id"] not in moved]:
            who = {who for one in asked for _, who in one.instead}
            await occupancy.lock_with([one["id"] for one, _, _ in left], who)
        return left

    def _starts_at(self, on: date, minute: int) -> datetime | None:
        with suppress(NoSuchTime):
            return WallTime(on, minute).at(self.zone, fold=0)
        return None

    async def put(self, one: asyncpg.Record, on: date, minute: int) -> bool:
        """Put a booking on a date at a wall time, or at the place that was chosen for it; else it stays."""
        chosen = self.elsewhere.get(one["series_on"])
        try:
            starts_at = chosen.starts_at if chosen else WallTime(on, minute).at(self.zone, fold=0)
            async with self.op.attempt():
                await rearranging.rearrange(self.op, [await self._arranged(one, starts_at, chosen)])
        except (Invalid, NoSuchTime) as none:
            self.stays.append((one["series_on"], series_making.why_not(none), on))
            return False
        self.moved.append(one)
        return True

    async def _arranged(self, one: asyncpg.Record, starts_at: datetime, chosen: Elsewhere | None) -> Arrangement:
        if chosen:
            return Arrangement(one["id"], starts_at, doing=chosen.of(self.asked).doing)
        if not self.shift.services:
            return Arrangement(one["id"], starts_at, self.shift.instead)
        if not self._items:
            self._items = await rearranging.items([each["id"] for each in self.moving])
        return Arrangement(one["id"], starts_at, doing=redone(self._items[one["id"]], self.before, self.asked))

    async def tell(self) -> None:
        """Say what came of each."""
        then = await stands(one["id"] for one in self.moved)
        ordered = sorted(self.moved, key=lambda one: one["series_on"])
        moves = [[one["starts_at"], *then[one["id"]]] for one in ordered]
        if other := [one for one in moves if one[0] != one[1]]:
            self.op.effect("effect.series_moved", count=len(other), dates=other)
        if same := [one for one in moves if one[0] == one[1]]:
            self.op.effect("effect.series_redone", count=len(same), dates=same)
        if self.stays:
            self.op.effect("effect.series_stays", count=len(self.stays), dates=sorted(self.stays))
        if self.kept:
            kept = [one["starts_at"] for one in self.kept]
            self.op.effect("effect.series_kept", count=len(kept), dates=sorted(kept))


async def stands(bookings: Iterable[BookingId]) -> dict[BookingId, tuple[datetime, list[BookableId]]]:
    """When bookings are, and who does them."""
    rows = await db.fetch(
        "SELECT b.id, b.starts_at, ARRAY(SELECT k.id FROM bookable k WHERE k.kind IN ('person', 'crew') AND k.id IN"
        " (SELECT a.bookable FROM booking_item i JOIN assignment a ON a.item = i.id AND a.retired_at IS NULL"
        "  WHERE i.booking = b.id AND i.retired_at IS NULL) ORDER BY k.position, k.id) AS who"
        " FROM booking b WHERE b.id = ANY($1::bigint[])",
        list(bookings),
    )
    return {row["id"]: (row["starts_at"], list(row["who"])) for row in rows}


async def call_off(
    op: Operation,
    series: asyncpg.Record,
    bookings: Sequence[BookingId],
    by: CancelledBy,
    reason: ReasonId | None = None,
) -> None:
    """Call off bookings of a series."""
    for row in (await steps.lock_all(op, bookings)).values():
        late = by is CancelledBy.CLIENT and is_late(row["starts_at"], op.now, series["notice_hours"])
        await steps.come_to(op, row, Status.CANCELLED, reason, cancelled_by=by.value, late=late)
    await occupy(bookings)
