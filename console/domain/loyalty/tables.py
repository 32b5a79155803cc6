"""The programme's versions, and what each client holds by them."""

from __future__ import annotations

from piccolo.columns import JSONB, Array, BigInt, Date, Integer, Text, Timestamptz
from piccolo.table import Table

from console.domain.clients.tables import client_column
from console.domain.db import ENGINE
from console.domain.tables import (
    Entity,
    entity,
    following,
    gone_once_retired,
    holding_ids,
    keyed,
    log_of,
    of_client,
    told_new_by,
)


@gone_once_retired
@keyed("effective_from")
@keyed("published_at", by="({row}.published_at IS NULL OR NULL)")
@entity
class ProgrammeVersion(Entity, Table, tablename="programme_version", db=ENGINE):
    """The rules of the programme, as `rules.written` reads them; a service is named in them by its id.

    A draft until it is published: then it has a number and the business date from which it is in force, and stays as
    it is. Retired: a draft that was dropped, or a version withdrawn before it came into force.
    """

    rules = JSONB(null=False, default=None)
    number = Integer(null=True, default=None)
    effective_from = Date(null=True, default=None)
    published_at = Timestamptz(null=True, default=None)


@of_client("loyalty")
@entity
class LoyaltyAccount(Entity, Table, tablename="loyalty_account", db=ENGINE):
    """What the ledger of a client adds up to, kept in the transaction that writes it.

    `stamps` may be below zero after an undo. `tier`: the code of the tier held, None before any version has tiers;
    `drops_on`: the date of the drop that an open warning told of. `night`: the last business date whose night is done,
    `next_night` the first one that may change anything, None: none.
    """

    client = client_column()
    stamps = Integer(null=False, default=None)
    free_visits = Integer(null=False, default=None)
    tier = Text(null=True, default=None)
    drops_on = Date(null=True, default=None)
    night = Date(null=False, default=None)
    next_night = Date(null=True, default=None)


@of_client("loyalty")
@log_of("unit", "verb", "delta")
@entity
class LoyaltyEntry(Entity, Table, tablename="loyalty_entry", db=ENGINE):
    """A line of a client's ledger (see `rules.ledger.Entry`). Append-only.

    `source`: what posted it (a visit, a night, an undo), which may post the same once. `snapshot`: what it was judged
    by, for whoever asks why.
    """

    client = client_column()
    unit = Text(null=False, default=None)
    verb = Text(null=False, default=None)
    delta = BigInt(null=False, default=None)
    on = Date(null=False, default=None)
    lot = Integer(null=True, default=None)
    through = Date(null=True, default=None)
    visit = BigInt(null=True, default=None)
    free_visit = Integer(null=True, default=None)
    source = Text(null=False, default=None)
    snapshot = JSONB(null=False, default=None)


@of_client("loyalty")
@log_of("event", "on", "tier")
@entity
class TierEntry(Entity, Table, tablename="tier_entry", db=ENGINE):
    """A change of the tier that a client holds, or of the warning about it: `tier` and `drops_on` are as after it.

    Append-only. `before`: the tier until then; tiers by their codes, None where there is no ladder. `snapshot`: what
    it was judged by.
    """

    client = client_column()
    event = Text(null=False, default=None)
    on = Date(null=False, default=None)
    tier = Text(null=True, default=None)
    before = Text(null=True, default=None)
    drops_on = Date(null=True, default=None)
    visit = BigInt(null=True, default=None)
    source = Text(null=False, default=None)
    snapshot = JSONB(null=False, default=None)


@of_client("loyalty")
@following
@told_new_by("ticket", "first")
@entity
class LoyaltyPause(Entity, Table, tablename="loyalty_pause", db=ENGINE):
    """That what would expire of a client's stamps and free visits waits while the ticket of a number is open.

    On business dates from the `first` through the `last` one, None: it is open. What was is so for good: whatever
    becomes of the ticket later begins another one.
    """

    client = client_column()
    ticket = Integer(null=False, default=None)
    first = Date(null=False, default=None)
    last = Date(null=True, default=None)


@of_client("loyalty")
@keyed("client")
@told_new_by("number")
@gone_once_retired
@entity
class Membership(Entity, Table, tablename="membership", db=ENGINE):
    """That a client accepted the rules of the programme's version with this number, at an instant.

    One in use a client: retired once they accept other rules, or take it back.
    """

    client = client_column()
    number = Integer(null=False, default=None)
    at = Timestamptz(null=False, default=None)


@of_client("loyalty")
@keyed("client")
@holding_ids(categories="category")
@told_new_by("bp", "categories")
@gone_once_retired
@entity
class FixedCard(Entity, Table, tablename="fixed_card", db=ENGINE):
    """A discount in basis points that a client holds instead of a tier, on all services (None) or on categories.

    It holds from a business date until the one on which it was retired, that one not included.
    """

    client = client_column()
    bp = Integer(null=False, default=None)
    categories = Array(base_column=BigInt(), null=True, default=None)
    valid_from = Date(null=False, default=None)
