"""What a late cancellation or a no-show costs. Amounts in minor units, shares in basis points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from console.domain.errors import Problem
from console.domain.money import Money, share

MOST = 10**12
Quote = tuple[int, str] | None
"""What was quoted for a service, and in which currency; None where nothing was."""


class Cause(StrEnum):
    """What a fee is for."""

    LATE_CANCELLATION = "late_cancellation"
    NO_SHOW = "no_show"


@dataclass(frozen=True)
class Rule:
    """A location's fee: `minor` of a currency for each service, or `bp` of the price that was quoted. Neither: none."""

    minor: int | None = None
    currency: str | None = None
    bp: int | None = None


NONE = Rule()


def fee(rule: Rule, quotes: Sequence[Quote]) -> Money | None:
    """What a rule asks for the services of a booking; None where that is nothing.

    A share is taken of what was quoted in the currency of the first quote: it is one amount in one currency.
    """
    if rule.minor is not None and rule.currency is not None:
        asked = Money(rule.minor * len(quotes), rule.currency)
    else:
        asked = _share(rule.bp or 0, [one for one in quotes if one is not None])
    return asked if asked.minor else None


def _share(bp: int, quotes: Sequence[tuple[int, str]]) -> Money:
    if not quotes:
        return Money(0, "XXX")
    currency = quotes[0][1]
    return Money(share(sum(minor for minor, of in quotes if of == currency), bp), currency)


def problems(rules: Mapping[Cause, Rule]) -> dict[str, Problem]:
    """Why rules cannot be, by fields (`<cause>_minor`, `<cause>_bp`): one asks too much, or an amount and a share."""
    found: dict[str, Problem] = {}
    for cause, rule in rules.items():
        if rule.minor is not None and rule.bp is not None:
            found[f"{cause}_bp"] = Problem("problem.amount_or_share")
        if rule.minor is not None and not 0 < rule.minor <= MOST:
            found[f"{cause}_minor"] = Problem("problem.fee_amount")
        if rule.bp is not None and not 0 < rule.bp <= 10_000:
            found[f"{cause}_bp"] = Problem("problem.fee_share")
    return found
