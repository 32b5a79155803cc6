"""Under which names the console is reached: its own, and the machine's for whoever sits at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import httpx
import pytest

from console.app import create_app
from console.config import Settings
from console.domain import db
from console.routes._hosts import Hosts
from tests.cast import VERA
from tests.page import Visitor, read
from tests.routes.conftest import BASE, SignIn
from tests.words import say

EVERYWHERE = {"HOST": "0.0.0.0"}
SHOP = {"HOST": "0.0.0.0", "PUBLIC_URL": "http://192.168.1.20:8000"}
PROXIED = {"PUBLIC_URL": "https://console.example.com", "PORT": "9000"}

TAKEN = [
    ({}, "127.0.0.1:8000"),
    ({}, "localhost:8000"),
    ({}, "LOCALHOST:8000"),
    ({}, "[::1]:8000"),
    (SHOP, "192.168.1.20:8000"),
    (SHOP, "127.0.0.1:8000"),
    (SHOP, "localhost:8000"),
    (PROXIED, "console.example.com"),
    (PROXIED, "Console.Example.com:443"),
    (PROXIED, "127.0.0.1:9000"),
    *((EVERYWHERE, host) for host in ("127.0.0.1:8000", "localhost:8000", "[::1]:8000")),
    *((EVERYWHERE, host) for host in ("192.168.1.20:8000", "192.168.1.20:9000", "192.168.1.20", "[2001:db8::7]:8000")),
    ({"HOST": "::"}, "[::1]:8000"),
    ({"HOST": "::"}, "[2001:db8::7]:8000"),
]
REFUSED = [
    ({}, "evil.example:8000"),
    ({}, "127.0.0.1:9999"),
    ({}, "127.0.0.1.evil.example:8000"),
    ({}, "localhost.evil.example:8000"),
    ({}, "me@127.0.0.1:8000"),
    ({}, "127.0.0.1:port"),
    ({}, ""),
    (SHOP, "192.168.1.21:8000"),
    (SHOP, "192.168.1.20"),
    (PROXIED, "console.example.com.evil.example"),
    (PROXIED, "console.example.com:8443"),
    *(
        (EVERYWHERE, host)
        for host in ("evil.example:8000", "desk:8000", "192.168.1.20.evil.example:8000", "1:8000", "")
    ),
    *((EVERYWHERE, host) for host in ("0.0.0.0:8000", "[::]:8000", "0x7f.1:8000", "me@192.168.1.20:8000")),
    ({**EVERYWHERE, "PUBLIC_URL": "http://desk:8000"}, "192.168.1.20:8000"),
]


def asked(env: Mapping[str, str], host: str, scheme: str = "") -> tuple[Hosts, dict[str, object]]:
    settings = Settings.from_env(env)
    scope = {
        "path": "/sign-in",
        "headers": [(b"host", host.encode())],
        "scheme": scheme or settings.public_url.partition(":")[0],
        "server": ("127.0.0.1", settings.port),
    }
    return Hosts(settings), scope


@pytest.mark.parametrize(("env", "host"), TAKEN)
def test_its_own_names_are_taken(env: Mapping[str, str], host: str) -> None:
    hosts, scope = asked(env, host)
    assert hosts.take(scope)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "host", "ours"),
    [
        ("https://console.example.com", "console.example.com", True),
        ("https://console.example.com", "console.example.com:443", True),
        ("https://console.example.com", "console.example.com:80", False),
        ("https://console.example.com:8443", "console.example.com:8443", True),
        ("http://console.example.com", "console.example.com", True),
    ],
)
def test_a_proxy_that_ends_tls_and_does_not_say_so_reaches_it_all_the_same(url: str, host: str, ours: bool) -> None:
    hosts, scope = asked({"PUBLIC_URL": url, "PORT": "9000"}, host, "http")
    assert hosts.take(scope) is ours  # type: ignore[arg-type]


@pytest.mark.parametrize(("env", "host"), REFUSED)
def test_other_names_are_not(env: Mapping[str, str], host: str) -> None:
    hosts, scope = asked(env, host)
    assert not hosts.take(scope)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("env", "host", "origin", "ours"),
    [
        ({}, "localhost:8000", "http://localhost:8000", True),
        ({}, "localhost:8000", "https://localhost:8000", False),
        ({}, "localhost:8000", "http://localhost:9000", False),
        (SHOP, "192.168.1.20:8000", "http://192.168.1.20:8000", True),
        (SHOP, "127.0.0.1:8000", "http://127.0.0.1:8000", True),
        (SHOP, "192.168.1.20:8000", "https://192.168.1.20:8000", False),
        (PROXIED, "127.0.0.1:9000", "https://console.example.com", True),
        (PROXIED, "console.example.com", "http://console.example.com", False),
        (PROXIED, "console.example.com", "null", False),
        (EVERYWHERE, "192.168.1.20:8000", "http://192.168.1.20:8000", True),
        (EVERYWHERE, "192.168.1.20:8000", "http://192.168.1.21:8000", False),
        (EVERYWHERE, "192.168.1.20:8000", "https://192.168.1.20:8000", False),
        (EVERYWHERE, "here.test:8000", "http://here.test:8000", False),
    ],
)
def test_a_form_comes_from_its_own_scheme_host_and_port(
    env: Mapping[str, str], host: str, origin: str, ours: bool
) -> None:
    hosts, scope = asked(env, host, "http")
    assert hosts.sent_from_here(origin, scope) is ours  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["/", "/sign-in", "/nowhere", "/logo/1"])
async def test_another_host_is_told_where_the_console_is_and_nothing_else(stranger: Visitor, path: str) -> None:
    answer = read(await stranger.http.get(path, headers={"host": "evil.example"}))
    assert (answer.status, answer.heading) == (421, say("This is not the console's address"))
    assert BASE in answer.words("main")
    assert "set-cookie" not in answer.response.headers
    assert "default-src 'none'" in answer.response.headers["content-security-policy"]


async def test_a_form_for_another_host_changes_nothing(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.open("/profile")
    fields = page.fields("/profile") | {"name": ["Another"]}
    assert (await vera.post("/profile", fields, host="evil.example")).status == 421
    assert await db.fetchval("SELECT name FROM staff WHERE id = $1", VERA.id) == VERA.name


async def test_a_console_that_nobody_named_tells_a_strange_name_by_which_address_it_was_reached(
    clean: None, settings: Settings
) -> None:
    made = create_app(replace(settings, host="0.0.0.0", public_url="http://127.0.0.1:8000"))
    async with made.lifespan():
        transport = httpx.ASGITransport(app=made)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://192.168.1.20:8000") as client:
            assert (await client.get("/sign-in")).status_code == 200
            answer = read(await client.get("/sign-in", headers={"host": "evil.example"}))
    assert answer.status == 421
    assert answer.has('#main a[href="http://192.168.1.20:8000"]')


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/static/console.css"])
async def test_probes_are_answered_under_any_name(stranger: Visitor, path: str) -> None:
    assert (await stranger.http.get(path, headers={"host": "10.0.0.7:8000"})).status_code == 200


@pytest.mark.parametrize("path", ["/livezz", "/readyz/", "/staticky", "/sign-in"])
async def test_what_only_looks_like_a_probe_is_not_answered_under_any_name(stranger: Visitor, path: str) -> None:
    assert (await stranger.http.get(path, headers={"host": "10.0.0.7:8000"})).status_code == 421


async def test_a_form_from_the_same_name_without_tls_is_not_ours(clean: None, settings: Settings) -> None:
    made = create_app(replace(settings, public_url="https://console.example"))
    async with made.lifespan():
        transport = httpx.ASGITransport(app=made)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="https://console.example") as client:
            page = read(await client.get("/sign-in"))
            sent = {"_csrf": page.value("_csrf"), "email": "", "password": ""}
            statuses = [
                (await client.post("/sign-in", data=sent, headers={"origin": origin})).status_code
                for origin in ("http://console.example", "https://console.example")
            ]
    assert statuses == [403, 422]


async def test_behind_a_proxy_that_names_this_machine_one_comes_back_to_the_page_one_was_on(
    clean: None, settings: Settings
) -> None:
    made = create_app(replace(settings, public_url="http://console.example"))
    async with made.lifespan():
        transport = httpx.ASGITransport(app=made)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url=f"http://127.0.0.1:{settings.port}") as client:
            page = read(await client.get("/sign-in?next=/settings/holidays"))
            sent = {"_csrf": page.value("_csrf"), "theme": "dark"}
            came = {
                referer: (
                    await client.post(
                        "/preferences/theme",
                        data=sent,
                        headers={"origin": "http://console.example", "referer": referer},
                    )
                ).headers["location"]
                for referer in (
                    "http://console.example/sign-in?next=/settings/holidays",
                    f"http://127.0.0.1:{settings.port}/forgotten",
                    "http://evil.example/sign-in",
                )
            }
    assert list(came.values()) == ["/sign-in?next=/settings/holidays", "/forgotten", "/"]
