"""What posts on a card, as the rows of the ledger and of the log of tiers name it."""

from __future__ import annotations

from enum import StrEnum


class Source(StrEnum):
    """A visit finished, taken back or restored, later money, a stamp, a night, a fixed card, a remedy, an opening.

    That one is a visit of before this console, over which the programme was run; `UNOPENED`: all of that is taken back.
    """

    VISIT = "visit"
    NIGHT = "night"
    UNDO = "undo"
    PAYMENT = "payment"
    FIXED_CARD = "fixed_card"
    REDO = "redo"
    STAMP = "stamp"
    REMEDY = "remedy"
    OPENING = "opening"
    UNOPENED = "unopened"

    @classmethod
    def of(cls, source: str) -> Source:
        """By what a row says: its first part. Raises `ValueError`."""
        return cls(source.partition(":")[0])
