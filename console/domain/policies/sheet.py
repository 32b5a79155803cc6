"""A programme in words: sections of keyed sentences, each with the values of the version that it speaks of.

Pure. `console.wording` says them in a language. Prints, the programme's own page and its live sheet show the same ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from console.domain.loyalty.rules.examples import Habit, example
from console.domain.loyalty.rules.live import FAIR_PAUSE_DAYS
from console.domain.loyalty.rules.programme import EVERY, Counter, Match, Programme, StepDown, Threshold, Tier, Tiers
from console.domain.money import Money

WEEKS = (1, 3, 6)
"""How many weeks lie between the visits of the examples."""


@dataclass(frozen=True, slots=True)
class Percent:
    """A share in basis points."""

    bp: int


@dataclass(frozen=True, slots=True)
class Ordinal:
    """A number as a place in a row: the 5th."""

    number: int


@dataclass(frozen=True, slots=True)
class Named:
    """What the business calls something, by language."""

    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Listed:
    """Several values as a sentence lists them: one, two and three."""

    items: Sequence[Value]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A key of the catalogues and its values; one with a `count` has plural forms."""

    key: str
    params: Mapping[str, Value] = field(default_factory=dict)


Value = int | str | date | Money | Percent | Ordinal | Named | Listed | Sentence


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of values beneath heads; the first value of a row names it."""

    heads: Sequence[Sentence]
    rows: Sequence[Sequence[Value]]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a sheet. `ordered`: its sentences are steps, one after the other."""

    code: str
    title: Sentence
    sentences: Sequence[Sentence] = ()
    table: Table | None = None
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
    """What the rules do not say themselves: the currency, the services' names by id, what a visit costs, if known."""

    currency: str
    services: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    usual: int | None = None

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)


def say(key: str, **params: Value) -> Sentence:
    """A sentence by its key."""
    return Sentence(key, params)


def days(count: int) -> Sentence:
    """So many days."""
    return say("sheet.days", count=count)


def name(tier: Tier) -> Named | str:
    """What a tier is called."""
    return Named(tier.names) if tier.names else tier.code


def rules(programme: Programme, ground: Ground, habits: Sequence[Habit] = ()) -> tuple[Section, ...]:
    """What a client is promised: the counter, the ladder, what holds for both, and examples of habits (usual ones)."""
    return (*mechanics(programme, ground), _always(programme), _examples(programme, ground, habits))


def mechanics(programme: Programme, ground: Ground) -> Iterator[Section]:
    """The counter, the ladder, and how one comes down it."""
    if programme.counter:
        free = tuple(free_visit(programme, programme.counter, ground))
        yield Section("counter", headline(programme.counter), (*stamps(programme.counter, ground), *free))
    if programme.tiers:
        told = tuple(ladder(programme.tiers))
        yield Section("tiers", promise(programme.tiers), told, tiers_table(programme.tiers, ground))
        if programme.tiers.window_days:
            yield Section("break", say("sheet.title_break"), tuple(drops(programme.tiers)))


def headline(counter: Counter) -> Sentence:
    """Every 5th visit is free."""
    return say("sheet.every_nth_free", nth=Ordinal(counter.stamps_required + 1))


def promise(tiers: Tiers) -> Sentence:
    """What the ladder comes to in a line."""
    return say("sheet.title_tiers") if tiers.window_days else say("sheet.title_cumulative")


def stamps(counter: Counter, ground: Ground) -> Iterator[Sentence]:
    """How a card fills."""
    yield say("sheet.card_filled", count=counter.stamps_required)
    if EVERY in counter.services:
        yield say("sheet.every_service")
    else:
        yield say("sheet.some_services", services=services(counter, ground))
    if counter.min_price:
        yield say("sheet.service_from", price=ground.money(counter.min_price))
    yield say("sheet.stamps_a_day", count=counter.max_stamps_per_day)
    yield stamp_validity(counter)


def services(counter: Counter, ground: Ground) -> Listed:
    """The services that earn a stamp, by their names."""
    named = [ground.services.get(one) for one in sorted(counter.services)]
    return Listed([Named(names) if names else say("sheet.service_gone") for names in named])


def stamp_validity(counter: Counter) -> Sentence:
    """How long a stamp is good."""
    if not counter.stamp_valid_days:
        return say("sheet.stamps_stay")
    return say("sheet.stamp_valid", days=days(counter.stamp_valid_days))


def free_validity(counter: Counter) -> Sentence:
    """How long a free visit is good."""
    if not counter.reward_valid_days:
        return say("sheet.free_stays")
    return say("sheet.free_valid", days=days(counter.reward_valid_days))


def free_visit(programme: Programme, counter: Counter, ground: Ground) -> Iterator[Sentence]:
    """What a free visit is."""
    yield free_validity(counter)
    yield say("sheet.free_covers")
    if counter.reward_max_value:
        yield say("sheet.free_up_to", cap=ground.money(counter.reward_max_value))
    yield say("sheet.free_counts_not") if programme.tiers else say("sheet.free_stamps_not")


def tiers_table(tiers: Tiers, ground: Ground) -> Table:
    """The ladder from below; what keeps a tier stands there only where a tier can be lost."""
    window = tiers.window_days
    reach = say("sheet.head_reach_within", days=days(window)) if window else say("sheet.head_reach")
    heads = [say("sheet.head_tier"), say("sheet.head_discount"), reach, *[say("sheet.head_keep")] * bool(window)]
    rows = [
        [
            name(tier),
            Percent(tier.discount_bp),
            asked(tier.enter, tiers.match, ground) if place else say("sheet.from_the_first"),
            *[asked(tier.keep, tiers.match, ground) if place else say("sheet.always")] * bool(window),
        ]
        for place, tier in enumerate(tiers.ladder)
    ]
    return Table(heads, rows)


def asked(threshold: Threshold, match: Match, ground: Ground) -> Sentence:
    """What a threshold asks for: visits, money, both or either."""
    visits, spend = say("sheet.visits", count=threshold.visits), ground.money(threshold.spend)
    if threshold.visits and threshold.spend:
        key = "sheet.both" if match is Match.ALL else "sheet.either"
        return Sentence(key, {"visits": visits, "spend": spend})
    if threshold.visits:
        return visits
    return say("sheet.spent", spend=spend) if threshold.spend else say("sheet.nothing")


def ladder(tiers: Tiers) -> Iterator[Sentence]:
    """How one goes up."""
    if tiers.window_days:
        yield say("sheet.window", count=tiers.window_days)
    else:
        yield say("sheet.lifetime")
    yield say("sheet.visit_counts")
    yield say("sheet.up_at_once")


def drops(tiers: Tiers) -> Iterator[Sentence]:
    """How one goes down, and what lets it wait."""
    if tiers.grace_days:
        yield say("sheet.told_first", days=days(tiers.grace_days))
    else:
        yield say("sheet.told_the_day_before")
    yield say("sheet.down_one" if tiers.step_down is StepDown.ONE else "sheet.down_to_kept")
    yield say("sheet.hold", days=days(tiers.hold_days)) if tiers.hold_days else say("sheet.hold_that_day")
    yield say("sheet.fair_pause", days=days(FAIR_PAUSE_DAYS))


def _always(programme: Programme) -> Section:
    told = []
    if programme.tiers:
        told.append(say("sheet.products_too") if programme.discounts_products else say("sheet.products_not"))
        told.append(say("sheet.most_discount", percent=Percent(programme.max_discount_bp)))
    if programme.counter:
        told.append(say("sheet.refund_stamp"))
    if programme.tiers:
        told.append(say("sheet.refund_spend"))
    told.append(say("sheet.ask_why"))
    return Section("always", say("sheet.title_always"), tuple(told))


def _examples(programme: Programme, ground: Ground, habits: Sequence[Habit]) -> Section:
    lives = [tuple(lived(programme, habit, ground)) for habit in habits or usual_habits(programme, ground)]
    after = [one for life in sorted(lives, key=lives[1:2].count, reverse=True) for one in life[1:]]
    return Section("examples", say("sheet.title_examples"), (*(life[0] for life in lives), *after[:1]))


def usual_habits(programme: Programme, ground: Ground) -> list[Habit]:
    """Three that the examples of a print are about."""
    return [Habit(7 * weeks, usual_price(programme, ground)) for weeks in WEEKS]


def usual_price(programme: Programme, ground: Ground) -> int:
    """What a visit of the examples costs: as much as the thresholds have it, else what one usually does.

    So a version has the same examples whatever the prices are on the day of its print.
    """
    counter, ladder = programme.counter, programme.tiers.ladder if programme.tiers else ()
    asked = [tier.enter.spend // tier.enter.visits for tier in ladder if tier.enter.visits and tier.enter.spend]
    spent = [tier.enter.spend // 10 for tier in ladder if tier.enter.spend >= 10]
    least = counter.min_price if counter else 0
    return max(least, next(filter(None, [*asked, ground.usual, *spent]), 5_000))


def lived(programme: Programme, habit: Habit, ground: Ground) -> Iterator[Sentence]:
    """What a habit comes to in a year, and how long its tier outlasts it."""
    found = example(programme, habit)
    parts: list[Value] = []
    if programme.tiers:
        low, high = (programme.tiers.ladder[place] for place in (found.lowest, found.highest))
        between = say("sheet.example_between", low=_with_percent(low), high=_with_percent(high))
        parts.append(_with_percent(high) if low == high else between)
    if programme.counter:
        parts.append(say("sheet.example_free", count=found.free_visits) if found.free_visits else _NO_FREE)
    parts.append(say("sheet.example_saved", saved=ground.money(found.saved)) if found.saved else _NOTHING_SAVED)
    yield say("sheet.example", habit=habit_of(habit, ground), result=Listed(parts))
    if programme.tiers and found.highest and found.lowest == found.highest and found.lost_after:
        left = days(found.lost_after - 1)
        tier = name(programme.tiers.ladder[found.highest])
        yield say("sheet.example_stops", habit=habit_of(habit, ground), tier=tier, days=left)


def _with_percent(tier: Tier) -> Value:
    if not tier.discount_bp:
        return name(tier)
    return say("sheet.example_tier", tier=name(tier), percent=Percent(tier.discount_bp))


_NO_FREE = Sentence("sheet.example_none_free")
_NOTHING_SAVED = Sentence("sheet.example_nothing_saved")


def habit_of(habit: Habit, ground: Ground) -> Sentence:
    """A habit in words: a visit every 3 weeks for 4 500."""
    price = ground.money(habit.price)
    weeks, rest = divmod(habit.every, 7)
    if rest:
        return say("sheet.every_days", count=habit.every, price=price)
    if weeks == 1:
        return say("sheet.every_week", price=price)
    return say("sheet.every_weeks", count=weeks, price=price)


def version_line(number: int | None, effective_from: date | None) -> Sentence:
    """Which version it is, or that it is a draft."""
    if number is None or effective_from is None:
        return say("sheet.draft_line")
    return say("sheet.version_line", number=number, day=effective_from)
