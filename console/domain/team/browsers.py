"""By what an account knows a browser that signed in to it before, and where a browser is in the network."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address

from console.domain import db
from console.domain.ids import StaffId

_KNOWN = re.compile(r"[A-Za-z0-9_-]{24}(?:\.[0-9a-f]{32})*")
KNOWN_FOR = timedelta(days=365)
MOST_KNOWN = 12
"""How many accounts one browser is known to: those last signed in to."""


@dataclass(frozen=True)
class Browser:
    """Where a request came from; `known` is the cookie by which accounts know the browser, empty without one."""

    address: str
    agent: str
    known: str = ""

    @property
    def network(self) -> str:
        """What one visitor has of the network: an IPv4 address, or the /64 of an IPv6 one."""
        try:
            address = ip_address(self.address)
        except ValueError:
            return self.address[:60]
        if not isinstance(address, IPv6Address):
            return str(address)
        return str(address.ipv4_mapped or IPv6Network((int(address), 64), strict=False))


def is_known(staff: StaffId, password_hash: str | None, browser: Browser) -> bool:
    """Whether the browser signed in to this account before, with the password that it has now.

    The cookie is a random name and a mark per account. A mark is an HMAC of the name with the hash of the account's
    password as its key: nothing is stored, nobody else can make one, and a new password ends them all.
    """
    name, *marks = name_and_marks(browser)
    right = _mark(name, staff, password_hash) if password_hash else ""
    return any(hmac.compare_digest(right, mark) for mark in marks)


async def known_cookie(staff: StaffId, browser: Browser) -> str:
    """The cookie by which the account knows this browser from now on; empty where it has no password."""
    password_hash = await db.fetchval("SELECT password_hash FROM staff WHERE id = $1", staff)
    if password_hash is None:
        return ""
    name, *marks = name_and_marks(browser)
    mark = _mark(name, staff, password_hash)
    return ".".join([name, mark, *(other for other in marks if other != mark)][: MOST_KNOWN + 1])


def name_and_marks(browser: Browser) -> list[str]:
    """What the cookie says; a new name where there is none of ours."""
    return browser.known.split(".") if _KNOWN.fullmatch(browser.known) else [secrets.token_urlsafe(18)]


def _mark(name: str, staff: StaffId, password_hash: str) -> str:
    return hmac.new(password_hash.encode(), f"browser:{staff}:{name}".encode(), hashlib.sha256).hexdigest()[:32]
