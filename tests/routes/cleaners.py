"""A location with Nina and Olga, whom clients can book for an hour; what is booked of it is booked by Anna."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from console.domain import db
from console.domain.booking import actions, series
from console.domain.booking.arranging import Asked
from console.domain.booking.recurring import Recurrence, Unit
from console.domain.ids import BookableId, BookingId, ClientId, LocationId, SeriesId, ServiceId
from console.domain.operation import Intent
from tests import factories
from tests.cast import ANNA, NOW

WEDNESDAY = date(2026, 5, 13)
NOON = datetime(2026, 5, 13, 9, 0, tzinfo=UTC)
"""Wednesday at noon in Moscow: everybody is there."""
WEEK = timedelta(weeks=1)


def intent() -> Intent:
    return Intent(uuid4(), ANNA.actor, NOW)


@dataclass(frozen=True)
class Cleaners:
    location: LocationId
    service: ServiceId
    nina: BookableId
    olga: BookableId
    client: ClientId

    def asked(self, person: BookableId | None = None) -> Asked:
        return Asked(self.client, self.location, (self.service,), person)

    async def book(self, person: BookableId | None = None, at: datetime = NOON) -> BookingId:
        booked = await actions.book(intent(), self.asked(person), at)
        return BookingId(booked.result["booking"])

    async def weekly(self, count: int = 4) -> SeriesId:
        """Wednesdays at noon with Nina."""
        rule = Recurrence(WEDNESDAY, 1, Unit.WEEK, (2,), count=count)
        begun = await series.begin(intent(), self.asked(self.nina), 720, rule)
        return SeriesId(begun.result["series"])


async def cleaners() -> Cleaners:
    """Needs Anna, who books."""
    location = LocationId(await factories.location())
    service = ServiceId(await factories.service())
    people = []
    for at, name in enumerate(("Nina Orlova", "Olga Moroz")):
        people.append(BookableId(await factories.bookable(name, position=at)))
        await factories.schedule(people[-1], location)
        await factories.skill(people[-1], service)
    return Cleaners(location, service, *people, ClientId(await factories.client()))


async def standing() -> list[tuple[datetime, str]]:
    """What is booked, and by whom it is done, in the order of time."""
    rows = await db.fetch(
        "SELECT b.starts_at, o.name FROM booking b JOIN booking_item i ON i.booking = b.id AND i.retired_at IS NULL"
        " JOIN assignment a ON a.item = i.id AND a.retired_at IS NULL JOIN bookable o ON o.id = a.bookable"
        " WHERE b.retired_at IS NULL AND b.status IN ('booked', 'confirmed') ORDER BY b.starts_at, o.id"
    )
    return [(row["starts_at"], row["name"].split()[0]) for row in rows]


def weeks(*numbers: int, who: str = "Nina", later: timedelta = timedelta()) -> list[tuple[datetime, str]]:
    return [(NOON + number * WEEK + later, who) for number in numbers]
