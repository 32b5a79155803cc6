"""A draft that was tried, in words: what it comes to beside the version in force, for whom, and who holds what."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from console import i18n
from console.domain.audit.naming import Name
from console.domain.clients.queries import client_names
from console.domain.loyalty.rules.programme import Programme
from console.domain.loyalty.rules.trial import Difference, Few, Side, Sums
from console.domain.money import BP
from console.domain.policies.trials import Found, TrialView
from console.routes import _trial_chart as charts
from console.routes._trial_chart import Chart
from console.routes._values import named_words

LONGEST = 11
"""So many letters of a tier's name have room beside its column."""


@dataclass(frozen=True)
class Row:
    """A figure by both programmes, and by how much the draft's differs; `kind`: how the row is drawn."""

    name: str
    stand: str
    draft: str
    change: str
    kind: str = ""


@dataclass(frozen=True)
class Population:
    """Who holds which tier by one programme: a chart (None: nobody is above the first one), and the same as a table."""

    title: str
    chart: Chart | None
    heads: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]


def stands(one: TrialView) -> str:
    """What the programme is called beside which the draft stands."""
    if not one.stands:
        return i18n.gettext("words.trial_no_rules")
    return i18n.words("words.trial_stands", {"number": one.stands})


async def found(one: TrialView, told: Found, currency: str) -> dict[str, Any]:
    """What came of a trial, for its page."""
    names = await client_names([each.client for few in (told.gain, told.lose) for each in few.top])
    return {
        "clients": told.clients,
        "figures": _figures(told, currency),
        "rows": list(_rows(told.stand.sums, told.draft.sums, currency)),
        "gain": _few(told.gain, names, one.programmes, currency),
        "lose": _few(told.lose, names, one.programmes, currency),
        "populations": _populations(one, told),
        "left_out": list(_left_out(told)),
    }


def _money(currency: str) -> Callable[[int], str]:
    return lambda minor: i18n.money(minor, currency)


def _figures(told: Found, currency: str) -> list[tuple[str, str]]:
    def few(one: Few) -> str:
        about = {"many": one.many, "sum": i18n.money(one.minor, currency)}
        return i18n.words("words.trial_together", about) if one.many else i18n.number(0)

    return [
        (i18n.gettext("words.trial_came"), i18n.number(told.clients)),
        (i18n.gettext("words.trial_less"), few(told.gain)),
        (i18n.gettext("words.trial_more"), few(told.lose)),
        (i18n.gettext("words.trial_same"), i18n.number(told.clients - told.gain.many - told.lose.many)),
    ]


def _rows(stand: Sums, draft: Sums, currency: str) -> Iterator[Row]:
    money = _money(currency)
    yield _row("words.trial_listed", stand.listed, draft.listed, money)
    yield _row("words.trial_discount", -stand.discount, -draft.discount, money)
    yield _row("words.trial_free", -stand.free, -draft.free, money)
    if stand.spent or draft.spent:
        yield _row("words.trial_spent", -stand.spent, -draft.spent, money)
    if stand.lacking or draft.lacking:
        yield _row("words.trial_lacking", -stand.lacking, -draft.lacking, money)
    yield _row("words.trial_paid", stand.paid, draft.paid, money, "sum")
    shares = _share(stand), _share(draft)
    by = _change(shares[1] - shares[0], i18n.percentage_points)
    yield replace(_row("words.trial_share", *shares, i18n.percent), change=by)
    yield _row("words.trial_issued", stand.issued, draft.issued, i18n.number, "apart")
    yield _row("words.trial_used", stand.used, draft.used, i18n.number)
    yield _row("words.trial_expired", stand.expired, draft.expired, i18n.number)
    yield _row("words.trial_unused", stand.unused, draft.unused, i18n.number)
    if stand.points or draft.points:
        yield _row("words.trial_points", stand.points, draft.points, i18n.number)
    yield _row("words.trial_worth", stand.worth, draft.worth, money)


def _share(sums: Sums) -> int:
    """What was taken off, of the list price, in basis points."""
    return (sums.discount + sums.free + sums.spent) * BP // sums.listed if sums.listed else 0


def _row(key: str, stand: int, draft: int, say: Callable[[int], str], kind: str = "") -> Row:
    return Row(i18n.gettext(key), _signed(stand, say), _signed(draft, say), _change(draft - stand, say), kind)


def _signed(value: int, say: Callable[[int], str]) -> str:
    return ("\u2212" if value < 0 else "") + say(abs(value))


def _change(by: int, say: Callable[[int], str]) -> str:
    return ("+" if by > 0 else "") + _signed(by, say) if by else "\u2013"


def _few(few: Few, names: Mapping[int, Name], programmes: tuple[Programme, Programme], currency: str) -> dict[str, Any]:
    money = _money(currency)
    return {
        "more": few.many - len(few.top),
        "rows": [
            {
                "url": f"/clients/{each.client}",
                "name": i18n.upper_first(named_words(names[each.client])),
                "stand": money(each.paid[0]),
                "draft": money(each.paid[1]),
                "change": _change(-each.saves, money),
                "why": list(_why(each, programmes)),
            }
            for each in few.top
            if each.client in names
        ],
    }


def _why(one: Difference, programmes: tuple[Programme, Programme]) -> Iterator[str]:
    """What differs for a client besides money: the tier held in the end, free visits taken."""
    stand, draft = (_tier(programme, place) for programme, place in zip(programmes, one.tiers, strict=True))
    if stand != draft:
        nothing = i18n.gettext("words.no_tier")
        yield i18n.words("words.trial_tier", {"before": stand or nothing, "after": draft or nothing})
    if more := one.used[1] - one.used[0]:
        yield i18n.words("words.trial_more_free" if more > 0 else "words.trial_fewer_free", {"count": abs(more)})


def _tier(programme: Programme, place: int) -> str:
    return i18n.spoken(programme.tiers.ladder[place].names) if programme.tiers else ""


def _populations(one: TrialView, told: Found) -> Sequence[Population]:
    """Drawn to one scale, so that they can be compared."""
    most = charts.top([told.stand.population, told.draft.population])
    titles = (stands(one), i18n.gettext("words.trial_draft"))
    sides: Sequence[Side] = (told.stand, told.draft)
    return [
        _population(title, programme, side, one.period.looks, most)
        for title, programme, side in zip(titles, one.programmes, sides, strict=True)
    ]


def _population(title: str, programme: Programme, side: Side, looks: Sequence[date], most: int) -> Population:
    ladder = programme.tiers.ladder if programme.tiers else ()
    names = [i18n.spoken(tier.names) for tier in ladder]
    now = side.population[-1]
    marks = [f"{_short(name)} {i18n.number(many)}" for name, many in zip(names, now, strict=True)]
    months = [i18n.dated(day, "LLL") for day in looks]
    drawn = charts.chart(side.population, marks, months, most) if most and len(ladder) > 1 else None
    rows = [
        (i18n.short_day(day), [i18n.number(many) for many in counted])
        for day, counted in zip(looks, side.population, strict=True)
    ]
    return Population(title, drawn, names, rows if ladder else ())


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1].rstrip()}\u2026"


def _left_out(told: Found) -> Iterator[str]:
    left = told.left_out
    if left.fixed:
        yield i18n.words("words.trial_fixed", {"count": left.fixed})
    if left.nobody:
        yield i18n.words("words.trial_nobody", {"count": left.nobody})
    if left.elsewhere:
        yield i18n.words("words.trial_elsewhere", {"count": left.elsewhere})
