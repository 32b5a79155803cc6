"""The command that brings books in: what it writes beside the table."""

from __future__ import annotations

import argparse
import asyncio
import csv
from pathlib import Path

import pytest

from console import cli, import_books, importing
from console.config import Settings
from console.domain.business.rules import USUAL_HOURS, USUAL_NOTICE
from console.domain.ids import ClientId
from console.domain.imports.bringing import Brought, Card, Counted
from console.domain.imports.rules.books import Books
from console.domain.imports.rules.mapping import Business, Holds, Place
from console.domain.imports.rules.rows import Rejected
from console.domain.imports.rules.writing import plain
from console.processes import ServiceError

HERE = plain(Business("Ours", "EUR", "en"), Place("Main", "UTC", USUAL_HOURS, USUAL_NOTICE))
VISITS = "Client;Phone;Email;Date;Service;Staff;Price\n=cmd|x;;;77.05.2026;Cut;Rita;30\nBob;;;25.05.2026;Cut;Rita;-30\n"


def by_sheet(books: Path) -> Books:
    return import_books.books(str(books), "sheet", *import_books.mapping("sheet", HERE, import_books.Said()))


def test_how_files_are_read_is_said_in_words_and_what_is_no_table_is_left_aside(tmp_path: Path) -> None:
    (tmp_path / "visits.csv").write_text(VISITS)
    (tmp_path / "dates.csv").write_text("Client,Date\nBob,2026-05-25\n")
    (tmp_path / "README.md").write_text("# Books")
    (tmp_path / ".DS_Store").write_bytes(b"x")
    (tmp_path / "old").mkdir()
    assert list(importing.styles(by_sheet(tmp_path))) == [
        "dates.csv: 1 row · Receipts · UTF-8 · Comma · 2026-12-31",
        "visits.csv: 2 rows · Receipts · UTF-8 · Semicolon · 31.12.2026 · 1,234.50",
        "README.md: left aside, no CSV, XLSX or ODS file",
    ]


def test_a_card_is_told_in_the_singular_and_in_the_plural() -> None:
    names = {None: "No tier", "gold": "Gold"}
    held = [Card(ClientId(1), 1, 1, None), Card(ClientId(2), 2, 0, "gold")]
    assert [importing.held(one, names.__getitem__) for one in held] == [
        "1 stamp, 1 free visit, No tier",
        "2 stamps, 0 free visits, Gold",
    ]


@pytest.mark.parametrize(
    ("came", "merged", "said"),
    [(True, 0, "`console import undo 7` takes all"), (False, 2, "was here already"), (False, 0, "were rejected")],
)
def test_only_what_came_is_said_to_be_taken_back(came: bool, merged: int, said: str) -> None:
    counted = Counted(Holds.RECEIPTS, 3, 0, merged, [Rejected(2, "problem.import_unknown_item")])
    assert said in importing.ended(Brought(7, {"visits.csv": counted}, came))


@pytest.mark.usefixtures("clean")
@pytest.mark.parametrize(
    ("number", "said"),
    [("99", "There is no import 99."), ("9" * 30, "no import"), ("x", "no import x"), ("", "Say which")],
)
async def test_an_import_that_is_none_is_not_undone(settings: Settings, number: str, said: str) -> None:
    with pytest.raises(ServiceError, match=said):
        await asyncio.to_thread(importing.undo, settings, number)


@pytest.mark.usefixtures("clean")
async def test_that_no_rules_are_published_yet_is_said_before_anything_is_taken_in(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "receipts.csv").write_text("Receipt,Date,Description,Client,Staff,Quantity,Amount\n")
    for words in (["--dry-run"], []):
        told = argparse.Namespace(
            path=str(tmp_path),
            mapping="salon",
            as_of="2018-07-29",
            dry_run=bool(words),
            rejected="",
            report="",
            reminders=False,
            currency=None,
            zone=None,
        )
        with pytest.raises(ServiceError, match="No version of the programme is in force"):
            await asyncio.to_thread(cli.import_, settings, told)
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("clean")
async def test_what_a_plain_sheet_does_not_say_of_an_empty_database_is_said_beside_it(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "visits.csv").write_text("Client,Phone,Date\nBob,604 555 0123,2026-05-25\n")

    async def read(*words: str) -> Books:
        said = import_books.Said(*words)
        import_books.look_at_said(said)
        return await asyncio.to_thread(import_books.books_here, settings, str(tmp_path), "sheet", said)

    for words, problem in (
        ((), "add --currency EUR --zone Europe/Berlin"),
        (("CAD",), "add --zone Europe/Berlin"),
        (("XYZ", "America/Vancouver"), "XYZ is no currency"),
        (("CAD", "Vancouver"), "Vancouver is no time zone"),
    ):
        with pytest.raises(ServiceError, match=problem):
            await read(*words)
    books = await read("CAD", "America/Vancouver")
    assert (books.mapped.business.currency, books.mapped.place.zone) == ("CAD", "America/Vancouver")
    assert [row.guest.phone for book in books.files for row in book.rows] == ["+16045550123"]


def written(books: Path, folder: Path) -> None:
    read = by_sheet(books)
    counted = {one.name: Counted(one.file.holds, one.count, rejected=list(one.rejected)) for one in read.files}
    importing.write_rejected(read, counted, str(folder))


def test_rejected_rows_are_never_written_over_the_books(tmp_path: Path) -> None:
    (tmp_path / "visits.csv").write_text(VISITS)
    for path in (tmp_path, tmp_path / "visits.csv"):
        with pytest.raises(ServiceError, match="name another folder"):
            importing.look_at_rejected(str(path), str(tmp_path / "." / ""))
    importing.look_at_rejected(str(tmp_path), str(tmp_path / "rejected"))


def test_each_file_has_its_own_of_rejected_rows(tmp_path: Path) -> None:
    books, rejected = tmp_path / "books", tmp_path / "rejected"
    books.mkdir()
    for name in ("visits.csv", "visits.txt"):
        (books / name).write_text(VISITS)
    written(books, rejected)
    assert sorted(one.name for one in rejected.iterdir()) == ["visits.csv", "visits.txt.csv"]


def test_no_spreadsheet_takes_a_rejected_cell_for_a_formula(tmp_path: Path) -> None:
    (tmp_path / "visits.csv").write_text(VISITS + "-2+3+cmd|x;+7 (921) 555-12-34;@x;;Cut;Rita;-30\n")
    written(tmp_path, tmp_path / "rejected")
    rows = list(csv.reader((tmp_path / "rejected" / "visits.csv").read_text("utf-8-sig").splitlines()))
    assert [row[:3] for row in rows[1:]] == [["'=cmd|x", "", ""], ["'-2+3+cmd|x", "+7 (921) 555-12-34", "'@x"]]
    assert rows[2][6] == "-30"
