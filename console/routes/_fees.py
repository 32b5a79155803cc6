"""Fees for late cancellations and no-shows in words, and the fields that speak of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from console import i18n
from console.domain import clock
from console.domain.booking import reasons
from console.domain.booking.rules import ReasonUse
from console.domain.clients.queries import ClientView
from console.domain.ids import ReasonId
from console.domain.intent import Effect
from console.domain.team.rules import Permission
from console.domain.visits import fees_queries as queries
from console.domain.visits.fees_queries import FeeView
from console.domain.visits.fees_rules import NONE, Cause, Rule
from console.routes import _fields as f
from console.routes import _names
from console.routes._forms import Form
from console.routes._page import Req
from console.routes._till_words import times
from console.routes._times import notice_words
from console.routes._values import date_words, with_money

WAIVER = "waiver"
"""The field that says why a fee is not asked."""
YEAR = timedelta(days=365)
CAUSES: Mapping[Cause, str] = {
    Cause.LATE_CANCELLATION: "words.fee_late_cancellation",
    Cause.NO_SHOW: "words.fee_no_show",
}


def rule_words(rule: Rule) -> str:
    """What a location asks: 500 ₽ a service, 50 % of the price, nothing."""
    if rule.minor is not None and rule.currency is not None:
        return i18n.words("words.fee_a_service", {"money": i18n.money(rule.minor, rule.currency)})
    if rule.bp is not None:
        return i18n.words("words.fee_of_the_price", {"share": i18n.percent(rule.bp)})
    return i18n.gettext("words.no_fee")


async def rules_facts(location: int) -> list[tuple[str, str]]:
    """What a location asks for either cause."""
    asked = await queries.rules_of(location)
    return [(i18n.gettext(key), i18n.upper_first(rule_words(asked.by_cause[cause]))) for cause, key in CAUSES.items()]


async def policy(location: int, notice_hours: int) -> str:
    """What a location asks of a client who cancels late, before there is anything to cancel; empty where nothing."""
    rule = (await queries.rules_of(location)).by_cause[Cause.LATE_CANCELLATION]
    if rule == NONE or not notice_hours:
        return ""
    said = {"notice": notice_words(notice_hours), "fee": rule_words(rule)}
    return i18n.words("words.fee_policy", said)


def effect_words(effect: Effect) -> str:
    """A consequence in words, with what it costs as money."""
    return i18n.words(effect.key, with_money(effect.params))


def may_waive(request: Req) -> bool:
    return bool(request.user.actor.may(Permission.FEE_WAIVE))


def may_receive(request: Req) -> bool:
    return bool(request.user.actor.may(Permission.VISIT_FINISH))


async def waiver_reasons(request: Req) -> list[tuple[str, str]]:
    """The reasons for which a fee is waived, that are on."""
    known = await reasons.reasons(ReasonUse.FEE_WAIVER)
    return [(str(one.id), _names.shown(request, one.names)) for one in known if one.retired_at is None]


async def waiver_fields(request: Req) -> tuple[f.Field, ...]:
    """Whether a fee is asked, for those who may waive one for a reason; else none."""
    known = await waiver_reasons(request) if may_waive(request) else []
    if not known:
        return ()
    waived = [(value, i18n.words("words.fee_waived_for", {"reason": name})) for value, name in known]
    choices = [("", i18n.gettext("words.fee_is_asked")), *waived]
    expected = f.hidden(f"expected_{WAIVER}", required=False, label="field.expected")
    return f.choice(WAIVER, lambda: choices, required=False, label="field.fee_waiver"), expected


def first_waiver(form: Form) -> ReasonId | None:
    """A reason for which a fee may be waived, for a look at what that does; None where that is not offered."""
    if WAIVER not in form.fields:
        return None
    return next((ReasonId(int(one.value)) for one in form.fields[WAIVER].options if one.value), None)


def row(request: Req, one: FeeView) -> dict[str, Any]:
    """A fee in a list: what for, how much, and how it stands."""
    stands = one.owed and not one.erased
    return {
        "id": one.id,
        "what": i18n.gettext(CAUSES[one.cause]),
        "day": date_words(one.on),
        "booking": f"/bookings/{one.booking}",
        "basis": _basis(one),
        "money": i18n.money(one.minor, one.currency),
        "owed": i18n.money(one.owed, one.currency) if one.owed else "",
        "paid": i18n.money(one.paid, one.currency) if one.paid else "",
        "waived": _names.shown(request, one.waived) if one.waived else "",
        "waive": f"/fees/{one.id}/waiver" if stands and may_waive(request) else "",
        "receive": f"/fees/{one.id}/payment" if stands and may_receive(request) else "",
    }


def _basis(one: FeeView) -> str:
    """How a fee came about: a share of the price, or an amount for each of several services."""
    if one.bp:
        return i18n.words("words.fee_of_the_price", {"share": i18n.percent(one.bp)})
    if one.services < 2:
        return ""
    return times(one.services, one.minor // one.services, one.currency)


async def of_booking(request: Req, booking: int) -> list[dict[str, Any]]:
    """The fees of a booking that is called off, or was before it was booked again."""
    return [row(request, one) for one in await queries.of_booking(booking)]


async def standing(booking: int) -> list[str]:
    """What becomes of the fees of a booking that was called off where it is booked again, in words."""
    return [
        i18n.words(
            "words.fee_stands_paid" if one.paid else "words.fee_stands",
            {
                "what": i18n.gettext(CAUSES[one.cause]),
                "day": date_words(one.on),
                "money": i18n.money(one.minor, one.currency),
                **({"paid": i18n.money(one.paid, one.currency)} if one.paid else {}),
            },
        )
        for one in await queries.of_booking(booking)
        if one.waived is None
    ]


async def of_client(request: Req, one: ClientView) -> dict[str, Any]:
    """What a client's card says of it: 2 late cancellations, 1 no-show in 12 months; `with_sum`: owes 1 500 ₽."""
    counted = await queries.counted(one.id, clock.now() - YEAR)
    late = i18n.words("words.late_cancellations", {"count": counted.late}) if counted.late else ""
    no_shows = i18n.words("words.no_shows", {"count": counted.no_shows}) if counted.no_shows else ""
    told = ", ".join(filter(None, (late, no_shows)))
    owes = money_words(counted.owed)
    parts = [
        i18n.words("words.in_12_months", {"what": told}) if told else "",
        i18n.words("words.owes", {"money": owes}) if owes else "",
    ]
    return {
        "words": i18n.upper_first(parts[0]),
        "with_sum": i18n.upper_first("; ".join(filter(None, parts))),
        "url": f"/clients/{one.id}/fees",
        "may_read": request.user.actor.may(Permission.BOOKING_READ),
    }


def money_words(sums: Mapping[str, int]) -> str:
    """Sums by currency: 1 500 ₽ + 20 €."""
    return " + ".join(i18n.money(minor, currency) for currency, minor in sums.items())


def charged(effects: Sequence[Effect]) -> bool:
    """Whether there is a fee among consequences."""
    return any(one.key == "effect.fee" for one in effects)
