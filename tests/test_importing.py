"""The command that brings books in: what it writes beside the table."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from console import importing
from console.domain.imports.bringing import Counted
from console.processes import ServiceError

VISITS = "Client;Phone;Email;Date;Service;Staff;Price\n=cmd|x;;;77.05.2026;Cut;Rita;30\nBob;;;25.05.2026;Cut;Rita;-30\n"


def written(books: Path, folder: Path) -> None:
    read = importing.books(str(books), "sheet")
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
