"""Crews and series of the demo's cleaning company: who works in pairs, who is cleaned for every week, and one clash."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from console.domain.booking import actions, crews, series
from console.domain.booking.arranging import Asked
from console.domain.booking.demo import Business, site_of
from console.domain.booking.recurring import Recurrence, Unit
from console.domain.booking.rules import Source
from console.domain.catalogue import actions as catalogue
from console.domain.catalogue.rules import Able
from console.domain.clock import WallTime
from console.domain.errors import DomainError
from console.domain.ids import BookableId
from console.domain.intent import Intent
from console.domain.roster import actions as roster
from console.domain.roster.rules import BookableKind

CREWS = {
    "en": (("Crew North", (0, 1)), ("Crew South", (3, 4))),
    "ru": (("Бригада «Север»", (0, 1)), ("Бригада «Юг»", (3, 4))),
}
"""Names, and who is in them by place in the list of people."""
CREW_DOES = ("DEEP", "OFF")


@dataclass(frozen=True)
class _Story:
    """A series. `by`: a person by place in the list, or a crew counted from 10; `client`: by place in the list.

    `then`: further services, each with who does it. `after`: days from the Monday of the week after next to its first
    date.
    """

    client: int
    code: str
    by: int
    minute: int
    after: int
    every: int = 1
    unit: Unit = Unit.WEEK
    weekdays: tuple[int, ...] = ()
    count: int | None = None
    then: tuple[tuple[str, int], ...] = ()


STORIES = (
    _Story(0, "REG", 0, 600, 1),
    _Story(2, "REG", 4, 540, 0, every=2, weekdays=(0, 3)),
    _Story(35, "OFF", 11, 960, 2, count=6),
    _Story(36, "DEEP", 10, 840, 4, every=2, count=3),
    _Story(5, "WIN", 2, 690, 4, unit=Unit.MONTH),
    _Story(9, "REG", 1, 540, 3, every=2, then=(("WIN", 2),)),
)
CLASH = (7, "REG", 0, 600, 15)
"""A single booking that lies where a date of the first series would be: client, code, person, minute, days after."""

Intend = Callable[[str], Intent]


async def book(intend: Intend, today: date, language: str, business: Business) -> None:
    """Make the crews and book the series; what finds no place is left out."""
    made = [
        await _crew(intend, today, business, name, [business.people[at] for at in members])
        for name, members in CREWS[language]
    ]
    monday = today + timedelta(days=14 - today.weekday())
    client, code, who, minute, after = CLASH
    starts_at = WallTime(monday + timedelta(days=after), minute).bound(ZoneInfo(business.location.zone))
    single = Asked(
        business.clients[client], business.location.id, (business.services[code],), business.people[who], Source.PHONE
    )
    try:
        await actions.book(intend("series clash"), single, starts_at)
    except DomainError:
        return
    for at, story in enumerate(STORIES):
        await _series(intend(f"series {at}"), monday, business, made, story)


async def _crew(
    intend: Intend, today: date, business: Business, name: str, members: Sequence[BookableId]
) -> BookableId:
    added = await roster.add(
        intend(f"crew {name}"), BookableKind.CREW, name, None, business.location.id, today.replace(day=1)
    )
    crew = BookableId(added.result["bookable"])
    await catalogue.set_skills(
        intend(f"skills {name}"), crew, tuple(Able(business.services[code]) for code in CREW_DOES)
    )
    await crews.set_members(intend(f"members {name}"), crew, today, tuple(members))
    return crew


async def _series(intent: Intent, monday: date, business: Business, made: Sequence[BookableId], story: _Story) -> None:
    steps = ((story.code, story.by), *story.then)
    by = tuple(made[who - 10] if who >= 10 else business.people[who] for _, who in steps)
    first = monday + timedelta(days=story.after)
    rule = Recurrence(first, story.every, story.unit, story.weekdays or (first.weekday(),), count=story.count)
    client = business.clients[story.client]
    services = tuple(business.services[code] for code, _ in steps)
    asked = Asked(client, business.location.id, services, by=by, site=await site_of(client))
    try:
        await series.begin(intent, asked, story.minute, rule)
    except DomainError:
        return
