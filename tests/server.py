"""The throwaway PostgreSQL of the tests: one server a process, one database that each test finds as migrated."""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from console import demo, embedded, migrate
from console.config import Settings
from console.domain import clock

TEMPLATE = "migrated"
"""A migrated database that nobody connects to, for tests that want one of their own."""

TABLES = """
SELECT relname AS name, string_agg(quote_ident(attname), ', ' ORDER BY attnum) AS columns
FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace GROUP BY relname ORDER BY relname
"""
"""The tables with the columns that are written: what the database makes of them it makes again."""
SEQUENCES = """
SELECT format('%I', sequencename) AS name, coalesce(last_value, start_value) AS value, last_value IS NOT NULL AS called
FROM pg_sequences WHERE schemaname = 'public'
"""


@contextmanager
def postgres(data_dir: Path, *, durable: bool = False) -> Iterator[embedded.Postgres]:
    """A server whose last data is lost when it is killed, unless it is `durable`.

    `TEST_POSTGRES_BIN` names the folder of another PostgreSQL's programs.
    """
    server = embedded.Postgres(data_dir, durable=durable)
    if other := os.environ.get("TEST_POSTGRES_BIN"):
        server.binaries = _adapted(Path(other), data_dir)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _adapted(programs: Path, data_dir: Path) -> Path:
    """PostgreSQL 15 and 16 have no builtin locale provider: leave those two options of `initdb` out."""
    folder = data_dir / "programs"
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    (folder / "postgres").symlink_to(programs / "postgres")
    initdb = folder / "initdb"
    initdb.write_text(
        "#!/bin/sh\nfor option do\n  shift\n"
        '  case "$option" in --locale-provider=*|--builtin-locale=*) ;; *) set -- "$@" "$option";; esac\n'
        f'done\nexec {shlex.quote(str(programs / "initdb"))} "$@"\n'
    )
    initdb.chmod(0o755)
    return folder


def settings_for(server: embedded.Postgres, database: str = embedded.DATABASE) -> Settings:
    """Settings that name one database of the server, in which a demo has its stories alone."""
    return Settings(
        database_url=server.url(embedded.APPLICATION, database),
        database_owner_url=server.url(embedded.OWNER, database),
        demo_clients=demo.TOLD,
    )


class Keeper:
    """Puts the database back to what `migrate` left: 2 ms, where a copy of the template takes 40.

    Whatever is dear to make is kept besides, under a name, and put back like that.
    """

    def __init__(self, server: embedded.Postgres) -> None:
        self.server = server
        self._tables: dict[str, str] = {}
        self._kept: set[str] = set()
        self._empty = ""

    async def prepare(self) -> None:
        await asyncio.to_thread(migrate.run, settings_for(self.server))
        await self.superuser(f"CREATE DATABASE {TEMPLATE} TEMPLATE {embedded.DATABASE}")
        self.connection = await asyncpg.connect(self.server.url(embedded.SUPERUSER))
        self._tables = {row["name"]: row["columns"] for row in await self.connection.fetch(TABLES)}
        self._empty = ";".join(f"DELETE FROM public.{table}" for table in self._tables)
        await self.connection.execute("SET session_replication_role = replica")  # no triggers, no foreign keys
        await self.keep(TEMPLATE)

    async def keep(self, name: str) -> None:
        """Keep what the database holds now, instead of what was kept under that name before."""
        statements = []
        for table, columns in self._tables.items():
            copy = f"kept_{name}_{table}"
            await self.connection.execute(f"DROP TABLE IF EXISTS {copy}")
            if await self.connection.fetchval(f"SELECT EXISTS (SELECT FROM public.{table})"):
                await self.connection.execute(f"CREATE TEMP TABLE {copy} AS TABLE public.{table}")
                values = f"OVERRIDING SYSTEM VALUE SELECT {columns} FROM {copy}"
                statements.append(f"INSERT INTO public.{table} ({columns}) {values}")
        for one in await self.connection.fetch(SEQUENCES):
            statements.append(f"PERFORM setval('{one['name']}', {one['value']}, {one['called']})")
        body = ";".join([self._empty, *statements])
        function = f"CREATE OR REPLACE FUNCTION pg_temp.put_back_{name}() RETURNS void LANGUAGE plpgsql"
        await self.connection.execute(f"{function} AS $$BEGIN {body}; END$$")  # keeps the plans of its statements
        self._kept.add(name)

    async def reset(self, name: str = TEMPLATE) -> None:
        """What was kept under a name, and nothing else."""
        done = False
        while not done:
            with suppress(asyncpg.DeadlockDetectedError):  # with a request of a page that the last test has closed
                await self.connection.execute(f"SELECT pg_temp.put_back_{name}()")
                done = True

    async def once(self, name: str, make: Callable[[], Awaitable[object]]) -> None:
        """What `make` makes of an empty database, which a test process does once."""
        if name in self._kept:
            await self.reset(name)
        else:
            await self.reset()
            await make()
            await self.keep(name)

    async def demo(self, language: str) -> None:
        """The demo's business as of now: made anew each hour, as the days that it speaks of depend on when that is."""

        async def fill() -> None:
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("DEMO_LANGUAGE", language)
                await asyncio.to_thread(demo.fill, replace(settings_for(self.server), demo=True))

        await self.once(f"demo_{language}_{clock.now():%Y%m%d%H}", fill)

    async def superuser(self, statement: str) -> None:
        """Run a statement as superuser, connected to the maintenance database."""
        connection = await asyncpg.connect(self.server.superuser_url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def close(self) -> None:
        await self.connection.close()
