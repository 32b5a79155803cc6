"""Names of things, those of days in a row as one: “Renovation”, 20–22 December."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from console import i18n
from console.domain.audit.naming import Name
from console.routes._values import between, named_words

MOST_NAMES = 3


def listed(named: Iterable[Name]) -> str:
    """Names as a list; of many the first, and how many more there are."""
    runs = _in_runs(named)
    if not runs:
        return "…"
    if len(runs) > MOST_NAMES:
        more = sum(map(len, runs[1:]))
        return i18n.words("words.and_more", {"name": _words(runs[0]), "count": more})
    return i18n.listing([_words(run) for run in runs])


def _in_runs(named: Iterable[Name]) -> list[list[Name]]:
    """Names of the same text whose dates follow one another are one run, such as the days of a closure."""
    runs: list[list[Name]] = []
    named = list(named)
    dates = [name.on for name in named if name.on and name.time is None]
    if len(dates) == len(named):
        named.sort(key=lambda name: name.on or date.min)
    for name in named:
        before = runs[-1][-1] if runs else None
        follows = before and before.on and name == replace(before, on=before.on + timedelta(days=1), last=None)
        if follows:
            runs[-1].append(name)
        else:
            runs.append([name])
    return runs


def _words(run: Sequence[Name]) -> str:
    """Days in a row by their first and last: “Renovation”, 20–22 December."""
    first, last = run[0].on, run[-1].on
    if len(run) == 1 or not (first and last):
        return named_words(run[0])
    return f"{named_words(replace(run[0], on=None))}, {between(first, last)}"
