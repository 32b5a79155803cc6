"""Values that must not be shown, logged or hashed into an operation."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Secret:
    """A password, code or token on its way through; `repr` hides it."""

    value: str = field(repr=False)
