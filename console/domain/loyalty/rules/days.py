"""Reckoning with dates up to the last that there is."""

from __future__ import annotations

from datetime import date, timedelta


def later(day: date, days: int) -> date:
    """So many days after a date, at the latest the last date that there is."""
    return day + timedelta(min(days, (date.max - day).days))
