"""What clients are to be told of their bookings: after every change of one, whatever is due is what it justifies."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from console.domain import db
from console.domain.booking import telling_series
from console.domain.booking.rules import MOVABLE, STANDING, CancelledBy, Status
from console.domain.booking.telling_rules import (
    CONFIRMATION,
    KINDS,
    MOVED,
    Answered,
    Change,
    Facts,
    Said,
    Sayings,
    Tell,
    booking_messages,
    still,
)
from console.domain.booking.telling_series import Together, series_messages
from console.domain.clients.tables import Client
from console.domain.ids import DEMO_ACTOR, BookingId, ClientId, SeriesId
from console.domain.messages import steps
from console.domain.messages.rules import GRACE, MessageKind, MessageStatus, Variables, may_go_again, plain
from console.domain.messages.settings_queries import message_settings
from console.domain.messages.tables import STATUS
from console.domain.running import Operation, watching

_FACTS = """
    SELECT b.id, b.client, b.location, l.zone, b.starts_at, b.ends_at, coalesce(p.zone, l.zone) AS client_zone,
        b.status, b.retired_at, b.series,
        ARRAY(SELECT i.service FROM booking_item i WHERE i.booking = b.id
            AND (i.retired_at IS NULL OR i.retired_at = b.retired_at) ORDER BY i.starts_at, i.id) AS services,
        (SELECT s.cancelled_by FROM status_change s WHERE s.booking = b.id AND s.retired_at IS NULL
            ORDER BY s.id DESC LIMIT 1) AS cancelled_by,
        a.at AS answered_at, a.starts_read, a.status AS answer
    FROM booking b JOIN location l ON l.id = b.location JOIN client c ON c.id = b.client AND c.erased_at IS NULL
        LEFT JOIN client_profile p ON p.client = c.id
        LEFT JOIN LATERAL (SELECT o.at, s.starts_read, s.status FROM status_change s
            JOIN change c ON c.entity = 'status_change' AND c.entity_id = s.id AND c.created
            JOIN operation o ON o.id = c.operation
            WHERE s.booking = b.id AND s.starts_read IS NOT NULL ORDER BY s.id DESC LIMIT 1) a ON true
    WHERE b.id = ANY($1::bigint[])
        OR b.starts_at > $2 AND b.series IN (SELECT series FROM booking WHERE id = ANY($1::bigint[]))
    ORDER BY b.starts_at, b.id
"""

_SAID = f"""
    SELECT dedupe_key, kind, {STATUS} AS status, retired_at IS NOT NULL AS withdrawn, due_at, variables, reason,
        coalesce(sent_at, claimed_until, try_at) AS at
    FROM message
    WHERE client = ANY($1::bigint[]) AND kind = ANY($2::text[])
        AND ((variables ->> 'booking')::bigint = ANY($3::bigint[])
            OR (variables ->> 'series')::bigint = ANY($4::bigint[]))
    ORDER BY at, id FOR UPDATE
"""  # noqa: S608

_WRITTEN = """
    SELECT coalesce(i.booking, c.entity_id) AS id, bool_or(c.created AND c.entity = 'booking') AS made FROM change c
    LEFT JOIN booking_item i ON c.entity = 'booking_item' AND i.id = c.entity_id
    WHERE c.operation = $1 AND c.entity IN ('booking', 'booking_item') GROUP BY 1
"""


async def settle(
    op: Operation,
    bookings: Collection[int],
    changes: Mapping[BookingId, Change],
    made: Collection[SeriesId] = (),
    were_of: Collection[SeriesId] = (),
) -> None:
    """Let what is due about bookings be what they justify: the rest is withdrawn, what says something else corrected.

    `changes`: what the operation made of them; without one nothing new is told but reminders. `made`: series that it
    made; `were_of`: those that the bookings were of.
    """
    facts = [_facts(row) for row in await db.fetch(_FACTS, list(bookings), op.now)]
    asked = [one for one in facts if one.booking in bookings]
    if not asked:
        return
    series = {one.series for one in asked if one.series is not None} | set(were_of)
    whose = await _whose(series)
    clients = {*(one.client for one in asked), *whose.values()}
    await op.lock(Client, clients)
    said = await _said(clients, facts, series)
    settings = await message_settings()
    due = (said[f"series.{of}"].due(MOVED) for of in series)
    named = {one.variables["booking"]: one.before for one in due if one}
    alone = dict(changes)
    for of, client in whose.items():
        those = Together(of, [one for one in facts if one.series == of], changes, of in made, named)
        alone = {booking: change for booking, change in alone.items() if booking not in those.told}
        known = any(said[f"{one.booking}"].are_read for one in those.members)
        about = said[f"series.{of}"]
        shall = series_messages(those, about, known, settings, op.now)
        await _apply(op, client, about, shall, partial(telling_series.still, those, op.now))
    for one in asked:
        about = said[f"{one.booking}"]
        shall = booking_messages(one, about, alone.get(one.booking), settings, op.now)
        await _apply(op, one.client, about, shall, partial(still, one))


async def settle_told(op: Operation, bookings: Collection[int]) -> None:
    """Settle those of bookings that clients were to be told of; of the others nobody hears by this."""
    rows = await db.fetch(
        "SELECT b.id FROM booking b WHERE b.id = ANY($1::bigint[]) AND (b.series IS NOT NULL OR EXISTS (SELECT"
        " FROM message m WHERE m.client = b.client AND (m.variables ->> 'booking')::bigint = b.id)) ORDER BY b.id",
        list(bookings),
    )
    await settle(op, [row["id"] for row in rows], {})


PLACED = "series.place"
"""The kind of operations that book a date of a series which clashed."""

Still = Callable[[Said], Variables | None]
"""What a message would tell today; None: what it tells is not so any more."""


async def _apply(op: Operation, client: ClientId, said: Sayings, shall: Iterable[Tell], still: Still) -> None:
    tells = {one.key: one for one in shall}
    there = {one.key: one for one in said.all}
    await steps.withdraw(op, *(one.key for one in said.all if one.is_due and one.key not in tells))
    for one in said.all:
        if one.may_leave and (said.is_latest(one) or not one.withdrawn):
            await steps.hold(op, one.key, still(one))
    for key, tell in tells.items():
        before = there.get(key)
        if not tell.begins and not (before and before.is_due):
            continue
        at = tell.at or (before.due_at if before and before.is_due else op.now + GRACE)
        if before is None or not before.is_due or before.due_at != at or before.variables != plain(tell.told):
            await steps.due(op, tell.kind, client, at, tell.told, key, tell.until)


async def _whose(series: Collection[SeriesId]) -> Mapping[SeriesId, ClientId]:
    """The client of each series; of one who was erased nothing is told."""
    if not series:
        return {}
    rows = await db.fetch(
        "SELECT s.id, s.client FROM series s JOIN client c ON c.id = s.client AND c.erased_at IS NULL"
        " WHERE s.id = ANY($1::bigint[]) ORDER BY s.id",
        list(series),
    )
    return {row["id"]: row["client"] for row in rows}


def _facts(row: asyncpg.Record) -> Facts:
    status, gone = Status(row["status"]), row["retired_at"] is not None
    answer = row["answered_at"], row["starts_read"], row["answer"] == Status.CANCELLED
    return Facts(
        row["id"],
        row["client"],
        row["location"],
        ZoneInfo(row["zone"]),
        row["starts_at"],
        row["ends_at"],
        tuple(row["services"]),
        stands=not gone and status in MOVABLE,
        off=gone or status is Status.CANCELLED,
        ours=gone or row["cancelled_by"] == CancelledBy.US,
        taken_back=gone,
        series=row["series"],
        client_zone=ZoneInfo(row["client_zone"]),
        answered=Answered(*answer) if row["answered_at"] else None,
    )


async def _said(clients: Collection[int], facts: Sequence[Facts], series: Collection[int]) -> Mapping[str, Sayings]:
    """What was written about bookings and series, by what it is about; locked, so that no worker takes it meanwhile."""
    found: dict[str, list[Said]] = defaultdict(list)
    kinds = [one.value for one in KINDS]
    bookings = [one.booking for one in facts]
    for row in await db.fetch(_SAID, list(clients), kinds, bookings, list(series)):
        told = json.loads(row["variables"])
        about = f"series.{told['series']}" if "series" in told else f"{told['booking']}"
        kind, status = MessageKind(row["kind"]), MessageStatus(row["status"])
        again = may_go_again(kind, status, row["reason"])
        withdrawn, due_at, at = row["withdrawn"], row["due_at"], row["at"]
        found[about].append(Said(row["dedupe_key"], kind, status, withdrawn, due_at, told, again, at))
    of_series = {f"series.{one}": Sayings(f"series.{one}", found[f"series.{one}"]) for one in series}
    read = {about for about, sayings in of_series.items() if sayings.out}
    due = {about for about, sayings in of_series.items() if sayings.due(CONFIRMATION)}
    return of_series | {
        f"{one.booking}": Sayings(
            f"{one.booking}",
            found[f"{one.booking}"],
            of_series=f"series.{one.series}" in read,
            with_series=f"series.{one.series}" in due,
            answered=one.answered,
        )
        for one in facts
    }


@watching("booking", "booking_item")
class Telling:
    """Settles what is due about the bookings that an operation wrote, whichever way."""

    def __init__(self, op: Operation) -> None:
        self.op = op
        self.was: dict[int, datetime | None] = {}
        self.were_of: set[SeriesId] = set()

    async def before(self, table: str, row_id: int | None, values: Mapping[str, Any]) -> None:
        """When bookings that stood before began; which were written is found in the trail once all is."""
        if table == "booking" and row_id is not None:
            stood = values["status"] in STANDING and values["retired_at"] is None
            self.was.setdefault(row_id, values["starts_at"] if stood else None)
            if values["series"] is not None:
                self.were_of.add(SeriesId(values["series"]))

    async def after(self) -> None:
        rows = {row["id"]: row["made"] for row in await db.fetch(_WRITTEN, self.op.id)}
        made = await db.fetch(
            "SELECT entity_id FROM change WHERE operation = $1 AND entity = 'series' AND created", self.op.id
        )
        changes = {} if self.op.actor.id == DEMO_ACTOR else await self._changes(rows)
        await settle(self.op, rows.keys(), changes, [SeriesId(row["entity_id"]) for row in made], self.were_of)

    async def _changes(self, rows: Mapping[int, bool]) -> dict[BookingId, Change]:
        """What is another than before of when bookings begin, and whether they stand."""
        now = await db.fetch(
            "SELECT id, starts_at, status = ANY($2::text[]) AND retired_at IS NULL AS stands FROM booking"
            " WHERE id = ANY($1::bigint[])",
            list(rows),
            [one.value for one in STANDING],
        )
        stands = {row["id"]: row["starts_at"] if row["stands"] else None for row in now}
        return {
            BookingId(booking): Change(self.was.get(booking), made, alone=made and self.op.kind.name == PLACED)
            for booking, made in rows.items()
            if stands[booking] != (None if made else self.was.get(booking, stands[booking]))
        }
