"""Attachments over HTTP: what is sent is kept, and what is kept is never shown in the page."""

from __future__ import annotations

import pytest

from console.domain import db
from console.domain.ids import TicketId
from console.domain.tickets import actions
from console.domain.tickets.rules import TicketChannel
from tests import factories
from tests.domain.tickets.desk import intent, opened
from tests.page import Page, Visitor, read
from tests.words import say

PAGE = b"<script>alert(1)</script>"
ALL = "/tickets/1/attachments"


@pytest.fixture
async def ticket(anna: Visitor) -> int:
    return await opened(await factories.client())


async def send(visitor: Visitor, name: str, content: bytes, **typed: list[str]) -> Page:
    fields = (await visitor.open(f"{ALL}/new")).fields(ALL) | typed
    files = {"file": (name, content)} if name else {"other": ("", b"")}
    return read(await visitor.http.post(ALL, data=fields, files=files))


async def test_a_file_is_attached_and_downloaded_and_a_browser_runs_nothing_of_it(anna: Visitor, ticket: int) -> None:
    assert (await send(anna, "Пол.html", PAGE)).status == 303
    file = await db.fetchval("SELECT id FROM ticket_file")
    answer = await anna.http.get(f"{ALL}/{file}")
    assert answer.content == PAGE
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in answer.headers.get_list("content-security-policy")[0]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await anna.http.get(f"/tickets/2/attachments/{file}")).status_code == 404


async def test_what_is_not_taken_is_told_at_the_field(anna: Visitor, ticket: int) -> None:
    refused = await send(anna, "a.exe", b"MZ\x90\x00")
    assert (refused.status, refused.error("file")) == (422, say("problem.file_kind"))
    large = await send(anna, "a.txt", b"x" * (10 * 1024**2 + 1))
    assert large.error("file") == say("problem.file_large", limit=10)
    assert (await send(anna, "", b"")).error("file") == say("problem.choose_file")
    assert await db.fetchval("SELECT count(*) FROM ticket_file") == 0


async def test_whether_it_goes_to_the_client_is_asked_while_a_reply_waits_and_else_told(
    anna: Visitor, ticket: int
) -> None:
    among_us = say("It stays among us. What the client is to have goes with a reply.")
    assert among_us in (await anna.open(f"{ALL}/new")).words("#main")
    await actions.reply(intent(), TicketId(ticket), None, "Here", channel=TicketChannel.EMAIL)
    page = await anna.open(f"{ALL}/new")
    assert page.has("[name=along]:not([checked])")
    assert among_us not in page.words("#main")
    assert (await send(anna, "a.txt", b"a", along=["on"])).status == 303
    assert await db.fetchval("SELECT e.kind FROM ticket_file f JOIN ticket_entry e ON e.id = f.entry") == "out"
    await db.execute("UPDATE message SET status = 'sent', channel = 'email', sent_at = try_at")
    late = await send(anna, "b.txt", b"b", along=["on"])
    assert (late.status, late.error("along")) == (422, say("problem.reply_has_left"))
    assert await db.fetchval("SELECT count(*) FROM ticket_file") == 1
