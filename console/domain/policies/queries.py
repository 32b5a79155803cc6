"""What prints are made from, and those that are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median_low
from typing import Any

from console.domain import db
from console.domain.audit.naming import Name
from console.domain.audit.naming import named as names_of
from console.domain.business.queries import business
from console.domain.catalogue.queries import services
from console.domain.errors import NotFound
from console.domain.ids import VisitId
from console.domain.loyalty import queries as loyalty
from console.domain.loyalty.queries import VersionView
from console.domain.policies.rules import Sheet, sheet_of
from console.domain.policies.sheet import Ground
from console.domain.visits.queries import visit_names


async def ground(day: date) -> Ground:
    """What a sheet of a business date says beside the rules."""
    facts, offered = await business(), await services(day)
    prices = [
        one.price.minor
        for one in offered
        if one.retired_at is None and one.price and one.price.currency == facts.currency
    ]
    names = {str(one.id): one.names for one in offered}
    return Ground(facts.currency, names, median_low(prices) if prices else None)


async def standing(today: date) -> VersionView:
    """The version in force on a business date, else the one that is next, else the draft. Raises `NotFound`."""
    published = await loyalty.published()
    in_force = [one for one in published if one.effective_from and one.effective_from <= today]
    found = next(iter(in_force), None) or next(reversed(published), None) or await loyalty.draft()
    if found is None:
        raise NotFound
    return found


async def named(number: int) -> VersionView:
    """The version of a number, 0 the draft. Raises `NotFound`, of one that was withdrawn as well."""
    found = await loyalty.version(number) if number else await loyalty.draft()
    if found is None or found.retired_at is not None:
        raise NotFound
    return found


@dataclass(frozen=True)
class PrintedView:
    """A print that is kept, without its content. `number`: of its version, None of a draft and of a visit.

    `withdrawn`: that version was, before it came into force.
    """

    hash: bytes
    sheet: Sheet
    number: int | None
    withdrawn: bool
    at: datetime


_PRINTED = (
    "SELECT p.hash, p.document, p.language, p.paper, p.programme_version, p.visit, v.number,"
    " v.number IS NOT NULL AND v.retired_at IS NOT NULL AS withdrawn, o.at FROM printed p"
    " LEFT JOIN programme_version v ON v.id = p.programme_version JOIN operation o ON o.id = p.operation"
)


def _printed(row: Mapping[str, Any]) -> PrintedView:
    return PrintedView(row["hash"], sheet_of(row), row["number"], row["withdrawn"], row["at"])


@names_of("printed")
async def printed_names(ids: Sequence[int]) -> dict[int, Name]:
    """Which documents of the programme they are; of a receipt whose visit it is of."""
    rows = await db.fetch("SELECT id, document, visit FROM printed WHERE id = ANY($1::bigint[])", ids)
    visits = await visit_names([row["visit"] for row in rows if row["visit"]])
    return {
        row["id"]: visits[row["visit"]] if row["visit"] else Name("", key=f"words.print_{row['document']}")
        for row in rows
        if not row["visit"] or row["visit"] in visits
    }


async def printed(digest: bytes) -> PrintedView | None:
    """What is kept under a hash."""
    row = await db.fetchrow(f"{_PRINTED} WHERE p.hash = $1", digest)
    return _printed(row) if row else None


async def content(digest: bytes) -> bytes | None:
    """The document that is kept under a hash, as it was handed out."""
    found: bytes | None = await db.fetchval("SELECT content FROM printed WHERE hash = $1", digest)
    return found


async def handed_out(most: int = 50) -> Sequence[PrintedView]:
    """The latest prints of the programme that are kept, the last one first."""
    rows = await db.fetch(f"{_PRINTED} WHERE p.visit IS NULL ORDER BY p.id DESC LIMIT $1", most)
    return [_printed(row) for row in rows]


async def receipts(visit: VisitId, most: int = 20) -> Sequence[PrintedView]:
    """The latest receipts of a visit that are kept, the last one first."""
    rows = await db.fetch(f"{_PRINTED} WHERE p.visit = $1 ORDER BY p.id DESC LIMIT $2", visit, most)
    return [_printed(row) for row in rows]


@dataclass(frozen=True)
class Waiting:
    """A document that is not kept yet. `before`: how many are asked for before it; `failed`: the key of why not."""

    sheet: Sheet
    before: int
    in_work: bool
    failed: str | None


async def waiting(digest: bytes, now: datetime) -> Waiting | None:
    """How far a document is."""
    row = await db.fetchrow(
        "SELECT document, language, paper, programme_version, visit, failed,"
        " coalesce(claimed_until > $2, false) AS in_work,"
        " (SELECT count(*) FROM print_job b WHERE b.id < j.id AND b.failed IS NULL) AS before"
        " FROM print_job j WHERE hash = $1",
        digest,
        now,
    )
    if row is None:
        return None
    return Waiting(sheet_of(row), row["before"], row["in_work"], row["failed"])
