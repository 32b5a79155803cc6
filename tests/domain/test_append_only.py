"""What was written once stays, whoever asks: the application's role, or the owner of the tables by mistake."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from console import embedded
from console.domain import db
from console.domain.errors import Forbidden
from tests import factories
from tests.cast import ANNA, NOW
from tests.domain import deeds
from tests.domain.deeds import CLERK, intent

GUARDED = """
    SELECT c.relname AS name,
           bool_or(t.tgtype & 16 > 0) AS updates, bool_or(t.tgtype & 8 > 0) AS deletes,
           bool_or(t.tgtype & 32 > 0) AS truncates, bool_and(t.tgenabled = 'O' AND t.tgtype & 2 > 0) AS before
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE t.tgfoid IN ('append_only'::regproc, 'erased_only'::regproc) GROUP BY c.relname ORDER BY c.relname
"""
REFUSED = (asyncpg.InsufficientPrivilegeError, asyncpg.RestrictViolationError)


@pytest.fixture
async def guarded(kernel: None, as_owner: asyncpg.Connection) -> list[str]:
    """The append-only tables, each with a row."""
    await deeds.open_location(intent(), "Centre")
    with pytest.raises(Forbidden):
        await deeds.open_location(intent(ANNA.actor), "North")
    opened = await deeds.open_location(intent(), "North")
    await deeds.edit(intent(), opened.result["location"], {"name": "South"})
    await as_owner.execute("INSERT INTO logo (operation, media_type, content) VALUES (1, 'image/png', 'x')")
    said = {"channel": "sms", "purpose": "offers", "given": True, "at": NOW, "source": "import"}
    client = await factories.client()
    await factories._insert("client_consent", client=client, **said)
    posted = {"client": client, "on": NOW.date(), "source": "visit:1", "snapshot": "{}"}
    await factories._insert("loyalty_entry", unit="stamp", verb="earn", delta=1, lot=1, **posted)
    await factories._insert("tier_entry", event="raised", **posted)
    line = {"position": 1, "service": await factories.service(), "names": "{}", "quantity": 1}
    money = dict.fromkeys(("listed", "unit", "packed", "free", "discount"), 0)
    here = {"location": opened.result["location"], "at": NOW, "currency": "EUR"}
    visit = await factories._insert("visit", on=NOW.date(), programme=0, due=1, **here)
    await factories._insert("visit_line", visit=visit, **line, **money)
    method = await db.fetchval("SELECT min(id) FROM payment_method")
    await factories._insert("payment", visit=visit, method=method, minor=1, tip=False, **here)
    await as_owner.execute(
        "INSERT INTO printed (operation, hash, document, language, paper, programme_version, content)"
        " SELECT 1, sha256('x'), 'rules', 'en', 'a4', id, '%PDF-1.7' FROM programme_version LIMIT 1"
    )
    lasts = {"starts_at": NOW, "ends_at": NOW + timedelta(hours=1)}
    booked = {"client": client, "location": here["location"], "status": "no_show", "source": "desk"}
    async with db.ENGINE.transaction():
        booking = await factories._insert("booking", **lasts, **booked)
        buffers = {"buffer_before": 0, "buffer_after": 0}
        await factories._insert("booking_item", booking=booking, service=line["service"], **lasts, **buffers)
    missed = await factories._insert("status_change", booking=booking, status="no_show")
    owed = {"client": client, "booking": booking, "location": here["location"], "on": NOW.date(), "services": 1}
    fee = await factories._insert("fee", status_change=missed, cause="no_show", minor=1, currency="EUR", **owed)
    await factories._insert("fee_payment", fee=fee, method=method, minor=1, **here)
    close = await factories._insert("till_close", location=here["location"], on=NOW.date(), to_at=NOW)
    await as_owner.execute(
        "INSERT INTO till_entry (operation, till_close, payment) SELECT operation, $1, (SELECT id FROM payment)"
        " FROM till_close",
        close,
    )
    counted = {"opening": 0, "taken": 1, "counted": 1, "leaves": 0}
    await factories._insert("till_count", till_close=close, method=method, currency="EUR", **counted)
    told = {"kind": "tier.raised", "due_at": NOW, "variables": "{}", "dedupe_key": "tier.raised:1", "status": "due"}
    message = await factories._insert("message", client=client, **told)
    await as_owner.execute(
        "INSERT INTO message_attempt (message, at, channel, outcome) VALUES ($1, now(), 'sms', 'later')", message
    )
    await as_owner.execute("INSERT INTO erasure (operation, pseudonym, at) VALUES (1, gen_random_uuid(), now())")
    return [row["name"] for row in await as_owner.fetch(GUARDED)]


async def rows(table: str) -> list[str]:
    return [row[0] for row in await db.fetch(f'SELECT t::text FROM "{table}" t ORDER BY 1')]


async def test_the_kernels_record_is_append_only(guarded: list[str]) -> None:
    assert {"actor", "change", "operation", "refusal", "logo"} <= set(guarded)


async def test_each_append_only_table_is_guarded_against_all_three(as_owner: asyncpg.Connection, clean: None) -> None:
    for table in await as_owner.fetch(GUARDED):
        assert (table["updates"], table["deletes"], table["truncates"], table["before"]) == (True,) * 4, table


@pytest.mark.parametrize("role", [embedded.APPLICATION, embedded.OWNER])
async def test_a_row_of_an_append_only_table_cannot_be_changed_deleted_or_truncated(
    role: str, guarded: list[str], postgres_server: embedded.Postgres
) -> None:
    connection = await asyncpg.connect(postgres_server.url(role))
    for table in guarded:
        before = await rows(table)
        assert before, table
        columns = await connection.fetch(
            "SELECT attname AS name FROM pg_attribute"
            " WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped",
            table,
        )
        statements = [f'UPDATE "{table}" SET "{column["name"]}" = "{column["name"]}"' for column in columns]
        for statement in [*statements, f'DELETE FROM "{table}"', f'TRUNCATE "{table}" CASCADE']:
            with pytest.raises(REFUSED):
                await connection.execute(statement)
            assert await rows(table) == before, statement
    await connection.close()


async def test_the_owner_is_told_that_the_table_is_append_only(
    guarded: list[str], as_owner: asyncpg.Connection
) -> None:
    for table in guarded:
        for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            with pytest.raises(asyncpg.RestrictViolationError, match="is append-only"):
                await as_owner.execute(statement)


async def test_the_result_of_an_operation_is_filled_in_once(kernel: None) -> None:
    begun = await _begun_and_ended()
    for again in ("result", "NULL", """'{"result": 2}'"""):
        with pytest.raises(asyncpg.RestrictViolationError, match="operation is append-only"):
            await db.execute(f"UPDATE operation SET result = {again} WHERE id = $1", begun)
    assert await db.fetchval("SELECT result::text FROM operation WHERE id = $1", begun) == '{"result": 1}'


async def _begun_and_ended(result: str = '{"result": 1}') -> int:
    async with db.ENGINE.transaction():
        begun = await db.fetchval(
            "INSERT INTO operation (kind, actor, intent_id, payload_hash, at)"
            " VALUES ('test.say', $1, $2, sha256(''), now()) RETURNING id",
            CLERK.id,
            uuid4(),
        )
        if result:
            await db.execute("UPDATE operation SET result = $2 WHERE id = $1", begun, result)
    return int(begun)


async def test_an_operation_without_a_result_is_never_committed(kernel: None) -> None:
    with pytest.raises(asyncpg.RestrictViolationError, match="says nothing of what it did"):
        await _begun_and_ended("")
    assert await db.fetchval("SELECT count(*) FROM operation WHERE kind = 'test.say'") == 0


async def test_a_result_cannot_bring_another_change_with_it(kernel: None, as_owner: asyncpg.Connection) -> None:
    others = {
        "id": "id + 1000",
        "kind": "'test.edit'",
        "actor": "2",
        "intent_id": "gen_random_uuid()",
        "payload_hash": "sha256('x')",
        "at": "at - interval '1 day'",
        "undoes": "1",
        "caused_by": "1",
        "reason": "'because'",
        "deed": "'test.edit'",
    }
    columns = await as_owner.fetch("SELECT column_name FROM information_schema.columns WHERE table_name = 'operation'")
    assert {row[0] for row in columns} == {*others, "result"}
    async with as_owner.transaction():
        begun = await as_owner.fetchval(
            "INSERT INTO operation (kind, actor, intent_id, payload_hash, at)"
            " VALUES ('test.say', 1, $1, sha256(''), now()) RETURNING id",
            uuid4(),
        )
        for column, value in others.items():
            change = f"UPDATE operation SET result = '1', {column} = {value} WHERE id = $1"
            with pytest.raises(asyncpg.RestrictViolationError, match="operation is append-only"):
                async with as_owner.transaction():
                    await as_owner.execute(change, begun)
        await as_owner.execute("UPDATE operation SET result = '1' WHERE id = $1", begun)


async def test_the_applications_role_is_no_superuser_and_owns_nothing(database: None) -> None:
    role = await db.fetchrow("SELECT * FROM pg_roles WHERE rolname = current_user")
    assert role is not None
    assert role["rolname"] == embedded.APPLICATION
    powers = ("rolsuper", "rolcreaterole", "rolcreatedb", "rolreplication", "rolbypassrls")
    assert {power: role[power] for power in powers} == dict.fromkeys(powers, False)
    owned = "SELECT classid::regclass::text FROM pg_shdepend WHERE refobjid = $1 AND deptype = 'o'"
    assert await db.fetch(owned, role["oid"]) == []
    assert await db.fetch("SELECT roleid::regrole FROM pg_auth_members WHERE member = $1", role["oid"]) == []


@pytest.mark.parametrize(
    "statement",
    [
        "SET session_replication_role = replica",
        "ALTER TABLE operation DISABLE TRIGGER ALL",
        "DROP TRIGGER append_only ON operation",
        "CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "CREATE TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "ALTER TABLE location ADD COLUMN mine int",
        "DELETE FROM location",
        "INSERT INTO operation_kind VALUES ('mine')",
        "DELETE FROM migration",
        "SET ROLE fifth_visit_owner",
        "SELECT setval('operation_id_seq', 1)",
    ],
)
async def test_the_applications_role_cannot_loosen_the_guarantees(database: None, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await db.execute(statement)


@pytest.mark.parametrize("elsewhere", ["postgres", "template1"])
async def test_the_applications_role_enters_no_other_database(
    clean: None, postgres_server: embedded.Postgres, elsewhere: str
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(postgres_server.url(embedded.APPLICATION, elsewhere))


@pytest.mark.parametrize("role", [embedded.APPLICATION, embedded.OWNER])
@pytest.mark.parametrize("change", ["used_at = NULL", "used_at = now() + interval '1 day'", "expires_at = 'infinity'"])
async def test_a_link_that_was_used_stays_used(
    kernel: None, postgres_server: embedded.Postgres, role: str, change: str
) -> None:
    connection = await asyncpg.connect(postgres_server.url(role))
    await connection.execute(
        "INSERT INTO staff_token (token_hash, staff, operation, purpose, expires_at)"
        " VALUES (sha256('x'), $1, 1, 'reset', now() + interval '1 day')",
        ANNA.id,
    )
    await connection.execute("UPDATE staff_token SET used_at = now()")
    with pytest.raises(REFUSED):
        await connection.execute(f"UPDATE staff_token SET {change}")
    await connection.close()


async def test_nothing_is_added_to_what_an_operation_did_once_it_has_committed(guarded: list[str]) -> None:
    before = await rows("change")
    with pytest.raises(asyncpg.RestrictViolationError):
        await db.execute(
            "INSERT INTO change (operation, entity, entity_id, fields, created)"
            " SELECT id, 'location', 1, '{name}', FALSE FROM operation WHERE kind = 'test.edit'"
        )
    assert await rows("change") == before
