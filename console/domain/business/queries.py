"""What pages and other concepts read of the business."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from console.domain import db


@dataclass(frozen=True)
class Facts:
    """What every page needs to know of the business; `zone` is that of its first location (UTC before there is one)."""

    name: str
    language: str
    languages: Sequence[str]
    logo: int | None
    demo: bool
    currency: str
    zone: ZoneInfo

    @property
    def logo_url(self) -> str | None:
        return f"/logo/{self.logo}" if self.logo else None


async def begun() -> bool:
    """Whether the business row has been made."""
    return bool(await db.fetchval("SELECT EXISTS (SELECT FROM business)"))


async def business() -> Facts:
    """The business. Hot path: one statement per page."""
    row = await db.fetchrow(
        "SELECT name, language, languages, logo, demo, currency,"
        " coalesce((SELECT zone FROM location WHERE retired_at IS NULL ORDER BY id LIMIT 1), 'UTC') AS zone"
        " FROM business"
    )
    if row is None:
        raise RuntimeError("run `console migrate`: the business row is missing")
    return Facts(**{**dict(row), "zone": ZoneInfo(row["zone"])})


async def untouched() -> bool:
    """Whether nobody has done anything in this database: there is only the operation that began it, and no staff."""
    return not await db.fetchval(
        "SELECT EXISTS (SELECT FROM operation WHERE kind NOT IN ('business.begin', 'business.demo'))"
    )
