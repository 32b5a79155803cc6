"""What is done once after a backup was restored: nothing of then lets anybody in."""

from __future__ import annotations

from console.domain import db
from console.domain.operation import operation
from console.domain.running import FINAL, Operation
from console.domain.team.rules import Permission


@operation("staff.restored", permission=Permission.STAFF_CHANGE, undo=FINAL)
async def let_nobody_in(op: Operation) -> dict[str, int]:
    """End every session, revoke every open link, and withdraw letters that wait; answers how many of each.

    A backup knows sessions that were ended since, links that were used since, and letters that were sent since.
    """
    sessions = await db.execute(
        "UPDATE staff_session SET revoked_at = $1, ended_by = $2 WHERE revoked_at IS NULL", op.now, op.id
    )
    links = await db.execute("UPDATE staff_token SET used_at = $1, ended = 'withdrawn' WHERE used_at IS NULL", op.now)
    letters = await db.execute(
        "UPDATE staff_mail SET token = NULL, claimed_until = NULL,"
        " status = CASE WHEN status IN ('due', 'claimed', 'kept') THEN 'skipped' ELSE status END"
        " WHERE token IS NOT NULL OR status IN ('due', 'claimed', 'kept')"
    )
    asked = await db.execute("DELETE FROM link_request")
    gone = {"sessions": sessions, "links": links, "letters": letters, "requests": asked}
    return {name: int(tag.rpartition(" ")[2]) for name, tag in gone.items()}
