"""What a programme must be before it may be published (loyalty rules, sections 1, 2 and 4: what it says must hold)."""

from __future__ import annotations

from collections import Counter as Count
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from console.domain.errors import Problem
from console.domain.loyalty.rules.programme import Counter, Match, Points, Programme, Threshold, Tier, Tiers
from console.domain.money import BP

LONGEST = 3_660
"""Days: the longest validity, window or grace."""
MOST_STAMPS = 100
MOST_TIERS = 10

Found = Iterator[tuple[str, Problem]]


@dataclass(frozen=True, slots=True)
class Limits:
    """The most of each; None: as much as one likes. `daily`: the fewest stamps to be had on a date."""

    days: int | None = None
    stamps: int | None = None
    money: int | None = None
    points: int | None = None
    multiplier_bp: int | None = None
    daily: int = 0


PUBLISHED = Limits(LONGEST, MOST_STAMPS, money=10**12, points=10**9, multiplier_bp=10 * BP, daily=1)
ANY = Limits()


def problems(programme: Programme) -> dict[str, Problem]:
    """What is wrong, by field; a tier's fields are called `tier-<place>-<field>`. None: it may be published."""
    return _first((*_impossible(programme, PUBLISHED), *_unclear(programme)))


def impossible(programme: Programme) -> dict[str, Problem]:
    """What no visit could be judged by, by field: what a replay refuses."""
    return _first(_impossible(programme, ANY))


def _first(found: Iterable[tuple[str, Problem]]) -> dict[str, Problem]:
    """Of each field the first problem."""
    return dict(reversed(list(found)))


def _impossible(programme: Programme, limits: Limits) -> Found:
    yield from _within("max_discount_bp", programme.max_discount_bp, 0, BP)
    if programme.counter is not None:
        yield from _counter(programme.counter, limits)
    if programme.tiers is not None:
        for name in ("window_days", "grace_days", "hold_days"):
            yield from _within(name, getattr(programme.tiers, name), 0, limits.days)
        for place, tier in enumerate(programme.tiers.ladder):
            yield from _tier(place, tier, limits)
    if programme.points is not None:
        yield from _points(programme.points, limits)


def _unclear(programme: Programme) -> Found:
    if programme.counter is None and programme.tiers is None and programme.points is None:
        yield "counter", Problem("problem.programme_empty")
    if programme.counter is not None and not programme.counter.services:
        yield "services", Problem("problem.no_service_counts")
    if programme.tiers is not None:
        yield from _ladder(programme.tiers)
        for place, tier in enumerate(programme.tiers.ladder):
            if tier.discount_bp > programme.max_discount_bp:
                yield (
                    _name(place, "discount_bp"),
                    Problem("problem.over_most_discount", {"bp": programme.max_discount_bp}),
                )


def _counter(counter: Counter, limits: Limits) -> Found:
    yield from _within("stamps_required", counter.stamps_required, 1, limits.stamps)
    yield from _within("max_stamps_per_day", counter.max_stamps_per_day, limits.daily, limits.stamps)
    for name in ("stamp_valid_days", "reward_valid_days"):
        yield from _within(name, getattr(counter, name), 0, limits.days)
    for name in ("min_price", "reward_max_value"):
        yield from _within(name, getattr(counter, name), 0, limits.money)


def _points(points: Points, limits: Limits) -> Found:
    for name in ("earn_per", "point_value"):
        yield from _within(name, getattr(points, name), 1, limits.money)
    for name in ("earn_points", "min_redeem"):
        yield from _within(name, getattr(points, name), 0, limits.points)
    yield from _within("max_share_bp", points.max_share_bp, 0, BP)
    yield from _within("valid_days", points.valid_days, 0, limits.days)


def _ladder(tiers: Tiers) -> Found:
    if not 2 <= len(tiers.ladder) <= MOST_TIERS:
        yield "tiers", Problem("problem.too_few_tiers" if len(tiers.ladder) < 2 else "problem.too_many_tiers")
    codes = Count(tier.code for tier in tiers.ladder)
    for place, tier in enumerate(tiers.ladder):
        if not tier.code:
            yield _name(place, "code"), Problem("problem.missing")
        if codes[tier.code] > 1:
            yield _name(place, "code"), Problem("problem.code_taken")
    yield from _called(tiers)
    yield from _climbing(tiers)


def _called(tiers: Tiers) -> Found:
    """Each tier has a name, and no other one's in a language: that is how clients tell them apart."""
    taken = Count((language, name.casefold()) for tier in tiers.ladder for language, name in tier.names.items() if name)
    for place, tier in enumerate(tiers.ladder):
        if not any(tier.names.values()):
            yield _name(place, "name"), Problem("problem.required")
        for language, name in tier.names.items():
            if taken[language, name.casefold()] > 1:
                yield _name(place, f"name_{language}"), Problem("problem.tier_name_taken")


def _climbing(tiers: Tiers) -> Found:
    """A higher tier never makes a visit dearer (section 4), and there is a way to be held for each."""
    for place in range(1, len(tiers.ladder)):
        below, tier = tiers.ladder[place - 1 : place + 1]
        if tier.discount_bp < below.discount_bp:
            yield _name(place, "discount_bp"), Problem("problem.tier_discount_falls", {"bp": below.discount_bp})
        above = [one.enter for one in tiers.ladder[place + 1 :] if one.enter != Threshold()]
        if tier.enter != Threshold() and _passed_over(tier.enter, above, tiers.match):
            yield _name(place, "enter_visits"), Problem("problem.tier_passed_over")


def _passed_over(enter: Threshold, above: Sequence[Threshold], match: Match) -> bool:
    """Whether whoever meets a threshold meets one of those above as well."""
    if match is Match.ALL:
        return any(one.visits <= enter.visits and one.spend <= enter.spend for one in above)
    pairs = ((enter.visits, [one.visits for one in above]), (enter.spend, [one.spend for one in above]))
    return all(any(0 < more <= asked for more in those) for asked, those in pairs if asked)


def _tier(place: int, tier: Tier, limits: Limits) -> Found:
    yield from _within(_name(place, "discount_bp"), tier.discount_bp, 0, BP)
    yield from _within(_name(place, "points_multiplier_bp"), tier.points_multiplier_bp, 0, limits.multiplier_bp)
    for when, threshold in (("enter", tier.enter), ("keep", tier.keep)):
        yield from _within(_name(place, f"{when}_visits"), threshold.visits, 0, limits.days)
        yield from _within(_name(place, f"{when}_spend"), threshold.spend, 0, limits.money)
    if not place:
        if (tier.enter, tier.keep) != (Threshold(), Threshold()):
            yield _name(0, "enter_visits"), Problem("problem.first_tier_asks")
        return
    if tier.enter == Threshold():
        yield _name(place, "enter_visits"), Problem("problem.tier_asks_nothing")
    for name in ("visits", "spend"):
        if getattr(tier.keep, name) > getattr(tier.enter, name):
            yield _name(place, f"keep_{name}"), Problem("problem.keep_over_enter")


def _within(name: str, value: int, least: int, most: int | None) -> Found:
    if most is None:
        if value < least:
            yield name, Problem("problem.too_low", {"least": least})
    elif not least <= value <= most:
        yield name, Problem("problem.out_of_range", {"least": least, "most": most})


def _name(place: int, field: str) -> str:
    return f"tier-{place}-{field}"
