"""Use cases of the business, its locations and its holidays."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from console.domain import clock, db
from console.domain.business import demo, public_holidays
from console.domain.business.tables import Business, Holiday, Location
from console.domain.errors import Refused
from console.domain.operation import FINAL, Operation, operation

BUSINESS = 1
"""The id of the one business row."""


class AlreadyInUse(Refused):
    """The demo's content goes into an untouched database only."""

    key = "refused.already_in_use"


@operation("business.begin", permission="business:change", undo=FINAL)
async def begin(op: Operation) -> None:
    """Make the one row of a new database, for its owner to fill in."""
    await op.insert(
        Business, id=BUSINESS, name="Fifth Visit", currency="EUR", languages=["en", "ru"], language="en", demo=False
    )


@operation("business.demo", permission="business:change", undo=FINAL)
async def begin_demo(op: Operation, language: str) -> None:
    """Turn an untouched database into the demo's business. Raises `AlreadyInUse`."""
    await op.lock(Business, [BUSINESS])
    if await db.fetchval("SELECT version > 1 OR EXISTS (SELECT FROM location) FROM business"):
        raise AlreadyInUse
    story = demo.STORIES[language]
    values = {**story.business, "currency": demo.CURRENCY, "language": language, "demo": True}
    await op.update(Business, BUSINESS, None, values)
    for location in story.locations:
        await op.insert(Location, zone=demo.ZONE, notice_hours=24, **location)
    this_year = clock.business_date(op.now, ZoneInfo(demo.ZONE)).year
    for year in (this_year, this_year + 1):
        for day, name in public_holidays.days(demo.COUNTRY, None, year, language):
            await op.insert(Holiday, date=day, name=name, hours=[])
