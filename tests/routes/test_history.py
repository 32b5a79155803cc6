"""The trail on its page, and undoing from there."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from console.domain import clock, db
from console.domain.ids import DEMO_ACTOR, SYSTEM_ACTOR
from console.domain.kinds import KINDS
from console.domain.team import door, passwords, throttles
from console.routes.history import THINGS
from tests import factories
from tests.cast import ANNA, BORIS, OLEG, PASSWORD, VERA, Person
from tests.page import Page, Visitor, read
from tests.routes.conftest import SignIn
from tests.words import say

HISTORY = "/settings/history"
STAFF = "/settings/staff"


async def change(visitor: Visitor, person: Person = ANNA, **typed: str) -> Page:
    address = f"{STAFF}/{person.id}"
    return await visitor.send(await visitor.open(address), address, **typed)


def told(page: Page) -> list[str]:
    """What the trail says, newest first: who, what, which fields; without the time."""
    return [" ".join(line.css_first("th").text().split()) + " " + " ".join(line.css("td")[0].text().split())
            for line in page.tree.css("tbody tr")]  # fmt: skip


def undos(page: Page) -> list[str]:
    return [form.attributes["action"] or "" for form in page.tree.css("#main form[action$='/undo']")]


async def kinds_done() -> list[str]:
    return [row["kind"] for row in await db.fetch("SELECT kind FROM operation ORDER BY id")][1:]


def deed(kind: str, person: Person = ANNA, name: str = "") -> str:
    return say(f"kind.{kind}", name=name or person.name)


async def test_it_says_who_did_what_to_whom_and_what_each_field_was_and_became(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(ANNA)
    await change(oleg, name="Anna the Second", role="support")
    await change(oleg, name="Anna the Third")
    latest, first, *_, begun = told(await oleg.open(HISTORY))
    third = deed("staff.change", name="Anna the Third")
    assert latest == f"{OLEG.name} {third} {say('column.staff.name')}: Anna the Second → Anna the Third"
    roles = f"{say('column.staff.role')}: {say('role.front_desk')} → {say('role.support')}"
    assert first == f"{OLEG.name} {third} {say('column.staff.name')}: {ANNA.name} → Anna the Second {roles}"
    assert begun == f"{say('actor.terminal')} {say('kind.business.begin')}"


async def test_a_form_saved_without_a_change_leaves_no_line_and_offers_no_undo(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(ANNA)
    service, centre = await factories.service(), await factories.location("Centre")
    reason = await db.fetchval("SELECT min(id) FROM reason")
    before = await kinds_done()
    for address in (
        f"{STAFF}/{ANNA.id}",
        f"/catalogue/services/{service}",
        f"/settings/locations/{centre}",
        f"/settings/reasons/{reason}",
        "/settings/business",
        "/profile",
    ):
        page = await oleg.open(address)
        for _ in range(2):  # the second time is the same press once more
            saved = await oleg.send(page, address)
            assert (saved.status, saved.toast) == (200, say("words.nothing_to_save")), address
            assert not saved.has("#toasts form")
    assert await kinds_done() == before


async def test_no_undo_is_offered_that_would_bring_back_what_another_one_has_by_now(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(ANNA)
    await oleg.send(await oleg.open(f"{STAFF}/{ANNA.id}"), f"{STAFF}/{ANNA.id}/retirement")
    closed = await db.fetchval("SELECT max(id) FROM operation")
    page = await oleg.open(HISTORY)
    assert f"/operations/{closed}/undo" in undos(page)
    await oleg.send(await oleg.open(f"{STAFF}/new"), STAFF, name="Anna 2", email=ANNA.email, role="support")
    page = await oleg.open(HISTORY)
    assert f"/operations/{closed}/undo" not in undos(page)
    invited = deed("staff.invite", name="Anna 2")
    assert say("words.later_changed", what=invited) in page.all("tbody tr")[1]
    refused = await oleg.post(f"/operations/{closed}/undo", {"_csrf": [page.value("_csrf")]})
    assert refused.status == 409
    assert invited in refused.words("main")


async def test_places_and_days_are_named_and_their_values_are_in_words(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    centre = await factories.location("Centre")
    holiday = await factories.holiday(date(2024, 3, 8), name="Spring")
    lists = "/settings/locations", "/settings/holidays"
    place, day = f"{lists[0]}/{centre}", f"{lists[1]}/{holiday}"
    await oleg.send(await oleg.open(place), place, friday="9-15", zone="Europe/Samara", notice_hours="48")
    await oleg.send(await oleg.open(day), day, location=str(centre), hours="10-15")
    day_told, place_told, *_ = told(await oleg.open(HISTORY))
    assert deed("holiday.change", name="Spring, 8 Mar 2024") in day_told
    assert f"{say('column.holiday.location')}: {say('words.everywhere').lower()} → Centre" in day_told
    assert f"{say('column.holiday.hours')}: {say('words.closed')} → 10:00–15:00" in day_told
    assert deed("location.change", name="Centre") in place_told
    assert f"{say('column.location.notice_hours')}: 24 → 48" in place_told
    assert f"{say('column.location.zone')}: Moscow (Europe/Moscow) → Samara (Europe/Samara)" in place_told
    assert "Mon–Fri 9:00–18:00 → Mon–Thu 9:00–18:00, Fri 9:00–15:00" in place_told.replace("\u2060", "")


async def test_names_in_several_languages_are_shown_in_the_readers(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    service = await factories.service()
    name = json.loads(await db.fetchval("SELECT names FROM service"))["en"]
    address = f"/catalogue/services/{service}"
    await oleg.send(await oleg.open(address), address, name_en="Deeper", minutes="150")
    line = told(await oleg.open(HISTORY))[0]
    assert line.startswith(f"{OLEG.name} {deed('service.change', name='Deeper')}")
    assert f"{say('column.service.names')}: {name} → Deeper" in line


async def test_prices_hours_and_own_durations_are_told_with_what_they_became(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    centre, service, person = await factories.location("Centre"), await factories.service(), await factories.bookable()
    offered, who = f"/catalogue/services/{service}", f"/team/bookables/{person}"
    for amount in ("2000", "2500.50"):
        await oleg.send(await oleg.open(offered), f"{offered}/prices", price=amount, valid_from="2030-05-14")
    week = {"as_location": None, "monday": "9-13", "location": str(centre)}
    await oleg.send(await oleg.open(f"{who}/hours"), f"{who}/hours", **week)
    can = {f"can_{service}": "on"}
    for own in ({f"minutes_{service}": "300"}, {f"minutes_{service}": "90", f"price_{service}": "1900"}):
        await oleg.send(await oleg.open(f"{who}/skills"), f"{who}/skills", **can, **own)
    changed, given, hours, raised, set_ = (line.replace("\u2060", "") for line in told(await oleg.open(HISTORY))[:5])
    name = json.loads(await db.fetchval("SELECT names FROM service"))["en"]
    assert f"{say('column.price.minor')}: €2,000" in set_
    assert f"{say('column.price.valid_from')}: 14 May 2030" in set_
    assert f"{say('column.price.minor')}: €2,000 → €2,500.50" in raised
    assert f"{say('column.schedule.location')}: Centre" in hours
    assert f"{say('column.schedule.hours')}: Mon 9:00–13:00" in hours
    assert f"{say('column.skill.service')}: {name}" in given
    assert f"{say('column.skill.minutes')}: 5 h" in given
    assert f"{say('column.skill.minutes')}, {name}: 5 h → 1 h 30 min" in changed
    assert f"{say('column.skill.minor')}, {name}: – → €1,900" in changed


async def test_days_in_a_row_are_counted_each(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    public, year = "/settings/holidays/public", str(clock.now().year + 1)
    page = await oleg.open(f"{public}?country=RU&year={year}")
    page = await oleg.send(page, public)
    many = await db.fetchval("SELECT count(*) FROM holiday")
    found = re.search(rf"1–(\d+) January {year} and (\d+) more", told(await oleg.open(HISTORY))[0])
    assert found
    assert int(found[1]) + int(found[2]) == many


@pytest.mark.parametrize(
    ("address", "typed", "stays"),
    [
        ("/settings/locations", {"name": "North", "zone": "Europe/Moscow"}, "words.stays_closed"),
        ("/settings/reasons", {"name_en": "Rain", "use": "no_show"}, "words.stays_off"),
    ],
)
async def test_what_becomes_of_what_was_added_is_said_when_that_is_undone(
    sign_in: SignIn, address: str, typed: dict[str, str], stays: str
) -> None:
    oleg = await sign_in(OLEG)
    await factories.location("Centre")
    page = await oleg.send(await oleg.open(f"{address}/new"), address, **typed)
    latest = await db.fetchval("SELECT max(id) FROM operation")
    page = await oleg.send(page, f"/operations/{latest}/undo")
    assert (page.path, page.status) == (address, 200)
    assert page.toast
    assert page.toast.endswith(f". {say(stays)}")


async def test_many_things_at_once_are_counted(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    public, year = "/settings/holidays/public", str(clock.now().year + 1)
    page = await oleg.open(f"{public}?country=DE&year={year}")
    await oleg.send(page, public)
    many = await db.fetchval("SELECT count(*) FROM holiday")
    first = await db.fetchval("SELECT names ->> 'en' FROM holiday ORDER BY date LIMIT 1")
    name = say("words.and_more", name=f"{first}, 1 Jan {year}", count=many - 1)
    where = f"{say('field.where')}: {say('words.everywhere')}"
    assert told(await oleg.open(HISTORY))[0] == f"{OLEG.name} {deed('holiday.add_public', name=name)} {where}"


async def test_secrets_and_what_was_erased_are_only_named(sign_in: SignIn, as_superuser: asyncpg.Connection) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(ANNA)
    await change(oleg, name="Anna the Second")
    changed = await db.fetchval("SELECT max(id) FROM operation")
    kept = await db.fetchval("SELECT password_hash FROM staff WHERE id = $1", ANNA.id)
    await as_superuser.execute("SET session_replication_role = replica")
    await as_superuser.execute("UPDATE former SET values = '{}'")
    sql = "INSERT INTO change (operation, entity, entity_id, fields, created) VALUES ($1, 'staff', $2, $3, FALSE)"
    await as_superuser.execute(sql, changed, ANNA.id, ["email", "password_hash"])
    page = await oleg.open(HISTORY)
    deeds = deed("staff.change", name="Anna the Second")
    assert told(page)[0] == f"{OLEG.name} {deeds} {say('column.staff.name')} {say('column.staff.email')}"
    assert kept not in page.response.text


async def test_it_is_undone_from_the_history_and_done_again(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(ANNA)
    await change(oleg, name="Another Anna")
    page = await oleg.open(HISTORY)
    page = await oleg.send(page, undos(page)[0])
    assert (page.path, page.toast) == (HISTORY, say("done.undid", what=deed("staff.change")))
    assert await db.fetchval("SELECT name FROM staff WHERE id = $1", ANNA.id) == ANNA.name
    assert told(page)[0].startswith(f"{OLEG.name} {say('words.undid', what=deed('staff.change'))}")
    assert told(page)[0].endswith(f"Another Anna → {ANNA.name}")
    assert "undone" in told(page)[1]
    assert len(undos(page)) == 1
    page = await oleg.send(page, undos(page)[0])
    again = deed("staff.change", name="Another Anna")
    assert page.toast == say("done.redid", what=again)
    assert await db.fetchval("SELECT name FROM staff WHERE id = $1", ANNA.id) == "Another Anna"
    assert told(page)[0].startswith(f"{OLEG.name} {say('words.redid', what=again)}")
    page = await oleg.send(page, undos(page)[0])
    assert page.toast == say("done.undid", what=deed("staff.change"))
    assert await db.fetchval("SELECT name FROM staff WHERE id = $1", ANNA.id) == ANNA.name
    assert told(page)[0].startswith(f"{OLEG.name} {say('words.undid', what=deed('staff.change'))}")


async def test_the_history_offers_no_undo_of_what_somebody_did_to_their_own_profile(sign_in: SignIn) -> None:
    oleg, vera = await sign_in(OLEG), await sign_in(VERA)
    await vera.send(await vera.open("/profile"), "/profile", name="Vera the Second")
    assert len(undos(await vera.open(HISTORY))) == 1
    assert undos(await oleg.open(HISTORY)) == []


async def test_no_undo_is_offered_to_a_manager_that_would_reach_above_themselves(sign_in: SignIn) -> None:
    oleg, vera = await sign_in(OLEG), await sign_in(VERA)
    await factories.staff(ANNA)
    await factories.staff(BORIS)
    await change(oleg, BORIS, role="manager")
    await change(oleg, ANNA, name="Anna the Second")
    assert len(undos(await oleg.open(HISTORY))) == 2
    [offered] = undos(await vera.open(HISTORY))
    token = (await vera.open(HISTORY)).value("_csrf")
    assert (await vera.post(offered, {"_csrf": [token]})).status == 200


@pytest.mark.parametrize("columns", [{"role": "manager"}, {"role": "support"}])
async def test_what_a_manager_is_offered_is_what_they_may_undo(sign_in: SignIn, columns: dict[str, str]) -> None:
    oleg, vera = await sign_in(OLEG), await sign_in(VERA)
    await factories.staff(BORIS)
    await change(oleg, BORIS, **columns)
    await change(oleg, BORIS, role="front_desk")
    page = await vera.open(HISTORY)
    latest = await db.fetchval("SELECT max(id) FROM operation")
    offered = f"/operations/{latest}/undo" in undos(page)
    answer = await vera.post(f"/operations/{latest}/undo", {"_csrf": [page.value("_csrf")]})
    assert (answer.status == 200) is offered


async def test_no_undo_is_offered_of_ones_own_address_for_it_takes_the_password(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    address = f"{STAFF}/{OLEG.id}"
    await oleg.send(await oleg.open(address), address, email="another@fifth.example", current=PASSWORD)
    oleg = await sign_in(OLEG, exists=True)
    assert undos(await oleg.open(HISTORY)) == []


async def test_the_toasts_undo_comes_back_to_the_page_it_was_pressed_on(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(ANNA)
    page = await change(oleg, name="Another Anna")
    assert page.toast == say("done.staff.change", name="Another Anna")
    page = await oleg.send(page, page.tree.css_first(".toast form").attributes["action"])
    assert (page.path, page.value("name")) == (f"{STAFF}/{ANNA.id}", ANNA.name)
    assert (await oleg.open(page.path)).toast == ""


async def test_an_undo_pressed_twice_happens_once(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(ANNA)
    page = await change(oleg, name="Another Anna")
    address = page.tree.css_first(".toast form").attributes["action"]
    first, again = await oleg.send(page, address), await oleg.send(page, address)
    assert (first.status, again.status) == (200, 200)
    assert await kinds_done() == ["staff.change", "operation.undo"]
    other = await oleg.post(address or "", {"_csrf": page.fields(address)["_csrf"]})
    assert (other.status, other.words(".notice p")) == (409, say("refused.already_undone"))


async def test_only_what_can_be_undone_now_is_offered(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(ANNA)
    await change(oleg, name="The first")
    await change(oleg, role="support")
    await change(oleg, name="The second")
    page = await oleg.open(HISTORY)
    first, _, second = [row["id"] for row in await db.fetch("SELECT id FROM operation ORDER BY id DESC LIMIT 3")][::-1]
    assert [f"/operations/{one}/undo" for one in (second, second - 1)] == undos(page)
    page = await oleg.send(page, undos(page)[0])
    assert f"/operations/{first}/undo" in undos(page)


def in_the_way(who: Person) -> str:
    """How it begins to say that somebody has changed a colleague's name since."""
    what = say("words.told_changed", fields=say("column.staff.name"))
    line = say("words.told", who=who.name, what=what)
    return say("refused.has_dependants", count=1, operations=f"{line} (today, ").partition("today, ")[0]


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
async def test_an_undo_that_a_later_change_depends_on_stays_on_its_page_and_names_it(
    sign_in: SignIn, htmx: bool
) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(ANNA)
    first = await change(oleg, name="The first")
    await change(oleg, name="The second")
    address = first.tree.css_first(".toast form").attributes["action"] or ""
    headers = {"hx-request": "true", "hx-current-url": str(first.response.url)} if htmx else {}
    headers |= {"referer": str(first.response.url)}
    page = await oleg.post(address, first.fields(address), **headers)
    assert page.status == 409
    assert page.toast.startswith(in_the_way(OLEG))
    told_there = page.tree.css_first(".toast p a").attributes["href"] or ""
    there = (await oleg.open(told_there)).tree.css_first(f"tbody tr#{told_there.partition('#')[2]}")
    assert "The first → The second" in there.text()
    assert page.has(".toast[role=alert]")
    assert not page.has(".toast form")
    assert page.value("name") == "The second"
    assert page.has("html body") if not htmx else "<html" not in page.response.text
    assert await db.fetchval("SELECT name FROM staff WHERE id = $1", ANNA.id) == "The second"


@pytest.mark.parametrize("referer", ["", "http://elsewhere.test/", "http://console.test/sign-out", "/nowhere"])
async def test_an_undo_that_is_refused_without_a_page_to_stay_on_has_one_of_its_own(
    sign_in: SignIn, referer: str
) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(ANNA)
    first = await change(oleg, name="The first")
    await change(oleg, name="The second")
    address = first.tree.css_first(".toast form").attributes["action"] or ""
    where = f"http://console.test{referer}" if referer.startswith("/") else referer
    page = await oleg.post(address, first.fields(address), referer=where)
    assert page.status == 409
    assert page.words(".notice p").startswith(in_the_way(OLEG))
    assert page.has(".notice p a")


async def test_who_may_not_read_the_history_is_told_who_is_in_the_way_without_a_way_there(sign_in: SignIn) -> None:
    anna, boris = await sign_in(ANNA), await sign_in(BORIS)
    client = f"/clients/{await factories.client()}"
    first = await anna.send(await anna.open(f"{client}/edit"), client, given_name="Инна")
    await boris.send(await boris.open(f"{client}/edit"), client, given_name="Нина")
    page = await anna.send(first, first.tree.css_first(".toast form").attributes["action"])
    assert page.status == 409
    assert BORIS.name in page.toast
    assert not page.has(".toast p a")


async def test_a_later_change_of_another_field_is_not_in_the_way(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(ANNA)
    first = await change(oleg, name="Another Anna")
    await change(oleg, role="support")
    await oleg.send(first, first.tree.css_first(".toast form").attributes["action"])
    row = await db.fetchrow("SELECT name, role FROM staff WHERE id = $1", ANNA.id)
    assert row is not None
    assert tuple(row) == (ANNA.name, "support")


async def test_undoing_an_invitation_closes_the_account_and_its_link(sign_in: SignIn, stranger: Visitor) -> None:
    oleg = await sign_in(OLEG)
    page = await oleg.open(f"{STAFF}/new")
    page = await oleg.send(page, STAFF, name="New", email="new@fifth.example")
    link = await db.fetchval("SELECT token FROM staff_mail")
    await oleg.send(page, page.tree.css_first(".toast form").attributes["action"])
    assert await db.fetchval("SELECT retired_at IS NOT NULL FROM staff WHERE name = 'New'")
    assert (await stranger.open(f"/links/{link}")).status == 410
    assert await db.fetchval("SELECT status FROM staff_mail") == "skipped"


async def test_a_sent_link_cannot_be_undone_and_no_button_says_so(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(ANNA)
    address = f"{STAFF}/{ANNA.id}"
    page = await oleg.send(await oleg.open(address), f"{address}/link")
    assert page.toast == say("done.staff.link", name=ANNA.name)
    assert not page.has(".toast form")
    assert undos(await oleg.open(HISTORY)) == []
    number = await db.fetchval("SELECT max(id) FROM operation")
    page = await oleg.post(f"/operations/{number}/undo", {"_csrf": [page.value("_csrf")]})
    assert (page.status, page.words(".notice p")) == (409, say("refused.not_undoable"))


async def test_refused_attempts_are_listed_with_who_and_why(sign_in: SignIn) -> None:
    oleg, vera = await sign_in(OLEG), await sign_in(VERA)
    await factories.staff(ANNA)
    page = await oleg.open(f"{HISTORY}?tab=refused")
    assert "Nothing was refused" in page.words("main")
    token = (await vera.open("/profile")).value("_csrf")
    await vera.post(f"{STAFF}/{OLEG.id}/retirement", {"_csrf": [token]})
    await change(oleg, email=VERA.email)
    await change(oleg, email="no address")
    lines = (await oleg.open(f"{HISTORY}?tab=refused")).all("tbody tr")
    assert len(lines) == 2
    assert lines[0].startswith(f"{OLEG.name} {say('tried.staff.change')}: {say('why.problem.email_taken')}")
    assert lines[1].startswith(f"{VERA.name} {say('tried.staff.retire')}: {say('why.refused.forbidden')}")


async def test_a_refused_attempt_leaves_no_operation(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(ANNA)
    await change(oleg, email=OLEG.email)
    assert await kinds_done() == []


@pytest.mark.parametrize("person", [ANNA, BORIS], ids=["front desk", "support"])
async def test_lower_roles_do_not_see_the_trail(sign_in: SignIn, person: Person) -> None:
    visitor = await sign_in(person)
    assert (await visitor.open(HISTORY)).status == 403


async def test_it_is_read_page_by_page(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await db.execute(
        "INSERT INTO operation (kind, actor, intent_id, payload_hash, at, result) SELECT 'session.end', $1,"
        " gen_random_uuid(), sha256('x'), now(), '{\"result\": null, \"effects\": []}' FROM generate_series(1, 70)",
        OLEG.id,
    )
    page = await oleg.open(HISTORY)
    assert len(told(page)) == 50
    older = page.tree.css_first(f"a[href^='{HISTORY}?before=']").attributes["href"]
    page = await oleg.open(older or "")
    assert len(told(page)) == 21
    assert not page.has(f"a[href^='{HISTORY}?before=']")


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "%00", "٣", ""])
async def test_a_place_in_the_trail_that_is_none_is_its_beginning(sign_in: SignIn, before: str) -> None:
    oleg = await sign_in(OLEG)
    page = await oleg.open(f"{HISTORY}?before={before}")
    assert (page.status, len(told(page))) == (200, 1)


@pytest.mark.parametrize("number", ["0", "999999", "99999999999999999999"])
async def test_what_never_happened_cannot_be_undone(sign_in: SignIn, number: str) -> None:
    oleg = await sign_in(OLEG)
    token = (await oleg.open("/profile")).value("_csrf")
    page = await oleg.post(f"/operations/{number}/undo", {"_csrf": [token]})
    assert (page.status, page.heading) == (404, say("There is nothing at this address"))


async def test_what_cannot_be_undone_says_why(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(ANNA)
    await change(oleg, name="Anna the Second")
    await change(oleg, name="Anna the Third")
    account = f"/settings/staff/{ANNA.id}"
    await oleg.send(await oleg.open(account), f"{account}/link")
    link, last, first = (await oleg.open(HISTORY)).all("tbody tr .row-actions")[:3]
    assert (link, last) == (say("words.not_undoable"), say("Undo"))
    assert first == say("words.later_changed", what=deed("staff.change", name="Anna the Third"))


async def test_the_undo_of_an_undo_is_called_redo(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    await factories.staff(ANNA)
    page = await change(oleg, name="Anna the Second")
    page = await oleg.send(page, page.tree.css_first(".toast form").attributes["action"])
    assert page.words(".toast-undo") == say("Redo")
    assert (await oleg.open(HISTORY)).all("tbody tr .row-actions")[0] == say("Redo")


async def test_a_link_that_was_asked_for_names_the_account_and_nothing_of_an_unknown_address(
    stranger: Visitor, sign_in: SignIn
) -> None:
    await factories.staff(ANNA)
    for email in (ANNA.email, "stranger@elsewhere.example"):
        await stranger.send(await stranger.open("/forgotten"), "/forgotten", email=email)
        await passwords.answer_requests(clock.now())
    page = await (await sign_in(OLEG)).open(HISTORY)
    unknown, known = page.all("tbody td:nth-child(2)")[:2]
    assert known == say("kind.password.ask", name=ANNA.name)
    assert unknown == say("kind.password.ask", name=say("words.unknown_address"))
    assert page.all("tbody th")[:2] == [say("words.at_sign_in")] * 2
    assert [one.attributes["href"] for one in page.tree.css("tbody td a")] == [f"{STAFF}/{ANNA.id}"]


async def test_wrong_passwords_and_a_shut_door_are_refused_attempts_of_the_account(
    stranger: Visitor, sign_in: SignIn
) -> None:
    await factories.staff(ANNA)
    for _ in range(throttles.ATTEMPTS + 3):
        await stranger.send(await stranger.open("/sign-in"), "/sign-in", email=ANNA.email, password="guess")
    await stranger.send(
        await stranger.open("/sign-in"), "/sign-in", email="stranger@elsewhere.example", password="guess"
    )
    page = await (await sign_in(OLEG)).open(f"{HISTORY}?tab=refused")
    somebody, wrong = say("words.somebody"), say("why.problem.sign_in")
    tried = f"{somebody} {say('words.tried_as', name=ANNA.name)}"
    lines = page.all("tbody tr")
    assert lines[0].startswith(f"{somebody} {say('words.tried_unknown_address')}: {wrong}")
    assert lines[1].startswith(f"{tried}: {say('why.refused.throttled')}")
    assert lines[2].startswith(f"{tried}: {wrong} {throttles.ATTEMPTS} times since ")
    assert len(lines) == 3
    assert "elsewhere" not in page.words("main")


async def test_made_up_addresses_push_no_refused_attempt_out_of_sight(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    add = "INSERT INTO refusal (at, actor, kind, intent_id, key) SELECT $1, $2, $3, gen_random_uuid(), $4"
    await db.execute(add, clock.now(), OLEG.id, "staff.retire", "refused.forbidden")
    await db.execute(f"{add} FROM generate_series(1, 6000)", clock.now(), SYSTEM_ACTOR, throttles.SIGN_IN, door.WRONG)
    page = await oleg.open(f"{HISTORY}?tab=refused")
    [line] = page.all("tbody tr")
    assert "5,000 times since" in line or "5000 times since" in line
    page = await oleg.open(page.tree.css_first("nav.pages a[rel=next]").attributes["href"] or "")
    unknown, known = page.all("tbody tr")
    assert unknown.startswith(f"{say('words.somebody')} {say('words.tried_unknown_address')}")
    assert known.startswith(OLEG.name)
    assert not page.has("nav.pages")


async def test_refused_attempts_are_paged_to_the_first_and_each_is_told_once(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    add = "INSERT INTO refusal (at, actor, kind, intent_id, key) VALUES ($1, $2, $3, gen_random_uuid(), $4)"
    for day in range(60):
        for kind in ("staff.retire", "staff.invite"):
            await db.execute(add, clock.now() - timedelta(days=60 - day), OLEG.id, kind, "refused.forbidden")
    url, lines = f"{HISTORY}?tab=refused", []
    while url:
        page = await oleg.open(url)
        lines.append(len(page.all("tbody tr")))
        following = page.tree.css_first("nav.pages a[rel=next]")
        url = (following.attributes["href"] or "") if following else ""
    assert lines == [50, 50, 20]


async def did(kind: str, at: datetime, actor: int = OLEG.id, undoes: int | None = None) -> int:
    """An operation of the past that touched nothing."""
    return int(
        await db.fetchval(
            "INSERT INTO operation (kind, actor, intent_id, payload_hash, at, undoes, result) VALUES"
            """ ($1, $2, gen_random_uuid(), sha256(''), $3, $4, '{"result": null, "effects": []}') RETURNING id""",
            kind,
            actor,
            at,
            undoes,
        )
    )


def links(page: Page) -> list[str]:
    return [node.attributes["href"] or "" for node in page.tree.css("#main a")]


def lines(page: Page) -> list[int]:
    """The operations that are listed, newest first."""
    rows = page.tree.css("tr[id^=operation-]")
    return [int((row.attributes["id"] or "").removeprefix("operation-")) for row in rows]


@pytest.fixture
async def weeks(sign_in: SignIn) -> Visitor:
    """An owner who reads the history of a business in Moscow, whose days begin at 21:00."""
    oleg = await sign_in(OLEG)
    await factories.staff(VERA)
    await factories.location()
    return oleg


MAY = datetime(2026, 5, 1, 12, tzinfo=UTC)


async def test_the_history_is_narrowed_by_what_it_is_about_and_an_undo_is_about_what_it_undoes(weeks: Visitor) -> None:
    booked = await did("booking.book", MAY)
    invited = await did("staff.invite", MAY)
    undone = await did("operation.undo", MAY, undoes=booked)
    redone = await did("operation.undo", MAY, undoes=undone)
    carded = await did("client_card.issue", MAY)
    page = await weeks.open(f"{HISTORY}?thing=bookings")
    assert lines(page) == [redone, undone, booked]
    assert page.value("thing") == "bookings"
    assert lines(await weeks.open(f"{HISTORY}?thing=clients")) == [carded]
    assert lines(await weeks.open(f"{HISTORY}?thing=accounts")) == [invited]
    assert lines(await weeks.open(HISTORY))[:5] == [carded, redone, undone, invited, booked]


async def test_the_history_is_narrowed_by_who_did_it(weeks: Visitor) -> None:
    his, hers = await did("holiday.add", MAY), await did("holiday.add", MAY, VERA.id)
    assert lines(await weeks.open(f"{HISTORY}?by={OLEG.id}")) == [his]
    assert lines(await weeks.open(f"{HISTORY}?by={VERA.id}")) == [hers]
    begun = await weeks.open(f"{HISTORY}?by=2")
    assert [line.split(" ")[0] for line in told(begun)] == [say("actor.terminal").split(" ")[0]] * len(told(begun))


async def test_the_history_is_narrowed_by_days_of_the_business_the_last_one_within(weeks: Visitor) -> None:
    late = await did("holiday.add", datetime(2026, 5, 2, 20, 59, tzinfo=UTC))
    early = await did("holiday.add", datetime(2026, 5, 2, 21, 0, tzinfo=UTC))
    after = await did("holiday.add", datetime(2026, 5, 3, 21, 0, tzinfo=UTC))
    narrowed = f"{HISTORY}?by={OLEG.id}"
    assert lines(await weeks.open(f"{narrowed}&since=2026-05-03")) == [after, early]
    assert lines(await weeks.open(f"{narrowed}&until=2026-05-03")) == [early, late]
    page = await weeks.open(f"{narrowed}&since=3.5.2026&until=2026-05-03")
    assert lines(page) == [early]
    assert (page.value("since"), page.value("until")) == ("2026-05-03", "2026-05-03")
    nothing = await weeks.open(f"{narrowed}&since=2026-05-09&until=2026-05-08")
    said = nothing.words(".empty-search").removeprefix("Nothing here fits: ").partition(".")[0]
    assert [one.partition(":")[0] for one in said.split("; ")] == ["Who", "From", "To"]


async def test_pages_and_tabs_keep_what_was_chosen_and_one_link_takes_it_off(weeks: Visitor) -> None:
    first, *_ = [await did("holiday.add", MAY) for _ in range(51)]
    await did("booking.book", MAY)
    asked = f"thing=holidays&by={OLEG.id}&since=2026-05-01"
    page = await weeks.open(f"{HISTORY}?{asked}")
    assert len(lines(page)) == 50
    [older] = [one for one in links(page) if "before=" in one]
    assert lines(await weeks.open(older)) == [first]
    assert f"{HISTORY}?tab=refused&{asked}" in links(page)
    assert page.has(f"#list-nav a.button[href='{HISTORY}']")
    assert not (await weeks.open(HISTORY)).has("#list-nav a.button")
    sent = await weeks.open(f"{HISTORY}?thing=holidays&by=&since=&until=")  # as a browser sends the form
    assert len(lines(sent)) == 50


async def test_refused_attempts_are_narrowed_too(weeks: Visitor) -> None:
    for kind, actor, day in (("staff.invite", VERA, 1), ("staff.invite", OLEG, 2), ("booking.book", VERA, 3)):
        await db.execute(
            "INSERT INTO refusal (at, actor, kind, intent_id, key)"
            " VALUES ($1, $2, $3, gen_random_uuid(), 'refused.forbidden')",
            MAY + timedelta(days=day),
            actor.id,
            kind,
        )

    async def refused(asked: str) -> list[str]:
        page = await weeks.open(f"{HISTORY}?tab=refused&{asked}")
        assert page.has("input[name=tab][value=refused]")
        return told(page)

    assert len(await refused("")) == 3
    assert len(await refused("thing=accounts")) == 2
    assert len(await refused(f"by={VERA.id}")) == 2
    assert [line.startswith(OLEG.name) for line in await refused("since=2026-05-03&until=2026-05-03")] == [True]
    assert await refused("thing=holidays") == []


def test_every_kind_of_operation_is_about_one_of_the_things() -> None:
    parts = [part for _, parts in THINGS.values() for part in parts]
    assert sorted(parts) == sorted({kind.partition(".")[0] for kind in KINDS} - {"operation"})


async def test_a_closed_account_is_told_as_closed_in_the_history_alone(sign_in: SignIn, stranger: Visitor) -> None:
    await factories.staff(ANNA)
    await db.execute("UPDATE staff SET retired_at = $2 WHERE id = $1", ANNA.id, clock.now())
    page = await stranger.send(await stranger.open("/sign-in"), "/sign-in", email=ANNA.email, password=PASSWORD)
    assert page.error("password") == say("problem.sign_in")
    [line] = (await (await sign_in(OLEG)).open(f"{HISTORY}?tab=refused")).all("tbody tr")
    assert line.startswith(
        f"{say('words.somebody')} {say('words.tried_as', name=ANNA.name)}: {say('why.account_closed')}"
    )


async def test_public_holidays_say_at_which_location_they_were_added(sign_in: SignIn) -> None:
    vera, centre = await sign_in(OLEG), await factories.location()
    for place in (centre, 0):
        page = await vera.open(f"/settings/holidays/public?country=DE&region=BY&year=2027&location={place}")
        await vera.send(page, "/settings/holidays/public")
    everywhere, there = (await vera.open(f"{HISTORY}?thing=holidays")).all("tbody tr")
    assert f"{say('field.where')}: {say('words.everywhere')}" in everywhere
    assert f"{say('field.where')}: Centre" in there


async def test_an_empty_answer_names_what_was_asked_and_a_demo_is_offered_where_there_was_one(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG)
    page = await oleg.open(f"{HISTORY}?by={OLEG.id}&until=2026-01-01")
    asked = f"{say('words.filter_by')}: {OLEG.name}"
    assert asked in page.words(".empty-search")
    assert "Jan" in page.words(".empty-search")
    assert page.has(".list-day input.is-set[name=until]")
    assert not page.has(".list-day input.is-set[name=since]")
    demo = f"select[name=by] option[value='{int(DEMO_ACTOR)}']"
    assert not page.has(demo)
    await db.execute("UPDATE business SET demo = true")
    assert (await oleg.open(HISTORY)).has(demo)


async def test_a_form_shown_again_tells_nothing_of_what_was_done_before_it_was_sent(sign_in: SignIn) -> None:
    """The page that follows a deed was not opened before another form was sent, and refused."""
    anna = await sign_in(ANNA, language="en")
    page = await anna.open("/profile")
    sent = {name: texts[0] for name, texts in page.fields("/profile").items()}
    done = await anna.http.post("/profile", data={**sent, "name": "Anna Belova"})
    assert done.status_code == 303
    refused = read(await anna.http.post("/profile", data={**sent, "intent": str(uuid4()), "name": ""}))
    assert (refused.status, refused.toast) == (422, "")
    assert refused.error("name")
    assert (await anna.open("/profile")).toast == ""
