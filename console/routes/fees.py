"""Fees for late cancellations and no-shows: what a location asks, those of a client, and waiving one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.business.queries import location as location_of
from console.domain.clients import queries as clients
from console.domain.ids import FeeId, LocationId, MethodId, ReasonId
from console.domain.intent import Intent, Outcome
from console.domain.team.rules import Permission
from console.domain.visits import fees, fees_queries, methods
from console.domain.visits.fees_queries import FeeView
from console.domain.visits.fees_rules import Cause, Rule, problems
from console.domain.visits.rules import Paid, owed_problems
from console.routes import _called, _names, _till_place
from console.routes import _fees as words
from console.routes import _fields as f
from console.routes._bookings import READ
from console.routes._forms import FORM_LIMIT, Form
from console.routes._guards import needs
from console.routes._page import Req, done, page
from console.routes._submit import Saved, submit
from console.routes._times import notice_words

RULES = "/settings/locations/{location:int}/fees"
RULES_OPT = needs(Permission.LOCATION_CHANGE)
WAIVER = "/fees/{fee:int}/waiver"
WAIVE = needs(Permission.FEE_WAIVE)
PAYMENT = "/fees/{fee:int}/payment"
RECEIVE = needs(Permission.VISIT_FINISH)


def _rules_url(location: int) -> str:
    return f"/settings/locations/{location}/fees"


def _rule_fields(request: Req) -> tuple[f.Field, ...]:
    """An amount a service or a share of the price, for either cause."""
    currency = request.scope["state"]["business"].currency
    return tuple(
        f.of(words.CAUSES[cause], field)
        for cause in Cause
        for field in (
            f.money(f"{cause}_minor", currency, required=False, label="field.fee_amount"),
            f.percent(f"{cause}_bp", least=1, wrong="problem.fee_share", required=False, label="field.fee_share"),
        )
    )


async def _saved_rules(request: Req, location: int) -> Saved:
    stands = await fees_queries.rules_of(location)
    currency = request.scope["state"]["business"].currency
    values: dict[str, Any] = {}
    for cause, rule in stands.by_cause.items():
        values[f"{cause}_minor"] = rule.minor if rule.currency == currency else None
        values[f"{cause}_bp"] = rule.bp
    return Saved(values, stands.versions, stands.operation, (await location_of(LocationId(location))).name)


def _asked(request: Req, values: Mapping[str, Any]) -> dict[Cause, Rule]:
    """What the form says of either cause, as far as it can be read."""
    currency = request.scope["state"]["business"].currency

    def said(cause: Cause) -> Rule:
        minor = values.get(f"{cause}_minor")
        return Rule(minor, None if minor is None else currency, values.get(f"{cause}_bp"))

    return {cause: said(cause) for cause in Cause}


async def _show_rules(request: Req, location: int, form: Form, status: int = 200) -> Response[Any]:
    one = await location_of(LocationId(location))
    form.also(problems(_asked(request, form.usable())))
    return await page(
        request,
        "fees/rules.html",
        i18n.gettext("title.fee_rules"),
        status=status,
        form=form,
        location=one,
        notice=notice_words(one.notice_hours),
        action=_rules_url(location),
    )


@get(RULES, opt=RULES_OPT)
async def rules(request: Req, location: FromPath[int]) -> Response[Any]:
    saved = await _saved_rules(request, location)
    form = Form.blank(request, "fees", _rule_fields(request), saved.values, saved.version)
    return await _show_rules(request, location, form)


@post(RULES, opt=RULES_OPT, request_max_body_size=FORM_LIMIT)
async def change_rules(request: Req, location: FromPath[int]) -> Response[Any]:
    """Say what the location asks."""

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        return await fees.change_rules(intent, LocationId(location), values["version"], _asked(request, values))

    return await submit(
        request,
        "fees",
        _rule_fields(request),
        act=act,
        show=lambda asked, form, status: _show_rules(asked, location, form, status),
        then=f"/settings/locations/{location}",
        saved=lambda _: _saved_rules(request, location),
        fresh=_rules_url(location),
    )


@get("/clients/{client:int}/fees", opt=READ)
async def of_client(request: Req, client: FromPath[int]) -> Response[Any]:
    """All fees of a client, and how often they called off late or did not come."""
    one = await clients.client(client)
    return await page(
        request,
        "fees/of_client.html",
        i18n.gettext("title.fees"),
        client=one,
        name=_called.name(one),
        told=(await words.of_client(request, one))["with_sum"],
        rows=[words.row(request, fee) for fee in await fees_queries.of_client(client)],
    )


def _closed(one: FeeView) -> bool:
    """Whether nothing of a fee may be received or waived any more."""
    return one.erased or not one.owed


async def _waiver_fields(request: Req) -> tuple[f.Field, ...]:
    known = await words.waiver_reasons(request)
    choices = [("", i18n.gettext("words.choose")), *known]
    return (f.choice("reason", lambda: choices, label="field.reason"),)


async def _show_waiver(request: Req, fee: int, form: Form, status: int = 200) -> Response[Any]:
    one = await fees_queries.fee(fee)
    return await page(
        request,
        "fees/waiver.html",
        i18n.gettext("title.fee_waiver"),
        status=status,
        form=form,
        row=words.row(request, one),
        name=_called.name(await clients.client(one.client)),
        back_url=f"/clients/{one.client}/fees",
        action=f"/fees/{fee}/waiver",
    )


@get(WAIVER, opt=WAIVE)
async def waiver(request: Req, fee: FromPath[int]) -> Response[Any]:
    """Why a fee is not asked any more."""
    one = await fees_queries.fee(fee)
    if _closed(one):
        return done(request, f"/clients/{one.client}")
    form = Form.blank(request, "waiver", await _waiver_fields(request), version=one.version)
    return await _show_waiver(request, fee, form)


@post(WAIVER, opt=WAIVE, request_max_body_size=FORM_LIMIT)
async def waive(request: Req, fee: FromPath[int]) -> Response[Any]:
    """Ask it no more."""
    one = await fees_queries.fee(fee)

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        return await fees.waive(intent, FeeId(fee), ReasonId(int(values["reason"])), values["version"])

    return await submit(
        request,
        "waiver",
        await _waiver_fields(request),
        act=act,
        show=lambda asked, form, status: _show_waiver(asked, fee, form, status),
        then=f"/clients/{one.client}/fees",
    )


async def _payment_fields(request: Req, one: FeeView) -> tuple[f.Field, ...]:
    """How much comes in, by which method, and at which location's till."""
    offered = [each for each in await methods.methods() if not each.retired_at]
    known = [(str(each.id), _names.shown(request, each.names)) for each in offered]
    return (
        f.money("minor", one.currency, label="field.payment_amount"),
        f.choice("method", lambda: known, kind="radio", label="field.payment_method"),
        await _till_place.field(),
    )


async def _show_payment(request: Req, fee: int, form: Form, status: int = 200) -> Response[Any]:
    one = await fees_queries.fee(fee)
    form.also(owed_problems(one.owed, form.usable().get("minor", one.owed)))
    return await page(
        request,
        "fees/payment.html",
        i18n.gettext("title.fee_payment"),
        status=status,
        form=form,
        row=words.row(request, one),
        name=_called.name(await clients.client(one.client)),
        back_url=f"/clients/{one.client}/fees",
        action=f"/fees/{fee}/payment",
    )


@get(PAYMENT, opt=RECEIVE)
async def payment(request: Req, fee: FromPath[int]) -> Response[Any]:
    """What comes in for a fee: all that is owed, where nothing else is said."""
    one = await fees_queries.fee(fee)
    if _closed(one):
        return done(request, f"/clients/{one.client}")
    known = [each for each in await methods.methods() if not each.retired_at]
    spec = await _payment_fields(request, one)
    at = _till_place.usual(request, spec[-1], one.location)
    values = {"minor": one.owed, "method": known[0].id if known else None, _till_place.NAME: at}
    form = Form.blank(request, "payment", spec, values)
    return await _show_payment(request, fee, form)


@post(PAYMENT, opt=RECEIVE, request_max_body_size=FORM_LIMIT)
async def receive(request: Req, fee: FromPath[int]) -> Response[Any]:
    """Take it into the till."""
    one = await fees_queries.fee(fee)

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        paid = Paid(MethodId(int(values["method"])), values["minor"])
        return await fees.pay(intent, FeeId(fee), LocationId(int(values[_till_place.NAME])), paid)

    return await submit(
        request,
        "payment",
        await _payment_fields(request, one),
        act=act,
        show=lambda asked, form, status: _show_payment(asked, fee, form, status),
        then=f"/clients/{one.client}/fees",
    )


ROUTES = [rules, change_rules, of_client, waiver, waive, payment, receive]
