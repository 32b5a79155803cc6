"""What tickets give for bad service, for what we called off, and for a tier that was lost, against what it changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from console.domain import db
from console.domain.booking import actions as bookings
from console.domain.booking.rules import CancelledBy
from console.domain.errors import Forbidden, Invalid, Stale
from console.domain.ids import BookingId, ClientId, ReasonId, TicketId, TicketRemedyId, VisitId
from console.domain.imports.bringing import bring
from console.domain.intent import TERMINAL, Intent, Outcome
from console.domain.loyalty import checks as loyalty_checks
from console.domain.team.rules import Role
from console.domain.tickets import checks
from console.domain.tickets.remedies import actions as remedies
from console.domain.tickets.remedies import evidence, limits, queries
from console.domain.tickets.remedies.actions import AboveLimit, NothingToPutRight, OwnAccount
from console.domain.tickets.remedies.rules import Cause, Cost, Found, Gives, Limit, Remedy, exceeded
from console.domain.undo import undo
from console.domain.visits import checks as visits_checks
from console.domain.visits import fees, fees_checks, lowering, steps
from console.domain.visits.fees_rules import Cause as FeeFor
from console.domain.visits.fees_rules import Rule
from console.domain.visits.rules import Balance
from tests import factories, till
from tests import yard as yards
from tests.cast import ANNA, BORIS, NOW, OLEG, VERA, Person
from tests.domain.imports.books import FILES, SALON, books
from tests.domain.tickets.desk import intent, limited, opened
from tests.till import CURRENCY, DAY, USUAL, Desk

TODAY = NOW.date()


@pytest.fixture
async def desk(database: None) -> Desk:
    for person in (ANNA, BORIS, VERA, OLEG):
        await factories.staff(person)
    return await till.desk(await yards.yard(hours=yards.ALWAYS))


async def found(desk: Desk, cause: Cause) -> dict[Gives, Found]:
    there = await evidence.found(desk.client, NOW, NOW)
    return {one.remedy.gives: one for one in there if one.remedy.cause is cause}


async def give(
    desk: Desk,
    one: Found,
    amount: int | None = None,
    who: Person = VERA,
    ticket: TicketId | None = None,
    *,
    asks: bool = False,
    **said: Any,
) -> Outcome[dict[str, int]]:
    use = {Gives.FEE: "fee_waiver", Gives.REFUND: "refund", Gives.DEBT: "refund"}.get(one.remedy.gives)
    reason = await db.fetchval("SELECT id FROM reason WHERE use = $1 ORDER BY id LIMIT 1", use)
    remedy = replace(one.remedy, amount=amount or one.remedy.amount, reason=reason)
    act = remedies.propose if asks else remedies.give
    return await act(intent(who, **said), ticket or await opened(desk.client), remedy)


async def sound() -> None:
    for check in (*checks.CHECKS, *loyalty_checks.LEDGERS, *visits_checks.CHECKS, *fees_checks.CHECKS):
        assert await check() == []


def keys(outcome: Outcome[Any]) -> list[str]:
    return [one.key for one in outcome.effects]


async def test_a_part_of_a_bad_visit_goes_back_as_it_was_paid(desk: Desk) -> None:
    visit = (await desk.come(1)).result["visit"]
    there = await found(desk, Cause.BAD_SERVICE)
    assert there.keys() == {Gives.REFUND, Gives.STAMPS, Gives.FREE_VISIT}
    seen = await give(desk, there[Gives.REFUND], 50_000, preview=True)
    assert await steps.balance(visit) == Balance(USUAL, USUAL, 0)
    done = await give(desk, there[Gives.REFUND], 50_000, expected=None)
    assert keys(seen) == keys(done) == ["effect.visit_refunded", "effect.visit_tier_less", "effect.nobody_told"]
    assert await steps.balance(visit) == Balance(USUAL - 50_000, USUAL - 50_000, 0)
    back = await db.fetchrow("SELECT location, method, minor FROM payment ORDER BY id DESC LIMIT 1")
    assert back is not None
    assert tuple(back) == (desk.location, desk.cash, -50_000)
    assert (await desk.card_of())["stamps"] == 1
    await sound()


async def test_all_of_a_bad_visit_goes_back_with_its_stamp_and_what_was_owed_of_it(desk: Desk) -> None:
    visit = (await desk.come(1, paid=150_000)).result["visit"]
    there = await found(desk, Cause.BAD_SERVICE)
    done = await give(desk, there[Gives.REFUND])
    assert await steps.balance(visit) == Balance(0, 0, 0)
    assert (await desk.card_of())["stamps"] == 0
    assert "effect.visit_waived" in keys(done)
    assert await db.fetchval("SELECT minor FROM ticket_remedy") == USUAL
    await sound()


async def test_a_visit_of_before_this_console_is_made_good_but_by_no_stamp_and_no_money_of_a_till(desk: Desk) -> None:
    receipts = "Receipt,Date,Description,Client,Staff,Quantity,Amount\n1,05/01/2026,Women's hair cut,EVE01,JJ,1,102\n"
    files = {"service-listing.csv": FILES["service-listing.csv"], "receipt-transactions.csv": receipts}
    await bring(books(files, SALON.replace("CAD", CURRENCY)), VERA.actor)
    visit, client = await db.fetchrow("SELECT id, client FROM visit") or (None, None)
    there = [one for one in await evidence.found(ClientId(client), NOW, NOW) if one.remedy.of == visit]
    assert {one.remedy.gives for one in there} == {Gives.STAMPS, Gives.FREE_VISIT}
    refund = Remedy(Cause.BAD_SERVICE, visit, Gives.REFUND, 10_200, desk.sorry)
    with pytest.raises(NothingToPutRight):
        await remedies.give(intent(VERA), await opened(client), refund)
    assert await lowering.as_it_came(VisitId(visit), 10_200) == {}
    await sound()


async def test_what_is_owed_for_a_bad_visit_is_not_asked(desk: Desk) -> None:
    visit = (await desk.come(1, paid=150_000)).result["visit"]
    there = await found(desk, Cause.BAD_SERVICE)
    await give(desk, there[Gives.DEBT], 20_000)
    assert await steps.balance(visit) == Balance(USUAL - 20_000, 150_000, 0)
    assert (await desk.card_of())["stamps"] == 1
    await sound()


async def test_stamps_and_a_free_visit_are_given_for_a_bad_visit_once_each(desk: Desk) -> None:
    await desk.come(1)
    there = await found(desk, Cause.BAD_SERVICE)
    seen = await give(desk, there[Gives.STAMPS], 3, preview=True)
    done = await give(desk, there[Gives.STAMPS], 3)
    assert (
        keys(done)
        == keys(seen)
        == [
            "effect.stamps_given",
            "effect.visit_stamp",
            "effect.visit_free_issued",
            "effect.messages_due",
        ]
    )
    assert done.effects[0].params == {"count": 3}
    assert await desk.card_of() == {"stamps": 0, "free_visits": 1, "tier": "base", "drops_on": None}
    await give(desk, there[Gives.FREE_VISIT])
    assert (await desk.card_of())["free_visits"] == 2
    for gives in (Gives.STAMPS, Gives.FREE_VISIT):
        with pytest.raises(NothingToPutRight):
            await give(desk, there[gives], 1)
    assert (await found(desk, Cause.BAD_SERVICE)).keys() == {Gives.REFUND}
    await desk.come(0, 0, free=True, paid=0)
    await sound()


async def test_stamps_that_are_given_first_repay_those_below_zero(desk: Desk) -> None:
    for ago in (5, 4, 3, 2):
        last = await desk.come(ago)
    await desk.come(1, 0, free=True, paid=0)
    await undo(till.means(), last.operation_id)
    assert (await desk.card_of())["stamps"] == -1
    there = await found(desk, Cause.BAD_SERVICE)
    done = await give(desk, there[Gives.STAMPS], 2)
    assert (await desk.card_of())["stamps"] == 1
    assert keys(done) == ["effect.stamps_given", "effect.visit_stamp", "effect.nobody_told"]
    await sound()


async def test_how_much_and_why_are_asked_at_their_fields(desk: Desk) -> None:
    await desk.come(1)
    there = await found(desk, Cause.BAD_SERVICE)
    ticket, refund = await opened(desk.client), there[Gives.REFUND].remedy
    sorry, price = desk.sorry, desk.why
    for remedy, field in (
        (replace(refund, amount=USUAL + 1, reason=sorry), "amount"),
        (replace(refund, amount=0, reason=sorry), "amount"),
        (replace(there[Gives.STAMPS].remedy, amount=4), "amount"),
        (refund, "reason"),
        (replace(refund, reason=price), "reason"),
        (replace(refund, reason=ReasonId(404)), "reason"),
    ):
        with pytest.raises(Invalid) as wrong:
            await remedies.give(intent(VERA), ticket, remedy)
        assert wrong.value.problems.keys() == {field}


async def test_a_refund_above_the_limit_of_the_month_waits_for_a_manager(desk: Desk) -> None:
    await limited(minor=60_000, stamps=2)
    first, second = [(await desk.come(ago)).result["visit"] for ago in (2, 1)]
    ticket = await opened(desk.client)
    refund = (await found(desk, Cause.BAD_SERVICE))[Gives.REFUND]
    assert refund.remedy.of == first
    await give(desk, refund, 60_000, BORIS, ticket)
    other = replace(refund, remedy=replace(refund.remedy, of=second))
    with pytest.raises(AboveLimit):
        await give(desk, other, 1, BORIS, ticket)
    asked = await give(desk, other, 1, BORIS, ticket, asks=True)
    assert keys(asked) == [
        "effect.remedy_above_money",
        "effect.remedy_waits",
        "effect.visit_refunded",
        "effect.visit_tier_less",
        "effect.nobody_told",
    ]
    assert await steps.balance(second) == Balance(USUAL, USUAL, 0)
    remedy = TicketRemedyId(asked.result["remedy"])
    with pytest.raises(Forbidden):
        await remedies.approve(intent(BORIS), remedy)
    await remedies.approve(intent(VERA), remedy)
    assert await steps.balance(second) == Balance(USUAL - 1, USUAL - 1, 0)
    assert [one.approved_by for one in await queries.of_ticket(ticket)] == [None, VERA.id]
    await sound()


async def test_what_is_gone_meanwhile_is_not_approved(desk: Desk) -> None:
    await limited()
    visit = (await desk.come(1)).result["visit"]
    asked = await give(desk, (await found(desk, Cause.BAD_SERVICE))[Gives.REFUND], who=BORIS, asks=True)
    await desk.refund(visit, 150_000)
    with pytest.raises(Invalid):
        await remedies.approve(intent(VERA), TicketRemedyId(asked.result["remedy"]))
    await remedies.decline(intent(VERA), TicketRemedyId(asked.result["remedy"]), "Not this time")
    await sound()


async def test_what_would_come_to_something_else_meanwhile_is_not_approved(desk: Desk) -> None:
    await limited()
    visit = (await desk.come(1, paid=USUAL - 50_000)).result["visit"]
    asked = await give(desk, (await found(desk, Cause.BAD_SERVICE))[Gives.REFUND], who=BORIS, asks=True)
    await desk.receive(visit, 50_000)
    with pytest.raises(NothingToPutRight):
        await remedies.approve(intent(VERA), TicketRemedyId(asked.result["remedy"]))
    await sound()


async def test_nobody_makes_good_what_was_their_own(desk: Desk) -> None:
    await desk.come(1)
    await db.execute(
        "UPDATE client_profile SET emails = $1::jsonb WHERE client = $2",
        f'[{{"address": "{VERA.email}", "label": "home"}}]',
        desk.client,
    )
    there = await found(desk, Cause.BAD_SERVICE)
    for one in there.values():
        with pytest.raises(OwnAccount):
            await give(desk, one)


async def called_off(desk: Desk, ago: int, by: CancelledBy) -> BookingId:
    """A booking of so many days ago that was called off the day before."""
    on = NOW - ago * DAY
    eve = Intent(uuid4(), TERMINAL, on - DAY)
    booked = await bookings.book(eve, desk.yard.asked(desk.yard.nina), on)
    booking = BookingId(booked.result["booking"])
    await bookings.cancel(Intent(uuid4(), TERMINAL, on - timedelta(hours=20)), booking, by)
    return booking


async def asking(desk: Desk) -> None:
    """The location asks a fee for a late cancellation."""
    await db.execute("UPDATE location SET notice_hours = 48")
    asks = {FeeFor.LATE_CANCELLATION: Rule(minor=50_000, currency=CURRENCY)}
    await fees.change_rules(till.means(), desk.location, 0, asks)


async def test_a_fee_that_is_asked_although_we_cancelled_is_waived(desk: Desk) -> None:
    await asking(desk)
    booking = await called_off(desk, 3, CancelledBy.CLIENT)
    there = await found(desk, Cause.WE_CANCELLED)
    assert there[Gives.FEE].remedy == Remedy(Cause.WE_CANCELLED, booking, Gives.FEE, 50_000)
    done = await give(desk, there[Gives.FEE])
    assert keys(done) == ["effect.fee_waived", "effect.nobody_told"]
    assert await db.fetchval("SELECT waived FROM fee") is not None
    assert await found(desk, Cause.WE_CANCELLED) == {}
    await sound()


async def test_a_free_visit_that_ended_through_what_we_cancelled_is_given_back_once(desk: Desk) -> None:
    for ago in (190, 189, 188, 187):
        await desk.come(now=NOW - ago * DAY)
    assert await found(desk, Cause.WE_CANCELLED) == {}
    await asking(desk)
    await called_off(desk, 20, CancelledBy.CLIENT)
    assert (await found(desk, Cause.WE_CANCELLED)).keys() == {Gives.FEE}
    booking = await called_off(desk, 10, CancelledBy.US)
    there = await found(desk, Cause.WE_CANCELLED)
    assert (there[Gives.FREE_VISIT_BACK].remedy.of, there[Gives.FREE_VISIT_BACK].ours) == (booking, True)
    done = await give(desk, there[Gives.FREE_VISIT_BACK])
    assert "effect.visit_free_returned" in keys(done)
    assert (await desk.card_of())["free_visits"] == 1
    assert (await found(desk, Cause.WE_CANCELLED)).keys() == {Gives.FEE}
    await sound()


async def dropped(desk: Desk) -> None:
    """They had Silver, and lost it four days ago."""
    for ago in (200, 199, 198, 197):
        await desk.come(now=NOW - ago * DAY)
    await desk.come(0, lines=[desk.bar], due=till.SOAP, now=NOW - 18 * DAY)
    await desk.come(0, lines=[desk.bar], due=till.SOAP)
    assert (await desk.card_of())["tier"] == "base"


async def test_a_tier_that_was_lost_by_the_rules_is_put_back_and_warned_of_anew(desk: Desk) -> None:
    await dropped(desk)
    there = await found(desk, Cause.WRONG_TIER)
    one = there[Gives.TIER]
    assert (one.on, one.version, one.by_rules) == (TODAY - 4 * DAY, 1, False)
    done = await give(desk, one)
    assert keys(done) == [
        "effect.visit_raised",
        "effect.visit_tier_through",
        "effect.messages_withdrawn",
        "effect.messages_due",
    ]
    assert done.effects[1].params["dates"] == [(TODAY + 14 * DAY).isoformat()]
    assert await desk.card_of() == {"stamps": 0, "free_visits": 0, "tier": "silver", "drops_on": None}
    assert await found(desk, Cause.WRONG_TIER) == {}
    await sound()
    tomorrow = NOW + DAY
    await desk.come(0, lines=[desk.bar], due=till.SOAP, now=tomorrow)
    assert (await desk.card_of())["drops_on"] == tomorrow.date() + 14 * DAY


async def test_what_was_found_out_since_says_that_a_tier_would_have_been_kept(desk: Desk) -> None:
    on = NOW - 40 * DAY
    booked = await bookings.book(Intent(uuid4(), TERMINAL, on - DAY), desk.yard.asked(desk.yard.nina), on)
    await dropped(desk)
    assert not (await found(desk, Cause.WRONG_TIER))[Gives.TIER].by_rules
    await bookings.cancel(till.means(), BookingId(booked.result["booking"]), CancelledBy.US)
    one = (await found(desk, Cause.WRONG_TIER))[Gives.TIER]
    assert one.by_rules
    await give(desk, one)
    tomorrow = NOW + DAY
    await desk.come(0, lines=[desk.bar], due=till.SOAP, now=tomorrow)
    assert await desk.card_of() == {"stamps": 0, "free_visits": 0, "tier": "silver", "drops_on": None}
    await sound()


async def test_a_tier_put_right_by_hand_is_one_that_was_lost(desk: Desk) -> None:
    await dropped(desk)
    ticket = await opened(desk.client)
    for of in (1, 404):
        with pytest.raises(NothingToPutRight):
            await remedies.give(intent(VERA), ticket, Remedy(Cause.WRONG_TIER, of, Gives.TIER))


async def test_tiers_have_a_limit_of_their_own(desk: Desk) -> None:
    await dropped(desk)
    await limited(minor=None, stamps=None, tiers=0)
    one = (await found(desk, Cause.WRONG_TIER))[Gives.TIER]
    with pytest.raises(AboveLimit):
        await give(desk, one, who=BORIS)
    asked = await give(desk, one, who=BORIS, asks=True)
    assert keys(asked) == [
        "effect.remedy_above_tiers",
        "effect.remedy_waits",
        "effect.visit_raised",
        "effect.visit_tier_through",
        "effect.messages_withdrawn",
        "effect.messages_due",
    ]
    assert (await desk.card_of())["tier"] == "base"


@pytest.mark.parametrize(
    ("limit", "given", "cost", "currency", "waits"),
    [
        (Limit(), Cost(10**9, 100, 9), Cost(minor=1), "EUR", False),
        (Limit(minor=100), Cost(minor=60), Cost(minor=40), "EUR", False),
        (Limit(minor=100), Cost(minor=60), Cost(minor=41), "EUR", True),
        (Limit(minor=100), Cost(), Cost(minor=1), "USD", True),
        (Limit(minor=None), Cost(), Cost(minor=1), "USD", False),
        (Limit(stamps=4), Cost(stamps=4), Cost(minor=1), "EUR", False),
        (Limit(stamps=4), Cost(stamps=1), Cost(stamps=4), None, True),
        (Limit(minor=0, stamps=4), Cost(minor=5), Cost(stamps=4), None, False),
        (Limit(tiers=0), Cost(), Cost(tiers=1), None, True),
    ],
)
def test_a_limit_is_of_what_it_costs_in_a_month(
    limit: Limit, given: Cost, cost: Cost, currency: str | None, waits: bool
) -> None:
    assert (exceeded(limit, given, cost, currency, "EUR") is not None) is waits


async def test_a_manager_says_how_much_each_role_gives(desk: Desk, as_owner: asyncpg.Connection) -> None:
    stands = await limits.view()
    assert stands.by_role == limits.USUAL
    with pytest.raises(Forbidden):
        await limits.change(intent(BORIS), stands.versions, stands.by_role)
    said = {**stands.by_role, Role.SUPPORT: Limit(30_000, None, 0)}
    done = await limits.change(intent(VERA), stands.versions, said)
    assert (await limits.view()).by_role == said
    assert await limits.of_actor(BORIS.actor.id) == Limit(30_000, None, 0)
    with pytest.raises(Stale):
        await limits.change(intent(VERA), stands.versions, said)
    with pytest.raises(Invalid) as wrong:
        await limits.change(intent(VERA), 0, {Role.SUPPORT: Limit(-1, 1_001, -1)})
    assert wrong.value.problems.keys() == {"support_minor", "support_stamps", "support_tiers"}
    for column in ("minor", "stamps", "tiers"):
        with pytest.raises(asyncpg.CheckViolationError):
            await as_owner.execute(f"UPDATE ticket_limit SET {column} = -1")
    await undo(intent(VERA), done.operation_id)
    assert (await limits.view()).by_role == limits.USUAL
