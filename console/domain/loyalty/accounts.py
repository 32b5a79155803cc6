"""The account of a client: loaded from the ledger, posted to, and kept in step with it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from console.domain import clock, db
from console.domain.business.queries import business
from console.domain.ids import ClientId
from console.domain.loyalty import queries
from console.domain.loyalty.rules.attendance import Attended
from console.domain.loyalty.rules.card import Card
from console.domain.loyalty.rules.events import Event
from console.domain.loyalty.rules.fixed import Fixed, held_on, percentages
from console.domain.loyalty.rules.ladder import Logged, code, logged, place
from console.domain.loyalty.rules.ledger import Entry, Ledger, Unit, Verb, posted
from console.domain.loyalty.rules.live import Live
from console.domain.loyalty.rules.nights import DAY, next_night
from console.domain.loyalty.rules.pricing import Percentage
from console.domain.loyalty.rules.programme import Versions
from console.domain.loyalty.rules.telling import news, telling
from console.domain.loyalty.tables import LoyaltyAccount, LoyaltyEntry, TierEntry
from console.domain.loyalty.telling import told
from console.domain.plain import to_plain
from console.domain.running import Operation


@dataclass(frozen=True, slots=True)
class Held(Logged):
    """What an operation left of the tier on a business date, by its code, and of the drop that is due.

    `visit`: the one that it was about; None for the nights.
    """

    operation: int
    visit: int | None = None

    @classmethod
    def of(cls, one: Logged, operation: int, visit: int | None = None) -> Held:
        """What an operation has logged."""
        return cls(one.event, one.on, one.tier, one.before, one.drops_on, one.judged_by, operation, visit)

    def is_before(self, on: date, operation: int) -> bool:
        """Whether it was so before an operation finished a visit of a date; nights that it did itself were before."""
        mine = self.operation == operation and self.visit is None
        return self.on < on or (self.on == on and (self.operation < operation or mine))


@dataclass(frozen=True)
class Account:
    """What is known of a client's loyalty: the ledger, and the log of tiers in the order in which it was written.

    `id` None: nothing is kept of it yet. `fixed`: all fixed cards that they ever held.
    """

    id: int | None
    client: ClientId
    night: date
    ledger: Ledger
    held: Sequence[Held]
    versions: Versions
    fixed: Sequence[Fixed] = ()

    @property
    def card(self) -> Card:
        """The card as it is now."""
        return self._card(self.night, self.held[-1] if self.held else None)

    @property
    def is_silent(self) -> bool:
        """Whether the tier is only tracked: a fixed card stands in its place, and nobody is told of warnings."""
        return any(one.end is None for one in self.fixed)

    def percentages(self, on: date) -> Sequence[Percentage]:
        """What may be taken off a visit of a date, by the rules, the tier and the fixed card of then."""
        card = self.card if on >= self.night else self._card(on, self._known(on))
        return percentages(self.versions.on(on), card, held_on(self.fixed, on))

    def _known(self, on: date) -> Held | None:
        return next((one for one in reversed(self.held) if one.on <= on), None)

    def attended(self, visit: int, on: date) -> Attended:
        """A visit of a date as it counts for tiers, also where it does not at all."""
        return self.ledger.attended.get(visit, Attended(on, False, 0, visit))

    def before(self, visit: Attended, operation: int) -> tuple[Card, Sequence[Attended]]:
        """The card as it was just before an operation finished a visit of a date, and the visits after that one."""
        known = [one for one in self.held if one.is_before(visit.on, operation)]
        card = self._card(visit.on, known[-1] if known else None)
        own = [at for at, one in enumerate(card.attended) if one.visit == visit.visit]
        at = own[0] if own else sum(one.on <= visit.on for one in card.attended)
        return replace(card, attended=card.attended[:at]), card.attended[at + len(own) :]

    def _card(self, night: date, held: Held | None) -> Card:
        if held is None:
            return self.ledger.card(night, 0, None)
        return self.ledger.card(night, place(self.versions.on(night).tiers, held.tier), held.drops_on)


async def account(client: ClientId, begins: date) -> Account:
    """The account of a client, who must be locked; where there is none yet, one that begins with a business date."""
    return (await accounts([client], begins))[client]


_CARDS = """
    SELECT client, a.id, a.night,
        array(SELECT (unit, verb, delta, "on", lot, through, visit, free_visit) FROM loyalty_entry e
            WHERE e.client = of.client ORDER BY id) AS entries,
        array(SELECT (event, "on", tier, before, drops_on, snapshot, operation, visit) FROM tier_entry t
            WHERE t.client = of.client ORDER BY id) AS held,
        array(SELECT (bp, valid_from, retired_at, categories IS NULL,
            array(SELECT s.id FROM service s WHERE s.category = ANY(k.categories))) FROM fixed_card k
            WHERE k.client = of.client ORDER BY id) AS fixed
    FROM unnest($1::bigint[]) AS of (client) LEFT JOIN loyalty_account a USING (client)
"""


async def accounts(clients: Sequence[ClientId], begins: date) -> dict[ClientId, Account]:
    """The same of many clients, who must be locked, in as many statements as of one."""
    rows = await db.fetch(_CARDS, clients)
    versions = await queries.versions()
    zone = (await business()).zone if any(row["fixed"] for row in rows) else None
    return {
        row["client"]: Account(
            row["id"],
            row["client"],
            begins - DAY if row["night"] is None else row["night"],
            Ledger.of(Entry(Unit(unit), Verb(verb), *more) for unit, verb, *more in row["entries"]),
            [_held(one) for one in row["held"]],
            versions,
            [_fixed(zone, *one) for one in row["fixed"]],
        )
        for row in rows
    }


def _fixed(
    zone: ZoneInfo | None, bp: int, first: date, retired_at: datetime | None, every: bool, services: Sequence[int]
) -> Fixed:
    end = clock.business_date(retired_at, zone) if retired_at and zone else None
    return Fixed(bp, first, end, None if every else frozenset(map(str, services)))


async def post(
    op: Operation,
    account: Account,
    card: Card,
    events: Sequence[Event],
    *,
    source: str,
    live: Live,
    visit: int | None = None,
    attendance: Iterable[Entry] = (),
) -> Account:
    """Write what happened on an account, with `card` as its outcome, and keep the balances; the account as it is then.

    What the client is to be told of it is due with that, of the tier nothing where that is silent (`is_silent`), which
    its snapshot says. `source`: what posts it, which may post the same once.
    """
    versions, held, before = account.versions, list(account.held), account.card
    entries = [*posted(events, visit), *attendance]
    for entry in entries:
        snapshot = {"version": versions.version(entry.on).number}
        values = {**asdict(entry), "unit": entry.unit.value, "verb": entry.verb.value}
        await op.insert(LoyaltyEntry, client=account.client, source=source, snapshot=snapshot, **values)
    for one in logged(versions, before, events):
        if account.is_silent:
            one = replace(one, judged_by={**one.judged_by, "silent": True})
        values = {**asdict(one), "snapshot": to_plain(one.judged_by)}
        del values["judged_by"]
        await op.insert(TierEntry, client=account.client, source=source, visit=visit, **values)
        held.append(Held.of(one, op.id, visit))
    ledger = account.ledger
    for entry in entries:
        ledger.add(entry)
    kept = {
        "stamps": ledger.balance,
        "free_visits": sum(not lot.expired for lot in card.free_visits),
        "tier": code(versions.on(card.night).tiers, card.tier),
        "drops_on": card.drops_on,
        "night": card.night,
        "next_night": next_night(versions, card),
    }
    row = account.id
    if row is None:
        row = await op.insert(LoyaltyAccount, client=account.client, **kept)
    else:
        await op.update(LoyaltyAccount, row, None, kept)
    after = replace(account, id=row, night=card.night, held=held)
    await tell(op, after, live, events)
    return after


async def tell(op: Operation, account: Account, live: Live, events: Sequence[Event] = ()) -> None:
    """Let what the client of an account, who must be locked, is to be told be what it justifies after some events."""
    known = await told(account.client)
    silently, versions = account.is_silent, account.versions
    shall = telling(versions, account.card, account.held, live, known.announced, silently=silently)
    await known.settle(op, shall, news(versions, events))


def read_entry(row: Mapping[str, Any]) -> Entry:
    """An entry as a row of the ledger has it."""
    return Entry(
        Unit(row["unit"]),
        Verb(row["verb"]),
        *(row[name] for name in ("delta", "on", "lot", "through", "visit", "free_visit")),
    )


def _held(row: Sequence[Any]) -> Held:
    event, on, tier, before, drops_on, snapshot, operation, visit = row
    return Held(event, on, tier, before, drops_on, json.loads(snapshot), operation, visit)
