from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.clients import rules
from console.domain.clients.rules import Birthday, Channel, Consented, Names, Purpose
from console.domain.text import fold

TODAY = date(2026, 5, 12)


@pytest.mark.parametrize(
    ("names", "shown", "folded"),
    [
        (Names("Anna", None, "Petrova"), "Anna Petrova", "petrova anna"),
        (Names("Алёна", "Сергеевна", "Ёлкина"), "Алёна Ёлкина", "елкина алена сергеевна"),
        (Names(company="Кафе «Йод»"), "Кафе «Йод»", "кафе «йод»"),
        (Names("Ivo", company="Ivo & Co"), "Ivo & Co", "ivo & co ivo"),
        (Names(family="de la Cruz"), "de la Cruz", "de la cruz"),
    ],
)
def test_names_are_shown_and_folded(names: Names, shown: str, folded: str) -> None:
    assert (names.shown, names.folded) == (shown, folded)
    assert rules.names_problem(names) is None


@pytest.mark.parametrize("names", [Names(), Names(middle="Сергеевна"), Names("", company=""), Names("\u0301")])
def test_a_client_is_called_something(names: Names) -> None:
    assert rules.names_problem(names) is not None


@pytest.mark.parametrize(
    ("birthday", "right"),
    [
        (Birthday(5, 12), True),
        (Birthday(2, 29), True),
        (Birthday(2, 29, 2000), True),
        (Birthday(2, 29, 1999), False),
        (Birthday(2, 30), False),
        (Birthday(13, 1), False),
        (Birthday(0, 1), False),
        (Birthday(5, 0), False),
        (Birthday(5, 12, 2026), True),
        (Birthday(5, 13, 2026), False),
        (Birthday(1, 1, 1906), True),
        (Birthday(12, 31, 1905), False),
        (Birthday(5, 12, 0), False),
    ],
)
def test_a_birthday_is_a_day_of_the_past(birthday: Birthday, right: bool) -> None:
    assert (rules.birthday_problem(birthday, TODAY) is None) == right


@pytest.mark.parametrize(
    ("birthday", "next_one"),
    [
        (Birthday(5, 12, 1990), date(2026, 5, 12)),
        (Birthday(5, 11), date(2027, 5, 11)),
        (Birthday(2, 29), date(2027, 3, 1)),
        (Birthday(12, 31), date(2026, 12, 31)),
    ],
)
def test_the_next_birthday(birthday: Birthday, next_one: date) -> None:
    assert rules.next_birthday(birthday, TODAY) == next_one


def test_tags_are_each_once_in_the_order_typed() -> None:
    assert rules.tags(" VIP, #pets;vip\nкот  и собака,,Pets") == ("VIP", "pets", "кот и собака")


@given(st.text(alphabet="aAбё ,;#\n-", max_size=40))
def test_tags_that_are_shown_are_read_as_the_same_ones(typed: str) -> None:
    found = rules.tags(typed)
    assert rules.tags(", ".join(found)) == found
    assert len({fold(tag) for tag in found}) == len(found)


PARTS = st.one_of(st.none(), st.text(max_size=12))


@given(PARTS, PARTS, PARTS)
def test_who_is_called_something_that_can_be_seen_is_shown_and_found_by_it(
    given: str | None, family: str | None, company: str | None
) -> None:
    names = Names(given, None, family, company)
    if rules.names_problem(names) is None:
        assert names.shown
        assert set(fold(names.shown).split()) <= set(names.folded.split())
    else:
        assert not names.folded


@pytest.mark.parametrize(
    ("given_tags", "key"),
    [(["x" * 30] * 12, None), (["x"] * 13, "problem.tags_many"), (["x" * 31], "problem.tag_long")],
)
def test_tags_are_few_and_short(given_tags: list[str], key: str | None) -> None:
    problem = rules.tags_problem(given_tags)
    assert (problem and problem.key) == key


def test_a_card_number_is_read_in_any_spelling() -> None:
    number = rules.new_card_number()
    spaced = rules.spaced_card(number)
    assert spaced == f"{number[:4]}-{number[4:]}"
    for typed in (number, spaced, spaced.replace("-", " "), f" {spaced.replace('-', '–')} ", " ".join(number)):
        assert rules.card_number(typed) == number


@pytest.mark.parametrize("typed", ["", "1234", "123456789", "abcdefgh", "12345678x", "0000-0000", "+7 921 123 45 12"])
def test_what_is_no_card_number(typed: str) -> None:
    assert rules.card_number(typed) is None


NUMBERS = st.builds(rules.new_card_number)


@given(NUMBERS, st.integers(0, 7), st.integers(1, 9))
def test_one_wrong_digit_makes_no_card_number(number: str, at: int, off: int) -> None:
    wrong = str((int(number[at]) + off) % 10)
    assert rules.card_number(number[:at] + wrong + number[at + 1 :]) is None


@given(NUMBERS, st.integers(0, 6))
def test_two_neighbours_exchanged_make_no_card_number(number: str, at: int) -> None:
    turned = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    assert turned == number or rules.card_number(turned) is None


def test_only_what_changes_is_written_down() -> None:
    sms, email = (Channel.SMS, Purpose.REMINDERS), (Channel.EMAIL, Purpose.OFFERS)
    assert rules.consents_changed({sms: True}, {sms: True, email: True}) == [Consented(*email, given=True)]
    assert rules.consents_changed({sms: True}, {sms: False, email: False}) == [Consented(*sms, given=False)]
    assert rules.consents_changed({}, {sms: False}) == []
