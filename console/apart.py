"""What may take too long, or too much memory, in a process of its own: that one ends, and nothing shares it.

The processes are forked off a server that has what they need in memory, and that starts with the first of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import time
from collections.abc import Callable
from concurrent.futures import Future
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any, TypeVar

from pebble import ProcessExpired
from pebble.concurrent import process

R = TypeVar("R")

TRIES, PAUSE = 40, 0.05
"""How often, and how many seconds apart, a server that was killed is asked again for a process."""
CUTS = {-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP, 255}
"""Exit codes of processes that somebody ended, 255 with the server that would know how: it was not what they did."""

_CONTEXT = get_context("forkserver")
_PRELOADED: list[str] = []


class Spent(Exception):
    """What was done takes longer, or more memory, than it may, or is nested too deep."""


class Cut(Exception):
    """Somebody ended the process, or there was none to be had: the same again may come to its end."""


def preload(*modules: str) -> None:
    """Have the server load modules before the first process, whoever asks for it."""
    _PRELOADED.extend(modules)
    _CONTEXT.set_forkserver_preload(_PRELOADED)


class Apart:
    """Does things in processes of their own, each with so many seconds and bytes of address space."""

    def __init__(self, *, seconds: float, memory: int) -> None:
        self.seconds = seconds
        self.memory = memory
        self.under_way: set[asyncio.Future[Any]] = set()

    async def do(self, function: Callable[..., R], *args: Any) -> R:
        """What a function of a module comes to, or raises. Raises `Spent`, `Cut`."""
        doing = asyncio.wrap_future(await self._start(function, args))
        self.under_way.add(doing)
        try:
            return await doing
        except (TimeoutError, RecursionError):
            raise Spent from None
        except ProcessExpired as end:
            raise (Cut if end.exitcode in CUTS else Spent) from None
        finally:
            self.under_way.discard(doing)

    async def _start(self, function: Callable[..., R], args: tuple[Any, ...]) -> Future[R]:
        """In a thread: the first one waits until the server has everything in memory."""
        starting = asyncio.ensure_future(asyncio.to_thread(self._fork, function, args))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            starting.add_done_callback(_stop)
            raise

    def _fork(self, function: Callable[..., R], args: tuple[Any, ...]) -> Future[R]:
        # Pebble's annotations call the parameter by another name than the one that it looks for.
        bounded = process(timeout=self.seconds, context=_CONTEXT)(_bounded)  # type: ignore[call-overload]
        for _ in range(TRIES):
            # The server was killed and has not quite ended: then there is a new one.
            with contextlib.suppress(EOFError, ConnectionError):
                return bounded(self.memory, function, *args)  # type: ignore[no-any-return]
            time.sleep(PAUSE)
        raise Cut

    async def close(self) -> None:
        """End what is under way."""
        for one in self.under_way:
            one.cancel()
        await asyncio.gather(*self.under_way, return_exceptions=True)


def _stop(started: asyncio.Future[Future[Any]]) -> None:
    if not started.cancelled() and started.exception() is None:
        started.result().cancel()


def _end_with_parent() -> None:
    # Whoever forked us lives as long as we do; whoever asked for it may have been killed.
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _bounded(memory: int, function: Callable[..., R], *args: Any) -> R:
    Thread(target=_end_with_parent, daemon=True).start()
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        return function(*args)
    except (MemoryError, SystemError):  # C code that finds no memory may end in either
        os._exit(1)
