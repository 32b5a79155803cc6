"""Use cases of membership: that a client was handed the programme's rules and accepted them, which version and when.

Stamps and tiers are counted for every client; this is the record of what they agreed to.
"""

from __future__ import annotations

from console.domain import db
from console.domain.clients.steps import lock_to_edit, restore_of_client
from console.domain.errors import NotFound, Refused, constraint
from console.domain.ids import ClientId, MembershipId
from console.domain.loyalty import queries
from console.domain.loyalty.tables import Membership
from console.domain.operation import operation
from console.domain.running import Operation
from console.domain.team.rules import Permission


class OtherRules(Refused):
    """Rules that were accepted are not those in force: there are others by now, or none."""

    key = "refused.other_rules_in_force"


class MemberAlready(Refused):
    """An undo would bring back what was accepted before, but something was accepted since."""

    key = "refused.member_already"


constraint("membership_client_key", MemberAlready)


@operation("membership.join", permission=Permission.CLIENT_CHANGE, undo=restore_of_client)
async def join(op: Operation, client: ClientId, number: int) -> dict[str, int]:
    """Note that a client accepts the rules in force, of the version with this number, in place of an earlier one.

    Raises `NotFound`, and `OtherRules` where another version or none is in force.
    """
    await lock_to_edit(op, client)
    if not number or number != (await queries.in_force(op.now)).number:
        raise OtherRules
    held = await db.fetchrow("SELECT id, number FROM membership WHERE client = $1 AND retired_at IS NULL", client)
    if held and held["number"] == number:
        op.nothing_new()
        return {"client": client, "accepted": held["id"]}
    if held:
        await op.update(Membership, held["id"], None, {"retired_at": op.now})
    return {"client": client, "accepted": await op.insert(Membership, client=client, number=number, at=op.now)}


@operation("membership.leave", permission=Permission.CLIENT_CHANGE, undo=restore_of_client)
async def leave(op: Operation, client: ClientId, membership: MembershipId) -> dict[str, int]:
    """Note that a client takes back what they accepted. Raises `NotFound` where they did so, or accepted anew."""
    await lock_to_edit(op, client)
    sql = "SELECT EXISTS (SELECT FROM membership WHERE id = $1 AND client = $2 AND retired_at IS NULL)"
    if not await db.fetchval(sql, membership, client):
        raise NotFound
    await op.update(Membership, membership, None, {"retired_at": op.now})
    return {"client": client, "accepted": membership}
