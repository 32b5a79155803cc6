"""Files for a spreadsheet: no cell of any list is a formula, and nothing typed is lost."""

from __future__ import annotations

import csv
import io
import os
import re
import zipfile
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from pathlib import Path

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
            assert without_marks(cell) == without_marks(text)
            assert not cell.startswith(("\t", "\r", "\n"))
            for piece in re.split(r"[,;\t\r\n]", cell):
                assert not piece.lstrip(' "\u00a0').startswith(tuple("=+-@＝＋－＠"))


def without_marks(text: str) -> str:
    return text.replace("'", "")


@pytest.mark.parametrize("comma", [False, True])
@pytest.mark.parametrize("separator", [",", ";", "\t", "\n", "\r\n", ', "', "; "])
def test_no_cell_becomes_a_formula_by_whatever_separator_the_file_is_opened(separator: str, comma: bool) -> None:
    file = exporting.as_csv(["Note"], [["Anna", f"a{separator}=1+1{separator}@x"]], decimal_comma=comma)
    for opened_by in (b",", b";", b"\t"):
        for piece in re.split(rb"[\r\n]|" + opened_by, file):
            assert not re.match(rb'[\s"]*[=+@-]', piece), (opened_by, file)


async def test_a_long_list_leaves_nothing_behind_and_what_a_killed_process_left_is_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(exporting, "MAKING", -1.0)

    async def rows() -> AsyncIterator[list[exporting.Cell]]:
        yield ["Anna"]
        exporting.sweep()  # another process begins meanwhile
        assert len(os.listdir(tmp_path)) == 1

    left = tmp_path / f"{exporting.PREFIX}left"
    left.mkdir()
    (left / "list.xlsx").write_text("Anna")
    other = tmp_path / "somebody-else's"
    other.mkdir()
    exporting.sweep()
    assert os.listdir(tmp_path) == [other.name]
    other.rmdir()
    made = b"".join([part async for part in exporting.xlsx_parts("List", ["Name"], rows())])
    book = CalamineWorkbook.from_filelike(io.BytesIO(made))
    assert book.get_sheet_by_index(0).to_python() == [["Name"], ["Anna"]]
    assert os.listdir(tmp_path) == []


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


async def test_amounts_of_a_sheet_show_all_their_places() -> None:
    row = [Decimal("8900.00"), Decimal("12.50"), Decimal(450), 240]

    async def rows() -> AsyncIterator[list[exporting.Cell]]:
        yield list(row)

    head = ["Price", "Fee", "Yen", "Minutes"]
    long = b"".join([part async for part in exporting.xlsx_parts("List", head, rows())])
    assert shown_as(exporting.as_xlsx("List", head, [row])) == shown_as(long) == ["#,##0.00", "#,##0.00", "#,##0", "0"]


def shown_as(file: bytes) -> list[str]:
    """The formats of the second row's numbers; 0 is that of any number."""
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        styles, sheet = (parts.read(f"xl/{name}.xml").decode() for name in ("styles", "worksheets/sheet1"))
    known = dict(re.findall(r'<numFmt numFmtId="(\d+)" formatCode="([^"]+)"', styles))
    formats = re.findall(r'<xf numFmtId="(\d+)"', styles.partition("<cellXfs")[2])
    cells = re.findall(r'<c r="[A-D]2"(?: s="(\d+)")?', sheet)
    return [known.get(formats[int(cell or 0)], formats[int(cell or 0)]) for cell in cells]


@pytest.mark.parametrize("name", ["", "[]:*?/\\'", "a" * 40, "Услуги: все"])
def test_a_sheet_has_a_name_whatever_the_list_is_called(name: str) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(exporting.as_xlsx(name, ["a"], [])))
    assert len(book.sheet_names) == 1
