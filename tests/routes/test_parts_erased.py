"""A single note, contact or site of a client is erased for good, one that was removed before, too."""

from __future__ import annotations

import json
from dataclasses import replace

import asyncpg
import pytest

from console.domain import db
from console.domain.booking import checks as bookings
from console.domain.clients import contacts, erasing, notes
from console.domain.clients.finding import find
from console.domain.desk import checks
from console.domain.errors import Changed, Closed, DomainError, Forbidden, NotFound
from console.domain.ids import ClientId
from console.domain.undo import offered, undo
from tests import factories
from tests.cast import ANNA, VERA
from tests.domain.desk import deeds
from tests.domain.desk.deeds import QUENTIN, intent, zoe
from tests.domain.desk.test_erasure import contents
from tests.page import Visitor
from tests.routes.conftest import SignIn
from tests.words import say

SAID = {
    "contact": ("quentin", "husband", "q@mail.example"),
    "note": ("two cats",),
    "site": ("quince house", "ring for"),
}
MAKE = {"contact": deeds.contact, "note": deeds.note, "site": deeds.site}
REMOVE = {"contact": contacts.remove_contact, "note": notes.remove, "site": contacts.remove_site}
ERASE = {"contact": erasing.erase_contact, "note": erasing.erase_note, "site": erasing.erase_site}


@pytest.fixture
async def vera(sign_in: SignIn) -> Visitor:
    visitor = await sign_in(VERA, language="en")
    await factories.staff(ANNA)
    return visitor


def left(held: dict[str, str], kind: str) -> set[str]:
    return {trace for text in held.values() for trace in SAID[kind] if trace in text}


async def edited(kind: str, client: ClientId) -> int:
    """One of that kind whose former values are kept."""
    part = await MAKE[kind](client)
    if kind == "contact":
        await contacts.change_contact(intent(), part, 1, replace(QUENTIN, name="Q", role=None, email=None))  # type: ignore[arg-type]
    elif kind == "note":
        await notes.change(intent(), part, 1, "Otherwise", False)  # type: ignore[arg-type]
    else:
        await contacts.change_site(intent(), part, 1, replace(deeds.HOUSE, name=None, note=None))  # type: ignore[arg-type]
    return int(part)


@pytest.mark.parametrize("removed", [True, False], ids=["removed", "not removed"])
@pytest.mark.parametrize("kind", SAID)
async def test_nothing_in_the_database_says_it_any_more_and_no_undo_brings_it_back(
    vera: Visitor, as_superuser: asyncpg.Connection, kind: str, removed: bool
) -> None:
    client = await zoe()
    part = await edited(kind, client)
    if removed:
        await REMOVE[kind](intent(), part)
    before = [row["id"] for row in await db.fetch("SELECT id FROM operation WHERE kind LIKE $1", f"client_{kind}.%")]
    assert left(await contents(as_superuser), kind) == set(SAID[kind])
    page = await vera.open(f"/clients/{kind}s/{part}/erasure")
    done = await vera.send(page, f"/clients/{kind}s/{part}/erasure")
    assert (done.status, done.path) == (200, f"/clients/{client}/data")
    assert left(await contents(as_superuser), kind) == set()
    assert await offered(before) == set()
    for one in before:
        with pytest.raises(DomainError):
            await undo(intent(VERA.actor), one)
    assert left(await contents(as_superuser), kind) == set()
    assert await find("quentin") == []
    assert await checks.erased_clients_left_nothing() == []
    assert await bookings.statuses_have_their_reasons() == []
    history = (await vera.open(f"/clients/{client}/timeline")).words("main")
    assert say(f"kind.client_{kind}.erase", name="Zoë Xanthopoulou")[:10] in history
    held = json.loads((await vera.open(f"/clients/{client}/data?as=json")).response.text)["record"]
    assert held[f"{kind}s"][f"client_{kind}"] == []
    assert (await deeds.erase(client)).result == {"client": client}


@pytest.mark.parametrize("kind", SAID)
async def test_it_is_reached_from_where_it_was_removed_and_the_preview_says_what_goes(vera: Visitor, kind: str) -> None:
    client = await zoe()
    part = await MAKE[kind](client)
    assert (await vera.open(f"/clients/{kind}s/{part}")).has(f"a[href='/clients/{kind}s/{part}/erasure']")
    await REMOVE[kind](intent(), part)
    page = await vera.open(f"/clients/{client}/data")
    assert page.has(f"#removed a[href='/clients/{kind}s/{part}/erasure']")
    shown = (await vera.open(f"/clients/{kind}s/{part}/erasure")).words(".facts").lower()
    assert [trace for trace in SAID[kind] if trace not in shown] == []
    await ERASE[kind](intent(VERA.actor), part)
    assert not (await vera.open(f"/clients/{client}/data")).has("#removed")
    assert (await vera.open(f"/clients/{kind}s/{part}/erasure")).path == f"/clients/{client}"
    with pytest.raises(NotFound):
        await ERASE[kind](intent(VERA.actor), part)


@pytest.mark.parametrize("kind", SAID)
async def test_an_undo_of_what_an_erasure_closed_says_that_and_not_to_undo_it_first(vera: Visitor, kind: str) -> None:
    client = await zoe()
    part = await edited(kind, client)
    added = await db.fetchval("SELECT min(id) FROM operation WHERE kind LIKE $1", f"client_{kind}.add%")
    await ERASE[kind](intent(VERA.actor), part)
    with pytest.raises(Closed) as closed:
        await undo(intent(VERA.actor), added)
    assert [kind_ for _, kind_, _ in closed.value.operations] == [f"client_{kind}.erase"]
    token = (await vera.open("/profile")).value("_csrf")
    for referer in ("", "http://console.test/settings/history"):
        page = await vera.post(f"/operations/{added}/undo", {"_csrf": [token]}, referer=referer)
        told = page.words("#toasts") + page.words("main")
        assert page.status == 409
        assert "Nothing undoes this any more: what came later closed it for good. " in told
        assert "Undo that first" not in told


async def test_the_card_of_a_company_leads_to_what_was_removed(vera: Visitor) -> None:
    client = await factories.client("", "", company="Xylo Ltd", folded="xylo ltd")
    part = await deeds.contact(ClientId(client))
    assert not (await vera.open(f"/clients/{client}")).has(f"a[href='/clients/{client}/data#removed']")
    await contacts.remove_contact(intent(), part)
    assert (await vera.open(f"/clients/{client}")).has(f"a[href='/clients/{client}/data#removed']")


async def test_what_was_edited_after_the_preview_is_not_erased_unseen_and_the_front_desk_may_not(vera: Visitor) -> None:
    client = await zoe()
    part = await deeds.note(client)
    shown = await erasing.erase_note(intent(VERA.actor, preview=True), part)
    await deeds.edit_note(part, "Something else")
    with pytest.raises(Changed):
        await erasing.erase_note(intent(VERA.actor, expected=shown.fingerprint), part)
    with pytest.raises(Forbidden):
        await erasing.erase_note(intent(), part)
    assert await db.fetchval("SELECT text FROM client_note WHERE id = $1", part) == "Something else"


async def test_the_database_lets_nobody_write_into_what_was_erased(vera: Visitor, as_owner: asyncpg.Connection) -> None:
    client = await zoe()
    part = await deeds.note(client)
    other = await deeds.note(client, "Kept")
    await deeds.edit_note(other, "Kept as well")
    await erasing.erase_note(intent(VERA.actor), part)
    with pytest.raises(asyncpg.RestrictViolationError, match="this was erased"):
        await as_owner.execute("UPDATE client_note SET retired_at = NULL WHERE id = $1", part)
    with pytest.raises(asyncpg.RestrictViolationError):
        await as_owner.execute("UPDATE former SET values = '{}' WHERE values ? 'text'")
