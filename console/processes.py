"""Child processes that end when their parent ends, also when it was killed. Linux only."""

from __future__ import annotations

import contextlib
import errno
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypedDict

NOBODY = 65534

# setpriv arms the signal first and the shell then looks whether the parent is still the one that
# asked, so a parent that dies in between leaves nothing behind.
_TIED = 'test "$PPID" = "$1" || exit 1; shift; exec "$@"'

Pause = Callable[[float], None]


class ServiceError(Exception):
    """Something that the operator has to put right; the message says what and how."""


@dataclass(frozen=True)
class Account:
    """As whom a server binary runs: as we are, as user 65534, or mapped to it in a user namespace."""

    uid: int | None = None
    namespace: bool = False

    @property
    def prefix(self) -> tuple[str, ...]:
        return ("unshare", "--user", f"--map-user={NOBODY}", "--") if self.namespace else ()

    def own(self, path: Path) -> None:
        """Give `path` and all below it to this account, where that is not so already."""
        if os.geteuid() != 0:
            return
        uid = self.uid or 0
        if path.stat().st_uid == uid:
            return
        for folder, _, files in os.walk(path):
            for name in (folder, *(os.path.join(folder, file) for file in files)):
                os.chown(name, uid, uid, follow_symlinks=False)


def account_for(binary: Path, directory: Path) -> Account:
    """The account that can run `binary` and write `directory`, for servers that refuse to run as root.

    Gives `directory` to that account. Raises `ServiceError` when root has no such account.
    """
    if os.geteuid() != 0:
        return Account()
    for account in (Account(uid=NOBODY), Account(namespace=True)):
        account.own(directory)
        if _can(account, binary, directory):
            return account
    raise ServiceError(
        f"{binary.name} does not run as root, and user {NOBODY} cannot reach {binary} and {directory}. "
        "Run the console as an ordinary user, or put it and CONSOLE_DATA_DIR where every user may enter "
        "(such as /opt and /var/lib), or set DATABASE_URL and REDIS_URL to servers of your own."
    )


def _can(account: Account, binary: Path, directory: Path) -> bool:
    probe = 'test -w "$2" && test -x "$2" && exec "$1" --version'
    try:
        done = subprocess.run(
            [*account.prefix, "sh", "-c", probe, "sh", str(binary), str(directory)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            check=False,
            **_identity(account),
        )
    except (PermissionError, FileNotFoundError):
        return False
    return done.returncode == 0


class _Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def _identity(account: Account) -> _Identity:
    if account.uid is None:
        return {}
    return {"user": account.uid, "group": account.uid, "extra_groups": []}


def tied(command: Sequence[str], death_signal: signal.Signals) -> list[str]:
    """`command`, to be started by this thread as a child that gets `death_signal` when this thread ends."""
    name = death_signal.name.removeprefix("SIG")
    return ["setpriv", "--pdeathsig", name, "--", "sh", "-c", _TIED, "sh", str(os.getpid()), *command]


def spawn(
    command: Sequence[str],
    *,
    death_signal: signal.Signals,
    account: Account | None = None,
    env: Mapping[str, str] | None = None,
    output: IO[bytes] | None = None,
    pass_fds: Sequence[int] = (),
    cwd: str | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` as a direct child in a session of its own.

    Call it from the main thread: the kernel sends `death_signal` when the thread that started the
    child ends. Without `output` the child writes where we write.
    """
    account = account or Account()
    return subprocess.Popen(
        [*account.prefix, *tied(command, death_signal)],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        env=env,
        cwd=cwd,
        pass_fds=tuple(pass_fds),
        start_new_session=True,
        **_identity(account),
    )


def run(
    command: Sequence[str], *, account: Account, env: Mapping[str, str], text: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run `command` to its end with `text` on its standard input; killed when we are."""
    return subprocess.run(
        [*account.prefix, *tied(command, signal.SIGKILL)],
        input=text,
        capture_output=True,
        text=True,
        env=env,
        cwd="/",
        check=False,
        start_new_session=True,
        **_identity(account),
    )


def end(process: subprocess.Popen[bytes], signals: Sequence[tuple[signal.Signals, float]]) -> None:
    """Send each signal in turn and wait so many seconds for the end; kill at last."""
    for number, seconds in signals:
        if process.poll() is not None:
            return
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    if process.poll() is None:
        process.kill()
        process.wait()


def alive(pid: int) -> bool:
    """Whether a process of that number runs (a zombie does not)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state not in {"Z", "X"}


def say(line: str) -> None:
    """A line for the operator; a closed terminal is no reason to stop."""
    with contextlib.suppress(OSError):
        print(line, flush=True)  # noqa: T201


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, port))
            sock.listen(1)
        except OSError:
            return False
    return True


def free_port(preferred: int | None = None) -> int:
    """`preferred` if it is free on the loopback, else another below the range of outgoing connections."""
    for port in (preferred, *random.sample(range(15_000, 32_000), 200)):
        if port and port_is_free(port):
            return port
    raise ServiceError("No free port on 127.0.0.1 between 15000 and 32000.")


def make_directory(path: Path, mode: int = 0o711) -> None:
    """Make a directory that is ours to write. Raises `ServiceError`."""
    try:
        if not path.is_dir():
            path.mkdir(parents=True, exist_ok=True)
            path.chmod(mode)
        elif os.geteuid() == 0 and path.stat().st_uid == 0:
            path.chmod(path.stat().st_mode & 0o7777 | (mode & 0o011))
        next(path.iterdir(), None)
    except OSError as error:
        raise ServiceError(explain(error, path)) from None
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise ServiceError(explain(PermissionError(errno.EACCES, "", str(path)), path))


def write_private(path: Path, text: str, account: Account | None = None) -> None:
    """Write a file anew that only `account` (by default our own) can read, and see it on the disk."""
    path.unlink(missing_ok=True)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w") as file:
        if account is not None and account.uid is not None:
            os.fchown(fd, account.uid, account.uid)
        file.write(text)
        file.flush()
        os.fsync(fd)


def need_space(path: Path, megabytes: int) -> None:
    """Raises `ServiceError` when the disk of `path` has less room than that."""
    free = shutil.disk_usage(path).free // 2**20
    if free < megabytes:
        raise ServiceError(
            f"The disk that holds {path} is full: {free} MB are free and {megabytes} MB are needed. "
            "Free some space, or set CONSOLE_DATA_DIR to a directory on another disk."
        )


def explain(error: OSError, path: Path) -> str:
    """What to do about `error`, which came while working in `path`."""
    where = error.filename or path
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return (
            f"The disk that holds {path} is full. "
            "Free some space, or set CONSOLE_DATA_DIR to a directory on another disk."
        )
    if error.errno in {errno.EACCES, errno.EPERM}:
        return (
            f"{where}: user {_user_name(os.geteuid())} may not read and write here{_owner(where)}. "
            "Run the console as the user who owns it, or set CONSOLE_DATA_DIR to another directory."
        )
    if error.errno == errno.EROFS:
        return f"{where} cannot be written to. Set CONSOLE_DATA_DIR to a directory that can."
    if error.errno in {errno.ENOTDIR, errno.EEXIST}:
        return f"{where} is not a directory. Set CONSOLE_DATA_DIR to one."
    return f"{where}: {error.strerror or error}. Set CONSOLE_DATA_DIR to a directory that can be used."


def _owner(path: str | bytes | Path) -> str:
    try:
        return f" (it belongs to {_user_name(os.stat(path).st_uid)})"
    except OSError:
        return ""


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
