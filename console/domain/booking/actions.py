"""Use cases of bookings."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from console.domain.booking import arranging, rearranging, steps
from console.domain.booking.arranging import Arrangement, Asked
from console.domain.booking.occupancy import PlaceTaken, occupy
from console.domain.booking.rules import (
    CALLED_OFF,
    CancelledBy,
    NotItsDay,
    Source,
    Status,
    may_arrive,
)
from console.domain.booking.tables import Booking
from console.domain.booking.undoing import restore
from console.domain.clients import steps as clients
from console.domain.errors import at_field, constraint
from console.domain.ids import BookingId, ReasonId, SiteId
from console.domain.operation import formerly, operation
from console.domain.running import Operation
from console.domain.team.rules import Permission

constraint("booking_time_check", at_field("starts", "problem.ends_before_it_begins"))
constraint("booking_item_time_check", at_field("starts", "problem.ends_before_it_begins"))
constraint("assignment_key", PlaceTaken)


@operation("booking.book", permission=Permission.BOOKING_CHANGE, undo=restore)
async def book(
    op: Operation, asked: Asked, starts_at: datetime, over: ReasonId | None = None, held: UUID | None = None
) -> dict[str, int]:
    """Book a place for a client. `over`: why it may lie over others; `held`: the hold that kept the place.

    Raises `Invalid` (`starts`: why it cannot be then; `services`, `site`), `PlaceTaken`, `Forbidden`.
    """
    await clients.lock_to_edit(op, asked.client)
    return {"booking": await arranging.book(op, asked, starts_at, over, held)}


@operation("booking.change", permission=Permission.BOOKING_CHANGE, undo=restore)
async def change(
    op: Operation, booking: BookingId, version: int, source: Source, note: str | None, site: SiteId | None = None
) -> dict[str, int]:
    """Change what is noted of a booking, and where it is done. Raises `Stale`, `Invalid` (`site`)."""
    row = await steps.lock(op, booking)
    if site != row["site"]:
        await steps.is_site(row["client"], site)
    await op.update(Booking, booking, version, {"source": source.value, "note": note, "site": site})
    return {"booking": booking}


@operation("booking.move", permission=Permission.BOOKING_CHANGE, undo=restore)
async def move(
    op: Operation,
    arrangement: Arrangement,
    version: int,
    over: ReasonId | None = None,
    held: UUID | None = None,
    to_confirm: bool = False,
) -> dict[str, int]:
    """Move a booking to another time or to somebody else, or make it longer or shorter.

    `to_confirm`: its client has not agreed to that yet, and is to confirm it again. Raises `Stale`, `UnlawfulMove`,
    `Invalid` (`starts`), `PlaceTaken`, `Forbidden`.
    """
    await rearranging.rearrange(op, [arrangement], {arrangement.booking: version}, over, held)
    if to_confirm:
        await steps.unconfirm(op, arrangement.booking)
    return {"booking": arrangement.booking}


@operation("booking.swap", permission=Permission.BOOKING_CHANGE, undo=restore)
async def swap(
    op: Operation, one: BookingId, other: BookingId, versions: tuple[int, int] | None = None
) -> dict[str, list[int]]:
    """Let two bookings of a date change places: time and people. `versions`: of both, as whoever wants it saw them.

    Raises `Stale`, `Invalid` (`starts`), `PlaceTaken`, `UnlawfulMove`.
    """
    known = dict(zip((one, other), versions, strict=True)) if versions else None
    await rearranging.rearrange(op, await rearranging.exchanged(op, one, other, known), known)
    return {"booking": [one, other]}


formerly("booking.reassign", permission=Permission.BOOKING_CHANGE, undo=restore)


@operation("booking.confirm", permission=Permission.BOOKING_CHANGE, undo=restore)
async def confirm(op: Operation, booking: BookingId, version: int | None = None) -> dict[str, int]:
    """The client says that they come. `version`: of the booking as it was read. Raises `Stale`, `UnlawfulMove`."""
    await steps.come_to(op, await steps.lock(op, booking), Status.CONFIRMED, version=version)
    return {"booking": booking}


@operation("booking.arrive", permission=Permission.BOOKING_CHANGE, undo=restore)
async def arrive(op: Operation, booking: BookingId, version: int | None = None) -> dict[str, int]:
    """The client is there, or we are at the client's. `version`: of the booking as it was read.

    Raises `Stale`, `UnlawfulMove`, `NotItsDay` before its date, `PlaceTaken` after a no-show.
    """
    row = await steps.lock(op, booking)
    if not may_arrive(row["starts_at"], op.now, ZoneInfo(row["zone"])):
        raise NotItsDay
    await steps.come_to(op, row, Status.ARRIVED, version=version)
    await occupy([booking])
    return {"booking": booking}


@operation("booking.cancel", permission=Permission.BOOKING_CHANGE, undo=restore)
async def cancel(op: Operation, booking: BookingId, by: CancelledBy, reason: ReasonId | None = None) -> dict[str, int]:
    """Call a booking off; its place is free at once. Raises `UnlawfulMove`, `Invalid` (`reason`)."""
    await steps.call_off(op, booking, by, reason)
    return {"booking": booking}


@operation("booking.no_show", permission=Permission.BOOKING_CHANGE, undo=restore)
async def no_show(op: Operation, booking: BookingId, reason: ReasonId | None = None) -> dict[str, int]:
    """The client did not come; the rest of their time is free. Raises `UnlawfulMove`, `Invalid` (`reason`)."""
    await steps.stay_away(op, booking, reason)
    return {"booking": booking}


@operation("booking.bring_back", permission=Permission.BOOKING_CHANGE, undo=restore)
async def bring_back(
    op: Operation, arrangement: Arrangement, version: int, over: ReasonId | None = None
) -> dict[str, int]:
    """Book again what was called off, at a place that is free now.

    Raises as `move` does, and `Erased` where its client was erased.
    """
    await rearranging.rearrange(op, [arrangement], {arrangement.booking: version}, over, movable=CALLED_OFF)
    return {"booking": arrangement.booking}
