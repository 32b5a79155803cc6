"""A line between whoever reads a mailbox and its server, on which answers are other ones than the server gave."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator

from console.processes import free_port


@contextlib.asynccontextmanager
async def relay(
    server: int,
    *,
    port: int | None = None,
    refused: bytes = rb"(?!)",
    saying: bytes = b"not this one",
    dropped: bytes = rb"(?!)",
) -> AsyncIterator[int]:
    """Its port: commands like `refused` are answered NO, lines of the server like `dropped` do not arrive."""

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection("127.0.0.1", server)

        async def ask() -> None:
            while line := await reader.readline():
                if re.search(refused, line):
                    writer.write(line.split()[0] + b" NO " + saying + b"\r\n")
                else:
                    forth.write(line)
            forth.close()

        async def answer() -> None:
            while line := await back.readline():
                if not re.search(dropped, line):
                    writer.write(line)
            writer.close()

        with contextlib.suppress(OSError):
            await asyncio.gather(ask(), answer())

    port = port or free_port()
    async with await asyncio.start_server(accept, "127.0.0.1", port):
        yield port
