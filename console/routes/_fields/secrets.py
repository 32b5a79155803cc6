"""What a form takes or carries without showing it."""

from __future__ import annotations

from typing import Any

from console.domain.secret import Secret
from console.routes._fields.field import Field, Reader

SECRETS: set[str] = set()
"""The names of all fields that hold a password, or what is as secret: never shown on another page, nor kept."""


def secret(name: str, **options: Any) -> Field:
    """A password on its way in: never shown again, never trimmed."""
    SECRETS.add(name)
    return Field(
        name,
        Secret,
        kind="password",
        limit=options.pop("limit", 1000),
        show=lambda _: "",
        secret=True,
        **options,
    )


def hidden(name: str, read: Reader = str, *, unsaid: bool = False, **options: Any) -> Field:
    """What a form carries along; `unsaid` where it is as secret as a password: shown again in its own form alone."""
    if unsaid:
        SECRETS.add(name)
    return Field(name, read, kind="hidden", **options)
