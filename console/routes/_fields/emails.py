"""An address that mail finds."""

from __future__ import annotations

from typing import Any

from console import i18n
from console.domain.addresses import LONGEST_EMAIL as LONGEST_EMAIL
from console.domain.addresses import BadAddress, address_in
from console.routes._fields.field import Bad, Field


def email(name: str = "email", **options: Any) -> Field:
    """An address as it is kept."""

    def read(typed: str) -> str:
        try:
            return address_in(typed)
        except BadAddress as bad:
            raise Bad(bad.problem.key, **bad.problem.params) from None

    return Field(name, read, kind="email", limit=LONGEST_EMAIL, show=i18n.email, **{"autocomplete": "off", **options})
