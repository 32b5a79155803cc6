"""What all tests share: a PostgreSQL and a Valkey of their own, and a database that is clean for each test.

* `settings`: for `create_app` and `migrate.run`; its data directory is the test's own.
* `clean`: the database as `console migrate` leaves it, without a pool (an application opens its own).
* `database`: the same with this process's pool open as the application's role.
* `as_owner`, `as_superuser`: a connection with more rights, for what no use case may do.
* `agreed`: the limits in seconds that hold in production; elsewhere nobody here gives up because a machine is slow.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import settings as examples

from console import embedded, queue
from console.config import Settings
from console.domain import db, operation
from tests.patience import PATIENCE
from tests.pools import Pools
from tests.server import Keeper, postgres, settings_for

os.environ.setdefault("DEMO_LANGUAGE", "en")  # whatever language the machine speaks
os.environ.setdefault("DEMO_CLIENTS", "40")  # the stories alone

# A change is judged by the same examples each time; `make search` looks for new ones.
examples.register_profile("same", derandomize=True, deadline=None)
examples.register_profile("search", max_examples=2000, deadline=None, print_blob=True)
examples.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

AGREED = dict(db.SESSION)
db.SESSION["lock_timeout"] = f"{PATIENCE:.0f}s"
db.Pool.wait = db.CLOSE_SECONDS = queue.PATIENCE = operation.DOORBELL_SECONDS = PATIENCE


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """What one process tells another of a test: execnet ends the whole run where half a character is in it."""
    report = yield
    return sendable(report)


def sendable(told: Any) -> Any:
    """The same with `\\udcff` in place of what cannot be written as UTF-8."""
    if isinstance(told, str):
        return told.encode(errors="backslashreplace").decode()
    if isinstance(told, dict):
        return {sendable(name): sendable(value) for name, value in told.items()}
    return type(told)(map(sendable, told)) if isinstance(told, (list, tuple)) else told


@pytest.fixture(scope="session")
def server_dir() -> Iterator[Path]:
    """Where the servers keep their data: a folder that user 65534 can enter, also when root runs the tests."""
    folder = Path(tempfile.mkdtemp(prefix="fifth-visit-tests-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(server_dir: Path) -> Iterator[embedded.Postgres]:
    with postgres(server_dir / "data") as server:
        yield server


@pytest.fixture(scope="session")
def valkey(server_dir: Path) -> Iterator[str]:
    """The URL of a Valkey of this test process."""
    server = embedded.start_valkey(server_dir / "valkey")
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
async def keeper(postgres_server: embedded.Postgres) -> AsyncIterator[Keeper]:
    keeper = Keeper(postgres_server)
    await keeper.prepare()
    yield keeper
    await keeper.close()


@pytest.fixture
def settings(postgres_server: embedded.Postgres, valkey: str, tmp_path: Path) -> Settings:
    return replace(
        settings_for(postgres_server), data_dir=tmp_path, redis_url=valkey, secret_key="a key for tests only " * 3
    )


@pytest.fixture
def agreed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "SESSION", AGREED)


@pytest.fixture(scope="session")
async def pools(postgres_server: embedded.Postgres) -> AsyncIterator[Pools]:
    pools = Pools()
    yield pools
    await pools.end()


@pytest.fixture
async def clean(keeper: Keeper, pools: Pools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "open_pool", pools.open)
    monkeypatch.setattr(db, "close_pool", pools.close)
    await keeper.reset()


@pytest.fixture
async def database(clean: None, postgres_server: embedded.Postgres) -> AsyncIterator[None]:
    await db.open_pool(postgres_server.app_url, size=10)
    yield
    pool = db.ENGINE.pool
    leaked = pool.get_size() - pool.get_idle_size() if pool else 0
    await db.close_pool()
    assert leaked == 0, "a connection was not given back"


@pytest.fixture
async def as_owner(postgres_server: embedded.Postgres) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(postgres_server.owner_url)
    yield connection
    await connection.close()


@pytest.fixture
async def as_superuser(postgres_server: embedded.Postgres) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(postgres_server.url(embedded.SUPERUSER))
    yield connection
    await connection.close()


@pytest.fixture
async def scripts(clean: None, as_owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that knows the kinds of operation of the tests themselves."""
    from console.domain.running import KINDS
    from tests.domain import deeds

    for name, kind in deeds.MINE.items():
        monkeypatch.setitem(KINDS, name, kind)
    await as_owner.execute("INSERT INTO operation_kind (name) SELECT unnest($1::text[])", list(deeds.MINE))
