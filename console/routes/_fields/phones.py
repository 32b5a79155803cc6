"""A phone number that can be called."""

from __future__ import annotations

import re
from typing import Any

from console import i18n
from console.routes._fields.field import Bad, Field


def phone(name: str, **options: Any) -> Field:
    """A phone number, as E.164; without a country code it is one of the business's country."""
    import phonenumbers

    def read(typed: str) -> str:
        try:
            number = phonenumbers.parse(_ABROAD.sub("+", typed), i18n.region())
        except phonenumbers.NumberParseException:
            raise Bad("problem.phone") from None
        if number.extension:
            raise Bad("problem.phone_extension", extension=number.extension)
        if not phonenumbers.is_valid_number(number):
            raise _unknown_number(number)
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    return Field(name, read, kind="tel", limit=40, show=i18n.phone, **options)


_ABROAD = re.compile(r"^(?:tel:)?[\s(]*0[\s\-]?0(?=[\s\-()]*[1-9])", re.IGNORECASE)
"""How a number of another country begins where it was not typed with a plus."""


def _unknown_number(number: Any) -> Bad:
    """Why there is no such number in its country, with one that there is."""
    import phonenumbers

    example = phonenumbers.example_number(phonenumbers.region_code_for_country_code(number.country_code))
    if example is None:
        return Bad("problem.phone")
    more = len(phonenumbers.national_significant_number(number)) - len(
        phonenumbers.national_significant_number(example)
    )
    key = "problem.phone_short" if more < 0 else "problem.phone_long" if more > 0 else "problem.phone_unknown"
    shown = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return Bad(key, example=shown.replace(" ", "\u00a0"))
