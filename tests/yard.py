"""A location with two people whom clients can book in an hour's service; what is booked of it, Anna books."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from console.domain import db
from console.domain.booking import actions, series
from console.domain.booking.arranging import Asked
from console.domain.booking.recurring import Recurrence, Unit
from console.domain.ids import BookableId, BookingId, ClientId, LocationId, SeriesId, ServiceId
from console.domain.intent import Intent
from tests import factories
from tests.cast import ANNA, NOW, Person
from tests.page import Page, Visitor

WEDNESDAY = date(2026, 5, 13)
DAY = WEDNESDAY.isoformat()
NOON = datetime(2026, 5, 13, 9, 0, tzinfo=UTC)
"""Wednesday at noon in Moscow: everybody is there."""
HOUR = timedelta(hours=1)
WEEK = timedelta(weeks=1)
ALWAYS = [[[0, 1440]]] * 7


def intent(who: Person = ANNA) -> Intent:
    return Intent(uuid4(), who.actor, NOW)


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

    def asked(self, person: BookableId | None = None, client: int | None = None, **said: Any) -> Asked:
        return Asked(ClientId(client or self.client), self.location, (self.service,), person, **said)

    async def book(
        self, person: BookableId | None = None, at: datetime = NOON, client: int | None = None, **said: Any
    ) -> BookingId:
        booked = await actions.book(intent(), self.asked(person, client, **said), at)
        return BookingId(booked.result["booking"])

    async def weekly(self, count: int = 4) -> SeriesId:
        """Wednesdays at noon with Nina."""
        rule = Recurrence(WEDNESDAY, 1, Unit.WEEK, (2,), count=count)
        begun = await series.begin(intent(), self.asked(self.nina), 720, rule)
        return SeriesId(begun.result["series"])

    async def form(self, visitor: Visitor, **typed: Any) -> tuple[Page, dict[str, Any]]:
        """The form opened for the client, and the service in the values to send with it."""
        page = await visitor.open(f"/bookings/new?client={self.client}&on={DAY}")
        return page, {"services_1_service": str(self.service), **typed}

    async def send(self, visitor: Visitor, **typed: Any) -> Page:
        page, values = await self.form(visitor, **typed)
        return await visitor.send(page, "/bookings", **values)


async def yard(zone: str = "Europe/Moscow", hours: list[Any] | None = None) -> Yard:
    """Nina and Olga, who both can; `hours` of the location where they are not the usual ones."""
    own = {} if hours is None else {"hours": json.dumps(hours)}
    location = LocationId(await factories.location(zone=zone, **own))
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


async def standing() -> list[tuple[datetime, str]]:
    """What is booked, and by whom it is done, in the order of time."""
    rows = await db.fetch(
        "SELECT b.starts_at, o.name FROM booking b JOIN booking_item i ON i.booking = b.id AND i.retired_at IS NULL"
        " JOIN assignment a ON a.item = i.id AND a.retired_at IS NULL JOIN bookable o ON o.id = a.bookable"
        " WHERE b.retired_at IS NULL AND b.status IN ('booked', 'confirmed') ORDER BY b.starts_at, o.id"
    )
    return [(row["starts_at"], row["name"].split()[0]) for row in rows]


def weeks(*numbers: int, who: str = "Nina", later: timedelta = timedelta()) -> list[tuple[datetime, str]]:
    """What `standing` says of some Wednesdays."""
    return [(NOON + number * WEEK + later, who) for number in numbers]


async def count(table: str) -> int:
    """How many stand in a table and are not retired."""
    return int(await db.fetchval(f"SELECT count(*) FROM {table} WHERE retired_at IS NULL"))
