"""A client who did not come to a booking: why, and what it costs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain import clock
from console.domain.booking import actions, cards
from console.domain.booking.rules import LAWFUL, ReasonUse, Status
from console.domain.errors import Invalid
from console.domain.intent import Intent, Outcome
from console.domain.visits import fees
from console.routes import _bookings as words
from console.routes import _fees
from console.routes import _fields as f
from console.routes._bookings import CHANGE
from console.routes._forms import FORM_LIMIT, Form
from console.routes._look_first import looking
from console.routes._page import Req, page
from console.routes._submit import submit
from console.routes.booking import ONE, title_of


async def _no_show_fields(request: Req) -> tuple[f.Field, ...]:
    return (
        await words.reason_field(request, ReasonUse.NO_SHOW),
        f.hidden("expected", required=False, label="field.expected"),
        *await _fees.waiver_fields(request),
    )


@get(f"{ONE}/no-show", opt=CHANGE)
async def no_show(request: Req, booking: FromPath[int]) -> Response[Any]:
    """Why nobody came."""
    return await _ask_no_show(request, booking, Form.blank(request, "no_show", await _no_show_fields(request)))


async def _ask_no_show(request: Req, booking: int, form: Form, status: int = 200) -> Response[Any]:
    one = await cards.booking(booking)
    if one.retired_at or Status.NO_SHOW not in LAWFUL[one.status]:
        return words.gone(request, one, form, status)
    costs, waives = "", False
    try:
        shown = await actions.no_show(looking(request), one.id)
        form.texts["expected"] = [shown.fingerprint]
        costs = " ".join(_fees.effect_words(effect) for effect in shown.effects if effect.key == "effect.fee")
        if costs and (waiver := _fees.first_waiver(form)):
            waives = True
            shown = await fees.no_show_waiving(looking(request), one.id, waiver)
            form.texts["expected_waiver"] = [shown.fingerprint]
    except Invalid as refused:
        form.note(refused)
    return await page(
        request,
        "bookings/no_show.html",
        i18n.gettext("title.no_show"),
        status=status,
        form=form,
        base=words.url(booking),
        of=await title_of(one),
        panel=True,
        home=await words.home_url(one),
        begun=one.starts_at <= clock.now(),
        costs=costs,
        waives=waives,
    )


@post(f"{ONE}/no-show", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def stay_away(request: Req, booking: FromPath[int]) -> Response[Any]:
    """The client did not come, if that still means what was shown."""
    one = await cards.booking(booking)

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        if waiver := words.reason_of(values, _fees.WAIVER):
            meant = replace(intent, expected=values["expected_waiver"] or "")
            return await fees.no_show_waiving(meant, one.id, waiver, words.reason_of(values))
        meant = replace(intent, expected=values["expected"] or "")
        return await actions.no_show(meant, one.id, words.reason_of(values))

    return await submit(
        request,
        "no_show",
        await _no_show_fields(request),
        act=act,
        show=lambda asked, form, status: _ask_no_show(asked, booking, form, status),
        then=lambda _: words.onward(request, booking),
    )


ROUTES = [no_show, stay_away]
