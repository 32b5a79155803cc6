"""Clients are found by whatever is at hand, the best match first, and by nothing once they were erased."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from console.domain import db
from console.domain.clients import actions, checks, fitting, lately, rules, typed
from console.domain.clients.actions import About
from console.domain.clients.finding import find
from console.domain.clients.hits import Matched, NoGood
from console.domain.clients.rules import Email, Names, Phone
from console.domain.desk import actions as erasing
from console.domain.desk.rules import Why
from console.domain.ids import ActorId, ClientId
from console.domain.intent import Intent, Outcome
from console.domain.text import fold
from console.domain.undo import undo
from tests import factories
from tests.cast import ANNA, BORIS, NOW, VERA
from tests.patience import PATIENCE


@pytest.fixture
async def desk(database: None) -> None:
    await factories.staff(ANNA)
    await factories.staff(BORIS)
    await factories.staff(VERA)


def intent() -> Intent:
    return Intent(uuid4(), ANNA.actor, NOW)


def about(name: str = "", *, company: str | None = None, phones: str = "", emails: str = "") -> About:
    """Somebody called "Given Family" or "Given Middle Family"."""
    given, _, rest = name.partition(" ")
    middle, _, family = rest.rpartition(" ")
    names = Names(given or None, middle or None, family or None, company)
    return About(names, tuple(map(Phone, phones.split())), tuple(map(Email, emails.split())))


async def add(name: str = "", **said: Any) -> ClientId:
    return ClientId((await actions.add(intent(), about(name, **said))).result["client"])


async def change(client: int, name: str = "", **said: Any) -> Outcome[Any]:
    version = await db.fetchval("SELECT version FROM client_profile WHERE client = $1", client)
    return await actions.change(intent(), ClientId(client), version, about(name, **said))


async def contact(client: int, name: str, **columns: Any) -> int:
    values = {"name": name, "folded": fold(name), **columns}
    return await factories._insert("client_contact", client=client, **values)


async def card(client: int, **columns: Any) -> str:
    number = rules.new_card_number()
    await factories._insert("client_card", client=client, number=number, **columns)
    return number


async def ids(typed: str, **options: Any) -> list[int]:
    return [hit.client for hit in await find(typed, **options)]


async def words() -> list[str]:
    return [row[0] for row in await db.fetch("SELECT word FROM client_word ORDER BY word")]


@pytest.mark.parametrize(
    "typed",
    [
        *("4512", "45 12", "45-12", "333-45-12", "3334512", "9213334512", "921 333 45 12", "(921) 333-45-12"),
        *("89213334512", "8 921 333-45-12", "8 (921) 333 45 12", "+7 921 333-45-12", "+79213334512", "7 921 3334512"),
        *("0079213334512", "81079213334512", "512", "  4512  ", "921.333.45.12", "333\u201345\u201312"),
    ],
)
async def test_a_phone_is_found_by_its_last_digits_in_any_spelling(desk: None, typed: str) -> None:
    petrova = await add("Анна Петрова", phones="+74951110000 +79213334512")
    await add("Вера Ким", phones="+79213334513")
    (hit,) = await find(typed)
    assert (hit.client, hit.matched, hit.value) == (petrova, Matched.PHONE, "79213334512")


@pytest.mark.parametrize("typed", ["12", "4513", "8 921 333 45 13", "1234512", "5214", "4512 4512"])
async def test_a_phone_is_not_found_by_other_digits(desk: None, typed: str) -> None:
    await add("Анна Петрова", phones="+79213334512")
    assert await ids(typed) == []


@pytest.mark.parametrize("typed", ["020 7946 0018", "+44 20 7946 0018", "0044 20 79460018", "0018"])
async def test_so_is_a_phone_of_another_country(desk: None, typed: str) -> None:
    vera = await add("Vera O'Neill", phones="+442079460018")
    assert await ids(typed) == [vera]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Анна Петрова", "Петрова"),
        ("Анна Петрова", "ПЕТРОВА АННА"),
        ("Анна Петрова", "петр"),
        ("Анна Петрова", "п"),
        ("Анна Петрова", "ан пе"),
        ("Анна Петрова", "етров"),
        ("Анна Сергеевна Петрова", "петрова сергеевна"),
        ("Алёна Соловьёва", "алена соловьева"),
        ("Алена Соловьева", "АЛЁНА Соловьёва"),
        ("José Núñez", "jose nunez"),
        ("Jose Nunez", "José NÚÑEZ"),
        ("Łukasz Żak", "lukasz zak"),
        ("Андрей Чайка", "чайка"),
        ("Вера O'Neill", "o'neill"),
        ("Вера O'Neill", "oneill"),
        ("Ольга Петрова-Водкина", "водкина"),
        ("Ольга Петрова-Водкина", "петрова-вод"),
        ("Анна Петрова", "Петорва"),
        ("Анна Петрова", "Птрова"),
        ("Анна Петрова", "Петтрова"),
        ("Анна Петрова", "Петрава"),
        ("Анна Петрова", "етрова"),
        ("Анна Петрова", "Бетрова"),
        ("Анна Петрова", "анна петрвоа"),
        ("Анна Петрова", "gtnhjdf"),
        ("Анна Петрова", "Fyyf Gtnh"),
        ("Vera Smith", "ыьшер"),
        ("Li Wu", "li"),
        ("Иван Петров", "иавн"),
        ("Иван Ким", "ивн"),
        ("Иван Ким", "ивн ким"),
        ("Dora Lee", "dra lee"),
        ("Яна Ли", "ана ли"),
        ("Quentin Reed", "Quemt"),
        ("Fern Abbott", "Abbt"),
        ("Fern Abbott", "abot"),
        ("Fern Colley", "fern coly"),
        ("Fern Colley", "coly fren"),
        ("Анна Петрова", "птер"),
        ("Анна Петрова", "петрвв"),
        ("Анна Константинопольская", "констонтинопол"),
    ],
)
async def test_a_name_is_found_by_its_parts_however_it_is_spelt(desk: None, name: str, typed: str) -> None:
    await add("Борис Кузнецов", company="Гранит", phones="+79990001122")
    client = await add(name)
    (hit,) = await find(typed)
    assert (hit.client, hit.matched) == (client, Matched.NAME)


@pytest.mark.parametrize("typed", ["", " ", "%", "_", "*", "'", "Петрова Вера", "Птрваа", "анн петр ким", "\x00", "@"])
async def test_nobody_is_found_by_what_nobody_is_called(desk: None, typed: str) -> None:
    await add("Анна Петрова")
    await add("Вера Сидорова")
    assert await ids(typed) == []


@pytest.mark.parametrize("company", ["ООО «Ромашка & Ко»", "Ромашка, ко. (север)", "ко/РОМАШКА"])
async def test_a_company_is_found_without_its_marks(desk: None, company: str) -> None:
    client = await add(company=company)
    for said in ("ромашка", "ромашка ко", "«ромаш", "рамашка", company):
        assert await ids(said) == [client], said


async def test_a_company_is_found_by_its_people_as_long_as_they_are_there(desk: None) -> None:
    client = await add(company="Гранит")
    person = await contact(client, "Пётр Лужин", phone="+79215550199", email="p.luzhin@granit.example")
    for said in ("лужин", "петр гранит", "0199", "luzhin@gr", "гранит 0199"):
        assert await ids(said) == [client], said
    await db.execute("UPDATE client_contact SET retired_at = now() WHERE id = $1", person)
    for said in ("лужин", "0199", "luzhin@gr"):
        assert await ids(said) == [], said
    assert await words() == ["гранит"]


@pytest.mark.parametrize(
    "typed",
    ["anna.k@mail.example", "ANNA.K@Mail", "anna.k", "anna.", "k@mail", "@mail.ex", "анна anna.k@", "анна @mail"],
)
async def test_an_email_is_found_by_the_beginning_of_its_parts(desk: None, typed: str) -> None:
    client = await add("Анна Ким", emails="anna.k@mail.example")
    await add("Вера Ким", emails="vera@other.example")
    (hit,) = await find(typed)
    assert (hit.client, hit.matched, hit.value) == (client, Matched.EMAIL, hit.value)


async def test_a_card_is_found_by_its_number_only(desk: None) -> None:
    petrova, kim = await add("Анна Петрова"), await add("Вера Ким")
    number = await card(petrova)
    await card(kim)
    for said in (number, rules.spaced_card(number), f" {number[:2]} {number[2:]}\n"):
        (hit,) = await find(said)
        assert (hit.client, hit.matched, hit.no_good) == (petrova, Matched.CARD, None)
    assert await ids(number[:7]) == []


async def test_a_good_cards_number_means_its_client_before_anybody_called_so(desk: None) -> None:
    petrova = await add("Анна Петрова")
    number = await card(petrova)
    await db.execute("UPDATE client SET retired_at = now() WHERE id = $1", petrova)
    await factories.client(number, "Ким", phones=f'[{{"number": "+792{number}", "label": ""}}]', folded=number)
    assert (await find(number))[0].client == petrova
    assert [hit.client for hit in await find(number, limit=1)] == [petrova]


@pytest.mark.parametrize(
    "typed", ["olga@пример.рф", "ольга olga@пример", "olga@прим", "@пример.р", "olga@xn--e1afmkfd"]
)
async def test_an_address_in_other_letters_is_found_as_it_is_written_and_as_mail_knows_it(
    desk: None, typed: str
) -> None:
    olga = await add("Ольга Ким", emails="olga@xn--e1afmkfd.xn--p1ai")
    await add("Вера Ким", emails="olga@xn--d1acpjx3f.xn--p1ai olga@example.com")
    assert await ids(typed) == [olga]


@pytest.mark.parametrize(
    ("phone", "typed"),
    [
        ("+4930901820", "030 901820"),
        ("+4930901820", "030901820"),
        ("+441212345678", "0121 234 5678"),
    ],
)
async def test_a_phone_abroad_is_found_as_it_is_dialled_there(desk: None, phone: str, typed: str) -> None:
    client = await add("Вера Ким", phones=phone)
    await add("Анна Петрова", phones="+79213901820 +79217228844")
    assert await ids(typed) == [client]


async def test_a_lost_card_still_says_whose_it_was(desk: None) -> None:
    petrova = await add("Анна Петрова")
    number = await card(petrova, lost_at=NOW)
    await card(petrova)
    (hit,) = await find(number)
    assert (hit.client, hit.no_good) == (petrova, NoGood.LOST)


async def test_a_card_that_was_taken_back_says_whose_it_was_last_until_somebody_has_it(desk: None) -> None:
    petrova, kim = await add("Анна Петрова"), await add("Вера Ким")
    number = await card(kim, retired_at=NOW)
    await factories.card(petrova, number, retired_at=NOW)
    (hit,) = await find(number)
    assert (hit.client, hit.no_good) == (petrova, NoGood.WITHDRAWN)
    await factories.card(kim, number)
    (hit,) = await find(number)
    assert (hit.client, hit.no_good) == (kim, None)


async def test_a_name_and_a_phone_have_to_fit_both(desk: None) -> None:
    anna = await add("Анна Петрова", phones="+79213334512")
    await add("Анна Ким", phones="+79213334513")
    await add("Вера Ким", phones="+79214444512")
    for said in ("анна 4512", "45-12 анна", "петр 3334512", "анна 8 921 333 45 12", "анан 4512"):
        assert await ids(said) == [anna], said
    assert await ids("вера 4513") == []


async def test_digits_are_a_name_as_well(desk: None) -> None:
    number = await add(company="Салон 365")
    phone = await add("Анна Ким", phones="+79213330365")
    assert await ids("салон 365") == [number]
    assert await ids("365") == [number, phone]
    assert await ids("студия 24") == []


async def test_the_nearest_comes_first(desk: None) -> None:
    typo = await add("Вера Ромын")
    inside = await add("Вера Дороман")
    begins = await add("Вера Романова")
    exact = await add("Вера Роман")
    assert await ids("роман") == [exact, begins, inside, typo]
    assert await ids("роман", limit=2) == [exact, begins]


async def test_a_typo_in_the_beginning_of_a_name_is_forgiven_after_whatever_is_nearer(desk: None) -> None:
    abbott = await add("Fern Abbott")
    assert await ids("abot") == [abbott]
    assert await ids("abbot") == [abbott]
    typo, inside = await add("Fern Abolt"), await add("Fern Cabot")
    begins = await add("Fern Abbotsford")
    assert await ids("abot") == [inside, typo, begins, abbott]
    assert await ids("abbots") == [begins, abbott]


async def test_of_equals_those_opened_lately_come_first_then_the_newest_and_retired_ones_last(desk: None) -> None:
    first, second, third, fourth = [await add("Анна Петрова") for _ in range(4)]
    assert await ids("анна") == [fourth, third, second, first]
    await lately.opened(ActorId(ANNA.id), second, NOW)
    await lately.opened(ActorId(BORIS.id), first, NOW + timedelta(minutes=1))
    assert await ids("анна") == [first, second, fourth, third]
    await actions.retire(intent(), first)
    assert await ids("анна") == [second, fourth, third, first]
    assert [hit.retired for hit in await find("анна петрова")] == [False, False, False, True]
    assert await ids("анна", include_retired=False) == [second, fourth, third]
    await actions.readmit(intent(), first)
    assert await ids("анна") == [first, second, fourth, third]


async def test_common_names_are_cut_off_with_the_best_in_front(desk: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FEW", "FEW_OF_SEVERAL"):
        monkeypatch.setattr(fitting, name, 3)
    old = await add("Анна Петров")
    others = [await add("Аннабель Петровская") for _ in range(9)]
    for said in ("анна", "анна петров"):
        assert await ids(said, limit=3) == [old, *others[:-3:-1]], said
    assert await ids("а", limit=3) == others[:-4:-1]
    await lately.opened(ActorId(ANNA.id), others[0], NOW)
    assert await ids("аннаб", limit=2) == [others[0], others[-1]]
    assert await ids("петровс анна", limit=2) == [others[0], others[-1]]


async def test_what_is_said_of_a_client_changes_what_they_are_found_by_and_undo_brings_it_back(desk: None) -> None:
    client = await add("Анна Петрова", phones="+79213334512", emails="anna@mail.example")
    changed = await change(client, "Анна Ким", phones="+79213330000")
    as_before, as_changed = ("петрова", "4512", "anna@mail"), ("ким", "330000")
    for gone, there in ((as_before, as_changed), (as_changed, as_before), (as_before, as_changed)):
        for said in gone:
            assert await ids(said) == [], said
        for said in (*there, "анна"):
            assert await ids(said) == [client], said
        assert await checks.clients_are_findable() == []
        changed = await undo(intent(), changed.operation_id)


async def test_who_was_erased_is_found_by_nothing_and_leaves_no_word(desk: None) -> None:
    kim = await add("Вера Ким")
    client = await add("Вера Редкая", company="Тихая", phones="+79213334512", emails="v@mail.example")
    await contact(client, "Пётр Лужин", phone="+79215550199", email="p@t.example")
    number = await card(client)
    await lately.opened(ActorId(ANNA.id), client, NOW)
    await erasing.erase(Intent(uuid4(), VERA.actor, NOW, reason=Why.ASKED.value), client)
    for said in ("редкая", "тихая", "лужин", "4512", "0199", "v@mail", "@t.ex", number, "редкяа"):
        assert await ids(said) == [], said
    assert await ids("вера") == [kim]
    assert await words() == ["вера", "ким"]
    assert await lately.recent(ActorId(ANNA.id)) == []
    await lately.opened(ActorId(ANNA.id), client, NOW)
    assert await lately.recent(ActorId(ANNA.id)) == []
    assert await checks.clients_are_findable() == []


async def test_the_last_opened_clients_are_remembered_for_each(desk: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lately, "KEPT", 2)
    anna, boris = ActorId(ANNA.id), ActorId(BORIS.id)
    first, second, third = [await add("Анна Петрова") for _ in range(3)]
    for minute, (actor, client) in enumerate(
        [(anna, first), (anna, second), (boris, second), (anna, first), (anna, third)]
    ):
        await lately.opened(actor, client, NOW + timedelta(minutes=minute))
    assert await lately.recent(anna) == [third, first]
    assert await lately.recent(anna, limit=1) == [third]
    assert await lately.recent(boris) == [second]
    assert await db.fetchval("SELECT count(*) FROM client_opened") == 3


async def test_words_are_told_apart_in_the_database_as_they_are_when_typed(database: None) -> None:
    for text in ("ООО «Ромашка & Ко»", "d'Artagnan", "петрова-водкина", "№5/2", "a_b", "Ёж–И", "ქართული ena", "½ x²"):
        rows = await db.fetch("SELECT words_of($1)", fold(text))
        assert {row[0] for row in rows} == set(typed.words(fold(text))), text


async def test_a_word_is_never_lost_to_somebody_who_gives_it_up_meanwhile(desk: None) -> None:
    """One client takes a name on while another gives it up: whoever is first, the one who has it is found by it."""
    pairs = [(await add(f"Анна Редкая{n}"), await add(f"Вера Ким{n}")) for n in range(6)]
    for turn in range(8):
        taking, leaving = f"Ким{turn}", f"Редкая{turn}"

        async def swap(client: int, name: str) -> None:
            await change(client, name)

        await asyncio.gather(
            *(swap(one, f"Анна {(taking, leaving)[turn % 2]}") for one, _ in pairs),
            *(swap(other, f"Вера {(leaving, taking)[turn % 2]}") for _, other in pairs),
        )
        assert await checks.clients_are_findable() == []


async def test_a_transaction_waits_for_one_that_removes_the_word_and_writes_it_anew(
    desk: None, as_owner: asyncpg.Connection, as_superuser: asyncpg.Connection
) -> None:
    leaving, coming = await add("Анна Редкая"), await add("Вера Ким")
    rename = "UPDATE client_profile SET family_name = $2, folded = $3 WHERE client = $1"
    for ending, left in (("commit", ["анна", "вера", "редкая", "смирнова"]), ("rollback", None)):
        first = as_owner.transaction()
        await first.start()
        await as_owner.execute(rename, leaving, "Смирнова", "смирнова анна")
        second = asyncio.create_task(db.execute(rename, coming, "Редкая", "редкая вера"))
        await until_somebody_waits(as_superuser)
        await getattr(first, ending)()
        await second
        assert coming in await ids("редкая")
        assert await checks.clients_are_findable() == []
        if left:
            assert await words() == left
            await db.execute(rename, coming, "Ким", "ким вера")
            await db.execute(rename, leaving, "Редкая", "редкая анна")


async def test_the_last_of_two_who_give_up_a_word_at_once_takes_it_away(
    desk: None, as_owner: asyncpg.Connection, as_superuser: asyncpg.Connection
) -> None:
    one, other = await add("Анна Редкая"), await add("Вера Редкая")
    rename = "UPDATE client_profile SET family_name = $2, folded = $3 WHERE client = $1"
    first = as_owner.transaction()
    await first.start()
    await as_owner.execute(rename, one, "Ким", "ким анна")
    second = asyncio.create_task(db.execute(rename, other, "Ли", "ли вера"))
    await until_somebody_waits(as_superuser)
    await first.commit()
    await second
    assert await words() == ["анна", "вера", "ким", "ли"]


async def until_somebody_waits(watcher: asyncpg.Connection) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await watcher.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"):  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_the_application_cannot_write_what_clients_are_found_by(desk: None) -> None:
    client = await add("Анна Петрова")
    for statement in (
        "DELETE FROM client_token",
        "UPDATE client_reach SET retired = true",
        "INSERT INTO client_word VALUES ('чужая')",
        f"SELECT renew_findable({client})",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.execute(statement)


@pytest.mark.parametrize(
    "fault",
    [
        "DELETE FROM client_token WHERE word = 'петрова'",
        "DELETE FROM client_reach",
        "UPDATE client_token SET retired = true",
        "INSERT INTO client_word VALUES ('ничья')",
        "UPDATE client_profile SET folded = 'ким анна'",
    ],
)
async def test_the_doctor_sees_clients_who_are_not_found(
    desk: None, as_superuser: asyncpg.Connection, fault: str
) -> None:
    await add("Анна Петрова", phones="+79213334512")
    assert await checks.clients_are_findable() == []
    await as_superuser.execute("SET session_replication_role = replica")
    await as_superuser.execute(fault)
    assert await checks.clients_are_findable() != []
