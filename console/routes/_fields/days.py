"""Dates."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from console import i18n
from console.routes._fields.field import Bad, Field


def day(name: str, low: date = date(1900, 1, 1), high: date = date(2200, 1, 1), **options: Any) -> Field:
    """A date: 2026-05-12, or 12.05.2026."""

    def read(typed: str) -> date:
        found = re.fullmatch(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", typed)
        turned = re.fullmatch(r"([0-9]{1,2})[./]([0-9]{1,2})[./]([0-9]{4})", typed)
        parts = found.groups() if found else turned.groups()[::-1] if turned else None
        try:
            value = date(*map(int, parts or ()))
        except (TypeError, ValueError):
            raise Bad("problem.date") from None
        if not low <= value <= high:
            raise Bad("problem.date_range", low=i18n.short_day(low), high=i18n.short_day(high))
        return value

    return Field(name, read, kind="date", limit=40, show=date.isoformat, **options)
