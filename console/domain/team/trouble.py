"""Why a letter to staff did not leave: a word of ours, and what the mail server said to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

UNSETTLED = {"due", "claimed", "failed", "unknown"}
"""What a letter's status is that neither left nor is kept on purpose."""
OVERDUE = timedelta(minutes=5)
"""How long after its time a letter that nobody took up shows that no worker runs."""


class Cause(StrEnum):
    """What went wrong, as far as staff or an operator can do something about it."""

    LINK = "link"
    """The letter's link ran out or was replaced before the letter could leave."""
    ADDRESS = "address"
    """Mail cannot carry the address."""
    RECIPIENT = "recipient"
    """The server refuses the recipient for good."""
    REFUSED = "refused"
    """The server refuses the sender or the letter for good."""
    LATER = "later"
    """The server asks to come again."""
    LOGIN = "login"
    """The server does not take the name and the password of SMTP_URL."""
    NO_TLS = "no_tls"
    """The server offers no TLS, or a certificate that is not its own."""
    AWAY = "away"
    """The server cannot be reached, or hung up before it was given the letter."""
    SILENT = "silent"
    """The server was given the letter and never said whether it took it."""
    KILLED = "killed"
    """The worker ended while it sent the letter."""
    NOBODY = "nobody"
    """No worker took the letter up."""
    OURS = "ours"
    """A fault of the console's."""


UNANSWERED = (Cause.SILENT, Cause.KILLED)
"""What leaves open whether it arrived."""


@dataclass(frozen=True)
class Trouble:
    """What is noted at a letter; `said` is what the mail server said, of a refusal its codes, or empty."""

    cause: Cause
    said: str = ""

    def __str__(self) -> str:
        """One printable line, whatever bytes a server sends."""
        said = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in " ".join(self.said.split()))
        return f"{self.cause}: {said}" if said else str(self.cause)

    @classmethod
    def read(cls, noted: str) -> Trouble:
        """What `str` wrote; what an earlier version noted is the server's saying."""
        word, _, said = noted.partition(": ")
        try:
            return cls(Cause(word), said)
        except ValueError:
            return cls(Cause.LATER, noted)

    @classmethod
    def of(cls, status: str | None, noted: str | None, due_at: datetime | None, now: datetime) -> Trouble | None:
        """Why a letter has not left, or nobody knows whether it did; None where all is well.

        By its status, what was noted at it, and when it is taken up or was last.
        """
        if status not in UNSETTLED:
            return None
        if noted:
            return cls.read(noted)
        if status in {"due", "claimed"}:
            return cls(Cause.NOBODY) if due_at and due_at < now - OVERDUE else None
        return cls(Cause.KILLED if status == "unknown" else Cause.REFUSED)
