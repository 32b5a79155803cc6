"""The clients of the demo's cleaning company: invented people and businesses, in the demo's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from console.domain.clients.actions import About
from console.domain.clients.rules import Birthday, Email, Names, Phone, Source
from console.domain.ids import BookableId

PEOPLE = {
    "en": (
        "Anna Bell", "Peter Bell", "Grace Abbott", "Henry Marsh", "Chloe Ferris", "Daniel Moss", "Nora Quinn",
        "Oscar Wade", "Ruth Palmer", "Simon Drew", "Tessa Holt", "Victor Lane", "Wendy Frost", "Adam Pryce",
        "Bella Stone", "Colin Reed", "Diana Walsh", "Edgar Nash", "Fern Colley", "George Tate", "Holly Brook",
        "Ivan Sokolov", "Julia Sokolova", "Kate Winter", "Leo Barnes", "Mira Castle", "Noel Grant", "Paula Dean",
        "Quentin Ross", "Rosa Field", "Stella Young", "Toby Marlow", "Una Keane", "Will Archer",
    ),
    "ru": (
        "Анна Сергеевна Белкина", "Пётр Ильич Белкин", "Галина Петровна Абрамова", "Игорь Марков",
        "Ксения Фирсова", "Даниил Олегович Мохов", "Нина Квасова", "Осип Водин", "Рита Полякова",
        "Семён Андреевич Дроздов", "Таисия Холодова", "Виктор Лавров", "Варвара Морозова", "Артём Пряхин",
        "Белла Каменская", "Кирилл Романович Роднин", "Диана Волошина", "Егор Наумов", "Фаина Колосова",
        "Георгий Титов", "Ольга Ручьёва", "Иван Соколов", "Юлия Соколова", "Катерина Зимина", "Лев Баринов",
        "Мира Замятина", "Николай Громов", "Полина Дёмина", "Кузьма Росляков", "Роза Полевая",
        "Стелла Юрьева", "Тимофей Малов", "Ульяна Киселёва", "Владислав Лучников",
    ),
}  # fmt: skip
COMPANIES = {
    "en": (
        ("Blue Door Café", "Martha Cole"), ("North Clinic", "Frank Aldridge"), ("Paper Moon Books", "Irene Vale"),
        ("Hollow Oak Studio", "Ned Carver"), ("Tall Ship Hostel", "Gemma Rowe"), ("Lark Primary School", "Ada Byrne"),
    ),
    "ru": (
        ("Кофейня «Синяя дверь»", "Марта Колосова"), ("Клиника «Север»", "Фёдор Аленин"),
        ("ООО «Бумажная луна»", "Ирина Вальцева"), ("Студия «Дуб»", "Назар Резчиков"),
        ("Хостел «Парусник»", "Гелена Рощина"), ("Школа «Жаворонок»", "Ада Бирюкова"),
    ),
}  # fmt: skip
TAGS = {
    "en": ("cat", "dog", "VIP", "keys with us", "allergy", "weekends"),
    "ru": ("кошка", "собака", "рекомендует нас", "ключи у нас", "аллергия", "выходные"),
}
STREETS = {
    "en": ("Lesnaya Street", "Tverskaya Street", "Pokrovka Street", "Ostozhenka Street", "Mira Avenue"),
    "ru": ("Лесная ул.", "Тверская ул.", "ул. Покровка", "ул. Остоженка", "пр-т Мира"),
}
LABELS = {"en": ("mobile", "home", "work"), "ru": ("мобильный", "домашний", "рабочий")}
COUPLES = (1, 22)
"""Those who have the phone of whoever stands before them, too."""
NEAR = {0: 6, 5: 0, 9: 1, 14: 12}
"""Days until the birthdays that are near, by place in the list."""


def clients(language: str, today: date, people: Sequence[BookableId]) -> list[About]:
    """What is said of each; `people` are those in the plan, `today` the business date."""
    persons = [_person(language, at, name, today, people) for at, name in enumerate(PEOPLE[language])]
    return persons + [
        _company(language, len(persons) + at, company, person, today)
        for at, (company, person) in enumerate(COMPANIES[language])
    ]


def _person(language: str, at: int, name: str, today: date, people: Sequence[BookableId]) -> About:
    mobile, home, work = LABELS[language]
    phones = [Phone(_number(at), mobile)]
    if at in COUPLES:
        phones.append(Phone(_number(at - 1), home))
    elif at % 6 == 3:
        phones.append(Phone(_number(at + 100), work))
    return About(
        names=_names(name),
        phones=tuple(phones),
        emails=(Email(f"client{at + 1}@mail.example"),) if at % 3 else (),
        joined_on=today - timedelta(days=11 + 37 * at),
        birthday=_birthday(at, today),
        address=_address(language, at) if at % 4 else None,
        language="en" if language == "ru" and at % 11 == 4 else None,
        preferred=people[at % len(people)] if at % 3 == 0 else None,
        tags=tuple(TAGS[language][one] for one in sorted({at % 6, at % 5}) if at % 2 == 0),
        source=tuple(Source)[at % len(Source)] if at % 5 else None,
    )


def _company(language: str, at: int, company: str, person: str, today: date) -> About:
    *_, work = LABELS[language]
    return About(
        names=replace(_names(person), company=company),
        phones=(Phone(_number(at), work),),
        emails=(Email(f"office{at + 1}@business.example"),),
        joined_on=today - timedelta(days=40 + 53 * (at % 9)),
        tax_number=f"77{(at * 7_919_317) % 10**8:08}",
        address=_address(language, at, flat=False),
        source=Source.PARTNER if at % 2 else Source.SEARCH,
    )


def _names(name: str) -> Names:
    given, *middle, family = name.split()
    return Names(given, middle[0] if middle else None, family)


def _number(at: int) -> str:
    """A number of an area that Russia has not given out."""
    return f"+7900000{(4512 + at * 1379) % 10_000:04}"


def _birthday(at: int, today: date) -> Birthday | None:
    if at in NEAR:
        day = today + timedelta(days=NEAR[at])
        return Birthday(day.month, day.day, None if at % 2 else 1990 - at)
    return Birthday(1 + at % 12, 1 + at * 7 % 28, 1955 + at if at % 3 else None) if at % 2 else None


def _address(language: str, at: int, *, flat: bool = True) -> str:
    street, house = STREETS[language][at % 5], 3 + at * 2
    if language == "ru":
        return f"Москва, {street}, {house}" + f", кв. {at + 5}" * flat
    return f"{house} {street}" + f", flat {at + 5}" * flat
