"""What the database itself guarantees of the catalogue."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-24T12:00:00:000011"
VERSION = "1.38.0"
DESCRIPTION = "constraints and indexes of the catalogue"

NAMES = "jsonb_typeof(names) = 'object' AND jsonb_path_exists(names, '$.* ? (@.type() == \"string\" && @ like_regex \"\\\\S\")')"

STATEMENTS = (
    f"ALTER TABLE category ADD CONSTRAINT category_names_check CHECK ({NAMES})",
    f"ALTER TABLE service ADD CONSTRAINT service_names_check CHECK ({NAMES})",
    f"ALTER TABLE product ADD CONSTRAINT product_names_check CHECK ({NAMES})",
    "CREATE UNIQUE INDEX service_code_key ON service (code) WHERE retired_at IS NULL",
    "CREATE UNIQUE INDEX product_code_key ON product (code) WHERE retired_at IS NULL",
    "CREATE UNIQUE INDEX product_barcode_key ON product (barcode) WHERE retired_at IS NULL",
    "CREATE INDEX service_category ON service (category)",
    "CREATE INDEX product_category ON product (category)",
    "ALTER TABLE service ADD CONSTRAINT service_minutes_check CHECK (minutes BETWEEN 1 AND 720)",
    "ALTER TABLE service ADD CONSTRAINT service_buffers_check"
    " CHECK (buffer_before BETWEEN 0 AND 240 AND buffer_after BETWEEN 0 AND 240)",
    "ALTER TABLE service ADD CONSTRAINT service_needs_check CHECK (people BETWEEN 0 AND 9 AND rooms BETWEEN 0 AND 9"
    " AND vehicles BETWEEN 0 AND 9 AND equipment BETWEEN 0 AND 9 AND people + rooms + vehicles + equipment > 0)",
    "ALTER TABLE price ADD CONSTRAINT price_of_check CHECK (num_nonnulls(service, product) = 1)",
    "ALTER TABLE price ADD CONSTRAINT price_minor_check CHECK (minor BETWEEN 0 AND 1000000000000)",
    "ALTER TABLE price ADD CONSTRAINT price_currency_check CHECK (currency ~ '^[A-Z]{3}$')",
    "CREATE UNIQUE INDEX price_service_key ON price (service, valid_from) WHERE retired_at IS NULL",
    "CREATE UNIQUE INDEX price_product_key ON price (product, valid_from) WHERE retired_at IS NULL",
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
