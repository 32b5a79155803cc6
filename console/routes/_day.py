"""A day at a location as it is printed for when the line is down, and entered later: its bookings in their order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from console import i18n
from console.domain.booking import cards
from console.domain.booking.agenda_list import Listed, listed
from console.domain.booking.rules import Status
from console.domain.visits.rules import MOST_LINES
from console.routes import _agenda_list
from console.routes._agenda import Asked
from console.routes._page import Req
from console.routes._sale import Sale, booked_lines, currency, of_booking

OPEN = (Status.BOOKED, Status.CONFIRMED, Status.ARRIVED)
"""What becomes of such bookings is to be written down."""


@dataclass(frozen=True)
class Booked:
    """A booking of the day in words; while it is open the visit that would be made of it, at the offered price."""

    row: _agenda_list.Row
    money: str
    sale: Sale | None = None

    @property
    def listed(self) -> Listed:
        return self.row.booking

    @cached_property
    def free(self) -> Sale | None:
        """The same with the client's free visit; None where there is none that covers any of it."""
        if self.sale is None or self.sale.basis.free_visit is None or self.sale.quote.covers is None:
            return None
        return replace(self.sale, free=True)

    @property
    def unpriced(self) -> bool:
        """Whether the list has no price for any of it."""
        return self.sale is not None and any(row.listed is None for row in self.sale.rows)

    @property
    def due(self) -> str:
        if self.sale is None or self.unpriced:
            return ""
        return i18n.money(self.sale.quote.due, self.money)

    @property
    def due_free(self) -> str:
        """What it costs with the free visit; empty where there is none."""
        return i18n.money(self.free.quote.due, self.money) if self.free and not self.unpriced else ""


async def of_day(one: Asked) -> list[Listed]:
    """What is booked on the day, in the order of time, whatever became of it."""
    return [row for row in await listed(one.location, one.on, 1) if row.day == one.on]


async def booked(request: Req, one: Asked, rows: list[Listed]) -> list[Booked]:
    """Bookings in words, those that are open with what they would cost."""
    zone = ZoneInfo(one.location.zone)
    return [
        Booked(_agenda_list.row_of(request, row, zone, {}), currency(request), await _sale(request, row))
        for row in rows
    ]


async def _sale(request: Req, row: Listed) -> Sale | None:
    """None also where it has more services than a till has lines."""
    if row.status not in OPEN or len(row.steps) > MOST_LINES:
        return None
    one = await cards.booking(row.booking)
    values: dict[str, Any] = booked_lines(one)
    return await of_booking(request, values, one)
