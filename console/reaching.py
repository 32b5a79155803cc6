"""The database for the length of a command; whatever keeps it from being used is said in one line."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import asyncpg

from console.domain import db
from console.processes import ServiceError

_NOT_SERVING = ("08", "28", "3D", "53", "57")
"""SQLSTATE classes: connection, authorisation, no such database, out of resources, shutting down or starting up."""


@contextlib.asynccontextmanager
async def database(url: str) -> AsyncIterator[None]:
    """An open pool. Raises `ServiceError` where the database does not serve us or has no tables yet."""
    where = url.rpartition("@")[2]
    try:
        urlsplit(url)
    except ValueError as error:
        raise ServiceError(f"The database's address {where} cannot be read: {error}. Check DATABASE_URL.") from None
    try:
        async with db.pool(url):
            yield
    except asyncpg.UndefinedTableError:
        raise ServiceError("The database has no tables of this console yet. Run `console migrate`.") from None
    except (OSError, asyncpg.InterfaceError, asyncpg.PostgresError) as error:
        if isinstance(error, asyncpg.PostgresError) and str(error.sqlstate)[:2] not in _NOT_SERVING:
            raise
        raise ServiceError(f"The database at {where} cannot be used: {error}. Check DATABASE_URL.") from None
