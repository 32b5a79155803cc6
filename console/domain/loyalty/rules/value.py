"""Values of which a replay makes millions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

C = TypeVar("C")


@dataclass_transform(frozen_default=True)
def value(cls: type[C]) -> type[C]:
    """A dataclass that is never changed: the type checker sees to it. One frozen at run time is made half as fast."""
    return dataclass(slots=True, unsafe_hash=True)(cls)
