"""What clients of the demo's cleaning company came for until today, so that their cards stand at every stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from console.domain import clock, db
from console.domain.booking.reasons import reasons
from console.domain.booking.rules import ReasonUse
from console.domain.business.demo_hours import DAY, open_from, open_through
from console.domain.business.queries import LocationView
from console.domain.clock import WallTime
from console.domain.ids import ClientId, MethodId, ServiceId, VisitId
from console.domain.intent import SYSTEM, Actor, Intent
from console.domain.loyalty.accounts import account
from console.domain.loyalty.nights import BEGINS, due, last_night, night
from console.domain.loyalty.rules.live import REPLAY
from console.domain.loyalty.rules.nights import next_night
from console.domain.operation import known
from console.domain.team.rules import Role
from console.domain.visits import actions, methods, refunds, rules, terms
from console.domain.visits.rules import Entered, Paid

NOON = 13 * 60
AFTERNOON = 17 * 60
HALF = 0.5
NEAR = timedelta(days=3)
"""So much later than is told somebody came at the most."""
MOST = 100


@dataclass(frozen=True)
class Story:
    """Somebody by their place in the list: how many days ago they came, each time for the same service.

    `free`: on which of these days a free visit was taken; `owing`: on which half of the price was paid; `twice`: on
    which they came once more, for what had gone wrong: its price was given back on the next day of work. Where nobody
    worked on such a day they came on the next one, or else on the last one before.
    """

    client: int
    service: str
    days: Sequence[int]
    free: Sequence[int] = ()
    owing: Sequence[int] = ()
    twice: Sequence[int] = ()


STORIES = (
    Story(2, "REG", (61, 33, 12)),
    Story(4, "DEEP", (110, 82, 54, 26, 5)),
    Story(6, "DEEP", (193, 186, 172, 160)),
    Story(8, "DEEP", range(131, 3, -12)),
    Story(10, "DEEP", (234, 220, 212, 204, 60)),
    Story(12, "REG", (150, 122, 94, 66, 31, 1), free=(31,)),
    Story(14, "SOFA", (20,), owing=(20,)),
    Story(16, "DEEP", (250, 232, 212, 184)),
    Story(20, "REG", (75, 47, 33, 19), twice=(19,)),
    Story(34, "REG", range(92, 1, -14)),
)


@cache
def came(story: Story, today: date) -> dict[int, date]:
    """On which date somebody came who is told to have come so many days ago, each time on another one."""
    dates: dict[int, date] = {}
    for ago in story.days:
        told = today - timedelta(ago)
        on = open_from(max([told, *(one + DAY for one in dates.values())]))
        before = open_through(told)
        near = on - told <= NEAR and on < today
        dates[ago] = on if near or before in dates.values() else before
    return dates


def given_back(story: Story, today: date, ago: int) -> date:
    """When the price of a visit was given back."""
    return open_from(came(story, today)[ago] + DAY)


@dataclass(frozen=True)
class Shop:
    """Where the visits were, the services and clients by their codes and places, and what each service costs."""

    location: LocationView
    services: Mapping[str, ServiceId]
    prices: Mapping[str, int]
    clients: Sequence[ClientId]
    people: Mapping[Role, Actor]


async def visit(names: UUID, now: datetime, shop: Shop) -> None:
    """Finish the visits through the use cases, each on its day."""
    zone = ZoneInfo(shop.location.zone)
    today = clock.business_date(now, zone)
    ways = [one.id for one in await methods.methods() if one.retired_at is None]
    for story in STORIES:
        for ago in story.days:
            await _visit(names, shop, story, today, ago, ways)
        for ago in story.twice:
            await _give_back(names, shop, story, today, ago, ways)
        await _nights(names, shop, story, last_night(now, zone))


async def visit_on(names: UUID, today: date, on: date, shop: Shop) -> None:
    """Finish those of them that were on one date, as told on another."""
    ways = [one.id for one in await methods.methods() if one.retired_at is None]
    for story in STORIES:
        for ago, day in came(story, today).items():
            if day == on:
                await _visit(names, shop, story, today, ago, ways)
        for ago in story.twice:
            if given_back(story, today, ago) == on:
                await _give_back(names, shop, story, today, ago, ways)


async def _visit(names: UUID, shop: Shop, story: Story, today: date, ago: int, ways: Sequence[MethodId]) -> None:
    on, way = came(story, today)[ago], ways[story.days.index(ago) % 2]
    await _come(names, shop, story, on, ago, way)
    if ago in story.twice:
        await _come(names, shop, story, on, ago, way, again=True)


async def _give_back(names: UUID, shop: Shop, story: Story, today: date, ago: int, ways: Sequence[MethodId]) -> None:
    """Give back what was paid for the first visit of a date, and its stamp with it."""
    on, way = came(story, today)[ago], ways[story.days.index(ago) % 2]
    at = WallTime(given_back(story, today, ago), NOON).bound(ZoneInfo(shop.location.zone))
    intent = Intent(uuid5(names, f"refund {story.client} {ago}"), shop.people[Role.MANAGER], at)
    if await known(intent):
        return
    visit = await db.fetchrow(
        'SELECT v.id, v.due FROM visit v WHERE v.client = $1 AND v."on" = $2 AND v.retired_at IS NULL'
        " ORDER BY v.at LIMIT 1",
        shop.clients[story.client],
        on,
    )
    assert visit is not None
    [why, *_] = [one.id for one in await reasons(ReasonUse.REFUND)]
    back = (Paid(way, visit["due"]),)
    await refunds.refund(intent, VisitId(visit["id"]), shop.location.id, back, why)


async def night_after(names: UUID, now: datetime, zone: ZoneInfo) -> None:
    """The nights that are due once all has happened, as the worker does them."""
    to = last_night(now, zone)
    for client in await due(to, MOST):
        await night(_intend(names, f"night after {client}", now), client, to)


async def _come(
    names: UUID, shop: Shop, story: Story, on: date, ago: int, way: MethodId, *, again: bool = False
) -> None:
    at = WallTime(on, AFTERNOON if again else NOON).bound(ZoneInfo(shop.location.zone))
    client = shop.clients[story.client]
    name = f"visit {story.client} {ago}{' again' * again}"
    intent = Intent(uuid5(names, name), shop.people[Role.FRONT_DESK], at)
    if await known(intent):
        return
    await _nights(names, shop, story, on)
    granted = terms.for_client(await account(client, on), on, REPLAY)
    lines = (Entered(shop.prices[story.service], service=shop.services[story.service]),)
    due = rules.priced(granted.programme, lines, granted.percentages, free=ago in story.free).due
    paid = round(due * HALF) if ago in story.owing else due
    payments = (Paid(way, paid),) if paid else ()
    till = actions.Till(shop.location.id, lines, due, payments, client, at=at, free=ago in story.free)
    await actions.finish(intent, till)


async def _nights(names: UUID, shop: Shop, story: Story, to: date) -> None:
    """The nights through a date that do something, each at its hour."""
    client = shop.clients[story.client]
    held = await account(client, to)
    while held.id and (on := next_night(held.versions, held.card)) is not None and on <= to:
        at = WallTime(on, BEGINS).bound(ZoneInfo(shop.location.zone))
        await night(_intend(names, f"night {story.client} {on}", at), client, on)
        held = await account(client, to)


def _intend(names: UUID, name: str, now: datetime) -> Intent:
    """As the workers, which do what is due by themselves."""
    return Intent(uuid5(names, name), SYSTEM, now)
