"""Why messages that are due will be skipped, as their clients wish and channels are set up: as `ways.way`, in SQL."""

from __future__ import annotations

from collections.abc import Collection

from console.domain.clients.rules import Channel, Purpose
from console.domain.messages.rules import WRITTEN
from console.domain.messages.ways import PURPOSES

BY_HAND = " OR ".join(f"m.kind = '{kind}'" for kind in WRITTEN)
_PURPOSE = " ".join(f"WHEN '{kind}' THEN '{purpose}'" for kind, purpose in PURPOSES.items())


def _open(channel: Channel, addresses: str) -> str:
    """Whether the client has an address of a channel, and is told such a thing there: as `ways.way` has it."""
    return (
        f"(p.{addresses} <> '[]' AND coalesce((SELECT s.given FROM client_consent s WHERE s.client = p.whose"  # noqa: S608
        f" AND s.channel = '{channel}' AND s.purpose = coalesce(CASE m.kind {_PURPOSE} END, '{Purpose.REMINDERS}')"
        f" ORDER BY s.id DESC LIMIT 1), CASE m.kind {_PURPOSE} END IS NULL))"
    )


PROFILE = (
    "LEFT JOIN LATERAL (SELECT k.client AS whose, k.channel AS wishes, k.phones, k.emails, k.zone FROM client_profile k"
    " WHERE k.client = m.client) p ON true"
)
_CHANNELS = {Channel.EMAIL: _open(Channel.EMAIL, "emails"), Channel.SMS: _open(Channel.SMS, "phones")}


def skipped(set_up: Collection[Channel]) -> str:
    """Why what is due will be skipped, as its client's wishes are and as channels are set up.

    From the message `m` and their profile `p`.
    """
    there = " OR ".join(said for channel, said in _CHANNELS.items() if channel in set_up) or "false"
    return (
        "CASE WHEN m.retired_at IS NOT NULL OR m.status <> 'due' OR m.channel IS NOT NULL"
        f" OR {BY_HAND} THEN NULL"
        " WHEN p.wishes = 'none' THEN 'wants_none' WHEN p.phones = '[]' AND p.emails = '[]' THEN 'no_address'"
        f" WHEN NOT ({' OR '.join(_CHANNELS.values())}) THEN 'no_consent' WHEN NOT ({there}) THEN 'no_channel' END"
    )
