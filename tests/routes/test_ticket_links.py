"""What a ticket is about over HTTP: bookings and visits of its client, chosen and taken away again."""

from __future__ import annotations

import pytest

from console.domain import db
from tests import factories, till
from tests import yard as yards
from tests.cast import ANNA, BORIS, VERA
from tests.domain.tickets.desk import opened
from tests.page import Visitor
from tests.routes.conftest import SignIn
from tests.words import say

ALL = "/tickets/1/links"


@pytest.fixture
async def boris(sign_in: SignIn) -> Visitor:
    await factories.staff(ANNA)
    return await sign_in(BORIS, language="en")


@pytest.fixture
async def booking(boris: Visitor) -> int:
    """A client's booking, and their ticket about nothing yet."""
    yard = await yards.yard()
    client = await factories.client()
    await opened(client)
    return int(await yard.book(client=client))


async def test_a_booking_is_linked_and_taken_away_again_and_both_are_undone(boris: Visitor, booking: int) -> None:
    page = await boris.open(f"{ALL}/new")
    missed = await boris.send(page, ALL)
    assert (missed.status, missed.error("what")) == (422, say("problem.choose"))
    page = await boris.send(page, ALL, what=f"booking:{booking}")
    assert page.has(f".ticket-links a[href='/bookings/{booking}']")
    told = (await boris.open(f"/bookings/{booking}")).words(".of-ticket")
    assert told == f"1 A stamp is missing {say('words.ticket_open').capitalize()}"
    assert (await boris.open(f"{ALL}/new")).all("[name=what]") == []
    link = await db.fetchval("SELECT id FROM ticket_link")
    page = await boris.send(page, f"{ALL}/{link}/removal")
    assert not page.has(".ticket-links")
    assert not (await boris.open(f"/bookings/{booking}")).has(".of-ticket")
    page = await boris.send(page, page.tree.css_first(".toast form").attributes["action"])
    assert page.has(f".ticket-links a[href='/bookings/{booking}']")


async def test_what_is_another_clients_is_no_choice_and_another_tickets_link_is_not_found(
    boris: Visitor, booking: int
) -> None:
    await opened(await factories.client("Olga", "Moroz"))
    page = await boris.open(f"{ALL}/new")
    await boris.send(page, ALL, what=f"booking:{booking}")
    other = await boris.open("/tickets/2/links/new")
    assert say("There is no booking and no visit of this client that the ticket is not linked to.") in other.words(
        "#main"
    )
    link = await db.fetchval("SELECT id FROM ticket_link")
    fields = (await boris.open("/tickets/1")).fields(f"{ALL}/{link}/removal")
    assert (await boris.http.post(f"/tickets/2/links/{link}/removal", data=fields)).status_code == 404
    fields = (await boris.open("/tickets/2")).fields("/tickets/2/assignment") | {"what": f"booking:{booking}"}
    assert (await boris.http.post("/tickets/2/links", data=fields)).status_code == 422


async def test_a_visit_is_linked_and_its_page_leads_to_the_ticket(boris: Visitor) -> None:
    await factories.staff(VERA)
    desk = await till.desk(await yards.yard())
    visit = (await desk.come()).result["visit"]
    await opened(desk.client)
    asked = await boris.open(f"{ALL}/new")
    assert asked.words(f'label:has([value="visit:{visit}"])').endswith(", 12 May, 12:30")
    page = await boris.send(asked, ALL, what=f"visit:{visit}")
    assert page.has(f".ticket-links a[href='/visits/{visit}']")
    assert (await boris.open(f"/visits/{visit}")).has(".of-ticket a[href='/tickets/1']")
