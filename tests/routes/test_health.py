"""Whether the process is ready."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest
from litestar import Litestar

from console.domain import clock, db
from console.domain.tickets import mailbox
from tests import factories
from tests.page import Visitor


async def test_it_is_ready_on_a_database_of_its_version(stranger: Visitor) -> None:
    answer = await stranger.http.get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (200, "ok")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("INSERT INTO migration (name, app_name) VALUES ('9999-12-31', 'console')", "newer version"),
        ("INSERT INTO operation_kind (name) VALUES ('of.tomorrow')", "newer version"),
        ("DELETE FROM migration WHERE id = (SELECT max(id) FROM migration)", "console migrate"),
    ],
    ids=["a newer migration", "a newer kind", "a migration that is missing"],
)
async def test_it_is_not_ready_on_a_database_of_another_version(
    stranger: Visitor, as_owner: asyncpg.Connection, statement: str, words: str
) -> None:
    await as_owner.execute(statement)
    answer = await stranger.http.get("/readyz")
    assert answer.status_code == 503
    assert words in answer.json()["database"]


async def test_messages_that_nobody_takes_up_are_told_of_and_booking_goes_on(stranger: Visitor) -> None:
    assert (await stranger.http.get("/readyz")).json()["messages"] == "ok"
    client = await factories.client()
    told = {"kind": "tier.warning", "variables": "{}", "dedupe_key": "1", "status": "due"}
    await factories._insert("message", client=client, due_at=clock.now() - timedelta(minutes=9), **told)
    assert (await stranger.http.get("/readyz")).json()["messages"] == "ok"
    await db.execute("UPDATE message SET try_at = $1", clock.now() - timedelta(minutes=11))
    answer = await stranger.http.get("/readyz")
    assert (answer.status_code, answer.json()["status"], answer.json()["messages"]) == (200, "ok", "late")


async def test_a_mailbox_that_nobody_can_read_is_told_of_and_booking_goes_on(
    stranger: Visitor, app: Litestar, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await stranger.http.get("/readyz")).json()["mailbox"] == "none"
    settings = replace(app.state.settings, imap_url="imaps://desk:secret@mail.example/INBOX")
    monkeypatch.setattr(app.state, "settings", settings)
    name = settings.mailbox
    assert name is not None
    await mailbox.looked(name, clock.now() - timedelta(minutes=16), None)
    assert (await stranger.http.get("/readyz")).json()["mailbox"] == "late"
    await mailbox.looked(name, clock.now(), None)
    assert (await stranger.http.get("/readyz")).json()["mailbox"] == "ok"
