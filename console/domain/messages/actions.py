"""What staff do with messages: let one not go, send again what did not go, and note what the client has after all."""

from __future__ import annotations

from collections.abc import Iterable

from console.domain import db
from console.domain.clients.tables import Client
from console.domain.errors import NotFound, Refused
from console.domain.ids import MessageId
from console.domain.messages.rules import MessageStatus, Reason
from console.domain.messages.tables import MAY_GO_AGAIN, OPEN, Message
from console.domain.operation import operation
from console.domain.running import Done, Operation
from console.domain.team.rules import Permission

MOST = 500
"""Messages that one press sends again."""
_LAST = "(SELECT max(a.at) FROM message_attempt a WHERE a.message = m.id)"
_ERASED = "EXISTS (SELECT FROM client c WHERE c.id = m.client AND c.erased_at IS NOT NULL)"
_WANTED = f"retired_at IS NULL AND (ends_at IS NULL OR ends_at > $2) AND NOT {_ERASED}"
"""Nobody is told what is not so any more or is over, and who was erased is told nothing."""


class NotDueAnyMore(Refused):
    """A message that is not due, or not any more: it has gone, or nobody waits for it."""

    key = "refused.message_not_due"


class NotUnknown(Refused):
    """A message of which it is known whether it went."""

    key = "refused.message_not_unknown"


class NothingToSend(Refused):
    """A message that neither failed nor may not have gone, or that tells of what is not so any more or is over."""

    key = "refused.message_nothing_to_send"


class NotOpen(Refused):
    """A message that got through, or that was dismissed before."""

    key = "refused.message_not_open"


async def _wait_again(op: Operation, done: Done) -> None:
    """The inverse of stopping: it waits for its time as before."""
    message = await db.fetchval("SELECT entity_id FROM change WHERE operation = $1 AND entity = 'message'", done.id)
    await _lock(op, [message])
    row = await db.fetchrow("SELECT status, reason FROM message WHERE id = $1 FOR UPDATE", message)
    if row is None or tuple(row) != (MessageStatus.SKIPPED, Reason.STAFF):
        raise NothingToSend
    await op.update(Message, message, None, {"status": MessageStatus.DUE.value, "reason": None})


@operation("message.stop", permission=Permission.CLIENT_CHANGE, undo=_wait_again)
async def stop(op: Operation, message: MessageId) -> dict[str, int]:
    """Let a message that is due not go. Raises `NotFound`, and `NotDueAnyMore` also where it may have gone before.

    It is sent at once after all by sending it again.
    """
    await _lock(op, [message])
    row = await db.fetchrow("SELECT status, channel, retired_at FROM message WHERE id = $1 FOR UPDATE", message)
    if row is None:
        raise NotFound
    if row["retired_at"] is not None or row["status"] != MessageStatus.DUE or row["channel"] is not None:
        raise NotDueAnyMore
    await op.update(Message, message, None, {"status": MessageStatus.SKIPPED.value, "reason": Reason.STAFF.value})
    return {"message": message}


@operation("message.arrived", permission=Permission.CLIENT_CHANGE, undo=None)
async def arrived(op: Operation, message: MessageId) -> dict[str, int]:
    """The client has what nobody knew of: they say so. Raises `NotUnknown`, `NotFound`."""
    await _lock(op, [message])
    row = await db.fetchrow(
        f"SELECT status, channel, {_LAST} AS at, {_ERASED} AS erased FROM message m WHERE id = $1 FOR UPDATE",  # noqa: S608
        message,
    )
    if row is None:
        raise NotFound
    if row["status"] != MessageStatus.UNKNOWN or row["erased"]:
        raise NotUnknown
    went = {"status": MessageStatus.SENT.value, "sent_at": row["at"] or op.now, "reason": None, "error": None}
    await op.update(Message, message, None, went)
    await db.execute(
        "INSERT INTO message_attempt (message, at, channel, outcome) VALUES ($1, $2, $3, 'arrived')",
        message,
        op.now,
        row["channel"],
    )
    return {"message": message}


@operation("message.dismiss", permission=Permission.CLIENT_CHANGE, undo=None)
async def dismiss(op: Operation, message: MessageId) -> dict[str, int]:
    """Leave it at that of a message that did not get through, or may not have: nobody has to see to it any more.

    Final: it is not sent again. Raises `NotOpen`, `NotFound`.
    """
    await _lock(op, [message])
    is_open = await db.fetchval(f"SELECT {OPEN} FROM message WHERE id = $1 FOR UPDATE", message)  # noqa: S608
    if is_open is None:
        raise NotFound
    if not is_open:
        raise NotOpen
    await op.update(Message, message, None, {"reason": Reason.DISMISSED.value})
    return {"message": message}


@operation("message.send_again", permission=Permission.CLIENT_CHANGE, undo=None)
async def send_again(op: Operation, message: MessageId) -> dict[str, int]:
    """Send a message that failed, that may not have gone or that staff stopped. Raises `NothingToSend`, `NotFound`."""
    await _lock(op, [message])
    if not await db.fetchval("SELECT EXISTS (SELECT FROM message WHERE id = $1)", message):
        raise NotFound
    if not await _send_again(op, [message]):
        raise NothingToSend
    return {"message": message}


@operation("message.send_unknown", permission=Permission.CLIENT_CHANGE, undo=None)
async def send_unknown(op: Operation) -> dict[str, int]:
    """Send again every message of which nobody knows whether it went, the oldest `MOST` of them."""
    rows = await db.fetch(
        f"SELECT id FROM message m WHERE status = 'unknown' AND {OPEN} AND {_WANTED} ORDER BY id LIMIT $1",  # noqa: S608
        MOST,
        op.now,
    )
    found = [MessageId(row["id"]) for row in rows]
    await _lock(op, found)
    sent = await _send_again(op, found)
    if not sent:
        raise NothingToSend
    return {"count": sent}


async def _lock(op: Operation, messages: Iterable[MessageId]) -> None:
    rows = await db.fetch("SELECT client FROM message WHERE id = ANY($1::bigint[])", list(messages))
    await op.lock(Client, {row["client"] for row in rows} - {None})


_AGAIN = (
    f"SELECT id, status FROM message m WHERE id = ANY($1::bigint[]) AND {MAY_GO_AGAIN} AND {_WANTED}"  # noqa: S608
    " ORDER BY id FOR UPDATE"
)


async def _send_again(op: Operation, messages: Iterable[MessageId]) -> int:
    """How many are due again. What may have gone keeps its channel: it is not sent by another one, too."""
    rows = await db.fetch(_AGAIN, list(messages), op.now)
    for row in rows:
        values = {"status": MessageStatus.DUE.value, "try_at": op.now, "attempts": 0, "reason": None, "error": None}
        if row["status"] != MessageStatus.UNKNOWN:
            values["channel"] = None
        await op.update(Message, row["id"], None, values)
    if rows:
        op.ring("message")
    return len(rows)
