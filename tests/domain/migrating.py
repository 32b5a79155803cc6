"""`console migrate` in a process of its own, which the test can stop before a statement."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

import asyncpg

from console import migrate
from console.config import Settings


def main(stop_before: str) -> None:
    """Before the n-th statement, or one with these words, say `stopped` and wait to be killed.

    Otherwise say how many statements there were.
    """
    sent = 0

    def counted(name: str) -> None:
        original = getattr(asyncpg.Connection, name)

        async def method(self: asyncpg.Connection, query: str, *args: Any, **kwargs: Any) -> Any:
            nonlocal sent
            sent += 1
            if str(sent) == stop_before or (not stop_before.isdigit() and stop_before in query):
                say("stopped")
                await asyncio.Event().wait()
            return await original(self, query, *args, **kwargs)

        setattr(asyncpg.Connection, name, method)

    for name in ("execute", "fetch", "fetchrow", "fetchval"):
        counted(name)
    migrate.run(Settings(database_url=os.environ["DATABASE_URL"], database_owner_url=os.environ["DATABASE_OWNER_URL"]))
    say(sent)


def say(what: object) -> None:
    """`migrate` takes standard output away while Piccolo would print to it."""
    assert sys.__stdout__ is not None
    sys.__stdout__.write(f"{what}\n")
    sys.__stdout__.flush()


if __name__ == "__main__":
    main(sys.argv[1])
