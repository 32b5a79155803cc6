"""A real SMS gateway on loopback, as README describes one: it knows by the key what it was given before."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

SECRET = "a secret of both of us"
FOR_GOOD = (400, 404, 422)


@dataclass
class Gateway:
    """Takes messages in once each, or answers what a test says. `asked`: every request, with what it was answered.

    What was refused for good is refused whenever its key comes again. One that `echoes` quotes what it does not take.
    """

    answers: dict[str, tuple[int, str]] = field(default_factory=dict)
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)
    refused: dict[str, tuple[int, str]] = field(default_factory=dict)
    echoes: bool = False
    hangs_up: set[str] = field(default_factory=set)
    url: str = ""

    def take(self, headers: Any, body: bytes) -> tuple[int, str] | None:
        """What is answered; None where it hangs up, having taken the message."""
        told, key = json.loads(body), headers["Idempotency-Key"]
        mark = hmac.new(SECRET.encode(), f"{headers['X-Timestamp']}.".encode() + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(headers["X-Signature"], f"sha256={mark}"):
            return 401, "who are you"
        if key in self.refused:
            return self.refused[key]
        if answer := self.answers.get(told["to"]):
            if answer[0] in FOR_GOOD:
                self.refused[key] = answer
            return (answer[0], f"{answer[1]}: {told['text']} {told['to']}") if self.echoes else answer
        self.sent.setdefault(key, told)
        if told["to"] in self.hangs_up:
            self.hangs_up.discard(told["to"])
            return None
        return 200, "taken"


G = TypeVar("G", bound=Gateway)


@contextmanager
def gateway(state: G) -> Iterator[G]:

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = state.take(self.headers, body)
            state.asked.append((self.headers["Idempotency-Key"], answer[0] if answer else 0))
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer[0])
            self.end_headers()
            self.wfile.write(answer[1].encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing on the test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/messages"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
