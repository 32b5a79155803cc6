"""What one client is told of what happened never says who else it happened to."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO

import pytest
from pypdf import PdfReader

from console.domain.booking import actions, standing_in
from console.domain.booking.arranging import Arrangement
from console.domain.ids import ClientId
from console.domain.undo import undo
from tests import factories
from tests.cast import ANNA, VERA
from tests.page import Visitor
from tests.routes.conftest import SignIn
from tests.yard import HOUR, NOON, WEDNESDAY, Yard, intent, stands, yard

pytestmark = pytest.mark.usefixtures("today")

NAMES = ("Quentin", "Wilhelmina", "Xaver", "Yolanda", "Zebedee")
SHARED = "+79215550101"


@pytest.fixture
async def vera(sign_in: SignIn) -> Visitor:
    visitor = await sign_in(VERA, language="en")
    await factories.staff(ANNA)
    return visitor


async def people() -> dict[str, int]:
    """Five with a phone of their own and one that all share."""
    made = {}
    for number, name in enumerate(NAMES):
        phones = [{"number": f"+7921555200{number}", "label": ""}, {"number": SHARED, "label": "home"}]
        emails = [{"address": f"{name.lower()}@mail.example", "label": ""}]
        made[name] = await factories.client(
            name, f"{name}son", phones=json.dumps(phones), emails=json.dumps(emails), address=f"{name} Lane"
        )
    return made


async def told(visitor: Visitor, client: int) -> dict[str, str]:
    """Everything that is told of a client, by where."""
    pages = {path: await visitor.open(f"/clients/{client}{path}") for path in ("", "/timeline", "/data?as=json")}
    document = await visitor.open(f"/clients/{client}/data?as=pdf")
    sheets = PdfReader(BytesIO(document.response.content)).pages
    return {
        **{path: page.response.text for path, page in pages.items()},
        "pdf": " ".join(" ".join(sheet.extract_text().split()) for sheet in sheets),
    }


async def lived_together(house: Yard, clients: dict[str, int]) -> None:
    """Each has a booking; they are exchanged, given to others and moved together, taken back, and done again."""
    at = {"Quentin": NOON - 2 * HOUR, "Wilhelmina": NOON + 2 * HOUR, "Xaver": NOON + 4 * HOUR}
    held = {name: await house.book(house.nina, start, clients[name]) for name, start in at.items()}
    for name, who in (("Yolanda", house.nina), ("Zebedee", house.olga)):
        await replace(house, client=ClientId(clients[name]), nina=who).weekly()
    done = await actions.swap(intent(), held["Quentin"], held["Wilhelmina"])
    undone = await undo(intent(), done.operation_id)
    await undo(intent(), undone.operation_id)
    await actions.swap(intent(), held["Xaver"], held["Quentin"])
    instead = [Arrangement(one, (await stands(one))[0], ((house.nina, house.olga),)) for one in held.values()]
    stood = await standing_in.stand_in(intent(), house.nina, WEDNESDAY, tuple(instead), True)
    undone = await undo(intent(), stood.operation_id)
    await undo(intent(), undone.operation_id)


async def test_no_export_and_no_card_names_another_client_after_what_they_had_in_common(vera: Visitor) -> None:
    house = await yard()
    clients = await people()
    await lived_together(house, clients)
    for name, client in clients.items():
        for where, text in (await told(vera, client)).items():
            others = [other.lower() for other in NAMES if other != name]
            assert [other for other in others if other in text.lower()] == [], (name, where)
            assert [n for n in range(len(NAMES)) if f"555200{n}" in text.replace(" ", "")] in ([], [NAMES.index(name)])
            assert name in text


async def test_whoever_was_exchanged_with_somebody_is_told_of_their_own_place_alone(vera: Visitor) -> None:
    house = await yard()
    clients = await people()
    one = await house.book(house.nina, NOON, clients["Quentin"])
    other = await house.book(house.nina, NOON + 2 * HOUR, clients["Xaver"])
    await actions.swap(intent(), one, other)
    for name, was, now in (("Quentin", "12:00", "14:00"), ("Xaver", "14:00", "12:00")):
        page = await vera.open(f"/clients/{clients[name]}")
        [line, *_] = page.all(".told-list .told-what > p:first-child")
        assert f"bookings exchanged: {name} {name}son" in line
        [value] = [told for told in page.all(".told-list .told-what .soft") if "→" in told][:1]
        assert was in value.partition("→")[0]
        assert now in value.partition("→")[2]
        assert sum("→" in told for told in page.all(".told-list .told-what .soft")) == 1
    history = await vera.open("/settings/history")
    assert "bookings exchanged: Quentin Quentinson" in history.words("main")
    assert "Xaver Xaverson" in history.words("main").partition("bookings exchanged")[2][:200]
