"""What a client's card says of stamps, free visits and the tier, in words, and why."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from console.domain import clock, db
from console.domain.booking import actions
from console.domain.booking.rules import CancelledBy
from console.domain.ids import CategoryId, ClientId, TicketCategoryId, TicketId
from console.domain.intent import TERMINAL, Intent
from console.domain.loyalty import fixed_cards, membership, queries
from console.domain.loyalty.presets import counter_only, shrinking
from console.domain.loyalty.rules.programme import Counter, Programme
from console.domain.tickets import actions as tickets
from console.domain.tickets.actions import Opening
from console.domain.tickets.rules import About, TicketChannel, TicketStatus
from tests import factories
from tests.cast import ANNA, NOW, OLEG, VERA
from tests.domain.deeds import intent
from tests.loyal import TODAY, USUAL, come, in_force, nights
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.till import desk as desk_of
from tests.words import say
from tests.yard import intent as deed
from tests.yard import yard


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    def now() -> datetime:
        return NOW + timedelta(hours=1)

    monkeypatch.setattr(clock, "now", now)


@pytest.fixture
async def desk(sign_in: SignIn) -> Visitor:
    return await sign_in(ANNA, language="en")


@pytest.fixture
async def client(desk: Visitor) -> int:
    return await factories.client()


def tiles(page: Page) -> str:
    return page.words(".loyalty-tiles")


async def test_nothing_is_drawn_while_no_version_is_in_force(desk: Visitor, client: int) -> None:
    page = await desk.open(f"/clients/{client}")
    assert not page.has(".loyalty")


async def test_who_never_came_is_told_what_earns_a_free_visit(desk: Visitor, client: int) -> None:
    await in_force()
    page = await desk.open(f"/clients/{client}")
    assert len(page.all(".stamp.is-empty")) == 4
    assert "No visits yet; 4 visits earn a free one" in tiles(page)
    assert page.words(".tier-name") == "Base"
    assert "4 visits and €8,000 more for Silver 5 %" in tiles(page)


async def test_each_stamp_tells_its_visit_and_how_many_are_to_go(desk: Visitor, client: int) -> None:
    await in_force()
    for visit, days in ((1, 30), (2, 20), (3, 10)):
        await come(client, visit, days)
    page = await desk.open(f"/clients/{client}")
    assert page.all(".stamp-told") == [
        "Visit of 12 April; good through 12 Apr 2027",
        "Visit of 22 April; good through 22 Apr 2027",
        "Visit of 2 May; good through 2 May 2027",
    ]
    assert [one.attributes["tabindex"] for one in page.tree.css(".stamp:has(.stamp-told)")] == ["0"] * 3
    assert len(page.all(".stamp.is-empty")) == 1
    assert "1 stamp to go, then one visit free" in tiles(page)


async def test_a_full_card_says_through_which_day_the_next_visit_can_be_free(desk: Visitor, client: int) -> None:
    await in_force()
    for visit, days in enumerate((40, 30, 20, 10), 1):
        await come(client, visit, days)
    page = await desk.open(f"/clients/{client}")
    assert "The next visit can be free, good through 29 October" in tiles(page)
    assert page.has(".stamp.is-free.is-there")
    assert "4 stamps to go" in tiles(page)


async def test_a_tier_at_risk_says_the_last_day_and_what_keeps_it(desk: Visitor, client: int) -> None:
    await in_force(shrinking)
    for visit in range(1, 5):
        await come(client, visit, 190 - visit)
    await nights(client, TODAY - timedelta(8))
    page = await desk.open(f"/clients/{client}")
    assert page.has(".is-at-risk")
    assert page.words(".tier-name") == "Silver 5 % at risk"
    # two visits were left when it was warned of, none is on the day of the drop
    assert page.words(".tier-lasts") == "Through 25 May, then Base"
    way = "By 25 May: 3 visits and €6,000 in all keep it, through 4 December"
    assert page.all(".tier-lasts ~ p")[0] == way
    assert "The warning could only be made on 12 May: its days run from then" in tiles(page)
    assert not page.has(".stamps")


async def test_a_warning_of_a_night_of_long_ago_says_the_year_and_what_was_missing_then(
    desk: Visitor, client: int
) -> None:
    await in_force(shrinking)
    for visit in range(1, 5):
        await come(client, visit, 600 - visit)
    await nights(client)
    why = await desk.open(f"/clients/{client}/loyalty/tier")
    warned = "Warning: Silver 5 % lasts through 25 May 2026. Missing on 20 Mar 2025: 1 visit and €2,000"
    assert warned in why.all(".why-what")[0]
    assert "By 25 May: 3 visits and €6,000 in all keep it" in why.words("main")


async def test_a_stamp_owed_is_said_in_words(desk: Visitor, client: int) -> None:
    await in_force()
    came = [await come(client, visit, 40 - visit) for visit in range(1, 5)]
    await come(client, 5, 30, free=True)
    await came[0].taken_back()
    page = await desk.open(f"/clients/{client}")
    assert page.words(".loyalty-owed") == "Owes 1 stamp: the next visit repays it"


async def test_why_tells_each_stamp_with_what_posted_it_and_the_version_behind_it(desk: Visitor, client: int) -> None:
    await in_force()
    for visit in range(1, 5):
        await come(client, visit, 40 - visit)
    page = await desk.open(f"/clients/{client}")
    link = page.tree.css_first(".why-link")
    assert link is not None
    told = await desk.open(str(link.attributes["href"]))
    assert told.heading == say("title.why_stamps")
    assert told.all(".why-delta") == ["−4", "+1", "+1", "+1", "+1"]
    assert [one.split()[-1] for one in told.all(".why-left")] == ["0", "4", "3", "2", "1"]
    assert told.all(".why-what")[0].startswith("6 April 4 stamps became a free visit")
    assert "rules of version 1" in told.all(".why-what")[0]
    assert (await desk.open("/programme/versions/1")).status == 200
    assert told.has(".why-what a[href='/programme/versions/1']")
    free = await desk.open(f"/clients/{client}/loyalty/free-visits")
    assert free.all(".why-what")[0].startswith("6 April A full stamp card became a free visit good through 3 October")


async def test_why_of_a_tier_tells_each_step_and_the_visits_that_count(desk: Visitor, client: int) -> None:
    await in_force()
    for visit in range(1, 5):
        await come(client, visit, 40 - visit)
    page = await desk.open(f"/clients/{client}/loyalty/tier")
    assert page.all(".why-delta") == ["↑"]
    card = await desk.open(f"/clients/{client}")
    assert page.words(".why-held .tier-lasts") == card.words(".loyalty-tile .tier-lasts") != ""
    assert "Up from Base to Silver 5 %: 4 visits and €8,000 within 180 days" in page.all(".why-what")[0]
    assert page.all(".why-counted tbody th") == ["6 April", "5 April", "4 April", "3 April"]
    assert "Together: 4 visits and €8,000." in page.words("main")
    assert page.words(".why-rules summary") == "Version 1, in force from 1 January 2020"
    assert "4 visits and €8,000" in page.all(".why-rules tbody tr")[1]


async def test_why_opens_beneath_the_card_for_htmx_alone(desk: Visitor, client: int) -> None:
    await in_force()
    url = f"/clients/{client}/loyalty/stamps"
    part = await desk.open(url, headers={"HX-Request": "true", "HX-Target": "why"})
    assert part.has(".why-panel")
    assert not part.has("h1")
    assert (await desk.open(url)).has("h1")


async def test_the_card_and_why_are_in_russian_for_who_reads_russian(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG, language="ru")
    client = await factories.client()
    await in_force()
    for visit, days in ((1, 30), (2, 20), (3, 10)):
        await come(client, visit, days)
    page = await oleg.open(f"/clients/{client}")
    assert "До бесплатного визита остался 1 штамп" in tiles(page)
    assert "До уровня «Серебряный 5 %» ещё 1 визит и 2 000 €" in tiles(page)
    told = await oleg.open(f"/clients/{client}/loyalty/stamps")
    assert "Штамп за визит" in told.all(".why-what")[0]


async def test_only_the_counter_shows_no_tier(desk: Visitor, client: int) -> None:
    await in_force(counter_only)
    await come(client, 1, 3, USUAL)
    page = await desk.open(f"/clients/{client}")
    assert page.has(".stamps")
    assert not page.has(".tier-name")


async def test_a_fixed_discount_stands_in_place_of_the_tier_that_is_counted_beneath_it(
    desk: Visitor, client: int
) -> None:
    await in_force()
    for visit in range(1, 5):
        await come(client, visit, 190 - visit)
    await fixed_cards.give(intent(TERMINAL), ClientId(client), 700, None, None)
    page = await desk.open(f"/clients/{client}")
    assert page.words(".tier-name") == "7 %"
    assert "Counted beneath it: Silver 5 %." in tiles(page)
    assert not page.has(".is-at-risk")
    homes = CategoryId(await factories.category())
    held = await queries.fixed_card(ClientId(client))
    assert held is not None
    await fixed_cards.give(intent(TERMINAL), ClientId(client), 1_000, [homes], held.id)
    assert "10 % on Homes" in tiles(await desk.open(f"/clients/{client}"))


async def test_the_card_says_which_rules_were_accepted(desk: Visitor, client: int) -> None:
    await in_force()
    url = f"/clients/{client}"
    assert (await desk.open(url)).words(".loyalty-terms") == "Rules of version 1 not accepted yet"
    await membership.join(intent(TERMINAL), ClientId(client), 1)
    assert (await desk.open(url)).words(".loyalty-terms") == "Rules of version 1 accepted: 12 May"


async def test_a_booking_to_come_says_what_its_client_holds(desk: Visitor) -> None:
    await in_force()
    house = await yard()
    booking = await house.book(house.nina)
    for visit, days in enumerate((190, 189, 188, 187), 1):
        await come(house.client, visit, days)
    page = await desk.open(f"/bookings/{booking}")
    assert page.all(".client-tags .badge") == [
        "4 stamps to go, then one visit free",
        "Silver 5 % at risk: through 25 May",
    ]
    await actions.cancel(deed(), booking, CancelledBy.CLIENT)
    assert not (await desk.open(f"/bookings/{booking}")).has(".client-tags")


async def test_what_was_done_stands_at_its_stamp_and_what_is_owed_for_it_above_the_card(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await factories.staff(ANNA)
    at = await desk_of(await yard())
    done = await at.come(3, paid=USUAL - 50_000)
    visit = f"/visits/{done.result['visit']}"
    page = await vera.open(f"/clients/{at.client}")
    assert page.all(".stamp-told") == ["Visit of 9 May, Deep clean; good through 9 May 2027"]
    stamp = page.tree.css_first("a.stamp")
    assert stamp is not None
    assert stamp.attributes["href"] == visit
    assert page.words(".owes strong") == "Owes €500"
    assert page.words(f".owes a[href='{visit}']") == "Visit of 9 May"
    assert (await vera.open(visit)).status == 200
    told = await vera.open(f"/clients/{at.client}/loyalty/stamps")
    assert told.words(".why-what a") == "Deep clean"
    assert "visit finished by Vera O'Neill" in told.all(".why-what")[0]


async def test_why_of_nobody_and_of_an_erased_client_is_not_found(desk: Visitor) -> None:
    for page in ("stamps", "free-visits", "tier", "points"):
        assert (await desk.open(f"/clients/777/loyalty/{page}")).status == 404


async def test_what_waits_for_a_ticket_is_told_on_the_card_the_ticket_and_the_trail(
    desk: Visitor, client: int, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    await in_force(Programme(counter=Counter(1, stamp_valid_days=0, reward_valid_days=10)))
    await come(client, 1, 12)
    days_ago = Intent(uuid4(), ANNA.actor, NOW - timedelta(3))
    category = TicketCategoryId(await db.fetchval("SELECT id FROM ticket_category WHERE holds"))
    opening = Opening(About("My free visit", category), "I was ill", TicketChannel.PHONE, ClientId(client))
    ticket = TicketId((await tickets.open_ticket(days_ago, opening)).result["ticket"])
    page = await desk.open(f"/clients/{client}")
    assert "1 free visit past its last day (10 May): usable while ticket 1 is open" in tiles(page)
    assert "The next visit can be free" in tiles(page)
    assert "stamps and free visits wait while the ticket is open" in (await desk.open("/tickets/1")).words(
        ".ticket-side"
    )
    why = await desk.open(f"/clients/{client}/loyalty/free-visits")
    assert why.words(".why-pauses") == "since 9 May: ticket 1"
    assert why.has('.why-pauses a[href="/tickets/1"]')
    await tickets.move(Intent(uuid4(), ANNA.actor, NOW), ticket, TicketStatus.SOLVED)
    told = "1 free visit past its last day (10 May): usable through 12 May, no longer held by ticket 1"
    assert told in tiles(await desk.open(f"/clients/{client}"))
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=1))
    desk = await sign_in(VERA, language="en")
    assert "The next visit can be free" not in tiles(await desk.open(f"/clients/{client}"))
    why = await desk.open(f"/clients/{client}/loyalty/free-visits")
    assert why.words(".why-pauses") == "9–12 May: ticket 1"


async def test_why_of_stamps_and_of_free_visits_lead_to_each_other(desk: Visitor, client: int) -> None:
    await in_force()
    stamps, free = (f"/clients/{client}/loyalty/{of}" for of in ("stamps", "free-visits"))
    for one, other in ((stamps, free), (free, stamps)):
        page = await desk.open(one)
        assert other in [link.attributes["href"] for link in page.tree.css(".why-page a")]
