"""What a proxy in front leaves out: said once in the log, because nothing else would tell that it is missing."""

from __future__ import annotations

import logging

from litestar.types import Scope

from console.config import Settings
from console.routes._hosts import PROBED, Hosts

log = logging.getLogger(__name__)

UNKNOWN = (
    "%s forwards requests of others, and FORWARDED_ALLOW_IPS does not name it: whoever comes that way is counted as "
    "one visitor, and one who guesses passwords shuts the door to all."
)
SILENT = (
    "%s forwards requests without X-Forwarded-For: whoever comes that way is counted as one visitor, and one who "
    "guesses passwords shuts the door to all. See Deployment in README."
)


class Proxies:
    """Looks at requests until each of the two things was said."""

    def __init__(self, settings: Settings, hosts: Hosts) -> None:
        self.https = settings.https
        self.hosts = hosts
        self._left = {UNKNOWN, SILENT} if settings.forwarded_allow_ips != "*" else {SILENT}

    def look(self, scope: Scope) -> None:
        """Say what is missing, of a request as the server has it after the believed headers were read."""
        if not self._left or scope["path"] in PROBED or not scope["client"]:
            return
        visitor = scope["client"][0]
        named = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
        if named and not any(_is(visitor, one.strip()) for one in ",".join(named).split(",")):
            self._say(UNKNOWN, visitor)
        elif not named and self.https and self.hosts.forwarded(scope):
            self._say(SILENT, visitor)

    def _say(self, what: str, visitor: str) -> None:
        if what in self._left:
            self._left.discard(what)
            log.warning(what, visitor)


def _is(visitor: str, named: str) -> bool:
    """Whether an entry of X-Forwarded-For is that address, with or without a port."""
    return named == visitor or named.startswith((f"{visitor}:", f"[{visitor}]"))
