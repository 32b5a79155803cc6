"""To whom replies in tickets go by mail: to whoever wrote, who may be no client or write from another address."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest

from console.domain import db
from console.domain.clients import actions as clients
from console.domain.clients import contacts, erasing
from console.domain.clients.actions import About
from console.domain.clients.contacts import AboutContact
from console.domain.clients.rules import Email, Names
from console.domain.desk import actions as desk
from console.domain.desk import queries as desk_queries
from console.domain.errors import Invalid
from console.domain.ids import ClientId, ContactId, TicketId
from console.domain.intent import SYSTEM, Intent
from console.domain.messages import actions as messages
from console.domain.messages import outcomes
from console.domain.messages.checks import CHECKS as MESSAGE_CHECKS
from console.domain.tickets import actions, addresses, checks, mail
from console.domain.tickets.mail_rules import Arrived, Envelope, MailKind
from console.domain.tickets.rules import TicketChannel, TicketStatus
from console.domain.undo import undo
from tests import factories
from tests.cast import ANNA, NOW, VERA
from tests.domain.tickets.desk import intent, opened
from tests.workers.conftest import Postman
from workers.messages import deliver_messages

CARD, STRANGER, MACHINE = "zoe@mail.example", "max@web.example", "noreply@web.example"


@pytest.fixture(autouse=True)
async def anna(database: None) -> None:
    await factories.staff(ANNA)
    await factories.staff(VERA)


async def client(*emails: str) -> ClientId:
    return ClientId(await factories.client(emails=json.dumps([{"address": one, "label": ""} for one in emails])))


async def came(sender: str, name: str = "", kind: MailKind = MailKind.ORDINARY, number: int | None = None) -> TicketId:
    envelope = Envelope(sha256(uuid4().bytes).digest(), sender, name, "A price", f"<{uuid4()}@mail.example>")
    arrived = Arrived(envelope, kind, "How much is it?", numbers=[number] if number else [])
    return TicketId((await mail.receive(Intent(uuid4(), SYSTEM, NOW), arrived)).result["ticket"])


async def reply(ticket: TicketId, address: str | None = None) -> int:
    pending, email = TicketStatus.PENDING, TicketChannel.EMAIL
    done = await actions.reply(intent(), ticket, None, "It is ten.", pending, email, address=address)
    return int(done.operation_id)


async def gone_to(context: dict[str, Any], postman: Postman) -> list[str]:
    await deliver_messages(context)
    return [letter["To"].addresses[0].addr_spec for letter in postman.letters]


async def sound() -> None:
    """All but that a worker is there."""
    for check in (*MESSAGE_CHECKS[:1], *MESSAGE_CHECKS[2:], *checks.CHECKS):
        assert await check() == []


async def test_a_stranger_who_wrote_is_answered_at_their_address(context: dict[str, Any], postman: Postman) -> None:
    ticket = await came(STRANGER, "Max")
    await reply(ticket)
    assert dict(await db.fetchrow("SELECT client, status FROM message")) == {"client": None, "status": "due"}
    await sound()
    assert await gone_to(context, postman) == [STRANGER]
    assert postman.letters[0]["In-Reply-To"] is not None
    assert await db.fetchval("SELECT status FROM message") == "sent"


async def test_the_answer_to_a_stranger_waits_for_its_undo_and_is_stopped_and_sent_again_as_any(
    context: dict[str, Any], postman: Postman
) -> None:
    ticket = await came(STRANGER)
    await reply(ticket)
    message = await db.fetchval("SELECT id FROM message")
    await messages.stop(intent(), message)
    assert await gone_to(context, postman) == []
    await messages.send_again(intent(), message)
    assert await gone_to(context, postman) == [STRANGER]


async def test_a_bounce_of_an_answer_to_a_stranger_lets_it_have_failed(
    context: dict[str, Any], postman: Postman
) -> None:
    await reply(await came(STRANGER))
    await gone_to(context, postman)
    told = postman.letters[0]["Message-ID"].split("-")[2].split(".")[0]
    assert await outcomes.bounced(await db.fetchval("SELECT id FROM message"), told, NOW, "550 no such mailbox")
    assert await db.fetchval("SELECT status || ' ' || reason FROM message") == "failed bounced"
    await sound()


async def test_what_only_a_reply_may_be_without_a_client_the_database_says(as_owner: Any) -> None:
    with pytest.raises(Exception, match="message_of_client_check"):
        await as_owner.execute(
            "INSERT INTO message (kind, due_at, try_at, variables, dedupe_key, status, version, operation)"
            " VALUES ('tier.warning', now(), now(), '{}', '1', 'due', 1, 1)"
        )


async def test_a_client_is_answered_where_they_wrote_from_last(context: dict[str, Any], postman: Postman) -> None:
    await client(CARD, "second@mail.example")
    ticket = await came(CARD)
    await came("new@mail.example", number=1)
    await came(MACHINE, kind=MailKind.AUTOMATIC, number=1)
    whose = await db.fetchval("SELECT client FROM ticket")
    there = [(one.address, one.known) for one in await addresses.choices(ticket, whose)]
    assert there == [("new@mail.example", False), (CARD, True), ("second@mail.example", True)]
    await reply(ticket)
    assert await gone_to(context, postman) == ["new@mail.example"]
    await reply(ticket, "second@mail.example")
    assert await gone_to(context, postman) == ["new@mail.example", "second@mail.example"]


async def test_a_reply_goes_to_no_address_that_nobody_in_the_ticket_has() -> None:
    ticket = await came(STRANGER)
    with pytest.raises(Invalid) as refused:
        await reply(ticket, CARD)
    assert set(refused.value.problems) == {"address"}
    assert await db.fetchval("SELECT count(*) FROM message") == 0


async def test_one_that_came_back_goes_where_the_card_says_once_that_is_put_right(
    context: dict[str, Any], postman: Postman
) -> None:
    who = await client("zoe@slip.example")
    await reply(await opened(who))
    assert await gone_to(context, postman) == ["zoe@slip.example"]
    await db.execute("UPDATE message SET status = 'failed', reason = 'bounced', sent_at = NULL")
    await clients.change(
        intent(),
        who,
        await db.fetchval("SELECT version FROM client_profile"),
        About(Names("Zoe", "Hall"), emails=(Email(CARD),)),
    )
    await messages.send_again(intent(), await db.fetchval("SELECT id FROM message"))
    assert (await gone_to(context, postman))[-1] == CARD


@pytest.mark.parametrize("way", ["removed", "erased", "changed"])
async def test_what_was_written_to_a_contact_who_is_one_no_more_goes_to_nobody_else(
    context: dict[str, Any], postman: Postman, way: str
) -> None:
    who = await client(CARD)
    contact = ContactId(await factories.contact(who, email="ines@mail.example"))
    await reply(await opened(who), "ines@mail.example")
    if way == "changed":
        await contacts.change_contact(intent(), contact, 1, AboutContact("Ines", email="other@mail.example"))
    else:
        await contacts.remove_contact(intent(), contact)
    if way == "erased":
        await erasing.erase_contact(intent(VERA, reason="asked"), contact)
    assert await gone_to(context, postman) == []
    assert await db.fetchval("SELECT status || ' ' || reason FROM message") == "skipped no_email"
    await sound()


async def test_an_answer_that_waits_goes_on_to_who_wrote_when_somebody_says_whose_the_ticket_is(
    context: dict[str, Any], postman: Postman
) -> None:
    ticket = await came(STRANGER)
    await reply(ticket)
    who = await client(CARD)
    version = await db.fetchval("SELECT version FROM ticket")
    given = await actions.give_to_client(intent(), ticket, version, who)
    assert not given.effects
    assert await db.fetchval("SELECT client FROM message WHERE retired_at IS NULL") == who
    back = await undo(intent(), given.operation_id)
    assert await db.fetchval("SELECT count(*) FROM message WHERE retired_at IS NULL AND client IS NULL") == 1
    await undo(intent(), back.operation_id)
    await sound()
    assert await gone_to(context, postman) == [STRANGER]


async def test_where_a_reply_was_written_to_is_handed_over_and_erased_with_whom_the_ticket_became_of(
    context: dict[str, Any], postman: Postman
) -> None:
    ticket = await came(STRANGER)
    await reply(ticket)
    await gone_to(context, postman)
    who = await client(CARD)
    await actions.give_to_client(intent(), ticket, await db.fetchval("SELECT version FROM ticket"), who)
    held = [one for one in await desk_queries.held(who) if one.entity == "ticket_entry"]
    assert [row["address"] for one in held for row in one.rows] == [None, STRANGER]
    await desk.erase(intent(VERA, reason="asked"), who)
    kept = "SELECT count(*) FROM {} WHERE to_jsonb({}.*)::text LIKE '%' || $1 || '%'"
    for table in ("message", "ticket", "ticket_entry", "ticket_mail", "former", "message_attempt"):
        assert await db.fetchval(kept.format(table, table), STRANGER) == 0
    await sound()
