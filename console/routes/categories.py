"""Categories of services and products: their names and their order."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.catalogue import actions, queries
from console.domain.ids import CategoryId
from console.routes import _fields as f
from console.routes import _names, _prices
from console.routes._forms import FORM_LIMIT, Form
from console.routes._page import Req, page
from console.routes._prices import CHANGE, READ, may_change
from console.routes._submit import Saved, press, submit

LIST = "/catalogue/categories"
LAST_PLACE = 999


@get(LIST, opt=READ)
async def listed(request: Req) -> Response[Any]:
    rows = [
        {"category": one, "name": _names.shown(request, one.names)}
        for one in await queries.categories()
        if one.retired_at is None
    ]
    return await page(
        request,
        "categories/list.html",
        i18n.gettext("title.categories"),
        rows=rows,
        tabs=_prices.tabs(LIST),
        may_change=may_change(request),
    )


async def _fields(request: Req, category: int) -> tuple[f.Field, ...]:
    position = f.whole("position", 1, LAST_PLACE, label="field.position", hint="hint.position")
    return (*_names.fields(request, known=(await queries.category(category)).names), position)


async def _new(request: Req, form: Form, status: int = 200) -> Response[Any]:
    return await page(request, "categories/new.html", i18n.gettext("title.category_new"), status=status, form=form)


@get(f"{LIST}/new", opt=CHANGE)
async def new(request: Req) -> Response[Any]:
    return await _new(request, Form.blank(request, "category", _names.fields(request)))


@post(LIST, opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def add(request: Req) -> Response[Any]:
    return await submit(
        request,
        "category",
        _names.fields(request),
        act=lambda intent, v: actions.add_category(intent, _names.read(v)),
        show=_new,
        then=LIST,
        saved=lambda ids: _saved(ids["category"]),
        fresh=lambda ids: f"{LIST}/{ids['category']}",
    )


async def _saved(category: int) -> Saved:
    one = await queries.category(category)
    return Saved({**_names.values(one.names), "position": one.position}, one.version, one.operation)


async def _show(request: Req, category: int, form: Form, status: int = 200) -> Response[Any]:
    one = await queries.category(category)
    title = _names.shown(request, one.names)
    return await page(request, "categories/category.html", title, status=status, form=form, category=one)


@get(f"{LIST}/{{category:int}}", opt=CHANGE)
async def show(request: Req, category: FromPath[int]) -> Response[Any]:
    saved, fields = await _saved(category), await _fields(request, category)
    return await _show(request, category, Form.blank(request, "category", fields, saved.values, saved.version))


@post(f"{LIST}/{{category:int}}", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def change(request: Req, category: FromPath[int]) -> Response[Any]:
    return await submit(
        request,
        "category",
        await _fields(request, category),
        act=lambda intent, v: actions.change_category(
            intent, CategoryId(category), v["version"], _names.read(v), v["position"]
        ),
        show=lambda asked, form, status: _show(asked, category, form, status),
        then=LIST,
        saved=lambda _: _saved(category),
    )


@post(f"{LIST}/{{category:int}}/retirement", opt=CHANGE)
async def retirement(request: Req, category: FromPath[int]) -> Response[Any]:
    """Take away a category that nothing stands in."""
    return await press(request, lambda intent: actions.retire_category(intent, CategoryId(category)), LIST)


ROUTES = [listed, new, add, show, change, retirement]
