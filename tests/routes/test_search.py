"""The omnibox finds clients by whatever is at hand, and the pages, people and things that one may see."""

from __future__ import annotations

import json
from datetime import date
from urllib.parse import quote
from uuid import uuid4

import asyncpg
import pytest

from console.domain import clock, db
from console.domain.clients.rules import checked
from console.domain.desk.actions import erase
from console.domain.desk.rules import Why
from console.domain.ids import ClientId
from console.domain.intent import Intent
from console.domain.revision import revision
from console.domain.team import rules
from tests import factories
from tests.booked import shop
from tests.cast import ANNA, BORIS, OLEG, VERA, Person
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.words import say


def found(page: Page) -> list[str]:
    return [link.attributes["href"] or "" for link in page.tree.css("#main .items a")]


async def test_it_finds_colleagues_by_part_of_their_name_or_mail(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    for person in (ANNA, BORIS, OLEG):
        await factories.staff(person)
    for typed, person in (("petr", ANNA), ("ЁЛКИН", OLEG), ("boris@", BORIS), ("o'neill", VERA)):
        page = await vera.open("/search", params={"q": typed})
        assert found(page) == [f"/settings/staff/{person.id}"], typed
        assert (await vera.open(found(page)[0])).heading == person.name


@pytest.mark.parametrize("typed", ["gtnhjd", "Gtnhjd"])
async def test_it_finds_colleagues_and_places_in_the_other_keyboard_layout(sign_in: SignIn, typed: str) -> None:
    vera = await sign_in(VERA)
    await factories.staff(BORIS, name="Борис Петров")
    place = await factories.location(name="Петровка")
    page = await vera.open("/search", params={"q": typed})
    assert found(page) == [f"/settings/staff/{BORIS.id}", f"/settings/locations/{place}"]


@pytest.mark.parametrize("person", [ANNA, VERA, OLEG], ids=lambda person: person.role.value)
@pytest.mark.parametrize("language", ["en", "ru"])
async def test_who_finds_nothing_is_told_only_words_that_find_something(
    sign_in: SignIn, person: Person, language: str
) -> None:
    visitor = await sign_in(person, language=language)
    page = await visitor.open("/search", params={"q": "qqqqq"})
    words = page.words("#main .empty p:last-child").rsplit(": ", 1)[1].rstrip(".").split(", ")
    assert len(words) == (3 if person is ANNA else 4)
    for word in words:
        assert found(await visitor.open("/search", params={"q": word})), word


async def test_it_finds_what_was_repaired_past_the_console(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await factories.staff(ANNA)
    assert found(await vera.open("/search", params={"q": "petr"})) == [f"/settings/staff/{ANNA.id}"]
    await db.execute("UPDATE staff SET name = 'Zoe Lind' WHERE id = $1", ANNA.id)
    assert found(await vera.open("/search", params={"q": "zoe"})) == [f"/settings/staff/{ANNA.id}"]


async def test_what_is_kept_is_made_anew_where_other_things_were_done_under_the_same_numbers(
    database: None, as_superuser: asyncpg.Connection
) -> None:
    await factories.staff(ANNA)
    before = await revision("staff", "business")
    assert await revision("staff", "business") == before
    await factories.at_another_time(as_superuser)
    assert await revision("staff", "business") != before


async def test_it_finds_pages_in_ones_own_language(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG, language="ru")
    for key, address in (("nav.history", "/settings/history"), ("title.profile", "/profile"), ("nav.overview", "/")):
        page = await oleg.open("/search", params={"q": say(key, "ru")[1:].upper()})
        assert address in found(page)


@pytest.mark.parametrize(
    ("language", "typed", "address"),
    [
        *(("en", word, "/series") for word in ("recurring", "series", "repeat")),
        *(("en", word, "/team/people") for word in ("ill", "sick", "stand-in", "time off")),
        *(("en", word, "/cashbook") for word in ("fee", "refund", "cashbook", "no-show")),
        *(("ru", word, "/cashbook") for word in ("плата", "возврат", "неявка")),
        ("en", "stamp", "/programme"),
        ("ru", "штамп", "/programme"),
        ("ru", "повтор", "/series"),
        ("ru", "больничный", "/team/people"),
        ("ru", "отпуск", "/team/people"),
    ],
)
async def test_it_finds_pages_by_what_one_wants_there(sign_in: SignIn, language: str, typed: str, address: str) -> None:
    anna = await sign_in(ANNA, language=language)
    assert address in found(await anna.open("/search", params={"q": typed}))


@pytest.mark.parametrize("person", [ANNA, BORIS], ids=lambda person: person.role.value)
async def test_it_shows_nothing_that_one_may_not_open(sign_in: SignIn, person: Person) -> None:
    visitor = await sign_in(person, language="en")
    await factories.staff(OLEG)
    for typed in ("oleg", "staff", "history", "business", "mailbox"):
        page = await visitor.open("/search", params={"q": typed})
        assert (page.status, found(page)) == (200, [])
        assert "Nothing found" in page.words("main")
        assert "One wrong letter is forgiven in a whole name of three letters or more" in page.words("main")
    for url in found(await visitor.open("/search", params={"q": "e"})):
        assert (await visitor.open(url)).status == 200


async def test_it_finds_places_by_name_and_address_and_holidays_with_their_dates(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    north = await factories.location("Северный зелёный", address="Mira 1")
    year = clock.now().year
    first = await factories.holiday(date(year + 1, 1, 1), name="Café week")
    last = await factories.holiday(date(year + 1, 1, 2), name="Café week")
    await factories.holiday(date(year - 1, 1, 1), name="Café once")
    for typed, address in (
        ("ЗЕЛЕНЫЙ", f"/settings/locations/{north}"),
        ("mira", f"/settings/locations/{north}"),
        ("cafe", f"/settings/holidays/{first}/to/{last}"),
    ):
        page = await vera.open("/search", params={"q": typed})
        assert found(page) == [address], typed
    assert page.words("#main .item .soft") == f"1–2 January {year + 1}"


@pytest.mark.parametrize(
    ("language", "typed", "address"),
    [
        ("en", "logo", "/settings/business"),
        ("en", "CURRENCY", "/settings/business"),
        ("en", "opening hours", "/settings/locations"),
        ("en", "password", "/profile"),
        ("ru", "логотип", "/settings/business"),
        ("ru", "валюта", "/settings/business"),
        ("ru", "часы", "/settings/locations"),
        ("ru", "учетные", "/settings/staff"),
        ("ru", "пароль", "/profile"),
    ],
)
async def test_it_finds_a_page_by_what_is_set_there(sign_in: SignIn, language: str, typed: str, address: str) -> None:
    page = await (await sign_in(VERA, language=language)).open("/search", params={"q": typed})
    assert [one for one in found(page) if one != "/hours"] == [address]


async def test_a_manager_finds_no_mailbox_and_an_owner_does(sign_in: SignIn) -> None:
    vera, oleg = await sign_in(VERA), await sign_in(OLEG)
    assert found(await vera.open("/search", params={"q": say("nav.mailbox")})) == []
    assert found(await oleg.open("/search", params={"q": say("nav.mailbox")})) == ["/settings/mailbox"]


@pytest.mark.parametrize("typed", ["", "   ", "x" * 3000, "\x00", "%_\\", "<script>", "9" * 400])
async def test_whatever_is_typed_gets_an_answer(sign_in: SignIn, typed: str) -> None:
    vera = await sign_in(VERA)
    page = await vera.open("/search", params={"q": typed})
    assert (page.status, found(page)) == (200, [])
    assert not page.has("#main script")
    assert (await vera.open("/search")).status == 200
    assert (await vera.open("/search?q=a&q=b")).status == 200


PHONES = json.dumps([{"number": "+79213334512", "label": ""}])
EMAILS = json.dumps([{"address": "anna.k@mail.example", "label": ""}])


async def answers(visitor: Visitor, typed: str) -> Page:
    """What the field shows beneath itself."""
    return await visitor.open("/search", params={"q": typed}, headers={"x-omnibox": "1"})


def options(page: Page) -> list[str]:
    return [link.attributes["href"] or "" for link in page.tree.css("[role=option]")]


@pytest.mark.parametrize(
    ("typed", "shown", "marks"),
    [
        ("4512", "Анна Петрова +7 921 333-45-12", ["45-12"]),
        ("33345-12", "Анна Петрова +7 921 333-45-12", ["333-45-12"]),
        ("ПЕТР АНН", "Анна Петрова +7 921 333-45-12", ["Анн", "Петр"]),
        ("gtnhjdf", "Анна Петрова +7 921 333-45-12", []),
        ("петоова", "Анна Петрова +7 921 333-45-12", []),
        ("k@mail", "Анна Петрова anna.k@mail.example", ["k@mail"]),
        ("anna.k", "Анна Петрова anna.k@mail.example", ["anna.k"]),
        ("4512-0939", "Анна Петрова 4512-0939", ["4512-0939"]),
    ],
)
async def test_a_client_is_shown_with_what_was_typed_marked_in_what_it_fits(
    sign_in: SignIn, typed: str, shown: str, marks: list[str]
) -> None:
    anna = await sign_in(ANNA)
    client = await factories.client(phones=PHONES, emails=EMAILS)
    await factories.card(client)
    page = await answers(anna, typed)
    new = [] if typed == "4512-0939" else [f"/clients/new?q={quote(typed, safe='/')}"]
    assert options(page) == [f"/clients/{client}", *new]
    assert page.words("[role=option]") == shown
    assert page.all("mark") == marks


@pytest.mark.parametrize(
    ("typed", "language", "shown", "marks"),
    [
        ("7712345678", "en", "Granit tax number 7712345678", ["7712345678"]),
        ("77-1234 5678", "en", "Granit tax number 7712345678", ["7712345678"]),
        ("5678", "ru", "Granit ИНН 7712345678", ["5678"]),
        ("granit 345678", "en", "Granit tax number 7712345678", ["Granit", "345678"]),
    ],
)
async def test_a_business_is_found_by_its_tax_number_or_the_end_of_it(
    sign_in: SignIn, typed: str, language: str, shown: str, marks: list[str]
) -> None:
    anna = await sign_in(ANNA, language=language)
    client = await factories.client("", "", company="Granit", folded="granit", tax_number="77 1234-5678")
    other = await factories.client(phones=json.dumps([{"number": "+79210005678", "label": ""}]))
    page = await answers(anna, typed)
    shown_with = {"5678": [f"/clients/{other}"]}.get(typed, [])
    assert options(page)[:-1] == [*shown_with, f"/clients/{client}"]
    assert page.all("[role=option]")[-2] == shown
    assert page.all("mark")[len(shown_with) :] == marks
    assert f"/clients/{client}" in [
        link.attributes["href"] for link in (await anna.open("/clients", params={"q": typed})).tree.css("tbody th a")
    ]
    await db.execute("UPDATE client_profile SET tax_number = NULL WHERE client = $1", client)
    assert f"/clients/{client}" not in options(await answers(anna, typed))


async def test_the_field_offers_clients_opened_lately_before_anything_is_typed(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    assert options(await answers(anna, "")) == []
    one, other = await factories.client(), await factories.client("Вера", "Ким")
    for client in (other, one):
        await anna.open(f"/clients/{client}")
    page = await answers(anna, " ")
    assert options(page) == [f"/clients/{one}", f"/clients/{other}"]
    assert page.words("[role=group] p") == say("words.recent_clients", "ru")


@pytest.mark.parametrize("typed", ["45120939", "4512-0939", " 4512 0939 "])
async def test_a_whole_card_number_leads_to_its_client(sign_in: SignIn, typed: str) -> None:
    anna = await sign_in(ANNA)
    client = await factories.client()
    await factories.card(client)
    assert (await anna.open("/search", params={"q": typed})).path == f"/clients/{client}"


@pytest.mark.parametrize(
    ("since", "said", "badge"),
    [("lost_at", "reported lost", "Lost card"), ("retired_at", "was taken back", "Withdrawn card")],
)
async def test_the_number_of_a_card_that_is_good_no_more_says_so_and_leads_nowhere_by_itself(
    sign_in: SignIn, since: str, said: str, badge: str
) -> None:
    vera = await sign_in(VERA)
    client = await factories.client()
    await factories.card(client, **{since: clock.now()})
    page = await vera.open("/search", params={"q": "45120939"})
    assert (page.path, found(page)) == ("/search", [f"/clients/{client}"])
    assert said in page.words("[role=status]")
    assert not page.has('[href^="/clients/new"]')
    offered = await answers(vera, "45120939")
    assert (len(offered.all("[role=option]")), badge in offered.words("[role=option]")) == (1, True)


async def test_who_comes_no_more_is_found_and_said_to(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    client = await factories.client()
    page = await vera.open(f"/clients/{client}")
    await vera.send(page, f"/clients/{client}/retirement")
    assert "In the archive" in (await answers(vera, "Петрова")).words("[role=option]")


async def test_an_erased_client_is_found_by_nothing(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    client = await factories.client(phones=PHONES)
    await vera.open(f"/clients/{client}")
    await factories.staff(OLEG)
    await erase(Intent(uuid4(), OLEG.actor, clock.now(), reason=Why.ASKED), ClientId(client))
    for typed in ("", "Петрова", "4512"):
        assert f"/clients/{client}" not in options(await answers(vera, typed))


async def test_an_erased_clients_card_is_called_so_and_makes_nobody_new(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA, language="en")
    client = await factories.client()
    await factories.card(client)
    await factories.staff(OLEG)
    await erase(Intent(uuid4(), OLEG.actor, clock.now(), reason=Why.ASKED), ClientId(client))
    for typed in ("45120939", "4512-0939"):
        page = await anna.open("/search", params={"q": typed})
        assert (page.path, page.words("#main [role=status]")) == ("/search", "Card of an erased client: not valid.")
        assert not page.has('#main a[href^="/clients"]')
        field = await answers(anna, typed)
        assert (options(field), field.words(".omnibox-refused")) == ([], "Card of an erased client: not valid.")
    assert not (await answers(anna, checked("5577012"))).has(".omnibox-refused")


async def test_a_cards_number_with_a_wrong_digit_is_explained_as_one(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA, language="en")
    said = "No card has this number: a digit of it is wrong. Read the eight digits once more."
    assert (await answers(anna, "4512-0930")).words(".omnibox-refused") == said
    assert (await anna.open("/search?q=45120930")).words("#main .callout") == said
    await factories.client(phones='[{"number": "+79214512093", "label": ""}]')
    assert (await anna.open("/clients?q=4512 0930")).words("#main .callout") == said
    await factories.client(phones='[{"number": "+79245120930", "label": ""}]')
    for address in ("/search", "/clients"):
        assert not (await anna.open(address, params={"q": "45120930"})).has("#main .callout")
    assert not (await answers(anna, "45120930")).has(".omnibox-refused")


async def test_the_list_leads_to_whose_card_it_is_too_once_it_is_asked_for(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    client = await factories.client()
    await factories.card(client)
    await factories.client("45120939", "Ким", folded="45120939 ким")
    for address in ("/search", "/clients"):
        assert (await anna.open(address, params={"q": "4512-0939"})).path == f"/clients/{client}"
    assert options(await answers(anna, "45120939"))[0] == f"/clients/{client}"
    while_typing = await anna.open("/clients?q=45120939", headers={"HX-Request": "true", "HX-Target": "list"})
    assert while_typing.path == "/clients"
    assert while_typing.tree.css("tbody th a")[0].attributes["href"] == f"/clients/{client}"


async def test_a_cards_number_where_a_name_stands_is_refused_there(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA, language="en")
    client = await factories.client()
    await factories.card(client)
    page = await anna.open("/clients/new")
    for field in ("given_name", "company"):
        answer = await anna.send(page, "/clients", **{field: "4512 0939"})
        assert (answer.status, answer.value(field)) == (422, "4512 0939")
        assert "client’s card" in answer.words("#client-given-name-error")
    assert (await anna.send(page, "/clients", company="10000004")).status == 200


async def test_an_address_in_other_letters_is_shown_as_people_write_it(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    emails = '[{"address": "olga@xn--e1afmkfd.xn--p1ai", "label": ""}]'
    client = await factories.client("Ольга", "Ким", emails=emails)
    assert (await answers(anna, "olga@пример.рф")).words("[role=option] mark") == "olga@пример.рф"
    assert "olga@пример.рф" in (await answers(anna, "Ольга")).words("[role=option]")
    shown = [
        (await anna.open(address)).words("#main")
        for address in (f"/clients/{client}", "/clients/duplicates?emails_1_address=olga@пример.рф", "/search?q=Ольга")
    ]
    assert all("olga@пример.рф" in one and "xn--" not in one for one in shown)


async def test_it_finds_services_products_people_and_things(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    service = await factories.service(names=json.dumps({"en": "Window wash", "ru": "Мытьё окон"}), code="WIN")
    person = await factories.bookable("Нина Орлова")
    van = await factories.bookable("Van Ford", kind="vehicle")
    for typed, address in (
        ("МЫТЬЕ", f"/catalogue/services/{service}"),
        ("window", f"/catalogue/services/{service}"),
        ("win", f"/catalogue/services/{service}"),
        ("орлова", f"/team/bookables/{person}"),
        ("ford van", f"/team/bookables/{van}"),
    ):
        assert found(await anna.open("/search", params={"q": typed})) == [address], typed
        assert options(await answers(anna, typed))[0] == address


async def test_a_change_is_found_at_once(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    service = await factories.service()
    assert options(await answers(vera, "clean"))[0] == f"/catalogue/services/{service}"
    page = await vera.open(f"/catalogue/services/{service}")
    await vera.send(page, f"/catalogue/services/{service}", name_en="Spring tide")
    assert options(await answers(vera, "clean")) == ["/clients/new?q=clean"]
    assert options(await answers(vera, "tide"))[0] == f"/catalogue/services/{service}"


@pytest.mark.usefixtures("today")
@pytest.mark.parametrize(
    ("language", "typed", "label"),
    [
        ("en", "4512 deep fri 10 nina", "Book Deep clean for Анна Петрова: Friday 15 May, 10:00 with Nina Orlova"),
        ("en", "Петрова deep tomorrow", "Book Deep clean for Анна Петрова: tomorrow"),
        (
            "ru",
            "4512 генеральная пт в 10 nina",
            "Записать: Анна Петрова, Генеральная уборка, пятница, 15 мая, 10:00, исполнитель Nina Orlova",
        ),
    ],
)
async def test_a_booking_in_one_line_is_offered_first_and_opens_the_form_filled_in(
    sign_in: SignIn, language: str, typed: str, label: str
) -> None:
    vera = await sign_in(VERA, language=language)
    there = await shop()
    client = await factories.client(phones=json.dumps([{"number": "+79215554512", "label": ""}]))
    page = await answers(vera, typed)
    assert page.words(".option:first-child .option-name") == label
    form = await vera.open(options(page)[0])
    assert form.path == "/bookings/new"
    assert form.value("client") == str(client)
    assert form.value("services_1_service") == str(there.clean)
    whole = await vera.open("/search", params={"q": typed})
    assert whole.words("#main .button[href^='/bookings/new']") == label


@pytest.mark.usefixtures("today")
async def test_who_may_not_book_and_what_is_meant_otherwise_is_offered_no_booking(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    vera = await sign_in(VERA)
    await shop()
    await factories.client(phones=json.dumps([{"number": "+79215554512", "label": ""}]))

    async def is_offered(typed: str) -> bool:
        return any(url.startswith("/bookings/new") for url in options(await answers(vera, typed)))

    assert await is_offered("4512 deep fri 10 nina")
    for other in ("4512 deep", "4513 deep fri", "4512 deep fri 10 bob"):
        assert not await is_offered(other), other
    may = rules.PERMISSIONS[VERA.role] - {rules.Permission.BOOKING_CHANGE}
    monkeypatch.setitem(rules.PERMISSIONS, VERA.role, may)
    assert not await is_offered("4512 deep fri 10 nina")


@pytest.mark.parametrize("typed", ["x" * 3000, "\x00", "%_\\", "<script>alert(1)</script>", "9" * 400, "🧹"])
async def test_the_field_answers_whatever_is_typed(sign_in: SignIn, typed: str) -> None:
    page = await answers(await sign_in(VERA), typed)
    assert page.status == 200
    assert not page.has("script")


async def test_the_field_answers_a_stranger_with_the_door(stranger: Visitor) -> None:
    assert (await answers(stranger, "a")).path == "/sign-in"


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("invite", "/settings/staff"),
        ("сотрудник", "/settings/staff"),
        ("employee", "/settings/staff"),
        ("sign out", "/profile"),
        ("выйти", "/profile"),
        ("dark", "/profile"),
        ("тема", "/profile"),
        ("help", "/help"),
        ("клавиши", "/help"),
        ("glossary", "/help"),
        ("с бумаги", "/agenda/entry"),
        ("offline", "/agenda/entry"),
        ("password", "/profile"),
        ("logo", "/settings/business"),
        ("gfhjkm", "/profile"),
        ("зфыыцщкв", "/profile"),
    ],
)
async def test_a_page_comes_before_a_new_client_in_either_language_and_layout(
    sign_in: SignIn, language: str, typed: str, address: str
) -> None:
    oleg = await sign_in(OLEG, language=language)
    page = await oleg.open(f"/search?q={typed}", headers={"X-Omnibox": "1"})
    options = [one.attributes["href"] for one in page.tree.css("[role=option]")]
    assert options[0] == address
    assert (options[-1] or "").startswith("/clients/new")


async def test_what_the_field_finds_of_ones_own_is_on_ones_page(sign_in: SignIn) -> None:
    page = await (await sign_in(OLEG)).open("/profile")
    assert page.has("#looks button[value=dark]")
    assert page.has("#looks [data-open=keys]")
    assert page.has("#sessions form[action='/sign-out'] button")


@pytest.mark.parametrize(
    ("language", "typed", "address"),
    [
        ("en", "история", "/settings/history"),
        ("en", "yfcnhjqrb", "/settings/business"),
        ("en", "bcnjhbz", "/settings/history"),
        ("en", "отпуск", "/team/people"),
        ("ru", "settings", "/settings/business"),
        ("ru", "ыуеештпы", "/settings/business"),
        ("ru", "public holidays", "/settings/holidays"),
    ],
)
async def test_pages_are_found_by_their_words_in_all_our_languages_and_layouts(
    sign_in: SignIn, language: str, typed: str, address: str
) -> None:
    page = await (await sign_in(OLEG, language=language)).open("/search", params={"q": typed})
    assert found(page)[:1] == [address]


@pytest.mark.parametrize(
    ("typed", "offered"), [("'", False), ("-", False), ("12", False), ("O'", True), ("921", True), ("@x", True)]
)
async def test_somebody_new_is_offered_only_for_what_can_be_a_name_or_phone(
    sign_in: SignIn, typed: str, offered: bool
) -> None:
    page = await (await sign_in(ANNA)).open("/search", params={"q": typed}, headers={"X-Omnibox": "1"})
    assert page.has("[data-new]") is offered


async def granit() -> int:
    """A company with a phone of its own, and two people to speak with."""
    client = await factories.client(
        "", "", company="Granit", folded="granit", phones='[{"number": "+79213334512", "label": ""}]'
    )
    await factories.contact(client, "Олег Ким", phone="+79215550177")
    await factories.contact(client, phone="+79215550199", email="p.luzhin@granit.example")
    return client


@pytest.mark.parametrize(
    ("typed", "note", "marks"),
    [
        ("лужи", "Пётр Лужин, +7 921 555-01-99", ["Лужи"]),
        ("лужын", "Пётр Лужин, +7 921 555-01-99", []),
        ("granit лужин", "Пётр Лужин, +7 921 555-01-99", ["Granit", "Лужин"]),
        ("0199", "Пётр Лужин, +7 921 555-01-99", ["01-99"]),
        ("luzhin@gr", "Пётр Лужин, p.luzhin@granit.example", ["luzhin@gr"]),
        ("granit", "+7 921 333-45-12", ["Granit"]),
        ("4512", "+7 921 333-45-12", ["45-12"]),
    ],
)
async def test_a_company_found_by_somebody_to_speak_with_says_by_whom(
    sign_in: SignIn, typed: str, note: str, marks: list[str]
) -> None:
    anna = await sign_in(ANNA)
    await granit()
    page = await anna.open("/search", params={"q": typed}, headers={"X-Omnibox": "1"})
    assert (page.words(".option-note"), page.all(".option:not(.option-new) mark")) == (note, marks)
    row = (await anna.open("/clients", params={"q": typed})).words("tbody th small")
    assert row == ("Пётр Лужин" if "Лужин" in note else "")


@pytest.mark.parametrize(
    ("typed", "note", "marks"),
    [
        ("martha", "Martha Aldridge, +7 921 333-45-12", ["Martha"]),
        ("granit aldr", "Martha Aldridge, +7 921 333-45-12", ["Granit", "Aldr"]),
        ("granit", "+7 921 333-45-12", ["Granit"]),
    ],
)
async def test_a_company_found_by_its_own_person_says_whom(
    sign_in: SignIn, typed: str, note: str, marks: list[str]
) -> None:
    anna = await sign_in(ANNA)
    phones = '[{"number": "+79213334512", "label": ""}]'
    await factories.client("Martha", "Aldridge", company="Granit", folded="granit aldridge martha", phones=phones)
    short = await anna.open("/search", params={"q": typed}, headers={"X-Omnibox": "1"})
    assert (short.words(".option-note"), short.all(".option:not(.option-new) mark")) == (note, marks)
    page = await anna.open("/search", params={"q": typed})
    assert (page.words(".items .soft"), page.all(".items mark")) == (note, marks)
    assert (await anna.open("/clients", params={"q": typed})).all("tbody mark") == marks[-1:] * (len(note) > 20)


async def test_a_contact_without_a_number_has_not_that_of_the_company(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    phones = '[{"number": "+79213334512", "label": ""}]'
    client = await factories.client("", "", company="Granit", folded="granit", phones=phones)
    await factories.contact(client, "Олег Ким")
    page = await anna.open("/search", params={"q": "ким"}, headers={"X-Omnibox": "1"})
    assert page.words(".option-note") == "Олег Ким"


async def test_namesakes_are_told_apart_by_their_middle_names(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    for middle in ("Сергеевич", "Олегович"):
        folded = f"королев иван {middle.lower()}"
        await factories.client("Иван", "Королёв", middle_name=middle, folded=folded)
    names = {"Иван Сергеевич Королёв", "Иван Олегович Королёв"}
    short = await anna.open("/search", params={"q": "королев"}, headers={"X-Omnibox": "1"})
    assert set(short.all(".option-name")) >= names
    listed = await anna.open("/clients")
    assert set(listed.all("tbody th a")) == names
    card = await anna.open(listed.tree.css("tbody th a")[0].attributes["href"] or "")
    assert card.all(".facts dt")[0] == say("field.middle_name", "ru")
    assert card.all(".facts dd")[0] in {"Сергеевич", "Олегович"}
