"""The demo: fills an untouched database with a business and one person per role, through the console's own actions."""

from __future__ import annotations

import asyncio
import os
from datetime import date, datetime
from uuid import UUID, uuid5

from console.config import Settings
from console.domain import clock, db
from console.domain.business import actions as business
from console.domain.business.queries import untouched
from console.domain.catalogue import actions as catalogue
from console.domain.catalogue import demo as offer
from console.domain.ids import CategoryId
from console.domain.operation import TERMINAL, Intent
from console.domain.team import actions as team
from console.domain.team.rules import Role

DEMO = UUID("5f1f7e00-0000-4000-8000-000000000002")

PEOPLE = {
    "en": (("Fiona Desk", Role.FRONT_DESK), ("Sam Porter", Role.SUPPORT), ("Maya Lane", Role.MANAGER),
           ("Olivia North", Role.OWNER)),
    "ru": (("Дарья Фролова", Role.FRONT_DESK), ("Семён Павлов", Role.SUPPORT), ("Мария Лаптева", Role.MANAGER),
           ("Ольга Нечаева", Role.OWNER)),
}  # fmt: skip


def fill(settings: Settings) -> bool:
    """Fill a database that holds nothing yet; answers whether it did. Twice is once."""
    return asyncio.run(_fill(settings.database_url or ""))


async def _fill(url: str) -> bool:
    language = "ru" if os.environ.get("DEMO_LANGUAGE") == "ru" else "en"
    people = tuple(
        (name, f"{role.value.replace('_', '.')}@demo.example", role.value) for name, role in PEOPLE[language]
    )
    async with db.pool(url):
        if not await untouched():
            return False
        now = clock.now()
        await business.begin_demo(Intent(uuid5(DEMO, "business"), TERMINAL, now), language)
        await team.make_demo_staff(Intent(uuid5(DEMO, "staff"), TERMINAL, now), people)
        await _offer(now)
        return True


async def _offer(now: datetime) -> None:
    """The demo's catalogue, at prices that hold since the first of January."""

    def intend(name: str) -> Intent:
        return Intent(uuid5(DEMO, name), TERMINAL, now)

    since = date(now.year, 1, 1)
    categories = [
        CategoryId((await catalogue.add_category(intend(f"category {at}"), names)).result["category"])
        for at, names in enumerate(offer.CATEGORIES)
    ]
    for code, names, at, minutes, after, needs, roubles in offer.SERVICES:
        service = catalogue.AboutService(code, names, categories[at], minutes, 0, after, needs)
        await catalogue.add_service(intend(f"service {code}"), service, roubles * 100, since)
    for code, names, barcode, roubles in offer.PRODUCTS:
        product = catalogue.AboutProduct(code, names, categories[-1], barcode)
        await catalogue.add_product(intend(f"product {code}"), product, roubles * 100, since)
