"""What a file holds and what its columns are, guessed from what these are called: in English or Russian."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath

from console.domain.imports.rules.mapping import FIELDS, NEEDED, File, Holds
from console.domain.text import fold

CALLED: Mapping[str, Sequence[str]] = {
    "active": ("isactive", "active", "активна", "активен", "активно"),
    "amount": ("amount", "sum", "total", "paid", "price", "сумма", "оплачено", "итого", "цена", "стоимость"),
    "barcode": ("barcode", "ean", "штрихкод", "штрих-код"),
    "birthday": ("birthday", "date of birth", "birth date", "born", "дата рождения", "день рождения"),
    "cancelled_on": ("cancel date", "cancelled on", "canceled on", "cancellation date", "дата отмены", "отменено"),
    "category": ("category", "cate", "group", "категория", "группа"),
    "client": ("client code", "client id", "client no", "customer id", "code", "client", "код клиента", "код", "карта"),
    "code": ("code", "sku", "id", "article", "код", "артикул"),
    "date": ("date", "booking date", "visit date", "day", "дата", "дата визита", "дата записи", "день"),
    "email": ("email", "e-mail", "mail", "почта", "эл. почта", "электронная почта"),
    "family_name": ("last name", "surname", "family name", "lastname", "фамилия"),
    "given_name": ("first name", "given name", "firstname", "имя"),
    "item": ("item", "description", "service", "product", "услуга", "товар", "наименование", "позиция", "описание"),
    "joined_on": ("joined", "joined on", "client since", "created", "registered", "клиент с", "дата регистрации"),
    "minutes": ("minutes", "duration", "length", "минуты", "минут", "длительность"),
    "name": ("name", "full name", "client name", "desc", "description", "title", "client", "название",
             "наименование", "клиент", "фио", "имя"),
    "phone": ("phone", "telephone", "mobile", "phone number", "cell", "телефон", "мобильный", "номер телефона"),
    "price": ("price", "cost", "цена", "стоимость"),
    "quantity": ("quantity", "qty", "count", "number", "количество", "кол-во"),
    "receipt": ("receipt", "receipt no", "invoice", "bill", "чек", "номер чека", "квитанция"),
    "service": ("service", "services", "service code", "услуга", "услуги"),
    "staff": ("staff", "employee", "stylist", "master", "specialist", "мастер", "сотрудник", "специалист"),
    "time": ("time", "start", "start time", "время", "начало", "timeint"),
}  # fmt: skip
"""What a column of each field is often called, the likeliest first."""
NAMED: Sequence[tuple[Holds, Sequence[str]]] = (
    (Holds.CANCELLATIONS, ("cancel", "отмен")),
    (Holds.NO_SHOWS, ("no-show", "noshow", "no_show", "неявк")),
    (Holds.RECEIPTS, ("receipt", "visit", "sale", "чек", "визит", "продаж")),
    (Holds.BOOKINGS, ("booking", "appointment", "запис")),
    (Holds.SERVICES, ("service", "услуг")),
    (Holds.PRODUCTS, ("product", "goods", "товар")),
    (Holds.CLIENTS, ("client", "customer", "клиент")),
)
"""What a file is often called, by what it holds."""
NAMED_HAVE = {**NEEDED, Holds.RECEIPTS: frozenset({"date", "item", "amount"})}
"""The fields of a file that is known by its name."""
TELLING = {holds: needed for holds, needed in NEEDED.items() if holds is not Holds.NO_SHOWS} | {
    Holds.CANCELLATIONS: NEEDED[Holds.CANCELLATIONS] | {"cancelled_on"}
}
"""The fields of one that is known by its columns alone; those of a no-show are a visit's as well."""


def guessed(name: str, header: Sequence[str]) -> File | None:
    """What a file probably holds: by its name, else by its columns; None where nothing speaks for anything."""
    called = fold(PurePath(name).stem)
    dated = "date" in columns(Holds.RECEIPTS, header)
    for holds, words in NAMED:
        if holds is Holds.CLIENTS and dated:
            continue  # when they came stands there, too
        if any(word in called for word in words) and NAMED_HAVE[holds] <= columns(holds, header).keys():
            return File(literally(name), holds, columns(holds, header))
    able = [(holds, found) for holds, fields in TELLING.items() if fields <= (found := columns(holds, header)).keys()]
    known = [(holds, found) for holds, found in able if len(found) > 1]
    if not known:
        return None
    holds, found = max(known, key=lambda one: (len(one[1]), len(TELLING[one[0]])))
    return File(literally(name), holds, found)


def columns(holds: Holds, header: Sequence[str]) -> dict[str, str]:
    """The column of each field that a file of this kind may have, each column for one field alone.

    Fields that are needed choose first, then those of which less is often called so.
    """
    left = {fold(name): name for name in reversed(header) if name}
    order = sorted(FIELDS[holds], key=lambda one: (one not in NEEDED[holds], len(CALLED[one]), one))
    found: dict[str, str] = {}
    for rank in range(max(map(len, CALLED.values()))):
        for field in order:
            word = CALLED[field][rank] if rank < len(CALLED[field]) else ""
            if field not in found and word in left:
                found[field] = left.pop(word)
    if "name" in FIELDS[holds] - found.keys() and found.keys() & {"phone", "email"} and _names_people(found):
        found["name"] = found.pop("client")
    return {field: found[field] for field in sorted(found, key=lambda one: header.index(found[one]))}


def _names_people(found: Mapping[str, str]) -> bool:
    """Whether what could be a client's code is rather their name: there is nothing else that calls them."""
    return fold(found.get("client", "")) in ("client", "клиент") and not found.keys() & {"given_name", "family_name"}


def literally(name: str) -> str:
    """The pattern that only this name fits."""
    return "".join(f"[{one}]" if one in "[*?" else one for one in name)
