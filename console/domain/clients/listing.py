"""Lists of clients, chosen and in order. The database pages them by key: a page costs the same wherever it lies."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from console.domain import db
from console.domain.clients.queries import ClientView, selected
from console.domain.ids import ClientId

AT_ONCE = 1000
"""Clients that are read together where all are."""


class Order(StrEnum):
    """What a list is sorted by."""

    NAME = "name"
    JOINED = "joined"


BOTH = "client c JOIN client_profile p ON p.client = c.id"
"""A client `c` and their profile `p`, of which `Wanted.where` speaks."""
_KEYS = {Order.NAME: '{0}.folded COLLATE "C"', Order.JOINED: "{0}.joined_on"}


@dataclass(frozen=True)
class Wanted:
    """Which clients; None where it does not matter. `on`: those who come, or come no more; `born_in`: a month, 1 to 12.

    `among`: only these, in this order unless another one is asked for. Erased ones are in no list.
    """

    on: bool | None = True
    tag: str | None = None
    preferred: int | None = None
    born_in: int | None = None
    business: bool | None = None
    among: Sequence[int] | None = None

    def where(self, before: int = 0) -> tuple[list[str], list[Any]]:
        """Conditions on a client `c` and a profile `p`, and their arguments, which follow `before` others."""
        conditions: list[str] = ["c.erased_at IS NULL"]
        args: list[Any] = []

        def add(condition: str, *values: Any) -> None:
            places = [f"${before + len(args) + at}" for at in range(1, len(values) + 1)]
            conditions.append(condition.format(*places))
            args.extend(values)

        if self.on is not None:
            add(f"c.retired_at IS {'' if self.on else 'NOT '}NULL")
        if self.business is not None:
            add(f"p.company IS {'NOT ' if self.business else ''}NULL")
        if self.tag is not None:
            add("p.tags @> {}::text[]", [self.tag])
        if self.preferred is not None:
            add("p.preferred = {}", self.preferred)
        if self.born_in is not None:
            born = 'right(p.birthday, 5) COLLATE "C"'
            add(f"{born} >= {{}} AND {born} < {{}}", f"{self.born_in:02}-", f"{self.born_in:02}.")
        if self.among is not None:
            add("c.id = ANY({}::bigint[])", list(self.among))
        return conditions, args


@dataclass(frozen=True)
class Page:
    """Clients in order; whether others stand before and after them."""

    rows: Sequence[ClientView]
    has_previous: bool
    has_next: bool


async def page(
    wanted: Wanted,
    order: Order = Order.NAME,
    *,
    descending: bool = False,
    after: int | None = None,
    before: int | None = None,
    most: int = 50,
) -> Page:
    """The clients that follow a client, or go before one; without either the first ones."""
    conditions, args = wanted.where()
    back = before is not None
    edge = before if back else after
    falling = descending != back
    if edge is not None:
        args.append(edge)
        key, its = _KEYS[order].format("p"), _KEYS[order].format("k")
        conditions.append(
            f"({key}, p.client) {'<' if falling else '>'}"  # noqa: S608
            f" ((SELECT {its} FROM client_profile k WHERE k.client = ${len(args)}), ${len(args)})"
        )
    way = "DESC" if falling else "ASC"
    args.append(most + 1)
    ordered = f"ORDER BY {_KEYS[order].format('p')} {way}, p.client {way}"
    chosen = f"SELECT p.client FROM {BOTH} WHERE {' AND '.join(conditions)} {ordered} LIMIT ${len(args)}"  # noqa: S608
    rows = await selected(f"WHERE c.id = ANY(ARRAY({chosen})) {ordered}", *args)
    kept, more = rows[:most], len(rows) > most
    return Page(kept[::-1], more, True) if back else Page(kept, edge is not None, more)


async def best(wanted: Wanted) -> Page:
    """Those of `wanted.among` that are wanted, in that order."""
    conditions, args = wanted.where()
    found = {one.id: one for one in await selected(f"WHERE {' AND '.join(conditions)}", *args)}
    return Page([found[ClientId(one)] for one in wanted.among or () if one in found], False, False)


async def every(wanted: Wanted, order: Order, *, descending: bool = False) -> AsyncIterator[ClientView]:
    """All of them, a thousand at a time: memory is bounded, and what changes meanwhile comes twice or not at all."""
    after: int | None = None
    while True:
        read = await page(wanted, order, descending=descending, after=after, most=AT_ONCE)
        for one in read.rows:
            yield one
        if not read.has_next:
            return
        after = read.rows[-1].id


async def count(wanted: Wanted, most: int) -> int:
    """How many there are, counted up to `most` + 1."""
    conditions, args = wanted.where()
    of_profile = any("p." in one for one in conditions)
    source = BOTH if of_profile else "client c"
    sql = f"SELECT FROM {source} WHERE {' AND '.join(conditions)} LIMIT {most + 1}"
    return int(await db.fetchval(f"SELECT count(*) FROM ({sql}) AS counted", *args))  # noqa: S608


async def is_there_any() -> bool:
    """Whether there is any client yet."""
    return bool(await db.fetchval("SELECT EXISTS (SELECT FROM client WHERE erased_at IS NULL)"))
