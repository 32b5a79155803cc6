"""Every route says who may reach it, and is shut to everybody else."""

from __future__ import annotations

import re
from itertools import pairwise
from urllib.parse import quote

import pytest

from console.app import routes
from console.domain import db
from console.domain.team.rules import PERMISSIONS, Permission, Role
from tests.cast import EVERYBODY, OLEG
from tests.page import Visitor
from tests.routes.conftest import SignIn

ALL = routes()
SHUT = [one for one in ALL if one["permission"] != "public"]


def address(route: dict[str, str]) -> str:
    return re.sub(r"{[^}]+}", "1", route["path"])


def test_every_route_names_a_permission_or_says_that_it_is_public() -> None:
    words = {"public", *map(str, Permission)}
    assert [one for one in ALL if one["permission"] not in words] == []


def test_what_is_public_is_written_down_here() -> None:
    public = {one["path"] for one in ALL if one["permission"] == "public"}
    assert public == {
        "/b",
        "/b/{token}",
        "/b/{token}/calendar",
        "/b/{token}/cancellation",
        "/b/{token}/confirmation",
        "/b/{token}/{rest}",
        "/demo/sessions",
        "/forgotten",
        "/forgotten/sent",
        "/links/{token}",
        "/livez",
        "/logo/{logo}",
        "/preferences/language",
        "/preferences/theme",
        "/readyz",
        "/s",
        "/s/{token}",
        "/s/{token}/calendar",
        "/s/{token}/cancellation",
        "/s/{token}/confirmation",
        "/s/{token}/{rest}",
        "/satisfaction",
        "/satisfaction/{token}",
        "/satisfaction/{token}/{rest}",
        "/session",
        "/sign-in",
        "/sign-in/code",
        "/sign-out",
        "/static/{file_path}",
        "/{rest}",
    }


def test_every_permission_opens_something_or_guards_an_operation() -> None:
    from console.domain.kinds import KINDS

    used = {one["permission"] for one in ALL} | {str(kind.permission) for kind in KINDS.values()}
    inside = {"booking:overbook", "visit:backdate", "visit:price", "visit:read"}
    assert set(map(str, Permission)) - used <= inside, "which use cases and pages of others ask for inside"


async def test_a_stranger_is_led_to_the_door_from_every_shut_address(stranger: Visitor) -> None:
    for route in SHUT:
        if route["method"] == "GET":
            page = await stranger.open(address(route))
            assert page.path == "/sign-in", route


async def test_a_stranger_changes_nothing_by_a_form_sent_to_a_shut_address(stranger: Visitor) -> None:
    door = await stranger.open("/sign-in")
    for route in SHUT:
        if route["method"] != "GET":
            page = await stranger.post(address(route), {"_csrf": door.value("_csrf")})
            assert page.path == "/sign-in", route


@pytest.mark.parametrize("person", EVERYBODY, ids=lambda person: person.role.value)
async def test_a_role_reaches_what_it_may_and_nothing_else(sign_in: SignIn, person) -> None:  # type: ignore[no-untyped-def]
    visitor = await sign_in(person)
    for route in SHUT:
        if route["method"] != "GET":
            continue
        page = await visitor.open(address(route))
        if route["permission"] in PERMISSIONS[person.role]:
            assert page.status in {200, 404}, route
        else:
            assert page.status == 403, route


ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
SPELLINGS = ["+{}", " {}", "{} ", "0{}", "0_{}", "{}"]


@pytest.mark.parametrize("spelling", SPELLINGS, ids=repr)
async def test_a_number_is_written_in_one_way_in_an_address(sign_in: SignIn, spelling: str) -> None:
    oleg = await sign_in(OLEG)
    plain = await oleg.open(f"/settings/staff/{OLEG.id}")
    assert plain.status == 200
    digits = str(OLEG.id) if spelling != "{}" else str(OLEG.id).translate(ARABIC)
    address = f"/settings/staff/{quote(spelling.format(digits))}"
    fields = plain.fields(f"/settings/staff/{OLEG.id}") | {"name": ["Another"]}
    assert [(await oleg.open(address)).status, (await oleg.post(address, fields)).status] == [404, 404]
    assert await db.fetchval("SELECT name FROM staff WHERE id = $1", OLEG.id) == OLEG.name


def test_roles_only_grow() -> None:
    held = [PERMISSIONS[role] for role in Role]
    assert all(lower <= higher for lower, higher in pairwise(held))
