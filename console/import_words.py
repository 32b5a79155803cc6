"""What a file of books holds and how it is written, in words: the same on the page and by the command."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from console import i18n
from console.domain.imports.rules.mapping import AMOUNTS, File, Holds
from console.domain.imports.rules.mapping import DATES as OF_DATES
from console.domain.imports.rules.rows import Styles
from console.domain.imports.rules.sheets import DELIMITERS, Sheet
from console.domain.imports.rules.styles import Dates, Decimals
from console.domain.loyalty.queries import versions
from console.domain.loyalty.rules.ladder import tier_by

HOLDS = {
    Holds.SERVICES: "words.import_services",
    Holds.PRODUCTS: "words.import_products",
    Holds.CLIENTS: "words.import_clients",
    Holds.BOOKINGS: "words.import_bookings",
    Holds.RECEIPTS: "words.import_receipts",
    Holds.CANCELLATIONS: "words.import_cancellations",
    Holds.NO_SHOWS: "words.import_no_shows",
}
DATES = {Dates.YMD: "words.import_ymd", Dates.DMY: "words.import_dmy", Dates.MDY: "words.import_mdy"}
DECIMALS = {Decimals.POINT: "words.import_point", Decimals.COMMA: "words.import_comma"}
NAMES_OF_DELIMITERS = {
    ",": "words.import_by_comma",
    ";": "words.import_by_semicolon",
    "\t": "words.import_by_tab",
    "|": "words.import_by_bar",
}
NAMES_OF_ENCODINGS = {
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "cp1251": "Windows-1251",
    "cp1252": "Windows-1252",
    "koi8_r": "KOI8-R",
    "cp866": "CP866",
}


def encoding_name(encoding: str) -> str:
    return NAMES_OF_ENCODINGS.get(encoding, encoding)


def file_words(count: int, file: File | None, sheet: Sheet | None, written: Styles | None) -> str:
    """How many rows there are, what they are, and how they are written, as far as that is known."""
    found = [i18n.words("words.import_rows", {"count": count})]
    found.append(i18n.gettext(HOLDS[file.holds] if file else "words.import_left_out"))
    if sheet and sheet.encoding:
        found += [encoding_name(sheet.encoding), i18n.gettext(NAMES_OF_DELIMITERS[sheet.delimiter or DELIMITERS[0]])]
    if file and sheet and written and not written.unsure:
        there = sheet.has(file.columns)
        if there & OF_DATES:
            found.append(i18n.gettext(DATES[written.dates.of]))
        if there & AMOUNTS:
            found.append(i18n.gettext(DECIMALS[written.decimals.of]))
    return " · ".join(found)


async def tier_names(on: date) -> Callable[[str | None], str]:
    """What tiers are called on a date, by their codes."""
    known = await versions()

    def named(code: str | None) -> str:
        tier = tier_by(known, code, on)
        return i18n.spoken(tier.names) if tier else i18n.gettext("words.import_no_tier")

    return named
