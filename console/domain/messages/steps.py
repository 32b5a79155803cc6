"""Parts of use cases that give a client something to be told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from console.domain import db
from console.domain.ids import ClientId, MessageId
from console.domain.messages.rules import MessageKind, MessageStatus, Variables, plain
from console.domain.messages.tables import MAY_GO_AGAIN, STATUS, Message
from console.domain.running import Operation

_MAY_LEAVE = f"(status IN ('due', 'claimed') OR {MAY_GO_AGAIN})"
_STANDING = f"SELECT id FROM message WHERE retired_at IS NULL AND {_MAY_LEAVE}"  # noqa: S608


async def due(
    op: Operation,
    kind: MessageKind,
    client: ClientId | None,
    due_at: datetime,
    variables: Variables,
    dedupe_key: str,
    ends_at: datetime | None = None,
) -> MessageId:
    """Tell a client, who must be locked, something at an instant, once for each key; from `ends_at` on nobody is told.
    Without a client what it is about must be locked.

    A message of that key that is due already is corrected, one that was withdrawn comes back, and one that a worker
    has or that nobody waits for any more stays as it is.
    """
    if due_at <= op.now:
        op.ring("message")
    values = {"due_at": due_at, "variables": plain(variables), "ends_at": ends_at, "retired_at": None}
    # Under the lock a message is either not claimed yet, or what a worker made of it is known.
    there = await db.fetchrow(
        f"SELECT id, {STATUS} AS status FROM message WHERE dedupe_key = $1 FOR UPDATE",  # noqa: S608
        dedupe_key,
    )
    if there is None:
        del values["retired_at"]
        delivery = {"status": MessageStatus.DUE.value, "try_at": due_at}
        new = await op.insert(Message, kind=kind.value, client=client, dedupe_key=dedupe_key, **delivery, **values)
        return MessageId(new)
    if there["status"] == MessageStatus.DUE:
        await op.update(Message, there["id"], None, values)
    return MessageId(there["id"])


async def withdraw(op: Operation, *dedupe_keys: str) -> None:
    """Tell nobody what is not so any more, where it is still due or may be sent again; the client must be locked.

    One that a worker has may leave; but where it does not leave this time, it is not tried again.
    """
    if dedupe_keys:
        await _withdraw(op, f"{_STANDING} AND dedupe_key = ANY($1::text[]) ORDER BY id FOR UPDATE", dedupe_keys)


async def hold(op: Operation, dedupe_key: str, told: Variables | None) -> None:
    """Let a message that is not due, but may leave all the same, tell what is so; None: it is not so any more.

    One that was withdrawn comes back. What a worker has goes as it has it. The client must be locked.
    """
    row = await db.fetchrow(
        f"SELECT id, status, retired_at FROM message WHERE dedupe_key = $1 AND {_MAY_LEAVE} FOR UPDATE",  # noqa: S608
        dedupe_key,
    )
    if row is None:
        return
    if told is None:
        await op.update(Message, row["id"], None, {"retired_at": row["retired_at"] or op.now})
    elif row["status"] in (MessageStatus.DUE, MessageStatus.CLAIMED):
        await op.update(Message, row["id"], None, {"retired_at": None})
    else:
        await op.update(Message, row["id"], None, {"retired_at": None, "variables": plain(told)})


async def withdraw_all(op: Operation, client: ClientId) -> None:
    """The same of all that is due to a client."""
    await _withdraw(op, f"{_STANDING} AND client = $1 ORDER BY id FOR UPDATE", client)


async def _withdraw(op: Operation, which: str, of: Sequence[str] | int) -> None:
    for row in await db.fetch(which, of):
        await op.update(Message, row["id"], None, {"retired_at": op.now})
