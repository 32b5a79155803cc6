"""Many loyalty accounts as their visits would have left them, on a server of their own.

They are made in the database by sets. Each has six visits, a free visit made of the first four stamps, and a silver
tier; of a share of them the next night changes something: a third is warned, a third steps down, of a third a stamp
expires. Every tenth client is booked ahead.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import asyncpg

from console import embedded, migrate
from console.config import Settings
from console.domain.loyalty.presets import both
from console.domain.plain import to_plain

USUAL = 200_000
"""What a visit costs, in kopecks."""

AGES = {
    "nothing": (150, 125, 100, 75, 50, 25),
    "warned": (255, 230, 205, 180, 150, 120),
    "dropped": (350, 325, 300, 275, 250, 225),
    "expired": (150, 125, 100, 75, 50, 25),
}
"""How many days before the night each of the six visits was, by what the night does."""

BEGUN: Sequence[str] = (
    """
    INSERT INTO location (id, name, zone, hours, notice_hours, version, operation)
        VALUES (1, 'Bench', 'Europe/Moscow', '[[],[],[],[],[],[],[]]', 24, 1, 1)
    """,
    """
    INSERT INTO programme_version (rules, number, effective_from, published_at, version, operation)
        VALUES ('{rules}', 1, '2020-01-01', now(), 1, 1)
    """,
    """
    INSERT INTO client (id, pseudonym, version, operation)
        SELECT n, gen_random_uuid(), 1, 1 FROM generate_series(1, {many}) AS n
    """,
)

FILLED: Sequence[str] = (
    "TRUNCATE loyalty_account, loyalty_entry, tier_entry, message, booking, change, former CASCADE",
    "DELETE FROM operation WHERE kind = 'loyalty.night'",
    "CREATE TEMPORARY TABLE age (fate text, visit int, days int)",
    "INSERT INTO age VALUES "
    + ", ".join(f"('{fate}', {at}, {days})" for fate, ages in AGES.items() for at, days in enumerate(ages, 1)),
    """
    CREATE TEMPORARY TABLE fate AS SELECT id AS client, CASE WHEN hashint8(id) & 16777215 >= 16777216 * {share}
        THEN 'nothing' ELSE (ARRAY['warned', 'dropped', 'expired'])[1 + id % 3] END AS fate FROM client
    """,
    """
    CREATE TEMPORARY TABLE came AS SELECT f.client, f.fate, a.visit AS number, f.client * 10 + a.visit AS visit,
        date '{on}' - a.days AS on, 'visit:' || f.client * 10 + a.visit AS source FROM fate f JOIN age a USING (fate)
    """,
    """
    INSERT INTO loyalty_entry (client, unit, verb, delta, "on", lot, through, visit, free_visit, source, snapshot,
            version, operation)
        SELECT client, unit, verb, delta, "on", lot, through, visit, free_visit, source, '{{"version": 1}}', 1, 1 FROM (
            SELECT client, number, 1 AS place, 'stamp' AS unit, 'earn' AS verb, 1 AS delta, "on", number AS lot,
                CASE WHEN fate = 'expired' AND number = 5 THEN date '{on}' - 1 ELSE "on" + 365 END AS through, visit,
                NULL::int AS free_visit, source FROM came
            UNION ALL SELECT client, 4, 1 + number, 'stamp', 'consume', -1, "on", number, NULL, visit, 1, source
                FROM came WHERE number <= 4
            UNION ALL SELECT client, 4, 6, 'free_visit', 'issue', 1, "on", 1, NULL, visit, NULL, source
                FROM came WHERE number = 4
            UNION ALL SELECT client, number, 7, 'visit', 'earn', 1, "on", NULL, NULL, visit, NULL, source FROM came
            UNION ALL SELECT client, number, 8, 'spend', 'earn', {usual}, "on", NULL, NULL, visit, NULL, source
                FROM came
        ) AS entry ORDER BY number, client, place
    """,
    """
    INSERT INTO tier_entry (client, event, "on", tier, before, drops_on, visit, source, snapshot, version, operation)
        SELECT client, 'raised', "on", 'silver', 'base', NULL, visit, source, jsonb '{{}}', 1, 1 FROM came
            WHERE number = 4
        UNION ALL SELECT client, 'warned', date '{on}' - 14, 'silver', 'silver', date '{on}', NULL, 'night', '{{}}', 1,
            1 FROM fate WHERE fate = 'dropped'
    """,
    """
    INSERT INTO loyalty_account (client, stamps, free_visits, tier, drops_on, night, next_night, version, operation)
        SELECT client, 2, 1, 'silver', CASE WHEN fate = 'dropped' THEN date '{on}' END, date '{on}' - 1,
            date '{on}' + CASE WHEN fate = 'nothing' THEN 30 ELSE 0 END, 1, 1 FROM fate
    """,
    """
    INSERT INTO booking (client, location, starts_at, ends_at, status, source, version, operation)
        SELECT client, 1, date '{on}' + interval '20 days 10 hours', date '{on}' + interval '20 days 11 hours',
            'booked', 'desk', 1, 1 FROM fate WHERE client % 10 = 0
    """,
    """
    INSERT INTO change (operation, entity, entity_id, fields, created)
        SELECT 1, 'booking', id, ARRAY[]::text[], true FROM booking
        UNION ALL SELECT 1, 'loyalty_account', id, ARRAY[]::text[], true FROM loyalty_account
    """,
    "DROP TABLE age, fate, came",
)

ANOTHER_VERSION = """
    INSERT INTO programme_version (rules, number, effective_from, published_at, version, operation)
        SELECT rules, 2, '{on}', now(), 1, 1 FROM programme_version WHERE number = 1
"""


@contextlib.contextmanager
def server() -> Iterator[tuple[Settings, str]]:
    """A migrated database whose data is gone afterwards; its settings, and the superuser's address."""
    folder = Path(tempfile.mkdtemp(prefix="bench-night-"))
    folder.chmod(0o755)
    own = embedded.Postgres(folder / "data")
    own.start()
    try:
        settings = Settings(data_dir=folder, database_url=own.app_url, database_owner_url=own.owner_url)
        migrate.run(settings)
        yield settings, own.url(embedded.SUPERUSER)
    finally:
        own.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def begin(url: str, many: int) -> None:
    """So many clients, and a programme in force."""
    await _run(url, BEGUN, many=many, rules=json.dumps(to_plain(both(USUAL))))


async def fill(url: str, on: date, share: float) -> None:
    """Accounts whose nights are done until a business date, of which that night changes a share."""
    await _run(url, FILLED, on=on, share=share, usual=USUAL)


async def publish(url: str, on: date) -> None:
    """Another version with the same rules is in force from a date on."""
    await _run(url, [ANOTHER_VERSION], on=on)


async def _run(url: str, statements: Sequence[str], **values: object) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica")
        for statement in statements:
            await connection.execute(statement.format(**values))
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
