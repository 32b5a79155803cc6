"""Signals of a process that waits: whoever asks it to stop ends every pause."""

from __future__ import annotations

import contextlib
import select
import signal
import socket
import time


class StopError(Exception):
    """Somebody asked this process to stop."""


class Signals:
    """SIGINT, SIGTERM and SIGHUP as a flag that ends every pause; SIGCHLD ends a pause early."""

    def __init__(self) -> None:
        self.asked = 0
        self._last = 0.0
        self._read, self._write = socket.socketpair()

    def __enter__(self) -> Signals:
        self._read.setblocking(False)
        self._write.setblocking(False)
        signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        return self

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        self._read.close()
        self._write.close()

    def _ask(self, *_: object) -> None:
        """Count it; a terminal and a parent may say the same at the same moment."""
        now = time.monotonic()
        self.asked += now - self._last > 1
        self._last = now

    def wait(self, seconds: float) -> None:
        """Sleep so long, less when a signal or the end of a child comes."""
        if select.select([self._read], [], [], max(0.0, seconds))[0]:
            with contextlib.suppress(BlockingIOError):
                while self._read.recv(512):
                    pass

    def pause(self, seconds: float) -> None:
        """The same; raises `StopError` once somebody asked."""
        if not self.asked:
            self.wait(seconds)
        if self.asked:
            raise StopError
