"""What the lived business works with: its place, people, crews, things and offer, by the words of the plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from console.domain.business.queries import LocationView
from console.domain.clock import WallTime
from console.domain.ids import BookableId, MethodId, ProductId, ServiceId
from console.domain.visits.rules import Entered
from console.living.rules.fates import Moment
from console.living.rules.free import Spot


@dataclass(frozen=True)
class Shop:
    """Where and with whom it is done; prices in minor units by the codes of services and products."""

    language: str
    location: LocationView
    people: Sequence[BookableId]
    crews: Sequence[BookableId]
    things: Mapping[str, BookableId]
    services: Mapping[str, ServiceId]
    products: Mapping[str, ProductId]
    prices: Mapping[str, int]
    methods: Sequence[MethodId]

    def at(self, moment: Moment) -> datetime:
        """The instant of a moment on the wall."""
        return WallTime(moment.day, moment.minute).bound(ZoneInfo(self.location.zone))

    def doers(self, spot: Spot) -> frozenset[BookableId]:
        """Who and what does it there."""
        own = [self.people[who] for who in spot.people] if spot.crew is None else [self.crews[spot.crew]]
        return frozenset([*own, *([self.things[spot.thing]] if spot.thing else [])])

    def lines(self, codes: Sequence[str], product: str | None = None) -> tuple[Entered, ...]:
        """The lines of a visit at the list's prices."""
        served = [Entered(self.prices[code], service=self.services[code]) for code in codes]
        sold = [Entered(self.prices[product], product=self.products[product])] if product else []
        return (*served, *sold)
