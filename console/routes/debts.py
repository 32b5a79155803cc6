"""Receiving what a client owes, all of it or a part, the oldest first."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.clients import queries as clients
from console.domain.clients.queries import ClientView
from console.domain.errors import Changed
from console.domain.ids import ClientId, LocationId, MethodId
from console.domain.intent import Intent, Outcome
from console.domain.team.rules import Permission
from console.domain.visits import debts, methods, queries
from console.domain.visits.rules import Paid, owed_problems
from console.routes import _called, _debts, _names, _till_place
from console.routes import _fields as f
from console.routes._forms import FORM_LIMIT, Form
from console.routes._guards import needs
from console.routes._page import Req, done, page
from console.routes._sale import currency
from console.routes._submit import submit

RECEIVE = needs(Permission.VISIT_FINISH)
OWED = "/clients/{client:int}/debts"


async def _currency(request: Req, client: ClientId) -> str:
    """That of the business where something is owed in it, else that of the oldest debt: it may have been another."""
    owed = _debts.sums(await queries.debts(client))
    return currency(request) if currency(request) in owed else next(iter(owed), currency(request))


async def _fields(request: Req, of: str) -> tuple[f.Field, ...]:
    known = [(str(one.id), _names.shown(request, one.names)) for one in await methods.methods() if not one.retired_at]
    return (
        f.money("minor", of, label="field.payment_amount"),
        f.choice("method", lambda: known, kind="radio", label="field.payment_method"),
        await _till_place.field(),
        f.hidden("currency", required=False, limit=3, label="column.payment.currency"),
    )


@get(OWED, opt=RECEIVE)
async def ask(request: Req, client: FromPath[int]) -> Response[Any]:
    """How much of it comes: all, unless one says less."""
    one = await clients.client(client)
    of = await _currency(request, one.id)
    owed = _debts.sums(await queries.debts(one.id)).get(of, 0)
    if not owed or one.erased_at is not None:
        return done(request, f"/clients/{client}")
    spec = await _fields(request, of)
    known = spec[1].choices() if spec[1].choices else ()
    first = {
        "minor": owed,
        "method": next(iter(known), ("",))[0],
        _till_place.NAME: _till_place.usual(request, spec[2]),
    }
    return await _show(request, one, Form.blank(request, "debts", spec, first), of)


async def _show(request: Req, one: ClientView, form: Form, of: str, status: int = 200) -> Response[Any]:
    known = [debt for debt in await queries.debts(one.id) if debt.currency == of]
    owed = sum(debt.minor for debt in known)
    form.texts["currency"] = [of]
    form.also(owed_problems(owed, form.usable().get("minor", owed)))
    return await page(
        request,
        "visits/debts.html",
        i18n.gettext("title.debts"),
        status=status,
        form=form,
        name=_called.name(one),
        back_url=f"/clients/{one.id}",
        action=_debts.url(one.id),
        rows=[_debts.row(request, debt) for debt in known],
    )


@post(OWED, opt=RECEIVE, request_max_body_size=FORM_LIMIT)
async def receive(request: Req, client: FromPath[int]) -> Response[Any]:
    """Take it into the till."""
    one = await clients.client(client)
    of = await _currency(request, one.id)

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        if values["currency"] not in (None, of):
            raise Changed
        paid = Paid(MethodId(int(values["method"])), values["minor"])
        at = LocationId(int(values[_till_place.NAME]))
        return await debts.take_owed(intent, one.id, of, at, paid)

    return await submit(
        request,
        "debts",
        await _fields(request, of),
        act=act,
        show=lambda asked, form, status: _show(asked, one, form, of, status),
        then=f"/clients/{client}",
    )


ROUTES = [ask, receive]
