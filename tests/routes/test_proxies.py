"""Whose requests a proxy forwards, and what the log says where it does not tell."""

from __future__ import annotations

import logging

import pytest

from console.config import Settings
from console.routes._hosts import Hosts
from console.routes._proxies import Proxies
from console.serving import http_server

PUBLIC = "https://console.example.com"


@pytest.fixture(autouse=True)
def _console_logs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "console")


async def seen(peer: str, headers: dict[str, str], believed: str = "127.0.0.1", times: int = 1) -> tuple[str, str]:
    """The visitor's address and the scheme of a request, as the application has them behind the server."""
    settings = Settings.from_env({"PUBLIC_URL": PUBLIC, "FORWARDED_ALLOW_IPS": believed})
    proxies, found = Proxies(settings, Hosts(settings)), []

    async def app(scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        proxies.look(scope)
        found.append((scope["client"][0], scope["scheme"]))

    server = http_server(app, settings)
    server.config.load()
    for _ in range(times):
        scope = {
            "type": "http",
            "path": "/sign-in",
            "scheme": "http",
            "client": (peer, 4000),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        await server.config.loaded_app(scope, None, None)  # type: ignore[arg-type]
    return found[0]


@pytest.mark.parametrize(
    ("peer", "believed", "forwarded", "visitor"),
    [
        ("127.0.0.1", "127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "127.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "127.0.0.1", "203.0.113.7:5123", "203.0.113.7"),
        ("10.1.2.3", "127.0.0.1,10.0.0.0/8", "203.0.113.7, 10.9.9.9", "203.0.113.7"),
        ("10.1.2.3", "127.0.0.1", "203.0.113.7", "10.1.2.3"),
    ],
    ids=["the proxy's word", "what a visitor made up before it", "with a port", "two proxies", "not a proxy of ours"],
)
async def test_an_address_is_believed_from_the_proxies_alone(
    peer: str, believed: str, forwarded: str, visitor: str
) -> None:
    assert (await seen(peer, {"host": "127.0.0.1", "x-forwarded-for": forwarded}, believed))[0] == visitor


@pytest.mark.parametrize(("peer", "scheme"), [("127.0.0.1", "https"), ("10.1.2.3", "http")])
async def test_a_scheme_is_believed_from_the_proxies_alone(peer: str, scheme: str) -> None:
    assert (await seen(peer, {"x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https"}))[1] == scheme


@pytest.mark.parametrize(
    ("peer", "headers", "said"),
    [
        ("10.1.2.3", {"x-forwarded-for": "203.0.113.7"}, "10.1.2.3 forwards requests of others, and FORWARDED_ALLOW"),
        ("127.0.0.1", {"host": "console.example.com"}, "127.0.0.1 forwards requests without X-Forwarded-For"),
        ("127.0.0.1", {"host": "127.0.0.1:8000", "origin": PUBLIC}, "127.0.0.1 forwards requests without X-For"),
    ],
    ids=["a proxy that is not named", "a proxy that says nothing", "a proxy that says nothing and names this machine"],
)
async def test_the_log_says_once_that_visitors_cannot_be_told_apart(
    caplog: pytest.LogCaptureFixture, peer: str, headers: dict[str, str], said: str
) -> None:
    await seen(peer, headers, times=3)
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert caplog.records[0].getMessage().startswith(said)


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        ("127.0.0.1", {"host": "console.example.com", "x-forwarded-for": "203.0.113.7"}),
        ("127.0.0.1", {"host": "console.example.com", "x-forwarded-for": "[2001:db8::7]:5123"}),
        ("127.0.0.1", {"host": "127.0.0.1:8000"}),
    ],
    ids=["a proxy as it should be", "with a port", "somebody at this machine"],
)
async def test_where_nothing_is_missing_the_log_says_nothing(
    caplog: pytest.LogCaptureFixture, peer: str, headers: dict[str, str]
) -> None:
    await seen(peer, headers)
    assert caplog.records == []
