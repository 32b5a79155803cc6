"""The business itself, its locations and its holidays."""

from __future__ import annotations

from piccolo.columns import (
    JSONB,
    Array,
    BigSerial,
    Boolean,
    Bytea,
    Date,
    ForeignKey,
    Integer,
    OnDelete,
    OnUpdate,
    Text,
    Timestamptz,
)
from piccolo.table import Table

from console.domain.db import ENGINE
from console.domain.tables import Entity, entity, gone_once_retired, keyed, operation_column

BUSINESS = 1
"""The id of the one business row."""
UNNAMED = "Fifth Visit"
"""What a business is called until somebody says its name."""


class Logo(Table, tablename="logo", db=ENGINE):
    """A picture that was or is the business's logo. Append-only, so that an undo and an old print find it."""

    id = BigSerial(primary_key=True)
    operation = operation_column()
    media_type = Text(null=False, default=None)
    content = Bytea(null=False, default=None)


@entity
class Business(Entity, Table, tablename="business", db=ENGINE):
    """The one business of this database (one row). `steps_away_at`: when somebody put its first steps away."""

    name = Text(null=False, default=None)
    phone = Text(null=True, default=None)
    email = Text(null=True, default=None)
    website = Text(null=True, default=None)
    address = Text(null=True, default=None)
    currency = Text(null=False, default=None)
    languages = Array(base_column=Text(), null=False, default=None)
    language = Text(null=False, default=None)
    logo = ForeignKey(Logo, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    demo = Boolean(null=False, default=None)
    steps_away_at = Timestamptz(null=True, default=None)


@keyed("name", by="lower({row}.name)")
@entity
class Location(Entity, Table, tablename="location", db=ENGINE):
    """A place of business with its own zone.

    `hours`: seven lists (Monday first) of [from, to] in minutes of the day.
    """

    name = Text(null=False, default=None)
    address = Text(null=True, default=None)
    phone = Text(null=True, default=None)
    zone = Text(null=False, default=None)
    hours = JSONB(null=False, default=None)
    notice_hours = Integer(null=False, default=None)


@gone_once_retired
@keyed("date", "location", by="({row}.date, coalesce({row}.location, 0))")
@entity
class Holiday(Entity, Table, tablename="holiday", db=ENGINE):
    """A day that departs from the weekly hours, everywhere or at one location.

    `names`: language to text; `hours` as of one weekday; empty means closed.
    """

    date = Date(null=False, default=None)
    names = JSONB(null=False, default=None)
    location = ForeignKey(Location, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    hours = JSONB(null=False, default=None)
