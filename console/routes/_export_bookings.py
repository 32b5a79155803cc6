"""Bookings and series as rows of a document: when, what, where; whatever else is kept of one stands beneath what."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from console import i18n
from console.domain import clock
from console.domain.booking import cards, series_views
from console.domain.booking.cards import BookingView, ItemView
from console.domain.booking.series_views import SeriesView
from console.domain.desk.queries import Held
from console.domain.ids import BookableId, BookingId
from console.routes import _bookings, _names, _series
from console.routes._page import Req
from console.routes._times import span_words
from console.routes._trail import Words
from console.series_wording import rule_words

BOOKING, SERIES = "booking", "series"
OF_BOOKING = ("column.booking.starts_at", "column.series.services", "column.booking.location", "column.booking.status")
OF_SERIES = ("column.series.unit", "column.series.services", "column.series.location")
"""Keys of the heads of their tables."""
BENEATH = {
    BOOKING: ("note", "overbooked", "source", "series_on", "retired_at"),
    SERIES: ("starts_on", "note", "source", "on_holiday", "made_until", "retired_at"),
}
"""Columns that have no cell of their own. What else a series is made of is told by its rule."""


@dataclass(frozen=True)
class Row:
    """Cells of a table, and labels and values that stand beneath the text of the cell of what is done."""

    cells: Sequence[str]
    beneath: Sequence[tuple[str, str]]


Label = Callable[[str, str], str]


async def rows(request: Req, said: Words, held: Held, label: Label) -> tuple[Sequence[str], list[Row]]:
    """Keys of the heads, and the rows, the first booking first; `label` names a column of a table."""
    ids = [row["id"] for row in held.rows]
    found = {one.id: one for one in await cards.those(ids)} if held.entity == BOOKING else {}
    kept = {row["id"]: _beneath(said, held.entity, _differing(row, found), label) for row in held.rows}
    if held.entity == BOOKING:
        return OF_BOOKING, [Row(_booking(request, one), kept[one.id]) for one in found.values()]
    known = await series_views.several(ids)
    people, services = await _series.doers(), await _series.service_names(request)
    return OF_SERIES, [Row(_series_cells(known[one], people, services), kept[one]) for one in sorted(known)]


def _differing(row: Mapping[str, Any], found: Mapping[BookingId, BookingView]) -> Mapping[str, Any]:
    """A row without the date by the rule of its series where it is the one of the booking."""
    one = found.get(row["id"])
    return {**row, "series_on": None} if one and _day(one) == row["series_on"] else row


def _day(one: BookingView) -> date:
    return clock.business_date(one.starts_at, one.zone)


def _beneath(said: Words, entity: str, row: Mapping[str, Any], label: Label) -> list[tuple[str, str]]:
    """What a row holds that no cell tells."""
    held = [(name, row[name]) for name in BENEATH[entity] if row.get(name) not in (None, "")]
    told = [(name, said.value(f"{entity}.{name}", value, longest=sys.maxsize)) for name, value in held]
    return [(i18n.upper_first(label(entity, name)), words) for name, words in told if words]


def _booking(request: Req, one: BookingView) -> list[str]:
    return [
        f"{i18n.short_day(_day(one))}\n{span_words(one.starts_at, one.ends_at, one.zone)}",
        "\n".join(item_words(request, item) for item in one.items),
        "\n".join(filter(None, [one.location_name, _bookings.site_words(one.site.words) if one.site else ""])),
        _bookings.status_of(one.status)["word"],
    ]


def item_words(request: Req, one: ItemView) -> str:
    """A service of a booking, who does it, and the price that was quoted."""
    said = [_names.shown(request, one.names), *(who.name for who in one.doers if who.is_person)]
    return ", ".join(filter(None, [*said, _bookings.price_words([_bookings.priced(one)])]))


def _series_cells(one: SeriesView, people: Mapping[BookableId, str], services: Mapping[int, str]) -> list[str]:
    """How often it comes, what is done by whom, and where."""
    anyone = i18n.lower_first(i18n.gettext("words.anyone_who_can"))
    doing = [(services.get(it.service, ""), people.get(it.by, "") if it.by else anyone) for it in one.asked.doing]
    return [
        i18n.upper_first(rule_words(one.rule, one.minute)),
        "\n".join(i18n.words("words.service_by", {"service": service, "who": who}) for service, who in doing),
        "\n".join(filter(None, [one.location_name, _bookings.site_words(one.site)])),
    ]
