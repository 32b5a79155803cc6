"""`console replay`: draft rules run over a history of visits out of a CSV file, without a database."""

from __future__ import annotations

import csv
import gc
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from functools import lru_cache
from operator import add, attrgetter
from pathlib import Path
from typing import IO, NamedTuple

from console.domain.loyalty.rules.drafted import BadRules, parsed
from console.domain.loyalty.rules.outcome import Outcome, outcome
from console.domain.loyalty.rules.programme import EVERY, Programme
from console.domain.loyalty.rules.replaying import Past, Trial
from console.processes import ServiceError

COLUMNS = ("client", "date", "price")
LONGEST = 40
"""So many letters of a cell are shown."""
LONGEST_CELL = 2**17
"""So many letters a cell has at most: one that is never closed swallows the rows after it."""

DIFFERENT = 2**16
"""So many dates, and so many prices, are read once."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


NO_SUMS = ("tier", "top_tier")
"""Columns whose sum says nothing."""


class BadInput(Exception):
    """A file that a replay can make nothing of; the message says which and why."""


class Rejected(NamedTuple):
    """A row that is not taken in: its first and last line in the file, and why."""

    first: int
    last: int
    why: str


@dataclass
class History:
    """Visits by client, each client's by date; rows that were rejected; how many visits came later than asked for."""

    visits: dict[str, list[Past]] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    left_out: int = 0


@contextmanager
def without_collecting() -> Iterator[None]:
    """Without the search for garbage in cycles: a replay makes millions of values and no cycle."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def rules(path: str) -> Programme:
    """The programme of a rules file. Raises `BadInput`."""
    try:
        return parsed(Path(path).read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from None
    except BadRules as bad:
        from console import i18n

        raise BadInput(i18n.listed(f"The rules in {path} cannot be used:", bad.problems)) from None


def history(path: str, as_of: date) -> History:
    """The visits of a CSV file through a date. Raises `BadInput`."""
    usual = csv.field_size_limit(sys.maxsize)
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            return _history(file, as_of)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path} cannot be read: {error}") from None
    finally:
        csv.field_size_limit(usual)


def _history(file: IO[str], as_of: date) -> History:
    reader = csv.reader(file)
    header = [name.strip() for name in next(reader, ())]
    if lacking := [name for name in COLUMNS if name not in header]:
        raise BadInput(f"The first line of {file.name} has no column {' and no column '.join(lacking)}.")
    client_at, date_at, price_at = (header.index(name) for name in COLUMNS)
    service_at = header.index("service") if "service" in header else None
    found, ended, width = History(), reader.line_num, len(header)
    date_in, price_in = lru_cache(DIFFERENT)(_date), lru_cache(DIFFERENT)(_price)
    for row in reader:
        first, ended = ended + 1, reader.line_num
        if not row:
            continue
        if max(map(len, row)) > LONGEST_CELL:
            found.rejected.append(Rejected(first, ended, f"a cell of more than {LONGEST_CELL} letters"))
            continue
        if len(row) < width:
            row += [""] * (width - len(row))
        client, on, minor = row[client_at].strip(), date_in(row[date_at]), price_in(row[price_at])
        if not client or on is None or minor is None:
            found.rejected.append(Rejected(first, ended, _why(client, on, row[date_at], row[price_at])))
        elif on > as_of:
            found.left_out += 1
        else:
            service = EVERY if service_at is None else row[service_at].strip()
            found.visits.setdefault(client, []).append(Past.single(on, minor, service))
    for visits in found.visits.values():
        visits.sort(key=attrgetter("on"))
    return found


def _why(client: str, on: date | None, day: str, price: str) -> str:
    if not client:
        return "no client"
    if on is None:
        return f"{day[:LONGEST]!r} is no date such as 2026-05-12"
    return f"the price {price[:LONGEST]!r} is not a whole number above 0"


def _date(said: str) -> date | None:
    said = said.strip()
    try:
        return date.fromisoformat(said) if _DATE.fullmatch(said) else None
    except ValueError:
        return None


def _price(said: str) -> int | None:
    said = said.strip()
    try:
        return (int(said) or None) if said.isascii() and said.isdecimal() else None
    except ValueError:  # more digits than Python reads
        return None


def outcomes(programme: Programme, visits: Mapping[str, Iterable[Past]], as_of: date) -> Iterator[tuple[str, Outcome]]:
    """What becomes of each client, by their names."""
    trial = Trial(programme)
    for client in sorted(visits):
        yield client, outcome(trial.replay(visits[client], as_of), as_of)


def write(found: Iterable[tuple[str, Outcome]], path: str) -> Outcome:
    """A row a client, and the sum of each column. Raises `ServiceError`."""
    names = [one.name for one in fields(Outcome)]
    totals, cells_of = [0] * len(names), attrgetter(*names)
    try:
        with open(path, "w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(["client", *names])
            for client, one in found:
                cells = cells_of(one)
                rows.writerow([client, *cells])
                totals = list(map(add, totals, cells))
    except OSError as error:
        raise ServiceError(f"{path} cannot be written: {error}") from None
    return Outcome(*totals)


def told(found: History, totals: Outcome, seconds: float) -> Iterator[str]:
    """What was done, for a terminal; rejected rows are told apart."""
    yield f"{totals.visits} visits of {len(found.visits)} clients"
    yield f"{found.left_out} visits left out: they came later"
    yield f"{len(found.rejected)} rows rejected"
    for name, total in asdict(totals).items():
        if name not in ("visits", *NO_SUMS):
            yield f"  {name:20} {total:>16}"
    yield f"{seconds:.2f} s, {totals.visits / seconds:.0f} visits a second"


def told_of_rejected(rejected: Iterable[Rejected]) -> Iterator[str]:
    """Each row by its line, and why."""
    for one in rejected:
        where = f"line {one.first}" if one.first == one.last else f"lines {one.first} to {one.last}"
        yield f"{where}: {one.why}"
