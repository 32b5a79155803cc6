"""A mapping as its TOML file: what is chosen on the page is what the command takes as well."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from console.domain.business.rules import Week
from console.domain.imports.rules.mapping import Below, Business, File, Mapped, Place
from console.domain.imports.rules.styles import clock_of


def written(mapped: Mapped) -> str:
    """The TOML out of which the same mapping is read."""
    return "\n".join(_lines(mapped)) + "\n"


def plain(about: Business, place: Place) -> dict[str, dict[str, object]]:
    """A business and its location as a mapping has them; what is not known is left out."""
    tables: dict[str, dict[str, object]] = {
        "business": {
            "name": about.name,
            "currency": about.currency or None,
            "language": about.language,
            "country": about.country,
        },
        "location": {
            "name": place.name,
            "zone": place.zone or None,
            "hours": _hours(place.hours),
            "notice_hours": place.notice_hours,
        },
    }
    return {name: {key: one for key, one in values.items() if one is not None} for name, values in tables.items()}


def _lines(mapped: Mapped) -> Iterator[str]:
    about, place = mapped.business, mapped.place
    yield from _keys({"source": mapped.source})
    for table, values in plain(about, place).items():
        yield from _table(table, values)
    yield from _table("unknown", {"time": clock_of(mapped.time), "service": mapped.service or None})
    yield from _table("styles", {"dates": mapped.dates, "decimals": mapped.decimals})
    yield from _table("services", {"minutes": mapped.minutes, "create": mapped.create or None})
    yield from _table("services.durations", mapped.durations)
    yield from _table("receipts", {"walk_in": sorted(mapped.walk_in)})
    for below in mapped.negative:
        yield from _below(below)
    for file in mapped.files:
        yield from _file(file)


def _below(one: Below) -> Iterator[str]:
    quantity = None if one.quantity is None else "negative" if one.quantity else "positive"
    items, covers = (None if those is None else sorted(those) for those in (one.items, one.covers))
    yield from _table(
        "[receipts.negative]", {"quantity": quantity, "items": items, "covers": covers, "is": one.what.value}
    )


def _file(one: File) -> Iterator[str]:
    yield from _table(
        "[file]",
        {
            "pattern": one.pattern,
            "holds": one.holds.value,
            "encoding": one.encoding,
            "delimiter": one.delimiter,
            "dates": one.dates,
            "decimals": one.decimals,
            "optional": sorted(one.optional) or None,
        },
    )
    columns = ", ".join(f"{name} = {_value(column)}" for name, column in sorted(one.columns.items()))
    yield f"columns = {{ {columns} }}"


def _table(name: str, values: Mapping[str, object]) -> Iterator[str]:
    yield ""
    yield f"[{name}]"
    yield from _keys(values)


def _keys(values: Mapping[str, object]) -> Iterator[str]:
    for key, value in values.items():
        if value is not None:
            bare = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
            yield f"{key if bare else _text(key)} = {_value(value)}"


def _value(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case list():
            return "[" + ", ".join(map(_value, value)) + "]"
    return _text(str(value))


def _text(text: str) -> str:
    """As JSON has it, which TOML reads alike but for one character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _hours(week: Week) -> Sequence[str]:
    return [" ".join(f"{clock_of(start)}-{clock_of(end)}" for start, end in day) for day in week]
