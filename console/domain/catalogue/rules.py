"""What services and products must be: their codes, times, needs and prices."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from console.domain.errors import Problem
from console.domain.ids import ServiceId

Names = Mapping[str, str]
"""A text in each language that has it."""

LONGEST_CODE = 20
CODE = re.compile(rf"[0-9A-ZА-ЯЁ][0-9A-ZА-ЯЁ._/-]{{0,{LONGEST_CODE - 1}}}")
LONGEST = 12 * 60
"""Minutes of the longest service."""
LONGEST_BUFFER = 4 * 60
MOST_NEEDED = 9
DEAREST = 10**12
"""Minor units of the highest price."""


@dataclass(frozen=True)
class Needs:
    """How many bookables of each kind one booking of a service occupies."""

    people: int = 1
    rooms: int = 0
    vehicles: int = 0
    equipment: int = 0


@dataclass(frozen=True)
class Able:
    """A service that a bookable can do or suits; own `minutes` and price (minor units) where they differ."""

    service: ServiceId
    minutes: int | None = None
    minor: int | None = None


def plain_code(typed: str) -> str:
    """A code in its one spelling: upper case, no spaces."""
    return "".join(typed.split()).upper()


def code_problem(code: str) -> Problem | None:
    """Why a code is refused: letters, digits and `. _ / -`, few, a letter or digit first."""
    return None if CODE.fullmatch(code) else Problem("problem.code_form", {"most": LONGEST_CODE})


def needs_problem(needs: Needs) -> Problem | None:
    """A service occupies somebody or something."""
    counts = (needs.people, needs.rooms, needs.vehicles, needs.equipment)
    return None if any(counts) else Problem("problem.needs_nothing")


@dataclass(frozen=True)
class PriceFrom:
    """A price since a business date, in minor units."""

    valid_from: date
    minor: int
    currency: str


def price_on(prices: Sequence[PriceFrom], day: date) -> PriceFrom | None:
    """The price of a day: the latest that has begun; None before the first."""
    begun = [one for one in prices if one.valid_from <= day]
    return max(begun, key=lambda one: one.valid_from, default=None)
