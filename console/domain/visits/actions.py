"""Use cases of visits: finishing one at the till, and receiving later what was owed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import asyncpg

from console.domain import clock, db
from console.domain.booking import steps as booking
from console.domain.booking.rules import NotItsDay, ReasonUse, Status, may_arrive
from console.domain.business.queries import business, location
from console.domain.clients import steps as clients
from console.domain.errors import Changed, Invalid, Problem, Reserved
from console.domain.ids import BookingId, ClientId, LocationId, VisitId
from console.domain.loyalty import queries as programme
from console.domain.loyalty import steps as loyalty
from console.domain.loyalty.accounts import Account
from console.domain.loyalty.nights import live
from console.domain.loyalty.rules.pricing import Price
from console.domain.loyalty.rules.visits import Finished
from console.domain.operation import operation
from console.domain.running import Operation
from console.domain.team.rules import Permission
from console.domain.visits import debts, prices, rules, spending, steps, telling, terms
from console.domain.visits.debts import Part as Part
from console.domain.visits.prices import Item, Listed
from console.domain.visits.rules import Entered as Entered
from console.domain.visits.rules import Paid
from console.domain.visits.tables import Visit, VisitLine
from console.domain.visits.terms import Terms
from console.domain.visits.undoing import TAKE_BACK, UNPAY


@dataclass(frozen=True)
class Till:
    """What the till says of a visit: whose, where, when it was served, its lines, and what is taken for it.

    `location`: whose till it is; of a booking the visit is where and when that was. `at`: when a walk-in was served,
    None: now. `due`: what was shown to be paid; another price by then is `Changed`. `free`: a free visit is played.
    `debts`: what of the client's debts is taken along, before anything is taken for the visit.
    """

    location: LocationId
    lines: tuple[Entered, ...]
    due: int
    payments: tuple[Paid, ...] = ()
    client: ClientId | None = None
    booking: BookingId | None = None
    at: datetime | None = None
    free: bool = False
    debts: tuple[Part, ...] = ()

    @property
    def asked(self) -> int:
        """What is to be paid in all, with the debts that are taken along."""
        return self.due + sum(part.minor for part in self.debts)


@dataclass(frozen=True)
class _Place:
    """Whose visit it is, where, when, on which business date, and the booking's row that it finishes."""

    client: ClientId | None
    location: LocationId
    at: datetime
    on: date
    today: date
    booking: asyncpg.Record | None


@operation("visit.finish", permission=Permission.VISIT_FINISH, undo=TAKE_BACK)
async def finish(op: Operation, till: Till) -> dict[str, int]:
    """Finish a booking or a walk-in: its visit, its price, stamps, free visit and tier, and what was paid.

    Raises `Invalid` (`lines`, `line-<place>-<field>`, `payments`, `payment-<place>`, `free`, `at`, `location`),
    `Changed` where another price than `due` holds now, `AlreadyFinished`, `UnlawfulMove`, `NotItsDay`, and `Reserved`
    for another price (`line-<place>-unit`), and for a date further back than the desk may (`at`).
    """
    _refuse_problems({**rules.line_problems(till.lines), **rules.payment_problems(till.asked, till.payments)})
    place = await _place(op, till)
    if rules.is_far_back(place.on, place.today) and not op.actor.may(Permission.VISIT_BACKDATE):
        raise Reserved({"at": Problem("problem.visit_far_back")})
    currency = (await business()).currency
    known = await _listed(op, till, place.on, currency)
    await steps.are_methods(till.payments)
    held = None if place.client is None else await loyalty.opened(op, place.client, place.on)
    granted = await _terms(op, held, place.on)
    priced = _price(till, granted)
    visit = await _write(op, till, place, granted, priced, currency)
    await _write_lines(op, visit, till, priced, known)
    payments = rules.allotted(till.payments, [part.minor for part in till.debts])[1]
    await steps.take(op, visit, currency, till.location, payments)
    if place.booking is not None:
        await booking.come_to(op, place.booking, Status.FINISHED)
    if held is not None:
        paid = rules.received(payments)
        finished = Finished(place.on, priced, paid, held.ledger.stamped(place.on), visit)
        after, events = await loyalty.finish(op, held, finished)
        await telling.tell(op, held, after, events)
    if owed := priced.due - rules.received(payments):
        op.effect("effect.visit_owed", minor=owed, currency=currency)
    if till.debts:
        await _take_debts(op, till, place, currency)
    await _number(visit)
    return {"visit": visit}


@operation("visit.pay", permission=Permission.VISIT_FINISH, undo=UNPAY)
async def pay(op: Operation, visit: VisitId, location: LocationId, payments: tuple[Paid, ...]) -> dict[str, int]:
    """Receive what is owed for a visit, or a part of it, at a location's till: money of today, spend of its date.

    Raises `Invalid` (`payments`, `payment-<place>`, `location`), `VisitTakenBack`.
    """
    one = await steps.lock_standing(op, visit)
    before = await steps.balance(visit)
    _refuse_problems(rules.payment_problems(before.owed, payments))
    if not payments:
        raise Invalid({"payments": Problem("problem.money_above_zero")})
    await steps.are_methods(payments)
    await steps.is_open(location)
    await steps.take(op, visit, one.currency, location, payments)
    received = rules.received(payments)
    await spending.post(op, one, received)
    if owed := before.owed - received:
        op.effect("effect.visit_owed", minor=owed, currency=one.currency)
    return {"visit": visit}


async def _take_debts(op: Operation, till: Till, place: _Place, currency: str) -> None:
    if place.client is None:
        raise Changed
    await debts.take(op, place.client, currency, till.location, till.debts, till.payments)


def _refuse_problems(problems: Mapping[str, Problem]) -> None:
    if problems:
        raise Invalid(problems)


async def _place(op: Operation, till: Till) -> _Place:
    """Lock whose visit it is and the booking that it finishes, and find its date."""
    if till.booking is not None:
        return await _booked(op, till, till.booking)
    if till.client is not None:
        await clients.lock_to_edit(op, till.client)
    await steps.is_open(till.location)
    if till.client is None and rules.received(till.payments) != till.due:
        raise Invalid({"payments": Problem("problem.nobody_owes")})
    zone = ZoneInfo((await location(till.location)).zone)
    at = clock.instant(till.at or op.now)
    if at > op.now:
        raise Invalid({"at": Problem("problem.visit_to_come")})
    on, today = (clock.business_date(moment, zone) for moment in (at, op.now))
    return _Place(till.client, till.location, at, on, today, None)


async def _booked(op: Operation, till: Till, number: BookingId) -> _Place:
    row = await booking.lock(op, number)
    if row["status"] == Status.FINISHED:
        raise steps.AlreadyFinished
    if till.client not in (None, row["client"]):
        raise Changed
    zone = ZoneInfo(row["zone"])
    if not may_arrive(row["starts_at"], op.now, zone):
        raise NotItsDay
    await booking.share_locations([number])
    await steps.is_open(till.location)
    on, today = (clock.business_date(moment, zone) for moment in (row["starts_at"], op.now))
    return _Place(row["client"], row["location"], row["starts_at"], on, today, row)


async def _listed(op: Operation, till: Till, on: date, currency: str) -> Mapping[Item, Listed]:
    """What the lines are of. Raises `Invalid`, `Changed` where the list has other prices, and `Reserved`."""
    known = await prices.listed(map(prices.item, till.lines), on, currency, till.booking)
    there = [known.get(prices.item(line)) for line in till.lines]
    _refuse_problems(
        {
            f"line-{place}-item": Problem("problem.choice")
            for place, found in enumerate(there)
            if found is None or not found.on
        }
    )
    others = [f"line-{place}-unit" for place, line in enumerate(till.lines) if line.overridden]
    if others and not op.actor.may(Permission.VISIT_PRICE):
        raise Reserved(dict.fromkeys(others, Problem("problem.price_reserved")))
    for place, line in enumerate(till.lines):
        await booking.is_reason(line.reason, ReasonUse.PRICE, f"line-{place}-reason")
    if not all(found is not None and prices.lists(line, found) for line, found in zip(till.lines, there, strict=True)):
        raise Changed
    return known


async def _terms(op: Operation, held: Account | None, on: date) -> Terms:
    if held is None:
        return terms.for_anybody(await programme.versions(), on)
    return terms.for_client(held, on, await live(op, held), op.id)


def _price(till: Till, granted: Terms) -> Price:
    """The price, where it is the one that was shown. Raises `Changed`, `Invalid` (`free`)."""
    if till.free and not granted.free_visits:
        raise Invalid({"free": Problem("problem.no_free_visit")})
    priced = rules.priced(granted.programme, till.lines, granted.percentages, free=till.free)
    if till.free and not priced.free:
        raise Invalid({"free": Problem("problem.nothing_free")})
    if priced.due != till.due:
        raise Changed
    return priced


async def _write(op: Operation, till: Till, place: _Place, granted: Terms, priced: Price, currency: str) -> int:
    best = priced.best
    return await op.insert(
        Visit,
        client=place.client,
        location=place.location,
        booking=till.booking,
        on=place.on,
        at=place.at,
        number=None,
        programme=granted.number,
        off=best.off.value if best else None,
        off_bp=best.bp if best else None,
        off_code=granted.gives(best),
        due=priced.due,
        currency=currency,
    )


async def _write_lines(op: Operation, visit: int, till: Till, priced: Price, known: Mapping[Item, Listed]) -> None:
    for position, (line, cost) in enumerate(zip(till.lines, priced.lines, strict=True), 1):
        await op.insert(
            VisitLine,
            visit=visit,
            position=position,
            service=line.service,
            product=line.product,
            names=dict(known[prices.item(line)].names),
            quantity=line.quantity,
            listed=line.listed,
            unit=line.price,
            reason=line.reason if line.overridden else None,
            packed=cost.packed,
            free=cost.free,
            discount=cost.discount,
        )


async def _number(visit: int) -> None:
    """Give a visit the number of its receipt, after which it stays as it is."""
    await db.execute("UPDATE visit SET number = $2 WHERE id = $1", visit, await steps.next_number("receipt"))
