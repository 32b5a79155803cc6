"""Letters in words, in the language of whoever reads them."""

from __future__ import annotations

import pytest

from console import i18n, mailing
from console.domain.team.mail import Mail
from console.domain.team.rules import Role


@pytest.mark.parametrize("own", i18n.LANGUAGES)
def test_a_letter_is_in_its_readers_language_and_whoever_writes_it_keeps_their_own(own: str) -> None:
    letter = Mail(1, "invitation", "ru", "token", "Нина", "nina@fifth.example", "Five", Role.MANAGER, None, False, 0)
    with i18n.speaking(own):
        assert "Здравствуйте, Нина" in mailing.write(letter, "http://console.test").text
        assert i18n.current() == own
