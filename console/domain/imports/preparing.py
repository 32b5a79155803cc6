"""A mapping to begin with, for files that somebody uploads: what the business is, and what the files seem to hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from console.domain import db
from console.domain.business.queries import business, open_locations
from console.domain.business.rules import USUAL_HOURS, USUAL_NOTICE
from console.domain.imports.queries import untouched_business
from console.domain.imports.rules.arriving import Arrived
from console.domain.imports.rules.guessing import guessed, literally
from console.domain.imports.rules.mapping import Below, Business, File, Mapped, Negative, Place
from console.domain.imports.rules.reading import parsed
from console.domain.imports.rules.recognising import fitting, recognised
from console.domain.imports.rules.sheets import NoTable, read

OWN = "own"
MOST_BEFORE = 50
"""Mappings of before that are looked at."""
NOON = 12 * 60


@dataclass(frozen=True)
class Likely:
    """What is likely of a business that has no location yet; "" where nobody can tell."""

    place: str
    zone: str
    currency: str


async def here(likely: Likely, country: str | None) -> tuple[Business, Place]:
    """The business and its first location, as far as they are there."""
    facts, places = await business(), await open_locations()
    currency = likely.currency if await untouched_business() else facts.currency
    about = Business(facts.name, currency, facts.language, country)
    if places:
        return about, Place(places[0].name, places[0].zone, places[0].hours, places[0].notice_hours)
    return about, Place(likely.place, likely.zone, USUAL_HOURS, USUAL_NOTICE)


def beginning(about: Business, place: Place, service: str) -> Mapped:
    """A mapping that speaks of no file yet; `service`: what clients came for where nothing says it."""
    return Mapped(
        source=OWN,
        business=about,
        place=place,
        files=(),
        time=NOON,
        minutes=60,
        create=True,
        walk_in=frozenset({""}),
        negative=[Below(Negative.DISCOUNT)],
        service=service,
    )


async def before() -> list[Mapped]:
    """The mappings of what was brought in and stands, the last one first."""
    rows = await db.fetch(
        "SELECT mapping FROM import_run WHERE mapping IS NOT NULL AND retired_at IS NULL"
        " GROUP BY mapping ORDER BY max(id) DESC LIMIT $1",
        MOST_BEFORE,
    )
    return [parsed(row["mapping"], unfinished=True) for row in rows]


def recognising(files: Sequence[Arrived], before: Sequence[Mapped], shipped: Sequence[Mapped]) -> Mapped | None:
    """The mapping that files are known by."""
    return recognised({one.name: _header(one) for one in files}, before, shipped)


def with_files(mapped: Mapped, files: Sequence[Arrived], *, chosen: bool = True) -> Mapped:
    """The same with each of those files by its own name: as the mapping knows it, else as it seems to be.

    Where the mapping was `chosen`, a file of a name that it speaks of is what it says, though columns are not there.
    """
    headers = {one.name: _header(one) for one in files}
    found = [
        (name, fitting(mapped, name, header) or (mapped.file(name) if chosen else None) or guessed(name, header))
        for name, header in headers.items()
    ]
    others = [one for one in mapped.files if not any(one.fits(name) for name, _ in found)]
    own = [replace(file, pattern=literally(name)) for name, file in found if file]
    return replace(mapped, files=[*own, *others])


def _header(one: Arrived) -> Sequence[str]:
    try:
        return read(one.name, one.content).header
    except NoTable:
        return ()


def saying(mapped: Mapped, name: str, file: File | None) -> Mapped:
    """The same with what is said of the file of this name, where it stands; None: that it is left out."""
    pattern = literally(name)
    own = [] if file is None else [replace(file, pattern=pattern)]
    at = next((at for at, one in enumerate(mapped.files) if one.pattern == pattern), len(mapped.files))
    return replace(mapped, files=[*mapped.files[:at], *own, *mapped.files[at + 1 :]])
