"""Undoing a visit, its refund or a payment, or doing it again, once one has seen what that does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.audit import queries as audit
from console.domain.errors import HasDependants, NotFound
from console.domain.ids import OperationId
from console.domain.intent import Effect, Intent, Outcome
from console.domain.team.rules import Permission
from console.domain.undo import find, undo
from console.domain.visits import cards, steps
from console.routes import _drawers, _effects, _undo_look, history, visits
from console.routes._forms import FORM_LIMIT, Form
from console.routes._guards import needs
from console.routes._look_first import EXPECTED, look_first, looked_at_first
from console.routes._page import Req, page
from console.routes._submit import Act

UNDO = needs(Permission.OPERATION_UNDO)
ONE = "/operations/{operation:int}/consequences"
NAME = "undo"


async def _visit(operation: int) -> int:
    """The visit that an operation finished, refunded or had paid. Raises `NotFound` for any other operation."""
    deed = (await audit.deeds([operation])).get(operation)
    if deed is None or deed.kind not in _undo_look.LOOKED_AT:
        raise NotFound
    return await steps.visit_of(await find(OperationId(operation)))


def _act(request: Req, operation: int) -> Act:
    async def act(intent: Intent, _: dict[str, Any]) -> Outcome[Any]:
        try:
            return await undo(intent, OperationId(operation))
        except HasDependants as refusal:
            refusal.params["operations"] = await history.in_the_way(request, refusal)
            refusal.params["first"] = [number for number, _, _ in refusal.operations[: history.MOST_IN_THE_WAY]]
            raise

    return act


@get(ONE, opt=UNDO)
async def ask(request: Req, operation: FromPath[int]) -> Response[Any]:
    """What undoing it would do, or why that cannot be."""
    visit = await _visit(operation)
    return await looked_at_first(
        request,
        Form.blank(request, NAME, [EXPECTED]),
        act=_act(request, operation),
        show=lambda asked, form, status, effects: _show(asked, form, status, effects, operation, visit),
    )


async def _show(
    request: Req, form: Form, status: int, effects: Sequence[Effect] | None, operation: int, visit: int
) -> Response[Any]:
    one = await cards.visit(visit)
    deed = (await audit.deeds([operation]))[operation]
    again = deed.undos % 2 == 1
    said = _undo_look.LOOKED_AT[deed.kind][again]
    return await page(
        request,
        "visits/undo.html",
        i18n.gettext(said.title),
        status=status,
        form=form,
        action=_undo_look.url(operation),
        base=visits.url(visit),
        of=await visits.title_of(one),
        means=i18n.gettext(said.means),
        does=i18n.gettext(said.does),
        again=again,
        first=await _first(request, form.refusal.params.get("first", ())) if form.refusal else (),
        look=await _effects.look(request, form, effects),
        warnings=await _warnings(effects or ()),
    )


async def _first(request: Req, operations: Sequence[int]) -> list[dict[str, str]]:
    """What is in the way of an undo, and is looked at as well before it is undone."""
    deeds = await audit.deeds(operations)
    looked = [(number, _undo_look.url_of(number, deeds[number])) for number in operations]
    return [{"words": line, "url": url} for one, url in looked if url for line in await history.lines(request, [one])]


async def _warnings(effects: Sequence[Effect]) -> list[str]:
    """Drawers that hold less than goes back out of them."""
    found = []
    for one in effects:
        if one.key == "effect.money_back":
            back = {one.params["method"]: one.params["minor"]}
            found += await _drawers.short_of(one.params["tills"][0], one.params["currency"], back)
    return found


@post(ONE, opt=UNDO, request_max_body_size=FORM_LIMIT)
async def take_back(request: Req, operation: FromPath[int]) -> Response[Any]:
    """Undo it, where that still does what was seen."""
    visit = await _visit(operation)
    return await look_first(
        request,
        NAME,
        [EXPECTED],
        act=_act(request, operation),
        show=lambda asked, form, status, effects: _show(asked, form, status, effects, operation, visit),
        then=visits.url(visit),
    )


ROUTES = [ask, take_back]
