"""Clients: who they are (personal, erasable), and what stays under a pseudonym."""

from __future__ import annotations

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    BigSerial,
    Boolean,
    Date,
    ForeignKey,
    OnDelete,
    OnUpdate,
    Text,
    Timestamptz,
)
from piccolo.table import Table

from console.domain.db import ENGINE
from console.domain.roster.tables import Bookable
from console.domain.tables import (
    ActorRow,
    Entity,
    apart_from_clients,
    entity,
    keyed,
    log_of,
    of_client,
    operation_column,
    personal,
)


@of_client("profile")
@entity
class Client(Entity, Table, tablename="client", db=ENGINE):
    """A client as everything else refers to them: a pseudonym. `pseudonym` tells them apart across restored backups."""

    pseudonym = UUID(null=False, default=None)
    erased_at = Timestamptz(null=True, default=None)


def client_column(*, null: bool = False) -> ForeignKey[Client]:
    return ForeignKey(Client, null=null, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)


@of_client("profile")
@personal(
    given_name=None,
    middle_name=None,
    family_name=None,
    company=None,
    tax_number=None,
    phones=[],
    emails=[],
    birthday=None,
    address=None,
    tags=[],
    folded="",
)
@entity
class ClientProfile(Entity, Table, tablename="client_profile", db=ENGINE):
    """What is said of a client; one of each. With a `company` it is a business client.

    `phones`: `[{"number": E.164, "label": text}]`, `emails`: `[{"address": text, "label": text}]`, the first one
    meant where one is enough. `birthday`: 1990-05-12, or 05-12 without its year. `preferred`: the person who usually
    serves them. `source`: how they heard of us. `channel`: how messages go to them where they said how, `none` where
    they want none. `zone`: where they live by the clock, None where they do at home. `folded`: every word that they are
    found by, as `text.fold` writes it.
    """

    client = client_column()
    given_name = Text(null=True, default=None)
    middle_name = Text(null=True, default=None)
    family_name = Text(null=True, default=None)
    company = Text(null=True, default=None)
    tax_number = Text(null=True, default=None)
    phones = JSONB(null=False, default=None)
    emails = JSONB(null=False, default=None)
    birthday = Text(null=True, default=None)
    address = Text(null=True, default=None)
    language = Text(null=True, default=None)
    preferred = ForeignKey(Bookable, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    tags = Array(base_column=Text(), null=False, default=None)
    joined_on = Date(null=False, default=None)
    source = Text(null=True, default=None)
    channel = Text(null=True, default=None)
    zone = Text(null=True, default=None)
    folded = Text(null=False, default=None)


@of_client("contacts")
@personal(name=None, role=None, phone=None, email=None, folded="")
@entity
class ClientContact(Entity, Table, tablename="client_contact", db=ENGINE):
    """A person to speak with at a client's. `phone` as E.164."""

    client = client_column()
    name = Text(null=True, default=None)
    role = Text(null=True, default=None)
    phone = Text(null=True, default=None)
    email = Text(null=True, default=None)
    folded = Text(null=False, default=None)


@of_client("sites")
@personal(name=None, address=None, note=None)
@entity
class ClientSite(Entity, Table, tablename="client_site", db=ENGINE):
    """A place of a client's where the work is done. `note`: how to get in."""

    client = client_column()
    name = Text(null=True, default=None)
    address = Text(null=True, default=None)
    note = Text(null=True, default=None)


@of_client("notes")
@personal(text=None)
@entity
class ClientNote(Entity, Table, tablename="client_note", db=ENGINE):
    """What staff should know of a client. One that is `loud` jumps out wherever the client is shown."""

    client = client_column()
    text = Text(null=True, default=None)
    loud = Boolean(null=False, default=None)


@of_client("consents")
@log_of("channel", "purpose", "given")
@entity
class ClientConsent(Entity, Table, tablename="client_consent", db=ENGINE):
    """An entry of the consent log: given or taken back, for a channel and a purpose. The latest one holds. Append-only.

    `at`: when it was given or taken back, the end of the day where it was written down on a later one; `source`: how
    we know.
    """

    client = client_column()
    channel = Text(null=False, default=None)
    purpose = Text(null=False, default=None)
    given = Boolean(null=False, default=None)
    at = Timestamptz(null=False, default=None)
    source = Text(null=False, default=None)


@of_client("cards")
@keyed("number")
@keyed("client", "lost_at", by="CASE WHEN {row}.lost_at IS NULL THEN {row}.client END")
@entity
class ClientCard(Entity, Table, tablename="client_card", db=ENGINE):
    """A card in a client's hand: eight digits, the last one a check digit. A lost one is never accepted again."""

    client = client_column()
    number = Text(null=False, default=None)
    lost_at = Timestamptz(null=True, default=None)


class Erasure(Table, tablename="erasure", db=ENGINE):
    """That a person was erased, kept to erase them again after a backup was restored. Append-only."""

    id = BigSerial(primary_key=True)
    operation = operation_column()
    pseudonym = UUID(null=False, default=None)
    at = Timestamptz(null=False, default=None)


class ClientWord(Table, tablename="client_word", db=ENGINE):
    """A word that some client is found by, as `text.fold` writes it. It goes with its last token."""

    word = Text(primary_key=True, null=False, default=None)


@apart_from_clients("made by the database from their names")
class ClientToken(Table, tablename="client_token", db=ENGINE):
    """That a client is found by a word. Kept by the database, as `client_reach` is: nothing else writes it."""

    id = BigSerial(primary_key=True)
    client = client_column()
    word = ForeignKey(ClientWord, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    retired = Boolean(null=False, default=None)


@apart_from_clients("made by the database from their phones and emails")
class ClientReach(Table, tablename="client_reach", db=ENGINE):
    """A phone or an email that a client is found by, their own or a contact's; or their number for the taxes.

    `value` of a `phone` or `tax`: its digits from the last to the first; of an `email`: the address from where one of
    its parts begins (`anna.k@mail.ru`, `k@mail.ru`, `@mail.ru`).
    """

    id = BigSerial(primary_key=True)
    client = client_column()
    kind = Text(null=False, default=None)
    value = Text(null=False, default=None)
    retired = Boolean(null=False, default=None)


@apart_from_clients("says which colleague looked at what, and goes with an erasure")
class ClientOpened(Table, tablename="client_opened", db=ENGINE):
    """When somebody last opened a client's card; the latest few of each actor."""

    id = BigSerial(primary_key=True)
    actor = ForeignKey(ActorRow, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    client = client_column()
    at = Timestamptz(null=False, default=None)
