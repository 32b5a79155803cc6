"""Notes, contacts, sites, consents and cards on a client's card, as the front desk uses them."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from pypdf import PdfReader

from console.domain import clock, db
from console.domain.desk.actions import erase
from console.domain.desk.rules import Why
from console.domain.ids import ClientId
from console.domain.intent import DEMO, Intent
from tests import factories
from tests.cast import ANNA, VERA
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.words import say

CARD = "/clients/7"
CAT = "cat, do not open the balcony"
NUMBER, OTHER = "45120939", "20315519"


@pytest.fixture
async def desk(sign_in: SignIn) -> Visitor:
    """The front desk, in English, with a client (7) and a company (8)."""
    visitor = await sign_in(ANNA, language="en")
    await factories.client(id=7)
    await factories.client("", "", company="Granit", folded="granit", id=8)
    return visitor


async def send(visitor: Visitor, form: str, page: str = CARD, **values: Any) -> Page:
    return await visitor.send(await visitor.open(page), form, **values)


async def undone(visitor: Visitor, page: Page) -> Page:
    return await visitor.send(page, page.tree.css_first(".toast form").attributes["action"])


async def test_a_note_that_jumps_out_stands_above_the_others(desk: Visitor) -> None:
    await send(desk, f"{CARD}/notes", text=CAT, loud="on")
    page = await send(desk, f"{CARD}/notes", text="pays in cash\nwants a receipt")
    assert page.path == CARD
    assert page.all(".note-text") == [CAT, "pays in cash wants a receipt"]
    assert page.all(".note.is-loud .note-text") == [CAT]
    assert ANNA.name in page.words(".note-by")
    assert page.toast == say("done.client_note.add", "en", name="Анна Петрова")
    assert (await undone(desk, page)).all(".note-text") == [CAT]


async def test_a_note_without_words_is_refused_at_its_field_on_the_card(desk: Visitor) -> None:
    page = await send(desk, f"{CARD}/notes", text="", loud="on")
    assert (page.status, page.error("text")) == (422, say("problem.required", "en"))
    assert page.heading == "Анна Петрова"
    assert page.has("#new-note[open]")
    assert page.value("loud")
    page = await desk.send(page, f"{CARD}/notes", text=CAT)
    assert page.all(".note.is-loud .note-text") == [CAT]


async def test_a_note_is_changed_and_removed(desk: Visitor) -> None:
    page = await send(desk, f"{CARD}/notes", text=CAT, loud="on")
    change = page.tree.css_first(".note a").attributes["href"] or ""
    page = await send(desk, change, change, text="dog", loud=None)
    assert (page.path, page.all(".note-text"), page.has(".is-loud")) == (CARD, ["dog"], False)
    page = await send(desk, f"{change}/removal", change)
    assert (page.path, page.all(".note-text")) == (CARD, [])
    assert (await undone(desk, page)).all(".note-text") == ["dog"]
    assert (await desk.open("/clients/notes/4711")).status == 404


async def test_of_two_notes_at_once_both_are_shown(desk: Visitor, sign_in: SignIn) -> None:
    change = f"/clients/notes/{await factories.note(7)}"
    vera = await sign_in(VERA)
    mine = await desk.open(change)
    await send(vera, change, change, text="hers")
    page = await desk.send(mine, change, text="mine")
    assert page.status == 409
    assert [" ".join(one.split()) for one in page.all(".compare .differs td")] == ["hers", "mine"]
    page = await desk.send(page, change)
    assert page.all(".note-text") == ["mine"]


async def test_a_contact_is_added_changed_and_removed(desk: Visitor) -> None:
    page = await send(
        desk,
        "/clients/8/contacts",
        "/clients/8/contacts/new",
        name="Пётр Лужин",
        role="accountant",
        phone="+7 921 555-01-99",
        email="P@Granit.example",
    )
    assert page.path == "/clients/8"
    assert page.words("#contacts .item") == "Пётр Лужин accountant +7 921 555-01-99 p@granit.example"
    assert page.has('#contacts a[href="tel:+79215550199"]')
    assert (await desk.open("/clients?q=0199")).has('a[href="/clients/8"]')
    change = page.tree.css_first("#contacts .item a").attributes["href"] or ""
    page = await send(desk, change, change, name="Павел Ким", role="", phone="", email="")
    assert page.words("#contacts .item") == "Павел Ким"
    page = await send(desk, f"{change}/removal", change)
    assert not page.has("#contacts .item")
    assert (await undone(desk, page)).words("#contacts .item") == "Павел Ким"


async def test_wrong_contacts_are_refused_at_their_fields(desk: Visitor) -> None:
    page = await send(desk, "/clients/8/contacts", "/clients/8/contacts/new", name="", phone="12", email="no")
    assert page.status == 422
    assert [page.error(name) != "" for name in ("name", "phone", "email", "role")] == [True, True, True, False]
    assert (page.value("phone"), page.value("email")) == ("12", "no")
    page = await desk.send(page, "/clients/8/contacts", name="´", phone="", email="")
    assert page.error("name")


async def test_a_site_says_where_it_is_and_how_to_get_in(desk: Visitor) -> None:
    page = await send(desk, "/clients/8/sites", "/clients/8/sites/new", address="", name="Office")
    assert (page.status, page.error("address")) == (422, say("problem.required", "en"))
    page = await desk.send(page, "/clients/8/sites", address="Lenina 5", note="code 12")
    assert page.words("#sites .item") == "Office Lenina 5 code 12"
    change = page.tree.css_first("#sites .item a").attributes["href"] or ""
    page = await send(desk, change, change, name="", note="")
    assert page.words("#sites .item") == "Lenina 5"
    page = await send(desk, f"{change}/removal", change)
    assert not page.has("#sites .item")


async def test_people_have_contacts_and_addresses_too(desk: Visitor) -> None:
    page = await desk.open(CARD)
    assert not page.has("#contacts")
    assert not page.has("#sites")
    page = await send(desk, f"{CARD}/contacts", f"{CARD}/contacts/new", name="Her husband")
    page = await send(desk, f"{CARD}/sites", f"{CARD}/sites/new", address="Summer house")
    assert (page.words("#contacts .item"), page.words("#sites .item")) == ("Her husband", "Summer house")


async def test_the_same_form_sent_twice_adds_once(desk: Visitor) -> None:
    for form, page, values in (
        (f"{CARD}/notes", CARD, {"text": CAT}),
        (f"{CARD}/contacts", f"{CARD}/contacts/new", {"name": "Пётр"}),
        (f"{CARD}/sites", f"{CARD}/sites/new", {"address": "Lenina 5"}),
        (f"{CARD}/cards", CARD, {"number": ""}),
    ):
        opened = await desk.open(page)
        for _ in range(2):
            assert (await desk.send(opened, form, **values)).path == CARD
    for table in ("client_note", "client_contact", "client_site", "client_card"):
        assert await db.fetchval(f"SELECT count(*) FROM {table}") == 1, table


CONSENTS = f"{CARD}/consents"


async def test_consent_is_given_taken_back_and_stays_told(desk: Visitor) -> None:
    page = await desk.open(CARD)
    assert not page.has("#consents table")
    assert "told of their bookings all the same" in page.words("#consents")
    page = await send(desk, CONSENTS, CONSENTS, sms_offers="on", email_reminders="on", source="in_person")
    assert page.path == CARD
    assert page.all("#consents tbody tr")[:2] == ["SMSno–no–", "Emailno–no–"]
    assert len(page.tree.css("#consents td svg")) == 2
    page = await send(desk, CONSENTS, CONSENTS, sms_offers=None, source="by_phone")
    assert [mark.attributes["aria-label"] for mark in page.tree.css("#consents td svg")] == ["taken back", "yes"]
    page = await desk.open(CONSENTS)
    assert page.value("email_reminders")
    assert not page.value("sms_offers")
    (offers, reminders) = page.all("#history dd")
    assert offers.startswith("Taken back by phone")
    assert "Given in person" in offers
    assert f", {ANNA.name}" in offers
    assert reminders.startswith("Given in person")


async def test_an_undone_consent_is_taken_back_and_told_as_such(desk: Visitor) -> None:
    page = await send(desk, CONSENTS, CONSENTS, sms_offers="on", source="on_paper")
    await undone(desk, page)
    page = await desk.open(CONSENTS)
    assert not page.value("sms_offers")
    assert page.words("#history dd").startswith("Taken back by an undo")


async def test_a_consent_needs_how_and_a_day_that_has_come(desk: Visitor) -> None:
    page = await send(desk, CONSENTS, CONSENTS, sms_offers="on", source=None, on="2199-01-01")
    assert (page.status, page.error("source")) == (422, say("problem.choose", "en"))
    page = await desk.send(page, CONSENTS, source="in_person")
    assert (page.status, page.error("on")) == (422, say("problem.consent_later", "en"))
    before = say("problem.consent_before_joining", "en", date="12 Jan 2026")
    for day, error in (
        ("9999-12-31", say("problem.consent_later", "en")),
        ("0026-05-12", before),
        ("2026-01-11", before),
        ("2026-02-30", say("problem.date", "en")),
        ("soon", say("problem.date", "en")),
    ):
        page = await desk.send(page, CONSENTS, on=day)
        assert (page.status, page.value("on"), page.error("on")) == (422, day, error)
    assert page.value("sms_offers")
    for source in ("import", "correction", "gossip"):
        page = await desk.send(page, CONSENTS, source=source, on="2026-01-01")
        assert page.error("source")
    assert await db.fetchval("SELECT count(*) FROM client_consent") == 0


async def test_of_two_forms_of_consent_both_are_kept(desk: Visitor, sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    mine = await desk.open(CONSENTS)
    await send(vera, CONSENTS, CONSENTS, sms_offers="on", source="in_person")
    page = await desk.send(mine, CONSENTS, email_offers="on", source="by_phone")
    assert page.status == 409
    assert page.heading.startswith(f"{await db.fetchval('SELECT given_name FROM client_profile WHERE client = 7')} ")
    assert await db.fetchval("SELECT count(*) FROM client_consent") == 1
    assert (page.has(".compare input"), len(page.tree.css(".compare tbody tr"))) == (False, 3)
    page = await desk.send(page, CONSENTS)
    assert page.path == CARD
    rows = await db.fetch("SELECT channel, given FROM client_consent ORDER BY id")
    assert [tuple(row) for row in rows] == [("sms", True), ("email", True)]


async def test_a_card_is_issued_with_a_new_number(desk: Visitor) -> None:
    page = await send(desk, f"{CARD}/cards")
    number = page.words("#card .card-number")
    assert page.toast == say("done.client_card.issue", "en", name="Анна Петрова")
    assert (page.tree.css_first("#card img").attributes["src"] or "").startswith("data:image/svg+xml")
    page = await desk.open(f"{CARD}/card")
    assert (page.heading, page.words(".plastic-number")) == (say("title.card", "en", number=number), number)
    assert page.words(".plastic-name") == "Анна Петрова"


@pytest.mark.parametrize("typed", [NUMBER, "4512-0939", "4512 0939", " 4512–0939 "])
async def test_a_printed_card_is_typed_or_scanned(desk: Visitor, typed: str) -> None:
    page = await send(desk, f"{CARD}/cards", number=typed)
    assert page.words("#card .card-number") == "4512-0939"


async def test_what_is_no_card_or_anothers_is_refused_at_the_field(desk: Visitor) -> None:
    await factories.card(8, OTHER)
    for typed, key in (
        ("4512-0938", "problem.card_number"),
        ("hello", "problem.card_number"),
        (OTHER, "problem.card_taken"),
    ):
        page = await send(desk, f"{CARD}/cards", number=typed)
        assert (page.status, page.error("number")) == (422, say(key, "en")), typed
        assert page.value("number") == typed
        assert page.has("#card details[open]")


async def test_a_lost_card_is_replaced_and_the_old_one_refused_ever_after(desk: Visitor) -> None:
    await factories.card(7)
    page = await send(desk, f"{CARD}/cards/replacement", number=OTHER)
    assert page.words("#card .card-number") == "2031-5519"
    assert "4512-0939" in page.words("#card .lost-cards")
    for url, form in (("/clients/8", "/clients/8/cards"), (CARD, f"{CARD}/cards/replacement")):
        refused = await send(desk, form, url, number=NUMBER)
        assert (refused.status, refused.error("number")) == (422, say("problem.card_lost", "en"))
    page = await undone(desk, page)
    assert (page.words("#card .card-number"), page.has(".lost-cards")) == ("4512-0939", False)


async def test_an_erased_clients_card_is_given_to_nobody_else(desk: Visitor) -> None:
    await factories.card(8)
    await erase(Intent(uuid4(), DEMO, clock.now(), reason=Why.ASKED), ClientId(8))
    page = await send(desk, f"{CARD}/cards", number=NUMBER)
    assert (page.status, page.error("number")) == (422, say("problem.card_erased", "en"))


async def test_a_card_that_is_gone_by_now_cannot_be_lost(desk: Visitor) -> None:
    card = await factories.card(7)
    page = await desk.open(CARD)
    await db.execute("UPDATE client_card SET retired_at = now() WHERE id = $1", card)
    page = await desk.send(page, f"{CARD}/cards/replacement")
    assert page.status == 409
    assert say("refused.no_card", "en") in page.words("main")


async def test_a_card_that_was_replaced_meanwhile_is_not_taken_for_the_new_one(desk: Visitor) -> None:
    await factories.card(7)
    page = await desk.open(CARD)
    await send(desk, f"{CARD}/cards/replacement", number=OTHER)
    page = await desk.send(page, f"{CARD}/cards/replacement")
    assert page.status == 409
    assert say("refused.card_replaced", "en") in page.words("main")
    assert page.words("#card .card-number") == "2031-5519"


async def test_a_card_is_printed_in_its_size(desk: Visitor) -> None:
    await factories.card(7)
    answer = await desk.http.get(f"{CARD}/card?as=pdf")
    assert answer.headers["content-type"] == "application/pdf"
    document = PdfReader(BytesIO(answer.content))
    (page,) = document.pages
    millimetres = [round(float(side) / 72 * 25.4) for side in page.mediabox[2:]]
    assert millimetres == [85, 55]
    text = page.extract_text()
    assert "4512-0939" in text
    assert "Анна Петрова" in text
    assert document.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert answer.content == (await desk.http.get(f"{CARD}/card?as=pdf")).content


async def test_without_a_card_there_is_nothing_to_print(desk: Visitor) -> None:
    assert (await desk.open(f"{CARD}/card")).status == 404
    assert (await desk.open("/clients/4711/card")).status == 404


async def test_of_an_erased_client_nothing_is_offered(desk: Visitor) -> None:
    await factories.note(7)
    await factories.card(7)
    await db.execute("UPDATE client_note SET text = NULL")
    await db.execute("UPDATE client_profile SET given_name = NULL, family_name = NULL, folded = '' WHERE client = 7")
    await db.execute("UPDATE client SET retired_at = now(), erased_at = now() WHERE id = 7")
    page = await desk.open(CARD)
    assert not page.tree.css("#main form, #main details, .note")
    for url in (f"{CARD}/card", CONSENTS, "/clients/notes/1", f"{CARD}/contacts/new", f"{CARD}/sites/new"):
        assert (await desk.open(url)).status == 404, url
    csrf = (await desk.open("/clients/8")).value("_csrf")
    for url, values in (
        (f"{CARD}/notes", {"text": "x"}),
        (f"{CARD}/contacts", {"name": "x"}),
        (f"{CARD}/sites", {"address": "x"}),
        (f"{CARD}/cards", {}),
        (f"{CARD}/cards/replacement", {}),
        (CONSENTS, {"source": "in_person", "on": "2026-01-01"}),
    ):
        refused = await desk.post(url, {"_csrf": csrf, **values})
        assert (refused.status, refused.heading) == (409, "An erased client"), url


async def test_a_note_that_was_changed_meanwhile_is_not_taken_away_unread(desk: Visitor) -> None:
    note = await factories.note(7)
    page = await desk.open(f"/clients/notes/{note}")
    await send(desk, f"/clients/notes/{note}", f"/clients/notes/{note}", text="two cats")
    refused = await desk.send(page, f"/clients/notes/{note}/removal")
    assert (refused.status, say("refused.stale", "en") in refused.words("body")) == (409, True)
    assert (await desk.open(CARD)).all(".note-text") == ["two cats"]


@pytest.mark.parametrize(
    ("folder", "typed", "shown"),
    [
        ("notes", {"text": "two cats", "loud": "on"}, ".note.is-loud .note-text"),
        ("contacts", {"name": "two cats", "role": "neighbour"}, "#contacts .item a"),
        ("sites", {"address": "two cats", "note": "ring twice"}, "#sites .item a"),
    ],
)
async def test_what_was_typed_about_something_removed_meanwhile_is_kept_and_added_anew(
    desk: Visitor, sign_in: SignIn, folder: str, typed: dict[str, str], shown: str
) -> None:
    made = {"notes": factories.note, "contacts": factories.contact, "sites": factories.site}
    change = f"/clients/{folder}/{await made[folder](7)}"
    vera = await sign_in(VERA)
    mine = await desk.open(change)
    removed = await send(vera, f"{change}/removal", change)
    assert removed.path == CARD
    page = await desk.send(mine, change, **typed)
    assert (page.status, "This was removed while you were typing" in page.words(".callout")) == (409, True)
    assert {name: page.value(name) for name in typed if name != "loud"} == {
        name: text for name, text in typed.items() if name != "loud"
    }
    page = await desk.send(page, f"{CARD}/{folder}")
    assert (page.path, page.all(shown)) == (CARD, ["two cats"])
    wrong = await desk.send(mine, change, **dict.fromkeys(typed, ""))
    assert (wrong.status, wrong.error(next(iter(typed)))) == (422, say("problem.required", "en"))
    again = await desk.send(mine, f"{change}/removal")
    assert (again.status, say("refused.part_removed", "en") in again.words("main")) == (409, True)


async def test_a_client_who_went_to_the_archive_meanwhile_may_be_edited_and_it_is_said(
    desk: Visitor, sign_in: SignIn
) -> None:
    note = f"/clients/notes/{await factories.note(7)}"
    pages = {
        CARD: (f"{CARD}/notes", {"text": CAT}),
        note: (note, {"text": CAT}),
        f"{CARD}/contacts/new": (f"{CARD}/contacts", {"name": "Her husband"}),
        f"{CARD}/edit": (CARD, {"given_name": "Vera"}),
        CONSENTS: (CONSENTS, {"sms_offers": "on", "source": "in_person"}),
    }
    opened = {url: await desk.open(url) for url in pages}
    vera = await sign_in(VERA)
    await send(vera, f"{CARD}/retirement")
    for url, (form, typed) in pages.items():
        page = await desk.send(opened[url], form, **typed)
        assert (page.status, page.path) == (200, CARD), url
        assert page.toast.endswith(f". {say('words.client_in_archive', 'en')}"), url
        assert "In the archive" in (await desk.open(url)).words("#main")
    page = await send(vera, f"{CARD}/readmission")
    assert say("words.client_in_archive", "en") not in page.toast


async def test_nobody_elses_client_is_invented(desk: Visitor) -> None:
    csrf = (await desk.open("/clients/8")).value("_csrf")
    for url, values in (
        ("/clients/77/notes", {"text": "x"}),
        ("/clients/77/contacts", {"name": "x"}),
        ("/clients/77/sites", {"address": "x"}),
        ("/clients/77/cards", {}),
        ("/clients/77/cards", {"number": "wrong"}),
        ("/clients/77/consents", {"source": "in_person", "on": "2026-01-01"}),
        ("/clients/notes/77", {"text": "x"}),
        ("/clients/contacts/77/removal", {}),
    ):
        assert (await desk.post(url, {"_csrf": csrf, **values})).status == 404, url
    for url in ("/clients/77/contacts/new", "/clients/77/sites/new", "/clients/77/consents", "/clients/sites/77"):
        assert (await desk.open(url)).status == 404, url
