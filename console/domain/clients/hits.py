"""Clients who were found: by what, and how well it fits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from console.domain.clients.typed import Nearness
from console.domain.ids import ClientId


class Matched(StrEnum):
    """By what a client was found."""

    CARD = "card"
    PHONE = "phone"
    TAX = "tax"
    EMAIL = "email"
    NAME = "name"


class NoGood(StrEnum):
    """Why a card is good no more."""

    LOST = "lost"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Hit:
    """A client who was found.

    `value`: the number (digits) of a card, a phone or for the taxes, or the address that fitted, `no_good`: by a card
    that is good no more. `rank` is the better the smaller it is; from `Nearness.TYPO` on something is spelt otherwise.
    """

    client: ClientId
    matched: Matched
    rank: int
    value: str | None = None
    retired: bool = False
    no_good: NoGood | None = None
    opened_at: datetime | None = None

    @property
    def is_good_card(self) -> bool:
        """Whether it is by the whole number of a card that is good: nobody else is meant."""
        return self.matched is Matched.CARD and self.no_good is None

    @property
    def order(self) -> tuple[bool, bool, bool, int, float, int]:
        """Whose card it is, then the best match; of equals those opened lately, then the newest. Who does not come any
        more stands last.
        """
        opened = -self.opened_at.timestamp() if self.opened_at else 0.0
        return not self.is_good_card, self.rank >= Nearness.TYPO, self.retired, self.rank, opened, -self.client
