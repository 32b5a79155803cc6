"""The console as it is reached from outside: `console serve` behind a web server that ends TLS, as README says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page

from console import embedded
from console.config import HTMX_URL
from console.domain import db
from console.processes import free_port
from tests import factories
from tests.browser.conftest import PATIENCE, _until_it_answers
from tests.cast import OLEG, PASSWORD
from tests.page import read
from tests.proxy import proxy, told
from tests.server import settings_for
from tests.tls import Certificate, certificate

NAME = "console.fifth.test"


@dataclass(frozen=True)
class House:
    """Where browsers reach a console, where its proxy does, and what it writes."""

    url: str
    public: int
    port: int
    shown: Certificate
    said: Path


@pytest.fixture(scope="module")
def house(postgres_server: embedded.Postgres, startable: None, valkey: str) -> Iterator[House]:
    """`console serve` as an operator starts it for the outside."""
    settings, public, port = settings_for(postgres_server), free_port(), free_port()
    folder = Path(tempfile.mkdtemp(prefix="fifth-visit-tls-"))
    made = House(f"https://{NAME}:{public}", public, port, certificate(folder, NAME), folder / "said.txt")
    env = {
        **os.environ,
        "DATABASE_URL": settings.database_url or "",
        "REDIS_URL": valkey,
        "CONSOLE_DATA_DIR": str(folder / "data"),
        "PORT": str(port),
        "PUBLIC_URL": made.url,
        "DEMO": "0",
    }
    with made.said.open("wb") as said:
        command = [sys.executable, "-P", "-m", "console.cli", "serve"]
        process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
    try:
        _until_it_answers(f"http://127.0.0.1:{port}", process)
        yield made
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
async def owner(database: None) -> None:
    await factories.staff(OLEG)


@pytest.fixture
async def front(house: House) -> AsyncIterator[House]:
    """The console with a proxy in front that sets the headers of README."""
    async with proxy(house.public, [house.port], house.shown.server()):
        yield house


@pytest.fixture
async def context(chromium: Browser, front: House) -> AsyncIterator[BrowserContext]:
    made = await chromium.new_context(base_url=front.url, ignore_https_errors=True, locale="en-GB")
    made.set_default_timeout(PATIENCE)
    await made.route(HTMX_URL, lambda route: route.abort())
    yield made
    await made.close()


def outside(house: House, address: str) -> httpx.AsyncClient:
    """A visitor from an address of their own, who looks at the certificate."""
    here = httpx.AsyncHTTPTransport(verify=house.shown.client(), local_address=address)
    return httpx.AsyncClient(transport=here, base_url=f"https://127.0.0.1:{house.public}", timeout=60)


async def guess(client: httpx.AsyncClient, house: House, **headers: str) -> int:
    """Try a wrong password; the status of the answer."""
    named = {"host": f"{NAME}:{house.public}", **headers}
    extensions = {"sni_hostname": NAME}
    page = read(await client.get("/sign-in", headers=named, extensions=extensions))
    sent = {"_csrf": page.value("_csrf"), "email": OLEG.email, "password": "not this one"}
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    named |= {"origin": house.url, "cookie": cookie} | headers
    return (await client.post("/sign-in", data=sent, headers=named, extensions=extensions)).status_code


async def counted() -> set[str]:
    """The networks from which passwords were tried."""
    rows = await db.fetch("SELECT key FROM throttle WHERE key NOT LIKE '%@%'")
    return {row["key"].rpartition(":")[2] for row in rows}


async def enter(page: Page) -> None:
    await page.goto("/sign-in")
    await page.fill("input[name=email]", OLEG.email)
    await page.fill("input[name=password]", PASSWORD)
    await page.press("input[name=password]", "Enter")
    await page.wait_for_selector("#person")


async def test_a_session_over_tls_from_signing_in_to_signing_out(context: BrowserContext, front: House) -> None:
    page, moved = await context.new_page(), []
    page.on("response", lambda answer: moved.append(answer) if answer.status in range(300, 400) else None)
    await page.goto("/settings/staff")
    assert page.url == f"{front.url}/sign-in?next=/settings/staff"
    await enter(page)
    kept = await context.cookies()
    assert {one["name"] for one in kept} >= {"__Host-visitor", "__Host-session", "__Host-known"}
    for one in kept:
        assert one["name"].startswith("__Host-"), one
        assert one["secure"], one
        assert one["httpOnly"], one
        assert (one["sameSite"], one["path"], one["domain"]) == ("Lax", "/", NAME), one
    await page.goto("/settings/staff/new")
    await page.fill("input[name=name]", "Nina Orlova")
    await page.fill("input[name=email]", "nina@fifth.example")
    await page.press("input[name=email]", "Enter")
    await page.wait_for_url(re.compile(r"/settings/staff/\d+$"))
    assert all(answer.request.url.startswith(front.url) for answer in moved)
    for answer in moved:
        assert not answer.headers.get("location", "").startswith("http:"), answer.url
    await page.click("#person")
    await page.click("form[action='/sign-out'] button")
    await page.wait_for_url("**/sign-in")
    assert "__Host-session" not in {one["name"] for one in await context.cookies()}
    await context.add_cookies(kept)  # type: ignore[arg-type]  # what came out goes in
    await page.goto("/settings/staff")
    assert "/sign-in" in page.url


async def test_the_link_of_a_letter_leads_to_the_public_address_and_lets_in(
    context: BrowserContext, front: House
) -> None:
    page = await context.new_page()
    await enter(page)
    await page.goto("/settings/staff/new")
    await page.fill("input[name=name]", "Nina Orlova")
    await page.fill("input[name=email]", "nina@fifth.example")
    await page.press("input[name=email]", "Enter")
    await page.wait_for_url(re.compile(r"/settings/staff/\d+$"))
    link = (await page.inner_text("#link")).strip()
    assert link.startswith(f"{front.url}/links/")
    await context.clear_cookies()
    await page.goto(link)
    await page.fill("input[name=password]", "an entirely new sentence")
    await page.press("input[name=password]", "Enter")
    await page.wait_for_selector("#person")
    assert page.url == f"{front.url}/"


async def test_browsers_are_told_to_come_over_tls_alone(front: House) -> None:
    async with outside(front, "127.0.0.5") as client:
        answer = await client.get(
            "/sign-in", headers={"host": f"{NAME}:{front.public}"}, extensions={"sni_hostname": NAME}
        )
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert all("; Secure" in one for one in answer.headers.get_list("set-cookie"))


async def test_whoever_guesses_shuts_the_door_to_nobody_else(front: House) -> None:
    async with outside(front, "127.0.0.5") as guesser, outside(front, "127.0.0.6") as other:
        assert [await guess(guesser, front) for _ in range(11)] == [422] * 10 + [429]
        assert await guess(guesser, front, **{"x-forwarded-for": "203.0.113.7"}) == 429
        assert await guess(other, front) == 422
    assert await counted() == {"127.0.0.5", "127.0.0.6"}


async def test_past_the_proxy_nobody_makes_up_an_address(front: House) -> None:
    async with httpx.AsyncClient(
        transport=httpx.AsyncHTTPTransport(local_address="127.0.0.9"),
        base_url=f"http://127.0.0.1:{front.port}",
        timeout=60,
    ) as client:
        for number in (7, 8):
            made_up = {"x-forwarded-for": f"203.0.113.{number}", "x-forwarded-proto": "https"}
            assert await guess(client, front, **made_up) == 422
    assert await counted() == {"127.0.0.9"}
    assert "127.0.0.9 forwards requests of others, and FORWARDED_ALLOW_IPS does not name it" in front.said.read_text()


@pytest.mark.parametrize("origin", ["https://evil.example", f"http://{NAME}", "null"])
async def test_a_form_of_another_site_is_refused_behind_the_proxy(front: House, origin: str) -> None:
    async with outside(front, "127.0.0.5") as client:
        assert await guess(client, front, origin=origin) == 403


async def test_a_proxy_that_passes_on_the_host_alone_is_enough_to_work_and_the_log_says_what_is_missing(
    house: House,
) -> None:
    async with (
        proxy(house.public, [house.port], house.shown.server(), {"Host": "$http_host"}),
        outside(house, "127.0.0.5") as client,
    ):
        assert await guess(client, house) == 422
    assert "127.0.0.1 forwards requests without X-Forwarded-For" in house.said.read_text()


def test_readme_says_what_a_proxy_sets() -> None:
    assert set(told()) == {"Host", "X-Forwarded-For", "X-Forwarded-Proto"}
