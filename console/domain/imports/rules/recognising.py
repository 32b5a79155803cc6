"""Which mapping files are known by: that of files brought in before, or one that ships."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from console.domain.imports.rules.guessing import guessed
from console.domain.imports.rules.mapping import File, Mapped
from console.domain.text import fold

Headers = Mapping[str, Sequence[str]]
"""What the columns of files are called, by the names of these."""


def recognised(headers: Headers, before: Sequence[Mapped], shipped: Sequence[Mapped]) -> Mapped | None:
    """The mapping that knows the most of these files, and of their columns; None where none knows half.

    Of those that know as many files it is one of `before`: its columns were chosen. One that ships has to know of a
    file as much as is guessed of it: a general one is no reason to leave out what stands there.
    """
    scored = [(one, True, [_known(one, *file) for file in headers.items()]) for one in before]
    scored += [(one, False, [_known_whole(one, *file) for file in headers.items()]) for one in shipped]
    best, _, columns = max(
        scored, key=lambda one: (sum(map(bool, one[2])), one[1], sum(one[2])), default=(None, False, [])
    )
    return best if any(columns) and 2 * sum(map(bool, columns)) >= len(headers) else None


def fitting(mapped: Mapped, name: str, header: Sequence[str]) -> File | None:
    """What a mapping says of a file that has its columns: by its name, else by what it seems to hold."""
    named = mapped.file(name)
    if named and _has_columns(named, header):
        return named
    guess = guessed(name, header)
    able = [one for one in mapped.files if guess and one.holds is guess.holds and _has_columns(one, header)]
    return max(able, key=lambda one: _columns(one, header), default=None)


def _has_columns(file: File, header: Sequence[str]) -> bool:
    there = set(map(fold, header))
    return all(fold(column) in there for field, column in file.columns.items() if field not in file.optional)


def _columns(file: File, header: Sequence[str]) -> int:
    there = set(map(fold, header))
    return sum(fold(column) in there for column in file.columns.values())


def _known(mapped: Mapped, name: str, header: Sequence[str]) -> int:
    """How many columns of a file are known."""
    file = fitting(mapped, name, header)
    return _columns(file, header) if file else 0


def _known_whole(mapped: Mapped, name: str, header: Sequence[str]) -> int:
    known, guess = _known(mapped, name, header), guessed(name, header)
    return known if guess is None or known >= len(guess.columns) else 0
