"""The list of clients: searched, narrowed, in order, paged, and taken along as a file."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from datetime import date
from uuid import uuid4

import pytest
from python_calamine import CalamineWorkbook

from console.domain import clock, db
from console.domain.clients import fitting
from console.domain.desk.actions import erase
from console.domain.desk.rules import Why
from console.domain.ids import ClientId
from console.domain.intent import DEMO, Intent
from console.routes import client_list
from tests import factories
from tests.cast import ANNA, BORIS, VERA
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.words import say

LIST = "/clients"


def phones(*numbers: str) -> str:
    return json.dumps([{"number": number, "label": ""} for number in numbers])


async def names(visitor: Visitor, query: str = "") -> list[str]:
    return (await visitor.open(f"{LIST}{query}")).all("tbody th a")


def steps(page: Page) -> dict[str, str]:
    """The addresses of the pages before and after."""
    return {link.attributes["rel"] or "": link.attributes["href"] or "" for link in page.tree.css(".pages a")}


@pytest.fixture
async def some(sign_in: SignIn) -> Visitor:
    """A manager, and four clients."""
    vera = await sign_in(VERA)
    await factories.client("Анна", "Ёлкина", phones=phones("+79213334512", "+79213334513"), tags=["vip", "кот"])
    await factories.client("Boris", "Adams", birthday="1990-05-12", joined_on=date(2026, 3, 1))
    await factories.client("Вера", "Ким", birthday="06-01", joined_on=date(2025, 3, 1))
    await factories.client("", "", company="Acme", folded="acme", tags=["vip"])
    return vera


async def test_the_list_shows_who_they_are_by_name(some: Visitor) -> None:
    page = await some.open(LIST)
    assert page.all("tbody tr") == [
        "Acme vip 12 Jan 2026",
        "Boris Adams 1 Mar 2026",
        "Анна Ёлкина +7 921 333-45-12 +1 vip кот 12 Jan 2026",
        "Вера Ким 1 Mar 2025",
    ]
    assert page.words(".list-count") == "4 clients"


async def test_an_empty_list_says_how_to_begin(sign_in: SignIn) -> None:
    page = await (await sign_in(ANNA, language="en")).open(LIST)
    assert page.has('#main a[href="/clients/new"]')
    assert page.words(".empty h2") == say("No client yet")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?sort=-name", ["Вера Ким", "Анна Ёлкина", "Boris Adams", "Acme"]),
        ("?sort=joined", ["Вера Ким", "Анна Ёлкина", "Acme", "Boris Adams"]),
        ("?sort=-joined", ["Boris Adams", "Acme", "Анна Ёлкина", "Вера Ким"]),
        ("?tag=vip", ["Acme", "Анна Ёлкина"]),
        ("?tag=nobody", []),
        ("?birthday=5", ["Boris Adams"]),
        ("?birthday=6", ["Вера Ким"]),
        ("?birthday=13", ["Acme", "Boris Adams", "Анна Ёлкина", "Вера Ким"]),
        ("?kind=business", ["Acme"]),
        ("?kind=person&sort=-name", ["Вера Ким", "Анна Ёлкина", "Boris Adams"]),
        ("?tag=vip&kind=person", ["Анна Ёлкина"]),
        ("?preferred=99", ["Acme", "Boris Adams", "Анна Ёлкина", "Вера Ким"]),
        ("?q=ЕЛК", ["Анна Ёлкина"]),
        ("?q=4513", ["Анна Ёлкина"]),
        ("?q=elkina", []),
        ("?q=tkrbyf", ["Анна Ёлкина"]),
        ("?q=4512&tag=nobody", []),
        ("?q=4512&tag=vip&sort=joined", ["Анна Ёлкина"]),
        ("?sort=phone&state=nonsense&after=x&before=-1", ["Acme", "Boris Adams", "Анна Ёлкина", "Вера Ким"]),
        ("?after=999999", []),
    ],
)
async def test_the_list_is_searched_narrowed_and_sorted(some: Visitor, query: str, found: list[str]) -> None:
    assert await names(some, query) == found


async def test_it_is_narrowed_to_those_who_usually_come_to_a_person(some: Visitor) -> None:
    nina = await factories.bookable()
    await factories.client("Olga", "Brown", preferred=nina)
    page = await some.open(f"{LIST}?preferred={nina}")
    assert page.all("tbody th a") == ["Olga Brown"]
    assert page.value("preferred") == str(nina)


async def test_who_comes_no_more_stands_in_a_tab_of_its_own(some: Visitor) -> None:
    page = await some.open(f"{LIST}?q=Adams")
    address = page.tree.css_first("tbody th a").attributes["href"] or ""
    await some.send(await some.open(address), f"{address}/retirement")
    assert "Boris Adams" not in await names(some)
    assert await names(some, "?state=off") == ["Boris Adams"]
    assert len(await names(some, "?state=all")) == 4
    assert await names(some, "?state=off&q=adams") == ["Boris Adams"]
    assert await names(some, "?q=adams") == []


@pytest.mark.parametrize("sort", ["", "-name", "joined", "-joined"])
async def test_pages_follow_each_other_without_gap_or_repeat_both_ways(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr(client_list, "ROWS", 3)
    vera = await sign_in(VERA)
    for at in range(10):
        await factories.client(f"N{at}", "Same", folded="same" if at % 2 else f"same n{at}")
    seen, page = [], await vera.open(f"{LIST}?sort={sort}")
    first = page.all("tbody th a")
    assert "prev" not in steps(page)
    while True:
        seen += page.all("tbody th a")
        if "next" not in steps(page):
            break
        page = await vera.open(steps(page)["next"])
    assert sorted(seen) == sorted(f"N{at} Same" for at in range(10))
    assert len(seen) == 10
    back = page.all("tbody th a")
    while "prev" in steps(page):
        page = await vera.open(steps(page)["prev"])
        back = page.all("tbody th a") + back
    assert back == seen
    assert page.all("tbody th a") == first


async def test_a_filter_stays_when_the_list_is_sorted_paged_or_put_out(
    some: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_list, "ROWS", 1)
    page = await some.open(f"{LIST}?tag=vip")
    links = [*steps(page).values(), *(link.attributes["href"] or "" for link in page.tree.css("th a.sorts, .tabs a"))]
    assert links
    assert all("tag=vip" in link for link in links)
    assert (await some.open(steps(page)["next"])).all("tbody th a") == ["Анна Ёлкина"]


async def test_what_jumps_out_stands_beside_the_name(some: Visitor) -> None:
    client = await factories.client("Ada", "Quill")
    await factories.note(client, "old", loud=True)
    await factories.note(client, f"allergic to\ncats {'!' * 90}", loud=True)
    await factories.note(client, "quiet")
    shown = f"allergic to cats {'!' * 42}…"
    assert (await some.open(f"{LIST}?q=quill")).all("tbody .loud") == [shown]
    assert (await some.open("/search?q=quill")).all("#main .loud") == [shown]
    answers = await some.open("/search?q=quill", headers={"X-Omnibox": "1"})
    assert answers.all("[role=option] .loud") == [shown]
    await some.open(f"/clients/{client}")
    assert (await some.open("/search", headers={"X-Omnibox": "1"})).all("[role=option] .loud") == [shown]


async def test_who_is_found_by_a_card_that_is_good_no_more_is_shown_with_a_warning(some: Visitor) -> None:
    client = await factories.client("Ada", "Quill")
    await factories.card(client)
    assert not (await some.open(f"{LIST}?q=45120939")).has(".callout.danger")
    for since, said in (("lost_at", "reported lost"), ("retired_at", "was taken back")):
        await db.execute(f"UPDATE client_card SET {since} = now()")
        page = await some.open(f"{LIST}?q=4512 0939")
        assert (page.all("tbody th a"), said in page.words(".callout.danger")) == (["Ada Quill"], True)


async def test_the_number_that_was_looked_for_is_the_one_that_is_shown(some: Visitor) -> None:
    phones = [{"number": "+79211112233", "label": ""}, {"number": "+79213334512", "label": ""}]
    await factories.client("Ada", "Quill", phones=json.dumps(phones))
    page = await some.open(f"{LIST}?q=4512")
    assert (page.words("tbody td mark"), page.words("tbody td")) == ("45-12", "+7 921 333-45-12 +1")
    assert (await some.open(f"{LIST}?q=quill")).words("tbody td") == "+7 921 111-22-33 +1"


async def test_an_erased_clients_card_finds_nobody_and_the_list_says_why(some: Visitor) -> None:
    client = await factories.client("Ada", "Quill")
    await factories.card(client)
    await erase(Intent(uuid4(), DEMO, clock.now(), reason=Why.ASKED), ClientId(client))
    page = await some.open(f"{LIST}?q=4512-0939&state=all")
    assert (page.all("tbody th a"), page.words(".callout.danger")) == ([], "Card of an erased client: not valid.")


async def test_the_whole_list_is_taken_along_as_csv_without_a_formula(
    some: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.domain.clients.listing.AT_ONCE", 2)
    monkeypatch.setattr("console.exporting.ROWS_AT_ONCE", 2)
    await factories.client("Zoe", "Lee", company="Brick", folded="brick zoe lee")
    await factories.client("=1+1", "Zed", emails=json.dumps([{"address": "z@z.example", "label": ""}]))
    answer = await some.http.get(f"{LIST}?as=csv")
    header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert header == ["Name", "Contact’s name", "Phones", "Emails", "Tags", "Card number", "Client since"]
    assert [row[0] for row in rows] == ["Acme", "Boris Adams", "Brick", "'=1+1 Zed", "Анна Ёлкина", "Вера Ким"]
    assert rows[2][1] == "Zoe Lee"
    assert rows[4][2] == "(+7) 921 333-45-12, (+7) 921 333-45-13"
    narrowed = await some.http.get(f"{LIST}?as=csv&tag=vip&sort=-name")
    assert [row[0] for row in csv.reader(io.StringIO(narrowed.text))][1:] == ["Анна Ёлкина", "Acme"]


async def test_the_whole_list_is_taken_along_as_a_workbook_of_texts(some: Visitor) -> None:
    await factories.client("=1+1", "Zed")
    answer = await some.http.get(f"{LIST}?as=xlsx")
    _, *rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows] == ["Acme", "Boris Adams", "=1+1 Zed", "Анна Ёлкина", "Вера Ким"]
    assert rows[0][6] == date(2026, 1, 12)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as parts:
        assert not re.search(rb"<f\b", parts.read("xl/worksheets/sheet1.xml"))


@pytest.mark.parametrize("person", [ANNA, BORIS], ids=lambda person: person.role.value)
async def test_only_managers_take_the_list_along(sign_in: SignIn, person) -> None:  # type: ignore[no-untyped-def]
    visitor = await sign_in(person)
    await factories.client()
    assert not (await visitor.open(LIST)).has('a[href*="as=csv"]')
    for kind in ("csv", "xlsx"):
        assert (await visitor.open(f"{LIST}?as={kind}")).status == 403


async def many_common(monkeypatch: pytest.MonkeyPatch) -> int:
    """More clients with one word than are looked at for the best, behind two who are special; how many in all."""
    monkeypatch.setattr(client_list, "FEW_FOUND", 3)
    monkeypatch.setattr(client_list, "MOST_FOUND", 4)
    for name, value in (("FEW", 5), ("NEWEST", 5), ("MOST", 4)):
        monkeypatch.setattr(fitting, name, value)
    away = await factories.client("Away", "Commonest")
    await db.execute("UPDATE client SET retired_at = now() WHERE id = $1", away)
    await factories.client("Vip", "Commonest", tags=["vip"], birthday="05-12")
    for n in range(8):
        await factories.client(f"Plain{n}", "Commonest")
    return 10


@pytest.mark.parametrize(
    ("filtered", "found"),
    [("state=off", ["Away Commonest"]), ("tag=vip", ["Vip Commonest"]), ("birthday=5", ["Vip Commonest"])],
)
async def test_whom_a_filter_leaves_are_found_among_however_many_with_the_word(
    some: Visitor, monkeypatch: pytest.MonkeyPatch, filtered: str, found: list[str]
) -> None:
    await many_common(monkeypatch)
    assert await names(some, f"?q=commonest&{filtered}") == found


@pytest.mark.parametrize(("state", "away"), [("on", 1), ("all", 0)])
async def test_a_file_of_a_search_holds_all_who_fit_and_not_the_best_alone(
    some: Visitor, monkeypatch: pytest.MonkeyPatch, state: str, away: int
) -> None:
    count = await many_common(monkeypatch)
    assert len(await names(some, f"?q=commonest&state={state}")) == (3 if state == "on" else 4)
    response = await some.http.get(f"{LIST}?q=commonest&state={state}&as=csv")
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))
    assert sum("Commonest" in row[0] for row in rows) == count - away
