"""Names in each language that the business speaks: one field a language, the main one required."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console import i18n
from console.routes import _fields as f
from console.routes._page import Req


def fields(request: Req, limit: int = 120, known: Mapping[str, str] | None = None) -> tuple[f.Field, ...]:
    """The fields `name_en`, `name_ru` …, that of the business's own language first.

    `known`: the names that it has; where there is none in a language, the field says which one is shown.
    """
    facts = request.scope["state"]["business"]
    languages = sorted(facts.languages, key=lambda one: one != facts.language)
    several = len(languages) > 1
    return tuple(
        f.text(
            f"name_{one}",
            limit=limit,
            label="field.name_in" if several else "field.name_of_it",
            params={"language": i18n.NAMES[one], "shown": i18n.spoken(known or {}, one)},
            hint="hint.name_missing" if known and not known.get(one) else None,
            required=one == facts.language,
        )
        for one in languages
    )


def read(values: Mapping[str, Any]) -> dict[str, str]:
    """Language to name, from the values of a form."""
    return {one: values[f"name_{one}"] for one in i18n.LANGUAGES if values.get(f"name_{one}")}


def values(names: Mapping[str, str]) -> dict[str, str]:
    """The values of a form, from names."""
    return {f"name_{language}": name for language, name in names.items()}


def shown(request: Req, names: Mapping[str, str]) -> str:
    """A name in the reader's language, else in the business's own."""
    return i18n.spoken(names)
