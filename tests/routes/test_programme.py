"""The programme over HTTP: its page, the draft's form, publishing, versions for good, and taking back."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from console.domain import db
from console.domain.loyalty import queries
from console.domain.loyalty.rules.programme import EVERY, Match, Programme, StepDown, Threshold
from tests import factories
from tests.cast import ANNA, OLEG, VERA
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.words import say

pytestmark = pytest.mark.usefixtures("today")

HOME, DRAFT, PUBLICATION = "/programme", "/programme/draft", "/programme/publication"
TODAY, TOMORROW = "2026-05-12", "2026-05-13"


async def draft() -> Programme:
    found = await queries.draft()
    assert found is not None
    return found.programme


async def save(visitor: Visitor, press: str | None = None, **typed: Any) -> Page:
    return await visitor.send(await visitor.open(DRAFT), DRAFT, press=press, **typed)


async def publish(visitor: Visitor, on: str, **typed: Any) -> Page:
    if typed:
        assert (await save(visitor, **typed)).status == 200
    return await visitor.send(await visitor.open(PUBLICATION), PUBLICATION, effective_from=on)


async def rules_of(number: int) -> Any:
    return json.loads(await db.fetchval("SELECT rules FROM programme_version WHERE number = $1", number))


async def test_a_new_console_says_that_no_rules_are_in_force_and_offers_the_draft(sign_in: SignIn) -> None:
    page = await (await sign_in(VERA)).open(HOME)
    assert page.heading == say("title.programme")
    assert "No rules are in force yet" in page.words("main")
    assert page.has(f'a[href="{DRAFT}"]')
    assert page.has(f'a[href="{PUBLICATION}"]')
    assert page.words("nav [aria-current=page]") == say("nav.programme") or say("nav.programme") in page.all("nav a")


async def test_the_front_desk_reads_the_programme_and_changes_nothing(sign_in: SignIn) -> None:
    await publish(await sign_in(VERA), TODAY)
    anna = await sign_in(ANNA)
    page = await anna.open(HOME)
    assert page.status == 200
    assert not page.has(f'a[href="{DRAFT}"]')
    assert (await anna.open(f"{HOME}/versions/1")).status == 200
    assert (await anna.open(DRAFT)).status == 403
    assert (await anna.open(PUBLICATION)).status == 403


async def test_what_is_typed_into_the_sentences_is_the_draft(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await save(
        vera,
        stamps_required="5",
        min_price="1 500.50",
        max_stamps_per_day="2",
        stamp_valid_days="0",
        reward_valid_days="90",
        reward_max_value="40",
        window_days="365",
        match="any",
        grace_days="7",
        step_down="matching",
        hold_days="0",
        max_discount_bp="27,5",
        discounts_products="on",
        **{
            "tier-1-name_en": "Steel",
            "tier-1-discount_bp": "7.25",
            "tier-1-enter_visits": "6",
            "tier-1-enter_spend": "",
            "tier-1-keep_visits": "5",
            "tier-1-keep_spend": "",
        },
    )
    assert page.toast == say("done.programme.draft")
    said = await draft()
    counter, tiers = said.counter, said.tiers
    assert counter is not None
    assert tiers is not None
    assert (counter.stamps_required, counter.min_price, counter.max_stamps_per_day) == (5, 150050, 2)
    assert (counter.stamp_valid_days, counter.reward_valid_days, counter.reward_max_value) == (0, 90, 4000)
    assert counter.services == {EVERY}
    assert (tiers.window_days, tiers.match, tiers.grace_days) == (365, Match.ANY, 7)
    assert (tiers.step_down, tiers.hold_days) == (StepDown.MATCHING, 0)
    assert (said.max_discount_bp, said.discounts_products) == (2750, True)
    steel = tiers.ladder[1]
    assert (steel.code, steel.names, steel.discount_bp) == ("silver", {"en": "Steel", "ru": "Серебряный"}, 725)
    assert (steel.enter, steel.keep) == (Threshold(6), Threshold(5))
    shown = await vera.open(DRAFT)
    assert shown.value("max_discount_bp") == "27.5"
    assert shown.value("tier-1-discount_bp") == "7.25"
    assert shown.value("min_price") == "1500.50"
    assert (await vera.send(shown, DRAFT)).toast == say("words.nothing_to_save")


async def test_each_mechanic_is_turned_off_and_on(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await save(vera, counter=None)
    assert (await draft()).counter is None
    shown = await vera.open(DRAFT)
    assert shown.value("stamps_required") == "4"
    await vera.send(shown, DRAFT, counter="on", tiers=None)
    said = await draft()
    assert said.counter is not None
    assert said.tiers is None
    neither = await save(vera, counter=None)
    assert neither.status == 422
    assert neither.error("counter") == say("problem.programme_empty")


async def test_only_some_services_may_count(sign_in: SignIn) -> None:
    first, second = await factories.service(), await factories.service(code="W2")
    vera = await sign_in(VERA)
    await save(vera, services=[str(first)])
    said = (await draft()).counter
    assert said is not None
    assert said.services == {str(first)}
    shown = await vera.open(DRAFT)
    assert shown.all(".services input[checked]") == [""]
    assert str(second) in {node.attributes["value"] for node in shown.tree.css('[name="services"]')}
    wrong = await vera.send(shown, DRAFT, services=None)
    assert wrong.error("services") == say("problem.no_service_counts")


@pytest.mark.parametrize(
    ("field", "typed", "problem"),
    [
        ("stamps_required", "0", "problem.range"),
        ("stamps_required", "", "problem.required"),
        ("stamp_valid_days", "4000", "problem.range"),
        ("min_price", "-1", "problem.money_below_zero"),
        ("max_discount_bp", "101", "problem.percent"),
        ("max_discount_bp", "1.234", "problem.percent"),
        ("tier-0-name_en", "", "problem.required"),
        ("tier-2-name_en", "silver", "problem.tier_name_taken"),
        ("tier-1-discount_bp", "31", "problem.over_most_discount"),
        ("tier-2-discount_bp", "4", "problem.tier_discount_falls"),
        ("tier-1-keep_visits", "9", "problem.keep_over_enter"),
        ("tier-1-code", "gold", "problem.code_taken"),
    ],
)
async def test_what_makes_no_sense_is_said_at_its_field_and_what_was_typed_stays(
    sign_in: SignIn, field: str, typed: str, problem: str
) -> None:
    before = await draft()
    page = await save(await sign_in(VERA), **{field: typed, "tier-2-name_ru": "Новый"})
    assert page.status == 422
    assert page.error(field).startswith(re.split("%", say_raw(problem))[0])
    assert (page.value(field), page.value("tier-2-name_ru")) == (typed, "Новый")
    assert await draft() == before


def say_raw(key: str) -> str:
    """A text before its values are put in."""
    from console import i18n

    with i18n.speaking("en"):
        return i18n.gettext(key)


async def test_a_tier_that_nobody_would_hold_and_one_that_asks_nothing_are_refused(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    typed = {"tier-2-enter_visits": "1", "tier-2-enter_spend": "1", "tier-2-keep_visits": "", "tier-2-keep_spend": ""}
    page = await save(vera, **typed)
    assert page.error("tier-1-enter_visits") == say("problem.tier_passed_over")
    page = await save(vera, **dict.fromkeys(typed, ""))
    assert page.error("tier-2-enter_visits") == say("problem.tier_asks_nothing")


async def test_tiers_without_any_tier_are_refused_in_words(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    for press in (None, "do=look"):
        page = await save(vera, press=press, **{f"tier-{place}-code": "" for place in range(3)})
        assert page.status == (422 if press is None else 200)
        assert page.has(".rule-sheet")
    assert (await draft()).tiers is not None


async def test_everything_that_is_wrong_is_said_at_once(sign_in: SignIn) -> None:
    page = await save(await sign_in(VERA), grace_days="soon", **{"tier-1-keep_visits": "9"})
    assert page.error("grace_days")
    assert page.error("tier-1-keep_visits")
    assert len(page.all(".callout.danger li")) == 2


async def test_of_several_tiers_it_is_said_which_one_a_problem_is_of(sign_in: SignIn) -> None:
    typed = {"tier-2-discount_bp": "3", "tier-2-keep_visits": "99", "tier-1-name_en": "", "tier-1-name_ru": ""}
    page = await save(await sign_in(VERA), **typed, **{"tier-1-keep_spend": "1e9"})
    assert [one.partition(": ")[0] for one in page.all(".callout.danger li a")] == ["Tier 1"] * 2 + ["Gold"] * 2
    assert page.all(".callout.danger li a")[2] == "Gold: discount, %"
    assert not page.has(".sentence .error, .tier-head .error")


async def test_what_cannot_be_read_makes_nothing_else_wrong_and_stands_as_it_was_saved(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await save(vera, **{"tier-2-enter_visits": "abc", "tier-2-keep_visits": "12", "tier-2-discount_bp": "11"})
    assert len(page.all("[aria-invalid]")) == 1
    assert page.error("tier-2-enter_visits")
    assert "11 %" in page.words(".rule-sheet")
    assert "10 visits and" in page.words(".rule-sheet")
    assert "as it was saved last" in page.words("#programme-live .callout")
    page = await save(vera, **{"tier-2-discount_bp": "3"})
    assert "as you typed them" in page.words("#programme-live .callout")
    assert "3 %" in page.words(".rule-sheet")


async def test_tiers_are_added_moved_and_removed_without_a_script_and_what_was_typed_stays(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    before = await draft()
    page = await save(vera, press="do=add", grace_days="21")
    assert (page.status, page.value("grace_days")) == (200, "21")
    assert len(page.all(".tier")) == 4
    page = await vera.send(
        page,
        DRAFT,
        press="do=up-2",
        **{"tier-3-name_en": "Platinum", "tier-3-discount_bp": "15", "tier-3-enter_visits": "20"},
    )
    assert [page.value(f"tier-{place}-name_en") for place in range(4)] == ["Base", "Gold", "Silver", "Platinum"]
    page = await vera.send(page, DRAFT, press="do=down-1")
    page = await vera.send(page, DRAFT, press="do=remove-1")
    assert await draft() == before
    page = await vera.send(page, DRAFT)
    assert page.toast == say("done.programme.draft")
    tiers = (await draft()).tiers
    assert tiers is not None
    assert [tier.names["en"] for tier in tiers.ladder] == ["Base", "Gold", "Platinum"]
    assert len({tier.code for tier in tiers.ladder}) == 3
    assert tiers.grace_days == 21


async def test_more_than_ten_tiers_are_not_offered_and_one_alone_is_refused(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.open(DRAFT)
    for _ in range(7):
        page = await vera.send(page, DRAFT, press="do=add")
    assert len(page.all(".tier")) == 10
    assert not page.has('button[value="add"]')
    assert len((await vera.send(page, DRAFT, press="do=add")).all(".tier")) == 10
    page = await vera.open(DRAFT)
    for place in (2, 1):
        page = await vera.send(page, DRAFT, press=f"do=remove-{place}")
    assert (await vera.send(page, DRAFT)).error("tiers") == say("problem.too_few_tiers")


async def test_the_examples_and_the_sheet_follow_what_is_typed_and_nothing_is_saved(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    before = await draft()
    page = await vera.open(DRAFT)
    sheet = page.words("#programme-live")
    looked = await vera.send(page, DRAFT, press="do=look", stamps_required="9", habit_0_every="7", grace_days="x")
    assert looked.status == 200
    assert looked.words("#programme-live") != sheet
    assert "10th" in looked.words("#programme-live")
    assert looked.value("habit_0_every") == "7"
    assert looked.error("grace_days")
    assert "Gold" in looked.words("#habit-0-result")
    assert await draft() == before


async def test_htmx_gets_only_what_changes_as_one_types(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.open(DRAFT)
    fields = {**page.fields(DRAFT), "do": ["look"], "stamps_required": ["9"], "habit_1_every": ["0"]}
    part = await vera.post(DRAFT, fields, **{"hx-request": "true", "hx-target": "programme-live"})
    assert part.status == 200
    assert not part.has("form")
    assert "10th" in part.words(".rule-sheet")
    assert [node.attributes.get("hx-swap-oob") for node in part.tree.css(".habit-result")] == ["true"] * 3
    assert part.words("#habit-1-result") == "–"


async def test_a_window_without_an_end_says_what_does_nothing_then_and_that_no_tier_is_lost_any_more(
    sign_in: SignIn,
) -> None:
    vera = await sign_in(VERA)
    await publish(vera, TODAY)
    page = await vera.open(DRAFT)
    assert page.has("#programme-lifetime[hidden]")
    fields = {**page.fields(DRAFT), "do": ["look"], "window_days": ["0"]}
    part = await vera.post(DRAFT, fields, **{"hx-request": "true", "hx-target": "programme-live"})
    assert part.has("#programme-lifetime[hx-swap-oob]:not([hidden])")
    assert (await save(vera, window_days="0")).has("#programme-lifetime:not([hidden])")
    assert say("words.tiers_never_lost") in (await vera.open(PUBLICATION)).words("main")


async def test_a_window_after_none_says_that_tiers_can_be_lost_again(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await publish(vera, TODAY, window_days="0")
    await save(vera, window_days="90")
    assert say("words.tiers_lost_again") in (await vera.open(PUBLICATION)).words("main")


@pytest.mark.parametrize(
    ("preset", "counter", "tiers"), [("counter", True, 0), ("cumulative", False, 3), ("both", True, 3)]
)
async def test_one_may_start_from_a_preset_by_what_a_visit_costs(
    sign_in: SignIn, preset: str, counter: bool, tiers: int
) -> None:
    vera = await sign_in(VERA)
    before = await draft()
    page = await vera.open(f"{DRAFT}?from={preset}&usual=3000")
    assert await draft() == before
    assert page.value("habit_0_price") == "3000"
    await vera.send(page, DRAFT)
    said = await draft()
    assert (said.counter is not None) is counter
    assert len(said.tiers.ladder if said.tiers else ()) == tiers
    if preset == "cumulative":
        assert said.tiers is not None
        assert said.tiers.ladder[1].enter == Threshold(spend=10 * 300_000)


async def test_what_an_address_cannot_mean_leaves_the_draft_as_it_is(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    for said in ("nonsense", "version-", "version-77", "version-9999999999999999999", "version-x"):
        page = await vera.open(DRAFT, params={"from": said, "usual": "x"})
        assert (page.status, page.value("stamps_required")) == (200, "4"), said


async def test_publishing_shows_what_changes_and_the_version_is_in_force_from_its_date(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await publish(vera, "2025-01-01")
    assert (page.path, page.toast) == (HOME, say("done.programme.publish", name="1"))
    assert "Version 1" in page.words(".page-head")
    await vera.send(await vera.open(DRAFT), DRAFT, stamps_required="9", **{"tier-1-discount_bp": "6"})
    asked = await vera.open(PUBLICATION)
    assert asked.value("effective_from") == TOMORROW
    assert asked.all("#main .rule-list li") == [
        "Paid visits before a free one: 9 instead of 4",
        "Silver, discount: 6 % instead of 5 %",
    ]
    page = await vera.send(asked, PUBLICATION, effective_from="2026-05-20")
    assert page.path == HOME
    assert "Version 1" in page.words(".page-head")
    assert "9 instead of 4" in page.words("main")
    assert page.all(".versions tbody th") == ["Version 2 To come", "Version 1 In force"]
    assert (await rules_of(2))["counter"]["stamps_required"] == 9


async def test_a_later_version_is_refused_for_today_and_on_a_date_that_is_taken(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await publish(vera, TODAY)
    await save(vera, stamps_required="9")
    page = await publish(vera, TODAY)
    assert page.error("effective_from") == say("problem.version_tomorrow_at_the_earliest")
    await publish(vera, TOMORROW)
    await save(vera, stamps_required="8")
    page = await publish(vera, TOMORROW)
    assert page.error("effective_from") == say("problem.version_that_day")
    for wrong in ("", "2026-02-31", "soon"):
        assert (await publish(vera, wrong)).error("effective_from")


async def test_a_version_is_withdrawn_before_it_is_in_force_and_its_rules_are_the_draft_again(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await publish(vera, TODAY)
    page = await publish(vera, "2026-06-01", stamps_required="9")
    undo = page.tree.css_first(".section form").attributes["action"]
    page = await vera.send(page, undo)
    assert page.toast == "Undone: published version 2 of the programme"
    assert page.all(".versions tbody th") == ["Version 2 Withdrawn", "Version 1 In force"]
    said = (await draft()).counter
    assert said is not None
    assert said.stamps_required == 9
    assert "Withdrawn" in (await vera.open(f"{HOME}/versions/2")).words("main")
    page = await publish(vera, "2026-05-20")
    assert page.all(".versions tbody th") == ["Version 2 Withdrawn", "Version 3 To come", "Version 1 In force"]
    [withdrawn, coming, _] = page.all(".versions tbody tr")
    assert withdrawn.endswith("9 instead of 4")
    assert coming.endswith("9 instead of 4")


async def test_a_version_in_force_is_not_withdrawn(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await publish(vera, TODAY)
    answer = await vera.send(page, page.tree.css_first(".toast form").attributes["action"])
    assert answer.status == 409
    assert say("refused.version_in_force") in answer.words("body")
    assert not (await vera.open(f"{HOME}/versions/1")).has("#page form")


async def test_a_versions_page_stays_and_a_new_draft_begins_from_it(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await publish(vera, TODAY)
    await publish(vera, TOMORROW, stamps_required="9")
    first = await vera.open(f"{HOME}/versions/1")
    assert "5th" in first.words("main")
    assert VERA.name in first.words("aside")
    page = await vera.open(f"{DRAFT}?from=version-1")
    assert page.value("stamps_required") == "4"
    assert await queries.draft() is None
    await vera.send(page, DRAFT)
    said = (await draft()).counter
    assert said is not None
    assert said.stamps_required == 4
    assert (await vera.open(f"{HOME}/versions/3")).status == 404


async def test_without_a_draft_the_form_begins_with_what_was_published_last(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await publish(vera, TODAY, stamps_required="7")
    assert (await vera.open(PUBLICATION)).path == HOME
    page = await vera.open(DRAFT)
    assert page.value("stamps_required") == "7"
    fields = {**page.fields(DRAFT), "stamps_required": ["8"]}
    first, again = await vera.post(DRAFT, fields), await vera.post(DRAFT, fields)
    assert (first.status, again.status) == (200, 200)
    assert await db.fetchval("SELECT count(*) FROM programme_version WHERE published_at IS NULL") == 1
    late = await vera.send(page, DRAFT, intent="7c6f0d2e-6f0e-4d0e-9d1a-0d3a54c1f0aa")
    assert late.status == 409
    assert say("refused.draft_there") in late.words("main")


async def test_the_draft_is_dropped_and_comes_back_by_undo(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await vera.open(HOME)
    drop = page.tree.css_first("#draft form").attributes["action"]
    page = await vera.send(page, drop)
    assert (page.path, page.toast) == (HOME, say("done.programme.drop"))
    assert await queries.draft() is None
    page = await vera.send(page, page.tree.css_first(".toast form").attributes["action"])
    assert (await draft()).counter is not None


async def test_two_desks_see_both_drafts_and_choose(sign_in: SignIn) -> None:
    vera, oleg = await sign_in(VERA), await sign_in(OLEG)
    hers, his = await vera.open(DRAFT), await oleg.open(DRAFT)
    await vera.send(hers, DRAFT, grace_days="20", **{"tier-1-name_en": "Hers"})
    collision = await oleg.send(his, DRAFT, grace_days="30", hold_days="3")
    assert collision.status == 409
    assert {"20", "30"} <= set(collision.all("table.compare td"))
    assert VERA.name in collision.words("table.compare thead")
    assert f"{say('field.tier_enter_visits')}: 4" in collision.words(".taken-theirs td")
    kept = await oleg.send(collision, DRAFT)
    assert kept.status == 200
    tiers = (await draft()).tiers
    assert tiers is not None
    assert (tiers.grace_days, tiers.hold_days, tiers.ladder[1].names["en"]) == (30, 3, "Hers")


async def test_a_draft_that_somebody_changed_meanwhile_is_not_published_unseen(sign_in: SignIn) -> None:
    vera, oleg = await sign_in(VERA), await sign_in(OLEG)
    seen = await vera.open(PUBLICATION)
    await save(oleg, stamps_required="9")
    page = await vera.send(seen, PUBLICATION, effective_from=TODAY)
    assert page.status == 409
    assert await queries.numbered() == []


async def test_the_publication_of_a_draft_that_is_gone_says_so(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    seen = await vera.open(PUBLICATION)
    home = await vera.open(HOME)
    await vera.send(home, home.tree.css_first("#draft form").attributes["action"])
    page = await vera.send(seen, PUBLICATION, effective_from=TODAY)
    assert page.status == 404
    assert "published or dropped meanwhile" in page.words("main")


async def test_it_speaks_russian(sign_in: SignIn) -> None:
    await publish(await sign_in(VERA), "2025-01-01")
    await save(await sign_in(OLEG), stamps_required="9")
    anna = await sign_in(ANNA)
    page = await anna.open(HOME)
    assert page.heading == "Программа"
    assert "Каждый 5-й визит бесплатно" in page.words("main")
    assert "Оплаченных визитов до бесплатного: 9 вместо 4" in page.words("main")


async def test_a_withdrawal_is_not_taken_back_and_the_draft_is_published_anew_instead(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await publish(vera, TODAY)
    page = await publish(vera, "2026-06-01", stamps_required="9")
    page = await vera.send(page, page.tree.css_first(".toast form").attributes["action"])
    assert (await queries.version(2)).retired_at is not None
    assert not page.has(".toast form")
    done = await db.fetchval("SELECT max(id) FROM operation")
    answer = await vera.post(f"/operations/{done}/undo", {"_csrf": page.value("_csrf")})
    assert answer.status == 409
    assert say("refused.not_undoable") in answer.words("body")
    assert (await queries.version(2)).retired_at is not None
    assert (await draft()).counter is not None
