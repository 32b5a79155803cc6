"""Operations of visits whose undo is looked at first, from wherever it is offered but the toast: it reaches far."""

from __future__ import annotations

from dataclasses import dataclass

from console.domain.audit.queries import Deed


@dataclass(frozen=True)
class Words:
    """Keys of what the page is called, of what undoing means, and of the button that does it."""

    title: str
    means: str
    does: str


LOOKED_AT = {
    "visit.finish": (
        Words("title.undo_visit", "words.undo_visit", "words.undo_visit_does"),
        Words("title.restore_visit", "words.restore_visit", "words.restore_visit_does"),
    ),
    "visit.pay": (
        Words("title.undo_payment", "words.undo_payment", "words.undo_payment_does"),
        Words("title.restore_payment", "words.restore_payment", "words.restore_payment_does"),
    ),
    "visit.refund": (
        Words("title.undo_refund", "words.undo_refund", "words.undo_refund_does"),
        Words("title.restore_refund", "words.restore_refund", "words.restore_refund_does"),
    ),
}
"""By kind what is said where one is undone, and where it is done again."""


def url(operation: int) -> str:
    """The page that says what undoing an operation would do."""
    return f"/operations/{operation}/consequences"


def url_of(operation: int, deed: Deed) -> str | None:
    """The same for what a deed is, where it is looked at first."""
    return url(operation) if deed.kind in LOOKED_AT else None
