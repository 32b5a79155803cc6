"""The terms of the programme that pages explain where they use them, and all of them on the page of help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from console import i18n

WORDS: Mapping[str, tuple[str, str]] = {
    "stamp": ("words.term_stamp", "words.term_stamp_said"),
    "free-visit": ("words.term_free_visit", "words.term_free_visit_said"),
    "tier": ("words.term_tier", "words.term_tier_said"),
    "at-risk": ("words.term_at_risk", "words.term_at_risk_said"),
    "hold": ("words.term_hold", "words.term_hold_said"),
    "fixed-card": ("words.term_fixed_card", "words.term_fixed_card_said"),
    "cover": ("words.term_cover", "words.term_cover_said"),
    "late-fee": ("words.term_late_fee", "words.term_late_fee_said"),
    "debt": ("words.term_debt", "words.term_debt_said"),
}
"""The name of each term and what it means, by the code under which it is found on the page of help."""


@dataclass(frozen=True)
class Term:
    code: str
    name: str
    said: str


def term(code: str) -> Term:
    """A term in the current language."""
    return Term(code, *map(i18n.gettext, WORDS[code]))


def all_terms() -> list[Term]:
    return [term(code) for code in WORDS]
