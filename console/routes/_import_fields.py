"""The form of an upload: what each file holds, how it is written, what its columns are, and what is to follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from console import i18n
from console.domain.errors import Invalid, Problem
from console.domain.imports.preparing import saying
from console.domain.imports.rules.guessing import columns as guessed_columns
from console.domain.imports.rules.looking import Look
from console.domain.imports.rules.mapping import FIELDS, NEEDED, Below, File, Holds, Mapped, Negative, Place, needed
from console.domain.imports.rules.sheets import DELIMITERS, ENCODINGS
from console.domain.imports.rules.styles import Dates, Decimals, clock_of, minute_in
from console.domain.imports.uploads import Wanted
from console.domain.imports.views import UploadView
from console.domain.text import fold
from console.import_words import DATES, DECIMALS, HOLDS, NAMES_OF_DELIMITERS, encoding_name
from console.routes import _fields as f
from console.routes._choices import zone_of, zones
from console.routes._fields import Bad

OF_FILE = ("holds", "encoding", "delimiter", "dates", "decimals")
"""The fields of a file, its columns aside."""
COLUMNS = {
    "active": "words.import_active",
    "amount": "words.import_amount",
    "barcode": "words.import_barcode",
    "birthday": "words.import_birthday",
    "cancelled_on": "words.import_cancelled_on",
    "category": "words.import_category",
    "client": "words.import_client",
    "code": "words.import_code",
    "date": "words.import_date",
    "email": "words.import_email",
    "family_name": "words.import_family_name",
    "given_name": "words.import_given_name",
    "item": "words.import_item",
    "joined_on": "words.import_joined_on",
    "minutes": "words.import_minutes",
    "name": "words.import_name",
    "phone": "words.import_phone",
    "price": "words.import_price",
    "quantity": "words.import_quantity",
    "receipt": "words.import_receipt",
    "service": "words.import_service",
    "staff": "words.import_staff",
    "time": "words.import_time",
}
"""What each column of a file may be."""
TAB = "tab"
"""In place of a tab, of which a form keeps nothing."""
BELOW = {
    Negative.DISCOUNT.value: "words.import_below_discount",
    Negative.COVER.value: "words.import_below_cover",
    Negative.RETURN.value: "words.import_below_return",
    "": "words.import_below_rejected",
}
OPENS = {"no": "words.import_opens_no", "last": "words.import_opens_last", "day": "words.import_opens_day"}
AS_MAPPED = "mapped"
"""That lines below zero are what the mapping says of them in several rules."""
SHOWN_COLUMNS = 60
"""Of a file; what the mapping says of others stays."""


def _choices(words: Mapping[Any, str]) -> list[tuple[str, str]]:
    return [(str(value), i18n.gettext(key)) for value, key in words.items()]


def _recognised(words: str | None) -> tuple[str, str]:
    """The first option: as it is recognised, and what that is."""
    return "", i18n.words("words.import_recognised", {"what": words}) if words else i18n.gettext(
        "words.import_recognise"
    )


def _encodings(look: Look) -> list[tuple[str, str]]:
    known = look.sheet.encoding if look.sheet else None
    return [_recognised(encoding_name(known) if known else None), *((one, encoding_name(one)) for one in ENCODINGS)]


def _delimiters(look: Look) -> list[tuple[str, str]]:
    known = look.sheet.delimiter if look.sheet else None
    words = {one: i18n.gettext(NAMES_OF_DELIMITERS[one]) for one in DELIMITERS}
    options = [(TAB if one == "\t" else one, said) for one, said in words.items()]
    return [_recognised(words[known] if known else None), *options]


def _styles(look: Look, words: Mapping[Any, str], name: str) -> list[tuple[str, str]]:
    found = getattr(look.styles, name) if look.styles else None
    known = i18n.gettext(words[found.of]) if found and not found.also else None
    return [_recognised(known), *_choices(words)]


def _columns(holds: Holds) -> list[tuple[str, str]]:
    fields = sorted(FIELDS[holds], key=lambda one: (one not in NEEDED[holds], i18n.gettext(COLUMNS[one])))
    return [("", i18n.gettext("words.import_unused")), *((one, i18n.gettext(COLUMNS[one])) for one in fields)]


def columns_of(look: Look) -> list[tuple[int, str]]:
    """The columns that are asked for, each name once, by where they stand."""
    seen: dict[str, int] = {}
    for at, name in enumerate(look.sheet.header if look.sheet else ()):
        if name:
            seen.setdefault(fold(name), at)
    return [(at, look.sheet.header[at]) for at in seen.values() if look.sheet][:SHOWN_COLUMNS]


def _file_fields(look: Look, number: int) -> Iterator[f.Field]:
    holds = [("", i18n.gettext("words.import_left_out")), *_choices(HOLDS)]
    about: dict[str, Any] = {"required": False, "params": {"file": look.name}}

    def named(name: str) -> str:
        return f"f{number}_{name}"

    yield f.choice(named("holds"), lambda: holds, label="field.import_holds", **about)
    if look.sheet and look.sheet.encoding:
        yield f.choice(named("encoding"), lambda: _encodings(look), label="field.import_encoding", **about)
        yield f.choice(named("delimiter"), lambda: _delimiters(look), label="field.import_delimiter", **about)
    yield f.choice(named("dates"), lambda: _styles(look, DATES, "dates"), label="field.import_dates", **about)
    if look.sheet and look.sheet.encoding:
        yield f.choice(
            named("decimals"), lambda: _styles(look, DECIMALS, "decimals"), label="field.import_decimals", **about
        )
    if look.file:
        known = _columns(look.file.holds)
        for at, name in columns_of(look):
            yield f.choice(
                named(f"column{at}"),
                lambda: known,
                label="field.import_column",
                required=False,
                params={"name": name},
            )


def _clock(typed: str) -> int:
    minute = minute_in(typed)
    if minute is None:
        raise Bad("problem.mapping_time")
    return minute


@dataclass(frozen=True)
class Offered:
    """What may be chosen of the business: its `places` by their names, none where the first is made by the import."""

    places: Mapping[str, Place]
    currencies: Sequence[tuple[str, str]]


def _common(offered: Offered, mapped: Mapped) -> Iterator[f.Field]:
    if not offered.places:
        yield f.text("place_name", limit=80, label="field.import_place_name")
        yield f.choice("zone", zones)
    if len(offered.places) > 1:
        yield f.choice("place", lambda: [(one, one) for one in offered.places], label="field.import_place")
    if len(offered.currencies) > 1:
        yield f.choice("currency", lambda: list(offered.currencies))
    yield f.text("source", limit=60, label="field.import_source", hint="hint.import_source")
    yield f.whole("minutes", 1, 720, label="field.import_minutes", hint="hint.import_minutes")
    yield f.Field("time", _clock, limit=20, show=clock_of, label="field.import_time", hint="hint.import_time")
    yield f.text(
        "service", required=False, empty="", limit=100, label="field.import_service", hint="hint.import_service"
    )
    yield f.tick("create", label="field.import_create", hint="hint.import_create")
    yield f.text("walk_in", required=False, empty="", label="field.import_walk_in", hint="hint.import_walk_in")
    yield f.tick("nameless", label="field.import_nameless")
    yield f.choice("below", lambda: below_choices(mapped), required=False, label="field.import_below")
    yield f.tick("reminders", label="field.import_reminders", hint="hint.import_reminders")
    yield f.choice("opens", lambda: _choices(OPENS), kind="radio", label="field.import_opens")
    yield f.day("as_of", required=False, label="field.import_as_of")


def below_choices(mapped: Mapped) -> list[tuple[str, str]]:
    words = _choices(BELOW)
    return words if _below(mapped) != AS_MAPPED else [(AS_MAPPED, i18n.gettext("words.import_below_mapped")), *words]


def _below(mapped: Mapped) -> str:
    if not mapped.negative:
        return ""
    simple = len(mapped.negative) == 1 and mapped.negative[0] == Below(mapped.negative[0].what)
    return mapped.negative[0].what.value if simple else AS_MAPPED


def spec(upload: UploadView, mapped: Mapped, looks: Sequence[Look], offered: Offered) -> list[f.Field]:
    """All fields of the form."""
    files = [field for one, look in zip(upload.files, looks, strict=True) for field in _file_fields(look, one.id)]
    return [*files, *_common(offered, mapped)]


def values(upload: UploadView, mapped: Mapped, looks: Sequence[Look], offered: Offered) -> dict[str, Any]:
    """What stands in the form first."""
    found: dict[str, Any] = {
        "place": mapped.place.name if mapped.place.name in offered.places else next(iter(offered.places), None),
        "place_name": mapped.place.name,
        "zone": mapped.place.zone,
        "currency": mapped.business.currency,
        "source": mapped.source,
        "minutes": mapped.minutes,
        "time": mapped.time,
        "service": mapped.service,
        "create": mapped.create,
        "walk_in": ", ".join(sorted(filter(None, mapped.walk_in))),
        "nameless": "" in mapped.walk_in,
        "below": _below(mapped),
        "reminders": upload.reminders,
        "opens": "no" if not upload.opens else "day" if upload.as_of else "last",
        "as_of": upload.as_of,
    }
    for one, look in zip(upload.files, looks, strict=True):
        if look.file:
            called = {fold(column): field for field, column in look.file.columns.items()}
            said: dict[str, Any] = {"holds": look.file.holds.value, "encoding": look.file.encoding}
            said["delimiter"] = TAB if look.file.delimiter == "\t" else look.file.delimiter
            said |= {"dates": look.file.dates, "decimals": look.file.decimals}
            said |= {f"column{at}": called.get(fold(name)) for at, name in columns_of(look)}
            found |= {f"f{one.id}_{name}": value for name, value in said.items()}
    return found


def wanted(
    upload: UploadView, mapped: Mapped, looks: Sequence[Look], given: Mapping[str, Any], offered: Offered
) -> Wanted:
    """What the form says. Raises `Invalid` at columns that are the same thing, and at what lacks one."""
    problems: dict[str, Problem] = {}
    for one, look in zip(upload.files, looks, strict=True):
        mapped = saying(mapped, one.name, _file(look, one.id, given, problems))
    if given["opens"] == "day" and given["as_of"] is None:
        problems["as_of"] = Problem("problem.required")
    if problems:
        raise Invalid(problems)
    walk_in = {fold(part) for part in given["walk_in"].split(",") if part.strip()} | (
        {""} if given["nameless"] else set()
    )
    below = given["below"] or ""
    mapped = replace(
        mapped,
        source=given["source"],
        business=replace(mapped.business, currency=given.get("currency") or mapped.business.currency),
        place=_place(mapped, given, offered),
        minutes=given["minutes"],
        time=given["time"],
        service=given["service"],
        create=given["create"],
        walk_in=frozenset(walk_in),
        negative=mapped.negative if below == AS_MAPPED else [Below(Negative(below))] if below else [],
    )
    opens = given["opens"] != "no"
    return Wanted(mapped, given["reminders"], opens, given["as_of"] if given["opens"] == "day" else None)


def _place(mapped: Mapped, given: Mapping[str, Any], offered: Offered) -> Place:
    if "zone" in given:
        return replace(mapped.place, name=given["place_name"], zone=zone_of(given["zone"]))
    return offered.places.get(given.get("place", ""), mapped.place)


def _file(look: Look, number: int, given: Mapping[str, Any], problems: dict[str, Problem]) -> File | None:
    said = {name: given.get(f"f{number}_{name}") for name in OF_FILE}
    if not said["holds"]:
        return None
    holds = Holds(said["holds"])
    if look.file is None or look.file.holds is not holds:
        columns = guessed_columns(holds, look.sheet.header if look.sheet else ())
    else:
        columns = _said_columns(look, look.file, number, given, problems)
        if missing := sorted(needed(holds, given["service"]) - columns.keys()):
            fields = i18n.listing([i18n.gettext(COLUMNS[one]) for one in missing])
            problems[f"f{number}_holds"] = Problem("problem.import_columns", {"fields": fields})
    dates, decimals = said["dates"], said["decimals"]
    return File(
        look.name,
        holds,
        columns,
        said["encoding"],
        "\t" if said["delimiter"] == TAB else said["delimiter"],
        Dates(dates) if dates else None,
        Decimals(decimals) if decimals else None,
        look.file.optional & columns.keys() if look.file else frozenset(),
    )


def _said_columns(
    look: Look, file: File, number: int, given: Mapping[str, Any], problems: dict[str, Problem]
) -> dict[str, str]:
    """The columns as they are said; others as the mapping has them, where they are there or may come another time."""
    if look.sheet is None:
        return dict(file.columns)
    asked = columns_of(look)
    unasked = {fold(name) for name in look.sheet.header} - {fold(name) for _, name in asked}
    found = {field: column for field, column in file.columns.items() if fold(column) in unasked}
    for at, name in asked:
        if field := given.get(f"f{number}_column{at}"):
            if field in found:
                problems[f"f{number}_column{at}"] = Problem("problem.import_twice")
            found[field] = name
    there = {fold(name) for name in look.sheet.header}
    for field in file.optional & file.columns.keys():
        if fold(file.columns[field]) not in there:
            found.setdefault(field, file.columns[field])
    return found
