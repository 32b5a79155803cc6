"""What is booked in the demo's cleaning company: the week from the day on which it is made, and two dates before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from console.domain.booking import actions
from console.domain.booking.arranging import Asked
from console.domain.booking.rules import CancelledBy, Source
from console.domain.business.queries import LocationView, holidays_between
from console.domain.clients.parts import sites
from console.domain.clock import WallTime
from console.domain.errors import DomainError
from console.domain.ids import BookableId, BookingId, ClientId, ServiceId, SiteId
from console.domain.intent import DEMO, Intent

BEFORE, FROM_TODAY = 2, 6
"""How many dates are booked: before today those alone on which the company was open, so that somebody always came."""
TIMES = (
    # code of the service, person by place in the list (None: anyone who can), minute of the day
    ("REG", 0, 540), ("DEEP", None, 600), ("WIN", 2, 555), ("OFF", 3, 900), ("REG", 4, 570), ("SOFA", 2, 690),
    ("IRON", 0, 705), ("REG", 1, 840), ("WIN", 0, 840), ("REG", 2, 870), ("RUG", 4, 720), ("IRON", 3, 720),
    ("REG", 0, 960), ("REG", 3, 810), ("IRON", 2, 1020), ("WIN", 4, 840),
)  # fmt: skip
BUSY = (0.7, 0.6, 1.0, 0.9, 0.5, 0.8, 0.4, 0.7)
"""Which part of the times is booked on each of the dates."""
NOTES = {"en": "Keys with the concierge", "ru": "Ключи у консьержа"}
SOURCES = (Source.PHONE, Source.DESK, Source.CHAT, Source.PHONE, Source.MAIL)


@dataclass(frozen=True)
class Business:
    """Whom the demo books, with whom, and where."""

    location: LocationView
    people: Sequence[BookableId]
    services: dict[str, ServiceId]
    clients: Sequence[ClientId]


async def book(names: UUID, now: datetime, language: str, business: Business) -> None:
    """Book it through the use cases; what finds no place on a day is left out."""
    count = 0
    for on, share in zip(await _dates(now, business.location), BUSY, strict=True):
        for code, who, minute in TIMES[: round(len(TIMES) * share)]:
            count += 1
            await _one(names, now, language, business, (on, minute), code, who, count)


async def _dates(now: datetime, place: LocationView) -> list[date]:
    today = WallTime.of(now, ZoneInfo(place.zone)).on
    past = [today - timedelta(days=ago) for ago in range(1, 31)]
    closed = {one.date for one in await holidays_between(past[-1], past[0])}
    was_open = [on for on in past if place.hours[on.weekday()] and on not in closed]
    return [*reversed(was_open[:BEFORE]), *(today + timedelta(days=ahead) for ahead in range(FROM_TODAY))]


async def _one(
    names: UUID,
    now: datetime,
    language: str,
    business: Business,
    when: tuple[date, int],
    code: str,
    who: int | None,
    count: int,
) -> None:
    starts_at = WallTime(*when).bound(ZoneInfo(business.location.zone))
    asked = Asked(
        business.clients[count * 7 % len(business.clients)],
        business.location.id,
        (business.services[code],),
        business.people[who] if who is not None else None,
        SOURCES[count % len(SOURCES)],
        NOTES[language] if count % 6 == 0 else None,
    )
    asked = replace(asked, site=await site_of(asked.client))
    try:
        booked = await actions.book(_intend(names, f"booking {count}", now), asked, starts_at)
    except DomainError:
        return
    booking = BookingId(booked.result["booking"])
    then = _intend(names, f"booking {count} then", now)
    if starts_at < now:
        if count % 8 == 7:
            await actions.no_show(then, booking)
        else:
            await actions.arrive(then, booking)
    elif count % 11 == 10:
        await actions.cancel(then, booking, CancelledBy.CLIENT)
    elif count % 3:
        await actions.confirm(then, booking)


async def site_of(client: ClientId) -> SiteId | None:
    """Where it is done for a client who has one site."""
    known = await sites(client)
    return known[0].id if len(known) == 1 else None


def _intend(names: UUID, name: str, now: datetime) -> Intent:
    return Intent(uuid5(names, name), DEMO, now)
