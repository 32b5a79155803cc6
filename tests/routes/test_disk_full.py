"""A disk that is full is called that: on the page, in one line of the terminal, and to whoever asks for readiness."""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator

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
CREATE FUNCTION full_disk_ddl() RETURNS event_trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
CREATE TRIGGER full_disk BEFORE UPDATE ON staff FOR EACH STATEMENT EXECUTE FUNCTION full_disk();
CREATE EVENT TRIGGER full_disk_ddl ON ddl_command_start WHEN TAG IN ('CREATE TABLE AS')
 EXECUTE FUNCTION full_disk_ddl();
"""
ROOM = "DROP EVENT TRIGGER IF EXISTS full_disk_ddl; DROP FUNCTION IF EXISTS full_disk, full_disk_ddl CASCADE"


@pytest.fixture
async def full(as_superuser: asyncpg.Connection) -> AsyncIterator[asyncpg.Connection]:
    await as_superuser.execute(FULL)
    yield as_superuser
    await as_superuser.execute(ROOM)


async def test_a_full_disk_of_the_database_is_said_to_be_full_until_there_is_room(
    full: asyncpg.Connection, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    vera = await sign_in(VERA)
    assert (await vera.http.get("/readyz")).status_code == 200
    answer = await vera.send(await vera.open("/profile"), "/profile", name="Another")
    assert (answer.status, answer.heading) == (503, say("The disk is full"))
    assert answer.has(".person-name")
    [line] = [one for one in caplog.records if one.levelname == "ERROR"]
    assert "disk is full" in line.getMessage()
    assert line.exc_info is None
    ready = await vera.http.get("/readyz")
    assert (ready.status_code, ready.json()["database"]) == (503, "disk full")
    await full.execute(ROOM)
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
