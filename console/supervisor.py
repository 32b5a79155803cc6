"""`console up`: PostgreSQL, Valkey, web and worker under one parent that starts again what ends."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from console.config import Settings, secret_key
from console.embedded import Postgres, Valkey
from console.listening import answers, from_elsewhere, listen, no_port
from console.processes import ServiceError, explain, say, spawn
from console.services import LEAD_NOWHERE, Running, hold
from console.signals import Signals, StopError

DELAYS = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0)
STEADY_SECONDS = 20.0
LOOP = 3
WEB_SECONDS = 35.0
WORKER_SECONDS = 43.0
PORT_SECONDS = 8.0
SLOW_SECONDS = 30.0

_PR_SET_PDEATHSIG = 1


@dataclass
class Part:
    """One thing that must run: how to start it, its process, and how often it ended too soon."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]] | None = None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    due: float | None = None

    def begin(self) -> None:
        """Start it. Raises `ServiceError`, `OSError`."""
        if self.start:
            self.process = self.start()
        self.started = time.monotonic()

    def ended(self) -> str | None:
        """How it ended, None while it runs."""
        code = self.process.poll() if self.process else None
        if code is None:
            return None
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


def up(settings: Settings, *, tied_to: int | None = None) -> int:
    """Run everything until SIGINT or SIGTERM; returns the exit code. Raises `ServiceError`, `ConfigError`.

    With `tied_to`, the process id of our parent, we stop as well when that process ends.
    """
    if tied_to is not None:
        _tie(tied_to)
    try:
        with Signals() as signals, hold(settings.data_dir, "up", signals.pause) as killed:
            supervisor = Supervisor(settings, signals)
            try:
                supervisor.run(killed)
            finally:
                supervisor.stop()
    except StopError:
        pass
    except OSError as error:
        raise ServiceError(explain(error, settings.data_dir)) from None
    return 0


class Supervisor:
    """The order in which things start, what is started again, and the order in which they stop."""

    def __init__(self, settings: Settings, signals: Signals) -> None:
        self.settings = settings
        self.signals = signals
        self.listener: socket.socket | None = None
        self.servers: list[Postgres | Valkey] = []
        self.web: list[Part] = []
        self.worker: list[Part] = []
        self.hint = Part("The hint")
        self.parts: list[Part] = []
        self.served = False

    def run(self, killed: bool) -> None:
        """Start everything and keep it running. Raises `StopError`, `ServiceError`, `ConfigError`."""
        secret_key(self.settings)
        self.listener = self._listen(PORT_SECONDS if killed else 0.0)
        self._start_servers()
        self._migrate()
        say("Starting web and worker")
        self._start_children()
        self._until_ready()
        self._announce()
        while True:
            self._look_after()
            self.signals.pause(self._next_look())

    def stop(self) -> None:
        """Web, worker, Valkey, PostgreSQL: each gracefully, by force after a while or a second signal."""
        if self.parts:
            say("Stopping")
        self._end([*self.web, self.hint], WEB_SECONDS)
        self._end(self.worker, WORKER_SECONDS)
        for server in reversed(self.servers):
            server.stop()
        if self.listener:
            self.listener.close()

    def _listen(self, patience: float) -> socket.socket:
        settings = self.settings
        until = time.monotonic() + patience
        while True:
            try:
                return listen(settings.host, settings.port)
            except OSError as error:
                if error.errno != errno.EADDRINUSE or time.monotonic() > until:
                    raise ServiceError(no_port(error, settings)) from None
            self.signals.pause(0.2)

    def _start_servers(self) -> None:
        if not self.settings.database_url:
            say("Starting PostgreSQL")
            postgres = Postgres(self.settings.data_dir)
            self._add_server(postgres, "PostgreSQL")
            self.settings = replace(
                self.settings,
                embedded=True,
                database_url=postgres.app_url,
                database_owner_url=postgres.owner_url,
            )
        if not self.settings.redis_url:
            say("Starting Valkey")
            valkey = Valkey(self.settings.data_dir)
            self._add_server(valkey, "Valkey")
            self.settings = replace(self.settings, redis_url=valkey.url)

    def _add_server(self, server: Postgres | Valkey, name: str) -> None:
        self.servers.append(server)

        def start() -> subprocess.Popen[bytes]:
            server.start(report=say, pause=self.signals.pause)
            assert server.process is not None
            return server.process

        part = Part(name, start)
        part.begin()
        self.parts.append(part)

    def _migrate(self) -> None:
        say("Bringing the database up to date")
        env = {**self._environment(), "DATABASE_OWNER_URL": self.settings.database_owner_url or ""}
        process = spawn(_console("migrate"), death_signal=signal.SIGTERM, env=env)
        try:
            while process.poll() is None:
                self.signals.pause(1.0)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        if process.returncode != 0:
            raise ServiceError("The database was not brought up to date, so nothing was started.")

    def _start_children(self) -> None:
        assert self.listener is not None
        env, fd = self._environment(), self.listener.fileno()

        def web() -> subprocess.Popen[bytes]:
            return spawn(_console("serve", "--fd", str(fd)), death_signal=signal.SIGTERM, env=env, pass_fds=[fd])

        def worker() -> subprocess.Popen[bytes]:
            return spawn(_console("worker"), death_signal=signal.SIGTERM, env=env)

        count = self.settings.web_processes
        names = ["The web process"] if count == 1 else [f"Web process {n}" for n in range(1, count + 1)]
        self.web = [Part(name, web) for name in names]
        self.worker = [Part("The worker", worker)]
        for part in (*self.web, *self.worker):
            self.parts.append(part)
            part.begin()

    def _environment(self) -> dict[str, str]:
        """What web and worker see: the application's role only, never the owner's."""
        env = {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"}
        env["CONSOLE_DATA_DIR"] = str(self.settings.data_dir)
        env["DATABASE_URL"] = self.settings.database_url or ""
        env["DATABASE_EMBEDDED"] = "1" if self.settings.embedded else "0"
        env["REDIS_URL"] = self.settings.redis_url or ""
        return env

    def _until_ready(self) -> None:
        complain = time.monotonic() + SLOW_SECONDS
        while not answers(self.settings, "/readyz"):
            self._look_after()
            self.signals.pause(0.1)
            if time.monotonic() > complain:
                complain = float("inf")
                say(f"Still not ready: GET {self.settings.public_url}/readyz says why.")
        self.served = True

    def _announce(self) -> None:
        settings = self.settings
        Running(
            os.getpid(),
            "up",
            ready=True,
            web_url=settings.public_url,
            database_url=settings.database_url,
            database_owner_url=settings.database_owner_url,
            redis_url=settings.redis_url,
        ).write(settings.data_dir)
        say(f"Ready: {settings.public_url}")
        if settings.anywhere:
            say(from_elsewhere(settings))
        elif settings.links_lead_nowhere:
            say(LEAD_NOWHERE)
        if not settings.demo:
            env = self._environment()
            self.hint.process = spawn(_console("first-steps"), death_signal=signal.SIGTERM, env=env)

    def _look_after(self) -> None:
        """Start again what ended, each time a little later; raises `ServiceError` if it never worked."""
        now = time.monotonic()
        self.hint.ended()
        for part in self.parts:
            how = part.ended()
            if part.due is None and how:
                part.failures = 1 if now - part.started > STEADY_SECONDS else part.failures + 1
                part.due = now + DELAYS[min(part.failures, len(DELAYS)) - 1]
                self._report(part, how)
            if part.due is not None and now >= part.due:
                self._start_again(part)

    def _start_again(self, part: Part) -> None:
        part.due = None
        try:
            part.begin()
        except (ServiceError, OSError) as error:
            part.started = time.monotonic()
            say(str(error))

    def _report(self, part: Part, how: str) -> None:
        if part.failures < LOOP:
            say(f"{part.name} {how}; starting it again")
            return
        if not self.served:
            raise ServiceError(f"{part.name} {how}, {part.failures} times in a row: see what it said above.")
        if part.failures % LOOP == 0:
            say(
                f"{part.name} {how}, {part.failures} times in a row. It is tried again every "
                f"{DELAYS[-1]:.0f} seconds; see what it said above and in {self.settings.data_dir / 'log'}."
            )

    def _next_look(self) -> float:
        dues = [part.due for part in self.parts if part.due is not None]
        return min((due - time.monotonic() for due in dues), default=5.0)

    def _end(self, parts: Sequence[Part], seconds: float) -> None:
        """SIGTERM to all of them at once, SIGKILL when the time is over or somebody asks again."""
        left = [part.process for part in parts if part.process and part.process.poll() is None]
        asked, until = self.signals.asked, time.monotonic() + seconds
        for process in left:
            process.terminate()
        while left and time.monotonic() < until and self.signals.asked <= max(asked, 1):
            self.signals.wait(0.5)
            left = [process for process in left if process.poll() is None]
        for process in left:
            process.kill()
            process.wait()


def _console(*arguments: str) -> list[str]:
    return [sys.executable, "-P", "-m", "console.cli", *arguments]


def _tie(parent: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        raise ServiceError(f"Process {parent}, which started this one, has ended.")
