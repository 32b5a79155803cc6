"""An erased person is nowhere any more, what happened stays under their pseudonym, and nothing brings them back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from console.domain import db
from console.domain.booking.steps import Expected
from console.domain.clients import actions as clients
from console.domain.clients import cards, finding
from console.domain.clients.queries import client as view
from console.domain.clients.steps import Erased
from console.domain.desk import actions, checks, queries, steps
from console.domain.desk.rules import Why
from console.domain.errors import (
    AlreadyUndone,
    Changed,
    Closed,
    DomainError,
    Forbidden,
    HasDependants,
    Invalid,
    NotFound,
    NotUndoable,
)
from console.domain.intent import TERMINAL, Effect, Outcome
from console.domain.loyalty import checks as loyalty
from console.domain.loyalty.nights import due, night
from console.domain.running import FORGOTTEN
from console.domain.tables import Entity, Record
from console.domain.undo import offered, undo
from tests import factories
from tests.cast import ANNA, BORIS, NOW, VERA
from tests.domain.desk import deeds
from tests.domain.desk.deeds import (
    TRACES,
    ZOE,
    booking,
    change,
    consent,
    erase,
    favoured,
    intent,
    joined,
    lived,
    loyal,
    note,
    recurring,
    stamped,
    traces,
    zoe,
)

pytestmark = pytest.mark.usefixtures("desk")


async def contents(connection: asyncpg.Connection) -> dict[str, str]:
    """Every column of every row of every table, as lower-case text."""
    tables = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    held = {}
    for (name,) in tables:
        held[name] = "\n".join(row[0] for row in await connection.fetch(f'SELECT t::text FROM "{name}" t')).lower()
    return held


def found(held: dict[str, str]) -> set[tuple[str, str]]:
    return {(name, trace) for name, text in held.items() for trace in traces(text)}


async def test_nothing_in_the_whole_database_says_any_more_who_it_was(as_superuser: asyncpg.Connection) -> None:
    client = await lived()
    before = found(await contents(as_superuser))
    assert {name for name, _ in before} >= {
        *("client_profile", "client_contact", "client_note", "client_site", "former", "client_word", "client_reach")
    }
    assert {trace for _, trace in before} == set(TRACES)
    await erase(client)
    assert found(await contents(as_superuser)) == set()
    assert await db.fetchval("SELECT count(*) FROM client_opened") == 0
    assert await checks.erased_clients_left_nothing() == []
    assert await checks.erasures_are_listed() == []


async def test_what_was_asked_of_them_cannot_be_tried_out_on_its_hash_any_more_nor_blanked_by_anybody_else(
    as_owner: asyncpg.Connection,
) -> None:
    client = await lived()
    about_them = "SELECT id, payload_hash FROM operation WHERE kind LIKE ANY ($1::text[]) ORDER BY id"
    personal = ["client.add", "client.change", "client_note.%", "client_contact.%", "client_site.%", "booking.book"]
    before = await db.fetch(about_them, personal)
    assert all(any(row["payload_hash"]) for row in before)
    marked = "SELECT payload_hash FROM operation WHERE result ? 'sent'"
    with pytest.raises(asyncpg.RestrictViolationError, match="operation is append-only"):
        await as_owner.execute("UPDATE operation SET payload_hash = $1", FORGOTTEN)
    other = await zoe()
    asked = intent(VERA.actor, reason=Why.ASKED.value)
    done = await actions.erase(asked, client)
    left = {row["id"] for row in await db.fetch(about_them, personal) if row["payload_hash"] != FORGOTTEN}
    assert left == {await db.fetchval("SELECT operation FROM client WHERE id = $1", other)}
    assert await db.fetchval(f"SELECT count(*) FROM ({marked}) o WHERE payload_hash <> $1", FORGOTTEN)
    assert await db.fetchval(f"SELECT count(*) FROM ({marked}) o WHERE payload_hash = $1", FORGOTTEN) == 0
    again = await actions.erase(asked, client)
    assert (again.operation_id, again.replayed) == (done.operation_id, True)


async def test_no_undo_of_what_was_before_is_offered() -> None:
    client = await lived()
    about_them = "SELECT DISTINCT c.operation FROM change c WHERE c.entity LIKE 'client%' ORDER BY 1"
    before = [row["operation"] for row in await db.fetch(about_them)]
    assert await offered(before)
    await erase(client)
    assert await offered(before) == set()


@pytest.mark.parametrize("typed", ["Xanthopoulou", "zoe", "7788", "zoe.quill@mail.example", "quentin", "card"])
async def test_no_search_finds_them_nor_their_card(typed: str) -> None:
    client = await lived()
    number = await db.fetchval("SELECT number FROM client_card")
    said = number if typed == "card" else typed
    assert await finding.find(said)
    await erase(client)
    assert await finding.find(said) == []


async def test_their_card_opens_nothing_and_its_number_is_never_given_again() -> None:
    client = await lived()
    number = await db.fetchval("SELECT number FROM client_card")
    await erase(client)
    assert await db.fetchval("SELECT lost_at IS NOT NULL AND retired_at IS NULL FROM client_card")
    other = await zoe()
    with pytest.raises(Invalid):
        await cards.issue(intent(), other, number)


async def test_what_happened_stays_under_a_pseudonym() -> None:
    client = await lived()
    pseudonym = (await view(client)).pseudonym
    before = [(one.id, one.at, one.actor) for one in (await queries.timeline(client, most=50)).entries]
    done = await erase(client)
    after = (await queries.timeline(client, most=50)).entries
    assert [(one.id, one.at, one.actor) for one in after][1:] == before
    assert (after[0].id, after[0].actor, after[0].deed.kind) == (done.operation_id, VERA.id, "client.erase")
    erased = await view(client)
    assert (erased.pseudonym, erased.names.shown, erased.phones) == (pseudonym, "", ())
    assert erased.erased_at == erased.retired_at == NOW
    assert await db.fetchval("SELECT count(*) FROM client_consent") == 1
    known = await queries.erasure(client)
    assert known is not None
    assert (known.at, known.actor, known.why) == (NOW, VERA.id, Why.ASKED)


async def test_a_preview_says_what_goes_and_what_stays_and_changes_nothing(as_superuser: asyncpg.Connection) -> None:
    client = await lived()
    before = await contents(as_superuser)
    shown = await erase(client, preview=True)
    assert await contents(as_superuser) == before
    goes = {one.params["entity"]: one.params["count"] for one in shown.effects if one.key == "erase.goes"}
    parts = {"client_profile": 1, "client_contact": 1, "client_note": 2, "client_site": 1}
    assert goes == {
        "booking": 1,
        "ticket": 3,
        "ticket_entry": 3,
        "ticket_file": 1,
        "ticket_mail": 1,
        "ticket_rating": 1,
        **parts,
    }
    stays = {one.params["entity"]: one.params["count"] for one in shown.effects if one.key == "erase.stays"}
    assert stays == {"client_consent": 1, "client_card": 1, "message": 6}
    assert Effect("effect.cards_refused", {"count": 1}) in shown.effects
    profile = next(one.params["fields"] for one in shown.effects if one.params.get("entity") == "client_profile")
    assert {"given_name", "phones", "emails", "birthday", "address", "tags"} <= set(profile)
    done = await erase(client, expected=shown.fingerprint)
    assert done.effects == shown.effects


async def test_who_was_edited_after_the_preview_is_not_erased_unseen() -> None:
    client = await lived()
    shown = await erase(client, preview=True)
    await change(client, replace(ZOE, address="Quince Lane 10"))
    with pytest.raises(Changed):
        await erase(client, expected=shown.fingerprint)
    assert (await view(client)).address == "Quince Lane 10"
    shown = await erase(client, preview=True)
    await note(client, "One more")
    with pytest.raises(Changed):
        await erase(client, expected=shown.fingerprint)


@pytest.mark.parametrize("reason", [None, "", "because Zoë Quill asked", "ASKED"])
async def test_the_reason_is_one_of_a_few_and_no_text(reason: str | None) -> None:
    client = await zoe()
    with pytest.raises(Invalid):
        await erase(client, reason=reason)
    assert (await view(client)).erased_at is None


async def test_nobody_is_erased_twice() -> None:
    client = await zoe()
    found = await asyncio.gather(*(erase(client) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(one, Outcome) for one in found) == 1
    assert all(isinstance(one, (Outcome, NotFound)) for one in found)
    assert await db.fetchval("SELECT count(*) FROM erasure") == 1


@pytest.mark.parametrize("person", [ANNA, BORIS], ids=["front desk", "support"])
async def test_the_front_desk_and_support_may_not(person) -> None:  # type: ignore[no-untyped-def]
    client = await zoe()
    if person is BORIS:
        await factories.staff(BORIS)
    with pytest.raises(Forbidden):
        await actions.erase(intent(person.actor, reason=Why.ASKED.value), client)


async def test_no_undo_of_anything_before_it_brings_a_value_back(as_superuser: asyncpg.Connection) -> None:
    client = await lived()
    retired = await clients.retire(intent(), client)
    await undo(intent(), retired.operation_id)
    ids = [one.id for one in (await queries.timeline(client, most=50)).entries]
    await erase(client)
    held = await contents(as_superuser)
    refused = {}
    for one in ids:
        with pytest.raises(DomainError) as error:
            await undo(intent(VERA.actor), one)
        refused[one] = type(error.value)
    assert set(refused.values()) <= {Erased, Closed, HasDependants, NotUndoable, AlreadyUndone, NotFound}
    after = await contents(as_superuser)
    held.pop("refusal")
    after.pop("refusal")
    assert after == held


async def test_an_undo_that_would_only_touch_what_is_not_personal_is_refused_in_words_too() -> None:
    client = await zoe()
    changed = await change(client, replace(ZOE, language="ru"))
    consented = await consent(client)
    done = await erase(client)
    for one in (changed, consented):
        with pytest.raises(Erased):
            await undo(intent(VERA.actor), one.operation_id)
    with pytest.raises(NotUndoable):
        await undo(intent(VERA.actor), done.operation_id)
    assert await offered([done.operation_id]) == set()


@pytest.mark.parametrize("table", sorted(dict(queries.holding())))
async def test_the_database_refuses_whatever_would_be_written_about_them_again(
    table: str, as_owner: asyncpg.Connection, scripts: None
) -> None:
    client = await lived()
    await loyal(client)
    await erase(client)
    column = dict(queries.holding())[table]
    with pytest.raises(asyncpg.RestrictViolationError, match=r"the client was erased|\w+ is append-only"):
        await as_owner.execute(f'UPDATE "{table}" SET version = version + 1 WHERE "{column}" = $1', client)


async def test_every_entity_of_a_client_is_kept_erased_by_a_trigger(as_owner: asyncpg.Connection) -> None:
    rows = await as_owner.fetch(
        "SELECT tgrelid::regclass::text AS name FROM pg_trigger WHERE tgname = 'stays_erased' AND tgenabled = 'O'"
    )
    assert {row["name"] for row in rows} == set(Record.parts)


async def test_what_is_written_while_an_erasure_runs_waits_and_is_refused() -> None:
    client = await zoe()
    erased, *noted = await asyncio.gather(
        erase(client), *(note(client, "Quill again") for _ in range(6)), return_exceptions=True
    )
    assert isinstance(erased, Outcome)
    assert all(isinstance(one, (int, Erased, NotFound)) for one in noted)
    assert await db.fetchval("SELECT count(*) FROM client_note WHERE text IS NOT NULL") == 0


async def test_the_doctor_finds_what_was_left(as_superuser: asyncpg.Connection) -> None:
    client = await lived()
    await erase(client)
    await as_superuser.execute("SET session_replication_role = replica")
    await as_superuser.execute("UPDATE client_note SET text = 'Zoe' WHERE client = $1", client)
    await as_superuser.execute('UPDATE former SET values = values || \'{"address": "Quince"}\'')
    await as_superuser.execute("DELETE FROM erasure")
    assert len(await checks.erased_clients_left_nothing()) >= 3
    assert await checks.erasures_are_listed() == [f"client {client} was erased and is not in the list of erasures"]


async def test_every_table_that_says_who_somebody_is_and_refers_to_clients_is_emptied() -> None:
    assert {table._meta.tablename for table, _ in steps.personal()} == {
        name for name, _ in queries.holding() if name in Entity.personal
    }


async def test_who_is_still_to_come_is_not_erased_and_a_series_ends_with_them() -> None:
    client = await zoe()
    series = await recurring(client)
    with pytest.raises(Expected):
        await erase(client)
    await db.execute("UPDATE booking SET status = 'finished' WHERE client = $1", client)
    await erase(client)
    assert await db.fetchval("SELECT retired_at IS NOT NULL FROM series WHERE id = $1", series)


@pytest.mark.parametrize("status", ["booked", "confirmed", "arrived"])
async def test_who_came_is_erased_once_it_is_over_and_that_they_came_stays(
    monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    client = await zoe()
    came = await booking(client)
    await db.execute("UPDATE booking SET status = $2 WHERE id = $1", came, status)
    ends_at = await db.fetchval("SELECT ends_at FROM booking WHERE id = $1", came)
    monkeypatch.setattr(deeds, "NOW", ends_at - timedelta(minutes=1))
    with pytest.raises(Expected):
        await erase(client)
    monkeypatch.setattr(deeds, "NOW", ends_at)
    await erase(client)
    row = await db.fetchrow("SELECT client, status, ends_at FROM booking WHERE id = $1", came)
    assert row is not None
    assert tuple(row) == (client, status, ends_at)
    assert await checks.erased_clients_left_nothing() == []


async def test_what_they_held_stays_as_it_was_and_no_night_looks_at_it_again(scripts: None) -> None:
    client, other = await zoe(), await zoe()
    for one in (client, other):
        await stamped(one)
    await db.execute("UPDATE loyalty_account SET next_night = $1", NOW.date() + timedelta(1))
    assert await due(NOW.date() + timedelta(1), 10) == [client, other]
    done = await erase(client)
    stays = {one.params["entity"]: one.params["count"] for one in done.effects if one.key == "erase.stays"}
    assert stays == {"loyalty_account": 1, "loyalty_entry": 1, "tier_entry": 1}
    assert await due(NOW.date() + timedelta(1), 10) == [other]
    left = await night(intent(TERMINAL), client, NOW.date() + timedelta(1))
    assert left.operation_id == 0
    with pytest.raises(Erased):
        await stamped(client)
    assert await db.fetchval("SELECT stamps FROM loyalty_account WHERE client = $1", client) == 1
    assert await loyalty.accounts_are_the_sums_of_their_entries() == []


async def test_what_they_accepted_and_were_given_stays_and_no_undo_of_it_is_offered() -> None:
    client = await zoe()
    done = [await joined(client), await favoured(client)]
    assert await offered([one.operation_id for one in done]) == {one.operation_id for one in done}
    await erase(client)
    for one in done:
        with pytest.raises(Erased):
            await undo(intent(VERA.actor), one.operation_id)
    assert await offered([done[0].operation_id]) == set()
    assert await db.fetchval("SELECT count(*) FROM membership WHERE retired_at IS NULL") == 1
