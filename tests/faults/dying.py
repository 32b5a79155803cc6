"""A process that runs one operation, says where it is, and waits there to be killed."""

from __future__ import annotations

import asyncio
import os
import sys
from uuid import UUID

from console.domain import db
from console.domain.doorbell import set_doorbell
from tests.domain import deeds


async def wait_to_be_killed(*_: object) -> None:
    sys.stdout.write("here\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


async def main(place: str, intent_id: UUID, location: int) -> None:
    """`place` is `inside` (all is written, nothing committed) or `after` (committed, the doorbell not yet rung)."""
    if place == "inside":
        deeds.at_the_end = wait_to_be_killed
    else:
        set_doorbell(wait_to_be_killed)
    async with db.pool(os.environ["DATABASE_URL"]):
        await deeds.open_and_edit(deeds.intent(id=intent_id), "North", location)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], UUID(sys.argv[2]), int(sys.argv[3])))
