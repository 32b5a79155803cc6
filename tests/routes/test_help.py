"""Help: how the day goes for a role, the keys, and what the terms of the programme mean."""

from __future__ import annotations

import pytest

from tests.cast import ANNA, BORIS, EVERYBODY, OLEG, VERA, Person
from tests.routes.conftest import SignIn
from tests.words import say


@pytest.mark.parametrize("person", EVERYBODY, ids=lambda person: person.role.value)
async def test_everybody_reaches_it_from_their_own_menu(sign_in: SignIn, person: Person) -> None:
    page = await (await sign_in(person)).open("/profile")
    assert page.has('#person a[href="/help"]')
    assert page.has('#keys a[href="/help"]')


@pytest.mark.parametrize(("person", "days"), [(ANNA, 1), (BORIS, 2), (VERA, 3), (OLEG, 3)])
async def test_it_tells_the_day_of_whoever_reads_their_own_first(sign_in: SignIn, person: Person, days: int) -> None:
    page = await (await sign_in(person, language="en")).open("/help")
    told = ["As a manager or owner", "In support", "At the desk"]
    assert page.all("#day h3") == told[-days:]
    assert page.has('#day a[href="/agenda"]')


async def test_a_link_of_a_day_leads_to_a_page_that_opens_and_is_called_as_the_navigation_calls_it(
    sign_in: SignIn,
) -> None:
    visitor = await sign_in(OLEG, language="en")
    page = await visitor.open("/help")
    named = {node.attributes["href"]: node.text(strip=True) for node in page.tree.css("#rail a[data-key]")}
    for node in page.tree.css("#day a"):
        url = node.attributes["href"] or ""
        assert node.text(strip=True) == named.get(url, node.text(strip=True))
        assert (await visitor.open(url)).status == 200


async def test_it_lists_the_keys_of_every_page_without_a_script(sign_in: SignIn) -> None:
    page = await (await sign_in(ANNA, language="en")).open("/help")
    assert page.all("#keys-of-pages h3") == ["Everywhere", "Go to", "Agenda", "Tickets"]
    assert "Clientsg c" in page.all("#keys-of-pages dl.keys > div")
    assert "Next, previous ticketj k" in page.all("#keys-of-pages dl.keys > div")


async def test_the_dialog_of_keys_has_those_of_the_page_before_all_others(sign_in: SignIn) -> None:
    page = await (await sign_in(ANNA, language="en")).open("/tickets")
    kinds = [node.attributes.get("data-keys-page", "other") for node in page.tree.css("#keys > div, #keys > dl")]
    assert kinds[1:] == [None, "other", "other"]
    assert "Assign to me" in page.response.text.partition('<template id="page-keys">')[2].partition("</template>")[0]


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_each_term_of_the_programme_is_told_at_an_address_of_its_own(sign_in: SignIn, language: str) -> None:
    page = await (await sign_in(ANNA, language=language)).open("/help")
    assert page.words("#term-at-risk dt") == say("words.term_at_risk", language)
    assert page.words("#term-stamp dd") == say("words.term_stamp_said", language)
