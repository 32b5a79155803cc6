"""Who is one person in files without codes, of whom one row says less than another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from console.domain.imports.rules.rows import Offered, Row
from console.domain.text import fold


def persons(rows: Iterable[Row]) -> Mapping[str, str]:
    """By a key that says less of somebody without a code, the key of the one person whom it can be.

    A phone says more than an email, and that more than a name. What may be either of two is somebody else.
    """
    everybody = {row.guest for row in rows if not isinstance(row, Offered) and row.guest}
    codes = {guest.key for guest in everybody if guest.coded}
    guests = [guest for guest in everybody if guest.key not in codes]
    emails: dict[str, set[str]] = defaultdict(set)
    for guest in guests:
        if guest.phone and guest.email:
            emails[fold(guest.email)].add(guest.key)
    same = {email: key for email, (key, *others) in emails.items() if not others}
    names: dict[str, set[str]] = defaultdict(set)
    for guest in guests:
        if guest.phone or guest.email:
            names[fold(guest.name)].add(same.get(guest.key, guest.key))
    return same | {name: key for name, (key, *others) in names.items() if not others}
