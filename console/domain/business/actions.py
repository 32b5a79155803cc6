"""Use cases of the business, and its locations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from console.domain import clock, db
from console.domain.business import demo, pictures, public_holidays, rules, steps
from console.domain.business.tables import BUSINESS, UNNAMED, Business, Holiday, Location
from console.domain.errors import Invalid, NotFound, Problem, Refused, at_field, constraint
from console.domain.ids import LocationId
from console.domain.operation import operation
from console.domain.plain import to_plain
from console.domain.running import FINAL, Operation
from console.domain.undo import restore

constraint("business_languages_check", at_field("language", "problem.language_not_offered"))
constraint("location_name_key", at_field("name", "problem.location_taken"))


class AlreadyInUse(Refused):
    """The demo's content goes into an untouched database only."""

    key = "refused.already_in_use"


@dataclass(frozen=True)
class About:
    """What is said of the business. Phone as E.164, currency by ISO 4217, `language` one of `languages`."""

    name: str
    phone: str | None
    email: str | None
    website: str | None
    address: str | None
    currency: str
    languages: tuple[str, ...]
    language: str


@dataclass(frozen=True)
class Place:
    """What is said of a location. `notice_hours`: how long before a booking it may be cancelled freely."""

    name: str
    address: str | None
    phone: str | None
    zone: str
    hours: rules.Week
    notice_hours: int


@operation("business.begin", permission="business:change", undo=FINAL)
async def begin(op: Operation) -> None:
    """Make the one row of a new database, for its owner to fill in."""
    await op.insert(
        Business, id=BUSINESS, name=UNNAMED, currency="EUR", languages=["en", "ru"], language="en", demo=False
    )


@operation("business.demo", permission="business:change", undo=FINAL)
async def begin_demo(op: Operation, language: str, clients: int = 0, since: date | None = None) -> dict[str, Any]:
    """Turn an untouched database into the demo's business. Raises `AlreadyInUse`.

    `clients`: with how many it shall be made; `since`: when what is told of it begins, None: this year.
    """
    await op.lock(Business, [BUSINESS])
    if await db.fetchval("SELECT version > 1 OR EXISTS (SELECT FROM location) FROM business"):
        raise AlreadyInUse
    story = demo.STORIES[language]
    values = {**story.business, "currency": demo.CURRENCY, "language": language, "demo": True}
    await op.update(Business, BUSINESS, None, values)
    for location in story.locations:
        await op.insert(Location, zone=demo.ZONE, notice_hours=24, **location)
    this_year = clock.business_date(op.now, ZoneInfo(demo.ZONE)).year
    for year in range(since.year if since else this_year, this_year + 2):
        for day, names in public_holidays.named_days(demo.COUNTRY, None, year, tuple(demo.STORIES), language):
            await op.insert(Holiday, date=day, names=names, hours=[])
    return {"clients": clients, "language": language}


@operation("business.demo_whole", permission="business:change", undo=FINAL)
async def finish_demo(op: Operation) -> None:
    """Note that the demo is whole: nothing is added to it any more."""


@operation("business.demo_lived", permission="business:change", undo=FINAL)
async def live_demo(op: Operation) -> None:
    """Note that the demo's business was lived through until now."""


@operation("business.change", permission="business:change", undo=steps.restore_business)
async def change(op: Operation, version: int, about: About, picture: bytes | None, without_logo: bool) -> None:
    """Change what is said of the business. A new picture counts more than the wish for none. Raises `Invalid`."""
    if about.language not in about.languages:
        raise Invalid({"language": Problem("problem.language_not_offered")})
    values = {**asdict(about), "languages": list(about.languages)}
    if picture is not None:
        values["logo"] = await steps.keep_picture(op, _media_type(picture), picture)
    elif without_logo:
        values["logo"] = None
    await op.update(Business, BUSINESS, version, values)


@operation("business.put_steps_away", permission="business:change", undo=restore)
async def put_steps_away(op: Operation) -> None:
    """Show the first steps no more on the start page, whoever opens it."""
    await op.lock(Business, [BUSINESS])
    if not await db.fetchval("SELECT steps_away_at FROM business"):
        await op.update(Business, BUSINESS, None, {"steps_away_at": op.now})


def _media_type(picture: bytes) -> str:
    try:
        return pictures.media_type(picture)
    except pictures.NoPicture as no_picture:
        raise Invalid({"logo": no_picture.problem}) from None


@operation("location.add", permission="location:change", undo=steps.restore_location)
async def add_location(op: Operation, place: Place) -> dict[str, int]:
    """Open a new location. Raises `Invalid`."""
    return {"location": await op.insert(Location, **_location(place))}


@operation("location.change", permission="location:change", undo=restore)
async def change_location(op: Operation, location: LocationId, version: int, place: Place) -> dict[str, int]:
    """Change what is said of a location. Raises `Invalid`."""
    await op.update(Location, location, version, _location(place))
    return {"location": location}


def _location(place: Place) -> Mapping[str, object]:
    if problems := rules.week_problems(place.hours):
        raise Invalid(problems)
    return {**asdict(place), "hours": to_plain(place.hours)}


@operation("location.close", permission="location:change", undo=steps.restore_location)
async def close_location(op: Operation, location: LocationId) -> dict[str, int]:
    """Close a location: what happened there stays, nothing new is booked. Raises `LastLocation`."""
    closed_at = await _closed_at(location)
    await op.update(Location, location, None, {"retired_at": closed_at or op.now})
    await steps.keep_one_open()
    return {"location": location}


@operation("location.reopen", permission="location:change", undo=steps.restore_location)
async def reopen_location(op: Operation, location: LocationId) -> dict[str, int]:
    """Open a closed location again. Raises `Invalid` when its name has been given to another one."""
    await _closed_at(location)
    await op.update(Location, location, None, {"retired_at": None})
    return {"location": location}


async def _closed_at(location: LocationId) -> object:
    states = await steps.lock_locations()
    if location not in states:
        raise NotFound
    return states[location]
