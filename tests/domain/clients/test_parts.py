"""Notes, contacts and sites of clients: they stand until they are removed, and every change can be undone."""

from __future__ import annotations

from uuid import uuid4

import asyncpg
import pytest

from console.domain import db
from console.domain.clients import actions, contacts, notes, parts, queries
from console.domain.clients.contacts import AboutContact, AboutSite
from console.domain.clients.finding import find
from console.domain.clients.steps import PartRemoved
from console.domain.errors import DomainError, Forbidden, HasDependants, Invalid, NotFound, NotUndoable, Stale
from console.domain.ids import ClientId, ContactId, NoteId, SiteId
from console.domain.intent import Actor, Intent
from console.domain.undo import undo
from tests import factories
from tests.cast import ANNA, NOW

CAT = "cat, do not open the balcony"
LUZHIN = AboutContact("Пётр Лужин", "accountant", "+79215550199", "p@granit.example")
YARD = AboutSite("Lenina 5", "Yard", "gate code 12")


@pytest.fixture
async def client(database: None) -> ClientId:
    await factories.staff(ANNA)
    return ClientId(await factories.client())


def intent(actor: Actor = ANNA.actor) -> Intent:
    return Intent(uuid4(), actor, NOW)


async def note(client: ClientId, text: str = CAT, *, loud: bool = True) -> NoteId:
    return NoteId((await notes.add(intent(), client, text, loud)).result["note"])


async def contact(client: ClientId, about: AboutContact = LUZHIN) -> ContactId:
    return ContactId((await contacts.add_contact(intent(), client, about)).result["client_contact"])


async def site(client: ClientId, about: AboutSite = YARD) -> SiteId:
    return SiteId((await contacts.add_site(intent(), client, about)).result["client_site"])


async def test_notes_that_jump_out_come_first_then_the_newest(client: ClientId) -> None:
    for text, loud in (("first", False), (CAT, True), ("last", False)):
        await note(client, text, loud=loud)
    assert [(one.text, one.loud, one.actor, one.at) for one in await parts.notes(client)] == [
        (CAT, True, ANNA.id, NOW),
        ("last", False, ANNA.id, NOW),
        ("first", False, ANNA.id, NOW),
    ]


async def test_the_newest_note_that_jumps_out_is_told_of_several_clients_at_once(client: ClientId) -> None:
    other, silent = ClientId(await factories.client()), ClientId(await factories.client())
    await note(client, "first")
    await note(client, "second")
    await note(other)
    await note(silent, loud=False)
    gone = await note(silent)
    await notes.remove(intent(), gone)
    known = await queries.clients([client, other, silent])
    assert [one.loud for one in known] == ["second", CAT, None]


async def test_a_note_is_changed_and_removed_and_each_is_undone(client: ClientId) -> None:
    one = await note(client)
    changed = await notes.change(intent(), one, 1, "the dog bites", False)
    removed = await notes.remove(intent(), one)
    assert await parts.notes(client) == []
    await undo(intent(), removed.operation_id)
    (stands,) = await parts.notes(client)
    assert (stands.text, stands.loud) == ("the dog bites", False)
    await undo(intent(), changed.operation_id)
    stands = await parts.note(one)
    assert (stands.text, stands.loud) == (CAT, True)


async def test_a_note_that_was_changed_since_is_not_unmade(client: ClientId) -> None:
    added = await notes.add(intent(), client, CAT)
    await notes.change(intent(), NoteId(added.result["note"]), 1, "the dog bites", False)
    with pytest.raises(HasDependants):
        await undo(intent(), added.operation_id)


async def test_a_contact_is_how_a_client_is_found_until_they_are_removed(client: ClientId) -> None:
    one = await contact(client)
    assert await parts.contacts(client) == [await parts.contact(one)]
    for typed in ("лужин", "0199", "p@granit"):
        assert [hit.client for hit in await find(typed)] == [client], typed
    changed = await contacts.change_contact(intent(), one, 1, AboutContact("Павел Ким"))
    assert [hit.client for hit in await find("ким")] == [client]
    assert await find("0199") == []
    removed = await contacts.remove_contact(intent(), one)
    assert (await parts.contacts(client), await find("ким")) == ([], [])
    await undo(intent(), removed.operation_id)
    await undo(intent(), changed.operation_id)
    stands = await parts.contact(one)
    assert AboutContact(stands.name, stands.role, stands.phone, stands.email) == LUZHIN
    assert [hit.client for hit in await find("0199")] == [client]


@pytest.mark.parametrize("name", ["", "´", "  "])
async def test_a_contact_has_a_name_that_can_be_found(client: ClientId, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        await contact(client, AboutContact(name))
    assert refused.value.problems.keys() == {"name"}


async def test_a_site_is_changed_and_removed_and_each_is_undone(client: ClientId) -> None:
    one = await site(client)
    changed = await contacts.change_site(intent(), one, 1, AboutSite("Lenina 7"))
    assert [(found.shown, found.note) for found in await parts.sites(client)] == [("Lenina 7", None)]
    removed = await contacts.remove_site(intent(), one)
    assert await parts.sites(client) == []
    await undo(intent(), removed.operation_id)
    await undo(intent(), changed.operation_id)
    stands = await parts.site(one)
    assert AboutSite(stands.address, stands.name, stands.note) == YARD
    assert stands.shown == "Yard"


async def test_of_two_who_change_the_same_the_second_learns_of_the_first(client: ClientId) -> None:
    one, who, place = await note(client), await contact(client), await site(client)
    for _ in range(2):
        change = (
            lambda: notes.change(intent(), one, 1, "mine", True),
            lambda: contacts.change_contact(intent(), who, 1, AboutContact("Mine")),
            lambda: contacts.change_site(intent(), place, 1, AboutSite("Mine")),
        )
        for act in change:
            if _ == 0:
                await act()
            else:
                with pytest.raises(Stale):
                    await act()


async def test_what_was_removed_is_neither_found_nor_edited_and_what_never_was_is_unknown(client: ClientId) -> None:
    one, who, place = await note(client), await contact(client), await site(client)
    await notes.remove(intent(), one)
    await contacts.remove_contact(intent(), who)
    await contacts.remove_site(intent(), place)
    for act in (
        lambda: parts.note(one),
        lambda: parts.contact(who),
        lambda: parts.site(place),
        lambda: contacts.remove_site(intent(), SiteId(4711)),
        lambda: notes.add(intent(), ClientId(4711), "x"),
    ):
        with pytest.raises(NotFound):
            await act()
    for edit in (
        lambda: notes.change(intent(), one, 2, "x", True),
        lambda: notes.remove(intent(), one),
        lambda: contacts.change_contact(intent(), who, 2, AboutContact("X")),
        lambda: contacts.remove_contact(intent(), who),
        lambda: contacts.change_site(intent(), place, 2, AboutSite("X")),
    ):
        with pytest.raises(PartRemoved):
            await edit()


async def erase(client: ClientId) -> None:
    await db.execute("UPDATE client SET retired_at = now(), erased_at = now() WHERE id = $1", client)


async def test_nothing_is_said_of_somebody_who_was_erased_nor_brought_back(client: ClientId) -> None:
    added = await notes.add(intent(), client, CAT, True)
    removed = await notes.remove(intent(), NoteId(added.result["note"]))
    await erase(client)
    for act in (
        lambda: notes.add(intent(), client, "x"),
        lambda: contacts.add_contact(intent(), client, LUZHIN),
        lambda: contacts.add_site(intent(), client, YARD),
    ):
        with pytest.raises(NotFound):
            await act()
    with pytest.raises(NotUndoable):
        await undo(intent(), removed.operation_id)


async def test_it_takes_the_permission_to_change_clients(client: ClientId) -> None:
    nobody = Actor(ANNA.actor.id, frozenset({"client:read"}))
    one = await note(client)
    for act in (
        lambda: notes.add(intent(nobody), client, "x"),
        lambda: notes.change(intent(nobody), one, 1, "x", True),
        lambda: notes.remove(intent(nobody), one),
        lambda: contacts.add_contact(intent(nobody), client, LUZHIN),
        lambda: contacts.add_site(intent(nobody), client, YARD),
    ):
        with pytest.raises(Forbidden):
            await act()


async def test_the_database_refuses_a_note_and_a_site_that_say_nothing(client: ClientId) -> None:
    for statement in (
        "UPDATE client_note SET text = ''",
        "UPDATE client_site SET address = ''",
    ):
        await note(client)
        await site(client)
        with pytest.raises(asyncpg.CheckViolationError):
            await db.execute(statement)


async def test_a_client_taken_in_by_mistake_keeps_no_note_alone(client: ClientId) -> None:
    """Whoever added the client first sees what hangs on it before the client goes."""
    from tests.domain.clients.test_finding import about

    added = await actions.add(intent(), about("Вера Ким"))
    await note(ClientId(added.result["client"]))
    with pytest.raises(DomainError):
        await undo(intent(), added.operation_id)
