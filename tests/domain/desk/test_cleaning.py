"""Once somebody was erased, the tables' files are cleaned of what was known of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from console.domain import clock, db
from console.domain.clients import actions as clients
from console.domain.clients.rules import Names, Phone
from console.domain.desk import cleaning
from console.domain.desk.actions import erase_writer
from console.domain.ids import TicketId
from console.domain.intent import SYSTEM
from console.domain.tables import Entity, referring
from console.domain.tickets import mail, writers
from console.domain.tickets.mail_rules import Arrived, Envelope, MailKind
from tests.cast import NOW, VERA
from tests.domain.desk import deeds
from tests.domain.desk.deeds import erase, intent, lived, zoe
from workers import erasures

pytestmark = pytest.mark.usefixtures("desk")


async def row_versions(connection: asyncpg.Connection, table: str) -> str:
    """Every version of a row that a table's file holds, as text."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute("CREATE EXTENSION pageinspect")
        held = await connection.fetch(
            "SELECT i.t_data FROM generate_series(0, pg_relation_size($1::text::regclass) / 8192 - 1) AS page,"
            " heap_page_items(get_raw_page($1::text, page)) AS i WHERE i.t_data IS NOT NULL",
            table,
        )
    finally:
        await transaction.rollback()
    return b"".join(row["t_data"] for row in held).decode("utf-8", errors="replace").lower()


async def test_no_version_of_their_rows_is_left_once_the_files_were_cleaned(
    as_superuser: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await erase(await lived())
    assert "xanthopoulou" in await row_versions(as_superuser, "client_profile")
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=3))
    await erasures.clean_erased({})
    assert "xanthopoulou" in await row_versions(as_superuser, "client_profile")
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=1))
    await erasures.clean_erased({})
    for table in cleaning.tables():
        kept = await row_versions(as_superuser, table)
        assert [trace for trace in ("xanthopoulou", "quentin", "quince lane", "5557788") if trace in kept] == [], table


async def test_the_statistics_of_the_planner_quote_nothing_of_them(
    as_superuser: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    erased = [await lived(), await zoe(), await zoe()]
    await as_superuser.execute("ANALYZE")

    async def quoted() -> str:
        rows = await as_superuser.fetch("SELECT row_to_json(s)::text FROM pg_stats s WHERE schemaname = 'public'")
        return "".join(row[0] for row in rows).lower()

    assert "xanthopoulou" in await quoted()
    for client in erased:
        await erase(client)
    await clients.add(
        intent(), replace(deeds.ZOE, names=Names("Other"), phones=(Phone("+79210001122"),), address="Elsewhere")
    )
    monkeypatch.setattr(clock, "now", lambda: NOW)
    await erasures.clean_erased({})
    left = await quoted()
    assert [trace for trace in ("xanthopoulou", "quentin", "quince lane", "5557788") if trace in left] == []


async def test_it_is_done_once_somebody_was_erased_who_is_no_client(as_superuser: asyncpg.Connection) -> None:
    envelope = Envelope(bytes(32), "zoe@mail.example", "Zoe Xanthopoulou", "A stamp", "<a@mail.example>")
    done = await mail.receive(intent(SYSTEM), Arrived(envelope, MailKind.ORDINARY, "Where is it?"))
    written = await writers.mail_of(TicketId(done.result["ticket"]))
    assert written is not None
    await erase_writer(intent(VERA.actor, reason="asked"), written)
    assert "xanthopoulou" in await row_versions(as_superuser, "ticket_mail")
    await cleaning.clean(NOW)
    assert "xanthopoulou" not in await row_versions(as_superuser, "ticket_mail")


async def test_what_the_role_may_not_clean_is_named(
    as_owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await erase(await lived())
    role = await db.fetchval("SELECT current_user")
    monkeypatch.setattr(clock, "now", lambda: NOW)
    await as_owner.execute(f"REVOKE MAINTAIN ON client_note FROM {role}")
    try:
        await erasures.clean_erased({})
    finally:
        await as_owner.execute(f"GRANT MAINTAIN ON client_note TO {role}")
    assert [record.getMessage() for record in caplog.records if "VACUUM" in record.getMessage()] == [
        "somebody was erased, and this role may not VACUUM client_note: see Personal data in README"
    ]


def test_every_table_of_a_client_that_holds_personal_values_is_cleaned() -> None:
    assert {name for name, _ in referring("client") if name in Entity.personal} <= set(cleaning.tables())
