"""Rows that workers work at: claimed with a lease, given back where one was cut off, given up after some tries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from console.domain import db
from console.domain.errors import Problem
from console.domain.plain import to_plain


class Claimed(Protocol):
    """A row that a worker has, by which of its tries: of one that lost it to another nothing is written any more."""

    @property
    def id(self) -> int: ...

    @property
    def tries(self) -> int: ...


@dataclass(frozen=True)
class Leased:
    """A `table` with `claimed_until`, `tries` and `failed`, the key of why it cannot be done.

    `lease`: how long nothing has to be heard of a worker until another one takes over. `tries`: how often a worker may
    end at one until it is given up. `stays`: a row that is done does, with `ended_at` and its `result`; of one that
    failed that is what the words of why name.
    """

    table: str
    lease: timedelta
    tries: int
    stays: bool = True

    @property
    def waits(self) -> str:
        """Whether a row is neither done nor given up, in SQL."""
        return "failed IS NULL AND ended_at IS NULL" if self.stays else "failed IS NULL"

    async def beat(self, job: Claimed, now: datetime) -> None:
        """Say that somebody is at work."""
        await self._set(job, "claimed_until = $3", now + self.lease)

    async def release(self, job: Claimed, why: str) -> None:
        """It was cut off: the next worker may have it, unless that happened too often."""
        failed = "claimed_until = NULL, failed = CASE WHEN tries >= $3 THEN $4 END"
        await self._set(job, failed, self.tries, why)

    async def fail(self, job: Claimed, why: Problem) -> None:
        """It cannot be done, for a reason in this key and what it names."""
        named = ", result = $4" if self.stays else ""
        values = (json.dumps(to_plain(why.params)),) if self.stays else ()
        await self._set(job, f"claimed_until = NULL, failed = $3{named}", why.key, *values)

    async def end(self, job: Claimed, result: Mapping[str, Any], now: datetime) -> None:
        """It is done, and stays with what became of it."""
        await self._set(job, "claimed_until = NULL, ended_at = $3, result = $4", now, json.dumps(result))

    async def _set(self, job: Claimed, what: str, *values: Any) -> None:
        sql = f"UPDATE {self.table} SET {what} WHERE id = $1 AND tries = $2"  # noqa: S608
        await db.execute(sql, job.id, job.tries, *values)

    async def sweep(self, now: datetime, why: str) -> None:
        """Give up what ended its worker each time, for a reason of this key."""
        await db.execute(
            f"UPDATE {self.table} SET failed = $2, claimed_until = NULL WHERE {self.waits}"  # noqa: S608
            " AND tries >= $3 AND coalesce(claimed_until < $1, true)",
            now,
            why,
            self.tries,
        )
