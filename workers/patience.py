"""Jobs whose database is away for a moment: said in a line, done the next time."""

from __future__ import annotations

import functools
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

import asyncpg

log = logging.getLogger(__name__)

Job = TypeVar("Job", bound=Callable[..., Awaitable[Any]])

AWAY = (
    asyncpg.CannotConnectNowError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    ConnectionError,
)
"""A database that starts, stops, or is not there."""


def patient(job: Job) -> Job:
    """A job that ends with a warning of one line where the database is away: nothing is lost, the sweep finds it."""

    @functools.wraps(job)
    async def run(ctx: dict[str, Any]) -> Any:
        try:
            return await job(ctx)
        except AWAY as error:
            log.warning("%s waits for the database: %s", run.__name__, str(error).partition("\n")[0])

    return cast("Job", run)
