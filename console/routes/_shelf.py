"""What this process keeps because making it again is dear: a bounded number of things, by everything they depend on."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class Shelf(Generic[Thing]):
    """Keeps `most` things; what was asked for least lately makes room."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._kept: OrderedDict[Hashable, Thing] = OrderedDict()
        self._making: dict[Hashable, asyncio.Lock] = {}

    def __len__(self) -> int:
        return len(self._kept)

    async def get(self, key: Hashable, make: Callable[[], Awaitable[Thing]]) -> Thing:
        """What is kept for a key, else what is made now. Of those who ask at once one makes it, and the others wait."""
        if key not in self._kept:
            async with self._making.setdefault(key, asyncio.Lock()):
                if key not in self._kept:
                    return await self._keep(key, make)
        self._kept.move_to_end(key)
        return self._kept[key]

    async def _keep(self, key: Hashable, make: Callable[[], Awaitable[Thing]]) -> Thing:
        try:
            made = self._kept[key] = await make()
        finally:
            self._making.pop(key, None)
        while len(self._kept) > self.most:
            self._kept.popitem(last=False)
        return made
