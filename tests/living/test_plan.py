"""The plan of the demo's business: nobody in two places, within hours, and the same whenever it is made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from console.living.rules import beside
from console.living.rules.events import Event, What, by_day
from console.living.rules.fates import Fate, Moment
from console.living.rules.free import WORK
from console.living.rules.habits import Habit
from console.living.rules.plan import Plan, Planned, plan
from console.living.rules.team import hours

MADE = date(2026, 11, 27)
MANY = 60
DATES = st.dates(date(2026, 1, 1), date(2028, 12, 31))


def closed_on_sundays(day: date) -> bool:
    return day.weekday() == 6


def planned(made: date, ahead: int = 21) -> Plan:
    until = made + timedelta(days=ahead)
    return plan(made, until, MANY, closed_on_sundays, list(beside.series(made, until)))


@pytest.fixture(scope="module")
def usual() -> Plan:
    return planned(MADE)


def taken(one: Planned) -> Iterator[tuple[object, int, int]]:
    """Who and what is busy with a visit, from which minute to which."""
    work = [WORK[code] for code in one.codes]
    until = one.spot.minute + sum(each.minutes for each in work) + work[-1].after
    for who in (*one.spot.people, *((one.spot.thing,) if one.spot.thing else ())):
        yield who, one.spot.minute, until


@given(DATES)
@settings(max_examples=8, deadline=None, phases=[Phase.generate])
def test_nobody_is_in_two_places_and_everybody_works_in_their_hours(made: date) -> None:
    there = planned(made)
    busy: dict[tuple[date, object], list[tuple[int, int]]] = defaultdict(list)
    for one in there.planned:
        assert not closed_on_sundays(one.day)
        for who, begin, end in taken(one):
            busy[one.day, who].append((begin, end))
        length = sum(WORK[code].minutes for code in one.codes)
        for person in one.spot.people:
            assert any(a <= one.spot.minute and one.spot.minute + length <= b for a, b in hours(person, one.day))
            assert not any(away.person == person and away.covers(one.day) for away in there.absences)
    for day, who, begin, end in beside.series(made, made + timedelta(days=21)):
        busy[day, who].append((begin, end))
    for spans in busy.values():
        for (_, before), (after, _) in zip(sorted(spans), sorted(spans)[1:], strict=False):
            assert before <= after


def test_a_plan_that_goes_further_begins_like_a_shorter_one(usual: Plan) -> None:
    further = planned(MADE, 40)
    assert list(further.planned[: len(usual.planned)]) == list(usual.planned)
    assert further.joining[: len(usual.joining)] == usual.joining


def test_every_habit_is_there_and_so_is_everything_that_can_become_of_a_booking() -> None:
    whole = plan(MADE, MADE, 360, closed_on_sundays)
    assert {one.member.habit for one in whole.planned} == set(Habit)
    assert {one.fated.fate for one in whole.planned} == set(Fate)
    assert any(one.spot.crew is not None and one.spot.thing for one in whole.planned), "a crew and the van"


def test_of_a_date_a_fifth_at_most_is_for_nothing_though_clients_who_began_together_earn_it_together() -> None:
    whole = plan(MADE, MADE, 360, closed_on_sundays)
    days: dict[date, list[bool]] = defaultdict(list)
    for one in whole.planned:
        if one.fated.fate is Fate.COMES:
            days[one.day].append(one.plays)
    assert all(sum(of_day) <= (len(of_day) + 1) // 5 for of_day in days.values())
    late = [plays for day, of_day in days.items() if (MADE - day).days < 60 for plays in of_day]
    assert 0.1 < sum(late) / len(late) < 0.2


def test_at_any_hour_of_a_day_something_of_it_or_of_the_day_before_is_to_be_finished(usual: Plan) -> None:
    days = by_day(usual, MADE)
    came = {one.key: (at, one) for at, one in _finished(days)}
    late = [one for at, one in came.values() if at.day > one.day]
    since = MADE - timedelta(days=7)
    open_days = sorted({one.day for _, one in came.values() if since <= one.day})
    assert [one.day for one in sorted(late, key=lambda one: one.day)] == open_days[:-1]


def _finished(days: Mapping[date, Sequence[Event]]) -> Iterator[tuple[Moment, Planned]]:
    for events in days.values():
        yield from ((one.at, one.planned) for one in events if one.what is What.COMES and one.planned)


def test_what_happens_to_somebody_happens_in_order(usual: Plan) -> None:
    days = by_day(usual, MADE)
    joined = {member.number: at for at, member in usual.joining}
    booked = {}
    for day in sorted(days):
        for event in days[day]:
            assert event.at.day == day
            assert event.at >= joined[event.member.number]
            if event.what is What.BOOKS and event.planned:
                booked[event.planned.key] = event.at
            elif event.planned:
                assert booked[event.planned.key] <= event.at
