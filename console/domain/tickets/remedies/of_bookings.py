"""What a client lost by a booking that we called off, or to which we did not come.

The days that it cost count for their tier by themselves (loyalty rules, section 2, fair pause). What is left is a free
visit that ended before they could use it otherwise, and a fee that is asked although it was us.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from console.domain import db
from console.domain.ids import BookingId, ClientId
from console.domain.loyalty.accounts import Account
from console.domain.tickets.remedies.of_card import ended
from console.domain.tickets.remedies.rules import LOOKED_BACK, Cause, Found, Gives, Remedy

_BOOKINGS = """
    SELECT b.id, (b.starts_at AT TIME ZONE l.zone)::date AS on, fees.owed, fees.currency,
        coalesce(s.cancelled_by = 'us', FALSE) AS ours, b.status IN ('booked', 'confirmed') AS missed
    FROM booking b JOIN location l ON l.id = b.location
    LEFT JOIN LATERAL (SELECT cancelled_by FROM status_change WHERE booking = b.id AND retired_at IS NULL
        ORDER BY id DESC LIMIT 1) s ON TRUE
    LEFT JOIN (SELECT f.booking, sum(f.minor - paid.minor)::bigint AS owed, min(f.currency) AS currency FROM fee f
        CROSS JOIN LATERAL (SELECT coalesce(sum(minor), 0) AS minor FROM fee_payment WHERE fee = f.id) paid
        WHERE f.client = $1 AND f.waived IS NULL AND f.retired_at IS NULL AND f.minor > paid.minor
        GROUP BY f.booking HAVING count(DISTINCT f.currency) = 1) fees ON fees.booking = b.id
    WHERE b.client = $1 AND b.retired_at IS NULL
        AND (b.starts_at AT TIME ZONE l.zone)::date >= $2
        AND (fees.booking IS NOT NULL OR s.cancelled_by = 'us'
            OR b.status IN ('booked', 'confirmed') AND b.ends_at < $3)
    ORDER BY b.starts_at DESC LIMIT 20
"""
"""Bookings that we called off, that are over and nobody finished, or for which a fee is owed."""


@dataclass(frozen=True)
class Costless:
    """A booking of a date that we called off, and that took nothing from its client."""

    booking: BookingId
    on: date


async def called_off(held: Account, given: Collection[int], now: datetime, today: date) -> list[Found]:
    """What such bookings cost; each free visit by the latest one that it could have been used for."""
    rows = await db.fetch(_BOOKINGS, held.client, today - LOOKED_BACK, now)
    taken = set(given)
    there: list[Found] = []
    for row in rows:
        there += _fee(row)
        for one in _free_visit(held, row, taken, today):
            taken |= {one.what} if one.what is not None else set()
            there.append(one)
    return there


async def for_nothing(client: ClientId, found: Collection[Found], now: datetime, today: date) -> list[Costless]:
    """The bookings that we called off of which nothing was `found` to give back."""
    costly = {one.remedy.of for one in found if one.remedy.cause is Cause.WE_CANCELLED}
    rows = await db.fetch(_BOOKINGS, client, today - LOOKED_BACK, now)
    return [Costless(row["id"], row["on"]) for row in rows if row["ours"] and row["id"] not in costly]


def _fee(row: Mapping[str, Any]) -> Iterator[Found]:
    if row["owed"]:
        remedy = Remedy(Cause.WE_CANCELLED, row["id"], Gives.FEE, row["owed"])
        yield Found(remedy, row["on"], currency=row["currency"])


def _free_visit(held: Account, row: Mapping[str, Any], given: Collection[int], today: date) -> Iterator[Found]:
    """The free visit that the booking would have used, where it has ended since."""
    if not (row["ours"] or row["missed"]):
        return
    good = [one for one in held.card.good_free_visits(row["on"]) if one.number not in given]
    if good and not held.card.is_good(good[0], today):
        remedy = Remedy(Cause.WE_CANCELLED, row["id"], Gives.FREE_VISIT_BACK)
        yield replace(ended(held, good[0], remedy, row["on"]), ours=row["ours"])
