"""Giving money back for a visit, all of it or a part, once one has seen what that does to the client's card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.booking import reasons
from console.domain.booking.rules import ReasonUse
from console.domain.errors import Invalid
from console.domain.ids import LocationId, MethodId, ReasonId
from console.domain.intent import Effect, Intent, Outcome
from console.domain.team.rules import Permission
from console.domain.visits import cards, refunds
from console.domain.visits.cards import VisitView
from console.domain.visits.methods import MethodView, methods
from console.domain.visits.rules import Paid
from console.routes import _drawers, _effects, _till_place, visits
from console.routes import _fields as f
from console.routes._forms import FORM_LIMIT, Form
from console.routes._guards import needs
from console.routes._look_first import EXPECTED, look_first
from console.routes._page import Req, done, page

REFUND = needs(Permission.VISIT_REFUND)
ONE = f"{visits.ONE}/refund"


async def _ways(one: VisitView) -> list[MethodView]:
    """By which methods money may go back: those that it came by first."""
    came = {paid.method for paid in one.payments}
    known = [way for way in await methods() if way.retired_at is None]
    return sorted(known, key=lambda way: way.id not in came)


async def _fields(one: VisitView) -> tuple[f.Field, ...]:
    ways = await _ways(one)
    known = [why for why in await reasons.reasons(ReasonUse.REFUND) if why.retired_at is None]
    why = [("", i18n.gettext("words.choose")), *((str(one.id), i18n.spoken(one.names)) for one in known)]
    return (
        *(_amount(one, way, "back", "field.back_by") for way in ways),
        *(_amount(one, way, "tip", "field.tip_back_by") for way in _tip_ways(one, ways)),
        await _till_place.field(),
        f.choice("reason", lambda: why, label="field.refund_reason"),
        EXPECTED,
    )


def _amount(one: VisitView, way: MethodView, name: str, label: str) -> f.Field:
    said = {"method": i18n.spoken(way.names)}
    return f.money(f"{name}_{way.id}", one.currency, required=False, label=label, params=said)


def _tip_ways(one: VisitView, ways: Sequence[MethodView]) -> list[MethodView]:
    """By which methods tips may go back: those that they came by; by any where one of these is off by now."""
    came = {method for method, minor in _tips(one).items() if minor > 0}
    known = [way for way in ways if way.id in came]
    return known if len(known) == len(came) else list(ways)


def _tips(one: VisitView) -> Mapping[MethodId, int]:
    """The tips that are kept by each method."""
    found: dict[MethodId, int] = {}
    for paid in one.payments:
        if paid.tip:
            found[paid.method] = found.get(paid.method, 0) + paid.minor
    return found


@get(ONE, opt=REFUND)
async def ask(request: Req, visit: FromPath[int]) -> Response[Any]:
    """How much goes back, all of it unless one says less."""
    one = await cards.visit(visit)
    if not visits.may_refund(request, one):
        return done(request, visits.url(visit))
    whole = {f"back_{method}": minor for method, minor in one.by_method.items()}
    spec = await _fields(one)
    place = next(field for field in spec if field.name == _till_place.NAME)
    at = _till_place.usual(request, place, one.location)
    form = Form.blank(request, "refund", spec, {**whole, _till_place.NAME: at})
    return await _show(request, form, 200, None, one)


async def _show(
    request: Req, form: Form, status: int, effects: Sequence[Effect] | None, one: VisitView
) -> Response[Any]:
    values, look = form.usable(), await _effects.look(request, form, effects)
    back = sum(paid.minor for paid in _back(values))
    amounts = [name for name in form.fields if name.startswith(("back_", "tip_"))]
    return await page(
        request,
        "visits/refund.html",
        i18n.gettext("title.refund"),
        status=status,
        form=form,
        base=visits.url(one.id),
        of=await visits.title_of(one),
        amounts=amounts,
        paid=_paid_words(one),
        used_free=any(line.free for line in one.lines),
        look=None if look is None else [*look, *await _warnings(one, values)],
        back=i18n.money(back, one.currency),
        any_back=back > 0,
    )


def _paid_words(one: VisitView) -> str:
    """What was paid, and what is left of it where some went back before."""
    back = visits.given_back(one)
    said = {"sum": i18n.money(one.paid + back, one.currency), "back": i18n.money(back, one.currency)}
    left = {"left": i18n.money(one.paid, one.currency)}
    return i18n.words("words.refund_paid_less", said | left) if back else i18n.words("words.refund_paid", said)


async def _warnings(one: VisitView, values: Mapping[str, Any]) -> list[str]:
    """What is unusual, and allowed: money that goes back by another method, out of a drawer that holds less."""
    back: dict[MethodId, int] = {}
    price: dict[MethodId, int] = {}
    for paid in _back(values):
        back[paid.method] = back.get(paid.method, 0) + paid.minor
        if not paid.tip:
            price[paid.method] = paid.minor
    called = {way.id: i18n.lower_first(i18n.spoken(way.names)) for way in await methods()}
    found = []
    for method, minor in price.items():
        if (more := minor - one.by_method.get(method, 0)) > 0:
            params = {"money": i18n.money(more, one.currency), "method": called[method]}
            found.append(i18n.words("words.refund_by_other", params))
    return [*found, *await _drawers.short_of(int(values[_till_place.NAME]), one.currency, back)]


def _back(values: Mapping[str, Any]) -> tuple[Paid, ...]:
    """What goes back, by the values of a form."""
    return tuple(
        Paid(MethodId(int(name.rpartition("_")[2])), minor, tip=name.startswith("tip_"))
        for name, minor in values.items()
        if name.startswith(("back_", "tip_")) and minor
    )


@post(ONE, opt=REFUND, request_max_body_size=FORM_LIMIT)
async def give_back(request: Req, visit: FromPath[int]) -> Response[Any]:
    """Show what giving it back would do; once that was seen, do it."""
    one = await cards.visit(visit)

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        back = _back(values)
        first = next(iter(values))
        at, why = LocationId(int(values[_till_place.NAME])), ReasonId(int(values["reason"]))
        try:
            return await refunds.refund(intent, one.id, at, back, why)
        except Invalid as refused:
            named = {first if name.startswith("payment") else name: what for name, what in refused.problems.items()}
            raise Invalid(named) from None

    return await look_first(
        request,
        "refund",
        await _fields(one),
        act=act,
        show=lambda asked, form, status, effects: _show(asked, form, status, effects, one),
        then=visits.url(visit),
    )


ROUTES = [ask, give_back]
