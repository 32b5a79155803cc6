"""How fast clients are found by what is typed at a desk, and whether it is the right ones."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from _clients import SEED, Person, clients
from _harness import Figure, Times, database, pool, report, timed
from console.domain.clients.finding import find
from console.domain.clients.queries import clients as seen
from console.domain.clients.rules import Names
from console.domain.clients.typed import _TO_LATIN
from console.domain.text import fold

EACH = 300
"""Queries of each sort."""
SHOWN = 10


@dataclass(frozen=True)
class Sort:
    """A way to look for somebody: what is typed, None where it does not fit them."""

    name: str
    typed: Callable[[Person, random.Random], str | None]


def _typo(word: str, luck: random.Random) -> str:
    at = luck.randrange(1, len(word) - 1)
    return luck.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + luck.choice("аеионт") + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )


def _family(one: Person) -> str | None:
    family = one.names.family
    return family if family and len(family) >= 5 else None


SORTS = (
    Sort("4 digits", lambda one, luck: one.phones[0][-4:]),
    Sort("7 digits", lambda one, luck: f"{one.phones[0][-7:-4]} {one.phones[0][-4:-2]}-{one.phones[0][-2:]}"),
    Sort("part of a name", lambda one, luck: (family := _family(one)) and family[: luck.randrange(3, 6)]),
    Sort("full name", lambda one, luck: one.names.person or None),
    Sort("typo", lambda one, luck: (family := _family(one)) and _typo(family.lower(), luck)),
    Sort("name with typo", lambda one, luck: (family := _family(one)) and f"{_typo(family, luck)} {one.names.given}"),
    Sort("email", lambda one, luck: one.emails[0] if one.emails else None),
    Sort("part of an email", lambda one, luck: one.emails[0].split("@")[0] if one.emails else None),
    Sort("card", lambda one, luck: f"{one.card[:4]}-{one.card[4:]}" if one.card else None),
    Sort("company", lambda one, luck: " ".join(fold(one.names.company).split()[:3]) if one.names.company else None),
    Sort("tax number", lambda one, luck: one.tax),
    Sort("end of a tax number", lambda one, luck: one.tax and one.tax[-7:]),
    Sort("wrong layout", lambda one, luck: (family := _family(one)) and fold(family).translate(_TO_LATIN)),
)
MISSPELT = {"typo", "name with typo"}
MANY_FIT = {"4 digits", "part of a name"}
"""Sorts that fit more clients than are shown: they have no right answer."""


@dataclass(frozen=True)
class Query:
    sort: str
    text: str
    meant: Person


def queries() -> list[Query]:
    """The same mix in every run, shuffled."""
    luck = random.Random(SEED + 1)
    made = [query for sort in SORTS for query in _of(sort, luck)]
    luck.shuffle(made)
    return made


def _of(sort: Sort, luck: random.Random) -> Iterator[Query]:
    left = EACH
    while left:
        one = luck.choice(clients())
        text = sort.typed(one, luck)
        if text and not one.retired:
            left -= 1
            yield Query(sort.name, text, one)


async def measure(asked: Sequence[Query]) -> list[Figure]:
    for query in asked[:200]:
        await find(query.text)
    times: dict[str, list[float]] = {sort.name: [] for sort in SORTS}
    for query in asked:
        times[query.sort].append(await timed(lambda query=query: find(query.text)))  # type: ignore[misc]
    every = Times([ms for of_sort in times.values() for ms in of_sort])
    figures = [
        Figure("find p50", every.p50, "ms", target=3),
        Figure("find p99", every.p99, "ms", target=20),
    ]
    for sort, of_sort in times.items():
        figures.append(Figure(f"find p50, {sort}", Times(of_sort).p50, "ms"))
        figures.append(Figure(f"find p99, {sort}", Times(of_sort).p99, "ms"))
    return figures


async def recall(asked: Sequence[Query]) -> list[Figure]:
    """The share of queries with somebody called as is meant among the first ones: what was typed tells no more."""
    good: dict[bool, list[bool]] = {True: [], False: []}
    for query in asked:
        if query.sort not in MANY_FIT:
            hits = await find(query.text, limit=SHOWN)
            names = [one.names for one in await seen([hit.client for hit in hits])]
            good[query.sort in MISSPELT].append(any(_fits(query, one) for one in names))
    return [
        Figure(f"found among the first {SHOWN}, {words}", 100 * sum(found) / len(found), "%", target, at_least=True)
        for words, found, target in (("with a typo", good[True], 90), ("spelt right", good[False], None))
    ]


def _fits(query: Query, names: Names) -> bool:
    by_family = query.sort in {"typo", "wrong layout"}
    return names.family == query.meant.names.family if by_family else names == query.meant.names


async def main() -> list[Figure]:
    asked = queries()
    return [*await measure(asked), *await recall(asked)]


if __name__ == "__main__":
    with database() as settings:

        async def run() -> list[Figure]:
            async with pool(settings):
                return await main()

        report("Finding one of 100 000 clients", asyncio.run(run()))
