"""Who uses a data directory, and where its database and queue are right now."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import shlex
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from console.config import Settings, own_url
from console.processes import Pause, ServiceError, alive, explain, make_directory, write_private

WAIT_SECONDS = 60.0
FIRST_OWNER = "console staff add --name 'Your Name' --email you@example.com"
NEW_LINK = "console staff link you@example.com"
LEAD_NOWHERE = (
    "Letters leave by SMTP_URL, and their links open on this computer alone: "
    "set PUBLIC_URL to the address at which others open the console."
)

# SQLSTATE classes of a server that does not serve us: connection, authorisation, no such database,
# out of resources, shutting down or starting up.
_REFUSED_BY_SERVER = {"08", "28", "3D", "53", "57"}


@dataclass(frozen=True)
class Running:
    """What a process that holds a data directory says about itself, in `run.json` there."""

    pid: int
    command: str
    ready: bool = False
    web_url: str | None = None
    database_url: str | None = None
    database_owner_url: str | None = None
    redis_url: str | None = None

    @classmethod
    def read(cls, data_dir: Path) -> Running | None:
        """What the running process wrote, None when there is none. Raises `ServiceError`."""
        path = data_dir / "run.json"
        try:
            running = cls(**json.loads(path.read_text()))
        except (FileNotFoundError, NotADirectoryError, ValueError, TypeError):
            return None
        except OSError as error:
            raise ServiceError(explain(error, path)) from None
        return running if alive(running.pid) else None

    def write(self, data_dir: Path) -> None:
        """Say it to the other commands, in one step."""
        draft = data_dir / "run.json.new"
        write_private(draft, json.dumps(asdict(self)))
        draft.rename(data_dir / "run.json")


class BusyError(ServiceError):
    """The data directory is held by `running` (None: by somebody who has not said who)."""

    def __init__(self, data_dir: Path, running: Running | None) -> None:
        self.running = running
        who = f"`console {running.command}`, process {running.pid}," if running else "Another process"
        where = f" at {running.web_url}" if running and running.web_url else ""
        stop = f"Stop it first (kill {running.pid})" if running else "Stop it first"
        super().__init__(
            f"{who} already runs on {data_dir}{where}. {stop}, or set CONSOLE_DATA_DIR to another directory."
        )


@contextlib.contextmanager
def hold(data_dir: Path, command: str, pause: Pause | None = None) -> Iterator[bool]:
    """Be the only one on `data_dir`; yields whether the last holder ended without letting go.

    With `pause` another command is waited for, but not another `up`. Raises `BusyError` when somebody
    holds it, `ServiceError` when the directory cannot be used.
    """
    made = not data_dir.exists()
    fresh = made or _is_empty(data_dir)
    fd = _locked(data_dir, pause)
    try:
        killed = (data_dir / "run.json").exists()
        try:
            Running(os.getpid(), command).write(data_dir)
            yield killed
        finally:
            (data_dir / "run.json").unlink(missing_ok=True)
            if fresh and {one.name for one in data_dir.iterdir()} <= _BEFORE_ANYTHING:  # a start that was refused
                _take_away(data_dir, made)
    finally:
        os.close(fd)


def _is_empty(data_dir: Path) -> bool:
    try:
        return not any(data_dir.iterdir())
    except OSError:  # `make_directory` explains it
        return False


def _take_away(data_dir: Path, made: bool) -> None:
    """Leave no trace of a start: neither of its files nor, where it `made` that, of the directory."""
    with contextlib.suppress(OSError):  # somebody else begins here by now
        for name in sorted(_BEFORE_ANYTHING):
            (data_dir / name).unlink(missing_ok=True)
        if made:
            data_dir.rmdir()


_BEFORE_ANYTHING = {"lock", "secret_key"}
"""What a start makes before it has made anything that counts."""
_OURS = {"lock", "postgres", "valkey", "embedded.json", "secret_key", "run.json"}
_BESIDE = {"bench", "log", "lost+found", "run.json.new"}
"""What lies in a data directory: what only a console makes, and what may lie there before one does."""


def _refuse_foreign(data_dir: Path) -> None:
    """Raise `ServiceError` where a directory holds other things and no console; hidden files say nothing."""
    try:
        there = {one.name for one in data_dir.iterdir() if not one.name.startswith(".")}
    except OSError:  # none yet, or one that `make_directory` explains
        return
    foreign = sorted(there - _OURS - _BESIDE)
    if foreign and not there & _OURS:
        raise ServiceError(
            f"{data_dir} is not empty and holds no console, but {', '.join(foreign[:3])}"
            f"{' and more' if len(foreign) > 3 else ''}: nothing was made. Set CONSOLE_DATA_DIR to an empty directory."
        )


def _locked(data_dir: Path, pause: Pause | None) -> int:
    """The file descriptor of the directory's lock, which is ours. Raises `BusyError`, `ServiceError`."""
    path = data_dir / "lock"
    _refuse_foreign(data_dir)
    while True:
        make_directory(data_dir)
        try:
            fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise ServiceError(explain(error, data_dir)) from None
        try:
            _lock(fd, data_dir, pause)
        except BaseException:
            os.close(fd)
            raise
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(fd), path.stat()):
                return fd
        os.close(fd)  # whoever held it took the file away


def _lock(fd: int, data_dir: Path, pause: Pause | None) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            running = Running.read(data_dir)
            is_up = running is not None and running.command == "up"
            if pause is None or is_up or time.monotonic() > until:
                raise BusyError(data_dir, running) from None
        pause(0.1)


@contextlib.contextmanager
def services(
    settings: Settings, command: str = "command", *, redis: bool = False, begins: bool = False
) -> Iterator[Settings]:
    """Settings whose `database_url` (and, with `redis`, `redis_url`) can be reached inside the block.

    Given URLs are used as they are; else those of a running `console up` on the same data directory,
    and its web address; else the embedded servers are started for the length of the block, and the
    database is brought up to date first. A command that `begins` a console does that by itself, and
    alone may where there is no data yet. Raises `ServiceError`.
    """
    if not begins:
        _refuse_new_data(settings)
    if settings.database_url and (settings.redis_url or not redis):
        yield settings
        return
    with contextlib.ExitStack() as stack:
        running = _join_or_hold(stack, settings.data_dir, command)
        if running:
            yield _reached(settings, running)
            return
        own = _start(stack, settings, redis=redis)
        if not begins and not settings.database_url:
            bring_up_to_date(own)
        yield own


def bring_up_to_date(settings: Settings) -> None:
    """Run the migrations, and in demo mode fill a database that holds nothing yet. Raises `ServiceError`."""
    from console import demo
    from console.migrate import MigrationError, run

    with _reaching(settings, settings.database_owner_url or settings.database_url or ""):
        try:
            run(settings)
        except MigrationError as error:
            raise ServiceError(str(error)) from error
        if settings.demo:
            demo.fill(settings)


@contextlib.contextmanager
def _reaching(settings: Settings, url: str) -> Iterator[None]:
    """Say of a database that cannot be used why in a line. Raises `ServiceError`."""
    import asyncpg

    try:
        yield
    except (OSError, asyncpg.InterfaceError) as error:
        raise ServiceError(_unreachable(settings, url, error)) from error
    except asyncpg.PostgresError as error:
        if str(error.sqlstate)[:2] not in _REFUSED_BY_SERVER:
            raise
        raise ServiceError(_unreachable(settings, url, error)) from error


def _unreachable(settings: Settings, url: str, error: Exception) -> str:
    where = url.rpartition("@")[2] or url
    advice = "Check DATABASE_URL and DATABASE_OWNER_URL."
    if settings.embedded:
        advice = (
            f"It is the console's own: stop it, delete {settings.data_dir / 'embedded.json'} and start it again. "
            "Nothing is lost, new passwords are made."
        )
    return f"The database at {where} cannot be used: {error}. {advice}"


def first_steps(settings: Settings) -> str | None:
    """What an operator does first on an empty database outside demo mode, None when somebody can sign in."""
    url = settings.database_url or ""
    with _reaching(settings, url):
        if settings.demo or asyncio.run(_has_owner(url)):
            return None
    return (
        f"Nobody can sign in yet. Make the first owner, in another terminal:\n  {as_typed(settings, FIRST_OWNER)}\n"
        f"If that is done, this prints a new link to choose the password:\n  {as_typed(settings, NEW_LINK)}"
    )


def as_typed(settings: Settings, command: str) -> str:
    """A command of ours as it is typed in the console's folder to reach this very data."""
    elsewhere = settings.data_dir.resolve() != Path("var").resolve()
    where = f"CONSOLE_DATA_DIR={shlex.quote(str(settings.data_dir))} " if elsewhere else ""
    return f"{where}.venv/bin/{command}"


def _refuse_new_data(settings: Settings) -> None:
    """Raise `ServiceError` where a command would begin a database that it may not begin."""
    begun = (settings.data_dir / "postgres" / "cluster").exists()
    if settings.database_url or begun or Running.read(settings.data_dir):
        return
    raise ServiceError(
        " ".join(
            [
                f"There is no console in {settings.data_dir} yet: nothing was made.",
                *(elsewhere(settings) or ["Start one first, or say where its data is: --data-dir /path/to/it."]),
            ]
        )
    )


def elsewhere(settings: Settings) -> list[str]:
    """Consoles that run from this folder on other data, each in a sentence that says how to reach it."""
    here = Path.cwd().resolve()
    found = {data for process in Path("/proc").glob("[0-9]*") if (data := _data_of(process, here))}
    return [
        f"A console of this folder runs on {data}: put CONSOLE_DATA_DIR={shlex.quote(str(data))} before the command."
        for data in sorted(found - {settings.data_dir.resolve()})
    ]


def console_at(port: int) -> Path | None:
    """The data directory of a console of this folder that listens on a port; None where none does."""
    here = Path.cwd().resolve()
    for process in Path("/proc").glob("[0-9]*"):
        data = _data_of(process, here)
        running = Running.read(data) if data else None
        if running and running.web_url and urlsplit(running.web_url).port == port:
            return data
    return None


def _data_of(process: Path, folder: Path) -> Path | None:
    """The data directory of a `console up` that was started in a folder; None for any other process."""
    try:
        if (process / "cwd").resolve(strict=True) != folder:
            return None
        words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
        given = dict(
            one.partition("=")[::2] for one in (process / "environ").read_bytes().decode(errors="replace").split("\0")
        )
    except OSError:  # another user's, or gone by now
        return None
    if "up" not in words or not any("console" in word for word in words[: words.index("up")]):
        return None
    named = words[words.index("--data-dir") + 1] if "--data-dir" in words[:-1] else given.get("CONSOLE_DATA_DIR")
    data = (folder / (named or "var")).resolve()
    running = Running.read(data)
    return data if running and running.pid == int(process.name) else None


async def _has_owner(url: str) -> bool:
    from console.domain import db
    from console.domain.team.queries import has_owner

    async with db.pool(url, size=2):
        return await has_owner(by_password=True)


def _join_or_hold(
    stack: contextlib.ExitStack, data_dir: Path, command: str, pause: Pause = time.sleep
) -> Running | None:
    """A running `console up` once it is ready; None when we hold the directory ourselves."""
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            stack.enter_context(hold(data_dir, command))
        except BusyError as busy:
            running = busy.running
            if running and running.command == "up" and running.ready:
                return running
            if time.monotonic() > until:
                raise
            pause(0.1)
        else:
            return None


def _reached(settings: Settings, running: Running) -> Settings:
    chosen = settings.public_url != own_url(settings.host, settings.port)
    settings = settings if chosen else replace(settings, public_url=running.web_url or settings.public_url)
    if settings.database_url:
        return replace(settings, redis_url=settings.redis_url or running.redis_url)
    return replace(
        settings,
        database_url=running.database_url,
        database_owner_url=running.database_owner_url,
        redis_url=settings.redis_url or running.redis_url,
    )


def _start(stack: contextlib.ExitStack, settings: Settings, *, redis: bool) -> Settings:
    from console.embedded import Postgres, Valkey

    if not settings.database_url:
        postgres = Postgres(settings.data_dir)
        stack.callback(postgres.stop)
        postgres.start()
        settings = replace(settings, database_url=postgres.app_url, database_owner_url=postgres.owner_url)
    if redis and not settings.redis_url:
        valkey = Valkey(settings.data_dir)
        stack.callback(valkey.stop)
        valkey.start()
        settings = replace(settings, redis_url=valkey.url)
    return settings
