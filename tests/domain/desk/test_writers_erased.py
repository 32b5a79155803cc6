"""Whoever wrote by mail and is no client is erased with all that came from their address."""

from __future__ import annotations

from hashlib import sha256
from uuid import uuid4

import asyncpg
import pytest

from console.domain import clock, db
from console.domain.desk import actions, checks, queries
from console.domain.desk.rules import Why
from console.domain.errors import Forbidden, Invalid, NotFound, NotUndoable
from console.domain.ids import ClientId, TicketId, TicketMailId
from console.domain.intent import SYSTEM, Intent, Outcome
from console.domain.tickets import actions as tickets
from console.domain.tickets import checks as ticket_checks
from console.domain.tickets import listing, mail, mail_queries, writers
from console.domain.tickets.contents import Upload
from console.domain.tickets.listing import Wanted
from console.domain.tickets.mail_rules import Arrived, Envelope, MailAside, MailKind
from console.domain.undo import undo
from tests import factories
from tests.cast import ANNA, VERA, Person
from tests.domain.desk.test_erasure import contents
from tests.domain.tickets.desk import intent

QUENTIN, OTHER = "quentin@mail.example", "other@mail.example"
SAYS = ("quentin", "quixote", "aqueduct", "marquee")
"""What only Quentin's data say, in lower case."""


@pytest.fixture(autouse=True)
async def _staff(database: None) -> None:
    await factories.staff(ANNA)
    await factories.staff(VERA)


def envelope(sender: str, subject: str = "The aqueduct") -> Envelope:
    name = "Quentin Quixote" if sender == QUENTIN else "Olga Orlova"
    return Envelope(sha256(uuid4().bytes).digest(), sender, name, subject, f"<{uuid4()}.{sender}>")


async def came(sender: str = QUENTIN, subject: str = "The aqueduct", body: str = "By the marquee.") -> TicketId:
    file = Upload("Quixote.txt", b"Quentin at the aqueduct")
    arrived = Arrived(envelope(sender, subject), MailKind.ORDINARY, body, files=[file])
    done = await mail.receive(Intent(uuid4(), SYSTEM, clock.now()), arrived)
    return TicketId(done.result["ticket"])


async def lived() -> TicketId:
    """Two tickets and a mail set aside, an answer that waits, something changed and something undone."""
    first = await came()
    await tickets.reply(intent(), first, None, "Dear Quentin, the aqueduct is mended.")
    await tickets.note(intent(), first, "Mr Quixote is cross")
    await came(subject="Another aqueduct")
    taken_back = await tickets.note(intent(), first, "Quixote again")
    await undo(intent(), taken_back.operation_id)
    await mail.set_aside(intent(), envelope(QUENTIN), MailAside.TOO_LARGE, 7)
    return first


async def erase(ticket: TicketId, who: Person = VERA, **given: object) -> Outcome[dict[str, int]]:
    found = await writers.mail_of(ticket)
    assert found is not None
    return await actions.erase_writer(intent(who, **{"reason": Why.ASKED.value, **given}), found)


async def said(connection: asyncpg.Connection) -> set[tuple[str, str]]:
    return {(name, one) for name, text in (await contents(connection)).items() for one in SAYS if one in text}


async def sound() -> None:
    for check in (*checks.CHECKS, *ticket_checks.CHECKS):
        assert await check() == []


async def test_nothing_says_any_more_who_wrote_nor_what(as_superuser: asyncpg.Connection) -> None:
    first = await lived()
    before = await said(as_superuser)
    assert {name for name, _ in before} >= {"ticket", "ticket_entry", "ticket_file", "ticket_mail"}
    await erase(first)
    assert await said(as_superuser) == set()
    assert await mail_queries.aside() == []
    assert (await listing.page(Wanted(text="quentin"))).rows == []
    await sound()


async def test_what_others_wrote_stays() -> None:
    await lived()
    theirs = await came(OTHER, "A lamp", "It is dark.")
    await mail.set_aside(intent(), envelope(OTHER), MailAside.TOO_LARGE, 8)
    await erase(theirs)
    assert await db.fetchval("SELECT count(*) FROM ticket WHERE sender = $1 AND client IS NULL", QUENTIN) == 2
    assert [one.sender for one in await mail_queries.aside()] == [QUENTIN]
    assert await db.fetchval("SELECT count(*) FROM ticket_entry WHERE body IS NULL") == 1


async def test_what_came_from_the_address_and_is_a_clients_stays_theirs() -> None:
    first, second = await came(), await came(subject="Another aqueduct")
    whose = ClientId(await factories.client())
    version = await db.fetchval("SELECT version FROM ticket WHERE id = $1", second)
    await tickets.give_to_client(intent(), second, version, whose)
    await erase(first)
    kept = await db.fetchrow("SELECT client, subject FROM ticket WHERE id = $1", second)
    assert kept is not None
    assert tuple(kept) == (whose, "Another aqueduct")
    await sound()


async def test_an_answer_that_waits_goes_to_nobody_and_the_tickets_are_closed() -> None:
    first = await lived()
    assert await db.fetchval("SELECT count(*) FROM message WHERE retired_at IS NULL") == 1
    await erase(first)
    assert await db.fetchval("SELECT count(*) FROM message WHERE retired_at IS NULL") == 0
    assert await db.fetchval("SELECT array_agg(DISTINCT status) FROM ticket") == ["closed"]


async def test_they_stand_under_a_pseudonym_in_the_list_of_erasures_with_what_happened() -> None:
    first = await lived()
    await erase(first)
    client = await db.fetchval("SELECT DISTINCT client FROM ticket")
    known = await queries.erasure(client)
    assert known is not None
    assert (known.actor, known.why) == (VERA.id, Why.ASKED)
    assert [one for one, _ in await queries.erasures()] == [
        await db.fetchval("SELECT pseudonym FROM client WHERE id = $1", client)
    ]
    kinds = [one.deed.kind for one in (await queries.timeline(client, most=50)).entries]
    assert kinds[0] == "ticket_mail.erase"
    assert "ticket.reply" in kinds


async def test_twice_is_once_and_another_letter_of_theirs_is_somebody_else() -> None:
    first = await lived()
    one = await writers.mail_of(first)
    assert one is not None
    await actions.erase_writer(intent(VERA, reason="asked"), one)
    with pytest.raises(NotFound):
        await actions.erase_writer(intent(VERA, reason="asked"), one)
    await erase(await came(subject="Once more"))
    assert await db.fetchval("SELECT count(DISTINCT client) FROM ticket") == 2
    assert len(await queries.erasures()) == 2
    await sound()


async def test_their_answer_into_somebody_elses_ticket_and_ours_to_them_go_and_the_rest_of_it_stays(
    as_superuser: asyncpg.Connection,
) -> None:
    arrived = Arrived(envelope(OTHER, "A lamp"), MailKind.ORDINARY, "It is dark.")
    theirs = TicketId((await mail.receive(Intent(uuid4(), SYSTEM, clock.now()), arrived)).result["ticket"])
    number = await db.fetchval("SELECT number FROM ticket WHERE id = $1", theirs)
    file = Upload("Quixote.txt", b"Quentin at the aqueduct")
    answer = Arrived(envelope(QUENTIN), MailKind.ORDINARY, "By the marquee.", numbers=[number], files=[file])
    await mail.receive(Intent(uuid4(), SYSTEM, clock.now()), answer)
    await tickets.reply(intent(), theirs, None, "Dear Quentin", address=QUENTIN)
    for subject in ("The aqueduct", "Once more"):
        await erase(await came(subject=subject))
        assert await said(as_superuser) == set()
    kept = (
        "SELECT array_agg(e.body ORDER BY e.id) FROM ticket_entry e JOIN ticket t ON t.id = e.ticket"
        " WHERE t.client IS NULL"
    )
    assert await db.fetchval(kept) == ["It is dark.", None, None]
    assert await db.fetchval("SELECT count(*) FROM message WHERE retired_at IS NULL") == 0
    assert len(await queries.erasures()) == 2
    await sound()


async def test_what_was_looked_at_is_what_is_erased() -> None:
    first = await lived()
    shown = await erase(first, preview=True)
    assert await db.fetchval("SELECT count(*) FROM erasure") == 0
    assert {one.params["entity"]: one.params["count"] for one in shown.effects if one.key == "erase.goes"} == {
        "ticket": 2, "ticket_entry": 5, "ticket_file": 2, "ticket_mail": 3,
    }  # fmt: skip
    done = await erase(first, expected=shown.fingerprint)
    assert not done.replayed
    assert await db.fetchval("SELECT count(*) FROM erasure") == 1


async def test_nothing_of_it_can_be_undone() -> None:
    first = await lived()
    told = await tickets.note(intent(), first, "The marquee")
    done = await erase(first)
    for one in (done.operation_id, told.operation_id):
        with pytest.raises(NotUndoable):
            await undo(intent(VERA), one)


async def test_it_is_for_whoever_may_erase_clients_with_a_reason_of_ours() -> None:
    first = await lived()
    with pytest.raises(Forbidden):
        await erase(first, ANNA)
    with pytest.raises(Invalid):
        await erase(first, reason="Quentin asked")
    assert await db.fetchval("SELECT count(*) FROM erasure") == 0


async def test_a_clients_ticket_is_erased_with_them_alone() -> None:
    first = await came()
    one = TicketMailId(await db.fetchval("SELECT id FROM ticket_mail"))
    version = await db.fetchval("SELECT version FROM ticket")
    await tickets.give_to_client(intent(), first, version, ClientId(await factories.client()))
    assert await writers.mail_of(first) is None
    with pytest.raises(NotFound):
        await actions.erase_writer(intent(VERA, reason="asked"), one)
