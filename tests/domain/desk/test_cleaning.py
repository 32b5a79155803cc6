"""Once somebody was erased, the tables' files are cleaned of what was known of them."""

from __future__ import annotations

from datetime import timedelta

import asyncpg
import pytest

from console.domain import clock, db
from console.domain.desk import cleaning
from console.domain.tables import Entity, referring
from tests.cast import NOW
from tests.domain.desk.deeds import erase, lived
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
