"""The ladder of tiers in the form of the programme's draft: a row of fields for each, read, put and moved.

All rows are always there; one is used while it has a code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any
from uuid import uuid4

from console import i18n
from console.domain.loyalty.rules.programme import Threshold, Tier
from console.domain.loyalty.rules.publication import LONGEST, MOST_TIERS
from console.routes import _fields as f
from console.routes import _names
from console.routes._fields import Bad, Row, Texts
from console.routes._forms import Form
from console.routes._page import Req

Rows = list[dict[str, list[str]]]

LONGEST_NAME = 60
ASKED = ("enter_visits", "enter_spend", "keep_visits", "keep_spend")
"""What a tier above the first asks for."""


def named(place: int, name: str) -> str:
    """What a field of a tier is called."""
    return f"tier-{place}-{name}"


def tier_fields(request: Req, place: int, currency: str) -> list[f.Field]:
    """The fields of the tier at a place of the ladder."""
    own = [
        f.text("code", limit=40, label="field.tier_code"),
        *_names.fields(request, limit=LONGEST_NAME),
        f.percent("discount_bp", label="field.tier_discount"),
        f.whole("enter_visits", 0, LONGEST, label="field.tier_enter_visits"),
        f.money("enter_spend", currency, label="field.tier_enter_spend"),
        f.whole("keep_visits", 0, LONGEST, label="field.tier_keep_visits"),
        f.money("keep_spend", currency, label="field.tier_keep_spend"),
    ]
    return [
        replace(
            f.of(_tier_at(place), one),
            name=named(place, one.name),
            read=_code if one.name == "code" else one.read,
            required=False,
            params={**one.params, "row": str(place)},
            row=Row("field.ladder", place + 1, labelled=one.name != "code"),
        )
        for one in own
    ]


def _code(typed: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_.-]*", typed):
        raise Bad("problem.choice")
    return typed


def _tier_at(place: int) -> Callable[[Texts], str]:
    """What the tier at a place is called, as its names are typed."""

    def said(texts: Texts) -> str:
        names = {language: "".join(texts.get(named(place, f"name_{language}"), ())) for language in i18n.LANGUAGES}
        tier = i18n.spoken({language: name for language, name in names.items() if name.strip()})
        return tier or i18n.words("words.tier_number", {"number": place})

    return said


def tier_values(place: int, tier: Tier) -> dict[str, Any]:
    asked = {
        f"{when}_{name}": value or None
        for when, threshold in (("enter", tier.enter), ("keep", tier.keep))
        for name, value in asdict(threshold).items()
    }
    own = {"code": tier.code, "discount_bp": tier.discount_bp, **_names.values(tier.names), **asked}
    return {named(place, name): value for name, value in own.items()}


def used(given: Mapping[str, Any]) -> list[int]:
    return [place for place in range(MOST_TIERS) if given.get(named(place, "code"))]


def tier(given: Mapping[str, Any], place: int, known: Mapping[str, Tier]) -> Tier:
    code = given[named(place, "code")]
    base = known.get(code, Tier(code))
    said = {**tier_values(place, base), **given}
    own = {name: said[named(place, name)] or 0 for name in (*ASKED, "discount_bp")}
    names = {one: said.get(named(place, f"name_{one}")) for one in i18n.LANGUAGES}
    return replace(
        base,
        names={one: name for one, name in names.items() if name},
        discount_bp=own["discount_bp"],
        enter=Threshold(own["enter_visits"], own["enter_spend"]) if place else Threshold(),
        keep=Threshold(own["keep_visits"], own["keep_spend"]) if place else Threshold(),
    )


def rows(form: Form) -> Rows:
    """The texts of each tier that there is, by the fields' names without their place."""
    suffixes = _suffixes(form)
    found = [{name: form.texts.get(named(place, name), []) for name in suffixes} for place in range(MOST_TIERS)]
    return [row for row in found if any(row["code"])]


def _suffixes(form: Form) -> list[str]:
    return [one.name.removeprefix(named(0, "")) for one in form.spec if one.name.startswith(named(0, ""))]


def lay(form: Form, ladder: Rows) -> None:
    """Put the texts of tiers into the form, one after the other from the first place on."""
    for place in range(MOST_TIERS):
        for name in _suffixes(form):
            form.texts[named(place, name)] = ladder[place].get(name, []) if place < len(ladder) else []


def change_rows(form: Form, pressed: str) -> bool:
    """Add, remove or move a tier, as the button says that was pressed: `add`, `remove-2`, `up-2`, `down-2`."""
    ladder = rows(form)
    verb, _, said = pressed.partition("-")
    place = int(said) if said.isascii() and said.isdigit() and len(said) < 3 else -1
    if verb == "add" and len(ladder) < MOST_TIERS:
        ladder.append({"code": [uuid4().hex[:8]]})
    elif verb == "remove" and 0 <= place < len(ladder):
        del ladder[place]
    elif verb in ("up", "down"):
        other = place + (-1 if verb == "up" else 1)
        if not (0 <= place < len(ladder) and 0 <= other < len(ladder)):
            return False
        ladder[place], ladder[other] = ladder[other], ladder[place]
    else:
        return False
    lay(form, ladder)
    form.problems.clear()
    return True
