"""What every answer carries, whoever asks for whatever."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urljoin

import httpx
import pytest

from console.app import create_app
from console.config import Settings
from console.routes._assets import SCRIPTS, asset
from tests.cast import VERA
from tests.page import Visitor, read
from tests.routes.conftest import SignIn
from tests.words import say

CONSOLE_JS = asset("console.js")
ADDRESSES = ["/sign-in", "/nowhere", "/static/console.css", "/static/nothing.css", "/livez", "/settings/staff"]


@pytest.mark.parametrize("address", ADDRESSES)
async def test_every_answer_has_a_strict_policy(stranger: Visitor, address: str) -> None:
    answer = await stranger.http.get(address)
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "https://cdn.jsdelivr.net/npm/htmx.org@2.0.11/dist/htmx.min.js" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"


async def test_pages_are_not_kept_by_anybody(sign_in: SignIn) -> None:
    visitor = await sign_in(VERA)
    for address in ("/", "/profile", "/nowhere", "/settings/staff"):
        assert (await visitor.http.get(address)).headers["cache-control"] == "no-store"


async def test_files_are_kept_under_the_address_of_their_content_only(stranger: Visitor) -> None:
    page = await stranger.open("/sign-in")
    link = page.tree.css_first('link[rel="stylesheet"]')
    assert link is not None
    address = str(link.attributes["href"])
    assert "immutable" in (await stranger.http.get(address)).headers["cache-control"]
    for other in (address.split("?")[0], address + "0", address.replace("?v=", "?v=0"), address + "&v=1"):
        assert (await stranger.http.get(other)).headers["cache-control"] == "no-store"


async def test_scripts_import_one_another_at_addresses_that_are_kept_too(stranger: Visitor) -> None:
    page = await stranger.open("/sign-in")
    wanted = [str(node.attributes["src"]) for node in page.tree.css('script[type="module"]')]
    folder = wanted[0].rpartition("/")[0] + "/"
    seen: set[str] = set()
    while wanted:
        address = wanted.pop()
        if address in seen:
            continue
        seen.add(address)
        answer = await stranger.http.get(address)
        assert answer.status_code == 200, address
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-type"].startswith("text/javascript")
        wanted += [urljoin(address, name) for name in re.findall(r'^import [^"]*"(.+?)"', answer.text, re.M)]
    assert seen == {folder + name for name in SCRIPTS}


async def test_a_script_without_its_version_is_not_kept(stranger: Visitor) -> None:
    answer = await stranger.http.get("/static/agenda/board.js")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")


async def test_the_page_names_the_pinned_script_with_its_hash(stranger: Visitor) -> None:
    page = await stranger.open("/sign-in")
    script = page.tree.css_first('script[src*="htmx"]')
    assert script is not None
    assert script.attributes["integrity"].startswith("sha384-")  # type: ignore[union-attr]
    assert script.attributes["crossorigin"] == "anonymous"


async def test_cookies_cannot_be_read_by_scripts_and_stay_on_the_site(stranger: Visitor) -> None:
    cookie = (await stranger.http.get("/sign-in")).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


async def test_over_tls_cookies_are_bound_to_the_host(clean: None, settings: Settings) -> None:
    app = create_app(replace(settings, public_url="https://console.example"))
    async with app.lifespan():
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="https://console.example") as client:
            answer = await client.get("/sign-in")
    assert answer.headers["set-cookie"].startswith("__Host-visitor=")
    assert "Secure" in answer.headers["set-cookie"]
    assert answer.headers["strict-transport-security"]


async def test_there_is_no_public_index_of_an_interface(stranger: Visitor) -> None:
    for address in ("/schema", "/schema/openapi.json", "/openapi.json", "/docs"):
        assert (await stranger.http.get(address)).status_code == 404


@pytest.mark.parametrize("host", ["console.test", "evil.example"])
@pytest.mark.parametrize("address", ["/static/console.css/x", "/static/", "/static/js", f"{CONSOLE_JS}/x"])
async def test_what_is_no_file_is_not_looked_for_on_the_disk(stranger: Visitor, address: str, host: str) -> None:
    answer = await stranger.http.get(address, headers={"host": host})
    assert answer.status_code == (404 if host == "console.test" else 421)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "address",
    [
        "/static/%00",
        "/static/" + "a" * 5000,
        "/static/" + "a" * 256,
        "/static/../console/app.py",
        "/static/%2e%2e/pyproject.toml",
        "/%00",
        "/%ff%fe",
        "/" + "a/" * 3000,
        "/sign-in?next=" + "a" * 9000,
        "/settings/staff/99999999999999999999999999",
        "/settings/staff/-1",
        "/settings/staff/abc",
        "/links/" + "a" * 900,
        "/links/%00",
        "/settings/history?before=99999999999999999999",
        "/search?q=%00%ff",
    ],
)
async def test_a_strange_address_is_answered_in_words(sign_in: SignIn, address: str) -> None:
    visitor = await sign_in(VERA)
    page = await visitor.open(address)
    assert page.status < 500
    assert page.heading


@pytest.mark.parametrize("fragment", [False, True], ids=["plain", "htmx"])
@pytest.mark.parametrize("address", ["/" + "a/" * 501, "/clients?q=" + "a" * 8000, "/static/console.css?" + "a" * 8001])
async def test_an_address_that_is_too_long_is_said_to_be_so(sign_in: SignIn, address: str, fragment: bool) -> None:
    visitor = await sign_in(VERA)
    page = read(await visitor.http.get(address, headers={"hx-request": "true"} if fragment else {}))
    assert (page.status, page.heading) == (414, say("This address is too long"))
    assert page.has(".person-name")
    token = (await visitor.open("/profile")).value("_csrf")
    assert (await visitor.post(address, {"_csrf": [token]})).status == 414
    assert (await visitor.open(address[:900])).status != 414


async def test_an_unknown_method_is_answered_in_words(stranger: Visitor) -> None:
    for method in ("PUT", "DELETE", "PATCH", "PROPFIND"):
        answer = await stranger.http.request(method, "/sign-in")
        assert answer.status_code == 405, method


async def test_a_page_can_be_asked_for_without_its_body(stranger: Visitor) -> None:
    for address in ("/sign-in", "/livez", "/static/console.css"):
        answer = await stranger.http.head(address)
        assert (answer.status_code, answer.content) == (200, b"")
