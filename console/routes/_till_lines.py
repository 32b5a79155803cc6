"""The lines of a till: what is added to them, and taken out of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from console import i18n
from console.domain.errors import Problem
from console.domain.text import fold
from console.domain.visits.quoting import Good
from console.domain.visits.rules import MOST_LINES, MOST_OF_ONE
from console.routes import _fields as f
from console.routes._fields import Bad
from console.routes._forms import Form
from console.routes._repeated import Repeated


def _key(typed: str) -> str:
    if not re.fullmatch(r"[sp][0-9]{1,9}", typed, re.ASCII):
        raise Bad("problem.form")
    return typed


def lines(currency: str, why: Sequence[tuple[str, str]] = ()) -> Repeated:
    """The lines: what, how many, and another price with its reason."""
    one = (
        f.hidden("item", _key, limit=20, label="field.till_line"),
        f.whole("quantity", 1, MOST_OF_ONE, label="field.till_quantity"),
        f.money("unit", currency, label="field.till_unit"),
        f.choice("reason", lambda: [("", i18n.gettext("words.choose")), *why], label="field.till_reason"),
    )
    return Repeated("lines", "field.till_lines", MOST_LINES, one)


def add(form: Form, goods: Mapping[str, Good]) -> None:
    """Make a line of what was typed to be added: by its name, code or barcode. What is there already comes once more.

    Where nothing, or more than one thing, is called that, it is said at the field.
    """
    typed = fold(" ".join(form.texts.get("add") or []))
    if not typed:
        return
    found = _meant(typed, [one for one in goods.values() if one.is_on])
    if len(found) != 1:
        said = (
            Problem("problem.till_unknown")
            if not found
            else Problem("problem.till_which", {"names": i18n.listing([i18n.spoken(one.names) for one in found[:4]])})
        )
        form.problems["add"] = said
        return
    form.texts["add"] = []
    _put(form, found[0])


def _meant(typed: str, goods: Sequence[Good]) -> list[Good]:
    """Whose barcode, code or whole name it is; else whose name has it somewhere, those first that begin with it."""
    whole = [one for one in goods if typed in (fold(one.code), one.barcode, *map(fold, one.names.values()))]
    if whole:
        return whole
    has = [one for one in goods if any(typed in fold(name) for name in one.names.values())]
    return sorted(has, key=lambda one: not any(fold(name).startswith(typed) for name in one.names.values()))


def _put(form: Form, good: Good) -> None:
    taken = {}
    for number in range(1, MOST_LINES + 1):
        if key := "".join(form.texts.get(f"lines_{number}_item") or []):
            taken[key] = number
    if good.key in taken and not form.texts.get(f"lines_{taken[good.key]}_unit"):
        name = f"lines_{taken[good.key]}_quantity"
        before = "".join(form.texts.get(name) or ["1"])
        if before.isascii() and before.isdigit() and len(before) <= len(str(MOST_OF_ONE)):
            form.texts[name] = [str(min(int(before) + 1, MOST_OF_ONE))]
        return
    last = max(taken.values(), default=0)
    if last == MOST_LINES:
        form.problems["add"] = Problem("problem.too_many_lines", {"most": MOST_LINES})
        return
    form.texts |= {f"lines_{last + 1}_item": [good.key], f"lines_{last + 1}_quantity": ["1"]}


def look(form: Form) -> None:
    """Say of numbers that are typed what is wrong with them: before they are sent to finish anything."""
    numbers = [one.name for one in form.spec if one.kind == "number"]
    form.problems |= form.misread(numbers)


def remove(form: Form, number: int) -> None:
    """Take a line away."""
    for name in ("item", "quantity", "unit", "reason"):
        form.texts[f"lines_{number}_{name}"] = []
