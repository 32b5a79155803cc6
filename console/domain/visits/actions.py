"""Use cases of visits: finishing one at the till, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from console.domain import clock, db
from console.domain.booking import steps as booking
from console.domain.booking.rules import Status
from console.domain.business.queries import business, location
from console.domain.clients.tables import Client
from console.domain.errors import Changed, Forbidden, Invalid, Problem
from console.domain.ids import BookingId, ClientId, LocationId
from console.domain.loyalty import steps as loyalty
from console.domain.loyalty.accounts import Account
from console.domain.loyalty.rules.pricing import Price, price
from console.domain.loyalty.rules.programme import Programme
from console.domain.loyalty.rules.visits import Finished, percentage
from console.domain.operation import operation
from console.domain.running import Done, Operation
from console.domain.team.rules import Permission
from console.domain.visits import rules
from console.domain.visits.rules import Entered, Paid
from console.domain.visits.tables import Payment, Visit, VisitLine


@dataclass(frozen=True)
class Till:
    """What the till says of a visit: whose, where, when it was served, its lines, and what is taken for it.

    `due`: what was shown to be paid; another price by then is `Changed`. `free`: a free visit is played.
    """

    location: LocationId
    lines: tuple[Entered, ...]
    due: int
    payments: tuple[Paid, ...] = ()
    client: ClientId | None = None
    booking: BookingId | None = None
    at: datetime | None = None
    free: bool = False


async def _take_back(op: Operation, done: Done) -> None: ...


@operation("visit.finish", permission=Permission.VISIT_FINISH, undo=_take_back)
async def finish(op: Operation, till: Till) -> dict[str, int]:
    """Finish a booking or a walk-in: its visit, its price, stamps, reward and tier, and what was paid.

    Raises `Invalid`, `Changed`, `Forbidden` where it is dated further back than the desk may, `UnlawfulMove`.
    """
    ...
