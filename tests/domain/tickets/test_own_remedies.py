"""Nobody puts right what is their own, whatever was taken off a card before, and whoever else approves."""

from __future__ import annotations

import pytest

from console.domain import db
from console.domain.clients import actions as clients
from console.domain.clients import contacts, queries
from console.domain.clients.actions import About
from console.domain.clients.contacts import AboutContact
from console.domain.clients.rules import Email, Phone
from console.domain.ids import ClientId, ContactId, TicketRemedyId, VisitId
from console.domain.team import accounts
from console.domain.tickets.remedies import actions as remedies
from console.domain.tickets.remedies.actions import OwnAccount, ProposersAccount
from console.domain.tickets.remedies.rules import Cause, Gives, Remedy
from tests import factories, till
from tests import yard as yards
from tests.cast import ANNA, BORIS, OLEG, VERA, Person
from tests.domain.tickets.desk import intent, limited, opened
from tests.till import Desk

PHONE, OTHER = "+79213334512", "+78123334512"


@pytest.fixture
async def desk(database: None) -> Desk:
    for person in (ANNA, BORIS, VERA, OLEG):
        await factories.staff(person)
    return await till.desk(await yards.yard())


async def change(client: ClientId, emails: str = "", phones: str = "") -> None:
    """Write down the emails and phones of a client, and no others."""
    seen = await queries.client(client)
    about = About(seen.names, tuple(map(Phone, phones.split())), tuple(map(Email, emails.split())), seen.joined_on)
    await clients.change(intent(BORIS), client, seen.version, about)


async def remedy(desk: Desk) -> Remedy:
    """The stamp that the second visit of a date has not."""
    await desk.come(1)
    visit = VisitId((await desk.come(1)).result["visit"])
    return Remedy(Cause.MISSING_STAMP, visit, Gives.STAMP)


async def is_refused(desk: Desk, who: Person = BORIS) -> bool:
    ticket, what = await opened(desk.client), await remedy(desk)
    try:
        await remedies.give(intent(who), ticket, what)
    except OwnAccount:
        return True
    return False


async def test_taking_ones_address_off_a_card_leaves_it_ones_own(desk: Desk) -> None:
    await change(desk.client, BORIS.email.upper())
    await change(desk.client, "other@mail.example")
    assert await is_refused(desk)
    assert not await is_refused(desk, VERA)


async def test_so_does_taking_another_address_for_ones_account(desk: Desk) -> None:
    await change(desk.client, BORIS.email)
    await accounts.change(intent(OLEG), BORIS.id, None, BORIS.name, "boris@new.example", BORIS.role)
    assert await is_refused(desk)


async def test_a_contact_who_was_removed_was_somebody_to_speak_with_there(desk: Desk) -> None:
    about = AboutContact("Boris", email=BORIS.email)
    added = await contacts.add_contact(intent(BORIS), desk.client, about)
    contact = ContactId(added.result["client_contact"])
    await contacts.remove_contact(intent(BORIS), contact)
    assert await is_refused(desk)


@pytest.mark.parametrize("now", [True, False])
async def test_a_card_with_the_phone_of_ones_own_is_ones_own(desk: Desk, now: bool) -> None:
    own = ClientId(await factories.client("Boris", "Orlov"))
    await change(own, BORIS.email, PHONE)
    await change(desk.client, "other@mail.example", PHONE)
    if not now:
        await change(own, BORIS.email, OTHER)
        await change(desk.client, "other@mail.example", "+78123334513")
    assert await is_refused(desk)


async def test_a_card_whose_address_or_phone_only_looks_alike_is_anybodys(desk: Desk) -> None:
    own = ClientId(await factories.client("Boris", "Orlov"))
    await change(own, BORIS.email, PHONE)
    await change(desk.client, f"x.{BORIS.email}", OTHER)
    assert not await is_refused(desk)


async def test_the_phone_of_somebody_else_at_the_same_company_is_not_ones_own(desk: Desk) -> None:
    company = ClientId(await factories.client())
    await factories.contact(company, "Boris", email=BORIS.email)
    await factories.contact(company, "Nina", phone=PHONE)
    await change(desk.client, "other@mail.example", PHONE)
    assert not await is_refused(desk)


async def test_what_a_colleague_proposed_for_themselves_is_approved_by_nobody(desk: Desk) -> None:
    await limited(stamps=0)
    ticket, what = await opened(desk.client), await remedy(desk)
    asked = (await remedies.propose(intent(BORIS), ticket, what)).result["remedy"]
    await change(desk.client, BORIS.email)
    await change(desk.client)
    with pytest.raises(ProposersAccount):
        await remedies.approve(intent(VERA), TicketRemedyId(asked))
    assert await db.fetchval("SELECT status FROM ticket_remedy") == "proposed"
    await remedies.decline(intent(VERA), TicketRemedyId(asked), "It is your own")
