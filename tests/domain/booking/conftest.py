"""A location with two people, whom clients can book in an hour's service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from console.domain.booking import actions
from console.domain.booking.actions import Asked
from console.domain.ids import BookableId, BookingId, ClientId, LocationId, ReasonId, ServiceId
from console.domain.operation import Intent
from tests import factories
from tests.cast import ANNA, NOW, VERA, Person

NOON = datetime(2026, 5, 13, 9, 0, tzinfo=UTC)
"""Wednesday at noon in Moscow: everybody is there."""


def intent(who: Person = ANNA) -> Intent:
    return Intent(uuid4(), who.actor, NOW)


@dataclass(frozen=True)
class Yard:
    """What there is to book. `over`: a reason for overbooking."""

    location: LocationId
    service: ServiceId
    nina: BookableId
    olga: BookableId
    client: ClientId
    over: ReasonId

    def asked(self, person: BookableId | None = None, client: ClientId | None = None, **said: object) -> Asked:
        return Asked(client or self.client, self.location, (self.service,), person, **said)  # type: ignore[arg-type]

    async def book(
        self, person: BookableId | None = None, at: datetime = NOON, client: ClientId | None = None
    ) -> BookingId:
        booked = await actions.book(intent(), self.asked(person, client), at)
        return BookingId(booked.result["booking"])


@pytest.fixture
async def yard(database: None) -> Yard:
    await factories.staff(ANNA)
    await factories.staff(VERA)
    location = LocationId(await factories.location())
    service = ServiceId(await factories.service())
    people = []
    for at, name in enumerate(("Nina Orlova", "Olga Moroz")):
        people.append(BookableId(await factories.bookable(name, position=at)))
        await factories.schedule(people[-1], location)
        await factories.skill(people[-1], service)
    return Yard(
        location, service, *people, ClientId(await factories.client()), ReasonId(await factories.reason("overbooking"))
    )
