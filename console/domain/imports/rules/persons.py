"""Who is one person in files without codes, of whom one row says less than another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from console.domain.imports.rules.rows import Guest, Offered, Row
from console.domain.text import fold

Said = tuple[str, str]
"""The key that a row has of itself, and the name in it, folded."""


def persons(rows: Iterable[Row]) -> Mapping[Said, str]:
    """By what a row says of somebody without a code, the key of the one person whom it can be.

    A phone says more than an email, and that more than a name of two words. What may be either of two is somebody
    else, and so is whoever has an email together with others of another name.
    """
    everybody = {row.guest for row in rows if not isinstance(row, Offered) and row.guest}
    codes = {guest.key for guest in everybody if guest.coded}
    guests = [guest for guest in everybody if guest.key not in codes]
    same = _by_email(guests)
    names: dict[str, set[str]] = defaultdict(set)
    for guest in guests:
        if guest.phone or guest.email:
            names[fold(guest.name)].add(same.get(said(guest), guest.key))
    return same | {(name, name): key for name, (key, *others) in names.items() if not others and " " in name}


def said(guest: Guest) -> Said:
    """What a row says of who somebody is."""
    return guest.key, fold(guest.name)


def _by_email(guests: Iterable[Guest]) -> dict[Said, str]:
    """Of those who have an email and no phone. An email that several names have is of nobody alone, but with a name."""
    having: dict[str, set[Guest]] = defaultdict(set)
    for guest in guests:
        if guest.email:
            having[fold(guest.email)].add(guest)
    same: dict[Said, str] = {}
    for email, theirs in having.items():
        shared = len({fold(guest.name) for guest in theirs if guest.named}) > 1
        for guest in theirs:
            if not guest.phone and (guest.named or not shared):
                phones = {one.key for one in theirs if one.phone and not (shared and said(one)[1] != said(guest)[1])}
                own = f"{email} {fold(guest.name)}" if shared else email
                same[said(guest)] = phones.pop() if len(phones) == 1 else own
    return same
