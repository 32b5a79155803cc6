"""What all benchmarks share: servers and data of their own under var/bench, a web process, figures and their file.

The folder is kept between runs and made anew when the generator or the migrations change, or the month: what is booked
to come lies ahead of the day on which it was made. Nothing of the user's is read or written. `python bench/<script>.py`
runs one of them, `make bench` all.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from http.client import HTTPConnection
from pathlib import Path

import httpx

from console import demo, embedded, migrate
from console.config import Settings
from console.doctor import examine
from console.domain import clock, db
from console.processes import free_port

HERE = Path(__file__).parent
ROOT = HERE.parent
RESULTS = HERE / "results.json"
FOLDER = ROOT / "var" / "bench"
MADE_FROM = (
    "bench/_bookings.py",
    "bench/_clients.py",
    "bench/_harness.py",
    "bench/_tickets.py",
    "console/migrations/*.py",
    "console/demo.py",
)
KEY = "a key for benchmarks only " * 3


@dataclass(frozen=True)
class Figure:
    """One number. `bound`: what it stands beside in the same unit, `ratio`: how many times that; None where none.

    `target` is a most, or a least where `at_least`.
    """

    name: str
    value: float
    unit: str
    target: float | None = None
    bound: float | None = None
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        if self.target is None:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target

    @property
    def plain(self) -> dict[str, object]:
        ratio = round(self.value / self.bound, 2) if self.bound else None
        told = {name: value for name, value in asdict(self).items() if name != "at_least"}
        return {**told, "value": round(self.value, 3), "ratio": ratio, "met": self.met}


@dataclass(frozen=True)
class Times:
    """How long each of many calls took, in milliseconds; `cpu`: how long the web process worked at one of them.

    `cpu` is what a machine that others use as well tells best; None where the system does not say.
    """

    ms: Sequence[float]
    cpu: float | None = None

    def percentile(self, share: float) -> float:
        ordered = sorted(self.ms)
        return ordered[min(len(ordered) - 1, int(share / 100 * len(ordered)))]

    @property
    def p50(self) -> float:
        return self.percentile(50)

    @property
    def p99(self) -> float:
        return self.percentile(99)


async def timed(call: Callable[[], Awaitable[object]]) -> float:
    """How long one call takes, in milliseconds."""
    began = time.perf_counter()
    await call()
    return (time.perf_counter() - began) * 1000


@contextlib.contextmanager
def database() -> Iterator[Settings]:
    """The benchmarks' PostgreSQL, migrated and filled."""
    from _bookings import fill as bookings
    from _tickets import fill as tickets

    from _clients import fill as clients

    fresh = _stamp()
    if not (FOLDER / "stamp").exists() or (FOLDER / "stamp").read_text() != fresh:
        shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    server = embedded.Postgres(FOLDER)
    server.start()
    try:
        settings = Settings(data_dir=FOLDER, database_url=server.app_url, database_owner_url=server.owner_url)
        if not (FOLDER / "stamp").exists():
            _make(
                settings, server.url(embedded.SUPERUSER), {"clients": clients, "bookings": bookings, "tickets": tickets}
            )
            (FOLDER / "stamp").write_text(fresh)
        yield settings
    finally:
        server.stop()


@contextlib.contextmanager
def own_server(name: str) -> Iterator[tuple[Settings, str]]:
    """A PostgreSQL of one benchmark's own, migrated and empty, whose data is gone afterwards.

    Its settings, and the superuser's address.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"bench-{name}-"))
    folder.chmod(0o755)
    server = embedded.Postgres(folder / "data")
    server.start()
    try:
        settings = Settings(data_dir=folder, database_url=server.app_url, database_owner_url=server.owner_url)
        migrate.run(settings)
        yield settings, server.url(embedded.SUPERUSER)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def must_be_sound(settings: Settings) -> None:
    """Raise `SystemExit` where the doctor finds anything."""
    broken = [line for finding in asyncio.run(examine(settings.database_url or "")) for line in finding.broken]
    if broken:
        raise SystemExit("\n".join(broken))


def _stamp() -> str:
    digest = hashlib.sha256(f"{clock.now():%Y-%m}".encode())
    for pattern in MADE_FROM:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _make(settings: Settings, superuser_url: str, fills: Mapping[str, Callable[[str], Awaitable[int]]]) -> None:
    print("Making the data of the benchmarks (once)", flush=True)
    migrate.run(settings)
    demo.fill(replace(settings, demo=True, demo_clients=demo.TOLD))
    for what, fill in fills.items():
        began = time.perf_counter()
        many = asyncio.run(fill(superuser_url))
        print(f"  {many} {what} in {time.perf_counter() - began:.0f} s", flush=True)


@contextlib.asynccontextmanager
async def pool(settings: Settings) -> AsyncIterator[None]:
    """This process's own pool, as a web process has it."""
    async with db.pool(settings.database_url or "", size=settings.pool_size):
        yield


@dataclass(frozen=True)
class Web:
    """A web process."""

    address: str
    pid: int

    def cpu(self) -> float | None:
        """Milliseconds that it has worked so far; None where the system does not say."""
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")
        return None


@contextlib.contextmanager
def web(settings: Settings) -> Iterator[Web]:
    """The real web process on the data."""
    port = free_port()
    valkey = embedded.start_valkey(FOLDER)
    env = {
        **os.environ,
        "DATABASE_URL": settings.database_url or "",
        "REDIS_URL": valkey.url,
        "CONSOLE_DATA_DIR": str(FOLDER),
        "SECRET_KEY": KEY,
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DEMO": "1",
    }
    process = subprocess.Popen([sys.executable, "-P", "-m", "console.cli", "serve"], env=env, stdin=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _until_it_answers(address, process)
        yield Web(address, process.pid)
    finally:
        process.terminate()
        process.wait(30)
        valkey.stop()


def _until_it_answers(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{address}/readyz").status_code == 200:
                return
        time.sleep(0.1)
    raise SystemExit("The web process does not answer.")


@contextlib.asynccontextmanager
async def signed_in(web: Web, role: str = "front_desk") -> AsyncIterator[Browser]:
    """A browser of the demo's person of a role, with one connection that is kept."""
    async with httpx.AsyncClient(base_url=web.address, timeout=30) as http:
        door = await http.get("/sign-in")
        found = re.search(r'name="_csrf" value="([^"]+)"', door.text)
        token = found[1] if found else ""
        entered = await http.post(
            "/demo/sessions", data={"_csrf": token, "role": role}, headers={"origin": web.address}
        )
        if entered.status_code != 303:
            raise SystemExit(f"The demo's door answers {entered.status_code}.")
        yield Browser(http, web)


@dataclass(frozen=True)
class Browser:
    """Asks a web process for pages, one after the other."""

    http: httpx.AsyncClient
    web: Web

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Raises where it does not answer with a page."""
        answer = await self.http.get(url, headers=headers)
        if answer.status_code not in {200, 303}:
            raise SystemExit(f"{url} answers {answer.status_code}.")
        return answer

    async def times_of(self, urls: Sequence[str], *, headers: Mapping[str, str] | None = None, warm: int = 30) -> Times:
        """By the standard library's client, which itself takes the least of the time that is measured."""
        sent = {"cookie": "; ".join(f"{name}={value}" for name, value in self.http.cookies.items()), **(headers or {})}
        with contextlib.closing(HTTPConnection(self.web.address.removeprefix("http://"))) as connection:
            for url in urls[:warm]:
                _ask(connection, url, sent)
            began = self.web.cpu()
            times = [_ask(connection, url, sent) for url in urls]
            ended = self.web.cpu()
        return Times(times, None if began is None or ended is None else (ended - began) / len(urls))


def _ask(connection: HTTPConnection, url: str, headers: Mapping[str, str]) -> float:
    """How long a page takes, in milliseconds. Raises where there is none."""
    began = time.perf_counter()
    connection.request("GET", url, headers=dict(headers))
    answer = connection.getresponse()
    answer.read()
    if answer.status not in {200, 303}:
        raise SystemExit(f"{url} answers {answer.status}.")
    return (time.perf_counter() - began) * 1000


def over_http(name: str, times: Times, beside: Times | None = None, target: float | None = None) -> Iterator[Figure]:
    """The figures of pages that were asked for, `beside` an empty one."""
    yield Figure(f"{name} p50", times.p50, "ms", target, beside and beside.p50)
    yield Figure(f"{name} p99", times.p99, "ms")
    if times.cpu is not None:
        yield Figure(f"{name}, work of the web process", times.cpu, "ms", None, beside and beside.cpu)


def report(title: str, figures: Sequence[Figure]) -> None:
    """Print the figures and keep them in `bench/results.json`, beside those of the other benchmarks."""
    known = json.loads(RESULTS.read_text())["figures"] if RESULTS.exists() else []
    names = {one.name for one in figures}
    kept = [one for one in known if one["name"] not in names]
    RESULTS.write_text(json.dumps({"figures": [*kept, *(one.plain for one in figures)]}, indent=1, ensure_ascii=False))
    print(f"\n{title}")
    for one in figures:
        sign = "≥" if one.at_least else "≤"
        target = f"{sign} {one.target:g}" if one.target is not None else ""
        beside = f"{one.value / one.bound:.1f} x {one.bound:.2f}" if one.bound else ""
        met = {True: "yes", False: "NO", None: ""}[one.met]
        print(f"  {one.name:52} {one.value:10.2f} {one.unit:4} {target:8} {met:4} {beside}")
