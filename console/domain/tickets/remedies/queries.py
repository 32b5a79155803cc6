"""What pages read of remedies."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from console.domain import db
from console.domain.audit.naming import Name, named
from console.domain.ids import ActorId, ClientId, OperationId, TicketId, TicketRemedyId
from console.domain.tickets.queries import numbers
from console.domain.tickets.remedies.rules import Cause, Gives, Remedy, RemedyStatus


@dataclass(frozen=True)
class RemedyView:
    """A remedy of a ticket: who proposed and who approved it.

    `minor` of `currency`, `stamps`: what it costs us; `reason`: why money is given. `settled_at`, `settled_by`: when
    it came to where it stands, and who brought it there; `posted_by`: the operation that wrote its entries.
    """

    id: TicketRemedyId
    cause: Cause
    of: int
    gives: Gives
    amount: int
    minor: int
    currency: str | None
    stamps: int
    reason: Mapping[str, str] | None
    visit_on: date | None
    status: RemedyStatus
    proposed_by: ActorId
    approved_by: ActorId | None
    posted_by: OperationId | None
    settled_at: datetime
    settled_by: ActorId

    @property
    def waits(self) -> bool:
        return self.status is RemedyStatus.PROPOSED


_REMEDIES = (
    "SELECT r.id, r.cause, r.of, r.gives, r.amount, r.minor, r.currency, r.stamps, w.names AS reason,"
    ' v."on" AS visit_on, r.status, r.proposed_by, r.approved_by, r.posted_by,'
    " s.at AS settled_at, s.actor AS settled_by FROM ticket_remedy r LEFT JOIN reason w ON w.id = r.reason"
    " LEFT JOIN visit v ON v.id = r.of AND r.cause IN ('missing_stamp', 'bad_service')"
    " JOIN LATERAL (SELECT o.at, o.actor FROM change c JOIN operation o ON o.id = c.operation"
    "  WHERE (c.entity, c.entity_id) = ('ticket_remedy', r.id) AND (c.created OR 'status' = ANY(c.fields))"
    "  ORDER BY c.operation DESC LIMIT 1) s ON true"
)


async def of_ticket(ticket: TicketId) -> list[RemedyView]:
    """The remedies of a ticket, in the order in which they were proposed."""
    rows = await db.fetch(f"{_REMEDIES} WHERE r.ticket = $1 AND r.retired_at IS NULL ORDER BY r.id", ticket)
    return [_view(row) for row in rows]


async def waiting(client: ClientId) -> set[str]:
    """The keys of what waits for a second person in any ticket of a client."""
    rows = await db.fetch(
        "SELECT cause, of, gives FROM ticket_remedy WHERE client = $1 AND status = 'proposed' AND retired_at IS NULL",
        client,
    )
    return {Remedy(Cause(row["cause"]), row["of"], Gives(row["gives"])).key for row in rows}


def _view(row: Mapping[str, Any]) -> RemedyView:
    kinds = {"cause": Cause(row["cause"]), "gives": Gives(row["gives"]), "status": RemedyStatus(row["status"])}
    return RemedyView(**{**row, **kinds, "reason": json.loads(row["reason"]) if row["reason"] else None})


async def ticket_numbers(operations: Iterable[int]) -> dict[int, int]:
    """By which tickets, by their numbers, operations put something right."""
    rows = await db.fetch(
        "SELECT r.posted_by, t.number FROM ticket_remedy r JOIN ticket t ON t.id = r.ticket"
        " WHERE r.posted_by = ANY($1::bigint[])",
        list(operations),
    )
    return {row["posted_by"]: row["number"] for row in rows}


@named("ticket_remedy")
async def remedy_names(ids: Sequence[int]) -> dict[int, Name]:
    """In which tickets something was put right."""
    return await numbers("SELECT x.id, t.number FROM ticket_remedy x JOIN ticket t ON t.id = x.ticket", ids)
