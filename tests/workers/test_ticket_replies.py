"""Replies in tickets by mail: what one of us wrote goes to the client once, in the thread of its ticket."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from console import threads
from console.domain import clock, db
from console.domain.errors import Invalid
from console.domain.ids import ClientId, OperationId, TicketId
from console.domain.intent import Intent, Outcome
from console.domain.messages import actions as messages
from console.domain.messages import outbox_queries
from console.domain.messages.outbox_queries import Line
from console.domain.tickets import actions, checks, files
from console.domain.tickets.contents import Upload
from console.domain.tickets.rules import TicketChannel, TicketStatus
from console.domain.tickets.telling import ReplyHasGone
from console.domain.undo import undo
from tests import factories
from tests.cast import ANNA
from tests.domain.tickets.desk import intent, opened, said, status
from tests.workers.conftest import Postman
from workers.messages import deliver_messages, sweep_messages
from workers.tickets import mark_tickets

MAIL = "zoe@mail.example"
BODY = "Dear Zoe,\n\nyour stamp is there now.\nСпасибо!"
EMAIL = TicketChannel.EMAIL


@dataclass
class Keeping(Postman):
    """Keeps letters as they came over the wire, too."""

    raw: list[bytes] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.raw.append(envelope.content)
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture
def postman() -> Keeping:
    return Keeping()


@pytest.fixture
def context(context: dict[str, Any]) -> dict[str, Any]:
    named = {"support_address": "support@sparkle.example", "support_plus": True, "secret_key": "k" * 40}
    return {"settings": replace(context["settings"], **named)}


@pytest.fixture
async def ticket(database: None) -> TicketId:
    """A ticket of Zoe, who wrote by mail."""
    await factories.staff(ANNA)
    await db.execute("UPDATE business SET name = 'Sparkle', phone = '+74950000001', language = 'en'")
    return await opened(await zoe())


async def zoe(mail: str | None = MAIL) -> ClientId:
    return ClientId(await factories.client(emails=json.dumps([{"address": mail, "label": ""}] if mail else [])))


async def reply(ticket: TicketId, body: str = BODY, channel: TicketChannel = EMAIL, **more: Any) -> OperationId:
    done = await actions.reply(intent(), ticket, None, body, TicketStatus.PENDING, channel, **more)
    return done.operation_id


async def lines(ticket: TicketId) -> list[Line]:
    return [one for one in (await outbox_queries.of_replies(ticket)).values() if not one.withdrawn]


async def state(ticket: TicketId) -> list[tuple[str, str | None]]:
    return [(one.status.value, one.reason) for one in await lines(ticket)]


async def test_a_reply_is_mailed_as_it_was_written_in_the_frame_of_the_business(
    ticket: TicketId, context: dict[str, Any], postman: Postman
) -> None:
    await reply(ticket)
    assert (await deliver_messages(context), await deliver_messages(context)) == (1, 0)
    [letter] = postman.letters
    token = threads.token(context["settings"], 1)
    assert letter["To"] == f"Анна Петрова <{MAIL}>"
    assert letter["Subject"] == f"A stamp is missing [#{token}]"
    [sender] = letter["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (f"{ANNA.name}, Sparkle", "support@sparkle.example")
    assert letter["Reply-To"] == f"support+{token}@sparkle.example"
    assert threads.of_message_ids(context["settings"], letter["Message-ID"]) == 1
    assert (letter["Auto-Submitted"], letter["Precedence"]) == (None, None)
    text, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n") == (
        f"{BODY}\n\n-- \n{ANNA.name}\nSparkle\n+7 495 000-00-01\n\n"
        "Ticket 1. Answer to this mail and we go on from here.\n"
    )
    assert "your stamp is there now.<br>Спасибо!" in html.get_content()
    assert await state(ticket) == [("sent", None)]


async def test_it_waits_for_the_minute_of_its_undo_which_takes_it_back_unsent(
    ticket: TicketId, context: dict[str, Any], postman: Postman
) -> None:
    done = await reply(ticket)
    [line] = await lines(ticket)
    assert (line.due_at - intent().now).total_seconds() == 60
    back = await undo(intent(), done)
    assert await lines(ticket) == []
    assert await deliver_messages(context) == 0
    await undo(intent(), back.operation_id)
    await deliver_messages(context)
    assert (await state(ticket), len(postman.letters)) == ([("sent", None)], 1)


async def test_a_reply_that_has_gone_is_not_taken_back(ticket: TicketId, context: dict[str, Any]) -> None:
    done = await reply(ticket)
    await deliver_messages(context)
    with pytest.raises(ReplyHasGone):
        await undo(intent(), done)
    assert len(await said(ticket)) == 2
    assert await state(ticket) == [("sent", None)]


async def test_what_was_said_by_phone_or_among_us_is_mailed_to_nobody(ticket: TicketId) -> None:
    await reply(ticket, channel=TicketChannel.PHONE)
    await actions.note(intent(), ticket, "He is nice.")
    await actions.receive(intent(), ticket, "Thank you!", EMAIL)
    assert await lines(ticket) == []


async def test_a_later_reply_stands_in_the_thread_of_those_before_and_of_what_came_in(
    ticket: TicketId, context: dict[str, Any], postman: Postman
) -> None:
    await reply(ticket)
    await deliver_messages(context)
    await actions.receive(intent(), ticket, "And the second one?", EMAIL)
    await reply(ticket, "That one, too.")
    await deliver_messages(context)
    first, second = postman.letters
    assert second["Subject"] == f"Re: {first['Subject']}"
    assert second["In-Reply-To"] == first["Message-ID"]
    assert second["References"] == first["Message-ID"]
    assert second["Message-ID"] != first["Message-ID"]


async def test_it_answers_what_the_client_mailed_however_long_its_id_is(
    ticket: TicketId, context: dict[str, Any], postman: Keeping
) -> None:
    await reply(ticket)
    await deliver_messages(context)
    long, broken = f"<{'A1' * 60}@eurprd04.prod.outlook.example>", "<a b>\r\nBcc: x@y.example"
    for n, message_id in enumerate((long, broken)):
        answer = (await actions.receive(intent(), ticket, "Thank you, but…", EMAIL)).result
        mail = {"kind": "ordinary", "key": bytes([n]) * 32, "at": clock.now(), "stranger": False, "sender": MAIL}
        client = await db.fetchval("SELECT client FROM ticket WHERE id = $1", ticket)
        await factories._insert("ticket_mail", client=client, message_id=message_id, **answer, **mail)
    await reply(ticket, "Yes.")
    await deliver_messages(context)
    first, second = postman.letters
    assert second["In-Reply-To"] == long
    assert second["References"].split() == [first["Message-ID"], long]
    assert f"In-Reply-To: {long}\r\n".encode() in postman.raw[-1]
    assert second["Bcc"] is None


async def test_its_files_go_along_also_one_that_is_put_to_it_within_the_minute(
    ticket: TicketId, context: dict[str, Any], postman: Postman
) -> None:
    await reply(ticket, upload=Upload("Договор.txt", "текст".encode()))
    await files.attach(intent(), ticket, Upload("old.eml", b"From: a@mail.example\nSubject: x\n\nhi"), along=True)
    await files.attach(intent(), ticket, Upload("among us.txt", b"mind the dog"))
    await deliver_messages(context)
    found = {one.get_filename(): one.get_content() for one in postman.letters[0].iter_attachments()}
    assert found == {"Договор.txt": "текст", "old.eml": b"From: a@mail.example\nSubject: x\n\nhi"}


async def test_an_answer_asks_for_no_consent_and_waits_for_no_morning_and_no_next_day(
    ticket: TicketId, context: dict[str, Any], postman: Postman
) -> None:
    await db.execute("UPDATE client_profile SET channel = 'none'")
    plain = {"off": [], "reminders": "[]", "per_client": 1, "per_day": 1, "thanks": 2, "satisfaction": 24}
    await factories._insert("message_choice", id=1, quiet_from=0, quiet_until=24 * 60 - 1, **plain)
    await reply(ticket)
    await reply(ticket, "And one more thing.")
    await deliver_messages(context)
    assert len(postman.letters) == 2


async def test_one_without_a_way_says_so_and_goes_once_there_is_one(
    context: dict[str, Any], postman: Postman, ticket: TicketId
) -> None:
    other = await opened(await zoe(mail=None))
    await reply(other)
    await deliver_messages(context)
    [line] = await lines(other)
    assert (line.status.value, line.reason) == ("skipped", "no_email")
    await db.execute(
        "UPDATE client_profile SET emails = $1 WHERE client = $2",
        json.dumps([{"address": MAIL, "label": ""}]),
        line.client,
    )
    await messages.send_again(intent(), line.id)
    await deliver_messages(context)
    assert (await state(other), len(postman.letters)) == ([("sent", None)], 1)


async def test_a_ticket_whose_reply_no_server_takes_is_open_again_and_waits_again_where_somebody_says_so(
    ticket: TicketId, context: dict[str, Any], postman: Postman
) -> None:
    await reply(ticket)
    postman.answers[MAIL] = "550 5.1.1 no such mailbox"
    await deliver_messages(context)
    await deliver_messages(context)
    assert await state(ticket) == [("failed", "trouble")]
    assert await status(ticket) == "pending"
    await mark_tickets(context)
    last = "SELECT status, why FROM ticket_status WHERE ticket = $1 ORDER BY id DESC LIMIT 1"
    assert tuple(await db.fetchrow(last, ticket)) == ("open", "not_delivered")
    await actions.move(Intent(uuid4(), ANNA.actor, clock.now()), ticket, TicketStatus.PENDING)
    await mark_tickets(context)
    assert await status(ticket) == "pending"


async def test_a_ticket_stays_as_it_is_while_its_reply_may_have_arrived_or_another_went_after_it(
    ticket: TicketId, context: dict[str, Any], postman: Postman
) -> None:
    postman.answers[MAIL] = "451 4.3.0 later"
    await reply(ticket)
    await deliver_messages(context)
    await mark_tickets(context)
    assert await status(ticket) == "pending"
    postman.answers[MAIL] = "550 5.1.1 no such mailbox"
    await db.execute("UPDATE message SET try_at = now() - interval '1 hour'")
    await deliver_messages(context)
    await reply(ticket, "I have called you.", TicketChannel.PHONE)
    await mark_tickets(context)
    assert (await state(ticket), await status(ticket)) == ([("failed", "trouble")], "pending")


async def test_a_reply_to_nobody_is_refused_where_it_would_go_by_mail(ticket: TicketId) -> None:
    nobodys = await opened(None)
    with pytest.raises(Invalid) as refused:
        await reply(nobodys)
    assert set(refused.value.problems) == {"channel"}
    await reply(nobodys, channel=TicketChannel.PHONE)


async def given(ticket: TicketId, client: ClientId | None) -> Outcome[Any]:
    version = await db.fetchval("SELECT version FROM ticket WHERE id = $1", ticket)
    return await actions.give_to_client(intent(), ticket, version, client)


def addressed(postman: Postman) -> list[str]:
    return [letter["To"].addresses[0].addr_spec for letter in postman.letters]


@pytest.mark.parametrize("to_somebody", [True, False])
async def test_a_reply_that_waits_is_withdrawn_when_its_ticket_is_anothers_and_comes_back_with_it(
    ticket: TicketId, context: dict[str, Any], postman: Postman, to_somebody: bool
) -> None:
    await reply(ticket)
    away = await given(ticket, await zoe("boris@mail.example") if to_somebody else None)
    assert [(one.key, one.params) for one in away.effects] == [("effect.ticket_replies_withdrawn", {"count": 1})]
    assert await lines(ticket) == []
    assert (await deliver_messages(context), postman.letters) == (0, [])
    assert await checks.replies_are_due_to_whose_ticket_it_is() == []
    await undo(intent(), away.operation_id)
    await deliver_messages(context)
    assert addressed(postman) == [MAIL]


@pytest.mark.parametrize("become", ["unknown", "failed", "skipped"])
async def test_one_that_may_be_sent_again_is_not_once_its_ticket_is_anothers(ticket: TicketId, become: str) -> None:
    await reply(ticket)
    await db.execute("UPDATE message SET status = $1, channel = 'email', reason = 'staff'", become)
    [line] = await lines(ticket)
    await given(ticket, None)
    with pytest.raises(messages.NothingToSend):
        await messages.send_again(intent(), line.id)


async def test_what_they_think_is_not_asked_of_whose_ticket_it_is_not_any_more(ticket: TicketId) -> None:
    await actions.move(intent(), ticket, TicketStatus.SOLVED)
    assert await db.fetchval("SELECT count(*) FROM message WHERE retired_at IS NULL") == 1
    await given(ticket, None)
    assert await db.fetchval("SELECT count(*) FROM message WHERE retired_at IS NULL") == 0


async def test_the_database_lets_no_reply_wait_for_a_former_client(
    ticket: TicketId, as_owner: asyncpg.Connection
) -> None:
    await reply(ticket)
    nobodys = "UPDATE ticket_entry SET client = NULL; UPDATE ticket SET client = NULL"
    with pytest.raises(asyncpg.CheckViolationError, match="a reply goes to whose its ticket is"):
        await as_owner.execute(nobodys)


async def test_one_of_which_nobody_knows_whether_it_went_is_parked_and_sent_again_by_hand(
    ticket: TicketId, context: dict[str, Any], postman: Postman
) -> None:
    await reply(ticket)
    await db.execute(
        "UPDATE message SET status = 'claimed', channel = 'email', attempts = 1,"
        " claimed_until = now() - interval '1 second'"
    )
    await sweep_messages(context)
    assert (await state(ticket), postman.letters) == ([("unknown", "trouble")], [])
    [line] = await lines(ticket)
    await messages.send_again(intent(), line.id)
    await deliver_messages(context)
    assert (await state(ticket), len(postman.letters)) == ([("sent", None)], 1)


async def test_what_a_server_refuses_for_good_failed_and_goes_no_other_way(
    ticket: TicketId, context: dict[str, Any], postman: Postman
) -> None:
    await db.execute("""UPDATE client_profile SET phones = '[{"number": "+79213334512", "label": ""}]'""")
    postman.answers[MAIL] = "550 no such person"
    await reply(ticket)
    await deliver_messages(context)
    assert await state(ticket) == [("failed", "trouble")]


async def test_what_goes_by_itself_says_so_and_is_never_answered_by_a_machine(
    ticket: TicketId, context: dict[str, Any], postman: Postman, never_quiet: None
) -> None:
    client = await db.fetchval("SELECT client FROM ticket WHERE id = $1", ticket)
    given = {"channel": "email", "purpose": "offers", "given": True, "at": intent().now, "source": "in_person"}
    await factories._insert("client_consent", client=client, **given)
    told = {"kind": "free_visit.issued", "variables": '{"last": "2026-06-01"}', "dedupe_key": "1", "status": "due"}
    await factories._insert("message", client=client, due_at=intent().now, **told)
    await deliver_messages(context)
    [letter] = postman.letters
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Reply-To"] == "support@sparkle.example"
