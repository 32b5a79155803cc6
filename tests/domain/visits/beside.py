"""A client's life at the till beside the naive reading of the rules, while what happens is what the text makes plain.

That is visits in the order of their dates, nights, money more or less for the last one on the day of its posting, and
the undo of what was last.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date

from console.domain import db
from console.domain.ids import ClientId, OperationId
from console.domain.loyalty.accounts import account
from console.domain.loyalty.rules.programme import Programme
from console.domain.loyalty.rules.stamps import LEAST_LIFE
from tests.domain.loyalty.rules.naive import DAY, Line, Naive, Visit, is_as

BEGINNING = date(2020, 1, 1)


@dataclass(frozen=True)
class Came:
    """A visit as it was finished, and what is paid of it by now."""

    visit: int
    on: date
    line: Line
    free: bool
    paid: int


@dataclass(frozen=True)
class Done:
    """What an operation did with a visit: the model before it, and before the visit; None: it did not know by then."""

    operation: OperationId
    before: Naive | None
    came: Came
    first: Naive | None


class Beside:
    """`model`: the card as the text has it, None while it does not say. `done`: what stands, the latest last.

    `taken`: what was taken back last, by an operation, and the model before. `returned`: until when at least what such
    a visit had used is good, by its place and date.
    """

    def __init__(self, rules: Programme) -> None:
        self.model: Naive | None = Naive([(BEGINNING, rules)], BEGINNING)
        self.rules = rules
        self.night: date | None = None
        self.done: list[Done] = []
        self.taken: tuple[OperationId, Naive | None, Done] | None = None
        self.returned: dict[tuple[int, date], date] = {}

    def forget(self) -> None:
        """Something has happened that the text does not follow to the last day."""
        self.model, self.done, self.taken = None, [], None

    def nights(self, to: date, today: date) -> None:
        """The nights of whoever has an account by now."""
        if self.night is None or self.night >= to:
            return
        self.night = to
        if self.model:
            self.model.nights(to, today)

    def came(self, operation: OperationId, came: Came, due: int, today: date) -> None:
        if self.night is None:
            self.night = came.on - DAY
            if self.model:
                self.model.night = self.night
        self.nights(came.on, today)
        before, in_order = deepcopy(self.model), self._is_last(came.on)
        self._did(Done(operation, before, came, before if in_order else None))
        if not self.model or not in_order:
            self.model = None
            return
        assert not came.free or self.model.can_be_free(came.on, [came.line])
        assert self.model.visit(came.on, [came.line], came.free, came.paid) == [due]

    def _is_last(self, on: date) -> bool:
        assert self.night is not None
        return self.model is not None and on >= max([self.night, *(one.on for one in self.model.visits)])

    def paid(self, operation: OperationId, visit: int, more: int, today: date, *, full: bool = False) -> None:
        """A debt was received, or a part refunded; `full`: all of it."""
        self.nights(today, today)
        last = self.done[-1] if self.done else None
        if last is None or last.came.visit != visit:
            self.forget()
            return
        came = replace(last.came, paid=last.came.paid + more)
        self._did(Done(operation, self.model, came, last.first))
        if not self.model or not last.first or full or last.first.night != self.night:
            self.model = None
            return
        self.model = deepcopy(last.first)
        self.model.visit(came.on, [came.line], came.free, came.paid)

    def undone(self, operation: OperationId, by: OperationId, today: date) -> None:
        self.nights(today, today)
        if self.taken and self.taken[0] == operation:
            self._done_again(by)
        elif self.done and self.done[-1].operation == operation:
            self._taken_back(by, today)
        else:
            self.forget()

    def _taken_back(self, by: OperationId, today: date) -> None:
        last, now = self.done.pop(), self.model
        self.taken = by, now, last
        self.model = then = deepcopy(last.before)
        returns = last.came.free and last.came.visit not in {one.came.visit for one in self.done}
        if then is None:
            if returns:
                self.forget()
            return
        if returns:
            lot = min(then.free_visits)
            self.returned[lot.place, lot.on] = today + LEAST_LIFE
        least = ((one, self.returned.get((one.place, one.on), date.min)) for one in then.free_visits)
        then.free_visits = [one._replace(through=max(one.through, through)) for one, through in least]
        if then.night != self.night:
            assert self.night is not None
            then.nights(self.night, today)
            if not now or (then.tier, then.drops_on, then.issued) != (now.tier, now.drops_on, now.issued):
                self.model = None

    def _done_again(self, by: OperationId) -> None:
        assert self.taken
        _, model, last = self.taken
        if model and model.night != self.night:
            self.forget()
            return
        self._did(replace(last, operation=by))
        self.model = model

    def _did(self, done: Done) -> None:
        self.done.append(done)
        self.taken = None

    async def agrees(self, client: ClientId) -> bool:
        """Whether the account is as the model, and whatever has happened no lower than what stands attains."""
        assert self.rules.tiers
        held = await account(client, BEGINNING)
        card = held.card
        if held.id is None:
            return True
        stands = Naive([(BEGINNING, self.rules)], card.night, visits=await standing(client))
        is_high_enough = card.tier >= stands.attained(self.rules.tiers, card.night)
        return is_high_enough and (self.model is None or is_as(card, self.model))


async def standing(client: ClientId) -> list[Visit]:
    """The visits of a client that stand, as tiers see them."""
    rows = await db.fetch(
        'SELECT "on", EXISTS (SELECT FROM visit_line WHERE visit = v.id AND service IS NOT NULL)'
        "  AND (SELECT sum(unit * quantity) > 0 AND sum(free) = 0 FROM visit_line WHERE visit = v.id) AS counts,"
        " (SELECT coalesce(sum(minor), 0)::bigint FROM payment WHERE visit = v.id AND NOT tip) AS paid"
        " FROM visit v WHERE client = $1 AND retired_at IS NULL",
        client,
    )
    return [Visit(row["on"], row["counts"], row["paid"]) for row in rows]
