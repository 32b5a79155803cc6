"""The doorbell: wakes a worker after a commit. It carries no data; a lost ring costs at most a minute."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from dataclasses import replace
from typing import Any

from arq.connections import ArqRedis, RedisSettings, create_pool

log = logging.getLogger(__name__)

JOBS = {
    "erasure": "clean_erased",
    "import": "import_waiting",
    "mail": "deliver_mail",
    "message": "deliver_messages",
    "print": "print_waiting",
    "trial": "try_waiting",
}
"""The job that answers each bell."""

PATIENCE = 1.0
"""Seconds that a request may wait for the queue."""
SULK = 5.0
"""Seconds without another try after the queue could not be reached."""


def to_json(job: dict[str, Any]) -> bytes:
    return json.dumps(job).encode()


def from_json(job: bytes) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(job)
    return parsed


def redis_settings(url: str) -> RedisSettings:
    """How to reach the queue."""
    return replace(RedisSettings.from_dsn(url), conn_timeout=1, conn_retries=1, conn_retry_delay=0)


SAME = 60
"""Seconds in which rings that wait are one: what a killed worker had begun holds up the jobs of its id for an hour."""


class Doorbell:
    """Rings by enqueueing a job under an id of its minute: many rings while it is queued are one."""

    def __init__(self, url: str) -> None:
        self._settings = redis_settings(url)
        self._pool: ArqRedis | None = None
        self._quiet_until = 0.0

    async def ring(self, bells: frozenset[str]) -> None:
        """Ring, or give up within a second: booking and sign-in go on without the queue."""
        if time.monotonic() < self._quiet_until:
            return
        try:
            async with asyncio.timeout(PATIENCE):
                for bell in sorted(bells):
                    job = f"{JOBS[bell]}:{int(time.time()) // SAME}"
                    await (await self._connected()).enqueue_job(JOBS[bell], _job_id=job)
        except Exception as error:
            self._quiet_until = time.monotonic() + SULK
            log.warning("the queue cannot be reached: %s", error)

    async def answers(self) -> bool:
        """Whether the queue can be reached now."""
        try:
            async with asyncio.timeout(PATIENCE):
                return bool(await (await self._connected()).ping())
        except Exception:
            return False

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.aclose()

    async def _connected(self) -> ArqRedis:
        if self._pool is None:
            self._pool = await create_pool(self._settings, job_serializer=to_json, job_deserializer=from_json)
        return self._pool
