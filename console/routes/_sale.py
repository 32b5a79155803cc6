"""What a till says so far: whose visit, its lines, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from console.domain import clock
from console.domain.booking.cards import BookingView
from console.domain.business.queries import LocationView, location
from console.domain.ids import ClientId, ReasonId
from console.domain.visits import quoting
from console.domain.visits.quoting import Basis, Good, Quote
from console.domain.visits.rules import MOST_LINES, Entered
from console.routes._bookings import business_day
from console.routes._page import Req, today

NOON = 12 * 60


def currency(request: Req) -> str:
    return str(request.scope["state"]["business"].currency)


@dataclass(frozen=True)
class Row:
    """A line as the form has it, and what it is of."""

    number: int
    good: Good
    quantity: int
    listed: int | None
    unit: int | None
    reason: ReasonId | None
    quoted: int | None = None
    who: str = ""

    @property
    def entered(self) -> Entered:
        """The line for the rules; what has no price costs nothing until somebody puts one."""
        listed = self.listed if self.listed is not None else self.unit or 0
        other = None if self.unit == listed else self.unit
        return Entered(listed, self.quantity, self.good.service, self.good.product, other, self.reason)

    def at(self, field: str) -> str:
        """What a field of the line is called in the form."""
        return f"lines_{self.number}_{field}"


@dataclass(frozen=True)
class Sale:
    """What a till says so far: whose visit, where, of which business date, and its lines with what they cost.

    `goods`: what may be added.
    """

    place: LocationView
    on: date
    client: ClientId | None
    booking: BookingView | None
    goods: Mapping[str, Good]
    rows: Sequence[Row]
    basis: Basis
    free: bool

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.place.zone)

    @property
    def entered(self) -> tuple[Entered, ...]:
        return tuple(row.entered for row in self.rows)

    @cached_property
    def quote(self) -> Quote:
        return quoting.quote(self.basis, self.entered, free=self.free)

    def owing(self, minor: int) -> Quote:
        """The same where so much of it stays owed."""
        return quoting.quote(self.basis, self.entered, free=self.free, owes=minor) if minor else self.quote

    @property
    def at(self) -> datetime | None:
        """When it was served, where that is not now: the middle of another date."""
        if self.booking is not None or self.on == clock.business_date(clock.now(), self.zone):
            return None
        return clock.WallTime(self.on, NOON).instants(self.zone)[0]


async def sale_of(
    request: Req,
    values: Mapping[str, Any],
    place: LocationView,
    on: date,
    client: ClientId | None,
    booking: BookingView | None = None,
) -> Sale:
    """From the values of a form, or of a part of it."""
    goods = await quoting.goods(on, currency(request))
    of = await quoting.basis(client, on, today(request))
    rows = await _rows(request, values, goods, on, booking)
    return Sale(place, on, client, booking, goods, rows, of, bool(values.get("free")))


async def of_booking(request: Req, values: Mapping[str, Any], one: BookingView) -> Sale:
    """The same of a booking: where and when that is."""
    return await sale_of(request, values, await location(one.location), business_day(one), one.client, one)


async def _rows(
    request: Req, values: Mapping[str, Any], goods: Mapping[str, Good], on: date, booking: BookingView | None
) -> list[Row]:
    numbered = [(number, _line(values, number)) for number in range(1, MOST_LINES + 1)]
    rows = [
        Row(
            number,
            goods[one["item"]],
            1 if one["quantity"] is None else one["quantity"],
            goods[one["item"]].listed,
            one["unit"],
            ReasonId(int(one["reason"])) if one["reason"] else None,
        )
        for number, one in numbered
        if one["item"] in goods
    ]
    return rows if booking is None else await _booked(rows, booking, on, currency(request))


def _line(values: Mapping[str, Any], number: int) -> dict[str, Any]:
    return {name: values.get(f"lines_{number}_{name}") for name in ("item", "quantity", "unit", "reason")}


async def _booked(rows: Sequence[Row], booking: BookingView, on: date, currency: str) -> list[Row]:
    """The lines of services that were booked cost what those take who did them."""
    left = list(booking.items)
    pairs = []
    for row in rows:
        item = next((one for one in left if one.service == row.good.service), None)
        pairs.append((row, item))
        if item is not None:
            left.remove(item)
    of = [item for _, item in pairs if item is not None]
    doers = [(item.service, tuple(who.id for who in item.doers)) for item in of]
    prices = iter(await quoting.by_doers(doers, on, currency))
    return [
        row
        if item is None
        else replace(
            row,
            listed=next(prices),
            quoted=item.minor if item.currency == currency else None,
            who=", ".join(who.name for who in item.doers if who.is_person),
        )
        for row, item in pairs
    ]


def booked_lines(booking: BookingView) -> dict[str, Any]:
    """The values of a form whose lines are what was booked."""
    found: dict[str, Any] = {}
    for number, item in enumerate(booking.items, 1):
        found |= {f"lines_{number}_item": f"s{item.service}", f"lines_{number}_quantity": 1}
    return found
