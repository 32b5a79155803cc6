"""Consent: what was said last holds, and what was ever said stays written."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from console.domain import db
from console.domain.clients import consents, parts, rules
from console.domain.clients.rules import Channel, Consented, ConsentSource, Purpose
from console.domain.errors import AlreadyUndone, HasDependants, Invalid, NotFound, NotUndoable, Stale
from console.domain.ids import ClientId
from console.domain.intent import Intent, Outcome
from console.domain.undo import undo, undoable
from tests import factories
from tests.cast import ANNA, NOW

SMS = (Channel.SMS, Purpose.OFFERS)
MAIL = (Channel.EMAIL, Purpose.REMINDERS)
TODAY = date(2026, 5, 12)
JOINED = date(2026, 5, 3)


@pytest.fixture
async def client(database: None) -> ClientId:
    await factories.staff(ANNA)
    return ClientId(await factories.client())


def intent(day: int = 0) -> Intent:
    return Intent(uuid4(), ANNA.actor, NOW + timedelta(days=day))


async def say(client: int, wanted: dict[tuple[Channel, Purpose], bool], day: int = 0, **said: Any) -> Outcome[Any]:
    asked = tuple(Consented(*pair, given=given) for pair, given in wanted.items())
    said = {"version": None, "source": ConsentSource.IN_PERSON, **said}
    return await consents.set_consents(intent(day), ClientId(client), wanted=asked, **said)


async def log(client: int) -> list[tuple[tuple[Channel, Purpose], bool, ConsentSource]]:
    return [((one.channel, one.purpose), one.given, one.source) for one in await parts.consent_log(client)]


async def test_only_what_changes_is_written_and_the_last_word_holds(client: ClientId) -> None:
    await say(client, {SMS: True, MAIL: False})
    await say(client, {SMS: True, MAIL: True}, source=ConsentSource.BY_PHONE)
    await say(client, {SMS: False}, source=ConsentSource.IN_WRITING)
    assert await log(client) == [
        (SMS, False, ConsentSource.IN_WRITING),
        (MAIL, True, ConsentSource.BY_PHONE),
        (SMS, True, ConsentSource.IN_PERSON),
    ]
    assert await parts.consents(client) == {SMS: False, MAIL: True}
    (latest, *_) = await parts.consent_log(client)
    assert (latest.at, latest.actor) == (NOW, ANNA.id)


async def test_the_same_again_writes_nothing(client: ClientId) -> None:
    for _ in range(2):
        await say(client, {SMS: True, MAIL: False})
    assert len(await log(client)) == 1


@pytest.mark.parametrize(
    ("on", "said_at"),
    [
        (None, NOW),
        (TODAY, NOW),
        (date(2026, 5, 3), datetime(2026, 5, 3, 23, 59, 59, tzinfo=ZoneInfo("Europe/Moscow"))),
    ],
)
async def test_it_may_have_been_said_on_a_day_that_is_past(
    client: ClientId, on: date | None, said_at: datetime
) -> None:
    await factories.location(zone="Europe/Moscow")
    await say(client, {SMS: True}, on=on)
    (entry,) = await parts.consent_log(client)
    assert entry.at == said_at


@pytest.mark.parametrize(
    ("on", "key"),
    [
        (date(2026, 5, 14), "problem.consent_later"),
        (date(2026, 5, 11), "problem.consent_earlier"),
        (date(2026, 1, 11), "problem.consent_before_joining"),
    ],
)
async def test_it_was_not_said_on_a_day_to_come_nor_before_they_joined_or_what_was_said_last(
    client: ClientId, on: date, key: str
) -> None:
    await say(client, {SMS: True})
    with pytest.raises(Invalid) as refused:
        await say(client, {SMS: False}, day=1, on=on)
    assert refused.value.problems["on"].key == key
    await say(client, {SMS: True, MAIL: True}, day=1, on=date(2026, 5, 11))
    await say(client, {SMS: False}, day=1, on=TODAY)
    assert await parts.consents(client) == {SMS: False, MAIL: True}


@pytest.mark.parametrize(
    ("on", "said", "key"),
    [
        (TODAY, [], None),
        (TODAY, [TODAY], None),
        (JOINED, [], None),
        (date(2026, 5, 11), [date(2026, 5, 10), TODAY], "problem.consent_earlier"),
        (date(2026, 5, 2), [TODAY], "problem.consent_before_joining"),
        (date.min, [], "problem.consent_before_joining"),
        (date.max, [], "problem.consent_later"),
        (date(2026, 5, 13), [], "problem.consent_later"),
    ],
)
def test_the_days_on_which_it_may_have_been_said(on: date, said: list[date], key: str | None) -> None:
    problem = rules.consent_day_problem(on, TODAY, JOINED, said)
    assert (problem.key if problem else None) == key


async def test_of_two_forms_the_second_learns_of_the_first(client: ClientId) -> None:
    await say(client, {SMS: True}, version=0)
    with pytest.raises(Stale):
        await say(client, {MAIL: True}, version=0)
    await say(client, {MAIL: True}, version=1)
    assert len(await log(client)) == 2


async def test_of_two_who_say_the_same_at_once_one_is_written(client: ClientId) -> None:
    await asyncio.gather(*(say(client, {SMS: True}) for _ in range(20)))
    assert len(await log(client)) == 1


async def test_an_undo_writes_the_contrary_and_redo_the_contrary_of_that(client: ClientId) -> None:
    said = await say(client, {SMS: True, MAIL: True})
    undone = await undo(intent(1), said.operation_id)
    assert await parts.consents(client) == {SMS: False, MAIL: False}
    await undo(intent(2), undone.operation_id)
    assert await parts.consents(client) == {SMS: True, MAIL: True}
    assert [given for _, given, _ in await log(client)] == [True, True, False, False, True, True]
    assert [source for *_, source in await log(client)][:4] == [ConsentSource.CORRECTION] * 4
    with pytest.raises(AlreadyUndone):
        await undo(intent(3), said.operation_id)


async def test_what_the_client_has_said_since_is_not_undone_with_what_was_before(client: ClientId) -> None:
    given = await say(client, {SMS: True, MAIL: True})
    taken = await say(client, {SMS: False})
    again = await say(client, {SMS: True})
    for earlier in (given, taken):
        with pytest.raises(HasDependants) as refused:
            await undo(intent(), earlier.operation_id)
        assert refused.value.operations[0][0] == again.operation_id
        assert not await undoable(earlier.operation_id)
    for latest in (again, taken, given):
        assert await undoable(latest.operation_id)
        await undo(intent(), latest.operation_id)
    assert await parts.consents(client) == {SMS: False, MAIL: False}


async def test_what_was_said_of_something_else_is_in_nobodys_way(client: ClientId) -> None:
    first = await say(client, {SMS: True})
    await say(client, {MAIL: True})
    await say(await factories.client(), {SMS: True})
    await undo(intent(), first.operation_id)
    assert await parts.consents(client) == {SMS: False, MAIL: True}


async def test_after_an_undo_it_may_be_said_of_a_day_that_is_past(client: ClientId) -> None:
    wrong = await say(client, {SMS: True})
    await undo(intent(1), wrong.operation_id)
    await say(client, {SMS: True}, day=2, on=date(2026, 5, 3), source=ConsentSource.ON_PAPER)
    assert await parts.consents(client) == {SMS: True}


async def test_nothing_is_written_of_somebody_who_was_erased(client: ClientId) -> None:
    said = await say(client, {SMS: True})
    await db.execute("UPDATE client SET retired_at = now(), erased_at = now() WHERE id = $1", client)
    with pytest.raises(NotFound):
        await say(client, {MAIL: True})
    with pytest.raises(NotUndoable):
        await undo(intent(), said.operation_id)


@pytest.mark.parametrize("statement", ["UPDATE client_consent SET given = false", "DELETE FROM client_consent"])
async def test_what_was_said_stays(client: ClientId, as_owner: asyncpg.Connection, statement: str) -> None:
    await say(client, {SMS: True})
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await db.execute(statement)
    with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
        await as_owner.execute(statement)


@pytest.mark.parametrize("column", ["channel", "purpose", "source"])
async def test_the_database_knows_what_can_be_said(client: ClientId, column: str) -> None:
    said = {"channel": "sms", "purpose": "offers", "given": True, "at": NOW, "source": "import"}
    await factories._insert("client_consent", client=client, **said)
    with pytest.raises(asyncpg.CheckViolationError):
        await factories._insert("client_consent", client=client, **{**said, column: "gossip"})
