"""The servers that come with the console, in whatever folder and whatever environment."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from console import embedded
from console.embedded import postgres
from tests import factories
from tests.cast import ANNA


@pytest.mark.parametrize("name", ["My Shop", 'the "best" shop', "чистый дом", "back\\slash"])
def test_valkey_starts_in_a_folder_of_any_name(server_dir: Path, name: str) -> None:
    with tempfile.TemporaryDirectory(dir=server_dir) as folder:
        Path(folder).chmod(0o755)
        valkey = embedded.start_valkey(Path(folder) / name)
        valkey.stop()
        assert valkey.url.startswith("redis://")


async def test_what_the_environment_says_of_other_databases_is_not_heard(
    clean: None, postgres_server: embedded.Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGSSLMODE", "require")
    connection = await asyncpg.connect(postgres_server.app_url)
    try:
        assert await connection.fetchval("SELECT 1") == 1
    finally:
        await connection.close()


async def test_the_log_of_the_database_quotes_nobody_and_is_ours_alone(
    database: None, postgres_server: embedded.Postgres
) -> None:
    before = postgres_server.log.stat().st_size
    await factories.staff(ANNA)
    with pytest.raises(asyncpg.UniqueViolationError):
        await factories.staff(replace(ANNA, id=ANNA.id + 1))
    said = postgres_server.log.read_bytes()[before:].decode()
    assert "staff_email" in said
    assert ANNA.email not in said
    assert postgres_server.log.stat().st_mode & 0o777 == 0o600


def test_the_last_port_is_taken_again_also_while_the_server_before_is_on_its_way_out(server_dir: Path) -> None:
    with tempfile.TemporaryDirectory(dir=server_dir) as folder:
        Path(folder).chmod(0o755)
        valkey = embedded.start_valkey(Path(folder))
        valkey.stop()
        with socket.create_server(("127.0.0.1", valkey.port or 0)) as ending:
            threading.Timer(0.5, ending.close).start()
            again = embedded.start_valkey(Path(folder))
        again.stop()
        assert again.port == valkey.port


def test_a_log_that_others_could_read_is_ours_alone_from_the_next_start_on(server_dir: Path) -> None:
    with tempfile.TemporaryDirectory(dir=server_dir) as folder:
        Path(folder).chmod(0o755)
        valkey = embedded.start_valkey(Path(folder))
        valkey.stop()
        valkey.log.chmod(0o644)
        valkey.start()
        valkey.stop()
        assert valkey.log.stat().st_mode & 0o777 == 0o600


def test_what_an_operator_runs_in_the_clusters_folder_is_not_taken_for_the_server(
    postgres_server: embedded.Postgres,
) -> None:
    assert postgres_server.process is not None
    with subprocess.Popen(["sleep", "600"], cwd=postgres_server.cluster) as theirs:
        try:
            found = postgres._at_work_in(postgres_server.cluster)
        finally:
            theirs.kill()
    assert postgres_server.process.pid in found
    assert theirs.pid not in found


def test_a_cluster_made_earlier_is_closed_to_others_at_its_next_start(server_dir: Path) -> None:
    told = f"SELECT has_database_privilege('{embedded.APPLICATION}', 'postgres', 'TEMP, CONNECT')"
    with tempfile.TemporaryDirectory(dir=server_dir) as folder:
        Path(folder).chmod(0o755)
        older = embedded.start_postgres(Path(folder), durable=False)
        try:
            assert asked(older, told) is False
            asked(older, "GRANT ALL ON DATABASE postgres TO PUBLIC")
            (older.cluster / postgres._MARK).unlink()
            older.stop()
            older.start()
            assert asked(older, told) is False
            assert (older.cluster / postgres._MARK).exists()
        finally:
            older.stop()


KILLED = """
import os, signal, sys
from pathlib import Path
from console.embedded import postgres
setattr(postgres.Postgres, sys.argv[2], lambda *given: os.kill(os.getpid(), signal.SIGKILL))
postgres.start_postgres(Path(sys.argv[1]), durable=False)
"""


@pytest.mark.parametrize("at", ["_check_version", "_single", "_mark"])
def test_passwords_lost_and_a_start_that_is_killed_on_the_way_to_new_ones_lock_nobody_out(
    server_dir: Path, at: str
) -> None:
    with tempfile.TemporaryDirectory(dir=server_dir) as folder:
        Path(folder).chmod(0o755)
        server = embedded.start_postgres(Path(folder), durable=False)
        server.stop()
        (Path(folder) / "embedded.json").unlink()
        killed = subprocess.run([sys.executable, "-c", KILLED, folder, at], check=False)
        assert killed.returncode == -signal.SIGKILL
        assert (Path(folder) / "embedded.json").exists()
        again = embedded.start_postgres(Path(folder), durable=False)
        try:
            assert asked(again, "SELECT 1") == 1
            assert asked(again, "SELECT 1", again.app_url) == 1
            assert asked(again, "SELECT 1", again.owner_url) == 1
        finally:
            again.stop()


def test_the_applications_role_makes_no_large_object_at_which_a_dump_would_stop(
    clean: None, postgres_server: embedded.Postgres
) -> None:
    for make in ("lo_creat(-1)", "lo_create(0)", "lo_from_bytea(0, 'x')"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            asked(postgres_server, f"SELECT {make}", postgres_server.app_url)
    assert asked(postgres_server, "SELECT count(*) FROM pg_largeobject_metadata", postgres_server.owner_url) == 0


def asked(server: embedded.Postgres, sql: str, url: str = "") -> object:
    """What its superuser is answered, or whom `url` names."""

    async def ask() -> object:
        connection = await asyncpg.connect(url or server.superuser_url)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(ask())


SAID = "PANIC:  could not write to log file: No space left on device\n"
READY = "LOG:  database system is ready to accept connections\n"


@pytest.mark.parametrize(
    ("said", "full"),
    [
        (SAID, True),
        (READY + SAID + "LOG:  reinitializing\n", True),
        (SAID + READY, False),
        (READY, False),
        (None, False),
    ],
)
def test_the_last_words_of_a_server_that_is_away_tell_whether_it_has_no_room(
    tmp_path: Path, said: str | None, full: bool
) -> None:
    if said is not None:
        (tmp_path / "log").mkdir()
        (tmp_path / "log" / "postgres.log").write_text("LOG:  at work\n" * 2000 + said)
    assert embedded.lacks_room(tmp_path) is full
