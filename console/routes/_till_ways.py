"""The ways in which a visit is paid, and what stands there by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from console.domain.ids import MethodId
from console.domain.visits.rules import Paid
from console.routes import _fields as f
from console.routes._fields import Bad
from console.routes._forms import Form
from console.routes._repeated import Repeated

MOST_WAYS = 4
"""Ways in which one visit is paid."""
AMOUNTS = (*(f"ways_{one}_amount" for one in range(1, MOST_WAYS + 1)), "tip")
"""The names of the amounts that are typed."""
LONGEST_SUM = 18


def _sum(typed: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", typed, re.ASCII):
        raise Bad("problem.form")
    return int(typed)


def carried(name: str) -> f.Field:
    """An amount in minor units that a form carries along."""
    return f.hidden(name, _sum, required=False, limit=LONGEST_SUM, label="field.till_sum")


def ways(currency: str, methods: Sequence[tuple[str, str]] = ()) -> Repeated:
    """What is paid by which method; `filled`: the amount that stood there by itself."""
    one = (
        f.choice("method", lambda: methods, kind="radio", label="field.till_method"),
        f.money("amount", currency, label="field.till_amount"),
        carried("filled"),
    )
    return Repeated("ways", "field.till_ways", MOST_WAYS, one)


def shown_ways(form: Form) -> list[int]:
    """The numbers of the ways to pay that the form shows."""
    return [one for one in range(1, MOST_WAYS + 1) if one == 1 or any(form.texts.get(f"ways_{one}_method") or [])]


def split(form: Form) -> None:
    """One way to pay more, by the next method."""
    known = [option.value for option in form.fields["ways_1_method"].options]
    used = ["".join(form.texts.get(f"ways_{one}_method") or []) for one in shown_ways(form)]
    free = next((one for one in range(1, MOST_WAYS + 1) if one not in shown_ways(form)), None)
    if free is not None and known:
        form.texts[f"ways_{free}_method"] = [next((one for one in known if one not in used), known[0])]


def fill(form: Form, due: int) -> None:
    """Let what remains stand in the first amount that nobody typed; in the others that nobody typed nothing."""
    spec = {one.name: one for one in form.spec}
    methods = form.fields["ways_1_method"].options
    if methods and not any(form.texts.get("ways_1_method") or []):
        form.texts["ways_1_method"] = [methods[0].value]
    values = form.usable()
    own = [one for one in shown_ways(form) if _is_own(form, values, one)]
    left = max(0, due - sum(values.get(f"ways_{one}_amount") or 0 for one in shown_ways(form) if one not in own))
    for number in own:
        form.texts[f"ways_{number}_amount"] = [spec["tip"].show(left)] if left or number == own[0] else []
        form.texts[f"ways_{number}_filled"] = [str(left)]
        left = 0


def _is_own(form: Form, values: Mapping[str, Any], number: int) -> bool:
    """Whether the amount of a way to pay is what stood there by itself, or none was shown yet."""
    filled = values.get(f"ways_{number}_filled")
    if filled is None:
        return not any(form.texts.get(f"ways_{number}_amount") or [])
    return bool((values.get(f"ways_{number}_amount", -1) or 0) == filled)


def paid(values: Mapping[str, Any]) -> tuple[Paid, ...]:
    """What is paid, and the tip, which goes the first way."""
    found = [
        Paid(MethodId(int(method)), amount)
        for number in range(1, MOST_WAYS + 1)
        if (method := values.get(f"ways_{number}_method")) and (amount := values.get(f"ways_{number}_amount"))
    ]
    method = values.get("ways_1_method")
    if method and values.get("tip"):
        found.append(Paid(MethodId(int(method)), values["tip"], tip=True))
    return tuple(found)
