"""Payment methods: the ways to pay that the till offers."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.ids import MethodId
from console.domain.team.rules import Permission
from console.domain.visits import methods
from console.routes import _fields as f
from console.routes import _names
from console.routes._forms import FORM_LIMIT, Form
from console.routes._guards import needs
from console.routes._page import Req, page
from console.routes._submit import Saved, press, submit

LIST = "/settings/payment-methods"
OPT = needs(Permission.BUSINESS_CHANGE)
LAST_PLACE = 999
DRAWER = (f.tick("drawer", label="field.drawer", hint="hint.drawer"),)


@get(LIST, opt=OPT)
async def listed(request: Req) -> Response[Any]:
    known = await methods.methods()
    rows = [{"method": one, "name": _names.shown(request, one.names)} for one in known]
    only = sum(one.retired_at is None for one in known) < 2
    return await page(request, "payment_methods/list.html", i18n.gettext("title.payment_methods"), rows=rows, only=only)


async def _new(request: Req, form: Form, status: int = 200) -> Response[Any]:
    title = i18n.gettext("title.payment_method_new")
    return await page(request, "payment_methods/new.html", title, status=status, form=form)


def _new_fields(request: Req) -> tuple[f.Field, ...]:
    return (*_names.fields(request, limit=80), *DRAWER)


@get(f"{LIST}/new", opt=OPT)
async def new(request: Req) -> Response[Any]:
    """The empty form."""
    return await _new(request, Form.blank(request, "payment_method", _new_fields(request)))


@post(LIST, opt=OPT, request_max_body_size=FORM_LIMIT)
async def add(request: Req) -> Response[Any]:
    return await submit(
        request,
        "payment_method",
        _new_fields(request),
        act=lambda intent, v: methods.add(intent, _names.read(v), v["drawer"]),
        show=_new,
        then=LIST,
        saved=lambda ids: _saved(ids["payment_method"]),
        fresh=lambda ids: f"{LIST}/{ids['payment_method']}",
    )


async def _saved(method: int) -> Saved:
    one = await methods.method(method)
    values = {**_names.values(one.names), "position": one.position, "drawer": one.drawer}
    return Saved(values, one.version, one.operation)


async def _fields(request: Req, method: int) -> tuple[f.Field, ...]:
    position = f.whole("position", 1, LAST_PLACE, label="field.position", hint="hint.position")
    return (*_names.fields(request, limit=80, known=(await methods.method(method)).names), position, *DRAWER)


async def _show(request: Req, method: int, form: Form, status: int = 200) -> Response[Any]:
    one = await methods.method(method)
    title = _names.shown(request, one.names)
    return await page(request, "payment_methods/method.html", title, status=status, form=form, method=one)


@get(f"{LIST}/{{method:int}}", opt=OPT)
async def show(request: Req, method: FromPath[int]) -> Response[Any]:
    saved, fields = await _saved(method), await _fields(request, method)
    return await _show(request, method, Form.blank(request, "payment_method", fields, saved.values, saved.version))


@post(f"{LIST}/{{method:int}}", opt=OPT, request_max_body_size=FORM_LIMIT)
async def change(request: Req, method: FromPath[int]) -> Response[Any]:
    return await submit(
        request,
        "payment_method",
        await _fields(request, method),
        act=lambda intent, v: methods.change(
            intent, MethodId(method), v["version"], _names.read(v), v["position"], v["drawer"]
        ),
        show=lambda asked, form, status: _show(asked, method, form, status),
        then=LIST,
        saved=lambda _: _saved(method),
    )


@post(f"{LIST}/{{method:int}}/retirement", opt=OPT)
async def retirement(request: Req, method: FromPath[int]) -> Response[Any]:
    """Offer it no more."""
    return await press(request, lambda intent: methods.retire(intent, MethodId(method)), LIST)


@post(f"{LIST}/{{method:int}}/readmission", opt=OPT)
async def readmission(request: Req, method: FromPath[int]) -> Response[Any]:
    """Offer it again."""
    return await press(request, lambda intent: methods.readmit(intent, MethodId(method)), LIST)


ROUTES = [listed, new, add, show, change, retirement, readmission]
