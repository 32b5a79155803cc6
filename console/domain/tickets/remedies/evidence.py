"""What there is to put right with a ticket's client: visits without a stamp, free visits that ended meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from console.domain import clock, db
from console.domain.business.queries import business
from console.domain.ids import ClientId, VisitId
from console.domain.loyalty.accounts import Account, account
from console.domain.loyalty.rules.visits import Finished, earns_stamp
from console.domain.tickets.remedies.rules import LOOKED_BACK, Cause, Remedy, lapsed_meanwhile
from console.domain.visits.stamping import price_of

_VISITS = """
    SELECT v.id, v."on", v.number FROM visit v
    WHERE v.client = $1 AND v.retired_at IS NULL AND v."on" BETWEEN $2 AND $3
        AND NOT EXISTS (SELECT FROM refund r WHERE r.visit = v.id AND r.full AND r.retired_at IS NULL)
        AND NOT EXISTS (SELECT FROM loyalty_entry e WHERE e.visit = v.id AND e.unit = 'stamp' AND e.verb = 'earn')
        AND (SELECT bool_or(l.service IS NOT NULL) AND sum(l.free) = 0 AND sum(l.packed) = 0
            FROM visit_line l WHERE l.visit = v.id)
    ORDER BY v."on" DESC, v.id DESC LIMIT 20
"""


@dataclass(frozen=True)
class Found:
    """Something to put right: the date of a visit or the last one of a free visit, and the version it is judged by.

    `number`: that of a visit's receipt; `by_rules`: whether the version gives it of its own accord.
    """

    remedy: Remedy
    on: date
    version: int
    number: int | None = None
    by_rules: bool = False


async def found(client: ClientId, opened_at: datetime, now: datetime) -> list[Found]:
    """What there is to put right of a client whose ticket was opened at an instant."""
    zone = (await business()).zone
    today = clock.business_date(now, zone)
    held = await account(client, today)
    lapsed = _lapsed(held, clock.business_date(opened_at, zone), today)
    return [*await _visits(held, today), *await _not_given(client, lapsed)]


async def _visits(held: Account, today: date) -> list[Found]:
    rows = await db.fetch(_VISITS, held.client, today - LOOKED_BACK, today)
    there = []
    for row in rows:
        version = held.versions.version(row["on"])
        if version.programme.counter is None:
            continue
        visit = Finished(row["on"], await price_of(VisitId(row["id"])), 0, held.ledger.stamped(row["on"]), row["id"])
        remedy = Remedy(Cause.MISSING_STAMP, row["id"])
        there.append(Found(remedy, row["on"], version.number, row["number"], earns_stamp(version.programme, visit)))
    return there


async def _not_given(client: ClientId, lapsed: list[Found]) -> list[Found]:
    """What ended, but for what was given back once already: its time was given anew."""
    if not lapsed:
        return []
    rows = await db.fetch(
        "SELECT of FROM ticket_remedy WHERE client = $1 AND cause = $2 AND status = 'posted' AND retired_at IS NULL",
        client,
        Cause.REWARD_LAPSED.value,
    )
    given = {row["of"] for row in rows}
    return [one for one in lapsed if one.remedy.of not in given]


def _lapsed(held: Account, opened_on: date, today: date) -> list[Found]:
    return [
        Found(Remedy(Cause.REWARD_LAPSED, lot.number), lot.through, held.versions.version(lot.on).number)
        for lot in held.card.free_visits
        if lot.through is not None
        and lapsed_meanwhile(lot.through, opened_on, today)
        and not held.card.is_good(lot, today)
    ]
