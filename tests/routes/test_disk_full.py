"""A disk that is full is called that: on the page, in one line of the terminal, and to whoever asks for readiness."""

from __future__ import annotations

import errno
import os
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from console.domain import db
from console.domain.team import profiles
from tests.cast import VERA
from tests.routes.conftest import SignIn
from tests.words import say

FULL = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
CREATE TRIGGER full_disk BEFORE UPDATE ON staff FOR EACH STATEMENT EXECUTE FUNCTION full_disk();
"""
ROOM = "DROP FUNCTION IF EXISTS full_disk CASCADE"
FILES = 20
"""So many of the files that a connection sets aside find no room."""


class Disk:
    """The database's disk. Full: tables take nothing, and what a connection sets aside meets `/dev/full`."""

    def __init__(self, superuser: asyncpg.Connection, folder: Path) -> None:
        self._superuser = superuser
        self._folder = folder

    async def fill(self) -> None:
        await self._superuser.execute(FULL)
        owner = self._folder.parent.stat()
        self._folder.mkdir(mode=0o700, exist_ok=True)
        os.chown(self._folder, owner.st_uid, owner.st_gid)
        for row in await self._superuser.fetch("SELECT pid FROM pg_stat_activity WHERE datname = current_database()"):
            for number in range(FILES):
                (self._folder / f"pgsql_tmp{row['pid']}.{number}").symlink_to("/dev/full")

    async def make_room(self) -> None:
        await self._superuser.execute(ROOM)
        for link in self._folder.glob("pgsql_tmp*"):
            link.unlink(missing_ok=True)


@pytest.fixture
async def disk(as_superuser: asyncpg.Connection) -> AsyncIterator[Disk]:
    folder = Path(await as_superuser.fetchval("SHOW data_directory")) / "base" / "pgsql_tmp"
    disk = Disk(as_superuser, folder)
    yield disk
    await disk.make_room()


async def test_a_full_disk_of_the_database_is_said_to_be_full_until_there_is_room(
    disk: Disk, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    vera = await sign_in(VERA)
    assert (await vera.http.get("/readyz")).status_code == 200
    await disk.fill()
    answer = await vera.send(await vera.open("/profile"), "/profile", name="Another")
    assert (answer.status, answer.heading) == (503, say("The disk is full"))
    assert answer.has(".person-name")
    [line] = [one for one in caplog.records if one.levelname == "ERROR"]
    assert "disk is full" in line.getMessage()
    assert line.exc_info is None
    ready = await vera.http.get("/readyz")
    assert (ready.status_code, ready.json()["database"]) == (503, "disk full")
    await disk.make_room()
    assert (await vera.http.get("/readyz")).status_code == 200
    assert (await vera.send(await vera.open("/profile"), "/profile", name="Another")).status == 200
    assert await db.fetchval("SELECT name FROM staff WHERE id = $1", VERA.id) == "Another"


@pytest.mark.parametrize(("number", "status"), [(errno.ENOSPC, 503), (errno.EDQUOT, 503), (errno.EIO, 500)])
async def test_a_full_disk_of_the_console_is_told_from_other_faults(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, number: int, status: int
) -> None:
    async def failing(*_: object) -> None:
        raise OSError(number, "it went wrong")

    monkeypatch.setattr(profiles, "change_profile", failing)
    vera = await sign_in(VERA)
    answer = await vera.send(await vera.open("/profile"), "/profile", name="Another")
    assert answer.status == status
    assert (answer.heading == say("The disk is full")) is (status == 503)
