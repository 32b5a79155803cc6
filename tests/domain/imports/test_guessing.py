"""What files hold is guessed from what they and their columns are called, and no more arrives than can be held."""

from __future__ import annotations

import io
import zipfile

import pytest

from console.domain.imports.rules import arriving
from console.domain.imports.rules.arriving import Arrived, NotTaken, arrived
from console.domain.imports.rules.guessing import guessed, literally
from console.domain.imports.rules.mapping import Holds
from tests.domain.imports.books import FILES


@pytest.mark.parametrize(
    ("name", "header", "holds", "columns"),
    [
        ("my.csv", "Client,Phone,Date,Service,Staff,Price", Holds.RECEIPTS, "name phone date item staff amount"),
        ("книга.csv", "Клиент,Дата,Услуга,Мастер,Сумма", Holds.RECEIPTS, "name date item staff amount"),
        ("база.csv", "Фамилия,Имя,Телефон,Дата рождения", Holds.CLIENTS, "family_name given_name phone birthday"),
        ("записи.csv", "Код клиента,Услуга,Мастер,Дата,Время", Holds.BOOKINGS, "client service staff date time"),
        ("отмены.csv", "Код клиента,Услуга,Дата,Дата отмены", Holds.CANCELLATIONS, "client service date cancelled_on"),
        ("my.csv", "Client,Phone,Date", Holds.RECEIPTS, "name phone date"),
        ("clients-visits.csv", "Client,Phone,Date", Holds.RECEIPTS, "name phone date"),
        ("clients.csv", "Name,Phone,Date of birth", Holds.CLIENTS, "name phone birthday"),
        ("my.csv", "Name,Date,Service", Holds.RECEIPTS, "name date item"),
        ("my.csv", "Code,Service,Staff,Date", Holds.RECEIPTS, "client item staff date"),
        ("my.csv", "Code,Service,Staff,Date,Time", Holds.BOOKINGS, "client service staff date time"),
        ("prices.csv", "SKU,Name,Category,Price,Duration", Holds.SERVICES, "code name category price minutes"),
    ],
)
def test_a_file_is_known_by_its_name_and_columns(name: str, header: str, holds: Holds, columns: str) -> None:
    names = header.split(",")
    found = guessed(name, names)
    assert found is not None
    assert (found.holds, list(found.columns)) == (holds, columns.split())
    assert list(found.columns.values()) == names


def test_the_files_of_the_salon_are_known_without_a_mapping() -> None:
    found = {name: guessed(name, text.splitlines()[0].split(",")) for name, text in FILES.items()}
    assert [one and one.holds.value for one in found.values()] == [
        "services",
        "products",
        "bookings",
        "receipts",
        "cancellations",
        "no_shows",
    ]


def test_nothing_is_guessed_where_nothing_speaks_for_it() -> None:
    assert guessed("notes.csv", ["Remark", "Colour"]) is None


def test_a_name_is_taken_literally() -> None:
    found = guessed("a[1]*.csv", ["Name", "Phone"])
    assert found is not None
    assert found.pattern == literally("a[1]*.csv")
    assert found.fits("A[1]*.csv")
    assert not found.fits("a1x.csv")


def packed(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"books/{name}.csv", content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        (Arrived("a.csv", b""), "problem.import_file_empty"),
        (Arrived("a.zip", b"PK"), "problem.import_no_archive"),
        (Arrived("a.zip", packed(a=b"x" * (arriving.LARGEST + 1))), "problem.import_file_large"),
        (
            Arrived("a.zip", packed(**{f"f{n}": b"x" * arriving.LARGEST for n in range(5)})),
            "problem.import_files_large",
        ),
        (Arrived("a.zip", packed(**{f"f{n}": b"x" for n in range(21)})), "problem.import_many_files"),
        (Arrived("a.xlsx", packed(a=b"x" * (arriving.LARGEST_INSIDE + 1))), "problem.import_file_large"),
    ],
    ids=("empty", "broken", "large inside", "large together", "many", "a workbook that swells"),
)
def test_no_more_arrives_than_can_be_held(file: Arrived, problem: str) -> None:
    with pytest.raises(NotTaken) as refused:
        arrived([file])
    assert refused.value.problem.key == problem


def test_what_an_archive_holds_arrives_by_its_own_names() -> None:
    found = arrived([Arrived("a.zip", packed(one=b"A", two=b"B")), Arrived("C.CSV", b"C")])
    assert found.tables == [("one.csv", b"A"), ("two.csv", b"B"), ("C.CSV", b"C")]
    with pytest.raises(NotTaken):
        arrived([Arrived("a.zip", packed(one=b"A")), Arrived("ONE.csv", b"C")])
