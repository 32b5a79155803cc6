"""Clients are found by the beginning of a name that has a typo in it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T05:17:00:000113"
VERSION = "1.38.0"
DESCRIPTION = "an index of the beginnings of words with a letter left out"

STATEMENTS = (
    # The beginnings of a word of three to twelve letters, and what is left of longer ones without one of their letters.
    """
    CREATE FUNCTION beginnings_left_out(word text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT ARRAY(
            SELECT DISTINCT left(spelt, n) FROM (
                SELECT word AS spelt
                UNION
                SELECT left(word, i - 1) || substr(word, i + 1) FROM generate_series(1, least(length(word), 13)) i
            ) spellings, generate_series(3, least(length(spelt), 12)) n
        )
    $$
    """,
    "CREATE INDEX client_word_begins ON client_word USING gin (beginnings_left_out(word)) WITH (fastupdate = off)",
)


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="console", description=DESCRIPTION, wrap_in_transaction=False
    )

    async def guarantee():
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(guarantee)
    return manager
