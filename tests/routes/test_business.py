"""The business's settings and its logo, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from console.domain import db
from tests.cast import ANNA, OLEG, VERA
from tests.page import Page, Visitor, read
from tests.pictures import png, webp
from tests.routes.conftest import SignIn
from tests.words import say

SETTINGS = "/settings/business"


async def saved() -> dict[str, Any]:
    found = await db.fetchrow("SELECT * FROM business")
    assert found is not None
    return dict(found)


async def upload(visitor: Visitor, content: bytes, name: str = "logo.png", **typed: str) -> Page:
    page = await visitor.open(SETTINGS)
    fields = {**page.fields(SETTINGS), **{key: [value] for key, value in typed.items()}}
    answer = await visitor.http.post(SETTINGS, data=fields, files={"logo": (name, content)}, follow_redirects=True)
    return read(answer)


def logo_of(page: Page) -> str:
    node = page.tree.css_first("img.brand-logo")
    return (node.attributes.get("src") or "") if node else ""


async def test_a_manager_fills_it_in_and_every_page_carries_the_name(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.send(
        await vera.open(SETTINGS),
        SETTINGS,
        name="Clean Home",
        phone="+7 (495) 000-00-01",
        email="Hello@Clean-Home.example",
        website="clean-home.example",
        address="12 Tverskaya Street",
        currency="RUB",
        language="ru",
    )
    assert (page.path, page.toast) == (SETTINGS, say("done.business.change"))
    assert page.words(".brand-name") == "Clean Home"
    row = await saved()
    assert [row[name] for name in ("phone", "email", "website", "currency", "language")] == [
        "+74950000001",
        "hello@clean-home.example",
        "https://clean-home.example",
        "RUB",
        "ru",
    ]
    assert page.value("phone") == "+7 495 000-00-01"


async def test_the_toast_s_undo_brings_the_old_name_back(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.send(await vera.open(SETTINGS), SETTINGS, name="Clean Home")
    undo = page.tree.css_first(".toast form")
    assert undo is not None
    await vera.send(page, undo.attributes["action"])
    assert (await saved())["name"] == "Fifth Visit"


async def test_every_field_that_is_wrong_says_so_and_nothing_typed_is_lost(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    wrong = {"name": "", "phone": "12", "email": "no mail", "website": "nowhere", "currency": "XXX"}
    page = await vera.send(await vera.open(SETTINGS), SETTINGS, **wrong, languages=None)
    assert page.status == 422
    for field in (*wrong, "languages"):
        assert page.error(field), field
    typed = ("phone", "email", "website")
    assert {name: page.value(name) for name in typed} == {name: wrong[name] for name in typed}
    assert (await saved())["version"] == 1


async def test_what_is_wrong_is_summed_up_in_the_order_of_the_fields(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    wrong = {"name": "", "phone": "12", "email": "no mail", "website": "nowhere", "currency": "XXX"}
    page = await vera.send(await vera.open(SETTINGS), SETTINGS, **wrong, languages=None)
    named = [one.attributes["href"] or "" for one in page.tree.css("#main .callout a")]
    there = [f"#{one.attributes['id']}" for one in page.tree.css("#main form [id]")]
    assert len(named) == 6
    assert named == sorted(named, key=there.index)


async def test_the_default_language_must_be_among_those_offered(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.send(await vera.open(SETTINGS), SETTINGS, languages=["ru"], language="en")
    assert page.status == 422
    assert page.words("#main .is-wrong .error") == say("problem.language_not_offered")


async def test_a_logo_stands_on_every_page_and_may_be_kept_for_ever(sign_in: SignIn, stranger: Visitor) -> None:
    vera = await sign_in(VERA)
    page = await upload(vera, png(64, 32))
    address = logo_of(page)
    assert page.has(f'#main img[src="{address}"]')
    answer = (await stranger.open(address)).response
    assert (answer.content, answer.headers["content-type"]) == (png(64, 32), "image/png")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_new_logo_has_a_new_address_and_the_old_one_goes_on_working(sign_in: SignIn, stranger: Visitor) -> None:
    vera = await sign_in(VERA)
    first, second = logo_of(await upload(vera, png(64, 32))), logo_of(await upload(vera, webp(64, 32)))
    assert first != second
    assert (await stranger.open(first)).response.content == png(64, 32)
    assert (await stranger.open(second)).response.headers["content-type"] == "image/webp"


@pytest.mark.parametrize("way", ["a part", "urlencoded"])
async def test_a_logo_that_is_sent_as_a_text_is_refused_at_its_field(sign_in: SignIn, way: str) -> None:
    vera = await sign_in(VERA)
    fields = (await vera.open(SETTINGS)).fields(SETTINGS) | {"name": ["Kept"], "logo": ["C:\\logo.png"]}
    files = {"nothing": ("", b"")} if way == "a part" else None
    page = read(await vera.http.post(SETTINGS, data=fields, files=files))
    assert (page.status, page.error("logo"), page.value("name")) == (422, say("problem.no_file"), "Kept")
    assert (await saved())["name"] != "Kept"
    page = read(await vera.http.post(SETTINGS, data=fields | {"logo": [""]}, files=files, follow_redirects=True))
    assert page.toast == say("done.business.change")


async def test_a_tick_takes_the_logo_away(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    assert not (await vera.open(SETTINGS)).has('[name="without_logo"]')
    page = await upload(vera, png(64, 32))
    page = await vera.send(page, SETTINGS, without_logo="on")
    assert logo_of(page) == ""


@pytest.mark.parametrize(
    ("content", "problem", "params"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "problem.picture", {}),
        (b"", "problem.picture", {}),
        (png(8, 8), "problem.picture_sides", {"least": 16, "most": 4096}),
        (png(64, 64) + b"\0" * 2_000_000, "problem.picture_large", {"limit": 1}),
    ],
    ids=["SVG", "nothing", "too small", "too large"],
)
async def test_what_is_no_fit_picture_is_refused_at_its_field(
    sign_in: SignIn, content: bytes, problem: str, params: dict[str, int]
) -> None:
    page = await upload(await sign_in(VERA), content, name="logo.png", address="Kept")
    assert page.status == 422
    assert page.error("logo") == say(problem, **params)
    described = (page.tree.css_first("input[name=logo]").attributes["aria-describedby"] or "").split()
    assert [page.words(f"#{one}") for one in described] == [page.error("logo"), say("hint.logo", limit=1)]
    assert page.value("address") == "Kept"
    assert (await saved())["logo"] is None


async def test_a_picture_beside_a_wrong_field_has_to_be_chosen_again_and_the_form_says_so(sign_in: SignIn) -> None:
    page = await upload(await sign_in(VERA), png(64, 64), email="no mail")
    assert page.status == 422
    assert page.error("logo") == say("problem.picture_again")


async def test_a_wrong_picture_beside_a_wrong_field_is_told_what_is_wrong_with_it(sign_in: SignIn) -> None:
    page = await upload(await sign_in(VERA), b"<svg xmlns='http://www.w3.org/2000/svg'/>", email="no mail")
    assert page.status == 422
    assert (page.error("logo"), page.error("email")) == (say("problem.picture"), say("problem.email"))


async def test_who_saves_second_sees_both_versions_and_may_keep_theirs(sign_in: SignIn) -> None:
    vera, oleg = await sign_in(VERA), await sign_in(OLEG)
    stale = await oleg.open(SETTINGS)
    await vera.send(await vera.open(SETTINGS), SETTINGS, name="Clean Home")
    collision = await oleg.send(stale, SETTINGS, name="Bright Home", languages=["ru"], language="ru")
    assert collision.status == 409
    assert "Clean Home" in collision.words("main")
    assert "Bright Home" in collision.words("main")
    assert VERA.name in collision.words("main")
    await oleg.send(collision, SETTINGS)
    row = await saved()
    assert (row["name"], row["languages"]) == ("Bright Home", ["ru"])


async def test_a_form_without_its_version_saves_nothing(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.send(await vera.open(SETTINGS), SETTINGS, name="Clean Home", version=None)
    assert page.status == 409
    assert (await saved())["name"] == "Fifth Visit"


@pytest.mark.parametrize("address", ["/logo/1", "/logo/0", "/logo/-1", f"/logo/{2**63}", "/logo/x"])
async def test_a_logo_that_never_was_is_not_found(stranger: Visitor, address: str) -> None:
    assert (await stranger.open(address)).status == 404


async def test_the_front_desk_may_not_open_it(sign_in: SignIn) -> None:
    assert (await (await sign_in(ANNA)).open(SETTINGS)).status == 403


async def test_the_settings_open_at_their_first_page(sign_in: SignIn) -> None:
    page = await (await sign_in(VERA)).open("/settings")
    assert page.path == SETTINGS
    assert (await (await sign_in(ANNA)).open("/settings")).status == 403


async def test_a_collision_with_oneself_says_so(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    stale = await vera.open(SETTINGS)
    await vera.send(stale, SETTINGS, name="Clean Home", intent=uuid4())
    page = await vera.send(stale, SETTINGS, name="Bright Home")
    assert page.status == 409
    assert page.heading.startswith(say("words.changed_in_another_tab", time="today, "))
    assert say("Changed in both tabs: choose") in page.all("h2")


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_every_currency_on_offer_has_a_name_in_the_readers_language(sign_in: SignIn, language: str) -> None:
    oleg = await sign_in(OLEG, language=language)
    offered = dict(line.split(", ", 1) for line in (await oleg.open(SETTINGS)).all('select[name="currency"] option'))
    english = await _offered_in_english(sign_in)
    assert {"EUR", "RUB", "XAF"} <= offered.keys()
    assert language == "en" or {code for code, name in offered.items() if name == english[code]} == set()


async def test_a_currency_without_a_name_stays_on_offer_while_it_is_the_chosen_one(sign_in: SignIn) -> None:
    await db.execute("UPDATE business SET currency = 'XCG'")
    oleg = await sign_in(OLEG, language="ru")
    page = await oleg.open(SETTINGS)
    assert page.value("currency") == "XCG"
    assert (await oleg.send(page, SETTINGS, name="Чисто")).status == 200


async def _offered_in_english(sign_in: SignIn) -> dict[str, str]:
    page = await (await sign_in(VERA, language="en")).open(SETTINGS)
    return dict(line.split(", ", 1) for line in page.all('select[name="currency"] option'))


async def test_a_page_whose_language_changes_with_the_settings_is_opened_whole_by_htmx(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    sent = (await vera.open("/settings/business")).fields("/settings/business")
    sent = {**sent, "languages": ["ru"], "language": ["ru"]}
    answer = await vera.post("/settings/business", sent, **{"HX-Request": "true"})
    assert (answer.status, answer.response.headers.get("hx-redirect")) == (200, "/settings/business")
    page = await vera.open("/settings/business")
    assert page.tree.css_first("html").attributes["lang"] == "ru"
    assert page.toast == say("done.business.change", "ru")
    answer = await vera.post("/settings/business", page.fields("/settings/business"), **{"HX-Request": "true"})
    assert "hx-redirect" not in answer.response.headers
