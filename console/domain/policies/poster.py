"""What hangs on the wall: a programme on one page. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from console.domain.loyalty.rules.programme import EVERY, Counter, Programme, Tiers
from console.domain.policies.sheet import (
    Ground,
    Sentence,
    Table,
    drops,
    free_validity,
    headline,
    lived,
    promise,
    say,
    services,
    stamp_validity,
    tiers_table,
    usual_habits,
)

DRAWN = 12
"""The most stamps that are drawn one by one."""


@dataclass(frozen=True, slots=True)
class Box:
    """A few sentences apart."""

    code: str
    title: Sentence
    sentences: Sequence[Sentence]


@dataclass(frozen=True, slots=True)
class Poster:
    """`stamps`: how many are drawn before the free visit, 0 where there is none or too many."""

    headline: Sentence
    lead: Sequence[Sentence]
    stamps: int
    caption: Sequence[Sentence]
    title: Sentence | None
    table: Table | None
    boxes: Sequence[Box]


def poster(programme: Programme, ground: Ground) -> Poster:
    """The counter above, the ladder beneath it, and boxes; with a ladder alone, that is what it is about."""
    counter, tiers = programme.counter, programme.tiers
    return Poster(
        headline=headline(counter) if counter else promise(tiers or Tiers(())),
        lead=_lead(counter, ground) if counter else [say("sheet.poster_lead_tiers")],
        stamps=counter.stamps_required if counter and counter.stamps_required <= DRAWN else 0,
        caption=_caption(counter, ground) if counter else (),
        title=promise(tiers) if counter and tiers else None,
        table=_gains(tiers, ground) if tiers else None,
        boxes=[*_boxes(tiers), _example(programme, ground)],
    )


def _gains(tiers: Tiers, ground: Ground) -> Table:
    """The ladder without a lowest tier that gives nothing."""
    table = tiers_table(tiers, ground)
    return table if tiers.ladder[0].discount_bp else replace(table, rows=table.rows[1:])


def _lead(counter: Counter, ground: Ground) -> list[Sentence]:
    up_to = [say("sheet.free_worth", cap=ground.money(counter.reward_max_value))] if counter.reward_max_value else []
    return [say("sheet.card_filled", count=counter.stamps_required), *up_to, free_validity(counter)]


def _caption(counter: Counter, ground: Ground) -> list[Sentence]:
    told = [stamp_validity(counter), say("sheet.stamps_a_day", count=counter.max_stamps_per_day)]
    if EVERY not in counter.services:
        told.append(say("sheet.some_services", services=services(counter, ground)))
    if counter.min_price:
        told.append(say("sheet.service_from", price=ground.money(counter.min_price)))
    return told


def _boxes(tiers: Tiers | None) -> list[Box]:
    if tiers is None:
        return []
    if not tiers.window_days:
        return [Box("stays", say("sheet.title_stays"), [say("sheet.lifetime"), say("sheet.never_shrinks")])]
    return [Box("break", say("sheet.title_break"), list(drops(tiers))[:2])]


def _example(programme: Programme, ground: Ground) -> Box:
    told = next(iter(lived(programme, usual_habits(programme, ground)[1], ground)))
    return Box("example", say("sheet.title_example"), [told])
