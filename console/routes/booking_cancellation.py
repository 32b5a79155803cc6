"""Calling a booking off: by whom, why, and what it would mean."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.booking import actions, cards
from console.domain.booking.cards import BookingView
from console.domain.booking.rules import LAWFUL, CancelledBy, ReasonUse, Status
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
from console.routes._times import notice_words
from console.routes.booking import ONE, title_of


async def _cancel_fields(request: Req, hints: dict[str, str] | None = None) -> tuple[f.Field, ...]:
    """By whom, why, and what was previewed for either."""
    choices = [(one.value, i18n.gettext(key)) for one, key in words.WHO_CANCELS.items()]
    return (
        f.choice("by", lambda: choices, kind="radio", label="field.cancelled_by", hints=lambda: hints or {}),
        await words.reason_field(request, ReasonUse.CANCELLATION),
        *(f.hidden(f"expected_{one}", required=False, label="field.expected") for one in CancelledBy),
        *await _fees.waiver_fields(request),
    )


@get(f"{ONE}/cancellation", opt=CHANGE)
async def cancellation(request: Req, booking: FromPath[int]) -> Response[Any]:
    """What calling it off would mean, found out by doing it and rolling back."""
    form = Form.blank(request, "cancellation", await _cancel_fields(request), {"by": CancelledBy.CLIENT.value})
    return await _ask_cancellation(request, booking, form)


async def _ask_cancellation(request: Req, booking: int, form: Form, status: int = 200) -> Response[Any]:
    one = await cards.booking(booking)
    if one.retired_at or Status.CANCELLED not in LAWFUL[one.status]:
        return words.gone(request, one, form, status)
    hints, costs = {}, False
    for by in CancelledBy:
        shown = await actions.cancel(looking(request), one.id, by)
        form.texts[f"expected_{by}"] = [shown.fingerprint]
        costs |= _fees.charged(shown.effects)
        effects = [_fees.effect_words(effect) for effect in shown.effects]
        said = _late(one, effects) if effects else _in_time(one, by)
        hints[by.value] = " ".join([said, shown.seen.words] if shown.seen else [said])
    form.spec = await _cancel_fields(request, hints)
    waiver = _fees.first_waiver(form) if costs else None
    if waiver:
        shown = await fees.cancel_waiving(looking(request), one.id, CancelledBy.CLIENT, waiver)
        form.texts["expected_waiver"] = [shown.fingerprint]
    return await page(
        request,
        "bookings/cancellation.html",
        i18n.gettext("title.cancellation"),
        status=status,
        form=form,
        base=words.url(booking),
        of=await title_of(one),
        panel=True,
        home=await words.home_url(one),
        waives=waiver is not None,
    )


def _late(one: BookingView, effects: list[str]) -> str:
    notice = i18n.words("words.notice", {"notice": notice_words(one.notice_hours)})
    return " ".join([*effects, notice])


def _in_time(one: BookingView, by: CancelledBy) -> str:
    if by is CancelledBy.US:
        return i18n.gettext("words.never_late")
    return i18n.words("words.in_time", {"notice": notice_words(one.notice_hours)})


@post(f"{ONE}/cancellation", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def cancel(request: Req, booking: FromPath[int]) -> Response[Any]:
    """Call it off, if that still means what was shown."""
    one = await cards.booking(booking)

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        by = CancelledBy(values["by"])
        waiver = words.reason_of(values, _fees.WAIVER)
        if waiver and by is CancelledBy.CLIENT:
            meant = replace(intent, expected=values["expected_waiver"] or "")
            return await fees.cancel_waiving(meant, one.id, by, waiver, words.reason_of(values))
        meant = replace(intent, expected=values[f"expected_{by}"] or "")
        return await actions.cancel(meant, one.id, by, words.reason_of(values))

    return await submit(
        request,
        "cancellation",
        await _cancel_fields(request),
        act=act,
        show=lambda asked, form, status: _ask_cancellation(asked, booking, form, status),
        then=lambda _: words.onward(request, booking),
    )


ROUTES = [cancellation, cancel]
