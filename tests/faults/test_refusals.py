"""What stands in the way is said in one message that tells what to do."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from console import processes
from console.processes import ServiceError
from tests.faults.conftest import House

PLAIN = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all") if os.geteuid() == 0 else ()
"""Before a command: root may read only what its owner may."""
ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """It ended with one plain message that has these words."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


def test_a_port_that_is_taken(new_house: House) -> None:
    with socket.create_server(("127.0.0.1", new_house.port)):
        refused(new_house.run("up"), f"Port {new_house.port}", "is taken", f"PORT={new_house.port + 1}")
    assert not (new_house.data_dir / "postgres").exists()


def test_a_second_one_on_the_same_data(house: House) -> None:
    up = house.up()
    refused(house.run("up"), "already runs", str(up.process.pid), house.url)
    assert house.status("/readyz") == 200


def test_a_data_directory_that_may_not_be_read(new_house: House) -> None:
    new_house.data_dir.mkdir(mode=0)
    refused(new_house.run("up", prefix=PLAIN), str(new_house.data_dir), "may not read", "CONSOLE_DATA_DIR")


def test_a_data_directory_that_is_a_file(new_house: House) -> None:
    new_house.data_dir.write_text("")
    refused(new_house.run("up"), str(new_house.data_dir), "CONSOLE_DATA_DIR")


@pytest.mark.parametrize("kind", ["a directory", "not ours to read", "too short"])
def test_a_key_that_cannot_be_used_ends_the_start_before_anything_is_made(new_house: House, kind: str) -> None:
    path = new_house.data_dir / "secret_key"
    new_house.data_dir.mkdir()
    path.mkdir() if kind == "a directory" else path.write_text("half of a key")
    path.chmod(0 if kind == "not ours to read" else 0o700)
    done = new_house.run("up", prefix=PLAIN)
    refused(done, str(path))
    assert len(done.stderr.splitlines()) == 1
    assert not (new_house.data_dir / "postgres").exists()


def test_a_database_of_another_postgresql(house: House) -> None:
    house.up().end()
    path = house.data_dir / "postgres" / "cluster" / "PG_VERSION"
    made_by = path.read_text()
    path.write_text("99\n")
    try:
        refused(house.run("up"), "was made by PostgreSQL 99", "CONSOLE_DATA_DIR")
    finally:
        path.write_text(made_by)


async def test_a_database_of_a_newer_version(new_house: House) -> None:
    up = new_house.up()
    connection = await asyncpg.connect(str(new_house.run_json()["database_owner_url"]))
    await connection.execute("INSERT INTO migration (name, app_name) VALUES ('9999-12-31', 'console')")
    await connection.close()
    up.end()
    refused(new_house.run("up"), "newer version", "install")
    assert new_house.left() == []


@pytest.mark.parametrize("setting", ["PORT", "WEB_PROCESSES", "DEMO"])
def test_a_setting_that_makes_no_sense(new_house: House, setting: str) -> None:
    refused(new_house.run("up", **{setting: "many"}), f"{setting}='many'")


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_part_without_its_addresses(new_house: House, command: str) -> None:
    refused(new_house.run(command), "DATABASE_URL is not set")


def test_a_database_that_is_not_there(new_house: House) -> None:
    url = "postgresql://somebody@127.0.0.1:1/nothing"
    refused(new_house.run("migrate", DATABASE_URL=url), "127.0.0.1:1", "DATABASE_URL")


@ROOT_ONLY
def test_a_tree_that_no_ordinary_user_may_enter_where_there_are_no_user_namespaces(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(processes, "_can", lambda *_: False)
    with pytest.raises(ServiceError, match="Run the console as an ordinary user, or put it and CONSOLE_DATA_DIR"):
        processes.account_for(Path("/usr/bin/postgres"), tmp_path)


def test_a_disk_with_too_little_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    room = shutil.disk_usage(tmp_path)._replace(free=3 * 2**20)
    monkeypatch.setattr(processes.shutil, "disk_usage", lambda _: room)
    with pytest.raises(ServiceError, match=r"is full: 3 MB are free and 200 MB are needed\. Free some space"):
        processes.need_space(tmp_path, 200)


@ROOT_ONLY
def test_a_disk_that_fills_up_on_the_way(new_house: House) -> None:
    new_house.data_dir.mkdir()
    mount = f'mount -t tmpfs -o size=30m,mode=755 tmpfs "{new_house.data_dir}" || exit 77; exec "$@"'
    code = "from console import cli, embedded; embedded.postgres.FIRST_START_MB = 0; raise SystemExit(cli.main(['up']))"
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", mount, "sh", sys.executable, "-P", "-c", code],
        env=new_house.env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode == 77 or done.stderr.startswith("unshare:"):
        pytest.skip("no file system can be mounted here")
    refused(done, "is full", "Free some space")
