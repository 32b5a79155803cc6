"""The promise of the README, kept: clone, `make run`, Ready, three pages, Ctrl-C, nothing left running.

Standard library only, so that the system's own Python runs it. Caches and the home directory are new
ones; only what says where packages come from is taken over.
"""

# ruff: noqa: T201

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT = {"LANG", "LC_ALL", "TERM", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"}
READY_SECONDS = 600
STOP_SECONDS = 60


def main() -> int:
    """0 when all of it held, else 1 and one line that says what did not."""
    place = Path(tempfile.mkdtemp(prefix="fresh-"))
    place.chmod(0o755)
    try:
        check(place)
    except AssertionError as error:
        print(f"The fresh start failed: {error}")
        return 1
    finally:
        for pid in left_in(place):
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(place, ignore_errors=True)
    return 0


def check(place: Path) -> None:
    """Clone into `place`, start, look, stop, start again, stop."""
    clone, env = place / "clone", environment(place)
    (place / "home").mkdir()
    (place / "home" / ".gitconfig").write_text("[safe]\n\tdirectory = *\n")
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], env=env, check=True)
    port = free_port()
    env |= {"PORT": str(port), "CONSOLE_DATA_DIR": str(place / "data"), "PYTHON": "/usr/bin/python3"}
    for name in ("first", "second"):
        seconds = start_and_stop(clone, env, port, place)
        print(f"The {name} start took {seconds:.1f} s and left nothing behind.", flush=True)


def environment(place: Path) -> dict[str, str]:
    """A new user's environment, except for what says where packages come from."""
    env = {
        name: value
        for name, value in os.environ.items()
        if name in KEPT or name.startswith("PIP_") or name.lower().endswith("_proxy")
    }
    for folder in (".config/pip/pip.conf", ".pip/pip.conf"):
        if (Path.home() / folder).is_file():
            env.setdefault("PIP_CONFIG_FILE", str(Path.home() / folder))
    env.pop("PIP_CACHE_DIR", None)
    return env | {
        "DEMO_CLIENTS": "40",
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(place / "home"),
        "XDG_CACHE_HOME": str(place / "cache"),
        "XDG_CONFIG_HOME": str(place / "config"),
        "XDG_DATA_HOME": str(place / "share"),
    }


def start_and_stop(clone: Path, env: dict[str, str], port: int, place: Path) -> float:
    """One life of `make run`; returns the seconds it took to be ready."""
    began = time.monotonic()
    with (place / "output").open("w+") as output:
        make = subprocess.Popen(
            ["make", "run"],
            cwd=clone,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            wait_for_ready(make, place / "output", f"Ready: http://127.0.0.1:{port}")
            seconds = time.monotonic() - began
            for path in ("/livez", "/readyz", "/"):
                status = get(f"http://127.0.0.1:{port}{path}")
                assert status == 200, f"GET {path} answered {status}"
            os.killpg(make.pid, signal.SIGINT)
            make.wait(STOP_SECONDS)
        except (AssertionError, subprocess.TimeoutExpired, OSError) as error:
            raise AssertionError(f"{error}\n{(place / 'output').read_text()}") from error
    left = left_in(place)
    assert not left, f"after Ctrl-C these processes are left: {[command_line(pid) for pid in left]}"
    return seconds


def wait_for_ready(make: subprocess.Popen[bytes], output: Path, line: str) -> None:
    """Wait until `line` is in `output`."""
    until = time.monotonic() + READY_SECONDS
    while line not in output.read_text().splitlines():
        assert make.poll() is None, f"make run ended with {make.returncode}"
        assert time.monotonic() < until, f"not ready within {READY_SECONDS} s"
        time.sleep(0.1)


def get(url: str) -> int:
    """The status of a page, redirects followed."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=10) as response:
        return int(response.status)


def left_in(place: Path) -> list[int]:
    """The processes that were started from `place` or work in it."""
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and int(entry.name) != os.getpid() and str(place) in command_line(int(entry.name))
    ]


def command_line(pid: int) -> str:
    """Command, program and working directory of a process, as far as we may see them."""
    parts = []
    for name in ("cmdline", "exe", "cwd"):
        path = f"/proc/{pid}/{name}"
        try:
            parts.append(Path(path).read_text().replace("\0", " ") if name == "cmdline" else os.readlink(path))
        except OSError:
            continue
    return " ".join(parts)


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
