"""What people call the things that the trail speaks of.

The trail keeps kinds and ids of entities. A concept that has entities says their names beside its queries:

    @named("location")
    async def location_names(ids: Sequence[int]) -> dict[int, Name]: …

Names are read when the trail is shown and are kept nowhere else, so that an erased person has none here either.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

Key = tuple[str, int]
"""An entity by its table's name and its id."""


@dataclass(frozen=True)
class Name:
    """What an entity is called, in one text or in a text per language.

    `on`: the date that tells it from others of that name, through `last` where it takes several days, `time` on its
    wall (minutes; of one that the wall shows twice `turn`, 0 or 1) and by `who` where that does; `person`: it is
    somebody's name or a number, and is not quoted; `key`: that of the words that stand in place of a name that is no
    more.
    """

    text: str | Mapping[str, str]
    on: date | None = None
    person: bool = False
    key: str | None = None
    time: int | None = None
    who: str | None = None
    last: date | None = None
    turn: int | None = None


Names = Callable[[Sequence[int]], Awaitable[Mapping[int, Name]]]
F = TypeVar("F", bound=Names)

NAMES: dict[str, Names] = {}
"""Entity to what reads the names of its rows, retired ones too."""


def named(entity: str) -> Callable[[F], F]:
    """Decorator: what reads the names of an entity's rows by their ids. Those without one are left out."""

    def register(read: F) -> F:
        NAMES[entity] = read
        return read

    return register


async def names(wanted: Iterable[Key]) -> dict[Key, Name]:
    """The names of entities of any concept, one query per concept."""
    asked: dict[str, set[int]] = {}
    for entity, row_id in wanted:
        asked.setdefault(entity, set()).add(row_id)
    return {
        (entity, row_id): name
        for entity, ids in asked.items()
        if entity in NAMES
        for row_id, name in (await NAMES[entity](sorted(ids))).items()
    }
