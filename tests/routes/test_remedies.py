"""Putting loyalty right over HTTP: chosen, looked at, done; approved by somebody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from litestar import Litestar
from litestar.datastructures import State

from console.domain import clock, db
from console.domain.booking import actions as bookings
from console.domain.booking.rules import CancelledBy
from console.domain.ids import BookingId
from console.domain.team.rules import Role
from tests import factories, till
from tests import yard as yards
from tests.cast import ANNA, BORIS, NOW, VERA
from tests.domain.tickets.desk import intent, lapsed, limited, opened
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.till import Desk
from tests.words import say

pytestmark = pytest.mark.usefixtures("today")
ALL = "/tickets/1/remedies"


@pytest.fixture
async def boris(sign_in: SignIn) -> Visitor:
    return await sign_in(BORIS, language="en")


@pytest.fixture
async def desk(boris: Visitor) -> Desk:
    """The client has been here twice today, with one stamp; there is a ticket about it."""
    for person in (ANNA, VERA):
        await factories.staff(person)
    desk = await till.desk(await yards.yard())
    await desk.come()
    await desk.come()
    await opened(desk.client)
    return desk


def way(page: Page, ends: str) -> str:
    """The address behind one of the ways to put something right."""
    (found,) = {
        one.attributes["href"] or "" for one in page.tree.css(".remedy-ways a") if one.attributes["href"].endswith(ends)
    }
    return found


async def test_what_it_would_do_is_shown_before_it_is_done(boris: Visitor, desk: Desk) -> None:
    looked = await boris.open(way(await boris.open(ALL), "%3Astamp"))
    assert say("effect.visit_stamp", nth="2nd", of=4) in looked.words("#main")
    assert "no stamp: that day's was given already" in looked.words("#main .facts")
    assert (await desk.card_of())["stamps"] == 1
    await boris.send(looked, ALL)
    assert (await desk.card_of())["stamps"] == 2
    assert not (await boris.open(ALL)).has('.remedy-ways a[href$="%3Astamp"]')


async def test_a_stamp_that_no_visit_earned_is_one_that_was_given(boris: Visitor, desk: Desk) -> None:
    looked = await boris.send(await boris.open(way(await boris.open(ALL), "1%3Astamps")), ALL, amount="2")
    assert say("effect.stamps_given", count=2) in looked.words("#main")
    assert say("effect.nobody_told") in looked.words("#main")
    await boris.send(looked, ALL)
    told = (await boris.open(f"/clients/{desk.client}")).all(".stamp-told")
    assert [one.split()[0] for one in told] == ["Visit", "Given", "Given"]


async def test_a_look_says_that_it_is_final_and_what_goes_to_the_client_and_how_as_the_toast_does(
    app: Litestar, boris: Visitor, desk: Desk
) -> None:
    await db.execute('UPDATE client_profile SET emails = \'[{"address": "zoe@mail.example", "label": ""}]\'::jsonb')
    free, told = way(await boris.open(ALL), "1%3Afree_visit"), "To be sent to the client: “A free visit is there” and"
    untold = "The client is not told: no phone, and email is not agreed to."
    looked = (await boris.open(free)).words("#main")
    assert "It is final: what was put right cannot be undone." in looked
    assert untold in looked
    assert told not in looked
    ways = replace(app.state.settings, smtp_url="smtp://127.0.0.1:25")
    app.state = State({**app.state, "settings": ways})
    await factories._insert(
        "client_consent", client=desk.client, channel="email", purpose="offers", given=True, at=NOW, source="in_person"
    )
    page = await boris.open(free)
    assert told in page.words("#main")
    soon = say("words.client_told_soon", by="by mail")
    assert soon in page.words("#main")
    assert soon in (await boris.send(page, ALL)).words(".toast-told")


async def test_a_booking_that_we_called_off_for_nothing_is_listed_with_why(boris: Visitor) -> None:
    for person in (ANNA, VERA):
        await factories.staff(person)
    desk = await till.desk(await yards.yard())
    await opened(desk.client)
    assert "Nothing to put right was found" in (await boris.open(ALL)).words("#main")
    later = clock.now() + timedelta(days=6)
    booked = await bookings.book(intent(), desk.yard.asked(desk.yard.nina), later)
    await bookings.cancel(intent(), BookingId(booked.result["booking"]), CancelledBy.US)
    page = await boris.open(ALL)
    assert page.words(".remedies a").startswith("Booking of ")
    assert say("words.called_off_for_nothing") in page.words(".remedies small")
    assert page.all(".remedy-ways") == []


async def test_what_is_beyond_a_limit_names_it_and_what_comes_after_the_second_person_is_a_list_of_its_own(
    boris: Visitor, desk: Desk
) -> None:
    await limited(minor=100)
    address = (await boris.open(ALL)).tree.css_first('.remedy-ways a[href$="%3Arefund"]').attributes["href"] or ""
    looked = await boris.send(await boris.open(address), ALL, amount="500", reason=str(desk.sorry))
    assert say("effect.remedy_above_money", sum="€1") in looked.words("#main")
    refunded = say("effect.visit_refunded", sum="€500", by="cash", names="Centre")
    assert refunded in looked.all("#main .callout li > ul > li")
    await limited(minor=0)
    nothing = await boris.send(await boris.open(address), ALL, amount="500", reason=str(desk.sorry))
    assert say("effect.remedy_alone_no_money") in nothing.all("#main .callout li")
    asked = (await boris.send(nothing, ALL)).toast
    assert (say("done.ticket.propose_remedy", name="1") in asked, refunded in asked) == (True, False)


async def test_who_may_puts_something_right_from_the_head_of_the_ticket(boris: Visitor, desk: Desk) -> None:
    assert (await boris.open("/tickets/1")).has(f'.page-head .actions a[href="{ALL}"]')


async def test_what_was_put_right_is_told_where_the_card_says_why(boris: Visitor) -> None:
    for person in (ANNA, VERA):
        await factories.staff(person)
    desk = await till.desk(await yards.yard())
    number = await lapsed(desk)
    await opened(desk.client, hours=-30 * 24)
    looked = await boris.open(way(await boris.open(ALL), f"reward_lapsed%3A{number}%3Afree_visit_back"))
    await boris.send(looked, ALL)
    page = await boris.open(f"/clients/{desk.client}/loyalty/free-visits")
    assert page.status == 200
    assert "by ticket 1, Boris" in page.words("#main")


async def test_a_refund_says_how_much_and_why_and_shows_what_it_does(boris: Visitor, desk: Desk) -> None:
    await limited(minor=None)
    address = (await boris.open(ALL)).tree.css_first('.remedy-ways a[href$="%3Arefund"]').attributes["href"] or ""
    page = await boris.open(address)
    wrong = await boris.send(page, ALL, amount="1000000", reason="")
    assert wrong.status == 422
    assert wrong.error("reason")
    assert wrong.value("amount") == "1000000"
    wrong = await boris.send(wrong, ALL, amount="2000.01", reason=str(desk.sorry))
    assert (wrong.status, wrong.error("amount")) == (422, say("problem.remedy_amount", sum="€2,000"))
    looked = await boris.send(wrong, ALL, amount="500")
    assert say("effect.visit_refunded", sum="€500", by="cash", names="Centre") in looked.words("#main")
    assert await db.fetchval("SELECT count(*) FROM refund") == 0
    await boris.send(looked, ALL)
    assert await db.fetchval("SELECT minor FROM refund") == 50_000
    assert (await boris.open("/tickets/1")).has('.said-remedy a[href^="/visits/"]')


async def test_what_is_none_of_them_or_not_any_more_is_told_with_the_others(boris: Visitor, desk: Desk) -> None:
    for typed in ("missing_stamp:404:stamp", "nonsense", "bad_service:1:everything"):
        page = await boris.open(way(await boris.open(ALL), "%3Astamp"))
        refused = await boris.send(page, ALL, remedy=typed)
        assert refused.status == 409
        assert say("refused.nothing_to_put_right") in refused.words("#main")
        assert way(refused, "%3Astamp")
        assert (await boris.open(f"{ALL}?remedy={typed}")).status == 409
    assert (await desk.card_of())["stamps"] == 1


async def test_a_manager_looks_at_what_was_proposed_and_approves_it(
    boris: Visitor, desk: Desk, sign_in: SignIn
) -> None:
    await limited()
    looked = await boris.open(way(await boris.open(ALL), "%3Astamp"))
    assert say("effect.remedy_waits") in looked.words("#main")
    await boris.send(looked, ALL)
    remedy = await db.fetchval("SELECT id FROM ticket_remedy WHERE status = 'proposed'")
    address = f"{ALL}/{remedy}/approval"
    assert (await boris.open(address)).status == 403
    asked = await boris.open("/tickets/1")
    assert asked.words(".said-remedy").startswith(f"{BORIS.name} Proposed A stamp that was missing")
    assert BORIS.name in asked.words("#main .callout")
    assert not asked.has(".callout a[href$='/approval']")
    assert asked.words(".callout a[href$='/refusal']") == "Withdraw"
    assert (await boris.open(f"{ALL}/{remedy}/refusal")).heading == "Withdraw a remedy"
    listed = await boris.open(ALL)
    assert say("words.remedy_proposed") in listed.words(".remedy-waits")
    assert not listed.has('.remedy-ways a[href$="%3Astamp"]')
    again = await boris.open(f"{ALL}?remedy=missing_stamp:2:stamp")
    assert (again.status, again.has('form[action$="remedies"]')) == (409, False)
    assert say("words.remedy_waits_already") in again.words("#main")
    refusal = f"{ALL}/{remedy}/refusal"
    withdrawn = await boris.send(await boris.open(refusal), refusal, why="It was stamped after all")
    assert withdrawn.toast.startswith(say("done.ticket.withdraw_remedy", name="1"))
    assert (await boris.open("/tickets/1")).words(".said-remedy").startswith(f"{BORIS.name} Withdrew A stamp that was")
    await boris.send(await boris.open(way(await boris.open(ALL), "%3Astamp")), ALL)
    remedy = await db.fetchval("SELECT id FROM ticket_remedy WHERE status = 'proposed'")
    address, refusal = f"{ALL}/{remedy}/approval", f"{ALL}/{remedy}/refusal"
    vera = await sign_in(VERA, exists=True)
    refused = await vera.send(await vera.open(refusal), refusal, why=" ")
    assert refused.status == 422
    assert refused.error("why")
    assert (await vera.open("/tickets/1")).has(f'#main .callout a[href="{address}"]')
    looked = await vera.open(address)
    assert "Анна Петрова" in looked.words("#main .facts")
    assert say("words.remedy_alone_no_stamps") in looked.words("#main .facts")
    assert looked.has(f'form[action="{address}"] button[type="submit"]')
    assert BORIS.name in looked.words("#main")
    await vera.send(looked, address)
    assert (await desk.card_of())["stamps"] == 2
    assert await db.fetchval("SELECT approved_by FROM ticket_remedy WHERE status = 'posted'") == VERA.id
    told = (await vera.open("/tickets/1")).all(".said-remedy")[-1]
    assert (told.startswith(f"{VERA.name} Put right"), f"proposed by {BORIS.name}" in told) == (True, True)
    assert (await vera.open(f"/tickets/2/remedies/{remedy}/approval")).status == 404


async def test_what_waits_for_approval_is_told_to_whoever_may_approve_also_once_the_ticket_is_solved(
    boris: Visitor, desk: Desk, sign_in: SignIn
) -> None:
    await limited()
    view, line = "/tickets?view=to-approve", "#main .callout a[href='/tickets?view=to-approve']"
    vera = await sign_in(VERA, exists=True)
    assert not (await vera.open("/")).has(line)
    await boris.send(await boris.open(way(await boris.open(ALL), "%3Astamp")), ALL)
    solved = await boris.send(await boris.open("/tickets/1"), "/tickets/1/statuses", press="status=solved")
    assert say("effect.remedy_waits_still", number=1) in solved.toast
    assert (await vera.open("/")).words(line) == "A remedy in 1 ticket waits for your approval"
    page = await vera.open(view)
    assert page.words("#ticket-views [aria-current]") == f"{say('words.tickets_to_approve')} 1"
    assert page.has("[data-ticket='1']")
    assert not (await boris.open("/")).has(line)
    assert not (await boris.open(view)).has(f"#ticket-views a[href='{view}']")
    remedy = await db.fetchval("SELECT id FROM ticket_remedy")
    address = f"{ALL}/{remedy}/approval"
    await vera.send(await vera.open(address), address)
    assert not (await vera.open("/")).has(line)
    page = await vera.open(view)
    assert not page.has("[data-ticket]")
    assert say("words.no_tickets_to_approve") in page.words("#list")


async def test_what_one_proposed_waits_for_others(desk: Desk, sign_in: SignIn) -> None:
    await limited(Role.MANAGER)
    vera = await sign_in(VERA, exists=True)
    await vera.send(await vera.open(way(await vera.open(ALL), "%3Astamp")), ALL)
    assert await db.fetchval("SELECT status FROM ticket_remedy") == "proposed"
    assert not (await vera.open("/tickets?view=to-approve")).has("[data-ticket]")
    assert not (await vera.open("/")).has("#main .callout a[href='/tickets?view=to-approve']")


async def test_why_a_card_is_as_it_is_names_the_ticket(boris: Visitor, desk: Desk) -> None:
    await boris.send(await boris.open(way(await boris.open(ALL), "1%3Afree_visit")), ALL)
    told = (await boris.open(f"/clients/{desk.client}/loyalty/free-visits")).words("#main")
    assert say("why.free_given") in told
    assert say("why.by_remedy", number=1, who=BORIS.name, when="").removesuffix(" ") in told
    opened_again = await boris.open("/tickets/1")
    assert say("words.gives_free_visit") in opened_again.words(".ticket-remedies")
    assert opened_again.has('.ticket-remedies a[href="/visits/1"]')
    assert opened_again.words(".said-remedy").startswith(f"{BORIS.name} Put right Bad service: a free visit")
    assert opened_again.has(f'.said-remedy a[href="/clients/{desk.client}/loyalty/free-visits"]')


async def test_managers_say_how_much_each_role_gives(desk: Desk, sign_in: SignIn) -> None:
    vera = await sign_in(VERA, exists=True)
    page = await vera.open("/settings/tickets/limits")
    assert page.value("support_stamps") == "10"
    typed = {"support_minor": "-5", "support_stamps": "2000", "owner_tiers": "x"}
    wrong = await vera.send(page, "/settings/tickets/limits", **typed)
    assert wrong.status == 422
    assert all(wrong.error(name) and wrong.value(name) == text for name, text in typed.items())
    await vera.send(page, "/settings/tickets/limits", support_minor="30", support_stamps="", owner_tiers="7")
    rows = await db.fetch("SELECT minor, stamps, tiers FROM ticket_limit WHERE role <> 'manager' ORDER BY id")
    assert [tuple(row) for row in rows] == [(3_000, None, 2), (None, None, 7)]
    other = await vera.send(page, "/settings/tickets/limits", support_minor="40")
    assert other.status == 409
