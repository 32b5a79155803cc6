"""Use cases of the cards in clients' hands."""

from __future__ import annotations

from console.domain import db
from console.domain.clients import rules, steps
from console.domain.clients.tables import ClientCard
from console.domain.errors import Invalid, Problem, Refused, at_field, constraint
from console.domain.ids import ClientId
from console.domain.operation import operation
from console.domain.running import Operation
from console.domain.team.rules import Permission

constraint("client_card_number_key", at_field("number", "problem.card_taken"))
constraint("client_card_number_check", at_field("number", "problem.card_number"))
constraint("client_card_client_key", at_field("number", "problem.card_already"))


class NoCard(Refused):
    """A card that is to be replaced, of a client who has none."""

    key = "refused.no_card"


class CardReplaced(Refused):
    """The card that was reported lost is not the one that they have now: somebody replaced it meanwhile."""

    key = "refused.card_replaced"


@operation("client_card.issue", permission=Permission.CLIENT_CHANGE, undo=steps.restore_of_client)
async def issue(op: Operation, client: ClientId, number: str | None = None) -> dict[str, int]:
    """Give a client their card: the one with this number, already printed, or with a new number.

    Raises `Invalid` (`number`): no card's number, one that was reported lost, an erased client's, in somebody's hands
    already, or where the client has a card.
    """
    await steps.lock_to_edit(op, client)
    return {"client": client, "card": await _give(op, client, number)}


@operation("client_card.replace", permission=Permission.CLIENT_CHANGE, undo=steps.restore_of_client)
async def replace(op: Operation, client: ClientId, card: int, number: str | None = None) -> dict[str, int]:
    """Note a client's card as lost and give them another one in its place; the old number is never accepted again.

    `card`: the id of the lost one. Raises `NoCard`, `CardReplaced` where they have another one by now, and `Invalid`
    as `issue` does.
    """
    await steps.lock_to_edit(op, client)
    held = await db.fetchval(
        "SELECT id FROM client_card WHERE client = $1 AND lost_at IS NULL AND retired_at IS NULL", client
    )
    if held is None:
        raise NoCard
    if held != card:
        raise CardReplaced
    await op.update(ClientCard, held, None, {"lost_at": op.now})
    return {"client": client, "card": await _give(op, client, number)}


async def _give(op: Operation, client: ClientId, number: str | None) -> int:
    if number is not None:
        await _refuse_unusable(number)
    return await op.insert(ClientCard, client=client, number=number or await _free_number())


async def _refuse_unusable(number: str) -> None:
    if rules.card_number(number) != number:
        raise Invalid({"number": Problem("problem.card_number")})
    row = await db.fetchrow(
        "SELECT k.lost_at, c.erased_at FROM client_card k JOIN client c ON c.id = k.client"
        " WHERE k.number = $1 AND k.retired_at IS NULL",
        number,
    )
    if row is None:
        return
    if row["erased_at"] is not None:
        raise Invalid({"number": Problem("problem.card_erased")})
    raise Invalid({"number": Problem("problem.card_lost" if row["lost_at"] else "problem.card_taken")})


async def _free_number() -> str:
    """One that nobody was ever given. Of two that draw the same at once, the database refuses the second."""
    while True:
        number = rules.new_card_number()
        if not await db.fetchval("SELECT EXISTS (SELECT FROM client_card WHERE number = $1)", number):
            return number
