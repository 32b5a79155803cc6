"""The programme in words: what another version changes, field by field, and versions as the list has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from console import i18n
from console.domain.loyalty.rules.differences import Difference, differences
from console.domain.loyalty.rules.programme import EVERY, Programme, Tier
from console.domain.policies.sheet import Ground
from console.routes._programme_form import MATCH, STEP_DOWN

CHANGED = {
    "stamps_required": "field.stamps_required",
    "services": "field.services_counting",
    "min_price": "field.min_price",
    "max_stamps_per_day": "field.max_stamps_per_day",
    "stamp_valid_days": "field.stamp_valid_days",
    "reward_valid_days": "field.reward_valid_days",
    "reward_max_value": "field.reward_max_value",
    "window_days": "field.window_days",
    "match": "field.match",
    "grace_days": "field.grace_days",
    "step_down": "field.step_down",
    "hold_days": "field.hold_days",
    "ladder": "field.ladder",
    "discount_bp": "words.tier_discount",
    "enter_visits": "field.tier_enter_visits",
    "enter_spend": "field.tier_enter_spend",
    "keep_visits": "field.tier_keep_visits",
    "keep_spend": "field.tier_keep_spend",
    "points_multiplier_bp": "words.tier_points",
    "max_discount_bp": "field.max_discount_bp",
    "discounts_products": "field.discounts_products",
}
"""Keys of what fields are called that are another one."""
WHOLE = {
    ("counter", True): "words.counter_begins",
    ("counter", False): "words.counter_ends",
    ("tiers", True): "words.tiers_begin",
    ("tiers", False): "words.tiers_end",
}
"""Keys of the words for a mechanic that begins or ends."""
NO_MONEY = {
    "min_price": "words.any_price",
    "reward_max_value": "words.no_limit",
    "enter_spend": "words.asks_nothing",
    "keep_spend": "words.asks_nothing",
}
DAYS = {"stamp_valid_days", "reward_valid_days", "window_days", "grace_days", "hold_days"}
ENDLESS = {
    "stamp_valid_days": "words.never_ends",
    "reward_valid_days": "words.never_ends",
    "window_days": "words.all_time",
}
"""Keys of the words for 0 days where that means no end."""
MONEY = {"min_price", "reward_max_value", "enter_spend", "keep_spend"}
SHARES = {"discount_bp", "max_discount_bp", "points_multiplier_bp"}


def tier_name(tier: Tier) -> str:
    return i18n.spoken(tier.names) or tier.code


def changes(before: Programme | None, after: Programme, ground: Ground) -> list[str]:
    """What another version changes, a sentence each; of the first one, what it brings."""
    former = before or Programme()
    named = {tier.code: tier_name(tier) for one in (former, after) if one.tiers for tier in one.tiers.ladder}
    found = differences(former, after)
    return [
        sentence
        for one in (found if before else _brought(found))
        for sentence in (_sentence(one, named, ground), *_follows(one))
    ]


def _follows(one: Difference) -> list[str]:
    """What follows for everybody: tiers that count everything that ever was are never lost."""
    if one.field != "window_days" or (one.before and one.after):
        return []
    return [i18n.gettext("words.tiers_lost_again" if one.after else "words.tiers_never_lost")]


def _brought(found: Iterable[Difference]) -> list[Difference]:
    """Of everything that is new, the mechanics: before a first version nothing else was another way."""
    return [one for one in found if one.field in ("counter", "tiers")]


def _sentence(one: Difference, named: Mapping[str, str], ground: Ground) -> str:
    if one.field in ("counter", "tiers"):
        return i18n.gettext(WHOLE[one.field, one.after is not None])
    tier = named.get(one.tier or "", "")
    if one.field == "tier":
        return i18n.words("words.tier_goes" if one.after is None else "words.tier_comes", {"tier": tier})
    if one.field == "names":
        return i18n.words("words.tier_renamed", {"before": _called(one.before), "after": _called(one.after)})
    what = i18n.gettext(CHANGED[one.field])
    values = {
        "what": what,
        "before": _value(one.field, one.before, ground),
        "after": _value(one.field, one.after, ground),
    }
    if not one.tier:
        return i18n.words("words.instead", values)
    return i18n.words("words.tier_instead", {"tier": tier, **values, "what": i18n.lower_first(what)})


def _called(names: Mapping[str, str]) -> str:
    return " / ".join(names[one] for one in i18n.LANGUAGES if names.get(one))


def _value(field: str, value: Any, ground: Ground) -> str:
    for names, said in _SAID:
        if field in names:
            return said(field, value, ground)
    return i18n.number(value)


def _days(field: str, value: int, ground: Ground) -> str:
    return (
        i18n.gettext(ENDLESS[field]) if value == 0 and field in ENDLESS else i18n.words("words.days", {"count": value})
    )


def _money(field: str, value: int, ground: Ground) -> str:
    return i18n.money(value, ground.currency) if value else i18n.gettext(NO_MONEY[field])


def _services(field: str, value: Iterable[str], ground: Ground) -> str:
    if EVERY in value:
        return i18n.gettext("words.all_services_in_sentence")
    return i18n.listing([i18n.spoken(ground.services.get(one, {})) or "…" for one in sorted(value)])


def _ladder(field: str, value: Sequence[Mapping[str, Any] | Tier], ground: Ground) -> str:
    return ", ".join(tier_name(one) for one in value if isinstance(one, Tier))


def _choice(field: str, value: str, ground: Ground) -> str:
    keys = MATCH if field == "match" else STEP_DOWN
    return i18n.gettext(keys[value])


_SAID: Sequence[tuple[set[str], Callable[[str, Any, Ground], str]]] = (
    (DAYS, _days),
    (MONEY, _money),
    (SHARES, lambda _, value, __: i18n.percent(value)),
    ({"services"}, _services),
    ({"ladder"}, _ladder),
    ({"match", "step_down"}, _choice),
    ({"discounts_products"}, lambda _, value, __: i18n.gettext("words.yes" if value else "words.no")),
)
