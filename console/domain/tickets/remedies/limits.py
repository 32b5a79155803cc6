"""How much each role may give by remedies in a month before a second person is asked; managers say so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from console.domain import db
from console.domain.business.queries import business
from console.domain.errors import Invalid, Problem, Stale
from console.domain.ids import ActorId
from console.domain.operation import operation
from console.domain.running import Operation
from console.domain.team.rules import PERMISSIONS, Permission, Role
from console.domain.tickets.remedies import rules
from console.domain.tickets.remedies.rules import Cost, Exceeded, Limit, month_of
from console.domain.tickets.tables import TicketLimit
from console.domain.undo import restore

ROLES = tuple(role for role in Role if Permission.TICKET_REMEDY in PERMISSIONS[role])
"""Who may put something right at all."""
USUAL = {Role.SUPPORT: Limit(0, 10, 2), Role.MANAGER: Limit(None, 40, 10), Role.OWNER: Limit()}
"""What a new database begins with: a refund is a manager's (`visit:refund`), who may give one anyway."""
MOST_MONEY = 10**10
MOST = 1_000


@dataclass(frozen=True)
class LimitsView:
    """The limits by role, the sum of their versions, and the operation that was last."""

    by_role: Mapping[Role, Limit]
    versions: int
    operation: int


async def begin() -> None:
    """Put in the usual limits where there are none, as a part of what begins a database."""
    if await db.fetchval("SELECT EXISTS (SELECT FROM ticket_limit)"):
        return
    await db.execute(
        "WITH begun AS (INSERT INTO ticket_limit (version, operation, role, minor, stamps, tiers)"
        "  SELECT 1, (SELECT min(id) FROM operation), role, minor, stamps, tiers"
        "  FROM jsonb_to_recordset($1::jsonb) AS x (role text, minor bigint, stamps int, tiers int)"
        "  RETURNING id, operation)"
        " INSERT INTO change (operation, entity, entity_id, fields, created)"
        " SELECT operation, 'ticket_limit', id, '{}', true FROM begun ORDER BY id",
        json.dumps([{"role": role.value, **asdict(limit)} for role, limit in USUAL.items()]),
    )


@operation("ticket_limit.change", permission=Permission.TICKET_SETTINGS, undo=restore)
async def change(op: Operation, versions: int, limits: Mapping[Role, Limit]) -> dict[str, list[int]]:
    """Say how much each role may give in a month; what was given this month counts.

    `versions`: the sum of those of the limits, as somebody saw them. Raises `Stale`, `Invalid` (`<role>_minor`,
    `<role>_stamps`, `<role>_tiers`).
    """
    if wrong := problems(limits):
        raise Invalid(wrong)
    rows = await db.fetch("SELECT id, role FROM ticket_limit WHERE retired_at IS NULL ORDER BY id")
    await op.lock(TicketLimit, [row["id"] for row in rows])
    if await db.fetchval("SELECT sum(version) FROM ticket_limit WHERE retired_at IS NULL") != versions:
        raise Stale("ticket_limit", rows[0]["id"])
    for row in rows:
        if said := limits.get(Role(row["role"])):
            await op.update(TicketLimit, row["id"], None, asdict(said))
    return {"ticket_limit": [row["id"] for row in rows]}


def problems(limits: Mapping[Role, Limit]) -> dict[str, Problem]:
    """What is wrong with limits, by fields."""
    found: dict[str, Problem] = {}
    for role, limit in limits.items():
        if limit.minor is not None and not 0 <= limit.minor <= MOST_MONEY:
            found[f"{role}_minor"] = Problem("problem.price_out_of_range")
        for name, most in (("stamps", limit.stamps), ("tiers", limit.tiers)):
            if most is not None and not 0 <= most <= MOST:
                found[f"{role}_{name}"] = Problem("problem.range", {"low": 0, "high": MOST})
    return found


async def view() -> LimitsView:
    """The limits, with the versions of what says so."""
    rows = await db.fetch(
        "SELECT role, minor, stamps, tiers, version, operation FROM ticket_limit WHERE retired_at IS NULL"
    )
    known = {Role(row["role"]): Limit(row["minor"], row["stamps"], row["tiers"]) for row in rows}
    return LimitsView(
        {role: known[role] for role in ROLES if role in known},
        sum(row["version"] for row in rows),
        max((row["operation"] for row in rows), default=0),
    )


async def of_actor(actor: ActorId) -> Limit:
    """That of somebody, by their role; who has none (whoever sits at the terminal) gives as much as they like."""
    row = await db.fetchrow(
        "SELECT l.minor, l.stamps, l.tiers FROM staff s JOIN ticket_limit l ON l.role = s.role"
        " WHERE s.id = $1 AND l.retired_at IS NULL",
        actor,
    )
    return Limit(**row) if row else Limit()


async def given(actor: ActorId, now: datetime, zone: ZoneInfo, currency: str) -> Cost:
    """What somebody has given this month without anybody else; of money that in one currency."""
    row = await db.fetchrow(
        "SELECT coalesce(sum(minor) FILTER (WHERE currency = $3), 0)::bigint AS minor,"
        " coalesce(sum(stamps), 0)::int AS stamps, count(*) FILTER (WHERE gives = 'tier')::int AS tiers"
        " FROM ticket_remedy WHERE proposed_by = $1 AND approved_by IS NULL AND posted_at >= $2"
        " AND retired_at IS NULL",
        actor,
        month_of(now, zone),
        currency,
    )
    assert row is not None
    return Cost(**row)


async def exceeded(actor: ActorId, now: datetime, cost: Cost, currency: str | None) -> Exceeded | None:
    """The limit beyond which it is for somebody to give alone what costs that, by what they have given this month."""
    ours = await business()
    so_far = await given(actor, now, ours.zone, ours.currency)
    return rules.exceeded(await of_actor(actor), so_far, cost, currency, ours.currency)
