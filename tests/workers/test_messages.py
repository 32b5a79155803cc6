"""Messages to clients: by mail and by SMS, once each, and never silently lost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from console.config import Settings
from console.domain import db
from console.domain.clients.rules import Channel, Purpose
from console.domain.ids import ClientId, MessageId
from console.domain.messages import outbox
from console.domain.messages.keys import key
from console.domain.messages.rules import MessageKind, Outgoing
from console.processes import free_port
from tests import factories
from tests.cast import NOW
from tests.workers.conftest import Postman
from tests.workers.gateway import SECRET, Gateway, gateway
from workers.messages import deliver_messages, sweep_messages

MAIL, PHONE = "anna@mail.example", "+79213334512"
LEFT_BY_THE_DEAD = "UPDATE message SET claimed_until = now() - interval '1 second'"
NEXT = "UPDATE message SET try_at = now() WHERE status = 'due'"


@pytest.fixture
def provider() -> Iterator[Gateway]:
    with gateway(Gateway()) as state:
        yield state


@pytest.fixture
def context(context: dict[str, Any], provider: Gateway) -> dict[str, Any]:
    return {"settings": replace(context["settings"], sms_url=provider.url, sms_secret=SECRET)}


@pytest.fixture
async def anna(never_quiet: None) -> ClientId:
    """Anna, who has agreed to everything."""
    return await somebody()


async def somebody(mail: str | None = MAIL, phone: str | None = PHONE, **said: Any) -> ClientId:
    emails = json.dumps([{"address": mail, "label": ""}] if mail else [])
    phones = json.dumps([{"number": phone, "label": ""}] if phone else [])
    one = ClientId(await factories.client(emails=emails, phones=phones, **said))
    for channel in ("email", "sms"):
        given = {"channel": channel, "purpose": Purpose.OFFERS.value, "given": True, "at": NOW, "source": "in_person"}
        await factories._insert("client_consent", client=one, **given)
    return one


async def tell(client: int, about: str = "1") -> int:
    told = {"kind": "free_visit.issued", "variables": '{"last": "2026-06-01"}', "dedupe_key": about, "status": "due"}
    return await factories._insert("message", client=client, due_at=NOW, **told)


async def statuses() -> list[str]:
    return [row["status"] for row in await db.fetch("SELECT status FROM message ORDER BY id")]


async def log() -> list[tuple[str, str]]:
    return [tuple(row) for row in await db.fetch("SELECT channel, outcome FROM message_attempt ORDER BY id")]


async def test_a_mail_arrives_once_in_words_from_the_business(
    anna: ClientId, context: dict[str, Any], postman: Postman
) -> None:
    await db.execute("UPDATE business SET name = 'Чистый дом'")
    number = await tell(anna)
    assert (await deliver_messages(context), await deliver_messages(context)) == (1, 0)
    [letter] = postman.letters
    assert letter["To"] == f"Анна Петрова <{MAIL}>"
    assert letter["From"].addresses[0].display_name == "Чистый дом"
    assert letter["Message-ID"].startswith(f"<message-{number}-")
    assert letter["Message-ID"].endswith("@console.example>")
    body = letter.get_body(("plain",))
    assert body is not None
    assert "Use it by 1\u00a0June\u00a02026." in body.get_content()
    assert letter.get_body(("html",)) is not None
    assert await statuses() == ["sent"]
    assert await log() == [("email", "sent")]


async def test_an_sms_goes_to_who_prefers_one_or_has_no_mail(
    anna: ClientId, context: dict[str, Any], postman: Postman, provider: Gateway
) -> None:
    await db.execute("UPDATE client_profile SET channel = 'sms'")
    await tell(anna)
    await tell(await somebody(mail=None, phone="+79210000001"), "2")
    assert await deliver_messages(context) == 2
    assert [told["to"] for told in provider.sent.values()] == [PHONE, "+79210000001"]
    assert all("1" in told["text"] and "\n\n" not in told["text"] for told in provider.sent.values())
    assert postman.letters == []


async def test_what_the_mail_server_refuses_goes_by_sms(
    anna: ClientId, context: dict[str, Any], postman: Postman, provider: Gateway
) -> None:
    postman.answers[MAIL] = f"550 no such person as {MAIL}"
    await tell(anna)
    await deliver_messages(context)
    assert (await statuses(), len(provider.sent)) == (["sent"], 1)
    assert await log() == [("email", "failed"), ("sms", "sent")]
    assert MAIL not in str(await db.fetch("SELECT error FROM message_attempt"))


async def test_what_is_refused_for_now_is_tried_again_and_stops_no_other(
    anna: ClientId, context: dict[str, Any], postman: Postman
) -> None:
    postman.answers[MAIL] = "451 later"
    await tell(anna)
    await tell(await somebody("boris@mail.example"), "2")
    await deliver_messages(context)
    assert await statuses() == ["due", "sent"]
    postman.answers.clear()
    await db.execute(NEXT)
    await deliver_messages(context)
    assert await statuses() == ["sent", "sent"]
    assert len(postman.letters) == 2


async def test_a_server_that_is_not_there_delays_it(anna: ClientId, context: dict[str, Any], postman: Postman) -> None:
    context["settings"] = replace(context["settings"], smtp_url=f"smtp://127.0.0.1:{free_port()}")
    await tell(anna)
    await deliver_messages(context)
    row = await db.fetchrow("SELECT status, reason, try_at > now() AS later FROM message")
    assert row is not None
    assert tuple(row) == ("due", "trouble", True)


async def test_a_gateway_that_hangs_up_is_asked_again_with_the_same_key(
    anna: ClientId, context: dict[str, Any], provider: Gateway
) -> None:
    await db.execute("UPDATE client_profile SET channel = 'sms'")
    provider.hangs_up.add(PHONE)
    await tell(anna)
    await deliver_messages(context)
    assert (await statuses(), len(provider.sent)) == (["due"], 1)
    await db.execute(NEXT)
    await deliver_messages(context)
    assert (await statuses(), len(provider.sent), len(provider.asked)) == (["sent"], 1, 2)
    assert len({key for key, _ in provider.asked}) == 1


async def test_a_gateway_that_knows_no_second_copy_leaves_it_unknown(
    anna: ClientId, context: dict[str, Any], provider: Gateway
) -> None:
    await db.execute("UPDATE client_profile SET channel = 'sms'")
    context["settings"] = replace(context["settings"], sms_deduplicates=False)
    provider.hangs_up.add(PHONE)
    await tell(anna)
    await deliver_messages(context)
    await sweep_messages(context)
    assert (await statuses(), len(provider.asked)) == (["unknown"], 1)


async def test_a_mail_whose_worker_died_is_parked_and_not_sent_twice(
    anna: ClientId, context: dict[str, Any], postman: Postman
) -> None:
    await tell(anna)
    await outbox.claim(NOW, {Channel.EMAIL: False})
    await db.execute(LEFT_BY_THE_DEAD)
    await sweep_messages(context)
    assert (await statuses(), postman.letters) == (["unknown"], [])


async def test_an_sms_whose_worker_died_is_sent_by_the_next_one(
    anna: ClientId, context: dict[str, Any], provider: Gateway
) -> None:
    await db.execute("UPDATE client_profile SET channel = 'sms'")
    await tell(anna)
    await outbox.claim(NOW, {Channel.SMS: True})
    await db.execute(LEFT_BY_THE_DEAD)
    await sweep_messages(context)
    assert (await statuses(), len(provider.sent)) == (["sent"], 1)


async def test_workers_at_once_send_one_copy_each(anna: ClientId, context: dict[str, Any], postman: Postman) -> None:
    for number in range(10):
        await tell(await somebody(f"client{number}@mail.example"), f"{number}")
    await asyncio.gather(*(deliver_messages(context) for _ in range(4)))
    assert len({letter["To"] for letter in postman.letters}) == len(postman.letters) == 10
    assert set(await statuses()) == {"sent"}


async def test_what_cannot_be_written_waits_and_stops_no_other(
    anna: ClientId, context: dict[str, Any], postman: Postman
) -> None:
    await db.execute("UPDATE message SET variables = '{}' WHERE id = $1", await tell(anna))
    await tell(await somebody("boris@mail.example"), "2")
    await deliver_messages(context)
    assert await statuses() == ["due", "sent"]
    assert await db.fetchval("SELECT error FROM message ORDER BY id LIMIT 1") == "ours: KeyError"


async def test_without_any_way_set_up_it_says_so(anna: ClientId, settings: Settings) -> None:
    await tell(anna)
    assert await sweep_messages({"settings": settings}) == 0
    assert await db.fetchval("SELECT reason FROM message") == "no_channel"


async def test_a_worker_that_is_to_stop_takes_up_no_more(anna: ClientId, context: dict[str, Any]) -> None:
    await tell(anna)
    assert await deliver_messages({**context, "goes_on": lambda: False}) == 0
    assert await statuses() == ["due"]


def test_a_key_tells_it_from_another_that_has_its_number_in_a_restored_database() -> None:
    one = Outgoing(MessageId(7), MessageKind.TIER_WARNING, ClientId(1), "en", {"tier": 1, "last": "2026-06-01"})
    assert key(one) == key(replace(one, language="ru", variables={"last": "2026-06-01", "tier": 1}))
    others = [replace(one, id=MessageId(8)), replace(one, client=ClientId(2)), replace(one, variables={"tier": 2})]
    assert len({key(each) for each in [one, *others]}) == 4


async def test_what_the_other_side_quotes_of_a_message_is_kept_nowhere(
    anna: ClientId, context: dict[str, Any], postman: Postman, provider: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    postman.echoes = provider.echoes = True
    postman.answers[MAIL], provider.answers[PHONE] = "550 5.7.1", (422, "refused")
    await tell(anna)
    await deliver_messages(context)
    rows = await db.fetch("SELECT error FROM message UNION ALL SELECT error FROM message_attempt ORDER BY 1")
    assert {row["error"] for row in rows} == {"refused: 550 5.7.1", "refused: 422"}
    assert "did not leave" in caplog.text
    for quoted in ("free", "June", "921", "mail.example", "http", "text/"):
        assert quoted not in caplog.text
