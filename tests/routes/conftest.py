"""The console over HTTP, in this process: an application with its lifespan, and browsers at its door.

* `app`: the application on a clean database (its pool is the process's).
* `stranger`: a browser that nobody has signed in.
* `address`: the host and port of a real HTTP server in front of it.
* `sign_in`: makes a member of the cast and a browser in which they are signed in.
* `today`: it is `NOW`.
* `here`: a till where visits are finished, with `anna` of its desk and `vera`, its manager.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar

from console import serving
from console.app import create_app, new_state
from console.config import Settings
from console.domain import clock
from console.domain.ids import StaffId
from console.domain.team import door
from console.domain.team.browsers import Browser
from tests import factories
from tests.cast import ANNA, NOW, VERA, Person
from tests.page import Visitor
from tests.patience import PATIENCE
from tests.till import Desk, desk
from tests.yard import ALWAYS, yard

BASE = "http://console.test"

SignIn = Callable[..., Awaitable[Visitor]]


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def demo() -> bool:
    """Whether the application runs in demo mode; a test module may say otherwise."""
    return False


@cache
def made_once(settings: Settings) -> Litestar:
    """An application for these settings: it registers two hundred routes, which takes longer than most tests."""
    return create_app(settings)


@pytest.fixture
async def app(clean: None, settings: Settings, demo: bool) -> AsyncIterator[Litestar]:
    mine = replace(settings, demo=demo, public_url=BASE)
    made = made_once(replace(mine, data_dir=Path()))
    made.state = new_state(mine, made.state.gate)
    up, over = asyncio.Event(), asyncio.Event()

    async def live() -> None:  # one task for the whole lifespan: its cancel scope must not change hands
        async with made.lifespan():
            up.set()
            await over.wait()

    life = asyncio.create_task(live())
    await asyncio.wait({life, asyncio.ensure_future(up.wait())}, return_when=asyncio.FIRST_COMPLETED)
    if life.done():
        life.result()
    made.state.printer.apart.seconds = PATIENCE
    yield made
    over.set()
    await life


@pytest.fixture
async def browsers(app: Litestar) -> AsyncIterator[Callable[[], Visitor]]:
    """Makes new browsers."""
    clients: list[httpx.AsyncClient] = []

    def make() -> Visitor:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url=BASE, headers={"accept-language": "en"})
        clients.append(client)
        return Visitor(client)

    yield make
    for client in clients:
        await client.aclose()


@pytest.fixture
async def address(app: Litestar, settings: Settings) -> AsyncIterator[tuple[str, int]]:
    sock = socket.create_server(("127.0.0.1", 0))
    server = serving.http_server(app, settings, lifespan="off", log_config=None)
    task = asyncio.create_task(server.serve(sockets=[sock]))
    yield sock.getsockname()[:2]
    server.should_exit = True
    await task


@pytest.fixture
def stranger(browsers: Callable[[], Visitor]) -> Visitor:
    return browsers()


@pytest.fixture
def sign_in(browsers: Callable[[], Visitor]) -> SignIn:
    async def signed_in(person: Person, *, exists: bool = False, **columns: Any) -> Visitor:
        if not exists:
            await factories.staff(person, **columns)
        visitor = browsers()
        here = Browser("127.0.0.1", "tests")
        token = await door.open_session(StaffId(person.id), here, clock.now())
        visitor.http.cookies.set("session", token)
        return visitor

    return signed_in


@pytest.fixture
async def here(app: Litestar) -> Desk:
    await factories.staff(VERA)
    return await desk(await yard(hours=ALWAYS))


@pytest.fixture
async def anna(sign_in: SignIn, here: Desk) -> Visitor:
    return await sign_in(ANNA, language="en")


@pytest.fixture
async def vera(sign_in: SignIn, here: Desk) -> Visitor:
    return await sign_in(VERA, exists=True)
