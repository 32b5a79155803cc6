from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import JSONB, Text
from piccolo.columns.indexes import IndexMethod

ID = "2026-11-27T00:30:00:000337"
VERSION = "1.38.0"
DESCRIPTION = "by which mapping a run was brought in, and which files of an upload were left aside"

NOTHING = {
    "default": None,
    "null": True,
    "primary_key": False,
    "unique": False,
    "index": False,
    "index_method": IndexMethod.btree,
    "choices": None,
    "db_column_name": None,
    "secret": False,
}


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="console", description=DESCRIPTION, wrap_in_transaction=False
    )

    for table, name, column_class in (
        ("ImportRun", "mapping", Text),
        ("ImportUpload", "aside", JSONB),
    ):
        manager.add_column(
            table_class_name=table,
            tablename={"ImportRun": "import_run", "ImportUpload": "import_upload"}[table],
            column_name=name,
            db_column_name=name,
            column_class_name=column_class.__name__,
            column_class=column_class,
            params=dict(NOTHING),
            schema=None,
        )

    return manager
