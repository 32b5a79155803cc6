"""The programme runs over what was before, by the till's own rules; each client begins with what they would have."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from console.domain import clock, db
from console.domain.errors import HasDependants
from console.domain.ids import ClientId
from console.domain.imports import queries
from console.domain.imports.bringing import bring, rehearse, run_programme
from console.domain.imports.dependants import TheyWereTold
from console.domain.intent import TERMINAL, Intent
from console.domain.loyalty import fixed_cards, opening
from console.domain.loyalty.accounts import account
from console.domain.loyalty.presets import both
from console.domain.loyalty.rules.card import DAY, Card
from console.domain.loyalty.rules.nights import nights
from console.domain.loyalty.rules.pricing import Asked, price
from console.domain.loyalty.rules.visits import Finished, finish
from console.domain.visits.opening import NoProgramme
from tests import loyal
from tests.domain.imports.books import FILES, books
from tests.domain.imports.test_bringing import sound, take_back
from workers.night import do_due

pytestmark = pytest.mark.usefixtures("database")

FIRST = date(2018, 3, 1)
WEEKLY = [FIRST + timedelta(7 * week) for week in range(9)]
AS_OF = date(2018, 7, 29)


def weekly() -> dict[str, str]:
    """Eve comes nine times for a hair cut, Fred once for oil."""
    rows = [f"{at},{on:%m/%d/%Y},Women's hair cut,EVE01,JJ,1,102" for at, on in enumerate(WEEKLY, 1)]
    rows += ["20,03/09/2018,Argan oil,FRED01,JJ,1,30"]
    receipts = "\n".join(["Receipt,Date,Description,Client,Staff,Quantity,Amount", *rows])
    return {**{name: FILES[name] for name in FILES if "listing" in name}, "receipt-transactions.csv": receipts + "\n"}


async def of(code: str) -> ClientId:
    return ClientId(await db.fetchval("SELECT client FROM client_profile WHERE given_name = $1", code))


async def test_a_card_begins_with_what_the_rules_make_of_the_visits_of_before() -> None:
    await bring(books(weekly()), TERMINAL)
    await loyal.in_force(lambda _: both(10000), date(2018, 1, 1))
    cards = {card.client: card for card in await run_programme("salon", TERMINAL, AS_OF)}
    eve = await of("EVE01")
    held = await account(eve, AS_OF)
    card = Card(night=FIRST - DAY)
    for at, on in enumerate(WEEKLY):
        card, _ = nights(held.versions, card, on)
        asked = price(held.versions.on(on), [Asked(10200, service="1")], [])
        card, _ = finish(held.versions.on(on), card, Finished(on, asked, 10200, 0, at))
    card, _ = nights(held.versions, card, AS_OF)
    assert (cards[eve].stamps, cards[eve].free_visits) == (1, 2)
    assert (len(card.stamps), len(card.free_visits), card.tier) == (1, 2, held.card.tier)
    assert held.card.tier > 0 or card.tier == 0
    assert held.night == AS_OF
    assert await of("FRED01") not in cards, "oil is no visit that earns anything"
    assert await db.fetchval("SELECT count(*) FROM message") == 0
    assert [one for one in await sound() if "waits since" not in one] == []


async def test_a_preview_says_the_same_and_keeps_nothing() -> None:
    await bring(books({name: text for name, text in weekly().items() if "listing" in name}), TERMINAL)
    await loyal.in_force(lambda _: both(10000), date(2018, 1, 1))
    seen = (await rehearse(books(weekly()), TERMINAL, AS_OF)).cards
    assert await db.fetchval("SELECT count(*) FROM loyalty_entry") == 0
    assert await db.fetchval("SELECT count(*) FROM client") == 0
    await bring(books(weekly()), TERMINAL)
    cards = await run_programme("salon", TERMINAL, AS_OF)
    assert [(card.stamps, card.free_visits, card.tier) for _, card in seen] == [
        (card.stamps, card.free_visits, card.tier) for card in cards
    ]
    assert [name for name, _ in seen] == ["EVE01"]
    assert await run_programme("salon", TERMINAL, AS_OF) == [], "once"


async def test_visits_after_the_date_bring_nothing_but_count_later() -> None:
    await bring(books(weekly()), TERMINAL)
    await loyal.in_force(lambda _: both(10000), date(2018, 1, 1))
    [card] = await run_programme("salon", TERMINAL, WEEKLY[1])
    assert (card.stamps, card.free_visits) == (2, 0)


async def test_who_had_nothing_by_a_date_has_it_by_a_later_one_or_by_more_visits() -> None:
    await bring(books(weekly()), TERMINAL)
    await loyal.in_force(lambda _: both(10000), date(2018, 1, 1))
    early = FIRST - timedelta(28)
    for _ in range(2):
        assert [card.stamps for card in await run_programme("salon", TERMINAL, early)] == [0]
    name = "receipt-transactions.csv"
    header, *_ = weekly()[name].splitlines()
    more = f"{header}\n90,{early - DAY:%m/%d/%Y},Women's hair cut,EVE01,JJ,1,102\n"
    await bring(books({**weekly(), name: more}), TERMINAL)
    assert [card.stamps for card in await run_programme("salon", TERMINAL, early)] == [1]


async def test_whom_somebody_else_opens_meanwhile_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    await bring(books(weekly()), TERMINAL)
    await loyal.in_force(lambda _: both(10000), date(2018, 1, 1))
    asked = await queries.clients_of("salon")
    unopened = opening.unopened
    both_see = await unopened(asked)
    await run_programme("salon", TERMINAL, AS_OF)

    async def seen(clients: list[ClientId]) -> list[ClientId]:
        return both_see if len(clients) > 1 else await unopened(clients)

    monkeypatch.setattr(opening, "unopened", seen)
    assert await run_programme("salon", TERMINAL, AS_OF) == []


async def opened_and_nights_since() -> int:
    """A run over which the programme ran, and the nights since; who came by it has a phone and a warning is due."""
    run = (await bring(books(weekly()), TERMINAL)).run
    await loyal.in_force(lambda _: both(10000), date(2018, 1, 1))
    await run_programme("salon", TERMINAL, AS_OF)
    for later in range(3):
        await do_due(clock.now() + timedelta(later))
    return run


async def test_an_import_goes_with_what_its_programme_and_nights_made_of_it_and_comes_again_as_new() -> None:
    run = await opened_and_nights_since()
    assert await db.fetchval("SELECT count(*) FROM message WHERE status = 'due' AND retired_at IS NULL") == 1
    assert await db.fetchval("SELECT count(*) FROM tier_entry WHERE event = 'warned'") == 1
    await take_back(run)
    kept = (
        "SELECT DISTINCT stamps, free_visits, tier, drops_on, next_night FROM loyalty_account ORDER BY tier NULLS FIRST"
    )
    assert [tuple(row) for row in await db.fetch(kept)] == [(0, 0, None, None, None), (0, 0, "base", None, None)]
    assert await db.fetchval("SELECT count(*) FROM message WHERE retired_at IS NULL") == 0
    assert await sound() == []
    await do_due(clock.now() + timedelta(40))
    assert await db.fetchval("SELECT count(*) FROM message WHERE retired_at IS NULL") == 0, (
        "nor is anybody warned later"
    )
    again = await bring(books(weekly()), TERMINAL)
    assert all(one.merged == 0 for one in again.files.values())
    [card] = await run_programme("salon", TERMINAL, AS_OF)
    assert (card.stamps, card.free_visits) == (1, 2)
    assert [one for one in await sound() if "waits since" not in one] == []


async def test_nobody_is_told_of_what_lies_before_the_import_and_whose_tier_is_at_risk_once_with_full_grace() -> None:
    began = clock.now()
    await opened_and_nights_since()
    assert await db.fetchval("SELECT count(*) FROM loyalty_entry WHERE verb = 'expire'") > 0
    today = clock.business_date(began, ZoneInfo("America/Vancouver"))
    [told] = await db.fetch("SELECT kind, due_at, variables ->> 'last' AS last FROM message")
    assert (told["kind"], told["last"]) == ("tier.warning", str(today + timedelta(13)))
    assert told["due_at"] >= began


async def test_whoever_was_here_before_has_their_card_opened_anew_once_the_import_came_again() -> None:
    files = weekly()
    name = "receipt-transactions.csv"
    header, *rows = files[name].splitlines()
    early = {**files, name: "\n".join([header, *rows[:5]]) + "\n"}
    late = {**files, name: "\n".join([header, *rows[5:]]) + "\n"}
    await bring(books(early), TERMINAL)
    second = (await bring(books(late), TERMINAL)).run
    await loyal.in_force(lambda _: both(10000), date(2018, 1, 1))
    await run_programme("salon", TERMINAL, AS_OF)
    await do_due(clock.now())
    await take_back(second)
    assert await sound() == []
    eve = await of("EVE01")
    card = (await account(eve, AS_OF)).card
    assert (card.stamps, card.free_visits, card.tier) == ((), (), 0)
    assert [card.stamps for card in await run_programme("salon", TERMINAL, AS_OF)] == [1], "of the five that stayed"
    await do_due(clock.now())
    assert await sound() == []


async def test_what_people_did_on_such_a_card_is_in_the_way_and_named() -> None:
    run = await opened_and_nights_since()
    await fixed_cards.give(Intent(uuid4(), TERMINAL, clock.now()), await of("EVE01"), 500, None, None)
    with pytest.raises(HasDependants) as refused:
        await take_back(run)
    assert {kind for _, kind, _ in refused.value.operations} == {"fixed_card.give"}


async def test_whom_something_was_told_already_is_in_the_way_and_named() -> None:
    run = await opened_and_nights_since()
    await db.execute("UPDATE message SET status = 'sent', sent_at = now(), channel = 'sms'")
    with pytest.raises(TheyWereTold) as refused:
        await take_back(run)
    assert refused.value.params == {"names": "EVE01"}


async def test_without_a_programme_in_force_then_nothing_is_run() -> None:
    await bring(books(weekly()), TERMINAL)
    with pytest.raises(NoProgramme):
        await run_programme("salon", TERMINAL, AS_OF)
    await loyal.in_force(lambda _: both(10000), date(2018, 1, 1))
    await bring(books(weekly()), TERMINAL)
    assert len(await run_programme("salon", TERMINAL, AS_OF)) == 1, "also of what an earlier run brought"


async def test_what_is_due_on_a_card_is_done_before_a_visit_that_is_brought_in_for_its_date() -> None:
    twice = weekly()
    name = "receipt-transactions.csv"
    header, *rows = twice[name].splitlines()
    twice[name] = "\n".join([header, *rows, *(row.replace("EVE01", "ZOE01") for row in rows if "EVE01" in row)])
    await bring(books(twice), TERMINAL)
    await loyal.in_force(lambda _: both(10000), date(2018, 1, 1))
    await run_programme("salon", TERMINAL, AS_OF)
    eve, zoe = await of("EVE01"), await of("ZOE01")
    due = await db.fetchval("SELECT next_night FROM loyalty_account WHERE client = $1", eve)
    await loyal.nights(zoe, due)
    later = [f"9{at},{due:%m/%d/%Y},Women's hair cut,{code},JJ,1,102" for at, code in enumerate(("EVE01", "ZOE01"))]
    await bring(books({**twice, name: "\n".join([header, *later])}), TERMINAL)
    for client in (eve, zoe):
        await loyal.nights(client, due + timedelta(400))
    happened = {client: await _happened(client) for client in (eve, zoe)}
    assert any(on == due for _, on, _ in happened[zoe])
    assert happened[eve] == happened[zoe]


async def _happened(client: ClientId) -> list[tuple[object, ...]]:
    """What happened on a card, and when, and on which nights it was judged."""
    rows = await db.fetch(
        "SELECT unit || verb AS what, \"on\", snapshot ->> 'night' FROM loyalty_entry WHERE client = $1"
        ' UNION ALL SELECT event, "on", drops_on::text FROM tier_entry WHERE client = $1 ORDER BY 2, 1, 3',
        client,
    )
    return [tuple(row) for row in rows]
