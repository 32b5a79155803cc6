"""A real server process and a real Chromium.

* `console`: the address of a console on a clean database, in demo mode, its demo business filled in.
* `chromium`: a browser for which the CDN is a server of this process: what it has from there it keeps, as outside.
* `elsewhere`: does something as somebody at another desk would.
* `window`: makes browser windows of one of three `WAYS`: with htmx, with the CDN blocked, without JavaScript.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect
from selectolax.lexbor import LexborHTMLParser

from console import embedded
from console.config import HTMX_URL
from console.domain import db
from console.processes import free_port
from tests.server import Keeper, settings_for
from tests.tls import certificate

HTMX = "htmx.org@2.0.11"
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first that is there, as in deploy/setup.sh. The shell has no windows: a page of it takes a third of the time."""
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--ignore-certificate-errors",
]
AT_HOME = "MAP console.fifth.test 127.0.0.1"
ANSWERED = ("Failed to load resource", "Response Status Error Code 4", "htmx:sendAbort", "htmx:afterRequest")
"""What the browser and htmx say of an answer that is not 200, which the tests look at themselves, and of a request that
a newer one took the place of."""

PATIENCE = 120_000
"""Milliseconds in which the browser must have done what is waited for: far more than it takes."""
expect.set_options(timeout=PATIENCE)

WAYS = ("htmx", "no CDN", "no scripts")
WALKS = (("en", "htmx"), ("ru", "htmx"), ("ru", "no CDN"))
"""Languages and ways in which a long journey is made."""
JOURNEYS = (*WALKS, ("en", "no scripts"))
"""Those of a shorter one: each way, and with scripts each language. Without htmx the words are those of the server's
pages, which are the same for both ways."""

Window = Callable[..., Awaitable[Page]]
Do = Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]


KEY = "the key of the console that browsers open in tests"
"""What signs the links of clients, who get them by mail."""


@pytest.fixture(scope="session")
def htmx() -> str:
    """The pinned release from the npm registry: a wrong hash in the page keeps the browser from running it."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", HTMX], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as package:
            file = package.extractfile("package/dist/htmx.min.js")
            assert file is not None
            return file.read().decode()


@pytest.fixture(scope="session")
async def startable(keeper: Keeper) -> None:
    """The database without what an earlier test left: with kinds of its own the server would not start."""
    await keeper.reset()


@pytest.fixture(scope="session")
def server(postgres_server: embedded.Postgres, startable: None, valkey: str) -> Iterator[str]:
    """`console serve` as a process of its own; the database behind it is the tests'."""
    settings, port = settings_for(postgres_server), free_port()
    folder = tempfile.mkdtemp(prefix="fifth-visit-browser-")
    env = {
        **os.environ,
        "DATABASE_URL": settings.database_url or "",
        "REDIS_URL": valkey,
        "CONSOLE_DATA_DIR": folder,
        "SECRET_KEY": KEY,
        "PORT": str(port),
        "DEMO": "1",
    }
    process = subprocess.Popen([sys.executable, "-P", "-m", "console.cli", "serve"], env=env, stdin=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _until_it_answers(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def _until_it_answers(address: str, process: subprocess.Popen[bytes]) -> None:
    transport = httpx.HTTPTransport(retries=100)
    with httpx.Client(transport=transport, timeout=60) as client:
        for _ in range(100):
            assert process.poll() is None, "the server ended"
            try:
                if client.get(f"{address}/readyz").status_code == 200:
                    return
            except httpx.ConnectError:
                continue
    raise AssertionError("the server does not answer")


@pytest.fixture
async def console(server: str, clean: None, keeper: Keeper) -> str:
    await keeper.demo("en")
    return server


@pytest.fixture
async def elsewhere(console: str, postgres_server: embedded.Postgres) -> Do:
    """Does something as somebody at another desk would."""

    async def do(what: Callable[[], Awaitable[Any]]) -> Any:
        async with db.pool(postgres_server.app_url):
            return await what()

    return do


@pytest.fixture(scope="session")
async def cdn(server_dir: Path, htmx: str) -> AsyncIterator[int]:
    """The port of what stands for the CDN."""
    body = htmx.encode()
    headers = [
        "HTTP/1.1 200 OK",
        "content-type: text/javascript",
        "access-control-allow-origin: *",
        "cache-control: public, max-age=31536000, immutable",
        f"content-length: {len(body)}",
        "connection: close",
    ]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write("\r\n".join([*headers, "", ""]).encode() + body)
            await writer.drain()
        writer.close()

    shown = certificate(server_dir, urlsplit(HTMX_URL).netloc)
    serving = await asyncio.start_server(answer, "127.0.0.1", ssl=shown.server())
    yield serving.sockets[0].getsockname()[1]
    serving.close()


@pytest.fixture(scope="session")
async def chromium(cdn: int) -> AsyncIterator[Browser]:
    path = next(filter(None, map(shutil.which, BROWSERS)))
    rules = f"--host-resolver-rules={AT_HOME},MAP {urlsplit(HTMX_URL).netloc} 127.0.0.1:{cdn}"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=[*QUIET, rules])
        yield browser
        await browser.close()


@pytest.fixture
async def window(chromium: Browser, console: str) -> AsyncIterator[Window]:
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(ANSWERED):
            complaints.append(message.text)

    async def open_window(
        way: str = "htmx",
        *,
        width: int = 1440,
        height: int = 900,
        language: str = "en",
        theme: str = "light",
        touch: bool = False,
    ) -> Page:
        context = await chromium.new_context(
            base_url=console,
            viewport={"width": width, "height": height},
            locale={"en": "en-GB", "ru": "ru-RU"}[language],
            color_scheme="dark" if theme == "dark" else "light",
            java_script_enabled=way != "no scripts",
            has_touch=touch,
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        if way == "no CDN":
            await context.route(HTMX_URL, lambda route: route.abort())
        await context.add_cookies([{"name": "language", "value": language, "url": console}])
        page = await context.new_page()
        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_window
    for context in contexts:
        await context.close()
    assert complaints == [], "the browser complained"


async def enter(page: Page, role: str = "owner") -> None:
    """By the demo's door, without a look at it; no page is open then."""
    door = LexborHTMLParser(await (await page.request.get("/sign-in")).text())
    token = door.css_first("[name=_csrf]").attributes["value"] or ""
    answer = await page.request.post("/demo/sessions", form={"_csrf": token, "role": role}, max_redirects=0)
    assert answer.status == 303, answer.status
