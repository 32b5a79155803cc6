"""Guessing a password is held back, and nobody outside can shut an account to its owner by guessing."""

from __future__ import annotations

import asyncio

import pytest
from litestar import Litestar

from console.domain import db
from console.domain.team import door, throttles
from console.domain.team.browsers import MOST_KNOWN, Browser
from tests import factories
from tests.cast import ANNA, OLEG, PASSWORD, VERA, Person
from tests.page import Visitor
from tests.routes.doors import come_in, holding, is_in

NEW = "an entirely new sentence"


async def guess(app: Litestar, person: Person, times: int, address: str) -> list[int]:
    """Wrong passwords from a browser that nobody knows; the answers' statuses."""
    visitor = holding(app, address=address)
    return [(await come_in(visitor, person, password="wrong and wrong")).status for _ in range(times)]


async def guess_from_everywhere(app: Litestar, person: Person) -> None:
    """Reach the account's ceiling from as many networks as that takes."""
    for network in range(throttles.ATTEMPTS_PER_ACCOUNT // throttles.ATTEMPTS):
        assert set(await guess(app, person, throttles.ATTEMPTS, f"198.51.100.{network}")) == {422}


async def known_to(app: Litestar, person: Person, address: str = "192.0.2.7") -> Visitor:
    """A browser that signed in to the account, and out again."""
    visitor = holding(app, address=address)
    page = await come_in(visitor, person)
    await visitor.send(page, "/sign-out")
    return visitor


async def test_guessing_from_one_network_shuts_the_account_to_that_network_alone(app: Litestar) -> None:
    await factories.staff(OLEG)
    assert await guess(app, OLEG, throttles.ATTEMPTS + 1, "198.51.100.1") == [422] * throttles.ATTEMPTS + [429]
    assert (await come_in(holding(app, address="198.51.100.1"), OLEG)).status == 429
    assert (await come_in(holding(app, address="192.0.2.7"), OLEG)).path == "/profile"


async def test_guessing_from_many_networks_shuts_the_account_to_strangers(app: Litestar) -> None:
    await factories.staff(OLEG)
    await guess_from_everywhere(app, OLEG)
    assert (await come_in(holding(app, address="192.0.2.7"), OLEG)).status == 429


async def test_a_browser_that_signed_in_before_is_let_in_however_much_others_guess(app: Litestar) -> None:
    await factories.staff(OLEG)
    own = await known_to(app, OLEG)
    await guess_from_everywhere(app, OLEG)
    assert (await come_in(own, OLEG)).path == "/profile"


async def test_a_known_browser_is_let_in_from_a_network_that_was_shut(app: Litestar) -> None:
    await factories.staff(OLEG)
    own = await known_to(app, OLEG, address="198.51.100.1")
    await guess(app, OLEG, throttles.ATTEMPTS_PER_ADDRESS + 1, "198.51.100.1")
    assert (await come_in(own, OLEG)).path == "/profile"


async def test_a_known_browser_guesses_no_more_often_than_others_and_shuts_nobody_else(app: Litestar) -> None:
    await factories.staff(OLEG)
    own = await known_to(app, OLEG)
    wrong = [(await come_in(own, OLEG, password="wrong and wrong")).status for _ in range(throttles.ATTEMPTS + 1)]
    assert wrong == [422] * throttles.ATTEMPTS + [429]
    assert (await come_in(own, OLEG)).status == 429
    assert (await come_in(holding(app, address="192.0.2.7"), OLEG)).path == "/profile"


async def test_a_counter_of_a_clock_that_was_put_right_shuts_nobody_out(app: Litestar) -> None:
    await factories.staff(OLEG)
    await guess(app, OLEG, throttles.ATTEMPTS + 1, "192.0.2.7")
    await db.execute("UPDATE throttle SET since = since + interval '1 year'")
    assert (await come_in(holding(app, address="192.0.2.7"), OLEG)).path == "/profile"


async def test_no_counter_lasts_longer_than_its_window(app: Litestar) -> None:
    await factories.staff(OLEG)
    await guess(app, OLEG, throttles.ATTEMPTS + 1, "192.0.2.7")
    await db.execute("UPDATE throttle SET since = now() + interval '30 seconds'")
    shut = await come_in(holding(app, address="192.0.2.7"), OLEG)
    assert 0 < int(shut.response.headers["retry-after"]) <= throttles.WINDOW.total_seconds()


async def test_a_success_starts_a_known_browsers_counter_anew(app: Litestar) -> None:
    await factories.staff(OLEG)
    own = await known_to(app, OLEG)
    for _ in range(2):
        for _ in range(throttles.ATTEMPTS - 1):
            await come_in(own, OLEG, password="wrong and wrong")
        page = await come_in(own, OLEG)
        assert page.path == "/profile"
        await own.send(page, "/sign-out")


async def test_a_browser_is_known_to_the_accounts_that_it_signed_in_to_and_to_no_other(app: Litestar) -> None:
    for person in (OLEG, VERA, ANNA):
        await factories.staff(person)
    desk = await known_to(app, OLEG)
    await desk.send(await come_in(desk, VERA), "/sign-out")
    for person in (OLEG, VERA, ANNA):
        await guess(app, person, throttles.ATTEMPTS + 1, "192.0.2.7")
    assert (await come_in(desk, ANNA)).status == 429
    for person in (OLEG, VERA):
        page = await come_in(desk, person)
        assert page.path == "/profile"
        await desk.send(page, "/sign-out")


async def test_a_desk_where_everybody_signs_in_is_known_to_the_latest(app: Litestar) -> None:
    desk = holding(app)
    for number in range(MOST_KNOWN + 3):
        person = Person(100 + number, "Somebody", f"{number}@fifth.example", ANNA.role)
        await factories.staff(person)
        await desk.send(await come_in(desk, person), "/sign-out")
    assert len((desk.http.cookies.get("known") or "").split(".")) == MOST_KNOWN + 1
    await guess(app, person, throttles.ATTEMPTS + 1, "127.0.0.1")
    assert (await come_in(desk, person)).path == "/profile"


async def test_a_new_password_makes_every_browser_unknown_but_the_one_that_chose_it(app: Litestar) -> None:
    await factories.staff(OLEG)
    other = await known_to(app, OLEG, address="198.51.100.1")
    own = holding(app, address="198.51.100.1")
    page = await come_in(own, OLEG)
    page = await own.send(page, "/profile/password", current=PASSWORD, password=NEW)
    await own.send(page, "/sign-out")
    await guess(app, OLEG, throttles.ATTEMPTS + 1, "198.51.100.1")
    assert (await come_in(other, OLEG, password=NEW)).status == 429
    assert (await come_in(own, OLEG, password=NEW)).path == "/profile"


async def test_the_right_password_alone_makes_no_browser_known_where_a_code_is_asked_for(app: Litestar) -> None:
    await factories.staff(OLEG, totp_secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", totp_step=0)
    visitor = holding(app)
    assert (await come_in(visitor, OLEG)).path == "/sign-in/code"
    assert visitor.http.cookies.get("known") is None


@pytest.mark.parametrize("planted", ["x", "." * 50, "a" * 24, "a" * 24 + "." + "0" * 32, "жетон", '"', "a" * 5000])
async def test_a_cookie_that_somebody_made_up_is_known_to_nobody(app: Litestar, planted: str) -> None:
    await factories.staff(OLEG)
    await guess(app, OLEG, throttles.ATTEMPTS, "192.0.2.7")
    visitor = holding(app, address="192.0.2.7")
    page = await visitor.open("/sign-in")
    fields = {**page.fields("/sign-in"), "email": [OLEG.email], "password": [PASSWORD]}
    cookies = f"visitor={visitor.http.cookies['visitor']}; known={planted}"
    answer = await visitor.http.post("/sign-in", data=fields, headers={b"cookie": cookies.encode()})
    assert answer.status_code == 429


async def test_nothing_that_is_stored_makes_a_browser_known(app: Litestar) -> None:
    await factories.staff(OLEG)
    own = await known_to(app, OLEG)
    await come_in(own, OLEG, password="wrong and wrong")
    name, mark = (own.http.cookies.get("known") or "").split(".")
    rows = "SELECT (SELECT json_agg(s) FROM staff_session s)::text || (SELECT json_agg(t) FROM throttle t)::text"
    stored = await db.fetchval(rows)
    assert name not in stored
    assert mark not in stored


async def test_the_cookie_is_kept_for_a_year_and_out_of_the_reach_of_scripts(app: Litestar) -> None:
    await factories.staff(OLEG)
    visitor = holding(app)
    page = await visitor.open("/sign-in")
    fields = {**page.fields("/sign-in"), "email": [OLEG.email], "password": [PASSWORD]}
    answer = await visitor.http.post("/sign-in", data=fields)
    [cookie] = [one for one in answer.headers.get_list("set-cookie") if one.startswith("known=")]
    assert {"HttpOnly", "Max-Age=31536000", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))


async def test_a_neighbour_in_an_ipv6_network_is_the_same_visitor_and_another_network_is_not(
    app: Litestar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "ATTEMPTS_PER_ADDRESS", 3)
    await factories.staff(OLEG)
    for number in range(3):
        await guess(app, ANNA, 1, f"2001:db8:1:2::{number + 1:x}")
    assert (await come_in(holding(app, address="2001:db8:1:2:ffff::9"), OLEG)).status == 429
    assert (await come_in(holding(app, address="2001:db8:1:3::1"), OLEG)).path == "/profile"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
    ],
)
def test_the_network_of_an_address(address: str, network: str) -> None:
    assert Browser(address, "").network == network


async def test_asking_for_a_new_password_is_counted_by_ipv6_network_too(app: Litestar) -> None:
    await factories.staff(OLEG)
    for number in range(throttles.ASKED_PER_NETWORK):
        visitor = holding(app, address=f"2001:db8:1:2::{number + 1:x}")
        page = await visitor.send(await visitor.open("/forgotten"), "/forgotten", email=f"{number}@fifth.example")
        assert page.path == "/forgotten/sent"
    visitor = holding(app, address="2001:db8:1:2:ffff::9")
    assert (await visitor.send(await visitor.open("/forgotten"), "/forgotten", email=OLEG.email)).status == 429


async def test_a_hundred_guesses_at_once_from_ten_networks_pass_no_limit(
    app: Litestar, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = 0

    async def never(stored: str | None, password: object) -> bool:
        nonlocal checked
        checked += 1
        await asyncio.sleep(0)
        return False

    monkeypatch.setattr(door, "matches", never)
    monkeypatch.setattr(door, "ATTEMPTS_PER_ACCOUNT", 30)
    await factories.staff(OLEG)
    await asyncio.gather(*(guess(app, OLEG, 10, f"198.51.100.{number}") for number in range(10)))
    assert checked == 30
    assert not await is_in(holding(app))
