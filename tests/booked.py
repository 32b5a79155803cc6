"""A business that can be booked: places, people and services by factories, bookings by the console's own use cases."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from console.domain.booking import actions
from console.domain.booking.arranging import Asked
from console.domain.business.queries import LocationView, location
from console.domain.clock import WallTime
from console.domain.ids import BookableId, BookingId, ClientId, LocationId, ReasonId, ServiceId
from console.domain.intent import DEMO, Intent
from tests import factories
from tests.cast import NOW

TUESDAY = date(2026, 5, 12)
"""The day of `NOW`."""


def intend(now: datetime = NOW) -> Intent:
    """What the demo means to do, which may do everything; once."""
    return Intent(uuid4(), DEMO, now)


@dataclass
class Shop:
    """A location, open Monday to Friday nine to six; Nina and Ivan clean for an hour, then need ten minutes."""

    location: int
    nina: int
    ivan: int
    clean: int
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Moscow"))

    def at(self, time: str, on: date = TUESDAY) -> datetime:
        """A time of the wall there."""
        hour, minute = map(int, time.split(":"))
        return WallTime(on, hour * 60 + minute).bound(self.zone)

    async def view(self) -> LocationView:
        return await location(self.location)

    async def book(
        self,
        time: str,
        person: int | None = None,
        *,
        on: date = TUESDAY,
        client: int | None = None,
        services: tuple[int, ...] = (),
        over: int | None = None,
        note: str | None = None,
        held: UUID | None = None,
    ) -> BookingId:
        """A booking there, of a new client where nothing is said."""
        asked = Asked(
            ClientId(client or await factories.client()),
            LocationId(self.location),
            tuple(map(ServiceId, services or (self.clean,))),
            BookableId(person) if person else None,
            note=note,
        )
        done = await actions.book(intend(), asked, self.at(time, on), ReasonId(over) if over else None, held)
        return BookingId(done.result["booking"])


async def shop(**columns: object) -> Shop:
    """Such a business."""
    place = await factories.location(**columns)
    nina = await factories.bookable("Nina Orlova", position=1)
    ivan = await factories.bookable("Ivan Belov", position=2)
    clean = await factories.service("CLEAN", buffer_after=10)
    for who in (nina, ivan):
        await factories.schedule(who, place)
        await factories.skill(who, clean)
    return Shop(place, nina, ivan, clean)


def utc(hour: int, minute: int = 0) -> datetime:
    """An instant of that Tuesday."""
    return datetime(2026, 5, 12, tzinfo=UTC) + timedelta(hours=hour, minutes=minute)
