"""A person's own data over HTTP: handed over as a document and as JSON, and erased after a preview."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from pypdf import PageObject, PdfReader

from console.domain import clock, db
from console.domain.clients import contacts
from console.domain.clients.queries import ClientView
from console.domain.clients.rules import Channel, Email, Purpose
from console.domain.desk import queries
from console.domain.desk.rules import Why
from console.domain.ids import ClientId, TicketId
from console.domain.loyalty.sources import Source
from console.domain.tables import Record
from console.domain.tickets import files as ticket_files
from console.domain.tickets.files import Upload
from console.routes import client_data
from console.routes._ledger_words import SOURCES
from tests import factories
from tests.cast import ANNA, BORIS, NOW, OLEG, VERA, Person
from tests.domain.desk import deeds
from tests.domain.desk.deeds import TRACES, ZOE, booking, change, consent, lived, loyal, note, traces, zoe
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.words import say

MAY = [VERA, OLEG]
MAY_NOT = [ANNA, BORIS]


@pytest.fixture
async def vera(sign_in: SignIn) -> Visitor:
    visitor = await sign_in(VERA)
    await factories.staff(ANNA)
    return visitor


async def exported(visitor: Visitor, client: int) -> dict[str, Any]:
    page = await visitor.open(f"/clients/{client}/data?as=json")
    assert page.response.headers["content-type"] == "application/json"
    assert "attachment" in page.response.headers["content-disposition"]
    found: dict[str, Any] = json.loads(page.response.text)
    return found


async def test_the_archive_holds_the_files_of_their_tickets_beside_everything_else(vera: Visitor) -> None:
    client, other = await zoe(), await zoe()
    for whose in (client, client, other):
        await deeds.evidence(whose)
    ticket = TicketId(await db.fetchval("SELECT min(id) FROM ticket"))
    await ticket_files.attach(deeds.intent(), ticket, Upload("../Quill.txt", b"once more"))
    answer = await vera.http.get(f"/clients/{client}/data?as=zip")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    with zipfile.ZipFile(BytesIO(answer.content)) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    document = json.loads(held.pop("data.json"))
    assert document["format"] == "fifth-visit/client/1"
    assert held == {
        "Tickets/1/Quill.txt": b"Zoe Quill, Quince Lane",
        "Tickets/1/Quill (2).txt": b"once more",
        "Tickets/2/Quill.txt": b"Zoe Quill, Quince Lane",
    }


@pytest.mark.parametrize("who", MAY_NOT, ids=lambda who: str(who.role))
async def test_the_archive_is_for_those_who_may_hand_it_over(who: Person, sign_in: SignIn) -> None:
    visitor = await sign_in(who)
    assert (await visitor.http.get(f"/clients/{await factories.client()}/data?as=zip")).status_code == 403


async def test_the_json_holds_everything_that_was_said_then_and_now(vera: Visitor) -> None:
    client = await lived()
    text = (await vera.open(f"/clients/{client}/data?as=json")).response.text.lower()
    assert [trace for trace in TRACES if trace not in text] == []
    held = json.loads(text)
    assert held["format"] == "fifth-visit/client/1"
    assert datetime.fromisoformat(held["exported_at"]).tzinfo
    assert [one["text"] for one in held["record"]["notes"]["client_note"]] == ["zoe has three cats", "ask quill"]
    assert "two cats of quill's" in text
    profile = held["record"]["profile"]["client_profile"][0]
    assert date.fromisoformat(profile["joined_on"])
    assert profile["phones"][1]["number"] == "+442079460018"
    assert held["record"]["consents"]["client_consent"][0]["channel"] == "sms"
    assert {one["by"] for one in held["history"]} == {"front desk", "the client, by their link"}
    assert ANNA.name.lower() not in text


async def test_a_consent_of_which_only_the_day_is_known_is_exported_as_that_day(vera: Visitor) -> None:
    client = await lived()
    await db.execute("UPDATE client_profile SET joined_on = '2026-05-01'")
    await consent(client, (Channel.EMAIL, Purpose.OFFERS), on=date(2026, 5, 3))
    held = await exported(vera, client)
    now, on = held["record"]["consents"]["client_consent"]
    assert (datetime.fromisoformat(now["at"]), on["at"]) == (NOW, "2026-05-03")
    told = [entry for entry in held["history"] if entry["fields"] and "consent" in entry["fields"][0]["column"]]
    assert [{one["column"].partition(".")[2]: one["new"] for one in entry["fields"]} for entry in told] == [
        {"channel": "email", "purpose": "offers", "given": True},
        {"channel": "sms", "purpose": "offers", "given": True},
    ]


@pytest.mark.parametrize(
    ("language", "name", "price"), [("en", "Deep clean", "£45.50"), ("ru", "Генеральная уборка", "45,50 £")]
)
async def test_of_a_booking_it_says_what_who_did_it_and_at_which_price(
    sign_in: SignIn, language: str, name: str, price: str
) -> None:
    visitor = await sign_in(VERA, language=language)
    await factories.staff(ANNA)
    client = await zoe()
    held = await booking(client)
    await db.execute("UPDATE booking_item SET minor = 4550, currency = 'GBP'")
    [told] = (await exported(visitor, client))["record"]["bookings"]["booking"]
    [service] = told["services"]
    assert (told["id"], service["service"]["name"]) == (held, name)
    assert [one["name"] for one in service["by"]] == ["Yuri 0"]
    assert (service["minor"], service["currency"]) == (4550, "GBP")
    assert datetime.fromisoformat(service["starts_at"]) == datetime.fromisoformat(told["starts_at"])
    page = await visitor.open(f"/clients/{client}/data?as=pdf")
    text = " ".join(" ".join(one.extract_text() for one in PdfReader(BytesIO(page.response.content)).pages).split())
    assert f"{name}, Yuri 0, {price}".replace("\xa0", " ") in text.replace("\xa0", " ")


def beginnings(sheet: PageObject) -> list[float]:
    """How far from the left each text on a page begins, in points."""
    found: list[float] = []

    def begin(text: str, page: list[float], at: list[float], *_: Any) -> None:
        if text.strip():
            found.append(at[4] * page[0] + at[5] * page[2] + page[4])

    sheet.extract_text(visitor_text=begin)
    return found


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            "Time Services Location Status|13 May 2026 12:00|Recurring bookings|Desk|Note|skip it"
            "|Every week on Wednesday at 12:00|Deep clean",
        ),
        (
            "ru",
            "Время Услуги Филиал Статус|13 мая 2026 12:00|Повторяющиеся записи|Лично|Примечание|пропустить"
            "|Каждую неделю по средам в 12:00|Генеральная уборка",
        ),
    ],
)
async def test_bookings_stand_in_the_document_in_words_and_not_in_codes(
    sign_in: SignIn, language: str, words: str
) -> None:
    told = words.split("|")
    visitor = await sign_in(VERA, language=language)
    await factories.staff(ANNA)
    client = await lived()
    held = await exported(visitor, client)
    services = held["record"]["bookings"]["series"][0]["services"]
    assert [set(one) for one in services] == [{"id", "name"}]
    assert services[0]["name"] == told[-1]
    page = await visitor.open(f"/clients/{client}/data?as=pdf")
    text = " ".join(" ".join(one.extract_text() for one in PdfReader(BytesIO(page.response.content)).pages).split())
    assert [one for one in told if one not in text.replace("\xa0", " ")] == []
    assert text.count(f"Yuri 1 {told[4]}: Quill opens the door") == 1
    for sheet in PdfReader(BytesIO(page.response.content)).pages:
        begins = beginnings(sheet)
        assert max(begins) < float(sheet.mediabox[2]) - 28, "a column runs over the edge"


@pytest.mark.parametrize(("language", "days"), [("en", ["12 Jan ", "3 May "]), ("ru", ["12 янв. ", "3 мая "])])
async def test_days_have_their_years_in_the_document(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, language: str, days: list[str]
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    visitor = await sign_in(VERA, language=language)
    await factories.staff(ANNA)
    client = await factories.client(joined_on=date(2026, 1, 12))
    await consent(ClientId(client), on=date(2026, 5, 3))
    page = await visitor.open(f"/clients/{client}/data?as=pdf")
    text = " ".join(" ".join(one.extract_text() for one in PdfReader(BytesIO(page.response.content)).pages).split())
    for day in days:
        assert f"{day}2026" in text.replace("\xa0", " ")


async def test_every_table_of_a_client_is_exported_or_declared_to_stand_apart(
    vera: Visitor, as_owner: asyncpg.Connection, scripts: None
) -> None:
    """By the database's own foreign keys: a later table joins, or this test fails."""
    rows = await as_owner.fetch(
        "SELECT DISTINCT conrelid::regclass::text AS name FROM pg_constraint"
        " WHERE contype = 'f' AND confrelid = 'client'::regclass"
    )
    client = await lived()
    await loyal(client)
    held = await exported(vera, client)
    tables = {name for part in held["record"].values() for name, rows in part.items() if rows}
    assert {row["name"] for row in rows} - Record.apart.keys() == tables - {"client"}
    assert list(held["record"]) == queries.parts()


async def test_every_column_is_exported_and_its_meaning_is_told(
    vera: Visitor, as_owner: asyncpg.Connection, scripts: None
) -> None:
    client = await lived()
    await loyal(client)
    held = await exported(vera, client)
    for part in held["record"].values():
        for table, rows in part.items():
            live = await as_owner.fetch(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1",
                table,
            )
            away = {"version", "operation", "folded"} | ({"client"} if table != "client" else set())
            away |= {"ticket_file": {"content"}, "ticket_mail": {"key", "content", "origin"}}.get(table, set())
            more = {"services"} if table == "booking" else set()
            assert rows[0].keys() == {row[0] for row in live} - away | more
            assert all(not held["meanings"][f"{table}.{name}"].startswith("column.") for name in rows[0])


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_the_document_holds_it_in_words_and_is_tagged(sign_in: SignIn, language: str) -> None:
    visitor = await sign_in(replace(VERA, language=language))
    await factories.staff(ANNA)
    client = await lived()
    page = await visitor.open(f"/clients/{client}/data?as=pdf")
    assert page.response.headers["content-type"] == "application/pdf"
    pdf = PdfReader(BytesIO(page.response.content))
    text = " ".join(" ".join(one.extract_text() for one in pdf.pages).split())
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert pdf.trailer["/Root"]["/Lang"] == language
    for said in ("Zoë Quill Xanthopoulou", "+44 20 7946 0018 (work)", "zoe.quill@mail.example", "Zoe has three cats",
                 "Ask Quill", "Quentin Q", "Ring for Zoe", say("part.consents", language),
                 say("What happened", language), "Quince Lane 8"):  # fmt: skip
        assert said in text, said
    assert ANNA.name not in text


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_what_the_programme_keeps_stands_in_the_document_and_the_timeline_in_words(
    sign_in: SignIn, language: str, scripts: None
) -> None:
    visitor = await sign_in(replace(VERA, language=language))
    await factories.staff(ANNA)
    client = await zoe()
    await loyal(client)
    text = printed(await visitor.open(f"/clients/{client}/data?as=pdf")).lower()
    for key in ("title.memberships", "title.tiers", "title.ledger", "title.fixed_cards", "words.tier_raised",
                "words.unit_stamp", "words.verb_earn", "words.posted_by_visit"):  # fmt: skip
        assert say(key, language).replace("\xa0", " ").lower() in text, key
    assert say("words.rules_of_version", language, number=0).replace("\xa0", " ") in text
    page = await visitor.open(f"/clients/{client}/timeline?show=loyalty")
    told = page.words("main")
    for key in ("words.tier_raised", "words.entry_stamp_earn"):
        assert say(key, language).lower() in told.lower(), key
    assert "snapshot" not in text + told
    assert say("kind.fixed_card.give", language, name="Zoë Xanthopoulou") in told


def test_whatever_posts_to_a_ledger_has_words() -> None:
    assert set(Source) == set(SOURCES)


def printed(page: Page) -> str:
    """What a PDF says, in one line."""
    sheets = PdfReader(BytesIO(page.response.content)).pages
    return " ".join(" ".join(one.extract_text() for one in sheets).split()).replace("\xa0", " ")


async def test_when_something_was_removed_stands_last_in_the_document(vera: Visitor) -> None:
    client = await factories.client()
    await factories.contact(client, email="a@mail.example", retired_at=NOW)
    await factories.contact(client)
    page = await vera.open(f"/clients/{client}/data?as=pdf")
    heads = " ".join(map(say, ("column.client_contact.email", "words.removed_on"))).lower()
    assert heads in printed(page).lower()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Ended: 12 May 2026", "In the archive since 12 May 2026", "Withdrawn"]),
        ("ru", ["Завершена: 12 мая 2026", "В архиве с 12 мая 2026", "Отозвана"]),
    ],
)
async def test_what_ended_otherwise_is_not_called_removed(sign_in: SignIn, language: str, words: list[str]) -> None:
    visitor = await sign_in(VERA, language=language)
    await factories.staff(ANNA)
    client = await factories.client()
    begun = await deeds.recurring(ClientId(client))
    await factories.card(client, retired_at=NOW)
    await db.execute("UPDATE series SET retired_at = $1 WHERE id = $2", NOW, begun)
    await db.execute("UPDATE client SET retired_at = $1", NOW)
    text = printed(await visitor.open(f"/clients/{client}/data?as=pdf"))
    assert [one for one in words if one not in text] == []
    assert say("words.removed_on", language) not in text.lower()
    told = (await exported(visitor, client))["meanings"]
    assert told["series.retired_at"] == say("words.ended_on", language)


async def test_addresses_of_another_alphabet_are_handed_over_as_they_were_written(vera: Visitor) -> None:
    client = await zoe()
    about = replace(ZOE, emails=(Email("zoe@xn--e1afmkfd.xn--p1ai", "home"), Email("zoe@xn--bcher-kva.example")))
    await change(client, about)
    spoken = await deeds.contact(client)
    await contacts.change_contact(deeds.intent(), spoken, 1, replace(deeds.QUENTIN, email="q@xn--80a1acny.xn--p1ai"))
    text = (await vera.open(f"/clients/{client}/data?as=json")).response.text
    held = json.loads(text)
    profile = held["record"]["profile"]["client_profile"][0]
    assert profile["emails"][0] == {"address": "zoe@пример.рф", "label": "home"}
    assert held["record"]["contacts"]["client_contact"][0]["email"] == "q@почта.рф"
    became = {one["column"]: one["new"] for entry in held["history"] for one in entry["fields"]}
    assert became["client_profile.emails"][1]["address"] == "zoe@bücher.example"
    assert became["client_contact.email"] == "q@почта.рф"
    shown = printed(await vera.open(f"/clients/{client}/data?as=pdf"))
    for address in ("zoe@пример.рф (home)", "zoe@bücher.example", "q@почта.рф"):
        assert shown.count(address) >= 2, address
    assert "xn--" not in text + shown


async def test_a_long_note_is_not_cut_in_the_document(vera: Visitor) -> None:
    client = await lived()
    long = "A long story of cats, " * 20 + "the end"
    await note(client, long)
    page = await vera.open(f"/clients/{client}/data?as=pdf")
    lines = "\n".join(one.extract_text() for one in PdfReader(BytesIO(page.response.content)).pages).splitlines()
    assert long in " ".join(" ".join(lines).split())
    assert sum("of cats" in line for line in lines) <= 7  # its column has the room that the others do not need


@pytest.mark.parametrize("person", MAY_NOT, ids=lambda person: person.role.value)
async def test_the_front_desk_and_support_reach_none_of_it_and_see_no_link(sign_in: SignIn, person: Person) -> None:
    visitor = await sign_in(person)
    if person is not ANNA:
        await factories.staff(ANNA)
    await factories.staff(VERA)
    client = await lived()
    card = await visitor.open(f"/clients/{client}")
    assert card.status == 200
    assert not card.has(f'a[href^="/clients/{client}/data"], a[href^="/clients/{client}/erasure"]')
    for path in ("data", "data?as=json", "data?as=pdf", "erasure"):
        assert (await visitor.open(f"/clients/{client}/{path}")).status == 403, path
    typed = {"_csrf": [card.value("_csrf")], "reason": ["asked"], "expected": ["x"]}
    assert (await visitor.post(f"/clients/{client}/erasure", typed)).status == 403
    assert await db.fetchval("SELECT erased_at FROM client WHERE id = $1", client) is None


async def test_who_may_finds_it_from_the_card(vera: Visitor) -> None:
    client = await lived()
    card = await vera.open(f"/clients/{client}")
    assert card.has(f'.actions .menu a[href="/clients/{client}/data"]')
    page = await vera.open(f"/clients/{client}/data")
    assert page.has(f'a[href="/clients/{client}/erasure"]')
    facts = dict(zip(page.all(".facts dt"), page.all(".facts dd"), strict=True))
    assert (facts[say("part.notes")], facts[say("part.profile")]) == ("2", "1")


async def test_who_is_still_expected_is_not_erased_and_it_says_what_to_do(
    vera: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    client = await zoe()
    held = await booking(client)
    page = await vera.open(f"/clients/{client}/erasure")
    assert (page.status, page.has("#main form")) == (409, False)
    assert say("refused.client_expected", count=1) in page.words("#main [role=alert]")
    assert page.has(f'#main .items a[href="/bookings/{held}"]')


async def test_who_came_yesterday_is_erased(vera: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await zoe()
    came = await booking(client)
    await db.execute("UPDATE booking SET status = 'arrived' WHERE id = $1", came)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=2))
    assert (await erase(vera, client)).heading == "An erased client"
    assert await db.fetchval("SELECT count(*) FROM booking WHERE client = $1", client) == 1


async def preview(visitor: Visitor, client: int) -> Page:
    return await visitor.open(f"/clients/{client}/erasure")


async def erase(visitor: Visitor, client: ClientId, page: Page | None = None, **typed: Any) -> Page:
    page = page or await preview(visitor, client)
    return await visitor.send(page, f"/clients/{client}/erasure", **{"reason": "asked", **typed})


def goes(page: Page) -> dict[str, str]:
    """What a preview says of how many entries of each part are emptied."""
    return {row.css_first("th").text().strip(): row.css("td")[0].text().strip() for row in page.tree.css("tbody tr")}


async def test_the_preview_says_what_goes_and_what_stays_and_changes_nothing(vera: Visitor) -> None:
    client = await lived()
    before = await db.fetchval("SELECT count(*) FROM operation")
    page = await preview(vera, client)
    counts = {"profile": "1", "contacts": "1", "sites": "1", "notes": "2", "bookings": "1", "tickets": "1"}
    assert goes(page) == {say(f"part.{part}"): count for part, count in counts.items()}
    assert say("effect.cards_refused", count=1) in page.words("main")
    assert f"{say('part.consents')}: 1" in page.words("main")
    assert await db.fetchval("SELECT count(*) FROM operation") == before
    assert await db.fetchval("SELECT count(*) FROM refusal WHERE kind = 'client.erase'") == 0


FORMS_ON_THEIR_WAY = [
    ("/edit", "", {"family_name": "TYPED"}),
    ("/edit", "", {"family_name": "TYPED", "birthday": "soon"}),
    ("", "/notes", {"text": "TYPED"}),
    ("", "/notes", {"text": "TYPED" * 999}),
    ("", "/cards/replacement", {"number": "TYPED"}),
    ("/consents", "/consents", {"sms_offers": "1", "source": "in_writing", "on": "TYPED"}),
    ("/contacts/new", "/contacts", {"name": "TYPED"}),
    ("/sites/new", "/sites", {"address": "TYPED"}),
]


@pytest.mark.parametrize(("form", "action", "typed"), FORMS_ON_THEIR_WAY)
async def test_a_form_about_a_client_erased_meanwhile_says_that_nothing_was_saved_and_what_was_typed(
    vera: Visitor, form: str, action: str, typed: dict[str, str]
) -> None:
    client = await lived()
    opened = await vera.open(f"/clients/{client}{form}")
    await erase(vera, client)
    page = await vera.send(opened, f"/clients/{client}{action}", **typed)
    assert (page.status, page.heading) == (409, "An erased client")
    assert "data were erased meanwhile" in page.words("#main .callout.danger")
    assert "TYPED" in page.words("#main .callout.danger + .facts")


@pytest.mark.parametrize(("part", "field"), [("note", "text"), ("contact", "name"), ("site", "address")])
async def test_so_does_the_form_of_a_part_of_theirs(vera: Visitor, part: str, field: str) -> None:
    client = await lived()
    one = await db.fetchval(f"SELECT min(id) FROM client_{part} WHERE client = $1 AND retired_at IS NULL", client)
    opened = await vera.open(f"/clients/{part}s/{one}")
    await erase(vera, client)
    page = await vera.send(opened, f"/clients/{part}s/{one}", **{field: "TYPED"})
    assert (page.status, page.heading) == (409, "An erased client")
    assert "TYPED" in page.words("#main .callout.danger + .facts")


async def test_names_in_the_json_are_values_without_quotation_marks(vera: Visitor) -> None:
    client = await zoe()
    await booking(client)
    vera.http.cookies.set("language", "ru")
    await db.execute("UPDATE staff SET language = 'ru'")
    record = (await exported(vera, client))["record"]
    assert record["bookings"]["booking"][0]["location"]["name"] == await db.fetchval("SELECT name FROM location")
    assert "«" not in json.dumps(record, ensure_ascii=False)


@pytest.mark.parametrize("person", MAY, ids=lambda person: person.role.value)
async def test_an_erased_card_says_that_it_was_done_by_whom_and_why(sign_in: SignIn, person: Person) -> None:
    visitor = await sign_in(replace(person, language="en"))
    await factories.staff(ANNA)
    client = await lived()
    pseudonym = await db.fetchval("SELECT pseudonym FROM client WHERE id = $1", client)
    page = await erase(visitor, client)
    assert (page.status, page.path) == (200, f"/clients/{client}")
    assert page.toast == say("done.client.erase")
    assert not page.has(".toast form")
    assert page.heading == "An erased client"
    facts = dict(zip(page.all(".facts dt"), page.all(".facts dd"), strict=True))
    assert facts[say("field.erased_by")].startswith(person.name)
    assert facts[say("field.erased_why")] == say("words.erased_asked")
    assert facts[say("field.pseudonym")] == str(pseudonym)
    assert len(page.all(".told-list .told-what")) > 5
    assert traces(page.words("main")) == set()
    for path in ("", "/timeline", "/timeline?show=notes"):
        page = await visitor.open(f"/clients/{client}{path}")
        assert traces(page.response.text) == set(), path
        assert not page.has("#main form:not([action^='/operations'])")


async def test_the_history_names_an_erased_client(vera: Visitor) -> None:
    client = await lived()
    await erase(vera, client)
    page = await vera.open("/settings/history")
    text = page.words("main")
    assert say("words.erased_client") in text
    assert traces(text) == set()


async def test_their_data_and_an_erasure_are_no_more_offered_afterwards(vera: Visitor) -> None:
    client = await lived()
    page = await preview(vera, client)
    await erase(vera, client, page)
    for path in ("data", "data?as=json", "erasure"):
        assert (await vera.open(f"/clients/{client}/{path}")).path == f"/clients/{client}"
    page.tree.css_first("[name=intent]").attrs["value"] = str(uuid4())
    again = await erase(vera, client, page)
    assert (again.path, again.heading) == (f"/clients/{client}", "An erased client")
    assert await db.fetchval("SELECT count(*) FROM erasure") == 1


async def test_who_is_erased_while_a_preview_is_asked_for_is_shown_as_erased(
    vera: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await zoe()
    read = client_data.queries.client

    async def meanwhile(asked: int) -> ClientView:
        one = await read(asked)
        if one.erased_at is None:
            await deeds.erase(client)
        return one

    monkeypatch.setattr(client_data.queries, "client", meanwhile)
    page = await preview(vera, client)
    assert (page.status, page.path, page.heading) == (200, f"/clients/{client}", "An erased client")


async def test_what_happened_is_counted_as_it_is_exported(vera: Visitor) -> None:
    client = await lived()
    page = await vera.open(f"/clients/{client}/data")
    facts = dict(zip(page.all(".facts dt"), page.all(".facts dd"), strict=True))
    assert facts[say("words.operations")] == str(len((await exported(vera, client))["history"]))


async def test_an_undo_of_anything_before_is_refused_in_words(vera: Visitor) -> None:
    client = await lived()
    changed = await db.fetchval("SELECT min(id) FROM operation WHERE kind = 'client.change'")
    await erase(vera, client)
    token = (await vera.open("/profile")).value("_csrf")
    page = await vera.post(f"/operations/{changed}/undo", {"_csrf": [token]})
    assert page.status == 409
    assert page.words(".notice p") == say("refused.client_erased")


async def test_who_was_edited_meanwhile_is_shown_again_before_anything_is_erased(vera: Visitor) -> None:
    client = await lived()
    page = await preview(vera, client)
    await note(client, "Promised a call")
    again = await erase(vera, client, page, reason="not_needed")
    assert again.status == 409
    assert say("refused.changed") in again.words(".callout.danger")
    assert again.value("reason") == "not_needed"
    assert goes(again)[say("part.notes")] == "3"
    assert await db.fetchval("SELECT erased_at FROM client WHERE id = $1", client) is None
    await change(client, replace(ZOE, address="Elsewhere"))
    assert (await erase(vera, client, again)).status == 409
    done = await erase(vera, client, await preview(vera, client))
    assert done.heading == "An erased client"


async def test_the_same_erasure_sent_twice_is_done_once(vera: Visitor) -> None:
    client = await lived()
    page = await preview(vera, client)
    first, second = await erase(vera, client, page), await erase(vera, client, page)
    assert first.heading == second.heading == "An erased client"
    assert await db.fetchval("SELECT count(*) FROM operation WHERE kind = 'client.erase'") == 1


@pytest.mark.parametrize(
    "typed",
    [
        {"reason": None},
        {"reason": "because Zoë asked"},
        {"reason": "restored"},
        {"reason": ["asked", "mistake"]},
        {"reason": "asked\x00"},
        {"expected": None},
        {"expected": ""},
        {"expected": "x" * 10_000},
        {"expected": ["a", "b"]},
        {"intent": "no uuid"},
    ],
    ids=str,
)
async def test_whatever_else_is_sent_erases_nobody(vera: Visitor, typed: dict[str, Any]) -> None:
    client = await lived()
    page = await erase(vera, client, **typed)
    assert page.status in {409, 422}
    assert page.has(".error, .callout.danger, [role=alert]")
    assert await db.fetchval("SELECT erased_at FROM client WHERE id = $1", client) is None


@pytest.mark.parametrize("path", ["data", "data?as=json", "data?as=pdf", "erasure", "timeline"])
@pytest.mark.parametrize("number", ["404", str(2**63), "9" * 30])
async def test_an_unknown_client_is_not_found(vera: Visitor, path: str, number: str) -> None:
    assert (await vera.open(f"/clients/{number}/{path}")).status == 404


def test_every_reason_has_words() -> None:
    from console.routes._erased import WHYS

    assert set(WHYS) == set(Why)


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_the_card_of_an_erased_client_ended_and_was_not_lost(sign_in: SignIn, language: str) -> None:
    visitor = await sign_in(OLEG, language=language)
    client = ClientId(await factories.client())
    await factories.card(client)
    await erase(visitor, client)
    told = (await visitor.open("/settings/history")).words("main")
    assert say("words.card_ended", language) in told
    assert say("column.client_card.lost_at", language) not in told
