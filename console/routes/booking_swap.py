"""Letting two bookings of a day change places."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain import clock
from console.domain.booking import actions, cards
from console.domain.booking.cards import BookingView
from console.domain.booking.rules import MOVABLE, UnlawfulMove
from console.domain.booking.steps import TakenBack
from console.domain.errors import Invalid, NotFound, Problem, Stale
from console.domain.ids import BookingId
from console.domain.intent import Intent, Outcome
from console.routes import _bookings as words
from console.routes import _fields as f
from console.routes._bookings import CHANGE
from console.routes._fields import Bad
from console.routes._forms import FORM_LIMIT, Form
from console.routes._page import Req, page
from console.routes._submit import submit
from console.routes._times import span_words
from console.routes.booking import title_of

SWAP = "/bookings/{booking:int}/swap"


async def _others(request: Req, one: BookingView) -> list[tuple[str, str]]:
    """The other bookings of its day that may move, done by one person each."""
    day = words.business_day(one)
    near = await cards.movable_between(one.location, *clock.bounds(day, one.zone))
    others = [other for other in near if other.id != one.id and len(other.people) == 1]
    names = await words.names(others)
    return [
        (
            f"{other.id}.{other.version}",
            f"{span_words(other.starts_at, other.ends_at, one.zone)} {names[other.client]} ({other.people[0].name})",
        )
        for other in others
    ]


def _other(typed: str) -> tuple[BookingId, int]:
    """A booking, and the version of it that the page showed."""
    booking, _, version = typed.partition(".")
    if not all(one.isascii() and one.isdigit() and len(one) < 10 for one in (booking, version)):
        raise Bad("problem.choice")
    return BookingId(int(booking)), int(version)


async def _swap_fields(request: Req, one: BookingView) -> tuple[f.Field, ...]:
    others = await _others(request, one)
    return (f.Field("with", _other, kind="radio", limit=20, choices=lambda: others, label="field.swap_with"),)


async def _swap_page(request: Req, booking: int, form: Form, status: int = 200) -> Response[Any]:
    one = await cards.booking(booking)
    if one.retired_at or one.status not in MOVABLE:
        return words.gone(request, one, form, status)
    return await page(
        request,
        "bookings/swap.html",
        i18n.gettext("title.booking_swap"),
        status=status,
        form=form,
        base=words.url(booking),
        of=await title_of(one),
        panel=True,
        home=await words.home_url(one),
    )


@get(SWAP, opt=CHANGE)
async def swapping(request: Req, booking: FromPath[int]) -> Response[Any]:
    one = await cards.booking(booking)
    form = Form.blank(request, "swap", await _swap_fields(request, one), version=one.version)
    return await _swap_page(request, booking, form)


@post(SWAP, opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def swap(request: Req, booking: FromPath[int]) -> Response[Any]:
    """Let two bookings change places, if both are still where the page showed them."""
    one = await cards.booking(booking)

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        other, version = values["with"]
        try:
            return await actions.swap(intent, one.id, other, (values["version"], version))
        except (Stale, UnlawfulMove, TakenBack, NotFound):
            raise Invalid({"with": Problem("problem.swap_meanwhile")}) from None
        except Invalid as refused:
            raise Invalid({"with": next(iter(refused.problems.values()))}) from None

    async def again(asked: Req, form: Form, status: int) -> Response[Any]:
        now = await cards.booking(booking)
        form.spec, form.version = await _swap_fields(asked, now), now.version
        return await _swap_page(asked, booking, form, status)

    return await submit(
        request,
        "swap",
        await _swap_fields(request, one),
        act=act,
        show=again,
        then=lambda _: words.onward(request, booking),
    )


ROUTES = [swapping, swap]
