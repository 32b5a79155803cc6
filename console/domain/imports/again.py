"""Receipts that come again: the rows that the visits which they became do not have, as they were rejected then."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from console.domain import db
from console.domain.imports.rules.plan import Line, Lines
from console.domain.imports.rules.rows import Rejected, Sold
from console.domain.imports.settings import Setting
from console.domain.text import fold

WITHOUT = "problem.import_receipt_known"
NOTHING_TO_RETURN = "problem.import_nothing_to_return"


class Again(NamedTuple):
    """What a receipt comes to, and the visit that it became. `client` None: nobody known."""

    own: Lines
    visit: int
    client: int | None


async def lacking(of: Setting, again: Sequence[Again]) -> list[Rejected]:
    """Rows that did not come by these receipts, with why they do not come now either: a visit stays as it was made."""
    sold: dict[int, list[Any]] = defaultdict(list)
    off: dict[int, int] = defaultdict(int)
    for row in await db.fetch(
        "SELECT visit, service, product, names, quantity, unit, packed + discount AS off FROM visit_line"
        " WHERE visit = ANY($1::bigint[])",
        [one.visit for one in again],
    ):
        sold[row["visit"]].append(row)
        off[row["visit"]] += row["off"]
    takes_off: dict[int, list[Sold]] = defaultdict(list)
    for one in again:
        takes_off[one.visit] += one.own.taken_off
    found = [Rejected(row.line, WITHOUT) for visit, rows in takes_off.items() for row in _others(rows, off[visit])]
    for one in again:
        for line in one.own.lines:
            there = next((row for row in sold[one.visit] if _is(row, line)), None)
            if there is None:
                found.append(Rejected(line.row.line, WITHOUT))
            else:
                sold[one.visit].remove(there)
        for row, _ in one.own.returned:
            if not await _was_returned(of, one.client, -row.amount):
                found.append(Rejected(row.line, NOTHING_TO_RETURN))
    return found


def _others(rows: Sequence[Sold], off: int) -> Sequence[Sold]:
    """The rows but for those that together took off what was taken off a visit: all of them where none did."""
    others = []
    for row in sorted(rows, key=lambda row: row.amount):
        if -row.amount <= off:
            off += row.amount
        else:
            others.append(row)
    return rows if off else others


def _is(row: Any, line: Line) -> bool:
    if (row["quantity"], row["unit"]) != (line.quantity, line.unit):
        return False
    kind, item = line.item
    return row[kind] == item or fold(line.row.item) in map(fold, json.loads(row["names"]).values())


async def _was_returned(of: Setting, client: int | None, minor: int) -> bool:
    return bool(
        await db.fetchval(
            "SELECT EXISTS (SELECT FROM refund r JOIN visit v ON v.id = r.visit"
            " WHERE v.client = $1 AND r.minor = $2 AND r.reason = $3)",
            client,
            minor,
            of.returned,
        )
    )
