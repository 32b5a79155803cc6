"""Values that must not be shown, logged or kept in an operation."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from uuid import UUID

_key = secrets.token_bytes(32)


def use_key(key: bytes) -> None:
    """Say by which key secrets are told apart: the same in every process that may be sent the same form."""
    global _key
    _key = key


def mark(of: bytes) -> bytes:
    """What something is known by again while nobody without our key can try out what it was; 32 bytes."""
    return hmac.new(_key, b"mark:" + of, hashlib.sha256).digest()


@dataclass(frozen=True, slots=True)
class Secret:
    """A password, code or token on its way through; `repr` hides it."""

    value: str = field(repr=False)

    def digest(self, intent_id: UUID) -> str:
        """What an intent is compared by: another secret under the same intent is another request.

        An HMAC, for operations are kept for good: a plain or slow hash in a stolen copy of them would let old
        passwords be guessed for ever, while the key does not lie in the database. The intent is part of it, so that
        two people with one password, or one who takes an old one again, cannot be told by their hashes.
        """
        text = self.value.encode("utf-8", "surrogatepass")
        return hmac.new(_key, intent_id.bytes + text, hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Aside:
    """What an operation needs beside what is asked: a hash salted anew each time, or what an intent's id implies.

    It is no part of what an intent is compared by; `repr` hides it.
    """

    value: str = field(repr=False)
