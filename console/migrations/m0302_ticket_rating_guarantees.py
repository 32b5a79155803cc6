"""What the database itself guarantees of what clients think of how tickets were solved."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000302"
VERSION = "1.38.0"
DESCRIPTION = "how a ticket was solved is rated once, by its client"

STATEMENTS = (
    "ALTER TABLE message_choice ALTER COLUMN satisfaction DROP DEFAULT",
    "ALTER TABLE message_choice ADD CONSTRAINT message_choice_satisfaction_check CHECK (satisfaction BETWEEN 1 AND 336)",
    "ALTER TABLE ticket_rating ADD CONSTRAINT ticket_rating_rating_check CHECK (rating IN ('good', 'bad'))",
    "ALTER TABLE ticket_rating ADD CONSTRAINT ticket_rating_comment_check CHECK (char_length(comment) <= 2000)",
    "CREATE UNIQUE INDEX ticket_rating_solving_key ON ticket_rating (solving)",
    "CREATE INDEX ticket_rating_ticket ON ticket_rating (ticket, solving)",
    "CREATE INDEX ticket_rating_client ON ticket_rating (client, id) WHERE client IS NOT NULL",
    "CREATE INDEX ticket_rating_bad ON ticket_rating (at) WHERE rating = 'bad'",
    "CREATE INDEX ticket_rating_at ON ticket_rating (at)",
    """
    CREATE FUNCTION ticket_rating_is_of_a_solving() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (
            SELECT FROM ticket_status s WHERE s.id = NEW.solving AND s.ticket = NEW.ticket AND s.status = 'solved'
        ) THEN
            RAISE EXCEPTION 'what is rated is how a ticket was solved'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ticket_rating_solving_check';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER ticket_rating_is_of_a_solving BEFORE INSERT OR UPDATE OF ticket, solving ON ticket_rating"
    " FOR EACH ROW EXECUTE FUNCTION ticket_rating_is_of_a_solving()",
    "CREATE TRIGGER stays_erased BEFORE INSERT OR UPDATE ON ticket_rating"
    " FOR EACH ROW EXECUTE FUNCTION stays_erased()",
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
