"""A process that does a night, says so after some clients, and waits there to be killed."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import datetime

from console.domain import db
from console.domain.ids import ClientId
from console.domain.loyalty import nights
from tests.faults.dying import wait_to_be_killed
from workers import night


async def main(now: datetime, clients: int, place: str) -> None:
    """`place` is `inside` (all of one more client's night is written, nothing committed) or `between`."""
    done = 0
    do = night._do
    tell = nights.post

    async def one(client: ClientId, *rest: object) -> None:
        nonlocal done
        if done == clients and place == "between":
            await wait_to_be_killed()
        await do(client, *rest)  # type: ignore[arg-type]
        done += 1

    async def posted(*args: object, **named: object) -> object:
        account = await tell(*args, **named)  # type: ignore[arg-type]
        if done == clients and place == "inside":
            await wait_to_be_killed()
        return account

    night._do = one  # type: ignore[assignment]
    nights.post = posted  # type: ignore[assignment]
    async with db.pool(os.environ["DATABASE_URL"]):
        await night.do_due(now)


if __name__ == "__main__":
    asyncio.run(main(datetime.fromisoformat(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
