"""What clients are to be told of their accounts: after every change of one, whatever is due is what it justifies."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from console.domain import clock
from console.domain.business.queries import business
from console.domain.clock import WallTime
from console.domain.ids import ClientId
from console.domain.loyalty.rules.telling import KINDS, Tell
from console.domain.messages import queries, steps
from console.domain.messages.queries import Written
from console.domain.messages.rules import MessageKind, plain
from console.domain.running import Operation

MORNING = 10 * 60
"""Minutes since midnight, in the home location's zone, at which what is told on a date is due."""


class Told:
    """What a client, who must be locked, was told and is to be told, by what it is about."""

    def __init__(self, client: ClientId, zone: ZoneInfo, written: Mapping[str, Written]) -> None:
        self._client, self._zone, self._written = client, zone, written

    @property
    def announced(self) -> dict[int, date]:
        """On which business dates the client was or is told that their free visits came, by their numbers."""
        begin = self._key(f"{MessageKind.FREE_VISIT_ISSUED}:")
        return {
            int(key.removeprefix(begin)): clock.business_date(one.due_at, self._zone)
            for key, one in self._written.items()
            if key.startswith(begin) and not one.withdrawn
        }

    async def settle(self, op: Operation, shall: Mapping[str, Tell], news: Collection[str]) -> None:
        """Let what is due be what shall be told: the rest is withdrawn, and what says something else is corrected.

        What is told at once is new only where it is `news`; what was withdrawn comes back.
        """
        keyed = {self._key(key): one for key, one in shall.items()}
        gone = [key for key, one in self._written.items() if one.is_due and key not in keyed]
        await steps.withdraw(op, *gone)
        for key, was in self._written.items():
            if was.may_leave:
                await steps.hold(op, key, keyed[key].told if key in keyed else None)
        for key, one in keyed.items():
            there = self._written.get(key)
            if there.differs(plain(one.told)) if there else one.is_lasting or one.key in news:
                at = there.due_at if there and there.is_due and one.on is None else self._at(op, one)
                await steps.due(op, one.kind, self._client, at, one.told, key)

    def _at(self, op: Operation, one: Tell) -> datetime:
        return op.now if one.on is None else max(op.now, WallTime(one.on, MORNING).bound(self._zone))

    def _key(self, about: str) -> str:
        return f"{self._client}:{about}"


async def told(client: ClientId) -> Told:
    """What a client, who must be locked, was told and is to be told of their account."""
    return Told(client, (await business()).zone, await queries.written(client, KINDS))
