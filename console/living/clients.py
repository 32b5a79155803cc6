"""Taking in the clients of the lived business, with what they consent to, their cards, and what is noted of them."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from console.domain.clients import actions, cards, consents
from console.domain.clients.actions import About, FirstNote
from console.domain.clients.demo import LABELS, TAGS
from console.domain.clients.rules import (
    Birthday,
    Channel,
    Consented,
    ConsentSource,
    Email,
    Names,
    Phone,
    Purpose,
    Source,
    checked,
)
from console.domain.ids import ClientId
from console.domain.loyalty import fixed_cards, membership
from console.domain.team.rules import Role
from console.living import names
from console.living.doing import Doing
from console.living.rules.fates import Moment
from console.living.rules.habits import Habit, Member
from console.living.rules.team import SEED
from console.living.shop import Shop

VERSION = 1
"""The number of the rules that they accept."""
AGREED_BP = 700
"""The discount that some businesses have by contract, in place of a tier."""


def called(member: Member) -> str:
    """The name of what takes a client in."""
    return f"joins {member.number}"


def client_of(doing: Doing, member: Member) -> ClientId | None:
    """The client that somebody of the plan is, None where they are not taken in."""
    taken = doing.result(called(member))
    return ClientId(taken["client"]) if taken else None


async def take_in(doing: Doing, shop: Shop, member: Member, at: Moment) -> None:
    """Take in a client, as the desk does when they call for the first time."""
    rng = Random(f"{SEED} client {member.number}")  # noqa: S311
    now = shop.at(at)
    note = FirstNote(rng.choice(names.NOTES[shop.language])) if rng.random() < 0.3 else None
    about = _about(rng, shop, member, at)
    taken = await doing.do(called(member), now, actions.add, about, None, note)
    if taken is None:
        return
    client = ClientId(taken["client"])
    if rng.random() < 0.85:
        written = Channel.EMAIL if about.emails else Channel.SMS
        wanted = [Consented(Channel.SMS, Purpose.REMINDERS, True)]
        wanted += [Consented(written, one, True) for one in (Purpose.OFFERS, Purpose.FEEDBACK) if rng.random() < 0.5]
        source = rng.choice((ConsentSource.BY_PHONE, ConsentSource.IN_PERSON, ConsentSource.ON_PAPER))
        await doing.do(f"consents {member.number}", now, consents.set_consents, client, None, tuple(wanted), source)
    if rng.random() < 0.6:
        await doing.do(f"accepts {member.number}", now, membership.join, client, VERSION)
    if rng.random() < 0.4:
        number = checked(str(7_100_003 + member.number * 7_919))
        await doing.do(f"card {member.number}", now, cards.issue, client, number)
    if member.habit is Habit.BUSINESS and rng.random() < 0.4:
        agreed = (client, AGREED_BP, None, None)
        await doing.do(f"fixed card {member.number}", now, fixed_cards.give, *agreed, by=Role.MANAGER)


def _about(rng: Random, shop: Shop, member: Member, at: Moment) -> About:
    number, language = member.number, shop.language
    mobile, _, work = LABELS[language]
    runs_business = member.habit is Habit.BUSINESS
    who = names.person(language, number)
    if runs_business:
        who = Names(who.given, who.middle, who.family, names.business(language, number // 20))
    birthday = Birthday(rng.randrange(1, 13), rng.randrange(1, 29), rng.choice((None, rng.randrange(1950, 2003))))
    mail = f"office{number}@business.example" if runs_business else f"person{number}@mail.example"
    return About(
        names=who,
        phones=(Phone(f"+7900001{(3307 + number * 1379) % 10_000:04}", work if runs_business else mobile),),
        emails=(Email(mail),) if runs_business or rng.random() < 0.6 else (),
        joined_on=at.day + timedelta(days=min(member.joins, 0)),
        tax_number=f"77{number * 7_919_317 % 10**8:08}" if runs_business else None,
        birthday=birthday if not runs_business and rng.random() < 0.5 else None,
        address=names.address(language, number, flat=not runs_business),
        preferred=shop.people[member.person] if member.habit is Habit.WEEKLY and rng.random() < 0.7 else None,
        tags=(rng.choice(TAGS[language]),) if rng.random() < 0.35 else (),
        source=rng.choice(tuple(Source)) if rng.random() < 0.8 else None,
    )
