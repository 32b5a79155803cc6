"""A series that goes on by another rule: which of its bookings go where, are called off, or are made anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from console.domain import clock, db
from console.domain.booking import recurring, series_dates, series_making, series_rows
from console.domain.booking.recurring import Occurrence, Plan, Recurrence, Unit
from console.domain.booking.series_mover import Mover, call_off, stands
from console.domain.booking.tables import Booking, Series, SeriesClash, SeriesSkip
from console.domain.errors import Invalid, Problem
from console.domain.ids import BookingId, SeriesId


async def replan(mover: Mover, plan: Plan) -> SeriesId:
    """Let a series go on by a plan from the first of the bookings that are meant; the series that they belong to.

    A date of the new rule keeps what there was of it, or gets what lay on another day of that week or month; what is
    left is called off, and what is missing is booked. Raises `Invalid` (the fields of the rule, `starts`).
    """
    op, row = mover.op, mover.row
    before = series_rows.rule_of(row)
    there, dropped = await _there(mover)
    rule = recurring.going_on(before, plan, mover.first, await _earliest(mover, dropped.values()))
    if problems := recurring.problems(rule):
        raise Invalid(problems)
    reach = await series_dates.reach(op.now, row["location"], rule, there)
    last = _whole(max(row["made_until"], reach), plan.unit)
    found = await series_dates.occurrences(row["location"], rule, last, kept=there)
    settled = there.keys() | await _left_out(mover)
    pairs = recurring.paired(settled, (one.on for one in found if one.held), plan.unit)
    series = await _goes_on(mover, rule, min(last, rule.until or last))
    await _leave(mover)
    gone = [one for one in mover.moving if one["series_on"] not in pairs]
    await call_off(op, row, [one["id"] for one in gone], mover.shift.cancelled)
    if series == row["id"]:
        await _let_go(mover, [dropped[one.on] for one in found if one.on in dropped])
    await _take_along(mover, series, there, pairs)
    same = await _put(mover, pairs, {one.on: one for one in found})
    fresh = [one for one in found if one.on not in pairs.values()]
    came = await series_making.write(op, series, mover.asked, mover.minute, fresh, mover.elsewhere)
    if not (same or mover.moved or mover.kept or came.made):
        raise Invalid({"starts": Problem("problem.series_nowhere")})
    await mover.tell()
    if came.made:
        new = await _of(series, came.made)
        op.effect("effect.series_added", count=len(new), dates=sorted([*one] for one in (await stands(new)).values()))
    if gone:
        op.effect("effect.series_called_off", count=len(gone), dates=[one["starts_at"] for one in gone])
    if came.clashing:
        op.effect("effect.series_clashes", count=len(came.clashing), dates=came.clashing)
    if came.skipped:
        op.effect("words.series_skipped", count=len(came.skipped), dates=came.skipped)
    if same:
        op.effect("effect.series_same", count=same)
    return series


WITH_THE_RULE = ("series.move", "series.cancel")
"""Kinds of operations that call off dates since the rule has others, or has ended."""

_THERE = """
    SELECT b.id, b.series_on, b.status = 'cancelled' AND (SELECT o.kind FROM status_change s
        JOIN change c ON c.entity = 'status_change' AND c.entity_id = s.id AND c.created
        JOIN operation o ON o.id = c.operation
        WHERE s.booking = b.id AND s.retired_at IS NULL ORDER BY s.id DESC LIMIT 1) = ANY($2::text[]) AS dropped
    FROM booking b WHERE b.series = $1 AND b.retired_at IS NULL
"""


async def _there(mover: Mover) -> tuple[dict[date, BookingId], dict[date, BookingId]]:
    """What there is from the first date on, whatever became of it, but for what was called off with the rule: all that.

    What was called off for its date alone is there.
    """
    rows = await db.fetch(_THERE, mover.row["id"], list(WITH_THE_RULE))
    dropped = {one["series_on"]: BookingId(one["id"]) for one in rows if one["dropped"]}
    there = {
        one["series_on"]: BookingId(one["id"]) for one in rows if not one["dropped"] and one["series_on"] >= mover.first
    }
    return there, dropped


async def _let_go(mover: Mover, dropped: Iterable[BookingId]) -> None:
    """What was called off with the rule gives its date to what is booked there anew."""
    for booking in dropped:
        await mover.op.update(Booking, booking, None, {"series": None, "series_on": None})


async def _earliest(mover: Mover, dropped: Iterable[BookingId]) -> date:
    """The first date that may be one of the new rule: no day that is over, and none that was one of the old one."""
    before = await db.fetchval(
        'SELECT max("on") FROM (SELECT series_on AS "on" FROM booking WHERE series = $1 AND retired_at IS NULL'
        " AND id <> ALL($3::bigint[])"
        ' UNION ALL SELECT "on" FROM series_clash WHERE series = $1'
        ' UNION ALL SELECT "on" FROM series_skip WHERE series = $1 AND retired_at IS NULL) x WHERE "on" < $2',
        mover.row["id"],
        mover.first,
        list(dropped),
    )
    tomorrow = clock.business_date(mover.op.now, mover.zone) + timedelta(days=1)
    return max(tomorrow, before + timedelta(days=1)) if before else tomorrow


def _whole(last: date, unit: Unit) -> date:
    """The end of the week or month that a date lies in: what goes to another day of it has its place there."""
    if unit is Unit.WEEK:
        return last + timedelta(days=6 - last.weekday())
    return (last.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


async def _left_out(mover: Mover) -> set[date]:
    """The dates on which nothing is to be, as somebody said where they clashed."""
    rows = await db.fetch(
        'SELECT DISTINCT k."on" FROM series_clash k WHERE k.series = $1 AND k."on" >= $2 AND k.retired_at IS NOT NULL'
        " AND 'series.leave_out' = (SELECT o.kind FROM change c JOIN operation o ON o.id = c.operation"
        "  WHERE c.entity = 'series_clash' AND c.entity_id = k.id AND 'retired_at' = ANY (c.fields)"
        "  ORDER BY c.id DESC LIMIT 1)",
        mover.row["id"],
        mover.first,
    )
    return {row["on"] for row in rows}


async def _goes_on(mover: Mover, rule: Recurrence, made_until: date) -> SeriesId:
    """The series that goes on: itself where nothing of it lies before, else another one after it has ended."""
    op, row = mover.op, mover.row
    values = {**series_rows.columns(mover.asked, mover.minute, rule), "made_until": made_until}
    if mover.first <= row["starts_on"]:
        await op.update(Series, row["id"], None, values)
        return SeriesId(row["id"])
    await op.update(Series, row["id"], None, {"until": mover.first - timedelta(days=1), "times": None})
    return SeriesId(await op.insert(Series, **values))


async def _leave(mover: Mover) -> None:
    """What clashed or was skipped under the old rule is looked at anew."""
    for table in (SeriesClash, SeriesSkip):
        sql = f'SELECT id FROM {table._meta.tablename} WHERE series = $1 AND "on" >= $2 AND retired_at IS NULL ORDER BY id'  # noqa: S608, E501
        for one in await db.fetch(sql, mover.row["id"], mover.first):
            await mover.op.update(table, one["id"], None, {"retired_at": mover.op.now})


async def _take_along(
    mover: Mover, series: SeriesId, there: Mapping[date, BookingId], pairs: Mapping[date, date]
) -> None:
    """What is settled of a date goes to the date of the new rule that it became, whatever came of it."""
    op = mover.op
    for on, booking in sorted(there.items()):
        if on in pairs:
            await op.update(Booking, booking, None, {"series": series, "series_on": pairs[on]})
    sql = 'SELECT id, "on" FROM series_clash WHERE series = $1 AND "on" = ANY($2::date[]) ORDER BY id'
    for one in await db.fetch(sql, mover.row["id"], list(pairs)):
        await op.update(SeriesClash, one["id"], None, {"series": series, "on": pairs[one["on"]]})


async def _put(mover: Mover, pairs: Mapping[date, date], found: Mapping[date, Occurrence]) -> int:
    """Put each booking on its date; how many are there already. What is in another's way goes first."""
    same = 0
    left = []
    for one in mover.moving:
        to = found[pairs[one["series_on"]]] if one["series_on"] in pairs else None
        if to is None or to.held is None:
            continue
        wall = mover.wall(one)
        chosen = one["series_on"] in mover.elsewhere
        if (wall.on, wall.minute) == (to.held, mover.minute) and not (mover.shift.services or chosen):
            same += 1
        else:
            left.append((one, to.held, mover.minute))
    waiting = [each for each in await mover.put_together(left) if not await mover.put(*each)]
    if waiting and mover.moved:
        mover.stays.clear()
        for each in waiting:
            await mover.put(*each)
    return same


async def _of(series: SeriesId, dates: Iterable[date]) -> list[BookingId]:
    sql = "SELECT id FROM booking WHERE series = $1 AND series_on = ANY($2::date[]) AND retired_at IS NULL"
    return [BookingId(row["id"]) for row in await db.fetch(sql, series, list(dates))]
