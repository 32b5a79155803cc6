"""Why a person is erased."""

from __future__ import annotations

from enum import StrEnum


class Why(StrEnum):
    """The reason of an erasure: a code, since a text might say again who it was."""

    ASKED = "asked"
    NOT_NEEDED = "not_needed"
    MISTAKE = "mistake"
    RESTORED = "restored"
    """A restored backup brought somebody back who had been erased."""


OFFERED = (Why.ASKED, Why.NOT_NEEDED, Why.MISTAKE)
"""Those that somebody at the console may give."""
