"""What the database itself guarantees of clients."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-24T12:00:00:000051"
VERSION = "1.38.0"
DESCRIPTION = "constraints, triggers and indexes of clients"

LISTS = " AND ".join(
    f"jsonb_typeof({column}) = 'array' AND jsonb_array_length({column}) <= 10" for column in ("phones", "emails")
)

STATEMENTS = (
    "ALTER TABLE client ADD CONSTRAINT client_pseudonym_key UNIQUE (pseudonym)",
    "ALTER TABLE client ADD CONSTRAINT client_erased_check CHECK (erased_at IS NULL OR retired_at IS NOT NULL)",
    "ALTER TABLE client_profile ADD CONSTRAINT client_profile_client_key UNIQUE (client)",
    # Somebody is called something until they are erased.
    "ALTER TABLE client_profile ADD CONSTRAINT client_profile_name_check"
    " CHECK ((num_nonnulls(given_name, family_name, company) > 0) = (folded <> ''))",
    f"ALTER TABLE client_profile ADD CONSTRAINT client_profile_lists_check CHECK ({LISTS})",
    "ALTER TABLE client_profile ADD CONSTRAINT client_profile_birthday_check"
    " CHECK (birthday ~ '^([0-9]{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$')",
    "ALTER TABLE client_profile ADD CONSTRAINT client_profile_language_check CHECK (language IN ('en', 'ru'))",
    "ALTER TABLE client_profile ADD CONSTRAINT client_profile_tags_check CHECK (cardinality(tags) <= 20)",
    "ALTER TABLE client_profile ADD CONSTRAINT client_profile_source_check CHECK (source IN ('friend', 'passing_by',"
    " 'search', 'maps', 'social', 'advert', 'partner', 'other'))",
    "CREATE INDEX client_profile_folded ON client_profile (folded COLLATE \"C\", client)",
    "CREATE INDEX client_profile_tags ON client_profile USING gin (tags)",
    "CREATE INDEX client_profile_preferred ON client_profile (preferred)",
    "CREATE INDEX client_contact_client ON client_contact (client)",
    "ALTER TABLE client_contact ADD CONSTRAINT client_contact_name_check CHECK ((name IS NULL) = (folded = ''))",
    "CREATE INDEX client_site_client ON client_site (client)",
    "CREATE INDEX client_note_client ON client_note (client)",
    "CREATE INDEX client_consent_client ON client_consent (client, channel, purpose, at)",
    "ALTER TABLE client_consent ADD CONSTRAINT client_consent_channel_check"
    " CHECK (channel IN ('sms', 'email', 'call', 'messenger'))",
    "ALTER TABLE client_consent ADD CONSTRAINT client_consent_purpose_check"
    " CHECK (purpose IN ('reminders', 'offers', 'feedback'))",
    "ALTER TABLE client_consent ADD CONSTRAINT client_consent_source_check"
    " CHECK (source IN ('in_person', 'by_phone', 'on_paper', 'in_writing', 'import'))",
    "ALTER TABLE client_card ADD CONSTRAINT client_card_number_check CHECK (number ~ '^[0-9]{8}$')",
    # A lost card keeps its number for ever; one that was issued by mistake, and undone, gives it back.
    "CREATE UNIQUE INDEX client_card_number_key ON client_card (number) WHERE retired_at IS NULL",
    "CREATE UNIQUE INDEX client_card_client_key ON client_card (client) WHERE retired_at IS NULL AND lost_at IS NULL",
    "CREATE INDEX client_card_client ON client_card (client)",
    "ALTER TABLE erasure ADD CONSTRAINT erasure_pseudonym_key UNIQUE (pseudonym)",
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON erasure FOR EACH ROW EXECUTE FUNCTION append_only()",
    "CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON erasure EXECUTE FUNCTION append_only()",
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
