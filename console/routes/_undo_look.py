"""Operations whose undo is looked at first, from wherever it is offered but the toast: what they did reaches far."""

from __future__ import annotations

from console.domain.audit.queries import Deed

LOOKED_AT = {"visit.finish"}


def url(operation: int) -> str:
    """The page that says what undoing an operation would do."""
    return f"/operations/{operation}/consequences"


def url_of(operation: int, deed: Deed) -> str | None:
    """The same for what a deed is, where it is looked at first."""
    return url(operation) if deed.kind in LOOKED_AT else None
