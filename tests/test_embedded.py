"""The servers that come with the console, in whatever folder and whatever environment."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import asyncpg
import pytest

from console import embedded


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


def test_what_an_operator_runs_in_the_clusters_folder_is_not_taken_for_the_server(
    postgres_server: embedded.Postgres,
) -> None:
    assert postgres_server.process is not None
    with subprocess.Popen(["sleep", "600"], cwd=postgres_server.cluster) as theirs:
        try:
            found = embedded._at_work_in(postgres_server.cluster)
        finally:
            theirs.kill()
    assert postgres_server.process.pid in found
    assert theirs.pid not in found
