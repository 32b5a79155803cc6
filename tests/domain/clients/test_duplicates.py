"""Who may be a client already: by the same phone, the same email, or nearly the same name."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from console.domain import db
from console.domain.clients import actions
from console.domain.clients.actions import About
from console.domain.clients.duplicates import Duplicate, PossibleDuplicates, duplicates
from console.domain.clients.rules import Email, Names, Phone
from console.domain.errors import Invalid
from console.domain.ids import ClientId
from console.domain.intent import Intent
from tests import factories
from tests.cast import ANNA, NOW

PETROVA = Names("Анна", None, "Петрова")


@pytest.fixture
async def desk(database: None) -> None:
    await factories.staff(ANNA)


def intent() -> Intent:
    return Intent(uuid4(), ANNA.actor, NOW)


def about(names: Names = PETROVA, phones: str = "", emails: str = "") -> About:
    return About(names, tuple(map(Phone, phones.split())), tuple(map(Email, emails.split())))


async def add(names: Names = PETROVA, **said: str) -> ClientId:
    return ClientId((await actions.add(intent(), about(names, **said))).result["client"])


async def alike(names: Names = Names("Иван", None, "Ким"), **said: str) -> list[Duplicate]:  # noqa: B008
    asked = about(names, **said)
    return await duplicates(asked.names, asked.phones, asked.emails)


async def ids(*args: Any, **said: str) -> list[int]:
    return [one.client.id for one in await alike(*args, **said)]


async def test_a_phone_of_theirs_or_of_a_contact_is_the_same_phone(desk: None) -> None:
    anna = await add(phones="+79213334512 +78123334512")
    company = await add(Names(company="Гранит"))
    await factories.contact(company, phone="+79213334512")
    await add(Names("Вера", None, "Орлова"), phones="+79213334513")
    found = await alike(phones="+79213334512 +78123334512")
    assert [(one.client.id, one.phones, one.name) for one in found] == [
        (anna, ("+79213334512", "+78123334512"), False),
        (company, ("+79213334512",), False),
    ]
    assert await ids(phones="+73334512") == []


async def test_an_email_is_the_same_as_a_whole_only(desk: None) -> None:
    anna = await add(emails="anna.k@mail.example")
    assert await ids(emails="k@mail.example") == []
    assert await ids(emails="anna.k@mail.example") == [anna]
    company = await add(Names(company="Гранит"))
    await factories.contact(company, email="Pjotr@granit.example")
    assert await ids(emails="pjotr@granit.example") == [company]


@pytest.mark.parametrize(
    ("stands", "typed"),
    [
        (PETROVA, PETROVA),
        (PETROVA, Names("Петрова", None, "Анна")),
        (PETROVA, Names("анна", None, "ПЕТРОВА")),
        (PETROVA, Names("Анна", None, "Петорва")),
        (PETROVA, Names("Анна", None, "Птрова")),
        (PETROVA, Names("Анна", "Сергеевна", "Петрова")),
        (Names("Анна", "Сергеевна", "Петрова"), Names("Анна", "С.", "Петрова")),
        (Names("Анна", "Сергеевна", "Петрова"), Names("Анна", "Сергевна", "Петрова")),
        (Names("Алёна", None, "Соловьёва"), Names("Алена", None, "Соловьева")),
        (Names("José", None, "Núñez"), Names("Jose", None, "Nunez")),
        (Names("Ольга", None, "Петрова-Водкина"), Names("Ольга", None, "Петрова")),
        (Names("Anna", None, "Bell"), Names("Anna", None, "Bel")),
        (Names("Anna", None, "Bell"), Names("Ana", None, "Bell")),
        (Names("Яна", None, "Ким"), Names("Яна", None, "Кимм")),
        (Names(company="ООО «Ромашка»"), Names(company="Ромашка")),
        (Names(company="Ромашка"), Names(company="ооо ромашка")),
        (Names(company="Ромашка"), Names(company="Рамашка")),
        (Names(company="Blue Door Café"), Names(company="Blue Door Cafe Ltd.")),
    ],
)
async def test_a_name_is_close_in_any_order_with_one_typo(desk: None, stands: Names, typed: Names) -> None:
    client = await add(stands)
    await add(Names("Борис", None, "Кузнецов"))
    await add(Names(company="Гранит"))
    found = await alike(typed)
    assert [(one.client.id, one.name) for one in found] == [(client, True)]


@pytest.mark.parametrize(
    ("stands", "typed"),
    [
        (PETROVA, Names("Анна")),
        (PETROVA, Names(None, None, "Петрова")),
        (PETROVA, Names("Анна", None, "Петровская")),
        (PETROVA, Names("Анна", None, "Пет")),
        (PETROVA, Names("Вера", None, "Петрова")),
        (PETROVA, Names("Анан", None, "Петорва")),
        (Names("Анна", "Сергеевна", "Петрова"), Names("Анна", "Ивановна", "Петрова")),
        (Names(company="ООО «Ромашка»"), Names(company="ООО")),
        (Names("Li", None, "Wu"), Names("Le", None, "Wu")),
        (Names("Anna", None, "Bell"), Names("Ana", None, "Bel")),
        (Names("Anna", None, "Abbott"), Names("Anna", None, "Abot")),
    ],
)
async def test_another_name_is_not_close(desk: None, stands: Names, typed: Names) -> None:
    await add(stands)
    assert await ids(typed) == []


async def test_the_same_phone_counts_whatever_the_middle_name(desk: None) -> None:
    anna = await add(Names("Анна", "Сергеевна", "Петрова"), phones="+79213334512")
    assert await ids(Names("Анна", "Ивановна", "Петрова"), phones="+79213334512") == [anna]


async def test_those_alike_in_more_come_first_and_those_in_the_archive_last(desk: None) -> None:
    named = await add()
    gone = await add(phones="+79213334512", emails="a@mail.example")
    reached = await add(phones="+79213334512")
    await actions.retire(intent(), gone)
    assert await ids(PETROVA, phones="+79213334512") == [reached, named, gone]


async def test_the_very_same_name_comes_before_a_similar_one(desk: None) -> None:
    whole = await add(Names("Анна", "Сергеевна", "Петрова"))
    same = await add()
    similar = await add(Names("Анна", None, "Петрава"))
    assert await ids(PETROVA) == [same, whole, similar]
    assert await ids(Names("Анна", "Сергеевна", "Петрова")) == [whole, same, similar]


async def test_an_erased_client_is_nobody(desk: None) -> None:
    client = await add(phones="+79213334512")
    await db.execute("UPDATE client SET retired_at = now(), erased_at = now() WHERE id = $1", client)
    assert await ids(PETROVA, phones="+79213334512") == []


async def test_few_are_shown(desk: None) -> None:
    clients = [await add(phones="+79213334512") for _ in range(7)]
    assert await ids(phones="+79213334512") == clients[:-6:-1]


async def test_it_asks_until_all_were_seen_and_then_takes_them_in(desk: None) -> None:
    anna = await add(phones="+79213334512")
    once = intent()
    with pytest.raises(PossibleDuplicates):
        await actions.add(once, about(phones="+79213334512"), ())
    vera = await add(phones="+79213334512")
    with pytest.raises(PossibleDuplicates):
        await actions.add(once, about(phones="+79213334512"), (anna,))
    seen = (vera, anna)
    first = await actions.add(once, about(phones="+79213334512"), seen)
    again = await actions.add(once, about(phones="+79213334512"), seen)
    assert (again.replayed, again.result) == (True, first.result)
    assert await db.fetchval("SELECT count(*) FROM client") == 3


@pytest.mark.parametrize("said", [{"phones": "+79213334512"}, {"emails": "a@mail.example"}, {}])
async def test_of_eight_who_take_in_the_same_one_at_once_seven_are_asked(desk: None, said: dict[str, str]) -> None:
    acts = (actions.add(intent(), about(**said), ()) for _ in range(8))
    outcomes = await asyncio.gather(*acts, return_exceptions=True)
    assert [type(one) for one in outcomes].count(PossibleDuplicates) == 7
    assert await db.fetchval("SELECT count(*) FROM client") == 1


async def save(client: ClientId, names: Names = PETROVA, seen: tuple[ClientId, ...] = (), **said: str) -> None:
    version = await db.fetchval("SELECT version FROM client_profile WHERE client = $1", client)
    await actions.change(intent(), client, version, about(names, **said), seen)


@pytest.mark.parametrize(
    "said",
    [{"phones": "+79213330000 +79213334512"}, {"emails": "a@mail.example"}, {"names": Names("Вера", None, "Орлава")}],
    ids=["phone", "email", "name"],
)
async def test_who_becomes_like_another_by_a_change_is_asked_about_once(desk: None, said: dict[str, Any]) -> None:
    vera = await add(Names("Вера", None, "Орлова"), phones="+79213334512", emails="a@mail.example")
    client = await add(phones="+79213330000")
    with pytest.raises(PossibleDuplicates):
        await save(client, **said)
    with pytest.raises(PossibleDuplicates):
        await save(client, **said, seen=(client,))
    await save(client, **said, seen=(vera,))
    await save(client, **said)


async def test_who_was_like_another_before_a_change_is_not_asked_about(desk: None) -> None:
    for _ in range(7):
        await add(phones="+79213334512", emails="a@mail.example")
    client = await add(phones="+79213334512")
    await save(client, Names("Анна", "Сергеевна", "Петрова"), phones="+79213334512 +79213330000")
    await save(client, Names("Анна", "Сергеевна", "Петрова"), phones="+79213330000")
    await save(client, Names("Вера", None, "Ким"), phones="+79213330000")
    with pytest.raises(PossibleDuplicates):
        await save(client, phones="+79213330000")


async def test_of_two_who_get_the_same_phone_at_once_the_second_is_asked_about(desk: None) -> None:
    one, other = await add(), await add(Names("Вера", None, "Ким"))
    names = (PETROVA, Names("Вера", None, "Ким"))
    acts = (save(who, name, phones="+79213334512") for who, name in zip((one, other), names, strict=True))
    outcomes = await asyncio.gather(*acts, return_exceptions=True)
    assert [type(one) for one in outcomes].count(PossibleDuplicates) == 1


async def test_more_phones_than_a_card_shows_are_refused(desk: None) -> None:
    with pytest.raises(Invalid) as refused:
        await add(phones=" ".join(f"+7921333451{n}" for n in range(6)))
    assert list(refused.value.problems) == ["phones"]
