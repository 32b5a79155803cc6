"""Booking and what becomes of a booking: statuses, moves, undo, and what stands in the way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from console.domain import db
from console.domain.booking import actions, cards, occupancy, quoting, rearranging, seeking, standing_in
from console.domain.booking.actions import Asked
from console.domain.booking.arranging import Arrangement
from console.domain.booking.occupancy import PlaceTaken
from console.domain.booking.question import Doing, Question
from console.domain.booking.quoting import Kept
from console.domain.booking.rules import LAWFUL, CancelledBy, Source, Status, UnlawfulMove
from console.domain.errors import Changed, Forbidden, Invalid, NotFound, Stale
from console.domain.ids import BookingId, ReasonId, ServiceId, SiteId
from console.domain.intent import Intent, Outcome
from console.domain.operation import perform
from console.domain.plain import canonical
from console.domain.roster import actions as roster
from console.domain.roster.actions import Away
from console.domain.roster.rules import TimeOffKind
from console.domain.running import KINDS, Operation
from console.domain.undo import undo
from tests import factories
from tests.cast import ANNA, NOW, VERA
from tests.yard import NOON, WEEK, Yard, intent, standing

HOUR = timedelta(hours=1)
Deed = Callable[[BookingId], Awaitable[Outcome[Any]]]


async def status(booking: BookingId) -> str:
    return str(await db.fetchval("SELECT status FROM booking WHERE id = $1", booking))


async def taken() -> int:
    return int(await db.fetchval("SELECT count(*) FROM occupancy"))


BECOMES: dict[Status, Deed] = {
    Status.CONFIRMED: lambda booking: actions.confirm(intent(), booking),
    Status.ARRIVED: lambda booking: actions.arrive(intent(), booking),
    Status.CANCELLED: lambda booking: actions.cancel(intent(), booking, CancelledBy.CLIENT),
    Status.NO_SHOW: lambda booking: actions.no_show(intent(), booking),
}


@pytest.mark.parametrize("now", [one for one in Status if one is not Status.FINISHED])
@pytest.mark.parametrize("then", BECOMES)
async def test_only_lawful_statuses_are_reached_and_each_is_undone(yard: Yard, now: Status, then: Status) -> None:
    booking = await yard.book(yard.nina, NOON - timedelta(days=1, hours=1))
    if now is not Status.BOOKED:
        await BECOMES[now](booking)
    if then not in LAWFUL[now]:
        with pytest.raises(UnlawfulMove):
            await BECOMES[then](booking)
        assert await status(booking) == now
        return
    done = await BECOMES[then](booking)
    assert await status(booking) == then
    assert await taken() == (0 if then in (Status.CANCELLED, Status.NO_SHOW) else 1)
    await undo(intent(), done.operation_id)
    assert await status(booking) == now
    assert await taken() == (0 if now in (Status.CANCELLED, Status.NO_SHOW) else 1)


async def test_a_booking_occupies_its_person_with_buffers_and_says_its_price(yard: Yard) -> None:
    service = await factories.service("BUF", minutes=90, buffer_before=15, buffer_after=30)
    await factories.skill(yard.nina, service, minor=250000, currency="EUR")
    asked = Asked(yard.client, yard.location, (ServiceId(service),), source=Source.CHAT, note="Mind the cat")
    booked = await actions.book(intent(), asked, NOON)
    row = await db.fetchrow("SELECT * FROM booking WHERE id = $1", booked.result["booking"])
    assert row is not None
    assert (row["starts_at"], row["ends_at"]) == (NOON, NOON + timedelta(minutes=90))
    assert (row["source"], row["note"], row["status"]) == ("chat", "Mind the cat", "booked")
    during = await db.fetchval("SELECT during FROM occupancy")
    assert (during.lower, during.upper) == (NOON - timedelta(minutes=15), NOON + timedelta(minutes=120))
    assert await db.fetchval("SELECT minor FROM booking_item") == 250000


async def test_undoing_a_booking_frees_its_place_and_redoing_takes_it_again(yard: Yard) -> None:
    booked = await actions.book(intent(), yard.asked(yard.nina), NOON)
    undone = await undo(intent(), booked.operation_id)
    assert await taken() == 0
    await undo(intent(), undone.operation_id)
    assert await taken() == 1


async def test_undoing_a_cancellation_is_refused_once_the_place_is_taken(yard: Yard) -> None:
    booking = await yard.book(yard.nina)
    cancelled = await actions.cancel(intent(), booking, CancelledBy.US)
    await yard.book(yard.nina)
    with pytest.raises(PlaceTaken):
        await undo(intent(), cancelled.operation_id)
    assert await status(booking) == "cancelled"


@pytest.mark.parametrize(("by", "hours", "late"), [("client", 25, False), ("client", 23, True), ("us", 1, False)])
async def test_a_cancellation_is_late_by_the_locations_notice(yard: Yard, by: str, hours: int, late: bool) -> None:
    booking = await yard.book(yard.nina)
    at = intent()
    outcome = await actions.cancel(type(at)(at.id, at.actor, NOON - timedelta(hours=hours)), booking, CancelledBy(by))
    assert await db.fetchval("SELECT late FROM status_change WHERE status = 'cancelled'") is late
    assert bool(outcome.effects) is late


async def test_nobody_is_a_no_show_before_it_began(yard: Yard) -> None:
    booking = await yard.book(yard.nina)
    with pytest.raises(Invalid):
        await actions.no_show(intent(), booking)


async def test_a_reason_must_be_one_of_its_use(yard: Yard, over: ReasonId) -> None:
    booking = await yard.book(yard.nina)
    with pytest.raises(Invalid) as refused:
        await actions.cancel(intent(), booking, CancelledBy.US, over)
    assert refused.value.problems.keys() == {"reason"}


async def test_a_move_keeps_its_history_and_comes_back(yard: Yard) -> None:
    booking = await yard.book(yard.nina)
    moved = await actions.move(intent(), Arrangement(booking, NOON + HOUR, ((yard.nina, yard.olga),)), 1)
    row = await db.fetchrow("SELECT bookable, lower(during) AS start FROM occupancy")
    assert row is not None
    assert (row["bookable"], row["start"]) == (yard.olga, NOON + HOUR)
    await undo(intent(), moved.operation_id)
    row = await db.fetchrow("SELECT bookable, lower(during) AS start FROM occupancy")
    assert row is not None
    assert (row["bookable"], row["start"]) == (yard.nina, NOON)
    kinds = await db.fetch("SELECT kind FROM operation WHERE kind LIKE 'booking%' ORDER BY id")
    assert [one["kind"] for one in kinds] == ["booking.book", "booking.move"]


async def test_a_move_from_an_old_page_is_refused(yard: Yard) -> None:
    booking = await yard.book(yard.nina)
    await actions.move(intent(), Arrangement(booking, NOON + HOUR), 1)
    with pytest.raises(Stale):
        await actions.move(intent(), Arrangement(booking, NOON - HOUR), 1)


async def test_a_page_is_old_too_when_only_who_does_it_changed_or_came_back(yard: Yard) -> None:
    booking = await yard.book(yard.nina)
    given = await actions.move(intent(), Arrangement(booking, NOON, ((yard.nina, yard.olga),)), 1)
    with pytest.raises(Stale):
        await actions.move(intent(), Arrangement(booking, NOON + HOUR), 1)
    assert (await cards.booking(booking)).operation == given.operation_id
    await undo(intent(), given.operation_id)
    for version in (1, 2):
        with pytest.raises(Stale):
            await actions.move(intent(), Arrangement(booking, NOON + HOUR), version)
    await actions.move(intent(), Arrangement(booking, NOON + HOUR), 3)


@pytest.mark.parametrize("minutes", [4, 0, 24 * 60 + 1])
async def test_a_booking_is_stretched_within_reason(yard: Yard, minutes: int) -> None:
    booking = await yard.book(yard.nina)
    with pytest.raises(Invalid) as refused:
        await actions.move(intent(), Arrangement(booking, NOON, (), minutes), 1)
    assert refused.value.problems.keys() == {"minutes"}


async def test_a_stretched_booking_stays_as_long_when_it_moves(yard: Yard) -> None:
    booking = await yard.book(yard.nina)
    await actions.move(intent(), Arrangement(booking, NOON, (), 150), 1)
    await actions.move(intent(), Arrangement(booking, NOON - HOUR), 2)
    row = await db.fetchrow("SELECT starts_at, ends_at FROM booking")
    assert row is not None
    assert row["ends_at"] - row["starts_at"] == timedelta(minutes=150)


async def lasts() -> list[tuple[str, int]]:
    """Who does each booking that stands, and how long it takes."""
    rows = await db.fetch(
        "SELECT k.name, extract(epoch FROM i.ends_at - i.starts_at)::int / 60 AS minutes FROM booking_item i"
        " JOIN booking b ON b.id = i.booking AND b.status = 'booked' JOIN assignment a ON a.item = i.id"
        " AND a.retired_at IS NULL JOIN bookable k ON k.id = a.bookable WHERE i.retired_at IS NULL ORDER BY k.name"
    )
    return [(row["name"].split()[0], row["minutes"]) for row in rows]


async def _move_to_olga(yard: Yard, booking: BookingId) -> None:
    await actions.move(intent(), Arrangement(booking, NOON, ((yard.nina, yard.olga),)), 2)


async def _change_places(yard: Yard, booking: BookingId) -> None:
    await actions.swap(intent(), booking, await yard.book(yard.olga, NOON + 3 * HOUR))


async def _stand_in(yard: Yard, booking: BookingId) -> None:
    [one] = await standing_in.orphans(yard.nina, NOON.date(), NOON - timedelta(days=1))
    assert one.proposed is not None
    assert one.proposed.ends_at - one.proposed.starts_at == one.ends_at - one.starts_at
    there = Arrangement(booking, NOON, ((yard.nina, yard.olga),))
    await standing_in.stand_in(intent(), yard.nina, NOON.date(), (there,), False)


async def _bring_back(yard: Yard, booking: BookingId) -> None:
    await actions.cancel(intent(), booking, CancelledBy.CLIENT)
    await actions.bring_back(intent(), Arrangement(booking, NOON, ((yard.nina, yard.olga),)), 3)


@pytest.mark.parametrize("go", [_move_to_olga, _change_places, _stand_in, _bring_back])
async def test_a_length_set_by_hand_stays_with_the_booking_whoever_does_it(
    yard: Yard, go: Callable[[Yard, BookingId], Awaitable[None]]
) -> None:
    booking = await yard.book(yard.nina)
    await actions.move(intent(), Arrangement(booking, NOON, (), 150), 1)
    await go(yard, booking)
    assert ("Olga", 150) in await lasts()


async def test_a_length_that_whoever_did_it_needs_goes_by_whoever_does_it_unless_it_is_said(yard: Yard) -> None:
    await db.execute("UPDATE skill SET minutes = 90 WHERE bookable = $1", yard.olga)
    booking, there = await yard.book(yard.nina), ((yard.nina, yard.olga),)
    moved = await actions.move(intent(), Arrangement(booking, NOON, there), 1)
    assert await lasts() == [("Olga", 90)]
    await undo(intent(), moved.operation_id)
    assert await lasts() == [("Nina", 60)]
    await actions.move(intent(), Arrangement(booking, NOON, there, 60), 3)
    assert await lasts() == [("Olga", 60)]


async def test_what_has_arrived_moves_no_more(yard: Yard) -> None:
    booking = await yard.book(yard.nina, NOON - timedelta(days=1))
    await actions.arrive(intent(), booking)
    with pytest.raises(UnlawfulMove):
        await actions.move(intent(), Arrangement(booking, NOON + HOUR), 2)


async def test_overbooking_takes_a_permission_and_a_reason_and_stays_visible(yard: Yard, over: ReasonId) -> None:
    await yard.book(yard.nina)
    asked = yard.asked(yard.nina)
    with pytest.raises(Forbidden):
        await actions.book(intent(ANNA), asked, NOON, over=over)
    with pytest.raises(Invalid) as refused:
        await actions.book(intent(VERA), asked, NOON, over=ReasonId(999))
    assert refused.value.problems.keys() == {"over"}
    booked = await actions.book(intent(VERA), asked, NOON, over=over)
    assert await db.fetchval("SELECT overbooked FROM booking WHERE id = $1", booked.result["booking"]) == over
    assert await db.fetchval("SELECT lane FROM occupancy WHERE booking = $1", booked.result["booking"]) == 1


async def test_a_free_place_is_not_overbooked_however_it_is_asked_for(yard: Yard, over: ReasonId) -> None:
    booked = await actions.book(intent(ANNA), yard.asked(yard.nina), NOON, over=over)
    assert await db.fetchval("SELECT overbooked FROM booking WHERE id = $1", booked.result["booking"]) is None


async def test_several_are_given_to_others_together_or_not_at_all(yard: Yard) -> None:
    first, second = await yard.book(yard.nina), await yard.book(yard.nina, NOON + HOUR)
    instead = ((yard.nina, yard.olga),)
    await yard.book(yard.olga, NOON + HOUR)
    both = (Arrangement(first, NOON, instead), Arrangement(second, NOON + HOUR, instead))
    with pytest.raises(PlaceTaken):
        await standing_in.stand_in(intent(), yard.nina, NOON.date(), both, False)
    apart = (both[0], Arrangement(second, NOON + 2 * HOUR, instead))
    given = await standing_in.stand_in(intent(), yard.nina, NOON.date(), apart, False)
    people = await db.fetch(
        "SELECT DISTINCT bookable FROM occupancy WHERE booking = ANY($1::bigint[])", [first, second]
    )
    assert [row["bookable"] for row in people] == [yard.olga]
    await undo(intent(), given.operation_id)
    assert await db.fetchval("SELECT count(*) FROM occupancy WHERE bookable = $1", yard.nina) == 2


async def test_what_an_earlier_version_gave_to_others_is_still_undone_and_done_again(yard: Yard) -> None:
    one = await yard.book(yard.nina)
    given = Arrangement(one, NOON, ((yard.nina, yard.olga),))

    async def reassign(op: Operation) -> dict[str, list[int]]:
        await rearranging.rearrange(op, [given])
        return {"bookings": [one]}

    done = await perform(KINDS["booking.reassign"], intent(), canonical(["booking.reassign", one]), reassign)
    undone = await undo(intent(), done.operation_id)
    assert await standing() == [(NOON, "Nina")]
    await undo(intent(), undone.operation_id)
    assert await standing() == [(NOON, "Olga")]


@pytest.mark.parametrize("services", [(), (1,) * 9])
async def test_a_booking_has_some_services_and_not_too_many(yard: Yard, services: tuple[int, ...]) -> None:
    with pytest.raises(Invalid) as refused:
        await actions.book(intent(), Asked(yard.client, yard.location, tuple(map(ServiceId, services))), NOON)
    assert refused.value.problems.keys() == {"services"}


async def test_what_is_off_or_unknown_cannot_be_booked(yard: Yard) -> None:
    await db.execute("UPDATE service SET retired_at = now()")
    with pytest.raises(NotFound):
        await actions.book(intent(), yard.asked(), NOON)


async def test_somebody_away_cannot_be_booked_until_they_are_back(yard: Yard) -> None:
    away = await roster.add_time_off(
        intent(VERA), yard.nina, Away(TimeOffKind.SICK, date(2026, 5, 13), date(2026, 5, 13))
    )
    with pytest.raises(Invalid) as refused:
        await actions.book(intent(), yard.asked(yard.nina), NOON)
    assert refused.value.problems["starts"].key == "problem.is_away"
    await undo(intent(VERA), away.operation_id)
    await yard.book(yard.nina)


async def test_a_hold_keeps_a_place_for_one_form_and_no_longer_than_it_lasts(yard: Yard) -> None:
    mine, theirs = intent().id, intent().id
    await occupancy.hold(mine, {yard.nina: (NOON, NOON + HOUR)})
    with pytest.raises(PlaceTaken):
        await occupancy.hold(theirs, {yard.nina: (NOON, NOON + HOUR)})
    with pytest.raises(PlaceTaken):
        await actions.book(intent(), yard.asked(yard.nina), NOON, held=theirs)
    await actions.book(intent(), yard.asked(yard.nina), NOON, held=mine)
    assert await db.fetchval("SELECT count(*) FROM occupancy WHERE kind = 'hold'") == 0


async def test_whoever_keeps_places_for_more_than_five_forms_loses_the_oldest(yard: Yard) -> None:
    forms = [intent().id for _ in range(7)]
    spans = [(NOON + number * HOUR / 2, NOON + (number + 1) * HOUR / 2) for number in range(7)]
    await occupancy.hold(intent().id, {yard.olga: (NOON, NOON + HOUR)}, 2)
    for form, span in zip(forms, spans, strict=True):
        await occupancy.hold(form, {yard.nina: span}, 1)
    await occupancy.hold(forms[-1], {yard.nina: spans[0]}, 1)
    rows = await db.fetch("SELECT hold, holder FROM occupancy WHERE kind = 'hold' ORDER BY id")
    assert [row["hold"] for row in rows if row["holder"] == 1] == forms[2:]
    assert [row["holder"] for row in rows].count(2) == 1
    await actions.book(intent(), yard.asked(yard.nina), NOON, held=forms[-1])


async def test_forms_that_somebody_sends_all_at_once_keep_no_more_places_than_one_after_the_other(yard: Yard) -> None:
    spans = [(NOON + number * HOUR / 4, NOON + (number + 1) * HOUR / 4) for number in range(16)]
    await asyncio.gather(
        *(
            occupancy.hold(intent().id, {(yard.nina, yard.olga)[number % 2]: span}, 1)
            for number, span in enumerate(spans)
        )
    )
    assert await taken() == occupancy.MOST_HELD


async def test_a_hold_that_has_run_out_is_in_nobodys_way(yard: Yard) -> None:
    await occupancy.hold(intent().id, {yard.nina: (NOON, NOON + HOUR)})
    await db.execute("UPDATE occupancy SET expires_at = clock_timestamp()")
    await yard.book(yard.nina)
    assert await taken() == 1


@pytest.mark.parametrize("runs_out_first", [True, False])
async def test_where_a_hold_has_run_out_somebody_away_is_away(yard: Yard, runs_out_first: bool) -> None:
    await occupancy.hold(intent().id, {yard.nina: (NOON, NOON + HOUR)})
    away = Away(TimeOffKind.OTHER, date(2026, 5, 13), date(2026, 5, 13), (720, 780))
    if not runs_out_first:
        await roster.add_time_off(intent(VERA), yard.nina, away)
    await db.execute("UPDATE occupancy SET expires_at = clock_timestamp() WHERE kind = 'hold'")
    if runs_out_first:
        await roster.add_time_off(intent(VERA), yard.nina, away)
    with pytest.raises(PlaceTaken):
        await occupancy.hold(intent().id, {yard.nina: (NOON, NOON + HOUR)})


async def test_the_nearest_places_are_real(yard: Yard) -> None:
    await yard.book(yard.nina)
    await yard.book(yard.olga)
    question = Question(yard.location, (Doing(yard.service),))
    places = await seeking.nearest(question, date(2026, 5, 13), now=NOW, around=NOON, most=3)
    assert [place.starts_at for place in places] == [NOON - 1.5 * HOUR, NOON - HOUR, NOON + HOUR]
    for place in places:
        booked = await actions.book(intent(), yard.asked(), place.starts_at)
        await undo(intent(), booked.operation_id)


async def test_places_come_from_the_next_days_when_this_one_is_over(yard: Yard) -> None:
    question = Question(yard.location, (Doing(yard.service, by=yard.nina),))
    friday_evening = NOON.replace(day=15, hour=15)
    places = await seeking.nearest(question, date(2026, 5, 15), now=friday_evening, most=2)
    assert [place.start.day for place in places] == [date(2026, 5, 18)] * 2


@pytest.mark.parametrize(("back", "day"), [(date(2026, 5, 15), 15), (date(2026, 9, 1), 13)])
async def test_places_near_a_time_lie_on_its_date_or_later_and_on_the_eve_only_where_nothing_else_is(
    yard: Yard, back: date, day: int
) -> None:
    away = Away(TimeOffKind.OTHER, date(2026, 5, 14), back - timedelta(days=1))
    await roster.add_time_off(intent(VERA), yard.nina, away)
    question = Question(yard.location, (Doing(yard.service, by=yard.nina),))
    around = NOON + timedelta(hours=15)
    places = await seeking.nearest(question, date(2026, 5, 14), now=NOW, around=around, most=3)
    assert [place.start.day for place in places] == [date(2026, 5, day)] * 3


async def test_an_erased_client_cannot_be_booked(yard: Yard) -> None:
    await db.execute("UPDATE client SET retired_at = now(), erased_at = now()")
    with pytest.raises(NotFound):
        await yard.book()


async def test_seconds_are_refused(yard: Yard) -> None:
    with pytest.raises(Invalid):
        await yard.book(at=NOON + timedelta(seconds=1))


async def test_bookings_to_come_are_counted_by_the_price_that_they_keep(yard: Yard) -> None:
    await db.execute("UPDATE location SET hours = $1", json.dumps([[[0, 1440]]] * 7))
    for weeks in (0, 1):
        await yard.book(yard.nina, NOON + weeks * WEEK)
    await factories.price(yard.service, 1000)
    half_past_midnight = NOON + WEEK - timedelta(hours=11, minutes=30)
    await yard.book(yard.olga, half_past_midnight)
    await yard.book(yard.olga, NOON + 2 * WEEK)
    gone = await yard.book(yard.nina, NOON + 3 * WEEK)
    await actions.cancel(intent(), gone, CancelledBy.CLIENT)
    days = [date(2026, 5, day) for day in (13, 20, 21, 28)]
    assert await quoting.kept(yard.service, days) == {
        days[0]: [Kept(2, 1000, "RUB"), Kept(2, None, None)],
        days[1]: [Kept(2, 1000, "RUB"), Kept(1, None, None)],
        days[2]: [Kept(1, 1000, "RUB")],
    }


async def test_each_service_is_done_by_whoever_was_wanted_for_it(yard: Yard) -> None:
    asked = replace(yard.asked(), services=(yard.service, yard.service), by=(yard.olga, yard.nina))
    booked = await actions.book(intent(), asked, NOON)
    rows = await db.fetch(
        "SELECT i.starts_at, a.bookable FROM booking_item i JOIN assignment a ON a.item = i.id"
        " WHERE i.booking = $1 ORDER BY i.starts_at",
        booked.result["booking"],
    )
    assert [tuple(row) for row in rows] == [(NOON, yard.olga), (NOON + HOUR, yard.nina)]


@pytest.mark.parametrize("whose", ["another client's", "one that was removed"])
async def test_only_a_site_of_the_client_that_is_there_can_be_booked(yard: Yard, whose: str) -> None:
    site = await factories.site(await factories.client("Петр") if whose == "another client's" else yard.client)
    if whose != "another client's":
        await db.execute("UPDATE client_site SET retired_at = now()")
    with pytest.raises(Invalid) as refused:
        await yard.book(yard.nina, site=SiteId(site))
    assert refused.value.problems["site"].key == "problem.choice"


async def test_a_removed_site_stays_with_what_was_booked_there_and_moves_with_it(yard: Yard) -> None:
    site = SiteId(await factories.site(yard.client, "Lenina 5", name="Office"))
    booking = await yard.book(yard.nina, site=site)
    await db.execute("UPDATE client_site SET retired_at = now()")
    await actions.move(intent(), actions.Arrangement(booking, NOON + HOUR), 1)
    await actions.change(intent(), booking, 2, Source.PHONE, "Ring twice", site)
    seen = (await cards.booking(booking)).site
    assert seen is not None
    assert seen.words == "Office, Lenina 5"


@pytest.mark.parametrize("table", ["booking", "series"])
async def test_the_database_refuses_a_site_of_another_client(yard: Yard, table: str) -> None:
    await yard.weekly()
    other = await factories.site(await factories.client("Петр"))
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await db.execute(f"UPDATE {table} SET site = $1", other)


@pytest.mark.parametrize("becomes", [Status.CANCELLED, Status.NO_SHOW])
async def test_what_was_looked_at_is_not_done_once_somebody_moved_the_booking(yard: Yard, becomes: Status) -> None:
    before = NOON - timedelta(days=2)
    booking = await yard.book(yard.nina, before)

    async def deed(asked: Intent) -> Outcome[Any]:
        if becomes is Status.NO_SHOW:
            return await actions.no_show(asked, booking)
        return await actions.cancel(asked, booking, CancelledBy.CLIENT)

    seen = await deed(replace(intent(), preview=True))
    await actions.move(intent(VERA), Arrangement(booking, before - HOUR, ((yard.nina, yard.olga),)), 1)
    with pytest.raises(Changed):
        await deed(replace(intent(), expected=seen.fingerprint))
    assert await status(booking) == "booked"
    again = await deed(replace(intent(), preview=True))
    await deed(replace(intent(), expected=again.fingerprint))
    assert await status(booking) == becomes.value


@pytest.mark.parametrize("deed", [actions.confirm, actions.arrive])
async def test_a_step_is_not_taken_with_a_booking_that_was_read_before_it_moved(yard: Yard, deed: Any) -> None:
    before = NOON - timedelta(days=1)
    booking = await yard.book(yard.nina, before)
    await actions.move(intent(VERA), Arrangement(booking, before + HOUR), 1)
    with pytest.raises(Stale):
        await deed(intent(), booking, 1)
    assert await status(booking) == "booked"
    await deed(intent(), booking, 2)
    assert await status(booking) != "booked"
