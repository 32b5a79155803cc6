"""The demo's business is lived through by the console's own use cases, and brought up to today when it is started."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from console import demo
from console.config import Settings
from console.doctor import examine
from console.domain import clock, db
from console.domain.tickets.remedies import evidence
from console.domain.tickets.remedies.rules import Cause
from console.living import days, visiting
from console.living.doing import Doing
from console.living.rules import complaints, habits, plan
from console.living.rules.events import What
from console.living.rules.fates import Moment
from console.living.rules.plan import Planned
from console.living.shop import Shop
from tests.living.replayed import beside

MADE = datetime(2026, 11, 26, 11, tzinfo=UTC)
LATER = MADE + timedelta(days=5)
TODAY = """
    SELECT status, count(*) FROM booking
    WHERE (starts_at AT TIME ZONE 'Europe/Moscow')::date = ($1::timestamptz AT TIME ZONE 'Europe/Moscow')::date
    GROUP BY 1
"""


def cut_off_after(visits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the filling end in the middle of a day, while others are being served."""
    came = 0

    async def dying(doing: Doing, shop: Shop, one: Planned, at: Moment) -> None:
        nonlocal came
        came += 1
        if came > visits:
            raise InterruptedError
        await visiting.come(doing, shop, one, at)

    monkeypatch.setattr(days, "HAPPENS", {**days.HAPPENS, What.COMES: dying})


@pytest.mark.usefixtures("clean")
async def test_a_business_is_lived_through_and_goes_on_where_it_was_whatever_somebody_did_in_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (habits, plan):
        monkeypatch.setattr(module, "PAST", 37 * 7)
    mine = replace(settings, demo_clients=demo.TOLD + 12)
    monkeypatch.setattr(complaints, "SHARE", 0.3)
    monkeypatch.setattr(plan, "SHARE", 1)
    monkeypatch.setattr(days, "STRAYED", timedelta(days=200))
    monkeypatch.setattr(clock, "now", lambda: MADE)
    with monkeypatch.context() as cut:
        cut_off_after(20, cut)
        with pytest.raises(BaseExceptionGroup):
            await asyncio.to_thread(demo.fill, mine)
    assert await asyncio.to_thread(demo.fill, mine)
    async with db.pool(mine.database_url or ""):
        assert await db.fetchval("SELECT count(*) FROM visit WHERE booking IS NOT NULL") > 50
        assert await db.fetchval("SELECT max(at) - min(at) > interval '60 days' FROM visit")
        left = (
            "SELECT count(*) FROM booking"
            " WHERE starts_at < $1::timestamptz - interval '12 hours' AND status IN ('booked', 'confirmed')"
        )
        assert await db.fetchval(left, MADE) == 0
        for table in ("till_close", "time_off", "membership"):
            assert await db.fetchval(f"SELECT count(*) FROM {table}"), table
        told = {
            row["status"]: row["count"] for row in await db.fetch("SELECT status, count(*) FROM message GROUP BY 1")
        }
        assert told.keys() == {"sent", "skipped", "due", "failed", "unknown"}
        assert told["failed"] == told["unknown"] == 1
        thanked = "SELECT count(*) FROM message WHERE kind = 'visit.thanks' AND status = 'sent'"
        assert await db.fetchval(thanked) >= 1
        people = await db.fetch(
            "SELECT DISTINCT o.kind, s.role FROM operation o LEFT JOIN staff s ON s.id = o.actor"
            " WHERE o.kind = ANY($1::text[])",
            ["booking.book", "fee.waive", "till.close", "time_off.add", "visit.finish", "visit.refund"],
        )
        assert {tuple(row) for row in people} <= {
            ("booking.book", "front_desk"),
            ("fee.waive", "manager"),
            ("till.close", "front_desk"),
            ("time_off.add", "front_desk"),
            ("time_off.add", "manager"),
            ("visit.finish", "front_desk"),
            ("visit.finish", "manager"),
            ("visit.refund", "manager"),
        }
        stamp = await db.fetchrow(
            "SELECT t.client, t.opened_at FROM ticket t WHERE t.subject LIKE 'Stamp of the last cleaning%'"
        )
        assert stamp is not None
        there = await evidence.found(stamp["client"], stamp["opened_at"], MADE)
        assert any(one.remedy.cause is Cause.MISSING_STAMP and one.by_rules for one in there)
        tickets = await db.fetch("SELECT DISTINCT status FROM ticket")
        assert {row["status"] for row in tickets} >= {"open", "pending", "solved", "closed"}
        assert await db.fetchval("SELECT count(DISTINCT rating) FROM ticket_rating") == 2
        remedies = await db.fetch("SELECT DISTINCT approved_by IS NOT NULL AS approved FROM ticket_remedy")
        assert len(remedies) == 2
        waits = "SELECT r.status FROM ticket_remedy r JOIN ticket t ON t.id = r.ticket WHERE t.subject LIKE '%hob%'"
        assert await db.fetchval(waits) == "proposed"
        alike = await beside(MADE.date())
        assert alike.differ == []
        assert len(alike.plain) > len(alike.others), alike.others
        assert 5 * len(alike.others) < await db.fetchval("SELECT count(*) FROM client"), alike.others
        today = dict(await db.fetch(TODAY, MADE))
        assert today.keys() >= {"finished", "arrived", "confirmed"}
        assert sum(today.values()) >= 10
        assert await db.fetchval("SELECT count(*) FROM refusal WHERE kind = 'visit.finish'") == 0
        before = await db.fetchval("SELECT count(*) FROM visit")
        ahead = await db.fetch("SELECT id FROM booking WHERE starts_at > $1 ORDER BY starts_at, id LIMIT 1", MADE)
        await db.execute("UPDATE booking SET note = 'by a visitor' WHERE id = $1", ahead[0]["id"])
    monkeypatch.setattr(clock, "now", lambda: LATER)
    assert await asyncio.to_thread(demo.fill, mine)
    async with db.pool(mine.database_url or ""):
        assert await db.fetchval("SELECT count(*) FROM visit") > before
        assert await db.fetchval(left, LATER) == 0
        assert await db.fetchval("SELECT note FROM booking WHERE id = $1", ahead[0]["id"]) == "by a visitor"
        assert await db.fetchval("SELECT max(starts_at) FROM booking WHERE series IS NULL") > LATER + timedelta(days=14)
        operations = await db.fetchval("SELECT count(*) FROM operation")
    assert await asyncio.to_thread(demo.fill, mine)
    async with db.pool(mine.database_url or ""):
        assert await db.fetchval("SELECT count(*) FROM operation") == operations
    assert [one.broken for one in await examine(mine.database_url or "") if one.broken] == []
