"""What can be booked, when it is there, and when it is away."""

from __future__ import annotations

from piccolo.columns import JSONB, Date, ForeignKey, Integer, OnDelete, OnUpdate, SmallInt, Text
from piccolo.table import Table

from console.domain.business.tables import Location
from console.domain.db import ENGINE
from console.domain.tables import Entity, entity, gone_once_retired, keyed, told_new_by
from console.domain.team.tables import Staff


@keyed("kind", "name", by="({row}.kind, lower({row}.name))")
@keyed("staff")
@entity
class Bookable(Entity, Table, tablename="bookable", db=ENGINE):
    """Somebody or something that a booking occupies; a person may have a staff account. `position` orders them."""

    kind = Text(null=False, default=None)
    name = Text(null=False, default=None)
    staff = ForeignKey(Staff, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    position = Integer(null=False, default=None)


def bookable_column() -> ForeignKey[Bookable]:
    return ForeignKey(Bookable, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)


@gone_once_retired
@keyed("bookable", "location", "valid_from")
@told_new_by("location", "valid_from", "hours")
@entity
class Schedule(Entity, Table, tablename="schedule", db=ENGINE):
    """Weekly hours of a bookable at a location from a business date on.

    `hours` as those of a location; None for the location's own, whatever they are.
    """

    bookable = bookable_column()
    location = ForeignKey(Location, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    valid_from = Date(null=False, default=None)
    hours = JSONB(null=True, default=None)


@gone_once_retired
@entity
class TimeOff(Entity, Table, tablename="time_off", db=ENGINE):
    """Days on which a bookable is away, first to last; with minutes a part of one day, by the wall at each location."""

    bookable = bookable_column()
    kind = Text(null=False, default=None)
    first = Date(null=False, default=None)
    last = Date(null=False, default=None)
    from_minute = SmallInt(null=True, default=None)
    to_minute = SmallInt(null=True, default=None)
    note = Text(null=True, default=None)
