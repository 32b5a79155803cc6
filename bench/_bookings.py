"""A million bookings, made in the database by sets: ten locations with twenty people each, most of every day taken."""

from __future__ import annotations

import json

import asyncpg

PLACES = 10
PEOPLE = 20
PAST_DAYS, DAYS_TO_COME = 300, 34
SLOTS, TAKEN = 18, 15
"""Half hours of a working day, and how many of them are booked."""
HOURS = json.dumps([[[540, 1080]]] * 7)
CODE = "BENCH"

STATEMENTS = (
    # Places, people and what they do, as the operation that began the database would have made them.
    f"""
    INSERT INTO location (name, zone, hours, notice_hours, version, operation)
        SELECT 'Bench ' || n, 'Europe/Moscow', '{HOURS}', 24, 1, (SELECT min(id) FROM operation)
        FROM generate_series(1, {PLACES}) AS n
    """,
    f"""
    INSERT INTO service (code, names, minutes, buffer_before, buffer_after, people, rooms, vehicles, equipment, version,
        operation) SELECT '{CODE}', '{{"en": "Half an hour", "ru": "Полчаса"}}', 30, 0, 0, 1, 0, 0, 0, 1, min(id)
        FROM operation
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
    """
    INSERT INTO change (operation, entity, entity_id, fields, created)
        SELECT operation, 'location', id, '{}'::text[], true FROM location WHERE name LIKE 'Bench %'
        UNION ALL SELECT operation, 'bookable', id, '{}'::text[], true FROM bookable WHERE name LIKE 'Bench %-%'
        UNION ALL SELECT operation, 'service', id, '{}'::text[], true FROM service WHERE code = 'BENCH'
        UNION ALL SELECT s.operation, 'schedule', s.id, '{}'::text[], true FROM schedule s JOIN worker USING (bookable)
        UNION ALL SELECT k.operation, 'skill', k.id, '{}'::text[], true FROM skill k JOIN worker USING (bookable)
    """,
    # Which half hours are taken: fifteen of eighteen, other ones for everybody on every day.
    f"""
    CREATE TEMPORARY TABLE taken AS
        SELECT row_number() OVER () AS n, bookable, location,
            (day + make_interval(mins => 540 + 30 * slot)) AT TIME ZONE 'Europe/Moscow' AS starts_at
        FROM (
            SELECT w.*, d::timestamp AS day, slot,
                row_number() OVER (PARTITION BY bookable, d ORDER BY hashint8(bookable * 1000003 + slot * 7919
                    + extract(epoch FROM d)::bigint)) AS place
            FROM worker w,
                generate_series(current_date - {PAST_DAYS}, current_date + {DAYS_TO_COME} - 1, interval '1 day') AS d,
                generate_series(0, {SLOTS - 1}) AS slot
        ) AS slots WHERE place <= {TAKEN}
    """,
    """
    CREATE TEMPORARY TABLE first AS SELECT
        (SELECT max(id) FROM operation) AS operation, (SELECT coalesce(max(id), 0) FROM booking) AS booking,
        (SELECT coalesce(max(id), 0) FROM booking_item) AS item,
        (SELECT coalesce(max(id), 0) FROM assignment) AS assignment,
        (SELECT coalesce(max(id), 0) FROM status_change) AS status, (SELECT min(id) FROM staff) AS actor,
        (SELECT min(id) FROM client WHERE erased_at IS NULL) AS client, (SELECT count(*) FROM client) AS clients
    """,
    """
    INSERT INTO operation (id, kind, actor, intent_id, payload_hash, at, result)
        SELECT f.operation + n, 'booking.book', f.actor, gen_random_uuid(), sha256(''), starts_at - interval '7 days',
            jsonb_build_object('result', jsonb_build_object('booking', f.booking + n), 'effects', '[]'::jsonb)
        FROM taken, first f
    """,
    """
    INSERT INTO booking (id, client, location, starts_at, ends_at, status, source, version, operation)
        SELECT f.booking + n, f.client + n * 7919 % f.clients, location, starts_at, starts_at + interval '30 minutes',
            CASE WHEN starts_at < now() THEN 'finished' ELSE 'booked' END, 'desk', 1, f.operation + n
        FROM taken, first f
    """,
    """
    INSERT INTO booking_item (id, booking, service, starts_at, ends_at, buffer_before, buffer_after, version, operation)
        SELECT f.item + n, f.booking + n, (SELECT id FROM service WHERE code = 'BENCH'), starts_at,
            starts_at + interval '30 minutes', 0, 0, 1, f.operation + n FROM taken, first f
    """,
    """
    INSERT INTO assignment (id, item, bookable, version, operation)
        SELECT f.assignment + n, f.item + n, bookable, 1, f.operation + n FROM taken, first f
    """,
    """
    INSERT INTO status_change (id, booking, status, version, operation)
        SELECT f.status + n, f.booking + n, CASE WHEN starts_at < now() THEN 'finished' ELSE 'booked' END, 1,
            f.operation + n FROM taken, first f
    """,
    """
    INSERT INTO occupancy (bookable, lane, during, kind, booking)
        SELECT bookable, 0, tstzrange(starts_at, starts_at + interval '30 minutes'), 'booking', f.booking + n
        FROM taken, first f
    """,
    """
    INSERT INTO change (operation, entity, entity_id, fields, created)
        SELECT f.operation + n, part.entity, part.first + n, '{}'::text[], true FROM taken, first f,
            LATERAL (VALUES ('booking', f.booking), ('booking_item', f.item), ('assignment', f.assignment),
                ('status_change', f.status)) AS part (entity, first)
    """,
    *(
        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
        for table in ("operation", "booking", "booking_item", "assignment", "status_change")
    ),
    "DROP TABLE worker, taken, first",
)


async def fill(url: str) -> int:
    """Make them, as superuser, without the triggers that keep what is made here as well. Answers how many."""
    connection = await asyncpg.connect(url, command_timeout=1800)
    try:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute("SET statement_timeout = 0")
        await connection.execute("SET work_mem = '256MB'")
        async with connection.transaction():
            for statement in STATEMENTS:
                await connection.execute(statement)
        await connection.execute("SET session_replication_role = origin")
        await connection.execute("VACUUM ANALYZE")
        return int(await connection.fetchval("SELECT count(*) FROM booking"))
    finally:
        await connection.close()
