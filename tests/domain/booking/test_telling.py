"""What clients are told of their bookings: of each as it stands, corrected with it, and nothing that is not so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.domain import db
from console.domain.booking import actions, series, series_moves
from console.domain.booking.arranging import Arrangement
from console.domain.booking.by_link import CLIENT
from console.domain.booking.rearranging import rearrange
from console.domain.booking.rules import CancelledBy, Source
from console.domain.booking.series_mover import Shift
from console.domain.booking.series_moves import Scope
from console.domain.desk import actions as desk
from console.domain.desk.rules import Why
from console.domain.ids import BookableId, BookingId, ClientId, LocationId, MessageId, SeriesId
from console.domain.intent import DEMO, TERMINAL, Intent
from console.domain.messages import actions as messages
from console.domain.messages import settings
from console.domain.messages.rules import MessageKind
from console.domain.messages.settings_rules import MessageSettings, Reminder
from console.domain.undo import undo
from tests import factories
from tests.cast import NOW, VERA
from tests.domain.booking.telling import due, go_out, kinds
from tests.domain.deeds import script
from tests.yard import HOUR, NOON, WEEK, Yard, intent

LATER = NOON + timedelta(days=5)
"""Monday noon: the day before it is one on which nobody has been reminded yet."""


def z(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


async def version(booking: BookingId) -> int:
    return int(await db.fetchval("SELECT version FROM booking WHERE id = $1", booking))


async def move(booking: BookingId, to: datetime) -> Any:
    return await actions.move(intent(), Arrangement(booking, to), await version(booking))


async def cancel(booking: BookingId, by: CancelledBy = CancelledBy.CLIENT) -> Any:
    return await actions.cancel(intent(), booking, by)


async def told(kind: str) -> dict[str, Any]:
    """The one message of a kind that is due."""
    [found] = [variables for one, variables in await due() if one == kind]
    return found


async def test_a_booking_is_confirmed_soon_and_the_day_before_at_ten_its_client_is_reminded(yard: Yard) -> None:
    booking = await yard.book(yard.nina, LATER)
    of = {
        "booking": booking,
        "location": yard.location,
        "starts": z(LATER),
        "ends": z(LATER + HOUR),
        "services": f"{yard.service}",
    }
    assert await due() == [("confirmation", of), ("reminder", {**of, "days": 1})]
    rows = await db.fetch("SELECT due_at, ends_at, client FROM message ORDER BY kind")
    ten = datetime(2026, 5, 17, 7, tzinfo=UTC)
    assert [tuple(row) for row in rows] == [
        (NOW + timedelta(minutes=1), LATER, yard.client),
        (ten, LATER, yard.client),
    ]


async def test_nobody_is_reminded_of_what_was_booked_after_the_reminder_would_have_left(yard: Yard) -> None:
    await yard.book(yard.nina, NOON)
    assert NOON - timedelta(days=1, hours=2) < NOW
    assert await kinds() == ["confirmation"]


async def test_a_booking_that_has_begun_is_told_to_nobody(yard: Yard) -> None:
    await yard.book(yard.nina, NOW - timedelta(minutes=30))
    assert await due() == []


async def test_what_is_noted_of_a_booking_changes_nothing_that_is_told(yard: Yard) -> None:
    booking = await yard.book(yard.nina, LATER)
    before = await db.fetch("SELECT id, version FROM message ORDER BY id")
    await actions.change(intent(), booking, await version(booking), Source.PHONE, "Mind the cat")
    await actions.confirm(intent(), booking)
    assert await db.fetch("SELECT id, version FROM message ORDER BY id") == before


async def test_what_moves_before_anybody_read_of_it_is_confirmed_where_it_is(yard: Yard) -> None:
    booking = await yard.book(yard.nina, LATER)
    await move(booking, LATER + 3 * HOUR)
    assert await kinds() == ["confirmation", "reminder"]
    assert {one["starts"] for _, one in await due()} == {z(LATER + 3 * HOUR)}


async def test_what_moves_afterwards_is_told_with_the_time_that_the_client_knows(yard: Yard) -> None:
    booking = await yard.book(yard.nina, LATER)
    await go_out("confirmation")
    await move(booking, LATER + HOUR)
    await move(booking, LATER + 3 * HOUR)
    assert await kinds() == ["moved", "reminder"]
    assert (await told("moved"))["before"] == z(LATER)
    assert (await told("moved"))["starts"] == z(LATER + 3 * HOUR)


async def test_what_moves_back_before_anybody_read_of_it_is_told_to_nobody(yard: Yard) -> None:
    booking = await yard.book(yard.nina, LATER)
    await go_out("confirmation")
    moved = await move(booking, LATER + HOUR)
    await undo(intent(), moved.operation_id)
    assert await kinds() == ["reminder"]


async def test_what_moves_back_after_the_client_read_of_it_is_told_again(yard: Yard) -> None:
    booking = await yard.book(yard.nina, LATER)
    await go_out("confirmation")
    moved = await move(booking, LATER + HOUR)
    await go_out("moved")
    await undo(intent(), moved.operation_id)
    assert ((await told("moved"))["before"], (await told("moved"))["starts"]) == (z(LATER + HOUR), z(LATER))


async def test_a_cancellation_by_the_client_is_told_only_to_who_read_of_the_booking(yard: Yard) -> None:
    await cancel(await yard.book(yard.nina, LATER))
    assert await due() == []
    booking = await yard.book(yard.nina, LATER)
    await go_out("confirmation")
    await cancel(booking)
    assert await kinds() == ["cancelled"]
    assert (await told("cancelled"))["booking"] == booking


async def test_what_a_client_read_on_the_page_of_their_link_is_told_them(yard: Yard) -> None:
    booking = await yard.book(yard.nina, LATER)
    await go_out("confirmation")
    await move(booking, LATER + HOUR)
    by_link = Intent(intent().id, CLIENT, NOW + timedelta(minutes=1))
    await actions.confirm(by_link, booking)
    assert await kinds() == ["reminder"]
    await move(booking, LATER + 2 * HOUR)
    assert ((await told("moved"))["before"], (await told("moved"))["starts"]) == (z(LATER + HOUR), z(LATER + 2 * HOUR))
    await actions.cancel(replace(by_link, id=intent().id), booking, CancelledBy.CLIENT)
    assert [(kind, one["starts"]) for kind, one in await due()] == [("cancelled", z(LATER + 2 * HOUR))]


async def test_what_a_client_called_off_by_their_link_is_confirmed_once_it_takes_place_after_all(yard: Yard) -> None:
    booking = await yard.book(yard.nina, LATER)
    await go_out("confirmation")
    by_link = Intent(intent().id, CLIENT, NOW + timedelta(minutes=1))
    cancelled = await actions.cancel(by_link, booking, CancelledBy.CLIENT)
    assert await kinds() == ["cancelled"]
    await undo(intent(), cancelled.operation_id)
    assert await kinds() == ["confirmation", "reminder"]


async def test_what_we_call_off_is_told_in_any_case(yard: Yard) -> None:
    await cancel(await yard.book(yard.nina, LATER), CancelledBy.US)
    assert await kinds() == ["cancelled"]


async def test_who_read_of_the_cancellation_is_told_when_it_takes_place_after_all(yard: Yard) -> None:
    booking = await yard.book(yard.nina, LATER)
    await go_out("confirmation")
    cancelled = await cancel(booking)
    await go_out("cancelled")
    undone = await undo(intent(), cancelled.operation_id)
    assert await kinds() == ["confirmation", "reminder"]
    await undo(intent(), undone.operation_id)
    assert await due() == []
    await actions.bring_back(intent(), Arrangement(booking, LATER + HOUR), await version(booking))
    assert (await told("confirmation"))["starts"] == z(LATER + HOUR)
    await go_out("confirmation")
    await cancel(booking)
    assert await kinds() == ["cancelled"]


async def test_a_booking_taken_back_by_an_undo_is_withdrawn_or_called_off_for_who_read_of_it(yard: Yard) -> None:
    booked = await actions.book(intent(), yard.asked(yard.nina), LATER)
    undone = await undo(intent(), booked.operation_id)
    assert await due() == []
    redone = await undo(intent(), undone.operation_id)
    assert await kinds() == ["confirmation", "reminder"]
    await go_out("confirmation")
    await undo(intent(), redone.operation_id)
    assert await kinds() == ["cancelled"]


async def test_an_undo_is_stopped_by_no_message_of_later(yard: Yard) -> None:
    booked = await actions.book(intent(), yard.asked(yard.nina), LATER)
    await choose(reminders=(Reminder(2, 600),))
    await actions.confirm(intent(), booked.result["booking"])
    changed = await actions.cancel(intent(), booked.result["booking"], CancelledBy.US)
    await undo(intent(), changed.operation_id)
    assert await kinds() == ["confirmation", "reminder"]


async def test_who_was_reminded_is_reminded_again_of_another_time_alone(yard: Yard) -> None:
    booking = await yard.book(yard.nina, LATER)
    await go_out()
    await move(booking, LATER + HOUR)
    assert await kinds() == ["moved", "reminder"]
    await go_out()
    await move(booking, LATER)
    assert await kinds() == ["moved"]


async def test_both_bookings_of_a_swap_are_told(yard: Yard) -> None:
    one, other = await yard.book(yard.nina, LATER), await yard.book(yard.olga, LATER + HOUR)
    await go_out()
    await actions.swap(intent(), one, other)
    told = {(was["booking"], was["before"]) for kind, was in await due() if kind == "moved"}
    assert told == {(one, z(LATER)), (other, z(LATER + HOUR))}


async def test_nothing_is_due_to_who_was_erased(yard: Yard) -> None:
    await yard.book(yard.nina, LATER)
    await desk.erase(Intent(intent().id, VERA.actor, NOW, reason=Why.RESTORED.value), yard.client)
    assert await due() == []


async def test_a_preview_tells_nobody_anything(yard: Yard) -> None:
    at = intent()
    await actions.book(Intent(at.id, at.actor, at.now, preview=True), yard.asked(yard.nina), LATER)
    assert await db.fetchval("SELECT count(*) FROM message") == 0


async def test_the_demo_confirms_nothing(yard: Yard) -> None:
    await actions.book(Intent(intent().id, DEMO, NOW), yard.asked(yard.nina), LATER)
    assert await kinds() == ["reminder"]


async def choose(**said: Any) -> None:
    stands = await db.fetchval("SELECT version FROM message_choice") or 0
    await settings.choose(Intent(intent().id, VERA.actor, NOW), stands, MessageSettings(**said))


async def test_reminders_leave_when_the_business_wants_and_before_the_quiet_hours(yard: Yard) -> None:
    await choose(reminders=(Reminder(None, 120), Reminder(2, 18 * 60), Reminder(1, 22 * 60)))
    await yard.book(yard.nina, LATER)
    rows = await db.fetch("SELECT due_at FROM message WHERE kind = 'booking.reminder' ORDER BY due_at")
    evening = datetime(2026, 5, 17, 17, 30, tzinfo=UTC)
    assert [row["due_at"] for row in rows] == [datetime(2026, 5, 16, 15, tzinfo=UTC), evening, LATER - 2 * HOUR]


async def test_the_quiet_hours_are_by_the_clocks_of_the_client(yard: Yard) -> None:
    await db.execute("UPDATE client_profile SET zone = 'Asia/Vladivostok'")
    await choose(reminders=(Reminder(1, 15 * 60),))
    await yard.book(yard.nina, LATER)
    at = await db.fetchval("SELECT due_at FROM message WHERE kind = 'booking.reminder'")
    assert at == datetime(2026, 5, 17, 10, 30, tzinfo=UTC)


async def test_the_quiet_hours_of_who_says_nothing_are_by_the_clocks_of_the_location(yard: Yard) -> None:
    east = LocationId(await factories.location("East", zone="Asia/Vladivostok"))
    vera = BookableId(await factories.bookable("Vera Lis"))
    await factories.schedule(vera, east)
    await factories.skill(vera, yard.service)
    await choose(reminders=(Reminder(1, 22 * 60),))
    await replace(yard, location=east).book(vera, LATER.replace(hour=2))
    at = await db.fetchval("SELECT due_at FROM message WHERE kind = 'booking.reminder'")
    assert at == datetime(2026, 5, 17, 10, 30, tzinfo=UTC)


async def test_what_the_business_does_not_want_told_is_not(yard: Yard) -> None:
    await choose(off=frozenset({MessageKind.BOOKING_CONFIRMATION, MessageKind.BOOKING_REMINDER}))
    booking = await yard.book(yard.nina, LATER)
    assert await due() == []
    await move(booking, LATER + HOUR)
    assert [(kind, one["before"]) for kind, one in await due()] == [("moved", z(LATER))]
    await move(booking, LATER)
    assert await due() == []


async def members(of: SeriesId) -> list[BookingId]:
    rows = await db.fetch("SELECT id FROM booking WHERE series = $1 ORDER BY starts_at", of)
    return [row["id"] for row in rows]


async def test_a_series_is_confirmed_once_and_each_of_its_bookings_reminded_of(yard: Yard) -> None:
    made = await yard.weekly()
    assert await kinds() == ["confirmation", "reminder", "reminder", "reminder"]
    confirmed = await told("confirmation")
    assert (confirmed["series"], confirmed["starts"]) == (made, z(NOON))
    await go_out("confirmation")
    await series.extend(intent(), made)
    assert "confirmation" not in await kinds()


async def test_a_series_that_is_taken_back_or_called_off_is_told_once(yard: Yard) -> None:
    made = await yard.weekly()
    begun = await db.fetchval("SELECT operation FROM change WHERE entity = 'series' AND created")
    undone = await undo(intent(), begun)
    assert await due() == []
    await undo(intent(), undone.operation_id)
    assert (await kinds()).count("confirmation") == 1
    await go_out("confirmation")
    first = (await members(made))[1]
    cancelled = await series_moves.cancel(intent(), first, Scope.FOLLOWING, CancelledBy.CLIENT)
    assert await kinds() == ["cancelled"]
    assert (await told("cancelled"))["booking"] == first
    await undo(intent(), cancelled.operation_id)
    assert await kinds() == ["reminder"] * 3


async def test_a_series_that_moves_is_told_once_with_the_first_that_moves(yard: Yard) -> None:
    made = await yard.weekly()
    await go_out("confirmation")
    second = (await members(made))[1]
    moved = await series_moves.move(intent(), second, Scope.FOLLOWING, Shift(minute=15 * 60))
    assert await kinds() == ["moved", "reminder", "reminder", "reminder"]
    one = await told("moved")
    assert (one["before"], one["starts"]) == (z(NOON + WEEK), z(NOON + WEEK + 3 * HOUR))
    await undo(intent(), moved.operation_id)
    assert await kinds() == ["reminder"] * 3


async def test_a_series_that_moved_is_told_with_the_next_one_where_the_first_is_called_off_before(yard: Yard) -> None:
    made = await yard.weekly()
    await go_out("confirmation")
    _, second, third, _ = await members(made)
    await series_moves.move(intent(), second, Scope.FOLLOWING, Shift(minute=15 * 60))
    await cancel(second)
    one = await told("moved")
    assert (one["booking"], one["before"], one["starts"]) == (third, z(NOON + 2 * WEEK), z(NOON + 2 * WEEK + 3 * HOUR))
    assert (one["count"], one["last_starts"]) == (2, z(NOON + 3 * WEEK + 3 * HOUR))


async def test_a_series_that_its_client_calls_off_on_the_page_of_their_link_is_told_as_it_stood_there(
    yard: Yard,
) -> None:
    made = await yard.weekly()
    await go_out("confirmation")
    first = (await members(made))[0]
    await series_moves.move(intent(), first, Scope.ALL, Shift(minute=15 * 60))
    by_link = Intent(intent().id, CLIENT, NOW + timedelta(minutes=1))
    for booking in await members(made):
        assert "moved" in await kinds()
        await actions.confirm(replace(by_link, id=intent().id), booking)
    assert set(await kinds()) == {"reminder"}
    await series_moves.cancel(by_link, first, Scope.ALL, CancelledBy.CLIENT)
    assert [(kind, one["starts"], one["count"]) for kind, one in await due()] == [("cancelled", z(NOON + 3 * HOUR), 4)]


async def test_a_single_date_of_a_series_that_moves_or_is_called_off_is_told_by_itself(yard: Yard) -> None:
    made = await yard.weekly()
    await go_out("confirmation")
    _, second, third, _ = await members(made)
    await move(second, NOON + WEEK + HOUR)
    await cancel(third)
    assert [(kind, one["booking"]) for kind, one in await due() if kind != "reminder"] == [
        ("cancelled", third),
        ("moved", second),
    ]


@pytest.fixture
async def unread(yard: Yard) -> BookingId:
    """A booking whose confirmation a worker has right now."""
    booking = await yard.book(yard.nina, LATER)
    await db.execute(
        "UPDATE message SET status = 'claimed', claimed_until = now() + interval '1 minute', channel = 'sms'"
        " WHERE kind = 'booking.confirmation'"
    )
    return booking


async def test_what_a_worker_has_counts_as_read(unread: BookingId) -> None:
    await move(unread, LATER + HOUR)
    assert (await told("moved"))["before"] == z(LATER)


async def test_what_a_worker_has_is_not_tried_again_once_it_is_not_so_any_more(unread: BookingId) -> None:
    await actions.confirm(intent(), unread)
    claimed = "SELECT retired_at IS NULL FROM message WHERE status = 'claimed'"
    assert await db.fetchval(claimed)
    await move(unread, LATER + HOUR)
    assert not await db.fetchval(claimed)


async def test_what_was_skipped_was_read_by_nobody_and_is_not_told_again(yard: Yard) -> None:
    booking = await yard.book(yard.nina, LATER)
    await db.execute("UPDATE message SET status = 'skipped', reason = 'no_address' WHERE kind = 'booking.confirmation'")
    await actions.confirm(intent(), booking)
    await cancel(booking)
    assert await due() == []


async def test_what_may_have_gone_and_is_tried_again_counts_as_read(yard: Yard) -> None:
    booking = await yard.book(yard.nina, LATER)
    await db.execute("UPDATE message SET channel = 'sms' WHERE kind = 'booking.confirmation'")
    await move(booking, LATER + HOUR)
    moved = await told("moved")
    assert (moved["before"], moved["starts"]) == (z(LATER), z(LATER + HOUR))
    assert "confirmation" not in await kinds()
    assert await db.fetchval("SELECT variables ->> 'starts' FROM message WHERE channel = 'sms'") == z(LATER)


UNSURE = "status = 'unknown', channel = 'sms', reason = 'trouble'"
FAILED = "status = 'failed', reason = 'trouble'"
STOPPED = "status = 'skipped', reason = 'staff'"


async def becomes(become: str, kind: str = "confirmation") -> MessageId:
    """What is due of a kind becomes something that staff may send again."""
    row = await db.fetchrow(
        f"UPDATE message SET {become} WHERE kind = $1 AND status = 'due' AND retired_at IS NULL RETURNING id",
        f"booking.{kind}",
    )
    return MessageId(row["id"])  # type: ignore[index]


async def again(message: MessageId, now: datetime = NOW) -> bool:
    """Whether staff may send it again."""
    try:
        await messages.send_again(Intent(intent().id, VERA.actor, now), message)
    except messages.NothingToSend:
        return False
    return True


@pytest.mark.parametrize("become", [UNSURE, FAILED, STOPPED])
async def test_what_staff_may_send_again_is_withdrawn_once_its_booking_moves(yard: Yard, become: str) -> None:
    booking = await yard.book(yard.nina, LATER)
    message = await becomes(become)
    await move(booking, LATER + HOUR)
    assert not await again(message)


@pytest.mark.parametrize("become", [UNSURE, FAILED, STOPPED])
async def test_what_staff_may_send_again_is_withdrawn_once_its_booking_is_called_off(yard: Yard, become: str) -> None:
    booking = await yard.book(yard.nina, LATER)
    one, reminder = await becomes(become), await becomes(become, "reminder")
    await cancel(booking)
    assert (await again(one), await again(reminder)) == (False, False)


@pytest.mark.parametrize("become", [UNSURE, FAILED, STOPPED])
async def test_what_is_so_again_may_be_sent_again(yard: Yard, become: str) -> None:
    booking = await yard.book(yard.nina, LATER)
    message = await becomes(become)
    moved = await move(booking, LATER + HOUR)
    await undo(intent(), moved.operation_id)
    assert await again(message)


async def test_a_cancellation_that_did_not_go_is_withdrawn_once_the_booking_is_back(yard: Yard) -> None:
    booking = await yard.book(yard.nina, LATER)
    await go_out("confirmation")
    cancelled = await cancel(booking)
    message = await becomes(FAILED, "cancelled")
    undone = await undo(intent(), cancelled.operation_id)
    assert not await again(message)
    await undo(intent(), undone.operation_id)
    assert await again(message)


@pytest.mark.parametrize("become", [UNSURE, FAILED, STOPPED])
async def test_what_staff_send_again_tells_what_is_booked_now(yard: Yard, become: str) -> None:
    booking = await yard.book(yard.nina, LATER)
    message = await becomes(become)
    await actions.move(intent(), Arrangement(booking, LATER, minutes=120), await version(booking))
    assert await again(message)
    ends = await db.fetchval("SELECT variables ->> 'ends' FROM message WHERE id = $1", message)
    assert ends == z(LATER + 2 * HOUR)


async def test_nothing_is_sent_again_of_what_has_begun(yard: Yard) -> None:
    await yard.book(yard.nina, LATER)
    message = await becomes(UNSURE)
    assert not await again(message, LATER)
    with pytest.raises(messages.NothingToSend):
        await messages.send_unknown(Intent(intent().id, VERA.actor, LATER))
    assert await again(message)


async def test_what_may_have_gone_of_a_series_is_withdrawn_once_the_series_is_called_off(yard: Yard) -> None:
    made = await yard.weekly()
    message = await becomes(UNSURE)
    first = (await members(made))[0]
    cancelled = await series_moves.cancel(intent(), first, Scope.FOLLOWING, CancelledBy.CLIENT)
    assert not await again(message)
    await undo(intent(), cancelled.operation_id)
    assert await again(message)


async def test_what_a_worker_is_to_try_again_is_not_tried_where_nobody_is_told_instead(yard: Yard) -> None:
    booking = await yard.book(yard.nina, LATER)
    await db.execute("UPDATE message SET channel = 'sms' WHERE kind = 'booking.confirmation'")
    await choose(off=frozenset({MessageKind.BOOKING_CANCELLED}))
    await cancel(booking)
    assert not await db.fetchval("SELECT EXISTS (SELECT FROM message WHERE channel = 'sms' AND retired_at IS NULL)")


async def test_a_message_of_a_series_says_how_many_bookings_it_is_of_and_when_the_last_is(yard: Yard) -> None:
    made = await yard.weekly()
    confirmed = await told("confirmation")
    assert (confirmed["starts"], confirmed["last_starts"], confirmed["count"]) == (z(NOON), z(NOON + 3 * WEEK), 4)
    await cancel((await members(made))[3])
    confirmed = await told("confirmation")
    assert (confirmed["last_starts"], confirmed["count"]) == (z(NOON + 2 * WEEK), 3)
    await go_out("confirmation")
    second = (await members(made))[1]
    await series_moves.move(intent(), second, Scope.FOLLOWING, Shift(minute=15 * 60))
    moved = await told("moved")
    assert (moved["starts"], moved["last_starts"], moved["count"]) == (
        z(NOON + WEEK + 3 * HOUR),
        z(NOON + 2 * WEEK + 3 * HOUR),
        2,
    )


async def test_what_moves_with_others_is_told_to_its_own_client(yard: Yard, scripts: None) -> None:
    other = ClientId(await factories.client("Boris", "Orlov"))
    made = await yard.weekly()
    first = await yard.book(yard.olga, NOON - HOUR, client=other)
    await go_out("confirmation")
    those = [(first, NOON - 2 * HOUR), *((one, NOON + n * WEEK + HOUR) for n, one in enumerate(await members(made)))]
    arrangements = [Arrangement(booking, at) for booking, at in those]
    await script(Intent(intent().id, TERMINAL, NOW), lambda op: rearrange(op, arrangements))
    rows = await db.fetch("SELECT client, variables FROM message WHERE kind = 'booking.moved' ORDER BY client")
    assert [(row["client"], "series" in row["variables"]) for row in rows] == [(yard.client, True), (other, False)]


async def test_a_delivery_between_look_and_press_changes_nothing_of_what_was_looked_at(yard: Yard) -> None:
    booking = await yard.book(yard.nina, LATER)
    looked = await actions.cancel(replace(intent(), preview=True), booking, CancelledBy.CLIENT)
    await go_out("confirmation")
    await actions.cancel(replace(intent(), expected=looked.fingerprint), booking, CancelledBy.CLIENT)
    assert await kinds() == ["cancelled"]
