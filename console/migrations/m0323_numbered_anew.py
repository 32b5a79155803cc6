from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import BigInt, Date
from piccolo.columns.indexes import IndexMethod

ID = "2026-11-27T00:30:00:000323"
VERSION = "1.38.0"
DESCRIPTION = "which mails of a mailbox that was numbered anew are old ones"


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="console", description=DESCRIPTION, wrap_in_transaction=False
    )

    manager.add_column(
        table_class_name="MailboxPosition",
        tablename="mailbox_position",
        column_name="anew_since",
        db_column_name="anew_since",
        column_class_name="Date",
        column_class=Date,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="MailboxPosition",
        tablename="mailbox_position",
        column_name="anew_below",
        db_column_name="anew_below",
        column_class_name="BigInt",
        column_class=BigInt,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    return manager
