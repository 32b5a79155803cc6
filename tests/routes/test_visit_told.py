"""What is told of a visit where it was not as usual: another price, money that went back, what it led to."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from litestar import Litestar
from litestar.datastructures import State

from console.domain import db
from console.domain.clients.rules import Channel, Purpose
from console.domain.messages import settings
from console.domain.messages.settings_rules import MessageSettings
from console.domain.undo import undo
from tests.cast import NOW
from tests.domain.messages.test_outbox import MAIL, consent
from tests.domain.messages.test_outbox_by_staff import SENT, message
from tests.page import Visitor
from tests.till import USUAL, Desk, means
from tests.words import say

pytestmark = pytest.mark.usefixtures("today")


async def visit(here: Desk, ago: int = 0, **said: Any) -> int:
    return int((await here.come(ago, **said)).result["visit"])


async def history(visitor: Visitor, visit: int) -> list[str]:
    return (await visitor.open(f"/visits/{visit}")).all(".told-what .soft")


async def test_the_rules_that_it_was_judged_by_are_a_link_for_whoever_may_read_them(vera: Visitor, here: Desk) -> None:
    page = await vera.open(f"/visits/{await visit(here)}")
    assert page.words(".facts a[href='/programme/versions/1']") == say("words.by_version", number="1")


async def test_another_price_stands_with_its_reason_in_mid_sentence_at_the_visit_and_in_its_history(
    anna: Visitor, here: Desk
) -> None:
    line = replace(here.clean, unit=150_000, reason=here.why)
    number = await visit(here, due=150_000, lines=[line])
    page = await anna.open(f"/visits/{number}")
    assert "by the list €2,000, why" in page.words(".till-steps")
    assert "Deep clean: €1,500, by the list €2,000, why" in page.all(".told-what .soft")


async def test_a_message_that_is_not_sent_any_more_is_told_in_the_history_of_the_visit_taken_back(
    anna: Visitor, here: Desk
) -> None:
    done = await here.come()
    number, label = done.result["visit"], say("column.message.kind")
    thanks = say("words.message_visit_thanks")
    what = thanks[:1].lower() + thanks[1:]
    back = await undo(means(), done.operation_id)
    assert f"{label}: {say('words.message_not_sent', what=what)}" in await history(anna, number)
    await undo(means(), back.operation_id)
    assert f"{label}: {say('words.message_sent_after_all', what=what)}" in await history(anna, number)


async def test_when_a_message_leaves_is_told_alike_in_the_history_of_its_visit_and_on_the_card(
    app: Litestar, anna: Visitor, here: Desk
) -> None:
    """One a day is enough for a client, and that one has gone."""
    ways = replace(app.state.settings, smtp_url="smtp://127.0.0.1:25")
    app.state = State({**app.state, "settings": ways})
    await settings.choose(means(), 0, MessageSettings(per_client=1))
    await db.execute("UPDATE client_profile SET emails = $1 WHERE client = $2", json.dumps(MAIL), here.client)
    await consent(here.client, Channel.EMAIL, Purpose.FEEDBACK)
    number = await visit(here)
    before = await message(here.client, "1", SENT)
    await db.execute(
        "INSERT INTO message_attempt (message, at, channel, outcome) VALUES ($1, $2, 'email', 'sent')", before, NOW
    )
    thanks = say("words.message_visit_thanks")
    (row,) = [
        one for one in (await anna.open(f"/clients/{here.client}")).all(".client-messages .item") if thanks in one
    ]
    assert "13 May, 9:00" in row
    assert say("words.message_client_cap") in row
    (line,) = [one for one in await history(anna, number) if "to be sent" in one]
    assert line.endswith("to be sent 13 May 2026, 9:00")


async def test_a_second_refund_says_what_was_paid_and_what_went_back_before(vera: Visitor, here: Desk) -> None:
    number = await visit(here)
    assert say("words.refund_paid", sum="€2,000") in (await vera.open(f"/visits/{number}/refund")).words("main")
    await here.refund(number, 50_000)
    told = say("words.refund_paid_less", sum="€2,000", back="€500", left="€1,500")
    assert told in (await vera.open(f"/visits/{number}/refund")).words("main")


async def test_why_tells_a_refund_from_a_visit_taken_back(vera: Visitor, here: Desk) -> None:
    first, *others = [await here.come(ago) for ago in (40, 30, 20, 10)]
    await here.come(5, free=True, due=0, payments=())
    await here.refund(first.result["visit"], USUAL)
    assert say("why.stamp_owe_refund") in (await vera.open(f"/clients/{here.client}/loyalty/stamps")).words("main")
    await undo(means(), others[0].operation_id)
    assert say("why.stamp_owe") in (await vera.open(f"/clients/{here.client}/loyalty/stamps")).words("main")


async def test_why_tells_a_tier_that_went_with_money_from_one_that_went_with_a_visit(vera: Visitor, here: Desk) -> None:
    *_, last = [await here.come(ago) for ago in (40, 30, 20, 10)]
    refunded = await here.refund(last.result["visit"], USUAL)
    assert say("why.retraced_paid", tier="Base") in (await vera.open(f"/clients/{here.client}/loyalty/tier")).words(
        "main"
    )
    await undo(means(), refunded.operation_id)
    await undo(means(), last.operation_id)
    assert say("why.retraced_undone", tier="Base") in (await vera.open(f"/clients/{here.client}/loyalty/tier")).words(
        "main"
    )


async def test_stamps_that_come_back_say_through_which_days_each_is_good(vera: Visitor, here: Desk) -> None:
    *_, last = [await here.come(ago) for ago in (40, 30, 20, 10)]
    await undo(means(), last.operation_id)
    told = (await vera.open(f"/clients/{here.client}/loyalty/stamps")).all(".why-what")
    [back] = [one for one in told if "4 stamps came back" in one]
    assert "good through 2 Apr 2027, 12 Apr 2027, 22 Apr 2027 and 2 May 2027" in back
