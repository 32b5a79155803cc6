"""The account of a client: loaded from the ledger, posted to, and kept in step with it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from console.domain import clock, db
from console.domain.business.queries import business
from console.domain.ids import ClientId
from console.domain.loyalty import queries
from console.domain.loyalty.pauses import until
from console.domain.loyalty.rules.attendance import Attendance, Attended
from console.domain.loyalty.rules.card import DAY, Card
from console.domain.loyalty.rules.corrected import Past, Point, Written
from console.domain.loyalty.rules.entries import OF_TIERS, Entry, Unit, Verb, posted
from console.domain.loyalty.rules.events import Event
from console.domain.loyalty.rules.fixed import Fixed
from console.domain.loyalty.rules.ladder import Held, Logged, code, logged, place
from console.domain.loyalty.rules.ledger import Ledger
from console.domain.loyalty.rules.live import Live, Pause, Span
from console.domain.loyalty.rules.nights import next_night
from console.domain.loyalty.rules.programme import Versions
from console.domain.loyalty.rules.retracing import Change
from console.domain.loyalty.rules.telling import news, telling
from console.domain.loyalty.sources import Source
from console.domain.loyalty.tables import LoyaltyAccount, LoyaltyEntry, TierEntry
from console.domain.loyalty.telling import told
from console.domain.plain import to_plain
from console.domain.running import Operation, Overtaken


@dataclass(frozen=True)
class Account:
    """What is known of a client's loyalty: the ledger, and the log of tiers in the order in which it was written.

    `id` None: nothing is kept of it yet. `written`: of the visits by their numbers. `fixed`: all fixed cards that they
    ever held. `pauses`: in which spans what would expire waited, and for the ticket of which number.
    """

    id: int | None
    client: ClientId
    night: date
    ledger: Ledger
    held: Sequence[Held]
    written: Mapping[int, Sequence[Written]]
    versions: Versions
    fixed: Sequence[Fixed] = ()
    pauses: Sequence[Pause] = ()

    @property
    def card(self) -> Card:
        """The card as it is now."""
        return self._card(self.night, self.held[-1] if self.held else None)

    @property
    def is_silent(self) -> bool:
        """Whether the tier is only tracked: a fixed card stands in its place, and nobody is told of warnings."""
        return any(one.end is None for one in self.fixed)

    def attended(self, visit: int, on: date) -> Attended:
        """A visit of a date as it counts for tiers, also where it does not at all."""
        return self.ledger.attended.get(visit, Attended(on, False, 0, visit))

    def before(self, visit: Attended, operation: int, live: Live) -> tuple[Card, Sequence[Attended]]:
        """The ladder just before an operation finished a visit, as the past is known now, and the visits after that."""
        attended = Attendance.of(self.ledger.attended.values())
        own = [at for at, one in enumerate(attended) if one.visit == visit.visit]
        at = own[0] if own else attended.through(visit.on)
        past = Past(self.versions, self.held, self.written, attended)
        return past.before(Point(at, visit.on, operation), live), attended[at + len(own) :]

    def change(
        self, at: Attended, operation: int, was: Attended | None, now: Attended | None, live: Live, undone: int | None
    ) -> Change:
        """That the visit `at` a date, which an operation finished, `was` something to tiers and is another thing `now`.

        `undone`: the operation that this takes back.
        """
        gains = now is not None and (was is None or now.paid > was.paid)
        before, since = self.before(at, operation, live.then if gains else live)
        return Change(before, was, now, since, self._back(undone))

    @property
    def last(self) -> int:
        """The operation that wrote last what tiers go by; 0 where none did."""
        written = (one.operation for many in self.written.values() for one in many)
        return max(chain((one.operation for one in self.held), written), default=0)

    def _back(self, undone: int | None) -> tuple[int, date | None] | None:
        """The tier and the drop before an operation; None where nights passed since, or something happened."""
        mine = [one for many in self.written.values() for one in many if one.operation == undone]
        if not mine or self.last != undone or any(one.night != self.night for one in mine):
            return None
        by_it = (at for at, one in enumerate(self.held) if one.operation == undone and one.visit is not None)
        before = self._card(self.night, self.held[first - 1] if (first := next(by_it, len(self.held))) else None)
        return before.tier, before.drops_on

    def _card(self, night: date, held: Held | None) -> Card:
        tier = place(self.versions.on(night).tiers, held.tier) if held else 0
        card = self.ledger.card(night, tier, held.drops_on if held else None)
        return replace(card, waits=[one.span for one in self.pauses])


async def account(client: ClientId, begins: date) -> Account:
    """The account of a client, who must be locked; where there is none yet, one that begins with a business date."""
    return (await accounts([client], begins))[client]


_CARDS = """
    SELECT client, a.id, a.night,
        array(SELECT (unit, verb, delta, "on", lot, through, visit, free_visit, operation,
                (snapshot->>'night')::date) FROM loyalty_entry e
            WHERE e.client = of.client ORDER BY id) AS entries,
        array(SELECT (event, "on", tier, before, drops_on, snapshot, operation, visit) FROM tier_entry t
            WHERE t.client = of.client ORDER BY id) AS held,
        array(SELECT (bp, valid_from, retired_at, categories IS NULL,
            array(SELECT s.id FROM service s WHERE s.category = ANY(k.categories))) FROM fixed_card k
            WHERE k.client = of.client ORDER BY id) AS fixed,
        array(SELECT (ticket, first, last) FROM loyalty_pause p
            WHERE p.client = of.client AND p.retired_at IS NULL ORDER BY first, id) AS pauses
    FROM unnest($1::bigint[]) AS of (client) LEFT JOIN loyalty_account a USING (client)
"""


async def accounts(clients: Sequence[ClientId], begins: date) -> dict[ClientId, Account]:
    """The same of many clients, who must be locked, in as many statements as of one."""
    rows = await db.fetch(_CARDS, clients)
    versions = await queries.versions()
    zone = (await business()).zone if any(row["fixed"] for row in rows) else None
    entries = {row["client"]: [_entry(*one) for one in row["entries"]] for row in rows}
    return {
        row["client"]: Account(
            row["id"],
            row["client"],
            begins - DAY if row["night"] is None else row["night"],
            Ledger.of(entry for entry, _ in entries[row["client"]]),
            [_held(one) for one in row["held"]],
            _by_visit(written for _, written in entries[row["client"]] if written),
            versions,
            [_fixed(zone, *one) for one in row["fixed"]],
            [Pause(ticket, Span(first, until(last))) for ticket, first, last in row["pauses"]],
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
    first: Iterable[Entry] = (),
    attendance: Iterable[Entry] = (),
    silently: bool = False,
) -> Account:
    """Write what happened on an account, with `card` as its outcome, and keep the balances; the account as it is then.

    What the client is to be told of it is due with that, of the tier nothing where that is silent (`is_silent`), which
    its snapshot says. `source`: what posts it (a `Source`, and which one), which may post the same once. `first`:
    entries before those of the events. `silently`: nobody is told
    of it now, nor of what it justifies. Raises `Overtaken`.
    """
    if account.last > op.id:
        raise Overtaken
    Source.of(source)
    versions, held, before = account.versions, list(account.held), account.card
    entries, written = [*first, *posted(events, visit), *attendance], [*chain.from_iterable(account.written.values())]
    for entry in entries:
        snapshot: dict[str, Any] = {"version": versions.version(entry.on).number}
        if entry.unit in OF_TIERS:
            written.append(_written(entry, op.id, account.night))
            snapshot |= {} if entry.on == account.night else {"night": account.night.isoformat()}
        await op.insert(LoyaltyEntry, **entry_row(account.client, entry, source, snapshot))
    for one in logged(versions, before, events):
        if account.is_silent:
            one = replace(one, judged_by={**one.judged_by, "silent": True})
        await op.insert(TierEntry, **tier_row(account.client, one, source, visit))
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
    after = replace(account, id=row, night=card.night, held=held, written=_by_visit(written))
    if not silently:
        await tell(op, after, live, events)
    return after


async def tell(op: Operation, account: Account, live: Live, events: Sequence[Event] = ()) -> None:
    """Let what the client of an account, who must be locked, is to be told be what it justifies after some events."""
    known = await told(account.client)
    silently, versions = account.is_silent, account.versions
    shall = telling(versions, account.card, account.held, live, known.announced, silently=silently)
    await known.settle(op, shall, news(versions, events))


def entry_row(client: ClientId, entry: Entry, source: str, snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """An entry as a new row of the ledger has it."""
    values = {**asdict(entry), "unit": entry.unit.value, "verb": entry.verb.value}
    return {"client": client, "source": source, "snapshot": snapshot, **values}


def tier_row(client: ClientId, one: Logged, source: str, visit: int | None) -> dict[str, Any]:
    """What an operation logs of a tier as a new row has it."""
    values = {**asdict(one), "snapshot": to_plain(one.judged_by)}
    del values["judged_by"]
    return {"client": client, "source": source, "visit": visit, **values}


def read_entry(row: Mapping[str, Any]) -> Entry:
    """An entry as a row of the ledger has it."""
    return Entry(
        Unit(row["unit"]),
        Verb(row["verb"]),
        *(row[name] for name in ("delta", "on", "lot", "through", "visit", "free_visit")),
    )


def _entry(unit: str, verb: str, *more: Any) -> tuple[Entry, Written | None]:
    *values, operation, night = more
    entry = Entry(Unit(unit), Verb(verb), *values)
    return entry, _written(entry, operation, night) if entry.unit in OF_TIERS else None


def _written(entry: Entry, operation: int, night: date | None) -> Written:
    """`night`: None where it was that of the entry's date."""
    assert entry.visit is not None
    counts, paid = (entry.delta, 0) if entry.unit is Unit.VISIT else (0, entry.delta)
    return Written(entry.visit, entry.on, counts, paid, operation, night or entry.on)


def _by_visit(written: Iterable[Written]) -> Mapping[int, Sequence[Written]]:
    found: dict[int, list[Written]] = {}
    for one in written:
        found.setdefault(one.visit, []).append(one)
    return found


def _held(row: Sequence[Any]) -> Held:
    event, on, tier, before, drops_on, snapshot, operation, visit = row
    return Held(event, on, tier, before, drops_on, json.loads(snapshot), operation, visit)
