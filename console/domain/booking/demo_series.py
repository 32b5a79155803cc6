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
from console.domain.business.queries import LocationView
from console.domain.catalogue import actions as catalogue
from console.domain.catalogue.rules import Able
from console.domain.clock import WallTime
from console.domain.errors import DomainError
from console.domain.ids import BookableId, ServiceId
from console.domain.intent import Intent
from console.domain.roster import actions as roster
from console.domain.roster.demo import CREWS, Team
from console.domain.roster.rules import BookableKind


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


async def make_crews(intend: Intend, today: date, language: str, business: Business, team: Team) -> list[BookableId]:
    """The crews of a team, whose people are in them from a date on."""
    does = [business.services[code] for code in team.crews_do]
    return [
        await _crew(intend, today, business.location, name, [business.people[at] for at in members], does)
        for name, members in zip(CREWS[language], team.crews, strict=True)
    ]


async def book(intend: Intend, today: date, business: Business, made: Sequence[BookableId]) -> None:
    """Book the series, those of crews by the ones that were made; what finds no place is left out."""
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
    intend: Intend,
    today: date,
    location: LocationView,
    name: str,
    members: Sequence[BookableId],
    does: Sequence[ServiceId],
) -> BookableId:
    added = await roster.add(intend(f"crew {name}"), BookableKind.CREW, name, None, location.id, today.replace(day=1))
    crew = BookableId(added.result["bookable"])
    await catalogue.set_skills(intend(f"skills {name}"), crew, tuple(map(Able, does)))
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
