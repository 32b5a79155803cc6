"""What tells one message from every other, wherever a copy of it is met."""

from __future__ import annotations

import hashlib

from console.domain.messages.rules import Outgoing
from console.domain.plain import canonical


def key(one: Outgoing, refusals: int = 0) -> str:
    """Its id, and what tells it from one that has the same id in a database that was restored.

    `refusals`: answers for good that it met under the keys before, where those are what is answered once more.
    """
    return f"{one.id}-{told(one)}" + (f"-{refusals}" if refusals else "")


def told(one: Outgoing) -> str:
    """16 letters and digits of what it tells, and whom."""
    return hashlib.sha256(canonical([one.kind.value, one.client, dict(one.variables)])).hexdigest()[:16]
