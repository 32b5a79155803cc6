"""The till's form: its fields, and what is finished by them; all of it may still be open."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from console.domain.booking import reasons
from console.domain.booking.rules import ReasonUse
from console.domain.errors import Invalid, Problem
from console.domain.ids import BookingId, FeeId, LocationId, VisitId
from console.domain.visits.actions import Till
from console.domain.visits.debts import Part
from console.domain.visits.methods import methods
from console.domain.visits.queries import Debt
from console.domain.visits.rules import received
from console.routes import _fields as f
from console.routes import _names
from console.routes._fields import Bad
from console.routes._page import Req
from console.routes._sale import Sale, currency
from console.routes._till_lines import lines
from console.routes._till_ways import carried, paid, ways

NAME = "till"


def _part(typed: str) -> Part:
    """What of a debt is taken along: v12-100000 of a visit, f3-50000 of a fee."""
    found = re.fullmatch(r"([vf])([0-9]{1,18})-([0-9]{1,18})", typed, re.ASCII)
    if not found:
        raise Bad("problem.form")
    of, minor = int(found[2]), int(found[3])
    return Part(minor, VisitId(of)) if found[1] == "v" else Part(minor, fee=FeeId(of))


def named(debt: Debt) -> str:
    """The same of all that is owed of one."""
    return f"v{debt.visit}-{debt.minor}" if debt.visit is not None else f"f{debt.fee}-{debt.minor}"


async def fields(request: Req) -> tuple[f.Field, ...]:
    """What every till asks: its lines and what is added to them, the free visit, and the money."""
    why = [one for one in await reasons.reasons(ReasonUse.PRICE) if one.retired_at is None]
    by = [(str(one.id), _names.shown(request, one.names)) for one in await methods() if one.retired_at is None]
    money = currency(request)
    return (
        *lines(money, [(str(one.id), _names.shown(request, one.names)) for one in why]).spec,
        f.text("add", required=False, label="field.till_add", hint="hint.till_add"),
        f.tick("free", label="field.till_free"),
        *ways(money, by).spec,
        f.money("tip", money, required=False, label="field.till_tip"),
        f.Field("debts", _part, kind="checks", many=True, required=False, empty=(), label="field.till_debts"),
        carried("due"),
        carried("owes"),
    )


def meant(of: Sale, values: Mapping[str, Any]) -> Till:
    """What is finished, as the form says it. Raises `Invalid` where more would be owed than was shown, or a
    line has no price.
    """
    if unpriced := {row.at("unit"): Problem("problem.required") for row in of.rows if row.listed is row.unit is None}:
        raise Invalid(unpriced)
    payments = paid(values)
    due = of.quote.due if values["due"] is None else values["due"]
    debts = tuple(values["debts"])
    owes = due + sum(part.minor for part in debts) - received(payments)
    if owes > 0 and of.client is None:
        raise Invalid({"ways_1_amount": Problem("problem.nobody_owes")})
    if owes > 0 and owes != values["owes"]:
        raise Invalid({"ways_1_amount": Problem("problem.owes_then")})
    return Till(
        LocationId(of.place.id),
        of.entered,
        due,
        payments,
        of.client,
        BookingId(of.booking.id) if of.booking else None,
        of.at,
        bool(values["free"]),
        debts,
    )


def at_fields(of: Sale, refused: Invalid) -> Invalid:
    """The same problems, at the fields of the form."""
    return Invalid({_named(of, name): what for name, what in refused.problems.items()})


def _named(of: Sale, name: str) -> str:
    line = re.fullmatch(r"line-(\d+)-(\w+)", name)
    if line and int(line[1]) < len(of.rows):
        return of.rows[int(line[1])].at(line[2])
    if name.startswith("payment"):
        return "ways_1_amount"
    return {"lines": "add", "at": "on", "location": "place"}.get(name, name)
