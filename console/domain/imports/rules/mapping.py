"""What another programme's files hold: data, so that its export needs no code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from console.domain.business.rules import Week
from console.domain.imports.rules.styles import Dates, Decimals
from console.domain.text import fold


class Holds(StrEnum):
    """What the rows of a file are, in the order in which they are taken in."""

    SERVICES = "services"
    PRODUCTS = "products"
    CLIENTS = "clients"
    BOOKINGS = "bookings"
    RECEIPTS = "receipts"
    CANCELLATIONS = "cancellations"
    NO_SHOWS = "no_shows"


class Negative(StrEnum):
    """What a line of a receipt is that is below zero."""

    COVER = "cover"
    DISCOUNT = "discount"
    RETURN = "return"


_OF_CLIENT = frozenset({"name", "given_name", "family_name", "phone", "email"})
_LISTING = frozenset({"code", "name", "category", "price", "active"})
_BOOKED = frozenset({"client", "service", "staff", "date", "time"})

FIELDS: Mapping[Holds, frozenset[str]] = {
    Holds.SERVICES: _LISTING | {"minutes"},
    Holds.PRODUCTS: _LISTING | {"barcode"},
    Holds.CLIENTS: _OF_CLIENT | {"client", "birthday", "joined_on"},
    Holds.BOOKINGS: _BOOKED | _OF_CLIENT,
    Holds.RECEIPTS: _OF_CLIENT | {"receipt", "client", "date", "item", "staff", "quantity", "amount"},
    Holds.CANCELLATIONS: _BOOKED | {"cancelled_on"},
    Holds.NO_SHOWS: _BOOKED,
}
"""What the columns of a file may be."""

NEEDED: Mapping[Holds, frozenset[str]] = {
    Holds.SERVICES: frozenset({"code", "name"}),
    Holds.PRODUCTS: frozenset({"code", "name"}),
    Holds.CLIENTS: frozenset(),
    Holds.BOOKINGS: frozenset({"service", "staff", "date", "time"}),
    Holds.RECEIPTS: frozenset({"date"}),
    Holds.CANCELLATIONS: frozenset({"client", "service", "date"}),
    Holds.NO_SHOWS: frozenset({"client", "service", "date"}),
}


def needed(holds: Holds, service: str) -> frozenset[str]:
    """The fields that a file has to have where it is said what clients came for (`service`), or not."""
    return NEEDED[holds] | ({"item"} if holds is Holds.RECEIPTS and not service else set())


DATES = frozenset({"date", "cancelled_on", "birthday", "joined_on"})
AMOUNTS = frozenset({"price", "amount"})


@dataclass(frozen=True)
class File:
    """Files whose names fit a pattern: what they hold, and the column of each field.

    How they are written, None: as it is recognised. `optional`: fields whose columns a file may lack.
    """

    pattern: str
    holds: Holds
    columns: Mapping[str, str]
    encoding: str | None = None
    delimiter: str | None = None
    dates: Dates | None = None
    decimals: Decimals | None = None
    optional: frozenset[str] = frozenset()

    def fits(self, name: str) -> bool:
        return fnmatchcase(name.lower(), self.pattern.lower())


@dataclass(frozen=True)
class Below:
    """What lines below zero are: those of some `items` (None: any), with a `quantity` below zero or not (None: any).

    `covers`: which items a cover is of, None: any.
    """

    what: Negative
    items: frozenset[str] | None = None
    quantity: bool | None = None
    covers: frozenset[str] | None = None

    def fits(self, item: str, quantity: int) -> bool:
        return (self.items is None or fold(item) in self.items) and self.quantity in (None, quantity < 0)


@dataclass(frozen=True)
class Business:
    """`country`: whose phone numbers are those without a country's code, None: none. `currency` "": not known yet."""

    name: str
    currency: str
    language: str
    country: str | None = None


@dataclass(frozen=True)
class Place:
    """`zone` "": not known yet."""

    name: str
    zone: str
    hours: Week
    notice_hours: int


@dataclass(frozen=True)
class Mapped:
    """A mapping. `source`: under which the keys of what was imported are kept; `time`: of what has a date alone.

    `service`: what clients came for where a file has no column that says it; "": it has to say it. `minutes` of
    services that say none, but for `durations` by code; `create`: make services that are not there yet.
    """

    source: str
    business: Business
    place: Place
    files: Sequence[File]
    time: int
    minutes: int
    durations: Mapping[str, int] = field(default_factory=dict)
    create: bool = False
    walk_in: frozenset[str] = frozenset()
    negative: Sequence[Below] = ()
    dates: Dates | None = None
    decimals: Decimals | None = None
    service: str = ""

    def file(self, name: str) -> File | None:
        """What a file holds by its name; None where no pattern fits."""
        return next((one for one in self.files if one.fits(name)), None)

    def below(self, item: str, quantity: int) -> Below | None:
        return next((one for one in self.negative if one.fits(item, quantity)), None)
