"""What there is to put right of a client's visits: one without a stamp, and any that was not as it should have been."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from console.domain import db
from console.domain.ids import VisitId
from console.domain.loyalty.accounts import Account
from console.domain.loyalty.rules.visits import Finished, earns_stamp
from console.domain.tickets.remedies.rules import LOOKED_BACK, MOST_STAMPS, Cause, Found, Gives, Remedy
from console.domain.visits.queries import OF_A_TILL
from console.domain.visits.stamping import price_of

_UNSTAMPED = f"""
    SELECT v.id, v."on", v.number FROM visit v
    WHERE v.client = $1 AND v.retired_at IS NULL AND v."on" BETWEEN $2 AND $3
        AND NOT EXISTS (SELECT FROM refund r WHERE r.visit = v.id AND r.full AND r.retired_at IS NULL)
        AND NOT EXISTS (SELECT FROM payment p WHERE p.visit = v.id AND NOT ({OF_A_TILL}))
        AND NOT EXISTS (SELECT FROM loyalty_entry e WHERE e.visit = v.id AND e.unit = 'stamp' AND e.verb = 'earn')
        AND (SELECT bool_or(l.service IS NOT NULL) AND sum(l.free) = 0 AND sum(l.packed) = 0
            FROM visit_line l WHERE l.visit = v.id)
    ORDER BY v."on" DESC, v.id DESC LIMIT 20
"""  # noqa: S608
_BAD = f"""
    SELECT v.id, v."on", v.number, v.programme, v.currency, paid.here, v.due - back.minor - paid.minor AS owed,
        ARRAY(SELECT r.gives FROM ticket_remedy r WHERE r.cause = 'bad_service' AND r.of = v.id
            AND r.status = 'posted' AND r.retired_at IS NULL) AS given
    FROM visit v
    CROSS JOIN LATERAL (SELECT coalesce(sum(minor), 0)::bigint AS minor,
        greatest(sum(minor) FILTER (WHERE {OF_A_TILL}), 0)::bigint AS here FROM payment p
        WHERE visit = v.id AND NOT tip) paid
    CROSS JOIN LATERAL (SELECT coalesce(sum(minor), 0)::bigint AS minor FROM refund
        WHERE visit = v.id AND retired_at IS NULL) back
    WHERE v.client = $1 AND v.retired_at IS NULL AND v."on" BETWEEN $2 AND $3
    ORDER BY v."on" DESC, v.id DESC LIMIT 10
"""  # noqa: S608
"""The latest visits, what was paid `here` and what is owed of each, and how it was made good before."""


async def unstamped(held: Account, today: date) -> list[Found]:
    """The visits of late that could have a stamp and have none; those of before this console have none by design."""
    there = []
    for row in await db.fetch(_UNSTAMPED, held.client, today - LOOKED_BACK, today):
        version = held.versions.version(row["on"])
        counter = version.programme.counter
        if counter is None:
            continue
        visit = Finished(row["on"], await price_of(VisitId(row["id"])), 0, held.ledger.stamped(row["on"]), row["id"])
        remedy = Remedy(Cause.MISSING_STAMP, row["id"], Gives.STAMP)
        by_rules = earns_stamp(version.programme, visit)
        full = visit.stamped >= counter.max_stamps_per_day
        there.append(Found(remedy, row["on"], version.number, by_rules, number=row["number"], full=full))
    return there


async def bad(held: Account, today: date) -> list[Found]:
    """The visits of late, and all that each could be made good by."""
    rows = await db.fetch(_BAD, held.client, today - LOOKED_BACK, today)
    return [one for row in rows for one in _made_good(held, row, today)]


def _made_good(held: Account, row: Mapping[str, Any], today: date) -> Iterator[Found]:
    def by(gives: Gives, most: int, **said: Any) -> Found:
        remedy = Remedy(Cause.BAD_SERVICE, row["id"], gives, most)
        return Found(remedy, row["on"], number=row["number"], **said)

    if row["here"]:
        yield by(Gives.REFUND, row["here"], currency=row["currency"], rest=row["owed"])
    if row["owed"]:
        yield by(Gives.DEBT, row["owed"], currency=row["currency"])
    version = held.versions.version(today)
    counter = version.programme.counter
    if counter is None:
        return
    if Gives.STAMPS not in row["given"]:
        yield by(Gives.STAMPS, MOST_STAMPS, version=version.number)
    if Gives.FREE_VISIT not in row["given"]:
        yield by(Gives.FREE_VISIT, 1, version=version.number, stamps=counter.stamps_required)
