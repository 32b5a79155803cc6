"""Whole numbers, amounts of money and shares."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision

from console import i18n
from console.domain.money import BP
from console.routes._fields.field import Bad, Field


def whole(name: str, low: int, high: int, **options: Any) -> Field:
    """A whole number within bounds."""

    def read(typed: str) -> int:
        digits = re.sub(r"[\s\u00a0\u202f]", "", typed).replace("\u2212", "-")
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", digits):
            raise Bad("problem.whole", low=low, high=high)
        number = int(digits)
        if not low <= number <= high:
            raise Bad("problem.range", low=low, high=high)
        return number

    return Field(name, read, kind="number", limit=40, inputmode="numeric", **options)


_IN_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?")


def money(name: str, currency: str, **options: Any) -> Field:
    """An amount of 0 or more, in minor units of a currency: 1 500, 1500.50, 1 500,50; in English also 1,500.50.

    A comma before three digits stands for thousands where amounts have no three places: there it could be either.
    """
    places = get_currency_precision(currency)

    def read(typed: str) -> int:
        digits = re.sub(r"[\s\u00a0\u202f]", "", typed)
        if i18n.current() == "en" and _IN_THOUSANDS.fullmatch(digits):
            if places == len("000") and "." not in digits and digits.count(",") == 1:
                raise Bad("problem.money", example=i18n.plain_money(150050, currency))
            digits = digits.replace(",", "")
        digits = digits.replace(",", ".").replace("\u2212", "-")
        if re.fullmatch(r"-[0-9]+(?:\.[0-9]+)?", digits):
            raise Bad("problem.money_below_zero")
        if re.fullmatch(r"[0-9]{11,}(?:\.[0-9]+)?", digits):
            raise Bad("problem.money_too_much")
        if not re.fullmatch(rf"[0-9]{{1,10}}(?:\.[0-9]{{1,{places}}})?" if places else r"[0-9]{1,10}", digits):
            raise Bad("problem.money", example=i18n.plain_money(150050 if places else 1500, currency))
        return int(Decimal(digits).scaleb(places))

    def show(minor: int) -> str:
        return i18n.plain_money(minor, currency)

    params = {"currency": i18n.currency_sign(currency), **options.pop("params", {})}
    return Field(name, read, kind="number", limit=40, inputmode="decimal", show=show, params=params, **options)


def percent(name: str, *, least: int = 0, wrong: str = "problem.percent", **options: Any) -> Field:
    """A share in basis points from the `least` to the whole, typed as per cent with two places at most: 10, 7.5, 7,5 %.

    What is `wrong` with any other text is one problem: it names the bounds.
    """

    def read(typed: str) -> int:
        digits = re.sub(r"[\s\u00a0\u202f%]", "", typed).replace(",", ".")
        bp = int(Decimal(digits).scaleb(2)) if re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{1,2})?", digits) else BP + 1
        if not least <= bp <= BP:
            raise Bad(wrong)
        return bp

    return Field(name, read, kind="number", limit=40, inputmode="decimal", show=i18n.plain_percent, **options)
