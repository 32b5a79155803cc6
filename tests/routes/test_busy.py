"""All connections taken: whoever comes then is told so, and the next one is served."""

from __future__ import annotations

import contextlib

import pytest

from console.domain import db
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
            await held.enter_async_context(db.ENGINE.pool.acquire(timeout=10))
        with monkeypatch.context() as impatient:
            impatient.setattr(db.ENGINE.pool, "wait", 0.01)
            busy = await vera.open(address)
    assert busy.status == 503
    if address != "/readyz":
        assert busy.heading == say("The console is starting or busy")
        assert busy.response.headers["retry-after"] == "2"
    assert (await vera.open(address)).status == 200
