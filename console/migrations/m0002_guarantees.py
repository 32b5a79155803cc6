"""What the database itself guarantees of the first tables."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-23T09:00:00:000002"
VERSION = "1.38.0"
DESCRIPTION = "constraints, triggers and indexes of the first tables"

STATEMENTS = (
    # What is written once stays.
    """
    CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END $$
    """,
    *(
        statement
        for table in ("actor", "change", "refusal", "logo")
        for statement in (
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION append_only()",
            f"CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION append_only()",
        )
    ),
    # The one thing that may happen to an operation: the transaction that made it fills in its result.
    """
    CREATE TRIGGER append_only BEFORE UPDATE ON operation FOR EACH ROW
    WHEN (
        OLD.result IS NOT NULL OR NEW.result IS NULL
        OR (OLD.id, OLD.kind, OLD.actor, OLD.intent_id, OLD.payload_hash, OLD.at, OLD.undoes, OLD.caused_by, OLD.reason)
            IS DISTINCT FROM
           (NEW.id, NEW.kind, NEW.actor, NEW.intent_id, NEW.payload_hash, NEW.at, NEW.undoes, NEW.caused_by, NEW.reason)
    ) EXECUTE FUNCTION append_only()
    """,
    "CREATE TRIGGER append_only_delete BEFORE DELETE ON operation FOR EACH ROW EXECUTE FUNCTION append_only()",
    "CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON operation EXECUTE FUNCTION append_only()",
    "ALTER TABLE actor ADD CONSTRAINT actor_kind_check CHECK (kind IN ('system', 'terminal', 'staff'))",
    "INSERT INTO actor (id, kind) VALUES (1, 'system'), (2, 'terminal')",
    "SELECT setval(pg_get_serial_sequence('actor', 'id'), 100)",
    "ALTER TABLE operation ADD CONSTRAINT operation_intent_key UNIQUE (actor, intent_id)",
    "ALTER TABLE operation ADD CONSTRAINT operation_undoes_key UNIQUE (undoes)",
    "ALTER TABLE operation ADD CONSTRAINT operation_hash_check CHECK (octet_length(payload_hash) = 32)",
    "ALTER TABLE operation ADD CONSTRAINT operation_order_check CHECK (undoes < id AND caused_by < id)",
    "CREATE INDEX operation_at ON operation (at)",
    "CREATE INDEX change_operation ON change (operation)",
    "CREATE INDEX change_entity ON change (entity, entity_id, operation)",
    "ALTER TABLE former ADD CONSTRAINT former_change_key UNIQUE (change)",
    "CREATE INDEX refusal_at ON refusal (at)",
    # Business, locations, holidays.
    "ALTER TABLE business ADD CONSTRAINT business_one_check CHECK (id = 1)",
    "ALTER TABLE business ADD CONSTRAINT business_currency_check CHECK (currency ~ '^[A-Z]{3}$')",
    "ALTER TABLE business ADD CONSTRAINT business_languages_check CHECK (languages <@ ARRAY['en', 'ru'] AND language = ANY (languages))",
    "ALTER TABLE logo ADD CONSTRAINT logo_size_check CHECK (octet_length(content) BETWEEN 1 AND 1048576)",
    "ALTER TABLE logo ADD CONSTRAINT logo_type_check CHECK (media_type IN ('image/png', 'image/jpeg', 'image/webp'))",
    "ALTER TABLE location ADD CONSTRAINT location_hours_check CHECK (jsonb_typeof(hours) = 'array' AND jsonb_array_length(hours) = 7)",
    "ALTER TABLE location ADD CONSTRAINT location_notice_check CHECK (notice_hours BETWEEN 0 AND 720)",
    "CREATE UNIQUE INDEX location_name_key ON location (lower(name)) WHERE retired_at IS NULL",
    "ALTER TABLE holiday ADD CONSTRAINT holiday_hours_check CHECK (jsonb_typeof(hours) = 'array')",
    "CREATE UNIQUE INDEX holiday_date_key ON holiday (date, location) NULLS NOT DISTINCT WHERE retired_at IS NULL",
    # Staff.
    "ALTER TABLE staff ADD CONSTRAINT staff_actor_fkey FOREIGN KEY (id) REFERENCES actor (id)",
    "ALTER TABLE staff ADD CONSTRAINT staff_role_check CHECK (role IN ('front_desk', 'support', 'manager', 'owner'))",
    "ALTER TABLE staff ADD CONSTRAINT staff_language_check CHECK (language IN ('en', 'ru'))",
    "ALTER TABLE staff ADD CONSTRAINT staff_email_check CHECK (email = lower(email) AND email LIKE '%_@_%')",
    "CREATE UNIQUE INDEX staff_email_key ON staff (email) WHERE retired_at IS NULL",
    "ALTER TABLE staff_session ADD CONSTRAINT staff_session_idle_check CHECK (idle_seconds > 0)",
    "ALTER TABLE staff_session ADD CONSTRAINT staff_session_hash_check CHECK (octet_length(token_hash) = 32)",
    "CREATE INDEX staff_session_staff ON staff_session (staff) WHERE revoked_at IS NULL",
    "ALTER TABLE staff_token ADD CONSTRAINT staff_token_purpose_check CHECK (purpose IN ('invitation', 'reset'))",
    "CREATE INDEX staff_token_staff ON staff_token (staff) WHERE used_at IS NULL",
    "ALTER TABLE staff_mail ADD CONSTRAINT staff_mail_purpose_check CHECK (purpose IN ('invitation', 'reset', 'password_changed'))",
    "ALTER TABLE staff_mail ADD CONSTRAINT staff_mail_status_check CHECK (status IN ('due', 'claimed', 'sent', 'kept', 'unknown', 'skipped', 'failed'))",
    "CREATE INDEX staff_mail_due ON staff_mail (due_at) WHERE status IN ('due', 'claimed')",
    "CREATE INDEX staff_mail_staff ON staff_mail (staff)",
    "ALTER TABLE throttle ADD CONSTRAINT throttle_attempts_check CHECK (attempts > 0)",
    "CREATE INDEX throttle_since ON throttle (since)",
    "CREATE INDEX recovery_code_staff ON recovery_code (staff) WHERE used_at IS NULL",
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
