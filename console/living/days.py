"""Living through the days of the business: each night, what was due to be told, what happens, and the till."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

from console.domain.ids import ClientId
from console.domain.roster import actions as roster
from console.domain.roster.rules import TimeOffKind
from console.domain.tickets.demo import DESK, MANAGER
from console.living import booking, clients, complaining, regulars, tills, told, visiting
from console.living.doing import Doing
from console.living.rules.events import Event, What, by_day
from console.living.rules.fates import Moment
from console.living.rules.plan import Plan, Planned
from console.living.rules.team import Absence
from console.living.shop import Shop
from workers.night import do_due
from workers.tickets import mark_due

NIGHT, MORNING, EVENING, CLOSING = 3 * 60 + 1, 10 * 60 + 1, 20 * 60 + 30, 20 * 60 + 45
SIDE_BY_SIDE = 6
"""So many clients are served at once."""
STRAYED = timedelta(days=6)
"""For so long before the demo is made a message may not arrive."""
FULLY_TOLD = timedelta(days=14)
"""So long before the demo is made its clients begin to be told everything."""
ANNOUNCED = timedelta(days=30)
"""How long before a vacation it is entered."""

HAPPENS: Mapping[What, Callable[[Doing, Shop, Planned, Moment], Awaitable[None]]] = {
    What.BOOKS: booking.book,
    What.MOVES: booking.move,
    What.CONFIRMS: booking.confirm,
    What.CALLS_OFF: booking.call_off,
    What.ARRIVES: booking.arrive,
    What.COMES: visiting.come,
    What.MISSES: booking.miss,
    What.SETTLES: visiting.settle,
    What.COMPLAINS: complaining.complain,
    What.ANSWERS: complaining.answer,
    What.SOLVES: complaining.solve,
    What.RATES: complaining.rate,
    What.CLOSES: complaining.close,
}


class Days:
    """The days of a business until an instant. `besides`: what else happens on a day; `sends`: messages really leave.

    From the `lively` date on it is also noted who confirms, and who is there, and the `comers` come.
    """

    def __init__(
        self,
        doing: Doing,
        shop: Shop,
        plan: Plan,
        lively: date,
        now: datetime,
        besides: Callable[[date], Awaitable[None]],
        *,
        comers: Sequence[ClientId],
        is_closed: Callable[[date], bool],
        sends: bool,
    ) -> None:
        self.doing, self.shop, self.now, self.sends = doing, shop, now, sends
        self.eve, self.comers, self.is_closed = lively - timedelta(days=1), comers, is_closed
        self.events = by_day(plan, lively)
        self.absences: dict[date, list[Absence]] = defaultdict(list)
        self.besides = besides
        for one in plan.absences:
            self.absences[one.first if one.sick else one.first - ANNOUNCED].append(one)

    async def live(self, on: date) -> None:
        """Let a date happen, as far as it has come by now."""
        await do_due(self._until(on, NIGHT))
        await self._go_away(on)
        if on == self.eve - FULLY_TOLD:
            await told.tell_all(self.doing, self._until(on, 8 * 60))
        await self._tell(on, MORNING)
        await self._happen(on)
        if self.comers and on > self.eve - regulars.AHEAD:
            await regulars.live(self.doing, self.shop, self.comers, on, self.now, self.is_closed)
        await self.besides(on)
        await mark_due(self._until(on, EVENING))
        await self._tell(on, EVENING)
        if not self.is_closed(on) and self.shop.at(Moment(on, CLOSING)) <= self.now:
            await tills.close(self.doing, self.shop, on, CLOSING)

    async def _tell(self, on: date, minute: int) -> None:
        if not self.sends:
            await told.deliver(self._until(on, minute), strays=self.eve - STRAYED < on <= self.eve)

    def _until(self, on: date, minute: int) -> datetime:
        return min(self.shop.at(Moment(on, minute)), self.now)

    async def _go_away(self, on: date) -> None:
        for one in self.absences[on]:
            away = roster.Away(TimeOffKind.SICK if one.sick else TimeOffKind.VACATION, one.first, one.last)
            name, at, by = f"away {one.person} {one.first}", self._until(on, 8 * 60), DESK if one.sick else MANAGER
            await self.doing.do(name, at, roster.add_time_off, self.shop.people[one.person], away, by=by)

    async def _happen(self, on: date) -> None:
        of_clients: dict[int, list[Event]] = defaultdict(list)
        for event in self.events.get(on, ()):
            if self.shop.at(event.at) <= self.now:
                of_clients[event.member.number].append(event)
        places = asyncio.Semaphore(SIDE_BY_SIDE)

        async def one_after_another(events: Sequence[Event]) -> None:
            async with places:
                for event in events:
                    await self._one(event)

        async with asyncio.TaskGroup() as group:
            for events in of_clients.values():
                group.create_task(one_after_another(events))

    async def _one(self, event: Event) -> None:
        if event.planned is None:
            await clients.take_in(self.doing, self.shop, event.member, event.at)
        else:
            await HAPPENS[event.what](self.doing, self.shop, event.planned, event.at)
