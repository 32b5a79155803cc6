"""How far the demo has come: one line that grows on a terminal, and else a line now and then."""

from __future__ import annotations

import sys

from console.processes import say

STEPS = 20


class Progress:
    """Of so many days."""

    def __init__(self, what: str, days: int) -> None:
        self._what, self._days = what, max(days, 1)
        self._on_terminal = sys.stdout.isatty()
        self._said = 0

    def reach(self, days: int, called: str) -> None:
        """So many days are through, the last of which is called something."""
        share = days * STEPS // self._days
        if self._on_terminal:
            end = "\n" if days == self._days else ""
            sys.stdout.write(f"\r{self._what} [{'=' * share}{' ' * (STEPS - share)}] {called}{end}")
            sys.stdout.flush()
        elif share // 2 > self._said // 2:
            say(f"{self._what}: {days * 100 // self._days} %, {called}")
        self._said = share
