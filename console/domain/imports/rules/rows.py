"""The rows of a file as what they say, and those that say nothing that can be used, each with the key of why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import phonenumbers
from babel.numbers import get_currency_precision

from console.domain.addresses import BadAddress, address_in
from console.domain.clients.rules import LONGEST_NAME
from console.domain.errors import Problem
from console.domain.imports.rules.mapping import AMOUNTS, DATES, File, Holds, Mapped
from console.domain.imports.rules.sheets import BOOKS, Sheet
from console.domain.imports.rules.styles import (
    Dates,
    Decimals,
    Style,
    amount_in,
    date_in,
    dates_of,
    decimals_of,
    minute_in,
)
from console.domain.text import fold

LONGEST_OF_OTHERS = 100
SHORT = frozenset({"barcode", "category", "client", "code", "item", "name", "receipt", "service", "staff"})
"""Fields of which the name of something is made, or what it is known by."""
MOST_MONEY = 10**12
MOST_OF_ONE = 99


class Rejected(NamedTuple):
    """A row that is not taken in, and the key of why."""

    line: int
    why: str


class Offered(NamedTuple):
    """A service or a product. `price` in minor units, None where the list says none."""

    line: int
    code: str
    name: str
    category: str
    price: int | None
    minutes: int | None
    on: bool
    barcode: str


class Guest(NamedTuple):
    """Who a client is. `key`: what they are known by in the files; `coded`: that is a code of theirs."""

    key: str
    coded: bool
    given: str
    family: str
    phone: str
    email: str
    birthday: str | None
    joined_on: date

    @property
    def name(self) -> str:
        """As the files write it; how they are reached where they have none."""
        return " ".join(filter(None, (self.given, self.family)))

    @property
    def named(self) -> bool:
        """Whether they have a name."""
        return bool(self.family) or self.given not in {one[:LONGEST_NAME] for one in (self.email, self.phone)}


class Known(NamedTuple):
    """A row of a list of clients."""

    line: int
    guest: Guest


class Booked(NamedTuple):
    """A service that was booked; of a cancellation or a no-show `minute` may be unknown."""

    line: int
    guest: Guest
    service: str
    staff: str
    on: date
    minute: int | None
    cancelled_on: date | None


class Sold(NamedTuple):
    """A line of a receipt. `guest` None: a walk-in. `amount` in minor units, of all of the `quantity`."""

    line: int
    receipt: str
    guest: Guest | None
    on: date
    item: str
    staff: str
    quantity: int
    amount: int


Cells = Mapping[str, str]
"""What stands in a row, by the field."""

Row = Offered | Known | Booked | Sold


class NoColumns(ValueError):
    """A file that lacks columns that the mapping speaks of."""

    def __init__(self, missing: Sequence[str]) -> None:
        self.problem = Problem("problem.sheet_columns", {"columns": ", ".join(missing)})
        super().__init__(self.problem.key)


@dataclass(frozen=True)
class Styles:
    """How the columns of a file are written; of each field whether it may be read otherwise just as well."""

    dates: Style[Dates]
    decimals: Style[Decimals]

    @property
    def unsure(self) -> Problem | None:
        """That it has to be said in which of two ways a file is written, since it can be read by both."""
        for key, one in (("problem.dates_ambiguous", self.dates), ("problem.decimals_ambiguous", self.decimals)):
            if one.also:
                return Problem(key, {"one": one.of, "other": one.also})
        return None


def styles(sheet: Sheet, file: File, mapped: Mapped) -> Styles:
    """What the mapping says, else what is recognised over whole columns. Raises `NoColumns`."""
    at = _places(sheet, file)
    dates, amounts = set[str](), set[str]()
    for _, row in sheet.rows():
        dates.update(row[at[name]] for name in at.keys() & DATES)
        amounts.update(row[at[name]] for name in at.keys() & AMOUNTS)
    order = file.dates or mapped.dates
    said = Decimals.POINT if sheet.suffix in BOOKS else file.decimals or mapped.decimals
    return Styles(
        Style(order) if order else dates_of(dates),
        Style(said) if said else decimals_of(amounts, get_currency_precision(mapped.business.currency)),
    )


def rows(sheet: Sheet, file: File, mapped: Mapped, written: Styles) -> Iterator[Row | Rejected]:
    """What each row says, in the order of the file. Raises `NoColumns`."""
    at = _places(sheet, file)
    reader = _Reader(file.holds, mapped, written)
    ways: Mapping[Holds, Callable[[int, Cells], Row]] = {
        Holds.SERVICES: reader.offered,
        Holds.PRODUCTS: reader.offered,
        Holds.CLIENTS: reader.known,
        Holds.BOOKINGS: reader.booked,
        Holds.RECEIPTS: reader.sold,
        Holds.CANCELLATIONS: reader.booked,
        Holds.NO_SHOWS: reader.booked,
    }
    read = ways[file.holds]
    for line, row in sheet.rows():
        try:
            yield read(line, _short({name: row[place] for name, place in at.items()}))
        except _Bad as bad:
            yield Rejected(line, bad.why)


def _places(sheet: Sheet, file: File) -> Mapping[str, int]:
    """In which column each field stands that has one."""
    header = [fold(name) for name in sheet.header]
    lacking = {field: name for field, name in file.columns.items() if fold(name) not in header}
    if missing := sorted(name for field, name in lacking.items() if field not in file.optional):
        raise NoColumns(missing)
    return {field: header.index(fold(name)) for field, name in file.columns.items() if field not in lacking}


def _short(cells: Cells) -> Cells:
    if any(len(cells[name]) > LONGEST_OF_OTHERS for name in cells.keys() & SHORT):
        raise _Bad("problem.import_long_name")
    return cells


class _Bad(Exception):
    def __init__(self, why: str) -> None:
        self.why = why


class _Reader:
    def __init__(self, holds: Holds, mapped: Mapped, written: Styles) -> None:
        self.holds = holds
        self.mapped = mapped
        self.dates = written.dates.of
        self.decimals = written.decimals.of
        self.digits = get_currency_precision(mapped.business.currency)

    def offered(self, line: int, cells: Cells) -> Offered:
        code = cells["code"]
        if not code:
            raise _Bad("problem.import_no_code")
        minutes = self.mapped.durations.get(fold(code), self.mapped.minutes)
        if said := cells.get("minutes"):
            if not (said.isascii() and said.isdigit() and 1 <= int(said) <= 720):
                raise _Bad("problem.import_bad_minutes")
            minutes = int(said)
        price = self.amount(cells["price"]) if cells.get("price") else None
        if price is not None and price < 0:
            raise _Bad("problem.import_bad_amount")
        on = fold(cells.get("active", "")) not in ("false", "0", "no", "n", "нет", "ложь")
        name = cells["name"] or code
        return Offered(line, code, name, cells.get("category", ""), price, minutes, on, cells.get("barcode", ""))

    def known(self, line: int, cells: Cells) -> Known:
        joined = self.day(cells["joined_on"]) if cells.get("joined_on") else date.min
        return Known(line, self.guest(cells, joined))

    def booked(self, line: int, cells: Cells) -> Booked:
        on, called_off = self.day(cells["date"]), cells.get("cancelled_on")
        minute = minute_in(cells["time"]) if cells.get("time") else None
        if minute is None and (self.holds is Holds.BOOKINGS or cells.get("time")):
            raise _Bad("problem.import_bad_time")
        if not cells["service"]:
            raise _Bad("problem.import_no_service")
        if not cells.get("staff") and self.holds is Holds.BOOKINGS:
            raise _Bad("problem.import_no_staff")
        return Booked(
            line,
            self.guest(cells, on),
            cells["service"],
            cells.get("staff", ""),
            on,
            minute,
            self.day(called_off) if called_off else None,
        )

    def sold(self, line: int, cells: Cells) -> Sold:
        on = self.day(cells["date"])
        said = cells.get("quantity", "")
        quantity = self.quantity(said) if said else 1
        amount = self.amount(cells["amount"]) if "amount" in cells else 0
        item = cells.get("item", self.mapped.service)
        nobody = fold(cells.get("client", cells.get("name", ""))) in self.mapped.walk_in
        walk_in = nobody and not (cells.get("phone") or cells.get("email"))
        guest = None if walk_in else self.guest(cells, on)
        return Sold(line, cells.get("receipt", ""), guest, on, item, cells.get("staff", ""), quantity, amount)

    def day(self, text: str) -> date:
        found = date_in(text, self.dates)
        if found is None:
            raise _Bad("problem.import_bad_date" if text else "problem.import_no_date")
        return found

    def amount(self, text: str) -> int:
        found = amount_in(text, self.decimals, self.digits)
        if found is None or abs(found) > MOST_MONEY:
            raise _Bad("problem.import_bad_amount" if text else "problem.import_no_amount")
        return found

    def quantity(self, text: str) -> int:
        found = amount_in(text, self.decimals, 0)
        if not found or abs(found) > MOST_OF_ONE:
            raise _Bad("problem.import_bad_quantity")
        return found

    def guest(self, cells: Cells, on: date) -> Guest:
        """Whoever it is; their key is their code where there is one, else how they are reached, else their name."""
        given, family = cells.get("given_name", ""), cells.get("family_name", "")
        if name := cells.get("name", ""):
            given, _, family = name.partition(" ")
        code, email = cells.get("client", ""), self.email(cells.get("email", ""))
        phone = self.phone(cells["phone"]) if cells.get("phone") else ""
        born = self.day(cells["birthday"]).isoformat() if cells.get("birthday") else None
        key = code or phone or email or " ".join(filter(None, (given, family)))
        if not key:
            raise _Bad("problem.import_no_client")
        given = given or ("" if family else (code or email or phone)[:LONGEST_NAME])
        if max(len(given), len(family)) > LONGEST_NAME:
            raise _Bad("problem.import_long_name")
        return Guest(fold(key), bool(code), given, family, phone, email, born, on)

    def email(self, text: str) -> str:
        try:
            return address_in(text) if text else ""
        except BadAddress as bad:
            long = bad.problem.key == "problem.too_long"
            raise _Bad("problem.import_long_email" if long else "problem.import_bad_email") from None

    def phone(self, text: str) -> str:
        try:
            number = phonenumbers.parse(text, self.mapped.business.country)
        except phonenumbers.NumberParseException:
            raise _Bad("problem.import_bad_phone") from None
        if not phonenumbers.is_valid_number(number):
            raise _Bad("problem.import_bad_phone")
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
