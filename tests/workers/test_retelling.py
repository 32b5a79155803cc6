"""Once the business wants clients to be told otherwise, what is due about bookings to come follows by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.domain import db
from console.domain.booking import retelling
from console.domain.clients import actions as clients
from console.domain.clients.rules import Names
from console.domain.errors import Busy
from console.domain.ids import BookingId, ClientId
from console.domain.intent import Intent
from console.domain.messages import settings
from console.domain.messages.rules import MessageKind
from console.domain.messages.settings_rules import MessageSettings, Reminder
from console.domain.undo import undo
from tests import factories
from tests.cast import NOW, VERA
from tests.domain.booking.conftest import yard
from tests.domain.booking.telling import go_out, kinds
from tests.yard import NOON, Yard, intent
from workers import retelling as worker
from workers.retelling import go_on

__all__ = ["yard"]

LATER = NOON + timedelta(days=5)


async def choose(version: int = 0, **said: object) -> int:
    chosen = await settings.choose(
        Intent(intent().id, VERA.actor, NOW),
        version,
        MessageSettings(**said),  # type: ignore[arg-type]
    )
    return int(chosen.operation_id)


async def reminded_at() -> list[datetime]:
    rows = await db.fetch(
        "SELECT due_at FROM message WHERE kind = 'booking.reminder' AND status = 'due' AND retired_at IS NULL"
        " ORDER BY due_at, id"
    )
    return [row["due_at"] for row in rows]


async def test_other_reminders_are_those_of_bookings_that_were_made_before(yard: Yard) -> None:
    await yard.book(yard.nina, LATER)
    before = await reminded_at()
    chose = await choose(reminders=(Reminder(None, 120), Reminder(None, 180)))
    await go_on(NOW)
    assert await reminded_at() == [LATER - timedelta(hours=3), LATER - timedelta(hours=2)]
    await undo(intent(VERA), chose)  # type: ignore[arg-type]
    await go_on(NOW)
    assert await reminded_at() == before


async def test_what_is_not_told_any_more_is_withdrawn_and_nothing_comes_back_late(yard: Yard) -> None:
    booking = await yard.book(yard.nina, LATER)
    await choose(off=frozenset({MessageKind.BOOKING_CONFIRMATION}))
    await go_on(NOW)
    assert await kinds() == ["reminder"]
    await choose(1)
    await go_on(NOW)
    assert await kinds() == ["reminder"]
    assert booking


async def test_bookings_of_before_reminders_were_written_have_them_and_are_not_confirmed(yard: Yard) -> None:
    await yard.book(yard.nina, LATER)
    await db.execute("UPDATE message SET kind = 'tier.raised', dedupe_key = id, variables = '{}'")
    await go_on(NOW)
    assert await kinds() == ["reminder"]


async def test_it_is_done_once_and_goes_on_where_it_stopped(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    await yard.book(yard.nina, LATER)
    other = await factories.client()
    await yard.book(yard.olga, LATER, client=other)
    await go_on(NOW)
    await choose(reminders=(Reminder(2, 600),))
    monkeypatch.setattr(worker, "BATCH", 1)
    rounds = iter([True, False])
    await go_on(NOW, lambda: next(rounds))
    assert len(set(await reminded_at())) == 2
    await go_on(NOW)
    assert len(set(await reminded_at())) == 1
    done = await db.fetchval("SELECT count(*) FROM operation WHERE kind = 'booking.tell_anew'")
    await go_on(NOW)
    assert await retelling.begun() is None
    assert await db.fetchval("SELECT count(*) FROM operation WHERE kind = 'booking.tell_anew'") == done == 2


async def test_whoever_somebody_has_in_hand_is_not_left_out(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    await yard.book(yard.nina, LATER)
    other, last = await factories.client(), await factories.client()
    await yard.book(yard.olga, LATER, client=other)
    await yard.book(yard.olga, LATER + timedelta(hours=2), client=last)
    await go_on(NOW)
    await choose(reminders=(Reminder(2, 600),))
    real, held = retelling.tell_anew, {other}

    async def held_by_another(intent: Intent, client: int, bookings: Sequence[BookingId]) -> Any:
        if client in held:
            raise Busy
        return await real(intent, ClientId(client), bookings)

    monkeypatch.setattr(retelling, "tell_anew", held_by_another)
    ten = datetime(2026, 5, 16, 7, tzinfo=UTC)
    for _ in range(2):
        await go_on(NOW)
        assert (await reminded_at()).count(ten) == 1
    held.clear()
    await go_on(NOW)
    assert await reminded_at() == [ten] * 3


async def test_what_stands_as_it_should_leaves_no_operation(yard: Yard) -> None:
    await yard.book(yard.nina, LATER)
    await go_out("confirmation")
    await go_on(NOW)
    assert not await db.fetchval("SELECT EXISTS (SELECT FROM operation WHERE kind = 'booking.tell_anew')")


EIGHT = (Reminder(1, 20 * 60),)
"""At eight in the evening of where the booking is, which is night further east."""


async def test_a_client_who_lives_by_another_clock_from_now_on_is_reminded_by_it(yard: Yard) -> None:
    await choose(reminders=EIGHT)
    await yard.book(yard.nina, LATER)
    (before,) = await reminded_at()
    east = clients.About(Names("Anna", "", "Petrova"), zone="Asia/Vladivostok")
    stands = await db.fetchval("SELECT version FROM client_profile WHERE client = $1", yard.client)
    changed = await clients.change(intent(VERA), yard.client, stands, east)
    assert [before - at for at in await reminded_at()] == [timedelta(hours=6, minutes=30)]
    await undo(intent(VERA), changed.operation_id)
    assert await reminded_at() == [before]
