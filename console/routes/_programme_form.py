"""The form of the programme's draft: its fields, and the rules that they say.

Fields are called as `publication.problems` calls them. Amounts are typed in whole units of the business's currency,
percentages with two places at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from console import i18n
from console.domain.catalogue.queries import ServiceView
from console.domain.loyalty.presets import both
from console.domain.loyalty.rules.examples import Habit
from console.domain.loyalty.rules.programme import (
    EVERY,
    Counter,
    Match,
    Programme,
    StepDown,
    Tiers,
)
from console.domain.loyalty.rules.publication import LONGEST, MOST_STAMPS, MOST_TIERS
from console.routes import _fields as f
from console.routes import _names
from console.routes._fields import Bad
from console.routes._forms import Form
from console.routes._page import Req
from console.routes._programme_ladder import tier, tier_fields, tier_values, used

NAME = "programme"
HABITS = 3
OFTENEST, SELDOMEST = 3, 366
"""Days between the visits of somebody in the examples."""
COUNTER = ("stamps_required", "min_price", "max_stamps_per_day", "stamp_valid_days", "reward_valid_days")
TIERS = ("window_days", "match", "grace_days", "step_down", "hold_days")
MATCH: Mapping[str, str] = {Match.ALL: "words.match_all", Match.ANY: "words.match_any"}
STEP_DOWN: Mapping[str, str] = {StepDown.ONE: "words.step_down_one", StepDown.MATCHING: "words.step_down_matching"}
"""Keys of the words of the choices."""


def _draft(typed: str) -> int:
    found = f.as_id(typed)
    if found is None:
        raise Bad("problem.choice")
    return found


DRAFT = f.hidden("draft", _draft, required=False, limit=20, label="field.draft")
"""The id of the draft that a form is about; none where it begins one."""


def offered(services: Iterable[ServiceView], known: Programme | None) -> list[ServiceView]:
    """The services that may be named: those that are on, and those that a programme names already."""
    named = known.counter.services if known and known.counter else frozenset()
    return [one for one in services if one.retired_at is None or str(one.id) in named]


def fields(request: Req, services: Sequence[ServiceView]) -> tuple[f.Field, ...]:
    """Every field, in the order of the form."""
    currency = request.scope["state"]["business"].currency
    named = [
        (EVERY, i18n.gettext("words.all_services")),
        *((str(one.id), _names.shown(request, one.names)) for one in services),
    ]
    return (
        DRAFT,
        f.tick("counter", label="field.counter"),
        f.whole("stamps_required", 1, MOST_STAMPS, label="field.stamps_required"),
        f.several("services", lambda: named, required=False, label="field.services_counting"),
        f.money("min_price", currency, label="field.min_price"),
        f.whole("max_stamps_per_day", 1, MOST_STAMPS, label="field.max_stamps_per_day"),
        f.whole("stamp_valid_days", 0, LONGEST, label="field.stamp_valid_days"),
        f.whole("reward_valid_days", 0, LONGEST, label="field.reward_valid_days"),
        f.money("reward_max_value", currency, required=False, label="field.reward_max_value"),
        f.tick("tiers", label="field.tiers"),
        f.whole("window_days", 0, LONGEST, label="field.window_days"),
        f.choice("match", lambda: _in_words(MATCH), label="field.match"),
        f.whole("grace_days", 0, LONGEST, label="field.grace_days"),
        f.choice("step_down", lambda: _in_words(STEP_DOWN), label="field.step_down"),
        f.whole("hold_days", 0, LONGEST, label="field.hold_days"),
        *(one for place in range(MOST_TIERS) for one in tier_fields(request, place, currency)),
        f.percent("max_discount_bp", label="field.max_discount_bp"),
        f.tick("discounts_products", label="field.discounts_products"),
    )


def _in_words(keys: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(value, i18n.gettext(key)) for value, key in keys.items()]


def habit_fields(request: Req) -> tuple[f.Field, ...]:
    """Those of the examples, which no draft keeps."""
    currency = request.scope["state"]["business"].currency
    return tuple(
        one
        for number in range(HABITS)
        for one in (
            f.whole(f"habit_{number}_every", OFTENEST, SELDOMEST, label="field.habit_every"),
            f.money(f"habit_{number}_price", currency, label="field.habit_price"),
        )
    )


def habits(form: Form, usual: Sequence[Habit]) -> list[Habit]:
    """The examples' habits as typed; where something cannot be used, the usual ones. Notes what is wrong."""
    usable = form.usable()
    form.problems.update(form.misread([one.name for one in form.spec]))
    return [
        Habit(
            usable.get(f"habit_{number}_every", one.every),
            usable.get(f"habit_{number}_price", one.price),
        )
        for number, one in enumerate(usual)
    ]


def habit_values(usual: Sequence[Habit]) -> dict[str, int]:
    """The values of the examples' fields."""
    return {
        f"habit_{number}_{name}": value
        for number, one in enumerate(usual)
        for name, value in (("every", one.every), ("price", one.price))
    }


def values(programme: Programme, usual: int) -> dict[str, Any]:
    """The values of the form. Of a mechanic that is off, what it would begin with."""
    begin = both(usual)
    counter, tiers = programme.counter or begin.counter, programme.tiers or begin.tiers
    assert counter is not None
    assert tiers is not None
    return {
        "counter": programme.counter is not None,
        "tiers": programme.tiers is not None,
        **{name: getattr(counter, name) for name in COUNTER},
        "services": sorted(counter.services),
        "reward_max_value": counter.reward_max_value or None,
        **{name: getattr(tiers, name) for name in TIERS},
        **{key: value for place, tier in enumerate(tiers.ladder) for key, value in tier_values(place, tier).items()},
        "max_discount_bp": programme.max_discount_bp,
        "discounts_products": programme.discounts_products,
    }


def read(given: Mapping[str, Any], base: Programme) -> Programme:
    """The programme that values of the form say; what they do not say is as in another one.

    A tier keeps what no form asks by its code.
    """
    return replace(
        base,
        counter=_counter(given, base.counter or Counter()) if given.get("counter") else None,
        tiers=_tiers(given, base.tiers or Tiers(())) if given.get("tiers") else None,
        max_discount_bp=given.get("max_discount_bp", base.max_discount_bp),
        discounts_products=given.get("discounts_products", base.discounts_products),
    )


def to_show(programme: Programme) -> Programme:
    """The same where it can be lived: tiers without any tier are none."""
    return replace(programme, tiers=None) if programme.tiers and not programme.tiers.ladder else programme


def _counter(given: Mapping[str, Any], base: Counter) -> Counter:
    said = {name: given[name] or 0 for name in (*COUNTER, "reward_max_value") if name in given}
    services = frozenset(filter(None, given["services"] or ())) if "services" in given else base.services
    return replace(base, services=frozenset({EVERY}) if EVERY in services else services, **said)


def _tiers(given: Mapping[str, Any], base: Tiers) -> Tiers:
    said = {name: given[name] for name in TIERS if name in given}
    for name, kind in (("match", Match), ("step_down", StepDown)):
        if name in said:
            said[name] = kind(said[name])
    known = {tier.code: tier for tier in base.ladder}
    return replace(base, ladder=tuple(tier(given, place, known) for place in used(given)), **said)
