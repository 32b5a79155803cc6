"""Rows to start a test from, one function per table, in the open pool as the application's role."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from typing import Any
from uuid import uuid4

import asyncpg
from argon2 import PasswordHasher

from console.domain import db
from console.domain.text import fold
from tests.cast import PASSWORD, Person

HOURS: list[list[list[int]]] = [[[540, 1080]]] * 5 + [[], []]
"""Monday to Friday, nine to six."""


async def staff(person: Person, **columns: Any) -> int:
    """A member of the cast with their actor; they can sign in with `PASSWORD`."""
    await db.execute("INSERT INTO actor (id, kind) VALUES ($1, 'staff')", person.id)
    values = {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "role": person.role.value,
        "language": person.language,
        "password_hash": quick_hash(),
    }
    return await _insert("staff", **{**values, **columns})


async def location(name: str = "Centre", **columns: Any) -> int:
    values = {"name": name, "zone": "Europe/Moscow", "hours": json.dumps(HOURS), "notice_hours": 24}
    return await _insert("location", **{**values, **columns})


async def holiday(
    on: date = date(2026, 6, 12), location: int | None = None, name: str = "A day off", **columns: Any
) -> int:
    """A day that is closed, named in English."""
    values = {"date": on, "names": json.dumps({"en": name}), "location": location, "hours": "[]"}
    return await _insert("holiday", **{**values, **columns})


async def service(code: str = "DEEP", **columns: Any) -> int:
    """An hour's work of one person, without a price."""
    values = {
        "code": code,
        "names": json.dumps({"en": "Deep clean", "ru": "Генеральная уборка"}),
        "minutes": 60,
        **dict.fromkeys(("buffer_before", "buffer_after", "rooms", "vehicles", "equipment"), 0),
        "people": 1,
    }
    return await _insert("service", **{**values, **columns})


async def category(**columns: Any) -> int:
    return await _insert("category", **{"names": json.dumps({"en": "Homes", "ru": "Жильё"}), "position": 1, **columns})


async def product(code: str = "SOAP", **columns: Any) -> int:
    return await _insert("product", **{"code": code, "names": json.dumps({"en": "Soap", "ru": "Мыло"}), **columns})


async def price(service: int, minor: int = 150000, **columns: Any) -> int:
    """What a service costs from the beginning of 2026 on."""
    values = {"service": service, "valid_from": date(2026, 1, 1), "minor": minor, "currency": "RUB"}
    return await _insert("price", **{**values, **columns})


async def bookable(name: str = "Nina Orlova", **columns: Any) -> int:
    """A person who is nowhere yet."""
    return await _insert("bookable", **{"kind": "person", "name": name, "position": 1, **columns})


async def client(given: str = "Анна", family: str = "Петрова", *, id: int | None = None, **columns: Any) -> int:
    """A client with a profile."""
    client = await _insert("client", pseudonym=uuid4(), **({"id": id} if id else {}))
    names = {"given_name": given or None, "family_name": family or None, "folded": fold(f"{family} {given}")}
    values = {**names, "phones": "[]", "emails": "[]", "tags": [], "joined_on": date(2026, 1, 12), **columns}
    await _insert("client_profile", client=client, **values)
    return client


async def note(client: int, text: str = "Has a cat", **columns: Any) -> int:
    return await _insert("client_note", client=client, **{"text": text, "loud": False, **columns})


async def contact(client: int, name: str = "Пётр Лужин", **columns: Any) -> int:
    return await _insert("client_contact", client=client, **{"name": name, "folded": fold(name), **columns})


async def site(client: int, address: str = "Lenina 5", **columns: Any) -> int:
    return await _insert("client_site", client=client, **{"address": address, **columns})


async def card(client: int, number: str = "45120939", **columns: Any) -> int:
    """A card as if the operation that began this database had issued it."""
    return await _insert("client_card", client=client, **{"number": number, **columns})


async def schedule(bookable: int, location: int, **columns: Any) -> int:
    """At a location from the beginning of 2026 on, whenever it is open."""
    values = {"bookable": bookable, "location": location, "valid_from": date(2026, 1, 1), "hours": None}
    return await _insert("schedule", **{**values, **columns})


async def skill(bookable: int, service: int, **columns: Any) -> int:
    return await _insert("skill", bookable=bookable, service=service, **columns)


async def reason(use: str, **columns: Any) -> int:
    values = {"use": use, "names": json.dumps({"en": "Ill", "ru": "Болезнь"}), "position": 1}
    return await _insert("reason", **{**values, **columns})


async def _insert(table: str, **values: Any) -> int:
    """A row of an entity, as if the operation that began this database had made it."""
    values = {"version": 1, "operation": await db.fetchval("SELECT min(id) FROM operation"), **values}
    columns, places = ", ".join(f'"{name}"' for name in values), ", ".join(f"${n}" for n in range(1, len(values) + 1))
    sql = f"INSERT INTO {table} ({columns}) VALUES ({places}) RETURNING id"
    return int(await db.fetchval(sql, *values.values()))


@cache
def quick_hash(password: str = PASSWORD) -> str:
    """A password's hash at the least cost there is: for signing in, not for keeping."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(password)


async def at_another_time(superuser: asyncpg.Connection) -> None:
    """As in a restored database, where other things were done under the same numbers since."""
    async with superuser.transaction():
        await superuser.execute("SET LOCAL session_replication_role = replica")
        await superuser.execute("UPDATE operation SET at = at + interval '1 second'")
