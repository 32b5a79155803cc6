"""What clients of the demo's cleaning company called and wrote about, so that the queue has every kind of ticket."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.domain import db
from console.domain.booking.reasons import reasons
from console.domain.booking.rules import ReasonUse
from console.domain.ids import ActorId, ClientId, StaffId, TicketId
from console.domain.intent import Actor, Intent
from console.domain.operation import known
from console.domain.team.queries import demo_person
from console.domain.team.rules import PERMISSIONS, Role
from console.domain.tickets import actions, settings
from console.domain.tickets.actions import Opening
from console.domain.tickets.remedies import actions as remedies
from console.domain.tickets.remedies.rules import Cause, Gives, Remedy
from console.domain.tickets.rules import About, EntryKind, Priority, TicketChannel, TicketStatus

PHONE, EMAIL, CHAT, IN_PERSON = TicketChannel
IN, OUT, NOTE = EntryKind
DESK, SUPPORT, MANAGER = Role.FRONT_DESK, Role.SUPPORT, Role.MANAGER
STAMPS, TIER, QUALITY, TIMES, MONEY, OTHER = range(6)
"""The usual categories, by their places."""


@dataclass(frozen=True)
class Said:
    """What was said so many minutes ago, in each language, by whom it was written down, and the status then."""

    ago: int
    kind: EntryKind
    who: Role
    en: str
    ru: str
    then: TicketStatus | None = None


@dataclass(frozen=True)
class Story:
    """A ticket: whose (a place in the list of clients), what about, and what was said, the first of it when it came.

    `proposes`: what the support team asks a second person to give back of their last visit, in minor units.
    """

    client: int | None
    channel: TicketChannel
    priority: Priority
    category: int
    whose: Role | None
    en: str
    ru: str
    said: Sequence[Said]
    tags: Sequence[Mapping[str, str]] = ()
    proposes: int | None = None


HOUR, DAY = 60, 24 * 60
STORIES = (
    Story(20, PHONE, Priority.HIGH, STAMPS, SUPPORT, "Stamp of the last cleaning is missing",
          "Нет штампа за последнюю уборку", (
        Said(5 * HOUR, IN, DESK, "My card shows three stamps, but you were here four times. The last one is missing.",
             "На карте три штампа, а вы приезжали четыре раза. Последнего нет."),
        Said(4 * HOUR, NOTE, SUPPORT, "She had two cleanings that day, and only the first has a stamp.",
             "В тот день было две уборки, штамп только за первую."),
        Said(3 * HOUR, OUT, SUPPORT, "You are right, I see the fourth visit. We are putting the stamp right today.",
             "Вы правы, четвёртый визит вижу. Сегодня исправим штамп.", TicketStatus.OPEN),
    )),
    Story(10, EMAIL, Priority.NORMAL, TIER, SUPPORT, "Why is my discount smaller?", "Почему скидка стала меньше?", (
        Said(2 * DAY, IN, DESK, "I used to have 10 % and the last receipt says 5 %.",
             "Раньше было 10 %, а в последнем чеке 5 %."),
        Said(2 * DAY - 3 * HOUR, OUT, SUPPORT, "The tier is kept by the visits of a year; shall I show them?",
             "Уровень держится визитами за год. Показать их?"),
    )),
    Story(12, CHAT, Priority.URGENT, QUALITY, None, "The kitchen was left wet", "Кухню оставили мокрой", (
        Said(50, IN, DESK, "The team has just left and the floor in the kitchen is wet. We slipped.",
             "Бригада только уехала, на кухне мокрый пол. Мы поскользнулись."),
    )),
    Story(2, PHONE, Priority.NORMAL, TIMES, DESK, "Move all the Tuesdays to Wednesday", "Перенести вторники на среду", (
        Said(7 * HOUR, IN, DESK, "From next month Tuesdays do not suit me any more.",
             "Со следующего месяца вторники не подходят."),
        Said(6 * HOUR, NOTE, DESK, "Two Wednesdays are taken, asked Maya whether somebody can stand in.",
             "Две среды заняты, спросила Марию, кто может заменить.", TicketStatus.ON_HOLD),
    ), ({"en": "series", "ru": "серия"},)),
    Story(None, EMAIL, Priority.NORMAL, OTHER, None, "Do you clean after a renovation?", "Убираете после ремонта?", (
        Said(DAY, IN, DESK, "Good day! Do you clean flats after a renovation, and what does it cost for 60 m²?",
             "Добрый день! Убираете квартиры после ремонта? Сколько за 60 м²?"),
    )),
    Story(14, IN_PERSON, Priority.LOW, MONEY, MANAGER, "Invoice for the sofa", "Документы за чистку дивана", (
        Said(3 * DAY, IN, DESK, "My company needs a paper for the cleaning of the sofa.",
             "Для бухгалтерии нужны документы за чистку дивана."),
        Said(2 * DAY, OUT, MANAGER, "Sent it to your mail. Is everything in it right?",
             "Отправили на почту. Всё верно?"),
    )),
    Story(16, PHONE, Priority.HIGH, TIMES, SUPPORT, "The free cleaning lapsed while we waited",
          "Бесплатная уборка сгорела, пока ждали", (
        Said(4 * DAY, IN, DESK, "I have asked for a time twice and nobody called back. Today is the last day of my"
             " free cleaning.",
             "Просила время дважды, никто не перезвонил. Сегодня последний день бесплатной уборки."),
        Said(4 * DAY - HOUR, OUT, SUPPORT, "That is our fault. When it has lapsed, we give it back and call you.",
             "Это наша вина. Когда сгорит, вернём её и позвоним.", TicketStatus.ON_HOLD),
    ), ({"en": "VIP", "ru": "постоянный клиент"},)),
    Story(8, CHAT, Priority.NORMAL, STAMPS, SUPPORT, "How many visits until the free one?",
          "Сколько визитов до бесплатного?", (
        Said(6 * DAY, IN, SUPPORT, "How many more times until the free cleaning?", "Сколько ещё до бесплатной уборки?"),
        Said(6 * DAY - 20, OUT, SUPPORT, "You have two free cleanings already, and one more visit makes the third.",
             "Две бесплатные у вас уже есть, а после ещё одного визита будет третья.", TicketStatus.SOLVED),
    )),
    Story(34, EMAIL, Priority.NORMAL, TIMES, DESK, "Keys are with the neighbour", "Ключи у соседей", (
        Said(8 * DAY, IN, DESK, "On Thursday take the keys from the café next door, please.",
             "В четверг возьмите ключи в соседнем кафе, пожалуйста."),
        Said(8 * DAY - 2 * HOUR, OUT, DESK, "Noted for the team. Thank you!", "Передали бригаде, спасибо!",
             TicketStatus.SOLVED),
    )),
    Story(4, PHONE, Priority.NORMAL, QUALITY, SUPPORT, "The hob was left greasy", "Плиту оставили жирной", (
        Said(3 * HOUR, IN, DESK, "All is clean but the hob, and that was the point of it.",
             "Всё чисто, кроме плиты, а звали как раз ради неё."),
        Said(2 * HOUR, OUT, SUPPORT, "That is our fault. I am asking to give you a part of the price back.",
             "Виноваты. Прошу вернуть вам часть цены.", TicketStatus.OPEN),
    ), proposes=500_00),
)  # fmt: skip


async def acting() -> Mapping[Role, Actor]:
    """The demo's people, each with what their role may do."""
    staff = {role: StaffId(await demo_person(role)) for role in (DESK, SUPPORT, MANAGER)}
    return {role: Actor(ActorId(one), frozenset(map(str, PERMISSIONS[role]))) for role, one in staff.items()}


async def tell(
    intend: Callable[[str, Actor, datetime], Intent], now: datetime, language: str, clients: Sequence[ClientId]
) -> None:
    """Open the tickets through the use cases, each when it came."""
    by = await acting()
    listed = [one.id for one in await settings.categories()]
    for at, story in enumerate(STORIES):
        first, *more = story.said
        about = About(
            getattr(story, language),
            listed[story.category],
            story.priority,
            tuple(tag[language] for tag in story.tags),
            StaffId(by[story.whose].id) if story.whose else None,
        )
        client = None if story.client is None else clients[story.client]
        opening = Opening(about, getattr(first, language), story.channel, client)
        opened = await actions.open_ticket(
            intend(f"ticket {at}", by[first.who], now - timedelta(minutes=first.ago)), opening
        )
        for n, one in enumerate(more):
            intent = intend(f"ticket {at} {n}", by[one.who], now - timedelta(minutes=one.ago))
            await _say(intent, TicketId(opened.result["ticket"]), one, getattr(one, language))
        if story.proposes is not None and client is not None:
            intent = intend(f"ticket {at} remedy", by[SUPPORT], now - timedelta(minutes=more[-1].ago - 1))
            await _propose(intent, TicketId(opened.result["ticket"]), client, story.proposes)


async def _propose(intent: Intent, ticket: TicketId, client: ClientId, minor: int) -> None:
    if await known(intent):
        return
    last = await db.fetchval(
        "SELECT v.id FROM visit v WHERE v.client = $1 AND v.retired_at IS NULL AND $2 <="
        " (SELECT sum(p.minor) FROM payment p WHERE p.visit = v.id AND NOT p.tip) ORDER BY v.at DESC LIMIT 1",
        client,
        minor,
    )
    [why, *_] = [one.id for one in await reasons(ReasonUse.REFUND)]
    await remedies.propose(intent, ticket, Remedy(Cause.BAD_SERVICE, last, Gives.REFUND, minor, why))


async def _say(intent: Intent, ticket: TicketId, one: Said, body: str) -> None:
    if one.kind is NOTE:
        await actions.note(intent, ticket, body, one.then)
    else:
        await actions.reply(intent, ticket, None, body, one.then or TicketStatus.PENDING)
