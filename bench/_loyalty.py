"""Many loyalty accounts as their visits would have left them, on a server of their own beside the demo's business.

They are made in the database by sets, with the visits, the money and the trail that use cases would have written:
`console doctor` must find nothing. Each has six visits, a free visit made of the first four stamps, and a silver tier;
of a share of them the night of a date changes something: a third is warned, a third steps down, of a third a stamp
expires.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import accumulate, pairwise
from unittest import mock

import asyncpg

from _harness import own_server
from console import demo
from console.config import Settings
from console.domain import clock

AGES = {
    "nothing": (150, 125, 100, 75, 50, 25),
    "warned": (255, 230, 205, 180, 150, 120),
    "dropped": (350, 325, 300, 275, 250, 225),
    "expired": (150, 125, 100, 75, 50, 25),
}
"""How many days before the night each of the six visits was, by what the night does."""
BEFORE = timedelta(4)
"""So long ago the demo's story ends: no night after it is done, and a version may begin with each of them."""

_MADE = (
    'CREATE TEMPORARY TABLE night ("on" date, above float8, below float8)',
    "INSERT INTO night VALUES {nights}",
    "CREATE TEMPORARY TABLE age (fate text, number int, days int)",
    "INSERT INTO age VALUES "
    + ", ".join(f"('{fate}', {at}, {days})" for fate, ages in AGES.items() for at, days in enumerate(ages, 1)),
    """
    CREATE TEMPORARY TABLE place AS SELECT l.id AS location, s.id AS service, s.names,
        (SELECT min(id) FROM payment_method WHERE drawer) AS method, b.currency, coalesce(max(v.number), 0) AS numbers
    FROM business b, (SELECT id FROM location WHERE retired_at IS NULL ORDER BY id LIMIT 1) l,
        (SELECT id, names FROM service WHERE retired_at IS NULL ORDER BY id LIMIT 1) s, visit v
    GROUP BY l.id, s.id, s.names, b.currency
    """,
    """
    CREATE TEMPORARY TABLE deed AS WITH one AS (INSERT INTO operation (kind, actor, intent_id, payload_hash, at, result)
        SELECT kind, actor, gen_random_uuid(), payload_hash, at, result FROM operation ORDER BY id LIMIT 1 RETURNING id)
    SELECT id FROM one
    """,
    """
    CREATE TEMPORARY TABLE fate AS
    WITH new AS (INSERT INTO client (pseudonym, version, operation)
        SELECT gen_random_uuid(), 1, deed.id FROM deed, generate_series(1, {many}) RETURNING id)
    SELECT new.id AS client, coalesce(n."on", (SELECT min("on") FROM night)) AS "on",
        CASE WHEN n."on" IS NULL THEN 'nothing' ELSE (ARRAY['warned', 'dropped', 'expired'])[1 + new.id % 3] END AS fate
    FROM new LEFT JOIN night n ON (hashint8(new.id) & 16777215) / 16777216.0 >= n.above
        AND (hashint8(new.id) & 16777215) / 16777216.0 < n.below
    """,
    """
    CREATE TEMPORARY TABLE came AS SELECT f.client, f.fate, f."on" AS night, a.number, f."on" - a.days AS "on",
        nextval('visit_id_seq') AS visit,
        place.numbers + row_number() OVER (ORDER BY f."on" - a.days, f.client) AS receipt
    FROM fate f JOIN age a USING (fate), place
    """,
    "CREATE INDEX ON came (client, number)",
    "ANALYZE came",
    """
    INSERT INTO visit (id, client, location, "on", at, number, programme, due, currency, version, operation)
        SELECT visit, client, location, "on", "on" + interval '12 hours', receipt, 1, {usual}, currency, 1, deed.id
        FROM came, place, deed
    """,
    """
    INSERT INTO visit_line (visit, position, service, names, quantity, listed, unit, packed, free, discount, version,
            operation)
        SELECT visit, 1, service, names, 1, {usual}, {usual}, 0, 0, 0, 1, deed.id FROM came, place, deed
    """,
    """
    INSERT INTO payment (visit, location, method, minor, currency, tip, at, version, operation)
        SELECT visit, location, method, {usual}, currency, false, "on" + interval '12 hours', 1, deed.id
        FROM came, place, deed
    """,
    """
    INSERT INTO loyalty_entry (client, unit, verb, delta, "on", lot, through, visit, free_visit, source, snapshot,
            version, operation)
        SELECT client, unit, verb, delta, "on", lot, through, visit, free_visit, 'visit:' || visit,
            '{{"version": 1}}', 1, deed.id FROM deed, (
            SELECT client, number, 1 AS place, 'stamp' AS unit, 'earn' AS verb, 1 AS delta, "on", number AS lot,
                CASE WHEN fate = 'expired' AND number = 5 THEN night - 1 ELSE "on" + 365 END AS through, visit,
                NULL::int AS free_visit FROM came
            UNION ALL SELECT client, 4, 1 + number, 'stamp', 'consume', -1,
                (SELECT "on" FROM came fourth WHERE fourth.client = came.client AND number = 4), number, NULL,
                (SELECT visit FROM came fourth WHERE fourth.client = came.client AND number = 4), 1
                FROM came WHERE number <= 4
            UNION ALL SELECT client, 4, 6, 'free_visit', 'issue', 1, "on", 1, NULL, visit, NULL FROM came
                WHERE number = 4
            UNION ALL SELECT client, number, 7, 'visit', 'earn', 1, "on", NULL, NULL, visit, NULL FROM came
            UNION ALL SELECT client, number, 8, 'spend', 'earn', {usual}, "on", NULL, NULL, visit, NULL FROM came
        ) AS entry ORDER BY number, client, place
    """,
    """
    INSERT INTO tier_entry (client, event, "on", tier, before, drops_on, visit, source, snapshot, version, operation)
        SELECT client, event, "on", 'silver', before, drops_on, visit, source, '{{"version": 1}}', 1, deed.id
        FROM deed, (
            SELECT client, 'raised' AS event, "on", 'base' AS before, NULL::date AS drops_on, visit,
                'visit:' || visit AS source FROM came WHERE number = 4
            UNION ALL SELECT client, 'warned', "on" - 14, 'silver', "on", NULL, 'night:' || "on" - 14 FROM fate
                WHERE fate = 'dropped'
        ) AS entry ORDER BY client, drops_on NULLS FIRST
    """,
    """
    INSERT INTO loyalty_account (client, stamps, free_visits, tier, drops_on, night, next_night, version, operation)
        SELECT client, 2, 1, 'silver', CASE WHEN fate = 'dropped' THEN "on" END, (SELECT min("on") FROM night) - 1,
            "on" + CASE WHEN fate = 'nothing' THEN 105 ELSE 0 END, 1, deed.id FROM fate, deed
    """,
    *(
        "INSERT INTO change (operation, entity, entity_id, fields, created)"
        f" SELECT deed.id, '{table}', made.id, ARRAY[]::text[], true FROM {table} made JOIN deed ON operation = deed.id"
        for table in ("client", "visit", "visit_line", "payment", "loyalty_entry", "tier_entry", "loyalty_account")
    ),
    "UPDATE numbering SET last = (SELECT max(number) FROM visit) WHERE name = 'receipt'",
)


@contextlib.contextmanager
def server() -> Iterator[tuple[Settings, str]]:
    """A database with the demo's business whose data is gone afterwards; its settings, and the superuser's address."""
    with own_server("night") as (settings, superuser):
        then = clock.now() - BEFORE
        with mock.patch.object(clock, "now", return_value=then):
            demo.fill(replace(settings, demo=True, demo_clients=demo.TOLD))
        yield settings, superuser


async def fill(url: str, many: int, nights: Mapping[date, float], usual: int) -> None:
    """So many accounts whose nights are done until the first of these nights, and the share that each changes."""
    above = list(accumulate(nights.values(), initial=0.0))
    shares = [f"('{on}', {least}, {most})" for on, (least, most) in zip(nights, pairwise(above), strict=True)]
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute("SET work_mem = '256MB'")
        for statement in _MADE:
            await connection.execute(statement.format(many=many, usual=usual, nights=", ".join(shares)))
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
