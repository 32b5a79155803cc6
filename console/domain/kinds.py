"""All kinds of operation there are: importing this module imports every concept's use cases, and who looks on."""

from __future__ import annotations

from console.domain import db
from console.domain import undo as _undo
from console.domain.booking import actions as _booking
from console.domain.booking import crews as _crews
from console.domain.booking import left_behind as _left_behind
from console.domain.booking import reasons as _reasons
from console.domain.booking import retelling as _retelling
from console.domain.booking import series as _series
from console.domain.booking import series_moves as _series_moves
from console.domain.booking import standing_in as _standing_in
from console.domain.booking import telling as _telling
from console.domain.booking import zones as _zones
from console.domain.business import actions as _business
from console.domain.business import holidays as _holidays
from console.domain.catalogue import actions as _catalogue
from console.domain.clients import actions as _clients
from console.domain.clients import cards as _cards
from console.domain.clients import consents as _consents
from console.domain.clients import contacts as _contacts
from console.domain.clients import erasing as _erasing
from console.domain.clients import notes as _notes
from console.domain.desk import actions as _desk
from console.domain.imports import actions as _imports
from console.domain.imports import erased as _imports_erased
from console.domain.imports import queries as _imports_named
from console.domain.imports import uploads as _uploads
from console.domain.loyalty import actions as _loyalty
from console.domain.loyalty import currency as _currency
from console.domain.loyalty import fixed_cards as _fixed_cards
from console.domain.loyalty import membership as _membership
from console.domain.loyalty import nights as _nights
from console.domain.messages import actions as _outbox
from console.domain.messages import own_texts as _own_texts
from console.domain.messages import settings as _messages
from console.domain.policies import actions as _policies
from console.domain.policies import trials as _trials
from console.domain.roster import actions as _roster
from console.domain.running import KINDS
from console.domain.team import accounts as _accounts
from console.domain.team import passwords as _passwords
from console.domain.team import profiles as _profiles
from console.domain.team import restored as _restored
from console.domain.team import two_step as _two_step
from console.domain.tickets import actions as _tickets
from console.domain.tickets import dues as _ticket_dues
from console.domain.tickets import files as _ticket_files
from console.domain.tickets import holds as _ticket_holds
from console.domain.tickets import letters as _ticket_letters
from console.domain.tickets import links as _ticket_links
from console.domain.tickets import mail as _ticket_mail
from console.domain.tickets import ratings as _ticket_ratings
from console.domain.tickets import settings as _ticket_settings
from console.domain.tickets import telling as _ticket_telling
from console.domain.tickets import undelivered as _ticket_undelivered
from console.domain.tickets import views as _ticket_views
from console.domain.tickets.remedies import actions as _remedies
from console.domain.tickets.remedies import limits as _remedy_limits
from console.domain.tickets.remedies import queries as _remedies_named
from console.domain.visits import actions as _visits
from console.domain.visits import debts as _debts
from console.domain.visits import fees as _fees
from console.domain.visits import methods as _methods
from console.domain.visits import opening as _opening
from console.domain.visits import refunds as _refunds
from console.domain.visits import stamping as _stamping
from console.domain.visits import thanks as _thanks
from console.domain.visits import tills as _tills

__all__ = ["KINDS", "UnknownKind", "check"]

_actions = (
    _undo,
    _business,
    _holidays,
    _accounts,
    _passwords,
    _profiles,
    _restored,
    _two_step,
    _roster,
    _catalogue,
    _clients,
    _cards,
    _consents,
    _contacts,
    _erasing,
    _notes,
    _desk,
    _imports,
    _imports_erased,
    _imports_named,
    _uploads,
    _loyalty,
    _currency,
    _fixed_cards,
    _membership,
    _nights,
    _messages,
    _own_texts,
    _outbox,
    _policies,
    _trials,
    _booking,
    _left_behind,
    _zones,
    _telling,
    _retelling,
    _reasons,
    _series,
    _series_moves,
    _standing_in,
    _crews,
    _methods,
    _visits,
    _debts,
    _opening,
    _refunds,
    _stamping,
    _fees,
    _thanks,
    _tills,
    _tickets,
    _ticket_dues,
    _ticket_files,
    _ticket_holds,
    _ticket_letters,
    _ticket_links,
    _ticket_mail,
    _remedies,
    _remedy_limits,
    _remedies_named,
    _ticket_ratings,
    _ticket_settings,
    _ticket_telling,
    _ticket_undelivered,
    _ticket_views,
)


class UnknownKind(RuntimeError):
    """The database holds kinds that this code does not know, or the other way round."""


async def check() -> None:
    """Refuse to start on a database whose operations this code could not explain or undo."""
    stored = {row["name"] for row in await db.fetch("SELECT name FROM operation_kind")}
    if unknown := stored - KINDS.keys():
        raise UnknownKind(f"This database knows operations of a newer version ({', '.join(sorted(unknown))}).")
    if missing := KINDS.keys() - stored:
        raise UnknownKind(f"Run `console migrate`: the database lacks {', '.join(sorted(missing))}.")


async def store() -> None:
    """Write the kinds into the database; `console migrate` does it."""
    await db.execute(
        "INSERT INTO operation_kind (name) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING", sorted(KINDS)
    )
