"""Taking everything off a card on which a programme that was run over what was before put it. Values only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from console.domain.loyalty.rules.entries import Entry, Unit, Verb
from console.domain.loyalty.rules.ledger import Ledger


def emptied(ledger: Ledger, on: date) -> Iterator[Entry]:
    """What takes away, on a date, all stamps and free visits that there are, and those that were used or have ended.

    Nothing of them counts any more, nor comes back; a stamp is no more its visit's.
    """
    visits = {lot: visit for visit, lot in ledger.earned.items()}
    for unit, lots in ((Unit.FREE_VISIT, ledger.free_visits), (Unit.STAMP, ledger.stamps)):
        for number, held in lots.items():
            if not held.count and (held.lot.expired or held.spent_for is not None):
                through = held.lot.through
                yield Entry(unit, Verb.REVERSE, 1, on, number, through, free_visit=held.spent_for)
            if held.count or held.lot.expired or held.spent_for is not None:
                visit = visits.get(number) if unit is Unit.STAMP else None
                yield Entry(unit, Verb.WITHDRAW, -1, on, number, visit=visit)
