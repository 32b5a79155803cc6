"""Files are known again by what they and their columns are called."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.domain.imports.rules.guessing import guessed
from console.domain.imports.rules.reading import parsed
from console.domain.imports.rules.recognising import fitting, recognised
from tests.domain.imports.books import FILES, SALON
from tests.domain.imports.test_plain_sheet import SHEET

MAPPINGS = [parsed(SALON), parsed(SHEET)]
SALONS = {name: text.splitlines()[0].split(",") for name, text in FILES.items()}
PLAIN = ["Client", "Phone", "Date"]
RICHER = [*PLAIN, "Receipt", "Price"]
NOTES = ["Remark", "Colour"]


def source(headers: dict[str, list[str]]) -> str | None:
    found = recognised(headers, [], MAPPINGS)
    return found.source if found else None


@pytest.mark.parametrize(
    ("headers", "known"),
    [
        (SALONS, "salon"),
        ({**SALONS, "notes.csv": NOTES}, "salon"),
        ({f"export {at}.csv": header for at, header in enumerate(SALONS.values())}, "salon"),
        ({"receipts of May.csv": SALONS["receipt-transactions.csv"]}, "salon"),
        ({"my.csv": PLAIN}, "sheet"),
        ({"my.csv": RICHER}, None),
        ({"my.csv": PLAIN, "notes.csv": NOTES}, "sheet"),
        ({"my.csv": PLAIN, "notes.csv": NOTES, "colours.csv": NOTES}, None),
        ({"notes.csv": NOTES}, None),
        ({"broken.csv": []}, None),
        ({}, None),
    ],
    ids=(
        "its files",
        "notes too",
        "called otherwise",
        "one of them",
        "a sheet",
        "more",
        "half",
        "a third",
        "notes",
        "broken",
        "none",
    ),
)
def test_files_are_known_by_a_mapping_that_ships_where_it_knows_all_that_can_be_guessed(
    headers: dict[str, list[str]], known: str | None
) -> None:
    assert source(headers) == known


def test_what_was_brought_in_before_is_known_first_with_the_columns_that_were_chosen_then() -> None:
    guess = guessed("visits.csv", RICHER)
    assert guess is not None
    chosen = replace(guess, columns={"name": "Client", "date": "Date", "amount": "Price"})
    before = replace(MAPPINGS[1], source="own", files=[chosen])
    assert recognised({"visits.csv": RICHER}, [before], MAPPINGS) is before
    assert recognised({"visits of June.csv": RICHER}, [before], MAPPINGS) is before
    assert fitting(before, "visits of June.csv", RICHER) is chosen
    assert recognised({"visits.csv": ["Client", "Date"]}, [before], []) is None, "a column of it is not there"
