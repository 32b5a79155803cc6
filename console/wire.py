"""HTTP in front of the application: as uvicorn has it, but what does not come on is not waited for without end.

Neither is the head of a request, nor, where the server is to stop, whatever is missing of one. A head of no end is
not read on.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 20.0
"""How long the head of a request may take, from the opening of its connection or its own first byte on."""
HEAD_BYTES = 64 * 1024
"""How long a head may be, its first line and what follows a body in pieces counted in. Proxies let less through."""
LINGER_SECONDS = 2.0
"""How long the rest of a head that is too large is thrown away: who finds the door shut does not hear the answer."""

LATE = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
STOPPING = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 2\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class _HeadTooLarge(Exception):
    pass


class Protocol(HttpToolsProtocol):
    """A connection that is closed where the rest of a request does not come on, or the server stops before it has."""

    head: asyncio.TimerHandle | None = None
    begun = False
    size = 0
    """Bytes of the head, as far as its parts are whole."""
    refused = False
    unread = 0
    """Bytes that came since something was whole: what the parser keeps of a field that does not end."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.refused:
            return
        self.unread += len(data)
        super().data_received(data)
        if self.unread > HEAD_BYTES and not self.refused and not self.transport.is_closing():
            self._refuse()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.begun = True
        self.size = self.unread = 0
        self._await_head()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._stop_waiting()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self.unread = 0
        super().on_body(body)

    def send_400_response(self, msg: str) -> None:
        """What cannot be read is answered so, but for a head that is too long."""
        if self.size > HEAD_BYTES:
            self._refuse()
        else:
            super().send_400_response(msg)

    def shutdown(self) -> None:
        """The server is to stop: a request that has arrived whole is answered, any other one has done nothing yet."""
        cycle: Any = self.cycle
        if cycle is not None and cycle.more_body and not cycle.response_started:
            self.transport.write(STOPPING)
            self.transport.close()
        else:
            super().shutdown()

    def _unsupported_upgrade_warning(self) -> None:
        """Nothing: another protocol was asked for, and the request is answered in this one."""

    def _count(self, length: int) -> None:
        self.unread = 0
        self.size += length
        if self.size > HEAD_BYTES:
            raise _HeadTooLarge

    def _refuse(self) -> None:
        """Read no more, and say so once the request before is answered; one that is not whole ends with it."""
        self.refused = True
        self._stop_waiting()
        cycle: Any = self.cycle
        if cycle is None or cycle.response_complete:
            self.transport.write(TOO_LARGE)
            self.transport.write_eof()
            self.loop.call_later(LINGER_SECONDS, self.transport.close)
        elif cycle.more_body:
            self.transport.close()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.refused and not self.transport.is_closing():
            self._refuse()

    def _await_head(self) -> None:
        self._stop_waiting()
        self.head = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self.head is not None:
            self.head.cancel()
            self.head = None

    def _give_up(self) -> None:
        cycle: Any = self.cycle
        if cycle is not None and not cycle.response_complete:  # the request before is still being answered
            self._await_head()
        elif not self.transport.is_closing():
            if self.begun:
                self.transport.write(LATE)
            self.transport.close()
