"""What clients say of how their ticket was solved says who they are, too."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000307"
VERSION = "1.38.0"
DESCRIPTION = "comments of ratings are personal"

STATEMENTS = (
    # As before, and of ratings.
    """
    CREATE OR REPLACE FUNCTION personal_columns(entity text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT CASE entity
            WHEN 'client_profile' THEN ARRAY['given_name', 'middle_name', 'family_name', 'company', 'tax_number',
                'phones', 'emails', 'birthday', 'address', 'tags', 'folded']
            WHEN 'client_contact' THEN ARRAY['name', 'role', 'phone', 'email', 'folded']
            WHEN 'client_site' THEN ARRAY['name', 'address', 'note']
            WHEN 'client_note' THEN ARRAY['text']
            WHEN 'booking' THEN ARRAY['note']
            WHEN 'series' THEN ARRAY['note']
            WHEN 'ticket' THEN ARRAY['subject', 'tags', 'folded', 'sender', 'sender_name']
            WHEN 'ticket_entry' THEN ARRAY['body', 'folded']
            WHEN 'ticket_file' THEN ARRAY['name', 'content']
            WHEN 'ticket_mail' THEN ARRAY['message_id', 'sender', 'sender_name', 'subject', 'quoted', 'left_out']
            WHEN 'ticket_rating' THEN ARRAY['comment']
            ELSE ARRAY[]::text[]
        END
    $$
    """,
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
