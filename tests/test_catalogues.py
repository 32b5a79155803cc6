"""Every text there may be is there, in English and in Russian."""

from __future__ import annotations

import re

import pytest

from console import catalogues, i18n
from console.domain import errors
from tests.words import say

PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def texts(language: str) -> dict[str, list[str]]:
    """Message to its text, or to each of its plural forms."""
    found: dict[str, list[str]] = {}
    for message in catalogues.read(language):
        if message.id:
            name = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
            found[str(name)] = [*message.string] if isinstance(message.string, (tuple, list)) else [str(message.string)]
    return found


EN, RU = texts("en"), texts("ru")


@pytest.fixture(scope="module")
def wanted() -> catalogues.Wanted:
    return catalogues.wanted()


def test_a_name_with_quotation_marks_is_quoted_by_others() -> None:
    for name, quoted in (("Центр", "«Центр»"), ("Бригада «Юг»", "«Бригада „Юг“»"), ("»«", "«»«»")):
        assert say("words.quoted", "ru", name=name) == quoted


@pytest.mark.parametrize(("language", "known"), [("en", EN), ("ru", RU)])
def test_no_text_is_missing(wanted: catalogues.Wanted, language: str, known: dict[str, list[str]]) -> None:
    needed = [message for message in wanted if language != "en" or catalogues.is_key(message)]
    assert [message for message in needed if not all(known.get(message, [""]))] == []


@pytest.mark.parametrize("known", [EN, RU], ids=["en", "ru"])
def test_whatever_the_record_of_refused_attempts_takes_has_words(known: dict[str, list[str]]) -> None:
    assert {f"why.{one.key}" for one in (errors.Refusal, errors.SignedOut, errors.Busy)} <= set(known)


@pytest.mark.parametrize("known", [EN, RU], ids=["en", "ru"])
def test_no_text_is_left_over(wanted: catalogues.Wanted, known: dict[str, list[str]]) -> None:
    assert set(known) - set(wanted) == set()


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_no_text_is_a_guess(language: str) -> None:
    assert [message.id for message in catalogues.read(language) if message.fuzzy and message.id] == []


def test_russian_has_three_forms_of_every_plural_and_english_two(wanted: catalogues.Wanted) -> None:
    plural = [message for message, other in wanted.items() if other]
    assert plural
    assert {len(RU[message]) for message in plural} == {3}
    assert {len(EN[message]) for message in plural if message in EN} <= {2}


def test_both_languages_show_the_same_values(wanted: catalogues.Wanted) -> None:
    for message, russian in RU.items():
        sources = EN.get(message) or [message, wanted[message] or message]
        values = {value for source in sources for value in PLACEHOLDER.findall(source)} | {"num", "count"}
        for form in russian:
            used = set(PLACEHOLDER.findall(form))
            assert used <= values, message
            assert values - used <= {"num", "count"}, message


def test_numbers_choose_the_right_form() -> None:
    i18n.use("ru")
    said = [i18n.words("words.in_minutes", {"count": count}) for count in (1, 2, 5, 11, 21)]
    assert len({text.split()[-1] for text in said}) == 3
    i18n.use("en")


def test_russian_leaves_no_small_word_at_the_end_of_a_line() -> None:
    """One-letter words, and numbers with their noun, are held by a no-break space."""
    loose = re.compile(r"(?<![\w%(])[А-Яа-я] (?=\S)| —|%\((?:num|count)\)s (?=[а-я])")
    assert {form for forms in RU.values() for form in forms if loose.search(form)} == set()


def test_russian_calls_an_undo_otherwise_than_money_that_goes_back() -> None:
    """«Вернуть» beside money would read as giving it back."""
    undo = ("Undo", "undone", "words.undid", "done.undid", "kind.operation.undo", "words.not_undoable")
    assert {key: RU[key] for key in undo if re.search("верн|вращ|врат", RU[key][0].lower())} == {}
    assert {"отмен" in RU[key][0].lower() for key in undo} == {True}
