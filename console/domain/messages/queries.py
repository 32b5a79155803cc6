"""What pages read of messages."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.domain import db
from console.domain.audit.naming import Name, named
from console.domain.clients.queries import client_names
from console.domain.ids import ClientId
from console.domain.messages.rules import MessageKind, MessageStatus, may_go_again
from console.domain.messages.tables import STATUS


@dataclass(frozen=True)
class Written:
    """A message as it is written; `withdrawn`: nobody waits for it. One that may have gone counts as `claimed`.

    `again`: staff may send it again.
    """

    due_at: datetime
    variables: Mapping[str, int | str | None]
    status: MessageStatus
    withdrawn: bool
    again: bool = False

    @property
    def is_due(self) -> bool:
        return self.status == MessageStatus.DUE and not self.withdrawn

    @property
    def may_leave(self) -> bool:
        """Whether it may leave though it is not due: a worker has it, or is to try it again; or staff may."""
        return self.status == MessageStatus.CLAIMED or self.again

    def differs(self, told: Mapping[str, int | str | None]) -> bool:
        """Whether it is not told yet, and would tell something else, or nothing."""
        return self.status == MessageStatus.DUE and (self.withdrawn or self.variables != told)


LATE = (
    "(m.status = 'due' AND m.retired_at IS NULL AND m.try_at < $1::timestamptz - interval '10 minutes'"
    " OR m.status = 'claimed' AND m.claimed_until < $1::timestamptz - interval '10 minutes')"
)
"""What no worker has taken up, or settled, as it should have by `$1`."""


async def late(now: datetime) -> bool:
    """Whether messages wait that no worker takes up."""
    return bool(await db.fetchval(f"SELECT EXISTS (SELECT FROM message m WHERE {LATE})", now))  # noqa: S608


async def written(client: ClientId, kinds: Collection[MessageKind]) -> dict[str, Written]:
    """A client's messages of some kinds, the withdrawn ones too, by their keys."""
    rows = await db.fetch(
        f"SELECT dedupe_key, kind, due_at, variables, {STATUS} AS status, reason,"  # noqa: S608
        " retired_at IS NOT NULL AS withdrawn"
        " FROM message WHERE client = $1 AND kind = ANY($2::text[]) ORDER BY id",
        client,
        list(kinds),
    )
    return {row["dedupe_key"]: _written(row) for row in rows}


def _written(row: Mapping[str, Any]) -> Written:
    status = MessageStatus(row["status"])
    again = may_go_again(MessageKind(row["kind"]), status, row["reason"])
    return Written(row["due_at"], json.loads(row["variables"]), status, row["withdrawn"], again)


async def kinds(ids: Sequence[int]) -> dict[int, str]:
    """What messages tell, by their ids."""
    rows = await db.fetch("SELECT id, kind FROM message WHERE id = ANY($1::bigint[])", list(ids))
    return {row["id"]: row["kind"] for row in rows}


@named("message")
async def message_names(ids: Sequence[int]) -> dict[int, Name]:
    """Whom they are for."""
    rows = await db.fetch("SELECT id, client FROM message WHERE id = ANY($1::bigint[])", list(ids))
    called = await client_names([row["client"] for row in rows if row["client"] is not None])
    return {row["id"]: called[row["client"]] for row in rows if row["client"] in called}
