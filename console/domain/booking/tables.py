"""Bookings, what each of their services occupies, and the occupancy that nothing can lie twice in."""

from __future__ import annotations

from typing import Any

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    BigInt,
    BigSerial,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    OnDelete,
    OnUpdate,
    SmallInt,
    Text,
    Timestamptz,
)
from piccolo.table import Table

from console.domain.business.tables import Location
from console.domain.catalogue.tables import Service
from console.domain.clients.tables import ClientSite, client_column
from console.domain.db import ENGINE
from console.domain.roster.tables import Bookable, TimeOff, bookable_column
from console.domain.tables import Entity, entity, gone_once_retired, holding_ids, keyed, of_client, personal


class InstantRange(Column):
    """A half-open range of instants; asyncpg reads and writes it as `asyncpg.Range`."""

    value_type = object

    def __init__(self, default: Any = None, **kwargs: Any) -> None:
        self.default = default
        kwargs["default"] = default
        super().__init__(**kwargs)

    @property
    def column_type(self) -> str:
        return "TSTZRANGE"


@entity
class Reason(Entity, Table, tablename="reason", db=ENGINE):
    """A reason that can be chosen where something is called off or permitted. `use`: what for; `names` by language."""

    use = Text(null=False, default=None)
    names = JSONB(null=False, default=None)
    position = Integer(null=False, default=None)


def site_column() -> ForeignKey[ClientSite]:
    """Where the work is done, a site of the row's client; None: nothing else than their address is said."""
    return ForeignKey(ClientSite, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)


def reason_column() -> ForeignKey[Reason]:
    return ForeignKey(Reason, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)


@of_client("bookings")
@personal(note=None)
@holding_ids(services="service", by="bookable")
@entity
class Series(Entity, Table, tablename="series", db=ENGINE):
    """A booking that comes again: what, for whom, and on which dates (see `recurring.Recurrence`).

    `services` in their order; `by`: who does each, where that is not `person` for all (None in it: anyone who can);
    `minute` on the wall; `nth`: week of the month, from 0, the last is 4; `made_until`: the date through which bookings
    were made; `shifted`: days. Retired means ended: what was booked stays.
    """

    client = client_column()
    location = ForeignKey(Location, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    services = Array(base_column=BigInt(), null=False, default=None)
    person = ForeignKey(Bookable, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    minute = SmallInt(null=False, default=None)
    source = Text(null=False, default=None)
    note = Text(null=True, default=None)
    starts_on = Date(null=False, default=None)
    every = SmallInt(null=False, default=None)
    unit = Text(null=False, default=None)
    weekdays = Array(base_column=SmallInt(), null=False, default=None)
    until = Date(null=True, default=None)
    times = SmallInt(null=True, default=None)
    on_holiday = Text(null=False, default=None)
    made_until = Date(null=False, default=None)
    site = site_column()
    shifted = SmallInt(null=False, default=None)
    by = Array(base_column=BigInt(), null=True, default=None)
    nth = SmallInt(null=True, default=None)


@of_client("bookings")
@personal(note=None)
@entity
class Booking(Entity, Table, tablename="booking", db=ENGINE):
    """A client's services planned at a location, one after the other.

    `starts_at` to `ends_at` is what the client is told, without buffers. `overbooked`: why it may lie over others.
    `note`: for whoever does the work. `series_on`: the date by the rule of its series, wherever it was moved to.
    """

    client = client_column()
    location = ForeignKey(Location, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    starts_at = Timestamptz(null=False, default=None)
    ends_at = Timestamptz(null=False, default=None)
    status = Text(null=False, default=None)
    source = Text(null=False, default=None)
    note = Text(null=True, default=None)
    overbooked = reason_column()
    series = ForeignKey(Series, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    series_on = Date(null=True, default=None)
    site = site_column()


def booking_column() -> ForeignKey[Booking]:
    return ForeignKey(Booking, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)


@entity
class BookingItem(Entity, Table, tablename="booking_item", db=ENGINE):
    """One service of a booking, with the buffers (minutes) and the price that were quoted when it was booked."""

    booking = booking_column()
    service = ForeignKey(Service, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    starts_at = Timestamptz(null=False, default=None)
    ends_at = Timestamptz(null=False, default=None)
    buffer_before = Integer(null=False, default=None)
    buffer_after = Integer(null=False, default=None)
    minor = BigInt(null=True, default=None)
    currency = Text(null=True, default=None)


@entity
class Assignment(Entity, Table, tablename="assignment", db=ENGINE):
    """Who or what does one service of a booking."""

    item = ForeignKey(BookingItem, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    bookable = bookable_column()


@entity
class StatusChange(Entity, Table, tablename="status_change", db=ENGINE):
    """That a booking came to a status. Of a cancellation: by whom, and whether it came after the notice period.

    `starts_read`: of an answer by the client's link the beginning that stood there.
    """

    booking = booking_column()
    status = Text(null=False, default=None)
    reason = reason_column()
    cancelled_by = Text(null=True, default=None)
    late = Boolean(null=True, default=None)
    starts_read = Timestamptz(null=True, default=None)


@gone_once_retired
@holding_ids(members="bookable")
@keyed("crew", "valid_from", "that_day")
@entity
class CrewList(Entity, Table, tablename="crew_list", db=ENGINE):
    """Who is in a crew from a business date on, or on that date alone: whoever stands in for somebody that day."""

    crew = ForeignKey(Bookable, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    valid_from = Date(null=False, default=None)
    that_day = Boolean(null=False, default=None)
    members = Array(base_column=BigInt(), null=False, default=None)


@entity
class SeriesClash(Entity, Table, tablename="series_clash", db=ENGINE):
    """A date of a series at which there was no place. `problem`: the key of why. Retired once it was dealt with."""

    series = ForeignKey(Series, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    on = Date(null=False, default=None)
    problem = Text(null=False, default=None)


@entity
class SeriesSkip(Entity, Table, tablename="series_skip", db=ENGINE):
    """A date of a series that was left out when its bookings were made, since the location was closed then."""

    series = ForeignKey(Series, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    on = Date(null=False, default=None)


class Retelling(Table, tablename="retelling", db=ENGINE):
    """How far what is due about bookings was settled anew, for which version of the choice; one row.

    `after`: the last client that is done, null once all are.
    """

    id = BigSerial(primary_key=True)
    number = BigInt(null=False, default=None)
    choice = Integer(null=False, default=None)
    after = BigInt(null=True, default=None)


class Occupancy(Table, tablename="occupancy", db=ENGINE):
    """That a bookable is taken: by a booking (buffers inside), by a time off, or held until `expires_at` for `holder`.

    Derived from bookings and time off; nothing refers to it. In one lane nothing ever overlaps; what is overbooked
    lies in another lane than what is below it.
    """

    id = BigSerial(primary_key=True)
    bookable = bookable_column()
    lane = SmallInt(null=False, default=None)
    during = InstantRange(null=False)
    kind = Text(null=False, default=None)
    booking = ForeignKey(Booking, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    time_off = ForeignKey(TimeOff, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    hold = UUID(null=True, default=None)
    expires_at = Timestamptz(null=True, default=None)
    holder = BigInt(null=True, default=None)
