"""A million bookings and a year: ten locations with twenty people each, most of every day taken.

They are made in the database by sets, as `booking.book` would have written them, in the order in which they were
booked; `console doctor` must find nothing. Triggers are off meanwhile, and indexes are made once all rows are there.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import asyncpg

PLACES = 10
PEOPLE = 20
PAST_DAYS, DAYS_TO_COME = 300, 65
SLOTS, TAKEN = 18, 15
"""Half hours of a working day, and how many of them are booked."""
HOURS = json.dumps([[[540, 1080]]] * 7)
CODE = "BENCH"
MINUTES = 30
PRICE = 150000
"""In kopecks."""

BOOKED = ("operation", "booking", "booking_item", "assignment", "status_change", "occupancy", "change")
"""The tables that bookings fill."""

# Places, people and what they do, as the operation that began the database would have made them.
SHOP = (
    f"""
    INSERT INTO location (name, zone, hours, notice_hours, version, operation)
        SELECT 'Bench ' || n, 'Europe/Moscow', '{HOURS}', 24, 1, (SELECT min(id) FROM operation)
        FROM generate_series(1, {PLACES}) AS n
    """,
    f"""
    INSERT INTO service (code, names, minutes, buffer_before, buffer_after, people, rooms, vehicles, equipment, version,
        operation) SELECT '{CODE}', '{{"en": "Half an hour", "ru": "Полчаса"}}', {MINUTES}, 0, 0, 1, 0, 0, 0, 1, min(id)
        FROM operation
    """,
    f"""
    INSERT INTO price (service, valid_from, minor, currency, version, operation)
        SELECT id, '2020-01-01', {PRICE}, 'RUB', 1, operation FROM service WHERE code = '{CODE}'
    """,
    f"""
    INSERT INTO bookable (kind, name, position, version, operation)
        SELECT 'person', 'Bench ' || l || '-' || n, 1000 + l * 100 + n, 1, (SELECT min(id) FROM operation)
        FROM generate_series(1, {PLACES}) AS l, generate_series(1, {PEOPLE}) AS n
    """,
    """
    CREATE TEMPORARY TABLE worker AS
        SELECT b.id AS bookable, l.id AS location FROM bookable b
        JOIN location l ON l.name = split_part(b.name, '-', 1) WHERE b.name LIKE 'Bench %-%'
    """,
    """
    INSERT INTO schedule (bookable, location, valid_from, hours, version, operation)
        SELECT bookable, location, '2020-01-01', NULL, 1, (SELECT min(id) FROM operation) FROM worker
    """,
    f"""
    INSERT INTO skill (bookable, service, version, operation)
        SELECT bookable, (SELECT id FROM service WHERE code = '{CODE}'), 1, (SELECT min(id) FROM operation) FROM worker
    """,
    f"""
    INSERT INTO change (operation, entity, entity_id, fields, created)
        SELECT operation, 'location', id, '{{}}'::text[], true FROM location WHERE name LIKE 'Bench %'
        UNION ALL SELECT operation, 'bookable', id, '{{}}'::text[], true FROM bookable WHERE name LIKE 'Bench %-%'
        UNION ALL SELECT operation, 'service', id, '{{}}'::text[], true FROM service WHERE code = '{CODE}'
        UNION ALL SELECT p.operation, 'price', p.id, '{{}}'::text[], true FROM price p
            JOIN service s ON s.id = p.service WHERE s.code = '{CODE}'
        UNION ALL SELECT s.operation, 'schedule', s.id, '{{}}'::text[], true FROM schedule s
            JOIN worker USING (bookable)
        UNION ALL SELECT k.operation, 'skill', k.id, '{{}}'::text[], true FROM skill k JOIN worker USING (bookable)
    """,
)

# Which half hours are taken, fifteen of eighteen, other ones for everybody on every day; by whom, and when that was
# booked: up to two weeks before.
TAKEN_PLACES = (
    """
    CREATE TEMPORARY TABLE living AS
        SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM client WHERE retired_at IS NULL
    """,
    f"""
    CREATE TEMPORARY TABLE taken AS
        SELECT row_number() OVER (ORDER BY at, bookable, starts_at) AS n, living.id AS client, slots.* FROM (
            SELECT bookable, location, starts_at, starts_at + interval '{MINUTES} minutes' AS ends_at,
                least(starts_at - make_interval(mins => luck % 20000), now()) AS at, luck
            FROM (
                SELECT w.*, (d + make_interval(mins => 540 + 30 * slot)) AT TIME ZONE 'Europe/Moscow' AS starts_at,
                    (hashint8(bookable * 1000003 + slot * 7919 + extract(epoch FROM d)::bigint) & 2147483647) AS luck,
                    row_number() OVER (PARTITION BY bookable, d ORDER BY hashint8(bookable * 1000003 + slot * 7919
                        + extract(epoch FROM d)::bigint)) AS place
                FROM worker w, generate_series(0, {SLOTS - 1}) AS slot,
                    generate_series((current_date - {PAST_DAYS})::timestamp,
                        (current_date + {DAYS_TO_COME} - 1)::timestamp, interval '1 day') AS d
            ) AS day WHERE place <= {TAKEN}
        ) AS slots JOIN living ON living.n = luck % (SELECT count(*) FROM living)
    """,
    "ANALYZE taken",
    """
    CREATE TEMPORARY TABLE first AS SELECT
        (SELECT max(id) FROM operation) AS operation, (SELECT coalesce(max(id), 0) FROM booking) AS booking,
        (SELECT coalesce(max(id), 0) FROM booking_item) AS item,
        (SELECT coalesce(max(id), 0) FROM assignment) AS assignment,
        (SELECT coalesce(max(id), 0) FROM status_change) AS status, (SELECT min(id) FROM staff) AS actor
    """,
)

BOOKINGS = (
    """
    INSERT INTO operation (id, kind, actor, intent_id, payload_hash, at, result)
        SELECT f.operation + n, 'booking.book', f.actor, gen_random_uuid(), sha256(''), at,
            jsonb_build_object('result', jsonb_build_object('booking', f.booking + n), 'effects', '[]'::jsonb)
        FROM taken, first f ORDER BY n
    """,
    """
    INSERT INTO booking (id, client, location, starts_at, ends_at, status, source, version, operation)
        SELECT f.booking + n, client, location, starts_at, ends_at, 'booked', 'desk', 1, f.operation + n
        FROM taken, first f ORDER BY n
    """,
    f"""
    INSERT INTO booking_item (id, booking, service, starts_at, ends_at, buffer_before, buffer_after, minor, currency,
        version, operation)
        SELECT f.item + n, f.booking + n, (SELECT id FROM service WHERE code = '{CODE}'), starts_at, ends_at, 0, 0,
            {PRICE}, 'RUB', 1, f.operation + n FROM taken, first f ORDER BY n
    """,
    """
    INSERT INTO assignment (id, item, bookable, version, operation)
        SELECT f.assignment + n, f.item + n, bookable, 1, f.operation + n FROM taken, first f ORDER BY n
    """,
    """
    INSERT INTO status_change (id, booking, status, version, operation)
        SELECT f.status + n, f.booking + n, 'booked', 1, f.operation + n FROM taken, first f ORDER BY n
    """,
    """
    INSERT INTO occupancy (bookable, lane, during, kind, booking)
        SELECT bookable, 0, tstzrange(starts_at, ends_at), 'booking', f.booking + n FROM taken, first f ORDER BY n
    """,
    """
    INSERT INTO change (operation, entity, entity_id, fields, created)
        SELECT f.operation + n, part.entity, part.first + n, '{}'::text[], true FROM taken, first f,
            LATERAL (VALUES ('booking', f.booking), ('booking_item', f.item), ('assignment', f.assignment),
                ('status_change', f.status)) AS part (entity, first) ORDER BY n
    """,
    *(
        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
        for table in BOOKED
        if table not in {"occupancy", "change"}
    ),
    "DROP TABLE worker, living, taken, first",
)


async def fill(url: str) -> int:
    """Make them, as superuser. Answers how many."""
    connection = await asyncpg.connect(url, command_timeout=1800)
    try:
        await connection.execute("SET statement_timeout = 0")
        await connection.execute("SET work_mem = '256MB'")
        await connection.execute("SET maintenance_work_mem = '1GB'")
        async with connection.transaction():
            for statement in (*SHOP, *TAKEN_PLACES):
                await connection.execute(statement)
            await connection.execute("SET LOCAL session_replication_role = replica")
            indexes = await _set_aside(connection)
            for statement in (*BOOKINGS, *indexes):
                await connection.execute(statement)
        await connection.execute("VACUUM ANALYZE")
        return int(await connection.fetchval("SELECT count(*) FROM booking"))
    finally:
        await connection.close()


async def _set_aside(connection: asyncpg.Connection) -> Sequence[str]:
    """Drop the indexes of the tables, and the constraints that they bring. Answers how to make them again.

    Primary keys stay: others refer to them, and rows come in their order.
    """
    constraints = await connection.fetch(
        "SELECT conrelid::regclass::text AS table, quote_ident(conname) AS name, pg_get_constraintdef(oid) AS said"
        " FROM pg_constraint WHERE conrelid = ANY($1::text[]::regclass[]) AND contype IN ('u', 'x')",
        BOOKED,
    )
    for one in constraints:
        await connection.execute(f"ALTER TABLE {one['table']} DROP CONSTRAINT {one['name']}")
    indexes = await connection.fetch(
        "SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS said FROM pg_index"
        " WHERE indrelid = ANY($1::text[]::regclass[]) AND NOT indisprimary",
        BOOKED,
    )
    for one in indexes:
        await connection.execute(f"DROP INDEX {one['name']}")
    return [
        *(f"ALTER TABLE {one['table']} ADD CONSTRAINT {one['name']} {one['said']}" for one in constraints),
        *(one["said"] for one in indexes),
    ]
