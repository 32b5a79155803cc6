"""A hundred thousand clients, Russian and English, the same ones in every run.

They are copied into the tables past the use cases, with the trail and the words that these would have written;
`console doctor` must find nothing.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import accumulate
from typing import Any
from uuid import UUID

import asyncpg
from stdnum import damm

from console.domain.clients.rules import Names
from console.domain.clients.typed import words
from console.domain.text import fold

MANY = 100_000
SEED = 5
SINCE = datetime(2019, 1, 9, 9, tzinfo=UTC)


def _words(text: str) -> list[str]:
    return text.split()


WOMEN = _words(
    "Анна Мария Елена Ольга Наталья Екатерина Татьяна Ирина Светлана Юлия Анастасия Дарья Ксения Алина Полина Алёна "
    "Вера Надежда Любовь Галина Людмила Валентина Марина Виктория Елизавета Софья Василиса Варвара Кира Лариса Нина "
    "Зоя Тамара Оксана Яна Кристина Диана Евгения Антонина Раиса"
)
MEN = _words(
    "Александр Дмитрий Максим Сергей Андрей Алексей Артём Илья Кирилл Михаил Никита Матвей Роман Егор Арсений Иван "
    "Денис Евгений Даниил Тимофей Владислав Игорь Владимир Павел Руслан Марк Константин Тимур Олег Ярослав Антон "
    "Николай Глеб Семён Пётр Фёдор Юрий Виктор Борис Григорий"
)
MIDDLE = _words(
    "Александров Иванов Сергеев Андреев Николаев Михайлов Владимиров Петров Павлов Юрьев Викторов Олегов Борисов"
)
FAMILIES = _words(
    "Иванов Смирнов Кузнецов Попов Васильев Петров Соколов Михайлов Новиков Фёдоров Морозов Волков Алексеев Лебедев "
    "Семёнов Егоров Павлов Козлов Степанов Николаев Орлов Андреев Макаров Никитин Захаров Зайцев Соловьёв Борисов "
    "Яковлев Григорьев Романов Воробьёв Сергеев Кузьмин Фролов Александров Дмитриев Королёв Гусев Киселёв Ильин "
    "Максимов Поляков Сорокин Виноградов Ковалёв Белов Медведев Антонов Тарасов Жуков Баранов Филиппов Комаров "
    "Давыдов Беляев Герасимов Богданов Осипов Сидоров Матвеев Титов Марков Миронов Крылов Куликов Карпов Власов "
    "Мельников Денисов Гаврилов Тихонов Казаков Афанасьев Данилов Савельев Тимофеев Фомин Чернов Абрамов Мартынов"
)
STEMS = _words("Бар Вор Гал Дуб Жар Зим Кал Лап Мор Нос Руб Сав Тар Ход Чер Шум Бул Вер Гор Кос Лук Мал Пор Ром Сол")
MIDDLES = _words("ав ат ен ер иг ил ин ок ол он ор ош уд ун ус ут ыш яб ян ям")
ENDINGS = _words("ов ин ев ихин енков улин")
GIVEN = _words(
    "Oliver George Harry Jack Jacob Noah Charlie Thomas Oscar William James Henry Leo Alfie Joshua Freddie Archie "
    "Ethan Isaac Alexander Olivia Amelia Isla Emily Ava Lily Ella Grace Sophie Mia Freya Florence Charlotte Daisy "
    "Alice Phoebe Sienna Zoë Chloé Siân"
)
SURNAMES = _words(
    "Smith Jones Williams Brown Taylor Davies Wilson Evans Thomas Johnson Roberts Walker Wright Robinson Thompson "
    "White Hughes Edwards Green Hall Wood Harris Lewis Martin Jackson Clarke Turner Hill Scott Cooper Morris Ward "
    "Moore King Watson Baker Harrison Morgan Patel Allen Young Mitchell O'Brien O'Neill McDonald Müller Núñez Bell "
    "Shaw Fletcher"
)
STARTS = _words("Ash Black Brad Carl Dal East Fair Green Hart Hol King Lang Mid Nor Oak Pem Rad Strat Thorn West")
TAILS = _words("bourne brook bury combe dale field ford ham hurst ley man mere shaw ston ton well wick wood worth")
FIRMS = _words(
    "Ромашка Берёзка Вектор Горизонт Квартал Меридиан Орион Причал Радуга Север Стрела Уют Факел Центр Элита"
)
TRADES = _words("Сервис Строй Логистик Мед Торг Дизайн Проект Клининг Групп Плюс")
ENGLISH_FIRMS = _words("Brightwater Northgate Silverline Oakfield Harbour Kestrel Lantern Meadow Redstone Summit")
ENGLISH_TRADES = _words("Dental Estates Logistics Bakery Studios Holdings Clinic Partners Foods Motors")
DOMAINS = ("mail.ru", "yandex.ru", "gmail.com", "inbox.ru", "outlook.com", "bk.ru")
TAGS = ("vip", "cat", "dog", "keys at reception", "pays by card", "allergy", "постоянный", "ключи", "звонить заранее")
SOURCES = ("friend", "passing_by", "search", "maps", "social", "advert", "partner", "other")
LATIN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh sch _ y _ e yu ya".replace("_", "").split(" "),
        strict=True,
    )
)


@dataclass(frozen=True)
class Person:
    """A client as the generator means them."""

    at: int
    names: Names
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    card: str | None
    lost: str | None
    tags: tuple[str, ...]
    birthday: str | None
    joined: date
    retired: bool
    contact: str | None

    @property
    def folded(self) -> str:
        return self.names.folded

    @property
    def tax(self) -> str | None:
        """Of a business, its number for the taxes: twelve digits that nobody else has."""
        return f"77{(self.at * 7_919_317_123) % 10**10:010}" if self.names.company else None


@cache
def clients() -> tuple[Person, ...]:
    """All of them, in the order of their ids."""
    return tuple(_clients())


def _clients() -> Iterator[Person]:
    luck = random.Random(SEED)
    russian = FAMILIES + [a + b + c for a in STEMS for b in MIDDLES for c in ENDINGS]
    english = SURNAMES + [a + b for a in STARTS for b in TAILS]
    choose_russian, choose_english = _often_first(russian, luck), _often_first(english, luck)
    cards = _cards(luck)
    taken: list[str] = ["+79210000000"]
    for at in range(MANY):
        is_russian = luck.random() < 0.7
        names, contact = _names(luck, choose_russian if is_russian else choose_english, is_russian)
        phones = tuple(dict.fromkeys(_phone(luck, is_russian, taken) for _ in range(1 + (luck.random() < 0.2))))
        taken += phones
        has_card = luck.random() < 0.4
        yield Person(
            at=at,
            names=names,
            phones=phones,
            emails=(_email(luck, names, at),) if luck.random() < 0.6 else (),
            card=next(cards) if has_card else None,
            lost=next(cards) if has_card and luck.random() < 0.03 else None,
            tags=tuple(sorted({luck.choice(TAGS) for _ in range(luck.choice((0, 0, 0, 1, 1, 2)))})),
            birthday=_birthday(luck) if luck.random() < 0.6 else None,
            joined=(SINCE + timedelta(days=at * 2600 // MANY)).date(),
            retired=luck.random() < 0.03,
            contact=contact,
        )


def _often_first(names: Sequence[str], luck: random.Random) -> Any:
    """Chooses as surnames are spread: the n-th about 1/n as often as the first (Zipf), with a long tail."""
    weights = list(accumulate(1 / (at + 12) for at in range(len(names))))
    return lambda: luck.choices(names, cum_weights=weights)[0]


def _names(luck: random.Random, family: Any, is_russian: bool) -> tuple[Names, str | None]:
    woman = luck.random() < 0.6
    if luck.random() < 0.04:
        contact = f"{luck.choice(WOMEN if is_russian else GIVEN)} {family()}"
        firm = (
            f"ООО «{luck.choice(FIRMS)}-{luck.choice(TRADES)} {luck.randrange(1, 400)}»"
            if is_russian
            else f"{luck.choice(ENGLISH_FIRMS)} {luck.choice(ENGLISH_TRADES)} {luck.randrange(1, 400)} Ltd"
        )
        return Names(company=firm), contact
    if not is_russian:
        return Names(luck.choice(GIVEN), None, family()), None
    middle = None
    if luck.random() < 0.3:
        middle = luck.choice(MIDDLE) + ("на" if woman else "ич")
    return Names(luck.choice(WOMEN if woman else MEN), middle, family() + ("а" if woman else "")), None


def _phone(luck: random.Random, is_russian: bool, taken: Sequence[str]) -> str:
    if luck.random() < 0.03:
        return luck.choice(taken)
    return f"+79{luck.randrange(10**9):09}" if is_russian else f"+447{luck.randrange(10**9):09}"


def _email(luck: random.Random, names: Names, at: int) -> str:
    whose = fold(names.company or names.person)
    plain = "".join(LATIN.get(sign, sign) for sign in whose)
    parts = ("".join(sign for sign in part if sign.isascii() and sign.isalnum()) for part in plain.split())
    return f"{'.'.join(part for part in parts if part)}{at % 977}@{luck.choice(DOMAINS)}"


def _birthday(luck: random.Random) -> str:
    day = date(1940, 1, 1) + timedelta(days=luck.randrange(24_000))
    return day.isoformat() if luck.random() < 0.7 else day.isoformat()[5:]


def _cards(luck: random.Random) -> Iterator[str]:
    for payload in luck.sample(range(10**6, 10**7), MANY):
        yield f"{payload}{damm.calc_check_digit(str(payload))}"


async def fill(url: str) -> int:
    """Copy them in, as superuser. Answers how many."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica")  # what triggers keep is copied, too
        async with connection.transaction():
            await _copy(connection)
        await connection.execute("SET session_replication_role = origin")
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    return MANY


async def _copy(connection: asyncpg.Connection) -> None:
    first = {
        table: await connection.fetchval(f"SELECT coalesce(max(id), 0) + 1 FROM {table}")
        for table in ("operation", "client", "client_profile", "client_card", "client_contact", "change")
    }
    actor = await connection.fetchval("SELECT min(id) FROM staff")
    people = [
        row[0] for row in await connection.fetch("SELECT id FROM bookable WHERE kind = 'person' AND retired_at IS NULL")
    ]
    rows = _Rows(first, actor, people)
    for person in clients():
        rows.add(person)
    for table, (columns, records) in rows.tables.items():
        await connection.copy_records_to_table(table, columns=columns.split(), records=records)
    await connection.execute(
        "INSERT INTO client_word (word) SELECT DISTINCT word FROM client_token ON CONFLICT DO NOTHING"
    )
    for table in [*first, "client_token", "client_reach"]:
        await connection.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
        )


class _Rows:
    """The rows of all tables."""

    def __init__(self, first: dict[str, int], actor: int, people: Sequence[int]) -> None:
        self.next = dict(first)
        self.actor = actor
        self.people = people
        self.luck = random.Random(SEED)
        self.tables: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
            "operation": ("id actor intent_id kind payload_hash at result", []),
            "client": ("id version operation retired_at pseudonym", []),
            "client_profile": (
                "id version operation client given_name middle_name family_name company tax_number phones emails"
                " birthday language preferred tags joined_on source folded",
                [],
            ),
            "client_card": ("id version operation client number lost_at", []),
            "client_contact": ("id version operation client name role phone folded", []),
            "client_token": ("client word retired", []),
            "client_reach": ("client kind value retired", []),
            "change": ("id operation entity entity_id fields created", []),
        }

    def _put(self, table: str, *values: Any) -> None:
        self.tables[table][1].append(values)

    def _number(self, table: str) -> int:
        self.next[table] += 1
        return self.next[table] - 1

    def _entity(self, table: str, operation: int, *values: Any) -> int:
        own = self._number(table)
        self._put(table, own, 1, operation, *values)
        self._put("change", self._number("change"), operation, table, own, [], True)
        return own

    def add(self, one: Person) -> None:
        operation = self._number("operation")
        at = datetime(one.joined.year, one.joined.month, one.joined.day, 12, tzinfo=UTC)
        away = at if one.retired else None
        client = self._entity("client", operation, away, UUID(int=self.luck.getrandbits(128), version=4))
        result = json.dumps({"client": client})
        intent = UUID(int=self.luck.getrandbits(128), version=4)
        self._put("operation", operation, self.actor, intent, "client.add", bytes(32), at, result)
        names = one.names
        self._entity(
            "client_profile",
            operation,
            client,
            *(names.given, names.middle, names.family, names.company, one.tax),
            json.dumps([{"number": number, "label": ""} for number in one.phones]),
            json.dumps([{"address": address, "label": ""} for address in one.emails]),
            one.birthday,
            "ru" if one.phones[0].startswith("+7") else "en",
            self.luck.choice(self.people) if self.luck.random() < 0.4 else None,
            list(one.tags),
            one.joined,
            self.luck.choice(SOURCES),
            one.folded,
        )
        for number, lost_at in ((one.lost, at), (one.card, None)):
            if number:
                self._entity("client_card", operation, client, number, lost_at)
        self._find_by(client, one, operation)

    def _find_by(self, client: int, one: Person, operation: int) -> None:
        found, phones = set(words(one.folded)), set(one.phones)
        if one.contact:
            phone = f"+79{self.luck.randrange(10**9):09}"
            self._entity("client_contact", operation, client, one.contact, "office", phone, fold(one.contact))
            found |= set(words(fold(one.contact)))
            phones.add(phone)
        for word in sorted(found):
            self._put("client_token", client, word, one.retired)
        for phone in sorted(phones):
            self._put("client_reach", client, "phone", phone[1:][::-1], one.retired)
        if one.tax:
            self._put("client_reach", client, "tax", one.tax[::-1], one.retired)
        for part in {part for address in one.emails for part in _beginnings(address)}:
            self._put("client_reach", client, "email", part, one.retired)


def _beginnings(address: str) -> Iterator[str]:
    for at in range(address.index("@") + 1):
        if at == 0 or address[at] == "@" or not address[at - 1].isalnum():
            yield address[at:]
