"""Books as the command is given them: a folder of files, a mapping, and what is said beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import available_timezones

from console import i18n, mappings
from console.config import Settings
from console.domain.business.queries import business
from console.domain.errors import Problem
from console.domain.imports import preparing
from console.domain.imports.actions import unfinished
from console.domain.imports.queries import mapping_of
from console.domain.imports.rules.arriving import READ, Arrived, NotTaken
from console.domain.imports.rules.books import Books, Unreadable, digest_of, opened
from console.domain.imports.rules.mapping import Mapped
from console.domain.imports.rules.reading import BadMapping, Plain, parsed
from console.domain.imports.rules.writing import plain
from console.domain.imports.weighing import weigh
from console.processes import ServiceError
from console.reaching import working

MISSING = Problem("problem.mapping_missing")


@dataclass(frozen=True)
class Said:
    """What is said beside the mapping; None where nothing is."""

    currency: str | None = None
    zone: str | None = None


def look_at_said(said: Said) -> None:
    """Raise `ServiceError` for a currency or a time zone that there is not."""
    if said.currency and not i18n.has_currency_name(said.currency):
        raise ServiceError(f"{said.currency} is no currency such as EUR.")
    if said.zone and said.zone not in available_timezones():
        raise ServiceError(f"{said.zone} is no time zone such as Europe/Berlin.")


def here(settings: Settings, said: Said) -> Plain:
    """The business and its location, as far as they are there. Raises `ServiceError`."""

    async def asked() -> Plain:
        facts = await business()
        i18n.use_region(facts.phone, said.zone or facts.zone.key)
        likely = preparing.Likely("Main", said.zone or "", said.currency or "")
        return plain(*await preparing.here(likely, i18n.region()))

    return working(settings, asked)


def mapping_text(name_or_path: str) -> str:
    """A mapping as its TOML, by its name or from a file. Raises `ServiceError`."""
    try:
        shipped = name_or_path in mappings.names()
        return mappings.text(name_or_path) if shipped else Path(name_or_path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ServiceError(
            f"There is no mapping {name_or_path} ({error}). Those that ship: {', '.join(mappings.names())}."
        ) from None


UNSAID = {"business.currency": "--currency EUR", "location.zone": "--zone Europe/Berlin"}
"""What a mapping need not say, by its key, and how the command is told."""


def mapping(name_or_path: str, here: Plain, said: Said) -> tuple[Mapped, str]:
    """A mapping with what is said beside it, and its text. Raises `ServiceError`."""
    text = mapping_text(name_or_path)
    try:
        mapped = parsed(text, here=here)
    except BadMapping as bad:
        if unsaid := [how for key, how in UNSAID.items() if bad.problems.get(key) == MISSING]:
            raise ServiceError(
                f"There is no location yet, and the mapping {name_or_path} does not say all of it:"
                f" add {' '.join(unsaid)}, or what yours is."
            ) from None
        raise ServiceError(i18n.listed(f"The mapping {name_or_path} cannot be used:", bad.problems)) from None
    about = replace(mapped.business, currency=said.currency or mapped.business.currency)
    return replace(mapped, business=about, place=replace(mapped.place, zone=said.zone or mapped.place.zone)), text


def files(path: str) -> dict[str, bytes | None]:
    """What is in a folder, or in the one file; None of what is no table. Raises `ServiceError`."""
    where = Path(path)
    try:
        found = sorted(one for one in where.iterdir() if one.is_file()) if where.is_dir() else [where]
        return {
            one.name: one.read_bytes() if one.suffix.lower() in READ else None
            for one in found
            if not one.name.startswith(".")
        }
    except OSError as error:
        raise ServiceError(f"{path} cannot be read: {error}") from None


def books_here(settings: Settings, path: str, name_or_path: str, said: Said) -> Books:
    """Books that are brought in here; what was stopped half-way is read as it was. Raises `ServiceError`."""
    mapped, text = mapping(name_or_path, here(settings, said), said)
    known = {name: content for name, content in files(path).items() if content is not None and mapped.file(name)}
    digest = digest_of(known, text)

    async def stopped() -> str | None:
        run = await unfinished(mapped, digest)
        return await mapping_of(run) if run else None

    begun = working(settings, stopped)
    return books(path, name_or_path, parsed(begun) if begun else mapped, text)


def books(path: str, name_or_path: str, mapped: Mapped, text: str) -> Books:
    """The files of a folder, or the one file, by a mapping. Raises `ServiceError`."""
    found = files(path)
    tables = {name: content for name, content in found.items() if content is not None}
    try:
        weigh(Arrived(*one) for one in tables.items())
        read = opened(tables, mapped, text)
    except NotTaken as large:
        raise ServiceError(i18n.problem(large.problem)) from None
    except Unreadable as unreadable:
        raise ServiceError(i18n.listed("These files cannot be read:", unreadable.problems)) from None
    if not read.files:
        raise ServiceError(f"Nothing in {path} is a file that the mapping {name_or_path} speaks of.")
    return replace(read, passed_over=[*read.passed_over, *(name for name in found if name not in tables)])
