"""Services: the list, one service with its prices, adding, changing, turning off and on."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.catalogue import actions, queries, rules
from console.domain.catalogue.queries import ServiceView
from console.domain.ids import CategoryId, ServiceId
from console.routes import _fields as f
from console.routes import _names, _prices
from console.routes._forms import FORM_LIMIT, Form
from console.routes._listing import Column, file, listing
from console.routes._page import Req, page
from console.routes._prices import CHANGE, READ, may_change, today
from console.routes._submit import Saved, press, submit

LIST = "/catalogue/services"
NEEDS = {
    "people": "words.people_needed",
    "rooms": "words.rooms_needed",
    "vehicles": "words.vehicles_needed",
    "equipment": "words.equipment_needed",
}
"""What a booking of a service may occupy, and the key of how many."""


def _columns(request: Req) -> list[Column[ServiceView]]:
    return [
        Column("category", "column.service.category", lambda one: _names.shown(request, one.category_names) or None),
        Column("name", "column.service.names", lambda one: _names.shown(request, one.names)),
        Column("code", "column.service.code", lambda one: one.code),
        Column("minutes", "column.service.minutes", lambda one: one.minutes, numeric=True),
        Column("price", "column.price.minor", lambda one: _prices.amount(one.price), numeric=True),
    ]


@get(LIST, opt=READ)
async def listed(request: Req) -> Response[Any]:
    asked = listing(
        request,
        _columns(request),
        await queries.services(today(request)),
        words=lambda one: (one.code, *one.names.values(), *one.category_names.values()),
        is_on=lambda one: one.retired_at is None,
    )
    title = i18n.gettext("title.services")
    rows = [
        {
            "service": one,
            "name": _names.shown(request, one.names),
            "category": _names.shown(request, one.category_names),
            "minutes": i18n.duration(one.minutes),
            "price": _prices.price_words(one.price),
            "changes": _prices.change_words(one.changes),
        }
        for one in asked.rows
    ]
    return file(request, title, asked) or await page(
        request,
        "services/list.html",
        title,
        asked=asked,
        rows=rows,
        tabs=_prices.tabs(LIST),
        may_change=may_change(request),
    )


async def _fields(request: Req, known: int | None = None) -> tuple[f.Field, ...]:
    return (
        *_names.fields(request),
        f.text("code", limit=40, label="field.code_of_it", hint="hint.code_of_it"),
        await _prices.category_field(request, known),
        f.whole("minutes", 1, rules.LONGEST, label="field.minutes", hint="hint.minutes"),
        f.whole("buffer_before", 0, rules.LONGEST_BUFFER, label="field.buffer_before"),
        f.whole("buffer_after", 0, rules.LONGEST_BUFFER, label="field.buffer_after"),
        f.whole("people", 0, rules.MOST_NEEDED, label="field.people"),
        f.whole("rooms", 0, rules.MOST_NEEDED, label="field.rooms"),
        f.whole("vehicles", 0, rules.MOST_NEEDED, label="field.vehicles"),
        f.whole("equipment", 0, rules.MOST_NEEDED, label="field.equipment"),
    )


def _about(values: dict[str, Any]) -> actions.AboutService:
    return actions.AboutService(
        code=rules.plain_code(values["code"]),
        names=_names.read(values),
        category=CategoryId(int(values["category"])) if values["category"] else None,
        minutes=values["minutes"],
        buffer_before=values["buffer_before"],
        buffer_after=values["buffer_after"],
        needs=rules.Needs(*(values[name] for name in NEEDS)),
    )


async def _new(request: Req, form: Form, status: int = 200) -> Response[Any]:
    return await page(request, "services/new.html", i18n.gettext("title.service_new"), status=status, form=form)


@get(f"{LIST}/new", opt=CHANGE)
async def new(request: Req) -> Response[Any]:
    fields = (*await _fields(request), _prices.price_field(request))
    usual = {"buffer_before": 0, "buffer_after": 0, **dict.fromkeys(NEEDS, 0), "people": 1}
    return await _new(request, Form.blank(request, "service", fields, usual))


@post(LIST, opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def add(request: Req) -> Response[Any]:
    return await submit(
        request,
        "service",
        (*await _fields(request), _prices.price_field(request)),
        act=lambda intent, v: actions.add_service(intent, _about(v), v["price"], today(request)),
        show=_new,
        then=lambda ids: f"{LIST}/{ids['service']}",
        saved=lambda ids: _saved(request, ids["service"]),
        fresh=lambda ids: f"{LIST}/{ids['service']}",
    )


async def _saved(request: Req, service: int) -> Saved:
    one = await queries.service(service, today(request))
    values = {
        **_names.values(one.names),
        "code": one.code,
        "category": one.category or "",
        "minutes": one.minutes,
        "buffer_before": one.buffer_before,
        "buffer_after": one.buffer_after,
        **{name: getattr(one.needs, name) for name in NEEDS},
        **({"price": one.price.minor} if one.price else {}),
    }
    return Saved(values, one.version, one.operation)


async def _show(
    request: Req, service: int, form: Form | None = None, status: int = 200, price_form: Form | None = None
) -> Response[Any]:
    one = await queries.service(service, today(request))
    if form is None:
        saved = await _saved(request, service)
        form = Form.blank(request, "service", await _fields(request, one.category), saved.values, saved.version)
    return await _prices.entity_page(
        request,
        "services/service.html",
        _names.shown(request, one.names),
        form,
        await queries.prices_of_service(service),
        status=status,
        price_form=price_form,
        service=one,
        facts=_facts(request, one),
    )


def _facts(request: Req, one: ServiceView) -> list[tuple[str, str]]:
    """What those who may not change a service read of it."""
    needs = [
        i18n.words(key, {"count": getattr(one.needs, name)}) for name, key in NEEDS.items() if getattr(one.needs, name)
    ]
    buffers = [i18n.duration(minutes) for minutes in (one.buffer_before, one.buffer_after)]
    return [
        (i18n.gettext("field.code_of_it"), one.code),
        (i18n.gettext("field.category"), _names.shown(request, one.category_names) or "–"),
        (i18n.gettext("field.duration"), i18n.duration(one.minutes)),
        (i18n.gettext("field.buffers"), " / ".join(buffers)),
        (i18n.gettext("field.needs"), i18n.listing(needs)),
    ]


@get(f"{LIST}/{{service:int}}", opt=READ)
async def show(request: Req, service: FromPath[int]) -> Response[Any]:
    return await _show(request, service)


@post(f"{LIST}/{{service:int}}", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def change(request: Req, service: FromPath[int]) -> Response[Any]:
    one = await queries.service(service, today(request))
    return await submit(
        request,
        "service",
        await _fields(request, one.category),
        act=lambda intent, v: actions.change_service(intent, ServiceId(service), v["version"], _about(v)),
        show=lambda asked, form, status: _show(asked, service, form, status),
        then=LIST,
        saved=lambda _: _saved(request, service),
    )


@post(f"{LIST}/{{service:int}}/prices", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def price(request: Req, service: FromPath[int]) -> Response[Any]:
    """A price from a date on."""
    await queries.service(service, today(request))
    return await submit(
        request,
        "price",
        _prices.price_fields(request),
        act=lambda intent, v: actions.price_service(intent, ServiceId(service), v["price"], v["valid_from"]),
        show=lambda asked, form, status: _show(asked, service, None, status, form),
        then=f"{LIST}/{service}",
    )


@post(f"{LIST}/{{service:int}}/retirement", opt=CHANGE)
async def retirement(request: Req, service: FromPath[int]) -> Response[Any]:
    """Turn the service off."""
    return await press(request, lambda intent: actions.retire_service(intent, ServiceId(service)), LIST)


@post(f"{LIST}/{{service:int}}/readmission", opt=CHANGE)
async def readmission(request: Req, service: FromPath[int]) -> Response[Any]:
    """Offer the service again."""
    return await press(request, lambda intent: actions.readmit_service(intent, ServiceId(service)), f"{LIST}/{service}")


ROUTES = [listed, new, add, show, change, price, retirement, readmission]
