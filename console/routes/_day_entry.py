"""What happened on a day, as its form says it: for each booking that is open whether they came, and what was paid."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

from console import i18n
from console.domain.booking import actions as bookings
from console.domain.booking import cards
from console.domain.booking.cards import BookingView
from console.domain.booking.rules import LAWFUL, Status
from console.domain.errors import Changed, DomainError, Forbidden, Invalid, Problem, Throttled
from console.domain.ids import BookingId, LocationId, MethodId, ReasonId
from console.domain.intent import Intent, Outcome
from console.domain.visits import actions as visits
from console.domain.visits import fees
from console.domain.visits.actions import Till
from console.domain.visits.methods import methods
from console.domain.visits.rules import Paid
from console.routes import _fees
from console.routes import _fields as f
from console.routes._day import Booked
from console.routes._forms import Form
from console.routes._names import shown
from console.routes._page import Req
from console.routes._sale import currency
from console.routes._till_ways import carried

NAME = "entry"
CAME, AWAY = "came", "away"
WHAT = (("", "words.entry_open"), (CAME, "words.entry_came"), (AWAY, "words.entry_away"))
BECAME = {CAME: Status.FINISHED, AWAY: Status.NO_SHOW}
"""What a booking is of which that is said."""
_WHAT = re.compile(r"b([1-9]\d{0,17})_what")
AT = {"payments": "amount", "payment-0": "amount", "payment-1": "tip", "waiver": "fee"}
"""At which field of a row a problem of the use case stands; any other at what happened."""


def name(booking: BookingId, field: str) -> str:
    return f"b{booking}_{field}"


async def fields(request: Req, rows: Sequence[Booked]) -> tuple[f.Field, ...]:
    """Those of every booking that is open."""
    ways = [(str(way.id), shown(request, way.names)) for way in await methods() if way.retired_at is None]
    money = currency(request)
    waivers = await _fees.waiver_reasons(request) if _fees.may_waive(request) else []
    asked = [("", i18n.gettext("words.fee_is_asked"))]
    asked += [(value, i18n.words("words.fee_waived_for", {"reason": why})) for value, why in waivers]
    told = [(value, i18n.gettext(key)) for value, key in WHAT]

    def of(row: Booked) -> tuple[f.Field, ...]:
        away = Status.NO_SHOW in LAWFUL[row.listed.status]
        what = [one for one in told if away or one[0] != AWAY]
        return (
            f.choice("what", lambda: what, kind="radio", required=False, label="field.entry_what", empty=""),
            f.choice("method", lambda: ways, required=False, label="field.entry_method"),
            f.money("amount", money, required=False, label="field.entry_amount", placeholder=row.due or None),
            f.money("tip", money, required=False, label="field.till_tip"),
            *([f.tick("free", label="field.till_free"), carried("due_free")] if row.free else []),
            *([f.choice("fee", lambda: asked, required=False, label="field.fee_waiver")] if waivers and away else []),
            carried("due"),
        )

    return tuple(_of_row(one, row) for row in rows if row.sale is not None for one in of(row))


def _of_row(one: f.Field, row: Booked) -> f.Field:
    label = one.label
    said = {"time": row.row.time, "client": row.row.client}

    def told(_: Mapping[str, Sequence[str]]) -> str:
        return i18n.words("words.entry_of", {"what": i18n.gettext(label), **said})

    return replace(one, name=name(row.listed.booking, one.name), told=told)


def offer(form: Form, rows: Sequence[Booked]) -> None:
    """Let the form say what each visit costs by now, for whoever looks at it."""
    for row in rows:
        if row.sale is None:
            continue
        form.texts[name(row.listed.booking, "due")] = [str(row.sale.quote.due)]
        if row.free:
            form.texts[name(row.listed.booking, "due_free")] = [str(row.free.quote.due)]


async def enter(request: Req, form: Form, rows: Sequence[Booked]) -> list[Outcome[Any]]:
    """Do what the form says of each booking, each by an operation of its own; what cannot be is noted at its row."""
    try:
        form.check()
    except Invalid:
        if form.refusal:
            return []
    values, done = form.usable(), list[Outcome[Any]]()
    for row in rows:
        mine = name(row.listed.booking, "")
        if row.sale is None or any(one.startswith(mine) for one in form.problems):
            continue
        try:
            said = {one.removeprefix(mine): value for one, value in values.items() if one.startswith(mine)}
            if (outcome := await _one(request, form, row, said)) is not None:
                done.append(outcome)
        except DomainError as refused:
            if isinstance(refused, Forbidden | Throttled) and not isinstance(refused, Invalid):
                raise
            form.problems |= _at_row(form, mine, refused)
    return done


def said(texts: Mapping[str, Sequence[str]]) -> dict[BookingId, str]:
    """Of which bookings it is typed whether they came, also where they are not open any more."""
    found = ((_WHAT.fullmatch(field), typed) for field, typed in texts.items())
    return {BookingId(int(at[1])): typed[-1] for at, typed in found if at and typed and typed[-1] in BECAME}


async def astray(typed: Mapping[BookingId, str], there: Collection[Booked]) -> list[BookingView]:
    """Those of such bookings that can be entered no more, and became something else than what is typed of them."""
    standing = {row.listed.booking for row in there if row.sale is not None}
    gone = [booking for booking in typed if booking not in standing]
    return [one for one in await cards.those(gone) if one.status is not BECAME[typed[one.id]]] if gone else []


async def _one(request: Req, form: Form, row: Booked, said: Mapping[str, Any]) -> Outcome[Any] | None:
    booking = row.listed.booking
    intent = form.intend(request.user.actor)
    intent = replace(intent, id=uuid5(UUID(form.intent), str(booking)))
    if said["what"] == CAME:
        return await visits.finish(intent, _till(row, said))
    if said["what"] == AWAY:
        return await _stayed_away(intent, booking, said.get("fee"))
    if said["amount"] is not None or said["tip"] is not None or said.get("free"):
        raise Invalid({"what": Problem("problem.entry_what")})
    return None


async def _stayed_away(intent: Intent, booking: BookingId, waived: str | None) -> Outcome[Any]:
    if waived:
        return await fees.no_show_waiving(intent, booking, ReasonId(int(waived)))
    return await bookings.no_show(intent, booking)


def _till(row: Booked, said: Mapping[str, Any]) -> Till:
    """A visit at the price that was shown; nothing typed as the amount is all of it. Raises `Changed`, `Invalid`."""
    free = bool(said.get("free"))
    sale, due = (row.free, said["due_free"]) if free else (row.sale, said["due"])
    if row.unpriced:
        raise Invalid({"what": Problem("problem.entry_unpriced")})
    if sale is None or due is None:
        raise Changed
    paid = due if said["amount"] is None else said["amount"]
    if (paid or said["tip"]) and not said["method"]:
        raise Invalid({"method": Problem("problem.choose")})
    taken = [
        Paid(MethodId(int(said["method"])), minor, tip=tip)
        for minor, tip in ((paid, False), (said["tip"], True))
        if minor
    ]
    return Till(LocationId(sale.place.id), sale.entered, due, tuple(taken), sale.client, row.listed.booking, free=free)


def _at_row(form: Form, mine: str, refused: DomainError) -> dict[str, Problem]:
    if isinstance(refused, Changed):
        return {f"{mine}what": Problem("problem.entry_changed")}
    if not isinstance(refused, Invalid):
        return {f"{mine}what": refused.problem}
    known = {one.name for one in form.spec}
    found = {}
    for field, problem in refused.problems.items():
        at = f"{mine}{AT.get(field, field)}"
        found[at if at in known else f"{mine}what"] = problem
    return found
