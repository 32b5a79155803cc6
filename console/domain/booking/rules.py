"""What a booking may become, and how its services lie in time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from console.domain.errors import Refused
from console.domain.ids import BookableId, ServiceId


class Status(StrEnum):
    """Where a booking stands."""

    BOOKED = "booked"
    CONFIRMED = "confirmed"
    ARRIVED = "arrived"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


class Source(StrEnum):
    """How a booking reached us; `BOOKS`: it was kept elsewhere before this console."""

    DESK = "desk"
    PHONE = "phone"
    CHAT = "chat"
    MAIL = "mail"
    BOOKS = "books"


class CancelledBy(StrEnum):
    """Who called a booking off."""

    CLIENT = "client"
    US = "us"


class ReasonUse(StrEnum):
    """What a reason is chosen for."""

    CANCELLATION = "cancellation"
    NO_SHOW = "no_show"
    OVERBOOKING = "overbooking"
    PRICE = "price"
    REFUND = "refund"
    FEE_WAIVER = "fee_waiver"
    TILL = "till"


class UnlawfulMove(Refused):
    """A status that a booking cannot come to from the one it has."""

    key = "refused.status"


class NotItsDay(Refused):
    """An arrival on a date before that of the booking."""

    key = "refused.not_its_day"


LAWFUL: dict[Status, frozenset[Status]] = {
    Status.BOOKED: frozenset({Status.CONFIRMED, Status.ARRIVED, Status.FINISHED, Status.CANCELLED, Status.NO_SHOW}),
    Status.CONFIRMED: frozenset({Status.ARRIVED, Status.FINISHED, Status.CANCELLED, Status.NO_SHOW}),
    Status.ARRIVED: frozenset({Status.FINISHED}),
    Status.FINISHED: frozenset(),
    Status.CANCELLED: frozenset(),
    Status.NO_SHOW: frozenset({Status.ARRIVED}),
}
"""What a booking may become; back again goes an undo."""

STANDING = (Status.BOOKED, Status.CONFIRMED, Status.ARRIVED, Status.FINISHED)
"""Of a booking that occupies its people and things."""

UNDONE = (Status.BOOKED, Status.CONFIRMED, Status.ARRIVED)
"""Of a booking that holds up the erasure of its client until it is over."""

MOVABLE = (Status.BOOKED, Status.CONFIRMED)

CALLED_OFF = (Status.CANCELLED, Status.NO_SHOW)
"""Of a booking that may be brought back to another place."""

BEGUN = timedelta(hours=1)
"""What began longer ago lies in the past: somebody who walked in may be written down late."""
MOST_SERVICES = 8


def refuse_unlawful(now: Status, then: Status) -> None:
    """Raise `UnlawfulMove` unless a booking may become this."""
    if then not in LAWFUL[now]:
        raise UnlawfulMove


def is_late(starts_at: datetime, now: datetime, notice_hours: int) -> bool:
    """Whether a cancellation comes after the notice period of the location has begun."""
    return now > starts_at - timedelta(hours=notice_hours)


def may_arrive(starts_at: datetime, now: datetime, zone: ZoneInfo) -> bool:
    """Whether an arrival can be noted: from the beginning of the booking's date at its location on."""
    return now.astimezone(zone).date() >= starts_at.astimezone(zone).date()


@dataclass(frozen=True)
class Part:
    """A service to be done and by whom or with what. `minutes` as long as the slowest of them takes."""

    service: ServiceId
    bookables: tuple[BookableId, ...]
    minutes: int
    buffer_before: int = 0
    buffer_after: int = 0


@dataclass(frozen=True)
class Span:
    """When a part is done, half-open, and when with its buffers somebody is occupied by it."""

    starts_at: datetime
    ends_at: datetime
    occupied_from: datetime
    occupied_to: datetime


def in_time(starts_at: datetime, parts: Iterable[Part]) -> list[Span]:
    """The parts one after the other from an instant on."""
    spans = []
    start = starts_at
    for part in parts:
        end = start + timedelta(minutes=part.minutes)
        before, after = timedelta(minutes=part.buffer_before), timedelta(minutes=part.buffer_after)
        spans.append(Span(start, end, start - before, end + after))
        start = end
    return spans


def hulls(parts: Sequence[Part], spans: Sequence[Span]) -> Mapping[BookableId, tuple[datetime, datetime]]:
    """From when to when each bookable is occupied: from its first part to its last one, without a gap."""
    found: dict[BookableId, tuple[datetime, datetime]] = {}
    for part, span in zip(parts, spans, strict=True):
        for one in part.bookables:
            start, end = found.get(one, (span.occupied_from, span.occupied_to))
            found[one] = min(start, span.occupied_from), max(end, span.occupied_to)
    return found
