"""What the console says, from its catalogues: tests name the message, not its wording of the day."""

from __future__ import annotations

from typing import Any

from console import i18n


def say(message: str, language: str = "en", **params: Any) -> str:
    """A message in words. The language of the test's own context stays as it is."""
    before = i18n.current()
    i18n.use(language)
    try:
        return " ".join(i18n.words(message, params).split())
    finally:
        i18n.use(before)
