"""Files for a spreadsheet: no cell of any list is a formula, and nothing typed is lost."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from console import exporting

SIGNS = "=+-@\t\r\n＝＋－＠"
texts = st.text(st.sampled_from([*SIGNS, *" \",;'|aЯ1\u00a0"]), max_size=12)


def rows_of(file: bytes, *, semicolons: bool) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline=""), delimiter=";" if semicolons else ","))


@given(st.lists(st.lists(texts, min_size=2, max_size=2), max_size=3), st.booleans())
def test_no_cell_of_a_csv_file_begins_as_a_formula_and_every_text_is_kept(rows: list[list[str]], comma: bool) -> None:
    header, *read = rows_of(exporting.as_csv(["=a", "b"], rows, decimal_comma=comma), semicolons=comma)
    assert header == ["'=a", "b"]
    for row, kept in zip(rows, read, strict=True):
        for text, cell in zip(row, kept, strict=True):
            assert cell in {text, f"'{text}"}
            assert not cell.lstrip().startswith(tuple(SIGNS))
            assert not cell.startswith(("\t", "\r", "\n"))


@given(st.lists(texts.filter(str.strip), min_size=1, max_size=4))
def test_an_xlsx_file_has_no_formula_and_no_link(cells: list[str]) -> None:
    file = exporting.as_xlsx("=1+1", ["=a"], [[cell] for cell in cells])
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert not re.search(r"<(f|hyperlink)\b", sheet)


def test_amounts_and_dates_are_numbers_whatever_their_sign() -> None:
    row = ["x", -5, Decimal("-1.50"), date(2026, 5, 12), None]
    assert rows_of(exporting.as_csv(["a"], [row], decimal_comma=False), semicolons=False)[1] == [
        "x", "-5", "-1.50", "2026-05-12", "",
    ]  # fmt: skip
    book = CalamineWorkbook.from_filelike(io.BytesIO(exporting.as_xlsx("Sheet", ["a"] * 5, [row])))
    assert book.get_sheet_by_index(0).to_python()[1] == ["x", -5.0, -1.5, date(2026, 5, 12), ""]


@pytest.mark.parametrize("name", ["", "[]:*?/\\'", "a" * 40, "Услуги: все"])
def test_a_sheet_has_a_name_whatever_the_list_is_called(name: str) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(exporting.as_xlsx(name, ["a"], [])))
    assert len(book.sheet_names) == 1
