"""Use cases of fixed cards: a discount that a client holds instead of a tier (loyalty rules, section 2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from console.domain import clock, db
from console.domain.business.queries import business
from console.domain.clients.steps import lock_to_edit, lock_to_undo
from console.domain.errors import Invalid, Problem, Refused, constraint
from console.domain.ids import CategoryId, ClientId, FixedCardId
from console.domain.loyalty.accounts import Account, account, post, tell
from console.domain.loyalty.nights import catch_up, live
from console.domain.loyalty.rules import fixed
from console.domain.loyalty.tables import FixedCard
from console.domain.money import BP
from console.domain.operation import operation
from console.domain.running import Done, Operation
from console.domain.team.rules import Permission


class FixedCardChanged(Refused):
    """The fixed card that a client holds is not the one that was seen: somebody gave another one, or took it back."""

    key = "refused.fixed_card_changed"


constraint("fixed_card_client_key", FixedCardChanged)


async def _turn_back(op: Operation, done: Done) -> None:
    """The cards are as before; what was posted of the tier, which went on meanwhile, stays as it is."""
    await lock_to_undo(op, done)
    rows = await db.fetch(
        "SELECT c.entity_id AS id, c.created OR f.values ->> 'retired_at' IS NOT NULL AS retires, k.client"
        " FROM change c LEFT JOIN former f ON f.change = c.id JOIN fixed_card k ON k.id = c.entity_id"
        " WHERE c.operation = $1 AND c.entity = 'fixed_card' ORDER BY c.id DESC",
        done.id,
    )
    client = ClientId(rows[0]["client"])
    held = await _opened(op, client)
    for row in rows:
        await op.update(FixedCard, row["id"], None, {"retired_at": op.now if row["retires"] else None})
    await _tell(op, held)


@operation("fixed_card.give", permission=Permission.FIXED_CARD_CHANGE, undo=_turn_back)
async def give(
    op: Operation, client: ClientId, bp: int, categories: Sequence[CategoryId] | None, instead_of: FixedCardId | None
) -> dict[str, int]:
    """Give a client a fixed discount, in basis points, on all services or those of some categories, from today on.

    `instead_of`: the one that they hold, as it was seen. Raises `NotFound`, `FixedCardChanged`, `Invalid` (`discount`,
    `categories`).
    """
    await lock_to_edit(op, client)
    await _refuse_problems(bp, categories)
    await _refuse_unseen(client, instead_of)
    held = await _opened(op, client)
    if instead_of is not None:
        if await _is_the_same(instead_of, bp, categories):
            op.nothing_new()
            return {"client": client, "card": instead_of}
        await op.update(FixedCard, instead_of, None, {"retired_at": op.now})
    values = {"bp": bp, "categories": _kept(categories), "valid_from": await _today(op)}
    card = await op.insert(FixedCard, client=client, **values)
    await _tell(op, held)
    return {"client": client, "card": card}


@operation("fixed_card.withdraw", permission=Permission.FIXED_CARD_CHANGE, undo=_turn_back)
async def withdraw(op: Operation, client: ClientId, card: FixedCardId) -> dict[str, int]:
    """Take a client's fixed discount back, from today on: what they hold is their tier again.

    A drop that is due by a warning, which nobody was told, gets full grace. Raises `NotFound`, `FixedCardChanged`.
    """
    await lock_to_edit(op, client)
    await _refuse_unseen(client, card)
    held = await _opened(op, client)
    await op.update(FixedCard, card, None, {"retired_at": op.now})
    await _tell(op, held)
    return {"client": client, "card": card}


async def _opened(op: Operation, client: ClientId) -> Account:
    """The account, if there is one yet, with the nights through today done by what was held until now."""
    today = await _today(op)
    held = await account(client, today)
    return held if held.id is None else await catch_up(op, held, today)


async def _tell(op: Operation, held: Account) -> None:
    """Who holds a fixed card is told nothing of the tier; who holds none any more, of what stands, with full grace."""
    if held.id is None:
        return
    around = await live(op, held)
    held = replace(held, fixed=(await account(held.client, held.night)).fixed)
    if not held.is_silent:
        today = await _today(op)
        card, events = fixed.told(held.versions.on(today).tiers, held.card, today)
        if events:
            held = await post(op, held, card, events, source=f"fixed_card:{op.id}", live=around)
    await tell(op, held, around)


async def _refuse_problems(bp: int, categories: Sequence[CategoryId] | None) -> None:
    wrong: dict[str, Problem] = {}
    if not 1 <= bp <= BP:
        wrong["discount"] = Problem("problem.discount_out_of_range")
    known = "SELECT count(*) FROM category WHERE id = ANY($1::bigint[])"
    if categories is not None and not 0 < len(set(categories)) == await db.fetchval(known, list(categories)):
        wrong["categories"] = Problem("problem.choice")
    if wrong:
        raise Invalid(wrong)


async def _refuse_unseen(client: ClientId, seen: FixedCardId | None) -> None:
    held = await db.fetchval("SELECT id FROM fixed_card WHERE client = $1 AND retired_at IS NULL", client)
    if held != seen:
        raise FixedCardChanged


async def _is_the_same(card: FixedCardId, bp: int, categories: Sequence[CategoryId] | None) -> bool:
    row = await db.fetchrow("SELECT bp, categories FROM fixed_card WHERE id = $1", card)
    return row is not None and (row["bp"], row["categories"]) == (bp, _kept(categories))


def _kept(categories: Sequence[CategoryId] | None) -> list[CategoryId] | None:
    return None if categories is None else sorted(set(categories))


async def _today(op: Operation) -> date:
    return clock.business_date(op.now, (await business()).zone)
