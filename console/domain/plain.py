"""Values as plain JSON and back: for payload hashes, records and former values."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime, time
from enum import Enum
from typing import Any
from uuid import UUID

from piccolo.columns import JSONB, Column

from console.domain.clock import instant
from console.domain.secret import Aside, Secret


def canonical(value: Any, intent_id: UUID | None = None) -> bytes:
    """One spelling of a value, whatever the order of its keys. Secrets count as equal, but under an intent."""
    plain = to_plain(value, intent_id)
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def to_plain(value: Any, intent_id: UUID | None = None) -> Any:
    """A value as JSON can hold it, instants in UTC, secrets as a dot or, under an intent, as their digest.

    `TypeError` for one that has no plain form, `ValueError` for a naive datetime.
    """
    if value is None or (isinstance(value, (bool, int, str)) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return to_plain(value.value, intent_id)
    if isinstance(value, Secret):
        return "•" if intent_id is None else value.digest(intent_id)
    if isinstance(value, Aside):
        return "•"
    if isinstance(value, datetime):
        return instant(value).isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name), intent_id) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(to_plain(key)): to_plain(item, intent_id) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted((to_plain(item, intent_id) for item in value), key=repr)
    if isinstance(value, (list, tuple)):
        return [to_plain(item, intent_id) for item in value]
    raise TypeError(f"{type(value).__name__} has no plain form")


def from_plain(column: Column, value: Any) -> Any:
    """A column's value from its plain form."""
    if value is None:
        return None
    if isinstance(column, JSONB):
        return json.loads(value) if isinstance(value, str) else value
    if column.value_type in (datetime, date, time) and isinstance(value, str):
        return column.value_type.fromisoformat(value)
    if column.value_type is UUID and isinstance(value, str):
        return UUID(value)
    return value
