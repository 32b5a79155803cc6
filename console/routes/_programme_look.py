"""What a programme comes to, in words: its rules and what its examples come to, as its pages and its form show them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from console import i18n, wording
from console.domain.catalogue import queries as catalogue
from console.domain.loyalty.rules.examples import Habit
from console.domain.loyalty.rules.programme import Programme
from console.domain.policies import sheet
from console.routes import _page
from console.routes._page import Req

OFTEN = (14, 30, 60)
"""Days between the visits of the examples, before anybody types others."""


async def ground(request: Req) -> sheet.Ground:
    """The currency, the services by name, and what a visit usually costs: half of the services cost less."""
    currency = request.scope["state"]["business"].currency
    services = await catalogue.services(_page.today(request))
    priced = sorted(
        one.price.minor
        for one in services
        if one.retired_at is None and one.price and one.price.currency == currency and one.price.minor
    )
    usual = priced[len(priced) // 2] if priced else None
    return sheet.Ground(currency, {str(one.id): one.names for one in services}, usual)


def usual_habits(programme: Programme, about: sheet.Ground) -> list[Habit]:
    """Whom the examples are about before anybody types others."""
    price = about.usual or sheet.usual_price(programme, about)
    return [Habit(days, price) for days in OFTEN]


@dataclass(frozen=True)
class Part:
    """A section of the rules in words; `table`: heads and rows of its cells."""

    code: str
    title: str
    sentences: Sequence[str]
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


async def sections(
    programme: Programme, about: sheet.Ground, habits: Sequence[Habit] = (), *, without: Collection[str] = ()
) -> list[Part]:
    """The rules of a programme in words, without some of their parts."""
    made = await asyncio.to_thread(sheet.rules, programme, about, habits)
    return [_part(one) for one in made if one.code not in without]


def _part(one: sheet.Section) -> Part:
    table = one.table
    return Part(
        one.code,
        wording.said(one.title),
        [wording.said(sentence) for sentence in one.sentences],
        [wording.said(head) for head in table.heads] if table else [],
        [[wording.cell(value) for value in row] for row in table.rows] if table else [],
    )


async def examples(programme: Programme, about: sheet.Ground, habits: Sequence[Habit]) -> list[list[str]]:
    """What each habit comes to, in a sentence or two; its visits cost enough for it to be somebody's."""
    lived = await asyncio.to_thread(lambda: [list(sheet.lived(programme, one, about)) for one in habits])
    return [[_result(first), *map(wording.said, others)] for first, *others in lived]


def _result(told: sheet.Sentence) -> str:
    """What comes of a habit, without the habit itself: that is what was typed."""
    result: Any = told.params["result"]
    return i18n.upper_first(wording.cell(result))
