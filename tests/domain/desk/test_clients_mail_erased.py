"""With a client goes what came from an email of theirs, also where nobody said that it is theirs."""

from __future__ import annotations

import json
from uuid import uuid4

import asyncpg
import pytest

from console.domain import clock, db
from console.domain.clients import actions as clients
from console.domain.clients.actions import About
from console.domain.clients.rules import Email, Names
from console.domain.desk import actions
from console.domain.ids import ClientId, TicketId
from console.domain.intent import SYSTEM, Intent, Outcome
from console.domain.tickets import actions as tickets
from console.domain.tickets import drafts, mail
from console.domain.tickets.mail_rules import Arrived, MailAside, MailKind
from console.domain.tickets.rules import EntryKind, TicketChannel
from console.domain.undo import undo
from tests import factories
from tests.cast import ANNA, VERA
from tests.domain.desk.test_writers_erased import OTHER, QUENTIN, came, envelope, said, sound
from tests.domain.tickets.desk import intent

NEW = "new@mail.example"


@pytest.fixture(autouse=True)
async def _staff(database: None) -> None:
    await factories.staff(ANNA)
    await factories.staff(VERA)


async def quentin(**values: object) -> ClientId:
    emails = json.dumps([{"address": QUENTIN.title(), "label": ""}])
    return ClientId(await factories.client(**{"given": "Quentin", "family": "Quixote", "emails": emails, **values}))


async def form() -> None:
    arrived = Arrived(envelope(QUENTIN, "A marquee"), MailKind.FORM, "By the marquee.")
    await mail.receive(Intent(uuid4(), SYSTEM, clock.now()), arrived)


async def erase(client: ClientId) -> Outcome[dict[str, int]]:
    return await actions.erase(intent(VERA, reason="asked"), client)


async def moves_to(client: ClientId, email: str) -> None:
    profile = await db.fetchrow("SELECT version FROM client_profile WHERE client = $1", client)
    about = About(Names("Quentin", None, "Quixote"), (), (Email(email),))
    await clients.change(intent(), client, profile["version"], about)


async def test_a_form_and_mail_from_before_they_were_a_client_go_with_them(as_superuser: asyncpg.Connection) -> None:
    before = await came()
    client = await quentin()
    await form()
    await tickets.reply(intent(), before, None, "Dear Quentin")
    arrived = Arrived(envelope(OTHER, "A lamp"), MailKind.ORDINARY, "It is dark.")
    await mail.receive(Intent(uuid4(), SYSTEM, clock.now()), arrived)
    assert await db.fetchval("SELECT count(*) FROM ticket WHERE client IS NULL") == 3
    shown = await actions.erase(intent(VERA, reason="asked", preview=True), client)
    assert {one.params["entity"]: one.params["count"] for one in shown.effects if one.key == "erase.goes"}[
        "ticket"
    ] == 2
    await erase(client)
    assert await said(as_superuser) == set()
    assert await db.fetchval("SELECT array_agg(sender) FROM ticket WHERE client IS NULL") == [OTHER]
    assert await db.fetchval("SELECT count(*) FROM ticket WHERE status = 'closed'") == 2
    assert await db.fetchval("SELECT count(*) FROM message WHERE retired_at IS NULL") == 0
    await sound()


async def test_what_came_from_an_email_that_they_had_once_goes_too(as_superuser: asyncpg.Connection) -> None:
    client = await quentin()
    await mail.set_aside(intent(), envelope(QUENTIN), MailAside.TOO_LARGE, 7)
    await form()
    await moves_to(client, NEW)
    await erase(client)
    assert await said(as_superuser) == set()


async def test_what_came_from_an_email_that_stood_on_their_card_by_mistake_and_is_another_clients_stays() -> None:
    client = await quentin()
    await moves_to(client, NEW)
    await quentin(given="Quincy")
    await form()
    await erase(client)
    assert await db.fetchval("SELECT sender FROM ticket WHERE client IS NULL") == QUENTIN


async def test_what_somebody_began_to_write_in_a_ticket_that_was_opened_by_mistake_goes(
    as_superuser: asyncpg.Connection,
) -> None:
    client = await quentin(emails="[]")
    opening = tickets.Opening(tickets.About("The aqueduct"), "By the marquee", TicketChannel.PHONE, client)
    done = await tickets.open_ticket(intent(), opening)
    await drafts.keep(TicketId(done.result["ticket"]), ANNA.id, EntryKind.OUT, "Dear Quixote", clock.now())
    await undo(intent(), done.operation_id)
    await erase(client)
    assert await said(as_superuser) == set()
