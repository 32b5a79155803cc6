"""What waits for somebody, as the navigation says it beside each list."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Waiting:
    """How much waits for somebody to do something about it, and whether one of it did so too long by now."""

    count: int
    late: bool
