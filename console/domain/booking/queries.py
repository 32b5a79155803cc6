"""What pages and other concepts read of bookings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from console.domain import db
from console.domain.audit.naming import Name, named
from console.domain.clients.queries import client_names
from console.domain.clock import WallTime, turn


@named("booking")
async def booking_names(ids: Sequence[int]) -> dict[int, Name]:
    """Whose bookings, when, and by whom."""
    return await _of_bookings("SELECT id, id AS booking FROM booking", ids)


@named("booking_item")
async def item_names(ids: Sequence[int]) -> dict[int, Name]:
    """What the services of bookings are called."""
    rows = await db.fetch(
        "SELECT i.id, s.names FROM booking_item i JOIN service s ON s.id = i.service WHERE i.id = ANY($1::bigint[])",
        ids,
    )
    return {row["id"]: Name(json.loads(row["names"])) for row in rows}


@named("assignment")
async def assignment_names(ids: Sequence[int]) -> dict[int, Name]:
    """Who or what was put to a service."""
    rows = await db.fetch(
        "SELECT a.id, b.name, b.kind = 'person' AS person FROM assignment a JOIN bookable b ON b.id = a.bookable"
        " WHERE a.id = ANY($1::bigint[])",
        ids,
    )
    return {row["id"]: Name(row["name"], person=row["person"]) for row in rows}


@named("status_change")
async def status_names(ids: Sequence[int]) -> dict[int, Name]:
    """Of whose bookings the status changed."""
    return await _of_bookings("SELECT id, booking FROM status_change", ids)


@named("reason")
async def reason_names(ids: Sequence[int]) -> dict[int, Name]:
    """What reasons are called."""
    rows = await db.fetch("SELECT id, names FROM reason WHERE id = ANY($1::bigint[])", ids)
    return {row["id"]: Name(json.loads(row["names"])) for row in rows}


_WHEN_AND_WHO = """
    SELECT x.id, b.client, b.starts_at, l.zone, (SELECT string_agg(DISTINCT k.name, ', ') FROM booking_item i
        JOIN assignment a ON a.item = i.id AND a.retired_at IS NOT DISTINCT FROM b.retired_at
        JOIN bookable k ON k.id = a.bookable AND k.kind IN ('person', 'crew') WHERE i.booking = b.id) AS who
    FROM booking b JOIN location l ON l.id = b.location
"""


async def _of_bookings(sql: str, ids: Sequence[int]) -> dict[int, Name]:
    rows = await db.fetch(f"{_WHEN_AND_WHO} JOIN ({sql}) x ON x.booking = b.id WHERE x.id = ANY($1::bigint[])", ids)
    known = await client_names([row["client"] for row in rows])
    return {row["id"]: _name(row, called) for row in rows if (called := known.get(row["client"]))}


def _name(row: Mapping[str, Any], client: Name) -> Name:
    zone = ZoneInfo(row["zone"])
    wall = WallTime.of(row["starts_at"], zone)
    return replace(client, on=wall.on, time=wall.minute, who=row["who"], turn=turn(row["starts_at"], zone))


@named("series")
async def series_names(ids: Sequence[int]) -> dict[int, Name]:
    """Whose series, and from when."""
    rows = await db.fetch("SELECT id, client, starts_on FROM series WHERE id = ANY($1::bigint[])", ids)
    known = await client_names([row["client"] for row in rows])
    return {
        row["id"]: Name(called.text, row["starts_on"], called.person, called.key)
        for row in rows
        if (called := known.get(row["client"]))
    }


@named("series_clash")
async def clash_names(ids: Sequence[int]) -> dict[int, Name]:
    """Of whose series a date clashed, and which."""
    rows = await db.fetch(
        'SELECT k.id, s.client, k."on" FROM series_clash k JOIN series s ON s.id = k.series'
        " WHERE k.id = ANY($1::bigint[])",
        ids,
    )
    return await _dated(rows)


@named("series_skip")
async def skip_names(ids: Sequence[int]) -> dict[int, Name]:
    """Of whose series a date was skipped, and which."""
    rows = await db.fetch(
        'SELECT k.id, s.client, k."on" FROM series_skip k JOIN series s ON s.id = k.series'
        " WHERE k.id = ANY($1::bigint[])",
        ids,
    )
    return await _dated(rows)


async def _dated(rows: Sequence[asyncpg.Record]) -> dict[int, Name]:
    known = await client_names([row["client"] for row in rows])
    return {
        row["id"]: Name(called.text, row["on"], called.person, called.key)
        for row in rows
        if (called := known.get(row["client"]))
    }


@named("crew_list")
async def crew_list_names(ids: Sequence[int]) -> dict[int, Name]:
    """Which crew a list is of, and from when."""
    rows = await db.fetch(
        "SELECT c.id, b.name, c.valid_from FROM crew_list c JOIN bookable b ON b.id = c.crew"
        " WHERE c.id = ANY($1::bigint[])",
        ids,
    )
    return {row["id"]: Name(row["name"], row["valid_from"]) for row in rows}
