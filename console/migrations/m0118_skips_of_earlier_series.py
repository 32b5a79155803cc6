"""What series skipped before that was noted: each date by their rule at which nothing was made."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T07:41:00:000118"
VERSION = "1.38.0"
DESCRIPTION = "dates that series skipped before it was noted"

# A date is one of the rule where its weekday is, and its week or month is so many rounds after the first. It was
# skipped where neither a booking nor a clash of it was ever made, and the series had not had all its times by then.
NOTE = """
    WITH dated AS (
        SELECT s.id, s.times, d."on",
            EXISTS (SELECT FROM booking b WHERE b.client = s.client AND b.series_on = d."on")
            OR EXISTS (SELECT FROM series_clash k JOIN series o ON o.id = k.series
                WHERE o.client = s.client AND k."on" = d."on") AS made,
            EXISTS (SELECT FROM series_skip k WHERE k.series = s.id AND k."on" = d."on") AS noted
        FROM series s CROSS JOIN LATERAL (
            SELECT day::date AS "on", day::date - s.shifted AS counted, s.starts_on - s.shifted AS begins
            FROM generate_series(s.starts_on, least(s.made_until, s.until), interval '1 day') day) d
        WHERE extract(isodow FROM d."on")::int - 1 = ANY (s.weekdays) AND CASE s.unit
            WHEN 'week' THEN
                (date_trunc('week', d.counted)::date - date_trunc('week', d.begins)::date) / 7 % s.every = 0
            ELSE ((extract(year FROM d.counted) - extract(year FROM d.begins)) * 12
                    + extract(month FROM d.counted) - extract(month FROM d.begins))::int % s.every = 0
                AND CASE s.nth WHEN 4 THEN extract(month FROM d.counted + 7) <> extract(month FROM d.counted)
                    ELSE (extract(day FROM d.counted)::int - 1) / 7 = s.nth END
            END
    ), before AS (
        SELECT *, count(*) FILTER (WHERE made)
            OVER (PARTITION BY id ORDER BY "on" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS times_before
        FROM dated
    ), skipped AS (
        INSERT INTO series_skip (operation, series, "on")
        SELECT coalesce((SELECT min(c.operation) FROM change c
                WHERE c.entity = 'series' AND c.entity_id = x.id AND c.created),
            (SELECT s.operation FROM series s WHERE s.id = x.id)), x.id, x."on"
        FROM before x WHERE NOT x.made AND NOT x.noted AND (x.times IS NULL OR x.times_before < x.times)
        ORDER BY x.id, x."on" RETURNING id, operation
    )
    INSERT INTO change (operation, entity, entity_id, fields, created)
    SELECT operation, 'series_skip', id, '{}', true FROM skipped ORDER BY id
"""


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="console", description=DESCRIPTION, wrap_in_transaction=False
    )

    async def note():
        await db.execute(NOTE)

    manager.add_raw(note)
    return manager
