"""What a client owes in words: one sum, and the visits and fees that it is for, each with where it is received."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from console import i18n
from console.domain.clients.queries import ClientView
from console.domain.ids import ClientId
from console.domain.team.rules import Permission
from console.domain.visits import queries
from console.domain.visits.queries import Debt
from console.routes import _fees
from console.routes._page import Req
from console.routes._values import date_words


async def part(request: Req, one: ClientView) -> dict[str, Any]:
    """What a client's card shows of it; `sum` is empty where nothing is owed."""
    found = await queries.debts(one.id)
    return {
        "sum": i18n.words("words.owes_in_all", {"money": _fees.money_words(sums(found))}) if found else "",
        "rows": [row(request, debt) for debt in found],
        "take": url(one.id) if found and request.user.actor.may(Permission.VISIT_FINISH) else "",
    }


def url(client: ClientId) -> str:
    return f"/clients/{client}/debts"


def sums(found: Sequence[Debt]) -> Mapping[str, int]:
    """What is owed by currency."""
    owed: dict[str, int] = {}
    for debt in found:
        owed[debt.currency] = owed.get(debt.currency, 0) + debt.minor
    return owed


def row(request: Req, debt: Debt) -> dict[str, str]:
    """One debt: what for, how much, and where it is received."""
    may = request.user.actor.may
    if debt.visit is not None:
        there = f"/visits/{debt.visit}" if may(Permission.VISIT_READ) else ""
    else:
        there = f"/fees/{debt.fee}/payment" if may(Permission.VISIT_FINISH) else ""
    return {"what": what(debt), "money": i18n.money(debt.minor, debt.currency), "url": there}


def what(debt: Debt) -> str:
    """For what it is owed: Visit of 9 May; Late cancellation, 12 May."""
    day = date_words(debt.on)
    if debt.cause is None:
        return i18n.upper_first(i18n.words("words.visit_of", {"date": day}))
    return f"{i18n.gettext(_fees.CAUSES[debt.cause])}, {day}"
