"""What happened to a client, on their card and as htmx asks for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from console.domain import clock, db
from console.domain.clients import actions as clients
from console.domain.clients.rules import Channel, Purpose
from console.domain.intent import DEMO, Intent
from console.domain.team import rules
from tests import factories
from tests.cast import ANNA, BORIS, NOW, OLEG, VERA, Person
from tests.domain.desk.deeds import ZOE, change, consent, lived, note, traces, zoe
from tests.page import Page
from tests.routes.conftest import SignIn
from tests.words import say


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    def now() -> datetime:
        return NOW + timedelta(hours=1)

    monkeypatch.setattr(clock, "now", now)


def lines(page: Page) -> list[str]:
    return page.all(".told-list .told-what > p:first-child")


def undos(page: Page) -> list[str]:
    return [form.attributes["action"] or "" for form in page.tree.css(".told-list form")]


async def test_it_says_in_words_who_changed_what_and_when(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await factories.staff(ANNA)
    client = await zoe()
    await change(client, replace(ZOE, phones=(), language="ru"))
    page = await vera.open(f"/clients/{client}")
    who = say("words.who", name=ANNA.name, role="front desk")
    assert lines(page)[0] == f"{who}: changed language and phones"
    assert page.all(".told-list .told-what")[0].endswith("→ Русский")
    assert page.all(".told-list time")[0] == "today, 9:30"


async def test_it_says_so_in_russian(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    client = await zoe()
    await change(client, replace(ZOE, phones=()))
    page = await anna.open(f"/clients/{client}")
    assert lines(page)[0] == "Anna Petrova (администратор) — изменено: телефоны"
    assert page.all(".told-list time")[0] == "сегодня, 9:30"


async def test_of_personal_columns_only_the_field_is_named(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await factories.staff(ANNA)
    client = await lived()
    page = await vera.open(f"/clients/{client}/timeline?show=profile")
    told = " ".join(page.all(".told-list .told-what .soft"))
    assert told
    assert traces(told) == set()


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ["SMS: offers: given", "Email: reminders: given", "SMS: offers: taken back"]),
        ("ru", ["СМС: акции: дано", "Почта: напоминания: дано", "СМС: акции: отозвано"]),
    ],
)
async def test_it_says_which_consents_were_given_and_taken_back(
    sign_in: SignIn, language: str, told: list[str]
) -> None:
    vera = await sign_in(VERA, language=language)
    await factories.staff(ANNA)
    client = await zoe()
    await consent(client, (Channel.SMS, Purpose.OFFERS), (Channel.EMAIL, Purpose.REMINDERS))
    await consent(client, (Channel.SMS, Purpose.OFFERS), given=False)
    page = await vera.open(f"/clients/{client}/timeline?show=consents")
    given, reminders, taken = told
    assert page.all(".told-list .soft:not(time)") == [taken, given, reminders]
    page = await vera.open("/settings/history")
    assert taken in page.all(".soft")


@pytest.mark.parametrize("show", ["profile", "notes", "cards", "", "nonsense", "%00", "x" * 5000])
async def test_a_filter_shows_one_part_of_the_record(sign_in: SignIn, show: str) -> None:
    vera = await sign_in(VERA)
    await factories.staff(ANNA)
    client = await zoe()
    await note(client)
    page = await vera.open(f"/clients/{client}/timeline?show={show}")
    assert page.status == 200
    counts = {"profile": 1, "notes": 1, "cards": 0}
    assert len(lines(page)) == counts.get(show, 2)
    current = page.words(".told .tabs [aria-current]")
    assert current == say(f"part.{show}" if show in counts else "words.everything")


async def test_htmx_gets_the_part_alone_and_stays_on_the_card(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await factories.staff(ANNA)
    client = await zoe()
    address = f"/clients/{client}/timeline?show=profile"
    page = await vera.open(address, headers={"hx-request": "true", "hx-target": "timeline"})
    assert len(lines(page)) == 1
    assert "<html" not in page.response.text
    assert not page.has("#page")
    assert "hx-push-url" not in page.response.headers


async def test_it_is_read_on_without_a_gap(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await factories.staff(ANNA)
    client = await zoe()
    for n in range(24):
        await note(client, f"Note {n}")
    page = await vera.open(f"/clients/{client}")
    older = page.tree.css_first("#timeline-older a").attributes["href"] or ""
    assert len(lines(page)) == 20
    page = await vera.open(older)
    assert len(lines(page)) == 5
    assert not page.has("#timeline-older")
    assert undos(page) == []


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "%00", "٣", str(2**63)])
async def test_a_place_that_is_none_is_the_beginning(sign_in: SignIn, before: str) -> None:
    vera = await sign_in(VERA)
    await factories.staff(ANNA)
    page = await vera.open(f"/clients/{await zoe()}/timeline?before={before}")
    assert (page.status, len(lines(page))) == (200, 1)


async def test_the_latest_deeds_are_undone_from_the_card(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    client = await zoe()
    changed = await change(client, replace(ZOE, address="Elsewhere"))
    page = await anna.open(f"/clients/{client}")
    assert undos(page)[0] == f"/operations/{changed.operation_id}/undo"
    page = await anna.send(page, undos(page)[0])
    assert (page.path, page.status) == (f"/clients/{client}", 200)
    assert await db.fetchval("SELECT address FROM client_profile WHERE client = $1", client) == ZOE.address
    assert page.all(".told-list .is-off .badge") == [say("undone", "ru")]


async def test_an_undo_that_the_role_may_not_do_is_not_offered(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:

    anna = await sign_in(ANNA)
    client = await zoe()
    less = rules.PERMISSIONS[ANNA.role] - {rules.Permission.CLIENT_CHANGE}
    monkeypatch.setitem(rules.PERMISSIONS, ANNA.role, less)
    page = await anna.open(f"/clients/{client}")
    assert (len(lines(page)), undos(page)) == (1, [])


@pytest.mark.parametrize("person", [ANNA, BORIS, VERA, OLEG], ids=lambda person: person.role.value)
async def test_everybody_at_the_console_reads_it(sign_in: SignIn, person: Person) -> None:
    visitor = await sign_in(person)
    added = await clients.add(Intent(uuid4(), DEMO, NOW), ZOE)
    page = await visitor.open(f"/clients/{added.result['client']}/timeline")
    assert (page.status, len(lines(page))) == (200, 1)


async def test_a_page_of_it_takes_as_many_statements_however_long_it_is(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    vera = await sign_in(VERA)
    await factories.staff(ANNA)
    client = await zoe()
    await change(client, replace(ZOE, language="ru"))
    await note(client)
    asked: list[str] = []
    fetch = db.fetch

    async def counted(sql: str, *args: Any) -> Any:
        asked.append(sql)
        return await fetch(sql, *args)

    monkeypatch.setattr(db, "fetch", counted)
    await vera.open(f"/clients/{client}/timeline")
    few = len(asked)
    for n in range(15):
        await note(client, f"Note {n}")
    asked.clear()
    page = await vera.open(f"/clients/{client}/timeline")
    assert (len(lines(page)), len(asked)) == (18, few)
