"""Documents as PDF: HTML rendered by WeasyPrint in a bounded pool of processes of their own.

A page that takes too long or too much memory ends its process, not the console. Nothing outside is reached: only
`data:` addresses are fetched.
"""

from __future__ import annotations

import asyncio
import os
import resource
from multiprocessing import get_context

from pebble import ProcessExpired, ProcessPool

from console.domain.errors import Busy, Refused

PROCESSES = 2
SECONDS = 30.0
"""How long one document may take."""
MEMORY = 1536 * 1024 * 1024
"""Bytes of address space of a rendering process; 5 000 table rows take a quarter of it."""
WAITING = 16
"""Documents in work or waiting; the next one is refused as `Busy`."""
MOST_ROWS = 2_000
"""Rows of a list in a document; longer ones are for a spreadsheet."""
DOCUMENTS_EACH = 200
"""After so many documents a process makes room for a fresh one."""


class Unprintable(Refused):
    """A document that takes longer or more memory than one may."""

    key = "refused.unprintable"


class TooManyRows(Refused):
    """A list that is too long for a document: `count` rows where `most` are printed."""

    key = "refused.too_many_rows"

    def __init__(self, rows: int) -> None:
        super().__init__(rows=rows, most=MOST_ROWS)


def check_rows(rows: int) -> None:
    """Raise `TooManyRows` for a list that is no document."""
    if rows > MOST_ROWS:
        raise TooManyRows(rows)


class Printer:
    """The pool. Its processes start with the first document."""

    def __init__(self, *, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self.seconds = seconds
        self.memory = memory
        self._waiting = 0
        self._pool = self._new_pool()

    async def pdf(self, html: str) -> bytes:
        """A tagged PDF (PDF/UA-1) of a whole HTML document. Raises `Unprintable`, or `Busy` when many are waiting."""
        if self._waiting >= WAITING:
            raise Busy
        self._waiting += 1
        try:
            pool = self._pool
            try:
                return await self._print(pool, html)
            except RuntimeError:  # all of the pool's processes were ended from outside: it never works again
                if self._pool is pool:
                    self._pool = self._new_pool()
                return await self._print(self._pool, html)
        finally:
            self._waiting -= 1

    async def _print(self, pool: ProcessPool, html: str) -> bytes:
        try:
            return await asyncio.wrap_future(pool.schedule(_render, args=[html], timeout=self.seconds))
        except (TimeoutError, ProcessExpired):
            raise Unprintable from None

    def _new_pool(self) -> ProcessPool:
        return ProcessPool(
            max_workers=PROCESSES,
            max_tasks=DOCUMENTS_EACH,
            initializer=_confine,
            initargs=[self.memory],
            context=get_context("spawn"),
        )

    async def close(self) -> None:
        """End the processes, whatever they are at."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        await asyncio.to_thread(self._pool.join)


def _confine(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _render(html: str) -> bytes:
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    fetcher = URLFetcher(allowed_protocols=["data"])
    try:
        document: bytes = HTML(string=html, url_fetcher=fetcher).write_pdf(pdf_variant="pdf/ua-1")
    except (MemoryError, SystemError):  # C code that finds no memory may end in either: the next one gets a new process
        os._exit(1)
    return document
