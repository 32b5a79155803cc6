"""Two versions of one form and what stood before both: what each of them changed, and what has to be chosen.

A part is a field, or all rows of a repeated group. A form carries a short mark of each part as it was rendered, so
that a collision knows without asking anybody who changed what.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from enum import StrEnum

from console.routes._fields import Field

Texts = Mapping[str, Sequence[str]]

TAKE, THEIRS = "take.", "theirs."
"""What a part's choice and another's text of a field are called in the form that asks."""
NOT_COMPARED = {"file", "hidden", "password"}


class Side(StrEnum):
    """Whose text of a part is taken."""

    SAME = "same"
    MINE = "mine"
    THEIRS = "theirs"
    ASKED = "asked"


def parts(spec: Sequence[Field]) -> dict[str, list[Field]]:
    """The fields of each part that is compared, by its key."""
    found: dict[str, list[Field]] = {}
    for one in spec:
        if one.kind not in NOT_COMPARED:
            found.setdefault(one.row.group if one.row else one.name, []).append(one)
    return found


def _short(key: str) -> str:
    """A part's key as a mark has it: that of a group without what says that it is one of a text."""
    return key.removeprefix("field.")


def marks(spec: Sequence[Field], texts: Texts) -> str:
    """A mark of each part as these texts have it: `name:1a2b3c4d phones:…`."""
    return " ".join(f"{_short(key)}:{_mark(fields, texts)}" for key, fields in parts(spec).items())


def sides(spec: Sequence[Field], was: str, theirs: Texts, mine: Texts) -> dict[str, Side]:
    """Whose text of each part is taken: theirs where only they changed it, and asked for where both did.

    `was`: the marks of what stood before; a part that is missing there counts as changed by both.
    """
    before = dict(pair.rsplit(":", 1) for pair in was.split() if ":" in pair)
    return {
        key: _side(before.get(_short(key)), _mark(fields, theirs), _mark(fields, mine))
        for key, fields in parts(spec).items()
    }


def chosen(spec: Sequence[Field], sent: Texts) -> dict[str, list[str]]:
    """The texts of the parts for which theirs was chosen in the form that asks."""
    return {
        one.name: list(sent.get(THEIRS + one.name, ()))
        for key, fields in parts(spec).items()
        if Side.THEIRS in sent.get(TAKE + key, ())
        for one in fields
    }


def _side(before: str | None, theirs: str, mine: str) -> Side:
    if theirs == mine:
        return Side.SAME
    if before == theirs:
        return Side.MINE
    return Side.THEIRS if before == mine else Side.ASKED


def _mark(fields: Sequence[Field], texts: Texts) -> str:
    said = [(one.name, sorted(filter(None, texts.get(one.name) or ()))) for one in fields]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:8]
