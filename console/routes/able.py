"""Who can do a service and what suits it, on the page of the service."""

from __future__ import annotations

from collections import Counter
from typing import Any

from litestar import Response, post
from litestar.params import FromPath

from console import i18n
from console.domain.booking.places import short
from console.domain.catalogue import actions, queries
from console.domain.catalogue.queries import ServiceView
from console.domain.ids import BookableId, ServiceId
from console.domain.roster.queries import bookables
from console.domain.roster.rules import BookableKind
from console.domain.team.rules import Permission
from console.routes import _needs
from console.routes._forms import FORM_LIMIT
from console.routes._page import Req
from console.routes._submit import press
from console.routes._team import CHANGE

ONE = "/catalogue/services/{of:int}/able/{bookable:int}"


def _url(of: int) -> str:
    return f"/catalogue/services/{of}"


def needs(one: ServiceView) -> dict[BookableKind, int]:
    """How many of each kind a booking of it occupies."""
    return {
        BookableKind.PERSON: one.needs.people,
        BookableKind.ROOM: one.needs.rooms,
        BookableKind.VEHICLE: one.needs.vehicles,
        BookableKind.EQUIPMENT: one.needs.equipment,
    }


def _lacking(kind: BookableKind, count: int, there: int) -> str:
    """What keeps a service from being booked: 2 people needed, there are 1."""
    return i18n.words("words.need_unmet", {"needed": _needs.needed(kind, count), "there": there})


async def shown(request: Req, one: ServiceView) -> dict[str, Any]:
    """Who and what can do a service, and who else could be chosen: of the kinds that it needs."""
    known = [other for other in await bookables() if other.retired_at is None]
    there = {skill.bookable: skill for skill in await queries.able(one.id)}
    needed = needs(one)
    kinds = Counter(other.kind for other in known if other.id in there)
    return {
        "lacking": [_lacking(kind, count, kinds[kind]) for kind, count in short(needed, kinds).items()],
        "able": [{"who": other, "own": _own(there[other.id])} for other in known if other.id in there],
        "others": [other for other in known if other.id not in there and needed.get(other.kind)],
        "may_read_team": request.user.actor.may(Permission.ROSTER_READ),
        "may_choose": request.user.actor.may(Permission.ROSTER_CHANGE) and one.retired_at is None,
    }


def _own(skill: queries.SkillView) -> str:
    """The minutes and the price that somebody has of their own."""
    price = i18n.money(skill.minor, skill.currency) if skill.minor is not None and skill.currency else ""
    return ", ".join(filter(None, (i18n.duration(skill.minutes) if skill.minutes else "", price)))


@post(f"{ONE}/addition", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def give(request: Req, of: FromPath[int], bookable: FromPath[int]) -> Response[Any]:
    """They can do it from now on."""
    act = lambda intent: actions.give_skill(intent, BookableId(bookable), ServiceId(of))  # noqa: E731
    return await press(request, act, _url(of))


@post(f"{ONE}/removal", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def take(request: Req, of: FromPath[int], bookable: FromPath[int]) -> Response[Any]:
    """They cannot do it any more."""
    act = lambda intent: actions.take_skill(intent, BookableId(bookable), ServiceId(of))  # noqa: E731
    return await press(request, act, _url(of))


ROUTES = [give, take]
