"""`console up`: PostgreSQL, Valkey, web and worker under one parent that starts again what ends."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import http.client
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from console.config import Settings, own_url, secret_key
from console.embedded import Postgres, Valkey
from console.processes import ServiceError, explain, say, spawn
from console.services import LEAD_NOWHERE, Running, console_at, hold

DELAYS = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0)
STEADY_SECONDS = 20.0
LOOP = 3
WEB_SECONDS = 35.0
WORKER_SECONDS = 43.0
PORT_SECONDS = 8.0
SLOW_SECONDS = 30.0

_PR_SET_PDEATHSIG = 1


class StopError(Exception):
    """Somebody asked this process to stop."""


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
                return _listen(settings.host, settings.port)
            except OSError as error:
                if error.errno != errno.EADDRINUSE or time.monotonic() > until:
                    raise ServiceError(_no_port(error, settings)) from None
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
            say(_from_elsewhere(settings))
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


def bind(settings: Settings) -> socket.socket:
    """The listening socket of HOST and PORT. Raises `ServiceError`."""
    try:
        return _listen(settings.host, settings.port)
    except OSError as error:
        raise ServiceError(_no_port(error, settings)) from None


def _listen(host: str, port: int) -> socket.socket:
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    return socket.create_server((str(address[0]), port), family=family, backlog=2048)


def answers(settings: Settings, path: str) -> bool:
    """Whether the web process says 200 to GET `path`."""
    host = urlsplit(own_url(settings.host, settings.port)).hostname or settings.host
    connection = http.client.HTTPConnection(host, settings.port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _from_elsewhere(settings: Settings) -> str:
    """How a console that listens on every address is opened at another computer."""
    found = _own_address(settings.host)
    if found is None:
        return f"From other computers: by any address of this one, on port {settings.port}."
    url = own_url(found, settings.port)
    return f"From other computers: {url} (give it as PUBLIC_URL, so that links in letters lead there)"


def _own_address(host: str) -> str | None:
    """The address by which this computer goes out into its network; None where there is none. Nothing is sent."""
    family, outside = (socket.AF_INET6, "2001:db8::1") if ":" in host else (socket.AF_INET, "192.0.2.1")
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.connect((outside, 9))
        return str(sock.getsockname()[0])
    return None


def _console(*arguments: str) -> list[str]:
    return [sys.executable, "-P", "-m", "console.cli", *arguments]


def _tie(parent: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        raise ServiceError(f"Process {parent}, which started this one, has ended.")


def _no_port(error: OSError, settings: Settings) -> str:
    if error.errno == errno.EADDRINUSE:
        other = settings.port + 1 if settings.port < 65535 else 8000
        if own := console_at(settings.port):
            return (
                f"Port {settings.port} on {settings.host} is in use by the console of this folder that runs on {own}. "
                f"Stop it with Ctrl-C, or choose another port for this one: PORT={other}"
            )
        return (
            f"Port {settings.port} on {settings.host} is taken by another program. "
            f"Stop that program, or choose another port: PORT={other}"
        )
    if error.errno == errno.EACCES:
        return f"Port {settings.port} is for root only. Choose one from 1024 on: PORT=8000"
    return f"HOST={settings.host} cannot be listened on ({error.strerror or error}). Try HOST=127.0.0.1"
