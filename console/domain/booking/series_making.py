"""Making the bookings of the dates of series: each is booked, clashes or is skipped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from console.domain.booking import arranging, occupancy, planning, steps
from console.domain.booking.arranging import Asked
from console.domain.booking.occupancy import TAKEN, PlaceTaken
from console.domain.booking.places import Place
from console.domain.booking.planning import Plan
from console.domain.booking.question import Question, ServiceOff
from console.domain.booking.recurring import Made, Occurrence, Recurrence
from console.domain.booking.series_dates import occurrences, reach
from console.domain.booking.tables import Series, SeriesClash, SeriesSkip
from console.domain.business.queries import location
from console.domain.clock import NoSuchTime, WallTime
from console.domain.errors import Invalid, Problem, constraint
from console.domain.ids import BookableId, SeriesId
from console.domain.running import Operation

constraint("booking_series_key", PlaceTaken)
constraint("series_clash_key", PlaceTaken)
constraint("series_skip_key", PlaceTaken)


async def make(
    op: Operation,
    series: SeriesId,
    asked: Asked,
    minute: int,
    rule: Recurrence,
    last: date,
    before: Made | None = None,
) -> tuple[int, list[date]]:
    """Make the bookings through a date, each of which is booked, clashes or is skipped; how many are, and which do.

    `before`: what was made of it before.
    """
    found = await occurrences(asked.location, rule, last, before)
    came = await write(op, series, asked, minute, [one for one in found if not before or one.on > before.until])
    await op.update(Series, series, None, {"made_until": min(last, rule.until or last)})
    op.effect("effect.series_made", count=len(came.made))
    if came.clashing:
        op.effect("effect.series_clashes", count=len(came.clashing))
    if came.skipped:
        op.effect("words.series_skipped", count=len(came.skipped))
    return len(came.made), [on for on, _, _ in came.clashing]


@dataclass(frozen=True)
class Elsewhere:
    """The place that was chosen for a date by the rule; `rather`: who and what was offered for each service."""

    on: date
    starts_at: datetime
    rather: tuple[frozenset[BookableId], ...] = ()

    def of(self, asked: Asked) -> Asked:
        """What is booked there: the same, by those who were offered, or where nobody was by anyone who can."""
        return replace(asked, person=None, by=(), rather=self.rather, only=bool(self.rather))


@dataclass(frozen=True)
class Came:
    """What came of dates: booked, without a place (each with the key of why and the date meant), or skipped."""

    made: list[date]
    clashing: list[tuple[date, str, date]]
    skipped: list[date]


async def write(
    op: Operation,
    series: SeriesId,
    asked: Asked,
    minute: int,
    dates: Iterable[Occurrence],
    elsewhere: Mapping[date, Elsewhere] | None = None,
) -> Came:
    """Book dates of a series, each of which is booked, clashes or is skipped.

    They are planned before anybody is locked; where others are faster again and again, it is done date by date.
    """
    known = list(dates)
    for _ in range(planning.ROUNDS):
        with suppress(PlaceTaken):
            async with op.attempt():
                return await _write(op, series, asked, minute, known, elsewhere or {}, together=True)
    return await _write(op, series, asked, minute, known, elsewhere or {}, together=False)


async def _write(
    op: Operation,
    series: SeriesId,
    asked: Asked,
    minute: int,
    dates: Sequence[Occurrence],
    elsewhere: Mapping[date, Elsewhere],
    *,
    together: bool,
) -> Came:
    """Raises `PlaceTaken` where somebody was faster."""
    zone = ZoneInfo((await location(asked.location)).zone)
    made: list[date] = []
    for one in dates:
        if one.held is None:
            await op.insert(SeriesSkip, series=series, on=one.on)
    starts, clashing = _starts([one for one in dates if one.on not in elsewhere], minute, zone)
    plan = await _planned(asked, list(starts.values())) if together else Plan()
    if not together:
        await planning.lock_everybody(Question(asked.location, asked.doing), list(starts.values()))
    planned = dict(zip(starts, plan.places, strict=together))
    bookings = [
        await arranging.write(op, asked, place, series=(series, on))
        for on, place in planned.items()
        if isinstance(place, Place)
    ]
    await plan.lock(bookings)
    await occupancy.occupy(bookings)
    for one in dates:
        place = planned.get(one.on)
        if isinstance(place, Place):
            made.append(one.on)
        elif isinstance(place, Problem):
            clashing.append((one.on, place.key, one.held or one.on))
        elif one.held and (one.on in starts or one.on in elsewhere):
            chosen = elsewhere.get(one.on)
            try:
                async with op.attempt():
                    starts_at = chosen.starts_at if chosen else starts[one.on]
                    of = chosen.of(asked) if chosen else asked
                    await arranging.book(op, of, starts_at, series=(series, one.on))
                made.append(one.on)
            except (Invalid, ServiceOff) as none:
                clashing.append((one.on, why_not(none), one.held))
    for on, why, _ in sorted(clashing):
        await op.insert(SeriesClash, series=series, on=on, problem=why)
    return Came(made, sorted(clashing), [one.on for one in dates if one.held is None])


async def is_nowhere(asked: Asked, minute: int, rule: Recurrence, now: datetime) -> bool:
    """Whether none of the dates that would be made of a series finds a place as it looks now. Raises as `reach`."""
    last = await reach(now, asked.location, rule)
    zone = ZoneInfo((await location(asked.location)).zone)
    starts, _ = _starts(await occurrences(asked.location, rule, last), minute, zone)
    plan = await _planned(asked, list(starts.values()))
    return all(isinstance(one, Problem) for one in plan.places)


def _starts(
    dates: Iterable[Occurrence], minute: int, zone: ZoneInfo
) -> tuple[dict[date, datetime], list[tuple[date, str, date]]]:
    """When those begin that take place, and those whose wall does not show that time: why, and the date meant."""
    starts: dict[date, datetime] = {}
    never: list[tuple[date, str, date]] = []
    for one in dates:
        if one.held is None:
            continue
        try:
            starts[one.on] = WallTime(one.held, minute).at(zone, fold=0)
        except NoSuchTime as none:
            never.append((one.on, why_not(none), one.held))
    return starts, never


async def _planned(asked: Asked, starts: Sequence[datetime]) -> Plan:
    try:
        await steps.share_open_location(asked.location)
    except Invalid as closed:
        return Plan([closed.problems["starts"]] * len(starts))
    return await planning.each(Question(asked.location, asked.doing), starts)


def why_not(none: Invalid | NoSuchTime | ServiceOff) -> str:
    """The key of why a booking cannot be somewhere. Raises what says nothing of its place."""
    if isinstance(none, PlaceTaken):
        return TAKEN.key
    if isinstance(none, ServiceOff):
        return "problem.service_off"
    if isinstance(none, NoSuchTime):
        return none.problem.key
    if "starts" not in none.problems:
        raise none
    return none.problems["starts"].key
