"""One plain sheet of clients and what they came for, as CSV of an old Excel or as a workbook."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

import console
from console.domain import clock, db
from console.domain.imports.bringing import bring
from console.domain.imports.rules.books import Books, Unreadable, opened
from console.domain.imports.rules.reading import parsed
from console.domain.intent import TERMINAL
from tests import factories
from tests.domain.imports.test_bringing import sound

pytestmark = pytest.mark.usefixtures("database")

HERE = """
[business]
name = "My business"
currency = "EUR"
language = "en"
[location]
name = "Main"
zone = "Europe/Berlin"
hours = ["09:00-18:00", "", "", "", "", "", ""]
notice_hours = 24
"""
SHEET = (Path(console.__file__).parent / "mappings" / "sheet.toml").read_text("utf-8") + HERE
HEADER = ["Client", "Phone", "Email", "Date", "Service", "Staff", "Price"]
ROWS = [
    ["Анна Ёлкина", "+7 921 555-12-34", "anna@example.com", "25.03.2026", "Стрижка", "Мария", "1 500,50"],
    ["Анна Ёлкина", "+79215551234", "", "25.03.2026", "Укладка", "Мария", "700"],
    ["Анна", "8 921", "", "26.03.2026", "Укладка", "Мария", "700"],
    ["Пётр", "", "", "04.04.2026", "Стрижка", "Олег", "1 500,50"],
    ["", "", "", "04.04.2026", "Стрижка", "Олег", "900"],
]


def of_text(rows: list[list[str]] = ROWS, encoding: str = "cp1251", mapping: str = SHEET) -> Books:
    text = "\r\n".join(";".join(row) for row in [HEADER, *rows])
    return opened({"clients.csv": text.encode(encoding)}, parsed(mapping), mapping)


async def test_a_sheet_of_an_old_excel_makes_clients_services_people_and_visits() -> None:
    brought = await bring(of_text(), TERMINAL)
    assert brought.plain == {"clients.csv": {"read": 5, "imported": 4, "merged": 0, "rejected": 1}}
    assert brought.files["clients.csv"].rejected == [(4, "problem.import_bad_phone")]
    rows = await db.fetch(
        "SELECT p.given_name, p.phones -> 0 ->> 'number', v.due FROM visit v LEFT JOIN client_profile p USING (client)"
        " ORDER BY v.id"
    )
    assert {tuple(row) for row in rows} == {
        ("Анна", "+79215551234", 220050),
        ("Пётр", None, 150050),
        (None, None, 90000),
    }
    assert [row["name"] for row in await db.fetch("SELECT name FROM bookable ORDER BY id")] == ["Мария", "Олег"]
    assert await db.fetchval("SELECT count(*) FROM service") == 2
    assert await sound() == []


async def test_what_is_longer_than_a_name_makes_no_service() -> None:
    brought = await bring(of_text([["Анна", "", "", "25.03.2026", "Стрижка" * 20, "Мария", "700"]]), TERMINAL)
    assert brought.files["clients.csv"].rejected == [(2, "problem.import_long_name")]
    assert await db.fetchval("SELECT count(*) FROM service") == 0


async def test_emails_and_names_are_no_longer_than_in_the_forms_of_the_desk() -> None:
    def of(name: str, email: str) -> list[str]:
        return [name, "", email, "25.03.2026", "Cut", "Mary", "7"]

    rows = [
        of("Long", "a" * 3000 + "@example.com"),
        of("Odd", "a@b"),
        of("Two", "a b@example.com"),
        of("Shown", "a(b)@example.com"),
        of("N" * 61, ""),
        of("N" * 3000, ""),
        of("N" * 60, "anna@пример.рф"),
        of("", "b" * 62 + "@example.com"),
    ]
    brought = await bring(of_text(rows, "utf-8"), TERMINAL)
    assert brought.files["clients.csv"].rejected == [
        (2, "problem.import_long_email"),
        (3, "problem.import_bad_email"),
        (4, "problem.import_bad_email"),
        (5, "problem.import_bad_email"),
        (6, "problem.import_long_name"),
        (7, "problem.import_long_name"),
    ]
    kept = await db.fetch("SELECT given_name, emails -> 0 ->> 'address' FROM client_profile ORDER BY given_name")
    assert {tuple(row) for row in kept} == {
        ("N" * 60, "anna@xn--e1afmkfd.xn--p1ai"),
        ("b" * 60, "b" * 62 + "@example.com"),
    }


async def test_who_is_there_already_is_met_by_their_phone() -> None:
    await bring(of_text(ROWS[:1]), TERMINAL)
    await db.execute("UPDATE import_key SET key = sha256(key) WHERE kind = 'client'")
    brought = await bring(of_text([["А. Ёлкина", *ROWS[0][1:3], "27.03.2026", *ROWS[0][4:]]]), TERMINAL)
    assert [one.rejected for one in brought.files.values()] == [[]]
    assert await db.fetchval("SELECT count(*) FROM client") == 1
    assert await db.fetchval("SELECT count(*) FROM visit") == 2


async def test_a_workbook_of_dates_and_numbers_is_the_same() -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    for at, row in enumerate([HEADER, ["Anna", "", "anna@example.com", "2026-03-25", "Cut", "Mary", 50.4]]):
        sheet.write_row(at, 0, row)
    book.close()
    brought = await bring(opened({"a.xlsx": out.getvalue()}, parsed(SHEET), SHEET), TERMINAL)
    assert brought.plain == {"a.xlsx": {"read": 1, "imported": 1, "merged": 0, "rejected": 0}}
    assert await db.fetchval("SELECT due FROM visit") == 5040


def test_dates_that_may_be_two_are_asked_about() -> None:
    with pytest.raises(Unreadable) as unsure:
        of_text([["Anna", "", "", "04/05/2026", "Cut", "Mary", "50"]])
    assert unsure.value.problems["clients.csv"].key == "problem.dates_ambiguous"


def test_columns_that_are_missing_are_named() -> None:
    with pytest.raises(Unreadable) as lacking:
        opened({"a.csv": b"Phone,Email,Staff\n1,2,3\n"}, parsed(SHEET), SHEET)
    problem = lacking.value.problems["a.csv"]
    assert (problem.key, problem.params["columns"]) == ("problem.sheet_columns", "Client, Date")


async def test_a_sheet_of_names_phones_and_dates_alone_is_enough() -> None:
    text = b"Client,Phone,Date\nAnna,+7 921 555-12-34,25.03.2026\nAnna,+7 921 555-12-34,26.03.2026\n"
    brought = await bring(opened({"a.csv": text}, parsed(SHEET), SHEET), TERMINAL)
    assert brought.plain == {"a.csv": {"read": 2, "imported": 2, "merged": 0, "rejected": 0}}
    visits = await db.fetch(
        "SELECT v.due, l.names ->> 'en' AS service FROM visit v JOIN visit_line l ON l.visit = v.id ORDER BY v.id"
    )
    assert [tuple(row) for row in visits] == [(0, "Visit"), (0, "Visit")]
    assert await db.fetchval("SELECT count(*) FROM client") == 1
    assert await sound() == []


@pytest.mark.parametrize(
    ("currency", "amounts", "minor"),
    [("JPY", ["1500", "12.5"], [1500]), ("KWD", ["1.234", "12.50"], [1234, 12500]), ("EUR", ["1.50", "2"], [150, 200])],
)
async def test_amounts_have_the_decimals_of_their_currency(currency: str, amounts: list[str], minor: list[int]) -> None:
    rows = [["Ann", "", "", "25.03.2026", f"Cut {at}", "Rita", amount] for at, amount in enumerate(amounts)]
    await bring(of_text(rows, mapping=SHEET.replace("EUR", currency)), TERMINAL)
    assert [row["unit"] for row in await db.fetch("SELECT unit FROM visit_line ORDER BY id")] == minor


async def test_a_row_with_an_impossible_year_is_rejected_and_what_no_database_keeps_is_left_out() -> None:
    many = [["Ann", "", "", "25.03.2026", "Cut", "Rita", "10"]] * 3000  # a NUL in the beginning is no text
    odd = [["An\0na", "", "", "25.03.2026", "Colour", "Rita", "10"]]
    odd += [["Ann", "", "", on, "Cut", "Rita", "10"] for on in ("01.01.0001", "31.12.9999")]
    brought = await bring(of_text([*many, *odd], "utf-8"), TERMINAL)
    [counted] = brought.files.values()
    assert counted.rejected == [(3003, "problem.import_bad_date"), (3004, "problem.import_bad_date")]
    assert await db.fetchval("SELECT count(*) FROM client_profile WHERE given_name = 'Anna'") == 1


OFTEN = [
    ["Anna Low", "", "", "25.03.2026", "Cut", "Mary", "50"],
    ["Anna Low", "", "", "26.03.2026", "Cut", "Mary", "50"],
    ["Bea Ray", "", "", "26.03.2026", "Cut", "Mary", "50"],
]


async def counts() -> tuple[int, int]:
    return await db.fetchval("SELECT count(*) FROM client"), await db.fetchval("SELECT count(*) FROM visit")


@pytest.mark.parametrize(
    "reached", [["+79215551234", ""], ["", "anna@example.com"], ["+79215551234", "anna@example.com"]]
)
@pytest.mark.parametrize("rows", [slice(0, 2), slice(1, 2)])
async def test_who_can_be_reached_by_now_or_no_more_is_the_same_one_and_came_as_often(
    reached: list[str], rows: slice
) -> None:
    more = [[row[0], *reached, *row[3:]] if row in OFTEN[rows] else row for row in OFTEN]
    for sheet in (OFTEN, more):
        brought = await bring(of_text(sheet), TERMINAL)
        assert await counts() == (2, 3)
    assert brought.plain["clients.csv"] == {"read": 3, "imported": 0, "merged": 3, "rejected": 0}
    assert await sound() == []


@pytest.mark.parametrize("reached", [["+79215551234", ""], ["", "anna@example.com"]])
async def test_who_cannot_be_reached_any_more_is_the_same_one_and_came_as_often(reached: list[str]) -> None:
    for sheet in ([[row[0], *reached, *row[3:]] for row in OFTEN[:2]], OFTEN[:2]):
        await bring(of_text(sheet), TERMINAL)
        assert await counts() == (1, 2)


async def test_a_row_that_says_less_of_somebody_is_of_the_one_person_whom_it_can_be() -> None:
    phone, email, name = "+79215551234", "anna@example.com", OFTEN[0]
    said = [["Anna Low", *reached, *name[3:]] for reached in ((phone, email), ("", email), (phone, ""), ("", ""))]
    for rows, many in ((said, 1), ([*said, ["Anna Low", "+79215550000", "", *name[3:]]], 3)):
        assert len(of_text(rows).guests) == many
    await bring(of_text(said), TERMINAL)
    assert await counts() == (1, 1)


async def test_an_email_of_a_family_gives_nobody_the_visits_of_another_also_when_it_comes_again() -> None:
    email, rest = "fam@example.com", OFTEN[0][3:]
    anna, boris, clara = (
        ["Anna Low", "+49 30 901820", email, *rest],
        ["Boris Low", "", email, *rest],
        ["Clara Low", "", email, *rest],
    )
    less, nobody = ["Anna Low", "", email, *rest], ["", "", email, *rest]
    assert len(of_text([anna, nobody]).guests) == 1, "an email of one name"
    for rows, many in (([boris], 1), ([anna, boris, less, clara], 3), ([clara], 3), ([boris], 3), ([less], 3)):
        await bring(of_text(rows), TERMINAL)
        assert await counts() == (many, many)
    whose = await db.fetch(
        "SELECT p.given_name, p.phones <> '[]', count(*) FROM visit JOIN client_profile p USING (client) GROUP BY 1, 2"
    )
    assert {tuple(row) for row in whose} == {("Anna", True, 1), ("Boris", False, 1), ("Clara", False, 1)}
    assert await sound() == []


async def test_a_first_name_alone_is_of_nobody_who_can_be_reached() -> None:
    rest = OFTEN[0][3:]
    anna, first = ["Anna", "+79215551234", "", *rest], ["Anna", "", "", *rest]
    assert len(of_text([anna, first]).guests) == 2
    for rows, many in (([anna], 1), ([first], 2), ([anna, first], 2)):
        await bring(of_text(rows), TERMINAL)
        assert await counts() == (many, many)


@pytest.mark.parametrize("phones", [("+79215551234", "+79215550000"), ("+79215550000", "+79215551234")])
async def test_a_visit_of_somebody_of_the_same_name_is_not_taken_for_ones_own(phones: tuple[str, str]) -> None:
    await bring(of_text(OFTEN[:1]), TERMINAL)
    both = [["Anna Low", phone, *OFTEN[0][2:]] for phone in phones]
    await bring(of_text(both), TERMINAL)
    assert await counts() == (2, 2)


async def test_who_share_a_name_and_are_reached_otherwise_are_two() -> None:
    other = ["Anna Low", "+79215550000", "", "25.03.2026", "Cut", "Mary", "50"]
    one = ["Anna Low", "+79215551234", *other[2:]]
    for rows, many in (([one], (1, 1)), ([other], (2, 2)), ([one, other, OFTEN[1]], (3, 3)), (OFTEN[:1], (3, 4))):
        await bring(of_text(rows), TERMINAL)
        assert await counts() == many
    assert await sound() == []


BOOKED = (
    SHEET.split("[[file]]")[0]
    + """
[[file]]
pattern = "*"
holds = "bookings"
columns = { name = "Client", phone = "Phone", date = "Date", time = "Time", service = "Service", staff = "Staff" }
"""
    + HERE
)


async def test_bookings_of_who_can_be_reached_by_now_are_there_once() -> None:
    head, row = "Client;Phone;Date;Time;Service;Staff\n", "Anna Low;{};25.03.2026;10:00;Cut;Mary\n"
    await bring(of_text(OFTEN[1:]), TERMINAL)
    for phone, imported in (("", 1), ("+79215551234", 0)):
        files = {"booked.csv": (head + row.format(phone)).encode()}
        brought = await bring(opened(files, parsed(BOOKED), BOOKED), TERMINAL)
        assert brought.files["booked.csv"].imported == imported
    assert await counts() == (2, 2)
    assert await sound() == []


LISTED = (
    SHEET.split("[[file]]")[0]
    + HERE
    + """
[[file]]
pattern = "people*"
holds = "clients"
columns = { client = "Code", name = "Name", birthday = "Born" }
[[file]]
pattern = "*"
holds = "receipts"
columns = { client = "Code", date = "Date", item = "Service", amount = "Price" }
"""
)


async def test_who_is_listed_joined_when_they_first_came_and_was_born_before_today() -> None:
    people = "Code;Name;Born\nA1;Ann Low;21.03.85\nB1;Bea Ray;13.05.01\n"
    visits = "Code;Date;Service;Price\nA1;22.03.2020;Cut;10\nA1;25.03.2019;Cut;10\n"
    files = {"people.csv": people.encode(), "visits.csv": visits.encode()}
    await bring(opened(files, parsed(LISTED), LISTED), TERMINAL)
    rows = await db.fetch("SELECT birthday, joined_on FROM client_profile ORDER BY given_name")
    assert [tuple(row) for row in rows] == [
        ("1985-03-21", date(2019, 3, 25)),
        ("2001-05-13", clock.now().date()),
    ]


@pytest.mark.parametrize("at_once", [1, 500])
async def test_who_share_a_phone_are_one_client_each_wherever_their_rows_stand(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.domain.imports.rules.books.AT_ONCE", at_once)
    mapping = LISTED.replace('birthday = "Born"', 'phone = "Phone"')
    head, mother = "Code;Name;Phone\n", "A1;Ann Low;+79215551234\n"
    daughter, son = mother.replace("A1;Ann", "B1;Bea"), mother.replace("A1;Ann", "C1;Cy")
    for people, count in ((mother + daughter, 2), (mother + daughter + son, 3)):
        await bring(opened({"people.csv": (head + people).encode()}, parsed(mapping), mapping), TERMINAL)
        assert await db.fetchval("SELECT count(*) FROM client") == count
    other = mapping.replace('source = "sheet"', 'source = "other"')
    await bring(opened({"people.csv": (head + son).encode()}, parsed(other), other), TERMINAL)
    assert await db.fetchval("SELECT count(*) FROM client") == 4, "three can be reached so: nobody is met"


async def test_a_client_of_the_desk_is_met_by_one_of_those_who_share_their_phone() -> None:
    desk = await factories.client("Ann", "Low")
    await db.execute("""UPDATE client_profile SET phones = '[{"number": "+79215551234", "label": ""}]'""")
    mapping = LISTED.replace('birthday = "Born"', 'phone = "Phone"')
    people = "Code;Name;Phone\nA1;Ann Low;+79215551234\nB1;Bea Low;+79215551234\n"
    brought = await bring(opened({"people.csv": people.encode()}, parsed(mapping), mapping), TERMINAL)
    assert brought.plain["people.csv"] == {"read": 2, "imported": 1, "merged": 1, "rejected": 0}
    assert await db.fetchval("SELECT count(*) FROM client") == 2
    assert await db.fetchval("SELECT min(entity_id) FROM import_key WHERE kind = 'client'") == desk
