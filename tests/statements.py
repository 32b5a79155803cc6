"""What is asked of the database meanwhile, whoever asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import pytest


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that this process sends in order, those of transactions left out."""
    sent: list[str] = []
    plain = asyncpg.Connection._execute

    async def noted(self: Any, query: str, *args: Any, **options: Any) -> Any:
        sent.append(query)
        return await plain(self, query, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncpg.Connection, "_execute", noted)
        yield sent
