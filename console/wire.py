"""HTTP in front of the application: as uvicorn has it, but what does not come on is not waited for without end.

Neither is the head of a request, nor, where the server is to stop, whatever is missing of one.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 20.0
"""How long the head of a request may take, from the opening of its connection or its own first byte on."""

LATE = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
STOPPING = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 2\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Protocol(HttpToolsProtocol):
    """A connection that is closed where the rest of a request does not come on, or the server stops before it has."""

    head: asyncio.TimerHandle | None = None
    begun = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.begun = True
        self._await_head()

    def on_headers_complete(self) -> None:
        self._stop_waiting()
        super().on_headers_complete()

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
