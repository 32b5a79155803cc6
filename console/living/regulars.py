"""What the stories' clients come for day by day in a small demo, which has too few others for a full day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from console.domain import clock
from console.domain.booking import actions
from console.domain.booking.arranging import Asked
from console.domain.booking.demo import BUSY, NOTES, SOURCES, TIMES, site_of
from console.domain.ids import BookingId, ClientId
from console.living import visiting
from console.living.doing import Doing
from console.living.rules.fates import OPENS, Moment
from console.living.rules.free import WORK
from console.living.shop import Shop

AHEAD = timedelta(days=5)
"""How long before they book."""
CALLS = 7
"""Minutes between two of them."""
NO_SHOW, UNCONFIRMED = 13, 3
"""Which of them does not come, and which does not say that they will."""


async def live(doing: Doing, shop: Shop, clients: Sequence[ClientId], on: date, now: datetime) -> None:
    """What they book on a date, say, and come for, as far as it has come by now."""
    for n, client in _of(clients, on + AHEAD):
        at = shop.at(Moment(on, OPENS + n * CALLS))
        if at <= now:
            await _book(doing, shop, client, on + AHEAD, n, at)
    for n, client in _of(clients, on):
        await _happen(doing, shop, client, on, n, now)


def _of(clients: Sequence[ClientId], on: date) -> Iterator[tuple[int, ClientId]]:
    """Who comes on a date: the places in the list of times, and whose each is."""
    for n in range(round(len(TIMES) * BUSY[on.toordinal() % len(BUSY)])):
        yield n, clients[(on.toordinal() * len(TIMES) + n) * 7 % len(clients)]


async def _book(doing: Doing, shop: Shop, client: ClientId, on: date, n: int, at: datetime) -> None:
    code, who, minute = TIMES[n]
    asked = Asked(
        client,
        shop.location.id,
        (shop.services[code],),
        shop.people[who] if who is not None else None,
        SOURCES[n % len(SOURCES)],
        NOTES[shop.language] if n % 6 == 0 else None,
        site=await site_of(client),
    )
    await doing.do(f"regular {on} {n}", at, actions.book, asked, shop.at(Moment(on, minute)))


async def _happen(doing: Doing, shop: Shop, client: ClientId, on: date, n: int, now: datetime) -> None:
    booked = doing.result(f"regular {on} {n}")
    if booked is None:
        return
    booking, (code, _, minute) = BookingId(booked["booking"]), TIMES[n]
    begins, ends = (shop.at(Moment(on, one)) for one in (minute, minute + WORK[code].minutes))
    if n % UNCONFIRMED and (said := begins - timedelta(hours=16)) <= now:
        await doing.do(f"regular {on} {n} confirms", clock.instant(said), actions.confirm, booking)
    if n == NO_SHOW and ends <= now:
        await doing.do(f"regular {on} {n} misses", ends, actions.no_show, booking)
    elif begins <= now:
        await doing.do(f"regular {on} {n} arrives", begins, actions.arrive, booking)
    if n != NO_SHOW and ends <= now:
        await visiting.pay_at_once(doing, shop, f"regular {on} {n} comes", ends, client, booking, code, on)
