"""The inverse of what was done with visits: what was posted is posted inversely (loyalty rules, section 5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

import asyncpg

from console.domain import clock, db
from console.domain.business.queries import location
from console.domain.errors import Forbidden
from console.domain.intent import Actor
from console.domain.loyalty import steps as loyalty
from console.domain.loyalty.rules.visits import Finished
from console.domain.running import Compensated, Done, Operation
from console.domain.team.rules import Permission
from console.domain.undo import barring, put_back, refuse_built_on, standing_on
from console.domain.visits import consequences, debts, later, rules, spending, stamping, steps, telling
from console.domain.visits.steps import NoFreeVisit, Standing
from console.domain.visits.telling_tier import telling_tier

MINE = ("booking", "status_change", "visit")
"""What an operation on a visit wrote that comes back as it was; the rest is posted inversely."""


async def _take_back(op: Operation, done: Done) -> None:
    """Take a visit back, or finish it again as it was. Raises `Forbidden` for the desk on a later day, or for a date
    further back than the desk may finish one on; `NoFreeVisit`; and `HasDependants` where money was received or
    refunded since, or the booking of a visit that was taken back has come to something else.
    """
    await steps.refuse_later_day(op, done)
    visit = await steps.lock(op, await steps.visit_of(done))
    today = clock.business_date(op.now, ZoneInfo((await location(visit.location)).zone))
    if rules.is_far_back(visit.on, today) and not op.actor.may(Permission.VISIT_BACKDATE):
        raise Forbidden(permission=Permission.VISIT_BACKDATE)
    await refuse_built_on(done)
    async with telling_tier(op, visit.client, await _through(op, visit)):
        await (_finish_again if visit.taken_back else _undo_finish)(op, done, visit)
    await consequences.tell_booking(op, visit.booking)
    await consequences.tell_money(op)
    op.lastly(consequences.tell_messages)


async def _undo_finish(op: Operation, done: Done, visit: Standing) -> None:
    if owed := (await steps.balance(visit.id)).owed:
        op.effect("effect.visit_owed_no_more", minor=owed, currency=visit.currency)
    await debts.give_back(op, done, visit.id)
    await steps.give_back(op, done, visit.id)
    await put_back(op, done, MINE)
    if visit.client is None:
        return
    held = await loyalty.opened(op, visit.client, await _through(op, visit))
    had_stamp = held.ledger.stamp_of(visit.id) is not None
    after, events = await loyalty.take_back(op, held, visit.id, visit.on, visit.operation)
    await telling.tell(op, held, after, events)
    if had_stamp:
        await stamping.tell(op, after, visit.on)


async def _finish_again(op: Operation, done: Done, visit: Standing) -> None:
    await put_back(op, done, MINE)
    await steps.give_back(op, done, visit.id)
    if visit.client is None:
        return
    held = await loyalty.opened(op, visit.client, await _through(op, visit))
    priced, balance = await stamping.price_of(visit.id), await steps.balance(visit.id)
    if priced.free and not held.card.good_free_visits(visit.on):
        raise NoFreeVisit
    finished = Finished(visit.on, priced, balance.paid, held.ledger.stamped(visit.on), visit.id)
    after, events = await loyalty.finish_again(op, held, finished, visit.operation, done.id)
    await telling.tell(op, held, after, events)
    if balance.owed:
        op.effect("effect.visit_owed", minor=balance.owed, currency=visit.currency)
    await debts.give_back(op, done, visit.id)


async def _unpay(op: Operation, done: Done) -> None:
    """Give back what was received later, or undo a refund; or either once more.

    Raises `VisitTakenBack`, and `HasDependants` where what came since leaves no room for that (`later.of_visits`).
    """
    await steps.refuse_later_day(op, done)
    visit = await steps.lock_standing(op, await steps.visit_of(done))
    await refuse_built_on(done)
    refunds = await db.fetch(
        "SELECT r.retired_at, r.full FROM change c JOIN refund r ON r.id = c.entity_id"
        " WHERE c.operation = $1 AND c.entity = 'refund'",
        done.id,
    )
    again = any(row["retired_at"] is not None for row in refunds)
    if not again:
        await put_back(op, done, ("refund",))
    more = await steps.give_back(op, done, visit.id)
    if again:
        await put_back(op, done, ("refund",))
    full = any(row["full"] for row in refunds)
    async with telling_tier(op, visit.client, await _through(op, visit)):
        await spending.post(op, visit, more, full=full and again, undone=done.id if full and not again else None)
    if owed := (await steps.balance(visit.id)).owed:
        op.effect("effect.visit_owed", minor=owed, currency=visit.currency)
    await consequences.tell_money(op)
    op.lastly(consequences.tell_messages)


async def _through(op: Operation, visit: Standing) -> date:
    """Through which date the nights are to be done: today, or that of a visit that is ahead of the home location."""
    return max(await steps.today(op), visit.on)


AGAIN = ("status", "starts_at", "client", "location", "retired_at")
"""What of a booking must be as it was when its visit was taken back, for the visit to be finished again."""


_SINCE = """
    SELECT DISTINCT mine.operation AS mine, o.id, o.kind, o.at, o.undoes
    FROM change mine JOIN visit v ON v.id = mine.entity_id
    CROSS JOIN LATERAL (SELECT mine.created OR 'retired_at' = ANY(mine.fields) AS own, EXISTS (SELECT FROM payment p
        WHERE p.operation = mine.operation AND p.visit = v.id AND p.minor < 0) AS gave) of
    JOIN change c ON c.id > mine.id AND (c.entity = 'visit' AND c.entity_id = v.id
            AND (of.own OR of.gave OR 'retired_at' = ANY(c.fields))
        OR c.entity = 'refund' AND NOT of.own AND c.entity_id IN (SELECT id FROM refund r WHERE r.visit = v.id
            AND r.minor > 0)
        OR v.retired_at IS NOT NULL AND c.entity = 'booking' AND c.entity_id = v.booking AND c.fields && $2::text[])
    JOIN operation o ON o.id = c.operation AND o.id <> mine.operation AND o.kind <> 'visit.stamp'
    WHERE mine.entity = 'visit' AND mine.operation = ANY($1::bigint[])
        AND o.undoes IS DISTINCT FROM mine.operation ORDER BY o.id DESC
"""


async def _since(operations: Sequence[int]) -> Sequence[asyncpg.Record]:
    """What was received and refunded since of the visits that these operations finished, took back or restored.

    Of visits that they took back also what has become of their bookings since. Of those whose debts they took along
    what was refunded since, or that they were taken back; where they gave that money back also what was received since:
    the debt may not be there to be taken again; of fees likewise. A stamp given later goes with the visit.
    """
    found = [*await db.fetch(_SINCE, list(operations), list(AGAIN)), *await later.of_fees(operations)]
    return sorted(found, key=lambda row: row["id"], reverse=True)


async def _of_far_dates(actor: Actor, operations: Sequence[int]) -> set[int]:
    """The same, and what finished or took back a visit of a date that only a manager may finish one on."""
    barred = await steps.barred_to(actor, operations)
    if actor.may(Permission.VISIT_BACKDATE):
        return barred
    rows = await db.fetch(
        'SELECT c.operation, v."on", l.zone FROM change c JOIN visit v ON v.id = c.entity_id'
        " JOIN location l ON l.id = v.location"
        " WHERE c.operation = ANY($1::bigint[]) AND c.entity = 'visit' AND (c.created OR 'retired_at' = ANY(c.fields))",
        list(operations),
    )
    now = clock.now()
    far = [row for row in rows if rules.is_far_back(row["on"], clock.business_date(now, ZoneInfo(row["zone"])))]
    return barred | {row["operation"] for row in far}


TAKE_BACK = Compensated(_take_back)
"""Undo of finishing a visit: its inverse is posted, whatever the client's card has come to since."""
UNPAY = Compensated(_unpay)
"""Undo of receiving money later, and of a refund."""


barring(_of_far_dates)(TAKE_BACK)
barring(steps.barred_to)(UNPAY)
barring(steps.barred_to)(stamping.UNSTAMP)
standing_on(_since)(TAKE_BACK)
standing_on(later.of_visits)(UNPAY)
standing_on(later.of_debts)(debts.RETURN)
