"""The account of a client: loaded from the ledger, posted to, and kept in step with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from console.domain import db
from console.domain.ids import ClientId
from console.domain.loyalty import queries
from console.domain.loyalty.rules.card import Attended, Card
from console.domain.loyalty.rules.events import Event
from console.domain.loyalty.rules.fixed import Fixed, held_on, percentages
from console.domain.loyalty.rules.ladder import code, logged, place
from console.domain.loyalty.rules.ledger import Entry, Ledger, Unit, Verb, posted
from console.domain.loyalty.rules.nights import DAY, next_night
from console.domain.loyalty.rules.pricing import Percentage
from console.domain.loyalty.rules.programme import Versions
from console.domain.loyalty.tables import LoyaltyAccount, LoyaltyEntry, TierEntry
from console.domain.plain import to_plain
from console.domain.running import Operation


@dataclass(frozen=True)
class Held:
    """What an operation left of the tier on a business date, by its code, and of the drop that is due."""

    operation: int
    on: date
    tier: str | None
    drops_on: date | None


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
        known = [one for one in self.held if one.on < visit.on or (one.on == visit.on and one.operation < operation)]
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
    row = await db.fetchrow("SELECT id, night FROM loyalty_account WHERE client = $1", client)
    entries = await db.fetch(
        'SELECT unit, verb, delta, "on", lot, through, visit, free_visit FROM loyalty_entry'
        " WHERE client = $1 ORDER BY id",
        client,
    )
    held = await db.fetch(
        'SELECT operation, "on", tier, drops_on FROM tier_entry WHERE client = $1 ORDER BY id', client
    )
    return Account(
        row["id"] if row else None,
        client,
        row["night"] if row else begins - DAY,
        Ledger.of(_entry(one) for one in entries),
        [Held(**one) for one in held],
        await queries.versions(),
        await queries.fixed_cards(client),
    )


async def post(
    op: Operation,
    account: Account,
    card: Card,
    events: Sequence[Event],
    *,
    source: str,
    visit: int | None = None,
    attendance: Iterable[Entry] = (),
) -> Account:
    """Write what happened on an account, with `card` as its outcome, and keep the balances; the account as it is then.

    `source`: what posts it; it may post the same once, on each date. What nobody is told of the tier (`is_silent`) is
    marked so in its snapshot.
    """
    versions, held = account.versions, list(account.held)
    entries = [*posted(events, visit), *attendance]
    for entry in entries:
        snapshot = {"version": versions.version(entry.on).number}
        values = {**asdict(entry), "unit": entry.unit.value, "verb": entry.verb.value}
        await op.insert(LoyaltyEntry, client=account.client, source=source, snapshot=snapshot, **values)
    for one in logged(versions, account.card, events):
        judged_by = {**one.judged_by, "silent": True} if account.is_silent else one.judged_by
        values = {**asdict(one), "snapshot": to_plain(judged_by)}
        del values["judged_by"]
        await op.insert(TierEntry, client=account.client, source=source, visit=visit, **values)
        held.append(Held(op.id, one.on, one.tier, one.drops_on))
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
    return replace(account, id=row, night=card.night, held=held)


def _entry(row: Mapping[str, Any]) -> Entry:
    return Entry(**{**row, "unit": Unit(row["unit"]), "verb": Verb(row["verb"])})
