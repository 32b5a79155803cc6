"""Who holds which tier over time, as columns that are laid out here: the page only draws them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

WIDTH, HEIGHT = 380, 176
LEFT, RIGHT, TOP, BOTTOM = 34, 250, 10, 150
"""The edges of the columns; names stand at their right."""
GAP = 3
LINE = 14
"""So far apart labels stand at least."""


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a column; `level`: which tier above the first one it is, from 1."""

    level: int
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a text stands by its base line; `level` of the tier that it names, 0: none."""

    x: int
    y: int
    text: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class Chart:
    """`most`: how many the line at the `top` stands for."""

    blocks: Sequence[Block]
    months: Sequence[Mark]
    names: Sequence[Mark]
    most: int
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    top: int = TOP
    bottom: int = BOTTOM


def top(populations: Sequence[Sequence[Sequence[int]]]) -> int:
    """The round number that the highest column of several charts stays under; 0: all are empty."""
    most = max((sum(counted[1:]) for one in populations for counted in one), default=0)
    step = max(1, int(10 ** (len(str(most)) - 1)) // 2)
    return -(-most // step) * step


def chart(population: Sequence[Sequence[int]], names: Sequence[str], months: Sequence[str], most: int) -> Chart:
    """The clients above the first tier on each day looked at, the highest tier on top; `names` of all tiers."""
    step = (RIGHT - LEFT) // len(population)
    columns = [list(_column(counted, LEFT + at * step, step - GAP, most)) for at, counted in enumerate(population)]
    marks = [
        Mark(LEFT + at * step + (step - GAP) // 2, BOTTOM + 16, month)
        for at, month in enumerate(months)
        if (len(months) - 1 - at) % 3 == 0
    ]
    last = [Mark(RIGHT + 6, one.y + one.height // 2 + 4, names[one.level], one.level) for one in columns[-1]]
    return Chart([block for column in columns for block in column], marks, _apart(last), most)


def _column(counted: Sequence[int], x: int, width: int, most: int) -> Iterator[Block]:
    below = 0
    for level, many in enumerate(counted[1:], 1):
        low, high = (BOTTOM - round((BOTTOM - TOP) * sum_ / most) for sum_ in (below, below + many))
        below += many
        yield Block(level, x, high, width, low - high)


def _apart(marks: Sequence[Mark]) -> Sequence[Mark]:
    """Marks from the lowest up, none over another."""
    found: list[Mark] = []
    for mark in marks:
        found.append(replace(mark, y=min(mark.y, found[-1].y - LINE)) if found else mark)
    return found
