"""What typed text may mean, and how near words come to it."""

from __future__ import annotations

import string
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from console.domain.clients import rules, typed
from console.domain.clients.typed import Nearness, Reading, nearness, one_typo, other_layout, read

LETTERS = st.text("абвг", min_size=4, max_size=8)


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("", ()),
        (" . ", ()),
        ("Петрова", (Reading(("петрова",)),)),
        ("Петрова-Водкина", (Reading(("петрова", "водкина")),)),
        ("45-12", (Reading(phones=("4512",)), Reading(("45", "12")))),
        ("12", (Reading(("12",)),)),
        ("анна 45 12", (Reading(("анна",), ("4512",)), Reading(("анна", "45", "12")))),
        ("4512 анна 777", (Reading(("анна", "777"), ("4512",)), Reading(("4512", "анна", "777")))),
        ("r2d2", (Reading(("r2d2",)), Reading(email="r2d2"))),
        ("Anna.K", (Reading(("anna", "k")), Reading(email="anna.k"))),
        ("anna kim", (Reading(("anna", "kim")),)),
        ("Anna@Mail.example", (Reading(email="anna@mail.example"),)),
        ("анна @mail", (Reading(("анна",), email="@mail"),)),
        ("4512 @mail", (Reading(("4512",), email="@mail"),)),
        ("@", ()),
    ],
)
def test_text_is_read_as_what_it_may_mean(text: str, readings: tuple[Reading, ...]) -> None:
    assert read(text).readings == readings


@pytest.mark.parametrize(
    ("digits", "others"),
    [
        ("4512", ()),
        ("8512", ()),
        ("0012", ()),
        ("89213334512", ("9213334512",)),
        ("0079213334512", ("79213334512", "079213334512")),
        ("81079213334512", ("79213334512", "1079213334512")),
        ("02079460018", ("2079460018",)),
    ],
)
def test_what_is_dialled_before_a_phone_is_no_part_of_it(digits: str, others: tuple[str, ...]) -> None:
    assert typed.spellings(digits) == (digits, *others)


@given(st.integers(1000000, 9999999))
def test_a_card_is_read_with_its_check_digit_only(payload: int) -> None:
    numbers = [f"{payload}{last}" for last in range(10)]
    cards = [read(rules.spaced_card(number)).card for number in numbers]
    assert sum(card is not None for card in cards) == 1


@given(st.text())
def test_whatever_is_typed_can_be_read(text: str) -> None:
    found = read(text)
    assert len(found.readings) <= 3
    for reading in found.readings:
        assert len(reading.words) <= typed.MOST_WORDS
        assert all(0 < len(word) <= typed.LONGEST_WORD and word.isalnum() for word in reading.words)
        assert all(phone.isascii() and phone.isdigit() for phone in reading.phones)
        assert reading != Reading()


@pytest.mark.parametrize(
    ("word", "part", "near"),
    [
        ("анна", "анна", Nearness.EXACT),
        ("анна", "ан", Nearness.BEGINS),
        ("сусанна", "анна", Nearness.INSIDE),
        ("сусанна", "на", None),
        ("петрова", "петрава", Nearness.TYPO),
        ("quentin", "quemt", Nearness.BEGINS_WITH_TYPO),
        ("abbott", "abbt", Nearness.BEGINS_WITH_TYPO),
        ("abbott", "abot", Nearness.BEGINS_WITH_TYPO),
        ("colley", "coly", Nearness.BEGINS_WITH_TYPO),
        ("colley", "cly", None),
        ("quentin", "quimt", None),
        ("яна", "ана", None),
        ("петрова", "сидорова", None),
    ],
)
def test_how_near_a_word_comes(word: str, part: str, near: Nearness | None) -> None:
    assert nearness(word, part) is near


def edits(word: str, letter: str) -> set[str]:
    """Every word that one typo makes."""
    left = {word[:i] + word[i + 1 :] for i in range(len(word))}
    more = {word[:i] + letter + word[i:] for i in range(len(word) + 1)}
    other = {word[:i] + letter + word[i + 1 :] for i in range(len(word))}
    exchanged = {word[:i] + b + a + word[i + 2 :] for i, (a, b) in enumerate(pairwise(word))}
    return (left | more | other | exchanged) - {word}


@given(LETTERS, st.sampled_from("абвгд"))
def test_one_typo_is_forgiven_wherever_it_is(word: str, letter: str) -> None:
    for typo in edits(word, letter):
        assert one_typo(word, typo), typo
        assert one_typo(typo, word), typo


@given(LETTERS, LETTERS)
def test_two_typos_are_not(word: str, other: str) -> None:
    made = {typo for letter in "абвг" for typo in edits(word, letter)}
    assert one_typo(word, other) is (other in made)


@pytest.mark.parametrize(
    ("text", "other"),
    [("gtnhjdf", "петрова"), ("Fyyf", "анна"), ("ыьшер", "smith"), ("[jvzrjd", "хомяков"), ("4512", None), ("", None)],
)
def test_keys_mean_letters_on_the_other_keyboard(text: str, other: str | None) -> None:
    assert other_layout(text) == other


@given(st.text(string.ascii_lowercase, min_size=1))
def test_the_other_keyboard_and_back_is_what_was_typed(text: str) -> None:
    other = other_layout(text)
    assume(other is not None)
    assert other_layout(str(other)) == text
