"""Whether the process lives, and whether it can do its work."""

from __future__ import annotations

from typing import Any

import asyncpg
from litestar import Request, Response, get

from console import versions
from console.domain import clock, db
from console.domain.messages.queries import late
from console.domain.tickets import mailbox
from console.routes._errors import ended_for_want_of_room
from console.routes._guards import PUBLIC

OPT = {**PUBLIC, "no_session": True}
LITTLE_MEMORY = "SET LOCAL work_mem = '64kB'"
SOMETHING = "SELECT count(*) FROM generate_series(1, 50000)"
"""With so little memory it writes about a megabyte to the database's disk, which any role may, and leaves nothing.

What a table has room for would not tell; what is written ahead would end the server where there is no room.
"""


@get("/livez", opt=OPT, sync_to_thread=False)
def livez() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@get("/readyz", opt=OPT)
async def readyz(request: Request[Any, Any, Any]) -> Response[dict[str, str]]:
    """The database answers and is of this version (else 503); booking goes on without the queue and late mail."""
    messages = mail = "unknown"
    try:
        await db.fetchval("SELECT 1 FROM business")
        await versions.check()
        database = await _room(request)
        messages = "late" if await late(clock.now()) else "ok"
        mail = await _mailbox(request)
    except versions.OtherVersion as other:
        database = str(other)
    except Exception as error:
        full = ended_for_want_of_room(request.app.state.settings, error)
        database = "disk full" if full else "unreachable"
    doorbell = request.app.state.get("doorbell")
    queue = "none" if doorbell is None else "ok" if await doorbell.answers() else "unreachable"
    status = 200 if database == "ok" else 503
    told = {"database": database, "queue": queue, "messages": messages, "mailbox": mail}
    return Response({"status": "ok" if status == 200 else "unavailable", **told}, status_code=status)


async def _mailbox(request: Request[Any, Any, Any]) -> str:
    """Whether what clients write is read; `none` where no mailbox is set."""
    name = request.app.state.settings.mailbox
    return "none" if name is None else "late" if await mailbox.late(name, clock.now()) else "ok"


async def _room(request: Request[Any, Any, Any]) -> str:
    """`ok`, or `disk full` from the first write that failed for it until one succeeds."""
    state = request.app.state
    if state.get("disk_full"):
        try:
            async with db.ENGINE.transaction():
                await db.execute(LITTLE_MEMORY)
                await db.execute(SOMETHING)
        except asyncpg.DiskFullError:
            return "disk full"
        state.disk_full = False
    return "ok"


ROUTES = [livez, readyz]
