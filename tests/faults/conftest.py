"""The real processes, started by the real command in a data directory of their own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.processes import alive
from tests.patience import PATIENCE

CONSOLE = [sys.executable, "-P", "-m", "console.cli"]


def wait_until(what: Callable[[], object], *, seconds: float = PATIENCE) -> None:
    """Wait for it, far longer than it takes."""
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


class House:
    """A data directory and a port, and what runs on them."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            self.port = int(sock.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.started: list[subprocess.Popen[bytes]] = []

    @property
    def env(self) -> dict[str, str]:
        mine = {"CONSOLE_DATA_DIR": str(self.data_dir), "PORT": str(self.port), "DEMO": "1"}
        foreign = {"DATABASE_EMBEDDED", "DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "PUBLIC_URL", "HOST"}
        return {name: value for name, value in os.environ.items() if name not in foreign} | mine

    def begin(self, *command: str, **env: str) -> Started:
        """Start a command without waiting for it."""
        output = self.data_dir.with_suffix(f".{len(self.started)}.txt")
        with output.open("wb") as file:
            process = subprocess.Popen(
                command or [*CONSOLE, "up"],
                env=self.env | env,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.started.append(process)
        return Started(process, output)

    def up(self, **env: str) -> Started:
        """Start everything and wait for `Ready`."""
        started = self.begin(**env)
        started.wait_for(f"Ready: {self.url}")
        return started

    def run(self, *arguments: str, prefix: tuple[str, ...] = (), **env: str) -> subprocess.CompletedProcess[str]:
        """A command of `console` to its end."""
        return subprocess.run(
            [*prefix, *CONSOLE, *arguments],
            env=self.env | env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def status(self, path: str) -> int:
        """The status of GET `path`, 0 when nobody answers."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=PATIENCE) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return 0

    def run_json(self) -> dict[str, object]:
        """What `up` says about itself."""
        told: dict[str, object] = json.loads((self.data_dir / "run.json").read_text())
        return told

    def left(self) -> list[str]:
        """The command lines of all processes that have to do with this data directory."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                line = (entry / "cmdline").read_bytes()
                about = (entry / "environ").read_bytes() + line + os.readlink(entry / "cwd").encode()
            except OSError:
                continue
            if str(self.data_dir).encode() in about and int(entry.name) != os.getpid():
                found.append(line.decode(errors="replace").replace("\0", " "))
        return found

    def close(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.terminate()
        for process in self.started:
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Started:
    """A process that was started, and what it wrote."""

    def __init__(self, process: subprocess.Popen[bytes], output: Path) -> None:
        self.process = process
        self.output = output

    def said(self) -> str:
        return self.output.read_text()

    def wait_for(self, text: str) -> None:
        def there() -> bool:
            if text in self.said():
                return True
            assert self.process.poll() is None, f"it ended:\n{self.said()}"
            return False

        wait_until(there)

    def child(self, words: str) -> int:
        """The number of the direct child with `words` in its command line; waits for it."""
        found: list[int] = []

        def look() -> bool:
            found[:] = [pid for pid, line in self.children().items() if words in line]
            return bool(found)

        wait_until(look)
        return found[0]

    def children(self) -> dict[int, str]:
        """Our direct children that run, with their command lines."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        lines = {}
        for pid in map(int, path.read_text().split()):
            try:
                line = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
            if alive(pid):
                lines[pid] = line
        return lines

    def kill_child(self, words: str) -> int:
        """`kill -9` of that child; returns the number it had."""
        pid = self.child(words)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not alive(pid))
        return pid

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """Ask it to stop and wait; returns the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@pytest.fixture(scope="session")
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def house(_folder: Path) -> Iterator[House]:
    """A house that was lived in before: its database is made."""
    one = House(_folder / "lived-in")
    yield one
    one.close()
    wait_until(lambda: not one.left())


@pytest.fixture
def new_house(_folder: Path) -> Iterator[House]:
    """A house nobody has entered."""
    place = Path(tempfile.mkdtemp(dir=_folder))
    place.chmod(0o755)
    one = House(place / "data")
    yield one
    one.close()
    wait_until(lambda: not one.left())
