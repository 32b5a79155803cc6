"""A client with everything that can be kept of one, by the console's own use cases."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest

from console.domain import db
from console.domain.booking import actions as bookings
from console.domain.booking import series, series_moves
from console.domain.booking.actions import Asked
from console.domain.booking.recurring import Recurrence, Unit
from console.domain.booking.rules import CancelledBy
from console.domain.booking.series_moves import Scope
from console.domain.clients import actions as clients
from console.domain.clients import cards, consents, contacts, lately, notes
from console.domain.clients.actions import About
from console.domain.clients.contacts import AboutContact, AboutSite
from console.domain.clients.rules import Birthday, Channel, Consented, ConsentSource, Email, Names, Phone, Purpose
from console.domain.clients.tables import Client
from console.domain.desk import actions
from console.domain.desk.rules import Why
from console.domain.errors import Invalid
from console.domain.ids import (
    ActorId,
    BookingId,
    CategoryId,
    ClientId,
    ContactId,
    LocationId,
    MethodId,
    NoteId,
    SeriesId,
    ServiceId,
    SiteId,
    TicketId,
    TicketStatusId,
)
from console.domain.intent import Actor, Intent, Outcome
from console.domain.loyalty import actions as publishing
from console.domain.loyalty import fixed_cards, membership
from console.domain.loyalty import queries as programme
from console.domain.loyalty.accounts import account, post
from console.domain.loyalty.rules.card import Lot
from console.domain.loyalty.rules.events import Raised, StampEarned
from console.domain.loyalty.rules.live import REPLAY
from console.domain.messages import steps as messages
from console.domain.messages.rules import MessageKind
from console.domain.operation import perform
from console.domain.running import KINDS, Operation
from console.domain.tickets import actions as tickets
from console.domain.tickets import files as ticket_files
from console.domain.tickets import mail as ticket_mail
from console.domain.tickets import ratings
from console.domain.tickets.actions import Opening
from console.domain.tickets.contents import Upload
from console.domain.tickets.mail_rules import Arrived, Envelope, LeftOut, MailKind
from console.domain.tickets.remedies import actions as remedies
from console.domain.tickets.remedies.rules import Cause as Wrong
from console.domain.tickets.remedies.rules import Gives, Remedy
from console.domain.tickets.rules import About as AboutTicket
from console.domain.tickets.rules import Rating, TicketChannel, TicketStatus
from console.domain.undo import undo
from console.domain.visits import actions as visits
from console.domain.visits import fees, quoting
from console.domain.visits.actions import Entered, Paid, Till
from console.domain.visits.fees_rules import Cause, Rule
from tests import factories
from tests.cast import ANNA, NOW, VERA
from tests.domain.deeds import CLERK, script

ZOE = About(
    Names("Zoë", "Quill", "Xanthopoulou"),
    (Phone("+79215557788", "mobile"), Phone("+442079460018", "work")),
    (Email("zoe.quill@mail.example", "home"),),
    birthday=Birthday(7, 23, 1990),
    address="Quince Lane 7",
    tags=("quiet-tag",),
)
"""Nobody else has any of these words."""
TRACES = (
    *("zoë", "zoe", "quill", "xanthopoulou", "quentin"),
    *("5557788", "9460018", "mail.example", "quince", "quiet-tag", "07-23"),
)
_RANDOM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
QUENTIN = AboutContact("Quentin Quill", "husband of Zoe", "+79215557788", "q@mail.example")
HOUSE = AboutSite("Quince Lane 7", "Quince house", "Ring for Zoe")


def traces(text: str) -> set[str]:
    """Which `TRACES` are in a text. A random identifier may look like a birthday: those are no trace."""
    told = _RANDOM.sub("", text.lower())
    return {trace for trace in TRACES if trace in told}


def intent(actor: Actor = ANNA.actor, **given: Any) -> Intent:
    return Intent(uuid4(), actor, NOW, **{"sent": uuid4().hex, **given})


async def zoe() -> ClientId:
    return ClientId((await clients.add(intent(), ZOE)).result["client"])


async def version(table: str, row: int) -> int:
    return int(await db.fetchval(f'SELECT version FROM "{table}" WHERE id = $1', row))


async def change(client: ClientId, about: About) -> Outcome[Any]:
    profile = await db.fetchval("SELECT id FROM client_profile WHERE client = $1", client)
    return await clients.change(intent(), client, await version("client_profile", profile), about)


async def note(client: ClientId, text: str = "Two cats of Quill's") -> NoteId:
    return NoteId((await notes.add(intent(), client, text)).result["note"])


async def edit_note(note: NoteId, text: str, *, loud: bool = False) -> Outcome[Any]:
    return await notes.change(intent(), note, await version("client_note", note), text, loud)


async def contact(client: ClientId) -> ContactId:
    return ContactId((await contacts.add_contact(intent(), client, QUENTIN)).result["client_contact"])


async def site(client: ClientId) -> SiteId:
    return SiteId((await contacts.add_site(intent(), client, HOUSE)).result["client_site"])


async def consent(
    client: ClientId, *pairs: tuple[Channel, Purpose], given: bool = True, on: date | None = None
) -> Outcome[Any]:
    said = tuple(Consented(*pair, given) for pair in pairs or [(Channel.SMS, Purpose.OFFERS)])
    return await consents.set_consents(intent(), client, None, said, ConsentSource.IN_PERSON, on)


async def message(client: ClientId) -> Outcome[Any]:
    """Whatever happens may give a client something to be told."""

    async def body(op: Operation) -> dict[str, int]:
        await op.lock(Client, [client])
        kind, key = MessageKind.TIER_WARNING, f"tier.warning:{client}"
        return {"message": await messages.due(op, kind, client, NOW, {"tier": 1}, key)}

    return await perform(KINDS["client.retire"], intent(), b"", body)


async def card(client: ClientId) -> Outcome[Any]:
    return await cards.issue(intent(), client)


async def erase(client: ClientId, **given: Any) -> Outcome[Any]:
    return await actions.erase(intent(VERA.actor, **{"reason": Why.ASKED.value, **given}), client)


async def yard() -> tuple[LocationId, ServiceId]:
    """Somewhere with somebody who does nothing else."""
    at = await db.fetchval("SELECT count(*) FROM location")
    location = LocationId(await factories.location(f"Yard {at}"))
    service = ServiceId(await factories.service(f"Y{at}"))
    person = await factories.bookable(f"Yuri {at}")
    await factories.schedule(person, location)
    await factories.skill(person, service)
    return location, service


async def booking(client: ClientId, text: str | None = None) -> BookingId:
    """Tomorrow at noon."""
    location, service = await yard()
    asked = Asked(client, location, (service,), note=text)
    booked = await bookings.book(intent(), asked, NOW.replace(day=13, hour=9, minute=0))
    return BookingId(booked.result["booking"])


async def charged(client: ClientId) -> Outcome[Any]:
    """Calls tomorrow's booking off late, at a location that asks something for it."""
    late = await booking(client)
    location = await db.fetchval("SELECT location FROM booking WHERE id = $1", late)
    await db.execute("UPDATE location SET notice_hours = 720 WHERE id = $1", location)
    rules = {Cause.LATE_CANCELLATION: Rule(50_000, "RUB")}
    await fees.change_rules(intent(VERA.actor), LocationId(location), 0, rules)
    return await bookings.cancel(intent(), late, CancelledBy.CLIENT)


async def recurring(client: ClientId) -> SeriesId:
    """Two Wednesdays at noon."""
    location, service = await yard()
    rule = Recurrence(date(2026, 5, 20), 1, Unit.WEEK, (2,), count=2)
    begun = await series.begin(intent(), Asked(client, location, (service,)), 12 * 60, rule)
    return SeriesId(begun.result["series"])


async def stamped(client: ClientId) -> Outcome[Any]:
    """A stamp and another tier, posted by a script: for tests of what is kept, not of what earns it."""

    async def body(op: Operation) -> None:
        await op.lock(Client, [client])
        held = await account(client, NOW.date())
        number = held.card.last_stamp + 1
        events = [StampEarned(NOW.date(), Lot(number, NOW.date(), None)), Raised(NOW.date(), 1, 0)]
        card = replace(held.card, night=NOW.date())
        await post(op, held, card, events, source=f"visit:{client}-{number}", live=REPLAY, visit=1000 * client + number)

    return await script(intent(CLERK), body, f"stamp {client} {uuid4()}")


async def joined(client: ClientId) -> Outcome[Any]:
    """Accepts the rules in force."""
    await _in_force()
    return await membership.join(intent(), client, 1)


async def _in_force() -> None:
    """The rules are published where there are none."""
    if not await programme.published():
        one = await programme.draft()
        assert one is not None
        await publishing.publish(intent(VERA.actor), one.id, one.version, date(2020, 1, 1))


async def favoured(client: ClientId) -> Outcome[Any]:
    """A fixed discount on homes."""
    homes = CategoryId(await factories.category())
    return await fixed_cards.give(intent(VERA.actor), client, 1_000, (homes,), None)


async def loyal(client: ClientId) -> None:
    """Everything that the programme and the till keep of a client."""
    for deed in (stamped, joined, favoured, remedied, charged, waited):
        await deed(client)


async def visited(client: ClientId) -> Outcome[Any]:
    """A walk-in that is paid at once, at the price of whatever tier they hold."""
    location, service = await yard()
    method = MethodId(await db.fetchval("SELECT min(id) FROM payment_method"))
    line = Entered(9_000, service=service)
    due = quoting.quote(await quoting.basis(client, NOW.date(), NOW), (line,)).due
    return await visits.finish(intent(), Till(location, (line,), due, (Paid(method, due),), client))


async def complaint(client: ClientId) -> Outcome[Any]:
    """A ticket."""
    about = AboutTicket("Zoe Quill is not content", tags=("quiet-tag",))
    return await tickets.open_ticket(
        intent(), Opening(about, "Quince Lane was left dirty", TicketChannel.PHONE, client)
    )


async def waited(client: ClientId) -> Outcome[Any]:
    """A ticket about their stamps, for which what would expire waits."""
    category = await db.fetchval("SELECT id FROM ticket_category WHERE holds")
    opening = Opening(AboutTicket("Where is it?", category), "One is missing", TicketChannel.PHONE, client)
    return await tickets.open_ticket(intent(), opening)


async def evidence(client: ClientId) -> Outcome[Any]:
    """A file with a ticket of theirs."""
    ticket = TicketId((await complaint(client)).result["ticket"])
    return await ticket_files.attach(intent(), ticket, Upload("Quill.txt", b"Zoe Quill, Quince Lane"))


async def mailed(client: ClientId) -> Outcome[Any]:
    """A mail of theirs, with a file that is not taken."""
    key, message_id = sha256(uuid4().bytes).digest(), "<1@quill.example>"
    envelope = Envelope(key, ZOE.emails[0].address, "Zoe Quill", "Quince Lane again", message_id)
    refused = LeftOut("Quill.exe", "problem.file_kind")
    mail = Arrived(envelope, MailKind.ORDINARY, "Zoe here", "> Dear Zoe", left_out=(refused,))
    return await ticket_mail.receive(intent(), mail)


async def rated(client: ClientId) -> Outcome[Any]:
    """What they think of how a ticket of theirs was solved."""
    ticket = TicketId((await complaint(client)).result["ticket"])
    await tickets.move(intent(), ticket, TicketStatus.SOLVED)
    solving = TicketStatusId(await db.fetchval("SELECT max(id) FROM ticket_status WHERE ticket = $1", ticket))
    said = Intent(uuid4(), ratings.CLIENT, NOW)
    return await ratings.rate(said, ticket, solving, client, Rating.BAD, "Quince Lane is dirty again")


async def remedied(client: ClientId) -> Outcome[Any]:
    """The second visit of a date gets a stamp by a ticket."""
    await _in_force()
    await visited(client)
    second = await visited(client)
    remedy = Remedy(Wrong.MISSING_STAMP, second.result["visit"], Gives.STAMP)
    ticket = TicketId((await complaint(client)).result["ticket"])
    return await remedies.give(intent(VERA.actor), ticket, remedy)


async def lived() -> ClientId:
    """Zoë with everything: edited, undone, refused and removed."""
    client = await zoe()
    await change(client, replace(ZOE, address="Quince Lane 8", language="ru"))
    undone = await change(client, replace(ZOE, names=Names("Zoë", "Quill", "Smith")))
    await undo(intent(), undone.operation_id)
    with pytest.raises(Invalid):
        await change(client, About(Names(), address="Quince Lane 9"))
    await edit_note(await note(client), "Zoe has three cats", loud=True)
    await notes.remove(intent(), await note(client, "Ask Quill"))
    spoken = await contact(client)
    about = replace(QUENTIN, name="Quentin Q", phone="+442079460018")
    await contacts.change_contact(intent(), spoken, await version("client_contact", spoken), about)
    await evidence(client)
    await mailed(client)
    await rated(client)
    place = await site(client)
    await contacts.change_site(intent(), place, await version("client_site", place), replace(HOUSE, note="Quince 1"))
    await consent(client)
    await card(client)
    await message(client)
    first = await db.fetchval("SELECT min(id) FROM booking WHERE series = $1", await recurring(client))
    await series_moves.cancel(intent(), first, Scope.ALL, CancelledBy.CLIENT)
    await bookings.cancel(intent(), await booking(client, "Quill opens the door"), CancelledBy.CLIENT)
    await lately.opened(ActorId(ANNA.id), client, NOW)
    return client
