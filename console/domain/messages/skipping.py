"""Why messages that are due will be skipped, as their clients wish and channels are set up: as `ways.way`, in SQL."""

from __future__ import annotations

from collections.abc import Collection

from console.domain.clients.rules import Channel, Purpose
from console.domain.messages.rules import WRITTEN, Reason
from console.domain.messages.ways import PURPOSES, barred

BY_HAND = " OR ".join(f"m.kind = '{kind}'" for kind in WRITTEN)
_PURPOSE = " ".join(f"WHEN '{kind}' THEN '{purpose}'" for kind, purpose in PURPOSES.items())


def _bar(channel: Channel, addresses: str, set_up: Collection[Channel]) -> str:
    """What bars a channel to the client, NULL where it is open: as `ways.way` has it."""
    agreed = (
        "coalesce((SELECT s.given FROM client_consent s WHERE s.client = p.whose"  # noqa: S608
        f" AND s.channel = '{channel}' AND s.purpose = coalesce(CASE m.kind {_PURPOSE} END, '{Purpose.REMINDERS}')"
        f" ORDER BY s.id DESC LIMIT 1), CASE m.kind {_PURPOSE} END IS NULL)"
    )
    unready = "" if channel in set_up else f" ELSE '{Reason.NO_CHANNEL}'"
    return (
        f"CASE WHEN p.{addresses} = '[]' THEN '{Reason.NO_ADDRESS}'"
        f" WHEN NOT {agreed} THEN '{Reason.NO_CONSENT}'{unready} END"
    )


PROFILE = (
    "LEFT JOIN LATERAL (SELECT k.client AS whose, k.channel AS wishes, k.phones, k.emails, k.zone FROM client_profile k"
    " WHERE k.client = m.client) p ON true"
)


def skipped(set_up: Collection[Channel]) -> str:
    """Why what is due will be skipped, as its client's wishes are and as channels are set up.

    From the message `m` and their profile `p`.
    """
    bars = f"({_bar(Channel.EMAIL, 'emails', set_up)}) || ' ' || ({_bar(Channel.SMS, 'phones', set_up)})"
    why = " ".join(f"WHEN '{email} {sms}' THEN '{why}'" for (email, sms), why in barred(set_up).items())
    return (
        "CASE WHEN m.retired_at IS NOT NULL OR m.status <> 'due' OR m.channel IS NOT NULL"
        f" OR {BY_HAND} THEN NULL WHEN p.wishes = 'none' THEN 'wants_none' ELSE CASE {bars} {why} END END"
    )
