"""The row of a series: what it books, and its dates."""

from __future__ import annotations

import asyncpg

from console.domain import db
from console.domain.booking.arranging import Asked
from console.domain.booking.recurring import OnHoliday, Recurrence, Unit
from console.domain.booking.rules import Source
from console.domain.booking.tables import Series
from console.domain.clients import steps as clients
from console.domain.errors import NotFound
from console.domain.ids import SeriesId
from console.domain.running import Operation


def columns(asked: Asked, minute: int, rule: Recurrence) -> dict[str, object]:
    """A series as its row says it."""
    return {
        "client": asked.client,
        "site": asked.site,
        "location": asked.location,
        "services": list(asked.services),
        **people(asked),
        "minute": minute,
        "source": asked.source.value,
        "note": asked.note,
        "starts_on": rule.starts_on,
        "every": rule.every,
        "unit": rule.unit.value,
        "weekdays": sorted(set(rule.weekdays)),
        "until": rule.until,
        "times": rule.count,
        "on_holiday": rule.on_holiday.value,
        "shifted": rule.shifted,
        "nth": rule.week,
    }


def people(asked: Asked) -> dict[str, object]:
    """Who does a series, as its row says it: one for all of its services, or each of them somebody else."""
    by = asked.by or (asked.person,)
    return {"person": by[0], "by": None} if len(set(by)) == 1 else {"person": None, "by": list(by)}


async def lock(op: Operation, series: SeriesId) -> asyncpg.Record:
    """Lock a series after its client. Raises `NotFound`."""
    client = await db.fetchval("SELECT client FROM series WHERE id = $1", series)
    if client is None:
        raise NotFound
    await clients.lock(op, client)
    await op.lock(Series, [series])
    row = await db.fetchrow("SELECT * FROM series WHERE id = $1", series)
    if row is None:
        raise NotFound
    return row


def asked_of(row: asyncpg.Record) -> Asked:
    """What a series books."""
    services = tuple(row["services"])
    return Asked(
        row["client"],
        row["location"],
        services,
        row["person"],
        Source(row["source"]),
        row["note"],
        by=tuple(row["by"] or ()),
        site=row["site"],
    )


def rule_of(row: asyncpg.Record) -> Recurrence:
    """The dates of a series."""
    return Recurrence(
        row["starts_on"],
        row["every"],
        Unit(row["unit"]),
        tuple(row["weekdays"]),
        row["until"],
        row["times"],
        OnHoliday(row["on_holiday"]),
        row["shifted"],
        row["nth"],
    )
