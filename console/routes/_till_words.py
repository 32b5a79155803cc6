"""The till in words: the lines, the receipt that builds up, the free visit to play, and what a visit would bring."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from console import i18n
from console.domain import clock
from console.domain.loyalty.rules.events import Event, FreeVisitIssued, Raised, StampEarned, WarningClosed
from console.domain.loyalty.rules.outlook import lasting
from console.domain.loyalty.rules.pricing import Off, Percentage
from console.domain.loyalty.rules.programme import Tier
from console.domain.visits.cards import VisitView
from console.domain.visits.quoting import Quote
from console.domain.visits.rules import Paid, received
from console.routes._sale import Row, Sale
from console.routes._values import date_words


@dataclass(frozen=True)
class Step:
    """A line of the receipt. `tone`: less, where it is taken off; `note`: how it comes about; `term` explains it."""

    label: str
    amount: str
    note: str = ""
    tone: str = ""
    term: str = ""


def tier_words(tier: Tier) -> str:
    return i18n.spoken(tier.names) or tier.code


def line(row: Row, money: str) -> dict[str, Any]:
    """A line as one may change it: what it is, who did it, what one costs, and where that is not what was quoted."""
    own = row.entered.price
    told = [i18n.money(own, money) if row.quantity == 1 else times(row.quantity, own, money)]
    if row.listed is None and row.unit is None:
        told = [i18n.gettext("words.till_unlisted")]
    if row.quoted is not None and row.listed is not None and row.quoted != own:
        told.append(i18n.words("words.till_quoted", {"price": i18n.money(row.quoted, money)}))
    if row.listed is not None and row.entered.unit is not None:
        told.append(i18n.words("words.till_by_list", {"price": i18n.money(row.listed, money)}))
    return {
        "number": row.number,
        "name": i18n.spoken(row.good.names),
        "who": row.who,
        "note": ", ".join(told),
        "other": row.unit is not None,
        "unlisted": row.listed is None,
    }


def times(quantity: int, unit: int, money: str) -> str:
    return f"{i18n.number(quantity)}\u00a0×\u00a0{i18n.money(unit, money)}"


def off(minor: int, money: str) -> str:
    """An amount that is taken off."""
    return f"\u2212{i18n.money(minor, money)}"


def receipt(of: Sale, quote: Quote, money: str) -> list[Step]:
    """How the price comes about, line by line, up to what is to be paid."""
    return [*_lines(of, quote, money), *_taken_off(of, quote, money)]


def _lines(of: Sale, quote: Quote, money: str) -> Iterator[Step]:
    for row, priced in zip(of.rows, quote.price.lines, strict=True):
        name = i18n.spoken(row.good.names)
        note = times(row.quantity, priced.asked.unit, money) if row.quantity > 1 else ""
        yield Step(name, i18n.money(priced.listed, money), note)


def _taken_off(of: Sale, quote: Quote, money: str) -> Iterator[Step]:
    for row, priced in zip(of.rows, quote.price.lines, strict=True):
        if priced.free:
            yield Step(i18n.gettext("words.till_free"), off(priced.free, money), i18n.spoken(row.good.names), "less")
    if quote.price.best is not None and quote.price.discount:
        lines = [(row.good.names, line.discount) for row, line in zip(of.rows, quote.price.lines, strict=True)]
        note, term = ("", "tier") if quote.price.best.off is Off.TIER else (taken_on(lines), "fixed-card")
        yield Step(discount_words(of, quote.price.best), off(quote.price.discount, money), note, "less", term)


def discount_words(of: Sale, best: Percentage) -> str:
    """What a discount is of: Silver 10 %."""
    tier = of.basis.tier
    if best.off is Off.TIER and tier is not None:
        return f"{tier_words(tier)} {i18n.percent(best.bp)}"
    return i18n.words("words.fixed_discount", {"percent": i18n.percent(best.bp)})


def taken_on(lines: Sequence[tuple[Mapping[str, str], int]]) -> str:
    """On which lines a discount was taken, by their names and what it took off each; empty where on all of them."""
    if all(minor for _, minor in lines):
        return ""
    return i18n.listing([i18n.spoken(names) for names, minor in lines if minor])


def given_words(one: VisitView, tier: Tier | None) -> str:
    """What the discount of a finished visit was of: a `tier` of the version that it was judged by, or another one."""
    if tier is not None:
        return f"{tier_words(tier)} {i18n.percent(one.off_bp or 0)}"
    return i18n.words("words.fixed_discount", {"percent": i18n.percent(one.off_bp or 0)})


def free_visit(of: Sale, quote: Quote, money: str) -> dict[str, Any] | None:
    """The free visit as a card to play, or why it cannot be played here; None where the client has none."""
    lot = of.basis.free_visit
    if lot is None:
        return None
    until = i18n.words("words.till_free_through", {"day": lot.through}) if lot.through else ""
    if quote.covers is None:
        return {"until": until, "able": False, "what": i18n.gettext("words.till_free_nothing")}
    row = of.rows[quote.covers]
    said = {"name": i18n.spoken(row.good.names), "sum": i18n.money(quote.saves, money)}
    key = "words.till_free_played" if of.free else "words.till_free_covers"
    return {"until": until, "able": True, "what": i18n.words(key, said)}


def brings(of: Sale, quote: Quote) -> list[str]:
    """What the visit would bring, once it is finished and what is taken is paid."""
    played = of.free and quote.covers is not None
    none = "words.brings_no_stamp_free" if played else "words.brings_no_stamp" if quote.stamp_given else ""
    return [
        *([i18n.gettext(none)] if none else []),
        *(said for event in quote.brings if (said := _brought(of, quote, event))),
    ]


def _brought(of: Sale, quote: Quote, event: Event) -> str:
    counter, tiers = of.basis.programme.counter, of.basis.programme.tiers
    match event:
        case FreeVisitIssued():
            others = of.basis.terms.free_visits
            return i18n.gettext("words.brings_one_more_free" if others else "words.brings_free_visit")
        case StampEarned(_, None) if quote.after is not None:
            return _repaid(quote.after.owed)
        case StampEarned() if counter is not None and quote.after is not None:
            today = clock.business_date(clock.now(), of.zone)
            have = len(quote.after.good_stamps(max(of.on, today)))
            left = counter.stamps_required - have
            issued = any(isinstance(one, FreeVisitIssued) for one in quote.brings)
            return "" if issued else i18n.words("words.brings_stamp", {"nth": i18n.ordinal(have), "count": left})
        case Raised(_, tier, _) if tiers is not None:
            return i18n.words("words.brings_tier", {"tier": tier_words(tiers.ladder[tier])})
        case WarningClosed() if of.basis.tier is not None:
            return _kept(of, quote, of.basis.tier)
    return ""


def _kept(of: Sale, quote: Quote, tier: Tier) -> str:
    """That the tier is kept, and through which day if nobody comes again."""
    held = of.basis.held
    lasts = lasting(held.versions, quote.after, of.basis.around) if held and quote.after else None
    if lasts is None:
        return i18n.words("words.brings_kept", {"tier": tier_words(tier)})
    return i18n.words("words.brings_kept_through", {"tier": tier_words(tier), "date": date_words(lasts.through)})


def _repaid(owed: int) -> str:
    """That a stamp below zero is made good, and how many are owed still."""
    left = [i18n.words("effect.visit_stamps_owed", {"count": owed})] if owed else []
    return " ".join([i18n.gettext("effect.visit_stamp_repaid"), *left])


def money_words(due: int, payments: Sequence[Paid], money: str) -> Mapping[str, Any]:
    """What the button does, and what would stay owed."""
    taken = sum(one.minor for one in payments)
    owes = max(0, due - received(payments))
    owed = i18n.words("words.till_owed", {"sum": i18n.money(owes, money)}) if owes else ""
    if taken:
        button = i18n.words("words.till_take", {"sum": i18n.money(taken, money)})
    elif owes:
        button = i18n.words("words.till_on_debt", {"sum": i18n.money(owes, money)})
    else:
        button = i18n.gettext("words.till_finish")
    return {"button": button, "owed": owed, "owes": owes, "taken": taken}
