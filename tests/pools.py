"""Pools that outlast a test: a backend that knows the tables answers in a part of the CPU time of a new one."""

from __future__ import annotations

import asyncio
from typing import Any

from console.domain import db

OPEN, CLOSE = db.open_pool, db.close_pool


class Pools:
    """`db.open_pool` and `db.close_pool` for the loop that all tests share; in another loop they are as outside."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._kept: dict[Any, db.Pool] = {}

    async def open(self, url: str, *, size: int = 10, patience: int = db.PATIENCE, repeats: bool = False) -> None:
        if asyncio.get_running_loop() is not self.loop:
            return await OPEN(url, size=size, patience=patience, repeats=repeats)
        asked = (url, size, patience, repeats, *db.SESSION.values())
        kept = self._kept.pop(asked, None)
        if kept is None or kept.is_closing():
            await OPEN(url, size=size, patience=patience, repeats=repeats)
        else:
            db.ENGINE.config, db.ENGINE.pool = {"dsn": url}, kept
        self._kept[asked] = db.ENGINE.pool
        return None

    async def close(self) -> None:
        """Put the open pool by; one that somebody still has a connection of is closed as it is outside."""
        pool = db.ENGINE.pool
        whole = pool is not None and pool.get_size() == pool.get_idle_size()
        if whole and pool in self._kept.values():
            db.ENGINE.pool = None
        else:
            await CLOSE()

    async def end(self) -> None:
        for pool in self._kept.values():
            db.ENGINE.pool = pool
            await CLOSE()
