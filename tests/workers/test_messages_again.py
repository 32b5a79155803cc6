"""What staff send again does leave: what failed by any way there is, and what may have gone by its own alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from console.domain import clock, db
from console.domain.ids import ClientId, MessageId
from console.domain.intent import DEMO, Intent
from console.domain.messages import actions
from tests.workers.conftest import Postman
from tests.workers.gateway import Gateway
from tests.workers.test_messages import MAIL, PHONE, anna, context, provider, statuses, tell
from workers.messages import deliver_messages

__all__ = ["anna", "context", "provider"]


async def send_again(message: int) -> None:
    now = clock.now() - timedelta(seconds=1)
    await actions.send_again(Intent(uuid4(), DEMO, now), MessageId(message))


async def test_what_failed_is_sent_by_mail_once_it_is_sent_again(
    anna: ClientId, context: dict[str, Any], postman: Postman
) -> None:
    one = await tell(anna)
    await db.execute(
        "UPDATE message SET status = 'failed', reason = 'trouble', error = 'away', attempts = 9, channel = NULL"
    )
    assert await deliver_messages(context) == 0
    await send_again(one)
    assert await deliver_messages(context) == 1
    assert (await statuses(), len(postman.letters)) == (["sent"], 1)


async def test_a_mail_that_may_have_gone_goes_once_more_when_it_is_sent_again(
    anna: ClientId, context: dict[str, Any], postman: Postman
) -> None:
    one = await tell(anna)
    await db.execute("UPDATE message SET status = 'unknown', channel = 'email', attempts = 1")
    await send_again(one)
    assert await deliver_messages(context) == 1
    assert (await statuses(), len(postman.letters)) == (["sent"], 1)


async def test_what_may_have_gone_by_sms_goes_by_sms_again_although_mail_comes_first(
    anna: ClientId, context: dict[str, Any], postman: Postman, provider: Gateway
) -> None:
    one = await tell(anna)
    await db.execute("UPDATE message SET status = 'unknown', channel = 'sms', attempts = 9")
    await send_again(one)
    assert await deliver_messages(context) == 1
    assert (await statuses(), postman.letters, len(provider.sent)) == (["sent"], [], 1)


async def test_what_staff_stopped_does_not_leave(anna: ClientId, context: dict[str, Any], postman: Postman) -> None:
    one = await tell(anna)
    await actions.stop(Intent(uuid4(), DEMO, clock.now()), MessageId(one))
    assert await deliver_messages(context) == 0
    assert (await statuses(), postman.letters) == (["skipped"], [])


async def test_what_a_gateway_refused_for_good_goes_by_another_key_and_is_not_refused_for_ever(
    anna: ClientId, context: dict[str, Any], postman: Postman, provider: Gateway
) -> None:
    one = await tell(anna)
    postman.answers[MAIL] = "550 no such mailbox"
    provider.answers[PHONE] = (400, "not today")
    assert await deliver_messages(context) == 2
    assert await statuses() == ["failed"]
    provider.answers.clear()
    await send_again(one)
    await deliver_messages(context)
    assert (await statuses(), len(provider.sent)) == (["sent"], 1)
    assert len({key for key, _ in provider.asked}) == 2


async def test_what_may_have_gone_keeps_its_key_also_after_a_refusal(
    anna: ClientId, context: dict[str, Any], postman: Postman, provider: Gateway
) -> None:
    one = await tell(anna)
    postman.answers[MAIL] = "550 no such mailbox"
    provider.answers[PHONE] = (400, "not today")
    await deliver_messages(context)
    provider.answers.clear()
    provider.hangs_up.add(PHONE)
    await send_again(one)
    await deliver_messages(context)
    await db.execute("UPDATE message SET status = 'unknown', attempts = 9")
    await send_again(one)
    await deliver_messages(context)
    (_, refused), (first, hung_up), (second, taken) = provider.asked
    assert (refused, hung_up, taken, first == second, len(provider.sent)) == (400, 0, 200, True, 1)
