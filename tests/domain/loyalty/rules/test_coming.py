"""Which visits to come are free: the first ones that lie within, as many as there are free visits."""

from __future__ import annotations

from datetime import date

import pytest

from console.domain.loyalty.rules.coming import are_free


def day(number: int) -> date:
    return date(2026, 5, number)


EXAMPLES: dict[str, tuple[list[int], list[int | None], list[bool]]] = {
    "none is there": ([12], [], [False]),
    "one is for the first": ([12, 14], [20], [True, False]),
    "two are for the first two": ([12, 14, 16], [20, 20], [True, True, False]),
    "good on its last day": ([20], [20], [True]),
    "over on the day after": ([21], [20], [False]),
    "the one that ends first is used first": ([12, 25], [30, 15], [True, True]),
    "what has ended by then leaves the other": ([25, 26], [30, 15], [True, False]),
    "what never ends waits for what does": ([12, 25], [None, 15], [True, True]),
    "two on one day": ([12, 12], [20], [True, False]),
}


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_first_visits_that_lie_within_are_free(example: str) -> None:
    dates, throughs, free = EXAMPLES[example]
    assert are_free(map(day, dates), [None if one is None else day(one) for one in throughs]) == free
