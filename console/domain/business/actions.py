"""Use cases of the business, its locations and its holidays."""

from __future__ import annotations

from console.domain.business.tables import Business
from console.domain.operation import FINAL, Operation, operation


@operation("business.begin", permission="business:change", undo=FINAL)
async def begin(op: Operation) -> None:
    """Make the one row of a new database, for its owner to fill in."""
    await op.insert(
        Business, id=1, name="Fifth Visit", currency="EUR", languages=["en", "ru"], language="en", demo=False
    )
