"""Everything that happened to a client is in their timeline, newest first, and nothing of anybody else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from console.domain import db
from console.domain.clients import actions as clients
from console.domain.clients.actions import About
from console.domain.clients.rules import Names
from console.domain.desk import queries
from console.domain.ids import ClientId
from console.domain.tables import Entity, Record
from console.domain.undo import undo
from tests.cast import ANNA
from tests.domain.desk.deeds import (
    ZOE,
    booking,
    card,
    change,
    charged,
    complaint,
    consent,
    contact,
    edit_note,
    evidence,
    favoured,
    intent,
    joined,
    mailed,
    message,
    note,
    rated,
    recurring,
    remedied,
    site,
    stamped,
    visited,
    waited,
    zoe,
)

pytestmark = pytest.mark.usefixtures("desk")

ADDED = {"booking": booking, "client_card": card, "client_consent": consent, "client_contact": contact,
         "client_note": note, "client_site": site, "fee": charged, "fixed_card": favoured, "loyalty_account": stamped,
         "loyalty_entry": stamped, "loyalty_pause": waited, "membership": joined, "message": message,
         "series": recurring, "ticket": complaint, "ticket_entry": complaint, "ticket_file": evidence,
         "ticket_mail": mailed, "ticket_rating": rated,
         "ticket_remedy": remedied,         "tier_entry": stamped, "visit": visited}  # fmt: skip


async def kinds(client: ClientId, **asked: Any) -> list[str]:
    return [one.deed.kind for one in (await queries.timeline(client, **asked)).entries]


async def test_it_tells_who_did_what_to_a_client_newest_first(desk: None) -> None:
    client = await zoe()
    text = await note(client)
    await edit_note(text, "Two cats of Quill's", loud=True)
    retired = await clients.retire(intent(), client)
    await undo(intent(), retired.operation_id)
    told = (await queries.timeline(client)).entries
    assert [one.deed.kind for one in told] == ["client.retire", "client.retire", "client_note.change",
                                               "client_note.add", "client.add"]  # fmt: skip
    assert [one.deed.undos for one in told] == [1, 0, 0, 0, 0]
    assert [one.undone for one in told] == [False, True, False, False, False]
    assert {one.actor for one in told} == {ANNA.id}
    assert [(field.name, field.former, field.new) for field in told[2].touched[0].fields] == [("loud", False, True)]


async def test_no_personal_value_is_in_it(desk: None) -> None:
    client = await zoe()
    await change(client, About(Names("Zoë", "Quill", "Newname"), language="ru"))
    assert "Newname" not in repr(await queries.timeline(client))
    assert "Xanthopoulou" not in repr(await queries.timeline(client))
    fields = {one.name: one.new for one in (await queries.timeline(client)).entries[0].touched[0].fields}
    assert fields["language"] == "ru"
    assert "family_name" in fields


async def test_another_clients_doings_are_not_in_it(desk: None) -> None:
    client, other = await zoe(), await zoe()
    await note(other)
    assert await kinds(client) == ["client.add"]


async def test_every_table_that_refers_to_clients_is_in_it(as_owner: asyncpg.Connection, scripts: None) -> None:
    """By the database's own foreign keys: a later concept joins by being an entity."""
    rows = await as_owner.fetch(
        "SELECT c.conrelid::regclass::text AS name, a.attname AS column FROM pg_constraint c JOIN pg_attribute a"
        " ON a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey) WHERE c.contype = 'f'"
        " AND c.confrelid = 'client'::regclass"
    )
    referring = {(row["name"], row["column"]) for row in rows if row["name"] in Entity.by_name}
    assert set(queries.holding()) == referring | {("client", "id")}
    client = await zoe()
    for name, column in sorted(referring - {("client_profile", "client")}):
        assert column == "client"
        await ADDED[name](client)
        row = await as_owner.fetchval(f'SELECT max(id) FROM "{name}" WHERE client = $1', client)
        touched = (await queries.timeline(client)).entries[0].touched
        assert (name, row) in [(one.entity, one.id) for one in touched]


async def test_every_table_that_refers_to_clients_says_what_it_is_of_their_record(as_owner: asyncpg.Connection) -> None:
    rows = await as_owner.fetch(
        "SELECT DISTINCT conrelid::regclass::text AS name FROM pg_constraint"
        " WHERE contype = 'f' AND confrelid = 'client'::regclass"
    )
    said = Record.parts.keys() | Record.apart.keys()
    assert {row["name"] for row in rows} | {"client"} == said
    assert not Record.parts.keys() & Record.apart.keys()


async def test_it_is_filtered_by_parts_of_the_record(desk: None) -> None:
    client = await zoe()
    await note(client)
    await card(client)
    await change(client, About(ZOE.names))
    assert await kinds(client, part="profile") == ["client.change", "client.add"]
    assert await kinds(client, part="notes") == ["client_note.add"]
    assert await kinds(client, part="sites") == []
    assert await kinds(client, part="nonsense") == []
    own = ["profile", "contacts", "sites", "notes", "consents", "cards"]
    assert queries.parts()[:7] == [*own, "bookings"]
    assert set(queries.parts()[7:]) == {"loyalty", "messages", "tickets", "visits"}


async def test_it_is_read_page_by_page_without_a_gap_or_a_repetition(desk: None) -> None:
    client = await zoe()
    notes = [await note(client, f"Note {n}") for n in range(7)]
    for one in notes[:3]:
        await edit_note(one, "Loud", loud=True)
    pages, before = [], None
    while True:
        page = await queries.timeline(client, before=before, most=4)
        pages.append([one.id for one in page.entries])
        before = page.older
        if before is None:
            break
    read = [one for page in pages for one in page]
    assert [len(page) for page in pages] == [4, 4, 3]
    assert read == sorted(read, reverse=True)
    assert len(set(read)) == 11


async def many(client: int, count: int) -> None:
    """Operations that changed a client's profile, many of them, and as many of others."""
    await db.execute(
        "WITH made AS (INSERT INTO operation (kind, actor, intent_id, payload_hash, at, result)"
        "  SELECT 'client.change', $1, gen_random_uuid(), sha256('x'), now(), '{\"result\": null, \"effects\": []}'"
        "  FROM generate_series(1, $3) RETURNING id)"
        " INSERT INTO change (operation, entity, entity_id, fields, created)"
        " SELECT id, 'client_profile', CASE WHEN id % 2 = 0 THEN (SELECT id FROM client_profile WHERE client = $2)"
        "  ELSE 1000 + id END, '{language}', FALSE FROM made",
        ANNA.id,
        client,
        count,
    )


async def test_thousands_of_operations_take_no_more_statements_and_no_reading_of_everything(
    desk: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await zoe()
    await change(client, replace(ZOE, language="ru"))
    asked: list[tuple[str, tuple[Any, ...]]] = []
    fetch = db.fetch

    async def counted(sql: str, *args: Any) -> Any:
        asked.append((sql, args))
        return await fetch(sql, *args)

    monkeypatch.setattr(db, "fetch", counted)
    await queries.timeline(client)
    few = len(asked)
    await many(client, 6000)
    asked.clear()
    page = await queries.timeline(client)
    assert (len(page.entries), len(asked)) == (20, few)
    shown = [name for name, _ in queries.holding()]
    plan = "\n".join(row[0] for row in await fetch(f"EXPLAIN {queries._touching()}", client, None, 21, shown))
    assert "change_entity" in plan
    assert "Seq Scan on change" not in plan
    touched, args = next((sql, args) for sql, args in asked if "AS next ON TRUE" in sql)
    plan = "\n".join(row[0] for row in await fetch(f"EXPLAIN {touched}", *args))
    assert "change_entity_order" in plan


async def test_an_unknown_client_has_none(desk: None) -> None:
    assert not (await queries.timeline(ClientId(404))).entries
