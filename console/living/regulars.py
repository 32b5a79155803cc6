"""What the stories' clients come for day by day in a small demo, which has too few others for a full day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta

from console.domain import clock
from console.domain.booking import actions
from console.domain.booking.arranging import Asked
from console.domain.booking.demo import NOTES, SOURCES, site_of
from console.domain.ids import BookingId, ClientId
from console.living import visiting
from console.living.doing import Doing
from console.living.rules.fates import OPENS, Moment
from console.living.rules.free import WORK
from console.living.rules.plan import SHARE
from console.living.shop import Shop

AHEAD = timedelta(days=5)
"""How long before they book."""
CALLS = 7
"""Minutes between two of them."""
TIMES = (
    ("REG", 570), ("REG", 690), ("DEEP", 630), ("WIN", 540), ("IRON", 750), ("REG", 840), ("SOFA", 780), ("REG", 900),
    ("WIN", 690), ("REG", 1020), ("IRON", 960), ("OFF", 990), ("REG", 600), ("WIN", 870), ("IRON", 1080), ("REG", 960),
)  # fmt: skip
"""For which service, and at which minute of the day; whoever can does it."""
SHARES = (1.0, 0.8, 0.9, 0.7, 1.0, 0.5, 0.0)
"""How many of these times are wanted, from Monday on."""
NO_SHOW, UNCONFIRMED = 9, 3
"""Which of them does not come now and then, and which does not say that they will."""
NOW_AND_THEN = 4


async def live(
    doing: Doing, shop: Shop, clients: Sequence[ClientId], on: date, now: datetime, is_closed: Callable[[date], bool]
) -> None:
    """What they book on a date, say, and come for, as far as it has come by now."""
    for n, client in () if is_closed(on + AHEAD) else _of(clients, on + AHEAD):
        at = shop.at(Moment(on, OPENS + n * CALLS))
        if at <= now:
            await _book(doing, shop, client, on + AHEAD, n, at)
    for n, client in _of(clients, on):
        await _happen(doing, shop, client, on, n, now)


def _of(clients: Sequence[ClientId], on: date) -> Iterator[tuple[int, ClientId]]:
    """Who comes on a date: the places in the list of times, and whose each is."""
    for n in range(round(len(TIMES) * SHARES[on.weekday()])):
        yield n, clients[(on.toordinal() * len(TIMES) + n) * 7 % len(clients)]


async def _book(doing: Doing, shop: Shop, client: ClientId, on: date, n: int, at: datetime) -> None:
    code, minute = TIMES[n]
    asked = Asked(
        client,
        shop.location.id,
        (shop.services[code],),
        source=SOURCES[n % len(SOURCES)],
        note=NOTES[shop.language] if n % 6 == 0 else None,
        site=await site_of(client),
    )
    await doing.do(f"regular {on} {n}", at, actions.book, asked, shop.at(Moment(on, minute)))


async def _happen(doing: Doing, shop: Shop, client: ClientId, on: date, n: int, now: datetime) -> None:
    booked = doing.result(f"regular {on} {n}")
    if booked is None:
        return
    booking, (code, minute) = BookingId(booked["booking"]), TIMES[n]
    plays = n % SHARE == SHARE - 1
    misses = n == NO_SHOW and on.toordinal() % NOW_AND_THEN == 0
    begins, ends = (shop.at(Moment(on, one)) for one in (minute, minute + WORK[code].minutes))
    if n % UNCONFIRMED and (said := begins - timedelta(hours=16)) <= now:
        await doing.do(f"regular {on} {n} confirms", clock.instant(said), actions.confirm, booking)
    if misses and ends <= now:
        await doing.do(f"regular {on} {n} misses", ends, actions.no_show, booking)
    elif begins <= now and not misses:
        await doing.do(f"regular {on} {n} arrives", begins, actions.arrive, booking)
    if ends <= now and not misses:
        await visiting.pay_at_once(doing, shop, f"regular {on} {n} comes", ends, client, booking, code, on, plays=plays)
