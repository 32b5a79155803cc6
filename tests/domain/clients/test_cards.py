"""Cards: one for each client and one client for each, and a lost one is never good again."""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import uuid4

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.domain import db
from console.domain.clients import cards, parts, rules
from console.domain.clients.finding import find
from console.domain.clients.hits import NoGood
from console.domain.errors import HasDependants, Invalid, NotFound, NotUndoable
from console.domain.ids import ClientId
from console.domain.intent import Intent, Outcome
from console.domain.undo import undo
from tests import factories
from tests.cast import ANNA, NOW

NUMBER = "45120939"
OTHER = "20315519"


@pytest.fixture
async def client(database: None) -> ClientId:
    await factories.staff(ANNA)
    return ClientId(await factories.client())


def intent() -> Intent:
    return Intent(uuid4(), ANNA.actor, NOW)


async def issue(client: int, number: str | None = NUMBER) -> Outcome[dict[str, int]]:
    return await cards.issue(intent(), ClientId(client), number)


async def replace(client: int, number: str | None = OTHER, card: int | None = None) -> Outcome[dict[str, int]]:
    return await cards.replace(intent(), ClientId(client), card or await in_hand(client), number)


async def in_hand(client: int) -> int:
    good = "SELECT id FROM client_card WHERE client = $1 AND lost_at IS NULL AND retired_at IS NULL"
    return await db.fetchval(good, client) or 0


async def held(client: int) -> list[tuple[str, bool]]:
    return [(one.number, one.lost_at is not None) for one in await parts.cards(client)]


async def refusal(number: str, client: int) -> str:
    with pytest.raises(Invalid) as refused:
        await issue(client, number)
    assert refused.value.problems.keys() == {"number"}
    return refused.value.problems["number"].key


async def test_a_new_card_has_a_number_of_its_own(client: ClientId) -> None:
    await issue(client, None)
    ((number, lost),) = await held(client)
    assert rules.card_number(number) == number
    assert not lost
    (hit,) = await find(number)
    assert hit.client == client


async def test_a_drawn_number_is_one_that_nobody_ever_had(client: ClientId, monkeypatch: pytest.MonkeyPatch) -> None:
    await issue(await factories.client())
    undone = await issue(await factories.client(), OTHER)
    await undo(intent(), undone.operation_id)
    drawn = iter([NUMBER, OTHER, NUMBER, "12345671"])
    monkeypatch.setattr(rules, "new_card_number", lambda: next(drawn))
    await issue(client, None)
    assert await held(client) == [("12345671", False)]


async def test_a_printed_card_is_given_by_its_number(client: ClientId) -> None:
    await issue(client)
    assert await held(client) == [(NUMBER, False)]
    (card,) = await parts.cards(client)
    assert card.issued_at == NOW


@pytest.mark.parametrize(
    "number", ["", "45120938", "54120939", "4512-0939", "4512093", "x" * 8, "４５１２０９３９", "00000000"]
)
async def test_what_is_no_cards_number_is_refused(client: ClientId, number: str) -> None:
    assert await refusal(number, client) == "problem.card_number"


async def test_a_card_is_in_one_hand_only_and_a_hand_holds_one_card(client: ClientId) -> None:
    other = await factories.client()
    await issue(client)
    assert await refusal(NUMBER, other) == "problem.card_taken"
    assert await refusal(OTHER, client) == "problem.card_already"


async def test_a_lost_card_is_replaced_and_never_accepted_again(client: ClientId) -> None:
    await issue(client)
    await replace(client)
    assert await held(client) == [(OTHER, False), (NUMBER, True)]
    for whoever in (client, await factories.client()):
        assert await refusal(NUMBER, whoever) == "problem.card_lost"
    with pytest.raises(Invalid) as refused:
        await replace(client, NUMBER)
    assert refused.value.problems["number"].key == "problem.card_lost"
    (hit,) = await find(NUMBER)
    assert (hit.client, hit.no_good) == (client, NoGood.LOST)


async def test_a_card_is_not_replaced_by_itself(client: ClientId) -> None:
    await issue(client)
    with pytest.raises(Invalid):
        await replace(client, NUMBER)
    assert await held(client) == [(NUMBER, False)]


async def test_only_who_has_a_card_can_have_lost_it(client: ClientId) -> None:
    with pytest.raises(cards.NoCard):
        await replace(client)
    with pytest.raises(NotFound):
        await replace(4711)


async def test_an_undone_replacement_makes_the_old_card_good_and_frees_the_new_number(client: ClientId) -> None:
    await issue(client)
    replaced = await replace(client)
    undone = await undo(intent(), replaced.operation_id)
    assert await held(client) == [(NUMBER, False)]
    (withdrawn,) = await find(OTHER)
    assert (withdrawn.client, withdrawn.no_good) == (client, NoGood.WITHDRAWN)
    redone = await undo(intent(), undone.operation_id)
    assert await held(client) == [(OTHER, False), (NUMBER, True)]
    await undo(intent(), redone.operation_id)
    await issue(await factories.client(), OTHER)


async def test_a_card_that_was_lost_since_is_not_unmade(client: ClientId) -> None:
    issued = await issue(client)
    first = await replace(client)
    await replace(client, None)
    for earlier in (issued, first):
        with pytest.raises(HasDependants):
            await undo(intent(), earlier.operation_id)


async def test_a_number_given_to_another_meanwhile_does_not_come_back(client: ClientId) -> None:
    issued = await issue(client)
    undone = await undo(intent(), issued.operation_id)
    await issue(await factories.client())
    with pytest.raises(HasDependants) as refused:
        await undo(intent(), undone.operation_id)
    assert [kind for _, kind, _ in refused.value.operations] == ["client_card.issue"]
    assert await held(client) == []


async def test_the_card_of_somebody_who_was_erased_does_not_come_back(client: ClientId) -> None:
    issued = await issue(client)
    await db.execute("UPDATE client SET retired_at = now(), erased_at = now() WHERE id = $1", client)
    with pytest.raises(NotUndoable):
        await undo(intent(), issued.operation_id)
    with pytest.raises(NotFound):
        await issue(client, OTHER)


async def outcomes(*acts: object) -> Counter[str]:
    """How many of these were done, and how the others were refused."""

    async def one(act: object) -> str:
        try:
            await act  # type: ignore[misc]
        except Invalid as refused:
            return refused.problems["number"].key
        except cards.CardReplaced as refused:
            return refused.key
        return "done"

    return Counter(await asyncio.gather(*map(one, acts)))


async def test_of_two_hundred_who_issue_one_number_at_once_one_does(client: ClientId) -> None:
    clients = [await factories.client() for _ in range(200)]
    counted = await outcomes(*(issue(one) for one in clients))
    assert counted == {"done": 1, "problem.card_taken": 199}
    assert await db.fetchval("SELECT count(*) FROM client_card") == 1


async def test_of_two_hundred_who_issue_cards_to_one_client_at_once_one_does(client: ClientId) -> None:
    counted = await outcomes(*(issue(client, None) for _ in range(200)))
    assert counted == {"done": 1, "problem.card_already": 199}
    assert len(await held(client)) == 1


async def test_a_card_lost_twice_at_once_is_replaced_once(client: ClientId) -> None:
    await issue(client)
    card = await in_hand(client)
    counted = await outcomes(*(replace(client, None, card) for _ in range(20)))
    assert counted == {"done": 1, "refused.card_replaced": 19}
    assert sorted(lost for _, lost in await held(client)) == [False, True]


async def test_the_card_that_took_the_place_of_a_lost_one_stays_good(client: ClientId) -> None:
    await issue(client)
    lost = await in_hand(client)
    await replace(client)
    with pytest.raises(cards.CardReplaced):
        await replace(client, None, lost)
    assert await held(client) == [(OTHER, False), (NUMBER, True)]


DIGITS = st.text("0123456789", min_size=8, max_size=8)


async def test_the_database_knows_card_numbers_as_we_do(database: None) -> None:
    @settings(max_examples=1)
    @given(st.lists(st.one_of(DIGITS, st.builds(rules.new_card_number)), min_size=300, max_size=300))
    def numbers(drawn: list[str]) -> None:
        asked.extend(drawn)

    asked: list[str] = [NUMBER, OTHER, "", "1", "4512093x", "４５１２０９３９"]
    numbers()
    known = await db.fetch("SELECT n, is_card_number(n) AS good FROM unnest($1::text[]) AS n", asked)
    for row in known:
        assert row["good"] is (rules.card_number(row["n"]) == row["n"]), row["n"]


@pytest.mark.parametrize("number", ["45120938", "54120939", "4512-0939", "1", "00000000", "07000003"])
async def test_the_database_refuses_a_number_that_does_not_check(client: ClientId, number: str) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await factories.card(client, number)


async def test_the_database_keeps_a_cards_number(client: ClientId) -> None:
    await factories.card(client)
    with pytest.raises(asyncpg.RestrictViolationError, match="keeps its number"):
        await db.execute("UPDATE client_card SET number = $1", OTHER)
