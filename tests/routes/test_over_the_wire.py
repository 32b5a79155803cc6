"""What only a real HTTP server shows: methods, bodies that come slowly or not at all, and who hung up meanwhile."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from itertools import chain, repeat
from urllib.parse import urlencode
from uuid import uuid4

import asyncpg
import httpx
import pytest
from litestar import Litestar

from console import serving, wire
from console.config import Settings
from console.domain import clock, db
from console.domain.ids import StaffId
from console.domain.intent import Intent
from console.domain.secret import Secret
from console.domain.team import accounts, door, passwords, profiles
from console.domain.team.rules import Role
from console.routes import _edge, _errors, _session
from tests import factories
from tests.cast import OLEG, PASSWORD, VERA, Person
from tests.page import Page, Visitor
from tests.patience import PATIENCE
from tests.routes.conftest import SignIn
from tests.routes.doors import token
from tests.words import say

Address = tuple[str, int]
Rename = Callable[[Visitor], Awaitable["Slow"]]


class Slow:
    """A form on its way: all of it is sent but the last byte."""

    def __init__(self, address: Address, visitor: Visitor, page: Page, path: str, **typed: str) -> None:
        self.address = address
        fields = page.fields(path) | {name: [value] for name, value in typed.items()}
        self.body = urlencode(fields, doseq=True).encode()
        self.head = (
            f"POST {path} HTTP/1.1\r\nHost: console.test\r\nOrigin: http://console.test\r\n"
            f"Cookie: session={token(visitor)}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(self.body)}\r\n\r\n"
        ).encode()

    async def begin(self) -> None:
        self.reader, self.writer = await asyncio.open_connection(*self.address)
        self.writer.write(self.head + self.body[:-1])
        await self.writer.drain()

    async def finish(self) -> int:
        self.writer.write(self.body[-1:])
        return await self.status()

    async def status(self) -> int:
        return int((await self.reader.readline()).split()[1])

    def hang_up(self) -> None:
        self.writer.transport.abort()


@pytest.fixture
async def rename(address: Address) -> AsyncIterator[Rename]:
    """Begins a change of one's name, which is let in and waits for its last byte."""
    begun: list[Slow] = []

    async def beginning(visitor: Visitor) -> Slow:
        begun.append(await _begin(address, visitor))
        return begun[-1]

    yield beginning
    for one in begun:
        one.writer.close()


async def _begin(address: Address, visitor: Visitor) -> Slow:
    page = await visitor.open("/profile")
    seen, looks = asyncio.Event(), _session.signed_in

    async def looking(*args: object, **named: object) -> object:
        signed = await looks(*args, **named)  # type: ignore[arg-type]
        seen.set()
        return signed

    _session.signed_in = looking  # type: ignore[assignment]
    try:
        slow = Slow(address, visitor, page, "/profile", name="Changed after all")
        await slow.begin()
        await seen.wait()
    finally:
        _session.signed_in = looks
    return slow


def intent(person: Person) -> Intent:
    return Intent(uuid4(), person.actor, clock.now())


async def changes_role() -> None:
    await accounts.change(intent(OLEG), StaffId(VERA.id), None, VERA.name, VERA.email, Role.SUPPORT)


async def closes_the_account() -> None:
    await accounts.retire(intent(OLEG), StaffId(VERA.id), None)


async def changes_the_password() -> None:
    await passwords.change_password(intent(VERA), Secret(PASSWORD), Secret("an entirely new sentence"))


async def signs_out() -> None:
    await door.sign_out(await db.fetchval("SELECT max(id) FROM staff_session WHERE staff = $1", VERA.id), clock.now())


ENDS = (changes_role, closes_the_account, changes_the_password, signs_out)


@pytest.mark.parametrize("prompt", [60.0, -1.0], ids=["the operation looks", "the gate looks"])
@pytest.mark.parametrize("end", ENDS)
async def test_a_form_on_its_way_does_nothing_once_its_session_has_ended(
    rename: Rename,
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
    end: Callable[[], Awaitable[None]],
    prompt: float,
) -> None:
    monkeypatch.setattr(_session, "PROMPT_SECONDS", prompt)
    await factories.staff(OLEG)
    slow = await rename(await sign_in(VERA))
    await end()
    assert await slow.finish() == 403
    assert await db.fetchval("SELECT name FROM staff WHERE id = $1", VERA.id) == VERA.name
    assert await db.fetchval("SELECT count(*) FROM operation WHERE kind = 'profile.change'") == 0


async def test_what_was_typed_is_shown_to_whoever_is_signed_out_meanwhile(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    vera = await sign_in(VERA)
    page = await vera.open("/profile")
    permitted = profiles.change_profile

    async def late(*args: object) -> object:
        await db.execute("UPDATE staff_session SET revoked_at = now()")
        return await permitted(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(profiles, "change_profile", late)
    answer = await vera.send(page, "/profile", name="Typed with care")
    assert (answer.status, answer.heading) == (403, "You are signed out")
    assert answer.value("name") == "Typed with care"
    assert not answer.has(".person-name")
    tried = await (await sign_in(OLEG)).open("/settings/history?tab=refused")
    assert f"{say('tried.profile.change')}: {say('why.refused.signed_out')}" in tried.words("tbody tr")


async def test_a_session_ends_after_the_operation_that_has_looked_at_it(
    sign_in: SignIn, as_owner: asyncpg.Connection
) -> None:
    vera = await sign_in(VERA)
    page = await vera.open("/profile")
    async with as_owner.transaction():
        await as_owner.execute("SELECT 1 FROM staff WHERE id = $1 FOR UPDATE", VERA.id)
        sent = asyncio.create_task(vera.send(page, "/profile", name="First"))
        await _waiting(1)
        ended = asyncio.create_task(signs_out())
        await _waiting(2)
        assert not ended.done()
    await asyncio.gather(sent, ended)
    assert await db.fetchval("SELECT name FROM staff WHERE id = $1", VERA.id) == "First"


async def _waiting(number: int) -> None:
    """Until so many wait for a lock."""
    async with asyncio.timeout(PATIENCE):
        while await db.fetchval("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted") < number:  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_a_body_that_stops_coming_is_given_up(
    rename: Rename, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_edge, "PIECE_SECONDS", 0.05)
    slow = await rename(await sign_in(VERA))
    assert await slow.status() == 408
    rest = (await slow.reader.read()).decode()  # to the end: the connection is closed
    assert "connection: close" in rest
    assert say("refused.too_slow").split(".")[0] in rest


async def test_a_body_that_trickles_is_given_up(
    rename: Rename, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_edge, "BODY_SECONDS", 0.05)
    assert await (await rename(await sign_in(VERA))).status() == 408


async def test_who_hangs_up_is_one_line_and_no_fault(
    rename: Rename, sign_in: SignIn, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = await rename(await sign_in(VERA))
    told = asyncio.Event()
    monkeypatch.setattr(_errors.log, "info", lambda *_: told.set())
    slow.hang_up()
    await told.wait()
    assert [one.getMessage() for one in caplog.records if one.levelname == "ERROR"] == []
    assert await db.fetchval("SELECT name FROM staff WHERE id = $1", VERA.id) == VERA.name


async def test_a_server_that_stops_waits_for_no_rest_of_a_request_and_answers_what_it_has(
    app: Litestar, settings: Settings, sign_in: SignIn, as_owner: asyncpg.Connection
) -> None:
    vera = await sign_in(VERA)
    sock = socket.create_server(("127.0.0.1", 0))
    patient = serving.http_server(app, settings, lifespan="off", log_config=None, timeout_graceful_shutdown=None)
    serves = asyncio.create_task(patient.serve(sockets=[sock]))
    half = await _begin(sock.getsockname()[:2], vera)
    whole = await _begin(sock.getsockname()[:2], vera)
    async with as_owner.transaction():
        await as_owner.execute("SELECT 1 FROM staff WHERE id = $1 FOR UPDATE", VERA.id)
        answer = asyncio.create_task(whole.finish())
        await _waiting(1)
        patient.should_exit = True
        assert await half.status() == 503
        assert b"retry-after" in await half.reader.read()  # to the end: the connection is closed
        assert not answer.done()
        assert not serves.done()
    assert await answer == 303
    await serves
    for one in (half, whole):
        one.writer.close()
    assert await db.fetchval("SELECT count(*) FROM operation WHERE kind = 'profile.change'") == 1


@pytest.mark.parametrize("path", ["/sign-in", "/nowhere", "/static/console.css", "/livez", "/"])
async def test_head_answers_as_get_without_the_body(
    address: Address, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with httpx.AsyncClient(base_url="http://{}:{}".format(*address), timeout=PATIENCE) as client:
        for _ in range(2):  # twice over one connection
            head, get = await client.head(path), await client.get(path)
            assert (head.status_code, head.content) == (get.status_code, b"")
            assert head.headers.get("content-length") == get.headers.get("content-length")
    assert [one for one in caplog.records if one.levelname == "ERROR"] == []


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/sign-in", "GET, HEAD, OPTIONS, POST"),
        ("/settings/staff/13", "GET, HEAD, OPTIONS, POST"),
        ("/livez", "GET, HEAD, OPTIONS"),
        ("/sign-out", "OPTIONS, POST"),
    ],
)
async def test_options_says_which_methods_there_are_and_nothing_else(
    stranger: Visitor, path: str, methods: str
) -> None:
    answer = await stranger.http.request("OPTIONS", path)
    assert (answer.status_code, answer.text, answer.headers["allow"]) == (204, "", methods)


async def test_a_page_is_shown_while_an_operation_of_the_session_is_under_way(
    sign_in: SignIn, as_owner: asyncpg.Connection
) -> None:
    vera = await sign_in(VERA)
    await as_owner.execute("UPDATE staff_session SET seen_at = seen_at - interval '5 minutes'")
    async with as_owner.transaction():
        await as_owner.execute("SELECT 1 FROM staff_session FOR SHARE")
        assert (await vera.open("/profile")).status == 200


@pytest.mark.parametrize(
    ("begun", "answer"),
    [(b"", b""), (b"GET / HT", b"HTTP/1.1 408"), (b"GET / HTTP/1.1\r\nHost: console.test\r\nX-Sl", b"HTTP/1.1 408")],
    ids=["nothing", "half a line", "half a header"],
)
async def test_the_head_of_a_request_that_does_not_come_on_is_given_up(
    address: Address, monkeypatch: pytest.MonkeyPatch, begun: bytes, answer: bytes
) -> None:
    monkeypatch.setattr(wire, "HEAD_SECONDS", 0.05)
    reader, writer = await asyncio.open_connection(*address)
    writer.write(begun)
    said = await asyncio.wait_for(reader.read(), PATIENCE)  # to the end: the connection is closed
    assert said.startswith(answer)
    assert bool(said) is bool(answer)
    writer.close()


async def test_a_second_head_that_does_not_come_on_is_given_up_as_well(
    address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "HEAD_SECONDS", 0.05)
    reader, writer = await asyncio.open_connection(*address)
    writer.write(b"GET /livez HTTP/1.1\r\nHost: console.test\r\n\r\nGET /li")
    said = await asyncio.wait_for(reader.read(), PATIENCE)
    assert said.startswith(b"HTTP/1.1 200")
    assert b"HTTP/1.1 408" in said
    writer.close()


LINE = b"GET /livez HTTP/1.1\r\nHost: console.test\r\n"
FIELD = b"X-Field: " + b"a" * 8_000 + b"\r\n"
PIECES = b"POST /livez HTTP/1.1\r\nHost: console.test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"


def without_end(*parts: bytes, again: bytes) -> Iterator[bytes]:
    """A request that goes on and on."""
    return chain(parts, repeat(again))


@pytest.mark.parametrize(
    ("sent", "answers"),
    [
        (without_end(LINE, again=FIELD), [b"431"]),
        (without_end(LINE, b"X-Field: ", again=b"a" * 10_000), [b"431"]),
        (without_end(LINE, again=b"a" * 10_000), [b"431"]),
        (without_end(b"GET /", again=b"a" * 10_000), [b"431"]),
        (without_end(LINE + b"\r\n" + LINE, again=FIELD), [b"200", b"431"]),
        (without_end((LINE + b"\r\n") * 2 + LINE, again=FIELD), [b"200", b"200", b"431"]),
        (iter([LINE + FIELD * 9 + b"\r\n"]), [b"431"]),
        (iter([LINE + FIELD * 7 + b"Connection: close\r\n\r\n"]), [b"200"]),
    ],
    ids=["fields", "a field", "a name", "a line", "a second head", "a third head", "whole", "not too large"],
)
async def test_a_head_that_is_too_large_is_not_read_on(
    address: Address, sent: Iterator[bytes], answers: list[bytes]
) -> None:
    assert await answered(address, sent) == answers


@pytest.mark.parametrize("again", [FIELD, b"a" * 10_000], ids=["fields", "a field"])
async def test_nor_are_fields_without_end_after_a_body_in_pieces(address: Address, again: bytes) -> None:
    answers = await answered(address, without_end(PIECES, again=again))  # to the end: the connection is closed
    assert len(answers) <= 1


async def answered(address: Address, sent: Iterator[bytes]) -> list[bytes]:
    """The statuses that a connection is answered with until it is closed."""
    reader, writer = await asyncio.open_connection(*address)
    said = asyncio.ensure_future(reader.read())
    with suppress(ConnectionError):
        for piece in sent:
            if said.done():
                break
            writer.write(piece)
            await writer.drain()
    with suppress(ConnectionError):
        await asyncio.wait_for(said, PATIENCE)
    writer.transport.abort()
    return re.findall(rb"HTTP/1.1 (\d+)", b"" if said.exception() else said.result())


async def test_who_asks_for_another_protocol_is_answered_in_this_one_without_a_word_to_the_terminal(
    address: Address, caplog: pytest.LogCaptureFixture
) -> None:
    async with httpx.AsyncClient(base_url="http://{}:{}".format(*address), timeout=PATIENCE) as client:
        for name in ("websocket", "h2c"):
            answer = await client.get("/livez", headers={"connection": "upgrade", "upgrade": name})
            assert answer.status_code == 200
    assert [one.getMessage() for one in caplog.records if one.levelname in {"WARNING", "ERROR"}] == []
