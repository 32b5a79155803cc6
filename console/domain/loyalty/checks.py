"""What must be true of the ledger and the accounts kept by it; `console doctor` runs these."""

from __future__ import annotations

from console.domain import db
from console.domain.loyalty import nights_checks, queries
from console.domain.loyalty.rules.ladder import code, place

_ACCOUNTS = """
    WITH held AS (
        SELECT client, coalesce(sum(delta) FILTER (WHERE unit = 'stamp'), 0) AS stamps,
            coalesce(sum(delta) FILTER (WHERE unit = 'free_visit'), 0) AS free_visits
        FROM loyalty_entry GROUP BY client
    )
    SELECT client FROM held FULL JOIN loyalty_account a USING (client)
    WHERE (coalesce(held.stamps, 0), coalesce(held.free_visits, 0)) IS DISTINCT FROM (a.stamps, a.free_visits)
    ORDER BY client LIMIT 20
"""

_TIERS = """
    SELECT client, night, a.tier, a.drops_on, last.tier AS last_tier, last.drops_on AS last_drop
    FROM (SELECT DISTINCT ON (client) client, tier, drops_on FROM tier_entry ORDER BY client, id DESC) last
    FULL JOIN loyalty_account a USING (client) ORDER BY client
"""

_LOTS = """
    SELECT client, unit, lot FROM loyalty_entry WHERE unit IN ('stamp', 'free_visit') GROUP BY client, unit, lot
    HAVING CASE WHEN lot IS NULL THEN sum(delta) > 0
        ELSE sum(delta) NOT IN (0, 1) OR count(*) FILTER (WHERE verb IN ('earn', 'issue', 'adjust')) <> 1 END
    ORDER BY client, unit, lot LIMIT 20
"""

_VISITS = """
    SELECT visit FROM loyalty_entry WHERE visit IS NOT NULL GROUP BY visit
    HAVING count(DISTINCT client) > 1 OR count(DISTINCT "on") FILTER (WHERE unit IN ('visit', 'spend')) > 1
        OR coalesce(sum(delta) FILTER (WHERE unit = 'visit'), 0) NOT IN (0, 1)
        OR coalesce(sum(delta) FILTER (WHERE unit = 'spend'), 0) < 0
    ORDER BY visit LIMIT 20
"""


_REWARDS = """
    SELECT DISTINCT e.client FROM loyalty_entry e
    LEFT JOIN LATERAL (SELECT stamps FROM unnest($1::date[], $2::int[]) AS asked (begins, stamps)
        WHERE begins <= e."on" ORDER BY begins DESC LIMIT 1) asked ON TRUE
    LEFT JOIN (SELECT client, operation, free_visit, count(*) AS stamps FROM loyalty_entry
        WHERE unit = 'stamp' AND verb = 'consume' GROUP BY client, operation, free_visit) used
        ON (used.client, used.operation, used.free_visit) = (e.client, e.operation, e.lot)
    WHERE e.unit = 'free_visit' AND e.verb = 'issue' AND used.stamps IS DISTINCT FROM asked.stamps
    ORDER BY e.client LIMIT 20
"""


_WAITED = """
    SELECT DISTINCT e.client FROM loyalty_entry e
    JOIN loyalty_pause p ON p.client = e.client AND p.retired_at IS NULL AND e."on" > p.first AND (e."on" <= p.last
        OR p.last IS NULL)
    JOIN LATERAL (SELECT through FROM loyalty_entry came WHERE came.client = e.client AND came.unit = e.unit
        AND came.lot = e.lot AND came.through IS NOT NULL AND came.id < e.id ORDER BY came.id DESC LIMIT 1) lot
        ON lot.through >= p.first
    WHERE e.verb = 'expire' AND e.visit IS NULL ORDER BY e.client LIMIT 20
"""


async def accounts_are_the_sums_of_their_entries() -> list[str]:
    """The stamps and free visits of each account are what its entries add up to."""
    return [
        f"the account of client {row['client']} is not what its entries add up to" for row in await db.fetch(_ACCOUNTS)
    ]


async def tiers_are_those_of_their_last_entries() -> list[str]:
    """The tier of each account, and the drop that is due, are those of its last entry, by the rules in force since."""
    versions, wrong = await queries.versions(), list[int]()
    for row in await db.fetch(_TIERS):
        tiers = versions.on(row["night"]).tiers if row["night"] else None
        last = code(tiers, place(tiers, row["last_tier"]))
        began = row["tier"] is None and row["last_tier"] is None  # before there were tiers
        if row["night"] is None or (row["drops_on"] != row["last_drop"]) or not (began or row["tier"] == last):
            wrong.append(row["client"])
    return [f"client {client} holds another tier than their last entry says" for client in wrong[:20]]


async def ledgers_add_up() -> list[str]:
    """Every stamp and free visit came once and is there once at most; a visit is one client's, and counts once."""
    lots = await db.fetch(_LOTS)
    visits = await db.fetch(_VISITS)
    return [
        *(f"{row['unit']} {row['lot'] or 'below zero'} of client {row['client']} does not add up" for row in lots),
        *(f"what is posted for visit {row['visit']} does not add up" for row in visits),
    ]


async def free_visits_are_made_of_stamps() -> list[str]:
    """Each free visit was issued for as many stamps as the programme asked on its date."""
    published = (await queries.versions()).published
    asked = [one.programme.counter.stamps_required if one.programme.counter else None for one in published]
    rows = await db.fetch(_REWARDS, [one.effective_from for one in published], asked)
    return [f"client {row['client']} was given a free visit for another number of stamps than asked" for row in rows]


async def nothing_expires_while_it_waits() -> list[str]:
    """No night let anything expire that waited for a ticket."""
    rows = await db.fetch(_WAITED)
    return [f"something of client {row['client']} expired while it waited for a ticket" for row in rows]


async def tiers_are_raised_by_visits() -> list[str]:
    """Each move up came by a visit of the client that counts for tiers, or once did."""
    rows = await db.fetch(
        "SELECT DISTINCT client FROM tier_entry t WHERE event = 'raised' AND NOT EXISTS (SELECT FROM loyalty_entry e"
        "  WHERE e.client = t.client AND e.visit = t.visit AND e.unit IN ('visit', 'spend')) ORDER BY client LIMIT 20"
    )
    return [f"client {row['client']} was raised to a tier by no visit" for row in rows]


async def tiers_are_put_back_to_what_was_held() -> list[str]:
    """A tier that was put right by hand is one that its client had lost before."""
    rows = await db.fetch(
        "SELECT DISTINCT client FROM tier_entry t WHERE event = 'adjusted' AND NOT EXISTS (SELECT FROM tier_entry e"
        "  WHERE e.client = t.client AND e.id < t.id AND e.before = t.tier AND e.tier IS DISTINCT FROM t.tier)"
        " ORDER BY client LIMIT 20"
    )
    return [f"client {row['client']} was given a tier by hand that they had not lost" for row in rows]


LEDGERS = (
    accounts_are_the_sums_of_their_entries,
    tiers_are_those_of_their_last_entries,
    ledgers_add_up,
    free_visits_are_made_of_stamps,
    tiers_are_raised_by_visits,
    tiers_are_put_back_to_what_was_held,
    nothing_expires_while_it_waits,
    nights_checks.nights_come_when_they_must,
)
"""What is true at every moment, whatever the worker does."""

CHECKS = (*LEDGERS, nights_checks.nights_are_of_dates_that_have_come, nights_checks.nights_are_done)
