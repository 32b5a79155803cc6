"""What a phone or an email is called: what the form suggests is read by everybody in their own language."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from console import i18n

PHONE_LABELS = ("words.label_mobile", "words.label_home", "words.label_work")
EMAIL_LABELS = ("words.label_own", "words.label_work_email", "words.label_invoices")


def suggested(keys: Sequence[str]) -> list[str]:
    """What is offered beside the field, in the current language."""
    return [i18n.gettext(key) for key in keys]


def label_words(label: str | None, keys: tuple[str, ...]) -> str | None:
    """A label as it was typed, but one that was offered, in whichever language, in the current one."""
    key = _offered(keys).get(label.casefold()) if label else None
    return i18n.gettext(key) if key else label


@cache
def _offered(keys: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for language in i18n.LANGUAGES:
        with i18n.speaking(language):
            found |= {text.casefold(): key for text, key in zip(suggested(keys), keys, strict=True)}
    return found
