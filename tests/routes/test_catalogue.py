"""The catalogue over HTTP: services, products, categories, their prices and their lists."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from console.domain import db
from tests import factories
from tests.cast import ANNA, VERA
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.words import say
from tests.yard import DAY, NOON, WEEK, yard

pytestmark = pytest.mark.usefixtures("today")

SERVICES = "/catalogue/services"
PRODUCTS = "/catalogue/products"
CATEGORIES = "/catalogue/categories"
TODAY, TOMORROW, YESTERDAY = "2026-05-12", "2026-05-13", "2026-05-11"


async def add_service(visitor: Visitor, **typed: Any) -> Page:
    page = await visitor.open(f"{SERVICES}/new")
    usual = {"name_en": "Deep clean", "name_ru": "Генеральная уборка", "code": "dc", "minutes": "180", "price": "6 000"}
    return await visitor.send(page, SERVICES, **{**usual, **typed})


async def press(visitor: Visitor, page: Page, url: str) -> Page:
    """A button, even one that the page does not offer."""
    return await visitor.post(url, {"_csrf": page.value("_csrf")})


async def add_product(visitor: Visitor, **typed: Any) -> Page:
    page = await visitor.open(f"{PRODUCTS}/new")
    usual = {"name_en": "Glass spray", "code": "GS", "barcode": "4006381333931", "price": "12.50"}
    return await visitor.send(page, PRODUCTS, **{**usual, **typed})


async def one(table: str) -> dict[str, Any]:
    [row] = await db.fetch(f"SELECT * FROM {table} ORDER BY id")
    return dict(row)


async def test_a_service_added_stands_in_the_list_with_its_price(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await add_service(vera)
    assert page.toast == say("done.service.add", name="Deep clean")
    row = await one("service")
    assert (row["code"], row["minutes"], row["people"], row["buffer_after"]) == ("DC", 180, 1, 0)
    assert json.loads(row["names"]) == {"en": "Deep clean", "ru": "Генеральная уборка"}
    listed = await vera.open(SERVICES)
    assert listed.all("tbody tr") == ["Deep clean DC 3 h €6,000"]


async def test_the_list_speaks_the_readers_language(sign_in: SignIn) -> None:
    await add_service(await sign_in(VERA))
    anna = await sign_in(ANNA)
    listed = await anna.open(SERVICES)
    assert listed.all("tbody tr") == ["Генеральная уборка DC 3 ч 6 000 €"]


async def test_a_name_that_lacks_the_readers_language_is_shown_in_the_businesss(sign_in: SignIn) -> None:
    await add_service(await sign_in(VERA), name_ru="")
    assert "Deep clean" in (await (await sign_in(ANNA)).open(SERVICES)).words("tbody")


@pytest.mark.parametrize(
    ("field", "typed", "problem"),
    [
        ("name_en", "", "problem.required"),
        ("code", "сода!", "problem.code_form"),
        ("minutes", "0", "problem.range"),
        ("minutes", "1e3", "problem.whole"),
        ("price", "-5", "problem.money_below_zero"),
        ("price", "\u22125,50", "problem.money_below_zero"),
        ("price", "10000000000", "problem.money_too_much"),
        ("price", "1.234", "problem.money"),
        ("buffer_before", "9999", "problem.range"),
        ("people", "0", "problem.needs_nothing"),
        ("category", "77", "problem.choice"),
    ],
)
async def test_what_cannot_be_a_service_is_said_at_its_field(
    sign_in: SignIn, field: str, typed: str, problem: str
) -> None:
    page = await add_service(await sign_in(VERA), **{field: typed})
    params = {"most": 20, "low": 1 if field == "minutes" else 0, "high": 720 if field == "minutes" else 240}
    assert page.status == 422
    assert page.error(field) == say(problem, **params, example="1500.50")
    assert page.value("minutes") == (typed if field == "minutes" else "180")


async def test_the_summary_of_what_is_wrong_follows_the_order_of_the_form(sign_in: SignIn) -> None:
    page = await add_service(await sign_in(VERA), minutes="1e3", price="-5", people="many", category="77")
    listed = [(one.attributes["href"] or "").removeprefix("#") for one in page.tree.css(".callout.danger li a")]
    standing = [one.attributes["id"] for one in page.tree.css("form [id]")]
    assert len(listed) == 4
    assert listed == [one for one in standing if one in listed]


async def test_two_services_that_are_on_never_share_a_code(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await add_service(vera)
    page = await add_service(vera, code=" d C ")
    assert page.error("code") == say("problem.code_taken")


async def test_a_code_is_free_again_once_its_service_is_off_and_then_that_one_stays_off(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await add_service(vera)
    base = f"{SERVICES}/{(await one('service'))['id']}"
    await vera.send(await vera.open(base), f"{base}/retirement")
    assert (await add_service(vera)).status == 200
    page = await vera.send(await vera.open(base), f"{base}/readmission")
    assert page.status == 422
    assert page.toast == say("problem.code_taken")
    assert page.words("h1") == "Deep clean"


async def test_a_new_price_counts_from_its_day_and_can_be_taken_back_before(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await add_service(vera)
    base = f"{SERVICES}/{(await one('service'))['id']}"
    page = await vera.send(await vera.open(base), f"{base}/prices", price="6500", valid_from=TOMORROW)
    assert [row.split("Take")[0].strip() for row in page.all(".table tbody tr")] == [
        "13 May 2026 To come €6,500",
        "12 May 2026 Now €6,000",
    ]
    assert "€6,000 €6,500 from 13 May 2026" in (await vera.open(SERVICES)).words("tbody")
    withdrawal = page.tree.css_first('form[action$="/withdrawal"]').attributes["action"]
    page = await vera.send(page, withdrawal)
    assert page.all(".table tbody tr") == ["12 May 2026 Now €6,000"]


async def test_a_price_to_come_says_how_many_bookings_keep_which_price(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await factories.staff(ANNA)
    house = await yard()
    await factories.price(house.service)
    for weeks in range(2):
        await house.book(house.nina, NOON + weeks * WEEK)
    base = f"{SERVICES}/{house.service}"

    def keep(count: int, day: str) -> str:
        return say("words.bookings_keep", count=count, date=day, prices="RUB\u00a01,500")

    today, last = keep(2, "12 May 2026"), keep(1, "14 May 2026")
    page = await vera.open(base)
    assert page.words("#price-kept") == today
    assert "A booking is quoted" in page.words(".panel")
    later = {DAY: keep(2, "13 May 2026"), "2026-05-14": last, "2026-05-21": ""}
    for day, said in {**later, "2026-02-31": today, "1900-01-01": today}.items():
        for headers in ({}, {"HX-Request": "true"}):
            page = await vera.open(f"{base}/prices/kept?valid_from={day}", headers=headers)
            assert (page.words("#price-kept"), page.has("h1")) == (said, not headers), day
    page = await vera.send(await vera.open(base), f"{base}/prices", price="2000", valid_from="2026-05-14")
    assert page.all(".table tbody small") == [last]
    assert (await vera.open(f"{SERVICES}/77/prices/kept", headers={"HX-Request": "true"})).status == 404


async def test_a_price_that_has_begun_stays(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await add_service(vera)
    page = await vera.open(f"{SERVICES}/{(await one('service'))['id']}")
    assert not page.has('form[action$="/withdrawal"]')
    price = (await one("price"))["id"]
    refused = await vera.send(page, f"{page.path}/prices", price="1", valid_from=YESTERDAY)
    assert refused.error("valid_from") == say("problem.price_past")
    answer = await press(vera, page, f"/catalogue/prices/{price}/withdrawal")
    assert answer.status == 409
    assert (await one("price"))["retired_at"] is None


async def test_todays_price_is_set_right_in_place(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await add_service(vera)
    base = f"{SERVICES}/{(await one('service'))['id']}"
    await vera.send(await vera.open(base), f"{base}/prices", price="7000", valid_from=TODAY)
    assert (await one("price"))["minor"] == 700000


async def test_the_front_desk_reads_the_catalogue_and_changes_nothing(sign_in: SignIn) -> None:
    await add_service(await sign_in(VERA))
    anna = await sign_in(ANNA)
    base = f"{SERVICES}/{(await one('service'))['id']}"
    page = await anna.open(base)
    assert page.status == 200
    assert "3 ч" in page.words(".facts")
    assert not page.has("#main form")
    assert (await press(anna, page, f"{base}/retirement")).status == 403
    assert (await anna.open(f"{SERVICES}/new")).status == 403


async def test_a_product_is_found_by_its_barcode(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await add_product(vera)
    assert ("A sale costs" in page.words(".panel"), page.has("#price-kept")) == (True, False)
    await add_product(vera, name_en="Mop", code="M", barcode="")
    assert (await vera.open(f"{PRODUCTS}?q=4006381")).all("tbody th") == ["Glass spray"]
    assert say("Nothing here fits.") in (await vera.open(f"{PRODUCTS}?q=nothing")).words("#list")
    assert (await add_product(vera, code="X")).error("barcode") == say("problem.barcode_taken")


async def test_a_list_is_searched_whatever_the_case_and_the_accents(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await add_service(vera, name_en="Éclat ёлка", code="A")
    await add_service(vera, name_en="Wash", code="B")
    assert (await vera.open(f"{SERVICES}?q=ECLAT ЕЛК")).all("tbody th") == ["Éclat ёлка"]


async def test_a_list_is_sorted_either_way_and_says_how(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    for name, price in (("Bath", "20"), ("attic", "30"), ("Cellar", "10")):
        await add_service(vera, name_en=name, code=name, price=price)
    by_name = await vera.open(f"{SERVICES}?sort=name")
    assert by_name.all("tbody th") == ["attic", "Bath", "Cellar"]
    assert by_name.words('th[aria-sort="ascending"]') == say("column.service.names").capitalize()
    assert (await vera.open(f"{SERVICES}?sort=-price")).all("tbody th") == ["attic", "Bath", "Cellar"]
    assert (await vera.open(f"{SERVICES}?sort=price")).all("tbody th") == ["Cellar", "Bath", "attic"]
    assert (await vera.open(f"{SERVICES}?sort=nonsense&state=no")).status == 200


async def test_what_is_off_is_a_tab_of_its_own(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await add_service(vera)
    base = f"{SERVICES}/{(await one('service'))['id']}"
    page = await vera.send(await vera.open(base), f"{base}/retirement")
    assert page.toast == say("done.service.retire", name="Deep clean")
    assert not (await vera.open(SERVICES)).all("tbody th")
    assert (await vera.open(f"{SERVICES}?state=off")).all("tbody th") == [f"Deep clean {say('Off')}"]


async def test_a_csv_file_holds_the_list_and_no_formula(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await add_service(vera, name_en='=HYPERLINK("http://evil.example","x")', code="A")
    await add_service(vera, name_en="  @SUM(1)", code="B", price="12.50")
    answer = await vera.http.get(f"{SERVICES}?as=csv&sort=code")
    assert "attachment" in answer.headers["content-disposition"]
    header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert header == [say(f"column.{key}").capitalize() for key in ("service.category", "service.names", "service.code",
                                                       "service.minutes", "price.minor")]  # fmt: skip
    assert [row[1] for row in rows] == ['\'=HYPERLINK("http://evil.example","x")', "'@SUM(1)"]
    assert [row[4] for row in rows] == ["6000.00", "12.50"]


async def test_a_csv_file_in_russian_has_decimal_commas(sign_in: SignIn) -> None:
    await add_service(await sign_in(VERA), price="12.50")
    answer = await (await sign_in(ANNA)).http.get(f"{SERVICES}?as=csv")
    [_, row] = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
    assert row[4] == "12,50"


async def test_an_xlsx_file_holds_texts_as_texts_and_amounts_as_numbers(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await add_service(vera, name_en="=1+1", price="12.50")
    answer = await vera.http.get(f"{SERVICES}?as=xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    [_, row] = book.get_sheet_by_index(0).to_python()
    assert row[1:] == ["=1+1", "DC", 180.0, 12.5]


async def test_categories_group_the_list_in_their_order(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    for name in ("Homes", "Offices"):
        await vera.send(await vera.open(f"{CATEGORIES}/new"), CATEGORIES, name_en=name)
    homes, offices = [row["id"] for row in await db.fetch("SELECT id FROM category ORDER BY id")]
    await add_service(vera, name_en="Windows", code="W", category=homes)
    await add_service(vera, name_en="Floors", code="F", category=offices)
    assert (await vera.open(CATEGORIES)).all("tbody th") == ["Homes", "Offices"]
    base = f"{CATEGORIES}/{homes}"
    await vera.send(await vera.open(base), base, position="3")
    assert (await vera.open(CATEGORIES)).all("tbody th") == ["Offices", "Homes"]
    assert (await vera.open(SERVICES)).all("tbody th") == ["Floors", "Windows"]
    assert not (await vera.open(base)).has(f'form[action="{base}/retirement"]')
    refused = await press(vera, await vera.open(base), f"{base}/retirement")
    assert refused.status == 409
    assert say("refused.category_in_use") in refused.words("body")


async def test_an_undo_does_not_bring_a_service_back_into_a_category_that_is_gone(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await vera.send(await vera.open(f"{CATEGORIES}/new"), CATEGORIES, name_en="Homes")
    category = (await one("category"))["id"]
    await add_service(vera, category=category)
    base = f"{SERVICES}/{(await one('service'))['id']}"
    off = await vera.send(await vera.open(base), f"{base}/retirement")
    undo = off.tree.css_first('form[action^="/operations/"]').attributes["action"]
    await press(vera, off, f"{CATEGORIES}/{category}/retirement")
    await press(vera, off, undo)
    assert (await one("service"))["retired_at"] is not None


async def test_a_stale_form_shows_both_versions(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await add_service(vera)
    base = f"{SERVICES}/{(await one('service'))['id']}"
    first, second = await vera.open(base), await vera.open(base)
    await vera.send(first, base, name_en="Spring clean")
    page = await vera.send(second, base, name_en="Autumn clean")
    assert page.status == 409
    assert page.heading.startswith("Spring clean: ")
    assert "Spring clean" in page.words("main")
    assert "Autumn clean" in page.words("main")


async def test_unknown_things_of_the_catalogue_are_not_found(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.open(SERVICES)
    for url in (f"{SERVICES}/77", f"{PRODUCTS}/77", f"{CATEGORIES}/77"):
        assert (await vera.open(url)).status == 404
        assert (await press(vera, page, f"{url}/retirement")).status == 404
    assert (await press(vera, page, "/catalogue/prices/77/withdrawal")).status == 404


async def test_who_can_do_a_service_is_chosen_on_its_page(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    service, nina = await factories.service(), await factories.bookable("Nina")
    await factories.bookable("Room", kind="room")
    url = f"{SERVICES}/{service}"
    page = await vera.open(url)
    assert "Nobody can do this yet" in page.words("#able")
    assert page.words("#able .buttons") == "Nina"
    page = await vera.send(page, f"{url}/able/{nina}/addition")
    assert (page.path, page.toast) == (url, say("done.skill.give", name="Nina"))
    assert page.has(f'#able .items a[href="/team/bookables/{nina}"]')
    assert not page.has("#able .buttons")
    await db.execute("UPDATE skill SET minutes = 50")
    await press(vera, page, f"{url}/able/{nina}/addition")
    page = await vera.open(url)
    assert "50 min" in page.words("#able .items")
    page = await vera.send(page, f"{url}/able/{nina}/removal")
    assert "Nobody can do this yet" in page.words("#able")
    assert (await press(vera, page, f"{url}/able/77/addition")).status == 404
    assert (await press(vera, page, f"{SERVICES}/77/able/{nina}/addition")).status == 404


async def test_a_service_that_cannot_be_booked_says_what_it_lacks(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    service, nina = await factories.service(people=2, vehicles=1), await factories.bookable("Nina")
    van = await factories.bookable("Van", kind="vehicle")
    await factories.skill(nina, service)
    url = f"{SERVICES}/{service}"
    lacking = (await vera.open(url)).all("#able .callout li")
    assert lacking == [
        "2 people needed, chosen so far: 1",
        "1 vehicle needed, chosen so far: 0",
    ]
    await factories.skill(van, service)
    assert (await vera.open(url)).all("#able .callout li") == lacking[:1]
    await factories.skill(await factories.bookable("Crew", kind="crew"), service)
    assert not (await vera.open(url)).has("#able .callout")


async def test_who_may_not_change_the_team_reads_who_can_do_a_service(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA, language="en")
    service, nina = await factories.service(), await factories.bookable("Nina")
    await factories.skill(nina, service)
    page = await anna.open(f"{SERVICES}/{service}")
    assert page.words("#able .items") == "Nina"
    assert not page.has("#able form")
    assert (await press(anna, page, f"{SERVICES}/{service}/able/{nina}/removal")).status == 403


async def test_a_collision_of_two_prices_says_which_was_set_meanwhile_and_that_both_can_stand(sign_in: SignIn) -> None:
    vera = await sign_in(VERA, language="en")
    await add_service(vera)
    base = f"{SERVICES}/{(await one('service'))['id']}"
    old = await vera.open(base)
    await vera.send(await vera.open(base), f"{base}/prices", price="333", valid_from="2026-06-03")
    page = await vera.send(old, f"{base}/prices", price="444", valid_from="2026-06-04")
    assert page.status == 409
    words = page.words("main")
    assert [
        one for one in ("333", "3 Jun 2026", "444", "4 Jun 2026", say("words.prices_beside")) if one not in words
    ] == []
    done = await vera.send(page, f"{base}/prices")
    assert done.status == 200
    rows = await db.fetch(
        "SELECT minor FROM price WHERE retired_at IS NULL AND valid_from > '2026-06-01' ORDER BY minor"
    )
    assert [row["minor"] for row in rows] == [33300, 44400]
