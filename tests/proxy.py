"""A web server in front of the console: it ends TLS, and sets the headers that README has nginx set."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"


def told() -> dict[str, str]:
    """The headers that README has nginx set: their names and nginx's variables."""
    return dict(re.findall(r"^ +proxy_set_header (\S+) (\S+);$", README.read_text(), re.MULTILINE))


class Proxy:
    """Forwards each request on a connection of its own, to one console after the other."""

    def __init__(self, ports: Sequence[int], headers: dict[str, str]) -> None:
        self.ports = ports
        self.headers = headers
        self.taken = 0
        self.under_way: set[asyncio.Task[None]] = set()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Begin with a connection: whose it is cannot be asked any more once they hang up."""
        visitor, tls = writer.get_extra_info("peername")[0], writer.get_extra_info("sslcontext") is not None
        task = asyncio.create_task(self._serve(reader, writer, visitor, tls))
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)

    async def close(self) -> None:
        """Let go of every connection."""
        for task in (going := list(self.under_way)):
            task.cancel()
        await asyncio.gather(*going, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, visitor: str, tls: bool) -> None:
        try:
            await self._pass_on(reader, writer, visitor, tls)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, visitor: str, tls: bool
    ) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        port = self.ports[self.taken % len(self.ports)]
        self.taken += 1
        passed_on = self._head(head, visitor, tls, port)
        up, down = await asyncio.open_connection("127.0.0.1", port)
        down.write(passed_on)
        forth = asyncio.create_task(_pump(reader, down))
        try:
            answer = await up.readuntil(b"\r\n\r\n")
            # Else a browser keeps the connection, and asks by it what was closed meanwhile.
            writer.write(answer.removesuffix(b"\r\n") + b"connection: close\r\n\r\n")
            await _pump(up, writer)
        finally:
            forth.cancel()
            down.close()

    def _head(self, head: bytes, visitor: str, tls: bool, port: int) -> bytes:
        first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
        given = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        before = given.get("x-forwarded-for")
        meant = {
            "$http_host": given["host"],
            "$host": given["host"].partition(":")[0],
            "$proxy_add_x_forwarded_for": f"{before}, {visitor}" if before else visitor,
            "$scheme": "https" if tls else "http",
        }
        named = {name.lower(): meant[value] for name, value in self.headers.items()}
        sent = given | {"host": f"127.0.0.1:{port}"} | named | {"connection": "close"}
        return "\r\n".join([first, *(f"{name}: {value}" for name, value in sent.items()), "", ""]).encode("latin-1")


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()


@asynccontextmanager
async def proxy(
    port: int, consoles: Sequence[int], context: ssl.SSLContext, headers: dict[str, str] | None = None
) -> AsyncIterator[None]:
    """One that listens on a port of this machine; `headers`: others than README's."""
    serving = Proxy(consoles, told() if headers is None else headers)
    server = await asyncio.start_server(serving.accept, "127.0.0.1", port, ssl=context)
    try:
        yield
    finally:
        server.close()
        await serving.close()
