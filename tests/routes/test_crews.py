"""Who is in a crew, over HTTP."""

from __future__ import annotations

import pytest

from console.domain.ids import BookableId
from console.domain.roster import actions as roster
from console.domain.roster.actions import Away
from console.domain.roster.rules import TimeOffKind
from tests import factories
from tests.cast import ANNA, VERA
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.words import say
from tests.yard import DAY, HOUR, NOON, WEDNESDAY, intent, yard

pytestmark = pytest.mark.usefixtures("today")


class Crew:
    """Crew North, and who could be in it."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor

    async def begin(self) -> Crew:
        place = await factories.location()
        self.id = await factories.bookable("North", kind="crew")
        self.people = [
            await factories.bookable(name, position=at)
            for at, name in enumerate(("Nina Orlova", "Olga Moroz", "Pavel Lis"))
        ]
        for one in (self.id, *self.people):
            await factories.schedule(one, place)
        return self

    @property
    def url(self) -> str:
        return f"/team/bookables/{self.id}"

    async def put(self, *members: int, on: str = "2026-05-12", scope: str | None = "from_then_on") -> Page:
        page = await self.visitor.open(f"{self.url}/crew")
        typed = {"members": [str(one) for one in members], "valid_from": on, "scope": scope}
        return await self.visitor.send(page, f"{self.url}/crew", **typed)


async def test_a_crew_is_added_and_says_that_nobody_is_in_it_yet(sign_in: SignIn) -> None:
    visitor = await sign_in(VERA)
    await factories.location()
    page = await visitor.send(await visitor.open("/team/crews/new"), "/team/crews", name="North")
    assert page.toast == say("done.bookable.add", name="North")
    assert "Nobody yet, so it cannot be booked." in page.words("main")


async def test_a_manager_says_who_is_in_it_from_a_date_on(sign_in: SignIn) -> None:
    crew = await Crew(await sign_in(VERA)).begin()
    page = await crew.put(*crew.people[:2])
    assert page.path == crew.url
    assert page.toast == say("done.crew.set", name="North")
    assert "Nina Orlova and Olga Moroz Now" in page.words("main")


async def test_the_front_desk_lets_somebody_stand_in_for_a_day_and_no_longer(sign_in: SignIn) -> None:
    crew = await Crew(await sign_in(VERA)).begin()
    await crew.put(*crew.people[:2])
    crew.visitor = await sign_in(ANNA)
    form = await crew.visitor.open(f"{crew.url}/crew")
    assert form.all("[name=scope]") == [""]
    page = await crew.put(crew.people[0], crew.people[2], on="2026-05-14", scope="that_day")
    assert page.path == crew.url
    assert "Nina Orlova и Pavel Lis Только в этот день" in page.words("main")
    refused = await crew.put(crew.people[0], scope="from_then_on")
    assert refused.status == 422


async def test_what_is_wrong_is_said_at_the_field_and_kept(sign_in: SignIn) -> None:
    crew = await Crew(await sign_in(VERA)).begin()
    page = await crew.put(on="2026-05-11")
    assert page.status == 422
    assert page.error("members") == say("problem.choose")
    assert page.error("valid_from")
    assert page.value("valid_from") == "2026-05-11"


async def test_of_two_who_change_a_crew_at_once_the_second_is_shown_both(sign_in: SignIn) -> None:
    crew = await Crew(await sign_in(VERA)).begin()
    old = await crew.visitor.open(f"{crew.url}/crew")
    await crew.put(*crew.people[:2])
    typed = {"members": [str(crew.people[2])], "valid_from": "2026-05-12", "scope": "from_then_on"}
    page = await crew.visitor.send(old, f"{crew.url}/crew", **typed)
    assert page.status == 409
    assert "Nina Orlova and Olga Moroz" in page.words("main")
    assert "Pavel Lis" in page.words("main")


async def test_only_crews_have_such_a_page(sign_in: SignIn) -> None:
    crew = await Crew(await sign_in(VERA)).begin()
    assert (await crew.visitor.open(f"/team/bookables/{crew.people[0]}/crew")).status == 404


async def test_who_is_booked_elsewhere_while_the_crew_works_is_named_with_that_booking(sign_in: SignIn) -> None:
    await sign_in(ANNA)
    desk = await sign_in(VERA, language="en")
    house = await yard()
    north = BookableId(await factories.bookable("North", kind="crew", position=2))
    await factories.schedule(north, house.location)
    await factories.skill(north, house.service)
    members = {"members": [str(house.olga)], "valid_from": DAY, "scope": "that_day"}
    form = await desk.open(f"/team/bookables/{north}/crew?on={DAY}")
    assert (await desk.send(form, f"/team/bookables/{north}/crew?on={DAY}", **members)).status == 200
    await house.book(north)
    await house.book(house.nina)
    form = await desk.open(f"/team/bookables/{north}/crew?on={DAY}")
    refused = await desk.send(
        form, f"/team/bookables/{north}/crew?on={DAY}", **(members | {"members": [str(house.nina)]})
    )
    said = {"who": "Nina Orlova", "client": "Анна Петрова", "begins": "12:00", "ends": "13:00"}
    assert refused.error("members") == say("problem.member_meets", day=WEDNESDAY, **said)


def beside(page: Page) -> list[str]:
    """What stands beside each who may be in the crew; what speaks against them with a mark."""
    return [
        f"{'! ' if 'warns' in (node.attributes.get('class') or '') else ''}{' '.join(node.text().split())}"
        for node in page.tree.css("#crew-people .check small")
    ]


async def test_beside_each_who_may_stand_in_is_said_what_they_have_that_day(sign_in: SignIn) -> None:
    await sign_in(ANNA)
    desk = await sign_in(VERA, language="en")
    house = await yard()
    north = BookableId(await factories.bookable("North", kind="crew", position=2))
    pavel = BookableId(await factories.bookable("Pavel Lis", position=3))
    await factories.bookable("Rita Gor", position=4)
    for who in (north, pavel):
        await factories.schedule(who, house.location)
    await factories.skill(north, house.service)
    members = {"members": [str(pavel)], "valid_from": DAY, "scope": "that_day"}
    url = f"/team/bookables/{north}/crew"
    await desk.send(await desk.open(f"{url}?on={DAY}"), f"{url}?on={DAY}", **members)
    await house.book(north)
    await house.book(house.nina)
    await house.book(house.olga, NOON + 3 * HOUR)
    hours = "9:00\u2060–\u206018:00"
    page = await desk.open(f"{url}?on={DAY}")
    assert beside(page) == [
        f"! {hours}; busy while the crew works: 12:00\u2060–\u206013:00 Анна Петрова",
        f"{hours}; booked 15:00\u2060–\u206016:00",
        hours,
        "! does not work that day",
    ]
    assert page.words("#crew-members-hint") == "Beside each: what they have on Wednesday 13 May."
    sick = Away(TimeOffKind.SICK, WEDNESDAY, WEDNESDAY)
    await roster.add_time_off(intent(), house.olga, sick)
    page = await desk.open(f"{url}?on={DAY}")
    assert beside(page)[1] == "! away: sick leave; booked 15:00\u2060–\u206016:00"
    ticked = await desk.open(f"{url}?members={house.olga}&valid_from=2026-05-14")
    assert (beside(ticked)[:3], ticked.value("members")) == ([hours] * 3, str(house.olga))
