"""How long the console answers over HTTP with 100 000 clients: the search field, the card, the list; one at a time."""

from __future__ import annotations

import asyncio
import random
from urllib.parse import urlencode

from find import queries

from _clients import MANY, SEED, clients
from _harness import Figure, Web, database, over_http, report, signed_in, web

ASKED = 300
EMPTY = "/search"
"""A page with nothing on it, behind the same session, business and frame: what every page costs."""


def _fields() -> list[str]:
    """What the field asks while people type: the mix of `find.py`."""
    return [f"/search?{urlencode({'q': query.text})}" for query in queries()[:ASKED]]


def _found() -> list[str]:
    """What is asked for in the list's own field."""
    return [f"/clients?{urlencode({'q': query.text})}" for query in queries()[:ASKED]]


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


async def main(process: Web) -> list[Figure]:
    luck = random.Random(SEED + 2)
    async with signed_in(process, "manager") as browser:
        empty = await browser.times_of([EMPTY] * ASKED)
        figures = list(over_http("empty page", empty))
        for name, urls, headers in (
            ("search field over HTTP", _fields(), {"x-omnibox": "1"}),
            ("found in the list over HTTP", _found(), {}),
            ("client card over HTTP", _cards(luck), {}),
            ("list of clients over HTTP", _lists(luck), {}),
            ("narrowed list over HTTP", _narrowed(luck), {}),
        ):
            target = None if name == "client card over HTTP" else 10
            figures += over_http(name, await browser.times_of(urls, headers=headers), empty, target)
    return figures


if __name__ == "__main__":
    with database() as settings, web(settings) as process:
        report("Answers over HTTP with 100 000 clients", asyncio.run(main(process)))
