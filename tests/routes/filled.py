"""A business in which there is one of everything that has a form, each under the number 1 where nothing is said."""

from __future__ import annotations

from datetime import date

from console.domain import db
from console.domain.booking import actions, standing_in
from console.domain.booking.arranging import Arrangement
from console.domain.booking.rules import CancelledBy
from console.domain.ids import ProductId, ReasonId
from console.domain.imports import actions as imports
from console.domain.imports import preparing, uploads
from console.domain.imports.rules.arriving import Arrivals, Arrived
from console.domain.roster import actions as roster
from console.domain.roster.actions import Away
from console.domain.roster.rules import TimeOffKind
from console.domain.tickets.remedies import actions as remedies
from console.domain.tickets.remedies.rules import Cause as Wrong
from console.domain.tickets.remedies.rules import Gives, Remedy
from console.domain.visits import actions as visits
from console.domain.visits import fees
from console.domain.visits.actions import Till
from console.domain.visits.fees_rules import Cause, Rule
from console.domain.visits.rules import Entered
from tests import factories
from tests.cast import ANNA, BORIS, NOW, VERA
from tests.domain.tickets.desk import opened
from tests.routes.test_ticket_mail import came
from tests.yard import ALWAYS, HOUR, NOON, WEDNESDAY, WEEK, intent, yard

CREW = 3
CALLED_OFF = 3
TODAYS = 9
"""The numbers of the crew, of a booking that was called off, and of one whose visit can be finished."""
LOST = "SELECT max(id) FROM operation WHERE kind = 'booking.stand_in'"
"""The operation that gave a booking of Nina's to Olga, whose undo has lost its place."""
SOLD = "SELECT max(id) FROM operation WHERE kind = 'visit.finish'"
"""The operation that finished a visit."""


async def filled() -> None:
    """Nina, Olga and Crew North; bookings 1 and 2 at one time, and a series of Nina's that clashes with the first."""
    await factories.staff(VERA)
    await factories.staff(ANNA)
    await factories.staff(BORIS)
    here = await yard(hours=ALWAYS)
    crew = await factories.bookable("North", kind="crew")
    assert crew == CREW
    await factories.schedule(crew, here.location)
    await here.book(here.nina, NOON + WEEK)
    await here.book(here.olga, NOON + WEEK)
    called_off = await here.book(here.olga, NOON + WEEK + 2 * HOUR)
    assert called_off == CALLED_OFF
    await db.execute("UPDATE location SET notice_hours = 240")
    await fees.change_rules(intent(VERA), here.location, 0, {Cause.LATE_CANCELLATION: Rule(50_000, "RUB")})
    await actions.cancel(intent(), called_off, CancelledBy.CLIENT)
    later = NOON + WEEK + 4 * HOUR
    given = await here.book(here.nina, later)
    to_olga = Arrangement(given, later, ((here.nina, here.olga),))
    await standing_in.stand_in(intent(), here.nina, later.date(), (to_olga,), False)
    await here.book(here.nina, later)
    await here.weekly()
    await factories.client("Ольга", "Мороз")
    for part in (factories.note, factories.contact, factories.site, factories.card):
        await part(here.client)
    sick = Away(TimeOffKind.SICK, WEDNESDAY, WEDNESDAY)
    await roster.add_time_off(intent(VERA), here.olga, sick)
    await factories.holiday()
    await factories.holiday(date(2026, 6, 13))
    await factories.category()
    product = await factories.product()
    await factories.price(here.service)
    sold = Till(here.location, (Entered(10_000, product=ProductId(product)),), 10_000, (), client=here.client)
    await visits.finish(intent(), sold)
    todays = await here.book(here.nina, NOW - 2 * HOUR)
    assert todays == TODAYS
    ticket = await opened(here.client)
    await opened()
    await came("Where is it?", "nobodys@mail.example")
    reason = ReasonId(await db.fetchval("SELECT min(id) FROM reason WHERE use = 'fee_waiver'"))
    fee = Remedy(Wrong.WE_CANCELLED, CALLED_OFF, Gives.FEE, 50_000, reason)
    await remedies.propose(intent(BORIS), ticket, fee)
    await _upload()


async def _upload() -> None:
    """An upload that is prepared, and a run that was begun."""
    files = [Arrived("visits.csv", b"Client,Date,Service,Price\nZoe,2026-05-01,Cut,30\n")]
    mapped = preparing.beginning(*await preparing.here(preparing.Likely("Main", "UTC", "EUR"), None), "Visit")
    await uploads.upload(intent(VERA), Arrivals(files, ["README.md"]), preparing.with_files(mapped, files))
    await imports.begin(intent(VERA), mapped, "0" * 64)
