"""The database for the length of a command; whatever keeps it from being used is said in one line."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar
from urllib.parse import urlsplit

import asyncpg

from console import i18n, versions
from console.config import Settings, key_of_secrets
from console.domain import db, secret
from console.domain.business.queries import business
from console.domain.errors import DomainError, Invalid
from console.processes import ServiceError
from console.routes._fields import Bad

T = TypeVar("T")

_NOT_SERVING = ("08", "28", "3D", "53", "57")
"""SQLSTATE classes: connection, authorisation, no such database, out of resources, shutting down or starting up."""


@contextlib.asynccontextmanager
async def database(url: str, *, patience: int = db.PATIENCE, embedded: bool = False) -> AsyncIterator[None]:
    """An open pool; `patience` in seconds for one statement. One that is `embedded` comes back by itself.

    Raises `ServiceError` where the database does not serve us or has no tables yet.
    """
    where = url.rpartition("@")[2]
    try:
        urlsplit(url)
    except ValueError as error:
        raise ServiceError(f"The database's address {where} cannot be read: {error}. Check DATABASE_URL.") from None
    try:
        async with db.pool(url, patience=patience):
            yield
    except asyncpg.UndefinedTableError:
        raise ServiceError("The database has no tables of this console yet. Run `console migrate`.") from None
    except (OSError, asyncpg.InterfaceError, asyncpg.PostgresError) as error:
        barred = isinstance(error, asyncpg.InsufficientPrivilegeError)
        if isinstance(error, asyncpg.PostgresError) and not barred and str(error.sqlstate)[:2] not in _NOT_SERVING:
            raise
        said = str(error).partition("\n")[0].rstrip(".")
        advice = "It is started again by itself." if embedded else "Check DATABASE_URL."
        raise ServiceError(f"The database at {where} cannot be used: {said}. {advice}") from None


def look(settings: Settings) -> None:
    """Raise `ServiceError`, in words, unless the database serves us and is of this version."""

    async def nothing() -> None:
        return None

    working(settings, nothing)


def working(settings: Settings, work: Callable[[], Awaitable[T]]) -> T:
    """Do something from the terminal on a database that this code knows. Raises `ServiceError` in words."""

    async def connected() -> T:
        secret.use_key(key_of_secrets(settings))
        async with database(settings.database_url or "", embedded=settings.embedded):
            await versions.check()
            return await work()

    try:
        return asyncio.run(connected())
    except Bad as bad:
        raise ServiceError(i18n.problem(bad.problem)) from None
    except Invalid as invalid:
        raise ServiceError(" ".join(i18n.problem(what) for what in invalid.problems.values())) from None
    except versions.OtherVersion as unknown:
        raise ServiceError(str(unknown)) from None
    except DomainError as error:
        raise ServiceError(i18n.problem(error.problem)) from None


def works_on(given: Settings, ready: Settings) -> str:
    """Whose data a command works on that was `given` settings, and where it is. Raises `ServiceError` in words."""
    where = (given.database_url or "").rpartition("@")[2] or given.data_dir
    return f"Works on the data of {working(ready, _name)} in {where}"


async def _name() -> str:
    return (await business()).name
