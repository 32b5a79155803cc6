"""A table is read whatever it was written in."""

from __future__ import annotations

import io
from datetime import datetime

import pytest
import xlsxwriter

from console.domain.imports.rules.sheets import NoTable, read

PEOPLE = "Имя;Телефон\r\nАнна Ёлкина;+7 921 555-12-34\r\nПётр «Великий»;\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_russian_is_read_in_any_of_its_encodings(encoding: str) -> None:
    sheet = read("people.csv", PEOPLE.encode(encoding))
    assert list(sheet.header) == ["Имя", "Телефон"]
    assert list(sheet.rows()) == [(2, ["Анна Ёлкина", "+7 921 555-12-34"]), (3, ["Пётр «Великий»", ""])]


def test_western_letters_of_an_old_code_page_are_read() -> None:
    text = "Client,Service\nJosé Muñoz,Façade\nZoë Böhm,Décor\nJürgen Groß,Wäsche\n"
    assert [row[0] for _, row in read("a.csv", text.encode("cp1252")).rows()] == [
        "José Muñoz",
        "Zoë Böhm",
        "Jürgen Groß",
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_what_divides_the_lines_alike(delimiter: str) -> None:
    text = delimiter.join(["a", "b", "c"]) + "\n" + delimiter.join(["1", '"2, or; 3"', "4"]) + "\n"
    assert list(read("a.csv", text.encode()).rows()) == [(2, ["1", "2, or; 3", "4"])]


def test_short_rows_are_filled_and_empty_ones_are_none() -> None:
    assert list(read("a.csv", b"a,b,c\n1\n\n,,\n2,3,4,5\n").rows()) == [(2, ["1", "", ""]), (5, ["2", "3", "4"])]


def test_a_workbook_is_read_as_a_text_would_have_it() -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Client", "When", "Price", "Times", "At"])
    sheet.write(1, 0, "Anna")
    sheet.write_datetime(1, 1, datetime(2018, 7, 10), book.add_format({"num_format": "dd.mm.yyyy"}))
    sheet.write(1, 2, 50.4)
    sheet.write(1, 3, 2)
    sheet.write_datetime(1, 4, datetime(2018, 7, 10, 15, 50), book.add_format({"num_format": "dd.mm.yyyy hh:mm"}))
    book.close()
    assert list(read("a.xlsx", out.getvalue()).rows()) == [
        (2, ["Anna", "2018-07-10", "50.4", "2", "2018-07-10 15:50:00"])
    ]


def test_the_header_is_the_first_row_in_which_anything_stands() -> None:
    assert list(read("a.csv", b"\n,,\nName,Phone\n\nAnna,1\n").rows()) == [(5, ["Anna", "1"])]
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(2, 0, ["Name", "Phone"])
    sheet.write_row(4, 0, ["Anna", "1"])
    book.close()
    assert list(read("a.xlsx", out.getvalue()).rows()) == [(5, ["Anna", "1"])]


def test_a_cell_is_one_line_without_what_no_name_may_hold() -> None:
    text = 'Name,Note\n"Zo\x01e\u202e \n Hill",\u00ad\n'
    assert next(iter(read("a.csv", text.encode()).rows()))[1] == ["Zoe Hill", ""]


def test_what_cannot_be_divided_into_cells_says_from_which_line_on() -> None:
    with pytest.raises(NoTable) as bad:
        list(read("a.csv", b"Name,Phone\nAnna,1\n" + b"x" * 200_000 + b",2\n").rows())
    assert bad.value.problem.params == {"line": 3}


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("a.csv", b"", "problem.sheet_empty"),
        ("a.csv", b"\x00\x01\x02", "problem.sheet_no_text"),
        ("a.xlsx", b"PK not a workbook", "problem.sheet_no_book"),
        ("a.csv", ",".join("c" * 300).encode(), "problem.sheet_wide"),
    ],
)
def test_what_is_no_table_says_why(name: str, content: bytes, key: str) -> None:
    with pytest.raises(NoTable) as bad:
        read(name, content)
    assert bad.value.problem.key == key
