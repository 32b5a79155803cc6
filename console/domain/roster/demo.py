"""Who and what the demo's cleaning company plans with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from console.domain.business.rules import Week
from console.domain.roster.rules import BookableKind

PEOPLE = {
    "en": ("Alice Brown", "Ben Carter", "Clara Evans", "David Hill", "Emma Jones"),
    "ru": ("Алла Белова", "Борис Волков", "Вера Гусева", "Денис Егоров", "Елена Жукова"),
}
THINGS = {
    "en": ((BookableKind.VEHICLE, "White van"), (BookableKind.VEHICLE, "Blue van"),
           (BookableKind.EQUIPMENT, "Carpet washer")),
    "ru": ((BookableKind.VEHICLE, "Белый фургон"), (BookableKind.VEHICLE, "Синий фургон"),
           (BookableKind.EQUIPMENT, "Моющий пылесос")),
}  # fmt: skip

SPLIT = ((540, 780), (840, 1080))
LATE = ((720, 1200),)
OWN_WEEKS = {1: ((SPLIT,) * 5 + ((),) * 2), 3: (((),) * 2 + (LATE,) * 4 + ((),))}
"""Weekly hours of those who do not simply work while the location is open, by their place in the list."""

AWAY = 2
"""The place in the list of whoever is on vacation next week."""
SKILLED = {"DEEP": (0, 1, 2), "MOVE": (0, 1), "RENO": (0, 1, 3), "OFF": (3, 4), "SOFA": (2, 4), "RUG": (2, 4)}
"""Who can do the services that not everybody can."""
CREWS = {"en": ("Crew North", "Crew South"), "ru": ("Бригада «Север»", "Бригада «Юг»")}


@dataclass(frozen=True)
class Team:
    """People by their names in each language, and what else is said of them by their places in that list.

    `away`: who is on vacation next week; `crews`: who is in each, and what they do.
    """

    people: Mapping[str, Sequence[str]]
    weeks: Mapping[int, Week]
    skilled: Mapping[str, Sequence[int]]
    away: int | None
    crews: Sequence[Sequence[int]]
    crews_do: Sequence[str]


FIVE = Team(PEOPLE, OWN_WEEKS, SKILLED, AWAY, ((0, 1), (3, 4)), ("DEEP", "OFF"))
