"""Letting less of a visit's price be owed: money goes back for it, or is not asked any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain

from console.domain import db
from console.domain.ids import LocationId, ReasonId, VisitId
from console.domain.running import Operation
from console.domain.visits import consequences, rules, spending, stamping, steps
from console.domain.visits.queries import OF_A_TILL
from console.domain.visits.rules import Paid
from console.domain.visits.steps import Standing
from console.domain.visits.tables import Refund
from console.domain.visits.telling_tier import telling_tier

Back = Mapping[LocationId, Sequence[Paid]]
"""What goes back, by the tills that it is taken out of."""


async def as_it_came(visit: VisitId, minor: int) -> Back:
    """So much of what was paid for a visit, which is locked, by the tills and methods that it came by: the last first.

    In minor units, no more than was paid here; tips stay.
    """
    rows = await db.fetch(
        f"SELECT location, method, sum(minor)::bigint AS minor FROM payment p WHERE visit = $1 AND NOT tip"  # noqa: S608
        f" AND {OF_A_TILL} GROUP BY location, method HAVING sum(minor) > 0 ORDER BY max(id) DESC",
        visit,
    )
    back: dict[LocationId, list[Paid]] = defaultdict(list)
    for row in rows:
        if part := min(minor, row["minor"]):
            back[row["location"]].append(Paid(row["method"], part))
            minor -= part
    return back


async def lower(op: Operation, one: Standing, back: Back, lowered: int, reason: ReasonId) -> None:
    """Give money back for a visit, which is locked, and let so much of its price be owed no more.

    Both in minor units, at least as much of the price as goes back of it. Where that is all that was left of it, the
    stamp goes (loyalty rules, section 5). Of tips alone a refund says why they went back, and lowers nothing.
    """
    before = await steps.balance(one.id)
    paid = list(chain.from_iterable(back.values()))
    given, full = rules.received(paid), 0 < lowered == before.due
    await steps.share_tills(back)
    for location, payments in back.items():
        await steps.take(op, one.id, one.currency, location, payments, -1)
    if lowered or back:
        await op.insert(Refund, visit=one.id, minor=lowered, full=full, reason=reason)
    await consequences.tell_money(op, back="effect.visit_refunded")
    if waived := lowered - given:
        op.effect("effect.visit_waived", minor=waived, currency=one.currency)
    if owed := before.owed - waived:
        op.effect("effect.visit_owed", minor=owed, currency=one.currency)
    async with telling_tier(op, one.client, max(await steps.today(op), one.on)):
        after = await spending.post(op, one, -given, full=full)
    if full and after is not None:
        await stamping.tell(op, after, one.on)
