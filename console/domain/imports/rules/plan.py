"""Rows put together to what happened: bookings of a client on a date; visits of a receipt, a client and a date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from console.domain.imports.rules.mapping import Below, Mapped, Negative
from console.domain.imports.rules.rows import Booked, Guest, Rejected, Row, Sold
from console.domain.text import fold


class Planned(NamedTuple):
    """What a client was booked for on a date: the rows, by when they begin."""

    guest: Guest
    on: date
    rows: Sequence[Booked]


class Receipt(NamedTuple):
    """What was sold to one client, or to nobody known (`guest` None), on one receipt and date; `number`: of which."""

    number: str
    guest: Guest | None
    on: date
    rows: Sequence[Sold]

    @property
    def key(self) -> str:
        """Which it is."""
        return self.key_of(self.guest.key if self.guest else "")

    def key_of(self, client: str) -> str:
        """Which it would be where the files named its client so."""
        return f"{self.number}|{client}|{self.on}"


def planned(rows: Iterable[Booked]) -> list[Planned]:
    """Bookings in time."""
    found: dict[tuple[date, str], list[Booked]] = defaultdict(list)
    for row in rows:
        found[row.on, row.guest.key].append(row)
    return [
        Planned(own[0].guest, on, sorted(own, key=lambda row: (row.minute or 0, row.line)))
        for (on, _), own in sorted(found.items(), key=lambda item: item[0])
    ]


def receipts(rows: Iterable[Sold]) -> list[Receipt]:
    """Visits in time, those of one date by their receipts. A walk-in without a number is a visit of its own a row."""
    found: dict[tuple[date, str, str], list[Sold]] = defaultdict(list)
    seen: dict[str, int] = defaultdict(int)
    for row in rows:
        number = row.receipt
        if row.guest is None and not number:
            alike = f"{row.on} {fold(row.item)} {row.amount}"
            seen[alike] += 1
            number = f"{alike} {seen[alike]}"
        found[row.on, number.rjust(12), row.guest.key if row.guest else ""].append(row)
    return [
        Receipt(number.strip(), own[0].guest, on, own)
        for (on, number, _), own in sorted(found.items(), key=lambda item: item[0])
    ]


def guests(rows: Iterable[Row | Rejected]) -> dict[str, Guest]:
    """Everybody by their keys, with what is said of them anywhere, and since when they are known."""
    found: dict[str, Guest] = {}
    for row in rows:
        guest = getattr(row, "guest", None)
        if guest is None:
            continue
        known = found.get(guest.key)
        found[guest.key] = guest if known is None else _together(known, guest)
    return found


def _together(one: Guest, other: Guest) -> Guest:
    dates = [joined for joined in (one.joined_on, other.joined_on) if joined != date.min]
    return Guest(
        one.key,
        one.coded,
        one.given or other.given,
        one.family or other.family,
        one.phone or other.phone,
        one.email or other.email,
        one.birthday or other.birthday,
        min(dates, default=date.min),
    )


@dataclass
class Line:
    """A line of a visit, in minor units. `item`: what of."""

    row: Sold
    item: tuple[str, int]
    quantity: int
    unit: int
    packed: int = 0
    discount: int = 0

    @property
    def left(self) -> int:
        return self.unit * self.quantity - self.packed - self.discount


@dataclass(frozen=True)
class Lines:
    """What a receipt comes to: the lines of its visit, and the rows of what was returned from earlier ones.

    `taken_off`: the rows that took something off the lines.
    """

    lines: Sequence[Line]
    taken_off: Sequence[Sold]
    returned: Sequence[tuple[Sold, tuple[str, int]]]
    rejected: Sequence[Rejected]


def lines(receipt: Receipt, items: dict[str, tuple[str, int]], mapped: Mapped) -> Lines:
    """The lines of a visit; `items`: services and products by how the files call them, folded.

    What is below zero is taken off the others, as the mapping says.
    """
    made: list[Line] = []
    returned: list[tuple[Sold, tuple[str, int]]] = []
    rejected: list[Rejected] = []
    below: list[tuple[Sold, Below]] = []
    for row in receipt.rows:
        item = items.get(fold(row.item))
        rule = mapped.below(row.item, row.quantity) if row.amount < 0 else None
        if row.amount < 0 and rule is None:
            rejected.append(Rejected(row.line, "problem.import_below_zero"))
        elif rule is not None and rule.what is not Negative.RETURN:
            below.append((row, rule))
        elif item is None:
            rejected.append(Rejected(row.line, "problem.import_unknown_item" if row.item else "problem.import_no_item"))
        elif rule is not None:
            returned.append((row, item))
        elif row.quantity < 0:
            rejected.append(Rejected(row.line, "problem.import_bad_quantity"))
        else:
            made.append(_line(row, item))
    taken_off: list[Sold] = []
    for row, rule in below:
        if _take_off(made, row, rule):
            taken_off.append(row)
        else:
            rejected.append(Rejected(row.line, "problem.import_nothing_to_take_off"))
    return Lines(made, taken_off, returned, rejected)


def _line(row: Sold, item: tuple[str, int]) -> Line:
    """A line whose amount is not so many times a whole unit is one of the whole amount."""
    unit, rest = divmod(row.amount, row.quantity)
    return Line(row, item, 1, row.amount) if rest else Line(row, item, row.quantity, unit)


def _take_off(made: Sequence[Line], row: Sold, rule: Below) -> bool:
    """Take a negative row off the lines: a cover off one that costs as much where there is one, and then in order."""
    much = -row.amount
    if sum(line.left for line in made) < much:
        return False
    order = list(made)
    if rule.what is Negative.COVER:
        able = [line for line in made if line.item[0] == "service" and _covers(rule, line) and line.left == line.unit]
        able.sort(key=lambda line: line.left != much)
        if able and able[0].left >= much:
            able[0].packed += much
            return True
    for line in order:
        taken = min(line.left, much)
        line.discount += taken
        much -= taken
    return True


def _covers(rule: Below, line: Line) -> bool:
    return rule.covers is None or fold(line.row.item) in rule.covers
