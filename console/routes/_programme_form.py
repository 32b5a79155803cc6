"""The form of the programme's draft: its fields, the rules that they say, and the tiers as rows.

Fields are called as `publication.problems` calls them. All rows of tiers are always there; one is used while it has a
code. Amounts are typed in whole units of the business's currency, percentages with two places at most.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any
from uuid import uuid4

from console import i18n
from console.domain.catalogue.queries import ServiceView
from console.domain.errors import Invalid, Problem
from console.domain.loyalty.presets import both
from console.domain.loyalty.rules.examples import Habit
from console.domain.loyalty.rules.programme import (
    EVERY,
    Counter,
    Match,
    Programme,
    StepDown,
    Threshold,
    Tier,
    Tiers,
)
from console.domain.loyalty.rules.publication import LONGEST, MOST_STAMPS, MOST_TIERS, problems
from console.domain.money import BP
from console.routes import _fields as f
from console.routes import _names
from console.routes._fields import Bad, Row
from console.routes._forms import Form
from console.routes._page import Req

Texts = Mapping[str, Sequence[str]]
Rows = list[dict[str, list[str]]]

NAME = "programme"
HABITS = 3
OFTENEST, SELDOMEST = 3, 366
"""Days between the visits of somebody in the examples."""
LONGEST_NAME = 60
COUNTER = ("stamps_required", "min_price", "max_stamps_per_day", "stamp_valid_days", "reward_valid_days")
TIERS = ("window_days", "match", "grace_days", "step_down", "hold_days")
ASKED = ("enter_visits", "enter_spend", "keep_visits", "keep_spend")
"""What a tier above the first asks for."""
MATCH: Mapping[str, str] = {Match.ALL: "words.match_all", Match.ANY: "words.match_any"}
STEP_DOWN: Mapping[str, str] = {StepDown.ONE: "words.step_down_one", StepDown.MATCHING: "words.step_down_matching"}
"""Keys of the words of the choices."""


def percent(name: str, **options: Any) -> f.Field:
    """A share in basis points, typed as per cent: 10, 7.5 or 7,5."""

    def read(typed: str) -> int:
        digits = re.sub(r"[\s\u00a0\u202f%]", "", typed).replace(",", ".")
        found = re.fullmatch(r"([0-9]{1,3})(?:\.([0-9]{1,2}))?", digits)
        share = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else BP + 1
        if share > BP:
            raise Bad("problem.percent")
        return share

    return f.Field(name, read, kind="number", limit=40, inputmode="decimal", show=plain_percent, **options)


def plain_percent(bp: int) -> str:
    """A share as it is typed: 10, 7.5 or 7,5."""
    whole, rest = divmod(bp, 100)
    return f"{whole}{i18n.locale().number_symbols['latn']['decimal']}{rest:02}".rstrip("0") if rest else str(whole)


def _code(typed: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_.-]*", typed):
        raise Bad("problem.choice")
    return typed


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
        *(one for place in range(MOST_TIERS) for one in _tier_fields(request, place, currency)),
        percent("max_discount_bp", label="field.max_discount_bp"),
        f.tick("discounts_products", label="field.discounts_products"),
    )


def _in_words(keys: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(value, i18n.gettext(key)) for value, key in keys.items()]


def _tier_fields(request: Req, place: int, currency: str) -> list[f.Field]:
    """The fields of the tier at a place of the ladder."""
    own = [
        f.text("code", limit=40, label="field.tier_code"),
        *_names.fields(request, limit=LONGEST_NAME),
        percent("discount_bp", label="field.tier_discount"),
        f.whole("enter_visits", 0, LONGEST, label="field.tier_enter_visits"),
        f.money("enter_spend", currency, label="field.tier_enter_spend"),
        f.whole("keep_visits", 0, LONGEST, label="field.tier_keep_visits"),
        f.money("keep_spend", currency, label="field.tier_keep_spend"),
    ]
    return [
        replace(
            one,
            name=named(place, one.name),
            read=_code if one.name == "code" else one.read,
            required=False,
            params={**one.params, "row": str(place)},
            row=Row("field.ladder", place + 1, labelled=one.name != "code"),
            told=_of_tier(place, one),
        )
        for one in own
    ]


def _of_tier(place: int, one: f.Field) -> Callable[[Texts], str]:
    """What a field of a tier is called beside those of the others: Gold: discount, %."""

    def told(texts: Texts) -> str:
        names = {language: "".join(texts.get(named(place, f"name_{language}"), ())) for language in i18n.LANGUAGES}
        tier = i18n.spoken({language: name for language, name in names.items() if name.strip()})
        said = {"tier": tier or i18n.words("words.tier_number", {"number": place})}
        return i18n.words("words.of_tier", {**said, "what": i18n.lower_first(i18n.words(one.label, one.params | said))})

    return told


def named(place: int, name: str) -> str:
    """What a field of a tier is called."""
    return f"tier-{place}-{name}"


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
        **{key: value for place, tier in enumerate(tiers.ladder) for key, value in _tier_values(place, tier).items()},
        "max_discount_bp": programme.max_discount_bp,
        "discounts_products": programme.discounts_products,
    }


def _tier_values(place: int, tier: Tier) -> dict[str, Any]:
    asked = {
        f"{when}_{name}": value or None
        for when, threshold in (("enter", tier.enter), ("keep", tier.keep))
        for name, value in asdict(threshold).items()
    }
    own = {"code": tier.code, "discount_bp": tier.discount_bp, **_names.values(tier.names), **asked}
    return {named(place, name): value for name, value in own.items()}


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
    return replace(base, ladder=tuple(_tier(given, place, known) for place in _used(given)), **said)


def _used(given: Mapping[str, Any]) -> list[int]:
    return [place for place in range(MOST_TIERS) if given.get(named(place, "code"))]


def _tier(given: Mapping[str, Any], place: int, known: Mapping[str, Tier]) -> Tier:
    code = given[named(place, "code")]
    base = known.get(code, Tier(code))
    said = {**_tier_values(place, base), **given}
    own = {name: said[named(place, name)] or 0 for name in (*ASKED, "discount_bp")}
    names = {one: said.get(named(place, f"name_{one}")) for one in i18n.LANGUAGES}
    return replace(
        base,
        names={one: name for one, name in names.items() if name},
        discount_bp=own["discount_bp"],
        enter=Threshold(own["enter_visits"], own["enter_spend"]) if place else Threshold(),
        keep=Threshold(own["keep_visits"], own["keep_spend"]) if place else Threshold(),
    )


def at_fields(refused: Invalid, main: str) -> Invalid:
    """The same problems at the fields of the form: a tier lacks its name in the business's own language."""
    fields = {name: f"{name}_{main}" if name.endswith("-name") else name for name in refused.problems}
    return Invalid({fields[name]: what for name, what in refused.problems.items()})


def unnamed(programme: Programme, main: str) -> dict[str, Problem]:
    """The tiers that lack a name in the business's own language, at the fields of the form."""
    ladder = programme.tiers.ladder if programme.tiers else ()
    lacking = (place for place, tier in enumerate(ladder) if not tier.names.get(main))
    return {named(place, f"name_{main}"): Problem("problem.required") for place in lacking}


def _suffixes(form: Form) -> list[str]:
    return [one.name.removeprefix(named(0, "")) for one in form.spec if one.name.startswith(named(0, ""))]


def rows(form: Form) -> Rows:
    """The texts of each tier that there is, by the fields' names without their place."""
    suffixes = _suffixes(form)
    found = [{name: form.texts.get(named(place, name), []) for name in suffixes} for place in range(MOST_TIERS)]
    return [row for row in found if any(row["code"])]


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
