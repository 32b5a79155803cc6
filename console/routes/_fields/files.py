"""Files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from console.routes._fields.field import Field


def file(name: str, take: Callable[[bytes], Any], **options: Any) -> Field:
    """A file; its value is what `take` makes of the content, None where none was chosen and none has to be."""
    return Field(name, str, kind="file", required=options.pop("required", False), take=take, **options)
