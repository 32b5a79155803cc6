"""A mapping as its TOML file: what is chosen on the page is what the command takes as well."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from console.domain.business.rules import Week
from console.domain.imports.rules.mapping import Below, File, Mapped
from console.domain.imports.rules.styles import clock_of


def written(mapped: Mapped) -> str:
    """The TOML out of which the same mapping is read."""
    return "\n".join(_lines(mapped)) + "\n"


def _lines(mapped: Mapped) -> Iterator[str]:
    about, place = mapped.business, mapped.place
    yield from _keys({"source": mapped.source})
    yield from _table(
        "business",
        {"name": about.name, "currency": about.currency, "language": about.language, "country": about.country},
    )
    hours = _hours(place.hours)
    yield from _table(
        "location", {"name": place.name, "zone": place.zone, "hours": hours, "notice_hours": place.notice_hours}
    )
    yield from _table("unknown", {"time": clock_of(mapped.time)})
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
        },
    )
    columns = ", ".join(f"{name} = {_value(column)}" for name, column in one.columns.items())
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
