"""How fast those who may be a client already are found while somebody is taken in, and whether they are found."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from find import _typo

from _clients import SEED, Person, clients
from _harness import Figure, Times, database, pool, report, timed
from console.domain.clients.duplicates import duplicates
from console.domain.clients.rules import Email, Names, Phone

EACH = 300
"""Clients taken in of each sort."""


@dataclass(frozen=True)
class Taken:
    """What is typed of somebody who is there already; `sort` says what of it is the same."""

    sort: str
    names: Names
    phones: tuple[Phone, ...]
    emails: tuple[Email, ...]
    meant: Person


def taken() -> list[Taken]:
    """The same in every run."""
    luck = random.Random(SEED + 2)
    people = [one for one in clients() if one.names.given and one.names.family and one.phones and one.emails]
    return [one for _ in range(EACH) for one in _of(luck.choice(people), luck)]


def _of(one: Person, luck: random.Random) -> Iterator[Taken]:
    stranger = Names("Zebulon", None, "Quartermain")
    phones, emails = (Phone(one.phones[0]),), (Email(one.emails[0]),)
    yield Taken("phone", stranger, phones, (), one)
    yield Taken("email", stranger, (), emails, one)
    yield Taken("name", one.names, (), (), one)
    if len(one.names.family or "") > 4:
        yield Taken("name with a typo", replace(one.names, family=_typo(one.names.family or "", luck)), (), (), one)
    yield Taken("everything", one.names, phones, emails, one)


async def main() -> list[Figure]:
    asked = taken()
    for one in asked[:100]:
        await duplicates(one.names, one.phones, one.emails)
    times: dict[str, list[float]] = {}
    found: dict[str, list[bool]] = {}
    for one in asked:
        times.setdefault(one.sort, []).append(
            await timed(lambda one=one: duplicates(one.names, one.phones, one.emails))  # type: ignore[misc]
        )
        shown = await duplicates(one.names, one.phones, one.emails)
        alike = any(one.meant.names == of.client.names or of.phones or of.emails for of in shown)
        found.setdefault(one.sort, []).append(alike)
    every = Times([ms for of_sort in times.values() for ms in of_sort])
    return [
        Figure("possible duplicates p50", every.p50, "ms", target=5),
        Figure("possible duplicates p99", every.p99, "ms", target=20),
        *(Figure(f"possible duplicates p99, {sort}", Times(of_sort).p99, "ms") for sort, of_sort in times.items()),
        *(Figure(f"possible duplicates found, {sort}", 100 * sum(of) / len(of), "%") for sort, of in found.items()),
    ]


if __name__ == "__main__":
    with database() as settings:

        async def run() -> list[Figure]:
            async with pool(settings):
                return await main()

        report("Who may be one of 100 000 clients already", asyncio.run(run()))
