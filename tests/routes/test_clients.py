"""Clients over HTTP: taking them in, their cards, changing them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from litestar import Litestar

from console.domain import db
from console.domain.clients import actions, lately
from console.domain.clients.actions import About
from console.domain.clients.rules import Birthday, Email, Names, Phone, Preference, Source
from console.domain.ids import BookableId, ClientId
from console.domain.intent import DEMO, Intent
from tests import factories
from tests.cast import ANNA, BORIS, NOW, VERA, Person
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.words import say
from tests.yard import NOON, yard

pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture(autouse=True)
async def _here(app: Litestar) -> None:
    """A business in Russia, so that phones may be typed without the country's code."""
    await db.execute("UPDATE business SET phone = '+74950000001'")


PETROVA = Names("Анна", "Сергеевна", "Петрова")


async def client(names: Names = PETROVA, **said: Any) -> str:
    """The address of a new client's card."""
    added = await actions.add(Intent(uuid4(), DEMO, NOW), About(names, **said))
    return f"/clients/{added.result['client']}"


async def test_the_card_says_who_a_client_is(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    url = await client(
        phones=(Phone("+79213334512", "mobile"), Phone("+78123334512", "concierge")),
        birthday=Birthday(5, 18, 1990),
        tags=("cat",),
        source=Source.FRIEND,
    )
    page = await anna.open(url)
    assert page.heading == "Анна Петрова"
    assert page.tree.css_first('a[href="tel:+79213334512"]') is not None
    head = page.words(".client-head")
    assert "+7 921 333-45-12 мобильный" in head
    assert "+7 812 333-45-12 concierge" in head
    assert "cat" in head
    assert say("words.birthday_in", "ru", count=6) in head
    assert say("words.source_friend", "ru") in page.words(".client-side")
    assert "18 мая 1990" in page.words(".client-side")


async def test_opening_a_card_is_remembered(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    first, second = await client(), await client()
    await anna.open(first)
    await anna.open(second)
    await anna.open("/clients/77")
    assert [f"/clients/{one}" for one in await lately.recent(ANNA.actor.id)] == [second, first]


async def test_who_comes_no_more_is_marked_and_comes_again(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    url = await client()
    page = await anna.send(await anna.open(url), f"{url}/retirement")
    assert page.toast == say("done.client.retire", "ru", name="Анна Петрова")
    assert page.words(".page-head .badge") == say("In the archive", "ru")
    page = await anna.send(page, f"{url}/readmission")
    assert not page.has(".page-head .badge")
    assert await db.fetchval("SELECT retired_at FROM client") is None


async def test_who_puts_a_client_away_that_is_expected_is_told_so_and_shown_where(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    house = await yard()
    for week in range(2):
        await house.book(at=NOON + timedelta(weeks=week))
    await house.book(at=NOON + timedelta(weeks=3))
    await db.execute("UPDATE booking SET status = 'cancelled' WHERE id = (SELECT max(id) FROM booking)")
    url = f"/clients/{house.client}"
    page = await anna.send(await anna.open(url), f"{url}/retirement")
    assert say("words.still_expected", "ru", count=2) in page.toast
    there = await anna.open(page.tree.css_first(".toast p a").attributes["href"])
    assert (there.status, there.path) == (200, f"{url}/bookings")
    again = await anna.send(await anna.open(url), f"{url}/readmission")
    assert not again.has(".toast p a")


async def test_a_card_says_who_else_has_a_phone_and_leads_to_them(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    mine, shared = Phone("+79213334512"), Phone("+79213334513")
    url = await client(phones=(mine, shared))
    away = await client(Names("Олег"), phones=(shared,))
    await client(Names("Игорь"), phones=(shared,))
    await anna.send(await anna.open(away), f"{away}/retirement")
    page = await anna.open(url)
    said = page.all(".client-reaches li")
    assert (say("words.others_have_it", "ru", count=2) in said[1], said[0]) == (True, "+7 921 333-45-12")
    there = await anna.open(page.tree.css_first(".client-reaches li:nth-child(2) a + a").attributes["href"])
    assert sorted(there.all("tbody th a")) == ["Анна Сергеевна Петрова", "Игорь", "Олег"]


async def test_nobody_has_no_card(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    page = await anna.open("/clients/new")
    for url in ("/clients/77", "/clients/77/edit"):
        assert (await anna.open(url)).status == 404
    for url in ("/clients/77", "/clients/77/retirement", "/clients/77/readmission"):
        assert (await anna.post(url, page.fields("/clients"))).status == 404


TYPED = {
    "given_name": "Вера",
    "middle_name": "Ильинична",
    "family_name": "Орлова",
    "company": "ООО «Дуб»",
    "tax_number": "7712345678",
    "phones_1_number": "8 921 333-45-12",
    "phones_1_label": "мобильный",
    "phones_3_number": "+44 20 7946 0018",
    "emails_1_address": "Vera@Mail.example",
    "emails_2_address": "office@dub.example",
    "emails_2_label": "для счетов",
    "birthday": "18 мая 1990",
    "address": "Лесная ул., 5\nкв. 7",
    "language": "en",
    "tags": "VIP, кошка, vip",
    "source": "maps",
    "joined_on": "2025-03-01",
}


async def take_in(visitor: Visitor, **typed: Any) -> Page:
    return await visitor.send(await visitor.open("/clients/new"), "/clients", **typed)


async def profile() -> dict[str, Any]:
    """The newest client's."""
    row = await db.fetchrow("SELECT * FROM client_profile ORDER BY id DESC LIMIT 1")
    assert row is not None
    return {**row, "phones": json.loads(row["phones"]), "emails": json.loads(row["emails"])}


async def test_a_client_is_taken_in_with_everything_that_is_known(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    person = await factories.bookable()
    page = await take_in(anna, **TYPED, preferred=person, channel="sms", zone="Asia/Tokyo")
    assert page.path == f"/clients/{await db.fetchval('SELECT id FROM client')}"
    assert page.heading == "ООО «Дуб»"
    stands = await profile()
    assert stands["phones"] == [
        {"number": "+79213334512", "label": "мобильный"},
        {"number": "+442079460018", "label": ""},
    ]
    assert stands["emails"] == [
        {"address": "vera@mail.example", "label": ""},
        {"address": "office@dub.example", "label": "для счетов"},
    ]
    kept = {name: stands[name] for name in ("birthday", "address", "language", "preferred", "tags", "source")}
    assert (stands["channel"], stands["zone"]) == ("sms", "Asia/Tokyo")
    assert kept == {
        "birthday": "1990-05-18",
        "address": "Лесная ул., 5\nкв. 7",
        "language": "en",
        "preferred": person,
        "tags": ["VIP", "кошка"],
        "source": "maps",
    }
    assert str(stands["joined_on"]) == "2025-03-01"


async def test_a_name_is_enough_and_they_are_with_us_from_today(sign_in: SignIn) -> None:
    page = await take_in(await sign_in(VERA), given_name="Вера")
    assert page.toast == say("done.client.add", name="Вера")
    stands = await profile()
    assert (stands["joined_on"], stands["phones"], stands["tags"]) == (NOW.date(), [], [])


async def test_a_first_note_jumps_out_on_the_new_card(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    page = await take_in(anna, given_name="Вера", note="Собака во дворе", loud="on")
    assert "Собака во дворе" in page.words(".note.is-loud")
    await anna.send(page, page.tree.css_first('.toast form[action^="/operations/"]').attributes["action"])
    for table in ("client", "client_note"):
        assert await db.fetchval(f"SELECT retired_at FROM {table}") is not None, table
    page = await take_in(await sign_in(VERA), given_name="Нина", loud="on")
    assert not page.has(".note")


@pytest.mark.parametrize(
    ("typed", "field", "problem"),
    [
        ({"given_name": "", "middle_name": "Ильинична"}, "given_name", "problem.client_nameless"),
        ({"birthday": "31.02"}, "birthday", "problem.birthday"),
        ({"birthday": "13.05.2026"}, "birthday", "problem.birthday_year"),
        ({"birthday": "0000-05-12"}, "birthday", "problem.birthday_year"),
        ({"birthday": "12.05.90"}, "birthday", "problem.birthday_short_year"),
        ({"birthday": "12 May '90"}, "birthday", "problem.birthday_short_year"),
        ({"birthday": "in May"}, "birthday", "problem.birthday_unread"),
        ({"phones_2_number": "ask him"}, "phones_2_number", "problem.phone"),
        ({"phones_1_number": "+79213334512", "phones_4_number": "8 921 3334512"}, "phones_4_number", "problem.twice"),
        ({"emails_1_address": "a@b"}, "emails_1_address", "problem.email"),
        ({"emails_1_address": "no mail"}, "emails_1_address", "problem.email"),
        ({"tags": ",".join(map(str, range(13)))}, "tags", "problem.tags_many"),
        ({"tags": "x" * 31}, "tags", "problem.tag_long"),
        ({"joined_on": "2026-05-13"}, "joined_on", "problem.joined_later"),
        ({"joined_on": "soon"}, "joined_on", "problem.date"),
        ({"preferred": "77"}, "preferred", "problem.choice"),
        ({"channel": "post"}, "channel", "problem.choice"),
        ({"zone": "Moon/Tranquility"}, "zone", "problem.choice"),
    ],
)
@pytest.mark.parametrize("person", [ANNA, VERA], ids=["ru", "en"])
async def test_what_cannot_be_is_said_at_its_field_and_nothing_typed_is_lost(
    sign_in: SignIn, person: Person, typed: dict[str, str], field: str, problem: str
) -> None:
    sent = {"given_name": "Вера", **typed}
    page = await take_in(await sign_in(person), **sent)
    language = person.language or "en"
    limits = {"problem.birthday_year": 120, "problem.tags_many": 12, "problem.tag_long": 30}
    assert (page.status, page.error(field)) == (422, say(problem, language, most=limits.get(problem, 0)))
    assert {name: page.value(name) for name in sent} == sent | dict.fromkeys(
        {"preferred", "channel", "zone"} & sent.keys(), ""
    )
    assert await db.fetchval("SELECT count(*) FROM client") == 0


async def test_archiving_twice_is_said_and_is_no_second_change(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    there = await client()
    page = await anna.open(there)
    await anna.send(page, f"{there}/retirement")
    page.tree.css_first(f"form[action='{there}/retirement'] [name=intent]").attrs["value"] = str(uuid4())
    again = await anna.send(page, f"{there}/retirement")
    assert (again.status, say("refused.client_retired", "ru") in again.words("body")) == (409, True)
    assert await db.fetchval("SELECT count(*) FROM operation WHERE kind = 'client.retire'") == 1


async def test_a_possible_duplicate_is_asked_about_once(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    there = await client(phones=(Phone("+79213334512"),))
    page = await take_in(anna, **TYPED)
    assert page.status == 409
    assert page.tree.css_first(".asks li a").attributes["href"] == there
    assert say("words.same_reach", "ru", reach="+7 921 333-45-12") in page.words(".asks")
    assert {name: page.value(name) for name in TYPED} == TYPED
    assert await db.fetchval("SELECT count(*) FROM client") == 1
    seen = page.tree.css_first("button[name=seen]").attributes["value"]
    fields = {**page.fields("/clients"), "seen": [seen]}
    first = await anna.post("/clients", fields)
    again = await anna.post("/clients", fields)
    assert first.path == again.path != there
    assert await db.fetchval("SELECT count(*) FROM client") == 2


async def test_somebody_else_alike_is_asked_about_anew(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    there = await client(phones=(Phone("+79213334512"),))
    page = await take_in(anna, given_name="Вера", phones_1_number="8 921 333 45 12")
    seen = page.tree.css_first("button[name=seen]").attributes["value"]
    other = await client(Names("Вера", None, "Орлова"))
    page = await anna.send(page, "/clients", family_name="Орлова", press=f"seen={seen}")
    assert page.status == 409
    assert [node.attributes["href"] for node in page.tree.css(".asks li a")] == [there, other]


async def test_after_another_mistake_the_same_clients_are_not_asked_about_again(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    await client()
    page = await take_in(anna, given_name="Анна", family_name="Петрова")
    seen = page.tree.css_first("button[name=seen]").attributes["value"]
    page = await anna.send(page, "/clients", birthday="soon", press=f"seen={seen}")
    assert (page.status, page.error("birthday")) == (422, say("problem.birthday_unread", "ru"))
    seen = page.tree.css_first("button[name=seen]").attributes["value"]
    page = await anna.send(page, "/clients", birthday="", press=f"seen={seen}")
    assert page.status == 200
    assert await db.fetchval("SELECT count(*) FROM client") == 2


async def test_possible_duplicates_are_shown_while_typing(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    there = await client(phones=(Phone("+79213334512"), Phone("+78123334513")))
    retired = await client(Names("Вера", None, "Орлова"), emails=(Email("vera@mail.example"),))
    await actions.retire(Intent(uuid4(), DEMO, NOW), ClientId(int(retired.rsplit("/", 1)[1])))
    asked = {"phones_1_number": "8 (921) 333 45 12", "phones_2_number": "12", "emails_1_address": "VERA@mail.example"}
    part = await anna.open("/clients/duplicates", params=asked, headers={"HX-Request": "true"})
    assert not part.has("html h1")
    assert [node.attributes["href"] for node in part.tree.css("li a")] == [there, retired]
    assert "+7 812 333-45-13" in part.words("li")
    assert say("In the archive", "ru") in part.all("li")[1]
    whole = await anna.open("/clients/duplicates", params=asked)
    assert whole.value("phones_1_number") == asked["phones_1_number"]
    assert len(whole.all(".alike li")) == 2
    nobody = await anna.open("/clients/duplicates", params={"given_name": "Анна"}, headers={"HX-Request": "true"})
    assert not nobody.has("li")


@pytest.mark.parametrize(
    ("typed", "person", "filled"),
    [
        ("8 921 333 45 12", ANNA, {"phones_1_number": "+7 921 333-45-12"}),
        ("vera@mail.example", ANNA, {"emails_1_address": "vera@mail.example"}),
        ("Орлова Вера", ANNA, {"family_name": "Орлова", "given_name": "Вера"}),
        ("Вера", ANNA, {"given_name": "Вера"}),
        ("Vera Orlova", VERA, {"given_name": "Vera", "family_name": "Orlova"}),
        ("x" * 400, VERA, {"given_name": "x" * 60}),
    ],
)
async def test_what_was_looked_for_in_vain_is_filled_in(
    sign_in: SignIn, typed: str, person: Person, filled: dict[str, str]
) -> None:
    page = await (await sign_in(person)).open("/clients/new", params={"q": typed})
    assert {name: page.value(name) for name in filled} == filled


@pytest.mark.parametrize("typed", ["\x00", "x" * 400, "'; --", "%", "\u202e", "+7" * 90, "@", "🧹", "<b>", "1" * 30])
async def test_whatever_stands_in_the_address_is_answered(sign_in: SignIn, typed: str) -> None:
    anna = await sign_in(ANNA)
    names = ("given_name", "family_name", "company", "phones_1_number", "emails_1_address", "seen", "birthday")
    for headers in ({}, {"HX-Request": "true"}):
        assert (await anna.open("/clients/new", params={"q": typed}, headers=headers)).status == 200
        asked = dict.fromkeys(names, typed)
        assert (await anna.open("/clients/duplicates", params=asked, headers=headers)).status == 200


async def test_a_client_is_changed_and_it_is_undone(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    url = await client(phones=(Phone("+79213334512", "мобильный"),), birthday=Birthday(5, 18), tags=("кошка",))
    page = await anna.open(f"{url}/edit")
    shown = {name: page.value(name) for name in ("family_name", "phones_1_number", "birthday", "tags", "joined_on")}
    assert shown == {
        "family_name": "Петрова",
        "phones_1_number": "+7 921 333-45-12",
        "birthday": "18 мая",
        "tags": "кошка",
        "joined_on": "2026-05-12",
    }
    page = await anna.send(page, url, family_name="Ким", phones_1_number="", phones_2_number="+78123334512")
    assert (page.path, page.heading) == (url, "Анна Ким")
    assert (await profile())["phones"] == [{"number": "+78123334512", "label": ""}]
    await anna.send(page, page.tree.css_first('form[action^="/operations/"]').attributes["action"])
    assert (await profile())["phones"] == [{"number": "+79213334512", "label": "мобильный"}]


async def test_a_change_that_makes_them_like_somebody_asks_once(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    url = await client(phones=(Phone("+79213330000"),))
    other = await client(names=Names("Борис", None, "Ким"), phones=(Phone("+79213334512"),))
    page = await vera.send(await vera.open(f"{url}/edit"), url, phones_2_number="8 921 333 45 12", tags="cat")
    assert (page.status, page.words(".asks a")) == (409, "Борис Ким")
    assert page.tree.css_first(".asks a").attributes["href"] == other
    assert page.value("phones_2_number") == "8 921 333 45 12"
    seen = page.tree.css_first("button[name=seen]").attributes["value"]
    page = await vera.send(page, url, birthday="soon", press=f"seen={seen}")
    assert (page.status, page.has("button[name=seen]")) == (422, True)
    page = await vera.send(page, url, birthday="", press=f"seen={seen}")
    assert (page.status, page.path) == (200, url)
    page = await vera.send(await vera.open(f"{url}/edit"), url, tags="dog")
    assert (page.status, page.path) == (200, url)


async def test_a_form_sent_as_it_was_changes_nothing(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    page = await take_in(anna, **TYPED)
    url, before = page.path, await profile()
    await anna.send(await anna.open(f"{url}/edit"), url)
    assert await profile() == before


async def test_a_collision_puts_both_versions_together_field_by_field(sign_in: SignIn) -> None:
    anna, boris = await sign_in(ANNA), await sign_in(BORIS)
    url = await client(
        phones=(Phone("+79213334512", "мобильный"), Phone("+78123334512")),
        tags=("кошка", "VIP"),
        birthday=Birthday(5, 18),
    )
    first, second = await anna.open(f"{url}/edit"), await boris.open(f"{url}/edit")
    await anna.send(first, url, phones_2_number="+78123330000", phones_2_label="домашний", tags="кошка")
    page = await boris.send(second, url, phones_1_number="8 921 333 45 12", birthday="19.05")
    assert page.status == 409
    rows = {
        " ".join(row.css_first("th").text().split()): [one.text() for one in row.css("td")]
        for row in page.tree.css(".compare tbody tr")
    }
    theirs = say("from them", "ru")
    assert rows == {
        f"{say('field.birthday', 'ru')} {say('from you', 'ru')}": ["18 мая", "19 мая"],
        f"{say('field.phones', 'ru')} {theirs}": [
            "+7 921 333-45-12, мобильный\n+7 812 333-00-00, домашний",
            "+7 921 333-45-12, мобильный\n+7 812 333-45-12",
        ],
        f"{say('field.tags', 'ru')} {theirs}": ["кошка", "кошка, VIP"],
    }
    assert "12 мая 2026" in page.all(".same dd")
    saved = await boris.send(page, url)
    assert (saved.status, saved.path) == (200, url)
    stands = await profile()
    assert [one["number"] for one in stands["phones"]] == ["+79213334512", "+78123330000"]
    assert (stands["birthday"], stands["tags"]) == ("05-19", ["кошка"])


async def test_of_phones_that_two_people_changed_one_chooses(sign_in: SignIn) -> None:
    anna, boris = await sign_in(ANNA), await sign_in(BORIS)
    url = await client(phones=(Phone("+79213334512", "мобильный"),))
    first, second = await anna.open(f"{url}/edit"), await boris.open(f"{url}/edit")
    await anna.send(first, url, phones_1_label="домашний", phones_2_number="+78123330000")
    page = await boris.send(second, url, phones_1_label="рабочий", phones_2_number="", address="Тверская, 1")
    assert page.all(".differs td") == ["+7 921 333-45-12, домашний +7 812 333-00-00", "+7 921 333-45-12, рабочий"]
    assert (await boris.send(page, url, **{"take.field.phones": "theirs"})).status == 200
    assert (await profile())["phones"] == [
        {"number": "+79213334512", "label": "домашний"},
        {"number": "+78123330000", "label": ""},
    ]
    assert (await profile())["address"] == "Тверская, 1"


async def test_an_erased_client_is_not_changed(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    url = await client()
    form = await anna.open(f"{url}/edit")
    await db.execute("UPDATE client SET retired_at = now(), erased_at = now()")
    assert (await anna.open(f"{url}/edit")).status == 404
    assert (await anna.send(form, url, given_name="Вера")).status == 409
    page = await anna.open(url)
    assert not page.has('form[action$="/readmission"], a[href$="/edit"]')


async def test_who_is_out_of_the_plan_stays_preferred_where_they_were(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    person = BookableId(await factories.bookable())
    url = await client(preferred=person)
    await db.execute("UPDATE bookable SET retired_at = now()")
    assert not (await anna.open("/clients/new")).has(f'[name="preferred"] option[value="{person}"]')
    page = await anna.open(f"{url}/edit")
    assert page.value("preferred") == str(person)
    assert (await anna.send(page, url, tags="кошка")).status == 200


async def test_how_messages_go_to_them_is_on_the_card_and_stays_where_nobody_changes_it(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    url = await client(channel=Preference.EMAIL, zone="Europe/Kiev")
    facts = (await anna.open(url)).words(".facts")
    assert ("Почта" in facts, "Киев" in facts) == (True, True)
    page = await anna.open(f"{url}/edit")
    assert (page.value("channel"), page.value("zone")) == ("email", "Europe/Kiev")
    await anna.send(page, url, tags="кошка")
    stands = await profile()
    assert (stands["channel"], stands["zone"]) == ("email", "Europe/Kiev")
    await anna.send(await anna.open(f"{url}/edit"), url, channel="", zone="")
    stands = await profile()
    assert (stands["channel"], stands["zone"]) == (None, None)


async def test_tags_in_use_and_labels_are_offered(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    await client(tags=("кошка", "VIP"))
    await client(tags=("VIP",))
    page = await anna.open("/clients/new")
    assert page.all("[data-word-of=client-tags]") == ["VIP", "кошка"]
    listed = page.tree.css_first('[name="phones_1_label"]').attributes["list"]
    offered = [node.attributes["value"] for node in page.tree.css(f"#{listed} option")]
    assert offered[0] == say("words.label_mobile", "ru")
