"""What a sheet says of a programme is what the programme's rules are, in both languages."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings

from console import i18n, wording
from console.domain.loyalty.presets import PRESETS
from console.domain.loyalty.rules.examples import Habit, example
from console.domain.loyalty.rules.programme import Counter, Programme, StepDown, Tiers
from console.domain.money import Money
from console.domain.policies.poster import poster
from console.domain.policies.procedures import procedures
from console.domain.policies.sheet import Ordinal, Percent, days, lived, mechanics, rules, say
from tests.domain.policies.programmes import ROUBLES, programmes, text

BOTH = PRESETS["both"](450_000)


@settings(max_examples=60)
@given(programmes)
def test_each_number_of_a_programme_stands_in_its_rules_in_both_languages(programme: Programme) -> None:
    for language in i18n.LANGUAGES:
        said = text(mechanics(programme, ROUBLES), language)
        with i18n.speaking(language):
            assert [one for one in promised(programme) if one not in said] == []


def promised(programme: Programme) -> list[str]:
    """What the sheet of a programme must say, as the current language writes it."""
    counter, tiers = programme.counter, programme.tiers
    told = []
    if counter:
        told += [i18n.ordinal(counter.stamps_required + 1)]
        told += [wording.said(say("sheet.card_filled", count=counter.stamps_required))]
        told += [amount(one) for one in (counter.min_price, counter.reward_max_value) if one]
        told += [wording.said(days(one)) for one in (counter.stamp_valid_days, counter.reward_valid_days) if one]
        told += [wording.said(say("sheet.stamps_a_day", count=counter.max_stamps_per_day))]
    if tiers:
        told += [row(tiers, place) for place in range(1, len(tiers.ladder))]
        told += [wording.said(days(tiers.window_days))] if tiers.window_days else []
    if tiers and tiers.window_days:
        told += [wording.said(days(one)) for one in (tiers.grace_days, tiers.hold_days) if one]
    return told


def amount(minor: int) -> str:
    return i18n.money(minor, "RUB")


def row(tiers: Tiers, place: int) -> str:
    """The row of a tier: its name, discount, what it asks for, and what keeps it where it can be lost."""
    tier = tiers.ladder[place]
    linked = "sheet.both" if tiers.match.value == "all" else "sheet.either"
    cells = [i18n.spoken(tier.names), i18n.percent(tier.discount_bp)]
    for asked in (tier.enter, tier.keep)[: 2 if tiers.window_days else 1]:
        visits = wording.said(say("sheet.visits", count=asked.visits)) if asked.visits else ""
        spend = amount(asked.spend) if asked.spend else ""
        cell = i18n.words(linked, {"visits": visits, "spend": spend}) if visits and spend else visits
        cell = cell or (i18n.words("sheet.spent", {"spend": spend}) if spend else i18n.gettext("sheet.nothing"))
        cells.append(i18n.upper_first(cell))
    return " | ".join(cells)


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_staffs_procedures_hold_the_rules_they_explain(language: str) -> None:
    said = text(procedures(BOTH, ROUBLES), language)
    assert text(mechanics(BOTH, ROUBLES), language) in said


def test_what_a_programme_lacks_is_not_spoken_of() -> None:
    counter_only, cumulative = (PRESETS[one](450_000) for one in ("counter", "cumulative"))
    assert [one.code for one in rules(counter_only, ROUBLES)] == ["counter", "always", "examples"]
    assert [one.code for one in rules(cumulative, ROUBLES)] == ["tiers", "always", "examples"]
    assert "tier" not in text(rules(counter_only, ROUBLES), "en").lower()
    assert "stamp" not in text((*rules(cumulative, ROUBLES), *procedures(cumulative, ROUBLES)), "en").lower()


def test_a_threshold_of_either_kind_is_said_with_its_own_word() -> None:
    either = replace(BOTH, tiers=replace(BOTH.tiers, match="any"))
    assert "4\u00a0visits and RUB\u00a018,000" in text(rules(BOTH, ROUBLES), "en")
    assert "4\u00a0visits or RUB\u00a018,000" in text(rules(either, ROUBLES), "en")


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"step_down": StepDown.ONE}, "sheet.down_one"),
        ({"step_down": StepDown.MATCHING}, "sheet.down_to_kept"),
        ({"grace_days": 0}, "sheet.told_the_day_before"),
        ({"hold_days": 0}, "sheet.hold_that_day"),
    ],
)
def test_how_a_tier_goes_down_is_said_as_the_version_has_it(change: dict[str, object], key: str) -> None:
    assert BOTH.tiers is not None
    programme = replace(BOTH, tiers=replace(BOTH.tiers, **change))
    with i18n.speaking("en"):
        assert i18n.gettext(key) in text(rules(programme, ROUBLES), "en")


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("weeks", [1, 3, 6, 9])
def test_an_example_says_what_the_engine_works_out(preset: str, weeks: int) -> None:
    programme, habit = PRESETS[preset](450_000), Habit(7 * weeks, 450_000)
    found = example(programme, habit)
    with i18n.speaking("en"):
        told = [wording.said(one) for one in lived(programme, habit, ROUBLES)]
        assert (f"{amount(found.saved)} saved" if found.saved else "nothing saved") in told[0]
        if programme.counter:
            assert f"{found.free_visits}\u00a0free visit" in told[0]
        if programme.tiers:
            assert i18n.spoken(programme.tiers.ladder[found.highest].names) in told[0]
        if len(told) > 1:
            assert found.lost_after is not None
            tier = i18n.spoken(programme.tiers.ladder[found.highest].names)
            assert f"then no more: {tier} lasts another {found.lost_after - 1}\u00a0days" in told[1]


def test_a_poster_draws_each_stamp_unless_there_are_too_many() -> None:
    assert [poster(Programme(Counter(stamps_required=n)), ROUBLES).stamps for n in (1, 4, 12, 13)] == [1, 4, 12, 0]


def test_a_poster_leaves_out_a_lowest_tier_that_gives_nothing() -> None:
    drawn = poster(BOTH, ROUBLES).table
    assert drawn is not None
    assert len(drawn.rows) == 2


def test_a_service_that_is_gone_is_said_to_be() -> None:
    some = Programme(Counter(services=frozenset({"1", "77"})))
    assert "Deep clean and a service that is no longer offered" in text(rules(some, ROUBLES), "en")


def test_numbers_are_written_as_a_language_writes_them() -> None:
    with i18n.speaking("en"):
        places = [wording.cell(Ordinal(n)) for n in (1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 111)]
        assert places == ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "101st", "111th"]
        assert wording.cell(Percent(750)) == "7.5\u00a0%"
    with i18n.speaking("ru"):
        assert [wording.cell(one) for one in (Ordinal(5), Percent(750), Money(150_000, "RUB"))] == [
            "5-й",
            "7,5\u00a0%",
            "1\u00a0500\u00a0₽",
        ]


def test_no_text_of_a_sheet_lacks_a_value() -> None:
    for language in i18n.LANGUAGES:
        for preset in PRESETS.values():
            programme = preset(450_000)
            said = text((*rules(programme, ROUBLES), *procedures(programme, ROUBLES)), language)
            assert not re.search(r"%\(|sheet\.", said)
