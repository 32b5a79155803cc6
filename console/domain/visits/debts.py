"""What a client owes, taken along: parts of it with a visit that is finished, or as much as comes, the oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.domain import db
from console.domain.clients import steps as clients
from console.domain.errors import Changed
from console.domain.ids import ClientId, FeeId, LocationId, VisitId
from console.domain.operation import operation
from console.domain.running import Compensated, Done, Operation
from console.domain.team.rules import Permission
from console.domain.undo import barring, refuse_built_on
from console.domain.visits import consequences, fees_steps, queries, rules, spending, steps
from console.domain.visits.fees_tables import Fee
from console.domain.visits.queries import Debt
from console.domain.visits.rules import Paid
from console.domain.visits.tables import Visit


@dataclass(frozen=True)
class Part:
    """So much of what is owed for a visit, or for a fee, in minor units."""

    minor: int
    visit: VisitId | None = None
    fee: FeeId | None = None


async def take(
    op: Operation,
    client: ClientId,
    currency: str,
    location: LocationId,
    parts: Sequence[Part],
    payments: Sequence[Paid],
) -> tuple[Paid, ...]:
    """Take parts of what a locked client owes, in their order, as far as money goes; what is left of it then.

    Raises `Changed` where less than that is owed by now.
    """
    owed = {(debt.visit, debt.fee): debt.minor for debt in await queries.debts(client) if debt.currency == currency}
    if any(not 0 < part.minor <= owed.pop((part.visit, part.fee), 0) for part in parts):
        raise Changed
    await _lock(op, parts)
    shares, rest = rules.allotted(payments, [part.minor for part in parts])
    for part, share in zip(parts, shares, strict=True):
        if part.visit is not None and share:
            await steps.take(op, part.visit, currency, location, share)
            await spending.post(op, await steps.standing(part.visit), rules.received(share))
        elif part.fee is not None and share:
            await fees_steps.take(op, part.fee, currency, location, share)
    if taken := rules.received(payments) - rules.received(rest):
        op.effect("effect.visit_debt_taken", minor=taken, currency=currency)
    return rest


async def _lock(op: Operation, parts: Sequence[Part]) -> None:
    await op.lock(Visit, [part.visit for part in parts if part.visit is not None])
    await op.lock(Fee, [part.fee for part in parts if part.fee is not None])


async def give_back(op: Operation, done: Done, but: VisitId | None = None) -> None:
    """Post the inverse of what an operation took of debts, whose client is locked; `but`: the visit that it finished.

    Raises `VisitTakenBack`.
    """
    rows = await db.fetch(
        "SELECT DISTINCT visit FROM payment WHERE operation = $1 AND visit IS DISTINCT FROM $2 ORDER BY 1", done.id, but
    )
    await op.lock(Visit, {row["visit"] for row in rows} | ({but} if but else set()))
    for row in rows:
        visit = await steps.standing(row["visit"])
        more = await steps.give_back(op, done, visit.id)
        await spending.post(op, visit, more)
        if owed := (await steps.balance(visit.id)).owed:
            op.effect("effect.visit_owed", minor=owed, currency=visit.currency)
    await fees_steps.give_back(op, done)


async def _undo(op: Operation, done: Done) -> None:
    """Give back what was taken, or take it once more.

    Raises `Forbidden` for the desk on a later day, and `HasDependants` where what came since leaves no room for that
    (`later.of_debts`).
    """
    await steps.refuse_later_day(op, done)
    await clients.lock_to_edit(op, await _client(done))
    await refuse_built_on(done)
    await give_back(op, done)
    await consequences.tell_money(op)
    op.lastly(consequences.tell_messages)


async def _client(done: Done) -> ClientId:
    return ClientId(
        await db.fetchval(
            "SELECT client FROM visit v JOIN payment p ON p.visit = v.id WHERE p.operation = $1"
            " UNION SELECT client FROM fee f JOIN fee_payment p ON p.fee = f.id WHERE p.operation = $1",
            done.id,
        )
    )


RETURN = Compensated(_undo)
"""Undo of taking debts: the money goes back out of the same till."""
barring(steps.barred_to)(RETURN)


@operation("visit.take_owed", permission=Permission.VISIT_FINISH, undo=RETURN)
async def take_owed(
    op: Operation, client: ClientId, currency: str, location: LocationId, payment: Paid
) -> dict[str, int]:
    """Receive what a client owes in a currency, or a part of it, the oldest first, at a location's till.

    Raises `Invalid` (`minor`, `method`, `location`), `NotFound`.
    """
    await clients.lock_to_edit(op, client)
    parts = [_whole(debt) for debt in await queries.debts(client) if debt.currency == currency]
    await _lock(op, parts)
    left = sum(part.minor for part in parts)
    await steps.may_receive(left, payment, location)
    await take(op, client, currency, location, parts, (payment,))
    if left > payment.minor:
        op.effect("effect.visit_owed", minor=left - payment.minor, currency=currency)
    return {"client": client}


def _whole(debt: Debt) -> Part:
    return Part(debt.minor, debt.visit, debt.fee)
