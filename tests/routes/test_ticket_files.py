"""Attachments over HTTP: what is sent is kept, and what is kept is never shown in the page."""

from __future__ import annotations

import pytest

from console.domain import db
from tests import factories
from tests.domain.tickets.desk import opened
from tests.page import Page, Visitor, read
from tests.words import say

PAGE = b"<script>alert(1)</script>"
ALL = "/tickets/1/attachments"


@pytest.fixture
async def ticket(anna: Visitor) -> int:
    return await opened(await factories.client())


async def send(visitor: Visitor, name: str, content: bytes) -> Page:
    fields = (await visitor.open(f"{ALL}/new")).fields(ALL)
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
