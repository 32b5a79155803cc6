"""What belongs to the demo's clients: notes, contacts, sites, consents and cards, by the client's place in the list."""

from __future__ import annotations

from collections.abc import Iterator

from console.domain.clients.contacts import AboutContact, AboutSite
from console.domain.clients.rules import Channel, Consented, ConsentSource, Purpose, checked

NOTES = {
    "en": (
        (0, "Cat: do not open the balcony door.", True),
        (2, "The key is with the concierge; ask for flat 4.", False),
        (3, "Allergic to chlorine: green products only.", True),
        (6, "The bell is quiet: ring twice.", False),
        (10, "A baby sleeps from one to three: come before or after.", True),
        (15, "Pays in cash and wants a receipt by mail.", False),
        (34, "Clean before 8:00, they open at half past.", True),
        (36, "Invoices go to the accountant by the fifth.", False),
    ),
    "ru": (
        (0, "Кошка: не открывать дверь на балкон.", True),
        (2, "Ключ у консьержа, спросить квартиру 4.", False),
        (3, "Аллергия на хлор: только зелёные средства.", True),
        (6, "Звонок тихий: звонить два раза.", False),
        (10, "Ребёнок спит с часу до трёх: приезжать до или после.", True),
        (15, "Платит наличными, чек просит на почту.", False),
        (34, "Убирать до 8:00, открываются в половине девятого.", True),
        (36, "Счета до пятого числа бухгалтеру.", False),
    ),
}  # fmt: skip
"""Place, text, and whether it jumps out."""
CONTACTS = {
    "en": (
        (4, AboutContact("Jonas Ferris", "her husband", "+79000009104")),
        (34, AboutContact("Lena Strand", "manager", "+79000009134", "lena@bluedoor.example")),
        (34, AboutContact("Ralph Tun", "accountant", None, "accounts@bluedoor.example")),
        (35, AboutContact("Mona Hale", "head nurse", "+79000009135")),
        (36, AboutContact("Sid Archer", "accountant", None, "sid@papermoon.example")),
        (39, AboutContact("Otto Grimm", "caretaker", "+79000009139")),
    ),
    "ru": (
        (4, AboutContact("Матвей Фирсов", "муж", "+79000009104")),
        (34, AboutContact("Елена Прядь", "управляющая", "+79000009134", "lena@sinyaya.example")),
        (34, AboutContact("Роман Тунин", "бухгалтер", None, "buh@sinyaya.example")),
        (35, AboutContact("Мария Холина", "старшая медсестра", "+79000009135")),
        (36, AboutContact("Сидор Лучников", "бухгалтер", None, "sidor@luna.example")),
        (39, AboutContact("Остап Громов", "завхоз", "+79000009139")),
    ),
}  # fmt: skip
SITES = {
    "en": (
        (8, AboutSite("Lake Lane 3, Sosnovka", "Summer house", "Call ahead, the dog is let out.")),
        (34, AboutSite("12 Pokrovka Street", "Café", "Back door from the yard, code 4512")),
        (35, AboutSite("40 Mira Avenue, building 2", "Second floor", "Pass at the reception, overshoes")),
        (36, AboutSite("7 Lesnaya Street", "Warehouse")),
    ),
    "ru": (
        (8, AboutSite("пос. Сосновка, Озёрная ул., 3", "Дача", "Позвонить заранее: собака во дворе.")),
        (34, AboutSite("ул. Покровка, 12", "Кофейня", "Чёрный ход со двора, код 4512")),
        (35, AboutSite("пр-т Мира, 40, корп. 2", "Второй этаж", "Пропуск на ресепшен, бахилы")),
        (36, AboutSite("Лесная ул., 7", "Склад")),
    ),
}  # fmt: skip
LOST = 6
"""Who has lost a card."""


def consents(place: int) -> Iterator[tuple[int, tuple[Consented, ...], ConsentSource]]:
    """What was consented to: days after joining, what, and how it was said. Every fourth has said nothing."""
    if place % 4 == 3:
        return
    sms = [Consented(Channel.SMS, Purpose.REMINDERS, True)]
    if place % 2 == 0:
        sms.append(Consented(Channel.SMS, Purpose.OFFERS, True))
    if place % 3 == 0:
        sms.append(Consented(Channel.EMAIL, Purpose.OFFERS, True))
    source = ConsentSource.ON_PAPER if place % 5 == 0 else ConsentSource.IN_PERSON
    yield 0, tuple(sms), source
    if place % 8 == 0:
        yield 7, (Consented(Channel.SMS, Purpose.OFFERS, False),), ConsentSource.BY_PHONE


def cards(place: int) -> tuple[str, ...]:
    """The numbers of the cards that a client was given, the last of which is good; every third one has any."""
    if place % 3:
        return ()
    numbers = (4_512_093 + place * 7_919, 6_020_451) if place == LOST else (4_512_093 + place * 7_919,)
    return tuple(checked(str(number)) for number in numbers)
