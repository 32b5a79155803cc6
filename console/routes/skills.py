"""Which services somebody can do, or something suits, with their own duration and price where they differ."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.catalogue import actions, queries, rules
from console.domain.catalogue.queries import ServiceView, SkillView
from console.domain.ids import BookableId
from console.domain.roster import queries as roster
from console.routes import _fields as f
from console.routes import _names, _prices
from console.routes._forms import FORM_LIMIT, Form
from console.routes._page import Req, page, today
from console.routes._submit import Saved, submit
from console.routes._team import CHANGE, url

ONE = "/team/bookables/{bookable:int}/skills"


async def _services(request: Req) -> list[ServiceView]:
    return [one for one in await queries.services(today(request)) if one.retired_at is None]


def _fields(request: Req, services: list[ServiceView]) -> tuple[f.Field, ...]:
    """A tick and two numbers a service."""
    currency = _currency(request)
    found: list[f.Field] = []
    for one in services:
        name = {"name": _names.shown(request, one.names)}
        found += [
            f.tick(f"can_{one.id}", label="field.can_service", params=name),
            f.whole(f"minutes_{one.id}", 1, rules.LONGEST, required=False, label="field.own_minutes", params=name),
            f.money(f"price_{one.id}", currency, required=False, label="field.own_price", params=name),
        ]
    return tuple(found)


async def _page(request: Req, bookable: int, form: Form, status: int = 200) -> Response[Any]:
    one = await roster.bookable(bookable)
    skills, currency = await queries.skills(bookable), _currency(request)
    rows = [
        {
            "id": service.id,
            "name": _names.shown(request, service.names),
            "category": _names.shown(request, service.category_names),
            "minutes": i18n.duration(service.minutes),
            "price": _prices.price_words(service.price) or "–",
            "otherwise": _otherwise(skills.get(service.id), currency),
        }
        for service in await _services(request)
    ]
    title = i18n.words("title.skills_of", {"name": one.name})
    return await page(
        request, "bookables/skills.html", title, status=status, form=form, rows=rows, bookable=one, base=url(bookable)
    )


def _otherwise(skill: SkillView | None, currency: str) -> str:
    """What somebody's own price was that is in another currency."""
    if skill is None or skill.minor is None or skill.currency in (None, currency):
        return ""
    return i18n.words("words.price_otherwise", {"price": i18n.money(skill.minor, skill.currency)})


def _currency(request: Req) -> str:
    return str(request.scope["state"]["business"].currency)


async def _saved(request: Req, bookable: int) -> Saved:
    """What each service takes them; an own price in another currency than the business's is none here."""
    version = await queries.skills_version(bookable)  # before the list: what is saved meanwhile is not overwritten
    values: dict[str, Any] = {}
    for service, skill in (await queries.skills(bookable)).items():
        minor = skill.minor if skill.currency == _currency(request) else None
        values |= {f"can_{service}": True, f"minutes_{service}": skill.minutes, f"price_{service}": minor}
    return Saved(values, version.number, version.operation)


@get(ONE, opt=CHANGE)
async def choose(request: Req, bookable: FromPath[int]) -> Response[Any]:
    saved = await _saved(request, bookable)
    fields = _fields(request, await _services(request))
    return await _page(request, bookable, Form.blank(request, "skills", fields, saved.values, saved.version))


@post(ONE, opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def set_skills(request: Req, bookable: FromPath[int]) -> Response[Any]:
    await roster.bookable(bookable)
    services = await _services(request)
    return await submit(
        request,
        "skills",
        _fields(request, services),
        act=lambda intent, v: actions.set_skills(intent, BookableId(bookable), _able(services, v), v["version"]),
        show=lambda asked, form, status: _page(asked, bookable, form, status),
        then=url(bookable),
        saved=lambda _: _saved(request, bookable),
    )


def _able(services: list[ServiceView], values: dict[str, Any]) -> tuple[rules.Able, ...]:
    """A number typed counts as a tick: nobody gives an own price for what they cannot do."""
    return tuple(
        rules.Able(one.id, values[f"minutes_{one.id}"], values[f"price_{one.id}"])
        for one in services
        if values[f"can_{one.id}"] or values[f"minutes_{one.id}"] or values[f"price_{one.id}"] is not None
    )


ROUTES = [choose, set_skills]
