"""Whom to speak with at a client who was found by it: by the contact's name, phone or email, not by their own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from console.domain.clients import typed as rules
from console.domain.clients.hits import Hit, Matched
from console.domain.clients.parts import ContactView
from console.domain.clients.queries import ClientView
from console.domain.clients.typed import Typed
from console.domain.text import fold


def met(one: ClientView, hit: Hit, typed: Typed, contacts: Sequence[ContactView]) -> ContactView | None:
    """The contact who fits; None where the client does without one."""
    value = hit.value or ""
    match hit.matched:
        case Matched.PHONE:
            own = any(_digits(phone.number) == value for phone in one.phones)
            return None if own else next((it for it in contacts if _digits(it.phone) == value), None)
        case Matched.EMAIL:
            own = any(email.address.lower().endswith(value) for email in one.emails)
            return None if own else next((it for it in contacts if (it.email or "").lower().endswith(value)), None)
        case Matched.NAME:
            return _named(one, typed, contacts)
    return None


def own_person(one: ClientView, hit: Hit, typed: Typed) -> str:
    """The company's own person by whom it was found; nothing where its name alone fits, or somebody else does."""
    if hit.matched is not Matched.NAME or not one.is_company:
        return ""
    company, person = fold(one.names.company or "").split(), fold(one.names.whole).split()
    others = [word for word in words(typed) if not _fits(company, word)]
    return one.names.whole if others and all(_fits(person, word) for word in others) else ""


def words(typed: Typed) -> list[str]:
    """The folded words that were typed."""
    return [word for reading in typed.readings for word in reading.words]


def _named(one: ClientView, typed: Typed, contacts: Sequence[ContactView]) -> ContactView | None:
    own = one.names.folded.split()
    others = [word for word in words(typed) if not _fits(own, word)]
    return next((it for it in contacts if others and all(_fits(fold(it.name).split(), each) for each in others)), None)


def _fits(known: Sequence[str], typed: str) -> bool:
    return any(rules.nearness(word, typed, rules.SHORTEST_FORGIVEN) is not None for word in known)


def _digits(number: str | None) -> str:
    return re.sub(r"\D", "", number or "")
