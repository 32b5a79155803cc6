"""A location with two people whom clients can book in an hour's service, over HTTP."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from console.domain import db
from console.domain.booking import actions
from console.domain.booking.arranging import Asked
from console.domain.ids import BookableId, BookingId, ClientId, LocationId, ServiceId
from console.domain.operation import DEMO, Intent
from tests import factories
from tests.cast import NOW
from tests.page import Page, Visitor

NOON = datetime(2026, 5, 13, 9, 0, tzinfo=UTC)
"""Wednesday at noon in Moscow: everybody is there."""
DAY = "2026-05-13"
ALWAYS = [[[0, 1440]]] * 7


def at(moment: datetime) -> str:
    """A place as forms name it."""
    return str(int(moment.timestamp()) // 60)


@dataclass(frozen=True)
class Yard:
    """What there is to book."""

    location: LocationId
    service: ServiceId
    nina: BookableId
    olga: BookableId
    client: ClientId

    async def book(self, person: BookableId | None = None, moment: datetime = NOON, **said: Any) -> BookingId:
        asked = Asked(ClientId(said.pop("client", self.client)), self.location, (self.service,), person, **said)
        booked = await actions.book(Intent(uuid4(), DEMO, NOW), asked, moment)
        return BookingId(booked.result["booking"])

    async def form(self, visitor: Visitor, **typed: Any) -> tuple[Page, dict[str, Any]]:
        """The form opened for the client, and the service in the values to send with it."""
        page = await visitor.open(f"/bookings/new?client={self.client}&on={DAY}")
        return page, {"services_1_service": str(self.service), **typed}

    async def send(self, visitor: Visitor, **typed: Any) -> Page:
        page, values = await self.form(visitor, **typed)
        return await visitor.send(page, "/bookings", **values)


async def yard(zone: str = "Europe/Moscow", hours: list[Any] | None = None) -> Yard:
    """Nina and Olga, who both can."""
    location = LocationId(
        await factories.location(zone=zone, **({"hours": json.dumps(hours)} if hours is not None else {}))
    )
    service = ServiceId(await factories.service())
    people = []
    for position, name in enumerate(("Nina Orlova", "Olga Moroz")):
        people.append(BookableId(await factories.bookable(name, position=position)))
        await factories.schedule(people[-1], location)
        await factories.skill(people[-1], service)
    return Yard(location, service, *people, ClientId(await factories.client()))


async def stands(booking: int) -> tuple[datetime, str]:
    """When a booking begins, and its status."""
    row = await db.fetchrow("SELECT starts_at, status FROM booking WHERE id = $1", booking)
    assert row is not None
    return row["starts_at"], row["status"]


async def done_by(booking: int) -> list[int]:
    """Who does it."""
    rows = await db.fetch(
        "SELECT DISTINCT a.bookable FROM assignment a JOIN booking_item i ON i.id = a.item"
        " WHERE i.booking = $1 AND a.retired_at IS NULL ORDER BY 1",
        booking,
    )
    return [row["bookable"] for row in rows]


async def count(table: str) -> int:
    return int(await db.fetchval(f"SELECT count(*) FROM {table} WHERE retired_at IS NULL"))
