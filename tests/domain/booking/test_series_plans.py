"""A series that goes on otherwise: other services, people, days, an earlier or a later end; and what stays by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain import db
from console.domain.booking import (
    actions,
    checks,
    former,
    recurring,
    series,
    series_dates,
    series_moves,
    series_views,
    standing_in,
)
from console.domain.booking.occupancy import PlaceTaken
from console.domain.booking.recurring import OnHoliday, Plan, Recurrence, Unit, going_on, paired, plan_of
from console.domain.booking.rules import CancelledBy
from console.domain.booking.series_making import Elsewhere
from console.domain.booking.series_mover import Shift
from console.domain.booking.series_moves import Scope
from console.domain.booking.undoing import undo_elsewhere
from console.domain.errors import Invalid
from console.domain.ids import BookableId, BookingId, ClashId, SeriesId, ServiceId
from console.domain.intent import Intent, Outcome
from console.domain.undo import undo
from console.migrations import m0118_skips_of_earlier_series as skips_of_earlier
from tests import factories
from tests.cast import NOW
from tests.yard import HOUR, NOON, WEDNESDAY, WEEK, Yard, count, done_by, intent, standing, stands, weeks

DAY = timedelta(days=1)
WEEKLY = Recurrence(WEDNESDAY, 1, Unit.WEEK, (2,), count=4)


async def begin(yard: Yard, rule: Recurrence = WEEKLY, **said: Any) -> SeriesId:
    begun = await series.begin(intent(), yard.asked(yard.nina, **said), 720, rule)
    return SeriesId(begun.result["series"])


async def one_of(week: int) -> BookingId:
    sql = "SELECT id FROM booking WHERE series_on = $1 AND retired_at IS NULL ORDER BY id DESC LIMIT 1"
    return BookingId(await db.fetchval(sql, WEDNESDAY + week * WEEK))


async def change(week: int, scope: Scope = Scope.FOLLOWING, **said: Any) -> Outcome[Any]:
    return await series_moves.move(intent(), await one_of(week), scope, Shift(**said))


def plan(**said: Any) -> Plan:
    return replace(plan_of(WEEKLY), **said)


def told(done: Outcome[Any]) -> dict[str, int]:
    return {one.key: one.params["count"] for one in done.effects}


async def healthy() -> None:
    for check in checks.CHECKS:
        assert await check() == []


async def done() -> list[tuple[datetime, list[tuple[int, str]]]]:
    """What is booked: when, and which services by whom."""
    rows = await db.fetch(
        "SELECT b.starts_at, array_agg(i.service ORDER BY i.starts_at) AS services, array_agg(o.name ORDER BY"
        " i.starts_at) AS names FROM booking b JOIN booking_item i ON i.booking = b.id AND i.retired_at IS NULL"
        " JOIN assignment a ON a.item = i.id AND a.retired_at IS NULL JOIN bookable o ON o.id = a.bookable"
        " WHERE b.retired_at IS NULL AND b.status = 'booked' GROUP BY b.id ORDER BY b.starts_at"
    )
    return [
        (row["starts_at"], [(one, who.split()[0]) for one, who in zip(row["services"], row["names"], strict=True)])
        for row in rows
    ]


async def another(yard: Yard, *who: BookableId) -> ServiceId:
    service = ServiceId(await factories.service("WIN"))
    for one in who:
        await factories.skill(one, service)
    return service


async def test_what_follows_goes_to_another_weekday_of_its_week_and_comes_back_in_one(yard: Yard) -> None:
    begun = await begin(yard)
    for days, weekday in ((-2, 0), (1, 3)):
        moved = await change(1, plan=plan(weekdays=(weekday,), count=3))
        assert await standing() == [*weeks(0), *weeks(1, 2, 3, later=days * DAY)]
        assert told(moved) == {"effect.series_moved": 3}
        row = await series_views.one_series(moved.result["series"])
        assert (row.id != begun, row.rule.count, row.rule.weekdays) == (True, 3, (weekday,))
        await healthy()
        await undo(intent(), moved.operation_id)
        assert await standing() == weeks(0, 1, 2, 3)
        await healthy()


async def test_every_second_week_keeps_its_dates_and_calls_the_others_off(yard: Yard) -> None:
    await begin(yard, replace(WEEKLY, count=None))
    made = len(await standing())
    changed = await change(1, plan=plan(every=2, count=None), cancelled=CancelledBy.US)
    assert (await standing())[: made // 2 + 1] == weeks(0, *range(1, made, 2))
    assert told(changed) == {
        "effect.series_added": 1,
        "effect.series_called_off": (made - 1) // 2,
        "effect.series_same": made // 2,
    }
    by = await db.fetch("SELECT DISTINCT cancelled_by FROM status_change WHERE status = 'cancelled'")
    assert [row["cancelled_by"] for row in by] == ["us"]
    await series.extend(later(10), SeriesId(changed.result["series"]))
    further = await standing()
    assert len(further) > made // 2 + 4
    assert further == weeks(0, *range(1, 2 * len(further) - 2, 2))
    await healthy()


def later(number: int) -> Intent:
    one = intent()
    return Intent(one.id, one.actor, NOW + number * WEEK)


async def test_a_rule_whose_next_date_lies_beyond_the_horizon_is_booked_there(yard: Yard) -> None:
    await begin(yard)
    await change(0, plan=plan(every=52, weekdays=(1,), count=2), cancelled=CancelledBy.US)
    assert await standing() == weeks(52, 104, later=-DAY)
    await healthy()


async def test_a_second_weekday_is_booked_beside_the_first(yard: Yard) -> None:
    await begin(yard)
    await yard.book(yard.nina, NOON + WEEK + 2 * DAY)
    changed = await change(0, plan=plan(weekdays=(2, 4), count=6))
    fridays = [NOON + number * WEEK + 2 * DAY for number in (0, 2)]
    own = await db.fetch("SELECT starts_at FROM booking WHERE series IS NOT NULL AND retired_at IS NULL ORDER BY 1")
    assert [row["starts_at"] for row in own if row["starts_at"] in fridays] == fridays
    assert told(changed) == {
        "effect.series_added": 2,
        "effect.series_called_off": 1,
        "effect.series_clashes": 1,
        "effect.series_same": 3,
    }
    [clash] = [one for one in changed.effects if one.key == "effect.series_clashes"]
    friday = (WEDNESDAY + WEEK + 2 * DAY).isoformat()
    assert clash.params["dates"] == [[friday, "problem.place_taken", friday]]
    assert await count("series_clash") == 1
    await healthy()


@pytest.mark.parametrize(("end", "left"), [({"count": 2}, 3), ({"until": WEDNESDAY + 2 * WEEK}, 3), ({"count": 5}, 6)])
async def test_an_earlier_end_calls_off_and_a_later_one_books(yard: Yard, end: dict[str, Any], left: int) -> None:
    await begin(yard)
    changed = await change(1, plan=plan(**{"count": None, **end}))
    assert await standing() == weeks(*range(left))
    came = "effect.series_added" if left > 4 else "effect.series_called_off"
    assert told(changed).keys() == {"effect.series_same", came}
    assert await series_dates.due(WEDNESDAY + 60 * WEEK) == []
    await undo(intent(), changed.operation_id)
    assert await standing() == weeks(0, 1, 2, 3)
    await healthy()


async def test_other_services_each_by_somebody_else_take_the_place_of_those_agreed(yard: Yard) -> None:
    begun = await begin(yard)
    windows = await another(yard, yard.olga)
    changed = await change(2, services=(yard.service, windows), by=(yard.nina, yard.olga))
    both, only = [(yard.service, "Nina"), (windows, "Olga")], [(yard.service, "Nina")]
    assert await done() == [(NOON + at * WEEK, only if at < 2 else both) for at in range(4)]
    assert told(changed) == {"effect.series_redone": 2}
    follows = await series_views.one_series(changed.result["series"])
    assert (follows.asked.services, follows.asked.by) == ((yard.service, windows), (yard.nina, yard.olga))
    await healthy()
    back = await change(2, services=(windows,), by=(None,))
    assert await done() == [(NOON + at * WEEK, only if at < 2 else [(windows, "Olga")]) for at in range(4)]
    assert (await series_views.one_series(back.result["series"])).asked.by == ()
    for one in (back, changed):
        await undo(intent(), one.operation_id)
        await healthy()
    assert await done() == [(NOON + at * WEEK, only) for at in range(4)]
    assert (await series_views.one_series(begun)).asked.services == (yard.service,)


async def test_services_that_became_others_come_back_elsewhere_once_their_place_is_taken(yard: Yard) -> None:
    await begin(yard)
    windows = await another(yard, yard.olga)
    changed = await change(2, services=(windows,), by=(yard.olga,))
    for week in (2, 3):
        await yard.book(yard.nina, NOON + week * WEEK, await factories.client("Zoe"))
    with pytest.raises(PlaceTaken):
        await undo(intent(), changed.operation_id)
    backs = await former.backs(changed.operation_id, NOW, 3)
    assert [one.problem is not None for one in backs] == [True, True]
    first, second = (one.former.booking for one in backs)
    later = NOON + 2 * WEEK + HOUR
    undone = await undo_elsewhere(intent(), changed.operation_id, ((first, later), (second, None)))
    own = [one for one in await done() if one[0] >= NOON + 2 * WEEK]
    assert (later, [(yard.service, "Nina")]) in own
    assert (NOON + 3 * WEEK, [(windows, "Olga")]) in own
    await healthy()
    await undo(intent(), undone.operation_id)
    assert [of for _, of in await done()].count([(windows, "Olga")]) == 2
    await healthy()


async def test_whoever_does_the_one_service_goes_on_while_the_other_changes_hands(yard: Yard) -> None:
    windows = await another(yard, yard.olga, yard.nina)
    asked = replace(yard.asked(), services=(yard.service, windows), by=(yard.olga, yard.nina))
    await series.begin(intent(), asked, 720, WEEKLY)
    assert [who for _, of in await done() for _, who in of] == ["Olga", "Nina"] * 4
    await change(0, Scope.ALL, services=(yard.service, windows), by=(yard.olga, yard.olga))
    assert [who for _, of in await done() for _, who in of] == ["Olga", "Olga"] * 4
    row = await db.fetchrow('SELECT person, "by" FROM series')
    assert row is not None
    assert tuple(row) == (yard.olga, None)
    await change(1, Scope.ALL, instead=((yard.olga, yard.nina),), minute=840)
    assert [who for _, of in await done() for _, who in of] == ["Nina", "Nina"] * 4


async def test_the_people_of_a_series_are_people_that_there_are_and_as_many_as_its_services(yard: Yard) -> None:
    await begin(yard)
    room = await factories.bookable("Room 1", kind="room")
    for wrong in ([yard.nina, None], [room], [404]):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await db.execute('UPDATE series SET person = NULL, "by" = $1', wrong)


async def test_a_series_with_people_of_their_own_goes_on_with_them(yard: Yard) -> None:
    windows = await another(yard, yard.olga)
    asked = replace(yard.asked(), services=(yard.service, windows), by=(yard.nina, None))
    begun = await series.begin(intent(), asked, 720, replace(WEEKLY, count=None))
    made = len(await done())
    await series.extend(later(2), SeriesId(begun.result["series"]))
    assert len(await done()) == made + 2
    assert {tuple(who for _, who in of) for _, of in await done()} == {("Nina", "Olga")}


@pytest.mark.parametrize("how", ["move", "stand in", "place"])
async def test_what_somebody_put_by_hand_stays_as_it_was(yard: Yard, how: str) -> None:
    await begin(yard)
    if how == "move":
        await actions.move(intent(), actions.Arrangement(await one_of(2), NOON + 2 * WEEK + HOUR), 1)
    elif how == "stand in":
        at = NOON + 2 * WEEK
        given = actions.Arrangement(await one_of(2), at, ((yard.nina, yard.olga),))
        await standing_in.stand_in(intent(), yard.nina, at.date(), (given,), False)
    else:
        await undo(intent(), await db.fetchval("SELECT max(id) FROM operation"))
        await yard.book(yard.nina, NOON + 2 * WEEK, await factories.client("Zoe"))
        await begin(yard)
        clash = ClashId(await db.fetchval("SELECT id FROM series_clash WHERE retired_at IS NULL"))
        await series.place(intent(), clash, NOON + 2 * WEEK + HOUR, yard.olga)
    by_hand = await one_of(2)
    before = await done_by(by_hand), await stands(by_hand)
    for said in ({"minute": 900}, {"plan": plan(weekdays=(3,), count=3)}):
        moved = await change(1, **said)
        assert told(moved) == {"effect.series_moved": 2, "effect.series_kept": 1}
        assert (await done_by(by_hand), await stands(by_hand)) == before
        await undo(intent(), moved.operation_id)
    await healthy()


async def test_what_an_undo_put_elsewhere_was_put_there_by_hand(yard: Yard) -> None:
    await begin(yard)
    moved = await change(0, Scope.ALL, minute=900)
    for week in (1, 2):
        await yard.book(yard.nina, NOON + week * WEEK, await factories.client("Zoe"))
    elsewhere, stays = [back.former.booking for back in await former.places(moved.operation_id)][:2]
    chosen = ((elsewhere, NOON + WEEK - 2 * HOUR), (stays, None))
    undone = await undo_elsewhere(intent(), moved.operation_id, chosen)
    later = await change(0, Scope.ALL, days=1)
    assert told(later) == {"effect.series_moved": 2, "effect.series_kept": 2}
    assert [(await stands(one))[0] for one in (elsewhere, stays)] == [
        NOON + WEEK - 2 * HOUR,
        NOON + 2 * WEEK + 3 * HOUR,
    ]
    await undo(intent(), later.operation_id)
    await undo(intent(), undone.operation_id)
    assert told(await change(0, Scope.ALL, minute=840)) == {"effect.series_moved": 4}
    await healthy()


async def test_what_was_put_by_hand_and_back_again_goes_with_the_others(yard: Yard) -> None:
    await begin(yard)
    by_hand = await actions.move(intent(), actions.Arrangement(await one_of(2), NOON + 2 * WEEK + HOUR), 1)
    undone = await undo(intent(), by_hand.operation_id)
    moved = await change(1, minute=900)
    assert told(moved) == {"effect.series_moved": 3}
    await undo(intent(), moved.operation_id)
    await undo(intent(), undone.operation_id)
    assert told(await change(1, minute=900)) == {"effect.series_moved": 2, "effect.series_kept": 1}


async def test_the_one_that_is_meant_goes_whoever_put_it_where_it_is(yard: Yard) -> None:
    await begin(yard)
    await actions.move(intent(), actions.Arrangement(await one_of(2), NOON + 2 * WEEK + HOUR), 1)
    assert told(await change(2, minute=900)) == {"effect.series_moved": 2}


async def test_what_was_called_off_or_left_out_is_not_booked_by_another_rule(yard: Yard) -> None:
    await yard.book(yard.nina, NOON + 3 * WEEK, await factories.client("Zoe"))
    await begin(yard)
    await series.leave_out(intent(), ClashId(await db.fetchval("SELECT id FROM series_clash")))
    await actions.cancel(intent(), await one_of(2), CancelledBy.CLIENT)
    moved = await change(0, plan=plan(weekdays=(3,)))
    assert [one for one, who in await standing() if who == "Nina"][:-1] == [NOON + DAY, NOON + WEEK + DAY]
    assert told(moved) == {"effect.series_moved": 2}
    assert await count("series_clash") == 0
    await healthy()


@pytest.mark.parametrize("between", [{"weekdays": (2,)}, {"weekdays": (4,)}, {"until": WEDNESDAY}])
async def test_what_another_rule_called_off_is_booked_again_by_the_one_before(
    yard: Yard, between: dict[str, Any]
) -> None:
    both = Recurrence(WEDNESDAY, 1, Unit.WEEK, (2, 4), until=WEDNESDAY + 2 * WEEK)
    await begin(yard, both)
    before = await standing()
    by_hand = await one_of(1)
    await actions.cancel(intent(), by_hand, CancelledBy.CLIENT)
    rest = [one for one in before if one[0] != NOON + WEEK]
    assert await standing() == rest
    less = await change(0, Scope.ALL, plan=replace(plan_of(both), **between))
    assert len(await standing()) < len(rest)
    again = await change(0, Scope.ALL, plan=plan_of(both))
    assert await standing() == rest
    assert (await stands(by_hand))[1] == "cancelled"
    await healthy()
    for one in (again, less):
        await undo(intent(), one.operation_id)
        await healthy()
    assert await standing() == rest


async def test_a_date_that_clashed_is_looked_for_anew_and_a_closed_one_as_well(yard: Yard) -> None:
    await yard.book(yard.nina, NOON + WEEK, await factories.client("Zoe"))
    await factories.holiday(WEDNESDAY + 2 * WEEK)
    await begin(yard)
    moved = await change(0, plan=plan(weekdays=(3,)))
    assert told(moved) == {"effect.series_moved": 2, "effect.series_added": 2, "effect.series_called_off": 1}
    own = await db.fetch(
        "SELECT starts_at FROM booking WHERE series IS NOT NULL AND status = 'booked' AND retired_at IS NULL ORDER BY 1"
    )
    assert [row["starts_at"] for row in own] == [NOON + number * WEEK + DAY for number in range(4)]
    assert (await count("series_clash"), await count("series_skip")) == (0, 0)
    await undo(intent(), moved.operation_id)
    assert (await count("series_clash"), await count("series_skip")) == (1, 1)
    await healthy()


async def test_a_date_that_clashed_under_a_rule_of_before_keeps_none_from_being_booked_later(yard: Yard) -> None:
    await yard.book(yard.nina, NOON + WEEK, await factories.client("Zoe"))
    await begin(yard)
    await change(0, plan=plan(weekdays=(3,)))
    first = BookingId(await db.fetchval("SELECT min(id) FROM booking WHERE series IS NOT NULL"))
    again = replace(plan_of(WEEKLY), weekdays=(1, 4), count=8)
    await series_moves.move(intent(), first, Scope.FOLLOWING, Shift(plan=again))
    own = [one for one, _ in await standing() if one != NOON + WEEK]
    assert own == sorted(NOON + number * WEEK + days * DAY for number in range(5) for days in (-1, 2))[1:9]
    await healthy()


async def test_what_finds_no_place_stays_or_goes_where_it_was_said(yard: Yard) -> None:
    await begin(yard)
    await yard.book(yard.nina, NOON + WEEK + 3 * HOUR, await factories.client("Zoe"))
    moved = await change(0, minute=900)
    [stays] = [one.params["dates"] for one in moved.effects if one.key == "effect.series_stays"]
    on = WEDNESDAY + WEEK
    assert stays == [[on.isoformat(), "problem.place_taken", on.isoformat()]]
    await undo(intent(), moved.operation_id)
    there = Elsewhere(on, NOON + WEEK + 3 * HOUR, (frozenset({yard.olga}),))
    for said in ({"minute": 900}, {"minute": 900, "plan": plan(on_holiday=OnHoliday.MOVE)}):
        moved = await change(0, elsewhere=(there,), **said)
        assert told(moved) == {"effect.series_moved": 4}
        assert (NOON + WEEK + 3 * HOUR, "Olga") in await standing()
        await undo(intent(), moved.operation_id)
    await healthy()


async def test_a_new_date_without_a_place_is_booked_where_it_was_said(yard: Yard) -> None:
    await begin(yard)
    friday = WEDNESDAY + 2 * DAY
    await yard.book(yard.nina, NOON + 2 * DAY, await factories.client("Zoe"))
    there = Elsewhere(friday, NOON + 2 * DAY, (frozenset({yard.olga}),))
    await change(0, plan=plan(weekdays=(2, 4), count=2), elsewhere=(there,))
    assert await standing() == [*weeks(0), (NOON + 2 * DAY, "Nina"), (NOON + 2 * DAY, "Olga")]


async def test_a_preview_says_what_is_then_done(yard: Yard) -> None:
    await begin(yard)
    shift = Shift(minute=900, plan=plan(weekdays=(2, 4), count=6))
    look = replace(intent(), preview=True)
    seen = await series_moves.move(look, await one_of(0), Scope.FOLLOWING, shift)
    assert await standing() == weeks(0, 1, 2, 3)
    mean = replace(intent(), expected=seen.fingerprint)
    did = await series_moves.move(mean, await one_of(0), Scope.FOLLOWING, shift)
    assert did.effects == seen.effects


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"days": 1, "plan": plan(every=2)}, "days"),
        ({"plan": plan(every=0)}, "every"),
        ({"plan": plan(weekdays=())}, "weekdays"),
        ({"plan": plan(until=WEDNESDAY - WEEK, count=None)}, "until"),
        ({"plan": plan(until=WEDNESDAY + WEEK)}, "count"),
        ({"minute": 180}, "starts"),
        ({"minute": 180, "plan": plan(weekdays=(3,))}, "starts"),
    ],
)
async def test_what_cannot_be_is_refused_at_its_field(yard: Yard, said: dict[str, Any], field: str) -> None:
    await begin(yard)
    with pytest.raises(Invalid) as refused:
        await change(0, **said)
    assert field in refused.value.problems
    assert await standing() == weeks(0, 1, 2, 3)


LAST = Recurrence(date(2026, 5, 29), 1, Unit.MONTH, (4,))
"""The last Friday, which is the fifth."""


async def test_the_last_weekday_of_the_month_stays_the_last_when_the_series_is_split(yard: Yard) -> None:
    await begin(yard, LAST)
    second = BookingId(await db.fetchval("SELECT id FROM booking WHERE series_on = '2026-06-26'"))
    moved = await series_moves.move(intent(), second, Scope.FOLLOWING, Shift(minute=900))
    await series.extend(later(26), SeriesId(moved.result["series"]))
    rows = await db.fetch("SELECT series_on FROM booking ORDER BY series_on")
    said = ["05-29", "06-26", "07-31", "08-28", "09-25", "10-30", "11-27", "12-25", "01-29", "02-26"]
    assert [row["series_on"].isoformat()[5:] for row in rows] == said[: len(rows)]
    assert len(rows) > 6
    planned = going_on(LAST, replace(plan_of(LAST), weekdays=(3,)), date(2026, 6, 26), date(2026, 6, 20))
    assert recurring.dates(planned, date(2026, 7, 31)) == [date(2026, 6, 25), date(2026, 7, 30)]


DATES = st.dates(date(2026, 1, 1), date(2026, 6, 30))


@given(st.sets(DATES), st.sets(DATES), st.sampled_from(Unit))
def test_each_date_goes_to_one_of_its_own_week_or_month_and_no_two_to_one(
    before: set[date], after: set[date], unit: Unit
) -> None:
    pairs = paired(before, after, unit)
    assert len(set(pairs.values())) == len(pairs)
    assert all(pairs[on] == on for on in before & after)
    assert set(pairs.values()) <= after
    for on, to in pairs.items():
        same = on.isocalendar()[:2] == to.isocalendar()[:2] if unit is Unit.WEEK else on.month == to.month
        assert same
    left = {one.isocalendar()[:2] if unit is Unit.WEEK else one.month for one in before - pairs.keys()}
    assert not any(
        (one.isocalendar()[:2] if unit is Unit.WEEK else one.month) in left for one in after - set(pairs.values())
    )


@pytest.mark.parametrize(
    "rule",
    [
        replace(WEEKLY, count=6),
        replace(WEEKLY, every=2, weekdays=(0, 2, 4)),
        recurring.shifted(replace(WEEKLY, every=2, weekdays=(2, 5)), 4),
        Recurrence(WEDNESDAY, 1, Unit.MONTH, (0, 2)),
        LAST,
        recurring.shifted(LAST, -2),
        replace(WEEKLY, count=None, until=WEDNESDAY + 7 * WEEK),
    ],
)
async def test_a_series_from_before_skips_were_noted_gets_those_that_it_has_and_no_others(
    yard: Yard, as_owner: asyncpg.Connection, rule: Recurrence
) -> None:
    await db.execute("UPDATE location SET hours = $1", "[" + ",".join(["[[0,1440]]"] * 7) + "]")
    await db.execute("UPDATE schedule SET hours = $1", "[" + ",".join(["[[0,1440]]"] * 7) + "]")
    for on in recurring.dates(rule, WEDNESDAY + 20 * WEEK)[1::3]:
        await factories.holiday(on)
    busy = recurring.dates(rule, WEDNESDAY + 20 * WEEK)[2]
    await yard.book(yard.nina, NOON + (busy - WEDNESDAY), await factories.client("Zoe"))
    begun = await begin(yard, rule)
    known = await series_views.skipped(await series_views.one_series(begun), rule.starts_on)
    further = await series_dates.due(WEDNESDAY + 60 * WEEK)
    assert known
    await as_owner.execute(
        "ALTER TABLE change DISABLE TRIGGER USER; DELETE FROM change WHERE entity = 'series_skip';"
        "ALTER TABLE change ENABLE TRIGGER USER; DELETE FROM series_skip"
    )
    for _ in range(2):
        await as_owner.execute(skips_of_earlier.NOTE)
    assert await series_views.skipped(await series_views.one_series(begun), rule.starts_on) == known
    assert await series_dates.due(WEDNESDAY + 60 * WEEK) == further
    await healthy()
    await undo(intent(), await db.fetchval("SELECT operation FROM series"))
    assert await count("series_skip") == 0
