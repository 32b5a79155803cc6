"""`console migrate`: bring a database up to this code. Safe to run from several machines at once."""

from __future__ import annotations

import asyncio
import contextlib
import io
from urllib.parse import unquote, urlsplit
from uuid import UUID, uuid5

import asyncpg

from console.config import Settings

LOCK = 0x5F_1F7E
EXTENSIONS = ("btree_gist", "pg_trgm", "unaccent")
OLDEST, NEWEST = 15, 18

READ_ADD = "SELECT, INSERT"
READ_ADD_CHANGE = "SELECT, INSERT, UPDATE"
EVERYTHING = "SELECT, INSERT, UPDATE, DELETE"

GRANTS = {
    "actor": READ_ADD,
    "assignment": READ_ADD_CHANGE,
    "bookable": READ_ADD_CHANGE,
    "booking": READ_ADD_CHANGE,
    "booking_item": READ_ADD_CHANGE,
    "business": READ_ADD_CHANGE,
    "category": READ_ADD_CHANGE,
    "change": READ_ADD,
    "client": READ_ADD_CHANGE,
    "client_card": READ_ADD_CHANGE,
    "client_consent": READ_ADD,
    "client_contact": READ_ADD_CHANGE,
    "client_note": READ_ADD_CHANGE,
    "client_opened": EVERYTHING,
    "client_profile": READ_ADD_CHANGE,
    "client_reach": "SELECT",
    "client_site": READ_ADD_CHANGE,
    "client_token": "SELECT",
    "client_word": "SELECT",
    "crew_list": READ_ADD_CHANGE,
    "erasure": READ_ADD,
    "fee": READ_ADD_CHANGE,
    "fee_payment": READ_ADD,
    "fee_rule": READ_ADD_CHANGE,
    "fixed_card": READ_ADD_CHANGE,
    "former": "SELECT, INSERT, UPDATE (values)",
    "holiday": READ_ADD_CHANGE,
    "import_file": EVERYTHING,
    "import_job": EVERYTHING,
    "import_key": EVERYTHING,
    "import_run": READ_ADD_CHANGE,
    "import_upload": EVERYTHING,
    "link_request": EVERYTHING,
    "location": READ_ADD_CHANGE,
    "logo": READ_ADD,
    "loyalty_account": READ_ADD_CHANGE,
    "loyalty_entry": READ_ADD,
    "mailbox_position": READ_ADD_CHANGE,
    "loyalty_pause": READ_ADD_CHANGE,
    "membership": READ_ADD_CHANGE,
    "message": READ_ADD_CHANGE,
    "message_attempt": READ_ADD,
    "message_choice": READ_ADD_CHANGE,
    "message_text": READ_ADD_CHANGE,
    "migration": "SELECT",
    "numbering": READ_ADD_CHANGE,
    "occupancy": EVERYTHING,
    "operation": "SELECT, INSERT, UPDATE (payload_hash, result)",
    "operation_kind": "SELECT",
    "payment": READ_ADD,
    "payment_method": READ_ADD_CHANGE,
    "price": READ_ADD_CHANGE,
    "print_job": EVERYTHING,
    "printed": READ_ADD,
    "product": READ_ADD_CHANGE,
    "reason": READ_ADD_CHANGE,
    "programme_trial": EVERYTHING,
    "programme_version": READ_ADD_CHANGE,
    "recovery_code": EVERYTHING,
    "refund": READ_ADD_CHANGE,
    "refusal": READ_ADD,
    "retelling": READ_ADD_CHANGE,
    "schedule": READ_ADD_CHANGE,
    "series": READ_ADD_CHANGE,
    "series_clash": READ_ADD_CHANGE,
    "series_skip": READ_ADD_CHANGE,
    "service": READ_ADD_CHANGE,
    "skill": READ_ADD_CHANGE,
    "staff": READ_ADD_CHANGE,
    "staff_mail": READ_ADD_CHANGE,
    "staff_session": EVERYTHING,
    "staff_token": "SELECT, INSERT, UPDATE (used_at, ended)",
    "status_change": READ_ADD_CHANGE,
    "throttle": EVERYTHING,
    "ticket": READ_ADD_CHANGE,
    "ticket_category": READ_ADD_CHANGE,
    "ticket_draft": EVERYTHING,
    "ticket_entry": READ_ADD_CHANGE,
    "ticket_file": READ_ADD_CHANGE,
    "ticket_limit": READ_ADD_CHANGE,
    "ticket_link": READ_ADD_CHANGE,
    "ticket_mail": READ_ADD_CHANGE,
    "ticket_rating": READ_ADD_CHANGE,
    "ticket_remedy": READ_ADD_CHANGE,
    "ticket_settling": READ_ADD_CHANGE,
    "ticket_status": READ_ADD_CHANGE,
    "ticket_target": READ_ADD_CHANGE,
    "ticket_view": READ_ADD_CHANGE,
    "tier_entry": READ_ADD,
    "till_close": READ_ADD,
    "till_count": READ_ADD,
    "till_entry": READ_ADD,
    "time_off": READ_ADD_CHANGE,
    "visit": READ_ADD_CHANGE,
    "visit_line": READ_ADD,
}
"""What the application's role may do with each table; nothing more than this is granted."""

MAINTAINS = 170000
"""From this version of PostgreSQL on a role that owns nothing can be let VACUUM a table."""

BEGINNING = UUID("5f1f7e00-0000-4000-8000-000000000001")


class MigrationError(Exception):
    """The database cannot be brought up to this code; the message says what to do."""


def run(settings: Settings) -> None:
    """Migrate the database of `settings.database_owner_url` and grant to the role of `database_url`."""
    if not settings.database_owner_url or not settings.database_url:
        raise MigrationError("DATABASE_URL is not set.")
    asyncio.run(_run(settings.database_owner_url, _role(settings.database_url)))


def _role(url: str) -> str:
    return unquote(urlsplit(url).username or "")


async def _run(owner_url: str, app_role: str) -> None:
    from console.domain import db

    lock = await asyncpg.connect(dsn=owner_url, server_settings={"application_name": "fifth-visit migrate"})
    try:
        await lock.execute("SELECT pg_advisory_lock($1)", LOCK)
        await _check_server(lock)
        async with db.pool(owner_url, size=2):
            await _forwards()
            await _fill()
            await _grant(app_role)
            await _check_schema()
    finally:
        await lock.close()


async def _check_server(connection: asyncpg.Connection) -> None:
    major = connection.get_server_version().major
    if not OLDEST <= major <= NEWEST:
        raise MigrationError(f"PostgreSQL {major}: give a server of version {OLDEST} to {NEWEST}.")
    for extension in EXTENSIONS:
        present = await connection.fetchval("SELECT 1 FROM pg_extension WHERE extname = $1", extension)
        if present:
            continue
        try:
            await connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
        except asyncpg.PostgresError as error:
            raise MigrationError(
                f"The extension {extension} is missing: as a superuser run CREATE EXTENSION {extension}; ({error})"
            ) from error
    if not await connection.fetchval("SELECT cardinality(show_trgm('ж')) > 0"):
        raise MigrationError(
            "This database cannot search Cyrillic text (its character type is C). "
            "Create it with a UTF-8 locale, such as C.UTF-8."
        )


async def _forwards() -> None:
    from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager
    from piccolo.apps.migrations.tables import Migration

    from console.domain.db import ENGINE
    from console.versions import NEWER, known

    await ForwardsMigrationManager(app_name="console").create_migration_table()
    modules = known()
    done = await Migration.get_migrations_which_ran(app_name="console")
    if newer := sorted(set(done) - set(modules)):
        raise MigrationError(NEWER.format(newer[-1]))
    for migration_id in sorted(set(modules) - set(done)):
        # One transaction holds the migration and the note that it ran: killed between, it never happened.
        async with ENGINE.transaction():
            await ENGINE.run_ddl("SET LOCAL lock_timeout = '10s'")
            await ENGINE.run_ddl("SET LOCAL statement_timeout = '15min'")
            with contextlib.redirect_stdout(io.StringIO()):
                await (await modules[migration_id].forwards()).run()
            await Migration.insert(Migration(name=migration_id, app_name="console"))


async def _check_schema() -> None:
    from console import schema

    if missing := (await schema.differences()).missing:
        raise MigrationError(
            f"This database has lost what keeps its data right: {', '.join(missing)}. Restore it from a whole copy, "
            "or make again what is missing as console/schema.txt says; `console doctor` tells when nothing is left."
        )


async def _fill() -> None:
    from console.domain import clock, kinds
    from console.domain.booking import reasons
    from console.domain.business import actions, queries
    from console.domain.intent import TERMINAL, Intent
    from console.domain.loyalty import actions as programme
    from console.domain.tickets import settings as tickets
    from console.domain.tickets.remedies import limits
    from console.domain.visits import methods

    await kinds.store()
    try:
        await kinds.check()
    except kinds.UnknownKind as unknown:
        raise MigrationError(f"{unknown} Install that version, or point DATABASE_URL at another database.") from None
    if not await queries.begun():
        await actions.begin(Intent(uuid5(BEGINNING, "business"), TERMINAL, clock.now()))
    await reasons.begin()
    await methods.begin()
    await programme.begin()
    await tickets.begin()
    await limits.begin()


async def _grant(role: str) -> None:
    from console.domain import db
    from console.domain.desk import cleaning

    if await db.fetchval("SELECT current_user = $1", role):
        return
    name = '"' + role.replace('"', '""') + '"'
    async with db.ENGINE.transaction():
        await db.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        await db.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}")
        for table, rights in GRANTS.items():
            await db.execute(f'REVOKE ALL ON TABLE "{table}" FROM {name}')
            await db.execute(f'GRANT {rights} ON TABLE "{table}" TO {name}')
        if await db.fetchval("SELECT current_setting('server_version_num')::int") >= MAINTAINS:
            for table in cleaning.tables():
                await db.execute(f'GRANT MAINTAIN ON TABLE "{table}" TO {name}')
