"""The second step: setting it up, giving its code, and being let in without it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pyotp
import pytest
from litestar import Litestar

from console.domain import clock, db
from console.domain.errors import Invalid
from console.domain.intent import Intent
from console.domain.secret import Secret
from console.domain.team import passwords, throttles, two_step
from console.domain.team.queries import token_hash
from tests import factories
from tests.cast import ANNA, OLEG, PASSWORD, VERA
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.routes.doors import come_in, holding, is_in, live, sessions, token
from tests.words import say

Browsers = Callable[[], Visitor]
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PHONE = pyotp.TOTP(SECRET)
STAFF = "/settings/staff"
TWO_STEP = "/profile/two-step"


class Watch:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.time = datetime.now(UTC).replace(second=5, microsecond=0)

    def now(self) -> datetime:
        return self.time

    def wait(self, seconds: int) -> None:
        self.time += timedelta(seconds=seconds)

    def code(self, steps: int = 0) -> str:
        """What the phone shows, some steps of 30 s before or after now."""
        return PHONE.at(self.time + timedelta(seconds=30 * steps))


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    made = Watch()
    monkeypatch.setattr(clock, "now", made.now)
    return made


@pytest.fixture
async def anna(watch: Watch, app: Litestar) -> None:
    """Anna asks for a code at sign-in."""
    await factories.staff(ANNA, language="en", totp_secret=SECRET, totp_step=0)


async def at_the_second_step(app: Litestar) -> tuple[Visitor, Page]:
    visitor = holding(app)
    page = await come_in(visitor, ANNA)
    assert page.path == "/sign-in/code"
    return visitor, page


async def at_the_second_step_with(app: Litestar, password: str) -> tuple[Visitor, Page]:
    visitor = holding(app)
    return visitor, await come_in(visitor, ANNA, password=password)


async def recovery_codes(*codes: str) -> None:
    operation = await db.fetchval("SELECT min(id) FROM operation")
    for code in codes:
        await db.execute(
            "INSERT INTO recovery_code (staff, operation, code_hash) VALUES ($1, $2, $3)",
            ANNA.id,
            operation,
            token_hash(code),
        )


def codes_shown(page: Page) -> Sequence[str]:
    return page.all(".codes code")


@pytest.mark.usefixtures("anna")
async def test_a_right_code_is_one_whatever_it_shall_go_on_to(app: Litestar, watch: Watch) -> None:
    visitor, page = await at_the_second_step(app)
    page = await visitor.send(page, "/sign-in/code", code=watch.code(), next="/" + "x" * 1001)
    assert (page.status, page.path) == (200, "/")


async def test_a_phone_is_set_up_and_from_then_on_a_code_is_asked_for(
    app: Litestar, sign_in: SignIn, watch: Watch
) -> None:
    visitor = await sign_in(OLEG)
    page = await visitor.open(TWO_STEP)
    phone = pyotp.TOTP(page.words("code.secret").replace(" ", ""))
    codes = codes_shown(page)
    assert len(set(codes)) == 8
    assert (page.tree.css_first(".qr img").attributes["src"] or "").startswith("data:image/svg+xml")
    page = await visitor.send(page, TWO_STEP, code=phone.at(watch.now()), current=PASSWORD)
    assert (page.path, page.toast) == ("/profile", say("done.two_step.on"))
    assert "8 recovery codes are left" in page.words("#two-step")
    kept = await db.fetch("SELECT code_hash FROM recovery_code WHERE staff = $1", OLEG.id)
    assert {row["code_hash"] for row in kept} == {token_hash(code.replace("-", "")) for code in codes}

    watch.wait(30)
    other = holding(app)
    page = await come_in(other, OLEG)
    assert page.path == "/sign-in/code"
    page = await other.send(page, "/sign-in/code", code=phone.at(watch.now()))
    assert (page.status, page.path) == (200, "/profile")


async def test_the_codes_stand_in_one_block_under_whose_they_are_and_are_to_be_printed(sign_in: SignIn) -> None:
    page = await (await sign_in(OLEG)).open(TWO_STEP)
    assert len(page.all(".prints-codes > .group:has(.codes) .codes li")) == 8
    group = page.words(".prints-codes > .group:has(.codes)")
    assert OLEG.email in group
    assert "Copy, print or write them down" in group
    assert page.all('[data-copy="recovery-codes"], [data-print]') == ["Copy", "Print"]
    assert page.has(".codes#recovery-codes")


@pytest.mark.parametrize("code", ["", "000000", "abcdef", "12345", "１２３４５６"])
async def test_a_wrong_code_is_said_at_the_field_and_the_key_and_codes_stay(
    sign_in: SignIn, watch: Watch, code: str
) -> None:
    visitor = await sign_in(OLEG)
    page = await visitor.open(TWO_STEP)
    answer = await visitor.send(page, TWO_STEP, code=code, current=PASSWORD)
    assert answer.status == 422
    assert answer.error("code") == say("problem.code" if code else "problem.required")
    assert answer.words("code.secret") == page.words("code.secret")
    assert codes_shown(answer) == codes_shown(page)
    assert await db.fetchval("SELECT totp_secret FROM staff WHERE id = $1", OLEG.id) is None


async def test_a_damaged_set_up_begins_anew(sign_in: SignIn, watch: Watch) -> None:
    visitor = await sign_in(OLEG)
    page = await visitor.open(TWO_STEP)
    double = " ".join(["abcde-23456", "ABCDE-23456", *page.value("recovery").split()[2:]])
    damages = ({"secret": "short"}, {"recovery": "one two"}, {"secret": "", "recovery": ""}, {"recovery": double})
    for damage in damages:
        code = pyotp.TOTP(page.value("secret")).at(watch.now())
        answer = await visitor.send(page, TWO_STEP, code=code, current=PASSWORD, **damage)
        assert answer.status == 422
        assert len(codes_shown(answer)) == 8
        assert len(answer.value("secret")) == 32


@pytest.mark.parametrize(("current", "key"), [("not this one", "problem.password_wrong"), ("", "problem.required")])
async def test_it_is_not_turned_on_without_the_password_and_the_key_and_codes_stay(
    sign_in: SignIn, watch: Watch, current: str, key: str
) -> None:
    visitor = await sign_in(OLEG)
    page = await visitor.open(TWO_STEP)
    code = pyotp.TOTP(page.value("secret")).at(watch.now())
    answer = await visitor.send(page, TWO_STEP, code=code, current=current)
    assert (answer.status, answer.error("current")) == (422, say(key))
    assert answer.words("code.secret") == page.words("code.secret")
    assert codes_shown(answer) == codes_shown(page)
    assert await db.fetchval("SELECT totp_secret FROM staff WHERE id = $1", OLEG.id) is None
    assert (await visitor.send(answer, TWO_STEP, code=code, current=PASSWORD)).path == "/profile"


async def test_the_password_is_not_guessed_by_turning_it_on(sign_in: SignIn, watch: Watch) -> None:
    visitor = await sign_in(OLEG)
    page = await visitor.open(TWO_STEP)
    code = pyotp.TOTP(page.value("secret")).at(watch.now())
    answers = [await visitor.send(page, TWO_STEP, code=code, current="guess guess") for _ in range(throttles.ATTEMPTS)]
    assert {answer.status for answer in answers} == {422}
    assert (await visitor.send(page, TWO_STEP, code=code, current=PASSWORD)).status == 429


@pytest.mark.parametrize("address", [TWO_STEP, f"{TWO_STEP}/removal", "/profile/password"])
async def test_an_account_without_a_password_is_told_so(sign_in: SignIn, watch: Watch, address: str) -> None:
    visitor = await sign_in(OLEG, password_hash=None)
    page = await visitor.open("/profile")
    recovery = " ".join(f"abcde-2345{number}" for number in range(2, 10))
    typed = {"secret": SECRET, "code": watch.code(), "recovery": recovery, "current": PASSWORD, "password": "new " * 5}
    answer = await visitor.post(address, {"_csrf": [page.value("_csrf")], **{k: [v] for k, v in typed.items()}})
    assert answer.status == 409
    assert say("refused.no_password") in answer.words("body")
    assert await db.fetchval("SELECT totp_secret FROM staff WHERE id = $1", OLEG.id) is None


async def test_two_recovery_codes_of_one_person_are_never_the_same(sign_in: SignIn, watch: Watch) -> None:
    await factories.staff(OLEG)
    code, same = Secret(watch.code()), (Secret("abcde23456"), Secret("abcde-23456"))
    intent = Intent(uuid4(), OLEG.actor, watch.now())
    with pytest.raises(Invalid) as refused:
        await two_step.turn_on_two_step(intent, Secret(PASSWORD), Secret(SECRET), code, same)
    assert list(refused.value.problems) == ["recovery"]
    assert await db.fetchval("SELECT totp_secret FROM staff WHERE id = $1", OLEG.id) is None


async def purposes() -> list[tuple[str, str]]:
    rows = await db.fetch("SELECT m.purpose, t.name FROM staff_mail m JOIN staff t ON t.id = m.staff ORDER BY m.id")
    return [(row["purpose"], row["name"]) for row in rows]


async def test_a_mail_says_that_it_was_turned_on_and_off(sign_in: SignIn, watch: Watch) -> None:
    visitor = await sign_in(OLEG)
    page = await visitor.open(TWO_STEP)
    code = pyotp.TOTP(page.value("secret")).at(watch.now())
    for _ in range(2):  # a double click
        await visitor.send(page, TWO_STEP, code=code, current=PASSWORD)
    assert await purposes() == [("two_step_on", OLEG.name)]
    page = await visitor.open("/profile")
    for _ in range(2):
        await visitor.send(page, f"{TWO_STEP}/removal", current=PASSWORD)
    assert await purposes() == [("two_step_on", OLEG.name), ("two_step_off", OLEG.name)]
    mailbox = await visitor.open("/settings/mailbox")
    assert [item.split(": ")[0] for item in mailbox.all(".item strong")] == [
        "Two-step sign-in is off",
        "Two-step sign-in is on",
    ]
    for link in mailbox.tree.css(".items a"):
        assert OLEG.email in (await visitor.open(link.attributes["href"] or "")).words(".letter")


async def test_the_code_that_set_it_up_does_not_sign_in_too(app: Litestar, sign_in: SignIn, watch: Watch) -> None:
    visitor = await sign_in(OLEG)
    page = await visitor.open(TWO_STEP)
    code = pyotp.TOTP(page.value("secret")).at(watch.now())
    await visitor.send(page, TWO_STEP, code=code, current=PASSWORD)
    other = holding(app)
    answer = await other.send(await come_in(other, OLEG), "/sign-in/code", code=code)
    assert (answer.status, answer.error("code")) == (422, say("problem.code"))


@pytest.mark.usefixtures("anna")
async def test_after_a_reset_the_second_step_says_that_the_new_password_is_saved(app: Litestar, watch: Watch) -> None:
    visitor = holding(app)
    await visitor.send(await visitor.open("/forgotten"), "/forgotten", email=ANNA.email)
    await passwords.answer_requests(watch.now())
    link = await db.fetchval("SELECT token FROM staff_mail WHERE token IS NOT NULL")
    page = await visitor.send(await visitor.open(f"/links/{link}"), password="an entirely new sentence")
    saved = say("Your new password is saved. The code of your phone completes the sign-in.")
    assert (page.path, page.words(".callout p")) == ("/sign-in/code", saved)
    page = await visitor.send(page, "/sign-in/code", code="000000")
    assert (page.status, page.words(".callout p")) == (422, saved)
    watch.wait(30)
    _, page = await at_the_second_step_with(app, "an entirely new sentence")
    assert not page.has(".callout")


@pytest.mark.usefixtures("anna")
async def test_between_the_two_steps_nothing_is_open(app: Litestar) -> None:
    visitor, page = await at_the_second_step(app)
    for path in ("/", "/profile", "/settings/staff", "/search?q=a", TWO_STEP):
        assert (await visitor.open(path)).path == "/sign-in/code"
    for path in ("/profile", "/profile/password", "/profile/sessions/others/end"):
        answer = await visitor.post(path, {"_csrf": [page.value("_csrf")], "name": ["Nobody"]})
        assert answer.path == "/sign-in/code"
    assert await db.fetchval("SELECT name FROM staff WHERE id = $1", ANNA.id) == ANNA.name
    assert await db.fetchval("SELECT count(*) FROM operation WHERE actor = $1", ANNA.id) == 0


@pytest.mark.usefixtures("anna")
async def test_the_second_step_opens_a_new_session_and_the_half_open_one_is_dead(app: Litestar, watch: Watch) -> None:
    visitor, page = await at_the_second_step(app)
    half = token(visitor)
    page = await visitor.send(page, "/sign-in/code", code=watch.code())
    assert (page.status, page.path) == (200, "/profile")
    assert token(visitor) != half
    assert (await holding(app, half).open("/profile")).path == "/sign-in"
    assert await live(ANNA) == 1


@pytest.mark.usefixtures("anna")
async def test_it_goes_on_to_the_page_asked_for_with_all_of_its_address(app: Litestar, watch: Watch) -> None:
    visitor = holding(app)
    page = await visitor.open("/search?q=anna&more=yes")
    page = await visitor.send(page, "/sign-in", email=ANNA.email, password=PASSWORD)
    page = await visitor.send(page, "/sign-in/code", code=watch.code())
    assert str(page.response.url).endswith("/search?q=anna&more=yes")


@pytest.mark.usefixtures("anna")
async def test_a_shared_desk_is_one_after_the_second_step_too(app: Litestar, watch: Watch) -> None:
    visitor = holding(app)
    page = await come_in(visitor, ANNA, shared="on")
    await visitor.send(page, "/sign-in/code", code=watch.code())
    assert {row["idle_seconds"] for row in await sessions(ANNA)} == {900}


@pytest.mark.usefixtures("anna")
async def test_a_half_open_session_lasts_ten_minutes(app: Litestar, watch: Watch) -> None:
    visitor, page = await at_the_second_step(app)
    watch.wait(600)
    page = await visitor.send(page, "/sign-in/code", code=watch.code())
    assert page.path == "/sign-in"
    assert not await is_in(visitor)


@pytest.mark.usefixtures("anna")
async def test_a_code_works_once_even_for_two_at_once(app: Litestar, watch: Watch) -> None:
    waiting = [await at_the_second_step(app) for _ in range(3)]
    code = watch.code()
    answers = await asyncio.gather(*(one.send(page, "/sign-in/code", code=code) for one, page in waiting))
    assert sorted(answer.status for answer in answers) == [200, 422, 422]
    late, page = await at_the_second_step(app)
    assert (await late.send(page, "/sign-in/code", code=code)).error("code") == say("problem.code")


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize(("steps", "opens"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_a_phones_clock_may_be_one_step_off(app: Litestar, watch: Watch, steps: int, opens: bool) -> None:
    visitor, page = await at_the_second_step(app)
    page = await visitor.send(page, "/sign-in/code", code=watch.code(steps))
    assert (page.path == "/profile") is opens
    assert await is_in(visitor) is opens


@pytest.mark.usefixtures("anna")
async def test_after_a_later_step_an_earlier_code_is_no_good(app: Litestar, watch: Watch) -> None:
    first, page = await at_the_second_step(app)
    await first.send(page, "/sign-in/code", code=watch.code(1))
    second, page = await at_the_second_step(app)
    assert (await second.send(page, "/sign-in/code", code=watch.code())).status == 422


@pytest.mark.usefixtures("anna")
async def test_codes_are_throttled_and_a_right_one_starts_anew(app: Litestar, watch: Watch) -> None:
    visitor, page = await at_the_second_step(app)
    for _ in range(throttles.ATTEMPTS - 1):
        assert (await visitor.send(page, "/sign-in/code", code="000000")).status == 422
    await visitor.send(page, "/sign-in/code", code=watch.code())
    watch.wait(60)
    visitor, page = await at_the_second_step(app)
    for _ in range(throttles.ATTEMPTS):
        await visitor.send(page, "/sign-in/code", code="000000")
    answer = await visitor.send(page, "/sign-in/code", code=watch.code())
    assert answer.status == 429
    assert int(answer.response.headers["retry-after"]) > 0
    assert say("Until then no code of the phone is taken, and a new password does not change that.") in answer.words(
        "main"
    )
    assert not answer.has('#main a[href="/forgotten"]')
    assert not await is_in(visitor)


@pytest.mark.usefixtures("anna")
async def test_signing_in_again_does_not_reset_the_count_of_codes(app: Litestar, watch: Watch) -> None:
    answers = []
    for _ in range(throttles.ATTEMPTS + 1):
        visitor, page = await at_the_second_step(app)
        answers.append((await visitor.send(page, "/sign-in/code", code="000000")).status)
    assert answers == [422] * throttles.ATTEMPTS + [429]


@pytest.mark.usefixtures("anna")
async def test_a_recovery_code_lets_in_once_however_it_is_typed(app: Litestar) -> None:
    await recovery_codes("abcde23456", "fghjk23456")
    first, page = await at_the_second_step(app)
    page = await first.send(page, "/sign-in/code", code=" ABCDE-23456 ")
    assert page.path == "/profile"
    assert "1 recovery code is left" in page.words("#two-step")
    assert page.toast == f"{say('words.recovery_left', count=1)} {say('New recovery codes')}"
    assert not (await first.open("/profile")).has(".toast p")
    second, page = await at_the_second_step(app)
    assert (await second.send(page, "/sign-in/code", code="abcde-23456")).error("code") == say("problem.recovery_code")


@pytest.mark.usefixtures("anna")
async def test_the_last_recovery_code_says_that_none_is_left(app: Litestar) -> None:
    await recovery_codes("abcde23456")
    visitor, page = await at_the_second_step(app)
    page = await visitor.send(page, "/sign-in/code", code="abcde23456")
    assert page.toast == f"{say('words.recovery_none_left')} {say('New recovery codes')}"


@pytest.mark.usefixtures("anna")
async def test_a_recovery_code_of_somebody_else_is_no_good(app: Litestar) -> None:
    await recovery_codes("abcde23456")
    await factories.staff(VERA, totp_secret=SECRET)
    visitor = holding(app)
    page = await visitor.send(await come_in(visitor, VERA), "/sign-in/code", code="abcde-23456")
    assert (page.status, page.error("code")) == (422, say("problem.recovery_code"))


@pytest.mark.usefixtures("anna")
async def test_one_turns_it_off_with_the_password_alone(app: Litestar, sign_in: SignIn) -> None:
    await recovery_codes("abcde23456")
    visitor = await sign_in(ANNA, exists=True)
    page = await visitor.open("/profile")
    wrong = await visitor.send(page, f"{TWO_STEP}/removal", current="not this one")
    assert (wrong.status, wrong.words("#two-step .error")) == (422, say("problem.password_wrong"))
    page = await visitor.send(page, f"{TWO_STEP}/removal", current=PASSWORD)
    assert page.toast == say("done.two_step.off")
    assert await db.fetchval("SELECT count(*) FROM recovery_code") == 0
    assert (await come_in(holding(app), ANNA)).path == "/profile"


@pytest.mark.usefixtures("anna")
async def test_another_phone_does_not_take_the_place_of_the_first_without_the_password(
    sign_in: SignIn, watch: Watch
) -> None:
    visitor = await sign_in(ANNA, exists=True)
    page = await visitor.open(TWO_STEP)
    assert page.path == "/profile"
    mine = pyotp.TOTP(pyotp.random_base32())
    recovery = " ".join(f"abcde-2345{number}" for number in range(2, 10))
    typed = {"secret": mine.secret, "code": mine.at(watch.now()), "recovery": recovery, "current": PASSWORD}
    answer = await visitor.post(TWO_STEP, {"_csrf": [page.value("_csrf")], **{k: [v] for k, v in typed.items()}})
    assert answer.status == 409
    assert await db.fetchval("SELECT totp_secret FROM staff WHERE id = $1", ANNA.id) == SECRET


@pytest.mark.usefixtures("anna")
async def test_a_manager_lets_a_colleague_who_lost_the_phone_in_by_password(app: Litestar, sign_in: SignIn) -> None:
    waiting, code_page = await at_the_second_step(app)
    vera = await sign_in(VERA)
    page = await vera.open(f"{STAFF}/{ANNA.id}")
    page = await vera.send(page, f"{STAFF}/{ANNA.id}/two-step-removal")
    assert await purposes() == [("two_step_off", ANNA.name)]
    assert page.toast == say("done.staff.two_step_off", name=ANNA.name)
    assert (await come_in(holding(app), ANNA)).path == "/profile"
    assert (await waiting.send(code_page, "/sign-in/code", code="0")).path == "/profile"


async def test_turning_off_what_is_not_on_is_refused_and_leaves_nothing_in_the_history(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await factories.staff(ANNA)
    page = await vera.open(f"{STAFF}/{ANNA.id}")
    answer = await vera.post(f"{STAFF}/{ANNA.id}/two-step-removal", {"_csrf": [page.value("_csrf")]})
    assert answer.status == 409
    assert say("refused.two_step_not_on") in answer.words("main")
    assert not await db.fetchval("SELECT EXISTS (SELECT FROM operation WHERE kind = 'staff.two_step_off')")


@pytest.mark.parametrize("whose", [VERA, OLEG], ids=["another manager", "the owner"])
async def test_a_manager_does_not_turn_it_off_for_a_peer_or_an_owner(sign_in: SignIn, whose: object) -> None:
    manager = await sign_in(ANNA, role="manager")
    await factories.staff(VERA, totp_secret=SECRET)
    await factories.staff(OLEG, totp_secret=SECRET)
    address = f"{STAFF}/{whose.id}"  # type: ignore[attr-defined]
    page = await manager.open(address)
    assert not page.has("form[action$='/two-step-removal']")
    answer = await manager.post(f"{address}/two-step-removal", {"_csrf": [page.value("_csrf")]})
    assert answer.status == 403
    assert await db.fetchval("SELECT count(*) FROM staff WHERE totp_secret IS NULL") == 1


async def test_an_owner_turns_off_their_own_by_password_only(sign_in: SignIn) -> None:
    oleg = await sign_in(OLEG, totp_secret=SECRET)
    page = await oleg.open(f"{STAFF}/{OLEG.id}")
    answer = await oleg.post(f"{STAFF}/{OLEG.id}/two-step-removal", {"_csrf": [page.value("_csrf")]})
    assert answer.status == 403
    assert await db.fetchval("SELECT totp_secret FROM staff WHERE id = $1", OLEG.id) == SECRET


@pytest.mark.usefixtures("anna")
async def test_a_reset_by_mail_does_not_go_round_the_second_step(app: Litestar, watch: Watch) -> None:
    visitor = holding(app)
    await visitor.send(await visitor.open("/forgotten"), "/forgotten", email=ANNA.email)
    await passwords.answer_requests(clock.now())
    link = await db.fetchval("SELECT token FROM staff_mail")
    page = await visitor.send(await visitor.open(f"/links/{link}"), password="an entirely new sentence")
    assert page.path == "/sign-in/code"
    assert not await is_in(visitor)
    await visitor.send(await visitor.open("/sign-in/code"), "/sign-in/code", code=watch.code())
    assert await is_in(visitor)


@pytest.mark.usefixtures("anna")
async def test_who_stands_at_the_second_step_can_begin_as_somebody_else(app: Litestar) -> None:
    visitor, page = await at_the_second_step(app)
    assert (await visitor.send(page, "/sign-out")).path == "/sign-in"
    assert await live(ANNA) == 0


async def test_turning_it_on_ends_every_other_session(app: Litestar, sign_in: SignIn, watch: Watch) -> None:
    here = await sign_in(OLEG)
    elsewhere = holding(app)
    await come_in(elsewhere, OLEG)
    page = await here.open(TWO_STEP)
    code = pyotp.TOTP(page.value("secret")).at(watch.time)
    assert (await here.send(page, TWO_STEP, code=code, current=PASSWORD)).path == "/profile"
    assert (await is_in(here), await is_in(elsewhere)) == (True, False)


async def test_recovery_codes_are_renewed_and_the_older_ones_end(app: Litestar, anna: None, sign_in: SignIn) -> None:
    await recovery_codes("aaaaa22222")
    visitor = await sign_in(ANNA, exists=True)
    page = await visitor.open(f"{TWO_STEP}/codes")
    codes = codes_shown(page)
    assert (await visitor.send(page, f"{TWO_STEP}/codes", current="not this one")).status == 422
    page = await visitor.send(page, f"{TWO_STEP}/codes", current=PASSWORD)
    assert (page.path, page.toast) == ("/profile", say("done.two_step.codes"))
    assert "8 recovery codes are left" in page.words("#two-step")
    other, page = await at_the_second_step(app)
    page = await other.send(page, "/sign-in/code", code="aaaaa22222")
    assert page.error("code") == say("problem.recovery_code")
    assert (await other.send(page, "/sign-in/code", code=codes[0])).path == "/profile"


async def test_other_codes_under_the_same_intent_are_refused(app: Litestar, anna: None, sign_in: SignIn) -> None:
    visitor = await sign_in(ANNA, exists=True)
    page = await visitor.open(f"{TWO_STEP}/codes")
    await visitor.send(page, f"{TWO_STEP}/codes", current=PASSWORD)
    others = " ".join(f"abcde-2345{number}" for number in range(2, 10))
    answer = await visitor.send(page, f"{TWO_STEP}/codes", current=PASSWORD, recovery=others)
    assert answer.status == 409
    assert not await db.fetchval("SELECT count(*) FROM recovery_code WHERE code_hash = $1", token_hash("abcde23452"))
    assert (await visitor.send(page, f"{TWO_STEP}/codes", current=PASSWORD)).path == "/profile"


@pytest.mark.usefixtures("anna")
async def test_a_wrong_code_after_the_right_password_is_a_refused_attempt(app: Litestar, sign_in: SignIn) -> None:
    visitor, page = await at_the_second_step(app)
    await visitor.send(page, "/sign-in/code", code="000000")
    await visitor.send(page, "/sign-in/code", code="abcde-23456")
    lines = (await (await sign_in(OLEG)).open("/settings/history?tab=refused")).all("tbody tr")
    tried = f"{say('words.somebody')} {say('words.tried_as', name=ANNA.name)}: "
    assert lines[0].startswith(f"{tried}{say('why.problem.recovery_code')}")
    assert lines[1].startswith(f"{tried}{say('why.problem.code')}")


async def guess_codes(app: Litestar, address: str) -> list[int]:
    """Wrong codes, of the phone and for recovery, from a browser that has the password; statuses of the first."""
    guesser = holding(app, address=address)
    page = await come_in(guesser, ANNA)
    answers = []
    for _ in range(throttles.ATTEMPTS + 1):
        answers.append((await guesser.send(page, "/sign-in/code", code="000000")).status)
        await guesser.send(page, "/sign-in/code", code="zzzzz-zzzzz")
    return answers


@pytest.mark.usefixtures("anna")
async def test_who_guesses_codes_shuts_their_own_network_alone(app: Litestar, watch: Watch) -> None:
    assert await guess_codes(app, "198.51.100.1") == [422] * throttles.ATTEMPTS + [429]
    another = holding(app, address="198.51.100.1")
    page = await come_in(another, ANNA)
    assert (await another.send(page, "/sign-in/code", code=watch.code())).status == 429
    owner, page = await at_the_second_step(app)
    assert (await owner.send(page, "/sign-in/code", code=watch.code())).path == "/profile"


@pytest.mark.usefixtures("anna")
async def test_guessing_codes_from_several_networks_reaches_a_ceiling(app: Litestar, watch: Watch) -> None:
    for network in range(throttles.CODES_PER_ACCOUNT // throttles.ATTEMPTS):
        assert await guess_codes(app, f"198.51.100.{network}") == [422] * throttles.ATTEMPTS + [429]
    owner, page = await at_the_second_step(app)
    assert (await owner.send(page, "/sign-in/code", code=watch.code())).status == 429


@pytest.mark.usefixtures("anna")
async def test_while_codes_are_shut_a_recovery_code_lets_in_and_so_does_a_known_browser(
    app: Litestar, watch: Watch
) -> None:
    await recovery_codes("abcde23456")
    known, page = await at_the_second_step(app)
    await known.send(page, "/sign-in/code", code=watch.code())
    await known.send(await known.open("/profile"), "/sign-out")
    watch.wait(60)
    for network in range(throttles.CODES_PER_ACCOUNT // throttles.ATTEMPTS):
        await guess_codes(app, f"198.51.100.{network}")
    owner, page = await at_the_second_step(app)
    shut = await owner.send(page, "/sign-in/code", code=watch.code())
    assert (shut.status, shut.has('#main a[href="/sign-in/code"]')) == (429, True)
    assert (await owner.send(page, "/sign-in/code", code="abcde-23456")).path == "/profile"
    page = await come_in(known, ANNA)
    assert (await known.send(page, "/sign-in/code", code=watch.code())).path == "/profile"


async def test_a_last_step_of_a_clock_that_was_put_right_shuts_nobody_out(app: Litestar, watch: Watch) -> None:
    ahead = int(watch.now().timestamp()) // 30 + 1_000_000
    await factories.staff(ANNA, totp_secret=SECRET, totp_step=ahead)
    visitor, page = await at_the_second_step(app)
    assert (await visitor.send(page, "/sign-in/code", code=watch.code())).path == "/profile"
    other, page = await at_the_second_step(app)
    assert (await other.send(page, "/sign-in/code", code=watch.code())).status == 422, "a code is used once"


async def test_who_has_no_second_step_has_no_codes_to_renew(sign_in: SignIn) -> None:
    visitor = await sign_in(OLEG)
    assert (await visitor.open(f"{TWO_STEP}/codes")).path == "/profile"
