"""How so many stamps stand in so much room."""

from __future__ import annotations

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

    @staticmethod
    def mm(tenths: int, scale: float = 1) -> str:
        """A length for a style sheet."""
        return f"{tenths * scale / 10:.2f}mm"


def grid(count: int, *, width: int, height: int, most: int, gap: int) -> Grid:
    """As large as they fit, at most `most`; everything in millimetres."""
    for size in range(most * 10, 10, -5):
        space = min(gap * 10, size // 5)
        columns = min(count, (width * 10 + space) // (size + space))
        rows = -(-count // columns)
        if rows * (size + space) - space <= height * 10:
            break
    even = -(-count // rows)
    numbers = range(1, count + 1)
    return Grid(tuple(tuple(numbers[at : at + even]) for at in range(0, count, even)), size, space, count)
