"""Sheets in words: what `domain.policies` says by keys and values, in the current language."""

from __future__ import annotations

from datetime import date
from functools import singledispatch
from typing import Any

from console import i18n
from console.domain.loyalty.rules.programme import Match, Standing
from console.domain.money import Money
from console.domain.policies.sheet import Listed, Named, Ordinal, Percent, Sentence, Value


def said(sentence: Sentence) -> str:
    """A sentence in the current language."""
    return i18n.words(sentence.key, {name: _part(value) for name, value in sentence.params.items()})


def cell(value: Value) -> str:
    """A value by itself, as a table shows it."""
    return i18n.upper_first(_in_words(value))


def _part(value: Value) -> Any:
    """What `i18n.words` writes itself stays as it is: whole numbers, dates and texts."""
    return value if isinstance(value, int) else _in_words(value)


@singledispatch
def _in_words(value: Any) -> str:
    raise TypeError(f"{type(value).__name__} has no words")


@_in_words.register
def _(value: int) -> str:
    return i18n.number(value)


@_in_words.register
def _(value: date) -> str:
    return i18n.full_day(value)


@_in_words.register
def _(value: str) -> str:
    return value


@_in_words.register
def _(value: Sentence) -> str:
    return said(value)


@_in_words.register
def _(value: Money) -> str:
    return i18n.money(value.minor, value.currency)


@_in_words.register
def _(value: Percent) -> str:
    return i18n.percent(value.bp)


@_in_words.register
def _(value: Ordinal) -> str:
    return i18n.ordinal(value.number)


@_in_words.register
def _(value: Named) -> str:
    return i18n.spoken(value.names)


@_in_words.register
def _(value: Listed) -> str:
    return i18n.listing([_in_words(one) for one in value.items])


def lacks(missing: Standing, match: Match, currency: str) -> str:
    """What is missing, as a sentence has it: 2 visits and 3 000 ₽."""
    visits = i18n.words("words.visits", {"count": missing.visits})
    spend = i18n.money(missing.spend, currency)
    if missing.visits and missing.spend:
        key = "words.visits_or_spend" if match is Match.ANY else "words.visits_and_spend"
        return i18n.words(key, {"visits": visits, "spend": spend})
    return visits if missing.visits else spend
