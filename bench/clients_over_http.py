"""How long the console answers over HTTP with 100 000 clients: the search field, the card, the list; one at a time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from urllib.parse import urlencode

from find import queries

from _clients import MANY, SEED, clients
from _harness import Figure, Times, database, report, signed_in, times_of, web

ASKED = 300
EMPTY = "/search"
"""A page with nothing on it, behind the same session, business and frame: what every page costs."""


def _fields() -> list[str]:
    """What the field asks while people type: the mix of `find.py`."""
    return [f"/search?{urlencode({'q': query.text})}" for query in queries()[:ASKED]]


def _cards(luck: random.Random) -> list[str]:
    return [f"/clients/{luck.randrange(1, MANY)}" for _ in range(ASKED)]


def _lists(luck: random.Random) -> list[str]:
    """Pages from anywhere in the list, in either order."""
    sorts = ("", "-name", "joined", "-joined")
    asked = ({"sort": luck.choice(sorts), "after": luck.randrange(MANY)} for _ in range(ASKED))
    return [f"/clients?{urlencode(one)}" for one in asked]


def _narrowed(luck: random.Random) -> list[str]:
    """First pages of filters, one at a time and two."""
    tags = sorted({tag for one in clients()[:1000] for tag in one.tags})
    choices = (
        lambda: {"tag": luck.choice(tags)},
        lambda: {"birthday": luck.randrange(1, 13)},
        lambda: {"kind": "business"},
        lambda: {"state": "off"},
        lambda: {"tag": luck.choice(tags), "birthday": luck.randrange(1, 13)},
    )
    return [f"/clients?{urlencode(luck.choice(choices)())}" for _ in range(ASKED)]


def _figures(name: str, times: Times, bound: float, target: float | None) -> Iterable[Figure]:
    yield Figure(f"{name} p50", times.p50, "ms", target, bound)
    yield Figure(f"{name} p99", times.p99, "ms")


async def main(address: str) -> list[Figure]:
    luck = random.Random(SEED + 2)
    async with signed_in(address, "manager") as http:
        empty = await times_of(http, [EMPTY] * ASKED)
        figures = [Figure("empty page p50", empty.p50, "ms"), Figure("empty page p99", empty.p99, "ms")]
        for name, urls, headers in (
            ("search field over HTTP", _fields(), {"x-omnibox": "1"}),
            ("client card over HTTP", _cards(luck), {}),
            ("list of clients over HTTP", _lists(luck), {}),
            ("narrowed list over HTTP", _narrowed(luck), {}),
        ):
            target = None if name == "client card over HTTP" else 10
            figures += _figures(name, await times_of(http, urls, headers=headers), empty.p50, target)
    return figures


if __name__ == "__main__":
    with database() as settings, web(settings) as address:
        report("Answers over HTTP with 100 000 clients", asyncio.run(main(address)))
