"""Where an import writes to: the run, the location and its clock, and what stands for what is not known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from console.domain import clock, db
from console.domain.booking.rules import ReasonUse
from console.domain.booking.tables import Reason
from console.domain.business.queries import business, location
from console.domain.ids import LocationId
from console.domain.imports.rules.rows import Rejected
from console.domain.running import Operation
from console.domain.text import fold
from console.domain.visits.tables import PaymentMethod

ELSEWHERE = {"en": "Before this console", "ru": "До этой программы"}
"""The payment method of what was paid before: it is in no till of ours."""
OVER_OTHERS = {"en": "So it was before this console", "ru": "Так было до этой программы"}
RETURNED = {"en": "Returned before this console", "ru": "Возврат до этой программы"}


@dataclass(frozen=True)
class Setting:
    """What every part of a run needs. `language`: of the names in the files."""

    run: int
    source: str
    location: LocationId
    zone: ZoneInfo
    notice_hours: int
    currency: str
    language: str
    today: date
    method: int
    over_others: int
    returned: int


async def setting(op: Operation, run: int) -> Setting:
    """Of a run that was begun."""
    row = await db.fetchrow("SELECT source, location FROM import_run WHERE id = $1", run)
    assert row is not None
    place, facts = await location(row["location"]), await business()
    zone = ZoneInfo(place.zone)
    return Setting(
        run,
        row["source"],
        place.id,
        zone,
        place.notice_hours,
        facts.currency,
        facts.language,
        clock.business_date(op.now, zone),
        await db.fetchval("SELECT id FROM payment_method WHERE elsewhere"),
        await _reason(ReasonUse.OVERBOOKING, OVER_OTHERS),
        await _reason(ReasonUse.REFUND, RETURNED),
    )


async def make_ready(op: Operation) -> None:
    """Make the payment method and the reasons that imports need, where they are not there; nobody is offered them."""
    if not await db.fetchval("SELECT EXISTS (SELECT FROM payment_method WHERE elsewhere)"):
        values = {"names": ELSEWHERE, "position": 0, "drawer": False, "elsewhere": True}
        await op.insert(PaymentMethod, **values, retired_at=op.now)
    for use, names in ((ReasonUse.OVERBOOKING, OVER_OTHERS), (ReasonUse.REFUND, RETURNED)):
        if await _reason(use, names) is None:
            await op.insert(Reason, use=use.value, names=names, position=0, retired_at=op.now)


async def _reason(use: ReasonUse, names: Mapping[str, str]) -> Any:
    return await db.fetchval(
        "SELECT id FROM reason WHERE use = $1 AND names ->> 'en' = $2 ORDER BY id LIMIT 1", use.value, names["en"]
    )


async def items() -> tuple[dict[str, tuple[str, int]], dict[str, int]]:
    """Services and products as receipts call them, folded; and services by their codes, or else their names."""
    rows = await db.fetch(
        "SELECT kind, id, code, name FROM (SELECT 'service' AS kind, id, code, names, retired_at FROM service"
        "  UNION ALL SELECT 'product', id, code, names, retired_at FROM product) item,"
        " LATERAL jsonb_each_text(names) AS said (language, name) ORDER BY retired_at NULLS FIRST, id"
    )
    called: dict[str, tuple[str, int]] = {}
    services: dict[str, int] = {}
    for spelt in ("name", "code"):
        for kind in ("service", "product"):
            for row in rows:
                if row["kind"] == kind:
                    called.setdefault(fold(row[spelt]), (kind, row["id"]))
    for spelt in ("code", "name"):
        for row in rows:
            if row["kind"] == "service":
                services.setdefault(fold(row[spelt]), row["id"])
    return called, services


@dataclass
class Tally:
    """What became of the rows of a part: how many were imported and merged, and which were rejected, and why."""

    imported: int = 0
    merged: int = 0
    rejected: list[Rejected] | None = None

    def reject(self, lines: Iterable[int], why: str) -> None:
        self.rejected = [*(self.rejected or ()), *(Rejected(line, why) for line in lines)]

    @property
    def plain(self) -> dict[str, Any]:
        return {
            "imported": self.imported,
            "merged": self.merged,
            "rejected": [list(one) for one in self.rejected or ()],
        }
