"""The till's form: the lines of a visit, the free visit, what is paid and how; all of it may still be open."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from console import i18n
from console.domain import clock
from console.domain.booking import reasons
from console.domain.booking.cards import BookingView
from console.domain.booking.rules import ReasonUse
from console.domain.business.queries import LocationView
from console.domain.errors import Invalid, Problem
from console.domain.ids import BookingId, ClientId, FeeId, LocationId, MethodId, ReasonId, VisitId
from console.domain.text import fold
from console.domain.visits import quoting
from console.domain.visits.actions import Till
from console.domain.visits.debts import Part
from console.domain.visits.methods import methods
from console.domain.visits.queries import Debt
from console.domain.visits.quoting import Basis, Good, Quote
from console.domain.visits.rules import MOST_LINES, MOST_OF_ONE, Entered, Paid, received
from console.routes import _fields as f
from console.routes import _names
from console.routes._fields import Bad
from console.routes._forms import Form
from console.routes._page import Req, today
from console.routes._repeated import Repeated

NAME = "till"
MOST_WAYS = 4
"""Ways in which one visit is paid."""
LONGEST_SUM = 18
NOON = 12 * 60


def _key(typed: str) -> str:
    if not re.fullmatch(r"[sp][0-9]{1,9}", typed, re.ASCII):
        raise Bad("problem.form")
    return typed


def _sum(typed: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", typed, re.ASCII):
        raise Bad("problem.form")
    return int(typed)


def carried(name: str) -> f.Field:
    """An amount in minor units that a form carries along."""
    return f.hidden(name, _sum, required=False, limit=LONGEST_SUM, label="field.till_sum")


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


def currency(request: Req) -> str:
    return str(request.scope["state"]["business"].currency)


def lines(currency: str, why: Sequence[tuple[str, str]] = ()) -> Repeated:
    """The lines: what, how many, and another price with its reason."""
    one = (
        f.hidden("item", _key, limit=20, label="field.till_line"),
        f.whole("quantity", 1, MOST_OF_ONE, label="field.till_quantity"),
        f.money("unit", currency, label="field.till_unit"),
        f.choice("reason", lambda: [("", i18n.gettext("words.choose")), *why], label="field.till_reason"),
    )
    return Repeated("lines", "field.till_lines", MOST_LINES, one)


def ways(currency: str, methods: Sequence[tuple[str, str]] = ()) -> Repeated:
    """What is paid by which method; `filled`: the amount that stood there by itself."""
    one = (
        f.choice("method", lambda: methods, kind="radio", label="field.till_method"),
        f.money("amount", currency, label="field.till_amount"),
        carried("filled"),
    )
    return Repeated("ways", "field.till_ways", MOST_WAYS, one)


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


@dataclass(frozen=True)
class Row:
    """A line as the form has it, and what it is of."""

    number: int
    good: Good
    quantity: int
    listed: int | None
    unit: int | None
    reason: ReasonId | None
    quoted: int | None = None
    who: str = ""

    @property
    def entered(self) -> Entered:
        """The line for the rules; what has no price costs nothing until somebody puts one."""
        listed = self.listed if self.listed is not None else self.unit or 0
        other = None if self.unit == listed else self.unit
        return Entered(listed, self.quantity, self.good.service, self.good.product, other, self.reason)

    def at(self, field: str) -> str:
        """What a field of the line is called in the form."""
        return f"lines_{self.number}_{field}"


@dataclass(frozen=True)
class Sale:
    """What a till says so far: whose visit, where, of which business date, and its lines with what they cost.

    `goods`: what may be added.
    """

    place: LocationView
    on: date
    client: ClientId | None
    booking: BookingView | None
    goods: Mapping[str, Good]
    rows: Sequence[Row]
    basis: Basis
    free: bool

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.place.zone)

    @property
    def entered(self) -> tuple[Entered, ...]:
        return tuple(row.entered for row in self.rows)

    @cached_property
    def quote(self) -> Quote:
        return quoting.quote(self.basis, self.entered, free=self.free)

    @property
    def at(self) -> datetime | None:
        """When it was served, where that is not now: the middle of another date."""
        if self.booking is not None or self.on == clock.business_date(clock.now(), self.zone):
            return None
        return clock.WallTime(self.on, NOON).instants(self.zone)[0]


async def sale(
    request: Req,
    values: Mapping[str, Any],
    place: LocationView,
    on: date,
    client: ClientId | None,
    booking: BookingView | None = None,
) -> Sale:
    """From the values of a form, or of a part of it."""
    goods = await quoting.goods(on, currency(request))
    of = await quoting.basis(client, on, today(request))
    rows = await _rows(request, values, goods, on, booking)
    return Sale(place, on, client, booking, goods, rows, of, bool(values.get("free")))


async def _rows(
    request: Req, values: Mapping[str, Any], goods: Mapping[str, Good], on: date, booking: BookingView | None
) -> list[Row]:
    numbered = [(number, _line(values, number)) for number in range(1, MOST_LINES + 1)]
    rows = [
        Row(
            number,
            goods[one["item"]],
            1 if one["quantity"] is None else one["quantity"],
            goods[one["item"]].listed,
            one["unit"],
            ReasonId(int(one["reason"])) if one["reason"] else None,
        )
        for number, one in numbered
        if one["item"] in goods
    ]
    return rows if booking is None else await _booked(rows, booking, on, currency(request))


def _line(values: Mapping[str, Any], number: int) -> dict[str, Any]:
    return {name: values.get(f"lines_{number}_{name}") for name in ("item", "quantity", "unit", "reason")}


async def _booked(rows: Sequence[Row], booking: BookingView, on: date, currency: str) -> list[Row]:
    """The lines of services that were booked cost what those take who did them."""
    left = list(booking.items)
    pairs = []
    for row in rows:
        item = next((one for one in left if one.service == row.good.service), None)
        pairs.append((row, item))
        if item is not None:
            left.remove(item)
    of = [item for _, item in pairs if item is not None]
    doers = [(item.service, tuple(who.id for who in item.doers)) for item in of]
    prices = iter(await quoting.by_doers(doers, on, currency))
    return [
        row
        if item is None
        else replace(
            row,
            listed=next(prices),
            quoted=item.minor if item.currency == currency else None,
            who=", ".join(who.name for who in item.doers if who.is_person),
        )
        for row, item in pairs
    ]


def booked_lines(booking: BookingView) -> dict[str, Any]:
    """The values of a form whose lines are what was booked."""
    found: dict[str, Any] = {}
    for number, item in enumerate(booking.items, 1):
        found |= {f"lines_{number}_item": f"s{item.service}", f"lines_{number}_quantity": 1}
    return found


def add(form: Form, goods: Mapping[str, Good]) -> None:
    """Make a line of what was typed to be added: by its name, code or barcode. What is there already comes once more.

    Where nothing, or more than one thing, is called that, it is said at the field.
    """
    typed = fold(" ".join(form.texts.get("add") or []))
    if not typed:
        return
    found = _meant(typed, [one for one in goods.values() if one.is_on])
    if len(found) != 1:
        said = (
            Problem("problem.till_unknown")
            if not found
            else Problem("problem.till_which", {"names": i18n.listing([i18n.spoken(one.names) for one in found[:4]])})
        )
        form.problems["add"] = said
        return
    form.texts["add"] = []
    _put(form, found[0])


def _meant(typed: str, goods: Sequence[Good]) -> list[Good]:
    """Whose barcode, code or whole name it is; else whose name begins with it, or has it somewhere."""
    whole = [one for one in goods if typed in (fold(one.code), one.barcode, *map(fold, one.names.values()))]
    if whole:
        return whole
    begins = [one for one in goods if any(fold(name).startswith(typed) for name in one.names.values())]
    return begins or [one for one in goods if any(typed in fold(name) for name in one.names.values())]


def _put(form: Form, good: Good) -> None:
    taken = {}
    for number in range(1, MOST_LINES + 1):
        if key := "".join(form.texts.get(f"lines_{number}_item") or []):
            taken[key] = number
    if good.key in taken and not form.texts.get(f"lines_{taken[good.key]}_unit"):
        name = f"lines_{taken[good.key]}_quantity"
        before = "".join(form.texts.get(name) or ["1"])
        if before.isascii() and before.isdigit() and len(before) <= len(str(MOST_OF_ONE)):
            form.texts[name] = [str(min(int(before) + 1, MOST_OF_ONE))]
        return
    last = max(taken.values(), default=0)
    if last == MOST_LINES:
        form.problems["add"] = Problem("problem.too_many_lines", {"most": MOST_LINES})
        return
    form.texts |= {f"lines_{last + 1}_item": [good.key], f"lines_{last + 1}_quantity": ["1"]}


def look(form: Form) -> None:
    """Say of numbers that are typed what is wrong with them: before they are sent to finish anything."""
    numbers = [one.name for one in form.spec if one.kind == "number"]
    form.problems |= form.misread(numbers)


def remove(form: Form, number: int) -> None:
    """Take a line away."""
    for name in ("item", "quantity", "unit", "reason"):
        form.texts[f"lines_{number}_{name}"] = []


def shown_ways(form: Form) -> list[int]:
    """The numbers of the ways to pay that the form shows."""
    return [one for one in range(1, MOST_WAYS + 1) if one == 1 or any(form.texts.get(f"ways_{one}_method") or [])]


def split(form: Form) -> None:
    """One way to pay more, by the next method."""
    known = [option.value for option in form.fields["ways_1_method"].options]
    used = ["".join(form.texts.get(f"ways_{one}_method") or []) for one in shown_ways(form)]
    free = next((one for one in range(1, MOST_WAYS + 1) if one not in shown_ways(form)), None)
    if free is not None and known:
        form.texts[f"ways_{free}_method"] = [next((one for one in known if one not in used), known[0])]


def fill(form: Form, due: int) -> None:
    """Let what remains stand in the first amount that nobody typed; in the others that nobody typed nothing."""
    spec = {one.name: one for one in form.spec}
    methods = form.fields["ways_1_method"].options
    if methods and not any(form.texts.get("ways_1_method") or []):
        form.texts["ways_1_method"] = [methods[0].value]
    values = form.usable()
    own = [one for one in shown_ways(form) if _is_own(form, values, one)]
    left = max(0, due - sum(values.get(f"ways_{one}_amount") or 0 for one in shown_ways(form) if one not in own))
    for number in own:
        form.texts[f"ways_{number}_amount"] = [spec["tip"].show(left)] if left or number == own[0] else []
        form.texts[f"ways_{number}_filled"] = [str(left)]
        left = 0


def _is_own(form: Form, values: Mapping[str, Any], number: int) -> bool:
    """Whether the amount of a way to pay is what stood there by itself, or none was shown yet."""
    filled = values.get(f"ways_{number}_filled")
    if filled is None:
        return not any(form.texts.get(f"ways_{number}_amount") or [])
    return bool((values.get(f"ways_{number}_amount", -1) or 0) == filled)


def paid(values: Mapping[str, Any]) -> tuple[Paid, ...]:
    """What is paid, and the tip, which goes the first way."""
    found = [
        Paid(MethodId(int(method)), amount)
        for number in range(1, MOST_WAYS + 1)
        if (method := values.get(f"ways_{number}_method")) and (amount := values.get(f"ways_{number}_amount"))
    ]
    method = values.get("ways_1_method")
    if method and values.get("tip"):
        found.append(Paid(MethodId(int(method)), values["tip"], tip=True))
    return tuple(found)


def meant(of: Sale, values: Mapping[str, Any]) -> Till:
    """What is finished, as the form says it. Raises `Invalid` where more would be owed than was shown."""
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
