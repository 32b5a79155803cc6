"""`console demo reset`: take all of a demo away and begin a new one. Nothing but a demo is ever taken away."""

from __future__ import annotations

import asyncio

import asyncpg

from console.config import Settings
from console.processes import ServiceError, say

NO_DEMO = "This database is no demo: nothing was taken away."
IN_USE = "Others are at work in this demo: stop the console first, then nothing of it is taken away under their hands."
NOT_OURS = "The role of DATABASE_OWNER_URL could not make its tables anew: nothing was taken away."

_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND usename IS NOT NULL AND pid <> pg_backend_pid()"
)
_OURS = """
    SELECT format('DROP TABLE IF EXISTS %I.%I CASCADE', n.nspname, c.relname) AS drop FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()
        WHERE c.relkind IN ('r', 'p') AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid AND deptype = 'e')
    UNION ALL SELECT format('DROP FUNCTION IF EXISTS %s CASCADE', p.oid::regprocedure) FROM pg_proc p
        JOIN pg_namespace n ON n.oid = p.pronamespace AND n.nspname = current_schema()
        WHERE NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
"""
"""What the migrations made, and no extension; dropping one may take others with it."""


def reset(settings: Settings) -> None:
    """Empty the database of a demo; the next step brings it up to this code. Raises `ServiceError`."""
    asyncio.run(_empty(settings.database_owner_url or settings.database_url or ""))


async def _empty(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            if not await _is_demo(connection):
                raise ServiceError(NO_DEMO)
            if await connection.fetchval(_OTHERS):
                raise ServiceError(IN_USE)
            if not await connection.fetchval("SELECT has_schema_privilege(current_schema(), 'CREATE')"):
                raise ServiceError(NOT_OURS)
            say("Taking the demo away")
            for statement in [row["drop"] for row in await connection.fetch(_OURS)]:
                await connection.execute(statement)
    finally:
        await connection.close()


async def _is_demo(connection: asyncpg.Connection) -> bool:
    if await connection.fetchval("SELECT to_regclass('business')") is None:
        return False
    return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM business WHERE demo)"))
