"""Who does the work: eight cleaners in two crews, their hours, and when each of them is away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from console.domain.business.demo import CENTRE_HOURS
from console.domain.business.rules import Interval
from console.domain.roster.demo import PEOPLE, Team

SEED = "Clean Home"

EARLY, LATE, LONG, SATURDAY = ((540, 1110),), ((690, 1200),), ((600, 1170),), ((600, 1080),)
EVENINGS = ((540, 780), (900, 1200))
OFF: tuple[Interval, ...] = ()
WEEKS: Mapping[int, tuple[tuple[Interval, ...], ...]] = {
    0: (*((EARLY,) * 5), OFF, OFF),
    1: (*((EARLY,) * 5), OFF, OFF),
    2: (OFF, *((LONG,) * 4), SATURDAY, OFF),
    3: (OFF, *((LATE,) * 4), SATURDAY, OFF),
    4: (*((EVENINGS,) * 5), OFF, OFF),
    5: (*((EARLY,) * 5), OFF, OFF),
    6: (*((LONG,) * 4), OFF, SATURDAY, OFF),
    7: (*((((660, 1200),),) * 5), OFF, OFF),
}
"""Weekly hours by the place in the list of people, from Monday on, in minutes of the day."""

CREWS = ((0, 1, 2, 5), (3, 4, 6, 7))
CREWS_DO = ("DEEP", "MOVE", "RENO", "OFF")
SKILLED = {
    "MOVE": (0, 1, 2, 5),
    "RENO": (0, 1, 2, 5),
    "OFF": (3, 4, 6, 7),
    "SOFA": (2, 4, 6),
    "RUG": (2, 4, 6),
}
"""Who can do the services that not everybody can."""

MORE = {"en": ("Frank Mills", "Gina Ford", "Harry Nolan"), "ru": ("Фаина Зуева", "Глеб Исаев", "Инна Котова")}
EIGHT = Team(
    {language: (*five, *MORE[language]) for language, five in PEOPLE.items()}, WEEKS, SKILLED, None, CREWS, CREWS_DO
)

VACATIONS = {0: (10, 40), 1: (14, 45), 2: (24, 62), 3: (18, 49), 4: (6, 36), 5: (30, 57), 6: (27, 53), 7: (21, 42)}
"""In which weeks each has vacation, counted from the first one; every year anew."""
YEAR = 52
SICK = 0.018
"""How likely somebody falls ill in a week."""


@dataclass(frozen=True)
class Absence:
    """Somebody who is away, whole days from the first to the last one."""

    person: int
    first: date
    last: date
    sick: bool

    def covers(self, day: date) -> bool:
        return self.first <= day <= self.last


def absences(week: int, monday: date) -> Iterator[Absence]:
    """Who is away in a week, by its number from the first one and its Monday."""
    for person, weeks in VACATIONS.items():
        if any(week == first or (week > first and (week - first) % YEAR == 0) for first in weeks):
            yield Absence(person, monday, monday + timedelta(days=6), sick=False)
        else:
            rng = Random(f"{SEED} sick {person} {week}")  # noqa: S311
            if rng.random() < SICK:
                first = monday + timedelta(days=rng.randrange(4))
                yield Absence(person, first, first + timedelta(days=rng.randrange(3)), sick=True)


def hours(person: int, day: date) -> list[Interval]:
    """When somebody works on a date, within the hours of the place."""
    return [
        (max(begin, opens), min(end, closes))
        for begin, end in WEEKS[person][day.weekday()]
        for opens, closes in CENTRE_HOURS[day.weekday()]
        if max(begin, opens) < min(end, closes)
    ]
