"""The till over HTTP: fees that come in, counting, the sheet that was signed, and the cashbook of a day."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from pypdf import PdfReader

from console.domain import db
from console.domain.booking import actions as bookings
from console.domain.booking.rules import CancelledBy
from console.domain.undo import undo
from console.domain.visits import fees
from console.domain.visits.fees_rules import Cause, Rule
from console.domain.visits.rules import Paid
from tests import factories, till, yard
from tests.cast import ANNA, NOW, VERA
from tests.page import Visitor
from tests.routes.conftest import SignIn
from tests.till import Desk, means
from tests.words import say
from tests.yard import HOUR

pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
async def vera(sign_in: SignIn) -> Visitor:
    return await sign_in(VERA)


@pytest.fixture
async def anna(sign_in: SignIn) -> Visitor:
    return await sign_in(ANNA, language="en")


@pytest.fixture
async def desk(vera: Visitor, anna: Visitor) -> Desk:
    return await till.desk(await yard.yard())


@pytest.fixture
async def why(desk: Desk) -> int:
    return await factories.reason("till")


def address(desk: Desk) -> str:
    return f"/tills/of/{desk.location}"


async def test_the_desk_counts_the_till_and_signs_and_the_sheet_is_there_to_be_printed(
    anna: Visitor, desk: Desk
) -> None:
    await desk.come()
    page = await anna.open("/cashbook")
    assert page.has(f"a[href='{address(desk)}']")
    page = await anna.open(address(desk))
    assert page.value("counted_1") == ""
    page = await anna.send(page, address(desk), counted_1="2000", leaves_1="500")
    assert page.path.startswith("/tills/")
    assert ANNA.name in page.words(".facts")
    assert page.all("td.numeric strong") == ["€2,000"]
    assert "stays as it is" in page.words("main")
    sheet = await anna.http.get(page.tree.css_first(".page-head a.button").attributes["href"] or "")
    [printed] = PdfReader(BytesIO(sheet.content)).pages
    assert all(one in printed.extract_text() for one in (ANNA.name, "Counted", "€2,000", "€500"))
    again = await anna.open(address(desk))
    assert again.all("td.numeric") == ["€500", "€0", "€500"]
    book = await anna.open("/cashbook")
    assert say("Right") in book.words(".items")


async def test_the_first_close_says_since_when_it_counts_and_that_it_is_final(anna: Visitor, desk: Desk) -> None:
    url = address(desk)
    page = await anna.open(url)
    assert "not closed before" in page.words(".page-head")
    assert "since" not in page.words(".page-head")
    await desk.come(now=NOW - timedelta(days=50))
    await desk.come()
    page = await anna.open(url)
    assert "not closed before: everything since 23 Mar 2026" in page.words(".page-head")
    assert say("Once signed, a close is final: it cannot be undone.") in page.words("main")
    page = await anna.send(page, url, counted_1="4000", leaves_1="0")
    assert "Counts since23 Mar 2026" in page.words(".facts")
    assert not page.has(".toast form")
    page = await anna.open(url)
    assert "not closed before" not in page.words(".page-head")
    assert "since" in page.words(".page-head")


async def test_the_close_says_which_visits_of_the_day_are_not_finished_and_is_signed_all_the_same(
    anna: Visitor, desk: Desk
) -> None:
    arrived, over, _ = [await desk.yard.book(at=NOW + HOUR * hours) for hours in (0.5, -2.5, 2.5)]
    await bookings.arrive(means(), arrived)
    page = await anna.open(address(desk))
    assert [one.attributes["href"] for one in page.tree.css(".callout a")] == [
        f"/bookings/{over}",
        f"/bookings/{arrived}",
    ]
    assert "2 visits of today are not finished" in page.words(".callout")
    page = await anna.send(page, address(desk), counted_1="0")
    assert "2 visits of today were not finished" in page.toast
    assert "Not finished then2 visits of the day" in page.words(".facts")
    await desk.come(booking=arrived)
    assert "2 visits of the day" in (await anna.open(page.path)).words(".facts")
    await bookings.no_show(means(), over)
    assert not (await anna.open(address(desk))).has(".callout")


async def test_a_difference_is_shown_with_what_was_typed_and_asked_why(anna: Visitor, desk: Desk, why: int) -> None:
    await desk.come()
    page = await anna.send(await anna.open(address(desk)), address(desk), counted_1="1990", leaves_1="0")
    assert page.status == 422
    assert page.error("reason_1") == say("problem.till_differs")
    assert "\u2212€10" in page.words("td small")
    assert page.value("counted_1") == "1990"
    assert "Why it differs, Cash" in page.all("td label")
    page = await anna.send(page, address(desk), reason_1=why)
    assert page.path.startswith("/tills/")
    assert "Ill" in page.words("td small")


async def test_what_comes_in_meanwhile_is_shown_and_counted_again(anna: Visitor, desk: Desk) -> None:
    page = await anna.open(address(desk))
    await desk.come()
    answer = await anna.send(page, address(desk), counted_1="0")
    assert answer.status == 409
    assert answer.value("counted_1") == "0"
    assert "€2,000" in answer.all("td.numeric")
    assert await db.fetchval("SELECT count(*) FROM till_close") == 0
    answer = await anna.send(answer, address(desk), counted_1="2000")
    assert answer.path.startswith("/tills/")


async def test_a_double_click_closes_it_once(anna: Visitor, desk: Desk) -> None:
    page = await anna.open(address(desk))
    sent = {**page.fields(address(desk)), "counted_1": "0"}
    first, second = [await anna.post(address(desk), sent) for _ in range(2)]
    assert first.path == second.path
    assert await db.fetchval("SELECT count(*) FROM till_close") == 1


async def test_a_close_sent_again_is_answered_as_the_first_time_though_another_way_to_pay_holds_nothing_now(
    anna: Visitor, desk: Desk
) -> None:
    await desk.come()
    await desk.come(payments=(Paid(desk.card, till.USUAL),))
    page = await anna.open(address(desk))
    sent = {**page.fields(address(desk)), "counted_1": "2000", "leaves_1": "500"}
    first, second = [await anna.post(address(desk), sent) for _ in range(2)]
    assert (second.status, second.path) == (200, first.path)
    other = await anna.post(address(desk), {**sent, "leaves_1": "0"})
    assert other.status == 409
    assert await db.fetchval("SELECT count(*) FROM till_close") == 1


@pytest.mark.parametrize("typed", ["much", "-5", "1,2,3"])
async def test_what_is_no_sum_is_said_at_its_field(anna: Visitor, desk: Desk, why: int, typed: str) -> None:
    page = await anna.send(await anna.open(address(desk)), address(desk), counted_1=typed, reason_1=why)
    assert page.status == 422
    assert page.error("counted_1")


async def test_the_cashbook_tells_of_each_move_and_is_taken_along(anna: Visitor, desk: Desk) -> None:
    done = await desk.come(paid=150_000)
    await desk.receive(done.result["visit"], 50_000)
    page = await anna.open(f"/cashbook?location={desk.location}&on={NOW.date().isoformat()}")
    assert page.all("td.numeric") == ["€1,500", "€500"]
    assert [VERA.name in page.words("tbody"), ANNA.name in page.words("tbody")] == [True, True]
    assert (page.words(".facts dt"), page.words(".facts dd")) == ("Cash", "€2,000")
    answer = await anna.http.get(f"/cashbook?location={desk.location}&on={NOW.date().isoformat()}&as=csv")
    assert f"Cashbook%20{NOW.date().isoformat()}%20" in answer.headers["content-disposition"]
    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 3
    for nonsense in ("?location=999&on=tomorrow", "?location=x", "?as=pdf"):
        assert (await anna.open(f"/cashbook{nonsense}")).status == 200


async def test_money_is_taken_under_the_till_of_the_menu_and_a_visit_begins_there(anna: Visitor, desk: Desk) -> None:
    done = await desk.come()
    booked = await desk.yard.book(desk.yard.nina, NOW + HOUR)
    page = await anna.open("/cashbook")
    assert (page.words("h1"), page.has("main a[href='/visits/new']")) == ("Till", True)
    here = "nav#rail a[aria-current]"
    under = ("/cashbook", address(desk), "/visits/new", f"/visits/{done.result['visit']}", f"/bookings/{booked}/visit")
    for path in under:
        assert (path, {(await anna.open(path)).words(here)}) == (path, {"Till"})
    assert (await anna.open(f"/bookings/{booked}")).words(here) == "Agenda"


async def test_the_cashbook_leads_to_each_visit_and_tells_undone_money_from_other_money(
    anna: Visitor, desk: Desk
) -> None:
    done = await desk.come()
    page = await anna.open("/cashbook")
    assert page.has(f"tbody a[href='/visits/{done.result['visit']}']")
    assert page.all("tbody .badge") == []
    undone = await undo(means(ANNA), done.operation_id)
    page = await anna.open("/cashbook")
    assert page.all("tbody .badge") == ["undone", "undo"]
    assert page.all("td.numeric") == ["€2,000", "−€2,000"]
    await undo(means(ANNA), undone.operation_id)
    page = await anna.open("/cashbook")
    assert page.all("tbody .badge") == ["undone", "undo", "done again"]
    assert len(set(page.all("tbody td:nth-child(2) a"))) == 1


async def test_the_cashbook_tells_a_debt_from_what_was_paid_when_its_visit_was_finished(
    anna: Visitor, desk: Desk
) -> None:
    done = await desk.come(paid=150_000)
    paid = await desk.receive(done.result["visit"], 50_000)
    cells = (await anna.open("/cashbook")).all("tbody td:nth-child(2)")
    assert [cell.partition(",")[0] for cell in cells] == ["Visit", "Debt"]
    await undo(means(ANNA), paid.operation_id)
    await undo(means(ANNA), done.operation_id)
    cells = (await anna.open("/cashbook")).all("tbody td:nth-child(2)")
    assert [cell.partition(",")[0] for cell in cells] == ["Visit", "Debt", "Visit", "Visit"]


async def test_who_has_no_card_is_called_the_same_in_the_cashbook_and_at_the_visit(anna: Visitor, desk: Desk) -> None:
    done = await desk.come(client=None)
    assert "Walk-in" in (await anna.open("/cashbook")).words("tbody")
    assert "Walk-in" in (await anna.open(f"/visits/{done.result['visit']}")).words(".booking-main")


async def test_a_fee_comes_in_at_the_desk_and_stands_in_the_cashbook(anna: Visitor, desk: Desk) -> None:
    rules = {Cause.LATE_CANCELLATION: Rule(50_000, "EUR")}
    await fees.change_rules(means(VERA), desk.location, 0, rules)
    booking = await desk.yard.book(desk.yard.nina, NOW + HOUR)
    await bookings.cancel(means(VERA), booking, CancelledBy.CLIENT)
    fee = await db.fetchval("SELECT id FROM fee")
    url = f"/fees/{fee}/payment"
    page = await anna.open(url)
    assert page.tree.css_first("#rail [aria-current]").attributes["href"] == "/clients"
    assert page.value("minor") == "500"
    assert page.has(f"[name=method][value='{desk.cash}'][checked]")
    wrong = await anna.send(page, url, method=desk.cash, minor="501")
    assert (wrong.status, wrong.error("minor")) == (422, say("problem.paid_too_much"))
    page = await anna.send(page, url, method=desk.cash, minor="200")
    assert page.path == f"/clients/{desk.client}/fees"
    assert say("effect.fee_left", money="€300") in page.words(".toast p")
    assert "owes €300" in page.words("#page")
    book = await anna.open("/cashbook")
    assert book.words("tbody td:nth-child(2)") == say("words.cash_late_cancellation", day="12 May")
    assert book.has(f"tbody td:nth-child(2) a[href='/bookings/{booking}']")
    assert book.words("tbody td:nth-child(3)") == "Анна Петрова"
    shown = await anna.open(f"/bookings/{booking}")
    assert "€500 Late cancellation, 12 May, €300 left" in shown.words(".booking-fee")
    told = shown.all(".told-list .told-what")
    assert "fee received" in told[0]
    assert f"{say('words.fee_taken')}: €200" in told[0]
    page = await anna.send(page, page.tree.css_first(".toast form").attributes["action"])
    assert "owes €500" in (await anna.open(f"/clients/{desk.client}/fees")).words("#page")
    told = (await anna.open(f"/bookings/{booking}")).all(".told-list .told-what")
    assert f"{say('words.fee_back')}: €200" in told[0]
    book = await anna.open("/cashbook")
    assert len(set(book.all("tbody td:nth-child(2) a"))) == 1
