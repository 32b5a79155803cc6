"""Tickets at a browser: opening one, the queue and its views, what is said, and what is typed and not said yet."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from console.domain import db
from console.routes import _ticket_file
from tests import factories
from tests.cast import ANNA, BORIS, VERA
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.words import say
from tests.yard import NOON, yard

pytestmark = pytest.mark.usefixtures("today")

LIST = "/tickets"
FIRST = f"{LIST}/1"
MANY = """INSERT INTO ticket (number, subject, folded, channel, priority, status, tags, opened_at, version, operation)
    SELECT n, subject, folded, channel, priority, status, tags, opened_at, version, operation
    FROM ticket, generate_series(10, 109) n WHERE number = 2"""
"""A hundred more of one that is nobody's."""


@pytest.fixture
async def desk(sign_in: SignIn) -> Visitor:
    await factories.location()
    return await sign_in(ANNA)


async def opened(visitor: Visitor, subject: str = "No stamp in May", **values: Any) -> Page:
    form = await visitor.open(f"{LIST}/new")
    return await visitor.send(form, LIST, subject=subject, **{"body": "I was here and got no stamp", **values})


def marks(page: Page) -> list[str]:
    """What is ticked to choose the tickets of a list, in their order."""
    return [one.attributes["value"] or "" for one in page.tree.css("[name=ticket]")]


async def rows(visitor: Visitor, url: str = LIST) -> list[str]:
    return (await visitor.open(url)).all("tbody [data-key=o]")


async def test_the_desk_opens_a_ticket_for_a_client_who_is_known(desk: Visitor) -> None:
    client = await factories.client()
    form = await desk.open(f"{LIST}/new?client={client}")
    assert "Петрова" in form.words(".chosen-client")
    page = await desk.send(form, LIST, subject="No stamp in May", body="I was here and got no stamp")
    assert (page.path, page.heading) == (FIRST, "No stamp in May")
    assert page.all(".said-body") == ["I was here and got no stamp"]
    assert page.words(".ticket-client h2") == "Анна Петрова"
    assert await rows(desk) == ["No stamp in May"]


async def test_a_ticket_may_be_of_nobody_yet_and_gets_its_client_later(desk: Visitor) -> None:
    page = await opened(desk)
    assert page.words(".ticket-client .callout")
    await factories.client()
    page = await desk.send(page, f"{FIRST}/client", who="Петрова", press="find=client")
    assert "Анна Петрова" in page.words(".hits")
    page = await desk.send(page, f"{FIRST}/client", client="1")
    assert page.words(".ticket-client h2") == "Анна Петрова"


async def test_a_client_is_taken_in_with_the_ticket(desk: Visitor) -> None:
    page = await opened(desk, new_name="Ольга Мороз", new_phone="+7 921 333-45-12")
    assert page.words(".ticket-client h2") == "Мороз Ольга"


async def test_what_is_missing_is_said_at_its_field_and_what_was_typed_stays(desk: Visitor) -> None:
    page = await opened(desk, subject="", body="It leaked")
    assert (page.status, page.error("subject")) == (422, say("problem.required", language="ru"))
    assert page.value("body") == "It leaked"
    assert await db.fetchval("SELECT count(*) FROM ticket") == 0


async def test_a_reply_waits_for_the_client_and_their_answer_opens_the_ticket(desk: Visitor) -> None:
    page = await opened(desk)
    page = await desk.send(page, f"{FIRST}/entries", body="We look into it")
    assert page.has(".page-head .is-pending")
    assert page.all(".is-out .said-body") == ["We look into it"]
    page = await desk.send(page, f"{FIRST}/entries", kind="in", body="Thank you")
    assert page.has(".page-head .is-open")
    assert page.all(".is-in .said-body")[-1] == "Thank you"
    page = await desk.send(page, f"{FIRST}/entries", kind="note", body="Hers is the third")
    assert (page.has(".page-head .is-open"), page.all(".is-note .said-body")) == (True, ["Hers is the third"])
    page = await desk.send(page, f"{FIRST}/entries", kind="note", body="Until Monday", note_status="on_hold")
    assert page.has(".page-head .is-on_hold")
    page = await desk.send(page, f"{FIRST}/entries", body="Done", status="solved")
    assert page.has(".page-head .is-solved")


async def test_a_reply_to_a_ticket_that_changed_meanwhile_is_shown_with_it_and_not_lost(
    desk: Visitor, sign_in: SignIn
) -> None:
    boris = await sign_in(BORIS)
    mine = await opened(desk)
    theirs = await boris.open(FIRST)
    await boris.send(theirs, f"{FIRST}/entries", body="I called them")
    page = await desk.send(mine, f"{FIRST}/entries", body="I write to them")
    assert (page.status, page.value("body")) == (409, "I write to them")
    assert page.words(".ticket-reply .callout") == say("refused.ticket_meanwhile", language="ru")
    assert page.all(".is-out .said-body") == ["I called them"]
    page = await desk.send(page, f"{FIRST}/entries")
    assert page.all(".is-out .said-body") == ["I called them", "I write to them"]


async def test_what_is_typed_is_kept_until_it_is_said_for_whoever_typed_it(desk: Visitor, sign_in: SignIn) -> None:
    page = await opened(desk)
    answer = await desk.post(
        f"{FIRST}/draft",
        {**page.fields(f"{FIRST}/entries"), "body": "Half a", "kind": "note"},
        **{"hx-request": "true"},
    )
    assert answer.status == 200
    assert "Черновик" in answer.response.text
    page = await desk.open(FIRST)
    assert (page.value("body"), page.value("kind")) == ("Half a", "note")
    assert page.words("#draft")
    boris = await (await sign_in(BORIS)).open(FIRST)
    assert boris.value("body") == ""
    await desk.send(page, f"{FIRST}/entries", body="Half a sentence")
    assert (await desk.open(FIRST)).value("body") == ""


async def test_two_who_change_what_it_is_about_see_both_versions(desk: Visitor, sign_in: SignIn) -> None:
    boris = await sign_in(BORIS)
    mine = await opened(desk)
    theirs = await boris.open(FIRST)
    await boris.send(theirs, FIRST, subject="No stamp in April")
    page = await desk.send(mine, FIRST, subject="No stamp in June")
    assert page.status == 409
    assert "No stamp in April" in page.words(".compare")
    assert "No stamp in June" in page.words(".compare")
    assert await db.fetchval("SELECT subject FROM ticket") == "No stamp in April"


async def test_the_buttons_move_a_ticket_and_give_it_to_oneself(desk: Visitor) -> None:
    page = await opened(desk, assignee="")
    page = await desk.send(page, f"{FIRST}/assignment")
    assert not page.has(f'form[action="{FIRST}/assignment"]')
    assert await db.fetchval("SELECT assignee FROM ticket") == ANNA.id
    page = await desk.send(page, f"{FIRST}/statuses", press="status=solved")
    assert page.has(".page-head .is-solved")
    page = await desk.send(page, f"{FIRST}/statuses", press="status=closed")
    assert page.has(".page-head .is-closed")
    assert not page.has(".ticket-reply")


async def test_a_status_that_cannot_follow_is_refused_in_words(desk: Visitor) -> None:
    page = await opened(desk)
    fields = page.fields(f"{FIRST}/statuses")
    page = await desk.post(f"{FIRST}/statuses", {**fields, "status": "closed"})
    assert (page.status, page.words("main .callout")) == (409, say("refused.ticket_status", language="ru"))
    page = await desk.post(f"{FIRST}/statuses", {**fields, "status": "nonsense"})
    assert page.status == 422


async def test_a_status_is_not_changed_over_what_somebody_did_meanwhile(desk: Visitor, sign_in: SignIn) -> None:
    page = await opened(desk)
    boris = await sign_in(BORIS)
    await boris.send(await boris.open(FIRST), f"{FIRST}/entries", kind="note", body="Not yet, please.")
    page = await desk.send(page, f"{FIRST}/statuses", press="status=solved")
    assert (page.status, page.words("main .callout")) == (409, say("refused.ticket_moved_meanwhile", language="ru"))
    assert page.has(".page-head .is-open")
    assert page.all(".said-body")[-1] == "Not yet, please."
    page = await desk.send(page, f"{FIRST}/statuses", press="status=solved")
    assert page.has(".page-head .is-solved")


async def test_the_views_hold_what_they_say(desk: Visitor, sign_in: SignIn) -> None:
    boris = await sign_in(BORIS)
    await opened(desk, "Mine")
    await opened(desk, "Nobody's", assignee="")
    await opened(desk, "Waits", assignee=str(BORIS.id))
    await desk.send(await desk.open(f"{LIST}/3"), f"{LIST}/3/entries", body="Is it so?")
    await opened(desk, "Done", assignee="")
    await desk.send(await desk.open(f"{LIST}/4"), f"{LIST}/4/statuses", press="status=solved")
    assert set(await rows(desk)) == {"Mine", "Nobody's", "Waits"}
    assert await rows(desk, f"{LIST}?view=mine") == ["Mine"]
    assert await rows(boris, f"{LIST}?view=mine") == ["Waits"]
    assert await rows(desk, f"{LIST}?view=unassigned") == ["Nobody's"]
    assert await rows(desk, f"{LIST}?view=waiting") == ["Waits"]
    assert await rows(desk, f"{LIST}?view=all") == ["Done", "Waits", "Nobody's", "Mine"]
    page = await desk.open(f"{LIST}/counts?view=mine")
    assert page.all("#ticket-views .count") == ["3", "1", "1", "1"]
    assert page.words("[aria-current]").startswith("Мои")


async def test_the_list_is_narrowed_and_searched_by_number_words_and_client(desk: Visitor) -> None:
    client = await factories.client()
    form = await desk.open(f"{LIST}/new?client={client}")
    await desk.send(
        form, LIST, subject="No stamp", body="The cleaning of Tuesday", priority="urgent", tags="till, card"
    )
    await opened(desk, "Late", body="Nobody came")
    assert await rows(desk, f"{LIST}?priority=urgent") == ["No stamp"]
    assert await rows(desk, f"{LIST}?tag=card") == ["No stamp"]
    assert await rows(desk, f"{LIST}?client={client}") == ["No stamp"]
    assert await rows(desk, f"{LIST}?assignee=none") == []
    for words, found in {
        "2": "Late",
        "#1": "No stamp",
        "tuesday": "No stamp",
        "ПЕТРОВА": "No stamp",
        "came": "Late",
    }.items():
        assert await rows(desk, f"{LIST}?q={words.replace('#', '%23')}") == [found], words
    assert await rows(desk, f"{LIST}?q=nothing") == []
    assert (await desk.open(f"{LIST}?view=nonsense&priority=nonsense&client=x&saved=99&after=99&q=%00")).status == 200


async def test_a_list_is_saved_for_oneself_and_taken_away(desk: Visitor, sign_in: SignIn) -> None:
    await opened(desk, "Slow")
    await opened(desk, "Fast", priority="urgent")
    page = await desk.open(f"{LIST}?priority=urgent")
    page = await desk.send(page, f"{LIST}/views?priority=urgent", name="Urgent ones")
    assert (page.words(".ticket-views [aria-current]"), page.all("tbody [data-key=o]")) == ("Urgent ones", ["Fast"])
    boris = await (await sign_in(BORIS)).open(LIST)
    assert "Urgent ones" not in boris.words(".ticket-views")
    page = await desk.send(page, f"{LIST}/views/1/removal")
    assert "Urgent ones" not in page.words(".ticket-views")


async def test_a_view_without_a_name_is_not_saved(desk: Visitor) -> None:
    page = await desk.open(f"{LIST}?view=mine&priority=high")
    page = await desk.send(page, f"{LIST}/views?view=mine&priority=high", name=" ")
    assert (page.status, page.error("name")) == (422, say("problem.required", language="ru"))
    assert page.words("[aria-current]").startswith("Мои") or "Мои" in page.words(".ticket-views [aria-current]")


async def test_many_are_changed_at_once_and_what_cannot_be_is_told(desk: Visitor) -> None:
    for subject in ("One", "Two", "Three"):
        await opened(desk, subject, assignee="")
    for move in ("solved", "closed"):
        await desk.send(await desk.open(f"{LIST}/3"), f"{LIST}/3/statuses", press=f"status={move}")
    page = await desk.open(f"{LIST}?view=all")
    bulk = f"{LIST}/changes?view=all"
    page = await desk.send(
        page, bulk, ticket=marks(page), assignee=str(ANNA.id), status="on_hold", tag="May", press="do=all"
    )
    assert page.response.url.query == b"view=all"
    found = await db.fetch("SELECT status, assignee, tags FROM ticket ORDER BY number")
    changed = ("on_hold", ANNA.id, ["May"])
    assert [tuple(row) for row in found] == [changed, changed, ("closed", None, [])]
    assert "3" in page.toast


async def test_a_list_that_somebody_else_changed_a_ticket_of_leaves_that_one_alone_and_says_so(
    desk: Visitor, sign_in: SignIn
) -> None:
    for subject in ("One", "Two"):
        await opened(desk, subject, assignee="")
    mine, also_mine = await desk.open(LIST), await desk.open(LIST)
    boris = await sign_in(BORIS)
    await boris.send(await boris.open(FIRST), f"{FIRST}/entries", kind="note", body="I called them")
    page = await desk.send(mine, f"{LIST}/changes", ticket=marks(mine), tag="May", press="do=all")
    assert say("effect.tickets_left_stale", "ru", numbers="1") in page.toast
    found = await db.fetch("SELECT tags FROM ticket ORDER BY number")
    assert [row["tags"] for row in found] == [[], ["May"]]
    page = await desk.send(also_mine, f"{LIST}/changes", press=f"do=solved:{marks(mine)[0]}")
    assert (page.status, page.words(".ticket-bulk .callout")) == (
        409,
        say("effect.tickets_left_stale", "ru", numbers="1"),
    )
    page = await desk.send(page, f"{LIST}/changes", press=f"do=mine:{marks(page)[0]}")
    assert await db.fetchval("SELECT assignee FROM ticket WHERE number = 1") == ANNA.id


async def test_nothing_ticked_or_nothing_chosen_is_said_above_the_list(desk: Visitor) -> None:
    await opened(desk)
    page = await desk.open(LIST)
    bulk = f"{LIST}/changes"
    page = await desk.send(page, bulk, status="solved", press="do=all")
    assert (page.status, page.words(".ticket-bulk .callout")) == (422, say("problem.none_ticked", language="ru"))
    page = await desk.send(page, bulk, ticket=marks(page), status="", press="do=all")
    assert (page.status, page.words(".ticket-bulk .callout")) == (422, say("problem.nothing_chosen", language="ru"))
    assert page.has("[name=ticket][checked]")
    for wrong in ("sold:1-1", "mine:1", "solved:1-x"):
        page = await desk.send(page, bulk, press=f"do={wrong}")
        assert page.status == 422


async def test_a_row_has_what_is_done_at_once(desk: Visitor) -> None:
    await opened(desk, assignee="")
    page = await desk.open(LIST)
    page = await desk.send(page, f"{LIST}/changes", press=f"do=mine:{marks(page)[0]}")
    assert await db.fetchval("SELECT assignee FROM ticket") == ANNA.id
    assert page.toast.startswith(say("done.ticket_taken", "ru", number=1))
    await desk.send(page, f"{LIST}/changes", press=f"do=solved:{marks(page)[0]}")
    assert await db.fetchval("SELECT status FROM ticket") == "solved"


async def test_several_that_were_changed_are_told_by_their_numbers_and_one_as_one(desk: Visitor) -> None:
    for subject in ("One", "Two"):
        await opened(desk, subject, assignee="")
    page = await desk.open(LIST)
    assert page.tree.css_first("#bulk [name=tag]").attributes["placeholder"] == say("words.bulk_tag", "ru")
    page = await desk.send(page, f"{LIST}/changes", ticket=marks(page), tag="May", press="do=all")
    assert page.toast.startswith(say("done.ticket.together", "ru", name="«1» и «2»"))
    assert page.words("#ticket-views [aria-current]") == "Не решённые 2"


async def test_several_that_one_takes_are_told_as_taken_with_undo(desk: Visitor) -> None:
    for subject in ("One", "Two"):
        await opened(desk, subject, assignee="")
    page = await desk.open(LIST)
    page = await desk.send(page, f"{LIST}/changes", ticket=marks(page), assignee=str(ANNA.id), press="do=all")
    assert page.toast.startswith(say("done.tickets_taken", "ru", count=2))
    [undo] = [one.attributes["action"] for one in page.tree.css(".toast form")]
    await desk.send(page, str(undo))
    assert await db.fetchval("SELECT count(*) FROM ticket WHERE assignee IS NULL") == 2


async def test_the_navigation_counts_what_waits_for_me_or_for_anybody(desk: Visitor) -> None:
    count = "#rail > .nav > .wide-only a[href='/tickets'] .count"
    assert not (await desk.open("/clients")).has(count)
    await opened(desk)
    await opened(desk, "Nobody's", assignee="")
    page = await desk.open("/clients")
    assert (page.words(count), page.has(f"{count}.urgent")) == ("2", False)
    moved = await desk.open("/clients", headers={"HX-Request": "true", "HX-Target": "page"})
    assert moved.words(count) == "2"
    await db.execute("UPDATE ticket SET first_reply_mark = 'breached' WHERE number = 2")
    assert (await desk.open("/clients")).has(f"{count}.urgent")
    await db.execute(MANY)
    assert (await desk.open("/clients")).words(count) == "99+"


async def test_a_page_of_the_list_leads_to_the_next(desk: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.routes.tickets.ROWS", 2)
    for subject in ("One", "Two", "Three"):
        await opened(desk, subject)
    page = await desk.open(LIST)
    assert page.all("tbody [data-key=o]") == ["One", "Two"]
    following = page.tree.css_first(".pages [rel=next]")
    assert following is not None
    assert await rows(desk, following.attributes["href"] or "") == ["Three"]


async def test_a_ticket_stands_beside_the_list_that_it_was_opened_from(desk: Visitor) -> None:
    await opened(desk, "Slow")
    await opened(desk, "Fast", priority="urgent")
    page = await desk.open(f"{LIST}?priority=urgent")
    link = page.tree.css_first("tbody [data-key=o]")
    assert link is not None
    page = await desk.open(link.attributes["href"] or "")
    assert page.all(".ticket-list strong") == ["Fast"]
    page = await desk.send(page, "/tickets/2/entries?priority=urgent", body="On our way")
    assert page.all(".ticket-list strong") == ["Fast"]


async def test_the_omnibox_finds_a_ticket_by_its_number(desk: Visitor) -> None:
    await opened(desk)
    page = await desk.open("/search?q=1", headers={"X-Omnibox": "1"})
    assert "No stamp in May" in page.words(".option")
    assert "No stamp" not in (await desk.open("/search?q=2")).words("main")


async def test_the_card_and_the_booking_lead_to_a_new_ticket(desk: Visitor) -> None:
    client = await factories.client()
    assert (await desk.open(f"/clients/{client}")).has(f'a[href="/tickets/new?client={client}"]')


async def test_a_ticket_leads_to_the_booking_that_it_is_about_and_has_its_files(sign_in: SignIn) -> None:
    desk, here = await sign_in(ANNA), await yard()
    booking = await here.book(here.nina, NOON)
    form = await desk.open(f"/bookings/{booking}")
    assert form.has(f'a[href="/tickets/new?client={here.client}&booking={booking}"]')
    form = await desk.open(f"{LIST}/new?client={here.client}&booking={booking}")
    page = await desk.send(form, LIST, subject="Came late", body="An hour late")
    assert page.has(f'.ticket-links a[href="/bookings/{booking}"]')
    assert page.has(f'.ticket-files a[href="{FIRST}/attachments/new"]')


async def test_the_list_in_force_is_taken_along_as_a_file(desk: Visitor, sign_in: SignIn) -> None:
    client = await factories.client()
    form = await desk.open(f"{LIST}/new?client={client}")
    await desk.send(form, LIST, subject="=1+1", body="Hers", tags="keys")
    await opened(desk, "Ours", assignee="")
    vera = await sign_in(VERA)
    answer = await vera.http.get(f"{LIST}?view=all&as=csv")
    header, *lines = csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert [one[:4] for one in lines] == [["2", "Ours", "", ""], ["1", "'=1+1", "Анна Петрова", "keys"]]
    mine = await vera.http.get(f"{LIST}?view=unassigned&as=csv")
    assert [one[1] for one in csv.reader(io.StringIO(mine.content.decode("utf-8-sig"), newline=""))][1:] == ["Ours"]
    book = await vera.http.get(f"{LIST}?as=xlsx")
    assert book.headers["content-type"].startswith("application/vnd.openxmlformats")
    boris = await sign_in(BORIS, language="en")
    answer = await boris.http.get(f"{LIST}?view=all&as=csv")
    own = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert own[0] == [one for one in header if one not in header[1:4]]
    assert not any(personal in answer.text for personal in ("Анна", "1+1", "keys"))


async def test_every_ticket_is_in_the_file_once(
    desk: Visitor, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_ticket_file, "AT_ONCE", 2)
    for subject in ("One", "Two", "Three"):
        await opened(desk, subject)
    vera = await sign_in(VERA)
    for view in ("open", "all"):
        answer = await vera.http.get(f"{LIST}?view={view}&as=csv")
        numbers = [one[0] for one in csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))][1:]
        assert sorted(numbers) == ["1", "2", "3"]


async def test_what_was_written_is_text(desk: Visitor) -> None:
    page = await opened(desk, "<b>bold</b>", body="<script>alert(1)</script>")
    assert (page.heading, page.all(".said-body")) == ("<b>bold</b>", ["<script>alert(1)</script>"])


async def test_a_ticket_that_there_is_not_is_not_found(desk: Visitor) -> None:
    assert (await desk.open(f"{LIST}/99")).status == 404
    page = await opened(desk)
    for part in ("entries", "draft", "statuses", "assignment", "client"):
        assert (await desk.post(f"{LIST}/99/{part}", page.fields(f"{FIRST}/entries"))).status == 404


async def test_the_settings_say_how_soon_and_what_about(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.open("/settings/tickets")
    assert page.value("urgent_first_reply") == "30"
    page = await vera.send(page, "/settings/tickets", urgent_first_reply="15", urgent_warn="5")
    assert page.value("urgent_first_reply") == "15"
    page = await vera.send(page, "/settings/tickets", urgent_first_reply="0", low_first_reply="0")
    assert (page.status, bool(page.error("urgent_first_reply"))) == (422, True)
    assert page.all(".callout.danger li a") == ["Urgent: first reply", "Low: first reply"]
    page = await vera.open("/settings/tickets/categories/new")
    page = await vera.send(page, "/settings/tickets/categories", name_en="Keys", name_ru="Ключи")
    assert "Keys" in page.words("main")
    page = await vera.send(page, "/settings/tickets/categories/1/retirement")
    assert page.all(".item.is-off a")
    page = await vera.send(page, "/settings/tickets/categories/1/readmission")
    assert not page.has(".item.is-off")
    page = await vera.open("/settings/tickets/categories/1")
    await vera.send(page, "/settings/tickets/categories/1", name_en="Stamps", position="9")
    assert await db.fetchval("SELECT array_agg(holds ORDER BY id) FROM ticket_category") == [True, *[False] * 6]
    assert "Stamps" in (await vera.open("/settings/tickets")).words(".items li:nth-last-child(1)")


async def test_the_desk_does_not_keep_the_settings(desk: Visitor) -> None:
    assert (await desk.open("/settings/tickets")).status == 403
