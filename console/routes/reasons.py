"""Reasons: why a booking is called off, why somebody did not come, why one may lie over others,
why a fee is not asked.
"""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.booking import reasons
from console.domain.booking.rules import ReasonUse
from console.domain.ids import ReasonId
from console.domain.team.rules import Permission
from console.routes import _fields as f
from console.routes import _names
from console.routes._forms import FORM_LIMIT, Form
from console.routes._guards import needs
from console.routes._page import Req, page
from console.routes._submit import Saved, press, submit

LIST = "/settings/reasons"
OPT = needs(Permission.BUSINESS_CHANGE)
LAST_PLACE = 999
USES = {
    ReasonUse.CANCELLATION: "words.reasons_of_cancellation",
    ReasonUse.NO_SHOW: "words.reasons_of_no_show",
    ReasonUse.OVERBOOKING: "words.reasons_of_overbooking",
    ReasonUse.PRICE: "words.reasons_of_price",
    ReasonUse.REFUND: "words.reasons_of_refund",
    ReasonUse.FEE_WAIVER: "words.reasons_of_fee_waiver",
    ReasonUse.TILL: "words.reasons_of_till",
}
USE = (f.choice("use", lambda: [(one.value, i18n.gettext(key)) for one, key in USES.items()], label="field.use"),)


@get(LIST, opt=OPT)
async def listed(request: Req) -> Response[Any]:
    known = await reasons.reasons()
    groups = [
        {
            "title": i18n.gettext(key),
            "use": use.value,
            "rows": [{"reason": one, "name": _names.shown(request, one.names)} for one in known if one.use is use],
        }
        for use, key in USES.items()
    ]
    return await page(request, "reasons/list.html", i18n.gettext("title.reasons"), groups=groups)


async def _new(request: Req, form: Form, status: int = 200) -> Response[Any]:
    return await page(request, "reasons/new.html", i18n.gettext("title.reason_new"), status=status, form=form)


def _new_fields(request: Req) -> tuple[f.Field, ...]:
    return (*USE, *_names.fields(request, limit=80))


@get(f"{LIST}/new", opt=OPT)
async def new(request: Req) -> Response[Any]:
    """The empty form; `?use=` is the list that it is for."""
    use = request.query_params.get("use", "")
    values = {"use": use if use in set(ReasonUse) else ReasonUse.CANCELLATION.value}
    return await _new(request, Form.blank(request, "reason", _new_fields(request), values))


@post(LIST, opt=OPT, request_max_body_size=FORM_LIMIT)
async def add(request: Req) -> Response[Any]:
    return await submit(
        request,
        "reason",
        _new_fields(request),
        act=lambda intent, v: reasons.add(intent, ReasonUse(v["use"]), _names.read(v)),
        show=_new,
        then=LIST,
        saved=lambda ids: _saved(ids["reason"]),
        fresh=lambda ids: f"{LIST}/{ids['reason']}",
    )


async def _saved(reason: int) -> Saved:
    one = await reasons.reason(reason)
    values = {**_names.values(one.names), "use": one.use.value, "position": one.position}
    return Saved(values, one.version, one.operation)


async def _fields(request: Req, reason: int) -> tuple[f.Field, ...]:
    position = f.whole("position", 1, LAST_PLACE, label="field.position", hint="hint.position")
    return (*_names.fields(request, limit=80, known=(await reasons.reason(reason)).names), position)


async def _show(request: Req, reason: int, form: Form, status: int = 200) -> Response[Any]:
    one = await reasons.reason(reason)
    title = _names.shown(request, one.names)
    return await page(
        request, "reasons/reason.html", title, status=status, form=form, reason=one, use=i18n.gettext(USES[one.use])
    )


@get(f"{LIST}/{{reason:int}}", opt=OPT)
async def show(request: Req, reason: FromPath[int]) -> Response[Any]:
    saved, fields = await _saved(reason), await _fields(request, reason)
    return await _show(request, reason, Form.blank(request, "reason", fields, saved.values, saved.version))


@post(f"{LIST}/{{reason:int}}", opt=OPT, request_max_body_size=FORM_LIMIT)
async def change(request: Req, reason: FromPath[int]) -> Response[Any]:
    return await submit(
        request,
        "reason",
        await _fields(request, reason),
        act=lambda intent, v: reasons.change(intent, ReasonId(reason), v["version"], _names.read(v), v["position"]),
        show=lambda asked, form, status: _show(asked, reason, form, status),
        then=LIST,
        saved=lambda _: _saved(reason),
    )


@post(f"{LIST}/{{reason:int}}/retirement", opt=OPT)
async def retirement(request: Req, reason: FromPath[int]) -> Response[Any]:
    """Offer it no more."""
    return await press(request, lambda intent: reasons.retire(intent, ReasonId(reason)), LIST)


@post(f"{LIST}/{{reason:int}}/readmission", opt=OPT)
async def readmission(request: Req, reason: FromPath[int]) -> Response[Any]:
    """Offer it again."""
    return await press(request, lambda intent: reasons.readmit(intent, ReasonId(reason)), LIST)


ROUTES = [listed, new, add, show, change, retirement, readmission]
