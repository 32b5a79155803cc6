"""Where a booking can be, by tables of examples and by a slow search that tries everything."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.booking.candidates import Candidate, Wanted
from console.domain.booking.places import APART, STEP, Place, Search, Start, grid, instant
from console.domain.ids import BookableId, ServiceId
from console.domain.roster.rules import BookableKind

DAY = date(2026, 5, 12)
PERSON, ROOM, VEHICLE = BookableKind.PERSON, BookableKind.ROOM, BookableKind.VEHICLE
NINE, SIX = 9 * 60, 18 * 60
NINA, OLGA, PAVEL = map(BookableId, (1, 2, 3))
VAN = BookableId(9)

Spans = tuple[tuple[int, int], ...]


def person(
    id_: BookableId, *taken: tuple[int, int], open_: Spans = ((NINE, SIX),), away: Spans = (), load: int = 0
) -> Candidate:
    return Candidate(id_, PERSON, id_, open_, taken, away, {DAY: load})


def van(*taken: tuple[int, int]) -> Candidate:
    return Candidate(VAN, VEHICLE, VAN, ((0, 24 * 60),), taken)


def wanted(minutes: int = 60, *, before: int = 0, after: int = 0, needs: dict[BookableKind, int] | None = None,
           able: dict[BookableId, int] | None = None, by: BookableId | None = None) -> Wanted:  # fmt: skip
    who = {NINA: minutes, OLGA: minutes, PAVEL: minutes} if able is None else able
    return Wanted(ServiceId(1), minutes, before, after, {PERSON: 1} if needs is None else needs, who, by=by)


def at(search: Search, minute: int) -> Place | None:
    return search.at(Start(DAY, minute))


def who(place: Place | None) -> list[tuple[int, ...]] | None:
    return None if place is None else [part.bookables for part in place.parts]


def test_whoever_has_the_least_to_do_that_day_gets_it() -> None:
    search = Search([wanted()], [person(NINA, load=120), person(OLGA, load=60), person(PAVEL, load=60)])
    assert who(at(search, 600)) == [(OLGA,)]


def test_whom_the_client_wants_does_it_or_nobody() -> None:
    search = Search([wanted(by=NINA)], [person(NINA, (600, 660)), person(OLGA)])
    assert who(at(search, 600)) is None
    assert who(at(search, 660)) == [(NINA,)]


@pytest.mark.parametrize(
    ("start", "fits"),
    [
        (NINE - 15, False),
        (NINE, True),
        (600 - 60, True),
        (600 - 59, False),
        (660, True),
        (659, False),
        (SIX - 60, True),
        (SIX - 59, False),
    ],
)
def test_a_place_lies_within_hours_and_between_what_is_taken(start: int, fits: bool) -> None:
    search = Search([wanted()], [person(NINA, (600, 660))])
    assert (at(search, start) is not None) is fits


@pytest.mark.parametrize(("start", "fits"), [(540, True), (530, False), (590, False), (695, False), (700, True)])
def test_buffers_may_lie_outside_hours_but_not_over_what_is_taken(start: int, fits: bool) -> None:
    search = Search([wanted(30, before=20, after=10)], [person(NINA, (600, 680), open_=((540, 730),))])
    assert (at(search, start) is not None) is fits


def test_hours_that_meet_at_midnight_are_one_night() -> None:
    search = Search([wanted(120)], [person(NINA, open_=((20 * 60, 26 * 60),))])
    assert who(at(search, 23 * 60)) == [(NINA,)]
    assert who(at(search, 25 * 60)) is None


def test_own_minutes_count_for_who_does_it() -> None:
    able = {NINA: 90, OLGA: 45}
    search = Search([wanted(60, able=able)], [person(NINA, load=1), person(OLGA)])
    place = at(search, 600)
    assert who(place) == [(OLGA,)]
    assert place is not None
    assert place.minutes == 45


def test_two_people_take_as_long_as_the_slower_one() -> None:
    search = Search(
        [wanted(60, needs={PERSON: 2}, able={NINA: 45, OLGA: 90})], [person(NINA), person(OLGA, (690, 700))]
    )
    assert at(search, 630) is None
    place = at(search, 600)
    assert place is not None
    assert (place.minutes, who(place)) == (90, [(NINA, OLGA)])


def test_things_are_needed_all_the_while() -> None:
    need = wanted(60, needs={PERSON: 1, VEHICLE: 1}, able={NINA: 60, VAN: 60})
    search = Search([need], [person(NINA), van((630, 640))])
    assert who(at(search, 600)) is None
    assert who(at(search, 640)) == [(NINA, VAN)]


def test_several_services_run_one_after_the_other_by_one_person_where_that_is_possible() -> None:
    search = Search([wanted(30), wanted(45)], [person(NINA, load=1), person(OLGA)])
    place = at(search, 600)
    assert who(place) == [(OLGA,), (OLGA,)]
    assert place is not None
    assert place.ends_at == instant(675)


def test_several_services_run_with_several_people_where_one_cannot() -> None:
    first, second = wanted(30, able={NINA: 30}), wanted(45, able={OLGA: 45})
    assert who(at(Search([first, second], [person(NINA), person(OLGA)]), 600)) == [(NINA,), (OLGA,)]


def test_who_comes_back_after_somebody_else_is_kept_meanwhile() -> None:
    first, second, third = (wanted(30, able={one: 30}) for one in (NINA, OLGA, NINA))
    free = Search([first, second, third], [person(NINA), person(OLGA)])
    kept = Search([first, second, third], [person(NINA, (630, 660)), person(OLGA)])
    assert who(at(free, 600)) == [(NINA,), (OLGA,), (NINA,)]
    assert who(at(kept, 600)) is None


@pytest.mark.parametrize(
    ("first", "second", "busy", "expected"),
    [
        (NINA, OLGA, {}, [(NINA,), (OLGA,)]),
        (OLGA, NINA, {}, [(OLGA,), (NINA,)]),
        (NINA, NINA, {}, [(NINA,), (NINA,)]),
        (NINA, None, {}, [(NINA,), (NINA,)]),
        (NINA, None, {NINA: (660, 700)}, [(NINA,), (OLGA,)]),
        (None, OLGA, {OLGA: (540, 660)}, [(NINA,), (OLGA,)]),
        (NINA, OLGA, {OLGA: (700, 710)}, None),
        (NINA, NINA, {NINA: (660, 700)}, None),
    ],
)
def test_each_service_is_done_by_whoever_is_wanted_for_it(
    first: BookableId | None,
    second: BookableId | None,
    busy: dict[BookableId, tuple[int, int]],
    expected: list[tuple[int, ...]] | None,
) -> None:
    people = [person(who, *([busy[who]] if who in busy else [])) for who in (NINA, OLGA)]
    assert who(at(Search([wanted(by=first), wanted(by=second)], people), 600)) == expected


def test_it_says_which_service_somebody_who_is_wanted_does_not_do() -> None:
    asked = [wanted(by=NINA), wanted(able={OLGA: 60}, by=NINA)]
    assert Search(asked, [person(NINA), person(OLGA)]).unable() == 1
    assert Search(asked[:1], [person(NINA)]).unable() is None


@pytest.mark.parametrize(
    ("candidates", "person_id", "minute", "key"),
    [
        ([person(NINA, (600, 660))], NINA, 600, "problem.place_taken"),
        ([person(NINA, (600, 660))], None, 600, "problem.nobody_free"),
        ([person(NINA)], NINA, 8 * 60, "problem.outside_hours"),
        ([person(NINA)], None, 8 * 60, "problem.nobody_there"),
        ([person(NINA, away=((600, 660),))], NINA, 600, "problem.is_away"),
        ([person(NINA)], BookableId(77), 600, "problem.cannot_do"),
        ([], None, 600, "problem.nobody_can"),
    ],
)
def test_it_says_what_is_in_the_way(
    candidates: list[Candidate], person_id: BookableId | None, minute: int, key: str
) -> None:
    problem = Search([wanted(by=person_id)], candidates).problem(Start(DAY, minute))
    assert problem is not None
    assert problem.key == key


def test_it_says_that_a_vehicle_is_missing() -> None:
    need = wanted(60, needs={PERSON: 1, VEHICLE: 1}, able={NINA: 60, VAN: 60})
    problem = Search([need], [person(NINA), van((0, 1440))]).problem(Start(DAY, 600))
    assert problem is not None
    assert problem.key == "problem.no_vehicle"


def starts(minutes: Iterable[int]) -> list[Start]:
    return [Start(DAY, minute) for minute in minutes]


def test_the_nearest_places_lie_apart_and_come_in_the_order_of_time() -> None:
    search = Search([wanted()], [person(NINA)])
    found = search.nearest(starts(range(0, 1440, STEP)), around=720, most=3)
    assert [place.start.at for place in found] == [690, 720, 750]
    first = search.nearest(starts(range(0, 1440, STEP)), most=4)
    assert [place.start.at for place in first] == [540, 570, 600, 630]
    assert all(b.start.at - a.start.at >= APART for a, b in itertools.pairwise(found))


@pytest.mark.parametrize(
    ("zone", "day", "count"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 92),
        ("Europe/Berlin", date(2026, 10, 25), 100),
        ("Europe/Moscow", date(2026, 3, 29), 96),
        ("Australia/Lord_Howe", date(2026, 10, 4), 94),
        ("Africa/Cairo", date(2026, 4, 24), 92),
    ],
)
def test_a_day_offers_the_times_that_its_wall_shows(zone: str, day: date, count: int) -> None:
    times = grid(day, ZoneInfo(zone))
    assert len(times) == count
    assert len({one.at for one in times}) == count


spans = st.tuples(st.integers(0, 40), st.integers(1, 12)).map(lambda pair: (pair[0] * 15, (pair[0] + pair[1]) * 15))
people = st.lists(st.tuples(st.lists(spans, max_size=3), st.lists(spans, min_size=1, max_size=2)), max_size=3)
services = st.lists(
    st.tuples(st.sampled_from([15, 30, 60]), st.sampled_from([0, 15]), st.sets(st.integers(0, 2))),
    min_size=1,
    max_size=3,
)


def joined(parts: Iterable[tuple[int, int]]) -> Spans:
    found: list[tuple[int, int]] = []
    for start, end in sorted(parts):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return tuple(found)


@given(people, services, st.integers(0, 40))
def test_a_place_is_found_just_where_trying_everybody_finds_one(
    people: list[tuple[list[tuple[int, int]], list[tuple[int, int]]]],
    services: list[tuple[int, int, set[int]]],
    quarter: int,
) -> None:
    candidates = [
        Candidate(BookableId(n), PERSON, n, joined(open_), tuple(taken)) for n, (taken, open_) in enumerate(people)
    ]
    asked = [
        Wanted(ServiceId(n), minutes, 0, after, {PERSON: 1}, {BookableId(one): minutes for one in able})
        for n, (minutes, after, able) in enumerate(services)
    ]
    start = quarter * 15
    place = at(Search(asked, candidates), start)
    possible = [
        team
        for team in itertools.product(*([c for c in candidates if c.id in one.able] for one in asked))
        if _possible(asked, team, start)
    ]
    assert (place is not None) is bool(possible)
    if place:
        assert tuple(part.bookables[0] for part in place.parts) in {tuple(one.id for one in team) for team in possible}


def _possible(asked: list[Wanted], team: tuple[Candidate, ...], start: int) -> bool:
    """By the plain words of the rule: within hours, and occupied from the first to the last part without a gap."""
    hulls: dict[BookableId, tuple[int, int]] = {}
    for one, who_ in zip(asked, team, strict=True):
        end = start + one.minutes
        if not any(begin <= start and end <= finish for begin, finish in who_.open):
            return False
        low, high = hulls.get(who_.id, (start, end + one.buffer_after))
        hulls[who_.id] = min(low, start), max(high, end + one.buffer_after)
        start = end
    return not any(
        low < taken_to and taken_from < high
        for who_ in team
        for low, high in [hulls[who_.id]]
        for taken_from, taken_to in who_.taken
    )


@pytest.mark.parametrize(
    ("loads", "busy", "expected"),
    [
        ({NINA: 480, OLGA: 0}, {}, [OLGA, NINA, OLGA, NINA]),
        ({NINA: 60, OLGA: 0, PAVEL: 30}, {}, [OLGA, PAVEL, NINA, OLGA]),
        ({NINA: 0, OLGA: 480}, {OLGA: (540, 630)}, [NINA, NINA, NINA, OLGA]),
        ({NINA: 480}, {}, [NINA, NINA, NINA, NINA]),
    ],
)
def test_places_that_are_offered_take_turns_over_people_the_least_loaded_first(
    loads: dict[BookableId, int], busy: dict[BookableId, tuple[int, int]], expected: list[BookableId]
) -> None:
    people = [person(one, *([busy[one]] if one in busy else []), load=load) for one, load in loads.items()]
    found = Search([wanted(30)], people).spread(starts(range(NINE, 660, 30)))
    assert [place.parts[0].bookables for place in found] == [(one,) for one in expected]


def test_whoever_was_offered_goes_before_whoever_has_less_to_do_where_they_still_can() -> None:
    asked = replace(wanted(), rather=frozenset({NINA}))
    search = Search([asked], [person(NINA, (660, 720), load=480), person(OLGA)])
    assert who(at(search, 600)) == [(NINA,)]
    assert who(at(search, 660)) == [(OLGA,)]


def test_whoever_a_form_holds_goes_before_others_but_not_in_what_is_offered_beside_it() -> None:
    held = replace(person(NINA, load=480), kept=frozenset({DAY}))
    search = Search([wanted()], [held, person(OLGA)])
    assert who(at(search, 600)) == [(NINA,)]
    [first] = search.spread(starts([600]))
    assert who(first) == [(OLGA,)]
