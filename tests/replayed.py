"""What a replay must come to by the text of the loyalty rules, section 6, alone: every night of every client is done.

It knows nothing of the console's own rules: the programme is a rules file as TOML reads it, visits are rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from math import floor
from typing import Any, NamedTuple

DAY = timedelta(1)
COUNTER = {
    "stamps_required": 4,
    "services": ["*"],
    "min_price": 0,
    "max_stamps_per_day": 1,
    "stamp_valid_days": 365,
    "reward_valid_days": 180,
    "reward_max_value": 0,
}
TIERS = {"window_days": 180, "match": "all", "grace_days": 14, "step_down": "one"}
POINTS = {
    "earn_points": 10,
    "earn_per": 100_000,
    "point_value": 100,
    "max_share_bp": 3_000,
    "min_redeem": 50,
    "valid_days": 365,
    "redeem_points": "none",
}


class Row(NamedTuple):
    client: str
    on: date
    price: int
    service: str | None = None


@dataclass
class Lot:
    """A stamp, a free visit, or points: the last date on which it is good."""

    last: date
    order: int
    left: int = 1


@dataclass
class Naive:
    """One client; `was` counts what happened."""

    rules: Mapping[str, Any]
    was: dict[str, int] = field(default_factory=dict)
    stamps: list[Lot] = field(default_factory=list)
    free: list[Lot] = field(default_factory=list)
    points: list[Lot] = field(default_factory=list)
    attended: list[tuple[date, bool, int]] = field(default_factory=list)
    stamped_on: list[date] = field(default_factory=list)
    lots: int = 0
    tier: int = 0
    top: int = 0
    drops_on: date | None = None

    def add(self, what: str, many: int = 1) -> None:
        self.was[what] = self.was.get(what, 0) + many

    def lot(self, on: date, days: int, many: int = 1) -> Lot:
        self.lots += 1
        return Lot(on + timedelta(days) if 0 < days <= (date.max - on).days else date.max, self.lots, many)

    def table(self, name: str, defaults: Mapping[str, Any]) -> dict[str, Any] | None:
        return {**defaults, **self.rules[name]} if name in self.rules else None

    def night(self, on: date) -> None:
        self.add("stamps_expired", sum(one.last < on for one in self.stamps))
        self.add("free_visits_expired", sum(one.last < on for one in self.free))
        self.add("points_expired", sum(one.left for one in self.points if one.last < on))
        self.stamps, self.free, self.points = (
            [one for one in lots if one.last >= on] for lots in (self.stamps, self.free, self.points)
        )
        tiers = self.table("tiers", TIERS)
        if not tiers:
            return
        if self.keeps(tiers, self.tier, on):
            self.drops_on = None
        elif self.drops_on is None:
            self.add("warnings")
            self.drops_on = on + timedelta(tiers["grace_days"])
        elif on >= self.drops_on:
            self.add("step_downs")
            self.drops_on = None
            self.tier -= 1
            while tiers["step_down"] == "matching" and not self.keeps(tiers, self.tier, on):
                self.tier -= 1

    def keeps(self, tiers: Mapping[str, Any], tier: int, on: date) -> bool:
        return tier == 0 or self.meets(tiers, tier, "keep", on)

    def meets(self, tiers: Mapping[str, Any], tier: int, when: str, on: date) -> bool:
        in_window = [
            one for one in self.attended if not tiers["window_days"] or one[0] > on - timedelta(tiers["window_days"])
        ]
        there = {"visits": sum(counts for _, counts, _ in in_window), "spend": sum(paid for _, _, paid in in_window)}
        asked = {what: tiers["tier"][tier].get(f"{when}_{what}", 0) for what in there}
        met = [there[what] >= asked[what] for what in there if asked[what] > 0]
        return (any(met) or not met) if tiers["match"] == "any" else all(met)

    def visit(self, row: Row) -> None:
        counter, tiers, points = (
            self.table("counter", COUNTER),
            self.table("tiers", TIERS),
            self.table("points", POINTS),
        )
        held: Mapping[str, Any] = tiers["tier"][self.tier] if tiers else {}
        qualifies = bool(
            counter
            and row.price >= counter["min_price"]
            and ("*" in counter["services"] or row.service in counter["services"])
        )
        free = 0
        if counter and qualifies and self.free:
            used = min(self.free, key=lambda one: (one.last, one.order))
            self.free = [one for one in self.free if one is not used]
            free = min(row.price, counter["reward_max_value"] or row.price)
        discount = floor(Fraction((row.price - free) * held.get("discount_bp", 0), 10_000) + Fraction(1, 2))
        due = row.price - free - discount
        if points and points["redeem_points"] == "max" and not free:
            due -= self.redeem(points, due) * points["point_value"]
        if counter and qualifies and not free and self.stamped_on.count(row.on) < counter["max_stamps_per_day"]:
            self.stamp(counter, row.on)
        self.attended.append((row.on, not free, due))
        if points:
            multiplier = held.get("points_multiplier_bp", 10_000)
            earned = floor(Fraction(due * points["earn_points"] * multiplier, points["earn_per"] * 10_000))
            self.add("points_earned", earned)
            self.points.append(self.lot(row.on, points["valid_days"], earned))
        if tiers:
            attained = [place for place in range(1, len(tiers["tier"])) if self.meets(tiers, place, "enter", row.on)]
            if attained and max(attained) > self.tier:
                self.tier, self.drops_on = max(attained), None
            if self.keeps(tiers, self.tier, row.on):
                self.drops_on = None
        self.top = max(self.top, self.tier)
        for what, many in (("visits", 1), ("free_visits", bool(free)), ("list_total", row.price)):
            self.add(what, many)
        for what, many in (("discount_total", discount), ("free_value", free), ("paid_total", due)):
            self.add(what, many)

    def redeem(self, points: Mapping[str, Any], payable: int) -> int:
        balance = sum(one.left for one in self.points)
        most = floor(Fraction(payable * points["max_share_bp"], 10_000 * points["point_value"]))
        redeemed = left = min(balance, most) if min(balance, most) >= points["min_redeem"] else 0
        for one in sorted(self.points, key=lambda one: (one.last, one.order)):
            taken = min(left, one.left)
            one.left, left = one.left - taken, left - taken
        return redeemed

    def stamp(self, counter: Mapping[str, Any], on: date) -> None:
        self.stamped_on.append(on)
        self.stamps.append(self.lot(on, counter["stamp_valid_days"]))
        if len(self.stamps) >= counter["stamps_required"]:
            first = sorted(self.stamps, key=lambda one: (one.last, one.order))
            self.stamps = first[counter["stamps_required"] :]
            self.free.append(self.lot(on, counter["reward_valid_days"]))
            self.add("free_visits_issued")

    def outcome(self) -> Mapping[str, int]:
        held = {
            "stamps": len(self.stamps),
            "free_visits_unused": len(self.free),
            "points": sum(one.left for one in self.points),
            "tier": self.tier,
            "top_tier": self.top,
            "warned": int(self.drops_on is not None),
        }
        return {**self.was, **held}


COLUMNS = [
    "visits",
    "free_visits",
    "free_visits_issued",
    "free_visits_expired",
    "free_visits_unused",
    "stamps",
    "stamps_expired",
    "list_total",
    "discount_total",
    "free_value",
    "paid_total",
    "points_earned",
    "points_expired",
    "points",
    "tier",
    "top_tier",
    "warnings",
    "step_downs",
    "warned",
]


def replayed(rules: Mapping[str, Any], rows: Sequence[Row], as_of: date) -> list[list[str]]:
    """The lines of the file that a replay writes, the first one too."""
    lines = [["client", *COLUMNS]]
    known = [row for row in rows if row.on <= as_of]
    for client in sorted({row.client for row in known}):
        mine = [row for row in known if row.client == client]
        one, on = Naive(rules), min(row.on for row in mine)
        while on <= as_of:
            one.night(on)
            for row in mine:
                if row.on == on:
                    one.visit(row)
            on += DAY
        outcome = one.outcome()
        lines.append([client, *(str(outcome.get(column, 0)) for column in COLUMNS)])
    return lines
