"""How so many stamps stand in so much room."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

WORDED = 110
"""Tenths of a millimetre that words need."""


@dataclass(frozen=True)
class Grid:
    """Rows of the numbers of stamps; the last one of all is the free visit. `size` and `gap` in tenths of a mm."""

    rows: tuple[tuple[int, ...], ...]
    size: int
    gap: int
    last: int

    @property
    def worded(self) -> bool:
        """Whether a word has room in one."""
        return self.size >= WORDED

    @property
    def height(self) -> int:
        return len(self.rows) * (self.size + self.gap) - self.gap

    @staticmethod
    def mm(tenths: int, scale: float = 1) -> str:
        """A length for a style sheet."""
        return f"{tenths * scale / 10:.2f}mm"


def grid(count: int, *, width: int, height: int, most: int, gap: int, enough: int = 0) -> Grid:
    """As large as they fit, at most `most`, and in one row where they are at least `enough` in it; in millimetres."""
    for size in _sizes(count, width, most, gap, enough):
        space = min(gap * 10, size // 5)
        columns = min(count, (width * 10 + space) // (size + space))
        rows = -(-count // columns)
        if rows * (size + space) - space <= height * 10:
            break
    even = -(-count // rows)
    numbers = range(1, count + 1)
    return Grid(tuple(tuple(numbers[at : at + even]) for at in range(0, count, even)), size, space, count)


def _sizes(count: int, width: int, most: int, gap: int, enough: int) -> Iterator[int]:
    """Those to try, the first that fits being taken; in tenths of a millimetre."""
    sizes = range(most * 10, 10, -5)
    if enough:
        yield from (size for size in sizes if size >= enough * 10 and _in_a_row(count, width, size, gap))
    yield from sizes


def _in_a_row(count: int, width: int, size: int, gap: int) -> bool:
    return count * size + (count - 1) * min(gap * 10, size // 5) <= width * 10
