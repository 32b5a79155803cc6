"""What services and products cost by the list on a business date, and by whoever did a booked one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from console.domain import db
from console.domain.booking.quoting import quotes
from console.domain.booking.rules import Part
from console.domain.ids import BookingId, ServiceId
from console.domain.visits.rules import Entered

Item = tuple[str, int]
"""A service or a product by its kind and id."""


@dataclass(frozen=True)
class Listed:
    """What is known of a service or product: `prices` in minor units, more than one where people have their own.

    No price at all: whoever finishes the visit says it.
    """

    names: Mapping[str, str]
    on: bool
    prices: frozenset[int]


def item(line: Entered) -> Item:
    """What a line is of."""
    return ("service", line.service) if line.service is not None else ("product", line.product or 0)


async def booked(booking: BookingId) -> Sequence[Part]:
    """The services of a booking in their order, and who or what does each; without their times."""
    rows = await db.fetch(
        "SELECT i.service, array_remove(array_agg(a.bookable ORDER BY a.id), NULL) AS doers FROM booking_item i"
        " LEFT JOIN assignment a ON a.item = i.id AND a.retired_at IS NULL"
        " WHERE i.booking = $1 AND i.retired_at IS NULL GROUP BY i.id ORDER BY i.starts_at, i.id",
        booking,
    )
    return [Part(ServiceId(row["service"]), tuple(row["doers"]), 0) for row in rows]


async def entered(booking: BookingId, on: date, currency: str) -> Sequence[Entered]:
    """The lines that a booking begins its visit with, at the prices of a date; 0 where there is none."""
    parts = await booked(booking)
    found = await quotes(parts, on)
    return [
        Entered(quote[0] if quote and quote[1] == currency else 0, service=part.service)
        for part, quote in zip(parts, found, strict=True)
    ]


async def listed(
    items: Iterable[Item], on: date, currency: str, booking: BookingId | None = None
) -> Mapping[Item, Listed]:
    """Services and products with their prices on a date, in a currency; unknown ones are left out.

    What a booking holds is on, whatever became of it, and has the prices of whoever does it as well.
    """
    asked = sorted(set(items))
    parts = list(await booked(booking)) if booking is not None else []
    within = {part.service for part in parts}
    found: dict[Item, Listed] = {}
    for kind in ("service", "product"):
        ids = [one for of, one in asked if of == kind]
        rows = await db.fetch(
            f"SELECT e.id, e.names, e.retired_at, p.minor FROM {kind} e"  # noqa: S608
            f" LEFT JOIN LATERAL (SELECT minor, currency FROM price WHERE {kind} = e.id AND retired_at IS NULL"
            "  AND valid_from <= $2 ORDER BY valid_from DESC LIMIT 1) p ON p.currency = $3"
            " WHERE e.id = ANY($1::bigint[])",
            ids,
            on,
            currency,
        )
        for row in rows:
            is_on = row["retired_at"] is None or (kind == "service" and row["id"] in within)
            prices = frozenset() if row["minor"] is None else frozenset({row["minor"]})
            found[kind, row["id"]] = Listed(json.loads(row["names"]), is_on, prices)
    return _with_own(found, parts, await quotes(parts, on) if parts else [], currency)


def _with_own(
    found: dict[Item, Listed], parts: Sequence[Part], quoted: Sequence[tuple[int, str] | None], currency: str
) -> Mapping[Item, Listed]:
    for part, quote in zip(parts, quoted, strict=True):
        known = found.get(("service", part.service))
        if known is not None and quote is not None and quote[1] == currency:
            found["service", part.service] = Listed(known.names, known.on, known.prices | {quote[0]})
    return found


def lists(line: Entered, known: Listed) -> bool:
    """Whether a line has a price that the list has."""
    return not known.prices or line.listed in known.prices
