"""The ways by which messages go to clients: what each of them is given, and what it promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from console.composed import Composed
from console.domain.team.trouble import Trouble


@dataclass(frozen=True)
class Letter:
    """A message as it goes out, with whom it is to: what they go by, and their address or phone.

    `key`: the same for every copy of it, and for no other message.
    """

    key: str
    name: str
    address: str
    composed: Composed


class Undelivered(Exception):
    """The other side did not take a letter, or did not say that it did; `why` tells which."""

    def __init__(self, why: Trouble) -> None:
        super().__init__(str(why))
        self.why = why


class Adapter(Protocol):
    """A way out. `deduplicates`: whether a second copy of the same letter is taken for one."""

    @property
    def deduplicates(self) -> bool: ...

    async def send(self, letter: Letter) -> None:
        """Hand a letter over. Raises `Undelivered`; of cause `SILENT` where it may have been taken all the same."""
        ...
