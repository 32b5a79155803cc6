"""Services and products of the books, with their categories and prices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from console.domain import db
from console.domain.catalogue.tables import Category, Price, Product, Service
from console.domain.imports.known import known, note
from console.domain.imports.rules.rows import Offered
from console.domain.imports.settings import Setting, Tally
from console.domain.running import Operation
from console.domain.text import fold


async def take(op: Operation, of: Setting, kind: str, rows: Sequence[Offered], since: date) -> Tally:
    """Add what is not there yet, by its code; what has no price in the list has none here. `since`: of the prices."""
    tally = Tally()
    there = await known(of, kind, (fold(row.code) for row in rows))
    named = await db.fetch(f"SELECT id, code FROM {kind} WHERE retired_at IS NULL")  # noqa: S608
    there |= {fold(row["code"]): row["id"] for row in named}
    fresh: dict[str, Offered] = {}
    for row in rows:
        if fold(row.code) in there or fold(row.code) in fresh:
            tally.merged += 1
        else:
            fresh[fold(row.code)] = row
    await add(op, of, kind, fresh.values(), since)
    tally.imported = len(fresh)
    return tally


async def add(op: Operation, of: Setting, kind: str, rows: Iterable[Offered], since: date) -> None:
    """Add services, or products, that are not there."""
    fresh = list(rows)
    categories = await _categories(op, of, [row.category for row in fresh])
    values: list[dict[str, Any]] = [
        {
            "code": row.code,
            "names": {of.language: row.name},
            "category": categories.get(fold(row.category)),
            "retired_at": None if row.on else op.now,
            **(_needs(row) if kind == "service" else {"barcode": row.barcode or None}),
        }
        for row in fresh
    ]
    ids = await op.insert_many(Service if kind == "service" else Product, values)
    priced = [(id_, row.price) for id_, row in zip(ids, fresh, strict=True) if row.price]
    other = "product" if kind == "service" else "service"
    await op.insert_many(
        Price,
        [
            {kind: id_, other: None, "valid_from": since, "minor": minor, "currency": of.currency}
            for id_, minor in priced
        ],
    )
    await note(op, of, kind, {fold(row.code): id_ for row, id_ in zip(fresh, ids, strict=True)})


async def add_services(op: Operation, of: Setting, names: Iterable[str], minutes: int) -> None:
    """Add services that nothing but their names is known of: these are their codes as well."""
    fresh = {fold(name): name for name in names}
    rows = [Offered(0, name, name, "", None, minutes, True, "") for name in fresh.values()]
    await add(op, of, "service", rows, of.today)


def _needs(row: Offered) -> dict[str, int | None]:
    """One person for as long as it takes, and no room or thing."""
    return {
        "minutes": row.minutes,
        **dict.fromkeys(("buffer_before", "buffer_after", "rooms", "vehicles", "equipment"), 0),
        "people": 1,
    }


async def _categories(op: Operation, of: Setting, names: Sequence[str]) -> dict[str, int]:
    rows = await db.fetch(
        "SELECT id, name FROM category, LATERAL jsonb_each_text(names) AS said (language, name)"
        " WHERE retired_at IS NULL ORDER BY id DESC"
    )
    there = {fold(row["name"]): row["id"] for row in rows}
    fresh = {fold(name): name for name in names if name and fold(name) not in there}
    last = await db.fetchval("SELECT coalesce(max(position), 0) FROM category")
    ids = await op.insert_many(
        Category, [{"names": {of.language: name}, "position": last + at} for at, name in enumerate(fresh.values(), 1)]
    )
    return there | dict(zip(fresh, ids, strict=True))
