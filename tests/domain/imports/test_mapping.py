"""A mapping is data, and says of every key what is wrong with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import console
from console.domain.imports.rules.mapping import Holds, Negative
from console.domain.imports.rules.reading import BadMapping, parsed
from console.domain.imports.rules.styles import Dates, Decimals
from console.domain.imports.rules.writing import written

SHIPPED = Path(console.__file__).parent / "mappings"
HERE = {
    "business": {"name": "Ours", "currency": "EUR", "language": "en"},
    "location": {"name": "Main", "zone": "Europe/Berlin", "hours": [""] * 7, "notice_hours": 24},
}
GOOD = (SHIPPED / "salon.toml").read_text("utf-8")


@pytest.mark.parametrize("name", ["salon", "sheet"])
def test_those_that_ship_are_good(name: str) -> None:
    mapped = parsed((SHIPPED / f"{name}.toml").read_text("utf-8"), here=HERE)
    assert mapped.files
    assert len(mapped.place.hours) == 7


@pytest.mark.parametrize("name", ["salon", "sheet"])
def test_what_is_written_down_is_read_as_the_same_mapping(name: str) -> None:
    mapped = parsed((SHIPPED / f"{name}.toml").read_text("utf-8"), here=HERE)
    first, *others = mapped.files
    odd = replace(first, pattern='a "b"\\c\x7f', columns=dict.fromkeys(first.columns, "Код"), encoding="cp1251")
    odd = replace(odd, delimiter="\t", dates=Dates.DMY, decimals=Decimals.COMMA)
    changed = replace(mapped, files=[odd, *others], durations={"sbd5+1": 45, "код": 5}, walk_in=frozenset({"", "нет"}))
    assert parsed(written(mapped)) == mapped
    assert parsed(written(changed)) == changed


def test_what_a_mapping_does_not_say_of_the_business_is_as_it_is_here() -> None:
    here = {**HERE, "business": {**HERE["business"], "country": "CA"}}
    mapped = parsed(GOOD, here=here)
    assert (mapped.business.currency, mapped.place.zone, mapped.business.country) == ("CAD", "America/Vancouver", "CA")
    sheet = (SHIPPED / "sheet.toml").read_text("utf-8")
    unknown = parsed(
        sheet,
        unfinished=True,
        here={
            name: dict(list(HERE[name].items())[:1]) | rest
            for name, rest in {
                "business": {"language": "en"},
                "location": {"hours": [""] * 7, "notice_hours": 24},
            }.items()
        },
    )
    assert (unknown.business.currency, unknown.place.zone) == ("", "")
    assert parsed(written(unknown), unfinished=True) == unknown
    with pytest.raises(BadMapping) as bad:
        parsed(written(unknown))
    assert bad.value.problems.keys() == {"business.currency", "location.zone"}


def test_a_file_is_known_by_its_name() -> None:
    mapped = parsed(GOOD)
    found = mapped.file("Receipt-Transactions.CSV")
    assert found is not None
    assert found.holds is Holds.RECEIPTS
    assert mapped.file("notes.csv") is None


def test_the_first_rule_that_fits_says_what_is_below_zero() -> None:
    mapped = parsed(GOOD)
    what = [mapped.below(item, quantity) for item, quantity in (("Oil", -1), ("MISCELLANEOUS", 1), ("Balayage", 1))]
    assert [one and one.what for one in what] == [Negative.RETURN, Negative.COVER, Negative.DISCOUNT]


@pytest.mark.parametrize(
    ("was", "then", "key", "problem"),
    [
        ('currency = "CAD"', 'currency = "cad"', "business.currency", "problem.mapping_currency"),
        ('zone = "America/Vancouver"', 'zone = "Moon/Base"', "location.zone", "problem.mapping_zone"),
        ('"10:00-20:00", "09:00-18:00"', '"09:00-18:00"', "location.hours", "problem.mapping_hours"),
        ("minutes = 45", "minutes = 0", "services.minutes", "problem.mapping_whole"),
        ("CON = 15", 'CON = "15"', "services.durations.CON", "problem.mapping_whole"),
        ('dates = "mdy"', 'dates = "american"', "styles.dates", "problem.mapping_choice"),
        ('is = "return"', 'is = "gift"', "receipts.negative[1].is", "problem.mapping_choice"),
        ('holds = "services"', 'holds = "things"', "file[1].holds", "problem.mapping_choice"),
        ('time = "TimeInt"', 'hour = "TimeInt"', "file[3].columns.time", "problem.mapping_missing"),
        ('time = "TimeInt"', 'hour = "TimeInt"', "file[3].columns.hour", "problem.mapping_unknown"),
        ("[unknown]", "[unknow]", "unknown.time", "problem.mapping_missing"),
        ("[unknown]", "[unknow]", "unknow", "problem.mapping_unknown"),
        ('source = "salon"', "source =", "mapping", "problem.mapping_no_toml"),
        ('holds = "products"', 'holds = "products"\nencoding = "rot13"', "file[2].encoding", "problem.mapping_choice"),
        ('holds = "products"', 'holds = "products"\ndates = "american"', "file[2].dates", "problem.mapping_choice"),
    ],
)
def test_what_is_wrong_is_said_at_its_key(was: str, then: str, key: str, problem: str) -> None:
    assert was in GOOD
    with pytest.raises(BadMapping) as bad:
        parsed(GOOD.replace(was, then, 1))
    assert bad.value.problems[key].key == problem


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(BadMapping) as bad:
        parsed("")
    assert {"source", "business.name", "location.zone", "services.minutes", "file"} <= bad.value.problems.keys()
