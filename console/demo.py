"""The demo: fills an untouched database with a business and one person per role, through the console's own actions.

Every intent has an id of its own that is always the same: filling that was cut off goes on where it ended.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import uvloop

from console.config import Settings
from console.domain import clock, db, kinds
from console.domain.booking import demo as bookings
from console.domain.booking import demo_series
from console.domain.business import actions as business
from console.domain.business.demo import ZONE
from console.domain.business.queries import DemoBegun, LocationView, demo_begun, locations, untouched
from console.domain.catalogue import actions as catalogue
from console.domain.catalogue import demo as offer
from console.domain.catalogue.rules import Able
from console.domain.clients import actions as clients
from console.domain.clients import cards, consents, contacts, notes
from console.domain.clients import demo as client_demo
from console.domain.clients import demo_parts as parts_demo
from console.domain.clock import WallTime
from console.domain.errors import DomainError
from console.domain.ids import BookableId, CategoryId, ClientId, ProductId, ServiceId
from console.domain.intent import DEMO, Actor, Intent
from console.domain.loyalty import demo as programme
from console.domain.messages import demo as messages
from console.domain.roster import actions as roster
from console.domain.roster import demo as team_demo
from console.domain.roster.demo import Team
from console.domain.roster.rules import BookableKind, TimeOffKind
from console.domain.team import accounts
from console.domain.team.demo import acting
from console.domain.team.rules import Role
from console.domain.tickets import demo as tickets
from console.domain.visits import demo as visits
from console.domain.visits import methods
from console.living.days import SIDE_BY_SIDE
from console.living.doing import Doing
from console.living.filling import begins, live
from console.living.rules.team import EIGHT
from console.living.shop import Shop
from console.processes import say

log = logging.getLogger(__name__)

OPENS = 9 * 60
NAMESPACE = UUID("5f1f7e00-0000-4000-8000-000000000002")

PEOPLE = {
    "en": (("Fiona Desk", Role.FRONT_DESK), ("Sam Porter", Role.SUPPORT), ("Maya Lane", Role.MANAGER),
           ("Olivia North", Role.OWNER)),
    "ru": (("Дарья Фролова", Role.FRONT_DESK), ("Семён Павлов", Role.SUPPORT), ("Мария Лаптева", Role.MANAGER),
           ("Ольга Нечаева", Role.OWNER)),
}  # fmt: skip


TOLD = 40
"""The clients whom the stories tell of; a demo that is made with more of them is lived through day by day as well."""
FEW = 240
"""With fewer clients the lived days are sparse: the stories' clients come on them too."""


def fill(settings: Settings) -> bool:
    """Fill a database that holds nothing yet, or the rest of a demo that was cut off, or bring one up to today.

    Answers whether it did.
    """
    return uvloop.run(_fill(settings))


def bring_up(settings: Settings) -> bool:
    """Live a demo that is whole through until now; whether there is one."""
    return uvloop.run(_brought(settings))


async def _brought(settings: Settings) -> bool:
    async with _pool(settings):
        await kinds.check()
        begun = await demo_begun()
        return begun is not None and begun.over and await _bring_up(begun, sends=_sends(settings))


def _pool(settings: Settings) -> contextlib.AbstractAsyncContextManager[None]:
    return db.pool(settings.database_url or "", size=SIDE_BY_SIDE + 2, repeats=True)


def _sends(settings: Settings) -> bool:
    """Whether messages really leave."""
    return bool(settings.smtp_url or settings.sms_url)


def _language(env: Mapping[str, str]) -> str:
    """What `DEMO_LANGUAGE` says, else the machine's own language, else English."""
    said = next((env[name] for name in ("DEMO_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG") if env.get(name)), "")
    return "ru" if said.startswith("ru") else "en"


async def _fill(settings: Settings) -> bool:
    async with _pool(settings):
        await kinds.check()
        begun, sends = await demo_begun(), _sends(settings)
        if begun is not None and begun.over:
            return await _bring_up(begun, sends=sends)
        if begun is None and not await untouched():
            return False
        say("Filling the demo with a business, its team, clients and bookings")
        if begun is None:
            new = DemoBegun(clock.now(), _language(os.environ), False, settings.demo_clients, None)
            await _make(new, sends=sends)
        else:
            await _go_on(begun, sends=sends)
        return True


ANOTHER = (
    "The demo was begun by another version of the console and stays as far as that one came. To see all of"
    " this version's, start it on an empty database: CONSOLE_DATA_DIR=another-folder, or another DATABASE_URL."
)


async def _go_on(begun: DemoBegun, *, sends: bool) -> None:
    """Make what is missing, as of the moment when it began. A demo that another version began stays as it is."""
    try:
        await _make(begun, sends=sends)
    except DomainError:
        log.warning(ANOTHER)
        await business.finish_demo(_intend("whole", begun.at))


async def _bring_up(begun: DemoBegun, *, sends: bool) -> bool:
    """Live a demo that is whole through until now; whether it is one that is lived through."""
    if begun.lived is None:
        return False
    try:
        made = await _set_up(begun)
    except DomainError:
        log.warning(ANOTHER)
        return False
    await _live(made, begun, sends=sends)
    return True


@dataclass(frozen=True)
class _Made:
    """What a demo begins with: its offer and team."""

    place: LocationView
    services: dict[str, ServiceId]
    products: dict[str, ProductId]
    people: Sequence[BookableId]
    things: Mapping[str, BookableId]
    team: Team
    at: datetime


async def _make(begun: DemoBegun, *, sends: bool) -> None:
    now, language = begun.at, begun.language
    made = await _set_up(begun)
    people = await acting()
    known = await _take_in(now, language, made.people, made.place, people[Role.FRONT_DESK])
    told = visits.Shop(made.place, made.services, _listed(offer.SERVICES), known, people)
    story = bookings.Business(made.place, made.people, made.services, known)
    zone = ZoneInfo(made.place.zone)
    today = clock.business_date(now, zone)
    if begun.clients > TOLD:
        await _live(made, begun, told, sends=sends)
    else:
        await visits.visit(NAMESPACE, now, told)
    await tickets.tell(_intend_as, now, language, known)
    if begun.clients <= TOLD:
        await bookings.book(NAMESPACE, now, language, story)
    crews = await _crews(begun, made)
    desk = people[Role.FRONT_DESK]
    await demo_series.book(lambda name: _intend_as(name, desk, now), today, story, crews)
    await visits.night_after(NAMESPACE, now, zone)
    await messages.leave_unsaid(now)
    await business.finish_demo(_intend("whole", now))


async def _set_up(begun: DemoBegun) -> _Made:
    """The business with its people, offer, programme and team, from where its history begins on."""
    now, language = begun.at, begun.language
    lives = begun.clients > TOLD
    at = WallTime(begins(now) - timedelta(days=1), OPENS).bound(ZoneInfo(ZONE)) if lives else now
    people = tuple(
        (name, f"{role.value.replace('_', '.')}@demo.example", role.value) for name, role in PEOPLE[language]
    )
    await business.begin_demo(_intend("business", now), language, begun.clients, at.date() if lives else None)
    await accounts.make_demo_staff(_intend("staff", now), people)
    services, products = await _offer(at)
    prices = sorted(roubles for *_, roubles in offer.SERVICES)
    since = date(at.year - 1, 1, 1)
    draft = _intend("programme planned", now)
    await programme.publish(lambda name: _intend(name, at), prices[len(prices) // 2] * 100, since, planned=draft)
    team = EIGHT if lives else team_demo.FIVE
    planned, things = await _plan(at, language, services, team)
    [place, *_] = await locations()
    return _Made(place, services, products, planned, things, team, at)


async def _crews(begun: DemoBegun, made: _Made) -> Sequence[BookableId]:
    """The crews, which are there from the beginning of the history on."""
    story = bookings.Business(made.place, made.people, made.services, ())
    today = clock.business_date(made.at, ZoneInfo(made.place.zone))
    return await demo_series.make_crews(lambda name: _intend(name, made.at), today, begun.language, story, made.team)


async def _live(made: _Made, begun: DemoBegun, told: visits.Shop | None = None, *, sends: bool) -> None:
    """Live through the days until now, with those on which the stories' clients came, where they are `told`."""
    now, born = clock.now(), clock.business_date(begun.at, ZoneInfo(made.place.zone))
    listed = _listed([*offer.SERVICES, *offer.PRODUCTS])
    ways = [one.id for one in await methods.methods() if one.retired_at is None]
    comers = await _known() if begun.clients < FEW else ()
    crews = await _crews(begun, made)
    shop = Shop(begun.language, made.place, made.people, crews, made.things, made.services, made.products, listed, ways)

    async def besides(on: date) -> None:
        if told is not None:
            await visits.visit_on(NAMESPACE, born, on, told)

    await live(
        shop, begun.at, now, begun.clients - TOLD, since=begun.lived, besides=besides, comers=comers, sends=sends
    )
    await business.live_demo(_intend(f"lived {now.isoformat()}", now))


def _listed(offered: Sequence[tuple[Any, ...]]) -> dict[str, int]:
    return {code: roubles * 100 for code, *_, roubles in offered}


def _intend(name: str, now: datetime) -> Intent:
    return _intend_as(name, DEMO, now)


def _intend_as(name: str, actor: Actor, now: datetime) -> Intent:
    return Intent(uuid5(NAMESPACE, name), actor, now)


async def _offer(now: datetime) -> tuple[dict[str, ServiceId], dict[str, ProductId]]:
    """The demo's catalogue, at prices that hold since last year began; the services and the products by their codes."""
    since = date(now.year - 1, 1, 1)
    categories = [
        CategoryId((await catalogue.add_category(_intend(f"category {at}", now), names)).result["category"])
        for at, names in enumerate(offer.CATEGORIES)
    ]
    services, products = {}, {}
    for code, names, at, minutes, after, needs, roubles in offer.SERVICES:
        about = catalogue.AboutService(code, names, categories[at], minutes, 0, after, needs)
        added = await catalogue.add_service(_intend(f"service {code}", now), about, roubles * 100, since)
        services[code] = ServiceId(added.result["service"])
    for code, names, barcode, roubles in offer.PRODUCTS:
        product = catalogue.AboutProduct(code, names, categories[-1], barcode)
        sold = await catalogue.add_product(_intend(f"product {code}", now), product, roubles * 100, since)
        products[code] = ProductId(sold.result["product"])
    return services, products


async def _plan(
    now: datetime, language: str, services: dict[str, ServiceId], team: Team
) -> tuple[list[BookableId], dict[str, BookableId]]:
    """The demo's people and things, with hours, skills and a vacation; the things by their kinds, the first of each."""
    today = now.date()
    since = today - timedelta(days=40)
    [place, *_] = await locations()

    async def add(kind: BookableKind, name: str) -> BookableId:
        added = await roster.add(_intend(f"bookable {name}", now), kind, name, None, place.id, since)
        return BookableId(added.result["bookable"])

    people = [await add(BookableKind.PERSON, name) for name in team.people[language]]
    for at, week in team.weeks.items():
        await roster.set_hours(_intend(f"hours {at}", now), people[at], place.id, today + timedelta(days=1), week)
    for at, person in enumerate(people):
        able = tuple(Able(one) for code, one in services.items() if at in team.skilled.get(code, range(99)))
        await catalogue.set_skills(_intend(f"skills {at}", now), person, able)
    if team.away is not None:
        monday = today + timedelta(days=7 - today.weekday())
        away = roster.Away(TimeOffKind.VACATION, monday, monday + timedelta(days=6))
        await roster.add_time_off(_intend("vacation", now), people[team.away], away)
    suits = {BookableKind.VEHICLE: ("MOVE", "RENO"), BookableKind.EQUIPMENT: ("SOFA", "RUG")}
    things: dict[str, BookableId] = {}
    for kind, name in team_demo.THINGS[language]:
        thing = await add(kind, name)
        able = tuple(Able(services[code]) for code in suits[kind])
        await catalogue.set_skills(_intend(f"skills {name}", now), thing, able)
        things.setdefault(kind.value, thing)
    return people, things


async def _take_in(
    now: datetime, language: str, people: Sequence[BookableId], place: LocationView, desk: Actor
) -> list[ClientId]:
    """The demo's clients, and what belongs to them, each since the date on which they joined."""
    told = client_demo.clients(language, now.date(), people)
    joined = [WallTime(about.joined_on or now.date(), OPENS).bound(ZoneInfo(place.zone)) for about in told]
    known = [
        ClientId((await clients.add(_intend_as(f"client {at}", desk, joined[at]), about)).result["client"])
        for at, about in enumerate(told)
    ]
    await _say(joined, language, known, desk)
    return known


async def _known() -> list[ClientId]:
    """The stories' clients."""
    doing = await Doing.known(NAMESPACE)
    return [ClientId(one["client"]) for at in range(TOLD) if (one := doing.result(f"client {at}"))]


async def _say(joined: Sequence[datetime], language: str, known: Sequence[ClientId], desk: Actor) -> None:
    """What belongs to the demo's clients: notes, contacts, sites, consents and cards."""

    def intend(name: str, at: datetime) -> Intent:
        return _intend_as(name, desk, at)

    for n, (at, text, loud) in enumerate(parts_demo.NOTES[language]):
        await notes.add(intend(f"note {n}", joined[at]), known[at], text, loud)
    for n, (at, contact) in enumerate(parts_demo.CONTACTS[language]):
        await contacts.add_contact(intend(f"contact {n}", joined[at]), known[at], contact)
    for n, (at, site) in enumerate(parts_demo.SITES[language]):
        await contacts.add_site(intend(f"site {n}", joined[at]), known[at], site)
    for at, client in enumerate(known):
        held = 0
        for n, number in enumerate(parts_demo.cards(at)):
            intent = intend(f"card {at} {n}", joined[at])
            given = await (cards.replace(intent, client, held, number) if n else cards.issue(intent, client, number))
            held = given.result["card"]
        for n, (after, said, source) in enumerate(parts_demo.consents(at)):
            intent = intend(f"consent {at} {n}", joined[at] + timedelta(days=after))
            await consents.set_consents(intent, client, None, said, source)
