"""Operations of visits and imports whose undo is looked at first, wherever it is offered but in the toast."""

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

IMPORTS = ("import.begin", "import.bring_in")
"""Kinds whose undo is looked at on the page of the run that they began."""


def url(operation: int) -> str:
    """The page that says what undoing an operation would do."""
    return f"/operations/{operation}/consequences"


def url_of(operation: int, deed: Deed) -> str | None:
    """The same for what a deed is, where it is looked at first."""
    if deed.kind in IMPORTS and not deed.undos:
        return next(
            (f"/settings/import/runs/{run}/undoing" for entity, run in deed.about if entity == "import_run"), None
        )
    return url(operation) if deed.kind in LOOKED_AT else None
