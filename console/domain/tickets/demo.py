"""What clients of the demo's cleaning company called and wrote about, so that the queue has every kind of ticket."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from console.domain import db
from console.domain.booking.reasons import reasons
from console.domain.booking.rules import ReasonUse
from console.domain.business.demo import ZONE
from console.domain.clock import WallTime
from console.domain.ids import BookingId, ClientId, StaffId, TicketId
from console.domain.intent import Actor, Intent
from console.domain.operation import known
from console.domain.team.demo import acting
from console.domain.team.rules import Role
from console.domain.tickets import actions, settings
from console.domain.tickets.actions import Opening
from console.domain.tickets.demo_times import DAY, times
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
    """What was said so many minutes ago, in each language, by whom it was written down, and the status then.

    Of today these are minutes of work.
    """

    ago: int
    kind: EntryKind
    who: Role
    en: str
    ru: str
    then: TicketStatus | None = None


@dataclass(frozen=True)
class Story:
    """A ticket: whose (a place in the list of clients, or of the `LAST` visit before it), what about, and what was
    said, the first of it when it came.

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


HOUR = 60
LAST = -1
STORIES = (
    Story(20, PHONE, Priority.HIGH, STAMPS, SUPPORT, "Stamp of the last cleaning is missing",
          "Нет штампа за последнюю уборку", (
        Said(5 * HOUR, IN, DESK, "You came twice that day because the first time it went wrong. You gave the money back"
             " for that one, but my card has no stamp for the second one either, and I paid for it.",
             "В тот день вы приезжали дважды: в первый раз не вышло, деньги вернули. Но и за вторую уборку штампа нет,"
             " а её мы оплатили."),
        Said(4 * HOUR, NOTE, SUPPORT, "The stamp of that day went with the refund of the first cleaning; the second one"
             " earns it now.",
             "Штамп за тот день ушёл с возвратом за первую уборку, теперь он положен за вторую."),
        Said(3 * HOUR, OUT, SUPPORT, "You are right, the second cleaning has none. We are putting it right today.",
             "Вы правы, за вторую уборку штампа нет. Сегодня исправим.", TicketStatus.OPEN),
    )),
    Story(10, EMAIL, Priority.NORMAL, TIER, SUPPORT, "Where is my discount?", "Куда делась скидка?", (
        Said(2 * DAY, IN, DESK, "The last time I had 5 %, and now my card says that I have none.",
             "В прошлый раз было 5 %, а теперь на карте скидки нет."),
        Said(2 * DAY - 3 * HOUR, OUT, SUPPORT, "It is kept by three visits in half a year, and there was one. Shall I"
             " show you what brings it back?",
             "Скидка держится тремя визитами за полгода, а был один. Показать, как её вернуть?"),
    )),
    Story(LAST, CHAT, Priority.URGENT, QUALITY, None, "The kitchen was left wet", "Кухню оставили мокрой", (
        Said(50, IN, DESK, "The floor in the kitchen was left wet. We slipped.",
             "На кухне оставили мокрый пол. Мы поскользнулись."),
    )),
    Story(0, PHONE, Priority.NORMAL, TIMES, DESK, "Move all the Tuesdays to Wednesday", "Перенести вторники на среду", (
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
        Said(4 * DAY, IN, DESK, "I have asked for a time twice and nobody called back. My free cleaning is about"
             " to lapse.",
             "Просила время дважды, никто не перезвонил. Бесплатная уборка вот-вот сгорит."),
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
    Story(6, PHONE, Priority.NORMAL, TIMES, None, "Call back about a time in the morning",
          "Перезвонить насчёт утреннего времени", (
        Said(95, IN, DESK, "She needs an hour early in the morning and wants to hear tomorrow which days we have.",
             "Нужно раннее утро, просит позвонить завтра и назвать дни."),
    )),
)  # fmt: skip


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
        came, *then = moments(story, at, now)
        client, booking = await _last(came, clients) if story.client == LAST else (_whose(story, clients), None)
        opening = Opening(about, getattr(first, language), story.channel, client, booking)
        opened = await actions.open_ticket(intend(f"ticket {at}", by[first.who], came), opening)
        for n, one in enumerate(more):
            intent = intend(f"ticket {at} {n}", by[one.who], then[n])
            await _say(intent, TicketId(opened.result["ticket"]), one, getattr(one, language))
        if story.proposes is not None and client is not None:
            intent = intend(f"ticket {at} remedy", by[SUPPORT], then[-1] + timedelta(minutes=1))
            await _propose(intent, TicketId(opened.result["ticket"]), client, story.proposes)


def moments(story: Story, at: int, now: datetime) -> list[datetime]:
    """When what is said of the story at a place was said, as told at an instant."""
    zone = ZoneInfo(ZONE)
    said = times(f"call {at}", [one.ago for one in story.said], WallTime.of(now, zone))
    return [one.bound(zone) for one in said]


def _whose(story: Story, clients: Sequence[ClientId]) -> ClientId | None:
    return None if story.client in (None, LAST) else clients[story.client]


async def _last(before: datetime, clients: Sequence[ClientId]) -> tuple[ClientId, BookingId | None]:
    """Whose visit was finished last before an instant, and paid for, and which booking it finished; of none of those
    of whom another ticket tells.
    """
    told = [whose for one in STORIES if (whose := _whose(one, clients)) is not None]
    row = await db.fetchrow(
        "SELECT v.client, v.booking FROM visit v JOIN operation o ON o.id = v.operation WHERE v.client IS NOT NULL"
        " AND v.retired_at IS NULL AND v.due > 0 AND o.at <= $1 AND v.client <> ALL($2::bigint[])"
        " ORDER BY o.at DESC, v.client DESC LIMIT 1",
        before,
        told,
    )
    assert row is not None
    return ClientId(row["client"]), None if row["booking"] is None else BookingId(row["booking"])


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
