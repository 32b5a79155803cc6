"""Texts of messages: what they may name, what is wrong with them, how they read when filled."""

from __future__ import annotations

import re

import pytest

from console import i18n
from console.domain.errors import Problem
from console.domain.messages.rules import AUTOMATIC, MessageKind
from console.domain.messages.texts import LONGEST, OFFERED, PARTS, as_sms, filled, problem

KIND = MessageKind.BOOKING_REMINDER


def test_each_kind_says_what_it_offers() -> None:
    assert set(OFFERED) == set(AUTOMATIC)


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("kind", AUTOMATIC)
def test_our_own_texts_name_only_what_there_is_and_are_short_enough(kind: MessageKind, language: str) -> None:
    with i18n.speaking(language):
        for part in PARTS:
            text = i18n.gettext(f"told.{kind}.{part}")
            assert problem(text, kind) is None
            assert len(text) <= LONGEST[part]
            assert "!" not in text


@pytest.mark.parametrize("kind", [one for one in AUTOMATIC if "link" in OFFERED[one]])
def test_the_link_stands_in_our_own_texts_in_a_line_by_itself_or_at_the_end_of_an_sms(kind: MessageKind) -> None:
    for language in i18n.LANGUAGES:
        with i18n.speaking(language):
            assert re.search(r"^\{link\}$", i18n.gettext(f"told.{kind}.text"), re.MULTILINE)
            assert i18n.gettext(f"told.{kind}.sms").endswith("{link}")


def test_what_a_text_names_is_filled_in() -> None:
    assert filled("{client}, at {time}", {"client": "Anna", "time": "10:00"}) == "Anna, at 10:00"


def test_a_value_is_not_read_as_a_text_of_its_own() -> None:
    assert filled("{client} {time}", {"client": "{time}", "time": "10:00"}) == "{time} 10:00"


def test_a_line_that_names_what_has_no_value_is_left_out() -> None:
    text = "Hello {client},\n\ncall {phone}.\n\nUntil then."
    assert filled(text, {"client": "Anna", "phone": ""}) == "Hello Anna,\n\nUntil then."


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("{name}", "problem.message_unknown"),
        ("{tier}", "problem.message_unknown"),
        ("{ client }", "problem.message_unknown"),
        ("{Client}", "problem.message_unknown"),
        ("{}", "problem.message_unknown"),
        ("{client", "problem.message_braces"),
        ("client}", "problem.message_braces"),
        ("{{client}}", "problem.message_braces"),
        ("{client\n}", "problem.message_braces"),
    ],
)
def test_a_text_that_cannot_be_filled_is_refused(text: str, key: str) -> None:
    found = problem(f"Good day {text}", KIND)
    assert isinstance(found, Problem)
    assert found.key == key


def test_what_is_not_known_is_named() -> None:
    assert problem("{client} {nmae}", KIND) == Problem("problem.message_unknown", {"name": "{nmae}"})


def test_an_sms_has_no_character_that_makes_it_twice_as_long() -> None:
    assert as_sms("at\u00a010:00 \u2013 don\u2019t\u202fwait").isascii()
