"""What clients go by on pages: their name, or that they were erased."""

from __future__ import annotations

from console import i18n
from console.domain.clients.queries import ClientView


def name(one: ClientView) -> str:
    """What a client goes by."""
    return one.names.shown or erased()


def erased() -> str:
    """What stands where the name of an erased client was."""
    return i18n.upper_first(i18n.gettext("words.erased_client"))
