"""Under which addresses this console is reached, and from which of them a form of its own comes."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from litestar.types import Scope

from console.config import Settings, own_url
from console.routes._assets import FOLDER

Place = tuple[str, int]
"""A host in lower case and a port."""

PORTS = {"http": 80, "https": 443}
PROBED = ("/livez", "/readyz")
"""What is answered under any name: probes know the machine's, and the page that says so needs its style."""


class Hosts:
    """The name of `PUBLIC_URL`, and those of this machine for whoever sits at it.

    Where it listens everywhere (`HOST=0.0.0.0`) and no `PUBLIC_URL` was given, every address in digits is taken too, on
    any port, for another may be mapped to ours. A browser that names one is connected to that very address, while
    another site can let any name lead here.
    """

    def __init__(self, settings: Settings) -> None:
        public = urlsplit(settings.public_url)
        self.scheme = public.scheme
        self.public = place(public.netloc, public.scheme)
        self.anywhere = settings.anywhere
        self.port = settings.port
        self.ports = {settings.port} | ({self.public[1]} if self.public and loopback(self.public[0]) else set())

    def take(self, scope: Scope) -> bool:
        """Whether a request means this console by its `Host`."""
        if scope["path"] in PROBED or scope["path"].startswith(FOLDER):
            return True
        named = _named(scope)
        if named is None:
            return False
        # A proxy that ends TLS need not say so: a name without a port means that of the public address.
        asked = place(named, scope["scheme"])
        return place(named, self.scheme) == self.public or (asked is not None and self._here(asked, scope))

    def sent_from_here(self, origin: str, scope: Scope) -> bool:
        """Whether a page of this console has that `Origin`: scheme, host and port."""
        scheme, _, netloc = origin.partition("://")
        sender = place(netloc, scheme)
        if sender is None:
            return False
        if (scheme, sender) == (self.scheme, self.public):
            return True
        asked = place(_named(scope) or "", scope["scheme"])
        return (scheme, sender) == (scope["scheme"], asked) and self._here(sender, scope)

    def where(self, scope: Scope) -> str | None:
        """By which address whoever asks can reach a console that nobody gave a name: the one that they came to."""
        server = scope["server"]
        return own_url(server[0], server[1] or self.port) if self.anywhere and server and in_digits(server[0]) else None

    def forwarded(self, scope: Scope) -> bool:
        """Whether a request was made at the public address, as its `Host` or its `Origin` says."""
        origins = [value.decode("latin-1").partition("://")[2] for name, value in scope["headers"] if name == b"origin"]
        return any(place(one, self.scheme) == self.public for one in (_named(scope) or "", *origins))

    def _here(self, asked: Place, scope: Scope) -> bool:
        if self.anywhere:
            return loopback(asked[0]) or in_digits(asked[0])
        server = scope["server"]
        ports = self.ports | ({server[1]} if server and server[1] else set())
        return loopback(asked[0]) and asked[1] in ports


def place(netloc: str, scheme: str) -> Place | None:
    """The host and port of what stands between `//` and the path; None where it names none."""
    try:
        parts = urlsplit(f"//{netloc}")
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname or parts.netloc != netloc or "@" in netloc:
        return None
    return parts.hostname, port or PORTS.get(scheme, 0)


def loopback(host: str) -> bool:
    """Whether a host is this machine as it is known to itself."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def in_digits(host: str) -> bool:
    """Whether a host is an address that somebody can be connected to, and no name."""
    try:
        return not ip_address(host).is_unspecified
    except ValueError:
        return False


def _named(scope: Scope) -> str | None:
    """The one `Host` of a request as it came; None where there is none, or more than one."""
    named = [value for name, value in scope["headers"] if name == b"host"]
    return named[0].decode("latin-1") if len(named) == 1 else None
