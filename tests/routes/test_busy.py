"""All connections taken: whoever comes then is told so, and the next one is served."""

from __future__ import annotations

import contextlib

import asyncpg
import pytest

from console.domain import db
from console.domain.team import profiles
from tests.cast import VERA
from tests.routes.conftest import SignIn
from tests.words import say


@pytest.mark.parametrize("address", ["/", "/catalogue/services", "/readyz"])
async def test_nobody_hangs_while_all_connections_are_taken(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    vera = await sign_in(VERA)
    async with contextlib.AsyncExitStack() as held:
        for _ in range(db.ENGINE.pool.get_max_size()):
            await held.enter_async_context(db.ENGINE.pool.acquire())
        with monkeypatch.context() as impatient:
            impatient.setattr(db.ENGINE.pool, "wait", 0.01)
            busy = await vera.open(address)
    assert busy.status == 503
    if address != "/readyz":
        assert busy.heading == say("The console is starting or busy")
        assert busy.response.headers["retry-after"] == "2"
    assert (await vera.open(address)).status == 200


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.CannotConnectNowError("the database system is starting up"),
        asyncpg.InternalClientError("cannot switch to state 11; another operation (2) is in progress"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_database_that_was_killed_is_said_in_a_line(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    async def failing(*_: object) -> None:
        raise error

    monkeypatch.setattr(profiles, "change_profile", failing)
    vera = await sign_in(VERA)
    answer = await vera.send(await vera.open("/profile"), "/profile", name="Another")
    assert answer.status == 503
    assert all(line.exc_info is None for line in caplog.records)
