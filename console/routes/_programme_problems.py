"""What keeps a programme's draft from being published, at the fields of its form."""

from __future__ import annotations

import re

from console.domain.errors import Invalid, Problem
from console.domain.loyalty.rules.programme import Programme
from console.domain.loyalty.rules.publication import MOST_TIERS, problems
from console.routes._forms import Form
from console.routes._programme_ladder import ASKED, named


def at_fields(refused: Invalid, main: str) -> Invalid:
    """The same problems at the fields of the form: a tier lacks its name in the business's own language."""
    fields = {name: f"{name}_{main}" if name.endswith("-name") else name for name in refused.problems}
    return Invalid({fields[name]: what for name, what in refused.problems.items()})


def unnamed(programme: Programme, main: str) -> dict[str, Problem]:
    """The tiers that lack a name in the business's own language, at the fields of the form."""
    ladder = programme.tiers.ladder if programme.tiers else ()
    lacking = (place for place, tier in enumerate(ladder) if not tier.names.get(main))
    return {named(place, f"name_{main}"): Problem("problem.required") for place in lacking}


def note_publication(form: Form, programme: Programme, main: str) -> None:
    """Say at the fields why a programme could not be published, beside what is said there already."""
    known = {one.name for one in form.spec}
    found = unnamed(programme, main) | dict(at_fields(Invalid(problems(programme)), main).problems)
    unread = known - form.usable().keys()
    for name, what in found.items():
        if name in known and not unread & compared(name):
            form.problems.setdefault(name, what)


def compared(name: str) -> set[str]:
    """The fields that say with one of a tier whether its value will do: nothing is known of it while they say nothing.

    A threshold to keep a tier stands beside that to reach it, one to reach it beside those of all tiers, a discount
    beside that of the tier below and the most that is given.
    """
    found = re.fullmatch(r"tier-(\d+)-(enter|keep|discount)_(\w+)", name)
    if not found:
        return set()
    place, what, of = int(found[1]), found[2], found[3]
    if what == "keep":
        return {named(place, f"enter_{of}")}
    if what == "enter":
        return {named(other, one) for other in range(MOST_TIERS) for one in ASKED if one.startswith("enter")}
    return {named(place - 1, "discount_bp"), "max_discount_bp"}
