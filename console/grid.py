"""The classes by which things lie on an agenda's board: `python -m console.grid > static/agenda-grid.css`.

The policy of our pages forbids `style=`, so where a booking lies is said by classes: `t12 h24` begins at the 12th
5-minute unit from the top and is 24 of them high; `n2 l1` is the second (they count from 0) of two lanes side by side;
`c6` has six columns; `f7` is seven tenths full. Each only sets a number that static/agenda.css reckons with.
"""

from __future__ import annotations

from console.domain.booking.sheet import MOST_UNITS, TENTHS
from console.routes._agenda_blocks import MOST_LANES
from console.routes._board import MOST_COLUMNS

NUMBERS = (
    ("t", "--t", range(MOST_UNITS + 1)),
    ("h", "--h", range(1, MOST_UNITS + 1)),
    ("n", "--n", range(2, MOST_LANES + 1)),
    ("l", "--l", range(1, MOST_LANES)),
    ("c", "--c", range(1, MOST_COLUMNS + 1)),
    ("f", "--f", range(TENTHS + 2)),
)
"""Prefix of a class, the property that it sets, and the numbers that there are."""


def sheet() -> str:
    """The style sheet."""
    head = "/* Made by `python -m console.grid`: the numbers of an agenda's board as classes. */\n@layer parts {\n"
    rules = (
        " ".join(f".{prefix}{number}{{{name}:{number}}}" for number in numbers) for prefix, name, numbers in NUMBERS
    )
    return head + "\n".join(rules) + "\n}\n"


if __name__ == "__main__":
    print(sheet(), end="")  # noqa: T201
