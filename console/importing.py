"""`console import`: books of another programme from files, by a mapping that ships with the console or one's own."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from uuid import uuid4

from console import i18n
from console.config import Settings
from console.domain import clock
from console.domain import undo as undoing
from console.domain.errors import HasDependants, NotFound
from console.domain.imports import queries as runs
from console.domain.imports.bringing import Brought, Card, Counted, Rehearsed, bring, rehearse, run_programme
from console.domain.imports.rules.arriving import READ
from console.domain.imports.rules.books import Books
from console.domain.imports.rules.rejecting import table_of
from console.domain.intent import TERMINAL, Intent
from console.domain.visits.opening import ruled
from console.import_words import file_words, tier_names
from console.processes import ServiceError
from console.reaching import working
from workers.night import do_due

Tiers = Callable[[str | None], str]
"""What a tier is called, by its code."""
LONG_NUMBER = 10
"""Digits that no run's number has."""
MOST_NAMED = 5
"""Of the operations that stand in the way of an undo so many are named."""


def run(settings: Settings, read: Books, *, reminders: bool) -> Brought:
    """Bring books in. Raises `ServiceError` in words."""
    return working(settings, lambda: bring(read, TERMINAL, reminders=reminders))


def dry_run(settings: Settings, read: Books, as_of: str | None) -> Rehearsed:
    """What would become of all rows, and of cards where `as_of` is said. Raises `ServiceError` in words."""
    through = _through(read, as_of) if as_of else None
    return working(settings, lambda: rehearse(read, TERMINAL, through))


def look_at_rules(settings: Settings, read: Books, as_of: str) -> None:
    """Raise `ServiceError` in words where the programme cannot run over what is brought in, before anything is."""
    through = _through(read, as_of)
    working(settings, lambda: ruled(through))


def programme(settings: Settings, read: Books, as_of: str) -> Iterable[str]:
    """Run the programme over the visits of a source, then the nights since; how many cards held what before those.

    Raises `ServiceError` in words.
    """
    through = _through(read, as_of)

    async def ran() -> tuple[Sequence[Card], Tiers]:
        cards = await run_programme(read.mapped.source, TERMINAL, through)
        await do_due(clock.now())
        return cards, await tier_names(through)

    cards, tiers = working(settings, ran)
    yield f"The programme ran through {through} over the visits of {_many(len(cards), 'client')}:"
    for tier, many in sorted(Counter(tiers(card.tier) for card in cards).items()):
        yield f"  {tier}: {many}"
    stamps, free = (sum(getattr(card, name) for card in cards) for name in ("stamps", "free_visits"))
    yield f"  good then: {_held(stamps, free)}"


def cards(settings: Settings, read: Books, seen: Rehearsed, as_of: str | None) -> Iterable[str]:
    """What each client would have on their card, where `as_of` is said. Raises `ServiceError` in words."""
    if not as_of:
        return
    through = _through(read, as_of)
    tiers = working(settings, lambda: tier_names(through))
    for name, card in seen.cards:
        yield f"{name}: {held(card, tiers)}"


def held(card: Card, tiers: Tiers) -> str:
    """What is on a card, and its tier by its name."""
    return f"{_held(card.stamps, card.free_visits)}, {tiers(card.tier)}"


def _held(stamps: int, free: int) -> str:
    return f"{_many(stamps, 'stamp')}, {_many(free, 'free visit')}"


def _many(count: int, of: str) -> str:
    return f"{count} {of}" if count == 1 else f"{count} {of}s"


def _through(read: Books, as_of: str) -> date:
    """The date that is said, else the last receipt's. Raises `ServiceError`."""
    try:
        through = read.last_receipt or clock.now().date() if as_of == "last" else date.fromisoformat(as_of)
    except ValueError:
        raise ServiceError(f"{as_of} is no date such as 2018-07-29.") from None
    if through > clock.now().date():
        raise ServiceError(f"{as_of} is still to come.")
    return through


def undo(settings: Settings, number: str) -> None:
    """Take back all that a run brought. Raises `ServiceError` in words, with what is in the way."""

    if not number:
        raise ServiceError("Say which import: `console import undo NUMBER`. Each import says its number at its end.")

    async def back() -> None:
        try:
            begun = await runs.begun_by(int(number) if number.isdecimal() and len(number) < LONG_NUMBER else 0)
        except NotFound:
            raise ServiceError(f"There is no import {number}.") from None
        try:
            await undoing.undo(Intent(uuid4(), TERMINAL, clock.now()), begun)
        except HasDependants as depend:
            later = ", ".join(f"{id_} ({kind})" for id_, kind, _ in depend.operations[:MOST_NAMED])
            raise ServiceError(
                f"Run {number} cannot be taken back, since later operations build on it: {later}"
                + (", and others." if len(depend.operations) > MOST_NAMED else ".")
            ) from None

    working(settings, back)


def table(files: Mapping[str, Counted]) -> Iterable[str]:
    """What became of all rows, a line a file, and the sum."""
    rows = {name: list(counted.plain.values()) for name, counted in files.items()}
    rows[""] = [sum(column) for column in zip(*rows.values(), strict=True)]
    width = max(map(len, rows))
    yield f"{'':{width}} {'read':>9} {'imported':>9} {'merged':>9} {'rejected':>9}"
    for name, counts in rows.items():
        yield f"{name:{width}} " + " ".join(f"{count:>9}" for count in counts)


def ended(brought: Brought) -> str:
    """What to do with a run, where anything came by it."""
    if not brought.came:
        rejected = any(counted.rejected for counted in brought.files.values())
        merged = any(counted.merged for counted in brought.files.values())
        if rejected and not merged:
            return "Nothing of it came: its rows were rejected."
        return "Nothing of it was new: all that can be taken in was here already."
    return f"Run {brought.run}: `console import undo {brought.run}` takes all of it back."


def styles(read: Books) -> Iterable[str]:
    """What each file holds and how it is written, as it was recognised; and which are left aside."""
    for book in read.files:
        yield f"{book.name}: {file_words(book.count, book.file, book.sheet, book.styles)}"
    for name in read.passed_over:
        table = Path(name).suffix.lower() in READ
        yield f"{name}: left aside, {'no pattern of the mapping fits' if table else 'no CSV, XLSX or ODS file'}"


def write_report(files: Mapping[str, Counted], path: str) -> None:
    """As JSON, by the file. Raises `ServiceError`."""
    _write(Path(path), json.dumps({name: counted.plain for name, counted in files.items()}, indent=1) + "\n")


def look_at_rejected(path: str, folder: str) -> None:
    """Raise `ServiceError` for a folder in which the rejected rows of books would be written over the books."""
    where = Path(path)
    if Path(folder).resolve() == (where if where.is_dir() else where.parent).resolve():
        raise ServiceError(f"{folder} holds the books themselves: name another folder for --rejected.")


def write_rejected(read: Books, files: Mapping[str, Counted], folder: str) -> None:
    """Each file's rejected rows as a file of the same name, CSV, with why in a last column. Raises `ServiceError`."""
    for book in read.files:
        if rejected := files[book.name].rejected:
            target = Path(folder) / (book.name if book.sheet.suffix == ".csv" else f"{book.name}.csv")
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                why = {one.line: i18n.gettext(one.why) for one in rejected}
                target.write_bytes(table_of(book.sheet, why, i18n.gettext("words.import_why")))
            except OSError as error:
                raise ServiceError(f"{target} cannot be written: {error}") from None


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise ServiceError(f"{path} cannot be written: {error}") from None
