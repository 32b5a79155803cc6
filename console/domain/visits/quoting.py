"""What a visit would cost and bring, worked out while it is typed, by the rules of finishing it. Nothing is written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from console.domain import db
from console.domain.booking import quoting
from console.domain.booking.rules import Part
from console.domain.ids import BookableId, ClientId, ProductId, ServiceId
from console.domain.loyalty import accounts, nights, queries
from console.domain.loyalty.accounts import Account
from console.domain.loyalty.rules import visits
from console.domain.loyalty.rules.card import Card, Lot
from console.domain.loyalty.rules.entries import posted
from console.domain.loyalty.rules.events import Event
from console.domain.loyalty.rules.ladder import Held, logged
from console.domain.loyalty.rules.live import REPLAY, Live
from console.domain.loyalty.rules.nights import nights as done_through
from console.domain.loyalty.rules.pricing import Price, free_line
from console.domain.loyalty.rules.programme import Programme, Tier
from console.domain.loyalty.rules.retracing import finish_late
from console.domain.loyalty.rules.visits import Finished
from console.domain.visits import terms
from console.domain.visits.rules import Entered, priced
from console.domain.visits.terms import Terms

Names = Mapping[str, str]
"""Language to name."""


@dataclass(frozen=True)
class Good:
    """What may be a line of a visit, and what one costs by the list in minor units; None: it has no price that day.

    `key`: s12 for a service, p3 for a product. `is_on`: it is offered still.
    """

    key: str
    names: Names
    code: str
    barcode: str | None
    listed: int | None
    is_on: bool

    @property
    def service(self) -> ServiceId | None:
        return ServiceId(int(self.key[1:])) if self.key[0] == "s" else None

    @property
    def product(self) -> ProductId | None:
        return ProductId(int(self.key[1:])) if self.key[0] == "p" else None


_GOODS = """
    SELECT e.kind || e.id AS key, e.names, e.code, e.barcode, p.minor AS listed, e.retired_at IS NULL AS is_on
    FROM (SELECT 's' AS kind, id, code, names, category, NULL AS barcode, retired_at FROM service
        UNION ALL SELECT 'p', id, code, names, category, barcode, retired_at FROM product) e
    LEFT JOIN category c ON c.id = e.category
    LEFT JOIN LATERAL (SELECT minor, currency FROM price WHERE CASE e.kind WHEN 's' THEN service = e.id
            ELSE product = e.id END AND retired_at IS NULL AND valid_from <= $1 ORDER BY valid_from DESC LIMIT 1
        ) p ON p.currency = $2
    ORDER BY e.kind DESC, c.position NULLS LAST, c.id, e.code
"""


async def goods(day: date, currency: str) -> Mapping[str, Good]:
    """All services and then products by their keys, with what they cost in a currency on a business date."""
    rows = await db.fetch(_GOODS, day, currency)
    return {row["key"]: Good(**{**row, "names": json.loads(row["names"])}) for row in rows}


async def by_doers(
    services: Iterable[tuple[ServiceId, tuple[BookableId, ...]]], day: date, currency: str
) -> list[int | None]:
    """What each service costs that day when these do it; None where it has no price in that currency."""
    parts = [Part(service, doers, 0) for service, doers in services]
    found = await quoting.quotes(parts, day) if parts else []
    return [one[0] if one is not None and one[1] == currency else None for one in found]


@dataclass(frozen=True)
class Basis:
    """What the price of a visit follows from: what the programme grants on its business date, and the client's account.

    `held` with the nights through that date done; None: nobody is known.
    """

    on: date
    terms: Terms
    held: Account | None = None
    around: Live = REPLAY

    @property
    def programme(self) -> Programme:
        return self.terms.programme

    @property
    def tier(self) -> Tier | None:
        """The tier that was held then."""
        tiers = self.programme.tiers
        if tiers is None or self.held is None:
            return None
        return next((tier for tier in tiers.ladder if tier.code == self.terms.tier), None)

    @property
    def free_visit(self) -> Lot | None:
        """The free visit that would be taken, the one that ends first."""
        return next(iter(self.terms.free_visits), None)


async def basis(client: ClientId | None, on: date, today: date) -> Basis:
    """What the price of a client's visit of a business date follows from today; of nobody's: the rules alone."""
    if client is None:
        return Basis(on, terms.for_anybody(await queries.versions(), on))
    held = await accounts.account(client, on)
    around = await nights.around(held, today)
    held = _caught_up(held, on, around)
    return Basis(on, terms.for_client(held, on, around), held, around)


def _caught_up(held: Account, to: date, around: Live) -> Account:
    """An account as it is once the nights through a date are done."""
    if held.night >= to:
        return held
    card, events = done_through(held.versions, held.card, to, around)
    log = [Held.of(one, 0) for one in logged(held.versions, held.card, events)]
    for entry in posted(events):
        held.ledger.add(entry)
    return replace(held, night=card.night, held=[*held.held, *log])


@dataclass(frozen=True)
class Quote:
    """A visit as it would be: its price, and what it would bring. `covers`: which line a free visit would cover.

    `saves`: how much less it would cost by that, in minor units. `after`: the card as it would be then. `stamp_given`:
    it would earn a stamp, had the client's other visits of its date not earned all that one date may.
    """

    price: Price
    covers: int | None
    brings: Sequence[Event] = ()
    after: Card | None = None
    saves: int = 0
    stamp_given: bool = False

    @property
    def due(self) -> int:
        return self.price.due


def quote(of: Basis, lines: Sequence[Entered], *, free: bool = False, owes: int = 0) -> Quote:
    """What lines cost, and what finishing a visit with them brings if all of it but what it `owes` is paid at once."""
    counter, granted = of.programme.counter, of.terms
    able = counter is not None and of.free_visit is not None
    covers = free_line(counter, [line.asked for line in lines]) if able and counter is not None else None
    usual = priced(granted.programme, lines, granted.percentages)
    price = usual
    saves = 0
    if covers is not None:
        played = priced(granted.programme, lines, granted.percentages, free=True)
        price, saves = played if free else usual, usual.due - played.due
    if of.held is None or not lines:
        return Quote(price, covers, saves=saves)
    held = of.held
    finished = Finished(of.on, price, max(0, price.due - owes), held.ledger.stamped(of.on))
    change = held.change(finished.attended, terms.LATEST, None, finished.attended, of.around, None)
    if of.on < held.night or change.since:
        after, events = finish_late(held.versions, change, held.card, finished, of.around)
    else:
        after, events = visits.finish(of.programme, held.card, finished, of.around)
    earns = visits.earns_stamp(of.programme, replace(finished, stamped=0))
    given = earns and not visits.earns_stamp(of.programme, finished)
    return Quote(price, covers, events, after, saves, given)
