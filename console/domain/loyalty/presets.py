"""Programmes to start from. Amounts are multiples of what a visit usually costs, so that any currency fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from console.domain.loyalty.rules.programme import Counter, Programme, Threshold, Tier, Tiers

_BASE = Tier("base", {"en": "Base", "ru": "Базовый"})
_SILVER = Tier("silver", {"en": "Silver", "ru": "Серебряный"}, 500)
_GOLD = Tier("gold", {"en": "Gold", "ru": "Золотой"}, 1_000)


def counter_only(usual: int) -> Programme:
    """Every fifth visit is free."""
    return Programme(counter=Counter())


def cumulative(usual: int) -> Programme:
    """A classic card: the more was ever spent, the higher the discount, which never shrinks."""
    ladder = (
        _BASE,
        replace(_SILVER, discount_bp=300, enter=Threshold(spend=10 * usual)),
        replace(_GOLD, discount_bp=700, enter=Threshold(spend=30 * usual)),
    )
    return Programme(tiers=Tiers(ladder, window_days=0))


def shrinking(usual: int) -> Programme:
    """A discount that is kept by coming, and shrinks when the client comes less and spends less."""
    ladder = (
        _BASE,
        replace(_SILVER, enter=Threshold(4, 4 * usual), keep=Threshold(3, 3 * usual)),
        replace(_GOLD, enter=Threshold(10, 10 * usual), keep=Threshold(8, 8 * usual)),
    )
    return Programme(tiers=Tiers(ladder))


def both(usual: int) -> Programme:
    """The visit counter and the discount that shrinks."""
    return replace(shrinking(usual), counter=Counter())


PRESETS: Mapping[str, Callable[[int], Programme]] = {
    "both": both,
    "counter": counter_only,
    "shrinking": shrinking,
    "cumulative": cumulative,
}
"""By the word that says which; each takes what a visit usually costs, in minor units."""
