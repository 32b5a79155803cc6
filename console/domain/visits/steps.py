"""Parts of the visits' use cases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from console.domain import clock, db
from console.domain.booking.tables import Booking
from console.domain.business.queries import business
from console.domain.clients import steps as clients
from console.domain.errors import Forbidden, Invalid, NotFound, Problem, Refused, at_field, constraint
from console.domain.ids import BookingId, ClientId, LocationId, VisitId
from console.domain.intent import Actor
from console.domain.running import Done, Operation
from console.domain.team.rules import Permission
from console.domain.visits.rules import Balance, Paid, owed_problems
from console.domain.visits.tables import Payment, Visit


class VisitTakenBack(Refused):
    """A visit that an undo took back: nothing is paid for it any more."""

    key = "refused.visit_taken_back"


class AlreadyFinished(Refused):
    """A booking that somebody has finished: it has its one visit."""

    key = "refused.visit_finished"


class NoFreeVisit(Refused):
    """A free visit is to be used again that is not there any more."""

    key = "refused.no_free_visit"


constraint("visit_booking_key", AlreadyFinished)
constraint("payment_of_standing", VisitTakenBack)
constraint("payment_below_zero", at_field("payments", "problem.refund_too_much"))
constraint("payment_beyond_due", at_field("payments", "problem.paid_too_much"))


@dataclass(frozen=True)
class Standing:
    """A visit that is locked, with its client and booking. `operation`: the one that finished it."""

    id: VisitId
    client: ClientId | None
    location: LocationId
    booking: BookingId | None
    on: date
    currency: str
    taken_back: bool
    operation: int


async def lock(op: Operation, visit: int) -> Standing:
    """Lock a visit after its client and booking, of which none may be erased. Raises `NotFound`."""
    row = await db.fetchrow("SELECT client, booking FROM visit WHERE id = $1", visit)
    if row is None:
        raise NotFound
    if row["client"] is not None:
        await clients.lock_to_edit(op, row["client"])
    if row["booking"] is not None:
        await op.lock(Booking, [row["booking"]])
    await op.lock(Visit, [visit])
    return await _read(visit)


async def _read(visit: int) -> Standing:
    row = await db.fetchrow(
        'SELECT v.id, v.client, v.location, v.booking, v."on", v.currency, v.retired_at IS NOT NULL AS taken_back,'
        " c.operation FROM visit v JOIN change c ON c.entity = 'visit' AND c.entity_id = v.id AND c.created"
        " WHERE v.id = $1",
        visit,
    )
    assert row is not None
    return Standing(**row)


async def lock_standing(op: Operation, visit: int) -> Standing:
    """The same for one that was not taken back. Raises `VisitTakenBack`."""
    return _not_taken_back(await lock(op, visit))


async def standing(visit: int) -> Standing:
    """The same of a visit that is locked with its client, whose booking stays out of it."""
    return _not_taken_back(await _read(visit))


def _not_taken_back(one: Standing) -> Standing:
    if one.taken_back:
        raise VisitTakenBack
    return one


async def visit_of(done: Done) -> VisitId:
    """The visit that an operation finished, took back or finished again, else the one that it was about."""
    sql = (
        "SELECT entity_id FROM change WHERE operation = $1 AND entity = 'visit'"
        " ORDER BY created OR 'retired_at' = ANY(fields) DESC, id LIMIT 1"
    )
    return VisitId(await db.fetchval(sql, done.id))


async def balance(visit: int) -> Balance:
    """Where a visit stands."""
    row = await db.fetchrow(
        "SELECT v.due - coalesce((SELECT sum(minor) FROM refund WHERE visit = v.id AND retired_at IS NULL), 0)::bigint"
        "  AS due, coalesce(sum(p.minor) FILTER (WHERE NOT p.tip), 0)::bigint AS paid,"
        " coalesce(sum(p.minor) FILTER (WHERE p.tip), 0)::bigint AS tips"
        " FROM visit v LEFT JOIN payment p ON p.visit = v.id WHERE v.id = $1 GROUP BY v.id",
        visit,
    )
    if row is None:
        raise NotFound
    return Balance(**row)


async def today(op: Operation) -> date:
    """The business date of an operation by the home location's clock, as loyalty counts it."""
    return clock.business_date(op.now, (await business()).zone)


async def are_methods(payments: Iterable[Paid]) -> None:
    """Raise `Invalid` (`payment-<place>`) for a method that is not one, or off."""
    known = await _methods()
    wrong = {f"payment-{place}" for place, one in enumerate(payments) if one.method not in known}
    if wrong:
        raise Invalid({field: Problem("problem.choice") for field in sorted(wrong)})


async def may_receive(owed: int, payment: Paid, location: LocationId) -> None:
    """Let a payment of what is owed be one that can be taken at a location's till, which does not close before we are
    done. Raises `Invalid` (`minor`, `method`, `location`) with all that is wrong.
    """
    problems = owed_problems(owed, payment.minor)
    if payment.method not in await _methods():
        problems["method"] = Problem("problem.choice")
    try:
        await is_open(location)
    except Invalid as closed:
        problems |= closed.problems
    if problems:
        raise Invalid(problems)


async def _methods() -> set[int]:
    return {row["id"] for row in await db.fetch("SELECT id FROM payment_method WHERE retired_at IS NULL")}


async def is_open(location: LocationId) -> None:
    """Let a location not close before we are done. Raises `Invalid` (`location`) for one that is closed."""
    row = await db.fetchrow("SELECT retired_at FROM location WHERE id = $1 FOR SHARE", location)
    if row is None or row["retired_at"] is not None:
        raise Invalid({"location": Problem("problem.location_closed")})


async def share_tills(locations: Iterable[int]) -> None:
    """Let no till of some locations, open or closed ones, be counted before we are done."""
    await db.execute(
        "SELECT 1 FROM location WHERE id = ANY($1::bigint[]) ORDER BY id FOR SHARE", sorted(set(locations))
    )


async def take(
    op: Operation, visit: int, currency: str, location: LocationId, payments: Iterable[Paid], sign: int = 1
) -> None:
    """Write what is taken for a visit, or with `sign` -1 given back, at a location's till."""
    for one in payments:
        values = {"method": one.method, "minor": sign * one.minor, "tip": one.tip}
        await op.insert(Payment, visit=visit, location=location, currency=currency, at=op.now, **values)


async def give_back(op: Operation, done: Done, visit: VisitId) -> int:
    """Post the inverse of what an operation took for a visit, out of the same tills; how much more of it is paid now.

    In minor units, below 0 where it is less.
    """
    rows = await db.fetch(
        "SELECT location, method, -sum(minor)::bigint AS minor, currency, tip FROM payment"
        " WHERE operation = $1 AND visit = $2 GROUP BY location, method, currency, tip HAVING sum(minor) <> 0"
        " ORDER BY min(id)",
        done.id,
        visit,
    )
    await share_tills(row["location"] for row in rows)
    for row in rows:
        await op.insert(Payment, visit=visit, at=op.now, **row)
    return sum(row["minor"] for row in rows if not row["tip"])


async def refuse_later_day(op: Operation, done: Done) -> None:
    """The desk takes back what was done today; another day's is a manager's. Raises `Forbidden`."""
    if await of_other_days(op.actor, [done.id], op.now):
        raise Forbidden(permission=Permission.VISIT_REFUND)


async def barred_to(actor: Actor, operations: Sequence[int]) -> set[int]:
    """What the desk did on another day is a manager's to take back; what is of an erased client is nobody's."""
    of_erased = await db.fetch(
        "SELECT c.operation FROM change c LEFT JOIN visit v ON c.entity = 'visit' AND v.id = c.entity_id"
        " LEFT JOIN fee f ON c.entity = 'fee' AND f.id = c.entity_id"
        " JOIN client k ON k.id = coalesce(v.client, f.client) AND k.erased_at IS NOT NULL"
        " WHERE c.operation = ANY($1::bigint[])",
        list(operations),
    )
    return {row["operation"] for row in of_erased} | await of_other_days(actor, operations)


_WHERE_DONE = """
    SELECT DISTINCT ON (o.id) o.id, o.at, l.zone FROM operation o JOIN change c ON c.operation = o.id
    LEFT JOIN visit v ON c.entity = 'visit' AND v.id = c.entity_id
    LEFT JOIN fee f ON c.entity = 'fee' AND f.id = c.entity_id
    LEFT JOIN payment p ON c.entity = 'payment' AND p.id = c.entity_id
    LEFT JOIN fee_payment q ON c.entity = 'fee_payment' AND q.id = c.entity_id
    JOIN location l ON l.id = coalesce(v.location, f.location, p.location, q.location)
    WHERE o.id = ANY($1::bigint[])
    ORDER BY o.id, (v.id IS NOT NULL AND (c.created OR 'retired_at' = ANY(c.fields))) DESC,
        coalesce(p.id, q.id) IS NULL, c.id
"""


async def of_other_days(actor: Actor, operations: Sequence[int], now: datetime | None = None) -> set[int]:
    """What the desk did on another day, by the clock where it was done, is a manager's to take back.

    Where it finished, took back or restored a visit that is where the visit was, else where the till is.
    """
    if actor.may(Permission.VISIT_REFUND):
        return set()
    rows = [(row["id"], row["at"], ZoneInfo(row["zone"])) for row in await db.fetch(_WHERE_DONE, list(operations))]
    now = now or clock.now()
    return {id for id, at, zone in rows if clock.business_date(at, zone) < clock.business_date(now, zone)}


async def next_number(of: str) -> int:
    """The next number of what people read numbers of: last in an operation, since others wait for theirs."""
    number: int = await db.fetchval(
        "INSERT INTO numbering (name, last) VALUES ($1, 1)"
        " ON CONFLICT (name) DO UPDATE SET last = numbering.last + 1 RETURNING last",
        of,
    )
    return number
