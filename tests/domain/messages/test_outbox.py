"""The outbox: a message is claimed once, waits for the morning, is skipped for a reason, and ends in a word."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from console.domain import db
from console.domain.clients.rules import Channel, Purpose
from console.domain.ids import ClientId, MessageId, OperationId
from console.domain.intent import TERMINAL
from console.domain.messages import actions, leaving, outbox, outbox_queries, outcomes, settings, steps
from console.domain.messages.outbox import Claimed, Passed
from console.domain.messages.rules import MessageKind, plain
from console.domain.messages.settings_queries import chosen
from console.domain.messages.settings_rules import MessageSettings
from console.domain.running import Operation
from console.domain.team.mail import WAITS
from console.domain.team.trouble import Cause, Trouble
from console.domain.undo import undo
from tests import factories
from tests.cast import NOW
from tests.domain.deeds import intent, script

SMS, EMAIL = Channel.SMS, Channel.EMAIL
BOTH = {SMS: True, EMAIL: False}
"""The gateway knows a second copy, the mail server does not."""
PHONE = [{"number": "+79213334512", "label": ""}]
MAIL = [{"address": "anna@mail.example", "label": ""}]
LATE = NOW.replace(hour=21)
NINE = NOW.replace(day=13, hour=9, minute=0)
HOUR = timedelta(hours=1)


@pytest.fixture
async def anna(kernel: None) -> ClientId:
    return await somebody(phones=PHONE, emails=MAIL)


async def somebody(*agreed: tuple[Channel, Purpose], **said: Any) -> ClientId:
    reach = {name: json.dumps(said.pop(name, [])) for name in ("phones", "emails")}
    one = ClientId(await factories.client(**reach, **said))
    for channel, purpose in agreed or [(channel, purpose) for channel in BOTH for purpose in Purpose]:
        await consent(one, channel, purpose)
    return one


async def consent(client: int, channel: Channel, purpose: Purpose, given: bool = True) -> None:
    said = {"channel": channel.value, "purpose": purpose.value, "given": given, "at": NOW, "source": "in_person"}
    await factories._insert("client_consent", client=client, **said)


async def tell(
    client: int, key: str = "1", kind: MessageKind = MessageKind.BOOKING_REMINDER, at: datetime = NOW, **more: Any
) -> int:
    told = {"kind": kind.value, "variables": "{}", "dedupe_key": key, "status": "due", **more}
    return await factories._insert("message", client=client, due_at=at, **told)


async def claim(now: datetime = NOW, adapters: outbox.Adapters = BOTH) -> Claimed:
    one = await outbox.claim(now, adapters)
    assert isinstance(one, Claimed)
    return one


async def stands() -> tuple[str, str | None, str | None, datetime]:
    """Its status, the reason, the channel, and when it is tried."""
    row = await db.fetchrow("SELECT status, reason, channel, try_at FROM message ORDER BY id DESC LIMIT 1")
    assert row is not None
    return tuple(row)


async def log() -> list[tuple[str, str]]:
    return [tuple(row) for row in await db.fetch("SELECT channel, outcome FROM message_attempt ORDER BY id")]


async def test_what_is_due_is_claimed_with_whom_it_is_to_and_in_which_language(anna: ClientId) -> None:
    await db.execute("UPDATE client_profile SET language = 'ru'")
    number = await tell(anna, variables='{"booking": 7}')
    one = await claim()
    assert (one.outgoing.id, one.outgoing.client, one.outgoing.language) == (number, anna, "ru")
    assert (one.outgoing.kind, one.outgoing.variables) == (MessageKind.BOOKING_REMINDER, {"booking": 7})
    assert (one.way.channel, one.way.address, one.name, one.attempts) == (EMAIL, "anna@mail.example", "Анна Петрова", 1)
    assert await stands() == ("claimed", None, "email", NOW)
    assert await outbox.claim(NOW, BOTH) is None


async def test_the_one_that_waits_longest_goes_first_and_none_before_its_time(anna: ClientId) -> None:
    later, now = await tell(anna, "1", at=NOW + HOUR), await tell(anna, "2", at=NOW - HOUR)
    assert (await claim()).outgoing.id == now
    assert await outbox.claim(NOW, BOTH) is None
    assert (await claim(NOW + HOUR)).outgoing.id == later


async def test_what_the_business_does_not_want_told_is_skipped(anna: ClientId) -> None:
    wanted = MessageSettings(off=frozenset({MessageKind.TIER_RAISED}))
    await settings.choose(intent(TERMINAL), 0, wanted)
    await tell(anna, kind=MessageKind.TIER_RAISED)
    assert isinstance(await outbox.claim(NOW, BOTH), Passed)
    assert (await stands())[:2] == ("skipped", "not_told")
    await tell(anna, "2")
    await claim()


async def test_what_was_withdrawn_is_not_sent(anna: ClientId) -> None:
    await tell(anna, retired_at=NOW)
    assert await outbox.claim(NOW, BOTH) is None


async def test_claims_at_once_take_each_message_once(anna: ClientId) -> None:
    numbers = [await tell(anna, f"{one}", at=NOW - one * timedelta(minutes=1)) for one in range(4)]
    claimed = await asyncio.gather(*(outbox.claim(NOW, BOTH) for _ in range(8)))
    assert sorted(one.outgoing.id for one in claimed if isinstance(one, Claimed)) == numbers


@pytest.mark.parametrize(
    ("said", "kind", "adapters", "why"),
    [
        ({"channel": "none"}, MessageKind.BOOKING_CONFIRMATION, BOTH, "wants_none"),
        ({"phones": "[]", "emails": "[]"}, MessageKind.BOOKING_CONFIRMATION, BOTH, "no_address"),
        ({}, MessageKind.VISIT_THANKS, BOTH, "no_consent"),
        ({}, MessageKind.BOOKING_REMINDER, {}, "no_channel"),
    ],
)
async def test_what_has_no_way_is_skipped_and_says_why(
    kernel: None, said: dict[str, str], kind: MessageKind, adapters: outbox.Adapters, why: str
) -> None:
    anna = await somebody((EMAIL, Purpose.REMINDERS), phones=PHONE, emails=MAIL)
    for column, value in said.items():
        await db.execute(f"UPDATE client_profile SET {column} = $1", value)
    number = await tell(anna, kind=kind)
    assert await outbox.claim(NOW, adapters) == Passed(number)
    assert (await stands())[:2] == ("skipped", why)
    assert await log() == []


KINDS = (MessageKind.BOOKING_CONFIRMATION, MessageKind.BOOKING_REMINDER, MessageKind.VISIT_THANKS)


@pytest.mark.parametrize("reach", [{}, {"phones": PHONE}, {"emails": MAIL}, {"phones": PHONE, "emails": MAIL}])
@pytest.mark.parametrize("wishes", [None, "none", "sms"])
@pytest.mark.parametrize("ways", [BOTH, {SMS: True}, {}], ids=["both", "sms", "none"])
async def test_what_will_be_skipped_is_foretold_as_it_is_when_its_time_comes(
    kernel: None, reach: dict[str, Any], wishes: str | None, ways: outbox.Adapters
) -> None:
    """Of everybody who agreed to nothing, to something, or took something back."""
    said = [
        [],
        [(EMAIL, True)],
        [(SMS, True)],
        [(EMAIL, False)],
        [(EMAIL, False), (SMS, False)],
        [(SMS, True), (SMS, False)],
    ]
    for agreed in said:
        one = await somebody((EMAIL, Purpose.OFFERS), channel=wishes, **reach)
        for channel, given in agreed:
            await consent(one, channel, Purpose.REMINDERS, given=given)
        for kind in KINDS:
            await tell(one, f"{one}:{kind}", kind)
    foretold = {one.id: one.skipped for one in await outbox_queries.waiting(100, ways)}
    assert (await outbox_queries.health(NOW, ways)).unwanted == sum(one is not None for one in foretold.values())
    assert len(foretold) == len(said) * len(KINDS)
    while await outbox.claim(NOW, ways):
        pass
    rows = await db.fetch("SELECT id, CASE WHEN status = 'skipped' THEN reason END AS reason FROM message")
    assert foretold == {row["id"]: row["reason"] for row in rows}


async def test_what_comes_due_in_the_night_is_foretold_for_the_morning(anna: ClientId) -> None:
    await tell(anna, at=LATE)
    (line,) = await outbox_queries.waiting(1, BOTH)
    foretold = (await leaving.held([anna], NOW))[line.id]
    await outbox.claim(LATE, BOTH)
    assert ("due", foretold.reason, None, foretold.until) == await stands()


async def test_what_one_took_back_is_not_sent_there(anna: ClientId) -> None:
    await consent(anna, EMAIL, Purpose.REMINDERS, given=False)
    await tell(anna)
    assert (await claim()).way.channel is SMS


async def test_a_late_one_goes_in_the_morning_where_the_client_is(anna: ClientId) -> None:
    await tell(anna, at=LATE)
    assert isinstance(await outbox.claim(LATE, BOTH), Passed)
    assert await stands() == ("due", "quiet", None, NINE)
    assert await outbox.claim(NINE - HOUR, BOTH) is None
    assert isinstance(await outbox.claim(NINE, BOTH), Claimed)
    await db.execute("UPDATE client_profile SET zone = 'America/Los_Angeles'")
    await tell(anna, "2", at=LATE)
    assert (await claim(LATE)).attempts == 1


async def test_who_says_no_clock_lives_by_that_of_the_location_that_they_are_told_of(anna: ClientId) -> None:
    await factories.location("First", zone="Europe/Moscow")
    east = await factories.location("East", zone="Asia/Vladivostok")
    number = await tell(anna, variables=json.dumps({"location": east}))
    dusk = NOW.replace(hour=12)
    foreseen = await outbox.foreseen(MessageId(number), dusk, BOTH)
    assert isinstance(await outbox.claim(dusk, BOTH), Passed)
    assert (await stands())[1::2] == ("quiet", dusk.replace(hour=23, minute=0))
    assert foreseen == outbox.Foreseen(EMAIL, dusk.replace(hour=23, minute=0))


EARLY = NINE - HOUR


@pytest.mark.parametrize(
    ("kind", "ends_at", "told"),
    [
        (MessageKind.BOOKING_CANCELLED, EARLY, {"starts": EARLY}),
        (MessageKind.BOOKING_CANCELLED, NINE + HOUR, {"starts": NINE + HOUR, "before": None}),
        (MessageKind.BOOKING_MOVED, EARLY, {"starts": EARLY, "before": NINE + 5 * HOUR}),
        (MessageKind.BOOKING_MOVED, NINE + 5 * HOUR, {"starts": NINE + 5 * HOUR, "before": EARLY}),
        (MessageKind.BOOKING_CONFIRMATION, EARLY, {"starts": EARLY}),
    ],
)
async def test_what_the_morning_is_too_late_for_goes_in_the_night(
    anna: ClientId, kind: MessageKind, ends_at: datetime, told: dict[str, datetime | None]
) -> None:
    number = await tell(anna, kind=kind, at=LATE, ends_at=ends_at, variables=json.dumps(plain(told)))
    assert await outbox.foreseen(MessageId(number), LATE, BOTH) == outbox.Foreseen(EMAIL, LATE)
    assert (await claim(LATE)).outgoing.id == number


async def test_a_tier_that_was_reached_is_told_though_another_was_held_before(anna: ClientId) -> None:
    told = json.dumps({"tier": 2, "before": 1, "version": 1})
    number = await tell(anna, kind=MessageKind.TIER_RAISED, variables=told)
    assert (await claim()).outgoing.id == number


async def test_what_the_morning_is_early_enough_for_waits_for_it(anna: ClientId) -> None:
    told = json.dumps(plain({"starts": NINE + 2 * HOUR, "before": LATE - HOUR}))
    await tell(anna, kind=MessageKind.BOOKING_MOVED, at=LATE, ends_at=NINE + 2 * HOUR, variables=told)
    assert isinstance(await outbox.claim(LATE, BOTH), Passed)
    assert await stands() == ("due", "quiet", None, NINE)


async def test_the_cap_holds_in_the_night_too(anna: ClientId) -> None:
    await settings.choose(intent(TERMINAL), 0, MessageSettings(per_client=1))
    await tell(anna)
    await outcomes.sent(await claim(), NOW)
    told = json.dumps(plain({"starts": EARLY}))
    await tell(anna, "2", MessageKind.BOOKING_CANCELLED, LATE, ends_at=EARLY, variables=told)
    assert isinstance(await outbox.claim(LATE, BOTH), Passed)
    assert (await stands())[:2] == ("skipped", "too_late")


async def test_a_reminder_of_what_begins_before_the_morning_is_skipped(anna: ClientId) -> None:
    await tell(anna, at=LATE, ends_at=NINE - HOUR)
    await outbox.claim(LATE, BOTH)
    assert (await stands())[:2] == ("skipped", "too_late")


async def test_what_has_begun_is_told_to_nobody_any_more(anna: ClientId) -> None:
    await tell(anna, at=NOW - HOUR, ends_at=NOW)
    await outbox.claim(NOW, BOTH)
    assert (await stands())[:2] == ("skipped", "too_late")


async def test_after_five_on_a_day_a_client_waits_for_the_next_morning_and_others_do_not(anna: ClientId) -> None:
    for number in range(5):
        await tell(anna, f"{number}")
        await outcomes.sent(await claim(), NOW)
    await tell(anna, "6")
    assert isinstance(await outbox.claim(NOW, BOTH), Passed)
    assert await stands() == ("due", "client_cap", None, NINE)
    await tell(await somebody(phones=PHONE), "7")
    assert (await claim()).way.channel is SMS


async def test_what_waits_for_the_morning_is_judged_anew_when_quiet_hours_change_and_when_that_is_undone(
    anna: ClientId,
) -> None:
    for number in range(3):
        await tell(anna, f"{number}", at=LATE)
        assert isinstance(await outbox.claim(LATE, BOTH), Passed)
    late = replace(intent(TERMINAL), now=LATE)
    await settings.choose(late, 0, MessageSettings(quiet_until=8 * 60))
    assert await stands() == ("due", None, None, LATE)
    assert [type(await outbox.claim(LATE, BOTH)) for _ in range(3)] == [Passed] * 3
    assert await stands() == ("due", "quiet", None, NINE - HOUR)
    await undo(replace(late, id=uuid4()), OperationId((await chosen()).operation))
    assert [type(await outbox.claim(LATE, BOTH)) for _ in range(3)] == [Passed] * 3
    assert await stands() == ("due", "quiet", None, NINE)
    version = (await chosen()).version
    await settings.choose(replace(late, id=uuid4()), version, MessageSettings(quiet_from=0, quiet_until=0))
    assert await db.fetchval("SELECT count(*) FROM message WHERE reason IS NULL AND try_at = $1", LATE) == 3
    assert [type(await outbox.claim(LATE, BOTH)) for _ in range(3)] == [Claimed] * 3


async def test_what_was_enough_for_a_day_is_judged_anew_when_more_may_go(anna: ClientId) -> None:
    await settings.choose(intent(TERMINAL), 0, MessageSettings(per_client=1))
    await tell(anna)
    await outcomes.sent(await claim(), NOW)
    second = await tell(anna, "2")
    assert isinstance(await outbox.claim(NOW, BOTH), Passed)
    await settings.choose(intent(TERMINAL), 1, MessageSettings(per_client=2))
    assert (await claim()).outgoing.id == second


async def test_when_each_leaves_is_foretold_as_the_days_go_then(anna: ClientId) -> None:
    """Of what comes at once, later that day, in the night and the next day, where two a day are enough."""
    await settings.choose(intent(TERMINAL), 0, MessageSettings(per_client=2))
    times = [NOW, NOW, NOW + HOUR, LATE, LATE, NINE, NINE + HOUR, NINE + 30 * HOUR]
    those = [await tell(anna, f"{nth}", at=at) for nth, at in enumerate(times)]
    await tell(await somebody(phones=PHONE), "another's")
    foretold = await leaving.leaves([MessageId(one) for one in those], NOW)
    way = await outbox.foreseen(MessageId(those[3]), NOW, BOTH)
    assert isinstance(way, outbox.Foreseen)
    assert way.at == foretold[MessageId(those[3])], "a toast says the same"
    left: dict[int, datetime] = {}
    for now in sorted({*times, *foretold.values()}):
        while one := await outbox.claim(now, BOTH):
            if isinstance(one, Claimed):
                left[one.outgoing.id] = now
                await outcomes.sent(one, now)
    assert {one: left[one] for one in those} == foretold
    assert len({at.date() for at in foretold.values()}) == 4


async def test_what_is_under_way_counts_too(anna: ClientId) -> None:
    for number in range(5):
        await tell(anna, f"{number}")
        await claim()
    await tell(anna, "6")
    assert isinstance(await outbox.claim(NOW, BOTH), Passed)
    assert (await stands())[1] == "client_cap"


async def test_claims_at_once_do_not_both_find_room_for_the_last_one_of_the_day(anna: ClientId) -> None:
    for number in range(8):
        await tell(anna, f"{number}")
    await asyncio.gather(*(outbox.claim(NOW, BOTH) for _ in range(8)))
    assert await db.fetchval("SELECT count(*) FROM message WHERE status = 'claimed'") == 5


async def test_what_was_sent_is_sent_and_logged_once(anna: ClientId) -> None:
    await tell(anna)
    one = await claim()
    assert (await outcomes.sent(one, NOW), await outcomes.sent(one, NOW)) == (True, False)
    assert (await stands())[:3] == ("sent", None, "email")
    assert await db.fetchval("SELECT sent_at FROM message") == NOW
    assert await log() == [("email", "sent")]


async def test_what_did_not_go_waits_longer_each_time_and_fails_in_the_end(anna: ClientId) -> None:
    await tell(anna)
    now = NOW
    await db.execute("UPDATE client_profile SET zone = 'Asia/Tokyo'")
    for wait in [*WAITS, None]:
        await db.execute("UPDATE message SET try_at = $1", NOW)
        await outcomes.not_sent(await claim(NOW), now, Trouble(Cause.AWAY, "nobody there"))
        status, reason, _, tried = await stands()
        assert (status, reason) == ("failed" if wait is None else "due", "trouble")
        assert wait is None or tried == now + wait
    assert await log() == [("email", "later")] * (len(WAITS) + 1)
    assert await db.fetchval("SELECT error FROM message") == "away: nobody there"


async def test_what_one_way_refuses_goes_the_other_and_has_failed_where_both_do(anna: ClientId) -> None:
    await tell(anna)
    await outcomes.refused(await claim(), NOW, Trouble(Cause.RECIPIENT, "550 no such person"))
    assert (await stands())[:3] == ("due", "trouble", None)
    second = await claim()
    assert second.way.channel is SMS
    await outcomes.refused(second, NOW, Trouble(Cause.REFUSED, "422 no such number"))
    assert isinstance(await outbox.claim(NOW, BOTH), Passed)
    assert (await stands())[:2] == ("failed", "trouble")
    assert await log() == [("email", "failed"), ("sms", "failed")]


async def test_what_nobody_knows_of_is_parked_or_tried_again_where_a_second_copy_is_known(anna: ClientId) -> None:
    await tell(anna)
    await outcomes.unsure(await claim(), NOW, Trouble(Cause.SILENT), deduplicates=False)
    assert (await stands())[:3] == ("unknown", "trouble", "email")
    await tell(anna, "2")
    await db.execute("UPDATE client_profile SET channel = 'sms'")
    await outcomes.unsure(await claim(), NOW, Trouble(Cause.SILENT), deduplicates=True)
    assert await stands() == ("due", "trouble", "sms", NOW + WAITS[0])
    await db.execute("UPDATE client_profile SET channel = 'email'")
    assert (await claim(NOW + WAITS[0])).way.channel is SMS


async def test_what_may_have_gone_by_a_way_that_is_shut_now_is_not_sent_another_way(anna: ClientId) -> None:
    await tell(anna)
    await db.execute("UPDATE message SET channel = 'sms', attempts = 1")
    for adapters, why in (({EMAIL: True}, "no_gateway"), ({EMAIL: True, SMS: False}, "trouble")):
        await db.execute("UPDATE message SET status = 'due', reason = NULL")
        assert isinstance(await outbox.claim(NOW, adapters), Passed)
        assert (await stands())[:2] == ("unknown", why)


async def test_what_staff_send_again_and_a_server_puts_off_goes_on_until_nobody_knows_anew(anna: ClientId) -> None:
    number = MessageId(await tell(anna))
    await outcomes.unsure(await claim(), NOW, Trouble(Cause.SILENT), deduplicates=False)
    await actions.send_again(intent(TERMINAL), number)
    for attempt in range(2):
        await outcomes.not_sent(await claim(NOW + attempt * HOUR), NOW, Trouble(Cause.LATER, "450 come back later"))
        assert (await stands())[:3] == ("due", "trouble", "email")
    await claim(NOW + 2 * HOUR)
    await outcomes.park(NOW + 3 * HOUR, [])
    assert (await stands())[:3] == ("unknown", "trouble", "email")


async def test_what_may_have_gone_stays_so_whatever_becomes_of_the_next_attempt(anna: ClientId) -> None:
    await tell(anna)
    await db.execute("UPDATE client_profile SET channel = 'sms'")
    await outcomes.unsure(await claim(), NOW, Trouble(Cause.SILENT), deduplicates=True)
    again = await claim(NOW + WAITS[0])
    await outcomes.not_sent(again, NOW, Trouble(Cause.LATER, "503"))
    assert (await stands())[:3] == ("due", "trouble", "sms")
    await db.execute("UPDATE message SET try_at = $1", NOW)
    await outcomes.refused(await claim(), NOW, Trouble(Cause.REFUSED, "422 no such number"))
    assert (await stands())[:3] == ("unknown", "trouble", "sms")


async def test_what_may_have_gone_and_is_tried_in_vain_until_the_end_has_not_failed(anna: ClientId) -> None:
    await tell(anna)
    await db.execute("UPDATE message SET channel = 'sms', attempts = $1", outcomes.MOST_ATTEMPTS - 1)
    await outcomes.not_sent(await claim(), NOW, Trouble(Cause.AWAY))
    assert (await stands())[:2] == ("unknown", "trouble")


async def test_what_a_dead_worker_left_is_settled_once_its_lease_has_ended(anna: ClientId) -> None:
    await tell(anna, "1")
    await claim()
    await tell(anna, "2")
    await db.execute("UPDATE client_profile SET channel = 'sms'")
    await claim()
    assert await outcomes.park(NOW + outbox.LEASE, [SMS]) == 0
    assert await outcomes.park(NOW + outbox.LEASE + HOUR, [SMS]) == 2
    rows = await db.fetch("SELECT channel, status, reason, error FROM message ORDER BY id")
    assert [tuple(row) for row in rows] == [
        ("email", "unknown", "trouble", "killed"),
        ("sms", "due", "trouble", "killed"),
    ]
    assert await log() == [("email", "unknown"), ("sms", "unknown")]


async def test_who_comes_back_after_the_lease_writes_nothing(anna: ClientId) -> None:
    await db.execute("UPDATE client_profile SET channel = 'sms'")
    await tell(anna)
    slow = await claim()
    await outcomes.park(NOW + HOUR, [SMS])
    quick = await claim(NOW + HOUR)
    assert not await outcomes.not_sent(slow, NOW + HOUR, Trouble(Cause.AWAY))
    assert await outcomes.sent(quick, NOW + HOUR)
    assert (await stands())[0] == "sent"


async def test_what_is_withdrawn_under_way_is_not_tried_again(anna: ClientId) -> None:
    await tell(anna)
    one = await claim()
    await script(intent(TERMINAL), lambda op: steps.withdraw(op, "1"))
    await outcomes.not_sent(one, NOW, Trouble(Cause.LATER))
    assert await outbox.claim(NOW + HOUR, BOTH) is None


async def test_what_may_have_gone_is_not_corrected_as_if_nobody_had_read_it(anna: ClientId) -> None:
    await tell(anna)
    await db.execute("UPDATE client_profile SET channel = 'sms'")
    await outcomes.unsure(await claim(), NOW, Trouble(Cause.SILENT), deduplicates=True)

    async def body(op: Operation) -> None:
        await steps.due(op, MessageKind.BOOKING_REMINDER, anna, NOW + 9 * HOUR, {"booking": 8}, "1")

    await script(intent(TERMINAL), body)
    assert await db.fetchval("SELECT variables::text FROM message") == "{}"


async def test_who_corrects_waits_for_a_claim_and_a_claim_passes_over_what_is_being_corrected(anna: ClientId) -> None:
    await tell(anna)
    async with db.ENGINE.transaction():
        await db.fetch("SELECT id FROM message FOR UPDATE")
        assert await asyncio.create_task(_elsewhere()) is None
    assert isinstance(await outbox.claim(NOW, BOTH), Claimed)


async def _elsewhere() -> Claimed | Passed | None:
    db.ENGINE.current_transaction.set(None)
    return await outbox.claim(NOW, BOTH)


async def test_a_claim_waits_for_nobody_who_works_on_the_client(anna: ClientId) -> None:
    await tell(anna)
    async with db.ENGINE.transaction():
        await db.fetch("SELECT id FROM client FOR NO KEY UPDATE")
        assert isinstance(await asyncio.create_task(_elsewhere()), Claimed)


async def test_one_that_nobody_can_judge_holds_up_no_other(anna: ClientId, caplog: pytest.LogCaptureFixture) -> None:
    await db.execute("UPDATE client_profile SET zone = 'Moon/Tranquility'")
    broken, whole = await tell(anna, at=NOW - HOUR), await tell(await somebody(emails=MAIL), "2")
    assert await outbox.claim(NOW, BOTH) == Passed(broken)
    assert (await claim()).outgoing.id == whole
    row = await db.fetchrow(
        "SELECT status, reason, error, try_at > $1 AS later FROM message WHERE id = $2", NOW, broken
    )
    assert row is not None
    assert tuple(row) == ("due", "trouble", "ours: ZoneInfoNotFoundError", True)
    assert "nobody can say" in caplog.text


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("550 5.1.1 <anna@mail.example>: User unknown", "recipient: 550 5.1.1 <…>: User unknown"),
        ("no such number +7 (921) 333-45-12, sorry", "recipient: no such number …, sorry"),
        ("to=anna@mail.example rejected", "recipient: … rejected"),
        ("422 unknown", "recipient: 422 unknown"),
        ("x" * 600, "recipient: " + "x" * 489),
    ],
)
def test_what_the_other_side_says_is_kept_without_whom_it_was_to(said: str, kept: str) -> None:
    assert outcomes.noted(Trouble(Cause.RECIPIENT, said)) == kept


async def test_an_attempt_stays_as_it_was(anna: ClientId) -> None:
    await tell(anna)
    await outcomes.sent(await claim(), NOW)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await db.execute("UPDATE message_attempt SET outcome = 'failed'")
