"""A till: a priced service and product, a programme that has long been in force, and visits finished at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from console.domain import db
from console.domain.ids import ClientId, LocationId, MethodId, ProductId, ReasonId, VisitId
from console.domain.intent import TERMINAL, Intent, Outcome
from console.domain.loyalty import actions as programme
from console.domain.loyalty import queries
from console.domain.loyalty.presets import both
from console.domain.loyalty.rules.programme import Programme
from console.domain.visits import actions, refunds
from console.domain.visits.actions import Entered, Paid, Till
from tests import factories
from tests.cast import ANNA, NOW, VERA, Person
from tests.yard import Yard

USUAL = 200_000
SOAP = 35_000
CURRENCY = "EUR"
"""What a new business counts in."""
DAY = timedelta(days=1)


def means(who: Person = VERA, now: datetime = NOW, *, id: UUID | None = None, **said: Any) -> Intent:
    return Intent(id or uuid4(), who.actor, now, **said)


@dataclass(frozen=True)
class Desk:
    """Where visits are finished; `cash` lies in the drawer. `why` there is another price, and why a refund: `sorry`."""

    yard: Yard
    soap: ProductId
    cash: MethodId
    card: MethodId
    why: ReasonId
    sorry: ReasonId

    @property
    def location(self) -> LocationId:
        return self.yard.location

    @property
    def client(self) -> ClientId:
        return self.yard.client

    @property
    def clean(self) -> Entered:
        """A line with the usual service."""
        return Entered(USUAL, service=self.yard.service)

    @property
    def bar(self) -> Entered:
        """A line with a bar of soap."""
        return Entered(SOAP, product=self.soap)

    def till(self, due: int = USUAL, *, lines: Sequence[Entered] | None = None, **said: Any) -> Till:
        """The client's usual visit, paid in cash at once."""
        paid = said.pop("paid", due)
        values = {"client": self.client, "payments": (Paid(self.cash, paid),) if paid else (), **said}
        return Till(self.location, tuple(lines or (self.clean,)), due, **values)

    async def come(
        self, ago: int = 0, due: int = USUAL, *, who: Person = VERA, now: datetime = NOW, **said: Any
    ) -> Outcome[dict[str, int]]:
        """A visit so many days ago; `lines`, `paid`, `client`, `booking` and `free` as `till` takes them."""
        when = None if said.get("booking") else now - ago * DAY
        return await actions.finish(means(who, now), self.till(due, at=when, **said))

    async def card_of(self, client: int | None = None) -> dict[str, Any]:
        """What a client's account says."""
        row = await db.fetchrow(
            "SELECT stamps, free_visits, tier, drops_on FROM loyalty_account WHERE client = $1", client or self.client
        )
        assert row is not None
        return dict(row)

    async def refund(self, visit: int, minor: int = 0, *, who: Person = VERA, **said: Any) -> Outcome[dict[str, int]]:
        """Give back so much in cash; 0: nothing, since nothing was paid."""
        back = (Paid(self.cash, minor),) if minor else ()
        return await refunds.refund(means(who, **said), VisitId(visit), self.location, back, self.sorry)

    async def receive(self, visit: int, minor: int, *, who: Person = ANNA) -> Outcome[dict[str, int]]:
        """Money that was owed, in cash."""
        return await actions.pay(means(who), VisitId(visit), self.location, (Paid(self.cash, minor),))


async def desk(yard: Yard, rules: Programme | None = None) -> Desk:
    """A till in a yard, with the programme of the preset *both* for what a visit costs here, or another one."""
    await factories.price(yard.service, USUAL, currency=CURRENCY)
    soap = ProductId(await factories.product())
    await factories._insert("price", product=soap, valid_from=date(2026, 1, 1), minor=SOAP, currency=CURRENCY)
    await publish(rules or both(USUAL), date(2020, 1, 1))
    methods = [MethodId(row["id"]) for row in await db.fetch("SELECT id FROM payment_method ORDER BY position LIMIT 2")]
    reasons = [ReasonId(await factories.reason(use, names='{"en": "Why"}')) for use in ("price", "refund")]
    return Desk(yard, soap, *methods, *reasons)


async def publish(rules: Programme, since: date, now: datetime = NOW) -> None:
    """Put other rules in force from a date on, said at an instant."""
    one = await queries.draft()
    if one is None:
        await programme.start_draft(means(now=now), rules)
        one = await queries.draft()
    assert one is not None
    intent = Intent(uuid4(), TERMINAL, now)
    changed = await programme.change_draft(intent, one.id, one.version, rules)
    version = one.version + (changed.operation_id != 0)
    await programme.publish(Intent(uuid4(), TERMINAL, now), one.id, version, since)
