"""Use cases of fees for late cancellations and no-shows: what a location asks, and waiving it."""

from __future__ import annotations

from collections.abc import Mapping

import asyncpg

from console.domain import db
from console.domain.booking import steps as booking
from console.domain.booking.rules import CancelledBy, ReasonUse
from console.domain.booking.undoing import restore as restore_booking
from console.domain.business.tables import Location
from console.domain.clients import steps as clients
from console.domain.errors import Invalid, NotFound, Refused, Stale, at_field, constraint
from console.domain.ids import BookingId, FeeId, LocationId, ReasonId
from console.domain.operation import operation
from console.domain.running import Compensated, Done, Operation
from console.domain.team.rules import Permission
from console.domain.undo import barring, refuse_built_on, restore, restoring, standing_on
from console.domain.visits import consequences, later
from console.domain.visits import fees_steps as steps
from console.domain.visits import steps as visits
from console.domain.visits.fees_rules import NONE, Cause, Rule, problems
from console.domain.visits.fees_tables import Fee, FeeRule
from console.domain.visits.rules import Paid


class NothingOwed(Refused):
    """A fee that is not owed, or not any more: it was waived, paid or taken back."""

    key = "refused.nothing_owed"


constraint("fee_payment_of_standing", NothingOwed)
constraint("fee_payment_beyond_due", at_field("minor", "problem.paid_too_much"))
constraint("fee_rule_one_check", at_field("late_cancellation_bp", "problem.amount_or_share"))


@operation("fee_rule.change", permission=Permission.LOCATION_CHANGE, undo=restore)
async def change_rules(
    op: Operation, location: LocationId, versions: int, rules: Mapping[Cause, Rule]
) -> dict[str, int]:
    """Say what a location asks. `versions`: the sum of those of its rules, as somebody saw them.

    Raises `NotFound`, `Stale`, `Invalid` (`<cause>_minor`, `<cause>_bp`).
    """
    await op.lock(Location, [location])
    if wrong := problems(rules):
        raise Invalid(wrong)
    rows = await db.fetch("SELECT id, cause, version FROM fee_rule WHERE location = $1", location)
    if not await db.fetchval("SELECT EXISTS (SELECT FROM location WHERE id = $1)", location):
        raise NotFound
    if sum(row["version"] for row in rows) != versions:
        raise Stale("location", location)
    known = {row["cause"]: row["id"] for row in rows}
    for cause, rule in rules.items():
        values = {"minor": rule.minor, "currency": rule.currency, "bp": rule.bp, "retired_at": None}
        if cause in known:
            await op.update(FeeRule, known[cause], None, values)
        elif rule != NONE:
            await op.insert(FeeRule, location=location, cause=cause.value, **values)
        else:
            op.nothing_new()
    return {"location": location}


@operation("booking.cancel_waiving", permission=Permission.FEE_WAIVE, undo=restore_booking)
async def cancel_waiving(
    op: Operation, of: BookingId, by: CancelledBy, waived: ReasonId, reason: ReasonId | None = None
) -> dict[str, int]:
    """Call a booking off without asking its fee. Raises as `booking.cancel` does, `Invalid` (`waiver`)."""
    await booking.is_reason(waived, ReasonUse.FEE_WAIVER, "waiver")
    await booking.call_off(op, of, by, reason)
    await steps.charge(op, waived)
    return {"booking": of}


@operation("booking.no_show_waiving", permission=Permission.FEE_WAIVE, undo=restore_booking)
async def no_show_waiving(
    op: Operation, of: BookingId, waived: ReasonId, reason: ReasonId | None = None
) -> dict[str, int]:
    """The client did not come, and is asked no fee. Raises as `booking.no_show` does, `Invalid` (`waiver`)."""
    await booking.is_reason(waived, ReasonUse.FEE_WAIVER, "waiver")
    await booking.stay_away(op, of, reason)
    await steps.charge(op, waived)
    return {"booking": of}


async def _lock_as_writers(op: Operation, done: Done) -> None:
    """Lock the client, who is not erased, before the fee, as whoever writes one does. Raises `NotFound`."""
    rows = await db.fetch(
        "SELECT DISTINCT f.client FROM change c JOIN fee f ON f.id = c.entity_id"
        " WHERE c.operation = $1 AND c.entity = 'fee' ORDER BY f.client",
        done.id,
    )
    for row in rows:
        await clients.lock(op, row["client"])


async def _unpay(op: Operation, done: Done) -> None:
    """Give back what was received for a fee, or take it once more.

    Raises `Forbidden` for the desk on a later day, `HasDependants` where it cannot be taken again (`later.of_fees`).
    """
    await visits.refuse_later_day(op, done)
    await _lock_as_writers(op, done)
    await refuse_built_on(done)
    await steps.give_back(op, done)
    await consequences.tell_money(op)


UNPAY = Compensated(_unpay)
"""Undo of receiving a fee: the money goes back out of the same till."""
barring(visits.barred_to)(UNPAY)
standing_on(later.of_fees)(UNPAY)


UNWAIVE = restoring(first=_lock_as_writers)
"""Undo of waiving a fee: it is asked again."""
barring(visits.barred_to)(UNWAIVE)


@operation("fee.waive", permission=Permission.FEE_WAIVE, undo=UNWAIVE)
async def waive(op: Operation, fee: FeeId, reason: ReasonId, version: int | None = None) -> dict[str, int]:
    """Ask a fee no more, or what is left of it. Raises `NothingOwed`, `Stale`, `Invalid` (`reason`), `NotFound`."""
    row = await lock(op, fee)
    if row["paid"] >= row["minor"]:
        raise NothingOwed
    await booking.is_reason(reason, ReasonUse.FEE_WAIVER)
    await op.update(Fee, fee, version, {"waived": reason})
    return {"fee": fee}


@operation("fee.pay", permission=Permission.VISIT_FINISH, undo=UNPAY)
async def pay(op: Operation, fee: FeeId, location: LocationId, payment: Paid) -> dict[str, int]:
    """Receive what is owed for a fee, or a part of it, at a location's till.

    Raises `NothingOwed`, `Invalid` (`minor`, `method`, `location`), `NotFound`.
    """
    row = await lock(op, fee)
    owed = row["minor"] - row["paid"]
    if owed <= 0:
        raise NothingOwed
    await visits.may_receive(owed, payment, location)
    await steps.take(op, fee, row["currency"], location, (payment,))
    if left := owed - payment.minor:
        op.effect("effect.fee_left", minor=left, currency=row["currency"])
    return {"fee": fee}


async def lock(op: Operation, fee: FeeId) -> asyncpg.Record:
    """Lock a fee that is owed, after its client, who is not erased. Raises `NotFound`, `NothingOwed`."""
    owner = await db.fetchval("SELECT client FROM fee WHERE id = $1", fee)
    if owner is None:
        raise NotFound
    await clients.lock(op, owner)
    await op.lock(Fee, [fee])
    row = await db.fetchrow(
        "SELECT client, minor, currency, waived, retired_at,"
        " (SELECT coalesce(sum(p.minor), 0)::bigint FROM fee_payment p WHERE p.fee = f.id) AS paid"
        " FROM fee f WHERE id = $1",
        fee,
    )
    if row is None or row["retired_at"] or row["waived"]:
        raise NothingOwed
    return row
