"""Programmes of any kind that may be published, and what their sheets say as plain text."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import strategies as st

from console import i18n, wording
from console.domain.loyalty.rules.programme import Counter, Match, Programme, StepDown, Threshold, Tier, Tiers
from console.domain.policies.sheet import Ground, Section

ROUBLES = Ground("RUB", {"1": {"en": "Deep clean", "ru": "Генеральная уборка"}, "2": {"en": "Ironing"}})

_days = st.integers(0, 3_660)
_money = st.integers(0, 10**9).map(lambda whole: whole * 100)

counters = st.builds(
    Counter,
    stamps_required=st.integers(1, 100),
    services=st.sampled_from([frozenset({"*"}), frozenset({"1"}), frozenset({"1", "2", "77"})]),
    min_price=_money,
    max_stamps_per_day=st.integers(1, 100),
    stamp_valid_days=_days,
    reward_valid_days=_days,
    reward_max_value=_money,
)


@st.composite
def ladders(draw: st.DrawFn) -> Tiers:
    """From two tiers to ten, each above the first with something to enter."""
    above = []
    for place in range(1, draw(st.integers(2, 10))):
        visits, spend = draw(st.tuples(st.integers(0, 400), _money).filter(any))
        keep = Threshold(draw(st.integers(0, visits)), draw(st.integers(0, spend // 100)) * 100)
        names = {"en": f"Tier {place}", "ru": f"Уровень {place}"}
        above.append(Tier(f"t{place}", names, draw(st.integers(0, 3_000)), Threshold(visits, spend), keep))
    return Tiers(
        (Tier("base", {"en": "Base", "ru": "Базовый"}, draw(st.integers(0, 300))), *above),
        window_days=draw(_days),
        match=draw(st.sampled_from(Match)),
        grace_days=draw(st.integers(0, 365)),
        step_down=draw(st.sampled_from(StepDown)),
        hold_days=draw(st.integers(0, 365)),
    )


programmes = st.builds(
    Programme,
    counter=st.none() | counters,
    tiers=st.none() | ladders(),
    max_discount_bp=st.integers(3_000, 10_000),
    discounts_products=st.booleans(),
).filter(lambda one: one.counter is not None or one.tiers is not None)


def text(sections: Iterable[Section], language: str) -> str:
    """Everything that sections say, a sentence or a row in a line."""
    lines = []
    with i18n.speaking(language):
        for section in sections:
            lines += [wording.said(section.title), *map(wording.said, section.sentences)]
            if section.table:
                lines += [" | ".join(map(wording.cell, row)) for row in (section.table.heads, *section.table.rows)]
    return "\n".join(lines)
