"""The demo's business from its first day until now: planned, and then done day by day."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from console.domain import clock
from console.domain.business.demo import ZONE
from console.domain.business.demo_hours import is_closed
from console.domain.ids import ClientId
from console.living import fees, told
from console.living.days import Days
from console.living.doing import Doing
from console.living.progress import Progress
from console.living.rules import beside
from console.living.rules.fates import OPENS, Moment
from console.living.rules.plan import AHEAD, Plan, first_day, plan
from console.living.shop import Shop


def begins(made: datetime) -> date:
    """The date with which the history of a demo begins that is made at an instant."""
    return first_day(clock.business_date(made, ZoneInfo(ZONE)))


async def live(
    shop: Shop,
    made: datetime,
    now: datetime,
    size: int,
    *,
    since: datetime | None,
    besides: Callable[[date], Awaitable[None]],
    comers: Sequence[ClientId],
    sends: bool,
) -> None:
    """Live the days of a demo that was made at an instant, from where it was lived through until now.

    `size`: with how many clients it is made; `besides`: what else happened on a day; `comers`: who comes beside them
    from the day on which it is made; `sends`: messages really leave.
    """
    zone = ZoneInfo(ZONE)
    born, today = clock.business_date(made, zone), clock.business_date(now, zone)
    planned = _planned(born, today + timedelta(days=AHEAD), size)
    doing = await Doing.known()
    await fees.ask(doing, shop, shop.at(Moment(planned.first, OPENS)))
    if since is None:
        await told.tell_little(doing, shop.at(Moment(planned.first, OPENS)))
    days = Days(doing, shop, planned, born, now, besides, comers=comers, is_closed=is_closed, sends=sends)
    first = planned.first if since is None else clock.business_date(since, zone)
    many = (today - first).days + 1
    progress = Progress("The demo's days", many)
    for ahead in range(many):
        on = first + timedelta(days=ahead)
        await days.live(on)
        progress.reach(ahead + 1, f"{on:%B %Y}")


def _planned(born: date, until: date, size: int) -> Plan:
    return plan(born, until, size, is_closed, list(beside.series(born, until)))
